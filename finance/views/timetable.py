"""The timetable of a year: deadlines in working days, and the dates that they come to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.working_days import FIRST_LISTED, LAST_LISTED
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.timetables import EVERY_MONTH
from finance.months import calendar_month
from finance.queries.timetable import timetables
from finance.services import DeadlineSpec, set_deadlines
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_FIELDS = (("submit", "Submitted"), ("approve", "Approved"), ("close", "Closed"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def timetable(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """By when each month is submitted, approved and closed; its administrator agrees it here."""
    slice_ = visible_slice(request.user, system, year)
    if request.method != "POST":
        return _show(request, slice_)
    require(request.user, Permission.CLOSE_MONTH, system=slice_.system)
    try:
        changed = set_deadlines(by=request.user, slice_id=slice_.pk, specs=[_read(request)])
    except Refused as refused:
        return _show(request, slice_, refused)
    messages.success(request, "Saved." if changed else "That stood so already.")
    return redirect("timetable", system, year)


def _read(request: PersonRequest) -> DeadlineSpec:
    """What the form says. Raises Refused for what is no number of days."""
    days: dict[str, int | None] = {}
    for name, _ in _FIELDS:
        text = request.POST.get(name, "").strip()
        if text and not _is_number(text):
            said = f"'{text[:20]}' is not a number of days. Type a whole number, such as 8."
            raise Refused([Fault(said, name, text[:20])])
        days[f"{name}_days"] = int(text) if text else None
    month = request.POST.get("month", "")
    return DeadlineSpec(month=int(month) if _is_number(month) else -1, **days)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3


def _show(request: PersonRequest, slice_: Slice, refused: Refused | None = None) -> HttpResponse:
    found = timetables([slice_])[slice_.pk]
    months = [
        {
            "name": calendar_month(slice_, month),
            "days": found.days_of(month),
            "own": month in found.days,
            "dates": found.of(month),
        }
        for month in range(FIRST_MONTH, AUDITED + 1)
    ]
    here = [slice_.system.code, slice_.year_id]
    typed: Any = request.POST if refused else {}
    return render(
        request,
        "finance/timetable.html",
        {
            "system": slice_.system,
            "year_label": str(slice_.year),
            "usual": found.days.get(EVERY_MONTH),
            "months": months if found.days else [],
            "choices": [
                (str(EVERY_MONTH), "Every month"),
                *(
                    (str(month), calendar_month(slice_, month))
                    for month in range(FIRST_MONTH, AUDITED + 1)
                ),
            ],
            "may_set": has_permission(request.user, Permission.CLOSE_MONTH, system=slice_.system),
            "chosen": typed.get("month", ""),
            "fields": [(name, f"{label} by day", typed.get(name, "")) for name, label in _FIELDS],
            "problems": [fault.message for fault in refused.faults] if refused else [],
            "unlisted": not FIRST_LISTED <= slice_.year.first_day.year <= LAST_LISTED - 1,
            "last_listed": LAST_LISTED,
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {
                    "label": f"Monthly returns {slice_.year}",
                    "href": reverse("returns", args=here),
                },
            ],
        },
        status=STATUS[refused.code] if refused else 200,
    )
