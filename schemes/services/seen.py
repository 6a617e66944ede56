"""Saving over a row that somebody had before them: never unseen over what another said since."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from esbt.kit.problems import Conflict, Fault, Refused
from schemes.models import RowVersion

R = TypeVar("R")


def state_of(row: Model) -> int:
    """The number of the state that a row is in now; 0 while none was kept."""
    found = RowVersion.objects.filter(table=row._meta.model_name, row=row.pk)
    return found.order_by("-pk").values_list("pk", flat=True).first() or 0


def refuse_newer(row: Model, seen: int) -> None:
    """Hold a row to commit.

    Raises Conflict when it has a newer state than ``seen``, Refused when it was taken out.
    """
    if not type(row)._default_manager.filter(pk=row.pk).select_for_update(no_key=True):
        said = "Somebody took this out meanwhile, so that nothing can be saved to it."
        raise Refused([Fault(said)], code="conflict")
    if state_of(row) != seen:
        said = "Somebody saved a newer state of this since you opened it."
        raise Conflict([Fault(said)], [])


@transaction.atomic
def save_seen(*, row: Model, seen: int, save: Callable[[], R]) -> R:
    """Save over the state ``seen`` of a row; Conflict where it is not the present one."""
    refuse_newer(row, seen)
    return save()
