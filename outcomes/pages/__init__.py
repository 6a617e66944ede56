"""What pages of results say: built of queries, figures and charts before any template."""
