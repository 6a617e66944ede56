"""Pooled budgets: a pool's book, lines and account, and who bears its variance."""
