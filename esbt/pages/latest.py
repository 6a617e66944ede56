"""Which year of a system is shown where none is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from finance.queries.positions import years_with_actuals
from schemes.models import Slice


def latest_with_actuals(slices: Sequence[Slice]) -> list[Slice]:
    """For each system the latest year in which something was published, else its latest year.

    The slices come newest first: one query.
    """
    reported = years_with_actuals(slices)
    chosen: dict[int, Slice] = {}
    for slice_ in slices:
        kept = chosen.setdefault(slice_.system_id, slice_)
        if kept.pk not in reported and slice_.pk in reported:
            chosen[slice_.system_id] = slice_
    return list(chosen.values())
