"""What a row of reference data said before, in words for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from schemes.models import RowVersion


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a row: when, by whom, and what it altered; the first one made it."""

    at: datetime
    who: str
    first: bool
    changes: Sequence[tuple[str, str, str]]  # what, before, after


def history_of(row: Model, names: Mapping[str, Mapping[int, str]]) -> list[Step]:
    """Every change of a row, the newest first: one query.

    ``names`` says for a column that refers to another table what its ids are called.
    """
    versions = list(
        RowVersion.objects.filter(table=row._meta.model_name, row=row.pk)
        .select_related("actor")
        .order_by("at", "pk")
    )
    steps = []
    before: Mapping[str, Any] = {}
    for version in versions:
        steps.append(
            Step(
                version.at,
                str(version.actor) if version.actor else "Loaded from a data package",
                not before,
                altered(type(row), before, version.values, names) if before else [],
            )
        )
        before = version.values
    return steps[::-1]


def altered(
    model: type[Model],
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    names: Mapping[str, Mapping[int, str]],
) -> list[tuple[str, str, str]]:
    """What differs between two states of a row: the column in words, before, after.

    ``names`` says for a column that refers to another table what its ids are called. What a column
    of a typed register holds counts as columns of its own.
    """
    before, now = _flat(before), _flat(now)
    labels = {item.attname: str(item.verbose_name) for item in model._meta.concrete_fields}
    return [
        (labels.get(name, name), _said(before, name, names), _said(now, name, names))
        for name in now
        if now[name] != before.get(name) and name != "evidence_id"
    ]


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for column, held in values.items()
        for name, value in (held.items() if isinstance(held, dict) else [(column, held)])
    }


def _said(values: Mapping[str, Any], name: str, names: Mapping[str, Mapping[int, str]]) -> str:
    value = values.get(name)
    if value in (None, "", []):
        return "not stated"
    if name in names:
        return names[name].get(int(str(value)), str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
