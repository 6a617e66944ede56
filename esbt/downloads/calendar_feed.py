"""What is due as an iCalendar file (RFC 5545), for calendar programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from esbt.pages.calendar import OPEN, Due, Kind

REFRESH = timedelta(hours=12)


def calendar_file(
    name: str, found: Iterable[Due], *, host: str, at: datetime, absolute: Callable[[str], str]
) -> bytes:
    """The file: what is still open, deadlines and meetings, each on one whole day.

    What is due in a month stands on its last day and says so. ``host`` makes its names unique,
    ``absolute`` makes an address of this site whole, ``at`` is when it was made.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//ESBT//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for due in found:
        if due.standing is None or due.standing in OPEN:
            calendar.add_component(_event(due, host, at, absolute))
    return bytes(calendar.to_ical())


def _event(due: Due, host: str, at: datetime, absolute: Callable[[str], str]) -> Event:
    event = Event()
    event.add("uid", f"{due.kind}-{due.key}@{host}")
    event.add("dtstamp", at)
    event.add("dtstart", due.on)
    summary = due.name if due.kind == Kind.MEETING else f"{due.kind.label}: {due.name}"
    event.add("summary", summary if due.exact else f"{summary} ({due.words})")
    told = [due.words[:1].upper() + due.words[1:], due.who, due.body_name]
    event.add("description", ". ".join(part for part in told if part))
    event.add("categories", [str(due.kind.label)])
    event.add("transp", "TRANSPARENT")  # nobody is busy all day because of it
    if due.href:
        event.add("url", absolute(due.href))
    return event
