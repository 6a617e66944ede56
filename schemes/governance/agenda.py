"""What a body owns, and everything that it should see at its next meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from esbt.kit.when import first_day, last_day
from schemes.delivery.actions import NOT_LIVE, action_standing, actions_on
from schemes.delivery.milestones import milestone_standing
from schemes.delivery.standing import Slip, Standing, stood_on
from schemes.governance.bodies import has_come, open_sign_offs, signs
from schemes.models import (
    Action,
    ActionPlan,
    Body,
    Decision,
    Meeting,
    Milestone,
    Risk,
    SignOff,
    Workstream,
)

OPEN = (Standing.OVERDUE, Standing.DUE, Standing.UNDATED)


@dataclass(frozen=True)
class Task:
    """An action or milestone that a body follows, as it stands on a day."""

    what: Action | Milestone
    standing: Standing
    slips: Sequence[Slip] = ()  # the moves of its due date by the day

    @property
    def is_action(self) -> bool:
        """Whether it is an action of a plan, rather than a milestone."""
        return isinstance(self.what, Action)


@dataclass(frozen=True)
class PlanCount:
    """How many live actions of a body's plan are overdue, and which of them others follow."""

    plan: ActionPlan
    live: int
    overdue: int
    elsewhere: Mapping[Body, Sequence[Action]]  # overdue and reported to another body

    @property
    def here(self) -> int:
        """How many overdue ones are reported to the plan's own body."""
        return self.overdue - sum(len(own) for own in self.elsewhere.values())


@dataclass(frozen=True)
class Owned:
    """What a body follows: plans, workstreams, and tasks by date, those without one last."""

    plans: Sequence[ActionPlan]
    workstreams: Sequence[Workstream]
    tasks: Sequence[Task]
    counts: Sequence[PlanCount]


@dataclass(frozen=True)
class Agenda:
    """Everything that a body should see at its next meeting."""

    meeting: Meeting | None  # the next; None where none is stated
    before: Meeting | None  # the last one
    until: date  # what is due by this day is listed
    tasks: Sequence[Task]  # overdue, or due by then
    undated: Sequence[Task]  # open, with no date that is stated
    counts: Sequence[PlanCount]
    decisions: Sequence[Decision]  # made since the last meeting, or all where none was
    risks: Sequence[Risk]
    sign_offs: Sequence[SignOff]


def owned_by(body: Body, on: date) -> Owned:
    """What a body follows: its own, and what belongs to its plans and workstreams. Five queries.

    What belongs to a plan that was agreed after the day stood in none then.
    """
    actions = Action.objects.filter(Q(body=body) | Q(body=None, area__plan__body=body))
    milestones = Milestone.objects.filter(Q(body=body) | Q(body=None, workstream__body=body))
    tasks = [
        Task(item.row, action_standing(item.row, on), item.slips)
        for item in actions_on(actions, on)
    ]
    tasks += [
        Task(item.row, milestone_standing(item.row, on), item.slips)
        for item in stood_on(milestones, on)
    ]
    tasks.sort(key=lambda task: last_day(task.what.due) if task.what.due else date.max)
    return Owned(list(body.plans.all()), list(body.workstreams.all()), tasks, _counts(body, on))


def _counts(body: Body, on: date) -> list[PlanCount]:
    """The plans of a body that have actions, as they stand on a day: one query."""
    actions = Action.objects.filter(area__plan__body=body).select_related("body")
    in_order = actions.order_by("area__plan__code", "area__position", "position", "code")
    plans: dict[ActionPlan, list[tuple[Action, Standing]]] = {}
    for item in actions_on(in_order, on):
        own = plans.setdefault(item.row.area.plan, [])
        own.append((item.row, action_standing(item.row, on)))
    found = []
    for plan, own in plans.items():
        overdue = [action for action, standing in own if standing == Standing.OVERDUE]
        others: dict[Body, list[Action]] = {}
        for action in overdue:
            if action.body and action.body != body:
                others.setdefault(action.body, []).append(action)
        live = sum(standing not in NOT_LIVE for _, standing in own)
        found.append(PlanCount(plan, live, len(overdue), others))
    return found


def next_meeting(meetings: Sequence[Meeting], on: date) -> Meeting | None:
    """The first meeting that is not over on a day."""
    coming = [item for item in meetings if last_day(item.on) >= on]
    return min(coming, key=lambda item: first_day(item.on), default=None)


def agenda_of(body: Body, on: date) -> Agenda:
    """What a body should see at its next meeting after a day: nine queries."""
    meetings = list(body.meetings.all())
    meeting = next_meeting(meetings, on)
    gone = [item for item in meetings if last_day(item.on) < on]
    before = max(gone, key=lambda item: last_day(item.on), default=None)
    until = last_day(meeting.on) if meeting else on
    since = first_day(before.on) if before else date.min
    owned = owned_by(body, on)
    tasks = [task for task in owned.tasks if task.standing in OPEN]
    decided = list(body.decisions.select_related("meeting"))
    risks = Risk.objects.filter(workstream__body=body, status="open")
    return Agenda(
        meeting=meeting,
        before=before,
        until=until,
        tasks=[task for task in tasks if task.what.due and last_day(task.what.due) <= until],
        undated=[task for task in tasks if not task.what.due],
        counts=owned.counts,
        decisions=[
            item
            for item in decided
            if item.on and since <= last_day(item.on) and has_come(item.on, on)
        ],
        risks=list(risks.select_related("workstream")),
        sign_offs=[item for item in open_sign_offs(body.system, on) if signs(body, item)],
    )
