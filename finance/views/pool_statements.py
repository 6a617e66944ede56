"""Statements of a pool: the quarterly report and the memorandum account of a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.problems import STATUS, Refused
from esbt.kit.tables import csv_answer
from esbt.kit.workbooks import XLSX, workbook
from finance.downloads.pools import (
    STATEMENT_COLUMNS,
    about_statement,
    statement_name,
    statement_rows,
)
from finance.pages.pool_statement import statement_page
from finance.queries.pool_statements import QUARTERS, Statement, statement_of
from finance.views.pools import frame_of, pools_crumb
from schemes.models import Pool, Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice, visible_years


@login_required
@require_GET
def statement(
    request: PersonRequest, system: str, year: str, code: str, quarter: str
) -> HttpResponse:
    """A statement; while its period is not closed, in words when there will be one."""
    slice_ = visible_slice(request.user, system, year)
    here = (system, year, code)
    context: dict[str, Any] = {"statement": None, "name": statement_name(quarter)}
    status = 200
    try:
        found = _found(request, slice_, code, quarter)
    except Refused as refused:
        context["why"] = [fault.message for fault in refused.faults]
        status = STATUS[refused.code]
        name = Pool.objects.get(system=slice_.system_id, code=code).name
    else:
        name = found.book.pool.name
        address = [*here, quarter]
        context |= statement_page(found) | {
            "downloads": [
                {"label": "CSV", "href": reverse("pool-statement-csv", args=address)},
                {"label": "XLSX", "href": reverse("pool-statement-xlsx", args=address)},
            ]
        }
    crumb = {"label": name, "href": reverse("pool", args=here)}
    frame = frame_of(slice_, pools_crumb(slice_), crumb) | {"pool_name": name}
    return render(request, "finance/pool_statement.html", context | frame, status=status)


@login_required
@require_GET
def statement_csv(
    request: PersonRequest, system: str, year: str, code: str, quarter: str
) -> HttpResponse:
    """A statement as CSV, an account a row."""

    def made(found: Statement, name: str) -> HttpResponse:
        return csv_answer(STATEMENT_COLUMNS, statement_rows(found), name)

    return _download(request, (system, year, code, quarter), made)


@login_required
@require_GET
def statement_xlsx(
    request: PersonRequest, system: str, year: str, code: str, quarter: str
) -> HttpResponse:
    """A statement as a workbook; nothing in it runs as a formula."""

    def made(found: Statement, name: str) -> HttpResponse:
        book = workbook(STATEMENT_COLUMNS, statement_rows(found), about=about_statement(found))
        answer = HttpResponse(book, content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return answer

    return _download(request, (system, year, code, quarter), made)


def _download(
    request: PersonRequest,
    place: tuple[str, str, str, str],
    made: Callable[[Statement, str], HttpResponse],
) -> HttpResponse:
    """A statement as a file; one of an open period is refused in words."""
    system, year, code, quarter = place
    try:
        found = _found(request, visible_slice(request.user, system, year), code, quarter)
    except Refused as refused:
        said = " ".join(fault.message for fault in refused.faults)
        status = STATUS[refused.code]
        return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
    return made(found, "-".join(place))


def _found(request: PersonRequest, slice_: Slice, code: str, quarter: str) -> Statement:
    if quarter not in QUARTERS:
        raise Http404
    return statement_of(visible_years(request.user, slice_.system), slice_, code, quarter)
