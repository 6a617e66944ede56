"""The calendar of everything that is due: its page by month, its download and its feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from esbt.downloads.calendar_feed import calendar_file
from esbt.kit.tables import csv_records
from esbt.kit.when import is_when, last_day, when_words
from esbt.pages.calendar import (
    CALENDAR_COLUMNS,
    CalendarWish,
    Due,
    between,
    calendar_of,
    choices,
    due_record,
)
from esbt.views.delivery import crumbs, filters_of, joined, listing
from esbt.views.frame import ANY_METHOD
from schemes.models import CalendarFeed, System, User
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slices, visible_system
from schemes.services.feeds import feed_of, open_feed, revoke_feed

_FILTERS = {"kind": "What", "owner": "Partner", "body": "Reported to", "status": "Status"}


def everything(user: User, system: System, as_of: date | None = None) -> list[Due]:
    """Everything of a system with a date, for somebody who may see it."""
    slices = [item for item in visible_slices(user) if item.system_id == system.pk]
    return calendar_of(system, slices, as_of)


@login_required
@require_GET
def calendar(request: PersonRequest, system: str) -> HttpResponse:
    """What is due in a month, by day; with the header X-Part the list alone."""
    found = visible_system(request.user, system)
    wish = CalendarWish.read(request.GET)
    dues = everything(request.user, found)
    shown = [due for due in dues if wish.takes(due)]
    month = _month(request)
    first = date.fromisoformat(f"{month}-01")
    own = between(shown, first, last_day(month))
    csv = reverse("calendar-csv", args=[system])
    context = {
        "system": found,
        "month": month,
        "month_label": when_words(month),
        "days": [
            {"day": day, "past": day < timezone.localdate(), "rows": list(rows)}
            for day, rows in groupby(own, key=attrgetter("on"))
        ],
        "count": len(own),
        "wish": wish,
        "query": wish.query,
        "filters": filters_of(_FILTERS, wish, choices(dues)),
        **_beside(shown, month, wish.query),
        "feed_href": reverse("calendar-feeds", args=[system]),
        "downloads": [{"label": "CSV", "href": f"{csv}?{wish.query}" if wish.query else csv}],
        "crumbs": crumbs(found),
    }
    return listing(request, "calendar", context)


def _month(request: HttpRequest) -> str:
    """The month that the address asks for, in which something may be due, else this one."""
    asked = request.GET.get("month", "")
    return asked if is_when(f"{asked}-01") else f"{timezone.localdate():%Y-%m}"


def _beside(found: Sequence[Due], month: str, query: str) -> dict[str, dict[str, str] | None]:
    """The ways to the last month before and the next one that hold something, and to this one."""
    held = sorted({f"{due.on:%Y-%m}" for due in found})
    before = next((item for item in reversed(held) if item < month), "")
    after = next((item for item in held if item > month), "")
    present = f"{timezone.localdate():%Y-%m}"
    ways = {
        "before": before,
        "present": "" if present in (before, month, after) else present,
        "after": after,
    }
    return {
        name: {
            "label": when_words(item),
            "href": f"?{joined(urlencode({'month': item}), query)}",
        }
        if item
        else None
        for name, item in ways.items()
    }


@login_required
@require_GET
def calendar_csv(request: PersonRequest, system: str) -> HttpResponse:
    """Everything with a date that the filters leave, as CSV."""
    found = visible_system(request.user, system)
    dues = filter(CalendarWish.read(request.GET).takes, everything(request.user, found))
    return csv_records(CALENDAR_COLUMNS, map(due_record, dues), f"{system}-calendar")


@login_required
@require_http_methods(ANY_METHOD)
def feeds(request: PersonRequest, system: str) -> HttpResponse:
    """One's own feeds of a system's calendar: make one, whose address is shown once; end one."""
    found = visible_system(request.user, system)
    address = ""
    if request.POST.get("act") == "revoke":
        number = request.POST.get("feed", "")
        plain = number.isascii() and number.isdecimal() and len(number) < 19
        revoke_feed(by=request.user, feed_id=int(number) if plain else 0)
        messages.success(request, "That feed is ended: its address opens nothing any more.")
        return redirect("calendar-feeds", system)
    if request.method == "POST":
        token = open_feed(by=request.user, system=found)
        address = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
    context = {
        "system": found,
        "address": address,
        "feeds": CalendarFeed.objects.filter(user=request.user, system=found, revoked_at=None),
        "crumbs": crumbs(found, ("Calendar", reverse("calendar", args=[system]))),
    }
    answer = render(request, "delivery/calendar_feeds.html", context)
    answer["Cache-Control"] = "no-store"  # it may show a token
    return answer


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """A feed as an iCalendar file, for whoever has its token, as its person may see it."""
    opened = feed_of(token)
    made = calendar_file(
        f"{opened.system.name}: what is due",
        everything(opened.user, opened.system),
        host=request.get_host().partition(":")[0],
        at=timezone.now(),
        absolute=request.build_absolute_uri,
    )
    answer = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'inline; filename="{opened.system.code}.ics"'
    answer["Cache-Control"] = "private, max-age=900"
    return answer
