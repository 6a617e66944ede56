"""Tables of savings: schemes, and splits of the total."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from finance.charts.shapes import Table
from finance.charts.words import direction_of, direction_words, forecast_age
from finance.figures.savings import Judged, SavingFigures, SchemeRow

RECURRENT = (("yes", "Recurrent"), ("no", "Non-recurrent"), ("not stated", "Not stated"))


@dataclass(frozen=True, slots=True)
class SchemeTableRow:
    """One scheme of the table, a part of one, or the total."""

    name: str
    plan: Cell
    actual: Cell
    variance: Cell
    direction: str
    words: str
    forecast: Cell
    forecast_variance: Cell
    forecast_direction: str
    forecast_words: str
    forecast_age: str  # where it is of another than the page's month
    silent: int  # lines that were due and have not reported
    judged: Judged
    rating: str = ""  # the lead's, where it differs from the rule
    href: str = ""
    total: bool = False
    part_of: str = ""  # name of the whole that holds its figures already; "" for a whole
    stage: str = ""
    lead: str = ""
    working_label: bool = False


@dataclass(frozen=True, slots=True)
class SchemeTable:
    """The schemes as printed, then the total; columns that nobody states are left out."""

    unit: str
    actual: bool
    forecast: bool
    judged: bool
    rows: tuple[SchemeTableRow, ...]


def _states(figures: SavingFigures) -> bool:
    stated = (figures.plan_pence, figures.actual_pence, figures.forecast_pence)
    return any(pence is not None for pence in stated)


def scheme_table(
    rows: Sequence[SchemeRow],
    total: SavingFigures,
    judged: Judged,
    *,
    unit: Unit = "m",
    month: int | None = None,
    hrefs: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    more: Sequence[tuple[str, SavingFigures]] = (),
) -> SchemeTable:
    """Lay out schemes in the printed order; parts only where they have figures of their own.

    ``more`` are rows that add to the total without being schemes, as the unidentified gap.
    """
    links, labels = hrefs or {}, stages or {}
    every = [row.figures for row in rows] + [total]
    made = [
        replace(
            _row(row.name, row.figures, row.judged, unit, month),
            href=links.get(row.code, ""),
            part_of=row.parent_name if row.parent else "",
            stage=labels.get(row.stage, row.stage),
            lead=row.lead_name,
            working_label=row.working_label,
            rating=row.rating if row.rating != row.judged.status else "",
        )
        for row in rows
        if row.parent is None or _states(row.figures)
    ]
    made += [_row(name, figures, Judged(), unit, month) for name, figures in more]
    made.append(replace(_row("Total", total, judged, unit, month), total=True))
    return SchemeTable(
        unit=UNIT_LABELS[unit],
        actual=any(figures.actual_pence is not None for figures in every),
        forecast=any(figures.forecast_pence is not None for figures in every),
        judged=any(row.judged.status or row.rating for row in made),
        rows=tuple(made),
    )


def _row(
    name: str, figures: SavingFigures, judged: Judged, unit: Unit, month: int | None
) -> SchemeTableRow:
    variance, forecast = figures.variance_pence, figures.forecast_variance_pence
    older = figures.forecast_month
    return SchemeTableRow(
        name=name,
        plan=cell(figures.plan_pence, unit),
        actual=cell(figures.actual_pence, unit),
        variance=cell(variance, unit),
        direction=direction_of(variance),
        words=_kept_together(variance, unit),
        forecast=cell(figures.forecast_pence, unit),
        forecast_variance=cell(forecast, unit),
        forecast_direction=direction_of(forecast),
        forecast_words=_kept_together(forecast, unit),
        forecast_age=""
        if older == month
        else forecast_age(older, figures.forecast_month_last, figures.forecasts_behind),
        silent=figures.lines - figures.reported,
        judged=judged,
    )


def _kept_together(variance: int | None, unit: Unit) -> str:
    """The words of a variance, which a narrow column does not break."""
    said = direction_words(variance, direction_of(variance), unit=unit)
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def split_table(
    caption: str, heading: str, parts: Sequence[tuple[str, SavingFigures]], unit: Unit
) -> Table:
    """A split of the total: plan, to date, forecast and forecast variance, in words as well.

    Columns that no part states are left out, the plan's never.
    """
    figures = [part for _, part in parts]
    actual = any(part.actual_pence is not None for part in figures)
    forecast = any(part.forecast_pence is not None for part in figures)
    columns = [heading, "Plan"]
    columns += ["Saved to date"] if actual else []
    columns += ["Forecast", "Forecast variance", "Favourable or adverse"] if forecast else []
    rows = []
    for name, part in parts:
        variance = part.forecast_variance_pence
        cells = [cell(part.plan_pence, unit)]
        if actual:
            cells.append(cell(part.actual_pence, unit))
        if forecast:
            said = direction_words(variance, direction_of(variance), unit=unit)
            cells += [
                cell(part.forecast_pence, unit),
                cell(variance, unit),
                Cell(said) if said else Cell("not stated", missing=True),
            ]
        rows.append((name, tuple(cells)))
    return Table(f"{caption}, in {UNIT_LABELS[unit]}", tuple(columns), tuple(rows))


def recurrent_parts(
    recurrent: Mapping[str, SavingFigures],
) -> list[tuple[str, SavingFigures]]:
    """Recurrent, non-recurrent, not stated, whichever there are."""
    return [(label, recurrent[key]) for key, label in RECURRENT if key in recurrent]


def claims_table(
    before: SavingFigures, taken: SavingFigures, after: SavingFigures, unit: Unit
) -> Table:
    """The total before and after savings claimed twice are taken out."""
    rows = (
        ("Before savings claimed twice are taken out", before),
        ("Claimed twice, taken out", taken),
        ("After", after),
    )
    reads = [
        ("Plan", [figures.plan_pence for _, figures in rows]),
        ("Saved to date", [figures.actual_pence for _, figures in rows]),
        ("Forecast", [figures.forecast_pence for _, figures in rows]),
    ]
    kept = [(name, values) for name, values in reads if values[0] is not None]
    return Table(
        f"The total and savings claimed twice, in {UNIT_LABELS[unit]}",
        ("Total", *(name for name, _ in kept)),
        tuple(
            (name, tuple(cell(values[at], unit) for _, values in kept))
            for at, (name, _) in enumerate(rows)
        ),
    )
