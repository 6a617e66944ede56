"""Where something that is due stands as of a date, and what its due date was before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import timezone

from esbt.kit.when import last_day, when_words
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

    @property
    def words(self) -> str:
        """The move in words: from April 2021 to April 2022."""
        return f"from {_said(self.before)} to {_said(self.after)}"

    @property
    def days(self) -> int | None:
        """By how many days it moved, later being positive; None where a date is not stated."""
        if not (self.before and self.after):
            return None
        return (last_day(self.after) - last_day(self.before)).days


def slips_of(table: str, rows: Collection[int]) -> Mapping[int, list[Slip]]:
    """The moves of due dates of rows of a table, the first one first: one query."""
    found: dict[int, list[Slip]] = {}
    before: dict[int, str] = {}
    versions = (
        RowVersion.objects.filter(table=table, row__in=rows)
        .select_related("actor")
        .defer("values")
        .annotate(due=models.F("values__due"))
        .order_by("at", "pk")
    )
    for version in versions:
        due = version.due or ""
        if before.setdefault(version.row, due) != due:
            who = str(version.actor) if version.actor else "Loaded from a data package"
            slip = Slip(version.at, who, before[version.row], due)
            found.setdefault(version.row, []).append(slip)
        before[version.row] = due
    return found


def _said(when: str) -> str:
    return when_words(when) if when else "no date"
