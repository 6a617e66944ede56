"""Income and spend of a system by heading, and each heading's variance over the partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.money import UNIT_LABELS, Cell, cell
from esbt.kit.tables import csv_answer
from finance import charts
from finance.downloads.details import HEADING_COLUMNS, heading_rows
from finance.figures.position import HeadingFigures, KindFigures, Position
from finance.models.rollups import State
from finance.months import month_label
from finance.queries.headings import headings_of
from finance.queries.positions import SYSTEM
from finance.views.figures import page_of, position_context
from finance.views.frame import chosen_as_at, page_within_finances, refused_moment, with_query
from schemes.models import Partner, Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_Found = Mapping[int, Sequence[KindFigures]]


@login_required
@require_GET
def headings(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Variance by heading over the partners, with chart and tables."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    page = page_of(request, slice_, as_at)
    found = _found(slice_, page.position, as_at.change)
    kinds = found.get(SYSTEM, [])
    frame = position_context(request, slice_, page, as_at) | page_within_finances(slice_)
    chart = charts.headings_chart(kinds, period=_period(slice_, page.position))
    if chart and page.waterfall:
        chart = replace(chart, caveats=page.waterfall.caveats)
    state = f"state={page.position.state}"
    csv = with_query(reverse("headings-csv", args=[system, year]), state, as_at.query)
    context = {
        "sentence": " ".join(filter(None, [charts.headings_sentence(kinds), _reach(found)])),
        "chart": chart,
        "tables": charts.heading_tables(
            kinds, notes={kind.kind: _reach(found, kind.kind) for kind in kinds}
        ),
        "matrices": [_matrix(slice_, found, kind.kind) for kind in kinds],
        "downloads": [{"label": "CSV", "href": csv}],
        "stamp_url": frame["stamp_url"] if not as_at.at else "",
    }
    return render(request, "finance/headings.html", frame | context)


def _found(slice_: Slice, position: Position, ceiling: int | None) -> _Found:
    return headings_of(slice_, state=State(position.state), month=position.month, ceiling=ceiling)


def _reach(found: _Found, only: str = "") -> str:
    """Of how many partners the figures to date are, of one kind or both; "" where of all."""
    told = [
        any(kind.total.actual_pence is not None for kind in own)
        for partner, kinds in found.items()
        if partner != SYSTEM and (own := [kind for kind in kinds if only in ("", kind.kind)])
    ]
    if all(told) or not any(told):
        return ""
    return f"Figures to date are of {sum(told)} of {len(told)} partners."


def _period(slice_: Slice, position: Position) -> str:
    month = month_label(slice_, position.month)
    return f"{slice_.system.name} {slice_.year}{f', {month}' if month else ''}"


def _matrix(slice_: Slice, found: _Found, kind: str) -> dict[str, Any]:
    """A kind's variances, a row a heading and a column a partner."""
    partners = [
        (partner, own)
        for partner in _partners(slice_)
        if (own := next((k for k in found.get(partner.pk, []) if k.kind == kind), None))
    ]
    columns = [*(own for _, own in partners)]
    whole = next(item for item in found[SYSTEM] if item.kind == kind)
    return {
        "kind": kind,
        "unit": UNIT_LABELS["k"],
        "partners": [
            {
                "name": partner.short_name,
                "href": reverse("partner", args=[slice_.system.code, slice_.year_id, partner.code]),
            }
            for partner, _ in partners
        ],
        "rows": [
            {
                "name": row.name,
                "total": row is whole.total,
                "cells": [
                    *(_cell(_of(own, row.name)) for own in columns),
                    _cell(row),
                ],
            }
            for row in (*whole.rows, whole.total)
        ],
    }


def _of(kind: KindFigures, name: str) -> HeadingFigures | None:
    return next((row for row in (*kind.rows, kind.total) if row.name == name), None)


def _cell(row: HeadingFigures | None) -> dict[str, Any]:
    """A variance with its word; an empty cell where the partner has nothing under the heading."""
    if row is None:
        return {"cell": Cell(""), "direction": "none", "words": ""}
    return {
        "cell": cell(row.variance_pence, "k"),
        "direction": charts.direction_of(row.variance_pence),
        "words": charts.direction_words(
            row.variance_pence,
            charts.direction_of(row.variance_pence),
            row.bases_differ,
            unit="k",
        ),
    }


def _partners(slice_: Slice) -> list[Partner]:
    return [item.partner for item in slice_.system.memberships.select_related("partner")]


@login_required
@require_GET
def headings_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The same as CSV: the system's figures, then each partner's."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    position = page_of(request, slice_, as_at).position
    codes = {SYSTEM: "total"} | {partner.pk: partner.code for partner in _partners(slice_)}
    rows = heading_rows(slice_, position, _found(slice_, position, as_at.change), codes)
    return csv_answer(HEADING_COLUMNS, rows, f"{system}-{year}-headings")
