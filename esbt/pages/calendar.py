"""Everything that is due, across all registers: one list of days for pages, API and feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from esbt.kit.tables import Column
from esbt.kit.when import due_words, last_day
from finance.models import UrgentAction
from finance.models.base import AUDITED, FIRST_MONTH
from finance.months import month_words
from finance.queries.timetable import timetables
from outcomes.models import Metric
from schemes.delivery.actions import action_standing, actions_on, owners_of
from schemes.delivery.milestones import milestone_standing
from schemes.delivery.standing import Standing, standing_of, stood_on
from schemes.delivery.wishes import Wish, owned_by
from schemes.models import (
    Action,
    ConditionStep,
    Dependency,
    Evaluation,
    Meeting,
    Milestone,
    Partner,
    RegisterRow,
    Risk,
    RiskStatus,
    Slice,
    System,
)
from schemes.package.rows import KINDS

OPEN = (Standing.OVERDUE, Standing.DUE)
_REGISTERS = {kind.code: kind.name for kind in KINDS}


class Kind(models.TextChoices):
    """What is due."""

    RETURN = "return", "Monthly return"
    ACTION = "action", "Action"
    MILESTONE = "milestone", "Milestone"
    MEETING = "meeting", "Meeting"
    STEP = "step", "Step towards a condition"
    RISK = "risk", "Review of a risk"
    METRIC = "metric", "Review of a metric"
    URGENT = "urgent", "Urgent action of a reduction plan"
    DEPENDENCY = "dependency", "What a scheme needs"
    EVALUATION = "evaluation", "Review after an evaluation"
    REGISTER = "register", "Entry of a register"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due, or a meeting, at a date as precise as it is known."""

    kind: Kind
    key: str  # of its own among those of its kind
    name: str
    when: str
    standing: Standing | None = None  # None of what is only a date: a meeting, a deadline
    href: str = ""
    owner_role: str = ""
    owners: Sequence[Partner] = ()  # the first one first
    body: str = ""  # code of the body
    body_name: str = ""

    @property
    def on(self) -> date:
        """The day it stands under: the last on which it would be in time."""
        return last_day(self.when)

    @property
    def words(self) -> str:
        """Its date as exactly as it is known: "due in July 2018"."""
        said = due_words(self.when)
        return said.removeprefix("due ") if self.kind == Kind.MEETING else said

    @property
    def exact(self) -> bool:
        """Whether the day itself is known."""
        return self.words.removeprefix("due ").startswith("on ")

    @property
    def who(self) -> str:
        """Who sees to it, in words; "" where that is not stated."""
        return owned_by(self.owner_role, self.owners)


def calendar_of(system: System, slices: Sequence[Slice], as_of: date | None = None) -> list[Due]:
    """Everything of a system with a date, in the order of days: twelve queries.

    ``slices`` are its years, the latest first; ``as_of`` is the day by which things are overdue,
    today where it is left out.
    """
    day = as_of or timezone.localdate()
    year = slices[0].year_id if slices else ""
    found = [
        *_returns(system, slices),
        *_actions(system, day),
        *_milestones(system, day),
        *_meetings(system),
        *_steps(system, day),
        *_risks(system, year, day),
        *_metrics(system, day),
        *_urgent(system, day),
        *_of_schemes(system, year, day),
        *_registers(system, day),
    ]
    return sorted(found, key=lambda due: (due.on, due.kind))  # within these as their pages do


def _returns(system: System, slices: Sequence[Slice]) -> Iterator[Due]:
    tables = timetables(slices)
    for slice_ in slices:
        for month in range(FIRST_MONTH, AUDITED + 1):
            dates = tables[slice_.pk].of(month)
            if dates is None:
                continue
            for name, day in (
                ("submitted", dates.submit),
                ("approved", dates.approve),
                ("closed", dates.close),
            ):
                yield Due(
                    Kind.RETURN,
                    f"{slice_.year_id}-{month}-{name}",
                    f"Returns of {slice_.year}, {month_words(month)}, {name}",
                    day.isoformat(),
                    href=reverse("returns", args=[system.code, slice_.year_id]),
                )


def _actions(system: System, day: date) -> Iterator[Due]:
    found = Action.objects.filter(area__plan__system=system).select_related("owner", "body")
    in_order = ("area__plan__code", "area__position", "area__code", "position", "code")
    actions = [stood.row for stood in actions_on(found.order_by(*in_order), day)]
    owners = owners_of(actions)
    for action in actions:
        if not action.due:
            continue
        plan = action.area.plan.code
        yield Due(
            Kind.ACTION,
            f"{plan}-{action.code}",
            str(action),
            action.due,
            action_standing(action, day),
            reverse("action", args=[system.code, plan, action.code]),
            **_whose(action) | {"owners": owners[action.pk]},
        )


def _milestones(system: System, day: date) -> Iterator[Due]:
    found = Milestone.objects.filter(system=system).select_related("body")
    for milestone in (stood.row for stood in stood_on(found, day)):
        if not milestone.due:
            continue
        yield Due(
            Kind.MILESTONE,
            milestone.code,
            milestone.name,
            milestone.due,
            milestone_standing(milestone, day),
            reverse("milestone", args=[system.code, milestone.code]),
            **_whose(milestone),
        )


def _meetings(system: System) -> Iterator[Due]:
    for meeting in (
        Meeting.objects.filter(body__system=system).exclude(on="").select_related("body")
    ):
        name = f"{meeting.body}: {meeting.name}" if meeting.name else str(meeting.body)
        key = f"{meeting.body.code}-{meeting.code}"
        href = f"{reverse('body', args=[system.code, meeting.body.code])}#meetings"
        yield Due(Kind.MEETING, key, name, meeting.on, None, href, **_whose(meeting))


def _steps(system: System, day: date) -> Iterator[Due]:
    found = ConditionStep.objects.filter(condition__plan__system=system).exclude(due="")
    for step in found.select_related("condition__plan"):
        condition, plan = step.condition, step.condition.plan
        tab = reverse("fund-plan-tab", args=[system.code, plan.code, "conditions"])
        yield Due(
            Kind.STEP,
            f"{plan.code}-{condition.code}-{step.code}",
            f"{step.name} ({condition}, {plan})",
            step.due,
            standing_of(step.due, day, done=step.done),
            f"{tab}#condition-{condition.code}",
        )


def _risks(system: System, year: str, day: date) -> Iterator[Due]:
    found = Risk.objects.filter(system=system, status=RiskStatus.OPEN).exclude(review="")
    for risk in found.select_related("owner"):
        yield Due(
            Kind.RISK,
            risk.code,
            risk.name,
            risk.review,
            standing_of(risk.review, day),
            reverse("risk", args=[system.code, year, risk.code]) if year else "",
            **_whose(risk),
        )


def _metrics(system: System, day: date) -> Iterator[Due]:
    for metric in Metric.objects.filter(system=system).exclude(review=""):
        href = reverse("metric", args=[system.code, metric.code])
        standing = standing_of(metric.review, day)
        yield Due(Kind.METRIC, metric.code, metric.name, metric.review, standing, href)


def _urgent(system: System, day: date) -> Iterator[Due]:
    found = UrgentAction.objects.filter(line__slice__system=system)
    opened = found.select_related("line__slice", "line__partner")
    for action in (stood.row for stood in stood_on(opened, day)):
        line = action.line
        yield Due(
            Kind.URGENT,
            f"{line.slice.year_id}-{line.code}-{action.code}",
            f"{action.words[:200]} ({line.name})",
            action.due,
            standing_of(action.due, day, done=action.done),
            reverse("reduction-plan", args=[system.code, line.slice.year_id, line.code]),
            owner_role=action.owner_role,
            owners=[line.partner],
        )


def _of_schemes(system: System, year: str, day: date) -> Iterator[Due]:
    def href(code: str) -> str:
        return reverse("scheme-tab", args=[system.code, year, code, "delivery"]) if year else ""

    needs = Dependency.objects.filter(scheme__system=system).exclude(due="").exclude(met=True)
    for need in needs.select_related("scheme", "partner"):
        yield Due(
            Kind.DEPENDENCY,
            f"{need.scheme.code}-{need.code}",
            f"{need.needs[:200]} ({need.scheme})",
            need.due,
            standing_of(need.due, day),
            href(need.scheme.code),
            owners=[need.partner] if need.partner else (),
        )
    reviews = Evaluation.objects.filter(scheme__system=system).exclude(next_review="")
    for item in reviews.select_related("scheme"):
        yield Due(
            Kind.EVALUATION,
            f"{item.scheme.code}-{item.code}",
            str(item.scheme),
            item.next_review,
            standing_of(item.next_review, day),
            href(item.scheme.code),
        )


def _registers(system: System, day: date) -> Iterator[Due]:
    for row in RegisterRow.objects.filter(system=system, values__due__gt=""):
        when = row.values["due"]
        yield Due(
            Kind.REGISTER,
            f"{row.register}-{row.code}",
            f"{row.name} ({_REGISTERS[row.register]})",
            when,
            standing_of(when, day),
            reverse("register-row", args=[system.code, row.register, row.code]),
            owner_role=row.values.get("owner_role") or "",  # no key, or null where not stated
        )


def _whose(row: Any) -> dict[str, Any]:
    """Who sees to a row, and the body that hears of it, as far as its table says."""
    owner, body = getattr(row, "owner", None), getattr(row, "body", None)
    return {
        "owner_role": getattr(row, "owner_role", ""),
        "owners": [owner] if owner else (),
        "body": body.code if body else "",
        "body_name": body.name if body else "",
    }


@dataclass(frozen=True, slots=True)
class CalendarWish(Wish):
    """What the address asks for of the calendar."""

    kind: str = ""
    owner: str = ""
    body: str = ""
    status: str = ""

    def takes(self, due: Due) -> bool:
        """Whether something is what was asked for."""
        return self.matches(
            f"{due.name} {due.owner_role}",
            kind=str(due.kind),
            owner=[owner.code for owner in due.owners],
            body=due.body,
            status=str(due.standing or ""),
        )


def choices(found: Iterable[Due]) -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to, as value and label: only what something has."""
    kinds, bodies, standings = set(), {}, set()
    owners: dict[str, str] = {}
    for due in found:
        kinds.add(due.kind)
        owners |= {owner.code: owner.short_name for owner in due.owners}
        bodies[due.body] = due.body_name
        standings.add(due.standing)
    return {
        "kind": [(str(kind), str(kind.label)) for kind in Kind if kind in kinds],
        "owner": sorted(owners.items()),
        "body": sorted(pair for pair in bodies.items() if pair[0]),
        "status": [(str(item), str(item.label)) for item in Standing if item in standings],
    }


def between(found: Iterable[Due], first: date | None, last: date | None) -> list[Due]:
    """What stands between two days, both included; None is open."""
    return [
        due
        for due in found
        if (first is None or due.on >= first) and (last is None or due.on <= last)
    ]


CALENDAR_COLUMNS: Sequence[Column] = (
    Column("kind", "string", "what is due: return, action, milestone, meeting and so on"),
    Column("key", "string", "of its own among those of its kind"),
    Column("name", "string", "what it is"),
    Column("when", "string", "as precise as it is known: 2018-07"),
    Column("on", "date", "the last day that this can mean"),
    Column("words", "string", "the same in words: due in July 2018"),
    Column("standing", "string", "overdue, due, done or stopped; empty of deadlines and meetings"),
    Column("owner_role", "string", "role that sees to it"),
    Column("owner", "string", "code of the partner that does, the first where several do"),
    Column("body", "string", "code of the body that hears of it"),
    Column("href", "string", "address of its page on this site"),
    Column("owners", "string", "codes of all partners that do, the first one first"),
)


def due_record(due: Due) -> dict[str, Any]:
    """A row of the download and of the API."""
    return {
        "kind": str(due.kind),
        "key": due.key,
        "name": due.name,
        "when": due.when,
        "on": due.on,
        "words": due.words,
        "standing": str(due.standing) if due.standing else None,
        "owner_role": due.owner_role,
        "owner": due.owners[0].code if due.owners else None,
        "body": due.body or None,
        "href": due.href,
        "owners": [owner.code for owner in due.owners],
    }
