"""Rows of a system's registers: what they hang on, looked up by codes, and how they are saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from django.db.models import Model, Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    Agreement,
    FundHeading,
    FundPlan,
    NationalCondition,
    Partner,
    Pool,
    Programme,
    Scheme,
    System,
    User,
)
from schemes.models.base import name_of_many
from schemes.permissions import Permission
from schemes.services.said import not_said_before
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Codes, Wanted, allow_in_with, upsert


class OfSystem(Protocol):
    """What every spec of a register has."""

    @property
    def system(self) -> str: ...
    @property
    def row(self) -> int | str | None: ...


# what a code is unique within, from the system down, and what it is called
_WITHIN: dict[type[Model], tuple[str, ...]] = {
    Scheme: ("scheme",),
    Pool: ("pool",),
    Agreement: ("agreement",),
    FundPlan: ("plan",),
    FundHeading: ("plan", "heading"),
    Programme: ("plan", "programme"),
    NationalCondition: ("plan", "condition"),
}


class Places:
    """What rows hang on, by codes, each table read once; faults for what is not known."""

    def __init__(self, specs: Sequence[OfSystem]) -> None:
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
        if found is None:
            within = "plan" if len(way) > 1 else "system"
            said = f"The {within} has no {way[-1]} '{code}'. Add it, or mend this."
            self.faults.append(Fault(said, field, code, spec.row))
        return found

    def _of(self, model: type[Model]) -> dict[tuple[str, ...], int]:
        if model not in self._known:
            above = [f"{name}__code" for name in _WITHIN[model][:-1]]
            system = "plan__system__code" if above else "system__code"
            rows = model._default_manager.filter(**{f"{system}__in": self.codes}).values_list(
                "pk", system, *above, "code"
            )
            self._known[model] = {tuple(place): pk for pk, *place in rows}
        return self._known[model]

    def refuse(self) -> None:
        """Raise Refused when something was not known."""
        faults = [*self.systems.faults, *self.partners.faults, *self.faults]
        if faults:
            raise Refused(faults)


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

    A package that is loaded again says nothing over what people said after it.
    Whoever loads data may, or holds ``permission`` in each of the systems; else Http404.
    """
    allow_in_with(by, permission, {spec.system for spec in specs})
    places = Places(specs)
    rows = [wanted(spec, places) for spec in specs]
    places.refuse()
    new = rows if by else not_said_before(model, rows)
    count = upsert(model, new, by=by).count + Count(unchanged=len(rows) - len(new))
    if count.created or count.updated:
        action = name_of_many(model)
        touch(by=by, slices=Q(system__code__in=places.codes), action=action, from_month=NO_FIGURE)
    return count
