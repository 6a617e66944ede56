"""Transfers and contracts between partners: both legs of each, and what has one leg only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from finance.models import Line, Rollup
from finance.models.lines import Kind
from finance.models.rollups import Level, State
from finance.queries.line_months import LineMonth, line_months
from finance.queries.positions import SYSTEM
from schemes.models import Slice

_BETWEEN = (Kind.INCOME, Kind.SPEND, Kind.TRANSFER, Kind.CONTRIBUTION)
MEASURES = ("plan_pence", "actual_pence", "forecast_pence")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two legs of one agreement; of a contract ``one`` is the income, ``other`` the spend."""

    one: LineMonth
    other: LineMonth

    def difference(self, measure: str) -> int | None:
        """What the two sides do not agree on, in pence; positive flatters the system's total.

        Income less spend of a contract; the legs of a transfer have opposite signs, so it is
        their sum. None where a side states nothing.
        """
        one, other = getattr(self.one, measure), getattr(self.other, measure)
        if one is None or other is None:
            return None
        return int(one + other if self.one.line.kind == Kind.TRANSFER else one - other)


@dataclass(frozen=True, slots=True)
class Contracts:
    """The pairs, lines whose other side has none, and what the rollups hold of the system."""

    pairs: Sequence[Pair]
    alone: Sequence[LineMonth]
    eliminated: Sequence[Rollup]  # what both sides report, which goes out of gross income and spend
    unagreed: Sequence[Rollup]


def contracts_of(slice_: Slice, *, state: State, month: int | None) -> Contracts:
    """Everything between partners in a month: six queries at most."""
    lines = line_months(
        slice_,
        Line.objects.filter(
            Q(counter_line__isnull=False) | Q(counterparty__isnull=False, kind__in=_BETWEEN)
        ),
        state=state,
        month=month,
    )
    by_id = {item.line.pk: item for item in lines}
    rollups = list(
        Rollup.objects.filter(
            slice=slice_,
            state=state,
            month=month or 1,
            partner_key=SYSTEM,
            level__in=(Level.ELIMINATED, Level.UNAGREED),
        ).order_by("kind")
    )
    return Contracts(
        [
            Pair(item, other)
            for item in lines
            if (other := by_id.get(item.line.counter_line_id or 0))
            and _leads(item.line, other.line)
        ],
        [item for item in lines if item.line.counter_line_id is None],
        [row for row in rollups if row.level == Level.ELIMINATED],
        [row for row in rollups if row.level == Level.UNAGREED],
    )


def _leads(line: Line, other: Line) -> bool:
    """Whether a leg stands first, as figures.sql has it: the income, or a transfer's older line."""
    if line.kind == Kind.TRANSFER:
        return line.pk < other.pk
    return line.kind == Kind.INCOME and other.kind == Kind.SPEND
