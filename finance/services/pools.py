"""The money of pools: stated amounts, what lines are in a pool, rules of share, kept what-ifs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from finance.models import Line, PoolAmount, PoolLine, Scenario, ShareRule
from finance.models.lines import Kind
from finance.pools.risk_share import parse_rule
from finance.services.rule_faults import rule_faults
from schemes.models import Agreement, FundHeading, Partner, Pool, Slice, User
from schemes.people.permissions import Permission, has_permission, require
from schemes.services.placing import Places, save_register, values_of
from schemes.services.slices import NO_FIGURE, touch, writing
from schemes.services.upsert import Wanted, allow_in_with, upsert

LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True)
class PoolAmountSpec:
    """An amount stated of a pool in a year, in pence; None where nobody states it or it is doubted.

    ``heading`` is a heading of the pool's plan, written plan/heading.
    """

    pool: str
    code: str
    name: str
    measure: str
    pence: int | None
    hedge: str = ""
    status: str = ""
    basis: str = ""
    partner: str = ""
    heading: str = ""
    reason: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class PoolLineSpec:
    """What a pool's agreement asks of a line beside its money; blank is not stated."""

    line: str
    income_source: str = ""
    heading: str = ""
    scheme_type: str = ""
    provider_sector: str = ""
    capital: bool | None = None
    ring_fenced: bool = False
    treatment: str = ""
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ShareRuleSpec:
    """Who bears a pool's variance of whole months; ``terms`` as in finance.pools.risk_share."""

    system: str
    pool: str
    code: str
    name: str
    terms: Mapping[str, Any]
    starts: date | None = None
    ends: date | None = None
    agreement: str = ""
    trigger: str = ""
    triggered_on: date | None = None
    minute: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


_AMOUNT = ("name", "measure", "pence", "hedge", "status", "basis", "reason", "evidence_id")


class _Names:
    """Pools, headings and partners of a slice's system by code; faults for what is not known."""

    def __init__(self, slice_: Slice) -> None:
        self.pools = dict(Pool.objects.filter(system=slice_.system_id).values_list("code", "pk"))
        self.partners = dict(Partner.objects.values_list("code", "pk"))
        self.headings = {
            f"{plan}/{code}": pk
            for pk, plan, code in FundHeading.objects.filter(
                plan__system=slice_.system_id
            ).values_list("pk", "plan__code", "code")
        }
        self.faults: list[Fault] = []

    def find(self, known: Mapping[str, int], spec: Any, field: str, what: str) -> int | None:
        """The id of a code; None for a blank one, and with a fault for one that is not known."""
        code = getattr(spec, field)
        if code and code not in known:
            said = f"There is no {what} '{code}' here. Add it, or mend this."
            self.faults.append(Fault(said, field, code, spec.row))
        return known.get(code)

    def heading(self, spec: Any) -> int | None:
        """The id of a heading, written plan/heading."""
        return self.find(self.headings, spec, "heading", "heading of a plan (plan/heading)")


def save_pool_amounts(*, by: User | None, slice_id: int, specs: Sequence[PoolAmountSpec]) -> Count:
    """State amounts of pools in a year; what stands already adds nothing.

    A package that is loaded again says nothing over what people said after it. Raises Refused with
    a fault a row, and Http404 for those who do not keep the system's pools.
    """
    with writing(slice_id=slice_id, by=by, action="pool amounts", from_month=NO_FIGURE) as write:
        if by is not None:
            require(by, Permission.KEEP_POOLS, system=write.slice.system)
        names = _Names(write.slice)
        rows = [(spec, _amount_of(spec, names)) for spec in specs]
        faults = names.faults + [fault for spec in specs for fault in _amount_faults(spec)]
        if faults:
            raise Refused(faults)
        said: dict[tuple[int, str], list[PoolAmount]] = {}
        for amount in PoolAmount.objects.filter(slice=write.slice).order_by("change"):
            said.setdefault((amount.pool_id, amount.code), []).append(amount)
        count, made = Count(), []
        for spec, values in rows:
            before = said.get((values["pool_id"], spec.code), [])
            if _stands(before, values, by):
                count.unchanged += 1
                continue
            count += Count(updated=1) if before else Count(created=1)
            made.append(values | {"code": spec.code})
        PoolAmount.objects.bulk_create(
            PoolAmount(slice=write.slice, change=write.draw(), actor=by, **values)
            for values in made
        )
        return count


def _amount_of(spec: PoolAmountSpec, names: _Names) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in _AMOUNT} | {
        "pool_id": names.find(names.pools, spec, "pool", "pool"),
        "partner_id": names.find(names.partners, spec, "partner", "partner"),
        "heading_id": names.heading(spec),
    }


def _amount_faults(spec: PoolAmountSpec) -> list[Fault]:
    found = []
    if spec.measure not in PoolAmount.Measure.values:
        found.append((f"Write one of {', '.join(PoolAmount.Measure.values)}.", "measure"))
    if spec.status and spec.status not in PoolAmount.Status.values:
        found.append((f"Write one of {', '.join(PoolAmount.Status.values)}.", "status"))
    if spec.pence is not None and spec.pence < 0 and spec.measure != PoolAmount.Measure.OPENING:
        found.append(("What a pool holds or pays is an amount from 0.", "pence"))
    if spec.measure == PoolAmount.Measure.MEMBER and not spec.partner:
        found.append(("Name the partner whose part this is.", "partner"))
    return [Fault(said, name, str(getattr(spec, name) or ""), spec.row) for said, name in found]


def _stands(before: Sequence[PoolAmount], values: Mapping[str, Any], by: User | None) -> bool:
    """Whether that is said already, by the last who spoke, or by the package before."""
    if not before:
        return False
    last = [before[-1]]
    if by is None:
        last += [amount for amount in before if amount.actor_id is None][-1:]
    return any(all(getattr(a, name) == value for name, value in values.items()) for a in last)


def settle_pool_amount(
    *, by: User, slice_id: int, pool: str, code: str, pence: int, status: str, reason: str
) -> PoolAmount:
    """Say what a doubted amount is, with the reason; both stay, and the new one stands.

    Raises Refused without a reason, Http404 for an amount that is not there or not one's to keep.
    """
    with writing(
        slice_id=slice_id, by=by, action="pool amounts", reason=reason, from_month=NO_FIGURE
    ) as write:
        require(by, Permission.KEEP_POOLS, system=write.slice.system)
        found = PoolAmount.objects.filter(slice=write.slice, pool__code=pool, code=code)
        before = get_object_or_404(found.order_by("-change")[:1])
        faults = []
        if not reason.strip():
            faults.append(
                Fault("Say on what this rests, such as the paper that shows it.", "reason")
            )
        if status in ("", PoolAmount.Status.SUSPECT) or status not in PoolAmount.Status.values:
            faults.append(Fault("Choose how the settled amount stands.", "status", status))
        if pence < 0:
            faults.append(Fault("What a pool holds is an amount from 0.", "pence", str(pence)))
        if faults:
            raise Refused(faults)
        kept = ("pool_id", "code", "name", "measure", "hedge", "basis", "partner_id", "heading_id")
        return PoolAmount.objects.create(
            slice=write.slice,
            pence=pence,
            status=status,
            reason=reason.strip(),
            evidence_id=before.evidence_id,
            change=write.draw(),
            actor=by,
            **{name: getattr(before, name) for name in kept},
        )


def save_pool_lines(*, by: User | None, slice_id: int, specs: Sequence[PoolLineSpec]) -> Count:
    """Say what lines are in their pool; raises Refused with a fault a row.

    Only contributions and spend of a pool are in one. Http404 for those who do not keep pools.
    """
    with writing(slice_id=slice_id, by=by, action="pool lines", from_month=NO_FIGURE) as write:
        allow_in_with(by, Permission.KEEP_POOLS, [write.slice.system.code])
        names = _Names(write.slice)
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, code__in={spec.line for spec in specs}
            )
        }
        for spec in specs:
            line = lines.get(spec.line)
            if line is None:
                said = "The year has no line of this code. Add it to the lines."
            elif line.pool_id is None or line.kind not in (Kind.CONTRIBUTION, Kind.POOL_SPEND):
                said = "Only a line of contribution or spend of a pool stands here."
            elif spec.income_source and line.kind != Kind.CONTRIBUTION:
                said = "Only a contribution has a source of income."
            else:
                continue
            names.faults.append(Fault(said, "line", spec.line, spec.row))
        wanted = [
            Wanted(
                {"line_id": lines[spec.line].pk if spec.line in lines else None},
                values_of(
                    spec,
                    "income_source scheme_type provider_sector capital ring_fenced treatment",
                )
                | {"heading_id": names.heading(spec)},
                spec.row,
            )
            for spec in specs
        ]
        if names.faults:
            raise Refused(names.faults)
        count = upsert(PoolLine, wanted, by=by).count
        if count.created or count.updated:
            write.draw()
        return count


@transaction.atomic
def save_share_rules(*, by: User | None, specs: Sequence[ShareRuleSpec]) -> Count:
    """Create or change rules by which a pool's variance is shared, by pool and code.

    Raises Refused with a fault a row: for terms that do not hold (finance.pools.risk_share), a
    partner or a heading outside the pool, days that are not whole months, a trigger that is still
    to come or was met before the rule begins, and two rules for the same days.
    """
    faults = [fault for spec in specs for fault in rule_faults(spec)]
    if faults:
        raise Refused(faults)

    def wanted(spec: ShareRuleSpec, places: Places) -> Wanted:
        return Wanted(
            {"pool_id": places.find(Pool, spec), "code": spec.code},
            values_of(spec, "name starts ends trigger triggered_on minute note evidence_id")
            | {"terms": dict(spec.terms), "agreement_id": places.find(Agreement, spec)},
            spec.row,
        )

    return save_register(ShareRule, by, specs, wanted, Permission.KEEP_POOLS)


def keep_scenario(
    *,
    by: User,
    slice_id: int,
    pool: Pool,
    name: str,
    terms: Mapping[str, Any],
    variance_pence: int,
    contributions: Mapping[str, int | None],
    note: str = "",
) -> Scenario:
    """Keep a what-if under a name; it moves no figure, and earlier ones of the name stay.

    Raises Refused without a name, and for terms that do not hold for these contributions.
    """
    with transaction.atomic():
        slice_ = Slice.objects.select_related("system").get(pk=slice_id)
        if not may_keep_scenarios(by, slice_):
            require(by, Permission.KEEP_SCENARIO, system=slice_.system)
        if not name.strip() or len(name.strip()) > LONGEST_NAME:
            said = f"Give the scenario a name of at most {LONGEST_NAME} characters."
            raise Refused([Fault(said, "name", name[:LONGEST_NAME])])
        parse_rule(terms, sorted(contributions))
        kept = Scenario.objects.create(
            slice=slice_,
            pool=pool,
            name=name.strip(),
            terms=dict(terms),
            variance_pence=variance_pence,
            contributions=dict(contributions),
            note=note,
            at=datetime.now(UTC),
            actor=by,
        )
        touch(by=by, slices=Q(pk=slice_id), action="scenario", from_month=NO_FIGURE)
        return kept


def may_keep_scenarios(user: User, slice_: Slice) -> bool:
    """Whether somebody may keep a what-if: by a role in the system, or for one of its partners."""
    return has_permission(user, Permission.KEEP_SCENARIO, system=slice_.system) or any(
        has_permission(user, Permission.KEEP_SCENARIO, system=slice_.system, partner=partner)
        for partner in slice_.system.partners.all()
    )
