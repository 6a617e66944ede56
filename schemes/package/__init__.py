"""The tables of a data package that fill the ground floor: columns, and services that take them."""
