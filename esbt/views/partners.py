"""The register of partners: who is in a system under which names, and what hangs on each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_records
from esbt.pages.governance import span_of
from esbt.views.delivery import action_href, chosen_as_of, crumbs
from finance.models import Line
from schemes.delivery.actions import action_standing, due_of
from schemes.models import Action, Partner, System, User
from schemes.pages.partners import (
    PARTNER_COLUMNS,
    PartnerEntry,
    PartnerFile,
    partner_entries,
    partner_file,
    partner_record,
)
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system, visible_years


@login_required
@require_GET
def partners(request: PersonRequest, system: str) -> HttpResponse:
    """Everybody in the register of a system."""
    found = visible_system(request.user, system)
    context = {
        "system": found,
        "rows": [_row(found, entry) for entry in partner_entries(found)],
        "downloads": [{"label": "CSV", "href": reverse("partners-csv", args=[system])}],
        "crumbs": crumbs(found),
    }
    return render(request, "delivery/partners.html", context)


@login_required
@require_GET
def partners_csv(request: PersonRequest, system: str) -> HttpResponse:
    """Everybody in the register of a system as CSV."""
    entries = partner_entries(visible_system(request.user, system))
    return csv_records(PARTNER_COLUMNS, map(partner_record, entries), f"{system}-partners")


def _row(system: System, entry: PartnerEntry) -> dict[str, Any]:
    return {"entry": entry, "href": _href(system, entry.partner)}


def _href(system: System, partner: Partner) -> str:
    return reverse("register-partner", args=[system.code, partner.code])


@login_required
@require_GET
def partner(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A partner's names, codes, place, seats and actions; Http404 for one that is not there."""
    found, as_of = visible_system(request.user, system), chosen_as_of(request)
    file = partner_file(found, code, as_of.day)
    if file is None:
        raise Http404
    this = file.entry.partner
    context = {
        "system": found,
        "as_of": as_of,
        "entry": file.entry,
        "partner": this,
        "names": this.names.all(),
        "codes": this.codes.order_by("register", "code", "starts"),
        "kin": _kin(found, file),
        "seats": [
            {
                "seat": seat,
                "href": reverse("body", args=[found.code, seat.body.code]),
                "span": span_of(seat),
            }
            for seat in file.seats
        ],
        "tasks": [_task(found, action, as_of.day) for action in file.actions],
        "workstreams": [
            {"name": item.name, "href": reverse("workstream", args=[found.code, item.code])}
            for item in file.workstreams
        ],
        "years": _years(request.user, found, this),
        "crumbs": crumbs(found, ("Partners", reverse("partners", args=[found.code]))),
    }
    return render(request, "delivery/partner.html", context)


def _task(system: System, action: Action, day: date) -> dict[str, Any]:
    """An action as delivery/_tasks.html shows it."""
    return {
        "name": str(action),
        "href": action_href(system, action),
        "kind": action.area.plan.name,
        "owner": action.owner_role,
        "due": due_of(action),
        "standing": action_standing(action, day),
    }


def _kin(system: System, file: PartnerFile) -> list[dict[str, Any]]:
    """Other partners by what they are to this one; what there is none of is left out."""
    kin: list[tuple[str, list[tuple[Partner, date | None]]]] = [
        ("Took over from", [(item.predecessor, item.on) for item in file.before]),
        ("Taken over by", [(item.successor, item.on) for item in file.after]),
        ("Reports in", [(item, None) for item in file.groups]),
        ("Stands for", [(item, None) for item in file.members]),
    ]
    return [
        {
            "label": label,
            "partners": [
                {"name": other.name, "href": _href(system, other), "on": on} for other, on in own
            ],
        }
        for label, own in kin
        if own
    ]


def _years(user: User, system: System, partner: Partner) -> list[dict[str, str]]:
    """The ways to a partner's lines in those years of a system in which it has any."""
    years = visible_years(user, system)
    lines = Line.objects.filter(slice__in=years, partner=partner)
    held = set(lines.values_list("slice", flat=True))
    return [
        {
            "label": str(slice_.year),
            "href": reverse("partner", args=[system.code, slice_.year_id, partner.code]),
        }
        for slice_ in years
        if slice_.pk in held
    ]
