"""API of what is to be delivered: actions, milestones, workstreams and the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from esbt.kit.problems import Fault, Refused
from esbt.pages.assured import statements_of
from esbt.pages.calendar import CalendarWish, between, due_record
from esbt.views.calendar import everything
from schemes.delivery import actions, milestones
from schemes.delivery.standing import Slip
from schemes.models import ActionLink
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["delivery"])

AsOf = Annotated[date | None, Query(description="The day by which things are due; left out: today")]
When = Annotated[str, Field(description="As precise as it is known, such as 2018-07; empty: none")]
LastDay = Annotated[
    date | None, Field(description="The last day on which it is in time; null: no date")
]
DaysOverdue = Annotated[int | None, Field(description="Days since then; null: not overdue")]


class ActionOut(Schema):
    """``standing`` is overdue, due, ongoing, done, undated, stopped or pointer."""

    plan: str
    area: str
    area_name: str
    code: str
    number: str
    name: str
    owner_role: str
    owner: str | None
    body: str | None
    due: When
    last_day: LastDay
    ongoing: bool
    pointer: bool
    standing: str
    days_overdue: DaysOverdue
    status: str
    done_on: When
    needs: list[str]
    see: list[str]
    blocked_by: list[str]
    has_assurance: bool
    owners: Annotated[list[str], Field(description="All that own it, the owner first")]
    stopped_because: str


class ActionsOut(Schema):
    """``count`` is of the rows; ``live`` leaves out pointers and what was stopped."""

    system: str
    as_of: date
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
    rows: list[ActionOut]


class NoteOut(Schema):
    at: datetime
    by: str | None
    text: str


class SlipOut(Schema):
    """``days`` is null unless both dates are days; ``by`` says as much as they tell."""

    at: datetime
    before: When
    after: When
    days: int | None
    by: str
    why: str


class StatementOut(Schema):
    """``state`` is met, not-met, no-target, no-value or unsaid; figures are text in its unit."""

    code: str
    words: str
    state: str
    metric: str | None
    value: str
    period: str
    target: str
    shown_by: str
    apart: Annotated[str, Field(description="Where a person says another thing than the figures")]


class ActionDetailOut(ActionOut):
    system: str
    as_of: date
    detail: str
    outcomes: str
    shown_by: str
    note: str
    needed_by: list[str]
    seen_from: list[str]
    assurances: list[StatementOut]
    notes: list[NoteOut]
    slips: list[SlipOut]


class MilestoneOut(Schema):
    """``standing`` is overdue, due, done, undated or stopped; earlier dates the first one first."""

    code: str
    name: str
    workstream: str | None
    project: str | None
    owner_role: str
    body: str | None
    due: When
    last_day: LastDay
    standing: str
    days_overdue: DaysOverdue
    status: str
    done: When
    earlier_dates: list[str]
    needs: list[str]
    blocked_by: list[str]


class MilestonesOut(Schema):
    system: str
    as_of: date
    count: int
    overdue: int
    rows: list[MilestoneOut]


class ProjectOut(Schema):
    code: str
    name: str
    about: str
    status: str
    starts: When
    ends: When
    note: str


class WorkstreamOut(Schema):
    code: str
    name: str
    programme: str
    about: str
    lead_role: str
    lead: str | None
    body: str | None
    note: str
    milestones: int
    overdue: int
    next: Annotated[str | None, Field(description="Code of the milestone that comes next")]
    projects: list[ProjectOut]


class WorkstreamsOut(Schema):
    system: str
    as_of: date
    rows: list[WorkstreamOut]


class DueOut(Schema):
    """``on`` is the last day that ``when`` can mean; ``standing`` is null of plain dates."""

    kind: str
    key: str
    name: str
    when: str
    on: date
    words: str
    standing: str | None
    owner_role: str
    owner: str | None
    body: str | None
    href: str
    owners: list[str]


class CalendarOut(Schema):
    system: str
    count: int
    rows: list[DueOut]


def _filter(words: str) -> Any:
    return Query(description=f"{words}; left out: all")


@router.get(
    "/systems/{system}/actions",
    response=ActionsOut,
    summary="Actions of its plans, and which are overdue as of a day",
)
def list_actions(
    request: PersonRequest,
    system: str,
    as_of: AsOf = None,
    plan: Annotated[str, _filter("Code of a plan")] = "",
    area: Annotated[str, _filter("Code of an area")] = "",
    owner: Annotated[str, _filter("Code of a partner, alone or with others, or none")] = "",
    body: Annotated[str, _filter("Code of a body, or none")] = "",
    status: Annotated[str, _filter("Where they stand")] = "",
) -> dict[str, Any]:
    """Due dates keep their precision: July 2018 is overdue from 1 August."""
    found = visible_system(request.user, system)
    day = as_of or timezone.localdate()
    wish = actions.ActionWish(area=area, owner=owner, body=body, status=status)
    rows = [
        row
        for row in actions.action_rows(found, day)
        if wish.takes(row) and plan in ("", row.action.area.plan.code)
    ]
    records = [actions.action_record(row) for row in rows]
    return {"system": system, "as_of": day, "rows": records} | asdict(actions.counts_of(rows))


@router.get(
    "/systems/{system}/actions/{code}",
    response=ActionDetailOut,
    summary="An action with its links, assurance, notes and earlier dates",
)
def get_action(
    request: PersonRequest, system: str, code: str, as_of: AsOf = None, plan: str = ""
) -> dict[str, Any]:
    """Where several plans have an action of that code, ``plan`` names the one that is meant."""
    found = visible_system(request.user, system)
    day = as_of or timezone.localdate()
    rows = actions.action_rows(found, day)
    own = [
        row for row in rows if row.action.code == code and plan in ("", row.action.area.plan.code)
    ]
    if not own:
        raise Http404
    if len(own) > 1:
        plans = ", ".join(row.action.area.plan.code for row in own)
        raise Refused([Fault(f"Several plans have this action. Name one of {plans}.", "plan")])
    return _detail(own[0], day)


def _detail(row: actions.ActionRow, day: date) -> dict[str, Any]:
    action = row.action
    system = action.area.plan.system
    linked: dict[str, list[str]] = {str(kind): [] for kind in ActionLink.Kind}
    for kind, other in action.linked_from.values_list("kind", "action__code"):
        linked[kind].append(other)
    return actions.action_record(row) | {
        "system": system.code,
        "as_of": day,
        "needed_by": linked[ActionLink.Kind.NEEDS],
        "seen_from": linked[ActionLink.Kind.SEE],
        "assurances": [
            {
                "code": item.assurance.code,
                "words": item.assurance.words,
                "state": str(item.state),
                "metric": item.assurance.metric or None,
                "value": item.measured.value if item.measured else "",
                "period": item.measured.period if item.measured else "",
                "target": item.measured.target if item.measured else "",
                "shown_by": item.shown_by,
                "apart": item.apart,
            }
            for item in statements_of(system, day, area=action.area_id)
            if item.assurance.action_id in (None, action.pk)
        ],
        "notes": [
            {"at": note.at, "by": str(note.actor) if note.actor else None, "text": note.text}
            for note in action.notes.filter(at__date__lte=day).select_related("actor")
        ],
        "slips": _slips(row.slips),
        **{name: getattr(action, name) for name in ("detail", "outcomes", "shown_by", "note")},
    }


def _slips(found: Sequence[Slip]) -> list[dict[str, Any]]:
    names = ("at", "before", "after", "days", "by", "why")
    return [{name: getattr(slip, name) for name in names} for slip in found]


@router.get(
    "/systems/{system}/milestones",
    response=MilestonesOut,
    summary="Milestones with their earlier dates, and which are overdue as of a day",
)
def list_milestones(
    request: PersonRequest,
    system: str,
    as_of: AsOf = None,
    workstream: Annotated[str, _filter("Code of a workstream, or none")] = "",
    status: Annotated[str, _filter("Where they stand")] = "",
) -> dict[str, Any]:
    """The first due first, those without a date last."""
    found = visible_system(request.user, system)
    day = as_of or timezone.localdate()
    wish = milestones.MilestoneWish(workstream=workstream, status=status)
    rows = [row for row in milestones.milestone_rows(found, day) if wish.takes(row)]
    return {
        "system": system,
        "as_of": day,
        "count": len(rows),
        "overdue": sum(row.days_over is not None for row in rows),
        "rows": [milestones.milestone_record(row) for row in rows],
    }


@router.get(
    "/systems/{system}/workstreams",
    response=WorkstreamsOut,
    summary="Workstreams with their projects, and the milestone that comes next",
)
def list_workstreams(request: PersonRequest, system: str, as_of: AsOf = None) -> dict[str, Any]:
    """An empty text is not stated."""
    found = visible_system(request.user, system)
    day = as_of or timezone.localdate()
    rows = milestones.stream_rows(found, day)
    return {"system": system, "as_of": day, "rows": [_stream(row) for row in rows]}


def _stream(row: milestones.StreamRow) -> dict[str, Any]:
    own = row.workstream
    plain = ("code", "name", "programme", "about", "lead_role", "note")
    of_project = ("code", "name", "about", "status", "starts", "ends", "note")
    return {
        **{name: getattr(own, name) for name in plain},
        "lead": own.lead.code if own.lead else None,
        "body": own.body.code if own.body else None,
        "milestones": len(row.milestones),
        "overdue": row.overdue,
        "next": row.next.milestone.code if row.next else None,
        "projects": [
            {name: getattr(project, name) for name in of_project} for project in row.projects
        ],
    }


@router.get(
    "/systems/{system}/calendar",
    response=CalendarOut,
    summary="Everything that is due across all registers, in the order of days",
)
def list_calendar(
    request: PersonRequest,
    system: str,
    first: Annotated[date | None, Query(alias="from", description="First day")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, included")] = None,
    as_of: AsOf = None,
    kind: Annotated[str, _filter("What is due")] = "",
) -> dict[str, Any]:
    """What is due in a month stands on its last day, and ``words`` say so."""
    found = visible_system(request.user, system)
    dues = between(everything(request.user, found, as_of), first, last)
    rows = [due_record(due) for due in dues if CalendarWish(kind=kind).takes(due)]
    return {"system": system, "count": len(rows), "rows": rows}
