"""Who changed what, and when, and what a row said before."""
