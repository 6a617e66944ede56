"""Re-profiling: a plan's year spread anew over the months that are still open.

It keeps the year's amount, and the plan to date of every month whose figures somebody submitted,
approved or closed, so that no variance moves that was told to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404

from esbt.kit.money import words
from esbt.kit.problems import Conflict, Fault, Refused
from finance.models import Line, MonthlyReturn, Plan, PlanFigure, PlanRevision
from finance.models.base import LAST_MONTH
from finance.models.outturns import ReturnState
from finance.services.outturns import ANY, LARGEST_PENCE
from finance.services.plans import store_figures
from finance.services.returns import refuse_closed_year
from schemes.models import Change, Slice, User
from schemes.people.permissions import Permission, require
from schemes.services.slices import Writing, writing

_ACTION = "re-profile"
_ToDate = list[int | None] | None
_Wanted = dict[
    str, tuple[_ToDate, int | str]
]  # by line: its plan to date, the change it was seen at


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A line's twelve amounts in month, April first, in pence of the line's sense.

    ``change`` is the one of the figure that the author saw, and ANY for whatever stands.
    """

    line: str
    months: Sequence[int]
    change: int | str = ANY


@dataclass
class Reprofiled:
    """What re-profiling did: the figures that changed, and the change that they carry.

    First figures have none before them, and so cannot be undone.
    """

    figures: list[PlanFigure] = field(default_factory=list)
    change: int | None = None
    undoable: bool = True


def reprofile(
    *, by: User | None, slice_id: int, plan: Plan, profiles: Sequence[Profile], reason: str
) -> Reprofiled:
    """Spread the year of lines over their months anew: all of them, or none.

    Raises Refused with a fault a line and month, Conflict over a newer figure, and Http404 for
    another partner's lines. Faults name the line's code and "month_4", "year" or "reason".
    """
    if not reason.strip():
        said = "Say why the months change: the reason is kept with them."
        raise Refused([Fault(said, "reason")])
    with writing(slice_id=slice_id, by=by, action=_ACTION, reason=reason.strip()) as write:
        figures = _figures(write, plan, [profile.line for profile in profiles])
        shut = shut_months(write.slice, {figure.line.partner_id for figure in figures.values()})
        faults = []
        wanted: _Wanted = {}
        for profile in profiles:
            figure = figures[profile.line]
            faults += profile_faults(figure, profile.months, shut.get(figure.line.partner_id, {}))
            wanted[profile.line] = (to_date_of(profile.months), profile.change)
        if faults:
            raise Refused(faults)
        return _put(write, figures, wanted)


def undo_reprofile(*, by: User | None, slice_id: int, plan: Plan, change: int) -> Reprofiled:
    """Give lines the months back that they had before one's own re-profiling.

    All of them, or none: raises Conflict where a figure was changed again since, Refused where a
    month was handed on meanwhile, and Http404 for what the person did not re-profile.
    """
    own = Change.objects.filter(slice=slice_id, number=change, actor=by, action=_ACTION)
    done = PlanRevision.objects.filter(plan=plan, change=change).select_related("line")
    codes = [revision.line.code for revision in done] if own.exists() else []
    if not codes:
        raise Http404
    before = {
        revision.line.code: revision.to_date_pence
        for revision in PlanRevision.objects.filter(
            plan=plan, line__in=[revision.line_id for revision in done], change__lt=change
        )
        .select_related("line")
        .order_by("change")
    }
    reason = f"Undoes change {change}"
    with writing(slice_id=slice_id, by=by, action=_ACTION, reason=reason) as write:
        figures = _figures(write, plan, codes)
        shut = shut_months(write.slice, {figure.line.partner_id for figure in figures.values()})
        faults = [
            fault
            for code in codes
            for fault in _moved(figures[code], before[code], shut[figures[code].line.partner_id])
        ]
        if faults:
            raise Refused(faults, code="submitted")
        return _put(write, figures, {code: (before[code], change) for code in codes})


def shut_months(slice_: Slice, partners: set[int]) -> dict[int, dict[int, str]]:
    """For each partner the months whose plan stays as it is, with the state of their return."""
    months: dict[int, dict[int, str]] = {partner: {} for partner in partners}
    for partner, month, state in (
        MonthlyReturn.objects.filter(
            slice=slice_, partner__in=partners, month__range=(1, LAST_MONTH)
        )
        .exclude(state=ReturnState.DRAFT)
        .values_list("partner", "month", "state")
    ):
        months[partner][month] = state
    return months


def to_date_of(months: Sequence[int]) -> _ToDate:
    """The profile as it accumulates."""
    return [sum(months[:month]) for month in range(1, len(months) + 1)]


def profile_faults(
    figure: PlanFigure, months: Sequence[int], shut: Mapping[int, str]
) -> list[Fault]:
    """Why a line's year cannot be spread so; ``shut`` are months that stay, with their state."""
    line = figure.line
    if len(months) != LAST_MONTH:
        return [Fault("A profile has twelve months.", "year", "", line.code)]
    faults = [
        Fault(
            f"The line runs from month {line.first_month} to {line.last_month}: leave this empty.",
            f"month_{month}",
            str(pence),
            line.code,
        )
        for month, pence in enumerate(months, 1)
        if pence and month not in line.months
    ]
    faults += [
        Fault("This is larger than any amount can be.", f"month_{month}", str(pence), line.code)
        for month, pence in enumerate(months, 1)
        if abs(pence) > LARGEST_PENCE
    ]
    if not faults:
        faults = _moved(figure, to_date_of(months), shut)
    missing = figure.full_year_pence - sum(months)
    if missing and not faults:
        what = "is still to be placed" if missing * figure.full_year_pence > 0 else "is too much"
        said = (
            f"The months add to {words(sum(months), 'gbp')}, the year's plan is "
            f"{words(figure.full_year_pence, 'gbp')}: {words(abs(missing), 'gbp')} {what}. "
            "Re-profiling keeps the year."
        )
        faults.append(Fault(said, "year", str(sum(months)), line.code))
    return faults


def _moved(figure: PlanFigure, after: _ToDate, shut: Mapping[int, str]) -> list[Fault]:
    """Months that stay as they are, and would not."""
    before = figure.to_date_pence or [None] * LAST_MONTH
    new = after or [None] * LAST_MONTH
    faults = []
    for month, state in sorted(shut.items()):
        if before[:month][-2:] == new[:month][-2:]:  # the month, and the one that it starts from
            continue
        said = f"Month {month} was {state}, so its plan stays. Put the change into later months."
        if None in before[:month]:
            said = (
                f"Month {month} was {state} without a plan to date. Ask the system's "
                "administrator to record the months."
            )
        faults.append(Fault(said, f"month_{month}", "", figure.line.code))
    return faults


def _figures(write: Writing, plan: Plan, codes: Sequence[str]) -> dict[str, PlanFigure]:
    """The plan's figures by line; Http404 where the person may not re-profile them."""
    lines = Line.objects.filter(slice=write.slice, code__in=codes).select_related("partner")
    partners = {line.partner_id: line.partner for line in lines}
    for partner in partners.values():
        if write.by is not None:
            require(write.by, Permission.REPROFILE, system=write.slice.system, partner=partner)
    figures = {
        figure.line.code: figure
        for figure in PlanFigure.objects.filter(plan=plan, line__in=lines).select_related("line")
    }
    twice = {code for code in codes if codes.count(code) > 1}
    faults = [
        Fault(f"'{code}' has no amount in this plan.", "line", code, code)
        for code in codes
        if code not in figures
    ] + [Fault("This line stands here twice.", "line", code, code) for code in sorted(twice)]
    if faults:
        raise Refused(faults)
    return figures


def _put(write: Writing, figures: Mapping[str, PlanFigure], wanted: _Wanted) -> Reprofiled:
    newer = [code for code, (_, seen) in wanted.items() if seen not in (ANY, figures[code].change)]
    if newer:
        said = "Somebody changed this line's months after you opened it. Compare the two."
        raise Conflict(
            [Fault(said, "revision", "", code) for code in newer],
            [_value_of(figures[code]) for code in newer],
        )
    changed = []
    for code, (to_date, _) in wanted.items():
        figure = figures[code]
        if figure.to_date_pence != to_date:
            figure.to_date_pence = to_date
            changed.append(figure)
    if changed:
        refuse_closed_year(write.slice)
        store_figures(write, changed)
    return Reprofiled(changed, write.change)


def _value_of(figure: PlanFigure) -> dict[str, Any]:
    """A figure as plain data."""
    return {
        "line": figure.line.code,
        "change": figure.change,
        "to_date_pence": figure.to_date_pence,
        "full_year_pence": figure.full_year_pence,
    }
