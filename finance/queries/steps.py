"""The steps in the life of returns, with who took each and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import OuterRef, QuerySet, Subquery

from finance.models import ReturnEvent
from finance.models.outturns import ReturnState
from schemes.models import Change, Partner, Slice


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a partner's month: from which state to which, by whom, when and why."""

    slice_id: int
    partner: Partner
    month: int
    was: str  # a ReturnState; draft before anything happened
    state: str
    change: int
    published_change: int | None  # whose figures were the published ones after it
    who: str
    when: datetime
    reason: str  # "" where nobody said

    @property
    def reopens(self) -> bool:
        """Whether it opened a closed month again; another draft was sent back."""
        return self.was == ReturnState.CLOSED and self.state == ReturnState.DRAFT


def lives(events: QuerySet[ReturnEvent]) -> list[list[Step]]:
    """The steps of each return among these events, oldest first: one query."""
    told = Change.objects.filter(slice=OuterRef("monthly_return__slice"), number=OuterRef("change"))
    ordered = (
        events.annotate(at=Subquery(told.values("at")), reason=Subquery(told.values("reason")))
        .select_related("monthly_return__partner", "actor")
        .order_by("monthly_return_id", "change")
    )
    return [
        _life(list(own)) for _, own in groupby(ordered, key=lambda item: item.monthly_return_id)
    ]


def _life(events: Sequence[ReturnEvent]) -> list[Step]:
    before = [ReturnState.DRAFT.value, *(event.state for event in events)]
    return [
        Step(
            slice_id=event.monthly_return.slice_id,
            partner=event.monthly_return.partner,
            month=event.monthly_return.month,
            was=was,
            state=event.state,
            change=event.change,
            published_change=event.published_change,
            who=str(event.actor or ""),
            when=event.at,  # type: ignore[attr-defined]
            reason=event.reason,  # type: ignore[attr-defined]
        )
        for was, event in zip(before, events, strict=False)
    ]


def last_reopening(slice_: Slice, partner: Partner, month: int) -> Step | None:
    """The last time a partner's month was opened again; None if it never was. One query."""
    own = ReturnEvent.objects.filter(
        monthly_return__slice=slice_, monthly_return__partner=partner, monthly_return__month=month
    )
    return next((step for life in lives(own) for step in reversed(life) if step.reopens), None)


def published_unapproved(
    slice_: Slice, month: int | None = None, ceiling: int | None = None
) -> list[Step]:
    """The closings that published what nobody had approved, where that still is what is published.

    Such a closing says why; months that are loaded as they were published are closed without a
    word. Of a year or a month of it, now or as at a change: one query.
    """
    events = ReturnEvent.objects.filter(monthly_return__slice=slice_)
    if month is not None:
        events = events.filter(monthly_return__month=month)
    if ceiling is not None:
        events = events.filter(change__lte=ceiling)
    return [
        step
        for life in lives(events)
        for step in life
        if step.state == ReturnState.CLOSED
        and step.change == life[-1].published_change
        and step.reason.strip()
    ]
