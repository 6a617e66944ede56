"""Pages that show figures: a system's finances, a partner's lines, a line, and what they feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import Column, csv_answer, table_schema
from finance.as_at import AsAt
from finance.downloads.details import CAUSE_COLUMNS, CONTRACT_COLUMNS, HEADING_COLUMNS
from finance.downloads.pools import (
    POOL_AMOUNT_COLUMNS,
    POOL_COLUMNS,
    POOL_LINE_COLUMNS,
    STATEMENT_COLUMNS,
)
from finance.downloads.positions import (
    MONTH_COLUMNS,
    POSITION_COLUMNS,
    month_rows,
    position_rows,
)
from finance.downloads.schemes import SAVING_MONTH_COLUMNS, SCHEME_COLUMNS
from finance.months import month_label
from finance.pages.forecast import FORECAST_COLUMNS, RISK_COLUMNS
from finance.pages.pool_shares import SHARE_COLUMNS, WHAT_IF_COLUMNS
from finance.pages.position import PositionPage, comment_rows, position_page
from finance.pages.printed_tables import PRINTED_TABLE_COLUMNS, printed_tables
from finance.pages.sources import line_page, partner_page, proof_rows
from finance.pages.underlying import underlying_words
from finance.views.changes import CHANGE_COLUMNS
from finance.views.frame import (
    as_at_context,
    chosen_as_at,
    chosen_month,
    chosen_state,
    month_links,
    page_within_finances,
    refused_moment,
    state_switch,
    with_query,
    year_ways,
)
from finance.views.plans import DIFFERENCE_COLUMNS, PLAN_COLUMNS
from schemes.models import Slice
from schemes.people.permissions import Permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_slice


@login_required
@require_GET
def finances(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """System finances: the deficit table, what moved it, and the year month by month."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    page = page_of(request, slice_, as_at)
    context = position_context(request, slice_, page, as_at)
    if not as_at.at:
        context["entry"] = _entry(request, slice_)
        context["underlying"] = underlying_words(slice_, page.position)
        context["comments"] = comment_rows(slice_, page.position.month)
    return render(request, "finance/position.html", context)


def page_of(request: PersonRequest, slice_: Slice, as_at: AsAt) -> PositionPage:
    """The position page that the address asks for: ``month``, ``state`` and ``as_at``."""
    month = chosen_month(request)
    page = position_page(
        slice_,
        state=chosen_state(request),
        month=month,
        change=computed_change(slice_),
        ceiling=as_at.change,
    )
    if month is not None and page.reported_months and not page.position.rows:
        raise Http404  # such as the audited accounts of a year that has none yet
    return page


def position_context(
    request: PersonRequest, slice_: Slice, page: PositionPage, as_at: AsAt
) -> dict[str, Any]:
    """What the templates of finances and board share."""
    found = page.position
    here = (slice_.system.code, slice_.year_id)
    state = f"state={found.state}"
    month = f"month={found.month}" if found.month is not None else ""

    def way(name: str) -> str:
        return with_query(reverse(name, args=here), state, month, as_at.query)

    return {
        "system": slice_.system,
        "position": found,
        "sentence": page.sentence,
        "headlines": page.headlines,
        "table": page.table,
        "waterfall": page.waterfall,
        "months": page.months,
        "months_table": page.months_table,
        "notes": page.notes,
        "share": page.share,
        "restated": page.restated,
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, found.month),
        **month_links(request, slice_, page.reported_months, found.month),
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
        "state_switch": state_switch(request, found.state),
        "downloads": [
            {"label": "CSV", "href": way("finances-csv")},
            {"label": "CSV by month", "href": way("months-csv")},
        ],
        "finance_href": way("finances"),
        "savings_href": with_query(reverse("savings", args=here), as_at.query),
        "forecast_href": way("forecast"),
        **as_at_context(request, slice_, as_at),
    }


def _entry(request: PersonRequest, slice_: Slice) -> dict[str, str] | None:
    """The way to entering a month, for those who may in this system."""
    if slice_.status != Slice.Status.OPEN:
        return None
    if not partners_of(request.user, Permission.ENTER_OUTTURN, system=slice_.system):
        return None
    return {"href": reverse("my-work"), "label": "Enter a month's figures"}


@login_required
@require_GET
def stamp(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Which revision stands, for pages that renew themselves; 304 while nothing moved."""
    slice_ = visible_slice(request.user, system, year)
    computed = computed_change(slice_)
    etag = f'"{slice_.change}-{computed}"'
    if request.headers.get("If-None-Match") == etag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = JsonResponse(
            {
                "change": slice_.change,
                "computed_change": computed,
                "stale": slice_.change > computed,
            }
        )
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer


@login_required
@require_GET
def finances_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The deficit table as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    page = page_of(request, slice_, as_at)
    rows = position_rows(page.position, page.share.found if page.share else None)
    return csv_answer(POSITION_COLUMNS, rows, f"{system}-{year}-position")


@login_required
@require_GET
def months_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The year month by month as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    page = page_of(request, slice_, as_at)
    rows = month_rows(page.position, page.points)
    return csv_answer(MONTH_COLUMNS, rows, f"{system}-{year}-months")


SCHEMAS: Mapping[str, Sequence[Column]] = {
    "position": POSITION_COLUMNS,
    "months": MONTH_COLUMNS,
    "schemes": SCHEME_COLUMNS,
    "savings": SAVING_MONTH_COLUMNS,
    "printed-table": PRINTED_TABLE_COLUMNS,
    "changes": CHANGE_COLUMNS,
    "forecast": FORECAST_COLUMNS,
    "risks": RISK_COLUMNS,
    "headings": HEADING_COLUMNS,
    "causes": CAUSE_COLUMNS,
    "contracts": CONTRACT_COLUMNS,
    "pool-shares": SHARE_COLUMNS,
    "what-if": WHAT_IF_COLUMNS,
    "plans": PLAN_COLUMNS,
    "plan-differences": DIFFERENCE_COLUMNS,
    "pools": POOL_COLUMNS,
    "pool-amounts": POOL_AMOUNT_COLUMNS,
    "pool-lines": POOL_LINE_COLUMNS,
    "pool-statement": STATEMENT_COLUMNS,
}


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a download."""
    if name not in SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(SCHEMAS[name]))


@login_required
@require_GET
def line(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """A line: its plans, everything that was ever reported on it, and where that comes from."""
    slice_ = visible_slice(request.user, system, year)
    context = line_page(slice_, code)
    return render(request, "finance/line.html", context | page_within_finances(slice_))


@login_required
@require_GET
def printed(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Every total that a document prints for the year, and whether it proves."""
    slice_ = visible_slice(request.user, system, year)
    context = {
        "proofs": proof_rows(slice_),
        "tables": [
            {"name": table.name, "href": reverse("printed-table", args=[system, year, table.code])}
            for table in printed_tables(slice_)
        ],
    }
    return render(request, "finance/printed.html", context | page_within_finances(slice_))


@login_required
@require_GET
def partner(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """A partner's lines in a month, which its position is worked out from."""
    slice_ = visible_slice(request.user, system, year)
    context = partner_page(slice_, code, state=chosen_state(request), month=chosen_month(request))
    enters = partners_of(request.user, Permission.ENTER_OUTTURN, system=slice_.system)
    may = any(item.code == code for item in enters)
    address = reverse("uploads", args=[system, year, code]) if may else ""
    context |= {
        "uploads_href": address,
        "year_grids": year_ways(request.user, slice_, context["partner"]),
    }
    return render(request, "finance/partner.html", context | page_within_finances(slice_))
