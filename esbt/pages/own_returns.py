"""Months and virements that wait for a person: to be entered, submitted, approved or closed."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from esbt.kit.money import words
from finance.models import MonthlyReturn, Virement
from finance.models.base import AUDITED
from finance.months import calendar_month
from finance.queries.entry import Waiting, to_approve, waiting
from finance.queries.returns import to_close
from finance.queries.steps import Step
from finance.queries.timetable import Dates, timetables
from finance.queries.virements import virements_to_approve
from schemes.models import Slice, User
from schemes.people.permissions import Permission, partners_of, systems_where


def tasks_of(user: User, slices: list[Slice], today: date) -> list[dict[str, str]]:
    """What waits for this person's figures or approval, or to be closed by this person."""
    enters = partners_of(user, Permission.ENTER_OUTTURN)
    approves = partners_of(user, Permission.APPROVE_RETURN)
    settles = partners_of(user, Permission.APPROVE_VIREMENT)
    closes = set(systems_where(user, Permission.CLOSE_MONTH).values_list("pk", flat=True))
    if not enters and not approves and not settles and not closes:
        return []
    own = [item for item in slices if item.system_id in closes]
    deadlines = timetables(slices)
    return (
        [
            _entering(item, deadlines[item.slice.pk].of(item.month))
            for item in waiting(slices, enters, today)
        ]
        + [
            _approving(item, deadlines[item.slice_id].of(item.month))
            for item in to_approve(slices, approves)
        ]
        + [
            _closing(slice_, month, deadlines[slice_.pk].of(month))
            for slice_, month in to_close(own, today)
        ]
        + [_settling(item) for item in virements_to_approve(slices, settles, user.pk)]
    )


def _approving(item: MonthlyReturn, by: Dates | None) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id, item.partner.code, item.month)
    month = calendar_month(item.slice, item.month)
    return {
        "href": reverse("month-return", args=here),
        "label": f"Approve {month} for {item.partner.name}",
        "state": item.state,
        "due": f"{item.slice.system.name} {item.slice.year}{_by('approved', by)}",
    }


def _closing(slice_: Slice, month: int, by: Dates | None) -> dict[str, str]:
    return {
        "href": f"{reverse('returns', args=[slice_.system.code, slice_.year_id])}#close-month",
        "label": f"Close {calendar_month(slice_, month)} for {slice_.system.name}",
        "state": "approved",
        "due": f"every partner is approved, {slice_.year}{_by('closed', by)}",
    }


def _by(what: str, dates: Dates | None) -> str:
    """By when it is to be submitted, approved or closed, where a timetable says so."""
    if dates is None:
        return ""
    day = {"submitted": dates.submit, "approved": dates.approve, "closed": dates.close}[what]
    return f", to be {what} by {day:%-d %B %Y}"


def _settling(item: Virement) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id)
    lines = f"{item.giving.name} to {item.receiving.name}"
    return {
        "href": f"{reverse('virements', args=here)}#virement-{item.pk}",
        "label": f"Approve {words(item.pence, 'gbp')} from {lines}",
        "state": "proposed",
        "due": f"{item.giving.partner.name}, {item.slice.system.name} {item.slice.year}",
    }


def _entering(item: Waiting, by: Dates | None) -> dict[str, str]:
    here = (item.slice.system.code, item.slice.year_id, item.partner.code, item.month)
    month = calendar_month(item.slice, item.month)
    act, page = ("Submit", "submit-month") if item.is_complete else ("Enter", "enter-month")
    said = f"{item.reported} of {item.lines} lines reported"
    if item.is_complete:
        said += ", complete, not submitted yet"
    return {
        "href": reverse(page, args=here),
        "label": f"{act} {month} for {item.partner.name}",
        "year_href": reverse("year-grid", args=[*here[:3], "actual"]),
        "causes_href": f"{reverse('causes', args=here[:2])}?month={item.month}&state=provisional"
        if item.reported and item.month < AUDITED
        else "",
        "state": item.state,
        "due": f"{said}{_back(item.back)}, {item.slice.system.name} "
        f"{item.slice.year}{_by('submitted', by)}",
    }


def _back(step: Step | None) -> str:
    """That a draft was further once, and why it is one again."""
    if step is None:
        return ""
    said = "opened again" if step.reopens else "sent back"
    by = f" by {step.who}" if step.who else ""
    return f", {said}{by}{f', because “{step.reason}”' if step.reason else ''}"
