"""Pools and their members, agreements and their parties, and what bodies have signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    Agreement,
    AgreementParty,
    FundPlan,
    Membership,
    Pool,
    PoolMember,
    SignOff,
    User,
)
from schemes.people.permissions import Permission
from schemes.services.owners import refuse_people
from schemes.services.placing import Places, save_register, values_of
from schemes.services.upsert import Wanted


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """A pooled or aligned budget; what the sources do not say stays blank."""

    system: str
    code: str
    name: str
    kind: str = ""
    position: int = 0
    manager_role: str = ""
    scope: str = ""
    excludes: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class PoolMemberSpec:
    """A partner in a pool from one day to another, as host or not; ``proposed``: not yet agreed."""

    system: str
    pool: str
    partner: str
    host: bool = False
    proposed: bool = False
    starts: date | None = None
    ends: date | None = None
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementSpec:
    """An agreement, by what DOMAIN 15 asks it to say; ``supersedes`` is an older one's code."""

    system: str
    code: str
    name: str
    kind: str
    state: str = Agreement.State.PROPOSED
    pool: str = ""
    version: str = ""
    supersedes: str = ""
    starts: date | None = None
    ends: date | None = None
    aims: str = ""
    contributions: str = ""
    functions: str = ""
    services: str = ""
    resources: str = ""
    review: str = ""
    management: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class PartySpec:
    """A partner that is a party to an agreement."""

    system: str
    agreement: str
    partner: str
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SignOffSpec:
    """What a body has said to an agreement or a plan: a role, a day and a minute, no person."""

    system: str
    code: str
    body: str
    agreement: str = ""
    plan: str = ""
    partner: str = ""
    state: str = SignOff.State.OUTSTANDING
    role: str = ""
    on: str = ""
    minute: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@transaction.atomic
def save_pools(*, by: User | None, specs: Sequence[PoolSpec]) -> Count:
    """Create or change pools by system and code; raises Refused with a fault a row."""
    refuse_people(specs, "manager_role")

    def wanted(spec: PoolSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "name kind position manager_role scope excludes note evidence_id"),
            spec.row,
        )

    return save_register(Pool, by, specs, wanted, Permission.KEEP_POOLS)


@transaction.atomic
def save_pool_members(*, by: User | None, specs: Sequence[PoolMemberSpec]) -> Count:
    """Say who is in a pool and when, by pool, partner and first day.

    Raises Refused with a fault a row: for a second host in the same days, and for a partner that
    is no member of the system.
    """
    _refuse_strangers(specs)

    def wanted(spec: PoolMemberSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "pool_id": places.find(Pool, spec),
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
                "starts": spec.starts,
            },
            values_of(spec, "host proposed ends note evidence_id"),
            spec.row,
        )

    return save_register(PoolMember, by, specs, wanted, Permission.KEEP_POOLS)


def _refuse_strangers(specs: Sequence[PoolMemberSpec]) -> None:
    members = set(
        Membership.objects.filter(system__code__in={spec.system for spec in specs}).values_list(
            "system__code", "partner__code"
        )
    )
    said = "'{}' is no member of the system. Add it to the system's partners first."
    faults = [
        Fault(said.format(spec.partner), "partner", spec.partner, spec.row)
        for spec in specs
        if (spec.system, spec.partner) not in members
    ]
    if faults:
        raise Refused(faults)


@transaction.atomic
def save_agreements(*, by: User | None, specs: Sequence[AgreementSpec]) -> Count:
    """Create or change agreements by system and code, those that are superseded first.

    Raises Refused with a fault a row: also where two agreed ones of a kind hold for one pool in
    the same days.
    """

    def wanted(spec: AgreementSpec, places: Places) -> Wanted:
        names = (
            "name kind state version starts ends aims contributions functions services resources "
            "review management note evidence_id"
        )
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, names)
            | {
                "pool_id": places.find(Pool, spec),
                "supersedes_id": places.find(Agreement, spec, "supersedes"),
            },
            spec.row,
        )

    count = Count()
    for layer in ([s for s in specs if not s.supersedes], [s for s in specs if s.supersedes]):
        if layer:
            count += save_register(Agreement, by, layer, wanted, Permission.KEEP_POOLS)
    return count


@transaction.atomic
def save_agreement_parties(*, by: User | None, specs: Sequence[PartySpec]) -> Count:
    """Say who is a party to an agreement; raises Refused with a fault a row."""

    def wanted(spec: PartySpec, places: Places) -> Wanted:
        return Wanted(
            {
                "agreement_id": places.find(Agreement, spec),
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
            },
            values_of(spec, "note evidence_id"),
            spec.row,
        )

    return save_register(AgreementParty, by, specs, wanted, Permission.KEEP_POOLS)


@transaction.atomic
def save_sign_offs(*, by: User | None, specs: Sequence[SignOffSpec]) -> Count:
    """Record what bodies have said, by system and code; raises Refused with a fault a row.

    Nothing is signed until it says so with a day, nor ratified without a minute (DOMAIN 18).
    """
    refuse_people(specs, "role")

    def wanted(spec: SignOffSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "body state role on minute note evidence_id")
            | {
                "agreement_id": places.find(Agreement, spec),
                "plan_id": places.find(FundPlan, spec),
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
            },
            spec.row,
        )

    return save_register(SignOff, by, specs, wanted, Permission.KEEP_POOLS)
