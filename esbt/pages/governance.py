"""What the pages of governance show: who decides what on a day, and a body with what it follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from esbt.kit.when import due_words, when_words
from esbt.kit.words import capital, number
from esbt.views.delivery import AsOf
from schemes.audit.history import history_of, names_of
from schemes.delivery.standing import Standing, moved_words, some_overdue
from schemes.governance.agenda import Owned, PlanCount, Task, next_meeting, owned_by
from schemes.governance.bodies import (
    BodyOn,
    Gap,
    bodies_on,
    chains_of,
    decisions_in,
    gaps_of,
    has_come,
    holds,
    made_by,
    open_sign_offs,
    signs,
    tree_of,
)
from schemes.models import (
    Action,
    Body,
    BodyMember,
    Decision,
    Meeting,
    Partner,
    SignOff,
    System,
)
from schemes.sources import evidence_row

SHOWN = 20  # decisions on the page of all bodies


def governance_context(system: System, as_of: AsOf) -> dict[str, Any]:
    """The bodies of a system as they stand on a day: five queries."""
    bodies = bodies_on(system, as_of.day)
    live = [item for item in bodies if item.live]
    undated = [item for item in bodies if not item.dated]
    meetings: dict[int, list[Meeting]] = {}
    for meeting in Meeting.objects.filter(body__system=system):
        meetings.setdefault(meeting.body_id, []).append(meeting)
    decisions = decisions_in(system, as_of.day)
    present = [*live, *undated]
    return {
        "sentence": _sentence(live, undated, as_of),
        "count": len(bodies),
        "tree": _tree(live, as_of),
        "undated": _tree(undated, as_of),
        "seats": [
            _way(item.body, as_of) | {"said": _seats(item)} for item in present if item.seats
        ],
        "partners": _partners(present, as_of),
        "rows": [
            row
            for item in present
            if (row := _remit(item.body, meetings.get(item.body.pk, ()), as_of))
        ],
        "chains": [[_step(item, as_of) for item in chain] for chain in chains_of(bodies)],
        "gaps": _gaps(bodies, as_of),
        "others": [_step(item, as_of) for item in bodies if item.gone],
        "sign_offs": [_sign_off(item, bodies, as_of) for item in open_sign_offs(system, as_of.day)],
        "decisions": [_decision(item) for item in decisions[:SHOWN]],
        "decision_count": len(decisions),
    }


def _sentence(live: Sequence[BodyOn], undated: Sequence[BodyOn], as_of: AsOf) -> str:
    who = "body decides or advises" if len(live) == 1 else "bodies decide or advise"
    said = f"{number(len(live)).capitalize()} {who} on {as_of.words}"
    if live:
        said += f" by {'its' if len(live) == 1 else 'their'} dates"
    if undated:
        more = " more" if live else ""
        said += f"; of {number(len(undated))}{more} no date is stated"
    empty = sum(not item.seats for item in [*live, *undated])
    return f"{said}. The members of {number(empty)} are not stated." if empty else f"{said}."


def _tree(bodies: Sequence[BodyOn], as_of: AsOf) -> list[dict[str, Any]]:
    """Some bodies as branches; what the first ones report to is none of them, and named."""
    return [
        _branch(item, as_of) | {"above": item.body.reports_to or ""} for item in tree_of(bodies)
    ]


def _partners(bodies: Sequence[BodyOn], as_of: AsOf) -> list[dict[str, Any]]:
    """Partners with a seat in some body, by name, each with the bodies."""
    found: dict[Partner, list[dict[str, Any]]] = {}
    for item in bodies:
        named = {seat.partner_id: seat.partner for seat in item.seats if seat.partner}
        for pk, partner in named.items():
            found.setdefault(partner, []).append(
                _way(item.body, as_of) | {"chair": item.partners[pk or 0]}
            )
    rows = [{"name": partner.name, "bodies": own} for partner, own in found.items()]
    return sorted(rows, key=lambda row: str(row["name"]).casefold())


def _seats(item: BodyOn) -> str:
    """The seats of a body in words, those of a partner together: "Moor: Chair, Chief Nurse"."""
    own: dict[str, list[str]] = {}
    for seat in item.seats:
        name = seat.partner.short_name if seat.partner else ""
        said = f"{seat.role} (chair)" if seat.role and seat.chair else seat.role
        own.setdefault(name, []).append(said or ("chair" if seat.chair else ""))
    return "; ".join(
        ": ".join(filter(None, [name, (", " if name else "; ").join(filter(None, roles))]))
        for name, roles in own.items()
    )


def _remit(body: Body, meetings: Sequence[Meeting], as_of: AsOf) -> dict[str, Any] | None:
    """What a body is for, and when it meets next; None where nothing of that is stated."""
    coming = on_words(next_meeting(meetings, as_of.day))
    if not (body.remit or body.receives or coming):
        return None
    return _way(body, as_of) | {"body": body, "next": coming}


def _way(body: Body, as_of: AsOf) -> dict[str, str]:
    href = reverse("body", args=[body.system.code, body.code])
    return {"name": body.name, "href": f"{href}?{as_of.query}" if as_of.query else href}


def _branch(item: BodyOn, as_of: AsOf) -> dict[str, Any]:
    return _way(item.body, as_of) | {
        "kind": item.body.get_kind_display() if item.body.kind else "",
        "seats": len(item.seats),
        "below": [_branch(below, as_of) for below in item.reporting],
    }


def _gaps(bodies: Sequence[BodyOn], as_of: AsOf) -> list[dict[str, Any]]:
    """What is missing, each with the bodies of which it is."""
    found: dict[Gap, list[dict[str, str]]] = {}
    for item, gap in gaps_of(bodies):
        found.setdefault(gap, []).append(_way(item.body, as_of))
    return [{"words": str(gap), "bodies": found[gap]} for gap in Gap if gap in found]


def _step(item: BodyOn, as_of: AsOf) -> dict[str, str]:
    return _way(item.body, as_of) | {"span": span_of(item.body)}


def span_of(row: Body | BodyMember) -> str:
    """When a body met or a seat was held, in words; "" where nothing of it is stated."""
    starts = f"from {when_words(row.starts)}" if row.starts else ""
    ends = f"to {when_words(row.ends)}" if row.ends else ""
    return " ".join(filter(None, [starts, ends]))


def on_or_in(when: str) -> str:
    """A date in a sentence: "on 16 April 2018", "in July 2018"."""
    return due_words(when).removeprefix("due ")


def on_words(item: Meeting | None) -> str:
    """The day of a meeting in words; "" without one."""
    return when_words(item.on) if item else ""


def _sign_off(item: SignOff, bodies: Sequence[BodyOn], as_of: AsOf) -> dict[str, Any]:
    own = next((found for found in bodies if signs(found.body, item)), None)
    return sign_off_row(item, as_of) | {"href": _way(own.body, as_of)["href"] if own else ""}


def sign_off_row(item: SignOff, as_of: AsOf) -> dict[str, Any]:
    """An approval that is outstanding on a day, in words; what came later is said to be so."""
    state = item.get_state_display().lower()
    if item.on and not has_come(item.on, as_of.day):
        state = f"{state} later, {on_or_in(item.on)}; since when it was asked for is not stated"
    return {"body": item.body, "what": str(item.agreement or item.plan), "state": state}


def _decision(item: Decision) -> dict[str, str]:
    return {
        "body": item.body.name,
        "body_href": reverse("body", args=[item.body.system.code, item.body.code]),
        **decision_row(item),
    }


def decision_row(item: Decision) -> dict[str, str]:
    """A decision in words."""
    return {
        "code": item.code,
        "words": item.words,
        "on": when_words(item.on) if item.on else "",
        "meeting": str(item.meeting.name or when_words(item.meeting.on)) if item.meeting else "",
        "minute": item.minute,
    }


def body_context(body: Body, as_of: AsOf) -> dict[str, Any]:
    """A body with its seats, meetings and decisions, and what it follows."""
    seats = list(body.members.select_related("partner"))
    decisions = list(body.decisions.select_related("meeting"))
    made = made_by(decisions, as_of.day)
    owned = owned_by(body, as_of.day)
    sign_offs = [item for item in open_sign_offs(body.system, as_of.day) if signs(body, item)]
    return {
        "body": body,
        "span": span_of(body),
        "above": _way(body.reports_to, as_of) if body.reports_to else None,
        "below": [_way(item, as_of) for item in body.reporting.select_related("system")],
        "before": _way(body.took_over, as_of) if body.took_over else None,
        "after": [_way(item, as_of) for item in body.succeeded_by.select_related("system")],
        "seats": [_seat(item, as_of) for item in seats],
        "meetings": [
            {"meeting": item, "on": when_words(item.on), "name": item.name}
            for item in body.meetings.all()
        ],
        "decisions": [decision_row(item) for item in made],
        "later": len(decisions) - len(made),
        "sign_offs": [sign_off_row(item, as_of) for item in sign_offs],
        "evidence": evidence_row(body.evidence),
        "steps": history_of(body, names_of(body.system) | _bodies(body.system)),
        **_owned(body, owned, as_of),
    }


def _bodies(system: System) -> dict[str, dict[int, str]]:
    """What ids of bodies in versions are called."""
    names = dict(Body.objects.filter(system=system).values_list("pk", "name"))
    return {"reports_to_id": names, "took_over_id": names}


def _seat(item: BodyMember, as_of: AsOf) -> dict[str, Any]:
    return {
        "seat": item,
        "partner": item.partner.name if item.partner else "",
        "span": span_of(item),
        "now": holds(item, as_of.day),
    }


def _owned(body: Body, owned: Owned, as_of: AsOf) -> dict[str, Any]:
    here = body.system.code
    return {
        "plans": [
            {"name": item.name, "href": reverse("action-plan", args=[here, item.code])}
            for item in owned.plans
        ],
        "workstreams": [
            {"name": item.name, "href": reverse("workstream", args=[here, item.code])}
            for item in owned.workstreams
        ],
        "tasks": [task_row(here, task) for task in owned.tasks],
        "elsewhere": elsewhere_rows(here, owned.counts, as_of),
    }


def task_row(system: str, task: Task) -> dict[str, Any]:
    """An action or milestone with by when it is due, and where it stands."""
    what, later = task.what, ""
    if isinstance(what, Action):
        href = reverse("action", args=[system, what.area.plan.code, what.code])
    else:
        href = reverse("milestone", args=[system, what.code])
        if task.standing == Standing.UNDATED and what.done:
            later = when_words(what.done)
    return {
        "name": str(what),
        "href": href,
        "kind": "Action" if task.is_action else "Milestone",
        "owner": what.owner_role,
        "due": when_words(what.due) if what.due else "",
        "standing": task.standing,
        "later": later,
        "moved": moved_words(task.slips),
    }


def elsewhere_rows(system: str, counts: Sequence[PlanCount], as_of: AsOf) -> list[dict[str, Any]]:
    """The overdue actions of each plan of a body: how many in all and here, and the others.

    Those that are reported to other bodies stand by body: "One more is reported to …".
    """
    rows = []
    for count in counts:
        if not count.overdue:
            continue
        what = f"live action{'s' if count.live > 1 else ''} of {count.plan}"
        said = some_overdue(count.overdue, count.live, what, as_of.day)
        bodies = []
        for body, own in count.elsewhere.items():
            are = "is" if len(own) == 1 else "are"
            words = f"{capital(number(len(own)))} {are} reported to {body}"
            ways = [task_row(system, Task(action, Standing.OVERDUE)) for action in own]
            bodies.append({"words": words, "ways": ways})
        here = "all of them here" if not bodies else _reported_here(count.here)
        rows.append({"words": f"{said}, {here}.", "bodies": bodies})
    return rows


def _reported_here(count: int) -> str:
    if not count:
        return "none of which is reported here"
    return f"{number(count)} of which {'is' if count == 1 else 'are'} reported here"
