"""Causes of variances: said by those who know them, kept beside what they said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from esbt.kit.counts import Count
from esbt.kit.money import words
from esbt.kit.problems import Fault, Refused
from finance.models import Cause, Line, MonthlyReturn, VarianceCause
from finance.models.base import FIRST_MONTH, LAST_MONTH
from finance.models.rollups import State
from finance.queries.line_months import line_months
from finance.services.outturns import LARGEST_PENCE, why_shut
from finance.services.returns import refuse_closed_year
from schemes.models import Slice, User
from schemes.models.base import CODE_FORM
from schemes.people.permissions import Permission, require
from schemes.services.slices import NO_FIGURE, writing


@dataclass(frozen=True, kw_only=True)
class CauseSpec:
    """Of a line's variance to date so much is due to a cause; without a line: of the system's.

    ``pence`` is favourable-positive, None where the amount is not stated. Without a code the
    statement is a new one.
    """

    line: str
    month: int
    cause: str
    words: str
    pence: int | None = None
    code: str = ""
    withdrawn: bool = False
    evidence_id: int | None = None
    confirmed: bool = False  # its author says that more is meant than there is to explain
    row: int | str | None = None


_SAID = ("cause", "pence", "words", "withdrawn", "evidence_id")


def explain_variance(
    *,
    by: User | None,
    slice_id: int,
    specs: Sequence[CauseSpec],
    ask_when_implausible: bool = False,
    today: date | None = None,
) -> Count:
    """Add what variances are due to; a statement that stands already adds nothing.

    A person speaks for lines whose month is open, and for the whole system as its administrator;
    what documents say of closed months is loaded without one. Raises Refused with a fault a row
    (with code "confirm" for amounts that explain more than there is, if
    ``ask_when_implausible``), and Http404 for another partner's lines.
    """
    with writing(slice_id=slice_id, by=by, action="causes", from_month=NO_FIGURE) as write:
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice, code__in={spec.line for spec in specs}
            ).select_related("partner")
        }
        present = {
            item.code: item
            for item in VarianceCause.objects.filter(slice=write.slice).order_by("change")
        }
        faults = [fault for spec in specs for fault in _faults(spec, lines, present)]
        faults += _told_twice(specs)
        if faults:
            raise Refused(faults)
        if by is not None:
            _allow(by, write.slice, [lines.get(spec.line) for spec in specs])
            _refuse_shut(write.slice, specs, lines, today or timezone.localdate())
        if ask_when_implausible and (
            doubts := _doubts(write.slice, specs, lines, list(present.values()))
        ):
            raise Refused(doubts, code="confirm")
        count, made = Count(), []
        taken = set(present)
        for spec in specs:
            item = VarianceCause(
                slice=write.slice,
                code=spec.code or _new_code(spec, taken),
                line=lines.get(spec.line),
                month=spec.month,
                actor=by,
                **{name: getattr(spec, name) for name in _SAID},
            )
            taken.add(item.code)
            old = present.get(item.code)
            if old and all(getattr(old, name) == getattr(item, name) for name in _SAID):
                count.unchanged += 1
                continue
            count += Count(updated=1) if old else Count(created=1)
            item.change = write.draw()
            made.append(item)
        VarianceCause.objects.bulk_create(made)
        return count


def _faults(
    spec: CauseSpec, lines: Mapping[str, Line], present: Mapping[str, VarianceCause]
) -> list[Fault]:
    faults = []
    line = lines.get(spec.line)
    if spec.line and line is None:
        faults.append(Fault("This is not a line of the year.", "line", spec.line, spec.row))
    if not FIRST_MONTH <= spec.month <= LAST_MONTH:
        faults.append(Fault("Months run from 1 to 12.", "month", str(spec.month), spec.row))
    if spec.cause not in Cause.values:
        said = f"Causes are {', '.join(Cause.values)}."
        faults.append(Fault(said, "cause", spec.cause, spec.row))
    if not spec.words.strip():
        said = "Say in words what it was: the cause alone explains little."
        faults.append(Fault(said, "words", "", spec.row))
    if spec.pence is not None and abs(spec.pence) > LARGEST_PENCE:
        said = "This is larger than any amount can be."
        faults.append(Fault(said, "amount", str(spec.pence), spec.row))
    if spec.code and not CODE_FORM.fullmatch(spec.code):
        said = "Use small letters, digits and single hyphens."
        faults.append(Fault(said, "code", spec.code, spec.row))
    old = present.get(spec.code)
    if old and (old.line_id, old.month) != (line.pk if line else None, spec.month):
        said = "A statement keeps its line and month. Give another one another code."
        faults.append(Fault(said, "code", spec.code, spec.row))
    return faults


def _doubts(
    slice_: Slice,
    specs: Sequence[CauseSpec],
    lines: Mapping[str, Line],
    present: Sequence[VarianceCause],
) -> list[Fault]:
    """Amounts with which the causes of a line explain more than its variance, or its opposite."""
    faults = []
    for spec in specs:
        line = lines.get(spec.line)
        if line is None or not spec.pence or spec.withdrawn or spec.confirmed:
            continue
        own = Line.objects.filter(pk=line.pk)
        (found,) = line_months(slice_, own, state=State.PROVISIONAL, month=spec.month)
        variance = found.variance_pence
        explained = spec.pence + sum(
            item.pence or 0
            for item in present
            if (item.line_id, item.month) == (line.pk, spec.month)
            and item.code != spec.code
            and not item.withdrawn
        )
        if variance is None or (explained * variance >= 0 and abs(explained) <= abs(variance)):
            continue
        said = (
            f"The causes of {line.name} would explain {_size(explained, line)}, and its variance "
            f"is {_size(variance, line)}. Check the amount and its direction, or confirm it."
        )
        faults.append(Fault(said, "amount", str(spec.pence), spec.row))
    return faults


def _size(pence: int, line: Line) -> str:
    """A variance to the pound, in words."""
    sides = ("adverse", "favourable") if line.sense else ("below plan", "above plan")
    return f"{words(abs(pence), 'gbp')} {sides[pence > 0]}" if pence else "nothing"


def _told_twice(specs: Sequence[CauseSpec]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for spec in specs:
        if spec.code and spec.code in seen:
            faults.append(Fault("This code stands here twice.", "code", spec.code, spec.row))
        seen.add(spec.code)
    return faults


def _allow(by: User, slice_: Slice, lines: Sequence[Line | None]) -> None:
    if None in lines:
        require(by, Permission.MANAGE_SYSTEM, system=slice_.system)
    for partner in {line.partner for line in lines if line}:
        require(by, Permission.EXPLAIN_VARIANCE, system=slice_.system, partner=partner)


def _refuse_shut(
    slice_: Slice, specs: Sequence[CauseSpec], lines: Mapping[str, Line], today: date
) -> None:
    refuse_closed_year(slice_)
    states = {
        (item.partner_id, item.month): item.state
        for item in MonthlyReturn.objects.filter(slice=slice_)
    }
    for spec in specs:
        line = lines.get(spec.line)
        state = states.get((line.partner_id, spec.month)) if line else None
        shut = why_shut(slice_, spec.month, state, today)
        if shut:
            raise Refused([Fault(shut[1], "month", str(spec.month), spec.row)], code=shut[0])


def _new_code(spec: CauseSpec, taken: set[str]) -> str:
    """A code of its own for a statement: the month, the cause and a number."""
    number = 1
    while (code := f"month-{spec.month}-{spec.cause}-{number}") in taken:
        number += 1
    return code
