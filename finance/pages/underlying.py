"""The underlying position in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from esbt.kit.cached import remember
from esbt.kit.words import in_a_list
from finance import charts
from finance.figures.position import Position
from finance.queries.underlying import Underlying, system_underlying, underlying_of
from schemes.models import Slice

NAMED = 5  # lines that a sentence names


def underlying_words(slice_: Slice, position: Position) -> str:
    """The sentence that the finances page says of it, kept under the position's revision."""

    def build() -> tuple[str, str]:
        return key, underlying_sentence(underlying_of(slice_, position), position)

    key = f"underlying:{slice_.pk}:{position.change}:{position.state}:{position.month}"
    return remember(key, build)


def underlying_sentence(partners: Sequence[Underlying], position: Position) -> str:
    """Say the underlying position of the system, or which lines do not say whether they recur."""
    if not partners:
        return "No underlying position is stated: nobody has reported yet."
    to_date, forecast = system_underlying(partners)
    said = [
        f"{charts.balance(pence)} {period}"
        for pence, period in (
            (to_date, f"to month {position.month}"),
            (forecast, "forecast for the year"),
        )
        if pence is not None
    ]
    if said:
        return f"The underlying position, without what does not recur: {', '.join(said)}."
    lines = [line.name for item in partners for line in item.silent]
    if not lines:
        return "The underlying position is not stated: a line that does not recur has no figure."
    more = len(lines) - NAMED
    named = [*lines[:NAMED], f"{more} more"] if more > 0 else lines
    silent = f"{len(lines)} lines do not say whether they recur"
    if len(lines) == 1:
        silent = "one line does not say whether it recurs"
    return f"The underlying position is not stated: {silent} ({in_a_list(named)})."
