"""What pages of figures share around them: which state and month they show, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse

from esbt.kit.problems import Refused
from finance.as_at import PARAMETER, AsAt, as_at_of, keeps
from finance.models.base import AUDITED
from finance.models.rollups import State
from finance.months import month_label
from finance.queries.holding import slices_holding
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, grants_of, has_permission
from schemes.people.requests import PersonRequest
from schemes.people.roles import Role
from schemes.queries import visible_years
from schemes.sources import operator_of


def chosen_state(request: PersonRequest) -> State:
    """The state in the address; else provisional for finance leads and approvers only."""
    asked = request.GET.get("state")
    if asked in State.values:
        return State(asked)
    own = {grant.role for grant in grants_of(request.user)}
    board = request.resolver_match and request.resolver_match.url_name == "board"
    works_on_it = bool(own & {Role.FINANCE_LEAD, Role.APPROVER})
    return State.PROVISIONAL if works_on_it and not board else State.PUBLISHED


def chosen_month(request: PersonRequest) -> int | None:
    """The month in the address; None for the latest. Http404 for what is no month."""
    text = request.GET.get("month", "")
    if not text:
        return None
    if len(text) > 2 or not text.isdecimal() or int(text) > AUDITED:
        raise Http404
    return int(text)


def chosen_as_at(request: PersonRequest, slice_: Slice) -> AsAt:
    """The moment in the address, which is now for none and, with a fault, for what is none."""
    return as_at_of(slice_, request.GET.get(PARAMETER, ""))


def refused_moment(as_at: AsAt) -> HttpResponse | None:
    """How a download answers an address with what is no moment: in words, and with no figures."""
    if not as_at.fault:
        return None
    return HttpResponse(as_at.fault, status=422, content_type="text/plain; charset=utf-8")


def as_at_context(request: PersonRequest, slice_: Slice, as_at: AsAt) -> dict[str, Any]:
    """What the "as at" form and notice of a page show; the stamp polls only for the present."""
    here = (slice_.system.code, slice_.year_id)
    others = [(name, value) for name, value in request.GET.items() if name not in _NOT_KEPT]
    now = f"?{urlencode(others)}" if others else request.path
    since = urlencode({"from": as_at.at.isoformat()}) if as_at.at and not as_at.coming else ""
    return {
        "as_at": as_at,
        "as_at_kept": others,
        "present_href": now,
        "changes_href": with_query(reverse("changes", args=here), since),
        "stamp_url": "" if as_at.at else reverse("stamp", args=here),
    }


def year_ways(user: User, slice_: Slice, partner: Partner) -> list[dict[str, str]]:
    """The grids of a partner's year in which somebody may type."""
    own = (slice_.system.code, slice_.year_id, partner.code)
    ways = (
        ("actual", "Actual to date by month", Permission.ENTER_OUTTURN),
        ("forecast", "Forecast for the year by month", Permission.ENTER_OUTTURN),
        ("plan", "Plan by month", Permission.REPROFILE),
    )
    return [
        {"measure": measure, "label": label, "href": reverse("year-grid", args=[*own, measure])}
        for measure, label, permission in ways
        if has_permission(user, permission, system=slice_.system, partner=partner)
    ]


_NOT_KEPT = (PARAMETER, "page")


def with_query(address: str, *parts: str) -> str:
    """An address with those parts of a query that say something."""
    said = "&".join(part for part in parts if part)
    return f"{address}?{said}" if said else address


def address_with(request: PersonRequest, **changes: object) -> str:
    """This page's address with other values in its query, without a moment that is none."""
    query = request.GET.copy()
    if not keeps(query.get(PARAMETER, "")):
        query.pop(PARAMETER, None)
    for name, value in changes.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def month_link(request: PersonRequest, slice_: Slice, months: list[int]) -> dict[str, str] | None:
    """The way to the first of some months; None where there is none."""
    if not months:
        return None
    label = month_label(slice_, months[0])
    return {"label": label[0].upper() + label[1:], "href": address_with(request, month=months[0])}


def month_links(
    request: PersonRequest, slice_: Slice, months: Sequence[int], shown: int | None
) -> dict[str, dict[str, str] | None]:
    """The ways to the reported months before and after the one that is shown."""
    here = shown or 0
    return {
        "previous": month_link(request, slice_, [month for month in months if month < here][::-1]),
        "next": month_link(request, slice_, [month for month in months if month > here]),
    }


def state_switch(request: PersonRequest, state: str) -> dict[str, str]:
    """The way to the other state's figures."""
    if state == State.PROVISIONAL:
        other, label = State.PUBLISHED, "Show approved and closed figures only"
    else:
        other, label = State.PROVISIONAL, "Show provisional figures, everything saved so far"
    return {"href": address_with(request, state=other), "label": label}


def other_years(user: User, slice_: Slice, page: str) -> list[dict[str, str]]:
    """The ways from a page that is empty to it in those years that hold something: one query."""
    years = visible_years(user, slice_.system)
    held = slices_holding(years, [page])[page]
    return [
        {"label": str(other.year), "href": reverse(page, args=[slice_.system.code, other.year_id])}
        for other in years
        if other.pk in held and other.pk != slice_.pk
    ]


def page_within_finances(slice_: Slice) -> dict[str, Any]:
    """What every page beneath a year's finances needs around it."""
    here = (slice_.system.code, slice_.year_id)
    return {
        "system": slice_.system,
        "year_label": str(slice_.year),
        "year_code": slice_.year_id,
        "operator": operator_of(slice_),
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"System finances {slice_.year}", "href": reverse("finances", args=here)},
        ],
        "stamp_url": reverse("stamp", args=here),
    }


def problems_of(refused: Refused) -> list[dict[str, str]]:
    """Faults for _components/problems.html, each leading to the field of the same id."""
    return [
        {"text": fault.message, "href": f"#{fault.field}" if fault.field else ""}
        for fault in refused.faults
    ]
