"""Forecast and risk: where a year is heading, what that rests on, and what could go wrong."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_answer
from finance.as_at import AsAt
from finance.figures.forecast import RiskPosition
from finance.months import month_label
from finance.pages.forecast import (
    FORECAST_COLUMNS,
    RISK_COLUMNS,
    forecast_page,
    forecast_rows,
    risk_rows,
)
from finance.queries.forecast import risk_position
from finance.views.frame import (
    as_at_context,
    chosen_as_at,
    chosen_month,
    chosen_state,
    month_links,
    other_years,
    refused_moment,
    state_switch,
    with_query,
)
from finance.views.risks import partners_to_keep
from schemes.models import Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_GET
def forecast(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """A year's forecast against control totals and last year, reduction plans, and risks."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    found = _asked(request, slice_, as_at)
    here = (system, year)
    state = f"state={found.book.state}"
    month = f"month={found.book.month}" if found.book.month is not None else ""
    adds = not as_at.at and bool(partners_to_keep(request.user, slice_.system))
    context = {
        "system": slice_.system,
        "position": found.book,
        "book": found.book,
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, found.book.month),
        **month_links(request, slice_, found.book.months, found.book.month),
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {
                "label": f"System finances {slice_.year}",
                "href": with_query(reverse("finances", args=here), state, month, as_at.query),
            },
        ],
        "add_href": reverse("add-risk", args=here) if adds else "",
        "other_years": []
        if found.book.total.forecast_pence is not None or found.risks
        else other_years(request.user, slice_, "forecast"),
        "state_switch": state_switch(request, found.book.state),
        "downloads": [
            {
                "label": "CSV by partner",
                "href": with_query(reverse("forecast-csv", args=here), state, month, as_at.query),
            },
            {
                "label": "CSV of risks",
                "href": with_query(reverse("risks-csv", args=here), as_at.query),
            },
        ],
        **as_at_context(request, slice_, as_at),
    }
    return render(request, "finance/forecast.html", forecast_page(slice_, found) | context)


def _asked(request: PersonRequest, slice_: Slice, as_at: AsAt) -> RiskPosition:
    """The forecast that the address asks for: ``month``, ``state`` and ``as_at``."""
    month = chosen_month(request)
    found = risk_position(slice_, state=chosen_state(request), month=month, as_at=as_at)
    if month is not None and found.book.months and not found.book.rows:
        raise Http404  # such as the audited accounts of a year that has none yet
    return found


@login_required
@require_GET
def forecast_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The forecast by partner as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    found = _asked(request, slice_, as_at)
    return csv_answer(FORECAST_COLUMNS, forecast_rows(found), f"{system}-{year}-forecast")


@login_required
@require_GET
def risks_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The risks of a year as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    found = _asked(request, slice_, as_at)
    return csv_answer(RISK_COLUMNS, risk_rows(found), f"{system}-{year}-risks")
