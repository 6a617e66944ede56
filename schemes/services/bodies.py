"""Bodies, their members and meetings, and what they decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.when import first_day, is_when
from schemes.models import Body, BodyMember, Decision, Meeting, User
from schemes.people.permissions import Permission
from schemes.services.owners import refuse_people
from schemes.services.placing import (
    Places,
    in_layers,
    refuse_backwards,
    refuse_circles,
    save_register,
    values_of,
)
from schemes.services.upsert import Wanted


@dataclass(frozen=True, kw_only=True)
class BodySpec:
    """A body; ``reports_to`` and ``took_over`` are codes of others."""

    system: str
    code: str
    name: str
    kind: str = ""
    position: int = 0
    remit: str = ""
    receives: str = ""
    reports_to: str = ""
    took_over: str = ""
    starts: str = ""
    ends: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SeatSpec:
    """A seat in a body: a partner, a role or both."""

    system: str
    body: str
    code: str
    partner: str = ""
    role: str = ""
    chair: bool = False
    starts: str = ""
    ends: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MeetingSpec:
    """A meeting of a body."""

    system: str
    body: str
    code: str
    on: str
    name: str = ""
    agenda: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionSpec:
    """What a body decided, with its meeting where that is known."""

    system: str
    body: str
    code: str
    words: str
    on: str = ""
    meeting: str = ""
    minute: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@transaction.atomic
def save_bodies(*, by: User | None, specs: Sequence[BodySpec]) -> Count:
    """Create or change bodies by system and code, those that others name first.

    Raises Refused with a fault a row: also for one that ends before it starts, and for bodies
    that report to each other in a circle.
    """
    refuse_backwards(specs)

    def wanted(spec: BodySpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "name kind position remit receives starts ends note evidence_id")
            | {
                "reports_to_id": places.find(Body, spec, "reports_to"),
                "took_over_id": places.find(Body, spec, "took_over"),
            },
            spec.row,
        )

    count = Count()
    for layer in in_layers(specs, "reports_to", "took_over"):
        count += save_register(Body, by, layer, wanted, Permission.KEEP_DELIVERY)
    for field, verb in (("reports_to", "reports to"), ("took_over", "took over from")):
        _refuse_circles({spec.system for spec in specs}, field, verb)
    return count


def _refuse_circles(systems: set[str], field: str, verb: str) -> None:
    """Refuse circles that run through bodies that were there before."""
    links = Body.objects.filter(system__code__in=systems, **{f"{field}__isnull": False})
    names = dict(Body.objects.filter(system__code__in=systems).values_list("pk", "name"))
    ways = {one: [other] for one, other in links.values_list("pk", field)}
    refuse_circles(ways, verb, names.__getitem__, field)


@transaction.atomic
def save_seats(*, by: User | None, specs: Sequence[SeatSpec]) -> Count:
    """Create or change seats of bodies; raises Refused with a fault a row, also for a name."""
    refuse_people(specs, "role")
    refuse_backwards(specs)

    def wanted(spec: SeatSpec, places: Places) -> Wanted:
        return Wanted(
            {"body_id": places.find(Body, spec), "code": spec.code},
            values_of(spec, "role chair starts ends note evidence_id")
            | {"partner_id": places.partners.find(spec.partner, "partner", spec.row)},
            spec.row,
        )

    return save_register(BodyMember, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def save_meetings(*, by: User | None, specs: Sequence[MeetingSpec]) -> Count:
    """Create or change meetings of bodies; raises Refused with a fault a row."""

    def wanted(spec: MeetingSpec, places: Places) -> Wanted:
        return Wanted(
            {"body_id": places.find(Body, spec), "code": spec.code},
            values_of(spec, "on name agenda note evidence_id"),
            spec.row,
        )

    return save_register(Meeting, by, specs, wanted, Permission.KEEP_DELIVERY)


@transaction.atomic
def save_decisions(*, by: User | None, specs: Sequence[DecisionSpec]) -> Count:
    """Create or change decisions of bodies.

    Raises Refused with a fault a row, also for a day that has not come: nothing is decided yet.
    """
    today = timezone.localdate()
    early = [spec for spec in specs if is_when(spec.on) and first_day(spec.on) > today]
    if early:
        said = "This day has not come yet. Record a decision once it is made."
        raise Refused([Fault(said, "on", spec.on, spec.row) for spec in early])

    def wanted(spec: DecisionSpec, places: Places) -> Wanted:
        return Wanted(
            {"body_id": places.find(Body, spec), "code": spec.code},
            values_of(spec, "words on minute note evidence_id")
            | {"meeting_id": places.find(Meeting, spec)},
            spec.row,
        )

    return save_register(Decision, by, specs, wanted, Permission.KEEP_DELIVERY)
