"""What pages of outcomes offer as tables to take away, from the same readings as the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from esbt.kit.tables import Column
from outcomes.charts.compare import Placed, rank_of
from outcomes.figures.metric import Reading
from outcomes.pages.compare import ComparePage

METRIC_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("metric", "string", "code of the metric"),
    Column("area", "string", "code of the area"),
    Column("area_name", "string", "its name"),
    Column("starts", "date", "first day of the period"),
    Column("ends", "date", "last day of the period"),
    Column("value", "number", "in the metric's unit; empty is not stated"),
    Column("numerator", "number", "empty is not stated"),
    Column("denominator", "number", "empty is not stated"),
    Column("standing", "string", "final, provisional, suppressed, missing or redefined"),
    Column("hedge", "string", "the source's own word, such as over or about"),
    Column("overlaps", "boolean", "its period shares days with another: such are never added"),
    Column("misfit", "string", "longer or shorter than the metric's periods: never compared"),
    Column("mean", "number", "of the step that the period belongs to"),
    Column("lower_limit", "number", "mean - 2.66 x mean moving range"),
    Column("upper_limit", "number", "mean + 2.66 x mean moving range"),
    Column("rule", "string", "outside_limits, trend, two_of_three or shift; empty: none"),
    Column("point_type", "string", "what the point says; empty where the chart leaves it out"),
    Column("target", "number", "what holds at the start of the period"),
    Column("source", "string", "title of the document; empty: entered by its author"),
    Column("place", "string", "where in it"),
    Column("state", "string", "printed, derived, inferred or suspect"),
    Column("revision", "integer", "how often the value was saved"),
    Column("comment", "string", "what its author says of it"),
)

COMPARE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("metric", "string", "code of the metric"),
    Column("starts", "date", "first day of the period"),
    Column("ends", "date", "last day of the period"),
    Column("area", "string", "code of the area"),
    Column("area_name", "string", "its name"),
    Column("role", "string", "home, compared, or beside: a comparator that is not ranked"),
    Column("rank", "integer", "from the largest; areas of one value share theirs"),
    Column("value", "number", "in the metric's unit"),
    Column("numerator", "number", "empty is not stated"),
    Column("denominator", "number", "empty is not stated"),
    Column("outside", "string", "above or below the 95% or 99.8% limits; empty: within, or none"),
)


def number(value: Decimal | None) -> str:
    """A figure as it is kept, without zeros behind it; "" where it is not stated."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def level(value: float | None) -> str:
    """A limit with six decimals at most."""
    return "" if value is None else number(Decimal(f"{value:.6f}"))


def metric_rows(system: str, metric: str, reading: Reading) -> Iterator[Sequence[Any]]:
    """A row a point, by period."""
    for point in reading.points:
        yield (
            system,
            metric,
            reading.area,
            reading.area_name,
            point.starts.isoformat(),
            point.ends.isoformat(),
            number(point.value),
            number(point.numerator),
            number(point.denominator),
            point.standing,
            point.hedge,
            str(point.overlaps).lower(),
            point.misfit,
            level(point.mean),
            level(point.lpl),
            level(point.upl),
            point.rule,
            point.kind,
            number(point.target),
            point.source,
            point.place,
            point.state,
            point.revision,
            point.comment,
        )


def compare_rows(system: str, metric: str, page: ComparePage) -> Iterator[Sequence[Any]]:
    """A row an area, the largest value first, comparators last."""
    for place in page.places:
        yield (
            system,
            metric,
            page.starts.isoformat() if page.starts else "",
            page.ends.isoformat() if page.ends else "",
            place.area,
            place.name,
            _role(place),
            "" if place.is_beside else rank_of(page.ranked, place),
            number(place.value),
            number(place.numerator),
            number(place.denominator),
            f"{place.side} {place.outside}".strip(),
        )


def _role(place: Placed) -> str:
    if place.is_home:
        return "home"
    return "beside" if place.is_beside else "compared"
