"""Agreeing by when months are submitted, approved and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esbt.kit.problems import Fault, Refused
from finance.models import Deadline
from finance.models.base import AUDITED
from finance.models.timetables import EVERY_MONTH
from finance.queries.timetable import timetables
from schemes.models import User
from schemes.people.permissions import Permission, require
from schemes.services.slices import NO_FIGURE, writing

MOST_DAYS = 250  # the final accounts may be audited in the winter


@dataclass(frozen=True, kw_only=True)
class DeadlineSpec:
    """Working days after a month's end; month 0 is every month without days of its own.

    All three empty: the month goes by month 0 again.
    """

    month: int
    submit_days: int | None
    approve_days: int | None
    close_days: int | None


def set_deadlines(*, by: User | None, slice_id: int, specs: Sequence[DeadlineSpec]) -> int:
    """Agree deadlines; how many months were changed. Raises Refused with a fault a month.

    Raises Http404 for those who do not close months.
    """
    action = "timetable"
    with writing(slice_id=slice_id, by=by, action=action, from_month=NO_FIGURE) as write:
        if by is not None:
            require(by, Permission.CLOSE_MONTH, system=write.slice.system)
        faults = [fault for spec in specs for fault in _faults(spec)]
        if faults:
            raise Refused(faults)
        present = timetables([write.slice])[write.slice.pk].days
        changed = [spec for spec in specs if _days(spec) != present.get(spec.month)]
        Deadline.objects.bulk_create(
            Deadline(slice=write.slice, change=write.draw(), actor=by, **vars(spec))
            for spec in changed
        )
        return len(changed)


def _days(spec: DeadlineSpec) -> tuple[int, int, int] | None:
    days = (spec.submit_days, spec.approve_days, spec.close_days)
    return None if None in days else days  # type: ignore[return-value]


def _faults(spec: DeadlineSpec) -> list[Fault]:
    days = (spec.submit_days, spec.approve_days, spec.close_days)
    month = str(spec.month)
    if not EVERY_MONTH <= spec.month <= AUDITED:
        return [Fault("Choose every month, or one.", "month", month, spec.month)]
    if days == (None, None, None):
        return []
    stated = [number for number in days if number is not None]
    if len(stated) < len(days):
        return [Fault("Give all three numbers of days, or none.", "days", "", spec.month)]
    if stated != sorted(stated) or stated[0] < 1 or stated[-1] > MOST_DAYS:
        said = (
            f"Days run from 1 to {MOST_DAYS}, and a month is submitted, then approved, then closed."
        )
        return [Fault(said, "days", ", ".join(map(str, stated)), spec.month)]
    return []
