"""The lines of pools with all that they planned and reported, for the share of a variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q

from esbt.kit.problems import Refused
from finance.models import Line, Outturn, ShareRule
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.pools.risk_share import parse_rule
from finance.pools.shares import (
    DatedRule,
    PoolShares,
    SpendLine,
    latest_month,
    months_of,
    share_year,
)
from finance.rollups import headline_plan
from schemes.models import Pool, PoolMember, Slice


@dataclass(frozen=True, slots=True)
class PoolYear:
    """A pool in a year: its members, what they are to put in, its spend and its rules."""

    pool: Pool
    members: Mapping[str, str]  # short names by code
    host: str  # code; "" where none is stated
    host_proposed: bool
    contributions: Mapping[str, int | None]  # planned for the year, within the share
    lines: Sequence[SpendLine]
    rules: Sequence[DatedRule]
    bad_rules: Sequence[str]  # what keeps a rule from being read, in words

    def shares(self, month: int | None = None) -> PoolShares | None:
        """What the rules make of the variance to a month, else the latest that is whole.

        None before that.
        """
        month = month or latest_month(self.lines)
        if month is None or not self.lines:
            return None
        return share_year(
            month=month,
            lines=self.lines,
            rules=self.rules,
            contributions=self.contributions,
            names=self.members,
            bad_rules=self.bad_rules,
        )

    def known_before(self, month: int) -> PoolShares | None:
        """What the rules make of the latest month before one in which all of it is shared."""
        for earlier in range(min(month, LAST_MONTH + 1) - 1, 0, -1):
            if any(earlier in line.actual for line in self.lines):
                found = self.shares(earlier)
                if found and found.shares is not None:
                    return found
        return None

    @property
    def is_aligned(self) -> bool:
        """Whether partners keep their own budgets, so that no rule shares them."""
        return self.pool.kind == Pool.Kind.ALIGNED


def pool_years(slice_: Slice, *, state: State, pool: str = "") -> list[PoolYear]:
    """The pools of a system in a year, or one of them: six queries, whatever they hold."""
    pools = Pool.objects.filter(system=slice_.system_id)
    found = list(pools.filter(code=pool) if pool else pools)
    if not found:
        return []
    lines = _lines(slice_, found)
    actuals = _actuals(slice_, lines, state)
    first_day = slice_.year.first_day
    last_day = first_day.replace(year=first_day.year + 1, month=3, day=31)
    members: dict[int, list[PoolMember]] = {}
    for member in (
        PoolMember.objects.filter(pool__in=found)
        .filter(Q(starts=None) | Q(starts__lte=last_day), Q(ends=None) | Q(ends__gte=first_day))
        .select_related("partner")
        .order_by("partner__code", "starts")
    ):
        members.setdefault(member.pool_id, []).append(member)
    rules: dict[int, list[ShareRule]] = {}
    for rule in ShareRule.objects.filter(pool__in=found).order_by("starts", "code"):
        rules.setdefault(rule.pool_id, []).append(rule)
    return [
        _pool_year(
            slice_,
            item,
            members.get(item.pk, []),
            [line for line in lines if line.pool_id == item.pk],
            actuals,
            rules.get(item.pk, []),
        )
        for item in found
    ]


def _lines(slice_: Slice, pools: Sequence[Pool]) -> list[Any]:
    return list(
        Line.objects.filter(
            slice=slice_, pool__in=pools, kind__in=(Kind.CONTRIBUTION, Kind.POOL_SPEND)
        )
        .annotate(
            planned=FilteredRelation(
                "plan_figures", condition=Q(plan_figures__plan=headline_plan(slice_.pk))
            )
        )
        .annotate(
            year=F("planned__full_year_pence"),
            to_date=F("planned__to_date_pence"),
            plan_basis=F("planned__basis"),
        )
        .select_related("partner", "pool_line__heading")
        .order_by("code")
    )


def _actuals(slice_: Slice, lines: Sequence[Line], state: State) -> dict[int, dict[int, Any]]:
    """What was reported to date by line and month, with its basis."""
    pre = "published_" if state == State.PUBLISHED else ""
    found: dict[int, dict[int, Any]] = {}
    for line, month, pence, basis in Outturn.objects.filter(
        slice=slice_, line__in=lines, **{f"{pre}actual_pence__isnull": False}
    ).values_list("line", "month", f"{pre}actual_pence", f"{pre}actual_basis"):
        found.setdefault(line, {})[month] = (pence, basis)
    return found


def _pool_year(
    slice_: Slice,
    pool: Pool,
    members: Sequence[PoolMember],
    lines: Sequence[Any],
    actuals: Mapping[int, Mapping[int, Any]],
    rules: Sequence[ShareRule],
) -> PoolYear:
    contributions: dict[str, int | None] = {member.partner.code: 0 for member in members}
    names = {member.partner.code: member.partner.short_name for member in members}
    for line in lines:
        names.setdefault(line.partner.code, line.partner.short_name)
        if line.kind == Kind.CONTRIBUTION and not _outside(line):
            before = contributions.get(line.partner.code, 0)
            known = before is not None and line.year is not None
            contributions[line.partner.code] = before + line.year if known else None
    # the host at the year's end, when it accounts for the fund; else the last that there was
    hosts = sorted((m for m in members if m.host), key=lambda m: (m.ends is None, m.ends or 0))
    host = hosts[-1] if hosts else None
    dated, bad = _rules(slice_, rules, contributions)
    if pool.kind == Pool.Kind.ALIGNED:
        said = f"{pool.name} is aligned, not pooled: each partner keeps its own variance."
        dated, bad = [], [said]
    return PoolYear(
        pool=pool,
        members=names,
        host=host.partner.code if host else "",
        host_proposed=bool(host and host.proposed),
        contributions=contributions,
        lines=[
            _spend_line(line, actuals.get(line.pk, {}))
            for line in lines
            if line.kind == Kind.POOL_SPEND
        ],
        rules=dated,
        bad_rules=bad,
    )


def _outside(line: Any) -> bool:
    details = getattr(line, "pool_line", None)
    return bool(details and details.outside_share)


def _spend_line(line: Any, reported: Mapping[int, Any]) -> SpendLine:
    details = getattr(line, "pool_line", None)
    heading = details.heading.code if details and details.heading else ""
    plan: dict[int, int | None] = dict(enumerate(line.to_date, 1)) if line.to_date else {}
    if not line.to_date:  # a plan of the year alone says nothing of a month before its last
        plan = dict.fromkeys(range(line.last_month, LAST_MONTH + 1), line.year)
    return SpendLine(
        code=line.code,
        name=line.name,
        partner=line.partner.code,
        heading=heading,
        outside=_outside(line),
        first_month=line.first_month,
        last_month=line.last_month,
        plan=plan,
        # on another basis than its plan a figure is not compared
        actual={
            month: pence
            for month, (pence, basis) in reported.items()
            if basis == line.plan_basis or line.plan_basis is None
        },
    )


def _rules(
    slice_: Slice, rules: Sequence[ShareRule], contributions: Mapping[str, int | None]
) -> tuple[list[DatedRule], list[str]]:
    dated, bad = [], []
    for rule in rules:
        months = months_of(rule.starts, rule.ends, slice_.year.first_day)
        if months is None:
            continue
        try:
            parsed = parse_rule(rule.terms, sorted(contributions))
        except Refused as refused:
            words = " ".join(fault.message for fault in refused.faults)
            bad.append(f"The rule '{rule.name}' cannot be applied. {words}")
            continue
        met = rule.triggered_on
        dated.append(
            DatedRule(rule.code, rule.name, parsed, *months, met is not None, rule.trigger, met)
        )
    return sorted(dated, key=lambda rule: rule.first), bad
