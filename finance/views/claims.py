"""Savings that two partners may both claim: for a person to look at and settle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.money import cell
from esbt.kit.problems import Refused
from finance.figures.savings import ClaimPair, SavingFigures
from finance.models import Claim, Line
from finance.models.lines import Kind
from finance.services import ClaimSpec, settle_claim
from finance.views.schemes import book_of
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

Settlement = Claim.Settlement


@login_required
@require_http_methods(["GET", "POST"])
def claims(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Pairs of savings that may be one, what was settled, and a form for those who settle."""
    slice_ = visible_slice(request.user, system, year)
    if request.method == "POST":
        require(request.user, Permission.SETTLE_CLAIMS, system=slice_.system)
        _settle(request, slice_)
        return redirect("claims", system, year)
    book = book_of(request, slice_)
    may = has_permission(request.user, Permission.SETTLE_CLAIMS, system=slice_.system)
    here = (system, year)
    return render(
        request,
        "finance/claims.html",
        {
            "system": slice_.system,
            "book": book,
            "pairs": [_pair(pair, here) for pair in book.claims],
            "sentence": _sentence(book.claims),
            "may_settle": may,
            "savings": Line.objects.filter(slice=slice_, kind=Kind.SAVING).values_list(
                "code", "name", "partner__short_name"
            )
            if may
            else [],
            "year_label": str(slice_.year),
            "stamp_url": reverse("stamp", args=here),
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": f"Schemes {slice_.year}", "href": reverse("schemes", args=here)},
                {"label": f"Savings {slice_.year}", "href": reverse("savings", args=here)},
            ],
        },
    )


def _settle(request: PersonRequest, slice_: Slice) -> None:
    """Store what the form says, or say what is wrong with it."""
    spec = ClaimSpec(
        one=request.POST.get("one", ""),
        other=request.POST.get("other", ""),
        settlement=request.POST.get("settlement", ""),
        reason=request.POST.get("reason", "").strip()[:4000],
    )
    if not spec.settlement:
        messages.error(request, "Choose what it is. Nothing was saved.")
        return
    try:
        new = settle_claim(by=request.user, slice_id=slice_.pk, spec=spec)
    except Refused as refused:
        for fault in refused.faults:
            messages.error(request, f"{fault.message} Nothing was saved.")
    else:
        messages.success(request, "Saved." if new else "That was settled so already.")


def _sentence(pairs: Sequence[ClaimPair]) -> str:
    """How many pairs wait to be settled, and how many are."""
    if not pairs:
        return "No two partners claim one saving, as far as the lines tell."
    waiting = sum(pair.settlement == Settlement.OPEN for pair in pairs)
    settled = len(pairs) - waiting
    said = "No pair waits to be settled"
    if waiting == 1:
        said = "1 pair may be one saving and waits to be settled"
    elif waiting:
        said = f"{waiting} pairs may each be one saving and wait to be settled"
    if settled:
        said += f"; {settled} {'is' if settled == 1 else 'are'} settled"
    return f"{said}. The totals elsewhere stand before these are taken out, and say so."


def _pair(pair: ClaimPair, here: tuple[str, str]) -> dict[str, Any]:
    counts = {
        Settlement.ONE: f"{pair.one_name} counts, {pair.other_name} is taken out",
        Settlement.OTHER: f"{pair.other_name} counts, {pair.one_name} is taken out",
        Settlement.DIFFERENT: "Two savings: both count",
        Settlement.OPEN: "To be settled: it may be counted twice",
    }
    is_open = pair.settlement == Settlement.OPEN
    return {
        "pair": pair,
        "said": counts[Settlement(pair.settlement)],
        "open": is_open,
        "lines": [
            _line(pair.one, pair.one_name, pair.one_partner, pair.one_figures, here),
            _line(pair.other, pair.other_name, pair.other_partner, pair.other_figures, here),
        ],
        "scheme_href": reverse("scheme", args=[*here, pair.scheme]) if pair.scheme else "",
        "choices": [
            (str(Settlement.ONE), f"One saving: {pair.one_name} counts"),
            (str(Settlement.OTHER), f"One saving: {pair.other_name} counts"),
            (str(Settlement.DIFFERENT), "Two savings: both count"),
            *([] if is_open else [(str(Settlement.OPEN), "Still to be settled")]),
        ],
    }


def _line(
    code: str, name: str, partner: str, figures: SavingFigures, here: tuple[str, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "partner": partner,
        "href": reverse("line", args=[*here, code]),
        "plan": cell(figures.plan_pence, "k"),
        "actual": cell(figures.actual_pence, "k"),
        "forecast": cell(figures.forecast_pence, "k"),
    }
