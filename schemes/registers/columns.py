"""Columns of a row class as forms, lists and downloads need them: made from the class itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from esbt.kit.rows import Row, Table, schema_of
from esbt.kit.words import capital
from schemes.package.base import EvidenceColumns, is_when

EVIDENCE = tuple(EvidenceColumns.columns())
_LONG = 300  # from this length on a text is written in several lines


@dataclass(frozen=True)
class RowColumn:
    """A column: ``kind`` is integer, number, date, boolean, when, choice, text or long."""

    name: str
    label: str
    about: str
    kind: str
    required: bool = False
    choices: Sequence[tuple[str, str]] = ()
    longest: int | None = None

    @property
    def counts(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in ("integer", "number")

    @property
    def type(self) -> str:
        """Its type in a table schema."""
        return self.kind if self.kind in ("integer", "number", "date", "boolean") else "string"


@cache
def columns_of(row: type[Row]) -> Mapping[str, RowColumn]:
    """The columns of a row class by name, in its order."""
    fields = schema_of(Table("", row, ()))["fields"]
    return {field["name"]: _column(field, row) for field in fields}


def label_of(name: str) -> str:
    """A name in words: ``risk-groups`` and ``risk_groups`` are "Risk groups"."""
    return capital(name.replace("-", " ").replace("_", " "))


def _column(field: Mapping[str, Any], row: type[Row]) -> RowColumn:
    name = field["name"]
    info = row.columns()[name]
    limits = field.get("constraints", {})
    longest = limits.get("maxLength")
    if "enum" in limits:
        kind = "choice"
    elif field["type"] != "string":
        kind = field["type"]
    elif is_when(info):
        kind = "when"
    else:
        kind = "long" if longest is None or longest > _LONG else "text"
    return RowColumn(
        name,
        info.title or label_of(name),
        field.get("description", ""),
        kind,
        required=bool(limits.get("required")),
        choices=[(value, label_of(value)) for value in limits.get("enum", ())],
        longest=longest,
    )
