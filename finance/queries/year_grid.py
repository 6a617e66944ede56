"""A partner's lines with every month of a year, as the year's grid shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from finance.models import Line, MonthlyReturn, Outturn, Plan, PlanFigure
from finance.models.base import FIRST_MONTH, LAST_MONTH
from finance.services.outturns import why_shut
from schemes.models import Partner, Slice

MONTHS = range(FIRST_MONTH, LAST_MONTH + 1)


class Reported(NamedTuple):
    """What stands in a cell: a thousand of them are read for a page."""

    revision: int
    change: int
    actual_pence: int | None
    actual_basis: str
    forecast_pence: int | None
    forecast_basis: str


@dataclass(frozen=True, slots=True)
class YearLine:
    """A line, what was reported on it by month, and its figure in the plan it is held against."""

    line: Line
    heads: Mapping[int, Reported]
    figure: PlanFigure | None

    def planned(self, month: int) -> int | None:
        """The plan to date; of an annual plan there is one in the line's last month only."""
        if self.figure is None:
            return None
        if self.figure.to_date_pence:
            return self.figure.to_date_pence[month - 1]
        return self.figure.full_year_pence if month >= self.line.last_month else None

    def comparable(self, month: int, measure: str = "actual") -> bool:
        """Whether a figure of the month is held against the plan: not on another basis."""
        head = self.heads.get(month)
        bases = {
            getattr(head, f"{measure}_basis") if head else "",
            self.figure.basis if self.figure else "",
        }
        return len(bases - {""}) < 2


def year_lines(slice_: Slice, partner: Partner, plan: Plan | None) -> list[YearLine]:
    """The partner's lines of the year by kind and code: three queries."""
    lines = Line.objects.filter(slice=slice_, partner=partner).order_by("kind", "code")
    heads: dict[int, dict[int, Reported]] = {}
    for line_id, month, *values in Outturn.objects.filter(
        line__in=lines, month__in=MONTHS
    ).values_list("line", "month", *Reported._fields):
        heads.setdefault(line_id, {})[month] = Reported(*values)
    figures = {
        figure.line_id: figure
        for figure in PlanFigure.objects.filter(plan=plan, line__slice=slice_, line__in=lines)
    }
    found = []
    for line in lines:
        figure = figures.get(line.pk)
        if figure:
            figure.line = line
        found.append(YearLine(line, heads.get(line.pk, {}), figure))
    return found


def shut_for_actuals(slice_: Slice, partner: Partner, today: date) -> dict[int, tuple[str, str]]:
    """Months that take no figures of the partner: the code and the sentence for each. One query."""
    states = dict(
        MonthlyReturn.objects.filter(slice=slice_, partner=partner).values_list("month", "state")
    )
    shut = {month: why_shut(slice_, month, states.get(month), today) for month in MONTHS}
    return {month: why for month, why in shut.items() if why}
