"""What changed between two moments: which figures moved, by whom, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from esbt.kit.problems import Refused
from esbt.kit.tables import Column, csv_answer, pounds
from finance.as_at import as_change, moment
from finance.figures.position import Position
from finance.models import MonthClose
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.months import calendar_month, month_label
from finance.pages.position import position_page
from finance.queries.changes import (
    ACTUAL,
    FIGURES,
    FORECAST,
    PLAN,
    PROFILE,
    Moved,
    moved_figures,
    other_changes,
    return_steps,
)
from finance.queries.comments import changed_comments
from finance.views.frame import chosen_state, state_switch
from schemes.models import Change, Slice
from schemes.people.permissions import Permission, has_permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_slice

SHOWN = 200  # moves on a page, the largest first; the CSV holds all
WEEK = timedelta(days=7)
_WEEK_WORDS = "The last seven days are shown."
GBP = "pounds in the sense of the line; empty is not stated"

CHANGE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("partner", "string", "code of the partner or reporting group"),
    Column("line", "string", "code of the line"),
    Column("name", "string", "its name"),
    Column("kind", "string", "what the line counts"),
    Column("month", "integer", "month of the year, 1 is April; empty: the whole year"),
    Column("figure", "string", "actual (to date), forecast, plan or plan to date"),
    Column("plan", "string", "name of the plan, where it is a plan's figure"),
    Column("before_gbp", "number", f"at the first moment, {GBP}"),
    Column("after_gbp", "number", f"at the second moment, {GBP}"),
    Column("difference_gbp", "number", "after less before, where both are stated"),
    Column("published", "boolean", "whether the later value was approved or closed by then"),
    Column("saves", "integer", "how often it was changed in between; the last one is told"),
    Column("by", "string", "who"),
    Column("at", "string", "when (ISO 8601)"),
    Column("action", "string", "what was done"),
    Column("reason", "string", "why, where somebody said so"),
    Column("revision", "integer", "number of the change"),
)

_MEASURES = {ACTUAL: "To date", FORECAST: "Forecast", PLAN: "Plan", PROFILE: "Plan to date"}


@dataclass(frozen=True, slots=True)
class Window:
    """Two moments, the changes that had been made at each, and what is wrong with the address."""

    first: datetime
    last: datetime
    after: int
    upto: int
    fault: str = ""
    since: str = ""  # why it begins there, where nobody asked for a day

    @property
    def query(self) -> list[tuple[str, str]]:
        """The same two in an address."""
        return [("from", self.first.isoformat()), ("to", self.last.isoformat())]

    @property
    def words(self) -> str:
        """Both as people write them."""
        first, last = _said(self.first), _said(self.last)
        if first == last:  # within a minute
            first, last = f"{first}:{self.first:%S}", f"{last}:{self.last:%S}"
        return f"{first} and {last}"


def window_of(request: PersonRequest, slice_: Slice) -> Window:
    """From the beginning of one day to the end of another; left out: what is new to its readers."""
    asked = {name: request.GET.get(name, "").strip() for name in ("from", "to")}
    fault = ""
    last = timezone.localtime()
    first, since = _news(slice_, last)
    try:
        if asked["to"]:
            last = moment(asked["to"], field="to")
            first, since = last - WEEK, ""
        if asked["from"]:
            first, since = moment(asked["from"], field="from", starts=True), ""
        if first > last:
            fault = "The first moment comes after the second."
    except Refused as refused:
        fault = f"One of the two is not a moment. {refused.faults[0].message}"
    except OverflowError:
        fault = "There is no week before that day."
    if fault:
        last = timezone.localtime()
        first, since = last - WEEK, _WEEK_WORDS
    return Window(first, last, as_change(slice_, first), as_change(slice_, last), fault, since)


def _news(slice_: Slice, now: datetime) -> tuple[datetime, str]:
    """Since when a year has news, and why then: its last close or load, else seven days ago.

    Two queries.
    """
    closed = MonthClose.objects.filter(slice=slice_, closed=True).values("change")
    own = Change.objects.filter(slice=slice_)
    loads = own.filter(actor=None, action__in=FIGURES, at__gt=now - WEEK)
    found = [
        (change.at, words)
        for change, words in (
            (own.filter(number__in=closed).order_by("-number").first(), "a month was last closed"),
            (loads.order_by("-number").first(), "figures were last loaded"),
        )
        if change and change.at <= now
    ]
    if not found:
        return now - WEEK, _WEEK_WORDS
    at, words = max(found)
    at = timezone.localtime(at)
    return at, f"Shown is what came after {words}, on {_said(at)}."


@login_required
@require_GET
def changes(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The figures that moved between two moments, and what that did to the position."""
    slice_ = visible_slice(request.user, system, year)
    window = window_of(request, slice_)
    state = chosen_state(request)
    moved = moved_figures(slice_, window.after, window.upto)
    page = Paginator(moved, SHOWN).get_page(request.GET.get("page"))
    here = (system, year)
    kept = [("state", state)] if "state" in request.GET else []
    context = {
        "system": slice_.system,
        "year_label": str(slice_.year),
        "window": window,
        "sentence": _sentence(moved, window),
        "position": _position(slice_, window, state),
        "state": state,
        "unit": UNIT_LABELS["k"],
        "rows": [_row(slice_, item) for item in page],
        "page": page,
        "query": urlencode([*window.query, *kept]),
        "steps": [
            {"step": step, "month": month_label(slice_, step.month)}
            for step in return_steps(slice_, window.after, window.upto)
        ],
        "comments": [
            {
                "item": item,
                "month": calendar_month(slice_, item.month),
                "href": reverse("line", args=[*here, item.line.code]),
            }
            for item in changed_comments(
                slice_, window.after, window.upto, own=_own(request, slice_)
            )
        ],
        "others": other_changes(slice_, window.after, window.upto),
        "kept": kept,
        "state_switch": state_switch(request, state),
        "downloads": [
            {
                "label": "CSV",
                "href": f"{reverse('changes-csv', args=here)}?{urlencode(window.query)}",
            }
        ],
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"System finances {slice_.year}", "href": reverse("finances", args=here)},
        ],
    }
    return render(request, "finance/changes.html", context)


def _own(request: PersonRequest, slice_: Slice) -> set[int] | None:
    """The partners whose drafts this person reads; None for all of them."""
    if has_permission(request.user, Permission.READ_AUDIT, system=slice_.system):
        return None
    read = partners_of(request.user, Permission.READ_PROVISIONAL, system=slice_.system)
    return {partner.pk for partner in read}


@login_required
@require_GET
def changes_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """All of the figures that moved, as CSV."""
    slice_ = visible_slice(request.user, system, year)
    window = window_of(request, slice_)
    if window.fault:
        return HttpResponse(window.fault, status=422, content_type="text/plain; charset=utf-8")
    rows = _table(slice_, moved_figures(slice_, window.after, window.upto))
    return csv_answer(CHANGE_COLUMNS, rows, f"{system}-{year}-changes")


def _said(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M}"


def _sentence(moved: Sequence[Moved], window: Window) -> str:
    if not moved:
        return f"No figure moved between {window.words}."
    published = sum(item.published for item in moved)
    many = len(moved)
    said = f"{many} figure{'' if many == 1 else 's'} moved between {window.words}"
    if published == many:
        return f"{said}; {'it is' if many == 1 else 'all are'} published."
    return f"{said}; {published or 'none'} of them {'is' if published == 1 else 'are'} published."


def _row(slice_: Slice, item: Moved) -> dict[str, Any]:
    unit: Unit = "gbp"
    difference = item.difference_pence
    return {
        "item": item,
        "href": reverse("line", args=[slice_.system.code, slice_.year_id, item.line]),
        "kind": str(Kind(item.kind).label),
        "figure": _MEASURES[item.measure],
        "month": month_label(slice_, item.month) or "the year",
        "before": cell(item.before_pence, unit),
        "after": cell(item.after_pence, unit),
        "difference": Cell("") if difference is None else cell(difference, unit),
    }


def _position(slice_: Slice, window: Window, state: State) -> dict[str, Any]:
    """The system's position as it was known at both moments, side by side."""
    before, after = (
        position_page(slice_, state=state, change=computed_change(slice_), ceiling=ceiling).position
        for ceiling in (window.after, window.upto)
    )
    same = before.month == after.month
    columns = [_month(slice_, found) for found in (before, after)]
    rows = []
    for label, name, to_date in (
        ("Plan for the year", "plan_pence", False),
        ("Actual to date", "ytd_actual_pence", True),
        ("Variance to date", "variance_pence", True),
        ("Forecast for the year", "forecast_pence", False),
        ("Forecast variance", "forecast_variance_pence", False),
    ):
        old, new = getattr(before.total, name), getattr(after.total, name)
        comparable = None not in (old, new) and (same or not to_date)
        moved = cell(new - old, "k") if comparable else Cell("")
        rows.append((label, cell(old, "k"), cell(new, "k"), moved))
    return {"columns": columns, "rows": rows, "same": same}


def _month(slice_: Slice, found: Position) -> str:
    return month_label(slice_, found.month) or "nothing reported"


def _table(slice_: Slice, moved: Sequence[Moved]) -> Iterator[Sequence[Any]]:
    for item in moved:
        yield (
            slice_.system.code,
            slice_.year_id,
            item.partner,
            item.line,
            item.name,
            item.kind,
            item.month,
            item.measure,
            item.plan,
            pounds(item.before_pence),
            pounds(item.after_pence),
            pounds(item.difference_pence),
            str(item.published).lower(),
            item.saves,
            item.by,
            item.at.isoformat(),
            item.action,
            item.reason,
            item.change,
        )
