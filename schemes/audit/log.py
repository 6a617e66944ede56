"""Who changed what, and when: changes of a system's years and states of its reference rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from esbt.kit.tables import Column
from schemes.audit.history import altered, names_of, row_name
from schemes.audit.tables import APPS, SAVES, TABLES, Saves
from schemes.models import AdminEvent, Change, RowVersion, System, User
from schemes.people.directory import days_of, events_in, place_of

PAGE = 50
_FIRST_SAVES = 3
NOBODY = "nobody"  # the filter for what a data package brought
LOADED = "Loaded from a data package"
_NO_FIGURES: tuple[int, Iterator[Any]] = (0, iter(()))

AUDIT_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("at", "string", "when (ISO 8601)"),
    Column("by", "string", "who; empty: loaded from a data package or by the installation"),
    Column("name", "string", "the person's name"),
    Column("action", "string", "what was done; of reference rows: the table, added or changed"),
    Column("year", "string", "financial year; empty for reference rows, which have none"),
    Column("revision", "integer", "number of the change within its year"),
    Column(
        "row",
        "string",
        "the reference row that was added or changed; of a role: whose; of returns: partner and "
        "month; of outturns: line and month, a row for each",
    ),
    Column("fields", "string", "what of it moved: field: before -> after; amounts in pounds"),
    Column("reason", "string", "why, where somebody said so"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the audit is asked for."""

    year: str = ""
    person: str = ""  # a username, or NOBODY
    action: str = ""  # of a change or an event, or the name of a table
    first: datetime | None = None
    last: datetime | None = None

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return self != Wish()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: just below this entry, in the order of time, then of kinds."""

    at: datetime
    kind: int  # 0 a row's version, 1 a change, 2 what was done about people, from 3 SAVES in order
    pk: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}_{self.kind}_{self.pk}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """A place from an address; None for what is none."""
        at, _, rest = text.replace(" ", "+").partition("_")
        kind, _, pk = rest.partition("_")
        plain = pk.isascii() and pk.isdecimal() and len(pk) < 19
        try:
            moment = datetime.fromisoformat(at).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        known = kind in map(str, range(_FIRST_SAVES + len(SAVES)))
        return cls(moment, int(kind), int(pk)) if known and plain else None


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure that a change moved."""

    change: int  # the change's id
    row: str
    fields: Sequence[tuple[str, str, str]]  # what, before, after


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did."""

    place: Place
    at: datetime
    username: str
    who: str
    action: str
    year: str = ""
    number: int | None = None
    reason: str = ""
    row: str = ""
    fields: Sequence[tuple[str, str, str]] = ()  # what, before, after

    @property
    def window(self) -> str:
        """The query of the page of what changed, for this change alone."""
        before = self.at - timedelta(microseconds=1)
        return urlencode({"from": before.isoformat(), "to": self.at.isoformat()})


def audit_page(system: System, wish: Wish, below: Place | None) -> tuple[list[Entry], Place | None]:
    """A page of entries, newest first, and where the next one begins: ten queries at most."""
    changes = list(_changes(system, wish, below)[: PAGE + 1])
    versions = list(_versions(system, wish, below)[: PAGE + 1])
    events = list(_events(system, wish, below)[: PAGE + 1])
    found = [*map(_of_change, changes), *_of_versions(system, versions), *map(_of_event, events)]
    for kind, saves in enumerate(SAVES, _FIRST_SAVES):
        told = _saves(saves, kind, system, wish, below)[: PAGE + 1]
        found += [_of_save(saves, kind, item) for item in told]
    found.sort(key=lambda entry: (entry.at, entry.place.kind, entry.place.pk), reverse=True)
    shown = found[:PAGE]
    return shown, shown[-1].place if len(found) > PAGE else None


def audit_entries(system: System, wish: Wish) -> list[Entry]:
    """All that is asked for, newest first: ten queries at most."""
    found = [
        *map(_of_change, _changes(system, wish, None)),
        *_of_versions(system, list(_versions(system, wish, None))),
        *map(_of_event, _events(system, wish, None)),
        *(
            _of_save(saves, kind, item)
            for kind, saves in enumerate(SAVES, _FIRST_SAVES)
            for item in _saves(saves, kind, system, wish, None)
        ),
    ]
    found.sort(key=lambda entry: (entry.at, entry.place.kind, entry.place.pk), reverse=True)
    return found


def audit_choices(system: System) -> dict[str, list[tuple[str, str]]]:
    """What one can filter by, value and label: six queries."""
    changes = Change.objects.filter(slice__system=system)
    versions = _of_system(system)
    events = _events_of(system)
    people = User.objects.filter(
        Q(pk__in=changes.values("actor"))
        | Q(pk__in=versions.values("actor"))
        | Q(pk__in=events.values("actor"))
        | Q(*(("pk__in", saves.of(system.pk).values("actor")) for saves in SAVES), _connector=Q.OR)
    )
    actions = changes.order_by("action").values_list("action", flat=True).distinct()
    tables = versions.order_by("table").values_list("table", flat=True).distinct()
    done = set(events.values_list("action", flat=True))
    years = system.slices.order_by("-year").values_list("year", flat=True)
    return {
        "year": [(year, year.replace("-", "/")) for year in years],
        "person": [
            *sorted(((user.username, str(user)) for user in people), key=lambda pair: pair[1]),
            (NOBODY, LOADED),
        ],
        "action": [(action, action.capitalize()) for action in actions]
        + [(action, label) for action, label in AdminEvent.Action.choices if action in done]
        + [(s.action, s.action.capitalize()) for s in SAVES if s.of(system.pk).exists()]
        + [(table, f"Row: {_table_name(table)}") for table in tables],
    }


def audit_changes(system: System, wish: Wish) -> QuerySet[Change]:
    """The changes of years that are asked for."""
    return _changes(system, wish, None)


def audit_rows(
    system: System, entries: Sequence[Entry], moved: Iterable[Moved] = ()
) -> Iterator[Sequence[Any]]:
    """The entries as rows of a table to take away.

    A change that moved figures has a row for each; ``moved`` holds them in the entries' order.
    """
    groups = groupby(moved, key=attrgetter("change"))
    change, figures = next(groups, _NO_FIGURES)
    for entry in entries:
        if entry.place.kind == 1 and entry.place.pk == change:
            told = [replace(entry, row=item.row, fields=item.fields) for item in figures]
            change, figures = next(groups, _NO_FIGURES)
        else:
            told = [entry]
        yield from _rows(system, told)


def _rows(system: System, entries: Iterable[Entry]) -> Iterator[Sequence[Any]]:
    for entry in entries:
        yield (
            system.code,
            entry.at.isoformat(),
            entry.username,
            entry.who if entry.username else "",
            entry.action,
            entry.year,
            entry.number,
            entry.row,
            "; ".join(f"{what}: {before} -> {after}" for what, before, after in entry.fields),
            entry.reason,
        )


def _changes(system: System, wish: Wish, below: Place | None) -> QuerySet[Change]:
    found = Change.objects.filter(slice__system=system)
    if wish.year:
        found = found.filter(slice__year=wish.year)
    if wish.action:
        found = found.filter(action=wish.action)
    return _narrowed(found, wish, below, 1).select_related("slice", "actor").order_by("-at", "-pk")


def _versions(system: System, wish: Wish, below: Place | None) -> QuerySet[RowVersion]:
    found = _of_system(system)
    if wish.year:
        return found.none()
    if wish.action:
        found = found.filter(table=wish.action)
    before = RowVersion.objects.filter(
        Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")),
        table=OuterRef("table"),
        row=OuterRef("row"),
    ).order_by("-at", "-pk")
    return (
        _narrowed(found, wish, below, 0)
        .select_related("actor")
        .annotate(before=Subquery(before.values("values")[:1]))
        .order_by("-at", "-pk")
    )


def _of_system(system: System) -> QuerySet[RowVersion]:
    """Versions of the rows that belong to a system, or did until they were taken out."""
    own = Q(table="system", row=system.pk)
    for table, path in TABLES.items():
        rows = _model(table)._default_manager.filter(**{path: system}).values("pk")
        gone = RowVersion.objects.filter(
            table=table, values__removed=True, values__of_systems__contains=[system.pk]
        ).values("row")
        own |= Q(table=table, row__in=rows) | Q(table=table, row__in=gone)
    return RowVersion.objects.filter(own)


def _events_of(system: System) -> QuerySet[AdminEvent]:
    """What was done about those who act in a system, and by loading packages about it."""
    return AdminEvent.objects.filter(events_in(System.objects.filter(pk=system.pk)))


def _events(system: System, wish: Wish, below: Place | None) -> QuerySet[AdminEvent]:
    found = _events_of(system)
    if wish.year:
        return found.none()
    if wish.action:
        found = found.filter(action=wish.action)
    related = ("actor", "person", "system", "partner")
    return _narrowed(found, wish, below, 2).select_related(*related).order_by("-at", "-pk")


def _saves(
    saves: Saves, kind: int, system: System, wish: Wish, below: Place | None
) -> QuerySet[Any]:
    found = saves.of(system.pk)
    if wish.year or wish.action not in ("", saves.action):
        return found.none()
    narrowed: QuerySet[Any] = _narrowed(found, wish, below, kind)
    return narrowed.select_related("actor").order_by("-at", "-pk")


def _narrowed(found: Any, wish: Wish, below: Place | None, kind: int) -> Any:
    """Rows of a table by person, time and place."""
    if wish.person == NOBODY:
        found = found.filter(actor=None)
    elif wish.person:
        found = found.filter(actor__username=wish.person)
    if wish.first:
        found = found.filter(at__gte=wish.first)
    if wish.last:
        found = found.filter(at__lte=wish.last)
    if below is None:
        return found
    same = Q(at=below.at)
    if kind == below.kind:
        return found.filter(Q(at__lt=below.at) | same & Q(pk__lt=below.pk))
    return found.filter(Q(at__lt=below.at) | same if kind < below.kind else Q(at__lt=below.at))


def _of_change(change: Change) -> Entry:
    return Entry(
        place=Place(change.at, 1, change.pk),
        at=change.at,
        username=change.actor.username if change.actor else "",
        who=str(change.actor) if change.actor else LOADED,
        action=change.action,
        year=change.slice.year_id,
        number=change.number,
        reason=change.reason,
    )


def _of_versions(system: System, versions: Sequence[Any]) -> Iterator[Entry]:
    if not versions:
        return
    names = names_of(system)
    for version in versions:
        before, now = version.before or {}, version.values
        model, removed = _model(version.table), now.get("removed")
        # an id of an upper floor's column is none of the ground floor's of the same name
        known = {} if version.table in APPS else names
        yield Entry(
            place=Place(version.at, 0, version.pk),
            at=version.at,
            username=version.actor.username if version.actor else "",
            who=str(version.actor) if version.actor else LOADED,
            action=f"{_table_name(version.table)} {_done(before, now)}",
            row=row_name(now, names),
            fields=altered(model, before, now, known) if before and not removed else (),
            reason=str(now.get("reason") or "") if removed or not before else "",
        )


def _done(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if now.get("removed"):
        return "taken out"
    return "changed" if before else "added"


def _of_event(event: AdminEvent) -> Entry:
    whose = [str(event.person)] if event.person else []
    if event.role:
        whose += [f"{event.get_role_display()}, {place_of(event)}", days_of(event)]
    return Entry(
        place=Place(event.at, 2, event.pk),
        at=event.at,
        username=event.actor.username if event.actor else "",
        who=str(event.actor) if event.actor else "Whoever runs the site",
        action=event.get_action_display(),
        row="; ".join(part for part in whose if part),
        reason=event.reason,
    )


def _of_save(saves: Saves, kind: int, item: Any) -> Entry:
    return Entry(
        place=Place(item.at, kind, item.pk),
        at=item.at,
        username=item.actor.username if item.actor else "",
        who=str(item.actor) if item.actor else LOADED,
        action=saves.action,
        row=f"{item.what}: {item.many:,} {saves.fact}{'' if item.many == 1 else 's'}",
    )


def _model(table: str) -> type[Model]:
    return apps.get_model(APPS.get(table, "schemes"), table)


def _table_name(table: str) -> str:
    return str(_model(table)._meta.verbose_name)
