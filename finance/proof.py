"""Proving printed figures: each total and variance that a source prints, computed again.

What differs is reported and never corrected. A printed figure that names parts should be their
sum; one of a line is held against the line's own facts; one of a kind against the rollups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from finance.models import Outturn, PlanFigure, PrintedFigure, Rollup
from finance.models.base import LAST_MONTH
from finance.models.lines import SENSE
from finance.models.printed import Measure
from finance.models.rollups import Level, State
from finance.rollups import compute, headline_plan


class Outcome(StrEnum):
    """How a printed figure stands to what is recomputed; the worst comes last."""

    AGREES = "agrees"
    NOTHING = "cannot be checked"
    ROUNDING = "differs by what rounding of its parts can explain"
    DIFFERS = "does not agree"


@dataclass(frozen=True)
class Proof:
    """A printed figure beside what its parts or facts give; None where there are none."""

    figure: PrintedFigure
    outcome: Outcome
    found_pence: int | None
    note: str = ""


_OF_ROLLUP = {
    Measure.PLAN: "plan_pence",
    Measure.PLAN_TO_DATE: "plan_to_date_pence",
    Measure.ACTUAL: "actual_pence",
    Measure.FORECAST: "forecast_pence",
    Measure.VARIANCE: "variance_pence",
}


def prove(slice_id: int) -> list[Proof]:
    """Hold every printed figure of a slice against its parts or facts. Stores nothing."""
    figures = list(
        PrintedFigure.objects.filter(slice=slice_id)
        .select_related("line", "evidence__source", "slice__system")
        .prefetch_related("parts")
    )
    if not figures:
        return []
    facts = _Facts(slice_id, figures)
    return [_prove(figure, facts) for figure in figures]


def _prove(figure: PrintedFigure, facts: _Facts) -> Proof:
    parts = list(figure.parts.all())
    slack = 0
    if parts:
        amounts = [part.pence for part in parts]
        found = None if None in amounts else sum(amount or 0 for amount in amounts)
        slack = sum(part.unit_pence for part in parts)
        note = _derived(part.name for part in parts if part.evidence.state == "derived")
    elif figure.line is not None:
        found, note = facts.of_line(figure)
        if figure.measure == Measure.VARIANCE:  # its plan and actual were rounded as well
            slack = 2 * figure.unit_pence
    elif figure.kind and figure.measure in _OF_ROLLUP:
        found, note = facts.of_kind(figure)
        if found is None and (of_totals := facts.of_totals(figure)) is not None:
            found, slack = of_totals, 2 * figure.unit_pence
            note = "printed actual less printed plan to date"
    else:
        found, note = None, ""
    if figure.pence is None or found is None:
        return Proof(figure, Outcome.NOTHING, found, note)
    gap = 2 * abs(figure.pence - found)  # twice, so that half a unit stays a whole number
    if gap <= figure.unit_pence:
        outcome = Outcome.AGREES
    else:
        outcome = Outcome.ROUNDING if gap <= figure.unit_pence + slack else Outcome.DIFFERS
    return Proof(figure, outcome, found, note)


def _derived(names: Iterable[str]) -> str:
    """Say that something behind a figure was worked out, perhaps from the figure itself."""
    named = ", ".join(sorted(names))
    return f"derived, so this proves little: {named}" if named else ""


class _Facts:
    """The present facts of a slice and the rollups that they give, read once."""

    def __init__(self, slice_id: int, figures: Iterable[PrintedFigure]) -> None:
        self.totals = {
            (item.partner_id, item.kind, item.month, item.measure): item.pence
            for item in figures
            if item.kind and item.line_id is None
        }
        self.rollups: dict[tuple[int, str, int], Rollup] = {
            (row.partner_key, row.kind, row.month): row
            for row in compute(slice_id)
            if row.level == Level.ALL and row.state == State.PROVISIONAL
        }
        self.plans = {
            figure.line_id: figure
            for figure in PlanFigure.objects.filter(
                plan=headline_plan(slice_id), line__slice=slice_id
            ).select_related("evidence", "line")
        }
        self.outturns = {
            (item.line_id, item.month): item
            for item in Outturn.objects.filter(slice=slice_id).select_related(
                "line", "actual_evidence", "forecast_evidence"
            )
        }

    def of_line(self, figure: PrintedFigure) -> tuple[int | None, str]:
        """What a line's own facts give, whatever their bases, and a note where those differ."""
        month = LAST_MONTH if figure.month is None else figure.month
        plan = self.plans.get(figure.line_id or 0)
        outturn = self.outturns.get((figure.line_id or 0, month))
        if figure.measure == Measure.PLAN:
            return (plan.full_year_pence if plan else None), ""
        if figure.measure == Measure.PLAN_TO_DATE:
            return _to_date(plan, month), ""
        if outturn is None:
            return None, ""
        if figure.measure != Measure.VARIANCE:
            return getattr(outturn, f"{figure.measure}_pence", None), ""
        planned = _to_date(plan, month)
        if plan is None or planned is None or outturn.actual_pence is None:
            return None, ""
        equal = plan.basis == outturn.actual_basis
        note = "" if equal else "its plan and actual may stand on different bases"
        return (outturn.line.sense or 1) * (outturn.actual_pence - planned), note

    def of_kind(self, figure: PrintedFigure) -> tuple[int | None, str]:
        """What the rollups give for a kind, of the system or of the figure's partner."""
        month = LAST_MONTH if figure.month is None else figure.month
        row = self.rollups.get((figure.partner_id or 0, figure.kind, month))
        if row is None:
            return None, ""
        amount = getattr(row, _OF_ROLLUP[Measure(figure.measure)])
        if amount is None:
            return None, "not every line states it"
        if figure.measure in (Measure.ACTUAL, Measure.VARIANCE) and row.reported < row.lines:
            return None, f"only {row.reported} of {row.lines} lines have a report of the month"
        return int(amount), _derived(
            line
            for line, kind, partner in self._derived_lines(figure, month)
            if kind == figure.kind and figure.partner_id in (None, partner)
        )

    def of_totals(self, figure: PrintedFigure) -> int | None:
        """What the printed plan and actual of the same total give for its variance."""
        here = (figure.partner_id, figure.kind, figure.month)
        actual = self.totals.get((*here, Measure.ACTUAL))
        plan = self.totals.get((*here, Measure.PLAN_TO_DATE))
        if figure.measure != Measure.VARIANCE or actual is None or plan is None:
            return None
        return (SENSE[figure.kind] or 1) * (actual - plan)

    def _derived_lines(self, figure: PrintedFigure, month: int) -> Iterable[tuple[str, str, int]]:
        """Lines of which a fact behind the figure was worked out rather than printed."""
        measure = "actual" if figure.measure == Measure.VARIANCE else figure.measure
        facts = (
            [(item.line, item.evidence) for item in self.plans.values()]
            if measure in (Measure.PLAN, Measure.PLAN_TO_DATE)
            else [
                (item.line, getattr(item, f"{measure}_evidence"))
                for item in self.outturns.values()
                if item.month == month
            ]
        )
        for line, evidence in facts:
            if evidence is not None and evidence.state == "derived":
                yield line.name, line.kind, line.partner_id


def _to_date(plan: PlanFigure | None, month: int) -> int | None:
    if plan is None:
        return None
    if plan.to_date_pence is not None:
        return plan.to_date_pence[min(month, LAST_MONTH) - 1] if month else None
    return plan.full_year_pence if month >= LAST_MONTH else None
