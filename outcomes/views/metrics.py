"""A metric in an area: its control chart, table, definition, and each value's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.problems import STATUS, Refused
from esbt.kit.tables import Column, csv_answer, table_schema
from esbt.kit.when import period_words
from outcomes.charts.words import said
from outcomes.downloads import COMPARE_COLUMNS, METRIC_COLUMNS, metric_rows
from outcomes.figures.readings import measure_of, reading_of
from outcomes.models import Metric, ObservationRevision, Standing
from outcomes.pages.listing import OUTCOME_COLUMNS
from outcomes.pages.metric import definition, metric_page
from outcomes.queries import metric_with_parts, series_of
from outcomes.services import may_keep, withdraw_observation
from outcomes.views.frame import chosen_area, crumbs_of, may_enter, way, within_metric
from schemes.people.requests import PersonRequest
from schemes.sources import evidence_row

SCHEMAS: Mapping[str, Sequence[Column]] = {
    "metric": METRIC_COLUMNS,
    "compare": COMPARE_COLUMNS,
    "outcomes": OUTCOME_COLUMNS,
}


@login_required
@require_GET
def metric(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A metric in one area, by period."""
    found, parts = metric_with_parts(request.user, system, code)
    area, name = chosen_area(request, found)
    places = found.places  # type: ignore[attr-defined]
    enters = may_enter(request, found)
    context = {
        "system": found.system,
        "metric": found,
        "page": metric_page(found, parts, area),
        "definition": definition(found),
        "evidence": evidence_row(found.evidence),
        "area": {"code": area, "name": name},
        "places": _grouped(found) if len(places) > 1 else [],
        "crumbs": crumbs_of(found),
        "downloads": [{"label": "CSV", "href": way(found, "metric-csv", area)}],
        "compare_href": way(found, "compare") if len(places) > 1 else "",
        "history_href": way(found, "metric-history", area),
        "enter_href": way(found, "metric-enter", area) if enters else "",
        "steps_href": way(found, "metric-steps", area) if enters else "",
        "change_href": way(found, "change-metric") if may_keep(request.user, found.system) else "",
    }
    return render(request, "outcomes/metric.html", context)


def _grouped(metric: Metric) -> list[tuple[str, list[dict[str, str]]]]:
    """The areas that have a value, those that the metric itself names first where there are others;
    each group has a label.
    """
    places: list[dict[str, str]] = metric.places  # type: ignore[attr-defined]
    named = {*metric.comparators, *([metric.area.code] if metric.area else [])}
    own = [place for place in places if place["code"] in named]
    others = [place for place in places if place["code"] not in named]
    groups = [("Its own area and comparators", own), ("Other areas", others)]
    return [(label, group) for label, group in groups if group]


@login_required
@require_GET
def metric_csv(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The values of an area with their limits as CSV."""
    found, _ = metric_with_parts(request.user, system, code)
    area, _ = chosen_area(request, found)
    series = series_of([found], [area]).get((code, area))
    rows = metric_rows(system, code, reading_of(series)) if series else ()
    return csv_answer(METRIC_COLUMNS, rows, f"{system}-{code}-{area}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Every value saved for one period: who, when and from what source; posting withdraws it."""
    found, _ = metric_with_parts(request.user, system, code)
    area, name = chosen_area(request, found)
    starts, ends = _day(request, "starts"), _day(request, "ends")
    refused = None
    if request.method == "POST":
        sent = request.POST.get("revision", "")
        try:
            withdraw_observation(
                by=request.user,
                metric=found,
                area=area,
                starts=starts,
                ends=ends,
                reason=request.POST.get("reason", "")[:300],
                revision=int(sent) if sent.isdecimal() else None,
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, "Withdrawn.")
            return redirect(request.get_full_path())
    revisions = (
        ObservationRevision.objects.filter(metric=found, area__code=area, starts=starts, ends=ends)
        .select_related("actor", "evidence__source")
        .order_by("-revision")
    )
    rows = [_revision(found, item) for item in revisions]
    if not rows:
        raise Http404
    context = {
        "area_name": name,
        "period": period_words(starts, ends),
        "rows": rows,
        "withdraws": may_enter(request, found) and rows[0]["standing"] != Standing.WITHDRAWN.label,
        "reason": request.POST.get("reason", ""),
        "problems": [{"text": fault.message, "href": "#reason"} for fault in refused.faults]
        if refused
        else [],
    }
    frame = within_metric(found, area)
    status = STATUS[refused.code] if refused else 200
    return render(request, "outcomes/metric_history.html", context | frame, status=status)


def _day(request: HttpRequest, name: str) -> date:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        raise Http404 from None


def _revision(metric: Metric, item: ObservationRevision) -> dict[str, Any]:
    measure = measure_of(metric)
    counts = [
        f"{number.normalize():,f}" if number is not None else "not stated"
        for number in (item.numerator, item.denominator)
    ]
    has_counts = item.numerator is not None or item.denominator is not None
    return {
        "revision": item.revision,
        "value": said(measure, item.value, item.hedge),
        "missing": item.value is None,
        "counts": " / ".join(counts) if has_counts else "",
        "standing": Standing(item.standing).label,
        "comment": item.comment,
        "at": item.at,
        "who": str(item.actor) if item.actor else "",
        "evidence": evidence_row(item.evidence),
    }


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a download."""
    if name not in SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(SCHEMAS[name]))
