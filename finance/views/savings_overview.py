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
from finance.as_at import AsAt
from finance.downloads.schemes import SAVING_MONTH_COLUMNS, saving_month_rows
from finance.figures.savings import SavingsBook
from finance.months import month_label
from finance.pages.savings import savings_page
from finance.views.frame import (
    as_at_context,
    chosen_as_at,
    month_links,
    refused_moment,
    state_switch,
    with_query,
)
from finance.views.schemes import book_of
from schemes.models import Slice
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@login_required
@require_GET
def savings(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """A year's savings: against plan by month and scheme, and what endangers the total."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    book = book_of(request, slice_, as_at)
    kind = "savings-page-at" if as_at.at else "savings-page"
    key = f"{kind}:{slice_.pk}:{book.change}:{book.state}:{book.month}"
    page = remember(key, lambda: (key, savings_page(slice_, book)))
    return render(request, "finance/savings.html", page | _frame(request, slice_, book, as_at))


@login_required
@require_GET
def savings_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The savings month by month as CSV."""
    slice_ = visible_slice(request.user, system, year)
    as_at = chosen_as_at(request, slice_)
    if refused := refused_moment(as_at):
        return refused
    rows = saving_month_rows(book_of(request, slice_, as_at))
    return csv_answer(SAVING_MONTH_COLUMNS, rows, f"{system}-{year}-savings")


def _frame(request: PersonRequest, slice_: Slice, book: SavingsBook, as_at: AsAt) -> dict[str, Any]:
    """What hangs on the address rather than on the figures, and the stamp."""
    here = (slice_.system.code, slice_.year_id)
    reported = [month.month for month in book.months if month.reported]
    csv = with_query(
        reverse("savings-csv", args=here),
        f"state={book.state}",
        f"month={book.month}" if book.month else "",
        as_at.query,
    )
    schemes = with_query(reverse("schemes", args=here), as_at.query)
    return {
        "system": slice_.system,
        "position": book,
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, book.month),
        **month_links(request, slice_, reported, book.month),
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": f"Schemes {slice_.year}", "href": schemes},
        ],
        "state_switch": state_switch(request, book.state),
        "downloads": [{"label": "CSV by month", "href": csv}],
        **as_at_context(request, slice_, as_at),
    }
