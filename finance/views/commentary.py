"""Words to the board about a month: written, signed with a role, and kept in every version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Refused
from finance.models.base import AUDITED, FIRST_MONTH
from finance.months import calendar_month
from finance.queries.commentary import commentaries
from finance.services import write_commentary
from finance.services.months import stands_closed
from schemes.models import Slice
from schemes.people.permissions import Permission, require, roles_in
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def commentary(request: PersonRequest, system: str, year: str, month: int) -> HttpResponse:
    """Write to the board about a month that is closed; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    require(request.user, Permission.WRITE_COMMENTARY, system=slice_.system)
    if not FIRST_MONTH <= month <= AUDITED:
        raise Http404
    if request.method != "POST":
        return _show(request, slice_, month)
    try:
        new = write_commentary(
            by=request.user,
            slice_id=slice_.pk,
            month=month,
            text=request.POST.get("text", "").replace("\r\n", "\n").strip(),
            signed_as=request.POST.get("signed_as", "").strip(),
        )
    except Refused as refused:
        return _show(request, slice_, month, refused)
    said = f"Signed. The board's page of {calendar_month(slice_, month)} shows it."
    messages.success(request, said if new else "It stood so.")
    return redirect("commentary", system, year, month)


def _show(
    request: PersonRequest, slice_: Slice, month: int, refused: Refused | None = None
) -> HttpResponse:
    versions = commentaries(slice_, month)
    present = versions[0] if versions else None
    here = [slice_.system.code, slice_.year_id]
    roles = roles_in(request.user, slice_.system)
    board = f"{reverse('board', args=here)}?month={month}"
    typed: dict[str, Any] = {
        "text": present.text if present else "",
        "signed_as": present.signed_as if present else roles[-1],
    }
    if refused:
        typed = {name: request.POST.get(name, "") for name in typed}
    return render(
        request,
        "finance/commentary.html",
        {
            "system": slice_.system,
            "year_label": str(slice_.year),
            "month": calendar_month(slice_, month),
            "closed": stands_closed(slice_, month),
            "reopened": bool(present and present.before_reopening),
            "returns_href": reverse("returns", args=here),
            "roles": roles,
            "typed": typed,
            "problems": [fault.message for fault in refused.faults] if refused else [],
            "versions": versions,
            "board_href": board,
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": f"Board summary {slice_.year}", "href": board},
            ],
        },
        status=STATUS[refused.code] if refused else 200,
    )
