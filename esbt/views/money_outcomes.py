"""All schemes of a year: whether each saves as planned, against whether its outcomes move."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_answer, table_schema
from esbt.pages.money_outcomes import (
    MATRIX_COLUMNS,
    OUTCOMES,
    RULE,
    aims_of,
    footprints,
    grid,
    matrix_rows,
    placed,
    sentence,
)
from finance.figures.status import rule_words
from finance.months import month_label
from finance.views.frame import state_switch
from finance.views.schemes import book_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_GET
def matrix(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The grid of schemes, savings against outcomes."""
    slice_ = visible_slice(request.user, system, year)
    book, aims = book_of(request, slice_), aims_of(slice_.system)
    places = placed(book, aims)
    here = (system, year)
    query = request.GET.urlencode()
    csv = reverse("money-and-outcomes-csv", args=here)
    return render(
        request,
        "esbt/money_outcomes.html",
        {
            "system": slice_.system,
            "year_label": str(slice_.year),
            "month_label": month_label(slice_, book.month),
            "book": book,
            "sentence": sentence(places),
            "columns": list(OUTCOMES.values()),
            "grid": grid(places, here),
            "aims": [
                {
                    "scheme": item.scheme.name,
                    "href": reverse("scheme-tab", args=[*here, item.scheme.code, "outcomes"]),
                    "aim": aim,
                }
                for item in places
                for aim in item.aims
            ],
            "footprints": footprints(slice_.system, aims),
            "rule": RULE,
            "status_rule": rule_words(),
            "downloads": [{"label": "CSV", "href": f"{csv}?{query}" if query else csv}],
            "state_switch": state_switch(request, book.state),
            "stamp_url": reverse("stamp", args=here),
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": "Outcomes", "href": reverse("outcomes", args=[system])},
            ],
        },
    )


@login_required
@require_GET
def matrix_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The same as CSV, a row a scheme and metric."""
    slice_ = visible_slice(request.user, system, year)
    places = placed(book_of(request, slice_), aims_of(slice_.system))
    rows = matrix_rows(slice_, places)
    return csv_answer(MATRIX_COLUMNS, rows, f"{system}-{year}-money-and-outcomes")


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    """The table schema of that CSV."""
    return JsonResponse(table_schema(MATRIX_COLUMNS))
