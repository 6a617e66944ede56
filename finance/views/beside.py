"""What stands beside the revenue position: the underlying one, reserves, capital and cash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.money import UNIT_LABELS, cell
from finance import charts
from finance.as_at import as_at_of
from finance.figures.position import Position
from finance.models.lines import Kind
from finance.pages.underlying import underlying_sentence
from finance.queries.line_months import LineMonth
from finance.queries.underlying import (
    Underlying,
    beside_lines,
    system_underlying,
    underlying_of,
)
from finance.views.figures import page_of, position_context
from finance.views.frame import page_within_finances
from schemes.models import Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

# what more of each says; none of them has a favourable side in a reader's words
_ABOUT = {
    Kind.RESERVE: "What is held against what may come. More is neither favourable nor adverse.",
    Kind.CAPITAL: "Spend on what lasts. It never pays for running costs, nor they for it.",
    Kind.CASH: "What is at the bank. More is neither favourable nor adverse.",
}


@login_required
@require_GET
def beside(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The underlying position with its working, then reserves, capital and cash, each apart."""
    slice_ = visible_slice(request.user, system, year)
    as_at = as_at_of(slice_, "")
    page = page_of(request, slice_, as_at)
    partners = underlying_of(slice_, page.position)
    frame = position_context(request, slice_, page, as_at) | page_within_finances(slice_)
    context = {
        "sentence": underlying_sentence(partners, page.position),
        "unit": UNIT_LABELS["k"],
        "partners": [_partner_row(slice_, item) for item in partners],
        "total": _total_cells(page.position, partners),
        "kinds": [
            _kind(slice_, kind, lines)
            for kind, lines in beside_lines(slice_, page.position).items()
        ],
    }
    return render(request, "finance/beside.html", frame | context)


def _partner_row(slice_: Slice, item: Underlying) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    return {
        "name": item.name,
        "href": reverse("partner", args=[*here, item.partner]),
        "cells": _cells(
            item.actual_pence,
            item.once_actual_pence,
            item.left_actual_pence,
            item.forecast_pence,
            item.once_forecast_pence,
            item.left_forecast_pence,
        ),
        "lines": item.lines,
        "silent": [
            {"name": line.name, "href": reverse("line", args=[*here, line.code])}
            for line in item.silent
        ],
    }


def _cells(*amounts: int | None) -> list[Any]:
    return [cell(pence, "k") for pence in amounts]


def _total_cells(position: Position, partners: Sequence[Underlying]) -> list[Any]:
    to_date, forecast = system_underlying(partners)
    once = [
        None if left is None or whole is None else whole - left
        for whole, left in (
            (position.total.ytd_actual_pence, to_date),
            (position.total.forecast_pence, forecast),
        )
    ]
    return _cells(
        position.total.ytd_actual_pence,
        once[0],
        to_date,
        position.total.forecast_pence,
        once[1],
        forecast,
    )


def _kind(slice_: Slice, kind: str, lines: Sequence[LineMonth]) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    names = ("plan_pence", "plan_to_date_pence", "actual_pence", "variance_pence", "forecast_pence")
    capital = kind == Kind.CAPITAL
    rows = [
        {
            "name": item.line.name,
            "partner": item.line.partner.short_name,
            "href": reverse("line", args=[*here, item.line.code]),
            "cells": _cells(*(getattr(item, name) for name in names)),
            "words": _words(item.variance_pence, item.bases_differ) if capital else "",
        }
        for item in lines
    ]
    sums = [_sum([getattr(item, name) for item in lines]) for name in names]
    return {
        "kind": kind,
        "title": Kind(kind).label,
        "about": _ABOUT[Kind(kind)],
        "variance": "Under or (over) plan" if capital else "More or (less) than planned",
        "rows": rows,
        "total": {"cells": _cells(*sums), "words": _words(sums[3]) if capital else ""},
    }


def _words(variance: int | None, differ: bool = False) -> str:
    """How capital stands to its plan: to spend less of it is under plan, not favourable."""
    if variance is None:
        return ""
    said = charts.capital_words(variance)
    return f"{said}; bases may differ" if differ else said


def _sum(amounts: Sequence[int | None]) -> int | None:
    """Of one kind; not stated where a line states nothing."""
    return None if not amounts or None in amounts else sum(pence or 0 for pence in amounts)
