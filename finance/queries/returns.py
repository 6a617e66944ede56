"""How far the months of a year have come: each partner's return, and who is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from finance.models import Line, MonthlyReturn, Outturn
from finance.models.base import LAST_MONTH
from finance.models.lines import months_due
from finance.models.outturns import ReturnState
from finance.services.outturns import month_begins
from schemes.models import Partner, Slice


@dataclass(frozen=True, slots=True)
class MonthState:
    """A partner's month: its state, how many lines are due and reported, and whether it is late."""

    month: int
    state: str  # a ReturnState; "" where no line is due
    due: int
    reported: int
    late: bool  # the month is over and its return was not submitted


@dataclass(frozen=True, slots=True)
class PartnerMonths:
    """A partner's months, April first."""

    partner: Partner
    months: Sequence[MonthState]


def partner_months(slice_: Slice, today: date) -> list[PartnerMonths]:
    """Every partner that has lines, in the order of the system: four queries."""
    due: dict[tuple[int, int], int] = {}
    for partner, calendar, first, last, count in (
        Line.objects.filter(slice=slice_)
        .order_by()
        .values_list("partner", "calendar", "first_month", "last_month")
        .annotate(count=Count("pk"))
    ):
        for month in months_due(calendar, first, last):
            due[partner, month] = due.get((partner, month), 0) + count
    reported = {
        (partner, month): count
        for partner, month, count in Outturn.objects.filter(
            slice=slice_, actual_pence__isnull=False
        )
        .order_by()
        .values_list("line__partner", "month")
        .annotate(count=Count("pk"))
    }
    states = {
        (item.partner_id, item.month): item.state
        for item in MonthlyReturn.objects.filter(slice=slice_)
    }
    having = {partner for partner, _ in due}
    members = slice_.system.memberships.select_related("partner")
    return [
        PartnerMonths(
            member.partner,
            [
                _state(slice_, member.partner_id, month, due, reported, states, today)
                for month in range(1, LAST_MONTH + 1)
            ],
        )
        for member in members
        if member.partner_id in having
    ]


def _state(
    slice_: Slice,
    partner: int,
    month: int,
    due: dict[tuple[int, int], int],
    reported: dict[tuple[int, int], int],
    states: dict[tuple[int, int], str],
    today: date,
) -> MonthState:
    waited_for = due.get((partner, month), 0)
    state = states.get((partner, month), ReturnState.DRAFT if waited_for else "")
    over = month == LAST_MONTH and today >= date(slice_.year.first_day.year + 1, 4, 1)
    over = over or (month < LAST_MONTH and month_begins(slice_, month + 1) <= today)
    late = bool(waited_for) and over and state == ReturnState.DRAFT
    return MonthState(month, state, waited_for, reported.get((partner, month), 0), late)
