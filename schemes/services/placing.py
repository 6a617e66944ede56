"""Rows of a system's registers: what they hang on, looked up by codes, and how they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.db.models import Model, Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.when import first_day, is_when, last_day
from schemes.models import (
    Action,
    ActionArea,
    ActionPlan,
    Agreement,
    Body,
    FundHeading,
    FundPlan,
    Meeting,
    Milestone,
    NationalCondition,
    Partner,
    Pool,
    Programme,
    Project,
    RowVersion,
    Scheme,
    System,
    User,
    Workstream,
)
from schemes.models.base import name_of_many
from schemes.people.permissions import Permission
from schemes.services.moves import with_reasons
from schemes.services.said import news_of
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Codes, Wanted, allow_in_with, upsert

P = TypeVar("P")


class OfSystem(Protocol):
    """What every spec of a register has."""

    @property
    def system(self) -> str: ...
    @property
    def row(self) -> int | str | None: ...


# what a code is unique within, from the system down, and what it is called; with the way from the
# table's rows to each where that is not the name itself
_WITHIN: dict[type[Model], tuple[str, ...]] = {
    Scheme: ("scheme",),
    Pool: ("pool",),
    Agreement: ("agreement",),
    FundPlan: ("plan",),
    FundHeading: ("plan", "heading"),
    Programme: ("plan", "programme"),
    NationalCondition: ("plan", "condition"),
    Body: ("body",),
    Meeting: ("body", "meeting"),
    ActionPlan: ("plan",),
    ActionArea: ("plan", "area"),
    Action: ("plan", "action"),
    Workstream: ("workstream",),
    Project: ("workstream", "project"),
    Milestone: ("milestone",),
}
_WAYS: dict[type[Model], str] = {Action: "area__plan"}


class Places:
    """What rows hang on, by codes, each table read once; faults for what is not known."""

    def __init__(self, specs: Sequence[OfSystem], *, loaded: bool = False) -> None:
        """``loaded`` from a package, which may name what somebody took out since."""
        self.loaded = loaded
        self.gone: dict[type[Model], set[int]] = {}  # rows that were taken out and are named
        self.codes = {spec.system for spec in specs}
        self.systems = Codes(System, "system")
        self.partners = Codes(Partner, "partner")
        self.faults: list[Fault] = []
        self._known: dict[type[Model], dict[tuple[str, ...], int]] = {}

    def find(self, model: type[Model], spec: OfSystem, field: str = "") -> int | None:
        """The id of what a spec names; None for a blank one, and with a fault for an unknown one.

        ``field`` is the spec's own name for it where that differs, as in ``on_scheme``.
        """
        way = _WITHIN[model]
        field = field or way[-1]
        code = getattr(spec, field)
        if not code:
            return None
        place = (spec.system, *(getattr(spec, name) for name in way[:-1]), code)
        found = self._of(model).get(place)
        if found is None and (gone := self._taken_out(model, place)):
            self.gone.setdefault(model, set()).add(gone)
            return gone
        if found is None:
            within = way[-2] if len(way) > 1 else "system"
            said = f"The {within} has no {way[-1]} '{code}'. Add it, or mend this."
            self.faults.append(Fault(said, field, code, spec.row))
        return found

    def _taken_out(self, model: type[Model], place: tuple[str, ...]) -> int | None:
        """The id that a row had which somebody took out, where a package still names it."""
        if not self.loaded:
            return None
        removed = RowVersion.objects.filter(
            table=model._meta.model_name, values__removed=True, values__place=list(place)
        )
        return removed.order_by("-pk").values_list("row", flat=True).first()

    def stands(self, model: type[Model], want: Wanted) -> bool:
        """Whether a row hangs on nothing that was taken out."""
        named = {item.attname: item.related_model for item in model._meta.concrete_fields}
        return not any(
            value in ids and named.get(name) is gone
            for name, value in (*want.key.items(), *want.values.items())
            for gone, ids in self.gone.items()
        )

    def _of(self, model: type[Model]) -> dict[tuple[str, ...], int]:
        if model not in self._known:
            columns = _columns(model)
            rows = model._default_manager.filter(**{f"{columns[0]}__in": self.codes}).values_list(
                "pk", *columns
            )
            self._known[model] = {tuple(place): pk for pk, *place in rows}
        return self._known[model]

    def refuse(self) -> None:
        """Raise Refused when something was not known."""
        faults = [*self.systems.faults, *self.partners.faults, *self.faults]
        if faults:
            raise Refused(faults)


def _columns(model: type[Model]) -> list[str]:
    """The columns whose codes name a row of a table, from the system's down."""
    above = [_WAYS.get(model, name) for name in _WITHIN[model][:-1]]
    return ["__".join([*above, "system", "code"]), *(f"{name}__code" for name in above), "code"]


def place_of(row: Model) -> list[str]:
    """The codes by which others name a row, from the system's down; none of what nobody names."""
    model = type(row)
    if model not in _WITHIN:
        return []
    return list(model._default_manager.values_list(*_columns(model)).get(pk=row.pk))


def values_of(spec: object, names: str) -> dict[str, Any]:
    """Values of a spec that are stored under the same names."""
    return {name: getattr(spec, name) for name in names.split()}


def save_register(
    model: type[Model],
    by: User | None,
    specs: Sequence[Any],
    wanted: Callable[[Any, Places], Wanted],
    permission: Permission = Permission.LOAD_DATA,
) -> Count:
    """Bring a register to its specs; its systems' pages renew themselves, their figures stay.

    A package says nothing over what people said after it, and nothing of what hangs on what they
    took out.
    Whoever loads data may, or holds ``permission`` in each of the systems; else Http404.
    """
    allow_in_with(by, permission, {spec.system for spec in specs})
    places = Places(specs, loaded=by is None)
    rows = [wanted(spec, places) for spec in specs]
    places.refuse()
    news = news_of(model, with_reasons(model, rows, by), by)
    new = [row for row in news.rows if places.stands(model, row)]
    left = Count(unchanged=len(news.rows) - len(new))
    count = upsert(model, new, by=by).count + news.rest + left
    if count.created or count.updated:
        action = name_of_many(model)
        touch(by=by, slices=Q(system__code__in=places.codes), action=action, from_month=NO_FIGURE)
    return count


def refuse_backwards(specs: Sequence[Any]) -> None:
    """Raise Refused for specs whose ``ends`` lies before their ``starts``, at any precision."""
    faults = [
        Fault("It ends before it starts. Change one of the two.", "ends", spec.ends, spec.row)
        for spec in specs
        if is_when(spec.starts)
        and is_when(spec.ends)
        and last_day(spec.ends) < first_day(spec.starts)
    ]
    if faults:
        raise Refused(faults)


def in_layers(specs: Sequence[Any], *fields: str) -> Iterator[list[Any]]:
    """Specs of one table, those that others of them name by their codes first.

    Raises Refused where they name each other in a circle.
    """
    left = {(spec.system, spec.code): spec for spec in specs}
    while left:
        layer = [
            spec
            for spec in left.values()
            if not any(
                (spec.system, getattr(spec, field)) in left and getattr(spec, field) != spec.code
                for field in fields
            )
        ]
        if not layer:
            spec = next(iter(left.values()))
            said = f"'{spec.code}' and others name each other in a circle. Leave one of them out."
            raise Refused([Fault(said, fields[0], getattr(spec, fields[0]), spec.row)])
        yield layer
        for spec in layer:
            del left[spec.system, spec.code]


def refuse_circles(
    ways: Mapping[P, Sequence[P]], verb: str, named: Callable[[P], str], field: str = "other"
) -> None:
    """Raise Refused where things wait for each other: the first circle is told from end to end.

    ``field`` is the one in which it is to be mended.
    """
    done: set[P] = set()
    for start in ways:
        trail: list[P] = []
        if circle := _circle(start, ways, trail, done):
            said = f" {verb} ".join(named(place) for place in circle)
            raise Refused([Fault(f"{said}: a circle. Take one of these out.", field)])


def _circle(place: P, ways: Mapping[P, Sequence[P]], trail: list[P], done: set[P]) -> list[P]:
    if place in trail:
        return [*trail[trail.index(place) :], place]
    if place in done:
        return []
    trail.append(place)
    for other in ways.get(place, ()):
        if circle := _circle(other, ways, trail, done):
            return circle
    trail.pop()
    done.add(place)
    return []
