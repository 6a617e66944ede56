"""Printed figures: what a source says a total or variance is, and whether it proves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from finance.models import Line, PrintedFigure
from schemes.models import Partner, User
from schemes.permissions import Permission, require
from schemes.services.slices import writing


@dataclass(frozen=True, kw_only=True)
class PrintedSpec:
    """A printed figure; partner, line and parts by their codes."""

    code: str
    name: str
    measure: str
    pence: int | None
    unit_pence: int
    evidence_id: int
    kind: str = ""
    partner: str = ""
    line: str = ""
    month: int | None = None
    parts: Sequence[str] = ()
    row: int | str | None = None


def save_printed(*, by: User | None, slice_id: int, specs: Sequence[PrintedSpec]) -> Count:
    """Record printed figures of a year by their codes."""
    with writing(slice_id=slice_id, by=by, action="printed figures") as write:
        if by is not None:
            require(by, Permission.MANAGE_SYSTEM, system=write.slice.system)
        partners = dict(Partner.objects.values_list("code", "id"))
        lines = dict(Line.objects.filter(slice=write.slice).values_list("code", "id"))
        present = {
            figure.code: figure
            for figure in PrintedFigure.objects.filter(slice=write.slice).prefetch_related("parts")
        }
        faults = [fault for spec in specs for fault in _faults(spec, partners, lines)]
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
                "partner_id": partners.get(spec.partner),
                "line_id": lines.get(spec.line),
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
                [Fault("This part is not a printed figure.", "parts", unknown[0], spec.row)]
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


def _faults(spec: PrintedSpec, partners: dict[str, int], lines: dict[str, int]) -> list[Fault]:
    faults = []
    if spec.partner and spec.partner not in partners:
        faults.append(Fault("This partner is not known.", "partner", spec.partner, spec.row))
    if spec.line and spec.line not in lines:
        faults.append(Fault("This line is not known.", "line", spec.line, spec.row))
    return faults
