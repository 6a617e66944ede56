"""A rule in words, and each step of a sharing, so that a reader can follow it with a calculator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from esbt.kit.money import percent, words
from esbt.kit.words import capital, in_a_list
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
    plain,
)

Names = Mapping[str, str]

NOTHING = "Neither over nor underspent: there is nothing to share."


def rule_words(rule: Rule, names: Names | None = None) -> str:
    """A rule in a sentence; names are the partners' short names by code."""
    return capital(_clause(rule, names or {})) + "."


def _clause(rule: Rule, names: Names) -> str:
    match rule:
        case CarriedForward():
            return "carried forward in the pool to next year"
        case RiskPool():
            cap = _pounds(rule.cap_pence)
            then = _within(rule.then, names)
            return f"an overspend first by the risk pool, up to {cap}; everything else {then}"
        case ByDirection():
            over, under = (_within(own, names) for own in (rule.overspend, rule.underspend))
            return f"an overspend {over}; an underspend {under}"
        case Tiers():
            before, bands = 0, []
            for tier in rule.tiers:
                bands.append(f"{band(before, tier.up_to_pence)} {_within(tier.rule, names)}")
                before = tier.up_to_pence or 0
            return "; ".join(bands)
        case ByHeading():
            headings = [
                f"{heading} {_within(own, names)}" for heading, own in sorted(rule.headings.items())
            ]
            return "; ".join([*headings, f"every other heading {_within(rule.otherwise, names)}"])
        case _:
            return _leaf(rule, names)


def _leaf(rule: Leaf, names: Names) -> str:
    match rule:
        case Proportional():
            return "in proportion to contributions"
        case Fixed():
            parts = [
                f"{names.get(partner, partner)} {plain(part)}%"
                for partner, part in sorted(rule.percent.items())
            ]
            return f"in fixed percentages, {in_a_list(parts)}"
        case Service():
            return "by the partner of each service"
        case Kept():
            return f"all by {names.get(rule.partner, rule.partner)}"
        case Returned():
            return "returned in proportion to contributions"


def _within(rule: Rule, names: Names) -> str:
    """A rule in the words of another: one that holds rules stands in brackets."""
    clause = _clause(rule, names)
    return f"({clause})" if rule.inner else clause


def band(before: int, end: int | None) -> str:
    """A band of a variance's size, from its end in pence to that of the band before."""
    if end is None:
        return f"beyond {_pounds(before)}" if before else "all of it"
    return f"from {_pounds(before)} to {_pounds(end)}" if before else f"the first {_pounds(end)}"


def grounds(
    rule: Leaf,
    pence: int,
    contributions: Mapping[str, int],
    nets: Mapping[str, int],
    scale: Fraction,
) -> tuple[str, dict[str, str]]:
    """How a sum is split, and why each partner has its part of it."""
    match rule:
        case Proportional() | Returned():
            whole = sum(contributions.values())
            how = f"in proportion to contributions of {_pounds(whole)}"
            if isinstance(rule, Returned):
                how = f"{'asked for' if pence < 0 else 'returned'} {how}"
            return how, {
                partner: f" is to put in {_pounds(put_in)} ({percent(put_in, whole):.1f}%) over "
                "the year and"
                for partner, put_in in contributions.items()
            }
        case Fixed():
            return "in fixed percentages", {
                partner: f" ({plain(part)}%)" for partner, part in rule.percent.items()
            }
        case Service():
            how = "by the partner of each service"
            if scale != 1:
                how += f", {_pounds(scale.numerator)} of every {_pounds(scale.denominator)}"
            return how, {
                partner: f", whose services have {_a(_variance(net))},"
                for partner, net in nets.items()
            }
        case Kept():
            return "all to one partner", {rule.partner: ""}


def split(
    place: str,
    pence: int,
    how: str,
    why: Mapping[str, str],
    amounts: Mapping[str, int],
    rounded: Sequence[str],
    names: Names,
) -> str:
    """How a sum was split, whom it came to, and who has the pennies that rounding leaves."""
    who = "; ".join(
        f"{names.get(partner, partner)}{why[partner]} {_bears(amounts[partner])}"
        for partner in sorted(amounts)
    )
    line = f"{_subject(place, pence)} {how}: {who}."
    if rounded:
        to = in_a_list([names.get(partner, partner) for partner in rounded])
        many = len(rounded) > 1
        line += (
            f" The {f'{len(rounded)} pennies' if many else 'penny'} that rounding leaves "
            f"{'go' if many else 'goes'} to {to}: the largest fractions of a penny, and of equal "
            "ones the first by code."
        )
    return line


def borne_first(place: str, pence: int, borne: int, cap: int) -> list[str]:
    """What a risk pool bears of a sum."""
    if not pence:
        return []
    if pence > 0:
        return [f"{_subject(place, pence)}: the risk pool has no part in an underspend."]
    return [
        f"{_subject(place, pence)}: the risk pool bears {_pounds(borne)} first, its cap being "
        f"{_pounds(cap)}, and {_pounds(pence - borne)} is left."
    ]


def carried(place: str, pence: int) -> list[str]:
    """What of a sum stays in the pool."""
    if not pence:
        return []
    return [
        f"{_subject(place, pence)} carried forward to next year: it stays in the pool and is "
        "nobody's share."
    ]


def in_all(shares: Mapping[str, int], risk_pool: int, carry: int, names: Names) -> str:
    """What every step came to together."""
    said = [
        f"{names.get(partner, partner)} {_bears(pence)}"
        for partner, pence in sorted(shares.items())
    ]
    if risk_pool:
        said.append(f"the risk pool {_bears(risk_pool)}")
    if carry:
        said.append(f"{_a(_variance(carry))} is carried forward")
    return f"In all: {'; '.join(said)}."


def _subject(place: str, pence: int) -> str:
    said = _variance(pence)
    return capital(f"{place}: {said}" if place else said)


def _variance(pence: int) -> str:
    if not pence:
        return "no variance"
    return f"{'overspend' if pence < 0 else 'underspend'} of {_pounds(pence)}"


def _a(variance: str) -> str:
    return variance if variance.startswith("no") else f"an {variance}"


def _bears(pence: int) -> str:
    if not pence:
        return "has no part"
    return f"{'bears' if pence < 0 else 'gains'} {_pounds(pence)}"


def _pounds(pence: int) -> str:
    """The size of an amount, to the penny."""
    return words(abs(pence), "gbp")
