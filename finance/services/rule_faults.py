"""What keeps a rule of share from being stored: its days, its trigger, and its terms."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from finance.models import PoolLine
from finance.pools.risk_share import Rule, parse_rule
from finance.pools.risk_share.rules import heading_faults, named_headings
from schemes.models import FundHeading, Pool, PoolMember

if TYPE_CHECKING:
    from finance.services.pools import ShareRuleSpec


def rule_faults(spec: ShareRuleSpec) -> list[Fault]:
    """All that is wrong with it: days, then terms; headings are asked for once terms are read."""
    return [*_day_faults(spec), *_term_faults(spec)]


def _day_faults(spec: ShareRuleSpec) -> Iterator[Fault]:
    if spec.starts and spec.starts.day != 1:
        said = "A rule starts with a month: write its first day."
        yield Fault(said, "starts", str(spec.starts), spec.row)
    if spec.ends and spec.ends.day != monthrange(spec.ends.year, spec.ends.month)[1]:
        said = "A rule ends with a month: write its last day."
        yield Fault(said, "ends", str(spec.ends), spec.row)
    day = spec.triggered_on
    if day and day > timezone.localdate():
        said = "This day is still to come. Shares are binding once it has happened: leave it empty."
        yield Fault(said, "triggered_on", str(day), spec.row)
    if day and spec.starts and day < spec.starts:
        said = (
            f"This is before the rule begins, on {spec.starts.day} {spec.starts:%B %Y}. A trigger "
            "is met once there is something to share: write the day on which it was."
        )
        yield Fault(said, "triggered_on", str(day), spec.row)


def _term_faults(spec: ShareRuleSpec) -> list[Fault]:
    members = PoolMember.objects.filter(
        pool__system__code=spec.system, pool__code=spec.pool
    ).values_list("partner__code", flat=True)
    try:
        rule = parse_rule(spec.terms, sorted({*members}))
    except Refused as refused:
        found = refused.faults
    else:
        found = heading_faults(rule, _headings(spec, rule))
    return [Fault(fault.message, fault.field or "terms", fault.value, spec.row) for fault in found]


def _headings(spec: ShareRuleSpec, rule: Rule) -> set[str]:
    """Codes of headings that lines of the pool have, or that a plan of it names."""
    if not named_headings(rule):
        return set()
    pools = list(Pool.objects.filter(system__code=spec.system, code=spec.pool))
    of_lines = PoolLine.objects.filter(line__pool__in=pools, heading__isnull=False)
    of_plans = FundHeading.objects.filter(plan__pool__in=pools)
    return {
        *of_lines.values_list("heading__code", flat=True),
        *of_plans.values_list("code", flat=True),
    }
