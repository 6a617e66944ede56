"""The kinds of rule by which a pool's variance is shared, as data.

Their docstrings and examples are what the API's description says of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from esbt.kit.money import LIMIT_PENCE, words
from esbt.kit.words import in_a_list

Partner = Annotated[str, Field(min_length=1, max_length=100, description="A partner of the pool")]
Heading = Annotated[str, Field(min_length=1, max_length=100)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)]

Trouble = tuple[str, str, object]  # where within the rule, what is wrong, what was given


class Terms(BaseModel):
    """What every kind of rule has: other rules in it, and what it asks of the pool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def inner(self) -> Iterable[tuple[str, Rule]]:
        """The rules that it holds, each with its place in this one."""
        return ()

    def troubles(self, partners: Collection[str]) -> Iterator[Trouble]:
        """What is wrong with it in a pool of these partners, apart from the rules that it holds."""
        return iter(())


class Proportional(Terms):
    """In proportion to the partners' contributions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "proportional"}]})

    kind: Literal["proportional"]


class Fixed(Terms):
    """In fixed percentages that add to exactly 100; a partner that is left out bears nothing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "fixed", "percent": {"escc": "40", "icb": "60"}}]}
    )

    kind: Literal["fixed"]
    percent: dict[Partner, Percent] = Field(
        max_length=200,
        description="Percentage by partner, as text or number, with up to six decimals",
    )

    def troubles(self, partners: Collection[str]) -> Iterator[Trouble]:
        """Partners outside the pool, and a sum other than 100."""
        for partner in self.percent:
            yield from _outside(f".percent.{partner}", partner, partners)
        added = sum(self.percent.values(), Decimal(0))
        if added != 100:
            yield (
                ".percent",
                f"These percentages add to {plain(added)}. Let them add to exactly 100; thirds are "
                "33.33, 33.33 and 33.34.",
                plain(added),
            )


class Service(Terms):
    """Each partner bears the variance of its own parts. It needs ``parts``.

    Where only some of the variance is shared by this rule, as after a risk pool, every part is
    scaled down alike.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "service"}]})

    kind: Literal["service"]


class Kept(Terms):
    """One partner bears an overspend and keeps an underspend."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "kept", "partner": "escc"}]})

    kind: Literal["kept"]
    partner: Partner

    def troubles(self, partners: Collection[str]) -> Iterator[Trouble]:
        """A partner outside the pool."""
        yield from _outside(".partner", self.partner, partners)


class Returned(Terms):
    """Money goes back to the partners in proportion to their contributions.

    An overspend is asked for in the same proportion.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "returned"}]})

    kind: Literal["returned"]


class CarriedForward(Terms):
    """The variance stays in the pool for next year and is nobody's share."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "carried_forward"}]})

    kind: Literal["carried_forward"]


class RiskPool(Terms):
    """A risk pool bears an overspend first, up to its cap; ``then`` shares what is left.

    An underspend goes to ``then`` whole.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "risk_pool", "cap_pence": 50000000, "then": {"kind": "proportional"}}
            ]
        }
    )

    kind: Literal["risk_pool"]
    cap_pence: StrictInt = Field(ge=0, lt=LIMIT_PENCE)
    then: Rule

    @property
    def inner(self) -> Iterable[tuple[str, Rule]]:
        """The rule for what is left."""
        return ((".then", self.then),)


class Tier(BaseModel):
    """A band of the variance's size; the last has no ``up_to_pence``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    up_to_pence: StrictInt | None = Field(
        default=None,
        gt=0,
        lt=LIMIT_PENCE,
        description="Where the band ends, counted from nought; left out of the last band alone",
    )
    rule: Rule


class Tiers(Terms):
    """Bands of the variance's size, over or under, each by its own rule."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "tiers",
                    "tiers": [
                        {"up_to_pence": 50000000, "rule": {"kind": "kept", "partner": "escc"}},
                        {"rule": {"kind": "proportional"}},
                    ],
                }
            ]
        }
    )

    kind: Literal["tiers"]
    tiers: list[Tier] = Field(min_length=1)

    @property
    def inner(self) -> Iterable[tuple[str, Rule]]:
        """The rule of each band."""
        return [(f".tiers[{place}].rule", tier.rule) for place, tier in enumerate(self.tiers)]

    def troubles(self, partners: Collection[str]) -> Iterator[Trouble]:
        """Bands that do not rise, have no end, or end where the last goes on."""
        *bands, last = [tier.up_to_pence for tier in self.tiers]
        for place, end in enumerate(bands):
            if end is None:
                yield (
                    f".tiers[{place}].up_to_pence",
                    f"Tier {place + 1} is not the last: say up to how many pence it goes.",
                    "",
                )
        if last is not None:
            yield (
                f".tiers[{len(bands)}].up_to_pence",
                "The last tier has no limit, so that every variance is shared: leave up_to_pence "
                "out of it, or add a tier for what is beyond.",
                last,
            )
        for place, (before, end) in enumerate(pairwise(bands), 1):
            if before is not None and end is not None and end <= before:
                yield (
                    f".tiers[{place}].up_to_pence",
                    f"Tier {place + 1} ends at {words(end, 'gbp')} and the one before it at "
                    f"{words(before, 'gbp')}: let each tier end higher than the last.",
                    end,
                )


class ByDirection(Terms):
    """One rule for an overspend and another for an underspend; nought counts as the latter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "by_direction",
                    "overspend": {"kind": "proportional"},
                    "underspend": {"kind": "carried_forward"},
                }
            ]
        }
    )

    kind: Literal["by_direction"]
    overspend: Rule
    underspend: Rule

    @property
    def inner(self) -> Iterable[tuple[str, Rule]]:
        """Both rules."""
        return ((".overspend", self.overspend), (".underspend", self.underspend))


class ByHeading(Terms):
    """The variance of each heading by its own rule. It needs ``parts``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "by_heading",
                    "headings": {"reablement": {"kind": "service"}},
                    "otherwise": {"kind": "proportional"},
                }
            ]
        }
    )

    kind: Literal["by_heading"]
    headings: dict[Heading, Rule] = Field(min_length=1)
    otherwise: Rule = Field(description="For every heading that has no rule of its own")

    @property
    def inner(self) -> Iterable[tuple[str, Rule]]:
        """The rules of the headings named, and that of the others."""
        return [
            *((f".headings.{heading}", rule) for heading, rule in self.headings.items()),
            (".otherwise", self.otherwise),
        ]


Leaf = Proportional | Fixed | Service | Kept | Returned  # splits a sum among partners
Rule = Annotated[
    Leaf | CarriedForward | RiskPool | Tiers | ByDirection | ByHeading,
    Field(discriminator="kind"),
]
for _kind in (RiskPool, Tier, Tiers, ByDirection, ByHeading):
    _kind.model_rebuild()


def plain(number: Decimal) -> str:
    """A percentage as people write it, without noughts at its end."""
    return f"{number.normalize():f}"


def _outside(where: str, partner: str, partners: Collection[str]) -> Iterator[Trouble]:
    if partner not in partners:
        yield where, outside(partner, partners), partner


def outside(partner: str, partners: Collection[str]) -> str:
    """What to say of a partner that is not in the pool."""
    named = sorted(partners)[:10]
    more = len(partners) - len(named)
    listed = in_a_list([*named, f"{more} more"] if more else named)
    return f"'{partner}' does not contribute to this pool. Name one that does: {listed}."
