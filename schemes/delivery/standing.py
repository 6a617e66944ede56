"""Where something that is due stands as of a date, and what its due date was before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from esbt.kit.when import first_day, last_day, when_words
from esbt.kit.words import number
from schemes.models import RowVersion


class Standing(models.TextChoices):
    """Where it stands; a pointer to other actions is none itself."""

    OVERDUE = "overdue", "Overdue"
    DUE = "due", "Due later"
    ONGOING = "ongoing", "Ongoing"
    DONE = "done", "Done"
    UNDATED = "undated", "No date stated"
    STOPPED = "stopped", "Stopped"
    POINTER = "pointer", "Points to others"


def standing_of(due: str, as_of: date, *, status: str = "", done: str = "") -> Standing:
    """Where something stands that is due and done, or stopped, at dates of any precision.

    It is overdue from the day after the last that its due date can mean, and done or stopped from
    the last that the day of this can mean, or from today where that is still to come. Stopped on a
    day that is not stated, it always was.
    """
    over = not done or min(last_day(done), timezone.localdate()) <= as_of
    if status == "stopped" and over:
        return Standing.STOPPED
    if status in ("", "done") and done and over:
        return Standing.DONE
    if not due:
        return Standing.UNDATED
    return Standing.OVERDUE if last_day(due) < as_of else Standing.DUE


def days_over(due: str, standing: Standing, as_of: date) -> int | None:
    """Days since the last on which it would have been in time; None where it is not overdue."""
    return (as_of - last_day(due)).days if standing == Standing.OVERDUE else None


def over_words(days: int | None) -> str:
    """For how long something is overdue: days at first, then whole months, then whole years."""
    if days is None:
        return ""
    size, unit = (1, "day") if days < 100 else (30.44, "month") if days < 731 else (365.25, "year")
    count = int(days / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def comes_later(due: str, other: str, standing: Standing) -> bool:
    """Whether what has to come first is due after what waits for it, or never will be reached.

    ``due`` is of what waits, ``other`` and ``standing`` of what has to come first.
    """
    if standing in (Standing.DONE, Standing.STOPPED):
        return standing == Standing.STOPPED
    return bool(due and other) and last_day(other) > last_day(due)


def some_overdue(overdue: int, total: int, what: str, as_of: date) -> str:
    """How many of all are overdue: "2 of 6 live actions are overdue as of 1 August 2018"."""
    are = "are" if overdue > 1 else "is"
    return f"{overdue or 'None'} of {total} {what} {are} overdue as of {as_of.day} {as_of:%B %Y}"


def counted_words(count: int) -> str:
    """A count that stands alone: none, one, 16."""
    return number(count) if count else "none"


@dataclass(frozen=True, slots=True)
class Slip:
    """One move of a due date: "" is no date."""

    at: datetime
    who: str
    before: str
    after: str
    why: str = ""  # "" is not stated

    @property
    def words(self) -> str:
        """The move in words: from April 2021 to April 2022."""
        return f"from {_said(self.before)} to {_said(self.after)}"

    @property
    def days(self) -> int | None:
        """By how many days it moved, later being positive; None unless both dates are days."""
        if not (self.before and self.after) or _months(self.before) or _months(self.after):
            return None
        return (last_day(self.after) - last_day(self.before)).days

    @property
    def by(self) -> str:
        """By how much it moved, no finer than the coarser of its dates: "five months later".

        "" where a date is not stated, or both stand in the same month, quarter or year.
        """
        if not (self.before and self.after):
            return ""
        size = max(_months(self.before), _months(self.after))
        if size:
            year = "FY" in self.before + self.after
            moved = _place(self.after, size, year) - _place(self.before, size, year)
        else:
            moved = self.days or 0
        unit = {0: "day", 1: "month", 3: "quarter", 12: "year"}[size]
        plural = "s" if abs(moved) > 1 else ""
        later = "later" if moved > 0 else "earlier"
        return f"{number(abs(moved))} {unit}{plural} {later}" if moved else ""


def _months(when: str) -> int:
    """How many months a date leaves open; 0 for a day."""
    days = (last_day(when) - first_day(when)).days + 1
    return 0 if days == 1 else 1 if days <= 31 else 3 if days <= 92 else 12


def _place(when: str, size: int, financial: bool) -> int:
    """Which month, quarter or year a date lies in, counted from the year 0."""
    day = first_day(when)
    shift = 3 if financial and size == 12 else 0
    return (day.year * 12 + day.month - 1 - shift) // size


def slips_of(table: str, rows: Collection[int]) -> Mapping[int, list[Slip]]:
    """The moves of due dates of rows of a table, the first one first: one query."""
    found: dict[int, list[Slip]] = {}
    before: dict[int, str] = {}
    versions = (
        RowVersion.objects.filter(table=table, row__in=rows)
        .select_related("actor")
        .defer("values")
        .annotate(due=models.F("values__due"), why=models.F("values__moved_because"))
        .order_by("at", "pk")
    )
    for version in versions:
        due = version.due or ""
        if before.setdefault(version.row, due) != due:
            who = str(version.actor) if version.actor else "Loaded from a data package"
            slip = Slip(version.at, who, before[version.row], due, version.why or "")
            found.setdefault(version.row, []).append(slip)
        before[version.row] = due
    return found


def _said(when: str) -> str:
    return when_words(when) if when else "no date"
