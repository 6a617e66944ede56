"""Action plans: their areas, actions, and what assures them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    Action,
    ActionArea,
    ActionLink,
    ActionPlan,
    Assurance,
    Body,
    User,
)
from schemes.people.permissions import Permission, require
from schemes.services.endings import (
    ask_before_done,
    begun_faults,
    ending_faults,
    open_needs,
    unsaid,
    unshown,
)
from schemes.services.owners import people_in, refuse_people
from schemes.services.placing import Places, refuse_circles, save_register, values_of
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Wanted, reason_of, remove


@dataclass(frozen=True, kw_only=True)
class ActionPlanSpec:
    """A plan of actions that a body follows."""

    system: str
    code: str
    name: str
    about: str = ""
    body: str = ""
    owner_role: str = ""
    agreed: str = ""
    dated: str = ""
    support_ends: str = ""
    evidence_asked: bool = False
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AreaSpec:
    """An area of a plan."""

    system: str
    plan: str
    code: str
    name: str
    position: int = 0
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ActionSpec:
    """An action; its due date keeps its precision, its owner is a role or a body."""

    system: str
    plan: str
    area: str
    code: str
    number: str
    name: str
    position: int = 0
    detail: str = ""
    outcomes: str = ""
    owner_role: str = ""
    owner: str = ""
    co_owners: Sequence[str] = ()  # codes of the partners that own it too
    body: str = ""
    due: str = ""
    moved_because: str = ""
    ongoing: bool = False
    pointer: bool = False
    status: str = ""
    done_on: str = ""
    shown_by: str = ""
    stopped_because: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ActionLinkSpec:
    """An action that refers to another, or needs it first."""

    system: str
    plan: str
    action: str
    other: str
    kind: str
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AssuranceSpec:
    """What assures an area, or one action of it."""

    system: str
    plan: str
    area: str
    code: str
    words: str
    action: str = ""
    position: int = 0
    metric: str = ""
    better_than: str = ""
    target: Decimal | None = None
    met: bool | None = None
    shown_by: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@transaction.atomic
def save_action_plans(*, by: User | None, specs: Sequence[ActionPlanSpec]) -> Count:
    """Create or change action plans by system and code; raises Refused with a fault a row."""
    refuse_people(specs, "owner_role")

    def wanted(spec: ActionPlanSpec, places: Places) -> Wanted:
        names = "name about owner_role agreed dated support_ends evidence_asked note evidence_id"
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, names) | {"body_id": places.find(Body, spec)},
            spec.row,
        )

    return save_register(ActionPlan, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def save_action_areas(*, by: User | None, specs: Sequence[AreaSpec]) -> Count:
    """Create or change areas by plan and code; raises Refused with a fault a row."""

    def wanted(spec: AreaSpec, places: Places) -> Wanted:
        return Wanted(
            {"plan_id": places.find(ActionPlan, spec), "code": spec.code},
            values_of(spec, "name position note evidence_id"),
            spec.row,
        )

    return save_register(ActionArea, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def keep_action_areas(*, by: User, specs: Sequence[AreaSpec]) -> Count:
    """Save areas as ``save_action_areas`` does; refused also for a name that another one has."""
    faults = []
    for spec in specs:
        like = ActionArea.objects.filter(
            plan__system__code=spec.system, plan__code=spec.plan, name__iexact=spec.name.strip()
        )
        if like.exclude(code=spec.code).exists():
            said = "The plan has an area of this name already. Type another."
            faults.append(Fault(said, "name", spec.name, spec.row))
    if faults:
        raise Refused(faults)
    return save_action_areas(by=by, specs=specs)


@transaction.atomic
def save_actions(*, by: User | None, specs: Sequence[ActionSpec]) -> Count:
    """Create or change actions by area and code.

    Raises Refused with a fault a row: for an owner who is a person's name, for an action that is
    done without evidence where its plan asks for some, and for a date that somebody moves without
    saying why.
    """
    if faults := _unfit(specs):
        raise Refused(faults)

    def wanted(spec: ActionSpec, places: Places) -> Wanted:
        names = (
            "number name position detail outcomes owner_role due moved_because ongoing pointer "
            "status done_on shown_by stopped_because note evidence_id"
        )
        owner, *others = dict.fromkeys([spec.owner or "", *spec.co_owners])
        if not owner and others:
            owner, *others = others  # the first of them
        for other in others:
            places.partners.find(other, "co_owners", spec.row)
        return Wanted(
            {"area_id": places.find(ActionArea, spec), "code": spec.code},
            values_of(spec, names)
            | {
                "owner_id": places.partners.find(owner, "owner", spec.row),
                "co_owners": others,
                "body_id": places.find(Body, spec),
            },
            spec.row,
        )

    return save_register(Action, by, specs, wanted, Permission.KEEP_DELIVERY)


def _unfit(specs: Sequence[ActionSpec], *, said: bool = False) -> list[Fault]:
    """Faults of owners, of what the table would refuse as a whole, and of what a plan asks for.

    ``said`` asks as well on which day an action was stopped, and why.
    """
    agreed = {
        (system, code): day
        for system, code, day in ActionPlan.objects.values_list("system__code", "code", "agreed")
    }
    asked = set(ActionPlan.objects.filter(evidence_asked=True).values_list("system__code", "code"))
    faults = people_in(specs, "owner_role")
    for spec in specs:
        done = spec.status == Action.Status.DONE
        if done and not spec.shown_by.strip() and (spec.system, spec.plan) in asked:
            faults.append(unshown(spec.row))
        if done and not spec.done_on:
            faults.append(Fault("Say when the action was done.", "done_on", "", spec.row))
        faults += ending_faults(spec.status, spec.done_on, "done_on", spec.row, asked=said)
        faults += begun_faults(
            spec.status, spec.done_on, agreed.get((spec.system, spec.plan), ""), spec.row
        )
        if said and spec.status == Action.Status.STOPPED and not spec.stopped_because.strip():
            faults.append(unsaid(spec.row))
        if spec.ongoing and spec.due:
            told = "An ongoing action has no due date. Take one of the two out."
            faults.append(Fault(told, "due", spec.due, spec.row))
    return faults


@transaction.atomic
def keep_actions(*, by: User, specs: Sequence[ActionSpec], confirmed: bool = False) -> Count:
    """Save actions as ``save_actions`` does.

    Refused also for a number that another one has, and for one that was stopped on no day or for
    no reason; the reason goes when it is stopped no more. Raises Refused with the code "confirm",
    unless ``confirmed``, for one that is done now while it waits for something that is open.
    """
    faults = _unfit(specs, said=True)
    for spec in specs:
        like = Action.objects.filter(
            area__plan__system__code=spec.system, area__plan__code=spec.plan, number=spec.number
        )
        if other := like.exclude(code=spec.code).first():
            said = f"The plan has this number already: {other}. Type another."
            faults.append(Fault(said, "number", spec.number, spec.row))
    if faults:
        raise Refused(faults)
    if not confirmed:
        ask_before_done(open_needs(_newly_done(specs)))
    return save_actions(by=by, specs=[_without_old_reason(spec) for spec in specs])


def _without_old_reason(spec: ActionSpec) -> ActionSpec:
    return spec if spec.status == Action.Status.STOPPED else replace(spec, stopped_because="")


def _newly_done(specs: Sequence[ActionSpec]) -> list[int]:
    """The ids of actions that are said to be done and were not: a query a spec."""
    done = [spec for spec in specs if spec.status == Action.Status.DONE]
    found = [
        Action.objects.filter(
            area__plan__system__code=spec.system, area__plan__code=spec.plan, code=spec.code
        ).exclude(status=Action.Status.DONE)
        for spec in done
    ]
    return [pk for actions in found for pk in actions.values_list("pk", flat=True)]


@transaction.atomic
def save_action_links(*, by: User | None, specs: Sequence[ActionLinkSpec]) -> Count:
    """Say which actions refer to others or need them first.

    Raises Refused with a fault a row, also where actions would wait for each other in a circle.
    """

    def wanted(spec: ActionLinkSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "action_id": places.find(Action, spec, "action"),
                "other_id": places.find(Action, spec, "other"),
                "kind": spec.kind,
            },
            values_of(spec, "note evidence_id"),
            spec.row,
        )

    count = save_register(ActionLink, by, specs, wanted, Permission.KEEP_DELIVERY)
    needs = ActionLink.objects.filter(
        kind=ActionLink.Kind.NEEDS, action__area__plan__system__code__in={s.system for s in specs}
    ).values_list("action__number", "other__number", "action__area__plan")
    ways: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for number, other, plan in needs:
        ways.setdefault((number, plan), []).append((other, plan))
    refuse_circles(ways, "needs", lambda place: str(place[0]))
    return count


@transaction.atomic
def remove_action_link(*, by: User, link: ActionLink, reason: str) -> None:
    """Let an action refer to another or need it no more; what it said stays in the history.

    Raises Refused without a reason, Http404 for those who do not keep delivery.
    """
    system = link.action.area.plan.system
    require(by, Permission.KEEP_DELIVERY, system=system)
    remove(link, by=by, reason=reason_of(reason))
    touch(by=by, slices=Q(system=system), action="action links", from_month=NO_FIGURE)


@transaction.atomic
def save_assurances(*, by: User | None, specs: Sequence[AssuranceSpec]) -> Count:
    """Create or change what assures areas and actions; raises Refused with a fault a row."""

    def wanted(spec: AssuranceSpec, places: Places) -> Wanted:
        return Wanted(
            {"area_id": places.find(ActionArea, spec), "code": spec.code},
            values_of(
                spec, "words position metric better_than target met shown_by note evidence_id"
            )
            | {"action_id": places.find(Action, spec)},
            spec.row,
        )

    return save_register(Assurance, by, specs, wanted, Permission.KEEP_DELIVERY)
