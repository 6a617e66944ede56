"""What the pages where rooms meet offer as files to take away."""
