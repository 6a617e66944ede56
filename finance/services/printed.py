"""Printed figures: what a source says a total or variance is, and whether it proves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from finance.models import Line, PrintedFigure, PrintedTable
from schemes.models import Partner, Scheme, System, User
from schemes.people.permissions import Permission, require
from schemes.services.slices import writing
from schemes.services.upsert import Codes, Wanted, allow, upsert


@dataclass(frozen=True, kw_only=True)
class PrintedSpec:
    """A printed figure; partner, line, scheme, table and parts by their codes."""

    code: str
    name: str
    measure: str
    pence: int | None
    unit_pence: int
    evidence_id: int
    kind: str = ""
    partner: str = ""
    line: str = ""
    scheme: str = ""
    table: str = ""
    position: int = 0
    month: int | None = None
    parts: Sequence[str] = ()
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """A table that a source prints; ``signs`` says what brackets mean in it."""

    system: str
    code: str
    name: str
    about: str = ""
    signs: str = ""
    row: int | str | None = None


def save_printed(*, by: User | None, slice_id: int, specs: Sequence[PrintedSpec]) -> Count:
    """Record printed figures of a year by their codes."""
    with writing(slice_id=slice_id, by=by, action="printed figures") as write:
        if by is not None:
            require(by, Permission.MANAGE_SYSTEM, system=write.slice.system)
        system = write.slice.system_id
        lines = dict(Line.objects.filter(slice=write.slice).values_list("code", "id"))
        known: dict[str, dict[str, int]] = {
            "partner": dict(Partner.objects.values_list("code", "id")),
            "line": lines,
            "scheme": dict(Scheme.objects.filter(system=system).values_list("code", "id")),
            "table": dict(PrintedTable.objects.filter(system=system).values_list("code", "id")),
        }
        present = {
            figure.code: figure
            for figure in PrintedFigure.objects.filter(slice=write.slice).prefetch_related("parts")
        }
        faults = [fault for spec in specs for fault in _faults(spec, known)]
        faults += _told_twice(specs, present.values(), lines)
        if faults:
            raise Refused(faults)
        count = Count()
        for spec in specs:
            figure = present.get(spec.code) or PrintedFigure(slice=write.slice, code=spec.code)
            values = {
                "name": spec.name,
                "measure": spec.measure,
                "kind": spec.kind,
                **{f"{name}_id": ids.get(getattr(spec, name)) for name, ids in known.items()},
                "position": spec.position,
                "month": spec.month,
                "pence": spec.pence,
                "unit_pence": spec.unit_pence,
                "evidence_id": spec.evidence_id,
            }
            same = all(getattr(figure, name) == value for name, value in values.items())
            if figure.pk and same and _parts(figure) == set(spec.parts):
                count.unchanged += 1
                continue
            count = count + (Count(updated=1) if figure.pk else Count(created=1))
            for name, value in values.items():
                setattr(figure, name, value)
            figure.save()
            present[spec.code] = figure
            write.draw()
        _set_parts(specs, present)
        return count


def _set_parts(specs: Sequence[PrintedSpec], present: dict[str, PrintedFigure]) -> None:
    for spec in specs:
        unknown = [code for code in spec.parts if code not in present]
        if unknown:
            raise Refused(
                [
                    Fault(
                        "This part is not a printed figure of the same year. Savings of two "
                        "years are never added.",
                        "parts",
                        unknown[0],
                        spec.row,
                    )
                ]
            )
        if _parts(present[spec.code]) != set(spec.parts):
            present[spec.code].parts.set([present[code] for code in spec.parts])


def _parts(figure: PrintedFigure) -> set[str]:
    return {part.code for part in figure.parts.all()}


def _told_twice(
    specs: Sequence[PrintedSpec], present: Iterable[PrintedFigure], lines: dict[str, int]
) -> list[Fault]:
    """Faults for a measure of a line and month that two codes would hold."""
    coming = {spec.code for spec in specs}
    holders = {
        (figure.line_id, figure.month, figure.measure): figure.code
        for figure in present
        if figure.line_id and figure.code not in coming
    }
    faults = []
    for spec in specs:
        if spec.line not in lines:
            continue
        holder = holders.setdefault((lines[spec.line], spec.month, spec.measure), spec.code)
        if holder != spec.code:
            message = f"'{holder}' holds this measure of the line and month already. Keep one."
            faults.append(Fault(message, "code", spec.code, spec.row))
    return faults


def _faults(spec: PrintedSpec, known: dict[str, dict[str, int]]) -> list[Fault]:
    return [
        Fault(f"This {name} is not known.", name, code, spec.row)
        for name, ids in known.items()
        if (code := getattr(spec, name)) and code not in ids
    ]


@transaction.atomic
def save_printed_tables(*, by: User | None, specs: Sequence[TableSpec]) -> Count:
    """Create or change printed tables by system and code; raises Refused with a fault a row."""
    allow(by)
    systems = Codes(System, "system")
    wanted = [
        Wanted(
            {"system_id": systems.find(spec.system, "system", spec.row), "code": spec.code},
            {"name": spec.name, "about": spec.about, "signs": spec.signs},
            spec.row,
        )
        for spec in specs
    ]
    systems.refuse()
    return upsert(PrintedTable, wanted, by=by).count
