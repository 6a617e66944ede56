"""How far the months of a year have come: each partner's return, the system's, and who is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery

from esbt.kit.working_days import working_days_between
from finance.models import Line, MonthClose, MonthlyReturn, Outturn
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.lines import months_due
from finance.models.outturns import ReturnState
from finance.months import month_ends
from finance.queries.timetable import Timetable, timetables
from schemes.models import Change, Partner, Slice

_BEFORE = (ReturnState.DRAFT, ReturnState.SUBMITTED)  # a month is approved


@dataclass(frozen=True, slots=True)
class MonthState:
    """A partner's month: its state, how many lines are due and reported, and whether it is late.

    With a timetable a month is late after its deadline; without one a draft is once its month is
    over, and nobody knows by how many days.
    """

    month: int
    state: str  # a ReturnState; "" where no line is due
    due: int
    reported: int
    late: bool
    by: date | None = None  # the deadline of what it waits for
    days_late: int | None = None  # working days


@dataclass(frozen=True, slots=True)
class PartnerMonths:
    """A partner's months, April first and the final accounts last."""

    partner: Partner
    months: Sequence[MonthState]


@dataclass(frozen=True, slots=True)
class SystemMonth:
    """Whether the system's month is closed, and by whom and when that was last said."""

    closed: bool
    who: str
    when: datetime


def partner_months(slice_: Slice, today: date) -> list[PartnerMonths]:
    """Every partner that has lines, in the order of the system: five queries."""
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
    timetable = timetables([slice_])[slice_.pk]
    having = {partner for partner, _ in due}
    members = slice_.system.memberships.select_related("partner")

    def months(partner: int) -> list[MonthState]:
        found = []
        for month in range(FIRST_MONTH, AUDITED + 1):
            waited_for = due.get((partner, month), 0)
            state = states.get((partner, month), ReturnState.DRAFT if waited_for else "")
            by, late = _lateness(timetable, month, state, today)
            found.append(
                MonthState(
                    month,
                    state,
                    waited_for,
                    reported.get((partner, month), 0),
                    late and bool(waited_for),
                    by,
                    working_days_between(by, today) if by and late and waited_for else None,
                )
            )
        return found

    return [
        PartnerMonths(member.partner, months(member.partner_id))
        for member in members
        if member.partner_id in having
    ]


def _lateness(
    timetable: Timetable, month: int, state: str, today: date
) -> tuple[date | None, bool]:
    """The deadline of what a month waits for, and whether that is late."""
    dates = timetable.of(month)
    if dates is None:
        over = month != AUDITED and month_ends(timetable.slice, month) < today
        return None, over and state == ReturnState.DRAFT
    by = {ReturnState.DRAFT: dates.submit, ReturnState.SUBMITTED: dates.approve}.get(
        ReturnState(state) if state else ReturnState.CLOSED
    )
    return by, by is not None and today > by


def system_months(slice_: Slice) -> Mapping[int, SystemMonth]:
    """What was last said of each month of the system, closed or opened again: one query."""
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    return {
        item.month: SystemMonth(item.closed, str(item.actor or ""), item.at)
        for item in MonthClose.objects.filter(slice=slice_)
        .annotate(at=Subquery(told.values("at")[:1]))
        .select_related("actor")
        .order_by("change")
    }


@dataclass(frozen=True, slots=True)
class LateClose:
    """A system's month that is not closed though its deadline has passed."""

    month: int
    by: date
    days_late: int  # working days
    waits_for: Sequence[str]  # names of partners that are due and not approved


def late_closes(slice_: Slice, found: Sequence[PartnerMonths], today: date) -> list[LateClose]:
    """Months that somebody is due in and that were to be closed by now: two queries."""
    timetable = timetables([slice_])[slice_.pk]
    said = MonthClose.objects.filter(slice=slice_).order_by("change")
    closed = dict(said.values_list("month", "closed"))
    late = []
    for month in range(FIRST_MONTH, AUDITED + 1):
        due = [item for item in found if item.months[month - 1].due]
        dates = timetable.of(month)
        if dates is None or not due or closed.get(month) or today <= dates.close:
            continue
        waits = [item.partner.name for item in due if item.months[month - 1].state in _BEFORE]
        late.append(LateClose(month, dates.close, working_days_between(dates.close, today), waits))
    return late


def to_close(slices: Sequence[Slice], today: date) -> list[tuple[Slice, int]]:
    """Months of open years that are over, that everybody approved, and that wait to be closed.

    Everybody is who has a line that is due in the month, or who reported something in it, as
    closing has it. Four queries at most, however many years there are.
    """
    open_slices = {item.pk: item for item in slices if item.status == Slice.Status.OPEN}
    if not open_slices:
        return []
    waited_for: dict[tuple[int, int], set[int]] = {}
    for slice_id, partner, calendar, first, last in (
        Line.objects.filter(slice__in=open_slices)
        .order_by()
        .values_list("slice", "partner", "calendar", "first_month", "last_month")
        .distinct()
    ):
        for month in months_due(calendar, first, last):
            waited_for.setdefault((slice_id, month), set()).add(partner)
    for slice_id, month, partner in (
        Outturn.objects.filter(slice__in=open_slices, month__gte=FIRST_MONTH)
        .order_by()
        .values_list("slice", "month", "line__partner")
        .distinct()
    ):
        waited_for.setdefault((slice_id, month), set()).add(partner)
    done: dict[tuple[int, int], set[int]] = {}
    for slice_id, month, partner in MonthlyReturn.objects.filter(
        slice__in=open_slices, state__in=[ReturnState.APPROVED, ReturnState.CLOSED]
    ).values_list("slice", "month", "partner"):
        done.setdefault((slice_id, month), set()).add(partner)
    closed = {
        (slice_id, month): closed
        for slice_id, month, closed in MonthClose.objects.filter(slice__in=open_slices)
        .order_by("change")
        .values_list("slice", "month", "closed")
    }
    return [
        (open_slices[slice_id], month)
        for (slice_id, month), partners in sorted(waited_for.items())
        if partners <= done.get((slice_id, month), set())
        and not closed.get((slice_id, month))
        and month_ends(open_slices[slice_id], month) < today
    ]
