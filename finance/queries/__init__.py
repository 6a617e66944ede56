"""Reads that span models, shared by pages, API and packs."""

from finance.queries.positions import latest_month, months_of, position, reported_months

__all__ = ["latest_month", "months_of", "position", "reported_months"]
