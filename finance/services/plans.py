"""Plans: named versions, their figures, and which of them a year is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from esbt.kit.counts import Count
from esbt.kit.money import words
from esbt.kit.problems import Fault, Refused
from finance.models import (
    HeadlineChoice,
    Line,
    MonthlyReturn,
    Plan,
    PlanFigure,
    PlanRevision,
)
from finance.models.base import LAST_MONTH
from finance.models.outturns import ReturnState
from finance.services.returns import refuse_closed_year
from schemes.models import Slice, User
from schemes.models.base import CODE_FORM
from schemes.people.permissions import Permission, require
from schemes.services.slices import Writing, writing


@dataclass(frozen=True, kw_only=True)
class PlanEntry:
    """A line's figure in a plan: the year, and the amounts of the twelve months where known."""

    line: str
    full_year_pence: int
    months: Sequence[int] | None = None  # in month, April first; they add to the year
    to_date: Mapping[int, int] | None = None  # instead, by month, where only some are stated
    gross_pence: int | None = None
    investment_pence: int | None = None
    full_year_effect_pence: int | None = None
    basis: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


def save_plan(*, by: User | None, slice_id: int, code: str, name: str, reason: str = "") -> Plan:
    """Create a plan version of a year, or rename it; ``reason`` says why the version exists."""
    with writing(slice_id=slice_id, by=by, action="plan") as write:
        _allow(by, write.slice)
        plan, _ = Plan.objects.update_or_create(
            slice=write.slice, code=code, defaults={"name": name, "reason": reason}
        )
        return plan


def copy_plan(
    *,
    by: User | None,
    slice_id: int,
    plan: Plan | None,
    code: str,
    name: str,
    reason: str,
    headline: bool = False,
) -> Plan:
    """Make a version of a year's plan with the figures of an existing one, or without any.

    With ``headline`` the year is compared with it from then on. Raises Refused without a name or
    reason, for a code that the year has, and in a closed year.
    """
    with writing(slice_id=slice_id, by=by, action="plan version", reason=reason) as write:
        _allow(by, write.slice)
        refuse_closed_year(write.slice)
        faults = []
        if not CODE_FORM.fullmatch(code):
            faults.append(Fault("Give the version a name, such as Revised plan.", "name", name))
        elif Plan.objects.filter(slice=write.slice, code=code).exists():
            faults.append(
                Fault("The year has a version of this name. Name it apart.", "name", name)
            )
        if not reason.strip():
            faults.append(Fault("Say why there is a new version.", "reason"))
        if faults:
            raise Refused(faults)
        write.draw()
        made = Plan.objects.create(slice=write.slice, code=code, name=name, reason=reason)
        if headline:
            HeadlineChoice.objects.create(slice=write.slice, plan=made, change=write.draw())
        figures = list(PlanFigure.objects.filter(plan=plan, plan__slice=write.slice))
        for figure in figures:
            figure.pk, figure.plan = None, made
        if figures:
            store_figures(write, figures)
        return made


def choose_headline(*, by: User | None, slice_id: int, plan: Plan, reason: str = "") -> bool:
    """Compare the year with this plan from now on. False when it already was the one.

    A person says why: raises Refused without a reason, and in a closed year.
    """
    with writing(slice_id=slice_id, by=by, action="headline plan", reason=reason) as write:
        _allow(by, write.slice)
        if by is not None:
            refuse_closed_year(write.slice)
            if not reason.strip():
                said = "Say why: every page of the year is compared with this plan from now on."
                raise Refused([Fault(said, "reason")])
        last = HeadlineChoice.objects.filter(slice=write.slice).order_by("-change").first()
        if last and last.plan_id == plan.pk:
            return False
        HeadlineChoice.objects.create(slice=write.slice, plan=plan, change=write.draw())
        return True


def record_plan(
    *,
    by: User | None,
    slice_id: int,
    plan: Plan,
    entries: Sequence[PlanEntry],
    reason: str = "",
) -> Count:
    """Record figures of a plan; each change is a new revision, with the reason given.

    Raises Refused with a fault a row for unknown lines, months that do not add to the year, or a
    profile that changes in closed months; and for any change in a closed year.
    """
    with writing(slice_id=slice_id, by=by, action="plan figures", reason=reason) as write:
        _allow(by, write.slice)
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, code__in=[entry.line for entry in entries]
            )
        }
        faults = [fault for entry in entries for fault in plan_faults(entry, lines)]
        faults += _told_twice(entries)
        if faults:
            raise Refused(faults)
        present = {
            figure.line_id: figure
            for figure in PlanFigure.objects.filter(plan=plan, line__in=lines.values())
        }
        shut = _closed_months(write.slice)
        changed = []
        count = Count()
        for entry in entries:
            figure = PlanFigure(
                plan=plan,
                line=lines[entry.line],
                full_year_pence=entry.full_year_pence,
                to_date_pence=_to_date(entry),
                gross_pence=entry.gross_pence,
                investment_pence=entry.investment_pence,
                full_year_effect_pence=entry.full_year_effect_pence,
                basis=entry.basis,
                evidence_id=entry.evidence_id,
            )
            old = present.get(figure.line_id)
            if old and all(getattr(old, name) == getattr(figure, name) for name in _VALUES):
                count.unchanged += 1
            else:
                faults += _moved_closed_months(entry, figure, old, shut)
                changed.append(figure)
                count = count + (Count(updated=1) if old else Count(created=1))
        if faults:
            raise Refused(faults, code="closed")
        if changed:
            refuse_closed_year(write.slice)
            store_figures(write, changed)
        return count


_VALUES = (
    "full_year_pence",
    "to_date_pence",
    "gross_pence",
    "investment_pence",
    "full_year_effect_pence",
    "basis",
    "evidence_id",
)


def store_figures(write: Writing, figures: list[PlanFigure]) -> None:
    """Put figures in the place of those that stand, each with its revision."""
    change = write.draw()
    for figure in figures:
        figure.change = change
    PlanFigure.objects.bulk_create(
        figures,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["plan", "line"],
        update_fields=[*_VALUES, "change"],
    )
    PlanRevision.objects.bulk_create(
        [
            PlanRevision(
                plan_id=figure.plan_id,
                line_id=figure.line_id,
                change=change,
                **{name: getattr(figure, name) for name in _VALUES},
            )
            for figure in figures
        ],
        batch_size=2000,
    )


def _to_date(entry: PlanEntry) -> list[int | None] | None:
    """The profile as it accumulates; None without one, and within it for months not stated."""
    if entry.months is not None:
        return [sum(entry.months[: month + 1]) for month in range(LAST_MONTH)]
    if not entry.to_date:
        return None
    stated = {**entry.to_date, LAST_MONTH: entry.full_year_pence}
    return [stated.get(month) for month in range(1, LAST_MONTH + 1)]


def plan_faults(entry: PlanEntry, lines: Mapping[str, Line]) -> list[Fault]:
    """Why a figure cannot be recorded for one of the year's lines, by code."""
    if entry.line not in lines:
        return [Fault(f"'{entry.line}' is not a line of this year.", "line", entry.line, entry.row)]
    gross, investment = entry.gross_pence, entry.investment_pence
    if None not in (gross, investment) and entry.full_year_pence != gross - investment:  # type: ignore[operator]
        return [
            Fault(
                f"The gross saving of {words(gross, 'gbp')} less an investment of "
                f"{words(investment, 'gbp')} is not the year's "
                f"{words(entry.full_year_pence, 'gbp')}. Correct one of them.",
                "full_year",
                words(entry.full_year_pence, "gbp"),
                entry.row,
            )
        ]
    if entry.to_date is not None:
        return _faults_to_date(entry, entry.to_date)
    if entry.months is None:
        return []
    if len(entry.months) != LAST_MONTH:
        return [Fault("A profile has twelve months.", "months", "", entry.row)]
    if sum(entry.months) != entry.full_year_pence:
        return [
            Fault(
                f"The twelve months add to {words(sum(entry.months), 'gbp')}, the year is "
                f"{words(entry.full_year_pence, 'gbp')}. Correct one of them.",
                "full_year",
                words(entry.full_year_pence, "gbp"),
                entry.row,
            )
        ]
    line = lines[entry.line]
    outside = [m for m, pence in enumerate(entry.months, 1) if pence and m not in line.months]
    if outside:
        return [
            Fault(
                f"The line runs from month {line.first_month} to {line.last_month}; month "
                f"{outside[0]} cannot have a plan.",
                f"month_{outside[0]}",
                words(entry.months[outside[0] - 1], "gbp"),
                entry.row,
            )
        ]
    return []


def _faults_to_date(entry: PlanEntry, to_date: Mapping[int, int]) -> list[Fault]:
    if entry.months is not None:
        said = "Give the plan in each month or to date, not both."
        return [Fault(said, "to_date_12", "", entry.row)]
    last = to_date.get(LAST_MONTH, entry.full_year_pence)
    if last != entry.full_year_pence:
        said = f"The plan to date in month 12 is the year's, {words(entry.full_year_pence, 'gbp')}."
        return [Fault(said, "to_date_12", words(last, "gbp"), entry.row)]
    return []


def _told_twice(entries: Sequence[PlanEntry]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for entry in entries:
        if entry.line in seen:
            faults.append(Fault("This line stands here twice.", "line", entry.line, entry.row))
        seen.add(entry.line)
    return faults


def _closed_months(slice_: Slice) -> dict[int, set[int]]:
    """Closed months by partner: there the profile of a plan stays as it was."""
    months: dict[int, set[int]] = {}
    for partner, month in MonthlyReturn.objects.filter(
        slice=slice_, state=ReturnState.CLOSED
    ).values_list("partner", "month"):
        months.setdefault(partner, set()).add(month)
    return months


def _moved_closed_months(
    entry: PlanEntry, new: PlanFigure, old: PlanFigure | None, shut: dict[int, set[int]]
) -> list[Fault]:
    closed = sorted(shut.get(new.line.partner_id, set()))
    if old is None or old.to_date_pence is None or not closed:
        return []
    if new.to_date_pence is None:
        message = f"Month {closed[0]} is closed, so the plan keeps its months. Give all twelve."
        return [Fault(message, "months", "", entry.row)]
    before, after = in_month(old.to_date_pence), in_month(new.to_date_pence)
    return [
        Fault(
            f"Month {month} is closed; spread the change over the open months.",
            f"month_{month}",
            words(after[month], "gbp"),
            entry.row,
        )
        for month in closed
        if 1 <= month <= LAST_MONTH and before[month] not in (None, after[month])
    ]


def in_month(to_date: Sequence[int | None]) -> dict[int, int | None]:
    """What a profile plans in each month; None where it or the month before is not stated."""
    whole = [0, *to_date]
    return {
        month: None if now is None or then is None else now - then
        for month, (then, now) in enumerate(pairwise(whole), 1)
    }


def _allow(by: User | None, slice_: Slice) -> None:
    if by is not None:
        require(by, Permission.MANAGE_SYSTEM, system=slice_.system)
