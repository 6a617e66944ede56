"""The scopes that are stated of a system's pools, side by side: never added to each other.

Two of them are reconciled where a document prints a figure that leads from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from finance.models import PoolAmount, PrintedFigure
from finance.pools.book import Measure, PoolBook


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pool is said to hold in a year, and where else the same amount is printed."""

    book: PoolBook
    amount: PoolAmount
    printed: tuple[PrintedFigure, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A printed figure that leads from one scope to another."""

    one: Scope
    other: Scope
    figure: PrintedFigure


def scopes_of(years: Sequence[PoolBook], printed: Sequence[PrintedFigure]) -> list[Scope]:
    """Every stated scope, the largest first, those without an amount last."""
    found = [
        Scope(
            book,
            amount,
            tuple(figure for figure in printed if _same(figure, amount)),
        )
        for book in years
        for amount in book.of(Measure.SCOPE)
    ]
    return sorted(found, key=lambda scope: (-(scope.amount.pence or 0), scope.amount.code))


def links_of(scopes: Sequence[Scope], printed: Sequence[PrintedFigure]) -> list[Link]:
    """Pairs of scopes that a printed figure relates: as its sum and a part, or as two parts."""
    return [
        Link(one, other, figure)
        for one, other in combinations(scopes, 2)
        for figure in printed
        if _relates(figure, one.amount, other.amount)
    ]


def _relates(figure: PrintedFigure, one: PoolAmount, other: PoolAmount) -> bool:
    parts = list(figure.parts.all())

    def within(amount: PoolAmount) -> bool:
        return any(_same(part, amount) for part in parts)

    return (
        (_same(figure, one) and within(other))
        or (_same(figure, other) and within(one))
        or (within(one) and within(other))
    )


def _same(figure: PrintedFigure, amount: PoolAmount) -> bool:
    """Whether a figure prints an amount, as finely as it prints; a hedged one is never the same."""
    if figure.slice_id != amount.slice_id or amount.hedge:
        return False
    if figure.pence is None or amount.pence is None:
        return False
    return 2 * abs(figure.pence - amount.pence) <= figure.unit_pence
