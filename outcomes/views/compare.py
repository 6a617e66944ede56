"""One metric across areas in a period."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_answer
from outcomes.downloads import COMPARE_COLUMNS, compare_rows
from outcomes.pages.compare import compare_page
from outcomes.pages.metric import definition
from outcomes.queries import metric_with_parts
from outcomes.views.frame import way, within_metric
from schemes.people.requests import PersonRequest


@login_required
@require_GET
def compare(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Ranked bars, a funnel plot where denominators are known, and the table of both."""
    metric, _ = metric_with_parts(request.user, system, code)
    page = compare_page(metric, request.GET.get("period", ""))
    context = {
        "page": page,
        "definition": definition(metric),
        "metric_href": way(metric, "metric"),
        "downloads": [{"label": "CSV", "href": way(metric, "compare-csv", period=page.chosen)}],
    }
    return render(request, "outcomes/compare.html", context | within_metric(metric, ""))


@login_required
@require_GET
def compare_csv(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The areas of a period as CSV."""
    metric, _ = metric_with_parts(request.user, system, code)
    page = compare_page(metric, request.GET.get("period", ""))
    rows = compare_rows(system, code, page)
    return csv_answer(COMPARE_COLUMNS, rows, f"{system}-{code}-areas-{page.chosen}")
