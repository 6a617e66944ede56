"""What a row of reference data said before, in words for its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, Value
from django.utils import timezone

from schemes.models import (
    Agreement,
    FundHeading,
    FundPlan,
    NationalCondition,
    Partner,
    Pool,
    Programme,
    RowVersion,
    Scheme,
    System,
    Theme,
)
from schemes.models.base import name_of_many


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a row: when, by whom, and what it altered; the first one made it."""

    at: datetime
    who: str
    first: bool
    changes: Sequence[tuple[str, str, str]]  # what, before, after
    of: str = ""  # which row, where a history tells of several
    removed: bool = False
    why: str = ""  # of one that was taken out


def history_of(row: Model, names: Mapping[str, Mapping[int, str]]) -> list[Step]:
    """Every change of a row, the newest first: one query.

    ``names`` says for a column that refers to another table what its ids are called.
    """
    own = Q(table=row._meta.model_name, row=row.pk)
    return histories_of(own, names, app=row._meta.app_label)


def histories_of(
    versions: Q, names: Mapping[str, Mapping[int, str]], *, app: str = "schemes"
) -> list[Step]:
    """Every change of several rows, all of one floor's tables, the newest first: one query.

    Rows of a table that were added at once are one step.
    """
    found = RowVersion.objects.filter(versions).select_related("actor").order_by("at", "pk")
    steps = []
    before: dict[tuple[str, int], Mapping[str, Any]] = {}
    for (at, table), group in groupby(found, key=lambda version: (version.at, version.table)):
        model = apps.get_model(app, table)
        added = []
        for version in group:
            last = before.get((table, version.row))
            before[table, version.row] = version.values
            if last is None:
                added.append(version)
                continue
            removed = bool(version.values.get("removed"))
            changes = [] if removed else altered(model, last, version.values, names)
            of = f"{model._meta.verbose_name}: {row_name(version.values, names)}"
            why = str(version.values.get("reason", "")) if removed else ""
            steps.append(Step(at, _who(version), False, changes, of, removed, why))
        if len(added) == 1:
            of = f"{model._meta.verbose_name}: {row_name(added[0].values, names)}"
            steps.append(Step(at, _who(added[0]), True, [], of))
        elif added:
            of = f"{len(added)} {name_of_many(model)}"
            steps.append(Step(at, _who(added[0]), True, [], of))
    return steps[::-1]


@dataclass(frozen=True, slots=True)
class LinkStep:
    """A link that was made, or taken off again, in words."""

    at: datetime
    who: str
    words: str


def steps_by(day: date, steps: Iterable[Step | LinkStep]) -> list[Step | LinkStep]:
    """Of steps those that were made by a day."""
    return [step for step in steps if timezone.localtime(step.at).date() <= day]


def links_of(
    versions: Q, column: str, named: Mapping[int, str], *, made: str, gone: str
) -> list[LinkStep]:
    """When links were made and taken off again, with the reason: one query.

    ``column`` holds the id of the other end; ``made`` and ``gone`` stand before its name.
    """
    found = RowVersion.objects.filter(versions).select_related("actor").order_by("at", "pk")
    steps: list[LinkStep] = []
    there: set[int] = set()
    for version in found:
        removed, reason = (version.values.get(name, "") for name in ("removed", "reason"))
        if bool(removed) is (version.row not in there):
            continue  # another state of a link that stands
        (there.discard if removed else there.add)(version.row)
        other = named.get(version.values[column], "what is gone")
        words = f"{gone} {other}. {reason}" if removed else f"{made} {other}."
        steps.append(LinkStep(version.at, _who(version), words))
    return steps


def _who(version: RowVersion) -> str:
    return str(version.actor) if version.actor else "Loaded from a data package"


def row_name(values: Mapping[str, Any], names: Mapping[str, Mapping[int, str]]) -> str:
    """What a row is called: its own name, else that of what it is about."""
    if own := values.get("name") or values.get("body"):
        return str(own)
    for column in ("scheme_id", "partner_id", "member_id", "heading_id"):
        if (pk := values.get(column)) is not None:
            return names[column].get(pk, "")
    return str(values.get("code") or values.get("stage") or values.get("on") or "")


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
        if now[name] != before.get(name) and name not in ("evidence_id", "place")
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
    if isinstance(value, list):
        return ", ".join(names.get(name, {}).get(item, str(item)) for item in value)
    if name in names:
        return names[name].get(int(str(value)), str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def names_of(system: System) -> dict[str, Mapping[int, str]]:
    """What ids in versions are called: four queries."""
    schemes = dict(Scheme.objects.filter(system=system).values_list("pk", "name"))
    partners = dict(Partner.objects.values_list("pk", "short_name"))
    return {
        "theme_id": dict(Theme.objects.filter(system=system).values_list("pk", "name")),
        "parent_id": schemes,
        "scheme_id": schemes,
        "on_scheme_id": schemes,
        "lead_partner_id": partners,
        "owner_id": partners,
        "partner_id": partners,
        "group_id": partners,
        "member_id": partners,
        "provider_id": partners,
        "system_id": {system.pk: system.name},
        **_pooled(system),
    }


# what versions of pools and plans refer to, by the column that does, and the way to its system
_POOLED: dict[str, tuple[type[Model], str]] = {
    "pool_id": (Pool, "system"),
    "agreement_id": (Agreement, "system"),
    "plan_id": (FundPlan, "system"),
    "condition_id": (NationalCondition, "plan__system"),
    "programme_id": (Programme, "plan__system"),
    "heading_id": (FundHeading, "plan__system"),
}


def _pooled(system: System) -> dict[str, Mapping[int, str]]:
    """What ids of pools, agreements and parts of plans are called: one query."""
    found: dict[str, dict[int, str]] = {column: {} for column in _POOLED}
    named = [
        model._default_manager.filter(**{way: system})
        .order_by()
        .values_list(Value(column), "pk", "name")
        for column, (model, way) in _POOLED.items()
    ]
    for column, pk, name in named[0].union(*named[1:], all=True):
        found[column][pk] = name
    return {**found, "supersedes_id": found["agreement_id"]}
