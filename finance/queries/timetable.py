"""By when each month of a year is submitted, approved and closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from esbt.kit.working_days import working_day
from finance.models import Deadline
from finance.models.base import AUDITED
from finance.models.timetables import EVERY_MONTH
from finance.months import month_ends
from schemes.models import Slice


@dataclass(frozen=True, slots=True)
class Dates:
    """The last days on which a month is submitted, approved and closed in time."""

    submit: date
    approve: date
    close: date


@dataclass(frozen=True, slots=True)
class Timetable:
    """The deadlines of a year as agreed: working days by month, 0 being every other month."""

    slice: Slice
    days: Mapping[int, tuple[int, int, int]]

    def days_of(self, month: int) -> tuple[int, int, int] | None:
        """Working days after a month's end; the final accounts go by their own row alone."""
        usual = None if month == AUDITED else self.days.get(EVERY_MONTH)
        return self.days.get(month, usual)

    def of(self, month: int) -> Dates | None:
        """A month's deadlines; None where none are agreed."""
        days = self.days_of(month)
        if days is None:
            return None
        end = month_ends(self.slice, month)
        return Dates(*(working_day(end, number) for number in days))


def timetables(slices: Iterable[Slice]) -> dict[int, Timetable]:
    """The timetable of each year, without months where none is agreed: one query."""
    own = {slice_.pk: slice_ for slice_ in slices}
    days: dict[int, dict[int, tuple[int, int, int]]] = {pk: {} for pk in own}
    for slice_id, month, *numbers in (
        Deadline.objects.filter(slice__in=own)
        .order_by("change")
        .values_list("slice", "month", "submit_days", "approve_days", "close_days")
    ):
        submit, approve, close = numbers
        if submit is None or approve is None or close is None:
            days[slice_id].pop(month, None)
        else:
            days[slice_id][month] = (submit, approve, close)
    return {pk: Timetable(own[pk], found) for pk, found in days.items()}
