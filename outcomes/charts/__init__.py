"""Pictures and words of outcomes: plain data in, figures out; no Django and no database."""
