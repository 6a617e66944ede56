"""The register of risks of a system: one list with filters, and the map of its ratings."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_records
from esbt.kit.words import capital
from esbt.views.delivery import AsOf, chosen_as_of, crumbs, cut, filters_of, joined, listing
from finance.figures.forecast import RiskItem
from finance.pages.forecast import risk_row
from finance.pages.risk_register import (
    FLAGS,
    REGISTER_COLUMNS,
    SCALE,
    RiskWish,
    choices,
    flags_of,
    heat_map,
    money_words,
    register_record,
    unknown_in,
)
from finance.queries.risks import register_of
from finance.views.risks import partners_to_keep
from schemes.models import Slice, System
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system, visible_years

_FILTERS = {
    "hangs": "Belongs to",
    "partner": "Whose",
    "status": "Status",
    "rating": "Rating",
    "flag": "Only those",
}


@login_required
@require_GET
def risks(request: PersonRequest, system: str) -> HttpResponse:
    """Every risk that the filters leave; with the header X-Part the list alone."""
    found = visible_system(request.user, system)
    slice_ = _latest(request, found)
    as_of, wish = chosen_as_of(request), RiskWish.read(request.GET)
    every = register_of(found, slice_)
    shown = [risk for risk in every if wish.takes(risk, as_of.day)]
    mapped = [risk for risk in every if wish.wider.takes(risk, as_of.day)]
    query = joined(wish.query, as_of.query)
    here, csv = (reverse(name, args=[system]) for name in ("risk-register", "risk-register-csv"))
    page = cut(request, shown)
    context = {
        "system": found,
        "as_of": as_of,
        "wish": wish,
        "filters": filters_of(_FILTERS, wish, choices(every, as_of.day)),
        "clear": f"{here}?{as_of.query}" if as_of.query else here,
        "sentence": _sentence(shown, as_of),
        "money": money_words(shown, str(slice_.year) if slice_ else ""),
        "unknown": unknown_in(wish, set(found.partners.values_list("code", flat=True))),
        "count": len(shown),
        "total": len(every),
        "map": heat_map(mapped, wish, as_of.query),
        "scale": SCALE,
        "page": page,
        "rows": [_row(slice_, risk, as_of) for risk in page],
        "query": query,
        "year_label": str(slice_.year) if slice_ else "",
        "add_href": _add_href(request, slice_),
        "downloads": [{"label": "CSV", "href": f"{csv}?{query}" if query else csv}],
        "crumbs": crumbs(found),
    }
    return listing(request, "risks", context)


def _latest(request: PersonRequest, system: System) -> Slice | None:
    """The year whose money stands beside the risks."""
    return next(iter(visible_years(request.user, system)), None)


def _add_href(request: PersonRequest, slice_: Slice | None) -> str:
    if slice_ is None or not partners_to_keep(request.user, slice_.system):
        return ""
    return reverse("add-risk", args=[slice_.system.code, slice_.year_id])


def _row(slice_: Slice | None, risk: RiskItem, as_of: AsOf) -> dict[str, Any]:
    """A risk as the list shows it; without a year it has neither a page nor money."""
    row = risk_row(slice_, risk, "k")
    flags = [name for name in flags_of(risk, as_of.day) if name != "at-stake"]
    named = (risk.pool_name, risk.scheme_name, risk.workstream_name)
    return row | {
        "flags": [FLAGS[name].lower() for name in flags],
        "whose": capital(", ".join(filter(None, (row["whose"], *named)))),
    }


def _sentence(shown: list[RiskItem], as_of: AsOf) -> str:
    """How many are open, and what is lacking of them."""
    held = [risk for risk in shown if risk.counts]
    if not held:
        return "None of them is open."
    flags = [name for risk in held for name in flags_of(risk, as_of.day)]
    unrated = sum(not risk.rated for risk in held)
    is_ = "is" if len(held) == 1 else "are"
    return (
        f"{len(held)} {is_} open: {unrated or 'none'} not rated, "
        f"{flags.count('unmitigated') or 'none'} without mitigation, "
        f"{flags.count('past-review') or 'none'} past review as of {as_of.words}."
    )


@login_required
@require_GET
def risks_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The risks that the filters leave as CSV."""
    found = visible_system(request.user, system)
    slice_, day = _latest(request, found), chosen_as_of(request).day
    wish = RiskWish.read(request.GET)
    year = slice_.year_id if slice_ else ""
    records = (
        register_record(system, year, risk, day)
        for risk in register_of(found, slice_)
        if wish.takes(risk, day)
    )
    return csv_records(REGISTER_COLUMNS, records, f"{system}-risks")
