"""A table that a document prints as a memorandum, on a page and to take away."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_answer
from finance.pages import printed_tables as tables
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_GET
def printed_table(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The table in every year that it has figures of; the years are never added."""
    slice_ = visible_slice(request.user, system, year)
    here = (system, year)
    context = tables.printed_table(slice_, code) | {
        "system": slice_.system,
        "downloads": [
            {"label": "CSV", "href": reverse("printed-table-csv", args=[*here, code])},
        ],
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"System finances {slice_.year}", "href": reverse("finances", args=here)},
            {"label": f"Printed totals {slice_.year}", "href": reverse("printed", args=here)},
        ],
    }
    return render(request, "finance/printed_table.html", context)


@login_required
@require_GET
def printed_table_csv(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The table as CSV, a row a figure."""
    slice_ = visible_slice(request.user, system, year)
    rows = tables.printed_table_rows(slice_, code)
    return csv_answer(tables.PRINTED_TABLE_COLUMNS, rows, f"{system}-{code}")
