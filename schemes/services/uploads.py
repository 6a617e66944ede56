"""The way of a file that somebody sends, the same for every room: taken in, claimed, given up."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from schemes.models.uploads import UNREAD, ReceivedFile, UploadState

KEPT = timedelta(days=7)  # the content of a file that nobody stored
LOST = timedelta(seconds=5)  # after which nobody is on the way to a file that was received
STUCK = timedelta(minutes=2)  # without a sign of progress
LONGEST = timedelta(minutes=10)  # from arrival, when reading is given up


def taken_in(name: str, content: bytes) -> dict[str, Any]:
    """What is kept of a file that arrives; raises Refused for one that is empty or too large."""
    if not content:
        raise Refused([Fault("Choose a file that holds something.", "file", name)])
    if len(content) > settings.UPLOAD_LIMIT:
        raise Refused([too_large(name)])
    return {
        "name": name[-200:],
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": content,
    }


def too_large(name: str) -> Fault:
    """What is said of a file beyond the limit."""
    limit = settings.UPLOAD_LIMIT // 1024**2
    words = f"The file is larger than {limit} MB. Send only the sheet with the figures, or as CSV."
    return Fault(words, "file", name)


def claim(model: type[ReceivedFile], pk: int) -> bool:
    """Take a file that waits, or whose reader got stuck; False where another has it."""
    now = timezone.now()
    waits = Q(state=UploadState.RECEIVED) | Q(state=UploadState.READING, moved_at__lt=now - STUCK)
    rows = model._default_manager.filter(waits, pk=pk)
    return bool(rows.update(state=UploadState.READING, moved_at=now, done=0, of=0))


def got_on(model: type[ReceivedFile], pk: int, done: int, of: int) -> None:
    """Note how many rows of a file are read."""
    model._default_manager.filter(pk=pk, state=UploadState.READING).update(
        done=min(done, of), of=of, moved_at=timezone.now()
    )


def unheard(model: type[ReceivedFile]) -> list[int]:
    """Files that wait though nobody is on the way to them: their bell was lost, or their reader."""
    now = timezone.now()
    lost = Q(state=UploadState.RECEIVED, moved_at__lt=now - LOST)
    stuck = Q(state=UploadState.READING, moved_at__lt=now - STUCK)
    return list(model._default_manager.filter(lost | stuck).values_list("pk", flat=True))


def tidy(model: type[ReceivedFile], failed: str) -> int:
    """Give up on files whose reading takes too long, forget what was kept a week; how many."""
    now = timezone.now()
    files = model._default_manager
    given_up = files.filter(
        state=UploadState.READING, moved_at__lt=now - STUCK, at__lt=now - LONGEST
    ).update(state=UploadState.FAILED, report={"error": failed}, moved_at=now)
    forgotten = (
        files.filter(content__isnull=False, moved_at__lt=now - KEPT)
        .exclude(state__in=UNREAD)
        .update(content=None)
    )
    return given_up + forgotten
