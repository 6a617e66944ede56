"""Every write of the ground floor: keyword-only functions, actor named, one transaction."""
