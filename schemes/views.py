"""Pages of the ground floor: what is kept about schemes beside their money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import Column, csv_answer, table_schema
from schemes.audit.log import AUDIT_COLUMNS
from schemes.governance.agreements import AGREEMENT_COLUMNS
from schemes.governance.signatures import SIGN_OFF_COLUMNS
from schemes.models import Evaluation
from schemes.pages.equality import EQUALITY_COLUMNS, equality_page, equality_rows
from schemes.pages.evaluations import (
    EVALUATION_COLUMNS,
    NOT_STATED,
    Chosen,
    evaluation_rows,
    evaluations_page,
)
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

SCHEMAS: Mapping[str, Sequence[Column]] = {
    "equality": EQUALITY_COLUMNS,
    "evaluations": EVALUATION_COLUMNS,
    "audit": AUDIT_COLUMNS,
    "agreements": AGREEMENT_COLUMNS,
    "sign-off": SIGN_OFF_COLUMNS,
}


@login_required
@require_GET
def equality(request: PersonRequest, system: str) -> HttpResponse:
    """Schemes by protected characteristic, and the assessments beside them."""
    found = visible_system(request.user, system)
    context = equality_page(found) | {
        "system": found,
        "downloads": [{"label": "CSV", "href": reverse("equality-csv", args=[system])}],
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
    }
    return render(request, "schemes/equality.html", context)


@login_required
@require_GET
def equality_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The marks as CSV."""
    rows = equality_rows(visible_system(request.user, system))
    return csv_answer(EQUALITY_COLUMNS, rows, f"{system}-equality")


@login_required
@require_GET
def evaluations(request: PersonRequest, system: str) -> HttpResponse:
    """The register of evaluations, as the address asks for it."""
    found = visible_system(request.user, system)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = evaluations_page(found, _chosen(request)) | {
        "system": found,
        "downloads": [{"label": "CSV", "href": reverse("evaluations-csv", args=[system]) + query}],
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
    }
    return render(request, "schemes/evaluations.html", context)


@login_required
@require_GET
def evaluations_csv(request: PersonRequest, system: str) -> HttpResponse:
    """What the address asks for of the register as CSV."""
    rows = evaluation_rows(visible_system(request.user, system), _chosen(request))
    return csv_answer(EVALUATION_COLUMNS, rows, f"{system}-evaluations")


def _chosen(request: HttpRequest) -> Chosen:
    """The filters in the address. Http404 for a progress or decision that there is none of."""
    chosen = Chosen(
        **{name: request.GET.get(name, "") for name in ("progress", "decision", "factor")}
    )
    if chosen.progress not in ("", NOT_STATED, *Evaluation.Progress.values):
        raise Http404
    if chosen.decision not in ("", NOT_STATED, *Evaluation.Decision.values):
        raise Http404
    return chosen


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a download."""
    if name not in SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(SCHEMAS[name]))
