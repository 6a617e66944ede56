"""A moment that somebody asks about, and the change that was the last one then: for pages and API.

Bare dates mean the end of that day where figures are asked for "as at" it, in local time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import urlencode

from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from schemes.models import Change, Slice

PARAMETER = "as_at"
REMEDY = "Write a date or time as 2018-07-17 or 2018-07-17T09:00Z."


def moment(text: str, *, field: str = PARAMETER, starts: bool = False) -> datetime:
    """An ISO date or time as a local moment; a bare date is the end of that day, local time.

    With ``starts`` it is that day's beginning. Raises Refused when it is neither.
    """
    timed = "T" in text.upper()
    try:
        # a plus sign that nobody escaped arrives as a space
        value = datetime.fromisoformat(text.strip().replace(" ", "+") if timed else text)
        if not timed and " " not in text:
            value = datetime.combine(value.date(), time.min if starts else time.max)
        if timezone.is_naive(value):
            value = timezone.make_aware(value)
        return timezone.localtime(value.astimezone(UTC))
    except (ValueError, OverflowError):  # the calendar's first and last day have no time zone
        raise Refused([Fault(REMEDY, field, text)]) from None


def as_change(slice_: Slice, at: datetime) -> int:
    """The last change that had been made at a moment; 0 before the first."""
    return (
        Change.objects.filter(slice=slice_, at__lte=at)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
        or 0
    )


@dataclass(frozen=True, slots=True)
class AsAt:
    """What a page's address asks for: a moment with its change, or now, where ``at`` is None."""

    text: str = ""  # as the address has it; empty for now, and for what is no moment
    at: datetime | None = None
    change: int | None = None  # the ceiling of queries
    fault: str = ""  # what is wrong with the address, in words

    @property
    def words(self) -> str:
        """The moment as people write it: "17 July 2018, 23:59"."""
        return f"{self.at.day} {self.at:%B %Y, %H:%M}" if self.at else ""

    @property
    def day(self) -> str:
        """The moment's day as a date field wants it."""
        return self.at.date().isoformat() if self.at else ""

    @property
    def coming(self) -> bool:
        """Whether the moment has yet to come, so that more may be known by then."""
        return self.at is not None and self.at > timezone.now()

    @property
    def query(self) -> str:
        """The part of an address that keeps the moment: "as_at=2018-07-17", or ""."""
        return urlencode({PARAMETER: self.text}) if self.text else ""


NOW = AsAt()


def as_at_of(slice_: Slice, text: str) -> AsAt:
    """What a text asks of a slice's figures; what is no moment is now, with the fault in words."""
    text = text.strip()
    if not text:
        return NOW
    try:
        at = moment(text)
    except Refused as refused:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        return AsAt(fault=f"'{shown}' is not a moment. {refused.faults[0].message}")
    return AsAt(text, at, as_change(slice_, at))


def keeps(text: str) -> bool:
    """Whether a text names a moment, so that links may keep it."""
    try:
        moment(text.strip())
    except Refused:
        return False
    return True
