"""Measuring: medians of repeated calls, alternating so that noise falls on all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Result:
    """One measured figure, what it stands against and the most that it may be."""

    name: str
    value: float
    limit: float
    unit: str
    detail: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        return self.value <= self.limit


def alternate(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each call, called in turn ``rounds`` times after one warm-up."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    gc.collect()
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(own) for name, own in times.items()}
