"""Tables of money to take away: exact pounds, nothing rounded."""
