"""Reads of the results that pages, API and downloads share."""

from outcomes.queries.series import (
    Point,
    Series,
    Verdict,
    control,
    metric_with_parts,
    series_of,
    verdicts_of,
)

__all__ = [
    "Point",
    "Series",
    "Verdict",
    "control",
    "metric_with_parts",
    "series_of",
    "verdicts_of",
]
