"""The savings of a system's year: what was saved, who carries it, what endangers it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.kit.cached import remember
from esbt.kit.tables import csv_answer
from finance.pages import month_label
from finance.savings import SavingsBook
from finance.savings_page import savings_page
from finance.scheme_downloads import SAVING_MONTH_COLUMNS, saving_month_rows
from finance.views.frame import month_links, state_switch
from finance.views.schemes import book_of
from schemes.models import Slice
from schemes.queries import visible_slice
from schemes.requests import PersonRequest


@login_required
@require_GET
def savings(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """A year's savings: against plan by month and scheme, and what endangers the total."""
    slice_ = visible_slice(request.user, system, year)
    book = book_of(request, slice_)
    key = f"savings-page:{slice_.pk}:{book.change}:{book.state}:{book.month}"
    page = remember(key, lambda: (key, savings_page(slice_, book)))
    return render(request, "finance/savings.html", page | _frame(request, slice_, book))


@login_required
@require_GET
def savings_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The savings month by month as CSV."""
    slice_ = visible_slice(request.user, system, year)
    rows = saving_month_rows(book_of(request, slice_))
    return csv_answer(SAVING_MONTH_COLUMNS, rows, f"{system}-{year}-savings")


def _frame(request: PersonRequest, slice_: Slice, book: SavingsBook) -> dict[str, Any]:
    """What hangs on the address rather than on the figures, and the stamp."""
    here = (slice_.system.code, slice_.year_id)
    reported = [month.month for month in book.months if month.reported]
    query = f"?state={book.state}" + (f"&month={book.month}" if book.month else "")
    return {
        "system": slice_.system,
        "position": book,
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, book.month),
        **month_links(request, slice_, reported, book.month),
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"Schemes {slice_.year}", "href": reverse("schemes", args=here)},
        ],
        "state_switch": state_switch(request, book.state),
        "stamp_url": reverse("stamp", args=here),
        "downloads": [{"label": "CSV by month", "href": reverse("savings-csv", args=here) + query}],
    }
