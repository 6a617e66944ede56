"""Home and board, and the tasks of a person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from esbt.kit.money import words
from esbt.latest import latest_with_actuals
from finance.board import board_commentary, board_forecast
from finance.models import MonthlyReturn, Virement
from finance.models.base import AUDITED
from finance.models.rollups import State
from finance.pages import PositionPage, calendar_month, position_page
from finance.queries.entry import Waiting, to_approve, waiting
from finance.queries.returns import to_close
from finance.queries.steps import Step
from finance.queries.timetable import Dates, timetables
from finance.queries.virements import virements_to_approve
from finance.savings_page import savings_words
from finance.services.months import stands_closed
from finance.views.figures import page_of, position_context
from finance.views.frame import chosen_as_at
from schemes.models import Slice
from schemes.permissions import Permission, has_permission, partners_of, systems_where
from schemes.queries import (
    computed_change,
    visible_slice,
    visible_slices,
    visible_year_before,
)
from schemes.requests import PersonRequest


@login_required
@require_GET
def home(request: PersonRequest) -> HttpResponse:
    """The systems that a person may see, how they stand, and what waits for this person."""
    slices = visible_slices(request.user)
    return render(
        request,
        "esbt/home.html",
        {
            "systems": [_card(slice_) for slice_ in latest_with_actuals(slices)],
            "tasks": tasks_of(request, slices),
        },
    )


@login_required
@require_GET
def board(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The system's variance on one page: approved or closed figures unless switched."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    context = position_context(request, slice_, page_of(request, slice_, as_at), as_at)
    state = State(context["position"].state)
    month = context["position"].month
    savings = savings_words(
        slice_, state=state, month=month, change=computed_change(slice_), ceiling=as_at.change
    )
    last = visible_year_before(request.user, slice_)
    return render(
        request,
        "esbt/board.html",
        context
        | {
            "savings": savings,
            "forecast": board_forecast(slice_, last, state=state, month=month, as_at=as_at),
            "commentary": board_commentary(slice_, month, as_at),
            "commentary_href": _commentary(request, slice_, month) if not as_at.at else "",
        },
    )


def _commentary(request: PersonRequest, slice_: Slice, month: int | None) -> str:
    """Where this person writes to the board about a month; "" for those who do not, and while the
    month is open.
    """
    if (
        not month
        or not has_permission(request.user, Permission.WRITE_COMMENTARY, system=slice_.system)
        or not stands_closed(slice_, month)
    ):
        return ""
    return reverse("commentary", args=[slice_.system.code, slice_.year_id, month])


def _published(slice_: Slice) -> PositionPage:
    return position_page(slice_, state=State.PUBLISHED, change=computed_change(slice_))


def _card(slice_: Slice) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    links = [
        {"label": "Schemes", "href": reverse("schemes", args=here)},
        {"label": "System finances", "href": reverse("finances", args=here)},
        {"label": "Board summary", "href": reverse("board", args=here)},
        {"label": "Outcomes", "href": reverse("outcomes", args=here[:1])},
        {"label": "Pooled budgets", "href": reverse("pools", args=here)},
        {"label": "Agreements and plans", "href": reverse("agreements", args=here[:1])},
    ]
    page = _published(slice_) if computed_change(slice_) else None
    return {
        "name": slice_.system.name,
        "href": reverse("finances", args=here),
        "year_label": str(slice_.year),
        "illustrative": slice_.system.illustrative,
        "position": page.position if page else None,
        "sentence": page.sentence if page else "",
        "headlines": page.headlines if page and page.position.rows else [],
        "savings": savings_words(
            slice_,
            state=State.PUBLISHED,
            month=page.position.month,
            change=computed_change(slice_),
        )
        if page
        else "",
        "savings_href": reverse("savings", args=here),
        "links": links,
    }


def tasks_of(request: PersonRequest, slices: list[Slice]) -> list[dict[str, str]]:
    """What waits for this person's figures or approval, or to be closed by this person."""
    enters = partners_of(request.user, Permission.ENTER_OUTTURN)
    approves = partners_of(request.user, Permission.APPROVE_RETURN)
    settles = partners_of(request.user, Permission.APPROVE_VIREMENT)
    closes = set(systems_where(request.user, Permission.CLOSE_MONTH).values_list("pk", flat=True))
    if not enters and not approves and not settles and not closes:
        return []
    own = [item for item in slices if item.system_id in closes]
    deadlines = timetables(slices)
    return (
        [
            _entering(item, deadlines[item.slice.pk].of(item.month))
            for item in waiting(slices, enters, timezone.localdate())
        ]
        + [
            _approving(item, deadlines[item.slice_id].of(item.month))
            for item in to_approve(slices, approves)
        ]
        + [
            _closing(slice_, month, deadlines[slice_.pk].of(month))
            for slice_, month in to_close(own, timezone.localdate())
        ]
        + [_settling(item) for item in virements_to_approve(slices, settles, request.user.pk)]
    )


def _approving(item: MonthlyReturn, by: Dates | None) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id, item.partner.code, item.month)
    month = calendar_month(item.slice, item.month)
    return {
        "href": reverse("month-return", args=here),
        "label": f"Approve {month} for {item.partner.name}",
        "state": item.state,
        "due": f"{item.slice.system.name} {item.slice.year}{_by('approved', by)}",
    }


def _closing(slice_: Slice, month: int, by: Dates | None) -> dict[str, str]:
    return {
        "href": f"{reverse('returns', args=[slice_.system.code, slice_.year_id])}#close-month",
        "label": f"Close {calendar_month(slice_, month)} for {slice_.system.name}",
        "state": "approved",
        "due": f"every partner is approved, {slice_.year}{_by('closed', by)}",
    }


def _by(what: str, dates: Dates | None) -> str:
    """By when it is to be submitted, approved or closed, where a timetable says so."""
    if dates is None:
        return ""
    day = {"submitted": dates.submit, "approved": dates.approve, "closed": dates.close}[what]
    return f", to be {what} by {day:%-d %B %Y}"


def _settling(item: Virement) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id)
    lines = f"{item.giving.name} to {item.receiving.name}"
    return {
        "href": f"{reverse('virements', args=here)}#virement-{item.pk}",
        "label": f"Approve {words(item.pence, 'gbp')} from {lines}",
        "state": "proposed",
        "due": f"{item.giving.partner.name}, {item.slice.system.name} {item.slice.year}",
    }


def _entering(item: Waiting, by: Dates | None) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id, item.partner.code, item.month)
    month = calendar_month(item.slice, item.month)
    act, page = ("Submit", "submit-month") if item.is_complete else ("Enter", "enter-month")
    said = f"{item.reported} of {item.lines} lines reported"
    if item.is_complete:
        said += ", complete, not submitted yet"
    return {
        "href": reverse(page, args=here),
        "label": f"{act} {month} for {item.partner.name}",
        "year_href": reverse("year-grid", args=[*here[:3], "actual"]),
        "causes_href": f"{reverse('causes', args=here[:2])}?month={item.month}&state=provisional"
        if item.reported and item.month < AUDITED
        else "",
        "state": item.state,
        "due": f"{said}{_back(item.back)}, {item.slice.system.name} "
        f"{item.slice.year}{_by('submitted', by)}",
    }


def _back(step: Step | None) -> str:
    """That a draft was further once, and why it is one again."""
    if step is None:
        return ""
    said = "opened again" if step.reopens else "sent back"
    by = f" by {step.who}" if step.who else ""
    return f", {said}{by}{f', because “{step.reason}”' if step.reason else ''}"
