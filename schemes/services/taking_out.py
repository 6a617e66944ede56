"""Taking out what was added by mistake: with a reason, and only where nothing hangs on it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from esbt.kit.problems import Fault, Refused
from esbt.kit.words import in_a_list
from schemes.models import System, User
from schemes.models.base import name_of_many
from schemes.people.permissions import Permission, require
from schemes.services.placing import place_of
from schemes.services.seen import refuse_newer
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import reason_of, remove

# what goes with a row: the links that it has to others, by table and column
_WITH_IT = {("actionlink", "action"), ("milestoneneed", "milestone")}
# what hangs on a row, by table and column, where the table's own name does not say it: one, several
_CALLED = {
    ("actionlink", "other"): ("action that names it", "actions that name it"),
    ("milestoneneed", "other"): ("milestone that waits for it", "milestones that wait for it"),
    ("actionnote", "action"): ("note of its progress", "notes of its progress"),
    ("bodymember", "body"): ("seat", "seats"),
    ("body", "reports_to"): ("body that reports to it", "bodies that report to it"),
    ("body", "took_over"): ("body that took over from it", "bodies that took over from it"),
}  # fmt: skip


def system_of(row: Any) -> System:
    """The system in which a row of delivery stands."""
    for above in ("system", "area", "plan", "workstream", "body"):
        if hasattr(type(row), above):
            found = getattr(row, above)
            return found if isinstance(found, System) else system_of(found)
    raise LookupError(f"{row} stands in no system")


@transaction.atomic
def take_out(*, by: User, row: Model, reason: str, seen: int) -> None:
    """Take a row of delivery out; its last state, who and why stay in the history.

    The links that it has to others go with it. ``seen`` is the state that its remover had before
    them. Raises Refused without a reason, or where something hangs on it, Conflict where it has
    moved on, and Http404 for those who do not keep delivery.
    """
    system = system_of(row)
    require(by, Permission.KEEP_DELIVERY, system=system)
    refuse_newer(row, seen)
    take_away(by=by, row=row, reason=reason)
    touch(by=by, slices=Q(system=system), action=name_of_many(type(row)), from_month=NO_FIGURE)


def take_away(*, by: User, row: Model, reason: str) -> None:
    """Delete a row on which nothing hangs, for a service that has seen to who may.

    A package that is loaded again leaves it away, and what it says below it.
    """
    why = reason_of(reason)
    with_it: list[Model] = []
    hanging = []
    for relation in row._meta.related_objects:
        model: type[Model] = relation.field.model
        table, column = model._meta.model_name or "", relation.field.name
        found = model._default_manager.filter(**{column: row.pk})
        if (table, column) in _WITH_IT:
            with_it += found
        elif count := found.count():
            one = str(model._meta.verbose_name)
            single, several = _CALLED.get((table, column), (one, name_of_many(model)))
            hanging.append(f"{count} {single if count == 1 else several}")
    if hanging:
        said = f"On this hangs what would be lost: {in_a_list(hanging)}. See to that first"
        ends = hasattr(row, "status")  # what has one is stopped instead
        raise Refused([Fault(f"{said}, or say that it is stopped." if ends else f"{said}.")])
    for link in with_it:
        remove(link, by=by, reason=why)
    remove(row, by=by, reason=why, place=place_of(row))
