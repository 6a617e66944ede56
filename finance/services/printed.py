"""Printed figures: what a source says a total or variance is, and whether it proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esbt.kit.problems import Fault, Refused
from finance.models import Line, PrintedFigure
from finance.services.report import Count
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
            if figure.pk and same:
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
        if spec.parts:
            present[spec.code].parts.set([present[code] for code in spec.parts])


def _faults(
    spec: PrintedSpec, partners: dict[str, int], lines: dict[str, int]
) -> list[Fault]:
    faults = []
    if spec.partner and spec.partner not in partners:
        faults.append(Fault("This partner is not known.", "partner", spec.partner, spec.row))
    if spec.line and spec.line not in lines:
        faults.append(Fault("This line is not known.", "line", spec.line, spec.row))
    return faults
