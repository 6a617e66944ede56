"""What packages said of rows that people may have changed since: people's words stay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from esbt.kit.counts import Count
from esbt.kit.problems import Fault
from esbt.kit.rows import SHOWN
from schemes.models import RowVersion, User
from schemes.services.upsert import Wanted

Place = tuple[str, ...]  # a column, and a name within one that holds several
Told = dict[Place, Any]


@dataclass(frozen=True, slots=True)
class News:
    """Rows that are to be stored, and the count of the others with what was kept of people's."""

    rows: list[Wanted]
    rest: Count


@dataclass(slots=True)
class _Told:
    """Of a row: what packages said last of each column, and when people said otherwise since."""

    said: Told = field(default_factory=dict)
    people: dict[Place, datetime] = field(default_factory=dict)


def news_of(model: type[Model], rows: Sequence[Wanted], by: User | None) -> News:
    """What is to be stored of rows: all of a person's; of a package's what no package said before.

    What people said of a column after the packages stays, and a blank takes nothing away from a
    row on which people reported; both are told. A row that somebody took away stays away until a
    package says something else of it. Two queries.
    """
    if by or not rows:
        return News(list(rows), Count())
    names = tuple(rows[0].key)
    first = {f"{names[0]}__in": {want.key[names[0]] for want in rows}}
    present = {
        tuple(_json(getattr(row, name)) for name in names): row
        for row in model._default_manager.filter(**first)
    }
    told = _told(model, names, {f"values__{name}": value for name, value in first.items()})
    new, kept = [], []
    for want in rows:
        key = tuple(_json(want.key[name]) for name in names)
        row, known = present.get(key), told.get(key)
        if known is None:
            new.append(want)
            continue
        fresh = {
            place
            for place, value in _flat(want.values).items()
            if known.said.get(place, _default(model, place)) != value
        }
        if row is not None:
            left = _left(row, want, fresh, known)
            kept += [_kept(model, want, known, place) for place in sorted(left)]
            fresh -= left
        if fresh:
            new.append(want if row is None else _beside(row, want, fresh))
    return News(new, Count(unchanged=len(rows) - len(new), kept=tuple(kept)))


def _told(
    model: type[Model], names: Sequence[str], where: Mapping[str, Any]
) -> dict[tuple[Any, ...], _Told]:
    """What packages and people said, by the rows' keys: what their versions altered."""
    told: dict[tuple[Any, ...], _Told] = {}
    reported = getattr(model, "REPORTED", ())  # columns that stand or fall together
    before: dict[tuple[Any, ...], Told] = {}
    versions = RowVersion.objects.filter(table=model._meta.model_name, **where)
    for version in versions.order_by("at", "pk"):
        key = tuple(version.values.get(name) for name in names)
        now, last = _flat(version.values), before.get(key)
        known = told.setdefault(key, _Told())
        altered = {
            place: value
            for place, value in now.items()
            if last is None or last.get(place, _NOTHING) != value
        }
        if version.values.get("removed"):
            known.people.clear()
        elif version.actor_id is not None:
            # what somebody left blank in a new row was not said
            given = (p for p in altered if last or not _blank(model, p, altered[p]))
            said = {*given}
            if any((name,) in said for name in reported):
                said |= {(name,) for name in reported}
            known.people |= dict.fromkeys(said, version.at)
        else:
            known.said |= altered
            for place in altered:
                known.people.pop(place, None)
        before[key] = now
    return told


def _left(row: Model, want: Wanted, fresh: Iterable[Place], known: _Told) -> set[Place]:
    """Places at which a row stays as it stands, though a package newly says otherwise."""
    told, stands = _flat(want.values), _flat({name: getattr(row, name) for name in want.values})
    return {
        place
        for place in fresh
        if stands.get(place) != told[place]
        and (place in known.people or (known.people and _blank(type(row), place, told[place])))
    }


def _kept(model: type[Model], want: Wanted, known: _Told, place: Place) -> Fault:
    """What is told of a cell that was not taken."""
    column = model._meta.get_field(place[0]).name if len(place) == 1 else place[-1]
    value = _flat(want.values)[place]
    shown = "" if value is None or column != place[-1] else str(value)[:SHOWN]
    if place in known.people:
        day = timezone.localdate(known.people[place])
        said = f"Left as somebody put it on {day.day} {day:%B %Y}."
    else:
        said = "Left as it stands: people reported on this row, and a blank takes nothing away."
    if shown:
        said += f" The package has '{shown}'."
    return Fault(f"{said} Change it on its page if the package is right.", column, shown, want.row)


def _beside(row: Model, want: Wanted, fresh: set[Place]) -> Wanted:
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


def _default(model: type[Model], place: Place) -> Any:
    """What a package said of a column that came after it."""
    if len(place) > 1:
        return None
    return _json(
        next(f for f in model._meta.concrete_fields if f.attname == place[0]).get_default()
    )


def _blank(model: type[Model], place: Place, value: Any) -> bool:
    """Whether a value says nothing."""
    return value in (None, "") or value == _default(model, place)


_NOTHING = object()


def _json(value: Any) -> Any:
    """A value as a version of a row holds it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))
