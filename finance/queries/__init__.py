"""Reads that span models, shared by pages, API and packs."""

from finance.queries.positions import as_change, latest_month, months_of, position, reported_months

__all__ = ["as_change", "latest_month", "months_of", "position", "reported_months"]
