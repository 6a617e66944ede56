"""Loading a data package by page: all of it or nothing, with a report."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt import loading
from esbt.forms.keeping import FundForm
from esbt.kit.problems import Fault, Refused
from esbt.kit.rows import schema_of
from esbt.kit.uploading import TOO_LARGE
from esbt.loading import demo
from esbt.loading.copying import NewFund, copy_fund
from esbt.views.frame import ANY_METHOD, crumbs, form_page, saved
from schemes.models import System
from schemes.people.permissions import Permission, has_permission, require, systems_where
from schemes.people.requests import PersonRequest

SHOWN = 200  # faults, doubts and proofs on the page


@login_required
@require_http_methods(ANY_METHOD)
def load_package(request: PersonRequest) -> HttpResponse:
    """Take a zip, load it, and tell what became of every table."""
    require(request.user, Permission.LOAD_DATA)
    context: dict[str, Any] = {
        "crumbs": crumbs(),
        "limit": settings.UPLOAD_LIMIT // 1024**2,
    }
    if request.method == "POST":
        try:
            context |= _told(_load(request))
        except Refused as refused:
            context |= {
                "faults": refused.faults[:SHOWN],
                "more_faults": max(len(refused.faults) - SHOWN, 0),
            }
    return render(
        request, "esbt/package.html", context, status=422 if context.get("faults") else 200
    )


@login_required
@require_GET
def descriptor(request: PersonRequest) -> HttpResponse:
    """A datapackage.json with every table that a package may hold, its columns described."""
    require(request.user, Permission.LOAD_DATA)
    package = {
        "profile": "tabular-data-package",
        "name": "my-system",
        "title": "Delete the resources that your package does not hold, and name it",
        "resources": [
            {
                "name": name,
                "path": f"{name}.csv",
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": schema_of(table),
            }
            for name, table in loading.TABLES.items()
        ],
    }
    answer = JsonResponse(package, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="datapackage.json"'
    return answer


@login_required
@require_http_methods(ANY_METHOD)
def new_fund(request: PersonRequest) -> HttpResponse:
    """Make a year of the Better Care Fund from the template, and tell what it made."""
    anew = has_permission(request.user, Permission.LOAD_DATA)
    systems = systems_where(request.user, Permission.KEEP_POOLS)
    if not anew and not systems:
        raise Http404
    form = FundForm(systems, request.POST or None, anew=anew)
    made: list[loading.Report] = []

    def save() -> None:
        made.append(copy_fund(by=request.user, fund=NewFund(**form.cleaned_data)))

    if saved(request, form, save, said=""):
        if settings.DEMO:
            demo.ensure_users()
        return render(request, "esbt/fund_made.html", _made(NewFund(**form.cleaned_data), made[0]))
    return form_page(
        request,
        form,
        "Make a Better Care Fund",
        lead="A plan with its headings, conditions, metrics, sign-off and quarterly returns is "
        "made from the template, and lines of income and spend without amounts. All of it is "
        "made, or nothing.",
        button="Make it",
    )


def _made(fund: NewFund, report: loading.Report) -> dict[str, Any]:
    system, year, plan = System.objects.get(code=fund.system), fund.year, fund.plan
    return {
        "system": system,
        "year_label": year.replace("-", "/"),
        "report": report,
        "total": report.total,
        "ways": [
            {"label": "The plan", "href": reverse("fund-plan", args=[system.code, plan])},
            {
                "label": "The plan's workbook: fill in amounts, goals, conditions and sign-off",
                "href": reverse("fund-workbook", args=[system.code, year, plan]),
            },
            {
                "label": "Lines of the year: add what is spent, take away what is not",
                "href": reverse("keep-year", args=[system.code, year]),
            },
        ],
        "crumbs": crumbs((system.name, reverse("keep", args=[system.code]))),
    }


def _load(request: PersonRequest) -> loading.Report:
    file = request.FILES.get("package")  # reads what was sent, and tells when it is too much
    if TOO_LARGE in request.META:
        said = f"A zip has at most {settings.UPLOAD_LIMIT // 1024**2} MB here. Split the package."
        raise Refused([Fault(said, file=request.META[TOO_LARGE])])
    if file is None:
        raise Refused([Fault("Choose a zip file.")])
    report = loading.load_upload(by=request.user, name=file.name or "", content=file.read())
    if settings.DEMO:
        demo.ensure_users()
    return report


def _told(report: loading.Report) -> dict[str, Any]:
    proofs = report.sorted_proofs[::-1]  # the worst first
    return {
        "report": report,
        "total": report.total,
        "doubts": report.doubts[:SHOWN],
        "more_doubts": max(len(report.doubts) - SHOWN, 0),
        "proofs": [loading.proved(proof) for proof in proofs[:SHOWN]],
        "more_proofs": max(len(proofs) - SHOWN, 0),
    }
