"""The returns of a year at a glance: who is late, and closing or reopening a month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import Refused
from esbt.kit.words import in_a_list
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.outturns import ReturnState
from finance.months import calendar_month, month_begins
from finance.queries.entry import to_approve, waiting
from finance.queries.returns import (
    LateClose,
    MonthState,
    PartnerMonths,
    SystemMonth,
    late_closes,
    partner_months,
    system_months,
)
from finance.queries.steps import Step, published_unapproved
from finance.services import close_month, reopen_month
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, has_permission, partners_of, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_NEAR = 2  # months that a narrow screen shows at first: the latest that have begun


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Each partner's months; its administrator closes and reopens them here."""
    slice_ = visible_slice(request.user, system, year)
    if request.method == "POST":
        require(request.user, Permission.CLOSE_MONTH, system=slice_.system)
        _act(request, slice_)
        return redirect("returns", system, year)
    return render(request, "finance/returns.html", _context(request, slice_))


def _own(request: PersonRequest, slice_: Slice) -> list[dict[str, str]]:
    """Months that this person is to enter or to approve, each with its page."""
    system, today = slice_.system, timezone.localdate()
    enters = partners_of(request.user, Permission.ENTER_OUTTURN, system=system)
    approves = partners_of(request.user, Permission.APPROVE_RETURN, system=system)
    to_enter = [
        ("Enter", "enter-month", item.partner, item.month)
        for item in waiting([slice_], enters, today)
    ]
    to_read = [
        ("Approve", "month-return", item.partner, item.month)
        for item in to_approve([slice_], approves)
    ]
    return [
        {
            "label": f"{what} {calendar_month(slice_, month)}, {partner.short_name}",
            "href": reverse(page, args=[system.code, slice_.year_id, partner.code, month]),
        }
        for what, page, partner, month in to_enter + to_read
    ]


def _context(request: PersonRequest, slice_: Slice) -> dict[str, Any]:
    found = partner_months(slice_, timezone.localdate())
    closed = system_months(slice_)
    to_be_closed = late_closes(slice_, found, timezone.localdate())
    forced = _forced(slice_, found)
    begun = {
        month
        for month in range(FIRST_MONTH, AUDITED + 1)
        if month_begins(slice_, month) <= timezone.localdate()
    }
    may = slice_.status == Slice.Status.OPEN and has_permission(
        request.user, Permission.CLOSE_MONTH, system=slice_.system
    )
    names = {month: calendar_month(slice_, month) for month in range(FIRST_MONTH, AUDITED + 1)}
    near = sorted(begun)[-_NEAR:] or [FIRST_MONTH]
    here = [slice_.system.code, slice_.year_id]
    return {
        "system": slice_.system,
        "own": _own(request, slice_),
        "year_label": str(slice_.year),
        "slice": slice_,
        "months": [(_short(month, name), name, month in near) for month, name in names.items()],
        "rows": [
            {
                "name": item.partner.name,
                "months": [
                    _cell(
                        month,
                        unapproved=(item.partner.pk, month.month) in forced,
                        begun=month.month in begun,
                        near=month.month in near,
                    )
                    for month in item.months
                ],
            }
            for item in found
        ],
        "forced": [
            {
                "partner": step.partner.name,
                "month": names[step.month],
                "who": step.who,
                "when": step.when,
                "reason": step.reason,
            }
            for step in forced.values()
        ],
        "system_row": [
            {
                "month": closed.get(month),
                "late": month in {item.month for item in to_be_closed},
                "near": month in near,
            }
            for month in names
        ],
        "late_to_close": [_late_close(item, names) for item in to_be_closed],
        "late": [
            {
                "partner": item.partner.name,
                "months": [_late(month, names) for month in item.months if month.late],
            }
            for item in found
            if any(month.late for month in item.months)
        ],
        "timetable_href": reverse("timetable", args=here),
        "may_close": may,
        "to_close": [(month, name) for month, name in names.items() if _open(found, closed, month)]
        if may
        else [],
        "to_reopen": [
            {
                "value": f"{item.partner.code}:{month.month}",
                "label": f"{names[month.month]}, {item.partner.name}",
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
                "href": reverse("finances", args=here),
            },
        ],
    }


def _short(month: int, name: str) -> str:
    return "Final" if month == AUDITED else name[:3]


def _open(found: list[PartnerMonths], closed: Mapping[int, SystemMonth], month: int) -> bool:
    """Whether a month has something to close: reports, and no closing of the system that stands."""
    if month in closed and closed[month].closed:
        return False
    states = [item.months[month - 1] for item in found]
    return any(state.due and state.reported for state in states)


def _forced(slice_: Slice, found: list[PartnerMonths]) -> dict[tuple[int, int], Step]:
    """Closings of months that their partner had to report and that nobody approved: one query."""
    closed = {
        (item.partner.pk, month.month)
        for item in found
        for month in item.months
        if month.state == ReturnState.CLOSED and (month.due or month.reported)
    }
    steps = {(step.partner.pk, step.month): step for step in published_unapproved(slice_)}
    return {key: step for key, step in sorted(steps.items(), key=_by_month) if key in closed}


def _by_month(item: tuple[tuple[int, int], Step]) -> tuple[int, str]:
    return item[1].month, item[1].partner.name


def _cell(month: MonthState, *, unapproved: bool, begun: bool, near: bool) -> dict[str, Any]:
    label = str(ReturnState(month.state).label) if month.state else ""
    return {
        "state": month.state,
        "near": near,
        "label": f"{label}, not approved" if unapproved else label,
        "begun": begun or month.state != ReturnState.DRAFT or bool(month.reported),
        "late": month.late,
        "reported": month.reported,
        "due": month.due,
    }


def _late(month: MonthState, names: Mapping[int, str]) -> str:
    """A month that is late, with what it waits for and since when, where a timetable says so."""
    name = names[month.month]
    if month.by is None:
        return name
    waits = "approved" if month.state == ReturnState.SUBMITTED else "submitted"
    days = f"{month.days_late} working day{'' if month.days_late == 1 else 's'}"
    return f"{name}, to be {waits} by {month.by:%-d %B %Y}: {days} late"


def _late_close(item: LateClose, names: Mapping[int, str]) -> str:
    """The system's month that was to be closed, and whom it waits for."""
    days = f"{item.days_late} working day{'' if item.days_late == 1 else 's'}"
    waits = f", waiting for {in_a_list(item.waits_for)}" if item.waits_for else ""
    return f"{names[item.month]}, to be closed by {item.by:%-d %B %Y}: {days} late{waits}"


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
            month_number = _number(request.POST.get("month", ""))
            done = close_month(
                by=request.user, slice_id=slice_.pk, month=month_number, reason=reason
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
