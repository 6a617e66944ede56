"""The position of a system: who planned what, where it stands, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery

from esbt.kit.money import percent
from finance.figures.position import TOTAL, MonthPoint, Position, PositionRow, Reported
from finance.models import Computation, Line, Plan, PrintedFigure, Rollup
from finance.models.base import AUDITED, LAST_MONTH, OPENING_FORECAST, Basis
from finance.models.lines import Kind
from finance.models.printed import Measure
from finance.models.rollups import Level, State
from finance.queries.gaps import lacking_lines
from finance.queries.known import is_closed, known_lines, known_outturns, known_plan, known_status
from finance.rollups import compute, headline
from schemes.models import Evidence, Membership, Partner, Slice

SYSTEM = 0  # the partner_key of the whole system


@dataclass(frozen=True, slots=True)
class Figures:
    """The position rollups of a slice, all months, with the change that they were made from."""

    state: State
    change: int
    computed_at: datetime | None
    plan: Plan | None
    rows: Sequence[Rollup]

    def at(self, month: int) -> dict[int, Rollup]:
        """The rows of one month by partner_key."""
        return {row.partner_key: row for row in self.rows if row.month == month}


def stored_figures(slice_: Slice, state: State) -> Figures:
    """The position rollups as last computed, against the headline plan: two queries."""
    computation = Computation.objects.filter(slice=slice_.pk)
    rows = list(
        Rollup.objects.filter(
            slice=slice_.pk, state=state, kind=Kind.POSITION, level=Level.ALL
        ).annotate(  # from the same snapshot as the rows, so that the stamp is true of them
            seen=Subquery(computation.values("change")), at=Subquery(computation.values("at"))
        )
    )
    plan = headline(slice_.pk)
    if not rows:  # a year for which nothing is stated has been computed all the same
        seen = computation.first() or Computation()
        return Figures(state, seen.change, seen.at, plan, rows)
    return Figures(state, rows[0].seen or 0, rows[0].at, plan, rows)


def computed_figures(
    slice_: Slice,
    state: State,
    *,
    plan: Plan | None,
    ceiling: int | None,
    computed: Sequence[Rollup] | None = None,
) -> Figures:
    """The same against another plan or as at a change: computed now, or given; stored nowhere."""
    plan = plan or headline(slice_.pk, ceiling)
    if computed is None:
        computed = compute(slice_.pk, plan_id=plan.pk if plan else None, ceiling=ceiling)
    wanted = (state, Kind.POSITION, Level.ALL)
    rows = [row for row in computed if (row.state, row.kind, row.level) == wanted]
    change = slice_.change if ceiling is None else ceiling
    return Figures(state, change, None, plan, rows)


def years_with_actuals(slices: Sequence[Slice]) -> set[int]:
    """The ids of those slices whose published position holds an actual: one query."""
    return set(
        Rollup.objects.filter(
            slice__in=slices,
            state=State.PUBLISHED,
            partner_key=SYSTEM,
            kind=Kind.POSITION,
            level=Level.ALL,
            reported__gt=0,
        ).values_list("slice", flat=True)
    )


def latest_month(figures: Figures, *, early: bool = False) -> int | None:
    """The month that is shown where none is asked for, on every page and in every download.

    It is the latest with an actual, and of published figures rather the latest that every partner
    that was due reported, where there is one: an early approval is not yet the system's month,
    unless ``early``. Else it is that of the opening forecast; None before any report.
    """
    reported = [month for month in reported_months(figures) if month <= LAST_MONTH]
    audited = [
        row
        for row in figures.rows
        if row.month == AUDITED and row.partner_key == SYSTEM and 0 < row.lines == row.reported
    ]
    if audited:
        return AUDITED
    if reported:
        totals = [row for row in figures.rows if row.partner_key == SYSTEM]
        by_all = {row.month for row in totals if row.reported >= row.lines} & {*reported}
        whole = figures.state == State.PUBLISHED and not early and by_all
        return max(by_all if whole else reported)
    opening = any(
        row.month == OPENING_FORECAST and row.forecast_pence is not None for row in figures.rows
    )
    return OPENING_FORECAST if opening else None


def reported_months(figures: Figures) -> list[int]:
    """Months for which anybody reported an actual, in order."""
    return sorted({row.month for row in figures.rows if row.reported})


def position(
    slice_: Slice,
    *,
    state: State = State.PUBLISHED,
    month: int | None = None,
    plan: Plan | None = None,
    ceiling: int | None = None,
    figures: Figures | None = None,
    early: bool = False,
) -> tuple[Position, Figures]:
    """The deficit table of a slice in a month (left out: that of ``latest_month``).

    With ``early`` that is the latest which anybody reported.
    Amounts are pence in the sense of a position (a deficit is negative); the total compares plan
    and actual over the same partners. A fixed number of queries; fewer with figures that were read.
    """
    if figures is None and plan is None and ceiling is None:
        figures = stored_figures(slice_, state)
    elif figures is None:
        figures = computed_figures(slice_, state, plan=plan, ceiling=ceiling)
    if month is None:
        month = latest_month(figures, early=early)
    found = figures.at(1 if month is None else month)
    details = _Details(slice_, figures.plan, ceiling)
    members = [
        member
        for member in Membership.objects.filter(system=slice_.system_id)
        .select_related("partner")
        .annotate(turnover=_turnover(slice_))
        if member.partner_id in found
    ]
    rows = tuple(
        _row(
            found[member.partner_id],
            partner=(member.partner.code, member.partner.name, member.partner.short_name),
            month=month,
            details=details.of(
                member.partner_id, month, found[member.partner_id].forecast_month, member.turnover
            ),
        )
        for member in members
    )
    total = _total(found.get(SYSTEM), rows, month)
    due = {member.partner.code for member in members if month and found[member.partner_id].lines}
    missing = tuple(row.name for row in rows if row.partner in due and not row.reported)
    gaps = lacking_lines(slice_, month, state, missing, ceiling) if month and missing else ()
    reported = Reported(len(due), len(due) - len(missing), missing, gaps)
    return (
        Position(
            system=slice_.system.code,
            year=slice_.year_id,
            month=month,
            state=state,
            plan=figures.plan.code if figures.plan else "",
            rows=rows,
            total=total,
            reported=reported,
            computed_at=figures.computed_at,
            change=figures.change,
            stale=ceiling is None and slice_.change > figures.change,
            status=status_of(slice_, month, ceiling),
        ),
        figures,
    )


def status_of(slice_: Slice, month: int | None, ceiling: int | None = None) -> str:
    """Whether a month still moves: the year's status, or closed once its system closed it."""
    if ceiling is not None:
        return known_status(slice_, month, ceiling)
    if slice_.status != Slice.Status.OPEN or not month:  # an opening forecast closes no year
        return slice_.status
    return Slice.Status.CLOSED if is_closed(slice_, month) else Slice.Status.OPEN


def months_of(figures: Figures) -> list[MonthPoint]:
    """The system's twelve months; an actual only where every partner that was due reported:
    a partial sum beside a whole plan would draw a fall that never was.
    """
    points = []
    for month in range(1, LAST_MONTH + 1):
        row = figures.at(month).get(SYSTEM)
        whole = row is not None and 0 < row.lines == row.reported
        points.append(
            MonthPoint(
                month,
                row.plan_to_date_pence if row else None,
                row.actual_pence if row and whole else None,
                row.forecast_pence if row and whole else None,
            )
        )
    return points


@dataclass(frozen=True, slots=True)
class _Detail:
    """What stands behind a partner's row beside its sums."""

    line: str | None = None
    basis: str = ""
    marks: tuple[str, ...] = ()
    turnover: int | None = None


class _Details:
    """Lines, bases and marks of a slice's positions, for any month: one query.

    As at a change three.
    """

    def __init__(self, slice_: Slice, plan: Plan | None, ceiling: int | None) -> None:
        self.lines: dict[int, Mapping[str, Any]] = {}
        self.heads: dict[tuple[int, int | None], Mapping[str, Any]] = {}
        if ceiling is not None:
            self._read_at(slice_, plan, ceiling)
            return
        for row in (
            Line.objects.filter(slice=slice_, kind=Kind.POSITION)
            .annotate(
                planned=FilteredRelation("plan_figures", condition=Q(plan_figures__plan=plan))
            )
            .values(
                "pk",
                "code",
                "partner",
                basis=F("planned__basis"),
                mark=F("planned__evidence__state"),
                month=F("outturns__month"),
                actual_basis=F("outturns__actual_basis"),
                actual=F("outturns__actual_evidence__state"),
                forecast=F("outturns__forecast_evidence__state"),
            )
        ):
            self.lines[row["partner"]] = row
            if row["month"] is not None:
                self.heads[row["pk"], row["month"]] = row

    def _read_at(self, slice_: Slice, plan: Plan | None, ceiling: int) -> None:
        planned = {
            item["line"]: item
            for item in known_plan(plan.pk if plan else None, ceiling)
            .filter(line__kind=Kind.POSITION)
            .values("line", "basis", mark=F("evidence__state"))
        }
        for line in (
            known_lines(slice_, ceiling)
            .filter(line__kind=Kind.POSITION)
            .values(pk=F("line"), code=F("line__code"), partner=F("line__partner"))
        ):
            plan_figure = planned.get(line["pk"], {"basis": None, "mark": None})
            self.lines[line["partner"]] = line | plan_figure
        for head in (
            known_outturns(slice_, ceiling)
            .filter(line__kind=Kind.POSITION)
            .values(
                "line",
                "month",
                "actual_basis",
                actual=F("actual_evidence__state"),
                forecast=F("forecast_evidence__state"),
            )
        ):
            self.heads[head["line"], head["month"]] = head

    def of(
        self, partner: int, month: int | None, forecast_month: int | None, turnover: int | None
    ) -> _Detail:
        """What stands behind a partner's row in a month."""
        line = self.lines.get(partner)
        if line is None:
            return _Detail(turnover=turnover)
        head = self.heads.get((line["pk"], month), {})
        forecast = self.heads.get((line["pk"], forecast_month), {})
        marks = (line["mark"], head.get("actual"), forecast.get("forecast"))
        basis = line["basis"] or head.get("actual_basis") or ""
        return _Detail(
            line["code"],
            Basis(basis).label if basis else "",
            tuple(sorted({mark for mark in marks if mark and mark != Evidence.State.PRINTED})),
            turnover,
        )


def _turnover(slice_: Slice) -> Subquery:
    """The turnover that a source prints for a membership's partner."""
    return Subquery(
        PrintedFigure.objects.filter(
            slice=slice_, measure=Measure.TURNOVER, partner=OuterRef("partner")
        ).values("pence")[:1]
    )


def direction(variance: int | None) -> str:
    """A favourable-positive variance in a word."""
    if not variance:
        return "none"
    return "favourable" if variance > 0 else "adverse"


def _row(
    rollup: Rollup,
    *,
    partner: tuple[str, str, str],
    month: int | None,
    details: _Detail,
) -> PositionRow:
    known = month is not None
    return PositionRow(
        partner=partner[0],
        name=partner[1],
        short_name=partner[2],
        plan_pence=rollup.plan_pence,
        ytd_plan_pence=rollup.plan_to_date_pence if known else None,
        ytd_actual_pence=rollup.actual_pence if known else None,
        variance_pence=rollup.variance_pence if known else None,
        forecast_pence=rollup.forecast_pence,
        forecast_variance_pence=rollup.forecast_variance_pence,
        variance_pct=_percent(rollup.variance_pence, rollup.compared_plan_pence),
        pct_turnover=percent(rollup.variance_pence, details.turnover),
        direction=direction(rollup.variance_pence),
        basis=details.basis,
        bases_differ=rollup.bases_differ,
        in_month_pence=rollup.in_month_pence,
        in_month_from=rollup.in_month_from,
        forecast_month=rollup.forecast_month,
        forecast_month_last=rollup.forecast_month_last,
        forecasts_behind=rollup.forecasts_behind,
        forecast_direction=direction(rollup.forecast_variance_pence),
        marks=details.marks,
        reported=bool(rollup.reported),
        line=details.line,
    )


def nothing_stated(partner: Partner) -> PositionRow:
    """The row of a partner that has no position of its own, such as a member of a group."""
    names = (partner.code, partner.name, partner.short_name)
    blank = Rollup(reported=0, bases_differ=False)
    return _row(blank, partner=names, month=None, details=_Detail())


def _percent(variance: int | None, plan: int | None) -> Decimal | None:
    """Of the absolute plan; None on a zero base (DOMAIN 3)."""
    return percent(variance, abs(plan) if plan else None)


def _total(rollup: Rollup | None, rows: Sequence[PositionRow], month: int | None) -> PositionRow:
    """The system's row: the sums of all who say something.

    It compares plan and actual only over the same partners. Its plan to date is that of those who
    reported, who are named; and where one of them has an actual or a forecast and nothing to hold
    it against, the total states no variance, rather than one of other partners than its sums.
    """
    row = _row(
        rollup or Rollup(reported=0, bases_differ=False),
        partner=(TOTAL, "Total", "the system"),
        month=month,
        details=_Detail(marks=tuple(sorted({mark for row in rows for mark in row.marks}))),
    )
    if rollup is not None and row.ytd_actual_pence is not None:
        row = replace(row, ytd_plan_pence=rollup.compared_plan_pence)
    if incomparable(rows):
        row = replace(
            row, ytd_plan_pence=None, variance_pence=None, variance_pct=None, direction="none"
        )
    if unplanned_forecasts(rows):
        row = replace(row, forecast_variance_pence=None, forecast_direction="none")
    return row


def incomparable(rows: Sequence[PositionRow]) -> list[PositionRow]:
    """Partners with an actual to date and nothing to hold it against."""
    return [r for r in rows if r.ytd_actual_pence is not None and r.variance_pence is None]


def unplanned_forecasts(rows: Sequence[PositionRow]) -> list[PositionRow]:
    """Partners with a forecast and nothing to hold it against."""
    return [r for r in rows if r.forecast_pence is not None and r.forecast_variance_pence is None]
