"""Which domain is reported in depth in which quarter, and the report of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.tables import csv_answer
from outcomes.figures import verdicts
from outcomes.models import DomainQuarter, FrameworkItem, Level
from outcomes.pages.listing import OUTCOME_COLUMNS, Row, outcome_rows
from outcomes.pages.overview import row_context
from outcomes.queries.quarters import Quarter, due_by, due_in, rows_by, silent
from outcomes.services import QuarterSpec, may_keep, remove_quarter, save_quarters, write_report
from schemes.models import System
from schemes.people.permissions import Permission, require, roles_in
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slices, visible_system

QUARTERS = (1, 2, 3, 4)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quarters(request: PersonRequest, system: str) -> HttpResponse:
    """The quarters of a year with the domains due in each; those who keep outcomes set them."""
    found = visible_system(request.user, system)
    refused = None
    if request.method == "POST":
        require(request.user, Permission.KEEP_OUTCOMES, system=found)
        try:
            year = _save(request, found)
        except Refused as error:
            refused = error
        else:
            return redirect(f"{reverse('quarters', args=[system])}?year={year}")
    due = due_in(found)
    years = sorted({*(item.year for item in due), *_years(request, found)}, reverse=True)
    asked = request.POST.get("year") or request.GET.get("year", "")
    year = asked if asked in years else _latest(due, years)
    return render(
        request,
        "outcomes/quarters.html",
        {
            "system": found,
            "year": year,
            "year_label": year.replace("-", "/"),
            "years": [
                {
                    "code": item,
                    "label": item.replace("-", "/"),
                    "href": f"?year={item}",
                    "current": item == year,
                }
                for item in years
            ],
            "stated": bool(due),
            "quarters": [
                {
                    "words": Quarter(year, number).words,
                    "due": [
                        _due(item) for item in due if (item.year, item.quarter) == (year, number)
                    ],
                }
                for number in QUARTERS
            ]
            if year
            else [],
            "keeps": may_keep(request.user, found),
            "domains": _domains(found) if may_keep(request.user, found) else [],
            "typed": request.POST,
            "numbers": [str(number) for number in QUARTERS],
            "problems": [str(fault.message) for fault in refused.faults] if refused else [],
            "crumbs": _crumbs(found),
        },
        status=STATUS[refused.code] if refused else 200,
    )


def _save(request: PersonRequest, system: System) -> str:
    """Set the quarter that was sent, or take one back; its year."""
    back = request.POST.get("back", "")
    if back:
        due = due_by(system, int(back) if back.isdecimal() and len(back) < 19 else 0)
        remove_quarter(by=request.user, due=due)
        messages.success(request, "Taken back.")
        return due.year
    spec = _spec(request, system)
    save_quarters(by=request.user, specs=[spec])
    messages.success(request, "Saved.")
    return spec.year


def _spec(request: PersonRequest, system: System) -> QuarterSpec:
    """What was sent. Raises Refused for a quarter or year that is none."""
    framework, _, item = request.POST.get("domain", "").partition("/")
    quarter, year = request.POST.get("quarter", ""), request.POST.get("year", "")
    faults = []
    if quarter not in map(str, QUARTERS):
        faults.append(Fault("Choose a quarter.", "quarter", quarter[:40]))
    if year not in _years(request, system):
        faults.append(Fault("Choose a financial year of this system.", "year", year[:40]))
    if not item:
        faults.append(Fault("Choose a domain.", "domain"))
    if faults:
        raise Refused(faults)
    return QuarterSpec(
        system=system.code, framework=framework, item=item, year=year, quarter=int(quarter)
    )


def _years(request: PersonRequest, system: System) -> list[str]:
    return [item.year_id for item in visible_slices(request.user) if item.system_id == system.pk]


def _latest(due: Sequence[DomainQuarter], years: Sequence[str]) -> str:
    """The latest year in which a domain is due, else the system's latest; "" without a year."""
    return max((item.year for item in due), default="") or next(iter(years), "")


def _domains(system: System) -> list[tuple[str, str]]:
    """The domains of every version, the latest version first."""
    found = FrameworkItem.objects.filter(framework__system=system, level=Level.DOMAIN)
    ordered = found.select_related("framework").order_by("-framework__position", "position")
    return [
        (f"{item.framework.code}/{item.code}", f"{item.name} ({item.framework.name})")
        for item in ordered
    ]


def _due(item: DomainQuarter) -> dict[str, Any]:
    last = next(iter(item.reports.all()), None)
    return {
        "name": item.item.name,
        "framework": item.item.framework.name,
        "href": reverse("quarter-report", args=[item.item.framework.system.code, item.pk]),
        "words": last if last and last.text else None,
        "back": "" if last else str(item.pk),
    }


def _crumbs(system: System) -> list[dict[str, str]]:
    return [
        {"label": "Overview", "href": reverse("home")},
        {"label": "Outcomes", "href": reverse("outcomes", args=[system.code])},
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PersonRequest, system: str, pk: int) -> HttpResponse:
    """A domain for a quarter: its figures, and the words that somebody signs."""
    found = visible_system(request.user, system)
    due = due_by(found, pk)
    refused = None
    if request.method == "POST":
        try:
            signed = write_report(
                by=request.user,
                due=due,
                text=request.POST.get("text", ""),
                signed_as=request.POST.get("signed_as", ""),
            )
        except Refused as error:
            refused = error
        else:
            said = "Signed." if signed else "These words stand already."
            messages.success(request, said)
            return redirect("quarter-report", system, pk)
    return _report(request, found, due, refused)


def _report(
    request: PersonRequest, system: System, due: DomainQuarter, refused: Refused | None
) -> HttpResponse:
    quarter, rows = Quarter(due.year, due.quarter), rows_by(due)
    versions = list(due.reports.all())
    present = versions[0] if versions else None
    roles = roles_in(request.user, system) if may_keep(request.user, system) else []
    typed = {
        "text": present.text if present else "",
        "signed_as": present.signed_as if present else "",
    }
    if refused:
        typed = {name: request.POST.get(name, "") for name in typed}
    shown = {"system": system, "baseline": due.item.framework.baseline}
    gaps = {row.metric.pk for row in silent(rows, quarter)}
    return render(
        request,
        "outcomes/quarter_report.html",
        {
            "system": system,
            "due": due,
            "quarter": quarter,
            "sentence": _sentence(rows, len(gaps)),
            "rule": verdicts.RULE,
            "rows": [
                row_context(row, shown, parts=False) | {"gap": row.metric.pk in gaps}
                for row in rows
            ],
            "present": present if present and present.text else None,
            "versions": versions,
            "roles": roles,
            "typed": typed,
            "problems": [fault.message for fault in refused.faults] if refused else [],
            "downloads": [
                {"label": "CSV", "href": reverse("quarter-report-csv", args=[system.code, due.pk])}
            ],
            "crumbs": [
                *_crumbs(system),
                {
                    "label": "Domain of the quarter",
                    "href": f"{reverse('quarters', args=[system.code])}?year={due.year}",
                },
            ],
        },
        status=STATUS[refused.code] if refused else 200,
    )


def _sentence(rows: Sequence[Row], gaps: int) -> str:
    if not rows:
        return "No metric is linked to this domain, so there are no figures to report."
    said = verdicts.sentence((row.said, row.verdict) for row in rows)
    if not gaps:
        return said
    return f"{said} {gaps} of {len(rows)} {'has' if gaps == 1 else 'have'} no value of the quarter."


@login_required
@require_GET
def report_csv(request: PersonRequest, system: str, pk: int) -> HttpResponse:
    """The figures of a report as CSV."""
    found = visible_system(request.user, system)
    due = due_by(found, pk)
    framework = due.item.framework
    rows = outcome_rows(system, framework.code, framework.baseline, rows_by(due))
    name = f"{system}-{due.item.code}-{due.year}-quarter-{due.quarter}"
    return csv_answer(OUTCOME_COLUMNS, rows, name)
