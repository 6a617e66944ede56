"""The day on which something was done or stopped: what is refused about it."""

from __future__ import annotations

from django.utils import timezone

from esbt.kit.problems import Fault
from esbt.kit.when import first_day

_OVER = ("", "done", "stopped")


def ending_faults(
    status: str, on: str, field: str, row: int | str | None = None, *, asked: bool = True
) -> list[Fault]:
    """What is wrong with a status and the day that goes with it, as faults of ``field``.

    A day that has not come yet, a day of something that goes on, and, where it is ``asked`` for,
    none of something stopped: without it, it would never have been due. ``on`` is as precise as it
    is known; what is done without a day is refused by those who know what to call it.
    """
    if not on:
        said = "Say since when it is stopped, so that it stays due on the days before."
        return [Fault(said, field, "", row)] if status == "stopped" and asked else []
    if status not in _OVER:
        said = "By its status this goes on: take the day out, or choose Done or Stopped."
        return [Fault(said, field, on, row)]
    if first_day(on) > timezone.localdate():
        said = "This day has not come yet. Write the day on which it happened, or leave it out."
        return [Fault(said, field, on, row)]
    return []
