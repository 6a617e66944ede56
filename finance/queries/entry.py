"""What a finance lead meets on the entry page, and which months wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, FilteredRelation, Q

from finance.models import Line, MonthlyReturn, Outturn
from finance.models.base import LAST_MONTH
from finance.models.lines import Calendar
from finance.models.outturns import ReturnState
from finance.rollups import headline_plan
from finance.services.outturns import month_begins
from schemes.models import Partner, Slice

_Counts = dict[tuple[int, int, int], int]  # by slice, partner and month


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line on the entry page: the values that stand, and those to hold them against."""

    line: Line
    plan_year_pence: int | None
    plan_to_date_pence: int | None
    head: Outturn | None
    last: Outturn | None  # the last report of an actual before this month


@dataclass(frozen=True, slots=True)
class Waiting:
    """A partner's month that is not fully reported yet."""

    slice: Slice
    partner: Partner
    month: int
    lines: int
    reported: int
    state: str


def entry_lines(slice_: Slice, partner: Partner, month: int) -> list[EntryLine]:
    """The partner's lines that take a figure in the month: two queries, and one for the plan."""
    lines = (
        Line.objects.filter(slice=slice_, partner=partner)
        .annotate(
            planned=FilteredRelation(
                "plan_figures", condition=Q(plan_figures__plan=headline_plan(slice_.pk))
            )
        )
        .annotate(year=F("planned__full_year_pence"), to_date=F("planned__to_date_pence"))
        .order_by("kind", "code")
    )
    heads: dict[int, list[Outturn]] = {}
    for head in Outturn.objects.filter(
        line__slice=slice_, line__partner=partner, month__range=(1, month)
    ).order_by("month"):
        heads.setdefault(head.line_id, []).append(head)
    found = []
    for line in lines:
        if not line.takes(month):
            continue
        own = heads.get(line.pk, [])
        before = [head for head in own if head.month < month and head.actual_pence is not None]
        to_date = None
        if line.to_date:
            to_date = line.to_date[min(month, LAST_MONTH) - 1]
        elif month >= line.last_month:
            to_date = line.year
        found.append(
            EntryLine(
                line,
                line.year,
                to_date,
                next((head for head in own if head.month == month), None),
                before[-1] if before else None,
            )
        )
    return found


def return_state(slice_: Slice, partner: Partner, month: int) -> str:
    """The state of a partner's month; draft before anything happened to it."""
    state = (
        MonthlyReturn.objects.filter(slice=slice_, partner=partner, month=month)
        .values_list("state", flat=True)
        .first()
    )
    return state or ReturnState.DRAFT


def waiting(slices: Sequence[Slice], partners: Sequence[Partner], today: date) -> list[Waiting]:
    """For each partner and open year the first month that has begun and lacks reports.

    A line is waited for in the months in which its calendar has it due. Three queries, however
    many years and partners there are.
    """
    open_slices = [item for item in slices if item.status == Slice.Status.OPEN]
    if not open_slices or not partners:
        return []
    lines: _Counts = {}
    for slice_id, partner_id, calendar, first, last, count in (
        Line.objects.filter(slice__in=open_slices, partner__in=partners)
        .order_by()
        .values_list("slice", "partner", "calendar", "first_month", "last_month")
        .annotate(count=Count("pk"))
    ):
        for month in _months_due(calendar, first, last):
            _add(lines, (slice_id, partner_id, month), count)
    reported: _Counts = {}
    for slice_id, partner_id, calendar, first, last, month, count in (
        Outturn.objects.filter(
            slice__in=open_slices, line__partner__in=partners, actual_pence__isnull=False
        )
        .values_list(
            "slice",
            "line__partner",
            "line__calendar",
            "line__first_month",
            "line__last_month",
            "month",
        )
        .annotate(count=Count("pk"))
    ):
        if month in _months_due(calendar, first, last):
            _add(reported, (slice_id, partner_id, month), count)
    states = {
        (item.slice_id, item.partner_id, item.month): item.state
        for item in MonthlyReturn.objects.filter(slice__in=open_slices, partner__in=partners)
    }
    found = []
    for slice_ in open_slices:
        for partner in partners:
            for month in range(1, LAST_MONTH + 1):
                if month_begins(slice_, month) > today:
                    break
                due = lines.get((slice_.pk, partner.pk, month), 0)
                count = reported.get((slice_.pk, partner.pk, month), 0)
                state = states.get((slice_.pk, partner.pk, month), ReturnState.DRAFT)
                if due > count and state == ReturnState.DRAFT:
                    found.append(Waiting(slice_, partner, month, due, count, state))
                    break
    return found


def _add(counts: _Counts, key: tuple[int, int, int], count: int) -> None:
    counts[key] = counts.get(key, 0) + count


def _months_due(calendar: str, first: int, last: int) -> set[int]:
    """Months in which a line is due, as the rollups count them."""
    months = set(range(first, last + 1))
    if calendar == Calendar.QUARTERLY:
        return {month for month in months if month % 3 == 0 or month == last}
    if calendar == Calendar.YEAR_END:
        return {last}
    return set() if calendar == Calendar.FORECAST_ONLY else months
