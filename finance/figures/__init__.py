"""The shapes in which figures leave the rollups, and what is judged of them: plain data."""
