"""Where something that is due stands as of a date, and what its due date was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject
from django.utils import timezone

from esbt.kit.when import first_day, last_day, when_words
from esbt.kit.words import number
from schemes.models import RowVersion

M = TypeVar("M", bound=models.Model)


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


@dataclass(frozen=True, slots=True)
class Stood(Generic[M]):
    """A row as it stood on a day, and the moves of its due date by then, the first one first."""

    row: M
    slips: Sequence[Slip]


def _months(when: str) -> int:
    """How many months a date leaves open; 0 for a day."""
    days = (last_day(when) - first_day(when)).days + 1
    return 0 if days == 1 else 1 if days <= 31 else 3 if days <= 92 else 12


def _place(when: str, size: int, financial: bool) -> int:
    """Which month, quarter or year a date lies in, counted from the year 0."""
    day = first_day(when)
    shift = 3 if financial and size == 12 else 0
    return (day.year * 12 + day.month - 1 - shift) // size


def stood_on(found: models.QuerySet[M], day: date, report: tuple[str, ...] = ()) -> list[Stood[M]]:
    """Rows in their order as they stood on a day, in the one query of the rows.

    A due date holds from the day on which it was moved; the first one that is known held before.
    What a package says without a reason puts right what stood there, for the same days. ``report``
    names what is reported, the day of being done first: of what was not done by the day it is as
    it had been recorded by then. Rows are copies where they stood otherwise, never to be saved.
    """
    versions = RowVersion.objects.filter(
        table=found.model._meta.model_name, row=models.OuterRef("pk")
    ).order_by("at", "pk")
    said = {name: f"values__{name}" for name in ("due", "ongoing", "moved_because", *report)}
    who = {name: f"actor__{name}" for name in ("username", "first_name", "last_name")}
    told = versions.values(json=JSONObject(at="at", **who, **said))
    return [
        _stood(row, vars(row).pop("_told"), day, report)
        for row in found.annotate(_told=ArraySubquery(told))
    ]


def _stood(
    row: M, told: Sequence[Mapping[str, Any]], day: date, report: tuple[str, ...]
) -> Stood[M]:
    slips: list[Slip] = []
    changed: dict[str, Any] = {}
    for before, state in pairwise(told):
        if (_due(state), state["ongoing"]) == (_due(before), before["ongoing"]):
            continue
        by, why = _by(state), state["moved_because"] or ""
        if not by and why == before["moved_because"]:
            why = ""  # a package that does not say anew why
        if (by or why) and _day(state) > day:
            changed = {"due": _due(before), "ongoing": bool(before["ongoing"])}
            break
        if _due(state) != _due(before):
            who = by or "Loaded from a data package"
            at = datetime.fromisoformat(state["at"])
            slips.append(Slip(at, who, _due(before), _due(state), why))
    if report and not _over(row, report[0], day):
        by_then = next((state for state in reversed(told) if _day(state) <= day), {})
        known = {} if by_then.get(report[0]) else by_then
        changed |= {name: known.get(name) or "" for name in report}
    differs = {name: said for name, said in changed.items() if getattr(row, name, said) != said}
    if differs:
        row = copy(row)
        for name, said in differs.items():
            setattr(row, name, said)
    return Stood(row, slips)


def _over(row: models.Model, name: str, day: date) -> bool:
    """Whether what is reported of a row is of a day: done or stopped by then, or on no day."""
    done = getattr(row, name)
    if not done:
        return day >= timezone.localdate() or getattr(row, "status", "") == "stopped"
    return min(last_day(done), timezone.localdate()) <= day


def _due(state: Mapping[str, Any]) -> str:
    return state["due"] or ""


def _day(state: Mapping[str, Any]) -> date:
    """The day on which a state was recorded."""
    return timezone.localtime(datetime.fromisoformat(state["at"])).date()


def _by(state: Mapping[str, Any]) -> str:
    """Who recorded a state; "" for a package."""
    name = f"{state['first_name'] or ''} {state['last_name'] or ''}".strip()
    return name or state["username"] or ""


def moved_words(slips: Sequence[Slip]) -> str:
    """From when a due date moved: "moved from August 2026"; "" where it stands as it was first."""
    if not slips or slips[0].before in ("", slips[-1].after):
        return ""
    return f"moved from {when_words(slips[0].before)}"


def _said(when: str) -> str:
    return when_words(when) if when else "no date"
