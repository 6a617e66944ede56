"""API of savings: the schemes of a year, one of them, and the savings by month."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from ninja import Query, Router, Schema

from esbt.kit.tables import csv_answer
from finance.api import Pence
from finance.as_at import as_change, moment
from finance.downloads.schemes import (
    SAVING_MONTH_COLUMNS,
    SCHEME_COLUMNS,
    saving_month_rows,
    scheme_rows,
)
from finance.figures.savings import SavingFigures, SavingMonth, SavingsBook, SchemeRow
from finance.models.rollups import State
from finance.pages.scheme_list import Wish, select
from finance.queries.positions import direction
from finance.queries.savings import savings_book
from finance.queries.scheme import scheme_months
from schemes.models import Scheme, Slice
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_slice

router = Router(tags=["savings"])

Month = Annotated[int | None, Query(ge=1, le=12)]
Which = Literal["published", "provisional"]


class FiguresOut(Schema):
    saving_plan_pence: Pence
    ytd_plan_pence: Pence
    ytd_actual_pence: Pence
    variance_pence: Pence
    forecast_pence: Pence
    forecast_month: int | None
    forecast_month_last: int | None
    forecasts_behind: int
    forecast_variance_pence: Pence
    lines: int
    reported: int


class SchemeRowOut(FiguresOut):
    """``state`` is that of the plan's evidence: printed, derived ..., missing where there is none,
    and empty where a person typed it.
    """

    code: str
    name: str
    parent: str | None
    working_label: bool
    theme: str
    lead_partner: str
    partners: list[str]
    stage: str
    recurrent: list[str]
    gross_budget_pence: Pence
    direction: Literal["favourable", "adverse", "none"]
    status: str
    status_reason: str
    rating: str
    state: str


class TotalOut(FiguresOut):
    """The plan as a whole, before savings that are claimed twice are taken out."""

    gross_budget_pence: Pence
    status: str
    status_reason: str


class SchemesOut(Schema):
    system: str
    year: str
    month: int | None
    state: str
    plan: str
    rows: list[SchemeRowOut]
    investments: list[SchemeRowOut]
    total: TotalOut
    unidentified: FiguresOut | None
    weighted_forecast_pence: Pence
    computed_at: datetime | None
    change: int
    stale: bool
    status: str


class MonthOut(Schema):
    month: int
    ytd_plan_pence: Pence
    ytd_actual_pence: Pence
    forecast_pence: Pence
    lines: int
    reported: int


class SavingsOut(Schema):
    system: str
    year: str
    state: str
    plan: str
    rows: list[MonthOut]
    computed_at: datetime | None
    change: int
    stale: bool


class SchemeOut(SchemeRowOut):
    system: str
    year: str
    month: int | None
    kind: str
    purpose: str
    proposal: str
    key_outcomes: str
    lead_role: str
    starts: str
    ends: str
    pathways: list[str]
    note: str
    months: list[MonthOut]
    computed_at: datetime | None
    change: int
    stale: bool


class WishIn(Schema):
    """Filters; "none" is what is not stated, and recurrent is yes, no or "not stated"."""

    q: str = ""
    theme: str = ""
    partner: str = ""
    stage: str = ""
    status: str = ""
    recurrent: str = ""


def _book(
    request: PersonRequest, system: str, year: str, month: int | None, state: str, as_at: str
) -> tuple[Slice, SavingsBook]:
    slice_ = visible_slice(request.user, system, year)
    return slice_, savings_book(
        slice_,
        state=State(state),
        month=month,
        change=computed_change(slice_),
        ceiling=as_change(slice_, moment(as_at)) if as_at else None,
    )


@router.get(
    "/systems/{system}/years/{year}/schemes",
    response=SchemesOut,
    summary="The schemes of a year with their savings",
)
def list_schemes(
    request: PersonRequest,
    system: str,
    year: str,
    wish: Query[WishIn],
    month: Month = None,
    state: Which = "published",
    as_at: str = "",
) -> dict[str, Any]:
    """Wholes, whose figures hold those of their parts, and parts behind them. Years never add.

    The total is that of the whole plan, whatever is filtered. Left out: published figures
    and the latest month with a report of savings, of published figures rather the latest for which
    every partner that was due reported them.
    """
    _, book = _book(request, system, year, month, state, as_at)
    names = ("system", "year", "month", "state", "plan", "computed_at", "change", "stale", "status")
    return {name: getattr(book, name) for name in names} | {
        "rows": [_row(row) for row in select(book, Wish(**wish.dict())).rows],
        "investments": [_row(row) for row in book.investments],
        "total": _figures(book.total)
        | {
            "gross_budget_pence": book.gross_budget_pence,
            "status": book.judged.status,
            "status_reason": book.judged.reason,
        },
        "unidentified": _figures(book.unidentified) if book.unidentified else None,
        "weighted_forecast_pence": book.weighted_forecast_pence,
    }


@router.get("/systems/{system}/years/{year}/schemes.csv", summary="The same as CSV")
def schemes_csv(
    request: PersonRequest,
    system: str,
    year: str,
    wish: Query[WishIn],
    month: Month = None,
    state: Which = "published",
    as_at: str = "",
) -> HttpResponse:
    """Amounts in pounds; the columns are described at /schemas/schemes.json."""
    _, book = _book(request, system, year, month, state, as_at)
    asked = Wish(**wish.dict())
    rows = scheme_rows(book, select(book, asked).rows, whole=not asked.filtered)
    return csv_answer(SCHEME_COLUMNS, rows, f"{system}-{year}-schemes")


@router.get(
    "/systems/{system}/years/{year}/schemes/{scheme}",
    response=SchemeOut,
    summary="One scheme, with its savings by month",
)
def get_scheme(
    request: PersonRequest,
    system: str,
    year: str,
    scheme: str,
    month: Month = None,
    state: Which = "published",
) -> dict[str, Any]:
    """A whole scheme's figures hold those of its parts."""
    slice_, book = _book(request, system, year, month, state, "")
    found = Scheme.objects.filter(system=slice_.system_id, code=scheme).first()
    row = next((r for r in (*book.rows, *book.investments) if r.code == scheme), None)
    if found is None or row is None:
        raise Http404
    texts = ("kind", "purpose", "proposal", "key_outcomes", "lead_role", "starts", "ends")
    stamp = ("system", "year", "month", "computed_at", "change", "stale")
    return (
        _row(row)
        | {name: getattr(found, name) for name in (*texts, "pathways", "note")}
        | {name: getattr(book, name) for name in stamp}
        | {"months": [_month(point) for point in scheme_months(slice_, found, State(state))]}
    )


@router.get(
    "/systems/{system}/years/{year}/savings",
    response=SavingsOut,
    summary="Savings of a year by month",
)
def list_savings(
    request: PersonRequest,
    system: str,
    year: str,
    state: Which = "published",
    as_at: str = "",
) -> dict[str, Any]:
    """Cumulative; an actual only where every line that was due has reported."""
    _, book = _book(request, system, year, None, state, as_at)
    names = ("system", "year", "state", "plan", "computed_at", "change", "stale")
    return {name: getattr(book, name) for name in names} | {
        "rows": [_month(point) for point in book.months]
    }


@router.get("/systems/{system}/years/{year}/savings.csv", summary="The same as CSV")
def savings_csv(
    request: PersonRequest, system: str, year: str, state: Which = "published", as_at: str = ""
) -> HttpResponse:
    """Amounts in pounds; the columns are described at /schemas/savings.json."""
    _, book = _book(request, system, year, None, state, as_at)
    return csv_answer(SAVING_MONTH_COLUMNS, saving_month_rows(book), f"{system}-{year}-savings")


def _figures(figures: SavingFigures) -> dict[str, Any]:
    return {
        "saving_plan_pence": figures.plan_pence,
        "ytd_plan_pence": figures.plan_to_date_pence,
        "ytd_actual_pence": figures.actual_pence,
        "variance_pence": figures.variance_pence,
        "forecast_pence": figures.forecast_pence,
        "forecast_month": figures.forecast_month,
        "forecast_month_last": figures.forecast_month_last,
        "forecasts_behind": figures.forecasts_behind,
        "forecast_variance_pence": figures.forecast_variance_pence,
        "lines": figures.lines,
        "reported": figures.reported,
    }


def _row(row: SchemeRow) -> dict[str, Any]:
    names = (
        "code", "name", "parent", "working_label", "theme", "lead_partner", "partners", "stage",
        "recurrent", "gross_budget_pence", "rating",
    )  # fmt: skip
    return (
        _figures(row.figures)
        | {name: getattr(row, name) for name in names}
        | {
            "direction": direction(row.figures.variance_pence),
            "status": row.judged.status,
            "status_reason": row.judged.reason,
            "state": row.evidence,
        }
    )


def _month(point: SavingMonth) -> dict[str, Any]:
    return {
        "month": point.month,
        "ytd_plan_pence": point.plan_pence,
        "ytd_actual_pence": point.actual_pence,
        "forecast_pence": point.forecast_pence,
        "lines": point.lines,
        "reported": point.reported,
    }
