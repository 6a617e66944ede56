"""The digest: one e-mail of all that waits for a person, as often as that person chose.

It says what My work says on that day. A person's day is marked in the transaction that sends the
mail, under a lock: run twice, or by two workers at once, nobody gets two, and what could not be
sent is tried again the next hour.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from esbt.kit.working_days import is_working_day
from esbt.pages.own_returns import tasks_of
from esbt.pages.own_work import Item, own_work
from schemes.models import User
from schemes.models.people import Digest
from schemes.queries import visible_slices

log = logging.getLogger(__name__)


def send_digests(*, today: date) -> int:
    """Send everybody's digest that is due on a working day; how many mails.

    Nobody gets an empty one. A mail that cannot be sent is logged and stops no other.
    """
    if not is_working_day(today):
        return 0
    return sum(_send(pk, today) for pk in _due(today).order_by("pk").values_list("pk", flat=True))


def _due(today: date) -> QuerySet[User]:
    """People whose digest has not gone out for this day, or for this week."""
    monday = today - timedelta(days=today.weekday())
    daily = Q(digest=Digest.DAILY, digest_on__lt=today)
    weekly = Q(digest=Digest.WEEKLY, digest_on__lt=monday)
    return User.objects.filter(daily | weekly, is_active=True).exclude(email="")


def _send(pk: int, today: date) -> bool:
    """Send a person's digest, unless another worker is at it; whether a mail went out."""
    try:
        with transaction.atomic():
            user = _due(today).select_for_update(skip_locked=True).filter(pk=pk).first()
            if user is None:
                return False
            User.objects.filter(pk=pk).update(digest_on=today)
            found = _waiting(user, today)
            if found:
                subject = f"ESBT: what waits for you on {today:%-d %B %Y}"
                send_mail(subject, _text(user, found), None, [user.email])
            return bool(found)
    except Exception:  # whatever is wrong with the mail, others get theirs, and this one later
        log.warning("could not send the digest of user %s", pk, exc_info=True)
        return False


def _waiting(user: User, today: date) -> list[tuple[str, list[str]]]:
    """What waits, by sort: its name, and lines of what, by when and where."""
    tasks = tasks_of(user, visible_slices(user), today)
    returns = [_line(task["label"], task["due"], task["href"]) for task in tasks]
    found = [("Returns and virements", returns)] if returns else []
    for matters in own_work(user, today):
        lines = [_line(item.label, _when(item), item.href) for item in matters.shown]
        if matters.left:
            lines.append(f"- and {matters.left} more")
        found.append((matters.name, lines))
    return found


def _when(item: Item) -> str:
    return f"{'OVERDUE, ' if item.overdue else ''}{item.due}, {item.system}"


def _line(label: str, when: str, href: str) -> str:
    return f"- {label}: {when}\n  {settings.SITE_ADDRESS}{href}"


def _text(user: User, found: Sequence[tuple[str, list[str]]]) -> str:
    lines = [f"{user},", "", "this waits for you:"]
    for name, items in found:
        lines += ["", name, *items]
    way = f"{settings.SITE_ADDRESS}{reverse('my-work')}"
    lines += ["", f"You chose this digest, and can change it under My work: {way}"]
    return "\n".join(lines)
