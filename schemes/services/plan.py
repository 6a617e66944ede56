"""Themes and schemes of a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import Partner, Scheme, System, Theme, User
from schemes.services.owners import refuse_people
from schemes.services.slices import NO_FIGURE, hold, touch
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
    """A scheme; ``theme``, ``parent`` and ``lead_partner`` are codes.

    Dates keep their own precision (esbt.kit.when). ``working_label`` says that the source prints
    no name and that ours stands for it.
    """

    system: str
    code: str
    name: str
    position: int = 0
    kind: str = Scheme.Kind.SCHEME
    working_label: bool = False
    theme: str = ""
    parent: str = ""
    purpose: str = ""
    proposal: str = ""
    key_outcomes: str = ""
    lead_partner: str = ""
    lead_role: str = ""
    stage: str = ""
    starts: str = ""
    ends: str = ""
    pathways: Sequence[str] = ()
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


_PLAIN = (
    "name", "position", "kind", "working_label", "purpose", "proposal", "key_outcomes",
    "lead_role", "stage", "starts", "ends", "note", "evidence_id",
)  # fmt: skip


@transaction.atomic
def save_themes(*, by: User | None, specs: Sequence[ThemeSpec]) -> Count:
    """Create or rename themes by system and code; pages with a theme renamed renew themselves."""
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
    done = upsert(Theme, wanted, by=by)
    renamed = Q(system__in={item.system_id for item in done.changed})
    touch(by=by, slices=renamed, action="themes", from_month=NO_FIGURE)
    return done.count


@transaction.atomic
def save_schemes(*, by: User | None, specs: Sequence[SchemeSpec]) -> Count:
    """Create or change schemes by system and code, the whole ones before their parts.

    A scheme that changes its theme or parent moves totals, so its system's slices are recomputed.
    Raises Refused for codes that are not known, for parents in a circle, for a part of a part, and
    for a personal name.
    """
    allow(by)
    refuse_people(specs, "lead_role")
    hold(Q(system__code__in={spec.system for spec in specs}))
    faults = _misplaced(specs)
    if faults:
        raise Refused(faults)
    count = Count()
    for layer in ([s for s in specs if not s.parent], [s for s in specs if s.parent]):
        count += _save_layer(by, layer)
    return count


def _misplaced(specs: Sequence[SchemeSpec]) -> list[Fault]:
    """Faults for parents that are not there, stand in a circle, or are parts themselves."""
    parents: dict[tuple[str, str], str] = {
        (system, code): parent or ""
        for system, code, parent in Scheme.objects.filter(
            system__code__in={spec.system for spec in specs}
        ).values_list("system__code", "code", "parent__code")
    }
    parents |= {(spec.system, spec.code): spec.parent for spec in specs}
    own_rows = {(spec.system, spec.code): spec for spec in specs}
    wholes = {(system, parent) for (system, _), parent in parents.items() if parent}
    faults = []
    for place, spec in own_rows.items():
        said = ""
        if spec.parent and (spec.system, spec.parent) not in parents:
            said = f"The system has no scheme '{spec.parent}'. Add it, or mend this."
        elif circle := _circle(parents, place):
            said = f"{' is a part of '.join(circle)}: a circle. Let one of them have no parent."
        elif spec.parent and parents[spec.system, spec.parent]:
            said = f"'{spec.parent}' is a part itself. A part has no parts of its own."
        elif spec.parent and place in wholes:
            said = f"'{spec.code}' has parts, so it cannot be a part. Move its parts first."
        if said:
            faults.append(Fault(said, "parent", spec.parent, spec.row))
    return faults


def _circle(parents: Mapping[tuple[str, str], str], place: tuple[str, str]) -> list[str]:
    """The codes on the way from a scheme up to itself; empty when it does not come back."""
    system, code = place
    way = [code]
    while parent := parents.get((system, way[-1])):
        way.append(parent)
        if parent == code:
            return way
        if way.count(parent) > 1:  # a circle that others are in
            return []
    return []


def _save_layer(by: User | None, specs: Sequence[SchemeSpec]) -> Count:
    systems, partners = Codes(System, "system"), Codes(Partner, "partner")
    themes = _by_place(Theme)
    schemes = _by_place(Scheme)
    faults: list[Fault] = []
    wanted = []
    for spec in specs:
        system = systems.find(spec.system, "system", spec.row)
        if spec.theme and (system, spec.theme) not in themes:
            said = f"The system has no theme '{spec.theme}'. Add it, or mend this."
            faults.append(Fault(said, "theme", spec.theme, spec.row))
        wanted.append(
            Wanted(
                {"system_id": system, "code": spec.code},
                {name: getattr(spec, name) for name in _PLAIN}
                | {
                    "pathways": list(spec.pathways),
                    "theme_id": themes.get((system, spec.theme)),
                    "parent_id": schemes.get((system, spec.parent)),
                    "lead_partner_id": partners.find(spec.lead_partner, "lead_partner", spec.row),
                },
                spec.row,
            )
        )
    faults += systems.faults + partners.faults
    if faults:
        raise Refused(faults)
    done = upsert(Scheme, wanted, by=by)
    touch(
        by=by,
        slices=Q(system__in={item.system_id for item in (*done.changed, *done.created)}),
        action="schemes",
    )
    return done.count


def _by_place(model: type[Theme] | type[Scheme]) -> dict[tuple[int | None, str], int]:
    """Ids by system and code."""
    rows = model._default_manager.values_list("pk", "system_id", "code")
    return {(system, code): pk for pk, system, code in rows}
