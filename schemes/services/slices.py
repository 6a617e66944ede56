"""Writing to a slice: its lock, its change number and the bell that rings after the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q

from schemes.models import Change, Slice, System, User

NO_FIGURE = 14  # a first month that is past every month: words moved, figures did not

# Upper floors hang their bells here when they start; the ground floor does not know them.
_bells: list[Callable[[int], None]] = []


@dataclass
class Writing:
    """An open write: stamp rows with ``change``; call ``draw`` once something really changes."""

    slice: Slice
    by: User | None
    action: str
    reason: str = ""
    from_month: int = 0
    change: int | None = None

    def draw(self) -> int:
        """The change number of this write, drawn on first use, so that no-ops leave no trace."""
        if self.change is None:
            self.slice.change += 1
            self.slice.save(update_fields=["change"])
            self.change = self.slice.change
            Change.objects.create(
                slice=self.slice,
                number=self.change,
                at=datetime.now(UTC),
                actor=self.by,
                action=self.action,
                reason=self.reason,
                from_month=self.from_month,
            )
            transaction.on_commit(lambda: ring(self.slice.pk), robust=True)
        return self.change


@contextmanager
def writing(
    *, slice_id: int, by: User | None, action: str, reason: str = "", from_month: int = 0
) -> Iterator[Writing]:
    """Hold the slice's lock to commit, so that changes to it happen one after another.

    ``from_month`` is the first month whose figures the write can move, so that a recompute need
    not look at those before it; 0 is all.
    """
    with transaction.atomic():
        # no_key: a recompute, whose rows refer to the slice, neither waits nor is waited for
        locked = Slice.objects.select_for_update(no_key=True).get(pk=slice_id)
        yield Writing(locked, by, action, reason, from_month)


def hold(slices: Q) -> None:
    """Take the locks of slices, in one order, so that what is dated next precedes their changes."""
    found = Slice.objects.filter(pk__in=Slice.objects.filter(slices).values("pk"))
    list(found.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def hold_system(code: str) -> None:
    """Take a system's lock, so that what its people add comes one after another.

    Held to the end of the transaction, and taken before the locks of slices. A code that no system
    has holds nothing.
    """
    list(System.objects.filter(code=code).select_for_update(no_key=True).values_list("pk"))


def touch(*, by: User | None, slices: Q, action: str, from_month: int = 0) -> None:
    """Draw a change for each slice, because something beneath its figures or names moved.

    ``from_month`` beyond the audited month says that no figure can have moved.
    """
    for slice_id in (
        Slice.objects.filter(slices).order_by("pk").distinct().values_list("pk", flat=True)
    ):
        with writing(slice_id=slice_id, by=by, action=action, from_month=from_month) as write:
            write.draw()


def on_change(bell: Callable[[int], None]) -> None:
    """Have ``bell`` called with the slice's id after each committed change."""
    if bell not in _bells:
        _bells.append(bell)


def ring(slice_id: int) -> None:
    """Call every bell for a slice. A sweep makes up for a bell that nobody heard."""
    for bell in _bells:
        bell(slice_id)
