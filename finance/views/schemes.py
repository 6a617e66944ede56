"""The list of a year's schemes with their savings: looked through, sorted, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

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
from finance.models.judgements import Rag
from finance.models.rollups import State
from finance.pages import month_label
from finance.queries.savings import savings_book
from finance.savings import SavingFigures, SavingsBook, SchemeRow
from finance.scheme_downloads import SCHEME_COLUMNS, about_savings, scheme_rows
from finance.scheme_list import SORTS, Selection, Wish, choices, select, wish_of
from finance.status import rule_words
from finance.views.figures import chosen_month, chosen_state
from schemes.models import Slice, Stage
from schemes.queries import computed_change, visible_slice
from schemes.requests import PersonRequest

PART = "X-Part"  # a request with this header wants the list alone, to put it in place of the old


@login_required
@require_GET
def schemes(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The schemes of a plan and their savings; with the header X-Part the list alone."""
    slice_ = visible_slice(request.user, system, year)
    state, month = chosen_state(request), chosen_month(request)
    book = book_of(request, slice_)
    wish = wish_of(request.GET)
    kept = {"state": request.GET.get("state", ""), "month": request.GET.get("month", "")}
    asked = sha256(f"{state} {month} {kept} {wish}".encode()).hexdigest()
    key = f"schemes:{slice_.pk}:{book.change}:{asked}"
    part = mark_safe(  # noqa: S308  (our own template's)
        remember(key, lambda: (key, str(_part(slice_, book, wish, kept))))
    )
    if PART in request.headers:
        answer = HttpResponse(part)
    else:
        answer = render(request, "finance/schemes.html", _context(slice_, book, wish, part, kept))
    patch_vary_headers(answer, [PART])
    return answer


def book_of(request: PersonRequest, slice_: Slice) -> SavingsBook:
    """The savings that the address asks for: ``month`` and ``state``."""
    return savings_book(
        slice_,
        state=chosen_state(request),
        month=chosen_month(request),
        change=computed_change(slice_),
    )


def _context(
    slice_: Slice, book: SavingsBook, wish: Wish, part: str, kept: Mapping[str, str]
) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    other = State.PUBLISHED if book.state == State.PROVISIONAL else State.PROVISIONAL
    found = choices(book)
    return {
        "system": slice_.system,
        "book": book,
        "sentence": charts.savings_sentence(book),
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, book.month),
        "part": part,
        "wish": wish,
        "kept": {name: value for name, value in kept.items() if value},
        "filters": [
            {"name": name, "label": label, "options": found[name], "value": getattr(wish, name)}
            for name, label in _FILTERS.items()
            if found[name]
        ],
        "rule": rule_words(),
        "stamp_url": reverse("stamp", args=here),
        "crumbs": [{"label": "Overview", "href": reverse("home")}],
        "state_switch": {
            "href": f"?{wish.query()}&state={other}",
            "label": "Show approved and closed figures only"
            if other == State.PUBLISHED
            else "Show provisional figures, everything saved so far",
        },
        "links": [
            {"label": "Savings overview", "href": reverse("savings", args=here)},
            {"label": "Equality", "href": reverse("equality", args=here[:1])},
            {"label": "Evaluations", "href": reverse("evaluations", args=here[:1])},
            {"label": "Printed totals and shares", "href": reverse("printed", args=here)},
        ],
    }


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
    more = "".join(f"&{name}={value}" for name, value in kept.items() if value)
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
            "rows": [_row(row, book, here, wish) for row in found.shown],
            "unidentified": _figures(gap, book) if gap else None,
            "total": _figures(found.summed if wish.filtered else book.total, book),
            "total_label": "Sum of these schemes" if wish.filtered else "Whole plan",
            "heads": _heads(wish, more, monthly=is_monthly(book)),
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
    return _figures(row.figures, book) | {
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
        "plan_to_date": cell(figures.plan_to_date_pence, "k"),
        "actual": cell(figures.actual_pence, "k"),
        "variance": cell(figures.variance_pence, "k"),
        "words": charts.direction_words(
            figures.variance_pence, charts.direction_of(figures.variance_pence)
        ),
        "direction": charts.direction_of(figures.variance_pence),
        "forecast": cell(figures.forecast_pence, "k"),
        "forecast_variance": cell(figures.forecast_variance_pence, "k"),
        "forecast_words": charts.direction_words(
            figures.forecast_variance_pence, charts.direction_of(figures.forecast_variance_pence)
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


def _heads(wish: Wish, more: str, *, monthly: bool) -> list[dict[str, Any]]:
    """The headings by which one can sort, and where each leads."""
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
            }
        )
    return made


@login_required
@require_GET
def schemes_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The schemes that the filters leave, as CSV."""
    slice_ = visible_slice(request.user, system, year)
    book = book_of(request, slice_)
    rows = scheme_rows(book, select(book, wish_of(request.GET)).rows)
    return csv_answer(SCHEME_COLUMNS, rows, f"{system}-{year}-schemes")


@login_required
@require_GET
def schemes_xlsx(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The same as a workbook, with a sheet that says where the figures come from."""
    slice_ = visible_slice(request.user, system, year)
    book = book_of(request, slice_)
    rows = scheme_rows(book, select(book, wish_of(request.GET)).rows)
    about = about_savings(book, slice_.system.name, illustrative=slice_.system.illustrative)
    answer = HttpResponse(workbook(SCHEME_COLUMNS, rows, about=about), content_type=XLSX)
    name = f"{system}-{year}-schemes.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
