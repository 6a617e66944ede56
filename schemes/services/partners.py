"""Partners, their names, codes and successors, and what they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    GroupMember,
    Membership,
    Partner,
    PartnerCode,
    PartnerName,
    Succession,
    System,
    User,
)
from schemes.services.slices import touch
from schemes.services.upsert import Codes, Wanted, allow, allow_in, allow_of, upsert


@dataclass(frozen=True, kw_only=True)
class PartnerSpec:
    """A partner or a reporting group."""

    code: str
    name: str
    short_name: str
    kind: str
    starts: date | None = None
    ends: date | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class NameSpec:
    """A name that documents use for a partner."""

    partner: str
    name: str
    starts: date | None = None
    ends: date | None = None
    note: str = ""
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class CodeSpec:
    """A partner's code in a register; a code and its start belong to one partner."""

    registry: str
    code: str
    partner: str
    starts: date | None = None
    ends: date | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SuccessionSpec:
    """A partner that took over from another; ``on`` is None where nobody says when."""

    predecessor: str
    successor: str
    on: date | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupMemberSpec:
    """A partner that reports with others as a group."""

    group: str
    member: str
    starts: date | None = None
    ends: date | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MembershipSpec:
    """A partner's place in a system; ``position`` is the published order of rows."""

    system: str
    partner: str
    position: int = 0
    starts: date | None = None
    ends: date | None = None
    note: str = ""
    row: int | str | None = None


def _values(spec: object, *names: str) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in names}


def _of_partners(partners: Iterable[int]) -> Q:
    return Q(system__memberships__partner__in=list(partners))


@transaction.atomic
def save_partners(*, by: User | None, specs: Sequence[PartnerSpec]) -> Count:
    """Create or change partners by their codes; raises Refused with a fault a row."""
    allow_of(by, (spec.code for spec in specs))
    done = upsert(
        Partner,
        [
            Wanted(
                {"code": spec.code},
                _values(spec, "name", "short_name", "kind", "starts", "ends"),
                spec.row,
            )
            for spec in specs
        ],
        by=by,
    )
    touch(by=by, slices=_of_partners(item.pk for item in done.changed), action="partners")
    return done.count


@transaction.atomic
def save_partner_names(*, by: User | None, specs: Sequence[NameSpec]) -> Count:
    """Create or change names; partner, name and start identify one."""
    allow_of(by, (spec.partner for spec in specs))
    partners = Codes(Partner, "partner")
    wanted = [
        Wanted(
            {
                "partner_id": partners.find(spec.partner, "partner", spec.row),
                **_values(spec, "name", "starts"),
            },
            _values(spec, "ends", "note"),
            spec.row,
        )
        for spec in specs
    ]
    partners.refuse()
    return upsert(PartnerName, wanted, by=by).count


@transaction.atomic
def save_partner_codes(*, by: User | None, specs: Sequence[CodeSpec]) -> Count:
    """Create or change codes; register, code and start identify one."""
    owners = Partner.objects.filter(codes__code__in=[spec.code for spec in specs])
    allow_of(by, {*(spec.partner for spec in specs), *owners.values_list("code", flat=True)})
    partners = Codes(Partner, "partner")
    wanted = [
        Wanted(
            {"register": spec.registry, **_values(spec, "code", "starts")},
            {
                "partner_id": partners.find(spec.partner, "partner", spec.row),
                **_values(spec, "ends"),
            },
            spec.row,
        )
        for spec in specs
    ]
    partners.refuse()
    return upsert(PartnerCode, wanted, by=by).count


@transaction.atomic
def save_successions(*, by: User | None, specs: Sequence[SuccessionSpec]) -> Count:
    """Create successions, or change their days."""
    allow(by)
    partners = Codes(Partner, "partner")
    wanted = [
        Wanted(
            {
                "predecessor_id": partners.find(spec.predecessor, "predecessor", spec.row),
                "successor_id": partners.find(spec.successor, "successor", spec.row),
            },
            _values(spec, "on"),
            spec.row,
        )
        for spec in specs
    ]
    partners.refuse()
    return upsert(Succession, wanted, by=by).count


@transaction.atomic
def save_group_members(*, by: User | None, specs: Sequence[GroupMemberSpec]) -> Count:
    """Put partners into reporting groups, or change since when they are in them.

    It moves totals, so the slices of the group's systems are recomputed.
    """
    allow_of(by, (spec.group for spec in specs))
    groups = Codes(Partner, "reporting group", kind=Partner.Kind.GROUP)
    members = Codes(Partner, "partner")
    wanted = [
        Wanted(
            {
                "group_id": groups.find(spec.group, "group", spec.row),
                "member_id": members.find(spec.member, "member", spec.row),
            },
            _values(spec, "starts", "ends"),
            spec.row,
        )
        for spec in specs
    ]
    if groups.faults or members.faults:
        raise Refused([*groups.faults, *members.faults])
    done = upsert(GroupMember, wanted, by=by)
    moved = {item.group_id for item in (*done.created, *done.changed)}
    touch(by=by, slices=_of_partners(moved), action="group members")
    return done.count


@transaction.atomic
def save_memberships(*, by: User | None, specs: Sequence[MembershipSpec]) -> Count:
    """Make partners members of systems, or change their place in the order of rows."""
    allow_in(by, (spec.system for spec in specs))
    systems, partners = Codes(System, "system"), Codes(Partner, "partner")
    wanted = [
        Wanted(
            {
                "system_id": systems.find(spec.system, "system", spec.row),
                "partner_id": partners.find(spec.partner, "partner", spec.row),
            },
            _values(spec, "position", "starts", "ends", "note"),
            spec.row,
        )
        for spec in specs
    ]
    faults: list[Fault] = [*systems.faults, *partners.faults]
    if faults:
        raise Refused(faults)
    done = upsert(Membership, wanted, by=by)
    changed = {item.system_id for item in done.changed}
    touch(by=by, slices=Q(system__in=changed), action="memberships")
    return done.count
