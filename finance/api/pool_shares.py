"""API of a pool's shares: what the rules of a year make of its variance, and a what-if of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict, StrictInt, WrapValidator

from esbt.kit.problems import Fault, Refused
from finance.api import Pence, PositionShareOut, share_answer
from finance.api.risk_share import Variance
from finance.models.rollups import State
from finance.pools.risk_share import Rule, parse_rule, rule_words
from finance.pools.shares import Segment
from finance.pools.what_if import what_if
from finance.queries import position
from finance.queries.pool_effects import position_share
from finance.queries.pool_restated import restated_since
from finance.queries.what_ifs import Positions, ground, pool_year, positions_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

router = Router(tags=["pools"])

Which = Literal["published", "provisional"]
Month = Annotated[int | None, Query(ge=1, le=13)]
Share = Annotated[dict[str, int], Field(description="Pence by partner; less than 0 pays")]


class SegmentOut(Schema):
    """Months under one rule, or under none, with the variance that arose in them."""

    first_month: int
    last_month: int
    rule: Annotated[str | None, Field(description="Code of the rule; null: none covers the months")]
    rule_words: str
    standing: Literal["binding", "indicative", "not shared"]
    variance_pence: Pence
    shares: dict[str, int] | None
    risk_pool_pence: int
    carried_forward_pence: int
    explanation: str
    why_not: str
    restated: Annotated[
        str, Field(description="Figures restated after the rule became binding; empty: none")
    ]


class PoolSharesOut(Schema):
    """Shares, risk pool, carried forward and uncovered add to the variance, where it is shared."""

    system: str
    year: str
    pool: str
    state: str
    month: Annotated[int | None, Field(description="null: nothing is reported that is whole")]
    standing: Literal["binding", "partly binding", "indicative", "not shared"]
    variance_pence: Pence
    outside_pence: Annotated[
        int | None, Field(description="Of ring-fenced and capital lines, which are never shared")
    ]
    segments: list[SegmentOut]
    shares: dict[str, int] | None
    risk_pool_pence: int
    carried_forward_pence: int
    uncovered_pence: Annotated[int, Field(description="Of months without a rule: the host's")]
    why_not: list[str]
    effects: Annotated[
        PositionShareOut | None,
        Field(description="Positions before and after this pool alone is shared; null: no rule"),
    ]


class WhatIfIn(Schema):
    """Another rule, and perhaps another variance, for a pool of a year."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"year": "2018-19", "rule": {"kind": "proportional"}}]},
    )

    year: str
    month: StrictInt | None = Field(
        default=None, ge=1, le=13, description="null: the latest that is whole"
    )
    state: Which = "published"
    basis: Literal["to-date", "forecast"] = "to-date"
    variance_pence: Variance | None = Field(
        default=None, description="Favourable-positive; null: the pool's own"
    )
    # described as a rule, and read by parse_rule, which names the path of each fault
    rule: Annotated[Rule, WrapValidator(lambda terms, _: terms)]


class StandingOut(Schema):
    """A position as reported, under the rules in force, and under the what-if."""

    partner: str
    name: str
    before_pence: Pence
    now_pence: Annotated[int | None, Field(description="null also where the rules share nothing")]
    what_if_pence: Pence


class WhatIfOut(Schema):
    """Nothing is stored, and shares are indicative."""

    month: int | None
    variance_pence: int
    shares: Share
    shares_now: Annotated[
        dict[str, int] | None, Field(description="By the rules in force; null: not shared")
    ]
    risk_pool_pence: int
    carried_forward_pence: int
    explanation: str
    positions: list[StandingOut]
    total: StandingOut | None
    why_not: Annotated[list[str], Field(description="Why no positions are given")]


@router.get(
    "/systems/{system}/pools/{code}/shares",
    response=PoolSharesOut,
    summary="Who bears a pool's variance in a year, and positions before and after",
)
def get_shares(
    request: PersonRequest,
    system: str,
    code: str,
    year: str,
    month: Month = None,
    state: Which = "published",
) -> dict[str, Any]:
    """Left out: the latest month at which every line of spend is reported, published figures."""
    slice_ = visible_slice(request.user, system, year)
    which = State(state)
    pool = pool_year(slice_, code, which)
    found = pool.shares(month)
    answer: dict[str, Any] = {
        **{"system": system, "year": year, "pool": code, "state": state, "month": month},
        **{"standing": "not shared", "variance_pence": None, "outside_pence": None},
        **{"segments": [], "shares": None, "why_not": pool.bad_rules, "effects": None},
        **dict.fromkeys(("risk_pool_pence", "carried_forward_pence", "uncovered_pence"), 0),
    }
    if found is None:
        return answer
    shown, _ = position(slice_, state=which, month=found.month)
    restated = restated_since(slice_, pool.pool, pool.rules, state=which, month=found.month)
    effects = position_share(slice_, shown, state=which, pool=code)
    return answer | {
        **{name: getattr(found, name) for name in found.__slots__},
        "standing": found.standing,
        "segments": [_segment(item, pool.members, restated) for item in found.segments],
        "effects": share_answer(effects) if effects else None,
    }


def _segment(
    item: Segment, names: Mapping[str, str], restated: Mapping[str, str]
) -> dict[str, Any]:
    shared, rule = item.shared, item.rule
    standing = "not shared"
    if shared and rule:
        standing = "binding" if rule.binding else "indicative"
    return {
        "first_month": item.first,
        "last_month": item.last,
        "rule": rule.code if rule else None,
        "rule_words": rule_words(rule.rule, names) if rule else "",
        "standing": standing,
        "variance_pence": item.variance_pence,
        "shares": shared.shares if shared else None,
        "risk_pool_pence": shared.risk_pool_pence if shared else 0,
        "carried_forward_pence": shared.carried_forward_pence if shared else 0,
        "explanation": "\n".join(shared.explanation) if shared else "",
        "why_not": item.why_not,
        "restated": restated.get(rule.code, "") if rule else "",
    }


@router.post(
    "/systems/{system}/pools/{code}/what-if",
    response=WhatIfOut,
    summary="Work out what another rule or variance of a pool would mean; nothing is stored",
)
def ask_what_if(request: PersonRequest, system: str, code: str, body: WhatIfIn) -> dict[str, Any]:
    """One rule takes the place of all that hold in the year, for the whole variance."""
    slice_ = visible_slice(request.user, system, body.year)
    state = State(body.state)
    at = ground(slice_, code, state=state, basis=body.basis, month=body.month)
    rule = parse_rule(body.rule, sorted(at.year.contributions))
    if at.month is None and body.variance_pence is None:
        said = "No spend of the pool is reported that is whole. Send variance_pence."
        raise Refused([Fault(said, "variance_pence")])
    then = what_if(
        rule=rule,
        month=at.month or 1,
        lines=at.year.lines,
        contributions=at.year.contributions,
        names=at.year.members,
        variance_pence=body.variance_pence,
    )
    found: Positions = positions_of(slice_, at, then, state=state)
    return {
        "month": at.month,
        "variance_pence": then.variance_pence,
        "shares": then.shares,
        "shares_now": at.now.shares if at.now else None,
        "risk_pool_pence": then.risk_pool_pence,
        "carried_forward_pence": then.carried_forward_pence,
        "explanation": "\n".join(then.segments[0].shared.explanation),  # type: ignore[union-attr]
        "positions": [_of(row) for row in found.rows],
        "total": _of(found.total) if found.total else None,
        "why_not": found.why_not,
    }


def _of(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
