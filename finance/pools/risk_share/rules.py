"""Rules as they come from outside: read, and checked against the pool that they are for.

Whatever is wrong is told at once, each with its path: ``rule.tiers[0].rule.percent.escc``.
There is no default rule (DOMAIN 16).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from esbt.kit.problems import Fault, Refused
from esbt.kit.words import in_a_list
from finance.pools.risk_share.kinds import ByHeading, Rule

DEPTH = 5  # rules within each other; an agreement has two or three
MOST_RULES = 100  # in one rule, itself counted
MOST_FAULTS = 50  # told at once

_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
_KINDS = (
    "proportional", "fixed", "service", "kept", "returned", "carried_forward", "risk_pool",
    "tiers", "by_direction", "by_heading",
)  # fmt: skip


def parse_rule(terms: object, partners: Collection[str]) -> Rule:
    """Read a rule for a pool of these partners.

    Raises Refused with all that is wrong, each fault with its path from ``rule``.
    """
    try:
        rule = _RULE.validate_python(terms)
    except ValidationError as error:
        found = error.errors(include_url=False)[:MOST_FAULTS]
        raise Refused([_of_form(item) for item in found]) from None
    faults = rule_faults(rule, partners)
    if faults:
        raise Refused(faults)
    return rule


def rule_faults(rule: Rule, partners: Collection[str]) -> list[Fault]:
    """All that is wrong with a rule, which has its form, in a pool of these partners."""
    every = list(islice(rules_in(rule), MOST_RULES + 1))
    if len(every) > MOST_RULES:
        return [Fault(f"A rule holds at most {MOST_RULES} rules: say it with fewer.", "rule")]
    faults = []
    for path, level, own in every:
        if level > DEPTH:
            message = f"Rules lie within each other at most {DEPTH} deep: say it with fewer."
            faults.append(Fault(message, path))
        faults += [
            Fault(message, path + where, str(given)[:60])
            for where, message, given in own.troubles(partners)
        ]
    return faults[:MOST_FAULTS]


def named_headings(rule: Rule) -> dict[str, str]:
    """The headings that a rule and all in it name: the path of each by heading."""
    return {
        heading: f"{path}.headings.{heading}"
        for path, _, own in rules_in(rule)
        if isinstance(own, ByHeading)
        for heading in own.headings
    }


def heading_faults(rule: Rule, headings: Collection[str]) -> list[Fault]:
    """Headings that a rule names and that its pool has not: such a rule would pass them over."""
    there = sorted(headings)[:10]
    remedy = f"Name one that it has: {in_a_list(there)}." if there else "It has no heading yet."
    return [
        Fault(f"The pool has no heading '{heading}'. {remedy}", path, heading)
        for heading, path in named_headings(rule).items()
        if heading not in headings
    ]


def rules_in(rule: Rule, path: str = "rule", level: int = 1) -> Iterator[tuple[str, int, Rule]]:
    """A rule and all in it, each with its path and how deep it lies."""
    yield path, level, rule
    for where, own in rule.inner:
        yield from rules_in(own, path + where, level + 1)


_A_RULE = 'A rule is an object with its kind, such as {"kind": "proportional"}.'
_A_PERCENTAGE = 'Give a percentage, such as "40" or "33.33".'
_SAID = {
    "union_tag_not_found": f"Say the kind of this rule. Kinds are {in_a_list(_KINDS)}.",
    "union_tag_invalid": f"There is no such kind of rule. Kinds are {in_a_list(_KINDS)}.",
    "recursion_depth_exceeded": f"Rules lie within each other at most {DEPTH} deep.",
    "missing": "This is missing, and nothing is taken for it: state it.",
    "extra_forbidden": "This kind of rule has nothing of this name: leave it out.",
    "model_type": "A tier is an object with its rule and, unless it is the last, up_to_pence.",
    "list_type": "Give a list of tiers.",
    "dict_type": "Give an object with a name for each entry.",
    "string_type": "Give a name, as text.",
    "string_too_short": "Give a name: it is empty.",
    "string_too_long": "Give a name of at most {max_length} characters.",
    "too_short": "Name at least {min_length}.",
    "too_long": "Name at most {max_length}.",
    "int_type": "Give whole pence, such as 10000 for £100.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give {ge} or more.",
    "less_than": "Give less than {lt}.",
    "less_than_equal": "Give {le} or less.",
    "decimal_max_places": "Give a percentage with at most {decimal_places} decimals.",
    "decimal_type": _A_PERCENTAGE,
    "decimal_parsing": _A_PERCENTAGE,
    "finite_number": _A_PERCENTAGE,
}


def _of_form(item: Any) -> Fault:
    """The fault of a rule that has not the form of its kind."""
    kind, given, path = item["type"], item["input"], _path(item["loc"])
    if kind == "model_attributes_type":
        message = _A_RULE
        if given is None:
            message = f"No rule is given, and none is taken by default. {_A_RULE}"
    elif kind in _SAID:
        message = _SAID[kind].format(**item.get("ctx", {}))
    else:
        message = item["msg"]
    if kind == "recursion_depth_exceeded":
        path = "rule"  # its path would fill a page
    if kind.startswith("union_tag"):
        given, path = given.get("kind"), f"{path}.kind"
    shown = "" if isinstance(given, dict | list | None) else str(given)[:60]
    return Fault(message, path, shown)


# what follows a field in pydantic's places; a rule's kind is among them, and in no path
_AFTER = dict.fromkeys(("then", "overspend", "underspend", "otherwise", "rule"), "kind")
_AFTER |= {"headings": "heading", "tiers": "tier"}


def _path(places: Sequence[int | str]) -> str:
    """The path as its sender sees it."""
    path, this = "rule", "kind"
    for place in places:
        if this != "kind":
            path += f"[{place}]" if isinstance(place, int) else f".{place}"
        following = {"kind": "field", "heading": "kind", "tier": "field"}
        this = following.get(this) or _AFTER.get(str(place), "end")
    return path
