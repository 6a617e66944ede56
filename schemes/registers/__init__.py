"""The typed registers: their kinds, columns, rows, lists and files."""
