"""What a what-if of a pool starts from: its year, what is shared now, positions, kept scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.db.models import OuterRef, Subquery
from django.http import Http404

from finance.figures.position import Position
from finance.models import Outturn, PlanFigure, Scenario
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.pools.shares import PoolShares
from finance.pools.what_if import Forecast, Standing, standings, to_the_year
from finance.queries.pool_effects import no_position, rows_of
from finance.queries.pool_lines import PoolYear, pool_years
from finance.queries.positions import position
from finance.rollups import headline_plan
from schemes.models import Pool, Slice

TO_DATE, FORECAST = "to-date", "forecast"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a what-if starts from: a pool's year to a month, or as it is forecast to end.

    ``now`` is what the rules in force make of it; None before anything is reported.
    """

    year: PoolYear
    basis: str
    month: int | None
    now: PoolShares | None
    forecast_months: Sequence[int]  # at which lines were forecast, where the basis is that


def pool_year(slice_: Slice, code: str, state: State) -> PoolYear:
    """A pool in a year: six queries. Http404 for one that is not there."""
    found = pool_years(slice_, state=state, pool=code)
    if not found:
        raise Http404
    return found[0]


def ground(
    slice_: Slice, code: str, *, state: State, basis: str = TO_DATE, month: int | None = None
) -> Ground:
    """A pool's variance to a month, else the latest that is whole; or that of the forecast.

    Six queries, and one more for a forecast. Http404 for a pool that is not there.
    """
    year = pool_year(slice_, code, state)
    if basis != FORECAST:
        shares = year.shares(month)
        return Ground(year, TO_DATE, shares.month if shares else None, shares, ())
    forecasts = _forecasts(slice_, year.pool, state)
    year = replace(year, lines=to_the_year(year.lines, forecasts))
    told = sorted({item.month for item in forecasts.values()})
    shares = year.shares(LAST_MONTH) if year.lines else None
    return Ground(year, FORECAST, LAST_MONTH, shares, told)


def _forecasts(slice_: Slice, pool: Pool, state: State) -> Mapping[str, Forecast]:
    """The latest forecast of each line of spend, on the basis of its plan: one query."""
    pre = "published_" if state == State.PUBLISHED else ""
    plan = PlanFigure.objects.filter(plan=headline_plan(slice_.pk), line=OuterRef("line"))
    found = (
        Outturn.objects.filter(
            slice=slice_,
            line__pool=pool,
            line__kind=Kind.POOL_SPEND,
            **{f"{pre}forecast_pence__isnull": False},
        )
        .annotate(plan_basis=Subquery(plan.values("basis")[:1]))
        .order_by("month")
        .values_list(
            "line__code", "month", f"{pre}forecast_pence", f"{pre}forecast_basis", "plan_basis"
        )
    )
    return {
        line: Forecast(month, pence)
        for line, month, pence, basis, planned in found
        if planned in (None, basis)
    }


@dataclass(frozen=True, slots=True)
class Positions:
    """The system's positions as reported, under the rules in force and under a what-if."""

    month: int | None
    rows: Sequence[Standing]
    total: Standing | None
    why_not: Sequence[str]


def positions_of(slice_: Slice, at: Ground, then: PoolShares, *, state: State) -> Positions:
    """What a what-if of this one pool does to the positions, its total last.

    To a month it is the position to date, and of a forecast the forecast position. Where the
    pool's own variance is not known, nor can be said what the host's position holds.
    """
    why_not = no_position(at.year)
    if not why_not and (at.now is None or at.now.variance_pence is None):
        why_not = ["The pool's own variance is not known, which the host's position holds."]
    if why_not or at.now is None:
        return Positions(at.month, (), None, why_not)
    found, _ = position(slice_, state=state, month=at.month if at.basis == TO_DATE else None)
    if not found.rows:
        return Positions(found.month, (), None, ["No position is stated for that month."])
    rows = standings(
        [(row.partner, row.name, _of(row, at.basis)) for row in found.rows],
        now=at.now,
        then=then,
        host=at.year.host,
        rows=rows_of(found),
    )
    return Positions(found.month, rows, _total(found, rows, at), ())


def _of(row: object, basis: str) -> int | None:
    name = "forecast_pence" if basis == FORECAST else "ytd_actual_pence"
    value: int | None = getattr(row, name)
    return value


def _total(found: Position, rows: Sequence[Standing], at: Ground) -> Standing:
    """The system's total, which moves by what sharing adds to its partners together."""
    before = _of(found.total, at.basis)

    def moved(name: str) -> int | None:
        added = [
            None if (value := getattr(row, name)) is None else value - (row.before_pence or 0)
            for row in rows
            if row.before_pence is not None
        ]
        if before is None or None in added:
            return None
        return before + sum(pence or 0 for pence in added)

    return Standing(
        found.total.partner, found.total.name, before, moved("now_pence"), moved("what_if_pence")
    )


def scenarios_of(slice_: Slice, pool: Pool) -> list[list[Scenario]]:
    """What-ifs that were kept, a list a name, the newest first: one query."""
    kept = Scenario.objects.filter(slice=slice_, pool=pool).select_related("actor")
    by_name = groupby(kept.order_by("name", "-at", "-pk"), key=lambda item: item.name)
    return sorted((list(own) for _, own in by_name), key=lambda own: own[0].at, reverse=True)
