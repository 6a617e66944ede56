"""What packages said of rows that people may have changed since: only what is new is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from schemes.models import RowVersion
from schemes.services.upsert import Wanted

Told = dict[tuple[str, ...], Any]  # by column, and by name within a column that holds several


def newly_said(model: type[Model], rows: Sequence[Wanted]) -> list[Wanted]:
    """Rows of a package in which it says something that no package said of them before.

    Of a row that stands, every column of which it says the same again is left as it is now: people
    report on rows whose other columns come from a package. One that somebody took away stays away
    until a package says something else of it. Two queries.
    """
    if not rows:
        return []
    names = tuple(rows[0].key)
    first = {f"{names[0]}__in": {want.key[names[0]] for want in rows}}
    present = {
        tuple(_json(getattr(row, name)) for name in names): row
        for row in model._default_manager.filter(**first)
    }
    said = _said(model, names, {f"values__{name}": value for name, value in first.items()})
    new = []
    for want in rows:
        key = tuple(_json(want.key[name]) for name in names)
        row, told = present.get(key), said.get(key)
        if told is None:
            new.append(want)
            continue
        fresh = {
            place
            for place, value in _flat(want.values).items()
            if told.get(place, _default(model, place)) != value
        }
        if fresh:
            new.append(want if row is None else _beside(row, want, fresh))
    return new


def _said(
    model: type[Model], names: Sequence[str], where: Mapping[str, Any]
) -> dict[tuple[Any, ...], Told]:
    """What packages said last of each column, by the rows' keys: what their versions altered."""
    said: dict[tuple[Any, ...], Told] = {}
    before: dict[tuple[Any, ...], Told] = {}
    versions = RowVersion.objects.filter(table=model._meta.model_name, **where)
    for version in versions.order_by("at", "pk"):
        key = tuple(version.values.get(name) for name in names)
        now, last = _flat(version.values), before.get(key)
        if version.actor_id is None and not version.values.get("removed"):
            altered = {
                place: value
                for place, value in now.items()
                if last is None or last.get(place, _NOTHING) != value
            }
            said.setdefault(key, {}).update(altered)
        before[key] = now
    return said


def _beside(row: Model, want: Wanted, fresh: set[tuple[str, ...]]) -> Wanted:
    """What is wanted of a row, with what it says now wherever that is not fresh."""
    values: dict[str, Any] = {}
    for name, value in want.values.items():
        stands = getattr(row, name)
        if isinstance(value, Mapping):
            values[name] = {
                part: own if (name, part) in fresh else stands.get(part)
                for part, own in value.items()
            }
        else:
            values[name] = value if (name,) in fresh else stands
    return Wanted(want.key, values, want.row)


def _flat(values: Mapping[str, Any]) -> Told:
    """Values as a version of a row holds them, by their places."""
    flat: Told = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= {(name, part): _json(own) for part, own in value.items()}
        else:
            flat[name,] = _json(value)
    return flat


def _default(model: type[Model], place: tuple[str, ...]) -> Any:
    """What a package said of a column that came after it."""
    if len(place) > 1:
        return None
    return _json(
        next(f for f in model._meta.concrete_fields if f.attname == place[0]).get_default()
    )


_NOTHING = object()


def _json(value: Any) -> Any:
    """A value as a version of a row holds it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
