"""Saving once: the same key again is answered as the first time and writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from schemes.models import IdempotencyKey, User

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, and whether it was given before."""

    body: str
    replayed: bool


def once(*, by: User, key: str, asked: str, save: Callable[[], str]) -> Answer:
    """Run ``save``, which returns the answer's body, unless the key has an answer already.

    ``asked`` is all that was sent with the key. Key and save are one transaction: of two at once
    the second waits, then answers as the first, or saves itself when the first was refused.
    Raises Refused when the key was sent with something else, and whatever ``save`` raises.
    """
    digest = hashlib.sha256(asked.encode()).hexdigest()
    with transaction.atomic():
        row, is_new = IdempotencyKey.objects.get_or_create(
            user=by, key=key, defaults={"asked": digest}
        )
        if is_new:
            row.answer = save()
            row.save(update_fields=["answer"])
        elif row.asked != digest:
            message = (
                "This key was sent before with another body or to another address. "
                "Send what you mean to save with a new key."
            )
            raise Refused([Fault(message, "Idempotency-Key", key)])
        return Answer(row.answer, replayed=not is_new)


def forget_old_keys() -> int:
    """Delete keys that nobody will send again; how many."""
    return IdempotencyKey.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
