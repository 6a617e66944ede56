"""The returns of a year at a glance: who is late, and closing or reopening a month."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import Refused
from finance.models.outturns import ReturnState
from finance.pages import calendar_month
from finance.queries.returns import PartnerMonths, partner_months
from finance.services import close_month, reopen_month
from schemes.models import Partner, Slice
from schemes.permissions import Permission, has_permission, require
from schemes.queries import visible_slice
from schemes.requests import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Each partner's months; its administrator closes and reopens them here."""
    slice_ = visible_slice(request.user, system, year)
    if request.method == "POST":
        require(request.user, Permission.CLOSE_MONTH, system=slice_.system)
        _act(request, slice_)
        return redirect("returns", system, year)
    found = partner_months(slice_, timezone.localdate())
    may = slice_.status == Slice.Status.OPEN and has_permission(
        request.user, Permission.CLOSE_MONTH, system=slice_.system
    )
    months = [(month, calendar_month(slice_, month)) for month in range(1, 13)]
    return render(
        request,
        "finance/returns.html",
        {
            "system": slice_.system,
            "year_label": str(slice_.year),
            "slice": slice_,
            "months": [(name.split()[0][:3], name) for _, name in months],
            "rows": [_row(item, slice_) for item in found],
            "late": [
                {"partner": item.partner.name, "months": ", ".join(names)}
                for item in found
                if (names := [months[m.month - 1][1] for m in item.months if m.late])
            ],
            "may_close": may,
            "to_close": [pair for pair in months if _open(found, pair[0])] if may else [],
            "to_reopen": [
                {
                    "value": f"{item.partner.code}:{month.month}",
                    "label": f"{months[month.month - 1][1]}, {item.partner.name}",
                }
                for item in found
                for month in item.months
                if month.state == ReturnState.CLOSED
            ]
            if may
            else [],
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {
                    "label": f"System finances {slice_.year}",
                    "href": reverse("finances", args=[system, year]),
                },
            ],
        },
    )


def _open(found: list[PartnerMonths], month: int) -> bool:
    """Whether a month has something to close: reports that are not closed."""
    states = [item.months[month - 1] for item in found]
    return any(s.due and s.reported and s.state != ReturnState.CLOSED for s in states)


def _row(item: PartnerMonths, slice_: Slice) -> dict[str, Any]:
    return {
        "name": item.partner.name,
        "months": [
            {
                "state": month.state,
                "label": str(ReturnState(month.state).label) if month.state else "",
                "late": month.late,
                "reported": month.reported,
                "due": month.due,
                "name": calendar_month(slice_, month.month),
            }
            for month in item.months
        ],
    }


def _act(request: PersonRequest, slice_: Slice) -> None:
    """Close or reopen what the form names, or say in words why not."""
    reason = request.POST.get("reason", "").strip()[:4000]
    try:
        if request.POST.get("act") == "reopen":
            code, _, month = request.POST.get("return", "").partition(":")
            partner = Partner.objects.filter(
                code=code, memberships__system=slice_.system_id
            ).first()
            if partner is None:
                messages.error(request, "Choose the month and the partner. Nothing was changed.")
                return
            done = reopen_month(
                by=request.user,
                slice_id=slice_.pk,
                partner=partner,
                month=_number(month),
                reason=reason,
            )
            said = "It is open again; what was published stays until it is approved or closed anew."
        else:
            done = bool(
                close_month(
                    by=request.user,
                    slice_id=slice_.pk,
                    month=_number(request.POST.get("month", "")),
                    reason=reason,
                )
            )
            said = "The month is closed."
    except Refused as refused:
        for fault in refused.faults:
            messages.error(request, f"{fault.message} Nothing was changed.")
    else:
        messages.success(request, said if done else "It was so already.")


def _number(text: str) -> int:
    """A month in the form; 0, which is none, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0
