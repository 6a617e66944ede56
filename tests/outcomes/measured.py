"""Metrics with values for tests of pages and API."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from outcomes.models import Metric
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    ObservationEntry,
    record_observations,
    save_areas,
    save_metrics,
)

# mean 664 / 21 = 31.6, mean moving range (13 x 10 + 16 + 6 x 2) / 20 = 7.9: limits 10.6 and 52.6
FALLING = [30, 40] * 7 + [24, 26, 24, 26, 24, 26, 24]


def month_of(first: date, number: int) -> tuple[date, date]:
    """First and last day of a month so many after another."""
    count = first.year * 12 + first.month - 1 + number
    starts = date(count // 12, count % 12 + 1, 1)
    return starts, (starts + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def monthly(
    metric: str, area: str, values: Sequence[float | None], *, first: date = date(2017, 1, 1)
) -> list[ObservationEntry]:
    """An entry a month; None is missing."""
    made = []
    for number, value in enumerate(values):
        starts, ends = month_of(first, number)
        made.append(
            ObservationEntry(
                metric=metric,
                area=area,
                starts=starts,
                ends=ends,
                value=None if value is None else Decimal(str(value)),
                standing="final" if value is not None else "missing",
            )
        )
    return made


def record(system, *entries: ObservationEntry) -> None:
    """Record entries as loaded data."""
    record_observations(by=None, system_id=system.pk, entries=entries)


def a_delay(system, values: Sequence[float | None] = FALLING) -> Metric:
    """Delayed days of the vale, fewer being better, with one part."""
    save_areas(
        by=None,
        specs=[
            AreaSpec(code="vale", name="Vale", kind="council"),
            AreaSpec(code="dale", name="Dale", kind="council"),
            AreaSpec(code="land", name="The land", kind="country"),
        ],
    )
    whole = {"system": system.code, "direction": "decrease", "area": "vale"}
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                code="delays", name="Delayed days", unit_words="delayed days",
                why="People wait in beds", comparators=["land"], **whole,
            ),
            MetricSpec(
                code="homes", name="Waiting for a care home", unit_words="delayed days",
                part_of="delays", part_kind="reason", **whole,
            ),
        ],
    )  # fmt: skip
    record(system, *monthly("delays", "vale", values))
    return Metric.objects.select_related("system", "area").get(code="delays")


def a_share(system, counts: Sequence[tuple[str, int, int]]) -> Metric:
    """A percentage, more being better, of areas with numerator and denominator in May 2018."""
    save_areas(
        by=None,
        specs=[AreaSpec(code=code, name=code.title(), kind="council") for code, _, _ in counts],
    )
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                system=system.code, code="home", name="Still at home", direction="increase",
                unit="percent", per=100, decimals=1, numerator="at home",
                denominator="people discharged", area=counts[0][0],
            )
        ],
    )  # fmt: skip
    record(
        system,
        *(
            ObservationEntry(
                metric="home",
                area=code,
                starts=date(2018, 5, 1),
                ends=date(2018, 5, 31),
                numerator=Decimal(above),
                denominator=Decimal(below),
            )
            for code, above, below in counts
        ),
    )
    return Metric.objects.select_related("system", "area").get(code="home")
