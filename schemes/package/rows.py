"""A table of a data package for each typed register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esbt.kit.counts import Count
from esbt.kit.rows import Table
from schemes.models import User
from schemes.package.base import Step, Warn, evidence_ids
from schemes.registers.kinds import KINDS, RegisterEntry, RegisterKind
from schemes.services import rows as service


def spec_of_row(kind: RegisterKind, row: RegisterEntry, evidence: int | None) -> service.RowSpec:
    """What the service takes of a row that its kind has read."""
    return service.RowSpec(
        system=row.system,
        register=kind.code,
        code=row.code,
        name=row.name,
        position=row.position,
        values={name: getattr(row, name) for name in kind.columns},
        note=row.note,
        evidence_id=evidence,
        row=row.row,
    )


def _step(kind: RegisterKind) -> Step:
    def apply(*, by: User | None, rows: Sequence[Any], warn: Warn) -> Count:
        evidence = evidence_ids(by=by, rows=rows, units=[""] * len(rows))
        specs = [spec_of_row(kind, row, found) for row, found in zip(rows, evidence, strict=True)]
        return service.save_rows(by=by, kind=kind, specs=specs)

    return Step(kind.table, Table(kind.table, kind.row, ("system", "code")), apply)


STEPS: tuple[Step, ...] = tuple(_step(kind) for kind in KINDS)
