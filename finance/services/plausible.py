"""Amounts beyond reason: slips of unit and sign, caught before they mislead anybody.

The page asks its author to confirm them; the API stores them with a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from esbt.kit.money import words
from esbt.kit.problems import Fault
from finance.models import Line, Outturn, PlanFigure
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.rollups import headline_plan

if TYPE_CHECKING:
    from finance.services.outturns import Entry

# An amount is beyond reason above ten times the year's plan, or above these where that says little.
TIMES_PLAN = 10
LEAST_LIMIT_PENCE = 10_000_000_00
LIMIT_WITHOUT_PLAN_PENCE = 100_000_000_00
# What it is held against says something from here on; smaller amounts come and go.
TELLING_PENCE = 100_000_00
TIMES_LESS = 500  # pounds typed where thousands or millions are meant
TIMES_MORE = 3  # for what accumulates; a position can swing further
MOST_FALL_PERCENT = 10  # of last month's amount to date
_SPENT = (Kind.SPEND, Kind.POOL_SPEND, Kind.CAPITAL)  # what is spent stays spent
# what hardly ever turns its sign, by however little; a position and what is saved may swing
_ONE_SIGN = (*_SPENT, Kind.INCOME, Kind.CONTRIBUTION, Kind.CASH)
_BALANCES = (Kind.CASH, Kind.RESERVE)  # what is held at a month's end goes up and down


@dataclass(frozen=True)
class Known:
    """What an amount of a line can be held against, in pence; None where there is nothing."""

    plan: int | None = None
    plan_to_date: int | None = None
    last_actual: int | None = None
    last_forecast: int | None = None
    spent: int | None = None  # the actual that stands in the month itself, else the last one


def headline_figures(slice_id: int, lines: Collection[Line]) -> dict[int, PlanFigure]:
    """By line: its figure in the headline plan. Two queries."""
    figures = PlanFigure.objects.filter(plan=headline_plan(slice_id), line__in=lines)
    return {figure.line_id: figure for figure in figures}


def known_of(
    plans: Mapping[int, PlanFigure], lines: Collection[Line], month: int | None
) -> dict[int, Known]:
    """By line: its plan and, for one month, the last reports until it. One query then."""
    actuals: dict[int, int] = {}
    forecasts: dict[int, int] = {}
    spent: dict[int, int] = {}
    if month is not None:
        for head in Outturn.objects.filter(line__in=lines, month__lte=month).order_by("month"):
            if head.actual_pence is not None:
                spent[head.line_id] = head.actual_pence
                if head.month < month:
                    actuals[head.line_id] = head.actual_pence
            if head.forecast_pence is not None and head.month < month:
                forecasts[head.line_id] = head.forecast_pence
    return {
        line.pk: replace(_known(line, plans, month, actuals, forecasts), spent=spent.get(line.pk))
        for line in lines
    }


def _known(
    line: Line,
    plans: Mapping[int, PlanFigure],
    month: int | None,
    actuals: dict[int, int],
    forecasts: dict[int, int],
) -> Known:
    figure = plans.get(line.pk)
    to_date = None
    if figure and month and figure.to_date_pence:  # null in months that are not stated
        to_date = figure.to_date_pence[min(month, LAST_MONTH) - 1]
    return Known(
        plan=figure.full_year_pence if figure else None,
        plan_to_date=to_date,
        last_actual=actuals.get(line.pk),
        last_forecast=forecasts.get(line.pk),
    )


def doubts(kind: str, name: str, pence: int, known: Known) -> Iterator[str]:
    """Why an amount is beyond reason, the plainest reason first; nothing for a plausible one.

    ``name`` is "actual" or "forecast".
    """
    plan = known.plan
    limit = max(TIMES_PLAN * abs(plan), LEAST_LIMIT_PENCE) if plan else LIMIT_WITHOUT_PLAN_PENCE
    if abs(pence) > limit:
        against = "there is no plan" if plan is None else f"the year's plan is {_said(plan)}"
        yield f"{_said(pence)} is beyond what this line can be expected to hold ({against})"
    spent = known.spent if name == "forecast" and kind in _SPENT else None
    if spent is not None and spent >= TELLING_PENCE and pence < spent:
        less = f"less than the {_said(spent)} spent to date"
        yield f"A forecast of {_said(pence)} for the year is {less}"
    last = known.last_actual if name == "actual" else known.last_forecast
    planned = known.plan_to_date if name == "actual" else plan
    reference = planned if last is None else last
    if reference is None or abs(reference) < TELLING_PENCE:
        return
    what = f"{_said(reference)} {'planned' if last is None else 'reported last'}"
    if not pence and (name == "forecast" or last is not None):  # a start may well be nothing
        yield f"0 stands where {what} stood; what is not known is left empty"
    if 0 < abs(pence) * TIMES_LESS < abs(reference):
        yield f"{words(pence, 'gbp')} is far less than the {what}"
    swing = 0 if kind in _ONE_SIGN else abs(reference)
    if pence and (pence < 0) != (reference < 0) and 2 * abs(pence) >= swing:
        yield f"{_said(pence)} has the other sign than the {what}"
    if kind == Kind.POSITION:
        return
    if planned is not None and abs(planned) >= TELLING_PENCE and pence > TIMES_MORE * planned > 0:
        times = f"{TIMES_MORE} times the {_said(planned)} planned"
        yield f"{_said(pence)} is more than {times}"
    if kind in _BALANCES or name != "actual" or last is None:
        return
    if 0 < pence * 100 < last * (100 - MOST_FALL_PERCENT):
        yield f"{_said(pence)} to date is less than the {what}, though it accumulates"


def _said(pence: int) -> str:
    """An amount in millions, and a small one in pounds, so that none reads as nothing."""
    return words(pence, "m" if abs(pence) >= TELLING_PENCE else "gbp")


def implausible(
    plans: Mapping[int, PlanFigure], entries: Sequence[Entry], lines: Mapping[str, Line]
) -> list[Fault]:
    """Amounts beyond reason, by the lines' plans, that nobody has confirmed. One query at most."""
    months = {entry.month for entry in entries}
    month = months.pop() if len(months) == 1 else None
    known = known_of(plans, lines.values(), month)
    faults = []
    for entry in entries:
        line = lines[entry.line]
        for name in ("actual", "forecast"):
            value = getattr(entry, f"{name}_pence")
            if not isinstance(value, int) or name in entry.confirmed:
                continue
            held = known[line.pk]
            if isinstance(entry.actual_pence, int):
                held = replace(held, spent=entry.actual_pence)
            doubt = next(doubts(line.kind, name, value, held), None)
            if doubt:
                message = f"{doubt}. Check the units and the sign, or confirm it."
                faults.append(Fault(message, name, str(value), entry.row or entry.line))
    return faults
