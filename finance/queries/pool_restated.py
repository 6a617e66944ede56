"""Figures of a pool that were restated after shares which rest on them became binding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q

from esbt.kit.money import words
from esbt.kit.words import in_a_list
from finance.models import Line, OutturnRevision, ReturnEvent, ShareRule
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.months import calendar_month
from finance.pools.shares import DatedRule
from schemes.models import Change, Pool, RowVersion, Slice

MOST = 3  # figures that are named

# by the line's id and month, what stood from which change on: (change, pence to date)
_Stood = Mapping[tuple[int, int], Sequence[tuple[int, int | None]]]


def restated_since(
    slice_: Slice, pool: Pool, rules: Sequence[DatedRule], *, state: State, month: int | None
) -> dict[str, str]:
    """What to say of each binding rule, by its code, whose figures up to a month are others since:
    five queries, and one more for each such rule.

    Only spend within the share is looked at, and only its amounts: a comment restates nothing.
    Against what stood at the end of the trigger's day, or when the trigger was recorded where that
    was earlier; of what was stated later, against what was stated first.
    """
    binding = [(rule, rule.triggered_on) for rule in rules if rule.triggered_on]
    if not binding or month is None:
        return {}
    outside = Q(pool_line__ring_fenced=True) | Q(pool_line__capital=True)
    own = Line.objects.filter(slice=slice_, pool=pool, kind=Kind.POOL_SPEND).exclude(outside)
    lines = {line.pk: line for line in own}
    stood = _saved(lines)
    if state == State.PUBLISHED:
        stood = _published(slice_, lines, stood)
    recorded = _recorded(pool)
    notes = {}
    for rule, met in binding:
        last = min(AUDITED if rule.last == LAST_MONTH else rule.last, month)
        day = Change.objects.filter(slice=slice_, at__date__lte=met).order_by("-number")
        if rule.code in recorded:
            day = day.filter(at__lte=recorded[rule.code])
        ceiling = day.values_list("number", flat=True).first() or 0
        moved = []
        for (line, at), steps in stood.items():
            before = next(
                (pence for change, pence in reversed(steps) if change <= ceiling), steps[0][1]
            )
            now = steps[-1][1]
            if rule.first - 1 <= at <= last and before is not None and now != before:
                name = f"{lines[line].name} at {calendar_month(slice_, min(at, LAST_MONTH))}"
                moved.append((abs((now or 0) - before), name, before, now))
        if moved:
            moved.sort(key=lambda item: (-item[0], item[1]))
            notes[rule.code] = _words(rule.name, met, moved)
    return notes


def _recorded(pool: Pool) -> dict[str, datetime]:
    """By the codes of rules when the day of their trigger, as it stands, was recorded."""
    codes = dict(ShareRule.objects.filter(pool=pool).values_list("pk", "code"))
    found: dict[str, tuple[str | None, datetime]] = {}
    for row, at, values in (
        RowVersion.objects.filter(table="sharerule", row__in=codes)
        .order_by("pk")
        .values_list("row", "at", "values")
    ):
        day = values.get("triggered_on")
        if found.get(codes[row], (None, at))[0] != day:
            found[codes[row]] = (day, at)
    return {code: at for code, (day, at) in found.items() if day}


def _saved(lines: Mapping[int, Line]) -> _Stood:
    """What was saved of each line and month, the first first; steps without an amount at first,
    and those that leave it as it was, are none.
    """
    found: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
    for line, month, change, pence in (
        OutturnRevision.objects.filter(line__in=lines)
        .order_by("change")
        .values_list("line", "month", "change", "actual_pence")
    ):
        steps = found.setdefault((line, month), [])
        if pence != (steps[-1][1] if steps else None):
            steps.append((change, pence))
    return {key: steps for key, steps in found.items() if steps}


def _published(slice_: Slice, lines: Mapping[int, Line], saved: _Stood) -> _Stood:
    """Of what was saved, what was published, from the change that published it: one query."""
    events = (
        ReturnEvent.objects.filter(monthly_return__slice=slice_)
        .exclude(published_change=None)
        .order_by("change")
        .values_list(
            "change",
            "published_change",
            "monthly_return__month",
            "monthly_return__partner",
        )
    )
    found: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
    for change, published, month, partner in events:
        for pk, line in lines.items():
            steps, limit = saved.get((pk, month), ()), published or 0
            if line.partner_id != partner or not steps or steps[0][0] > limit:
                continue
            pence = next(pence for at, pence in reversed(steps) if at <= limit)
            found.setdefault((pk, month), []).append((change, pence))
    return found


def _words(name: str, day: date, moved: Sequence[tuple[int, str, int, int | None]]) -> str:
    said = [
        f"{what} from {words(before, 'gbp')} to {words(now, 'gbp')}"
        for _, what, before, now in moved[:MOST]
    ]
    if len(moved) > MOST:
        said.append(f"{len(moved) - MOST} more")
    return (
        f"Shares by the rule “{name}” became binding on {day.day} {day:%B %Y}, and figures "
        f"that they rest on were restated after it: {in_a_list(said)}. The shares shown are those "
        "of the figures as they stand now."
    )
