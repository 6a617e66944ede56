"""One's own work: what waits, who stands in for whom, and reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Fault, Refused
from esbt.pages.own_returns import tasks_of
from esbt.pages.own_work import own_meetings, own_work
from finance.models import Line
from schemes.models import RoleGrant, Slice, User
from schemes.models.people import Digest
from schemes.people.permissions import Permission, grants_of, partners_of
from schemes.people.requests import PersonRequest
from schemes.people.roles import Role
from schemes.queries import visible_slices
from schemes.services.people import choose_digest, choose_reminders, name_deputy


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_work(request: PersonRequest) -> HttpResponse:
    """Months that wait for this person, their deputies, and whether they want reminders."""
    if request.method != "POST":
        return _show(request)
    act = _ACTS.get(request.POST.get("act", ""), _name)
    try:
        said = act(request)
    except Refused as refused:
        return _show(request, refused)
    messages.success(request, said)
    return redirect("my-work")


def _remind(request: PersonRequest) -> str:
    wanted = request.POST.get("reminders") == "on"
    choose_reminders(by=request.user, wanted=wanted)
    return "You will be reminded by e-mail." if wanted else "You will not be reminded."


def _digest(request: PersonRequest) -> str:
    chosen = choose_digest(
        by=request.user, often=request.POST.get("digest", ""), today=timezone.localdate()
    )
    if chosen == Digest.NEVER:
        return "You will get no digest."
    return f"You will get a digest {chosen.label.lower()}, when something waits for you."


def _name(request: PersonRequest) -> str:
    sent = request.POST
    role = sent.get("role", "")
    made = name_deputy(
        by=request.user,
        grant_id=int(role) if role.isascii() and role.isdecimal() and len(role) < 18 else 0,
        username=sent.get("deputy", "").replace("\0", "").strip()[:150],
        starts=_day(sent.get("starts", ""), "starts"),
        ends=_day(sent.get("ends", ""), "ends"),
    )
    return f"{made.user} stands in for you from {made.starts:%-d %B %Y} to {made.ends:%-d %B %Y}."


_ACTS: dict[str, Callable[[PersonRequest], str]] = {"reminders": _remind, "digest": _digest}


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused([Fault("Give the day, such as 2026-08-14.", field, text[:20])]) from None


def _show(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    slices = visible_slices(request.user)
    own = [grant for grant in grants_of(request.user) if grant.partner_id]
    today = timezone.localdate()
    deputies = RoleGrant.objects.filter(deputy_for=request.user, ends__gte=today, ended_at=None)
    return render(
        request,
        "esbt/my_work.html",
        {
            "tasks": tasks_of(request.user, slices, today),
            "matters": own_work(request.user, today),
            "meetings": own_meetings(request.user, today),
            "digests": [
                {"value": value, "label": label, "chosen": value == request.user.digest}
                for value, label in Digest.choices
            ],
            "workbooks": _workbooks(request.user, slices),
            "roles": [
                {"value": str(grant.pk), "label": _label(grant)}
                for grant in own
                if grant.deputy_for_id is None
            ],
            "standing_in": [
                {"role": _label(grant), "for": str(grant.deputy_for), "ends": grant.ends}
                for grant in own
                if grant.deputy_for_id
            ],
            "deputies": [
                {
                    "name": str(grant.user),
                    "role": _label(grant),
                    "starts": grant.starts,
                    "ends": grant.ends,
                }
                for grant in deputies.select_related("user", "partner").order_by("starts")
            ],
            "typed": _typed(request) if refused else {},
            "problems": [fault.message for fault in refused.faults] if refused else [],
        },
        status=STATUS[refused.code] if refused else 200,
    )


def _workbooks(user: User, slices: list[Slice]) -> list[dict[str, str]]:
    """Workbooks of funds that take the quarterly outturn of this person's lines: one query."""
    enters = partners_of(user, Permission.ENTER_OUTTURN)
    years = [slice_.pk for slice_ in slices if slice_.status == Slice.Status.OPEN]
    if not enters or not years:
        return []
    found = Line.objects.filter(
        slice__in=years,
        partner__in=enters,
        pool__plans__first_year__lte=F("slice__year"),
        pool__plans__last_year__gte=F("slice__year"),
    )
    place = ("slice__system__code", "slice__year", "pool__plans__code", "pool__plans__name")
    return [
        {
            "label": f"{name}, {year.replace('-', '/')}",
            "href": reverse("fund-workbook", args=[system, year, plan]),
        }
        for system, year, plan, name in found.order_by(*place).values_list(*place).distinct()
    ]


def _typed(request: PersonRequest) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in ("role", "deputy", "starts", "ends")}


def _label(grant: RoleGrant) -> str:
    return f"{Role(grant.role).label}, {grant.partner}"
