"""The list of a year's schemes with their savings: looked through, sorted, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from esbt.kit.cached import remember
from esbt.kit.money import Cell, cell, percent, percent_cell
from esbt.kit.tables import csv_answer
from esbt.kit.workbooks import XLSX, workbook
from finance import charts
from finance.as_at import NOW, PARAMETER, AsAt
from finance.downloads.schemes import SCHEME_COLUMNS, about_savings, scheme_rows
from finance.figures import judging
from finance.figures.savings import SavingFigures, SavingsBook, SchemeRow
from finance.figures.status import rule_words
from finance.models import PrintedTable
from finance.models.judgements import Rag
from finance.models.rollups import State
from finance.months import month_label
from finance.pages.scheme_list import SORTS, Selection, Wish, choices, select, wish_of
from finance.queries.savings import savings_book
from finance.views.frame import (
    as_at_context,
    chosen_as_at,
    chosen_month,
    chosen_state,
    month_links,
    refused_moment,
    state_switch,
    with_query,
)
from schemes.models import Slice, Stage
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_slice

PART = "X-Part"  # a request with this header wants the list alone, to put it in place of the old


@login_required
@require_GET
def schemes(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The schemes of a plan and their savings; with the header X-Part the list alone."""
    slice_ = visible_slice(request.user, system, year)
    wish = wish_of(request.GET)
    as_at = chosen_as_at(request, slice_)
    made = _made(request, slice_, wish, as_at)
    part = mark_safe(made.part)  # noqa: S308  (our own template's)
    if PART in request.headers:
        answer = HttpResponse(part)
    else:
        context = {**made.frame, **_around(request, slice_, made, wish, as_at), "part": part}
        answer = render(request, "finance/schemes.html", context)
    patch_vary_headers(answer, [PART])
    return answer


@dataclass(frozen=True)
class _Made:
    """What is made once for each revision and wish, so that no book is opened to show it again."""

    stamp: Stamp
    months: Sequence[int]  # those with a report
    choices: Mapping[str, Sequence[tuple[str, str]]]
    frame: Mapping[str, Any]
    part: str


@dataclass(frozen=True)
class Stamp:
    """Which figures are shown: what the stamp says of a book."""

    month: int | None
    state: str
    status: str
    computed_at: datetime | None
    change: int
    stale: bool = False


def _made(request: PersonRequest, slice_: Slice, wish: Wish, as_at: AsAt) -> _Made:
    state, month = chosen_state(request), chosen_month(request)
    kept = _kept(request, as_at)
    asked = sha256(f"{state} {month} {kept} {wish}".encode()).hexdigest()

    def key(change: int) -> str:
        return f"schemes{'-at' if as_at.at else ''}:{slice_.pk}:{change}:{asked}"

    def build() -> tuple[str, _Made]:
        book = book_of(request, slice_, as_at)
        here = (slice_.system.code, slice_.year_id)
        made = _Made(
            stamp=Stamp(book.month, book.state, book.status, book.computed_at, book.change),
            months=[point.month for point in book.months if point.reported],
            choices=choices(book),
            frame={
                "sentence": charts.savings_sentence(book),
                "month_label": month_label(slice_, book.month),
                "links": [*_links(here, as_at), *_tables(slice_)],
            },
            part=_part(slice_, book, wish, kept),
        )
        return key(book.change), made

    if as_at.change is not None:
        return remember(key(as_at.change), build)
    made = remember(key(computed_change(slice_)), build)
    return replace(made, stamp=replace(made.stamp, stale=slice_.change > made.stamp.change))


def book_of(request: PersonRequest, slice_: Slice, as_at: AsAt = NOW) -> SavingsBook:
    """The savings that the address asks for: ``month`` and ``state``, and now or at a moment."""
    return savings_book(
        slice_,
        state=chosen_state(request),
        month=chosen_month(request),
        change=computed_change(slice_),
        ceiling=as_at.change,
    )


def _kept(request: PersonRequest, as_at: AsAt) -> dict[str, str]:
    """What the address holds beside the wish, and every link keeps."""
    asked = {name: request.GET.get(name, "") for name in ("state", "month")}
    asked[PARAMETER] = as_at.text
    if asked["state"] not in State.values:
        asked["state"] = ""
    return {name: value for name, value in asked.items() if value}


def _around(
    request: PersonRequest, slice_: Slice, made: _Made, wish: Wish, as_at: AsAt
) -> dict[str, Any]:
    """What hangs on the address rather than on the figures."""
    stamp = made.stamp
    return {
        "system": slice_.system,
        "stamp": stamp,
        "year_label": str(slice_.year),
        "wish": wish,
        "kept": _kept(request, as_at),
        "filters": [
            {"name": name, "label": label, "options": options, "value": getattr(wish, name)}
            for name, label in _FILTERS.items()
            if (options := made.choices[name])
        ],
        "rule": rule_words(),
        **as_at_context(request, slice_, as_at),
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
        **month_links(request, slice_, made.months, stamp.month),
        "state_switch": state_switch(request, stamp.state),
    }


def _links(here: tuple[str, str], as_at: AsAt) -> list[dict[str, str]]:
    return [
        {
            "label": "Savings overview",
            "href": with_query(reverse("savings", args=here), as_at.query),
        },
        {"label": "Savings claimed twice", "href": reverse("claims", args=here)},
        {"label": "Money and outcomes", "href": reverse("money-and-outcomes", args=here)},
        {"label": "Equality", "href": reverse("equality", args=here[:1])},
        {"label": "Evaluations", "href": reverse("evaluations", args=here[:1])},
        {"label": "Printed totals", "href": reverse("printed", args=here)},
    ]


def _tables(slice_: Slice) -> list[dict[str, str]]:
    """The ways to tables that documents print of this year, such as one partner's share."""
    found = PrintedTable.objects.filter(figures__slice=slice_).distinct()
    here = (slice_.system.code, slice_.year_id)
    return [
        {"label": item.name, "href": reverse("printed-table", args=[*here, item.code])}
        for item in found
    ]


_FILTERS = {
    "theme": "Theme",
    "partner": "Partner",
    "stage": "Stage",
    "status": "Status",
    "recurrent": "Recurrent",
}


def _part(slice_: Slice, book: SavingsBook, wish: Wish, kept: Mapping[str, str]) -> str:
    """The list as HTML, made once for each revision and wish."""
    found = select(book, wish)
    on_forecast = book.total.variance_pence is None  # nothing is compared to date
    more = f"&{urlencode(kept)}" if kept else ""
    here = (slice_.system.code, slice_.year_id)
    query = wish.query(page=1) + more
    codes = {row.code for row in found.rows}
    gap = None if wish.filtered or found.page < found.pages else book.unidentified
    return render_to_string(
        "finance/_schemes_part.html",
        {
            "system": slice_.system,
            "book": book,
            "wish": wish,
            "found": found,
            "said": _said(book, found, wish),
            "monthly": is_monthly(book),
            "on_forecast": on_forecast,
            "rows": [_row(row, book, here, wish) for row in found.shown],
            "unidentified": _figures(gap, book) if gap else None,
            "total": _figures(found.summed if wish.filtered else book.total, book),
            "total_status": ""
            if wish.filtered or not book.judged.status
            else str(Rag(book.judged.status).label),
            "claims_words": "" if wish.filtered else judging.claims_words(book),
            "investments": [
                {"name": row.name, "href": reverse("scheme", args=[*here, row.code])}
                for row in found.investments
            ],
            "total_label": "Sum of these schemes" if wish.filtered else "Whole plan",
            "heads": _heads(wish, more, monthly=is_monthly(book), on_forecast=on_forecast),
            "chart": charts.scheme_bars(
                [row for row in found.rows if row.parent not in codes],
                found.summed,
                unit="k",
                period=f"{slice_.system.name} {slice_.year}",
            ),
            "before": f"?{wish.query(page=found.page - 1)}{more}" if found.page > 1 else "",
            "after": f"?{wish.query(page=found.page + 1)}{more}"
            if found.page < found.pages
            else "",
            "clear": f"?{Wish(sort=wish.sort, down=wish.down).query()}{more}",
            "downloads": [
                {"label": "CSV", "href": f"{reverse('schemes-csv', args=here)}?{query}"},
                {"label": "XLSX", "href": f"{reverse('schemes-xlsx', args=here)}?{query}"},
            ],
        },
    )


def is_monthly(book: SavingsBook) -> bool:
    """Whether anything was reported or forecast, so that there is more to show than the plan."""
    return book.month is not None or book.total.forecast_pence is not None


def _said(book: SavingsBook, found: Selection, wish: Wish) -> str:
    """How many schemes these are."""
    wholes = sum(row.parent is None for row in found.rows)
    parts = len(found.rows) - wholes
    counted = f"{wholes} scheme{'' if wholes == 1 else 's'}"
    if parts:
        counted += f" and {parts} part{'' if parts == 1 else 's'} of schemes"
    if not wish.filtered:
        return counted
    return f"{counted} of {len(book.rows)} match" if found.rows else "No scheme matches"


def _row(row: SchemeRow, book: SavingsBook, here: tuple[str, str], wish: Wish) -> dict[str, Any]:
    doubts = row.doubts
    figures = _figures(row.figures, book) | {
        "actual": cell(row.figures.actual_pence, "k", marks=doubts.actual, note=doubts.actual_note),
        "forecast": cell(
            row.figures.forecast_pence, "k", marks=doubts.forecast, note=doubts.forecast_note
        ),
    }
    return figures | {
        "row": row,
        "href": reverse("scheme", args=[*here, row.code]),
        "indented": bool(row.parent) and not wish.filtered and wish.sort == "printed",
        "stage": str(Stage(row.stage).label) if row.stage else "",
        "status": str(Rag(row.judged.status).label) if row.judged.status else "",
        "rating": str(Rag(row.rating).label) if row.rating else "",
    }


def _figures(figures: SavingFigures, book: SavingsBook) -> dict[str, Any]:
    share = percent(figures.plan_pence, book.total.plan_pence)
    return {
        "plan": cell(figures.plan_pence, "k"),
        "share": percent_cell(share) if share is not None else Cell("", missing=True),
        # beside what was saved stands the plan of the lines that reported it
        "plan_to_date": cell(
            figures.compared_plan_pence if figures.silent else figures.plan_to_date_pence, "k"
        ),
        "silent": figures.silent,
        "lines": figures.lines,
        "actual": cell(figures.actual_pence, "k"),
        "fell_from": cell(figures.most_before_pence, "k").text if figures.fell_by_pence else "",
        "variance": cell(figures.variance_pence, "k"),
        "words": charts.direction_words(
            figures.variance_pence, charts.direction_of(figures.variance_pence), unit="k"
        ),
        "direction": charts.direction_of(figures.variance_pence),
        "forecast": cell(figures.forecast_pence, "k"),
        "forecast_variance": cell(figures.forecast_variance_pence, "k"),
        "forecast_words": charts.direction_words(
            figures.forecast_variance_pence,
            charts.direction_of(figures.forecast_variance_pence),
            unit="k",
        ),
        "forecast_direction": charts.direction_of(figures.forecast_variance_pence),
    }


_LABELS = {
    "name": "Scheme",
    "plan": "Plan",
    "actual": "To date",
    "variance": "Variance to date",
    "forecast": "Forecast",
    "forecast-variance": "Forecast variance",
    "status": "Status",
}


def _heads(wish: Wish, more: str, *, monthly: bool, on_forecast: bool) -> list[dict[str, Any]]:
    """The headings by which one can sort, where each leads, and which a telephone shows."""
    narrow = "forecast-variance" if on_forecast else "variance"
    made = []
    for sort in SORTS:
        if sort not in _LABELS or (not monthly and sort not in ("name", "plan")):
            continue
        current = wish.sort == sort
        down = not wish.down if current else sort not in ("name", "variance", "forecast-variance")
        made.append(
            {
                "label": _LABELS[sort],
                "unit": "" if sort in ("name", "status") else "£'000",
                "href": f"?{wish.query(sort=sort, down=down, page=1)}{more}",
                "sorted": ("descending" if wish.down else "ascending") if current else "",
                "text": sort == "status",
                "narrow": sort == narrow,
            }
        )
    return made


@login_required
@require_GET
def schemes_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The schemes that the filters leave, as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    book = book_of(request, slice_, as_at)
    wish = wish_of(request.GET)
    rows = scheme_rows(book, select(book, wish).rows, whole=not wish.filtered)
    return csv_answer(SCHEME_COLUMNS, rows, f"{system}-{year}-schemes")


@login_required
@require_GET
def schemes_xlsx(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The same as a workbook, with a sheet that says where the figures come from."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    book = book_of(request, slice_, as_at)
    wish = wish_of(request.GET)
    rows = scheme_rows(book, select(book, wish).rows, whole=not wish.filtered)
    about = about_savings(book, slice_.system.name, illustrative=slice_.system.illustrative)
    answer = HttpResponse(workbook(SCHEME_COLUMNS, rows, about=about), content_type=XLSX)
    name = f"{system}-{year}-schemes.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
