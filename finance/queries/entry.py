"""What a finance lead meets on the entry page, and which months wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, FilteredRelation, Q

from finance.models import Line, MonthlyReturn, Outturn, ReturnEvent
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.lines import months_due
from finance.models.outturns import ReturnState
from finance.months import month_begins
from finance.queries.steps import Step, lives
from finance.rollups import headline_plan
from schemes.models import Change, Partner, Slice

_Counts = dict[tuple[int, int, int], int]  # by slice, partner and month


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line on the entry page: the values that stand, and those to hold them against."""

    line: Line
    due: bool
    plan_year_pence: int | None
    plan_to_date_pence: int | None
    head: Outturn | None
    last: Outturn | None  # the last report of an actual before this month
    last_forecast: Outturn | None = None  # the last report of a forecast before this month

    @property
    def lacks_actual(self) -> bool:
        """Whether the line is due in this month and its actual is not stated."""
        return self.due and (self.head is None or self.head.actual_pence is None)

    @property
    def standing(self) -> Outturn | None:
        """The report whose forecast stands: the month's, else the last one before it."""
        stated = self.head and self.head.forecast_pence is not None
        return self.head if stated else self.last_forecast

    @property
    def is_behind(self) -> bool:
        """Whether the forecast that stands was reported in an earlier month."""
        return self.standing is not None and self.standing is not self.head

    @property
    def last_comment(self) -> str:
        """What was said of the line with its last report; "" for nothing."""
        return self.last.comment if self.last else ""

    @property
    def is_carried(self) -> bool:
        """Whether the comment that stands is last month's, word for word."""
        return bool(self.last_comment and self.head and self.head.comment == self.last_comment)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A partner's month that is to be reported in full, or submitted."""

    slice: Slice
    partner: Partner
    month: int
    lines: int
    reported: int
    state: str
    back: Step | None  # sent it back or opened it again

    @property
    def is_complete(self) -> bool:
        """Whether every line that is due is reported, so that it waits to be submitted."""
        return 0 < self.lines <= self.reported


def entry_lines(slice_: Slice, partner: Partner, month: int) -> list[EntryLine]:
    """The partner's lines that take a figure in the month: two queries, and one for the plan."""
    lines = (
        Line.objects.filter(slice=slice_, partner=partner)
        .annotate(
            planned=FilteredRelation(
                "plan_figures", condition=Q(plan_figures__plan=headline_plan(slice_.pk))
            )
        )
        .annotate(
            year=F("planned__full_year_pence"),
            to_date=F("planned__to_date_pence"),
            basis=F("planned__basis"),
        )
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
        earlier = [head for head in own if head.month < month]
        before = [head for head in earlier if head.actual_pence is not None]
        forecasts = [head for head in earlier if head.forecast_pence is not None]
        to_date = None
        if line.to_date:
            to_date = line.to_date[min(month, LAST_MONTH) - 1]
        elif month >= line.last_month:
            to_date = line.year
        found.append(
            EntryLine(
                line,
                line.is_due(month),
                line.year,
                to_date,
                next((head for head in own if head.month == month), None),
                before[-1] if before else None,
                forecasts[-1] if forecasts and month != AUDITED else None,
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


@dataclass(frozen=True, slots=True)
class LastStep:
    """The latest step in a return's life: its change, who took it when, and why."""

    change: int
    who: str
    when: datetime
    reason: str


def last_step(slice_: Slice, partner: Partner, month: int) -> LastStep | None:
    """What last happened to a partner's month; None before anything did. Two queries."""
    event = (
        ReturnEvent.objects.filter(
            monthly_return__slice=slice_,
            monthly_return__partner=partner,
            monthly_return__month=month,
        )
        .select_related("actor")
        .order_by("-change")
        .first()
    )
    if event is None:
        return None
    at, reason = Change.objects.values_list("at", "reason").get(slice=slice_, number=event.change)
    return LastStep(event.change, str(event.actor or ""), at, reason)


def to_approve(slices: Sequence[Slice], partners: Sequence[Partner]) -> list[MonthlyReturn]:
    """Returns of open years that were submitted and wait for their approver; one query at most."""
    open_slices = [item for item in slices if item.status == Slice.Status.OPEN]
    if not open_slices or not partners:
        return []
    return list(
        MonthlyReturn.objects.filter(
            slice__in=open_slices, partner__in=partners, state=ReturnState.SUBMITTED
        )
        .select_related("slice__system", "slice__year", "partner")
        .order_by("slice__year", "month", "partner__name")
    )


def waiting(slices: Sequence[Slice], partners: Sequence[Partner], today: date) -> list[Waiting]:
    """Drafts of months that have begun, for each partner and open year, in the order of months.

    These are the first one that lacks reports, every one that is complete but not submitted, and
    every one that was sent back or opened again. A line is waited for in the months in which its
    calendar has it due. Four queries, however many years and partners there are.
    """
    open_slices = [item for item in slices if item.status == Slice.Status.OPEN]
    if not open_slices or not partners:
        return []
    lines = _due(open_slices, partners)
    reported = _reported(open_slices, partners)
    states = {
        (item.slice_id, item.partner_id, item.month): item.state
        for item in MonthlyReturn.objects.filter(slice__in=open_slices, partner__in=partners)
    }
    back = _sent_back(open_slices, partners)
    found = []
    for slice_ in open_slices:
        for partner in partners:
            first = True  # no month that lacks reports was met yet
            for month in range(1, AUDITED + 1):
                if month_begins(slice_, month) > today:
                    break
                key = (slice_.pk, partner.pk, month)
                state = states.get(key, ReturnState.DRAFT)
                if state != ReturnState.DRAFT or not (lines.get(key) or key in back):
                    continue
                item = Waiting(
                    slice_,
                    partner,
                    month,
                    lines.get(key, 0),
                    reported.get(key, 0),
                    state,
                    back.get(key),
                )
                if first or item.is_complete or item.back:
                    found.append(item)
                first = first and item.reported >= item.lines
    return found


def _due(slices: Sequence[Slice], partners: Sequence[Partner]) -> _Counts:
    """How many lines are due: one query."""
    lines: _Counts = {}
    for slice_id, partner_id, calendar, first, last, count in (
        Line.objects.filter(slice__in=slices, partner__in=partners)
        .order_by()
        .values_list("slice", "partner", "calendar", "first_month", "last_month")
        .annotate(count=Count("pk"))
    ):
        for month in months_due(calendar, first, last):
            _add(lines, (slice_id, partner_id, month), count)
    return lines


def _reported(slices: Sequence[Slice], partners: Sequence[Partner]) -> _Counts:
    """How many lines that are due have an actual: one query."""
    reported: _Counts = {}
    for slice_id, partner_id, calendar, first, last, month, count in (
        Outturn.objects.filter(
            slice__in=slices, line__partner__in=partners, actual_pence__isnull=False
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
        if month in months_due(calendar, first, last):
            _add(reported, (slice_id, partner_id, month), count)
    return reported


def _sent_back(
    slices: Sequence[Slice], partners: Sequence[Partner]
) -> Mapping[tuple[int, int, int], Step]:
    """The last step of each return that is a draft again: one query."""
    events = ReturnEvent.objects.filter(
        monthly_return__slice__in=slices,
        monthly_return__partner__in=partners,
        monthly_return__state=ReturnState.DRAFT,
    )
    return {
        (step.slice_id, step.partner.pk, step.month): step
        for step in (life[-1] for life in lives(events))
    }


def _add(counts: _Counts, key: tuple[int, int, int], count: int) -> None:
    counts[key] = counts.get(key, 0) + count
