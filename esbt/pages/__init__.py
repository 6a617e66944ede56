"""What the pages where rooms meet say, built before any template."""
