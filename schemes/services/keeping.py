"""Rows that several people keep: saved over the state that their author saw, under a free code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.text import slugify

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Fault, Refused
from schemes.models import Agreement, AgreementParty, PoolMember, RowVersion, System, User
from schemes.people.permissions import Permission, require
from schemes.services.pools import (
    AgreementSpec,
    PartySpec,
    PoolMemberSpec,
    save_agreement_parties,
    save_agreements,
    save_pool_members,
)
from schemes.services.slices import hold, hold_system
from schemes.services.upsert import remove

CODE_LENGTH = 50


def version_of(row: Model) -> int:
    """Number of the state that a row is in; 0 before the first. An agreement's parties count."""
    own = Q(table=row._meta.model_name, row=row.pk)
    if isinstance(row, Agreement):
        own |= parties_said(row)
    last = RowVersion.objects.filter(own).order_by("-pk").first()
    return last.pk if last else 0


def parties_said(agreement: Agreement) -> Q:
    """Versions of an agreement's parties, those that were taken away too."""
    return Q(table="agreementparty", values__agreement_id=agreement.pk)


def free_code(among: QuerySet[Any], name: str, otherwise: str) -> str:
    """A code after the name that no row among these has yet."""
    stem = slugify(name)[:CODE_LENGTH].strip("-_").replace("_", "-") or otherwise
    taken = set(among.filter(code__startswith=stem).values_list("code", flat=True))
    number, code = 1, stem
    while code in taken:
        number += 1
        code = f"{stem}-{number}"
    return code


def ask_about_twin(among: QuerySet[Any], said: str, field: str = "name") -> None:
    """Raise Refused with the code "confirm" where one among these is called just so already."""
    twin = among.filter(**{f"{field}__iexact": said.strip()}).first() if said.strip() else None
    if twin is not None:
        told = f"There is one of this name already: {twin}. Do you mean to add a second?"
        raise Refused([Fault(told, field)], code="confirm")


@transaction.atomic
def keep_row(
    *,
    by: User,
    system: System,
    spec: Any,
    save: Callable[..., Count],
    row: Model | None = None,
    seen: int = 0,
    among: QuerySet[Any] | None = None,
    name: str = "",
) -> str:
    """Save a row that a system's people keep by its service; its code.

    ``seen`` is the state of ``row`` that its author had before them; a new row, which has none,
    gets a code after ``name`` that is free ``among`` its like. Raises Conflict when somebody saved
    a newer state, and Refused or, for those who may not, Http404 as ``save`` does.
    """
    hold_system(system.code)
    hold(Q(system=system))
    if row is not None and version_of(row) != seen:
        raise Conflict([Fault("Somebody saved a newer state since you opened this.")], [])
    if row is None and among is not None:
        spec = replace(spec, code=free_code(among, name, str(among.model._meta.model_name)))
    save(by=by, specs=[spec])
    return str(spec.code)


@transaction.atomic
def keep_agreement(
    *,
    by: User,
    system: System,
    spec: AgreementSpec,
    parties: Sequence[str],
    agreement: Agreement | None = None,
    seen: int = 0,
) -> str:
    """Save an agreement and who are its parties, by their codes; its code. Raises as keep_row."""
    code = keep_row(
        by=by,
        system=system,
        spec=spec,
        save=save_agreements,
        row=agreement,
        seen=seen,
        among=Agreement.objects.filter(system=system),
        name=spec.name,
    )
    kept = AgreementParty.objects.filter(agreement__system=system, agreement__code=code)
    present = {party.partner.code: party for party in kept.select_related("partner")}
    for gone in present.keys() - set(parties):
        remove(present[gone], by=by)
    new = [partner for partner in parties if partner not in present]
    if new:
        specs = [PartySpec(system=system.code, agreement=code, partner=item) for item in new]
        save_agreement_parties(by=by, specs=specs)
    return code


@transaction.atomic
def keep_pool_member(
    *,
    by: User,
    system: System,
    spec: PoolMemberSpec,
    member: PoolMember | None = None,
    seen: int = 0,
) -> None:
    """Save a partner in a pool; one whose first day changes is taken out and put in anew.

    Raises Conflict when somebody saved a newer state, Http404 for those who keep no pools here, and
    Refused as ``save_pool_members`` does; also for a further row of the same partner and first day.
    """
    require(by, Permission.KEEP_POOLS, system=system)
    hold_system(system.code)
    hold(Q(system=system))
    if member is not None and version_of(member) != seen:
        raise Conflict([Fault("Somebody saved a newer state since you opened this.")], [])
    if member is None or member.starts != spec.starts:
        twice = PoolMember.objects.filter(
            pool__system=system,
            pool__code=spec.pool,
            partner__code=spec.partner,
            starts=spec.starts,
        )
        if twice.exists():
            said = "This partner is in the pool from that day already. Change that instead."
            raise Refused([Fault(said, "starts")])
        if member is not None:
            remove(member, by=by)
    save_pool_members(by=by, specs=[spec])
