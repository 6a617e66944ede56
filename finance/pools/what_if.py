"""What another rule, or another variance, would mean for the partners of a pool.

Pure, and stored nowhere. A what-if puts one rule in the place of all that hold in the year, for
the whole of its variance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from esbt.kit.money import words
from esbt.kit.problems import Fault, Refused
from esbt.kit.words import in_a_list
from finance.models.base import LAST_MONTH
from finance.pools.risk_share import Part, Rule, share
from finance.pools.risk_share.rules import heading_faults, rules_in
from finance.pools.shares import DatedRule, Effect, PoolShares, Segment, SpendLine, effects

_BY_CONTRIBUTION = {"proportional", "returned"}
_BY_PART = {"service", "by_heading"}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a line is forecast to spend in the year, as last said in a month."""

    month: int
    pence: int


def to_the_year(
    lines: Sequence[SpendLine], forecasts: Mapping[str, Forecast]
) -> Sequence[SpendLine]:
    """The lines as they are forecast to end; one that has ended keeps what it reported.

    A line of which nothing is forecast says nothing of the year.
    """
    return [
        replace(line, actual={line.last_month: forecasts[line.code].pence, **line.actual})
        if line.code in forecasts and line.last_month <= LAST_MONTH
        else line
        for line in lines
    ]


def what_if(
    *,
    rule: Rule,
    month: int,
    lines: Sequence[SpendLine],
    contributions: Mapping[str, int | None],
    names: Mapping[str, str],
    variance_pence: int | None = None,
) -> PoolShares:
    """Share a pool's variance to a month by one rule; another variance takes the place of its own.

    Raises Refused where the rule asks for what is not known.
    """
    inside = [line for line in lines if not line.outside]
    own = _sum(inside, month)
    variance = own if variance_pence is None else variance_pence
    if variance is None:
        raise Refused([Fault(f"{_silent(inside, month)} Type a variance.", "amount")])
    faults = heading_faults(rule, {line.heading for line in lines} - {""})
    if faults:
        raise Refused(faults)
    kinds = {item.kind for _, _, item in rules_in(rule)}
    untold = [names.get(code, code) for code, pence in contributions.items() if pence is None]
    if untold and kinds & _BY_CONTRIBUTION:
        said = f"What {in_a_list(untold)} puts in over the year is not stated, and this rule asks."
        raise Refused([Fault(said, "kind")])
    asks = bool(kinds & _BY_PART)
    if asks and own is None:
        raise Refused([Fault(f"{_silent(inside, month)} This rule asks for it.", "kind")])
    scaled = asks and own is not None and variance != own
    if scaled and (not own or own * variance < 0):
        raise Refused([Fault(_belongs_nowhere(own or 0, variance), "kind")])
    shared = share(
        variance_pence=variance,
        contributions={code: pence or 0 for code, pence in contributions.items()},
        rule=rule,
        parts=_parts(inside, month) if asks else (),
        names=names,
        of_pence=own if scaled else None,
    )
    if scaled:
        told = (_assumed(own or 0, variance), *shared.explanation)
        shared = replace(shared, explanation=told)
    dated = DatedRule("what-if", "What if", rule, 1, LAST_MONTH, binding=False)
    return PoolShares(
        month=month,
        variance_pence=variance,
        outside_pence=_sum([line for line in lines if line.outside], month),
        segments=[Segment(1, month, dated, variance, shared)],
        shares=shared.shares,
        risk_pool_pence=shared.risk_pool_pence,
        carried_forward_pence=shared.carried_forward_pence,
        uncovered_pence=0,
        why_not=(),
    )


def _sum(lines: Sequence[SpendLine], month: int) -> int | None:
    found = [line.variance(month) for line in lines]
    return None if None in found else sum(pence or 0 for pence in found)


def _silent(lines: Sequence[SpendLine], month: int) -> str:
    silent = [line.name for line in lines if line.variance(month) is None]
    return f"No plan or no figure is stated for {in_a_list(silent[:3])} at month {month}."


def _parts(lines: Sequence[SpendLine], month: int) -> list[Part]:
    """The variance by heading and partner."""
    nets: Counter[tuple[str, str]] = Counter()
    for line in lines:
        nets[line.heading, line.partner] += line.variance(month) or 0
    return [Part(heading, partner, pence) for (heading, partner), pence in sorted(nets.items())]


def _assumed(own: int, variance: int) -> str:
    """That another variance is taken to lie among the services as their own does."""
    kind = "overspend" if variance < 0 else "underspend"
    return (
        f"An assumption: the {kind} of {words(abs(variance), 'gbp')} that was typed arises at the "
        f"services in proportion to their own {kind} of {words(abs(own), 'gbp')}. Nobody reported "
        "where it would arise."
    )


def _belongs_nowhere(own: int, variance: int) -> str:
    """Why another variance cannot lie among the services as their own does."""
    kind, other = ("underspend", "overspend") if variance < 0 else ("overspend", "underspend")
    size = words(abs(variance), "gbp")
    have = f"an {kind} of {words(abs(own), 'gbp')}" if own else "no variance"
    return (
        f"The services of the pool have {have} as a whole, so that nothing says to which of them "
        f"an {other} of {size} would belong. Choose another rule"
        f"{f', or an {kind}' if own else ''}."
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A position as reported, under the rules in force, and under the what-if."""

    partner: str
    name: str
    before_pence: int | None
    now_pence: int | None  # None also where the rules in force share nothing
    what_if_pence: int | None

    @property
    def difference_pence(self) -> int | None:
        """What the what-if adds to the position under the rules in force."""
        if self.now_pence is None or self.what_if_pence is None:
            return None
        return self.what_if_pence - self.now_pence


def standings(
    found: Sequence[tuple[str, str, int | None]],
    *,
    now: PoolShares,
    then: PoolShares,
    host: str,
    rows: Mapping[str, str],
) -> list[Standing]:
    """Each position with what sharing this one pool makes of it.

    ``found`` is partner, name and position as reported, in which the host's holds the variance of
    ``now``; ``rows`` as for ``effects``. A variance that the what-if changes moves the host first.
    """
    by_now, _ = effects(now, host=host, rows=rows)
    by_then, _ = effects(then, host=host, rows=rows)
    more = (then.variance_pence or 0) - (now.variance_pence or 0)
    none = Effect()
    return [
        Standing(
            partner,
            name,
            before,
            None
            if before is None or now.shares is None
            else before + by_now.get(partner, none).pence,
            None
            if before is None
            else before
            + by_then.get(partner, none).pence
            + (more if rows.get(host) == partner else 0),
        )
        for partner, name, before in found
    ]
