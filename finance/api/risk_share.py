"""API of the what-if for a pool: what a rule makes of a variance for each partner."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Field, Router, Schema
from pydantic import ConfigDict, StrictInt, WrapValidator

from esbt.kit.money import LIMIT_PENCE
from esbt.kit.problems import Refused
from finance.pools.risk_share import Part, Rule, parse_rule, share
from finance.pools.risk_share.kinds import Heading, Partner
from finance.pools.risk_share.rules import heading_faults
from schemes.people.requests import PersonRequest

router = Router(tags=["pools"])

_BOUNDS = {"exclusiveMinimum": -LIMIT_PENCE, "exclusiveMaximum": LIMIT_PENCE}

Variance = Annotated[
    StrictInt,
    Field(description="Favourable-positive: an overspend is negative", json_schema_extra=_BOUNDS),
]


class PartIn(Schema):
    """What one partner's spend under one heading adds to the variance."""

    model_config = ConfigDict(extra="forbid")

    heading: Heading
    partner: Partner
    variance_pence: Variance


class RiskShareIn(Schema):
    """A variance, the pool that it arose in, and the rule of its agreement."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "variance_pence": -100000,
                    "contributions": {"escc": 4000000, "icb": 6000000},
                    "rule": {"kind": "proportional"},
                }
            ]
        },
    )

    variance_pence: Variance
    contributions: dict[Partner, StrictInt] = Field(
        min_length=1,
        max_length=200,
        description="What each partner is to put in over the year, nought or more; every partner "
        "has a share, if only of 0",
    )
    # described as a rule, and read by parse_rule, which names the path of each fault
    rule: Annotated[Rule, WrapValidator(lambda terms, _: terms)] = Field(
        description="There is no default. Rules lie within each other at most five deep, and are "
        "at most a hundred."
    )
    parts: list[PartIn] = Field(
        default=[],
        max_length=1000,
        description="The whole variance by heading and partner, which rules of the kinds service "
        "and by_heading need; leave ring-fenced and capital lines out of it and of the variance",
    )


class RiskShareOut(Schema):
    """Shares, what the risk pool bears and what is carried forward add to the variance."""

    shares: dict[str, int] = Field(description="Pence by partner; a share of an overspend is < 0")
    risk_pool_pence: int
    carried_forward_pence: int
    explanation: str = Field(description="How it was worked out, a line a step")


@router.post(
    "/risk-share",
    response=RiskShareOut,
    summary="Work out what a rule makes of a pool's variance; nothing is stored",
)
def risk_share(request: PersonRequest, body: RiskShareIn) -> dict[str, Any]:
    """Partners may have any names: they need not be known here."""
    rule = parse_rule(body.rule, body.contributions)
    faults = heading_faults(rule, {part.heading for part in body.parts}) if body.parts else []
    if faults:
        raise Refused(faults)
    shared = share(
        variance_pence=body.variance_pence,
        contributions=body.contributions,
        rule=rule,
        parts=[Part(part.heading, part.partner, part.variance_pence) for part in body.parts],
    )
    return {
        "shares": shared.shares,
        "risk_pool_pence": shared.risk_pool_pence,
        "carried_forward_pence": shared.carried_forward_pence,
        "explanation": "\n".join(shared.explanation),
    }
