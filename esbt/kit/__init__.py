"""The cellar: plumbing without models."""
