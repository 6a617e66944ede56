"""Tables of a data package about bodies, action plans, workstreams and milestones."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from esbt.kit.rows import Code, Figure, Row, Whole, YesNo
from schemes.models import Action, ActionLink, Body, Progress
from schemes.package.base import (
    EvidencedRow,
    Long,
    Name,
    Phrase,
    Step,
    When,
    evidenced,
    phrases,
    table_of,
)
from schemes.services import actions, bodies, workstreams

Position = Annotated[Whole, Field(ge=0, le=99999)]
Title = Annotated[str, Field(max_length=300)]
Headline = Annotated[str, Field(max_length=500)]


class BodyRow(EvidencedRow):
    """A board, executive or group."""

    system: Code
    code: Code
    name: Name
    kind: Body.Kind | None = None
    position: Position = 0
    remit: Long = ""
    receives: Long = ""
    reports_to: Code = ""
    took_over: Code = ""
    starts: When = ""
    ends: When = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"kind": self.kind or ""}


class SeatRow(EvidencedRow):
    """A seat in a body: a partner, a role or both."""

    system: Code
    body: Code
    code: Code
    partner: Code = ""
    role: Phrase = ""
    chair: YesNo = False
    starts: When = ""
    ends: When = ""
    note: Long = ""


class MeetingRow(EvidencedRow):
    """A meeting of a body."""

    system: Code
    body: Code
    code: Code
    on: When
    name: Name = ""
    agenda: Long = ""
    note: Long = ""


class DecisionRow(EvidencedRow):
    """What a body decided."""

    system: Code
    body: Code
    code: Code
    words: Long
    on: When = ""
    meeting: Code = ""
    minute: Name = ""
    note: Long = ""


class ActionPlanRow(EvidencedRow):
    """A plan of actions that a body follows."""

    system: Code
    code: Code
    name: Name
    about: Long = ""
    body: Code = ""
    owner_role: Phrase = ""
    agreed: When = ""
    dated: When = ""
    support_ends: When = ""
    evidence_asked: YesNo = False
    note: Long = ""


class ActionAreaRow(EvidencedRow):
    """An area of an action plan."""

    system: Code
    plan: Code
    code: Code
    name: Headline
    position: Position = 0
    note: Long = ""


class ActionRow(EvidencedRow):
    """An action; its owner is a role or a body, never a person."""

    system: Code
    plan: Code
    area: Code
    code: Code
    number: Annotated[str, Field(max_length=20)]
    name: Headline
    position: Position = 0
    detail: Long = ""
    outcomes: Long = ""
    owner_role: Annotated[str, Field(max_length=300)] = ""
    owner: Code = ""
    co_owners: Long = Field(
        "", description="Codes of the partners that own it too, semicolons between"
    )
    body: Code = ""
    due: When = ""
    moved_because: Headline = ""
    ongoing: YesNo = False
    pointer: YesNo = False
    status: Action.Status | None = None
    done_on: When = ""
    shown_by: Long = ""
    stopped_because: Headline = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"status": self.status or "", "co_owners": phrases(self.co_owners)}


class ActionLinkRow(EvidencedRow):
    """An action that refers to another, or needs it first."""

    system: Code
    plan: Code
    action: Code
    other: Code
    kind: ActionLink.Kind
    note: Long = ""


class AssuranceRow(EvidencedRow):
    """What assures an area, or one action."""

    system: Code
    plan: Code
    area: Code
    code: Code
    words: Long
    action: Code = ""
    position: Position = 0
    metric: Code = ""
    better_than: Code = ""
    target: Figure | None = None
    met: YesNo | None = None
    shown_by: Long = ""
    note: Long = ""


class WorkstreamRow(EvidencedRow):
    """A stream of a programme."""

    system: Code
    code: Code
    name: Name
    programme: Name = ""
    position: Position = 0
    about: Long = ""
    lead_role: Phrase = ""
    lead: Code = ""
    body: Code = ""
    note: Long = ""


class ProjectRow(EvidencedRow):
    """A project of a workstream."""

    system: Code
    workstream: Code
    code: Code
    name: Name
    position: Position = 0
    about: Long = ""
    status: Progress | None = None
    starts: When = ""
    ends: When = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"status": self.status or ""}


class MilestoneRow(EvidencedRow):
    """Something to be reached by a date."""

    system: Code
    code: Code
    name: Title
    workstream: Code = ""
    project: Code = ""
    due: When = ""
    moved_because: Headline = ""
    done: When = ""
    status: Progress | None = None
    owner_role: Phrase = ""
    body: Code = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"status": self.status or ""}


class MilestoneNeedRow(Row):
    """A milestone that cannot be reached before another."""

    system: Code
    milestone: Code
    other: Code


STEPS: tuple[Step, ...] = (
    evidenced("bodies", BodyRow, "system code", bodies.BodySpec, bodies.save_bodies),
    evidenced("seats", SeatRow, "system body code", bodies.SeatSpec, bodies.save_seats),
    evidenced("meetings", MeetingRow, "system body code", bodies.MeetingSpec, bodies.save_meetings),
    evidenced(
        "decisions", DecisionRow, "system body code", bodies.DecisionSpec, bodies.save_decisions
    ),
    evidenced(
        "action_plans",
        ActionPlanRow,
        "system code",
        actions.ActionPlanSpec,
        actions.save_action_plans,
    ),
    evidenced(
        "action_areas",
        ActionAreaRow,
        "system plan code",
        actions.AreaSpec,
        actions.save_action_areas,
    ),
    evidenced("actions", ActionRow, "system plan code", actions.ActionSpec, actions.save_actions),
    evidenced(
        "action_links",
        ActionLinkRow,
        "system plan action other kind",
        actions.ActionLinkSpec,
        actions.save_action_links,
    ),
    evidenced(
        "assurances",
        AssuranceRow,
        "system plan area code",
        actions.AssuranceSpec,
        actions.save_assurances,
    ),
    evidenced(
        "workstreams",
        WorkstreamRow,
        "system code",
        workstreams.WorkstreamSpec,
        workstreams.save_workstreams,
    ),
    evidenced(
        "projects",
        ProjectRow,
        "system workstream code",
        workstreams.ProjectSpec,
        workstreams.save_projects,
    ),
    evidenced(
        "milestones",
        MilestoneRow,
        "system code",
        workstreams.MilestoneSpec,
        workstreams.save_milestones,
    ),
    table_of(
        "milestone_needs",
        MilestoneNeedRow,
        "system milestone other",
        workstreams.MilestoneNeedSpec,
        workstreams.save_milestone_needs,
    ),
)
