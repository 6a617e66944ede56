"""A line's plan as a row of a fund's workbook states it: the year, and the ends of its quarters."""

from __future__ import annotations

from itertools import pairwise

from esbt.fund_workbook.comparing import RowChange
from esbt.fund_workbook.sheets import QUARTERS
from esbt.kit.money import parse_amount, words
from esbt.kit.problems import Fault, Refused
from finance.models import PlanFigure
from finance.services import PlanEntry

_YEAR = "full_year"


def plan_entry(change: RowChange, figure: PlanFigure | None) -> PlanEntry:
    """A line's year and what is planned to the ends of quarters, where that is stated.

    ``figure`` is what the plan holds now. Raises Refused with a fault at its cell, also for a plan
    to date that falls: what is put in or spent only adds up.
    """
    year = parse_amount(change.values[_YEAR])
    profile = (figure.to_date_pence if figure else None) or [None] * 12
    if year is None:
        said = "Say what is planned for the year as well."
        raise Refused([Fault(said, _YEAR, "", change.row)])
    if any(p is not None for m, p in enumerate(profile, 1) if m not in QUARTERS):
        said = "This line is planned month by month. Change it on the page of plans."
        raise Refused([Fault(said, _YEAR, change.values[_YEAR], change.row)])
    stated = {month: parse_amount(change.values[f"planned_{month}"]) for month in QUARTERS[:3]}
    to_date = {month: pence for month, pence in stated.items() if pence is not None}
    _refuse_a_fall(change, to_date, year)
    return PlanEntry(line=change.key, full_year_pence=year, to_date=to_date or None, row=change.row)


def _refuse_a_fall(change: RowChange, to_date: dict[int, int], year: int) -> None:
    """Raise Refused where less is planned to a date than to the one before it, or than nothing."""
    amounts = [("", 0), *((f"planned_{m}", pence) for m, pence in to_date.items()), (_YEAR, year)]
    faults = [
        Fault(
            f"This is less than the {words(before, 'gbp')} planned up to then. A plan to date adds "
            "up and does not fall: mend one of the two.",
            name,
            words(pence, "gbp"),
            change.row,
        )
        for (_, before), (name, pence) in pairwise(amounts)
        if pence < before
    ]
    if faults:
        raise Refused(faults)
