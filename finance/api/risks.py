"""API of a year's forecast and of the risks against it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Query, Router, Schema

from finance.api import Pence
from finance.api.savings import Which
from finance.as_at import NOW, AsAt, as_change, moment
from finance.figures.forecast import RiskItem
from finance.models.rollups import State
from finance.queries.forecast import risk_position
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

router = Router(tags=["finance"])

AtStake = Annotated[
    int | None,
    Field(
        description="Pence at stake: what would worsen the position is positive; null: not stated"
    ),
]
Rating = Annotated[int | None, Field(description="1 to 5; null: not rated, which is not low")]


class StakeOut(Schema):
    gross_pence: AtStake
    mitigation_pence: AtStake
    net_pence: AtStake
    at_stake_pence: Annotated[
        int | None, Field(description="Net where it is known, else the amount as it is stated")
    ]


class RiskOut(StakeOut):
    """Only open risks count. ``stands_as`` says how an amount is stated: gross, net, not-stated."""

    code: str
    name: str
    partner: str | None
    scheme: str | None
    pool: str | None
    workstream: str | None
    status: str
    likelihood: Rating
    impact: Rating
    score: Annotated[int | None, Field(description="Likelihood times impact; null: not rated")]
    rating: Annotated[
        str | None,
        Field(description="high, medium or low, as its source prints it; null: no word"),
    ]
    stands_as: str
    stated_pence: AtStake
    marks: list[str]
    cause: str
    effect: str
    mitigation: str
    owner_role: str
    owner: str
    review: str


class ForecastRowOut(Schema):
    partner: str
    name: str
    forecast_pence: Pence
    control_total_pence: Pence
    distance_pence: Annotated[
        int | None, Field(description="Forecast less control total, favourable-positive")
    ]
    last_outturn_pence: Pence
    change_pence: Annotated[
        int | None, Field(description="Forecast less last year's outturn, favourable-positive")
    ]
    plans_pence: Pence
    delivered_pence: Pence
    marks: list[str]


class RisksOut(Schema):
    """``total`` sums open risks; its gross, mitigations and net those that state all of them.

    ``before_plans_pence`` and ``if_risk_lands_pence`` are derived, with their cautions.
    """

    system: str
    year: str
    month: int | None
    state: str
    plan: str
    rows: list[RiskOut]
    total: StakeOut
    partners: list[ForecastRowOut]
    forecast_pence: Pence
    control_total_pence: Pence
    distance_pence: Pence
    last_outturn_pence: Pence
    change_pence: Pence
    plans_pence: Pence
    delivered_pence: Pence
    underlying_pence: Pence
    before_plans_pence: Pence
    if_risk_lands_pence: Pence
    cautions: list[str]
    computed_at: datetime | None
    change: int
    stale: bool
    status: str


@router.get(
    "/systems/{system}/years/{year}/risks",
    response=RisksOut,
    summary="The risks of a year, and where its forecast would be before plans and if they land",
)
def risks(
    request: PersonRequest,
    system: str,
    year: str,
    month: Annotated[int | None, Query(ge=0, le=13)] = None,
    state: Which = "published",
    as_at: str = "",
) -> dict[str, Any]:
    """Risks with what is at stake, and a month's forecast that they stand against.

    Left out: the latest reported month, of published figures rather the latest that every
    partner reported.
    """
    slice_ = visible_slice(request.user, system, year)
    asked = NOW
    if as_at:
        at = moment(as_at)
        asked = AsAt(as_at, at, as_change(slice_, at))
    found = risk_position(slice_, state=State(state), month=month, as_at=asked)
    book, total = found.book, found.book.total
    return {
        "rows": [_row(item) for item in found.risks],
        "total": {
            "gross_pence": found.sums.gross_pence,
            "mitigation_pence": found.sums.mitigation_pence,
            "net_pence": found.sums.net_pence,
            "at_stake_pence": found.sums.counted_pence,
        },
        "partners": [
            {
                "control_total_pence": row.control_pence,
                "last_outturn_pence": row.last_pence,
                "marks": list(row.forecast_doubt.marks),
                **{name: getattr(row, name) for name in _PLAIN},
            }
            for row in book.rows
        ],
        "control_total_pence": total.control_pence,
        "last_outturn_pence": total.last_pence,
        **{name: getattr(total, name) for name in _PLAIN if name.endswith("_pence")},
        "underlying_pence": book.underlying_pence,
        "before_plans_pence": book.before_plans_pence,
        "if_risk_lands_pence": found.if_lands_pence,
        "cautions": found.cautions,
        **{name: getattr(book, name) for name in _STAMP},
    }


_PLAIN = (
    "partner", "name", "forecast_pence", "distance_pence", "change_pence", "plans_pence",
    "delivered_pence",
)  # fmt: skip
_STAMP = (
    "system", "year", "month", "state", "plan", "computed_at", "change", "stale", "status",
)  # fmt: skip


def _row(item: RiskItem) -> dict[str, Any]:
    stake = item.stake
    return {
        "partner": item.partner or None,
        "scheme": item.scheme or None,
        "pool": item.pool or None,
        "workstream": item.workstream or None,
        "rating": item.rating or None,
        "owner": item.owner_name,
        "stands_as": stake.stands_as,
        "stated_pence": stake.pence,
        "gross_pence": stake.gross_pence,
        "mitigation_pence": stake.mitigation_pence,
        "net_pence": stake.net_pence,
        "at_stake_pence": stake.counted_pence,
        "marks": list(stake.marks),
        **{name: getattr(item, name) for name in _SAID},
    }


_SAID = (
    "code", "name", "status", "likelihood", "impact", "score", "cause", "effect", "mitigation",
    "owner_role", "review",
)  # fmt: skip
