"""Income and spend by heading: their tables, bars and the sentence that they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from esbt.kit.drawing import Chart
from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from finance.charts.variance_bars import Bar, heading_bars
from finance.charts.words import (
    amount,
    direction_of,
    direction_words,
    forecast_age,
    side_words,
    variance_words,
)
from finance.figures.position import HeadingFigures, KindFigures


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """One heading of a table, or the total."""

    name: str
    total: bool
    year: Cell
    plan: Cell
    actual: Cell
    variance: Cell
    direction: str
    words: str
    forecast: Cell
    forecast_age: str
    forecast_variance: Cell
    forecast_direction: str
    forecast_words: str


@dataclass(frozen=True, slots=True)
class HeadingTable:
    """A kind by heading."""

    kind: str  # "income" or "spend"
    title: str
    unit: str
    rows: tuple[HeadingRow, ...]
    note: str = ""  # of how many partners it is
    column: str = "Heading"  # what its rows are
    against: str = "Favourable or adverse"
    bare: bool = False  # nothing is reported or forecast: the plans stand alone
    ended: bool = False  # the year is over, and what was forecast of it is left out


def heading_tables(
    kinds: Sequence[KindFigures],
    *,
    unit: Unit = "k",
    notes: Mapping[str, str] | None = None,
) -> tuple[HeadingTable, ...]:
    """Lay out each kind by heading, then its total; ``notes`` by kind stand under the titles."""
    return tuple(
        HeadingTable(
            kind.kind,
            f"{kind.kind.capitalize()}{' by heading' if kind.rows else ''}",
            UNIT_LABELS[unit],
            (
                *(heading_row(row, unit) for row in kind.rows),
                heading_row(kind.total if kind.rows else _alone(kind), unit, total=True),
            ),
            (notes or {}).get(kind.kind, ""),
        )
        for kind in kinds
    )


def _alone(kind: KindFigures) -> HeadingFigures:
    """The total of a kind without headings, under the kind's name."""
    return replace(kind.total, name=kind.kind.capitalize())


def heading_row(
    row: HeadingFigures, unit: Unit, *, total: bool = False, sense: int = 1
) -> HeadingRow:
    """Lay out one row; without a sense its variances are above or below plan."""
    variance, forecast = row.variance_pence, row.forecast_variance_pence
    direction, forecast_direction = (
        direction_of(pence) if sense else "none" for pence in (variance, forecast)
    )
    return HeadingRow(
        name=row.name,
        total=total,
        year=cell(row.plan_pence, unit),
        plan=cell(row.plan_to_date_pence, unit),
        actual=cell(row.actual_pence, unit),
        variance=cell(variance, unit),
        direction=direction,
        words=direction_words(variance, direction, row.bases_differ, unit=unit)
        if sense
        else side_words(variance),
        forecast=cell(row.forecast_pence, unit),
        forecast_age=forecast_age(
            row.forecast_month, row.forecast_month_last, row.forecasts_behind
        ),
        forecast_variance=cell(forecast, unit),
        forecast_direction=forecast_direction,
        forecast_words=direction_words(forecast, forecast_direction, unit=unit)
        if sense
        else side_words(forecast),
    )


def headings_chart(kinds: Sequence[KindFigures], *, period: str = "") -> Chart | None:
    """Bars of the variances of every heading; where both kinds have it, each says its kind."""
    names = [row.name for kind in kinds for row in kind.rows]
    bars = [
        Bar(
            f"{row.name} ({kind.kind})" if names.count(row.name) > 1 else row.name,
            row.variance_pence,
        )
        for kind in kinds
        for row in kind.rows
    ]
    return heading_bars(bars, period=period)


def headings_sentence(kinds: Sequence[KindFigures]) -> str:
    """Say how income and spend stand, and where most of each lies."""
    said = [part for kind in kinds if (part := _kind_words(kind))]
    if not said:
        return "No income or spend by heading is stated to date."
    joined = "; ".join(said)
    return f"{joined[0].upper()}{joined[1:]}."


def _kind_words(kind: KindFigures) -> str:
    variance = kind.total.variance_pence
    if variance is None:
        return ""
    if not variance:
        return f"{kind.kind} is on plan"
    same = [row for row in kind.rows if direction_of(row.variance_pence) == direction_of(variance)]
    most = max(same, key=lambda row: abs(row.variance_pence or 0), default=None)
    where = f", {amount(most.variance_pence or 0)} of it on {most.name.lower()}" if most else ""
    if most and abs(most.variance_pence or 0) > abs(variance):  # other headings offset a part
        where = f": {amount(most.variance_pence or 0)} on {most.name.lower()}, offset elsewhere"
    return f"{kind.kind} is {variance_words(variance)} to plan{where}"
