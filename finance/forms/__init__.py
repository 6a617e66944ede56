"""Forms of the money: what was typed, read into what services take."""
