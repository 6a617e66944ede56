"""Themes and schemes of a system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import Scheme, System, Theme, User
from schemes.services.slices import touch
from schemes.services.upsert import Codes, Wanted, allow, upsert


@dataclass(frozen=True, kw_only=True)
class ThemeSpec:
    """A heading under which a system groups its schemes."""

    system: str
    code: str
    name: str
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SchemeSpec:
    """A scheme; ``theme`` and ``parent`` are codes in the same system."""

    system: str
    code: str
    name: str
    theme: str = ""
    parent: str = ""
    row: int | str | None = None


@transaction.atomic
def save_themes(*, by: User | None, specs: Sequence[ThemeSpec]) -> Count:
    """Create or rename themes by system and code."""
    allow(by)
    systems = Codes(System, "system")
    wanted = [
        Wanted(
            {"system_id": systems.find(spec.system, "system", spec.row), "code": spec.code},
            {"name": spec.name},
            spec.row,
        )
        for spec in specs
    ]
    systems.refuse()
    return upsert(Theme, wanted).count


@transaction.atomic
def save_schemes(*, by: User | None, specs: Sequence[SchemeSpec]) -> Count:
    """Create or change schemes by system and code, the whole ones before their parts.

    A scheme that changes its theme or parent moves totals, so its system's slices are recomputed.
    Raises Refused for codes that are not known and for a part of a part.
    """
    allow(by)
    count = Count()
    for layer in ([s for s in specs if not s.parent], [s for s in specs if s.parent]):
        count += _save_layer(by, layer)
    return count


def _save_layer(by: User | None, specs: Sequence[SchemeSpec]) -> Count:
    systems = Codes(System, "system")
    themes: dict[tuple[int | None, str], int] = {
        (system, code): pk
        for pk, system, code in Theme.objects.values_list("pk", "system_id", "code")
    }
    wholes: dict[tuple[int | None, str], int] = {
        (system, code): pk
        for pk, system, code in Scheme.objects.filter(parent=None).values_list(
            "pk", "system_id", "code"
        )
    }
    faults: list[Fault] = []
    wanted = []
    for spec in specs:
        system = systems.find(spec.system, "system", spec.row)
        for known, field, code in (
            (themes, "theme", spec.theme),
            (wholes, "parent", spec.parent),
        ):
            if code and (system, code) not in known:
                said = f"The system has no {field} '{code}' (a part has no parts of its own)."
                faults.append(Fault(said, field, code, spec.row))
        wanted.append(
            Wanted(
                {"system_id": system, "code": spec.code},
                {
                    "name": spec.name,
                    "theme_id": themes.get((system, spec.theme)),
                    "parent_id": wholes.get((system, spec.parent)),
                },
                spec.row,
            )
        )
    if faults or systems.faults:
        raise Refused([*systems.faults, *faults])
    done = upsert(Scheme, wanted)
    touch(by=by, slices=Q(system__in={item.system_id for item in done.changed}), action="schemes")
    return done.count
