"""A partner's lines by the twelve months of a year: actuals to date, forecasts, or a plan."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from finance.views.year_actuals import ActualsPage, ForecastsPage
from finance.views.year_plans import ProfilesPage
from schemes.models import Partner
from schemes.people.permissions import require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_PAGES = {"actual": ActualsPage, "forecast": ForecastsPage, "plan": ProfilesPage}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def year_grid(
    request: PersonRequest, system: str, year: str, partner: str, measure: str
) -> HttpResponse:
    """Show and save one measure of a partner's year; 404 for whoever may not enter it."""
    page = _PAGES.get(measure)
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    if page is None:
        raise Http404
    require(request.user, page.permission, system=slice_.system, partner=who)
    return page(request, slice_, who).answer()
