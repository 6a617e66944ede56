"""Lines with their figures in one month, as figures.sql has them: for pages that name each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from finance.models import Line, Outturn, PrintedFigure
from finance.models.base import AUDITED, LAST_MONTH, OPENING_FORECAST
from finance.models.printed import Measure
from finance.models.rollups import State
from finance.rollups import headline_plan
from schemes.models import Slice


@dataclass(frozen=True, slots=True)
class LineMonth:
    """A line in a month: pence in its sense, the variance favourable-positive; None: not stated."""

    line: Line  # with its partner, counterparty and heading
    plan_pence: int | None
    plan_to_date_pence: int | None
    actual_pence: int | None
    variance_pence: int | None
    forecast_pence: int | None  # the latest until the month
    forecast_month: int | None  # in which it was reported
    bases_differ: bool  # of plan and actual: then the variance is the source's own, if it has one


def line_months(
    slice_: Slice, lines: QuerySet[Line], *, state: State, month: int | None
) -> list[LineMonth]:
    """The lines against the headline plan in a month, by kind and code: five queries at most.

    A line that has ended keeps the figure of its last month, and a month before the first is none.
    """
    found = list(
        lines.filter(slice=slice_)
        .annotate(
            planned=FilteredRelation(
                "plan_figures", condition=Q(plan_figures__plan=headline_plan(slice_.pk))
            )
        )
        .annotate(
            year=F("planned__full_year_pence"),
            to_date=F("planned__to_date_pence"),
            plan_basis=F("planned__basis"),
        )
        .select_related("partner", "counterparty", "heading")
        .order_by("kind", "code")
    )
    if month is None:
        return [_line_month(line, None, None, None, {}) for line in found]
    pre = "published_" if state == State.PUBLISHED else ""
    heads = list(
        Outturn.objects.filter(slice=slice_, line__in=found, month__lte=month)
        .annotate(
            actual=F(f"{pre}actual_pence"),
            basis=F(f"{pre}actual_basis"),
            forecast=F(f"{pre}forecast_pence"),
        )
        .filter(Q(actual__isnull=False) | Q(forecast__isnull=False))
        .order_by("month")
        .only("line", "month")
    )
    actuals = {(head.line_id, head.month): head for head in heads}
    forecasts = {
        head.line_id: (head.forecast, head.month) for head in heads if head.forecast is not None
    }
    printed = {
        item.line_id: item.pence
        for item in PrintedFigure.objects.filter(
            slice=slice_, line__isnull=False, month=month, measure=Measure.VARIANCE
        )
    }
    return [
        _line_month(
            line,
            month,
            actuals.get((line.pk, _place(line, month))),
            forecasts.get(line.pk),
            printed,
        )
        for line in found
    ]


def _place(line: Line, month: int) -> int:
    """The month whose figure a line shows in another one."""
    if month == AUDITED and line.last_month == LAST_MONTH:
        return AUDITED
    return min(month, line.last_month)


def _line_month(
    line: Any,  # with the columns that are annotated above
    month: int | None,
    head: Any,
    forecast: tuple[int, int] | None,
    printed: dict[int | None, int | None],
) -> LineMonth:
    plan = None
    if month not in (None, OPENING_FORECAST):
        profile, last = line.to_date, min(month or 0, LAST_MONTH)
        plan = profile[last - 1] if profile else line.year if last >= line.last_month else None
    actual = head.actual if head else None
    differ = actual is not None and line.plan_basis not in (None, head.basis)
    variance = None
    if differ:
        variance = printed.get(line.pk)
    elif actual is not None and plan is not None:
        variance = (line.sense or 1) * (actual - plan)
    pence, said = forecast or (None, None)
    return LineMonth(line, line.year, plan, actual, variance, pence, said, differ)
