"""A year's forecast against control totals, last year, reduction plans and risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from esbt.kit.cached import remember
from esbt.kit.words import in_a_list
from finance.as_at import NOW, AsAt, as_change
from finance.charts.forecast_words import cautions_of
from finance.figures.forecast import (
    CONTROL_TOTAL,
    Doubt,
    ForecastBook,
    ForecastRow,
    RiskPosition,
    less,
    sums_of,
)
from finance.figures.position import Position, PositionRow
from finance.models import PlanFigure, PlanRevision, Rollup
from finance.models.base import LAST_MONTH
from finance.models.lines import SENSE, Kind
from finance.models.plans import Plan
from finance.models.rollups import Level, State
from finance.queries.known import known_outturns, known_plan
from finance.queries.notes import notes_of
from finance.queries.positions import (
    SYSTEM,
    computed_figures,
    latest_month,
    nothing_stated,
    position,
    reported_months,
    stored_figures,
)
from finance.queries.risks import risks_of
from finance.rollups import compute
from schemes.models import Evidence, Membership, Slice
from schemes.queries import computed_change


def risk_position(
    slice_: Slice, *, state: State, month: int | None = None, as_at: AsAt = NOW
) -> RiskPosition:
    """The forecast of a year in a month and the risks against it, now or as at a moment.

    A month that is left out is the one that the finances page shows. Figures are kept under the
    revisions that they were computed from; risks are read each time, so that whoever saves one
    sees it at once. A fixed number of queries.
    """
    last = last_year(slice_)
    book = _book(slice_, last, state, month, as_at)
    risks = risks_of(slice_, as_at.change)
    found = RiskPosition(book, risks, sums_of(risks))
    return replace(found, cautions=[*cautions_of(found), *book.notes])


def _book(
    slice_: Slice, last: Slice | None, state: State, month: int | None, as_at: AsAt
) -> ForecastBook:
    before = as_change(last, as_at.at) if last and as_at.at else None
    if as_at.change is not None:
        past = f"forecast-at:{slice_.pk}:{as_at.change}:{before}:{state}:{month}"
        return remember(
            past, lambda: (past, _build(slice_, last, state, month, as_at.change, before))
        )
    rest = f"{computed_change(last) if last else 0}:{state}:{month}"

    def build() -> tuple[str, ForecastBook]:
        made = _build(slice_, last, state, month, None, None)
        return f"forecast:{slice_.pk}:{made.change}:{rest}", made

    kept = remember(f"forecast:{slice_.pk}:{computed_change(slice_)}:{rest}", build)
    return replace(kept, stale=slice_.change > kept.change)


def last_year(slice_: Slice) -> Slice | None:
    """The system's year before this one: one query."""
    first = slice_.year.first_day.year - 1
    code = f"{first}-{(first + 1) % 100:02d}"
    return (
        Slice.objects.filter(system=slice_.system_id, year=code)
        .select_related("system", "year", "computation")
        .first()
    )


def _build(
    slice_: Slice,
    last: Slice | None,
    state: State,
    month: int | None,
    ceiling: int | None,
    before: int | None,
) -> ForecastBook:
    computed = figures = None
    if ceiling is not None:
        computed = compute(slice_.pk, ceiling=ceiling)
        figures = computed_figures(slice_, state, plan=None, ceiling=ceiling, computed=computed)
    found, figures = position(slice_, state=state, month=month, ceiling=ceiling, figures=figures)
    control = _control_total(slice_, ceiling)
    held = found
    if control and control.code != found.plan:
        held, _ = position(slice_, state=state, month=found.month, plan=control, ceiling=ceiling)
    past = _outturn(last, before)
    beside = _Beside(slice_, state, found.month or 1, computed)
    against = {row.partner: row for row in held.rows}
    plan = control or figures.plan
    doubts = _doubts(slice_, found, plan, ceiling)
    order = list(_in_order(slice_, found, beside))
    rows = [
        _row(row, against.get(row.partner, row), past.get(pk), beside.of(pk), doubts)
        for pk, row in order
    ]
    total = _row(found.total, held.total, past.get(SYSTEM), beside.of(SYSTEM), {})
    total = replace(total, forecast_doubt=_of_sum(rows))
    if past and past.keys() - {SYSTEM} != {
        pk for pk, row in order if row.forecast_pence is not None
    }:
        total = replace(total, change_pence=None)  # of other partners than last year's
    ended = (found.month or 0) >= LAST_MONTH and not found.reported.missing
    return ForecastBook(
        system=found.system,
        year=found.year,
        month=found.month,
        state=found.state,
        plan=plan.code if plan else "",
        plan_name=plan.name if plan else "",
        rows=rows,
        total=total,
        outturn_pence=found.total.ytd_actual_pence if ended else None,
        last_year=str(last.year) if last and past else "",
        underlying_pence=beside.underlying(found.total.forecast_pence),
        silent=tuple(row.short_name for row in found.rows if row.forecast_pence is None),
        plans_forecast=beside.plans_forecast,
        notes=notes_of(slice_, held, ceiling),
        reported=found.reported,
        computed_at=found.computed_at,
        change=found.change,
        stale=found.stale,
        status=found.status,
        months=tuple(reported_months(figures)),
    )


def _control_total(slice_: Slice, ceiling: int | None) -> Plan | None:
    """The year's plan of control totals, where one holds a figure: one query."""
    stated = PlanRevision.objects.filter(plan__slice=slice_, plan__code=CONTROL_TOTAL)
    if ceiling is not None:
        stated = stated.filter(change__lte=ceiling)
    return Plan.objects.filter(pk__in=stated.values("plan")).first()


def _outturn(last: Slice | None, ceiling: int | None) -> dict[int, int]:
    """How each partner and the system ended last year, by published figures and partners' ids.

    Nothing until everybody has said so. Two queries, or as at a change one computing.
    """
    if last is None:
        return {}
    published = State.PUBLISHED
    figures = (
        stored_figures(last, published)
        if ceiling is None
        else computed_figures(last, published, plan=None, ceiling=ceiling)
    )
    month = latest_month(figures) or 0
    found = figures.at(month)
    if month < LAST_MONTH or any(row.reported < row.lines for row in found.values()):
        return {}
    return {pk: row.actual_pence for pk, row in found.items() if row.actual_pence is not None}


def _doubts(
    slice_: Slice, found: Position, plan: Plan | None, ceiling: int | None
) -> dict[tuple[str, str], Doubt]:
    """Forecasts and planned positions that are not simply printed, by partner: two queries."""
    told = {(row.partner, row.forecast_month) for row in found.rows}
    made = {
        (partner, "forecast"): Doubt((state,), working)
        for partner, month, state, working in known_outturns(slice_, ceiling)
        .filter(line__kind=Kind.POSITION)
        .exclude(forecast_evidence=None)
        .exclude(forecast_evidence__state=Evidence.State.PRINTED)
        .values_list(
            "line__partner__code", "month", "forecast_evidence__state", "forecast_evidence__working"
        )
        if (partner, month) in told
    }
    pk = plan.pk if plan else None
    planned = PlanFigure.objects.filter(plan=pk) if ceiling is None else known_plan(pk, ceiling)
    return made | {
        (partner, "plan"): Doubt((state,), working)
        for partner, state, working in planned.filter(line__kind=Kind.POSITION)
        .exclude(evidence=None)
        .exclude(evidence__state=Evidence.State.PRINTED)
        .values_list("line__partner__code", "evidence__state", "evidence__working")
    }


def _of_sum(rows: Sequence[ForecastRow]) -> Doubt:
    """What the total forecast takes over from its parts."""
    doubtful = [row for row in rows if row.forecast_doubt.marks]
    marks = tuple(sorted({mark for row in doubtful for mark in row.forecast_doubt.marks}))
    names = in_a_list([row.short_name for row in doubtful])
    return Doubt(marks, f"Holds what is {in_a_list(marks)}: the forecast of {names}.")


@dataclass(frozen=True, slots=True)
class _Plans:
    """Reduction plans of a partner: the year's, what of it is delivered, and what is expected."""

    plan: int | None = None
    delivered: int | None = None
    expected: int | None = None


class _Beside:
    """What stands beside the position: reduction plans, and income and spend by recurrence.

    One query, or none with what was computed as at a change.
    """

    def __init__(
        self, slice_: Slice, state: State, month: int, computed: Sequence[Rollup] | None
    ) -> None:
        if computed is None:
            rows = list(
                Rollup.objects.filter(slice=slice_.pk, state=state, month=month).filter(
                    Q(kind=Kind.REDUCTION_PLAN, level=Level.ALL)
                    | Q(kind__in=_FLOWS, level=Level.RECURRENT)
                )
            )
        else:
            rows = [row for row in computed if row.state == state and row.month == month]
        plans = [r for r in rows if r.kind == Kind.REDUCTION_PLAN and r.level == Level.ALL]
        self.plans = {row.partner_key: _plans(row) for row in plans}
        self.plans_forecast = any(row.forecast_pence is not None for row in plans)
        self.flows = [r for r in rows if r.kind in _FLOWS and r.level == Level.RECURRENT]

    def of(self, partner: int) -> _Plans:
        """The plans of a partner, or of the system."""
        return self.plans.get(partner, _Plans())

    def underlying(self, forecast: int | None) -> int | None:
        """The forecast position without what is not recurrent.

        None unless the lines that say whether they are recurrent make up all of the position.
        """
        if forecast is None or not self.flows or any(row.key < 0 for row in self.flows):
            return None
        sums = {0: 0, 1: 0}
        for row in self.flows:
            sums[row.key] += SENSE[row.kind] * (row.forecast_pence or 0)
        return sums[1] if sum(sums.values()) == forecast else None


_FLOWS = (Kind.INCOME, Kind.SPEND)


def _plans(row: Rollup) -> _Plans:
    """Expected is each plan's forecast, or where it has none what it plans."""
    expected = row.forecast_pence
    if row.plan_pence is not None:
        expected = row.plan_pence + (row.forecast_variance_pence or 0)
    return _Plans(row.plan_pence, row.actual_pence if row.month else None, expected)


def _in_order(slice_: Slice, found: Position, beside: _Beside) -> Iterator[tuple[int, PositionRow]]:
    """The position's rows, and partners that have a plan and no position of their own: one query.

    All in the published order, with the partners' ids.
    """
    rows = {row.partner: row for row in found.rows}
    for member in Membership.objects.filter(system=slice_.system_id).select_related("partner"):
        partner = member.partner
        if partner.code in rows:
            yield partner.pk, rows[partner.code]
        elif partner.pk in beside.plans:
            yield partner.pk, nothing_stated(partner)


def _row(
    row: PositionRow,
    held: PositionRow,
    past: int | None,
    plans: _Plans,
    doubts: Mapping[tuple[str, str], Doubt],
) -> ForecastRow:
    """A row of the position with what it is held against; ``held`` is it against control totals."""
    return ForecastRow(
        partner=row.partner,
        name=row.name,
        short_name=row.short_name,
        forecast_pence=row.forecast_pence,
        forecast_month=row.forecast_month,
        forecast_month_last=row.forecast_month_last,
        forecasts_behind=row.forecasts_behind,
        control_pence=held.plan_pence,
        distance_pence=held.forecast_variance_pence,
        bases_differ=held.bases_differ,
        last_pence=past,
        change_pence=less(row.forecast_pence, past),
        plans_pence=plans.plan,
        delivered_pence=plans.delivered,
        expected_pence=plans.expected,
        forecast_doubt=doubts.get((row.partner, "forecast"), Doubt()),
        control_doubt=doubts.get((row.partner, "plan"), Doubt()),
    )
