"""Reminders by e-mail: leads before and after a deadline, approvers when a return waits,
and administrators when a month was to be closed; once each.

A row a reminder is written before the mail goes out, in one transaction a person: run twice, or
by two workers at once, nobody is told the same twice, and what could not be sent is tried again
the next day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse

from esbt.kit.working_days import is_working_day, working_days_between
from finance.models import Deadline, MonthlyReturn, Reminder
from finance.models.outturns import ReturnState
from finance.months import calendar_month
from finance.queries.returns import LateClose, MonthState, late_closes, partner_months
from finance.services.returns import approvers
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, holders

log = logging.getLogger(__name__)

Kind = Reminder.Kind
SOON_DAYS = 2  # working days before the deadline


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to remind people of: a partner's month, or without one the system's, what it waits
    for, and on what that rests.

    ``about`` tells a deadline or submission from the next one, so that each is told once.
    """

    kind: Kind
    slice: Slice
    partner: Partner | None
    month: int
    about: str
    words: str

    @property
    def whose(self) -> str:
        """Whose month it is."""
        return self.partner.name if self.partner else self.slice.system.name


def send_reminders(*, today: date) -> int:
    """Remind everybody of what waits for them on a working day; how many mails were sent.

    People without an address, or who want no reminders, get none. A mail that cannot be sent is
    logged and stops no other.
    """
    if not is_working_day(today):
        return 0
    own: dict[User, list[Matter]] = {}
    for matter in matters(today):
        for user in _whom(matter):
            if user.email and user.reminders:
                own.setdefault(user, []).append(matter)
    return sum(_remind(user, found) for user, found in sorted(own.items(), key=lambda i: i[0].pk))


def matters(today: date) -> Iterator[Matter]:
    """What people are reminded of today, in all open years that have something to tell."""
    submitted = Q(returns__state=ReturnState.SUBMITTED)
    agreed = Exists(Deadline.objects.filter(slice=OuterRef("pk")))
    for slice_ in (
        Slice.objects.filter(submitted | Q(agreed), status=Slice.Status.OPEN)
        .select_related("system", "year")
        .distinct()
        .order_by("pk")
    ):
        waiting = {
            (partner, month): change
            for partner, month, change in MonthlyReturn.objects.filter(
                slice=slice_, state=ReturnState.SUBMITTED
            )
            .annotate(last=Max("events__change"))
            .values_list("partner", "month", "last")
        }
        found = partner_months(slice_, today)
        yield from (_to_close(slice_, late) for late in late_closes(slice_, found, today))
        for partner in found:
            for month in partner.months:
                change = waiting.get((partner.partner.pk, month.month))
                if matter := _matter(slice_, partner.partner, month, change, today):
                    yield matter


def _to_close(slice_: Slice, late: LateClose) -> Matter:
    """What tells those who close months that one should have been."""
    days = f"{late.days_late} working day{'' if late.days_late == 1 else 's'}"
    words = (
        f"{slice_.system.name}, {calendar_month(slice_, late.month)}: "
        f"was to be closed by {late.by:%-d %B %Y}, {days} ago"
    )
    if late.waits_for:
        words += f"; not approved yet: {', '.join(late.waits_for)}"
    return Matter(Kind.CLOSE, slice_, None, late.month, late.by.isoformat(), words)


def _matter(
    slice_: Slice, partner: Partner, month: MonthState, change: int | None, today: date
) -> Matter | None:
    """What a partner's month gives reason to say today; None for nothing."""

    def made(kind: Kind, about: str, words: str) -> Matter:
        name = f"{partner.name}, {calendar_month(slice_, month.month)}"
        return Matter(kind, slice_, partner, month.month, about, f"{name}: {words}")

    by = f"{month.by:%-d %B %Y}" if month.by else ""
    late = month.days_late or 0
    if month.state == ReturnState.SUBMITTED:
        words = "waits for your approval" + (f", which is due by {by}" if by else "")
        return made(Kind.WAITS, str(change), words)
    if month.state != ReturnState.DRAFT or not month.due or month.by is None:
        return None
    if month.late:
        words = f"was to be submitted by {by}, {late} working day{'' if late == 1 else 's'} ago"
        return made(Kind.LATE, month.by.isoformat(), words)
    if working_days_between(today, month.by) <= SOON_DAYS:
        return made(Kind.SOON, month.by.isoformat(), f"is to be submitted by {by}")
    return None


def _whom(matter: Matter) -> Sequence[User]:
    if matter.partner is None:
        return holders(Permission.CLOSE_MONTH, system=matter.slice.system)
    if matter.kind == Kind.WAITS:
        return approvers(matter.slice, matter.partner, matter.month)
    enters = Permission.ENTER_OUTTURN
    return holders(enters, system=matter.slice.system, partner=matter.partner)


def _remind(user: User, found: Sequence[Matter]) -> bool:
    """Tell a person what they have not been told; whether a mail was sent."""
    try:
        with transaction.atomic():
            new = [matter for matter in found if _note(user, matter)]
            if new:
                send_mail(_subject(new), _text(user, new), None, [user.email])
            return bool(new)
    except Exception:  # whatever is wrong with the mail, others are reminded, and it tomorrow
        log.warning("could not remind user %s", user.pk, exc_info=True)
        return False


def _note(user: User, matter: Matter) -> bool:
    """Write down that a person is told; False when that was written before."""
    return Reminder.objects.get_or_create(
        user=user,
        kind=matter.kind,
        slice=matter.slice,
        partner=matter.partner,
        month=matter.month,
        about=matter.about,
    )[1]


def _subject(found: Sequence[Matter]) -> str:
    if len(found) == 1:
        return f"ESBT: {found[0].whose}, {calendar_month(found[0].slice, found[0].month)}"
    return f"ESBT: {len(found)} months wait for you"


def _page(matter: Matter) -> str:
    here = [matter.slice.system.code, matter.slice.year_id]
    if matter.partner is None:
        return reverse("returns", args=here)
    page = "month-return" if matter.kind == Kind.WAITS else "enter-month"
    return reverse(page, args=[*here, matter.partner.code, matter.month])


def _text(user: User, found: Sequence[Matter]) -> str:
    lines = [f"{user},", "", "this waits for you:", ""]
    for matter in found:
        lines += [f"- {matter.words}", f"  {settings.SITE_ADDRESS}{_page(matter)}"]
    way = f"{settings.SITE_ADDRESS}{reverse('my-work')}"
    lines += ["", f"Each is told once. You can turn reminders off under My work: {way}"]
    return "\n".join(lines)
