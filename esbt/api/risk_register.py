"""API of a system's register of risks: what its page and its CSV hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from finance.pages.risk_register import register_record
from finance.queries.risks import register_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system, visible_years

router = Router(tags=["delivery"])

Pence = Annotated[int | None, Field(description="Pence, positive; null is not stated")]
Rated = Annotated[int | None, Field(description="1 to 5; null is not rated, which is not low")]


class RiskOut(Schema):
    """A risk of the register; what it puts at stake is of the answer's year."""

    code: str
    name: str
    hangs_on: list[str]
    partner: Annotated[str, Field(description="Code of the partner; empty: everybody's")]
    pool: str
    scheme: str
    workstream: str
    status: Annotated[str, Field(description="open, landed or closed")]
    likelihood: Rated
    impact: Rated
    score: Annotated[int | None, Field(description="Likelihood times impact, where both are rated")]
    rating: Annotated[str, Field(description="high, medium or low as printed; empty: no word")]
    stands_as: Annotated[str, Field(description="gross, net or not-stated: how it is stated")]
    stated_pence: Pence
    gross_pence: Pence
    mitigations_pence: Pence
    net_pence: Pence
    mitigation: str
    owner_role: str
    owner: str
    review: Annotated[str, Field(description="As precise as it is known; empty: none")]
    past_review: Annotated[bool, Field(description="It lies before the day asked for")]


class RegisterOut(Schema):
    """``year`` is of the money; null where the system has no year."""

    system: str
    year: str | None
    as_of: date
    count: int
    open: int
    unrated: Annotated[int, Field(description="Open ones that nobody rated: not low ones")]
    rows: list[RiskOut]


@router.get(
    "/systems/{system}/risks",
    response=RegisterOut,
    summary="Every risk of its register, with what each puts at stake in the latest year",
)
def list_register(
    request: PersonRequest,
    system: str,
    as_of: Annotated[
        date | None, Query(description="The day of which a review is past; left out: today")
    ] = None,
) -> dict[str, Any]:
    """The gravest first, those not rated last; the same number of queries for any number."""
    found = visible_system(request.user, system)
    slice_ = next(iter(visible_years(request.user, found)), None)
    day = as_of or timezone.localdate()
    risks = register_of(found, slice_)
    held = [risk for risk in risks if risk.counts]
    rows = []
    for risk in risks:
        record = register_record(system, "", risk, day)
        stake = risk.stake
        rows.append(
            record
            | {
                "code": risk.code,
                "stated_pence": stake.pence,
                "gross_pence": stake.gross_pence,
                "mitigations_pence": stake.mitigation_pence,
                "net_pence": stake.net_pence,
            }
        )
    return {
        "system": system,
        "year": slice_.year_id if slice_ else None,
        "as_of": day,
        "count": len(risks),
        "open": len(held),
        "unrated": sum(not risk.rated for risk in held),
        "rows": rows,
    }
