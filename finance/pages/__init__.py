"""What pages of money say: built of queries, figures and charts before any template."""
