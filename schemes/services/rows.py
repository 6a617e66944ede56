"""Rows of the typed registers, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from esbt.kit.counts import Count
from schemes.models import RegisterRow, User
from schemes.people.permissions import Permission
from schemes.registers.kinds import RegisterKind
from schemes.services.owners import refuse_people
from schemes.services.placing import Places, save_register, values_of
from schemes.services.upsert import Wanted


@dataclass(frozen=True, kw_only=True)
class RowSpec:
    """A row of a register; ``values`` are checked by its kind's row class before they come here."""

    system: str
    register: str
    code: str
    name: str
    position: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None

    @property
    def owner_role(self) -> str:
        """The role that owns it, where its kind has one."""
        return str(self.values.get("owner_role") or "")


@transaction.atomic
def save_rows(*, by: User | None, kind: RegisterKind, specs: Sequence[RowSpec]) -> Count:
    """Create or change rows of a register by system and code; raises Refused with a fault a row."""
    refuse_people(specs, "owner_role")

    def wanted(spec: RowSpec, places: Places) -> Wanted:
        if spec.values.get("owner"):
            places.partners.find(spec.values["owner"], "owner", spec.row)
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "register": kind.code,
                "code": spec.code,
            },
            values_of(spec, "name position note evidence_id")
            | {"values": {name: _plain(spec.values.get(name)) for name in kind.columns}},
            spec.row,
        )

    return save_register(RegisterRow, by, specs, wanted, Permission.KEEP_DELIVERY)


def _plain(value: Any) -> Any:
    """As JSON holds it: a figure as text, so that none of its digits is lost.

    Zeros at its end say nothing, and would make 5.0 of a document another than 5 of a workbook.
    """
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value == "" else value
