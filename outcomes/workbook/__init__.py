"""Published tables in: a mapping says how one is read into values of metrics; no writes here."""
