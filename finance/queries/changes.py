"""What was changed between two moments of a year: figures, returns and what else moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery

from finance.models import OutturnRevision, PlanRevision, ReturnEvent
from finance.models.base import LAST_MONTH
from finance.models.outturns import ReturnState
from finance.queries.known import published_changes
from schemes.models import Change, Slice

ACTUAL, FORECAST, PLAN, PROFILE = "actual", "forecast", "plan", "plan to date"


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure of a line that is another at the second moment than at the first."""

    line: str
    name: str
    partner: str  # its code
    partner_name: str
    kind: str
    month: int | None  # None for the whole year
    measure: str  # ACTUAL, FORECAST, PLAN or PROFILE
    plan: str  # name of the plan; "" for what was reported
    before_pence: int | None
    after_pence: int | None
    published: bool  # whether the later value was approved or closed by the second moment
    saves: int  # how often it was saved in between; the last one is told
    by: str
    at: datetime
    action: str
    reason: str  # of the save, else why the month was opened again; "" where nobody said
    change: int

    @property
    def difference_pence(self) -> int | None:
        """After less before, in the sense of the line; None where one of them is not stated."""
        if self.before_pence is None or self.after_pence is None:
            return None
        return self.after_pence - self.before_pence

    @property
    def size(self) -> int:
        """How much it moved the sums."""
        return abs((self.after_pence or 0) - (self.before_pence or 0))


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a partner's month."""

    partner_name: str
    month: int
    state: str
    was: str  # the state before it; draft before anything happened
    by: str
    at: datetime

    @property
    def words(self) -> str:
        """What was done: "approved"; a draft was sent back, or after closing opened again."""
        if self.state != ReturnState.DRAFT:
            return self.state
        return "opened again" if self.was == ReturnState.CLOSED else "sent back"


@dataclass(frozen=True, slots=True)
class Other:
    """What else was changed: an action, how often, and when last."""

    action: str
    times: int
    last: datetime


FIGURES = ("outturns", "outturns in bulk", "plan figures", "re-profile")
TYPED_BY_NOBODY = "Loaded from documents"


def moved_figures(slice_: Slice, after: int, upto: int) -> list[Moved]:
    """Figures that changes above ``after`` and up to ``upto`` moved, the largest move first.

    What was changed and changed back is not there. Seven queries, whatever the number of lines.
    """
    made = {
        change.number: change
        for change in Change.objects.filter(
            slice=slice_, number__gt=after, number__lte=upto
        ).select_related("actor")
    }
    rows = [*_outturns(slice_, after, upto, made), *_plans(slice_, after, upto, made)]
    rows.sort(key=lambda row: (-row.size, row.partner, row.line, row.month or 0, row.measure))
    return rows


def return_steps(slice_: Slice, after: int, upto: int) -> list[Step]:
    """Months that were submitted, approved, closed, sent back or opened again in between.

    Two queries.
    """
    before = ReturnEvent.objects.filter(
        monthly_return=OuterRef("monthly_return"), change__lt=OuterRef("change")
    ).order_by("-change")
    found = (
        ReturnEvent.objects.filter(monthly_return__slice=slice_, change__gt=after, change__lte=upto)
        .select_related("monthly_return__partner", "actor")
        .annotate(was=Subquery(before.values("state")[:1]))
        .order_by("-change", "monthly_return__partner__code", "monthly_return__month")
    )
    at = dict(
        Change.objects.filter(slice=slice_, number__gt=after, number__lte=upto).values_list(
            "number", "at"
        )
    )
    return [
        Step(
            event.monthly_return.partner.name,
            event.monthly_return.month,
            event.state,
            event.was or ReturnState.DRAFT,
            _who(event.actor),
            at[event.change],
        )
        for event in found
    ]


def other_changes(slice_: Slice, after: int, upto: int) -> list[Other]:
    """Actions in between that save no figure and hand on no month, such as lines: one query."""
    found = (
        Change.objects.filter(slice=slice_, number__gt=after, number__lte=upto)
        .exclude(action__in=[*FIGURES, *(f"return {state}" for state in ReturnState.values)])
        .order_by()
        .values("action")
        .annotate(times=Count("pk"), last=Max("at"))
        .order_by("-last")
    )
    return [Other(item["action"], item["times"], item["last"]) for item in found]


def _outturns(slice_: Slice, after: int, upto: int, made: Mapping[int, Change]) -> Iterable[Moved]:
    """Actuals and forecasts: four queries."""
    revisions = OutturnRevision.objects.filter(line__slice=slice_)
    within = revisions.filter(change__gt=after, change__lte=upto)
    new = _together(
        within.select_related("line__partner").order_by("change"),
        lambda item: (item.line_id, item.month),
    )
    old = {
        (item.line_id, item.month): item
        for item in revisions.filter(change__lte=after, line__in=within.values("line"))
        .order_by("line_id", "month", "-change")
        .distinct("line_id", "month")
    }
    published = published_changes(slice_, upto)
    reopened = _reopenings(slice_, upto)
    for key, saves in new.items():
        for measure, column in ((ACTUAL, "actual_pence"), (FORECAST, "forecast_pence")):
            before = getattr(old[key], column) if key in old else None
            now = getattr(saves[-1], column)
            if before == now:
                continue
            steps = _steps(saves, before, attrgetter(column))
            last = steps[-1]
            limit = published.get((last.line.partner_id, last.month))
            change = made[last.change]
            yield _moved(
                last,
                change,
                reason=change.reason or _why_open(reopened, last),
                month=last.month,
                measure=measure,
                before_pence=before,
                after_pence=now,
                published=limit is not None and last.change <= limit,
                saves=len(steps),
            )


def _reopenings(slice_: Slice, upto: int) -> dict[tuple[int, int], list[tuple[int, str]]]:
    """When and why published months were opened again, by partner and month: one query."""
    why = Change.objects.filter(slice=slice_, number=OuterRef("change")).values("reason")[:1]
    found: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for partner, month, change, reason in (
        ReturnEvent.objects.filter(
            monthly_return__slice=slice_,
            state=ReturnState.DRAFT,
            published_change__isnull=False,
            change__lte=upto,
        )
        .order_by("change")
        .values_list("monthly_return__partner", "monthly_return__month", "change", Subquery(why))
    ):
        found.setdefault((partner, month), []).append((change, reason))
    return found


def _why_open(reopened: Mapping[tuple[int, int], list[tuple[int, str]]], item: Any) -> str:
    """Why the month of an outturn that was published before could be saved again; "" for none."""
    own = reopened.get((item.line.partner_id, item.month), [])
    reasons = [reason for change, reason in own if change < item.change and reason]
    return f"Opened again: {reasons[-1]}" if reasons else ""


def _plans(slice_: Slice, after: int, upto: int, made: Mapping[int, Change]) -> Iterable[Moved]:
    """Figures of every plan, which take effect at once: two queries."""
    revisions = PlanRevision.objects.filter(plan__slice=slice_)
    within = revisions.filter(change__gt=after, change__lte=upto)
    new = _together(
        within.select_related("line__partner", "plan").order_by("change"),
        lambda item: (item.plan_id, item.line_id),
    )
    old = {
        (item.plan_id, item.line_id): item
        for item in revisions.filter(change__lte=after, line__in=within.values("line"))
        .order_by("plan_id", "line_id", "-change")
        .distinct("plan_id", "line_id")
    }
    for key, saves in new.items():
        before, now = old.get(key), saves[-1]
        year = before.full_year_pence if before else None
        if year != now.full_year_pence:
            steps = _steps(saves, year, attrgetter("full_year_pence"))
            yield _moved(
                steps[-1],
                made[steps[-1].change],
                plan=now.plan.name,
                measure=PLAN,
                before_pence=year,
                after_pence=now.full_year_pence,
                published=True,
                saves=len(steps),
            )
        elif month := _most_moved(before.to_date_pence if before else None, now.to_date_pence):
            profile = before.to_date_pence if before else None
            steps = _steps(saves, profile, attrgetter("to_date_pence"))
            yield _moved(
                steps[-1],
                made[steps[-1].change],
                month=month,
                plan=now.plan.name,
                measure=PROFILE,
                before_pence=profile[month - 1] if profile else None,
                after_pence=now.to_date_pence[month - 1] if now.to_date_pence else None,
                published=True,
                saves=len(steps),
            )


def _most_moved(before: Sequence[int | None] | None, now: Sequence[int | None] | None) -> int:
    """The month whose plan to date moved most where the year did not; 0 where none did."""
    none = [None] * LAST_MONTH
    moves = {
        month: abs((new or 0) - (old or 0))
        for month, (old, new) in enumerate(zip(before or none, now or none, strict=True), 1)
        if old != new
    }
    return max(moves, key=lambda month: moves[month], default=0)


def _together(found: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in found:
        groups.setdefault(key(item), []).append(item)
    return groups


def _steps(saves: Sequence[Any], before: Any, read: Callable[[Any], Any]) -> list[Any]:
    """Those saves that altered a value; there is one at least where the last differs."""
    steps = []
    for item in saves:
        if read(item) != before:
            steps.append(item)
            before = read(item)
    return steps


def _moved(
    item: Any,
    change: Change,
    *,
    reason: str = "",
    month: int | None = None,
    plan: str = "",
    **values: Any,
) -> Moved:
    line = item.line
    return Moved(
        line=line.code,
        name=line.name,
        partner=line.partner.code,
        partner_name=line.partner.short_name,
        kind=line.kind,
        month=month,
        plan=plan,
        by=_who(change.actor),
        at=change.at,
        action=change.action,
        reason=reason or change.reason,
        change=change.number,
        **values,
    )


def _who(actor: Any) -> str:
    return str(actor) if actor else TYPED_BY_NOBODY
