"""What the board's page says beside the position, kept under the revisions that it rests on."""

from __future__ import annotations

from esbt.kit.cached import remember
from finance.as_at import AsAt
from finance.models.rollups import State
from finance.pages.forecast import forecast_words
from finance.queries.commentary import Words, commentaries
from finance.queries.forecast import risk_position
from schemes.models import Slice
from schemes.queries import computed_change


def board_forecast(
    slice_: Slice, last: Slice | None, *, state: State, month: int | None, as_at: AsAt
) -> str:
    """The sentence on a month's forecast of the year and its risks; "" where none is stated.

    ``last`` is the system's year before it, ``month`` that of the page around the sentence. No
    query while what is kept still holds: both what is at stake and what the register says move
    the slice's change.
    """

    def said() -> str:
        return forecast_words(risk_position(slice_, state=state, month=month, as_at=as_at))

    if as_at.change is not None:
        return said()  # what the book holds is kept already, and a moment is rarely asked twice
    seen = (slice_.pk, slice_.change, computed_change(slice_), last and computed_change(last))
    key = f"board-forecast:{':'.join(map(str, seen))}:{state}:{month}"
    return remember(key, lambda: (key, said()))


def board_commentary(slice_: Slice, month: int | None, as_at: AsAt) -> Words | None:
    """The words that stand on a month, now or as at a moment; None where there are none."""

    def build() -> tuple[str, list[Words]]:
        return key, commentaries(slice_, month, as_at.change)[:1]

    seen = slice_.change if as_at.change is None else as_at.change
    key = f"board-commentary:{slice_.pk}:{seen}:{month}"
    return next(iter(remember(key, build)), None)
