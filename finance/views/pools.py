"""Pooled and aligned budgets: the year's list with every stated scope, and a pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.money import AmountError, parse_amount
from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.tables import csv_answer
from finance.downloads.pools import (
    POOL_AMOUNT_COLUMNS,
    POOL_COLUMNS,
    POOL_LINE_COLUMNS,
    pool_amount_rows,
    pool_line_rows,
    pool_rows,
    statement_name,
)
from finance.models import PoolAmount
from finance.models.base import FIRST_MONTH
from finance.months import month_label
from finance.pages.pool import amount_rows, keeping_ways, pool_page
from finance.pages.pool_shares import shares_page
from finance.pages.pools import list_page
from finance.pools.book import PoolBook
from finance.queries.pool_lines import pool_years
from finance.queries.pool_restated import restated_since
from finance.queries.pool_statements import QUARTERS, closings, why_open
from finance.queries.pools import lines_of_pool, pool_book, pool_books, printed_envelopes
from finance.queries.positions import status_of
from finance.services import settle_pool_amount
from finance.views.frame import (
    chosen_month,
    chosen_state,
    month_links,
    page_within_finances,
    problems_of,
    state_switch,
)
from schemes.models import Change, Pool, Slice
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_slice, visible_years


@dataclass(frozen=True)
class Stamp:
    """Which figures are shown."""

    month: int | None
    state: str
    status: str
    computed_at: datetime | None
    change: int
    stale: bool


def frame_of(slice_: Slice, *crumbs: dict[str, str]) -> dict[str, Any]:
    """What every page of pools has around it."""
    frame = page_within_finances(slice_)
    overview = frame["crumbs"][:1]
    return frame | {"crumbs": [*overview, *crumbs]}


def pools_crumb(slice_: Slice) -> dict[str, str]:
    """The way back to the list."""
    href = reverse("pools", args=[slice_.system.code, slice_.year_id])
    return {"label": f"Pooled budgets {slice_.year}", "href": href}


def within_pool(slice_: Slice, pool: Pool) -> dict[str, Any]:
    """What every page beneath a pool's needs around it; such a page never renews itself."""
    href = reverse("pool", args=[slice_.system.code, slice_.year_id, pool.code])
    own = {"label": pool.name, "href": href}
    return frame_of(slice_, pools_crumb(slice_), own) | {"stamp_url": ""}


@login_required
@require_GET
def pools(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The pools of a year, and all stated scopes of the system side by side."""
    slice_ = visible_slice(request.user, system, year)
    slices = visible_years(request.user, slice_.system)
    state = chosen_state(request)
    every = pool_books(slices, state=state)
    own = [item for item in every if item.slice.pk == slice_.pk]
    context = list_page(own, every, printed_envelopes(slices), str(slice_.year)) | {
        "amounts_href": reverse("pool-amounts-csv", args=[system, year]),
        "position": _stamp(slice_, state, None),
        "state_switch": state_switch(request, state),
        "downloads": [
            {
                "label": "CSV",
                "href": f"{reverse('pools-csv', args=[system, year])}?state={state}",
            }
        ],
    }
    return render(request, "finance/pools.html", context | frame_of(slice_))


@login_required
@require_GET
def pools_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The pools of a year as CSV."""
    slice_ = visible_slice(request.user, system, year)
    found = pool_books(
        visible_years(request.user, slice_.system), state=chosen_state(request), year=year
    )
    return csv_answer(POOL_COLUMNS, pool_rows(found), f"{system}-{year}-pools")


@login_required
@require_GET
def pool_amounts_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Every amount that is stated of a pool, in each year of the system that the person sees."""
    slices = visible_years(request.user, visible_slice(request.user, system, year).system)
    rows = pool_amount_rows(pool_books(slices, state=chosen_state(request)))
    return csv_answer(POOL_AMOUNT_COLUMNS, rows, f"{system}-pool-amounts")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """A pool in a year; posts settle one of its doubted amounts."""
    slice_ = visible_slice(request.user, system, year)
    found = _asked(request, slice_, code)
    if request.method != "POST":
        return _show(request, found)
    require(request.user, Permission.KEEP_POOLS, system=slice_.system)
    try:
        _settle(request, slice_, code)
    except Refused as refused:
        return _show(request, found, refused)
    messages.success(request, "Settled. What it was said to be before stays beside it.")
    return redirect("pool", system, year, code)


@login_required
@require_GET
def pool_csv(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The lines of a pool as CSV."""
    found = _asked(request, visible_slice(request.user, system, year), code)
    items = lines_of_pool(found.slice, found.pool, state=chosen_state(request), month=found.month)
    rows = pool_line_rows(found, items)
    return csv_answer(POOL_LINE_COLUMNS, rows, f"{system}-{year}-{code}")


def _asked(request: PersonRequest, slice_: Slice, code: str) -> PoolBook:
    """The pool that the address asks for: ``month`` and ``state``."""
    month = chosen_month(request)
    if month is not None and month < FIRST_MONTH:
        raise Http404
    return pool_book(slice_, code, state=chosen_state(request), month=month)


def _settle(request: PersonRequest, slice_: Slice, code: str) -> None:
    sent = request.POST
    try:
        pence = parse_amount(sent.get("pence", ""))
    except AmountError as error:
        raise Refused([Fault(str(error), "pence", sent.get("pence", ""))]) from error
    if pence is None:
        raise Refused([Fault("Type the amount in pounds, such as 21.651m.", "pence")])
    settle_pool_amount(
        by=request.user,
        slice_id=slice_.pk,
        pool=code,
        code=sent.get("amount", ""),
        pence=pence,
        status=sent.get("status", ""),
        reason=sent.get("reason", "")[:4000],
    )


def _show(request: PersonRequest, found: PoolBook, refused: Refused | None = None) -> HttpResponse:
    slice_, state = found.slice, chosen_state(request)
    items = lines_of_pool(slice_, found.pool, state=state, month=found.month)
    rows = amount_rows(found, _changes(found))
    here = (slice_.system.code, slice_.year_id, found.pool.code)
    keeps = has_permission(request.user, Permission.KEEP_POOLS, system=slice_.system)
    may = keeps and slice_.status == Slice.Status.OPEN
    month = f"&month={found.month}" if found.month else ""
    shared = pool_years(slice_, state=state, pool=found.pool.code)[0]
    context = pool_page(found, items) | {
        "shared": shares_page(
            slice_,
            shared,
            shared.shares(found.month) if found.month else None,
            keeps=may,
            query=f"state={state}{month}",
            restated=list(
                restated_since(
                    slice_, found.pool, shared.rules, state=state, month=found.month
                ).values()
            ),
        ),
        "stated": [row for row in rows if not row["suspect"]],
        "suspect": [row for row in rows if row["suspect"]],
        "may_settle": may,
        "ways": keeping_ways(found) if keeps else [],
        "statuses": [
            choice for choice in PoolAmount.Status.choices if choice[0] != PoolAmount.Status.SUSPECT
        ],
        "typed": request.POST,
        "problems": problems_of(refused) if refused else [],
        "statements": _statements(slice_, found),
        "position": _stamp(slice_, state, found.month),
        "month_label": month_label(slice_, found.month),
        **month_links(request, slice_, found.months, found.month),
        "state_switch": state_switch(request, state),
        "downloads": [
            {"label": "CSV", "href": f"{reverse('pool-csv', args=here)}?state={state}{month}"}
        ],
    }
    status = STATUS[refused.code] if refused else 200
    frame = frame_of(slice_, pools_crumb(slice_))
    return render(request, "finance/pool.html", context | frame, status=status)


def _changes(found: PoolBook) -> Mapping[int, Change]:
    """When amounts were settled: one query."""
    numbers = [item.amount.change for item in found.amounts if item.amount.reason]
    made = Change.objects.filter(slice=found.slice, number__in=numbers)
    return {change.number: change for change in made}


def _statements(slice_: Slice, found: PoolBook) -> list[dict[str, Any]]:
    """The statements of a pool with lines, and which of them are there: one query."""
    if not found.contributions and not found.spend:
        return []
    closing = closings([slice_])[slice_.pk]
    here = (slice_.system.code, slice_.year_id, found.pool.code)
    return [
        {
            "name": statement_name(quarter),
            "month": month_label(slice_, month),
            "href": ""
            if (why := why_open(slice_, closing, quarter))
            else reverse("pool-statement", args=[*here, quarter]),
            "again": why if min(closing.reopened, default=month + 1) <= month else "",
        }
        for quarter, month in QUARTERS.items()
    ]


def _stamp(slice_: Slice, state: str, month: int | None) -> Stamp:
    computation = getattr(slice_, "computation", None)
    change = computed_change(slice_)
    return Stamp(
        month=month,
        state=state,
        status=status_of(slice_, month),
        computed_at=computation.at if computation else None,
        change=change,
        stale=slice_.change > change,
    )
