"""Actions as of a date: what is overdue, what waits for something later, what nothing assures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from esbt.kit.tables import Column
from esbt.kit.when import due_words, first_day, last_day, when_words
from esbt.kit.words import in_a_list, number
from schemes.delivery.standing import (
    Slip,
    Standing,
    Stood,
    comes_later,
    counted_words,
    days_over,
    over_words,
    some_overdue,
    standing_of,
    stood_on,
)
from schemes.delivery.wishes import NONE, Wish, code_of, named, owned_by
from schemes.models import Action, ActionLink, ActionPlan, Assurance, Partner, System

FLAGS = {"blocked": "Waits for something later", "unassured": "Without assurance"}
OPEN = (Standing.OVERDUE, Standing.DUE, Standing.ONGOING, Standing.UNDATED)
NOT_LIVE = (Standing.POINTER, Standing.STOPPED)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action as it stood on a day."""

    action: Action
    slips: Sequence[Slip]  # the moves of its due date by then
    owners: Sequence[Partner]  # the first one first
    standing: Standing
    days_over: int | None
    needs: Sequence[Action]  # it cannot be done before these
    see: Sequence[Action]
    blocked_by: Sequence[Action]  # those of its needs that come later than it is due, or never
    left_open: Sequence[Action]  # those of its needs that were open when it was done already
    later: Sequence[Action]  # those that it refers to and that are due after it
    assured: bool  # a statement assures it or its area

    @property
    def live(self) -> bool:
        """Whether it is an action in its own right that was not stopped."""
        return self.standing not in NOT_LIVE

    @property
    def unassured(self) -> bool:
        """Whether it is live and nothing is stated that would show that it worked."""
        return self.live and not self.assured

    @property
    def owned_by(self) -> str:
        """Who owns it, in words; "" where that is not stated."""
        return owned_by(self.action.owner_role, self.owners)

    @property
    def over(self) -> str:
        """For how long it is overdue, in words; "" where it is not."""
        return over_words(self.days_over)

    @property
    def due(self) -> str:
        """By when, in words; "" where it is not stated."""
        return due_of(self.action)

    @property
    def due_words(self) -> str:
        """The same in a sentence: "due in July 2018"."""
        return due_words(self.action.due) if self.action.due else ""


def due_of(action: Action) -> str:
    """By when an action is due, in words; "" where it is not stated."""
    return "ongoing" if action.ongoing else when_words(action.due) if action.due else ""


def action_standing(action: Action, as_of: date) -> Standing:
    """Where an action stands as of a date; one that is ongoing or a pointer is never overdue."""
    if action.pointer:
        return Standing.POINTER
    found = standing_of(action.due, as_of, status=action.status, done=action.done_on)
    return Standing.ONGOING if action.ongoing and found == Standing.UNDATED else found


def stands_later(plan: ActionPlan, as_of: date) -> bool:
    """Whether a plan was agreed after a day, or where that is not stated is dated after it.

    One of which neither is stated stood on every day.
    """
    since = plan.agreed or plan.dated
    return bool(since) and first_day(since) > as_of


def actions_on(found: QuerySet[Action], day: date) -> list[Stood[Action]]:
    """Actions as they stood on a day, without those of plans that came later: one query."""
    return [
        stood
        for stood in stood_on(found.select_related("area__plan"), day, Action.REPORTED)
        if not stands_later(stood.row.area.plan, day)
    ]


def owners_of(actions: Iterable[Action]) -> dict[int, list[Partner]]:
    """The partners that own actions, by their ids, each with its first one first: one query."""
    found = list(actions)
    codes = {code for action in found for code in action.co_owners}
    partners = {partner.code: partner for partner in Partner.objects.filter(code__in=codes)}
    return {
        action.pk: [
            *([action.owner] if action.owner else ()),
            *(partners[code] for code in action.co_owners if code in partners),
        ]
        for action in found
    }


def action_rows(system: System, as_of: date) -> list[ActionRow]:
    """Every action of the plans that a system had by a day, in their order: four queries."""
    found = (
        Action.objects.filter(area__plan__system=system)
        .select_related("owner", "body")
        .order_by("area__plan__code", "area__position", "area__code", "position", "code")
    )
    actions = actions_on(found, as_of)
    by_id = {stood.row.pk: stood.row for stood in actions}
    links: dict[tuple[int, str], list[Action]] = {}
    for one, other, kind in ActionLink.objects.filter(action__in=by_id).values_list(
        "action", "other", "kind"
    ):
        if other in by_id:
            links.setdefault((one, kind), []).append(by_id[other])
    assured = set(Assurance.objects.filter(area__plan__system=system).values_list("area", "action"))
    owners = owners_of(by_id.values())
    return [
        row_of(
            stood,
            as_of,
            owners=owners[stood.row.pk],
            needs=links.get((stood.row.pk, ActionLink.Kind.NEEDS), ()),
            see=links.get((stood.row.pk, ActionLink.Kind.SEE), ()),
            assured=bool({(stood.row.area_id, None), (stood.row.area_id, stood.row.pk)} & assured),
        )
        for stood in actions
    ]


def row_of(
    stood: Stood[Action],
    as_of: date,
    *,
    owners: Sequence[Partner],
    needs: Sequence[Action],
    see: Sequence[Action],
    assured: bool,
) -> ActionRow:
    """An action with what its links make of it."""
    action = stood.row
    standing = action_standing(action, as_of)
    open_ = standing in (Standing.OVERDUE, Standing.DUE, Standing.UNDATED)
    return ActionRow(
        action=action,
        slips=stood.slips,
        owners=owners,
        standing=standing,
        days_over=days_over(action.due, standing, as_of),
        needs=needs,
        see=see,
        blocked_by=[other for other in needs if _comes_later(action, other, as_of)]
        if open_
        else [],
        left_open=[
            other
            for other in needs
            if standing == Standing.DONE and action_standing(other, as_of) in OPEN
        ],
        later=[other for other in see if comes_later(action.due, other.due, Standing.DUE)]
        if open_
        else [],
        assured=assured,
    )


def _comes_later(action: Action, other: Action, as_of: date) -> bool:
    """Whether what an action needs first is due after it, or never will be."""
    return comes_later(action.due, other.due, action_standing(other, as_of))


@dataclass(frozen=True, slots=True)
class ActionWish(Wish):
    """What the address asks for of a plan's actions."""

    area: str = ""
    owner: str = ""
    body: str = ""
    status: str = ""  # a Standing
    flag: str = ""  # a key of FLAGS

    def takes(self, row: ActionRow) -> bool:
        """Whether an action is what was asked for."""
        action = row.action
        flagged = {"": True, "blocked": bool(row.blocked_by), "unassured": row.unassured}
        return flagged.get(self.flag, False) and self.matches(
            f"{action.number} {action.name} {action.detail} {action.outcomes} {action.area.name} "
            f"{action.owner_role} {' '.join(owner.name for owner in row.owners)}",
            area=action.area.code,
            owner=[code_of(owner) for owner in row.owners or (None,)],
            body=code_of(action.body),
            status=str(row.standing),
        )


def choices(rows: Sequence[ActionRow]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what some action has."""
    standings = {row.standing for row in rows}
    return {
        "area": list({row.action.area.code: str(row.action.area) for row in rows}.items()),
        "owner": named(owner for row in rows for owner in row.owners or (None,)),
        "body": named(row.action.body for row in rows),
        "status": [(str(item), str(item.label)) for item in Standing if item in standings],
        "flag": list(FLAGS.items()),
    }


@dataclass(frozen=True, slots=True)
class Counts:
    """How many actions stand where. ``live`` are those of their own that were not stopped."""

    count: int
    live: int
    overdue: int
    due: int
    ongoing: int
    done: int
    undated: int
    stopped: int
    blocked: int
    without_assurance: int


def counts_of(rows: Iterable[ActionRow]) -> Counts:
    """Count actions by where they stand."""
    found = list(rows)
    counted = Counter(row.standing for row in found)
    return Counts(
        count=len(found),
        live=sum(row.live for row in found),
        overdue=counted[Standing.OVERDUE],
        due=counted[Standing.DUE],
        ongoing=counted[Standing.ONGOING],
        done=counted[Standing.DONE],
        undated=counted[Standing.UNDATED],
        stopped=counted[Standing.STOPPED],
        blocked=sum(bool(row.blocked_by) for row in found),
        without_assurance=sum(row.unassured for row in found),
    )


def sentence(counts: Counts, as_of: date) -> str:
    """How the actions stand, in a sentence."""
    if not counts.live:
        return f"No action is live as of {as_of.day} {as_of:%B %Y}."
    what = "live action" if counts.live == 1 else "live actions"
    parts = [f"{counted_words(counts.due)} due later", f"{counted_words(counts.done)} done"]
    if counts.ongoing:
        parts.append(f"{number(counts.ongoing)} ongoing")
    if counts.undated:
        parts.append(f"{number(counts.undated)} without a date")
    said = f"{some_overdue(counts.overdue, counts.live, what, as_of)}; {in_a_list(parts)}"
    return f"{said}; {number(counts.stopped)} stopped." if counts.stopped else f"{said}."


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of an owner or body; the code is NONE where that is not stated."""

    code: str
    label: str
    counts: Counts


def tally(rows: Iterable[ActionRow], name: str) -> list[Line]:
    """Counts by ``owner`` or ``body``: most overdue first, what names none last.

    An owner is a partner here; a body or a role may own an action all the same. An action of
    several owners counts for each of them.
    """
    without = {"owner": "No partner named", "body": "Not stated"}[name]
    found: dict[tuple[str, str], list[ActionRow]] = {}
    for row in rows:
        for of in (row.owners or (None,)) if name == "owner" else (row.action.body,):
            found.setdefault((code_of(of), str(of or without)), []).append(row)
    lines = [Line(code, label, counts_of(own)) for (code, label), own in found.items()]
    return sorted(lines, key=lambda line: (line.code == NONE, -line.counts.overdue, line.label))


def after_support(plan: ActionPlan, rows: Iterable[ActionRow]) -> int | None:
    """How many open actions are due after support for the plan ends; None: no end is stated."""
    if not plan.support_ends:
        return None
    ends = last_day(plan.support_ends)
    waiting = (Standing.OVERDUE, Standing.DUE)
    return sum(row.standing in waiting and last_day(row.action.due) > ends for row in rows)


ACTION_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the action plan"),
    Column("area", "string", "code of the area"),
    Column("area_name", "string", "its name"),
    Column("code", "string", "code of the action"),
    Column("number", "string", "as printed"),
    Column("name", "string", "what is to be done"),
    Column("owner_role", "string", "role that owns it; empty is not stated"),
    Column("owner", "string", "code of the partner that owns it, the first where several do"),
    Column("body", "string", "code of the body that it is reported to"),
    Column("due", "string", "as precise as it is known: 2018-07; empty: none, or ongoing"),
    Column("last_day", "date", "the last day on which it is in time"),
    Column("ongoing", "boolean", "it has no end"),
    Column("pointer", "boolean", "it only points to other actions"),
    Column("standing", "string", "overdue, due, ongoing, done, undated, stopped or pointer"),
    Column("days_overdue", "integer", "days since its last day; empty: not overdue"),
    Column("status", "string", "as reported: not-started, in-progress, done, stopped, or empty"),
    Column("done_on", "string", "when it was done or stopped, as precisely as it is known"),
    Column("needs", "string", "codes of actions that come first, separated by semicolons"),
    Column("see", "string", "codes of actions that it refers to"),
    Column("blocked_by", "string", "codes of what it needs first and is due later, or stopped"),
    Column("has_assurance", "boolean", "a statement assures it or its area"),
    Column("owners", "string", "codes of all partners that own it, the first one first"),
    Column("stopped_because", "string", "why it was stopped; empty: not stopped, or not stated"),
)


def action_record(row: ActionRow) -> dict[str, Any]:
    """A row of the download and of the API; lists of codes are lists."""
    action = row.action
    return {
        "plan": action.area.plan.code,
        "area": action.area.code,
        "area_name": action.area.name,
        "code": action.code,
        "number": action.number,
        "name": action.name,
        "owner_role": action.owner_role,
        "owner": action.owner.code if action.owner else None,
        "body": action.body.code if action.body else None,
        "due": action.due,
        "last_day": last_day(action.due) if action.due else None,
        "ongoing": action.ongoing,
        "pointer": action.pointer,
        "standing": str(row.standing),
        "days_overdue": row.days_over,
        "status": action.status,
        "done_on": action.done_on,
        "needs": [other.code for other in row.needs],
        "see": [other.code for other in row.see],
        "blocked_by": [other.code for other in row.blocked_by],
        "has_assurance": row.assured,
        "owners": [owner.code for owner in row.owners],
        "stopped_because": action.stopped_because,
    }
