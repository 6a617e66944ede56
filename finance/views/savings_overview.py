"""The savings of a system's year: what was saved, who carries it, what endangers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.cached import remember
from esbt.kit.tables import Column, csv_answer, pounds
from finance.charts.words import capital
from finance.models.rollups import State
from finance.pages import month_label
from finance.queries.savings import savings_book
from finance.savings import SavingsBook
from finance.savings_page import savings_page
from finance.views.figures import chosen_month, chosen_state
from schemes.models import Slice
from schemes.queries import computed_change, visible_slice
from schemes.requests import PersonRequest

GBP = "pounds, a saving being positive; empty is not stated"

SAVINGS_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("plan_to_date_gbp", "number", GBP),
    Column("actual_to_date_gbp", "number", f"{GBP}, as until every line that was due has"),
    Column("forecast_gbp", "number", f"forecast for the year, {GBP}"),
    Column("lines_due", "integer", "saving lines that were due in the month"),
    Column("lines_reported", "integer", "of those, how many reported"),
    Column("computed_at", "string", "when the figures were computed (ISO 8601)"),
    Column("revision", "integer", "change that they were computed from"),
)


@login_required
@require_GET
def savings(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """A year's savings: against plan by month and scheme, and what endangers the total."""
    slice_ = visible_slice(request.user, system, year)
    book = _book(request, slice_)
    key = f"savings-page:{slice_.pk}:{book.change}:{book.state}:{book.month}"
    page = remember(key, lambda: (key, savings_page(slice_, book)))
    return render(request, "finance/savings.html", page | _frame(request, slice_, book))


@login_required
@require_GET
def savings_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The savings month by month as CSV."""
    slice_ = visible_slice(request.user, system, year)
    rows = _csv_rows(_book(request, slice_))
    return csv_answer(SAVINGS_COLUMNS, rows, f"{system}-{year}-savings")


def _csv_rows(book: SavingsBook) -> Iterator[Sequence[Any]]:
    for month in book.months:
        yield (
            book.system,
            book.year,
            book.state,
            month.month,
            pounds(month.plan_pence),
            pounds(month.actual_pence),
            pounds(month.forecast_pence),
            month.lines,
            month.reported,
            book.computed_at.isoformat() if book.computed_at else "",
            book.change,
        )


def _book(request: PersonRequest, slice_: Slice) -> SavingsBook:
    return savings_book(
        slice_,
        state=chosen_state(request),
        month=chosen_month(request),
        change=computed_change(slice_),
    )


def _frame(request: PersonRequest, slice_: Slice, book: SavingsBook) -> dict[str, Any]:
    """What hangs on the address rather than on the figures, and the stamp."""
    here = (slice_.system.code, slice_.year_id)
    published = State.PUBLISHED
    other = published if book.state == State.PROVISIONAL else State.PROVISIONAL
    shown = book.month or 0
    reported = [month.month for month in book.months if month.reported]
    query = f"?state={book.state}" + (f"&month={book.month}" if book.month else "")
    schemes = reverse("schemes", args=here)
    return {
        "system": slice_.system,
        "position": book,
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, book.month),
        "previous": _month_link(request, slice_, [m for m in reported if m < shown][::-1]),
        "next": _month_link(request, slice_, [m for m in reported if m > shown]),
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": "Schemes", "href": schemes},
        ],
        "state_switch": {
            "href": _with(request, state=other),
            "label": "Show approved and closed figures only"
            if other == published
            else "Show provisional figures, everything saved so far",
        },
        "stamp_url": reverse("stamp", args=here),
        "downloads": [{"label": "CSV by month", "href": reverse("savings-csv", args=here) + query}],
    }


def _with(request: PersonRequest, **changes: object) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def _month_link(request: PersonRequest, slice_: Slice, months: list[int]) -> dict[str, str] | None:
    if not months:
        return None
    return {
        "label": capital(month_label(slice_, months[0])),
        "href": _with(request, month=months[0]),
    }
