"""Home and board."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from esbt.pages.latest import latest_with_actuals
from esbt.pages.own_returns import tasks_of
from finance.models.rollups import State
from finance.pages.board import board_commentary, board_forecast
from finance.pages.position import PositionPage, position_page
from finance.pages.savings import savings_words
from finance.services.months import stands_closed
from finance.views.figures import page_of, position_context
from finance.views.frame import chosen_as_at
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import (
    computed_change,
    visible_slice,
    visible_slices,
    visible_year_before,
)


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
            "tasks": tasks_of(request.user, slices, timezone.localdate()),
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
