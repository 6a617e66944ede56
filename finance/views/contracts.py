"""Transfers and contracts between partners, with both sides of each and what is not agreed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.money import UNIT_LABELS, cell, words
from esbt.kit.tables import csv_answer
from finance.as_at import as_at_of
from finance.downloads.details import CONTRACT_COLUMNS, contract_rows
from finance.models import Rollup
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.queries.contracts import MEASURES, Contracts, Pair, contracts_of
from finance.queries.line_months import LineMonth
from finance.views.figures import page_of, position_context
from finance.views.frame import page_within_finances
from schemes.models import Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_LABELS = dict(zip(MEASURES, ("Plan for the year", "Actual to date", "Forecast"), strict=True))

# what may differ, what is known best first
_DIFFERING = {
    "actual_pence": "to date",
    "forecast_pence": "in the forecast",
    "plan_pence": "in the plan",
}


@login_required
@require_GET
def contracts(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Each pair of legs, what they do not agree on, and lines whose other side has none."""
    slice_ = visible_slice(request.user, system, year)
    as_at = as_at_of(slice_, "")
    page = page_of(request, slice_, as_at)
    found = _found(slice_, page.position.state, page.position.month)
    context = {
        "sentence": _sentence(found),
        "unit": UNIT_LABELS["k"],
        "pairs": [_pair_row(slice_, pair) for pair in found.pairs],
        "alone": [_alone_row(slice_, item) for item in found.alone],
        "sums": [
            *(_sum_row(row, "Agreed by both sides, and taken out") for row in found.eliminated),
            *(
                _sum_row(row, "Not agreed", words_too=True)
                for row in found.unagreed
                if any(getattr(row, name) for name in MEASURES)
            ),
        ],
        "downloads": [
            {
                "label": "CSV",
                "href": f"{reverse('contracts-csv', args=[system, year])}"
                f"?state={page.position.state}&month={page.position.month or ''}",
            }
        ],
    }
    frame = position_context(request, slice_, page, as_at) | page_within_finances(slice_)
    return render(request, "finance/contracts.html", frame | context)


def _found(slice_: Slice, state: str, month: int | None) -> Contracts:
    return contracts_of(slice_, state=State(state), month=month)


def _sentence(found: Contracts) -> str:
    many = len(found.pairs)
    if not many and not found.alone:
        return "No transfer or contract between partners is stated for this year."
    said = [f"{many} agreement{'' if many == 1 else 's'} with both sides"]
    parts = _parts(found.pairs)
    if parts:
        said = [f"{said[0]}, of which {parts[0]}", *parts[1:]]
    elif many:
        said.append("nothing differs")
    if found.alone:
        one = len(found.alone) == 1
        said.append(f"{len(found.alone)} line{'' if one else 's'} whose other side has no line")
    return f"{'; '.join(said)}."


def _parts(pairs: Sequence[Pair]) -> list[str]:
    """How many do not agree, each under the first of what differs, and how many cannot be said."""
    differing: dict[str, list[int]] = {name: [] for name in _DIFFERING}
    for pair in pairs:
        for name in _DIFFERING:
            if pence := pair.difference(name):
                differing[name].append(pence)
                break
    parts = [
        f"{len(own)} {'is' if len(own) == 1 else 'are'} not agreed {_DIFFERING[name]}: "
        + (_flatters(sum(own)) if sum(own) else "together they leave the system's total as it is")
        for name, own in differing.items()
        if own
    ]
    silent = sum(pair.difference("actual_pence") is None for pair in pairs)
    if silent:
        parts.append(f"{silent} cannot be compared to date, since one side states nothing")
    return parts


def _flatters(pence: int | None) -> str:
    """How a difference between two sides moves the system's total, in words."""
    if pence is None:
        return "one side states nothing"
    if not pence:
        return "agreed"
    how = "flatters" if pence > 0 else "worsens"
    return f"it {how} the system's total by {words(abs(pence), 'gbp')}"


def _pair_row(slice_: Slice, pair: Pair) -> dict[str, Any]:
    return {
        "name": f"{pair.one.line.partner.short_name} and {pair.other.line.partner.short_name}",
        "kind": "Transfer" if pair.one.line.kind == Kind.TRANSFER else "Contract",
        "sides": [_side(slice_, item) for item in (pair.one, pair.other)],
        "differences": [cell(pair.difference(name), "k") for name in MEASURES],
        "words": [
            f"{_LABELS[name]}: {_flatters(pair.difference(name))}"
            for name in MEASURES
            if pair.difference(name)
        ],
        "agreed": all(pair.difference(name) == 0 for name in MEASURES),
        "silent": [_LABELS[name] for name in MEASURES if pair.difference(name) is None],
    }


def _side(slice_: Slice, item: LineMonth) -> dict[str, Any]:
    line = item.line
    return {
        "name": line.name,
        "partner": line.partner.short_name,
        "kind": line.get_kind_display(),
        "href": reverse("line", args=[slice_.system.code, slice_.year_id, line.code]),
        "cells": [cell(getattr(item, name), "k") for name in MEASURES],
    }


def _alone_row(slice_: Slice, item: LineMonth) -> dict[str, Any]:
    other = item.line.counterparty
    return _side(slice_, item) | {"other": other.name if other else ""}


def _sum_row(row: Rollup, label: str, *, words_too: bool = False) -> dict[str, Any]:
    first = next((name for name in _DIFFERING if getattr(row, name)), "")
    said = _flatters(getattr(row, first)) if words_too and first else ""
    return {
        "name": f"{label}: {Kind(row.kind).label.lower()}",
        "cells": [cell(getattr(row, name), "k") for name in MEASURES],
        "words": f"{_LABELS[first]}: {said}" if said else "",
    }


@login_required
@require_GET
def contracts_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The same as CSV, a row an agreement."""
    slice_ = visible_slice(request.user, system, year)
    position = page_of(request, slice_, as_at_of(slice_, "")).position
    rows = contract_rows(slice_, position, _found(slice_, position.state, position.month))
    return csv_answer(CONTRACT_COLUMNS, rows, f"{system}-{year}-contracts")
