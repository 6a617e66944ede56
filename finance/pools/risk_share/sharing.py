"""What a pool's variance means for each partner, to the penny.

Exact: integers of pence, and fractions until a sum is split. An overspend is negative, and so is
a share of it. Each sum that is split is rounded by largest remainder, ties by partner, so that
shares, what the risk pool bears and what is carried forward add to the variance (DOMAIN 16).

Ring-fenced and capital lines stand outside the share: leave them out of the variance and parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from esbt.kit.money import LIMIT_PENCE, words
from esbt.kit.problems import Fault, Refused
from finance.pools.risk_share import words as said
from finance.pools.risk_share.kinds import (
    ByDirection,
    ByHeading,
    CarriedForward,
    Fixed,
    Kept,
    Leaf,
    Proportional,
    Returned,
    RiskPool,
    Rule,
    Service,
    Tiers,
    outside,
)
from finance.pools.risk_share.rules import MOST_FAULTS, rule_faults, rules_in


@dataclass(frozen=True, slots=True)
class Part:
    """What one partner's spend under one heading adds to the variance, favourable-positive."""

    heading: str
    partner: str
    variance_pence: int


@dataclass(frozen=True, slots=True)
class Shared:
    """Who bears the variance: all amounts together are it. The explanation is a line a step."""

    shares: dict[str, int]
    risk_pool_pence: int
    carried_forward_pence: int
    explanation: tuple[str, ...]


def share(
    *,
    variance_pence: int,
    contributions: Mapping[str, int],
    rule: Rule,
    parts: Sequence[Part] = (),
    names: Mapping[str, str] | None = None,
    of_pence: int | None = None,
) -> Shared:
    """Share a pool's variance (favourable-positive) by a rule.

    ``contributions`` names every partner; each has a share, if only of 0. ``parts`` are the whole
    variance by heading and partner, which some kinds of rule need. ``names`` are for the words.
    Another variance is assumed to lie among the parts as ``of_pence``, to which they add, does.
    Raises Refused where the rule or the parts do not fit the pool.
    """
    faults = rule_faults(rule, contributions)
    whole = variance_pence if of_pence is None else of_pence
    faults += _troubles(variance_pence, contributions, rule)
    faults += _of_parts(whole, contributions, rule, parts)
    if faults:
        raise Refused(faults[:MOST_FAULTS])
    sharing = _Sharing(contributions, names or {})
    scale = Fraction(variance_pence, whole) if parts and whole else Fraction(1)
    sharing.take(rule, _Pot(variance_pence, parts, scale))
    return sharing.shared()


@dataclass(frozen=True, slots=True)
class _Pot:
    """A sum to be shared. Of each of its parts, ``scale`` is in it."""

    pence: int
    parts: Sequence[Part]
    scale: Fraction = Fraction(1)
    place: str = ""  # which sum of several, for the words

    def portion(self, pence: int, place: str) -> _Pot:
        """Some of it, or all."""
        whole = pence == self.pence
        scale = self.scale if whole else self.scale * Fraction(pence, self.pence)
        return replace(self, pence=pence, scale=scale, place=self._within(place))

    def heading(self, heading: str, pence: int) -> _Pot:
        """What of it a heading has."""
        parts = [part for part in self.parts if part.heading == heading]
        return replace(self, pence=pence, parts=parts, place=self._within(heading))

    def by(self, column: str) -> dict[str, int]:
        """The variance of all its parts, unscaled, by partner or by heading."""
        nets: Counter[str] = Counter()
        for part in self.parts:
            nets[getattr(part, column)] += part.variance_pence
        return dict(nets)

    def _within(self, place: str) -> str:
        return ", ".join(filter(None, (self.place, place)))


class _Sharing:
    """The shares as they grow, sum by sum, with the words for each."""

    def __init__(self, contributions: Mapping[str, int], names: Mapping[str, str]) -> None:
        self.contributions = contributions
        self.names = names
        self.shares = dict.fromkeys(contributions, 0)
        self.risk_pool = 0
        self.carried = 0
        self.told: list[str] = []

    def take(self, rule: Rule, pot: _Pot) -> None:
        """Share a pot by a rule."""
        match rule:
            case CarriedForward():
                self.carried += pot.pence
                self.told += said.carried(pot.place, pot.pence)
            case RiskPool():
                self._bear_first(rule, pot)
            case Tiers():
                self._by_tier(rule, pot)
            case ByDirection():
                self.take(rule.overspend if pot.pence < 0 else rule.underspend, pot)
            case ByHeading():
                self._by_heading(rule, pot)
            case _:
                self._split(rule, pot)

    def shared(self) -> Shared:
        """All that was shared, with the words of every step and of the sum."""
        told = self.told or [said.NOTHING]
        if len(told) > 1:
            told = [*told, said.in_all(self.shares, self.risk_pool, self.carried, self.names)]
        return Shared(self.shares, self.risk_pool, self.carried, tuple(told))

    def _split(self, rule: Leaf, pot: _Pot) -> None:
        """Split a pot among partners."""
        exact = self._exact(rule, pot)
        amounts, rounded = to_pence(exact, pot.pence)
        for partner, pence in amounts.items():
            self.shares[partner] += pence
        if pot.pence or any(exact.values()):
            how, grounds = said.grounds(
                rule, pot.pence, self.contributions, pot.by("partner"), pot.scale
            )
            self.told.append(
                said.split(pot.place, pot.pence, how, grounds, amounts, rounded, self.names)
            )

    def _exact(self, rule: Leaf, pot: _Pot) -> dict[str, Fraction]:
        """What each partner bears before rounding."""
        match rule:
            case Proportional() | Returned():
                whole = sum(self.contributions.values())
                return {
                    partner: Fraction(pot.pence * put_in, whole)
                    for partner, put_in in self.contributions.items()
                }
            case Fixed():
                return {
                    partner: pot.pence * Fraction(percent) / 100
                    for partner, percent in rule.percent.items()
                }
            case Service():
                return {partner: net * pot.scale for partner, net in pot.by("partner").items()}
            case Kept():
                return {rule.partner: Fraction(pot.pence)}

    def _bear_first(self, rule: RiskPool, pot: _Pot) -> None:
        """Let the risk pool bear an overspend up to its cap, and share the rest."""
        borne = max(min(pot.pence, 0), -rule.cap_pence)
        self.risk_pool += borne
        self.told += said.borne_first(pot.place, pot.pence, borne, rule.cap_pence)
        place = "after the risk pool" if borne else ""
        self.take(rule.then, pot.portion(pot.pence - borne, place))

    def _by_tier(self, rule: Tiers, pot: _Pot) -> None:
        """Share each band of a pot's size; nought lies in the first."""
        size, sign = abs(pot.pence), -1 if pot.pence < 0 else 1
        before = 0
        for tier in rule.tiers:
            end = size if tier.up_to_pence is None else min(size, tier.up_to_pence)
            if end > before or not size:
                place = said.band(before, tier.up_to_pence)
                self.take(tier.rule, pot.portion(sign * (end - before), place))
            if end == size:
                break
            before = end

    def _by_heading(self, rule: ByHeading, pot: _Pot) -> None:
        """Share what each heading has of a pot."""
        exact = {heading: net * pot.scale for heading, net in pot.by("heading").items()}
        amounts, _ = to_pence(exact, pot.pence)
        for heading in sorted(amounts):
            own = rule.headings.get(heading, rule.otherwise)
            self.take(own, pot.heading(heading, amounts[heading]))


def to_pence(exact: Mapping[str, Fraction], pence: int) -> tuple[dict[str, int], list[str]]:
    """Split pence as the exact amounts say, which add to it within a penny.

    Each is cut to whole pence; what is left goes, a penny each, to those of which most was cut
    in its direction, ties by name. Returns the amounts and who got a penny. No amount changes
    its sign, and with all signs turned all amounts are turned.
    """
    whole = {name: int(amount) for name, amount in exact.items()}
    left = pence - sum(whole.values())
    step = -1 if left < 0 else 1
    by_cut = sorted(exact, key=lambda name: ((whole[name] - exact[name]) * step, name))
    rounded = by_cut[: abs(left)]
    for name in rounded:
        whole[name] += step
    return whole, rounded


def _troubles(variance: int, contributions: Mapping[str, int], rule: Rule) -> Iterator[Fault]:
    """What keeps a rule from being applied to this pool."""
    if not contributions:
        yield Fault("Name each partner of the pool with its contribution.", "contributions")
        return
    if abs(variance) >= LIMIT_PENCE:
        yield Fault(_TOO_LARGE, "variance_pence", str(variance)[:60])
    for partner, put_in in contributions.items():
        if not 0 <= put_in < LIMIT_PENCE:
            message = _TOO_LARGE if put_in > 0 else _NEGATIVE
            yield Fault(message, f"contributions.{partner}", str(put_in)[:60])
    kinds = {own.kind for _, _, own in rules_in(rule)}
    if not kinds.isdisjoint({"proportional", "returned"}) and not sum(contributions.values()):
        yield Fault(_ALL_NOUGHT, "contributions")


def _of_parts(
    variance: int, partners: Collection[str], rule: Rule, parts: Sequence[Part]
) -> Iterator[Fault]:
    """What keeps parts from being those of a variance; nothing of a pool without partners."""
    if not partners:
        return
    needed = bool({own.kind for _, _, own in rules_in(rule)} & {"service", "by_heading"})
    for row, part in enumerate(parts, 1):
        if part.partner not in partners:
            yield Fault(outside(part.partner, partners), "partner", part.partner[:60], row)
        if abs(part.variance_pence) >= LIMIT_PENCE:
            yield Fault(_TOO_LARGE, "variance_pence", str(part.variance_pence)[:60], row)
    added = sum(part.variance_pence for part in parts)
    if needed and not parts and variance:
        yield Fault(_NO_PARTS, "parts")
    elif (needed or parts) and added != variance:
        yield Fault(
            f"These parts add to {words(added, 'gbp')}, and the variance is "
            f"{words(variance, 'gbp')}. Let them agree to the penny; leave ring-fenced and "
            "capital lines out of both.",
            "parts",
        )


_TOO_LARGE = "An amount here is under £1,000,000,000,000. Check the unit: amounts are pence."
_NEGATIVE = "A contribution is nought or more. Check its sign."
_ALL_NOUGHT = (
    "Nobody put anything in, so nothing can be in proportion to it. State the contributions, or "
    "choose a rule of another kind."
)
_NO_PARTS = (
    "This rule asks which heading and partner the variance belongs to. Send the parts, or choose "
    "a rule of another kind."
)
