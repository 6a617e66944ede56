"""Plans: named versions, their figures, and which of them a year is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esbt.kit.counts import Count
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
from schemes.permissions import Permission, require
from schemes.services.slices import Writing, writing


@dataclass(frozen=True, kw_only=True)
class PlanEntry:
    """A line's figure in a plan: the year, and the amounts of the twelve months where known."""

    line: str
    full_year_pence: int
    months: Sequence[int] | None = None  # in month, April first; they add to the year
    basis: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


def save_plan(*, by: User | None, slice_id: int, code: str, name: str) -> Plan:
    """Create a plan version of a year, or rename it."""
    with writing(slice_id=slice_id, by=by, action="plan") as write:
        _allow(by, write.slice)
        plan, _ = Plan.objects.update_or_create(
            slice=write.slice, code=code, defaults={"name": name}
        )
        return plan


def choose_headline(*, by: User | None, slice_id: int, plan: Plan) -> bool:
    """Compare the year with this plan from now on. False when it already was the one."""
    with writing(slice_id=slice_id, by=by, action="headline plan") as write:
        _allow(by, write.slice)
        last = HeadlineChoice.objects.filter(slice=write.slice).order_by("-change").first()
        if last and last.plan_id == plan.pk:
            return False
        HeadlineChoice.objects.create(slice=write.slice, plan=plan, change=write.draw())
        return True


def record_plan(
    *, by: User | None, slice_id: int, plan: Plan, entries: Sequence[PlanEntry]
) -> Count:
    """Record figures of a plan; each change is a new revision.

    Raises Refused with a fault a row for unknown lines, months that do not add to the year, or a
    profile that changes in closed months; and for any change in a closed year.
    """
    with writing(slice_id=slice_id, by=by, action="plan figures") as write:
        _allow(by, write.slice)
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, code__in=[entry.line for entry in entries]
            )
        }
        faults = [fault for entry in entries for fault in _faults(entry, lines)]
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
                to_date_pence=_to_date(entry.months),
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
            _store(write, changed)
        return count


_VALUES = ("full_year_pence", "to_date_pence", "basis", "evidence_id")


def _store(write: Writing, figures: list[PlanFigure]) -> None:
    change = write.draw()
    for figure in figures:
        figure.change = change
    PlanFigure.objects.bulk_create(
        figures,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["plan", "line"],
        update_fields=["full_year_pence", "to_date_pence", "basis", "evidence", "change"],
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


def _to_date(months: Sequence[int] | None) -> list[int] | None:
    if months is None:
        return None
    return [sum(months[: month + 1]) for month in range(LAST_MONTH)]


def _faults(entry: PlanEntry, lines: dict[str, Line]) -> list[Fault]:
    if entry.line not in lines:
        return [Fault(f"'{entry.line}' is not a line of this year.", "line", entry.line, entry.row)]
    if entry.months is None:
        return []
    if len(entry.months) != LAST_MONTH:
        return [Fault("A profile has twelve months.", "months", "", entry.row)]
    if sum(entry.months) != entry.full_year_pence:
        return [
            Fault(
                f"The twelve months add to {sum(entry.months)} pence, the year is "
                f"{entry.full_year_pence}. Correct one of them.",
                "full_year",
                str(entry.full_year_pence),
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
                str(entry.months[outside[0] - 1]),
                entry.row,
            )
        ]
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
    before, after = [0, *old.to_date_pence], [0, *new.to_date_pence]
    return [
        Fault(
            f"Month {month} is closed; spread the change over the open months.",
            f"month_{month}",
            str(after[month] - after[month - 1]),
            entry.row,
        )
        for month in closed
        if 1 <= month <= LAST_MONTH
        and after[month] - after[month - 1] != before[month] - before[month - 1]
    ]


def _allow(by: User | None, slice_: Slice) -> None:
    if by is not None:
        require(by, Permission.MANAGE_SYSTEM, system=slice_.system)
