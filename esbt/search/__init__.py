"""Search across everything that somebody may see, by PostgreSQL's full text."""
