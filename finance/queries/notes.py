"""What a reader must know beside the figures: what is derived, doubtful or left out, and why."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F

from esbt.kit.money import words
from esbt.kit.words import in_a_list
from finance.figures.position import Position, PositionRow
from finance.models import Outturn, PrintedFigure
from finance.models.printed import Measure
from finance.models.rollups import State
from finance.queries.gaps import gap_reasons
from finance.queries.known import known_outturns
from finance.queries.positions import incomparable, unplanned_forecasts
from finance.queries.steps import Step, published_unapproved
from schemes.models import Evidence, Membership, Partner, Slice

_STATE_WORDS = {
    Evidence.State.DERIVED: "derived",
    Evidence.State.INFERRED: "inferred",
    Evidence.State.SUSPECT: "suspect",
    Evidence.State.MISSING: "not stated",
}


def notes_of(slice_: Slice, position: Position, ceiling: int | None = None) -> list[str]:
    """Sentences for the foot of a position page, in the order of its rows: seven queries at most.

    With a ceiling the workings of figures are those that were known at that change.
    """
    names = {row.line: row for row in position.rows if row.line}
    notes = []
    for row in position.rows:
        if row.bases_differ:
            notes.append(
                f"{row.name}: the bases of plan and outturn may differ"
                f"{f' (the plan stands {row.basis})' if row.basis else ''}, so the variance is "
                "the source's own, shown as printed, and so is the word beside it."
            )
    notes += _workings(slice_, position, names, ceiling)
    notes += _turnovers(slice_, position)
    if position.reported.missing:
        missing = in_a_list(position.reported.missing)
        notes.append(f"The total to date compares plan and actual without {missing}.")
    notes += _not_compared(position)
    notes += _unapproved(slice_, position, ceiling)
    notes += _gaps(slice_, position, ceiling)
    silent = _without_row(slice_, position)
    if silent:
        notes.append(
            f"{in_a_list(silent)} {'is a partner' if len(silent) == 1 else 'are partners'} of "
            "this system for whom no position is stated."
        )
    return notes


def _gaps(slice_: Slice, position: Position, ceiling: int | None) -> list[str]:
    """Lines without an actual in the month, with the reason that their partner gave."""
    if not position.month:
        return []
    state = State(position.state)
    return [
        f"{gap.monthly_return.partner.name}, {gap.line.name}: no actual, because “{gap.reason}”."
        for gap in gap_reasons(slice_, position.month, state=state, ceiling=ceiling)
    ]


def _unapproved(slice_: Slice, position: Position, ceiling: int | None) -> list[str]:
    """Whose figures of the month were published by closing it, since nobody approved them."""
    if not position.month:
        return []
    steps = published_unapproved(slice_, position.month, ceiling)
    if not steps:
        return []
    reported = set(
        Outturn.objects.filter(
            slice=slice_, month=position.month, published_revision__isnull=False
        ).values_list("line__partner", flat=True)
    )
    closings: dict[int, list[Step]] = {}
    for step in steps:
        if step.partner.pk in reported:
            closings.setdefault(step.change, []).append(step)
    return [
        f"The figures of {in_a_list([step.partner.name for step in own])} of this month were "
        f"published without approval: the month was closed"
        f"{f' by {own[0].who}' if own[0].who else ''}, because “{own[0].reason}”."
        for _, own in sorted(closings.items())
    ]


def _turnovers(slice_: Slice, position: Position) -> list[str]:
    """What a percentage of turnover divides by, and how sure that is."""
    names = {row.partner: row.name for row in position.rows if row.pct_turnover is not None}
    return [
        f"{names[figure.partner.code]}, % of turnover: of {words(figure.pence, 'm')}, "
        f"{figure.evidence.get_state_display().lower()} from {figure.evidence.source.title}, "
        f"{figure.evidence.place}. {figure.evidence.working}".strip()
        for figure in PrintedFigure.objects.filter(
            slice=slice_, measure=Measure.TURNOVER, partner__code__in=names
        ).select_related("partner", "evidence__source")
        if figure.partner
    ]


def _not_compared(position: Position) -> list[str]:
    """Why a total states no variance, or sums fewer partners than it names."""
    notes = []
    unplanned = [row.name for row in position.rows if row.plan_pence is None]
    if unplanned and position.total.plan_pence is not None:
        notes.append(f"The total plan is without {in_a_list(unplanned)}, whose plan is not stated.")
    reported = [row.name for row in incomparable(position.rows)]
    if reported:
        notes.append(
            f"The total states no variance to date: there is nothing on the same basis to hold the "
            f"actual of {in_a_list(reported)} against."
        )
    forecast = [row.name for row in unplanned_forecasts(position.rows)]
    if forecast:
        notes.append(
            f"The total states no forecast variance: there is nothing on the same basis to hold "
            f"the forecast of {in_a_list(forecast)} against."
        )
    return notes


def _workings(
    slice_: Slice, position: Position, names: Mapping[str, PositionRow], ceiling: int | None
) -> list[str]:
    """How figures came about that are not simply printed, and doubts about those that are."""
    months = {row.forecast_month for row in position.rows} | {position.month}
    heads = (
        known_outturns(slice_, ceiling)
        .filter(line__code__in=names, month__in=[m for m in months if m is not None])
        .order_by("month")
        .values_list(
            "line__code",
            "month",
            *(
                F(f"{side}_evidence__{name}")
                for side in ("actual", "forecast")
                for name in ("state", "working")
            ),
        )
    )
    found = {}
    for code, month, *evidence in heads:
        row = names[code]
        if month == position.month:
            found[code, "outturn"] = (row, *evidence[:2])
        if month == row.forecast_month:
            found[code, "forecast"] = (row, *evidence[2:])
    order = {row.line: place for place, row in enumerate(position.rows)}
    notes = []
    for (_code, what), (row, state, working) in sorted(
        found.items(), key=lambda item: order[item[0][0]]
    ):
        if working:
            mark = _STATE_WORDS.get(state)
            notes.append(f"{row.name}, {what}{f' ({mark})' if mark else ''}: {working}")
    return notes


def _without_row(slice_: Slice, position: Position) -> list[str]:
    """Partners of the system that neither have a row nor report in a group that has one."""
    shown = [row.partner for row in position.rows]
    return list(
        Membership.objects.filter(system=slice_.system_id)
        .exclude(partner__kind=Partner.Kind.GROUP)
        .exclude(partner__code__in=shown)
        .exclude(partner__groups__group__code__in=shown)
        .values_list("partner__name", flat=True)
    )
