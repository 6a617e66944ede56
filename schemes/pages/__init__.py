"""What pages of the ground floor say, built before any template."""
