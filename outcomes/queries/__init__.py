"""Reads of the results that pages, API and downloads share."""

from outcomes.queries.series import (
    NOTHING,
    Point,
    Series,
    Verdict,
    control,
    mean_move,
    metric_with_parts,
    series_of,
    verdict_of,
    verdicts_of,
)

__all__ = [
    "NOTHING",
    "Point",
    "Series",
    "Verdict",
    "control",
    "mean_move",
    "metric_with_parts",
    "series_of",
    "verdict_of",
    "verdicts_of",
]
