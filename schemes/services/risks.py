"""The risk register: written from pages by those who keep risks, and from data packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    Membership,
    Partner,
    Pool,
    Risk,
    RiskStatus,
    Scheme,
    System,
    User,
    Workstream,
)
from schemes.people.permissions import Permission, has_permission
from schemes.services.owners import refuse_people
from schemes.services.placing import Places, values_of
from schemes.services.said import news_of
from schemes.services.slices import NO_FIGURE, hold, touch
from schemes.services.upsert import Wanted, upsert

_PLAIN = (
    "name cause effect rating likelihood impact mitigation owner_role review status note "
    "evidence_id"
)


@dataclass(frozen=True, kw_only=True)
class RiskSpec:
    """A risk of a system; without a partner it is everybody's, without a rating it is unrated."""

    system: str
    code: str
    name: str
    cause: str = ""
    effect: str = ""
    partner: str = ""
    scheme: str = ""
    pool: str = ""
    workstream: str = ""
    rating: str = ""
    likelihood: int | None = None
    impact: int | None = None
    mitigation: str = ""
    owner_role: str = ""
    owner: str = ""
    review: str = ""
    status: str = RiskStatus.OPEN
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@transaction.atomic
def save_risks(*, by: User | None, specs: Sequence[RiskSpec]) -> Count:
    """Create or change risks by system and code, keeping every state of them.

    Those who load data save any; others only risks that they may keep, before and after. A package
    that is loaded again says nothing over what people said after it. Raises Refused with a fault a
    row, also for a personal name, and Http404 for a risk that is not there or not one's own.
    """
    refuse_people(specs, "owner_role")
    places = Places(specs)
    # whoever asks for figures as at a change finds the risks as they stood at it
    hold(Q(system__code__in={spec.system for spec in specs}))
    _check_permission(by, specs)
    rows = [
        Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, _PLAIN)
            | {
                "scheme_id": places.find(Scheme, spec),
                "pool_id": places.find(Pool, spec),
                "workstream_id": places.find(Workstream, spec),
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
                "owner_id": places.partners.find(spec.owner, "owner", spec.row),
            },
            spec.row,
        )
        for spec in specs
    ]
    places.refuse()
    _refuse_outsiders(specs)
    news = news_of(Risk, rows, by)
    done = upsert(Risk, news.rows, by=by)
    systems = {item.system_id for item in (*done.created, *done.changed)}
    touch(by=by, slices=Q(system__in=systems), action="risks", from_month=NO_FIGURE)
    return done.count + news.rest


def may_keep(user: User, system: System, partner: Partner | None) -> bool:
    """Whether a person keeps the risks of a partner; of everybody's, None, administrators only."""
    return has_permission(user, Permission.KEEP_RISKS, system=system, partner=partner)


def _check_permission(by: User | None, specs: Sequence[RiskSpec]) -> None:
    if by is None or has_permission(by, Permission.LOAD_DATA):
        return
    systems = {item.code: item for item in System.objects.filter(code__in=_of(specs, "system"))}
    partners = {item.code: item for item in Partner.objects.filter(code__in=_of(specs, "partner"))}
    present = {
        (risk.system.code, risk.code): risk.partner
        for risk in Risk.objects.filter(
            system__in=systems.values(), code__in=_of(specs, "code")
        ).select_related("system", "partner")
    }
    for spec in specs:
        system = systems.get(spec.system)
        place = (spec.system, spec.code)
        owners = {partners.get(spec.partner), *([present[place]] if place in present else [])}
        if system is None or not all(may_keep(by, system, owner) for owner in owners):
            raise Http404


def _refuse_outsiders(specs: Sequence[RiskSpec]) -> None:
    """Faults for partners that are no members of the system."""
    members = set(
        Membership.objects.filter(system__code__in=_of(specs, "system")).values_list(
            "system__code", "partner__code"
        )
    )
    faults = [
        Fault(f"'{code}' is no member of the system. Choose one of its partners.", field, code, row)
        for spec in specs
        for field, code, row in (
            ("partner", spec.partner, spec.row),
            ("owner", spec.owner, spec.row),
        )
        if code and (spec.system, code) not in members
    ]
    if faults:
        raise Refused(faults)


def _of(specs: Sequence[RiskSpec], name: str) -> set[str]:
    return {getattr(spec, name) for spec in specs}
