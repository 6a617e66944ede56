"""Figures of a pool that were restated after shares which rest on them became binding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import F

from esbt.kit.words import in_a_list
from finance.models import OutturnRevision
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.rollups import State
from finance.pages import calendar_month
from finance.pool_shares import DatedRule
from schemes.models import Change, Pool, Slice

MOST = 3  # figures that are named


def restated_notes(
    slice_: Slice, pool: Pool, rules: Sequence[DatedRule], *, state: State
) -> list[str]:
    """What to say of each binding rule whose months were restated since: two queries at most."""
    binding = [(rule, rule.triggered_on) for rule in rules if rule.triggered_on]
    if not binding:
        return []
    pre = "published_" if state == State.PUBLISHED else ""
    heads = {
        "line__outturns__month": F("month"),
        f"line__outturns__{pre}revision": F("revision"),
    }
    revised = OutturnRevision.objects.filter(
        line__slice=slice_, line__pool=pool, revision__gt=1, **heads
    ).values_list("month", "line__name", "change")
    found = sorted(revised)
    changes = Change.objects.filter(slice=slice_, number__in={change for *_, change in found})
    days = {number: at.date() for number, at in changes.values_list("number", "at")}
    notes = []
    for rule, met in binding:
        last = AUDITED if rule.last == LAST_MONTH else rule.last
        since = [
            f"{name} at {calendar_month(slice_, min(month, LAST_MONTH))}"
            for month, name, change in found
            if rule.first - 1 <= month <= last and days[change] > met
        ]
        if since:
            notes.append(_words(rule.name, met, since))
    return notes


def _words(name: str, day: date, since: Sequence[str]) -> str:
    more = len(since) - MOST
    named = in_a_list([*since[:MOST], f"{more} more"] if more > 0 else list(since))
    return (
        f"Shares by the rule “{name}” became binding on {day.day} {day:%B %Y}, and figures "
        f"that they rest on were restated after it: {named}. The shares shown are those of the "
        "figures as they stand now."
    )
