"""Who changed what in a system, and when: for auditors and administrators."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.problems import Refused
from esbt.kit.tables import csv_answer
from finance.as_at import moment
from finance.queries.audit import moved_outturns, moved_returns, with_places
from schemes.audit.log import (
    AUDIT_COLUMNS,
    Place,
    Wish,
    audit_changes,
    audit_choices,
    audit_entries,
    audit_page,
    audit_rows,
)
from schemes.models import System
from schemes.models.base import storable
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

_LABELS = {"year": "Year", "person": "Person", "action": "Action"}
_FIELDS = (*_LABELS, "from", "to")


@login_required
@require_GET
def audit(request: PersonRequest, system: str) -> HttpResponse:
    """Every change of a system's years and rows, newest first, a page at a time."""
    found = _audited(request, system)
    wish, fault = _wish(request)
    below = request.GET.get("below", "")
    entries, after = audit_page(found, wish, Place.read(below) if below else None)
    choices = audit_choices(found)
    asked = _asked(request)
    here = reverse("audit", args=[system])
    csv = reverse("audit-csv", args=[system])
    return render(
        request,
        "esbt/audit.html",
        {
            "system": found,
            "entries": with_places(entries),
            "fault": fault,
            "filtered": bool(asked),
            "paged": bool(below),
            "filters": [
                {
                    "name": name,
                    "label": label,
                    "options": choices[name],
                    "value": getattr(wish, name),
                }
                for name, label in _LABELS.items()
            ],
            "days": {
                name: at.date().isoformat() if at else ""
                for name, at in (("first", wish.first), ("last", wish.last))
            },
            "clear": here,
            "newest": f"{here}?{urlencode(asked)}" if asked else here,
            "older": f"{here}?{urlencode(asked | {'below': str(after)})}" if after else "",
            "downloads": [{"label": "CSV", "href": f"{csv}?{urlencode(asked)}" if asked else csv}],
            "crumbs": [{"label": "Overview", "href": reverse("home")}],
        },
    )


@login_required
@require_GET
def audit_csv(request: PersonRequest, system: str) -> HttpResponse:
    """All of what the filters leave, as CSV."""
    found = _audited(request, system)
    wish, fault = _wish(request)
    if fault:
        return HttpResponse(fault, status=422, content_type="text/plain; charset=utf-8")
    changes = audit_changes(found, wish)
    returns = moved_returns(changes)
    entries = [
        replace(entry, row=returns[entry.place.pk])
        if entry.number is not None and entry.place.pk in returns
        else entry
        for entry in audit_entries(found, wish)
    ]
    rows = audit_rows(found, entries, moved_outturns(changes))
    return csv_answer(AUDIT_COLUMNS, rows, f"{system}-audit")


def _audited(request: PersonRequest, system: str) -> System:
    found = visible_system(request.user, system)
    require(request.user, Permission.READ_AUDIT, system=found)
    return found


def _asked(request: PersonRequest) -> dict[str, str]:
    """The filters in the address that say something."""
    given = {name: storable(request.GET.get(name, "").strip()) for name in _FIELDS}
    return {name: value for name, value in given.items() if value}


def _wish(request: PersonRequest) -> tuple[Wish, str]:
    """What is asked for, and what is wrong with it; days that are none are left out."""
    asked = _asked(request)
    fault = ""
    moments = {}
    for name, starts in (("from", True), ("to", False)):
        try:
            moments[name] = (
                moment(asked[name], field=name, starts=starts) if name in asked else None
            )
        except Refused as refused:
            moments[name] = None
            fault = f"One of the two is not a moment. {refused.faults[0].message}"
    wish = Wish(
        year=asked.get("year", ""),
        person=asked.get("person", ""),
        action=asked.get("action", ""),
        first=moments["from"],
        last=moments["to"],
    )
    return wish, fault
