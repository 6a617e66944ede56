"""Plans of funds: their years and versions, and the national conditions that they meet."""
