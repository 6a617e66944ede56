"""What an illustrative system measures: a few metrics, and the schemes that should move them.

One gets better, one gets worse, and one varies by chance only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from outcomes.models import Direction
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    ObservationEntry,
    SchemeMetricSpec,
    record_observations,
    save_areas,
    save_metrics,
    save_scheme_metrics,
)
from schemes.models import System
from schemes.services.plan import SchemeSpec

MONTHS = 24
LATE = 8  # so many of the last months lie apart where a metric moves
SCHEMES = 6  # so many of a theme are tied to its metric
MADE_UP = "Made up by a generator; nobody was counted."


@dataclass(frozen=True)
class _Metric:
    """What schemes of a theme should move, how they say so, and after how many months."""

    theme: str
    code: str
    name: str
    unit_words: str
    words: str
    lag: int
    level: int
    swing: int  # by which months differ, up and down in turn
    moved: int  # by which the last months lie apart


_METRICS = (
    _Metric(
        "prevention", "emergency-admissions", "Emergency admissions of people over 65",
        "admissions", "Fewer people come to harm at home.", 6, 830, 12, -60,
    ),
    _Metric(
        "urgent-care", "bed-days", "Days in a hospital bed after people were well",
        "bed days", "People go home when they are well.", 3, 1450, 35, 160,
    ),
    _Metric(
        "planned-care", "long-waits", "People who wait longer than 18 weeks",
        "people", "Rooms that stood empty are used.", 9, 2100, 40, 0,
    ),
)  # fmt: skip


def save_results_of(system: System, schemes: Sequence[SchemeSpec], today: date) -> None:
    """Write metrics with values of the months behind ``today``, and tie schemes to them."""
    code = system.code
    save_areas(by=None, specs=[AreaSpec(code=code, name=system.name, kind="place")])
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                system=code,
                code=metric.code,
                name=metric.name,
                unit_words=metric.unit_words,
                direction=Direction.DECREASE,
                area=code,
                position=place,
                quality=MADE_UP,
            )
            for place, metric in enumerate(_METRICS, 1)
        ],
    )
    entries = [
        ObservationEntry(
            metric=metric.code,
            area=code,
            starts=starts,
            ends=ends,
            value=Decimal(_value(metric, place)),
        )
        for metric in _METRICS
        for place, (starts, ends) in enumerate(_months(today))
    ]
    record_observations(by=None, system_id=system.pk, entries=entries)
    save_scheme_metrics(
        by=None,
        specs=[
            SchemeMetricSpec(
                system=code,
                scheme=scheme.code,
                metric=metric.code,
                lag_months=metric.lag,
                words=metric.words,
            )
            for metric in _METRICS
            for scheme in [spec for spec in schemes if spec.theme == metric.theme][:SCHEMES]
        ],
    )


def _value(metric: _Metric, place: int) -> int:
    swing = metric.swing * (1, -1, 2, -2, 1)[place % 5]
    return metric.level + swing + (metric.moved if place >= MONTHS - LATE else 0)


def _months(today: date) -> list[tuple[date, date]]:
    """First and last days of the whole months before a day, the earliest first."""
    ends = today.replace(day=1) - timedelta(days=1)
    months: list[tuple[date, date]] = []
    for _ in range(MONTHS):
        months.insert(0, (ends.replace(day=1), ends))
        ends = ends.replace(day=1) - timedelta(days=1)
    return months
