"""The results: frameworks, metrics and observations (their pages come with a later release)."""
