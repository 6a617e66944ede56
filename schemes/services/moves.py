"""Due dates that people move: each move goes with its own reason, and with no other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Model

from esbt.kit.problems import Fault, Refused
from schemes.models import User
from schemes.services.upsert import Wanted


def with_reasons(model: type[Model], rows: Sequence[Wanted], by: User | None) -> list[Wanted]:
    """A person's rows with why their due dates moved: as is said of this move, else of the last.

    Raises Refused with a fault a row where a date moves and nothing says why, or something says
    why and no date moves. One query, none for a package or for rows of which no reason is kept.
    """
    if by is None or not rows or "moved_because" not in rows[0].values:
        return list(rows)
    names = tuple(rows[0].key)
    first = {f"{names[0]}__in": {want.key[names[0]] for want in rows}}
    stand: dict[tuple[Any, ...], tuple[str, str]] = {
        tuple(key): (due, why)
        for due, why, *key in model._default_manager.filter(**first).values_list(
            "due", "moved_because", *names
        )
    }
    found, faults = [], []
    for want in rows:
        due, said = want.values["due"], want.values["moved_because"].strip()
        before, last = stand.get(tuple(want.key[name] for name in names), (due, said))
        moves = due != before
        if moves and before and not said:
            faults.append(Fault("Say why the date moves.", "moved_because", "", want.row))
        if not moves and said not in ("", last):
            told = "Write the new date, or take the reason out."
            faults.append(Fault(told, "due", due, want.row))
        why = said if moves else last
        found.append(replace(want, values={**want.values, "moved_because": why}))
    if faults:
        raise Refused(faults)
    return found
