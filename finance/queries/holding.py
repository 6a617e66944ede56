"""Which years hold what a page of a year shows, so that ways lead to a year that is not empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Value

from finance.models import (
    Claim,
    Line,
    Outturn,
    Plan,
    PoolAmount,
    PrintedFigure,
    RiskMoney,
    VarianceCause,
    Virement,
)
from finance.models.lines import Kind
from schemes.models import Slice

_OF_POOLS = (Kind.CONTRIBUTION, Kind.POOL_SPEND)
_OF_SAVINGS = (Kind.SAVING, Kind.SAVINGS_TARGET)


def _lines(*where: Q, **more: Any) -> QuerySet[Any]:
    return Line.objects.filter(*where, **more)


def _sources() -> list[tuple[str, QuerySet[Any]]]:
    """Pages by the names of their addresses, each with rows that it shows; some have several."""
    forecasts = Outturn.objects.filter(line__kind=Kind.POSITION, forecast_pence__isnull=False)
    return [
        ("finances", _lines(kind=Kind.POSITION)),
        ("board", _lines(kind=Kind.POSITION)),
        ("schemes", _lines(scheme__isnull=False)),
        ("savings", _lines(kind__in=_OF_SAVINGS)),
        ("reduction-plans", _lines(kind=Kind.REDUCTION_PLAN)),
        ("questions", _lines(kind=Kind.REDUCTION_PLAN)),
        ("forecast", forecasts),
        ("forecast", RiskMoney.objects.all()),
        ("pools", _lines(Q(pool__isnull=False) | Q(kind__in=_OF_POOLS))),
        ("pools", PoolAmount.objects.all()),
        ("printed", PrintedFigure.objects.all()),
        ("plans", Plan.objects.all()),
        ("virements", Virement.objects.all()),
        ("causes", VarianceCause.objects.all()),
        ("claims", Claim.objects.all()),
        ("contracts", _lines(counterparty__isnull=False)),
        ("headings", _lines(heading__isnull=False)),
    ]


def slices_holding(
    slices: Iterable[Slice], pages: Collection[str] | None = None
) -> dict[str, set[int]]:
    """The ids of those slices that hold something for each page, or each of some: one query.

    A page that is not there shows something in every year.
    """
    wanted = [(page, rows) for page, rows in _sources() if pages is None or page in pages]
    within = [slice_.pk for slice_ in slices]
    parts = [
        rows.filter(slice__in=within).order_by().values_list(Value(page), "slice").distinct()
        for page, rows in wanted
    ]
    found: dict[str, set[int]] = {page: set() for page, _ in wanted}
    for page, pk in parts[0].union(*parts[1:]):
        found[page].add(pk)
    return found


def newest_holding(page: str, slices: Sequence[Slice]) -> Slice | None:
    """Of one system's years, newest first, the newest that holds something for a page."""
    held = slices_holding(slices, [page])[page]
    return next((slice_ for slice_ in slices if slice_.pk in held), None)
