"""Letters to people: what waits for them, and the link that lets them in."""
