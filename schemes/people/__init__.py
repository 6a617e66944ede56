"""People: how they sign in, who they are, and what each may do."""
