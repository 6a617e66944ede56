"""Gaps in what was submitted, with the reasons that were given for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finance.models import GapReason, ReturnEvent
from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from finance.models.rollups import State
from schemes.models import Partner, Slice


def gap_reasons(
    slice_: Slice,
    month: int,
    *,
    state: State = State.PROVISIONAL,
    partner: Partner | None = None,
    ceiling: int | None = None,
) -> list[GapReason]:
    """Why lines have no actual in a month, as their returns' last submission says: two queries.

    Published are the reasons of the submission that was published; a return that was sent back
    after it has no others until it is submitted again. In the order of partners and lines.
    """
    there = {"monthly_return__slice": slice_, "monthly_return__month": month}
    if partner is not None:
        there["monthly_return__partner"] = partner
    if ceiling is not None:
        there["change__lte"] = ceiling
    said = list(
        GapReason.objects.filter(**there)
        .select_related("line", "monthly_return__partner")
        .order_by("monthly_return__partner__name", "line__code")
    )
    if not said:
        return []
    events = ReturnEvent.objects.filter(**there).order_by("change")
    last = _last_submissions(list(events), state)
    return [item for item in said if last.get(item.monthly_return_id) == item.change]


def lacking_lines(
    slice_: Slice, month: int, state: State, partners: Sequence[str], ceiling: int | None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of partners, by name, those that handed on a return without all that their position takes.

    Each with the lines that it lacks: its position's own, or where that is worked out the income
    and spend. Two queries.
    """
    entered: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for gap in gap_reasons(slice_, month, state=state, ceiling=ceiling):
        partner, line = gap.monthly_return.partner.name, gap.line
        if line.kind == Kind.POSITION:
            entered.setdefault(partner, []).append(line.name)
        elif line.kind in (Kind.INCOME, Kind.SPEND):
            parts.setdefault(partner, []).append(line.name)
    lacking = parts | entered
    return tuple((name, tuple(lacking[name])) for name in partners if name in lacking)


def _last_submissions(events: Sequence[ReturnEvent], state: State) -> Mapping[int, int]:
    """By return the change of the submission that counts, or of the step that undid it."""
    published = {event.monthly_return_id: event.published_change for event in events}
    last = {}
    for event in events:
        limit = published[event.monthly_return_id] if state == State.PUBLISHED else event.change
        undone = event.state in (ReturnState.SUBMITTED, ReturnState.DRAFT)
        if undone and limit is not None and event.change <= limit:
            last[event.monthly_return_id] = event.change
    return last
