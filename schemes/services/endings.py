"""How something ends, done or stopped, and on which day: what is refused or asked about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from esbt.kit.when import due_words, first_day, is_when, last_day
from esbt.kit.words import in_a_list
from schemes.models import Action, ActionLink, ActionPlan

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


def begun_faults(status: str, on: str, agreed: str, row: int | str | None = None) -> list[Fault]:
    """The fault of a day of being done or stopped that lies before the plan was agreed, if any.

    Both keep their precision; "" is not stated.
    """
    if status not in _OVER or not (is_when(on) and is_when(agreed)):
        return []
    if last_day(on) >= first_day(agreed):
        return []
    day = due_words(agreed).removeprefix("due ")
    said = f"The plan was agreed {day}: nothing of it was over before. Write a later day."
    return [Fault(said, "done_on", on, row)]


def ask_before_done(still_open: Sequence[str]) -> None:
    """Raise Refused with the code "confirm" where something waits for what is still open."""
    if still_open:
        are = "is" if len(still_open) == 1 else "are"
        said = f"It waits for {in_a_list(still_open)}, which {are} open still. Is it done already?"
        raise Refused([Fault(said)], code="confirm")


def open_needs(actions: Sequence[int]) -> list[str]:
    """What actions, by their ids, wait for and is still open, in words: one query."""
    links = ActionLink.objects.filter(
        action__in=actions, kind=ActionLink.Kind.NEEDS, other__pointer=False
    ).exclude(other__status__in=(Action.Status.DONE, Action.Status.STOPPED))
    return [str(link.other) for link in links.select_related("other")]


def unsaid(row: int | str | None = None) -> Fault:
    """The fault of an action that is stopped without a word."""
    return Fault("Say why it is stopped.", "stopped_because", "", row)


def unshown(row: int | str | None = None) -> Fault:
    """The fault of an action that is closed without the evidence that its plan asks for."""
    said = "This plan asks for evidence: say what shows that the action is done."
    return Fault(said, "shown_by", "", row)


def report_faults(plan: ActionPlan, after: Mapping[str, str], *, dated: bool) -> list[Fault]:
    """What is wrong with an action as a report would leave it; ``dated`` where it changes that."""
    status, done_on = after["status"], after["done_on"]
    faults = ending_faults(status, done_on, "done_on")
    if dated:
        faults += begun_faults(status, done_on, plan.agreed)
    if status == Action.Status.DONE:
        if not done_on:
            faults.append(Fault("Say when the action was done.", "done_on"))
        if plan.evidence_asked and not after["shown_by"].strip():
            faults.append(unshown())
    if status == Action.Status.STOPPED and not after["stopped_because"].strip():
        faults.append(unsaid())
    return faults
