"""What readers will ask for, built as soon as a slice's figures are, by the worker that built them.

The pages build and keep the same by themselves where this did not happen, only later.
"""

from __future__ import annotations

from finance.as_at import NOW
from finance.models.rollups import State
from finance.pages.board import board_commentary, board_forecast
from finance.pages.position import comment_rows, position_page
from finance.pages.savings import savings_words
from finance.pages.underlying import underlying_words
from finance.queries.forecast import last_year
from schemes.models import Slice
from schemes.queries import computed_change


def prepare(slice_id: int) -> None:
    """Keep the position pages and the words of the board's page under the slice's revision."""
    slice_ = Slice.objects.select_related("system", "year", "computation").get(pk=slice_id)
    change, last = computed_change(slice_), last_year(slice_)
    for state in (State.PUBLISHED, State.PROVISIONAL):
        page = position_page(slice_, state=state, change=change)
        month = page.position.month
        comment_rows(slice_, page.position.month)
        underlying_words(slice_, page.position)
        savings_words(slice_, state=state, month=month, change=change)
        board_forecast(slice_, last, state=state, month=month, as_at=NOW)
        board_commentary(slice_, month, NOW)
