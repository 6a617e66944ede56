"""New periods that are held against no other value: of another length, or overlapping one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from esbt.kit.problems import Fault
from outcomes.models import Metric
from outcomes.services.entries import ObservationEntry

Key = tuple[int, int, date, date]  # metric, area, starts, ends


def misfits(
    metrics: Mapping[int, Metric],
    keyed: Mapping[Key, ObservationEntry],
    changed: Mapping[Key, tuple[Any, ...]],
    new: Collection[Key],
) -> list[Fault]:
    """A warning for each new period that is not as long as those of its metric."""
    warned = []
    for key, row in changed.items():
        metric, (starts, ends) = metrics[key[0]], key[2:]
        misfit = metric.misfit(starts, ends)
        if misfit and key in new and row[3] is not None:
            said = (
                f"{starts} to {ends} is {misfit} than {metric.length}, and this metric is measured "
                f"{metric.get_frequency_display()}. The value is kept, marked, and never compared."
            )
            warned.append(Fault(said, "ends", ends.isoformat(), keyed[key].row))
    return warned


def overlaps(
    metrics: Mapping[int, Metric],
    keyed: Mapping[Key, ObservationEntry],
    changed: Mapping[Key, Any],
    heads: Mapping[Key, Any],
    new: Collection[Key],
) -> list[Fault]:
    """A warning for each new period that overlaps another of the same metric and area.

    Those that are not as long as the metric's are compared with none, and have their own warning.
    """
    periods: dict[tuple[int, int], list[tuple[date, date]]] = {}
    valued = {
        key
        for key, row in {**heads, **changed}.items()
        if row[3] is not None and not metrics[key[0]].misfit(*key[2:])
    }
    for metric, area, starts, ends in sorted(valued):
        periods.setdefault((metric, area), []).append((starts, ends))
    warned = []
    for (metric, area), spans in periods.items():
        latest: tuple[date, date] | None = None
        for span in spans:
            if latest and span[0] <= latest[1]:
                pair = [(metric, area, *span), (metric, area, *latest)]
                entry = next((keyed[key] for key in pair if key in new), None)
                if entry is not None:
                    said = (
                        f"{span[0]} to {span[1]} overlaps {latest[0]} to {latest[1]}. "
                        "Both are kept, marked, and never added."
                    )
                    warned.append(Fault(said, "starts", entry.starts.isoformat(), entry.row))
            if latest is None or span[1] > latest[1]:
                latest = span
    return warned
