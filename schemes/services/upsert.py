"""Creating and changing rows of reference data together, the same way for every table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, Model, Q
from django.http import Http404
from psycopg2.errors import UniqueViolation

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.audit.tables import TABLES
from schemes.models import Partner, RowVersion, System, User
from schemes.models.base import Dated
from schemes.people.permissions import Permission, has_permission, require, systems_where

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Wanted:
    """A row as it should stand: its key, its other values, and where the sender had it."""

    key: Mapping[str, Any]
    values: Mapping[str, Any]
    row: int | str | None = None


@dataclass
class Upserted(Generic[M]):
    """What became of the rows; ``changed`` are those that stood already and were altered."""

    count: Count = field(default_factory=Count)
    created: list[M] = field(default_factory=list)
    changed: list[M] = field(default_factory=list)


def allow(by: User | None) -> None:
    """Raise Http404 unless the person may load data; None is the installation's operator."""
    if by is not None:
        require(by, Permission.LOAD_DATA)


def allow_in(by: User | None, systems: Iterable[str]) -> None:
    """Raise Http404 unless the person loads data, or keeps each of these systems by their codes."""
    allow_in_with(by, Permission.MANAGE_SYSTEM, systems)


def allow_in_with(by: User | None, permission: Permission, systems: Iterable[str]) -> None:
    """Raise Http404 unless the person loads data, or holds a permission in each of the systems."""
    if by is None or has_permission(by, Permission.LOAD_DATA):
        return
    codes = set(systems)
    kept = systems_where(by, permission).filter(code__in=codes)
    if not codes or kept.count() < len(codes):
        raise Http404


def allow_of(by: User | None, partners: Iterable[str]) -> None:
    """Raise Http404 unless the person loads data, or keeps every system that partners belong to.

    A partner that is not there yet may be made by whoever keeps a system; one that belongs to none
    is left to those who load data.
    """
    if by is None or has_permission(by, Permission.LOAD_DATA):
        return
    found = Partner.objects.filter(code__in=set(partners))
    systems = System.objects.filter(partners__in=found)
    kept = systems_where(by, Permission.MANAGE_SYSTEM)
    strangers = found.filter(systems=None).exists() or systems.exclude(pk__in=kept).exists()
    if strangers or not kept.exists():
        raise Http404


def upsert(
    model: type[M], wanted: Sequence[Wanted], *, by: User | None, history: bool = True
) -> Upserted[M]:
    """Bring rows to what is wanted by their keys, with four statements and a savepoint at most.

    The key is a unique constraint of the table. Each new state of a row is kept in RowVersion;
    ``history`` is False for tables whose rows never change. Raises Refused with a fault a row for
    values that the table's fields and constraints do not take; then nothing is stored.
    """
    done: Upserted[M] = Upserted()
    if not wanted:
        return done
    names = tuple(wanted[0].key)
    known = {tuple(getattr(row, name) for name in names): row for row in _present(model, wanted)}
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], tuple[M, Wanted]] = {}
    for want in wanted:
        key = tuple(want.key[name] for name in names)
        if key in seen:
            faults.append(
                Fault("This row stands here twice.", ", ".join(names), str(key), want.row)
            )
            continue
        row = known.get(key)
        if row is not None and all(getattr(row, n) == v for n, v in want.values.items()):
            seen[key] = row, want
            done.count.unchanged += 1
            continue
        (done.changed if row is not None else done.created).append(row := row or model(**want.key))
        seen[key] = row, want
        for name, value in want.values.items():
            setattr(row, name, value)
        faults += _faults(row, want)
    if faults:
        raise Refused(faults)
    if not (done.created or done.changed):
        return done
    try:
        with transaction.atomic():
            _write(model, done, list(wanted[0].values))
    except IntegrityError as error:
        faults = [fault for row, want in seen.values() for fault in _broken(row, want)]
        faults = faults or _broken_together(model, error) or _added_meanwhile(error, names)
        if not faults:
            raise
        raise Refused(faults) from None
    if history:
        keep_versions([*done.created, *done.changed], by=by)
    done.count += Count(len(done.created), len(done.changed))
    return done


def remove(row: Model, *, by: User | None, **more: Any) -> None:
    """Delete a row of reference data; a last version stays, marked as removed, with ``more``.

    It names the systems in whose audit the row and its earlier states still stand.
    """
    way = TABLES.get(row._meta.model_name or "")
    same = type(row)._default_manager.filter(pk=row.pk)
    systems = list(same.values_list(way, flat=True)) if way else []
    keep_versions([row], by=by, removed=True, of_systems=systems, **more)
    row.delete()


def reason_of(text: str) -> str:
    """Why a row is taken out, without spaces around it. Raises Refused where nothing is said."""
    if not text.strip():
        raise Refused([Fault("Say why it is taken out.", "reason")])
    return text.strip()


def keep_versions(rows: Sequence[Model], *, by: User | None, **more: Any) -> None:
    """Keep rows as they stand now, and what ``more`` says of them, for their history."""
    at = datetime.now(UTC)
    RowVersion.objects.bulk_create(
        (
            RowVersion(
                table=row._meta.model_name or "",
                row=row.pk,
                at=at,
                actor=by,
                values={
                    item.attname: getattr(row, item.attname)
                    for item in row._meta.concrete_fields
                    if not item.primary_key
                }
                | more,
            )
            for row in rows
        ),
        batch_size=1000,
    )


def _present(model: type[M], wanted: Sequence[Wanted]) -> Iterable[M]:
    """Rows that share the first column of a key with what is wanted."""
    first = next(iter(wanted[0].key))
    return model._default_manager.filter(**{f"{first}__in": {want.key[first] for want in wanted}})


def _write(model: type[M], done: Upserted[M], columns: Sequence[str]) -> None:
    # what ends goes before what begins in its place
    if done.changed:
        model._default_manager.bulk_update(done.changed, columns, batch_size=500)
    model._default_manager.bulk_create(done.created, batch_size=2000)


def _faults(row: Model, want: Wanted) -> list[Fault]:
    """What the table's own fields say against a row; codes of other tables are looked up before."""
    relations = [item.name for item in row._meta.concrete_fields if item.is_relation]
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        return _in_words(error, row, want)
    return []


def _broken(row: Model, want: Wanted) -> list[Fault]:
    """Which constraints a row breaks. Each asks the database, so only once it refused."""
    for constraint in row._meta.constraints:
        if not isinstance(constraint, (CheckConstraint, ExclusionConstraint)):
            continue
        try:
            constraint.validate(type(row), row)  # type: ignore[union-attr]
        except ValidationError as error:
            beside = _beside(row, constraint) if isinstance(row, Dated) else ""
            return [
                replace(fault, message=fault.message + beside)
                for fault in _in_words(error, row, want)
            ]
    return []


def _beside(row: Dated, constraint: object) -> str:
    """The row that already holds in a dated row's days, where the constraint is about that."""
    if not isinstance(constraint, ExclusionConstraint):
        return ""
    same = [
        name
        for name, operator in constraint.expressions
        if isinstance(name, str) and operator == RangeOperators.EQUAL
    ]
    others = type(row)._default_manager.filter(
        constraint.condition or Q(),
        Q(ends=None) | Q(ends__gte=row.starts) if row.starts else Q(),
        Q(starts=None) | Q(starts__lte=row.ends) if row.ends else Q(),
        **{name: getattr(row, name) for name in same},
    )
    other = others.exclude(pk=row.pk).first()
    if other is None:
        return ""
    days = [
        f" {word} {day.day} {day:%B %Y}"
        for word, day in (("from", other.starts), ("until", other.ends))
        if day
    ]
    return f" It is {other}{''.join(days) if days else ', without a first or last day'}."


def _broken_together(model: type[Model], error: IntegrityError) -> list[Fault]:
    """The constraint that rows break only beside each other, as the database names it."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return [
        Fault(str(constraint.get_violation_error_message()))
        for constraint in model._meta.constraints
        if constraint.name == name and isinstance(constraint, ExclusionConstraint)
    ]


def _added_meanwhile(error: IntegrityError, names: Sequence[str]) -> list[Fault]:
    """What is said where somebody added a row of the same key since the rows were read."""
    if not isinstance(error.__cause__, UniqueViolation):
        return []
    said = "Somebody added one like this at the same moment. Look at it before you add yours."
    return [Fault(said, names[-1])]


def _in_words(error: ValidationError, row: Model, want: Wanted) -> list[Fault]:
    places = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return [
        Fault(message, place, str(getattr(row, place)) if place else "", want.row)
        for place, messages in places.items()
        for message in messages
    ]


class Codes:
    """Codes of a table to its ids, read once; a fault for each that is not known."""

    def __init__(self, model: type[Model], what: str, **filters: Any) -> None:
        self.what = what
        self.ids: dict[Any, int] = dict(
            model._default_manager.filter(**filters).values_list("code", "pk")
        )
        self.faults: list[Fault] = []

    def find(self, code: str, field: str, row: int | str | None) -> int | None:
        """The id of a code; None for a blank one, and with a fault for one that is not known."""
        if code and code not in self.ids:
            self.faults.append(
                Fault(f"There is no {self.what} '{code}'. Add it, or mend this.", field, code, row)
            )
        return self.ids.get(code)

    def refuse(self) -> None:
        """Raise Refused when some code was not known."""
        if self.faults:
            raise Refused(self.faults)
