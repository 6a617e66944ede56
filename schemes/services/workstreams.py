"""Workstreams, projects and milestones, and which milestone needs which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import Body, Milestone, MilestoneNeed, Progress, Project, User, Workstream
from schemes.people.permissions import Permission, require
from schemes.services.endings import ask_before_done, ending_faults
from schemes.services.moves import with_reasons
from schemes.services.owners import refuse_people
from schemes.services.placing import (
    Places,
    refuse_backwards,
    refuse_circles,
    save_register,
    values_of,
)
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Wanted, reason_of, remove, upsert


@dataclass(frozen=True, kw_only=True)
class WorkstreamSpec:
    """A stream of a programme."""

    system: str
    code: str
    name: str
    programme: str = ""
    position: int = 0
    about: str = ""
    lead_role: str = ""
    lead: str = ""
    body: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ProjectSpec:
    """A project of a workstream."""

    system: str
    workstream: str
    code: str
    name: str
    position: int = 0
    about: str = ""
    status: str = ""
    starts: str = ""
    ends: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MilestoneSpec:
    """Something to be reached by a date, which keeps its precision."""

    system: str
    code: str
    name: str
    workstream: str = ""
    project: str = ""
    due: str = ""
    moved_because: str = ""
    done: str = ""
    status: str = ""
    owner_role: str = ""
    body: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MilestoneNeedSpec:
    """A milestone that cannot be reached before another."""

    system: str
    milestone: str
    other: str
    row: int | str | None = None


@transaction.atomic
def save_workstreams(*, by: User | None, specs: Sequence[WorkstreamSpec]) -> Count:
    """Create or change workstreams by system and code; raises Refused with a fault a row."""
    refuse_people(specs, "lead_role")

    def wanted(spec: WorkstreamSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "name programme position about lead_role note evidence_id")
            | {
                "lead_id": places.partners.find(spec.lead, "lead", spec.row),
                "body_id": places.find(Body, spec),
            },
            spec.row,
        )

    return save_register(Workstream, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def save_projects(*, by: User | None, specs: Sequence[ProjectSpec]) -> Count:
    """Create or change projects by workstream and code; raises Refused with a fault a row."""
    refuse_backwards(specs)

    def wanted(spec: ProjectSpec, places: Places) -> Wanted:
        return Wanted(
            {"workstream_id": places.find(Workstream, spec), "code": spec.code},
            values_of(spec, "name position about status starts ends note evidence_id"),
            spec.row,
        )

    return save_register(Project, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def save_milestones(*, by: User | None, specs: Sequence[MilestoneSpec]) -> Count:
    """Create or change milestones by system and code; raises Refused with a fault a row.

    A day of being reached that has not come yet, or of what goes on, is refused, and so is a date
    that somebody moves without saying why. An earlier due date stays in the milestone's history:
    its slips are read from there.
    """
    refuse_people(specs, "owner_role")
    faults = [
        fault
        for spec in specs
        for fault in ending_faults(spec.status, spec.done, "done", spec.row, asked=False)
    ]
    if faults:
        raise Refused(faults)

    def wanted(spec: MilestoneSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "name due moved_because done status owner_role note evidence_id")
            | {
                "workstream_id": places.find(Workstream, spec),
                "project_id": places.find(Project, spec),
                "body_id": places.find(Body, spec),
            },
            spec.row,
        )

    return save_register(Milestone, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def keep_milestones(*, by: User, specs: Sequence[MilestoneSpec], confirmed: bool = False) -> Count:
    """Save milestones as ``save_milestones`` does.

    Raises Refused with the code "confirm", unless ``confirmed``, for one that is reached now while
    it waits for something that is open.
    """
    if not confirmed:
        for spec in specs:
            found = Milestone.objects.filter(system__code=spec.system, code=spec.code).first()
            if found:
                _ask(found, spec.status, spec.done)
    return save_milestones(by=by, specs=specs)


def _ask(milestone: Milestone, status: str, done: str) -> None:
    """Ask about a milestone that is reached now while it waits for something that is open."""

    def reached(status: str, done: str) -> bool:
        return status == Progress.DONE or (not status and bool(done))

    if reached(status, done) and not reached(milestone.status, milestone.done):
        needs = milestone.needs.select_related("other")
        others = [need.other for need in needs]
        ask_before_done(
            [
                other.name
                for other in others
                if not reached(other.status, other.done) and other.status != Progress.STOPPED
            ]
        )


@transaction.atomic
def save_milestone_needs(*, by: User | None, specs: Sequence[MilestoneNeedSpec]) -> Count:
    """Say which milestones need which; raises Refused, also for a circle."""

    def wanted(spec: MilestoneNeedSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "milestone_id": places.find(Milestone, spec, "milestone"),
                "other_id": places.find(Milestone, spec, "other"),
            },
            {},
            spec.row,
        )

    count = save_register(MilestoneNeed, by, specs, wanted, Permission.KEEP_DELIVERY)
    ways: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for system, one, other in MilestoneNeed.objects.filter(
        milestone__system__code__in={spec.system for spec in specs}
    ).values_list("milestone__system__code", "milestone__code", "other__code"):
        ways.setdefault((system, one), []).append((system, other))
    refuse_circles(ways, "needs", lambda place: place[1])
    return count


@transaction.atomic
def remove_milestone_need(*, by: User, need: MilestoneNeed, reason: str) -> None:
    """Let a milestone need another no more; what was said stays in the history.

    Raises Refused without a reason, Http404 for those who do not keep delivery.
    """
    system = need.milestone.system
    require(by, Permission.KEEP_DELIVERY, system=system)
    remove(need, by=by, reason=reason_of(reason))
    touch(by=by, slices=Q(system=system), action="milestone needs", from_month=NO_FIGURE)


@transaction.atomic
def report_milestone(
    *, by: User, milestone: Milestone, changed: Mapping[str, str], confirmed: bool = False
) -> None:
    """Say how a milestone goes: its ``status``, the day ``done``, a ``note``, or a new date.

    A date ``due`` that moves goes with why it is ``moved_because``. Raises Refused for one that
    moves without a reason, for one that is reached without a day, and for a day that
    ``ending_faults`` refuses; with the code "confirm", unless ``confirmed``, for one that is
    reached while it waits for something that is open. Http404 for those who may not.
    """
    require(by, Permission.REPORT_PROGRESS, system=milestone.system)
    may = ("status", "done", "note", "due", "moved_because")
    values = {name: changed[name] for name in may if name in changed}
    if not values:
        raise Refused([Fault("Change what has changed: its status, its dates or the note.")])
    status, done = (values.get(name, getattr(milestone, name)) for name in ("status", "done"))
    faults = ending_faults(status, done, "done")
    if status == Progress.DONE and not done:
        faults.append(Fault("Say when the milestone was reached.", "done"))
    if faults:
        raise Refused(faults)
    if not confirmed:
        _ask(milestone, status, done)
    key = {"system_id": milestone.system_id, "code": milestone.code}
    dated = {"due": milestone.due, "moved_because": "", **values}
    upsert(Milestone, with_reasons(Milestone, [Wanted(key, dated)], by), by=by)
    slices = Q(system=milestone.system_id)
    touch(by=by, slices=slices, action="milestones", from_month=NO_FIGURE)
