"""Headlines and tables of a position and its months."""

from collections.abc import Mapping, Sequence

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell, format_pence, percent_cell
from esbt.kit.words import in_a_list
from finance.charts.shapes import Headline, PositionTable, Table, TableRow
from finance.charts.words import YEAR_END, direction_words, forecast_age, month_name
from finance.figures.position import TOTAL, MonthPoint, Position, PositionRow


def position_table(
    position: Position, *, unit: Unit = "m", sources: Mapping[str, str] | None = None
) -> PositionTable:
    """Lay out the position as printed: partners in the published order, then the total.

    ``sources`` gives, for a partner's code, the address where its figures open to their source.
    """
    hrefs = sources or {}
    rows = (*position.rows, position.total)
    awaited = position.reported.expected > 0
    ended = position.month is not None and position.month >= YEAR_END
    made = tuple(_table_row(row, unit, hrefs.get(row.partner, ""), awaited) for row in rows)
    return PositionTable(
        unit=UNIT_LABELS[unit],
        ended=ended,
        turnover=any(row.pct_turnover is not None for row in rows),
        forecast=not ended or any(row.forecast_pence is not None for row in rows),
        without=in_a_list(position.reported.missing),
        rows=made,
        narrow=_narrow(made),
    )


def _narrow(rows: Sequence[TableRow]) -> tuple[str, ...]:
    """What a telephone shows beside the names: the variance, and until one is stated the first two
    columns that hold a figure.
    """
    holding = [
        name
        for name in ("variance", "ytd_actual", "forecast", "plan")
        if not all(getattr(row, name).missing for row in rows)
    ]
    return ("variance",) if "variance" in holding or not holding else tuple(holding[:2])


def months_table(points: Sequence[MonthPoint], *, unit: Unit = "m", caption: str = "") -> Table:
    """Lay out the months as the line draws them, a month a row."""
    return Table(
        caption=caption or f"The same figures by month, in {UNIT_LABELS[unit]}",
        columns=("Month", "Plan to date", "Actual to date", "Forecast for the year"),
        rows=tuple(
            (
                month_name(point.month),
                (
                    cell(point.plan_pence, unit),
                    cell(point.actual_pence, unit),
                    cell(point.forecast_pence, unit),
                ),
            )
            for point in sorted(points, key=lambda point: point.month)
        ),
    )


def _table_row(row: PositionRow, unit: Unit, href: str = "", awaited: bool = True) -> TableRow:
    def money(pence: int | None) -> Cell:
        return cell(pence, unit, href=href)

    return TableRow(
        partner=row.partner,
        name=row.name,
        total=row.partner == TOTAL,
        reported=row.reported or not awaited,
        derived=not {"derived", "inferred"}.isdisjoint(row.marks),
        suspect="suspect" in row.marks,
        plan=money(row.plan_pence),
        ytd_plan=money(row.ytd_plan_pence),
        ytd_actual=money(row.ytd_actual_pence),
        variance=money(row.variance_pence),
        variance_pct=percent_cell(row.variance_pct),
        direction=row.direction,
        words=direction_words(row.variance_pence, row.direction, row.bases_differ, unit=unit),
        forecast=money(row.forecast_pence),
        forecast_variance=money(row.forecast_variance_pence),
        forecast_direction=row.forecast_direction,
        forecast_words=direction_words(
            row.forecast_variance_pence, row.forecast_direction, unit=unit
        ),
        forecast_age=forecast_age(
            row.forecast_month, row.forecast_month_last, row.forecasts_behind
        ),
        pct_turnover=percent_cell(row.pct_turnover),
        basis=row.basis,
        bases_differ=row.bases_differ,
    )


def _against(plan_pence: int | None, unit: Unit) -> str:
    """What a sum stands against, or that there is nothing of the same partners."""
    if plan_pence is None:
        return "no plan of the same partners is stated"
    return f"against a plan of {format_pence(plan_pence, unit)}"


def headlines(position: Position, *, unit: Unit = "m") -> tuple[Headline, ...]:
    """Variance, actual and forecast in large, each with what it stands against."""
    total = position.total
    row = _table_row(total, unit)
    until = f"to month {position.month}" if position.month else ""
    label = UNIT_LABELS[unit]
    plan = _against(total.ytd_plan_pence, unit)
    comparable = total.forecast_pence is None or total.forecast_variance_pence is not None
    whole = _against(total.plan_pence if comparable else None, unit)
    if total.forecast_month != total.forecast_month_last:
        whole += f"; {row.forecast_age}"
    ended = position.month is not None and position.month >= YEAR_END
    made = [
        Headline(
            "Variance for the year" if ended else "Variance to date",
            row.variance, label, row.direction, row.words,
            "against the plan for the year" if ended else f"against plan {until}".strip(),
        ),
        Headline(
            "Outturn" if ended else "Actual to date",
            row.ytd_actual, label, "none", "",
            "nobody has reported yet" if row.ytd_actual.missing else plan,
        ),
        Headline(
            "Forecast for the year",
            row.forecast, label, row.forecast_direction, row.forecast_words,
            whole,
        ),
    ]  # fmt: skip
    # once the year is over, a forecast that nobody stated has nothing left to say
    return tuple(made[:2] if ended and row.forecast.missing else made)
