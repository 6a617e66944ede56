"""The page of a scheme, where its text, savings, delivery and outcomes meet."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from esbt.kit.problems import Refused
from esbt.pages.scheme import TABS, scheme_of, scheme_page
from finance.months import month_label
from finance.services import RatingSpec, rate_schemes
from finance.views.schemes import book_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_GET
def scheme(
    request: PersonRequest, system: str, year: str, code: str, tab: str = "overview"
) -> HttpResponse:
    """A scheme: what it is, what it saved, how it is delivered, what it should achieve."""
    if tab not in TABS:
        raise Http404
    slice_ = visible_slice(request.user, system, year)
    here = (system, year)
    context = scheme_page(
        request.user, slice_, scheme_of(slice_, code), book_of(request, slice_), tab=tab
    )
    return render(
        request,
        f"esbt/scheme_{tab}.html",
        context
        | {
            "system": slice_.system,
            "year_label": str(slice_.year),
            "month_label": month_label(slice_, context["book"].month),
            "stamp_url": reverse("stamp", args=here),
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": f"Schemes {slice_.year}", "href": reverse("schemes", args=here)},
            ],
        },
    )


@login_required
@require_POST
def rate(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Add the lead's own rating of a month; what was said before stays in the list."""
    slice_ = visible_slice(request.user, system, year)
    found = scheme_of(slice_, code)
    month = request.POST.get("month", "")
    spec = RatingSpec(
        scheme=found.code,
        month=int(month) if month.isascii() and month.isdecimal() and len(month) < 3 else 0,
        rating=request.POST.get("rating", ""),
        reason=request.POST.get("reason", "").strip()[:4000],
    )
    try:
        count = rate_schemes(by=request.user, slice_id=slice_.pk, specs=[spec])
    except Refused as refused:
        for fault in refused.faults:
            messages.error(request, fault.message)
    else:
        said = "Rating saved." if count.created or count.updated else "That was said already."
        messages.success(request, said)
    return redirect("scheme-tab", system, year, code, "delivery")
