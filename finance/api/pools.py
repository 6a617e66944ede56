"""API of pooled and aligned budgets: the pools of a system, and one pool."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from ninja import Field, Query, Router, Schema

from esbt.kit.tables import csv_answer
from finance.api import Pence
from finance.api.savings import Which
from finance.downloads.pools import (
    POOL_COLUMNS,
    POOL_LINE_COLUMNS,
    line_details,
    pool_line_rows,
    pool_rows,
    signed_flag,
)
from finance.figures.position import HeadingFigures
from finance.models import PoolAmount
from finance.models.rollups import State
from finance.pools.book import Measure, PoolBook, Stated
from finance.pools.lines import pool_line
from finance.queries.line_months import LineMonth
from finance.queries.pool_sharing import Sharing, sharing_of
from finance.queries.pools import lines_of_pool, pool_book, pool_books
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice, visible_system, visible_years

router = Router(tags=["pools"])

Month = Annotated[int | None, Query(ge=1, le=13)]
Favourable = Annotated[int | None, Field(description="Favourable-positive; null: not stated")]


class PoolOut(Schema):
    """A pool in a year. Pools, years, contributions and spend are never added to each other."""

    code: str
    year: str
    name: str
    kind: Annotated[str, Field(description="pooled or aligned; empty: not stated")]
    state: Annotated[
        str,
        Field(
            description="Status of the agreed amount, else of the scope: provisional, "
            "due-diligence, illustrative, agreed or suspect; empty: not stated"
        ),
    ]
    state_by: Annotated[str, Field(description="Who says so; empty: not stated")]
    signed: Annotated[
        bool | None,
        Field(description="All have signed its plan and agreement; null: nobody is to sign"),
    ]
    host: str | None
    host_proposed: Annotated[bool | None, Field(description="The host is not agreed yet")]
    members: list[str]
    minimum_pence: Pence
    minimum_basis: Annotated[str, Field(description="What it is of, such as county figure")]
    agreed_basis: str
    agreed_pence: Annotated[int | None, Field(description="null: not stated, or suspect")]
    month: Annotated[int | None, Field(description="Of what is to date; null: no report yet")]
    contributions_plan_pence: Pence
    contributions_actual_pence: Pence
    contributions_forecast_pence: Pence
    spend_plan_pence: Pence
    spend_actual_pence: Pence
    spend_forecast_pence: Pence
    variance_pence: Annotated[
        int | None, Field(description="Of spend to date, favourable-positive; null: not stated")
    ]
    forecast_variance_pence: Favourable
    lines: Annotated[int, Field(description="Due in the month; before any report all of the year")]
    reported: int
    warnings: list[str]


class PoolRows(Schema):
    rows: list[PoolOut]


class AmountOut(Schema):
    """An amount that is stated beside the lines; a suspect one is in no total."""

    code: str
    name: str
    measure: str
    pence: Pence
    hedge: Annotated[str, Field(description="The source's own word, such as about")]
    status: str
    basis: str
    counts: bool
    partner: str | None
    heading: str | None
    reason: Annotated[str, Field(description="On what a settled amount rests")]
    source: str | None
    place: str | None
    printed: str | None
    settled: Annotated[bool, Field(description="It was said otherwise before")]


class PoolLineOut(Schema):
    line: str
    name: str
    kind: str
    partner: Annotated[str, Field(description="Who pays it, or who runs the service")]
    income_source: str
    heading: str
    scheme_type: str
    provider_sector: str
    treatment: str
    recurrent: bool | None
    capital: bool | None
    ring_fenced: bool
    outside_share: bool
    plan_pence: Pence
    ytd_plan_pence: Pence
    ytd_actual_pence: Pence
    variance_pence: Annotated[
        int | None,
        Field(description="Of spend favourable-positive; of a contribution above plan"),
    ]
    forecast_pence: Pence


class SharesOut(Schema):
    """``shares`` with what the risk pool bears, what is carried forward and what no rule covers
    is the variance within the share.
    """

    standing: Annotated[
        Literal["binding", "partly binding", "indicative", "not shared"],
        Field(description="Shares are indicative until the trigger of their rule is met"),
    ]
    shares: Annotated[
        dict[str, int] | None, Field(description="Pence by partner, favourable-positive")
    ]
    risk_pool_pence: Favourable
    carried_forward_pence: Favourable
    uncovered_pence: Favourable
    explanation: list[str]
    why_not: Annotated[list[str], Field(description="Why nothing is shared")]


class PoolDetailOut(PoolOut):
    system: str
    manager_role: str
    scope: str
    excludes: str
    amounts: list[AmountOut]
    rows: list[PoolLineOut]
    share: SharesOut


@router.get(
    "/systems/{system}/pools",
    response=PoolRows,
    summary="Pooled and aligned budgets, a row a pool and year",
)
def list_pools(
    request: PersonRequest, system: str, year: str = "", state: Which = "published"
) -> dict[str, Any]:
    """The newest year first; left out: every year. What is to date is of each pool's own month."""
    found = pool_books(
        visible_years(request.user, visible_system(request.user, system)),
        state=State(state),
        year=year,
    )
    return {"rows": [_pool(item) for item in found]}


@router.get("/systems/{system}/pools.csv", summary="The same as CSV")
def pools_csv(
    request: PersonRequest, system: str, year: str = "", state: Which = "published"
) -> HttpResponse:
    """Amounts in pounds; the columns are described at /schemas/pools.json."""
    slices = visible_years(request.user, visible_system(request.user, system))
    found = pool_books(slices, state=State(state), year=year)
    return csv_answer(POOL_COLUMNS, pool_rows(found), f"{system}-pools")


@router.get(
    "/systems/{system}/pools/{code}",
    response=PoolDetailOut,
    summary="One pool in a year, with its stated amounts and its lines",
)
def get_pool(
    request: PersonRequest,
    system: str,
    code: str,
    year: str = "",
    month: Month = None,
    state: Which = "published",
) -> dict[str, Any]:
    """Left out: the newest year in which it stands, published figures and the latest month.

    That is the latest with a report; of published figures rather one for which every line that
    was due reported, and of these the latest in which the most did.
    """
    found, items = _one(request, system, code, year, month, state)
    sharing = sharing_of(found.slice, found.pool, state=State(state), month=found.month)
    pool = found.pool
    return _pool(found) | {
        "system": system,
        "manager_role": pool.manager_role,
        "scope": pool.scope,
        "excludes": pool.excludes,
        "amounts": [_amount(item) for item in found.amounts],
        "rows": [_line(item) for item in items],
        "share": shares_out(sharing),
    }


@router.get("/systems/{system}/pools/{code}/lines.csv", summary="Its lines as CSV")
def pool_csv(
    request: PersonRequest,
    system: str,
    code: str,
    year: str = "",
    month: Month = None,
    state: Which = "published",
) -> HttpResponse:
    """Amounts in pounds; the columns are described at /schemas/pool-lines.json."""
    found, items = _one(request, system, code, year, month, state)
    return csv_answer(POOL_LINE_COLUMNS, pool_line_rows(found, items), f"{system}-{code}")


def _one(
    request: PersonRequest, system: str, code: str, year: str, month: int | None, state: str
) -> tuple[PoolBook, list[LineMonth]]:
    slices = visible_years(request.user, visible_system(request.user, system))
    if year:
        slice_ = visible_slice(request.user, system, year)
    else:
        stands = pool_books(slices, state=State(state), code=code)
        if not stands:
            raise Http404
        slice_ = stands[0].slice
    found = pool_book(slice_, code, state=State(state), month=month)
    return found, lines_of_pool(slice_, found.pool, state=State(state), month=found.month)


def _pool(item: PoolBook) -> dict[str, Any]:
    host = item.host
    names = (
        "state", "state_by", "minimum_pence", "agreed_pence", "month", "lines", "reported",
        "warnings",
    )  # fmt: skip
    return {
        "code": item.pool.code,
        "year": item.slice.year_id,
        "name": item.pool.name,
        "kind": item.pool.kind,
        "signed": signed_flag(item),
        "minimum_basis": item.basis_of(Measure.MINIMUM),
        "agreed_basis": item.basis_of(Measure.AGREED),
        "host": host.partner.code if host else None,
        "host_proposed": host.proposed if host else None,
        "members": sorted({member.partner.code for member in item.members}),
        **{name: getattr(item, name) for name in names},
        **_sums("contributions", item.contributions),
        **_sums("spend", item.spend),
        "variance_pence": item.spend.variance_pence if item.spend else None,
        "forecast_variance_pence": item.spend.forecast_variance_pence if item.spend else None,
    }


def _sums(what: str, row: HeadingFigures | None) -> dict[str, Any]:
    return {
        f"{what}_{name}_pence": getattr(row, f"{name}_pence") if row else None
        for name in ("plan", "actual", "forecast")
    }


def _amount(item: Stated) -> dict[str, Any]:
    amount: PoolAmount = item.amount
    evidence = amount.evidence
    names = ("code", "name", "measure", "pence", "hedge", "status", "basis", "counts", "reason")
    return {
        **{name: getattr(amount, name) for name in names},
        "partner": amount.partner.code if amount.partner else None,
        "heading": amount.heading.code if amount.heading else None,
        "source": evidence.source.title if evidence else None,
        "place": evidence.place if evidence else None,
        "printed": evidence.printed if evidence else None,
        "settled": bool(item.before),
    }


def _line(item: LineMonth) -> dict[str, Any]:
    own = pool_line(item.line)
    return {
        **line_details(item),
        "outside_share": bool(own and own.outside_share),
        "plan_pence": item.plan_pence,
        "ytd_plan_pence": item.plan_to_date_pence,
        "ytd_actual_pence": item.actual_pence,
        "variance_pence": item.variance_pence,
        "forecast_pence": item.forecast_pence,
    }


def shares_out(sharing: Sharing) -> dict[str, Any]:
    """Shares as the API has them, or why there are none."""
    shares = sharing.shares
    names = ("risk_pool_pence", "carried_forward_pence", "uncovered_pence")
    return {
        "standing": shares.standing if shares else "not shared",
        "shares": dict(shares.shares or {}) if shares else None,
        **{name: getattr(shares, name) if shares else None for name in names},
        "explanation": sharing.explanation,
        "why_not": list(sharing.why_not),
    }
