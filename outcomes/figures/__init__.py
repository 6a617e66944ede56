"""What is said of a metric's values: plain data, their readings, verdicts and payments."""
