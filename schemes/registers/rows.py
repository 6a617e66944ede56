"""Rows of the typed registers as pages, downloads and programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import Http404

from esbt.kit.tables import Column
from esbt.kit.when import when_words
from schemes.models import Partner, RegisterRow, RowVersion, System
from schemes.registers.columns import EVIDENCE, RowColumn, columns_of, label_of
from schemes.registers.kinds import BY_CODE, KINDS, RegisterKind

TABLE = "registerrow"  # as RowVersion calls it
FIRST = ("code", "name", "position")


def kind_of(code: str) -> RegisterKind:
    """The register of a code; Http404 for none."""
    if code not in BY_CODE:
        raise Http404
    return BY_CODE[code]


def own_columns(kind: RegisterKind) -> Sequence[RowColumn]:
    """What its rows say, in order; beside code, name, place in the order, note and evidence."""
    columns = columns_of(kind.row)
    return [columns[name] for name in kind.columns]


def rows_in(system: System, kind: RegisterKind) -> QuerySet[RegisterRow]:
    """The rows of a register with their evidence, in its order: one query."""
    found = RegisterRow.objects.filter(system=system, register=kind.code)
    return found.select_related("system", "evidence__source").order_by("position", "code")


def row_of(system: System, kind: RegisterKind, code: str) -> RegisterRow:
    """A row of a register; Http404 for none."""
    row = rows_in(system, kind).filter(code=code).first()
    if row is None:
        raise Http404
    return row


def counted(system: System) -> list[tuple[RegisterKind, int]]:
    """Every register with the number of its rows: one query."""
    counts = dict(
        RegisterRow.objects.filter(system=system)
        .order_by()
        .values_list("register")
        .annotate(Count("pk"))
    )
    return [(kind, counts.get(kind.code, 0)) for kind in KINDS]


def version_of(system: System, kind: RegisterKind) -> int:
    """The number of the last change of any row of a register, removals too; 0 before the first."""
    versions = RowVersion.objects.filter(
        table=TABLE, values__register=kind.code, values__system_id=system.pk
    )
    return versions.aggregate(last=Max("pk"))["last"] or 0


def partner_names(system: System, kind: RegisterKind) -> Mapping[str, str]:
    """Names of partners by code, where a column of the register holds them: one query or none."""
    if "owner" not in kind.columns:
        return {}
    partners = Partner.objects.filter(systems=system)
    return dict(partners.order_by("short_name").values_list("code", "short_name"))


def cells_of(row: RegisterRow, kind: RegisterKind) -> dict[str, str]:
    """A row as text by column, as a package, a file or a form holds it; "" is not stated."""
    evidence = row.evidence
    found: dict[str, Any] = {"code": row.code, "name": row.name, "position": row.position}
    found |= {name: row.values.get(name) for name in kind.columns}
    found["note"] = row.note
    found |= {name: getattr(evidence, name, "") for name in EVIDENCE}
    found["source"] = evidence.source.code if evidence else ""
    return {name: "" if value is None else str(value) for name, value in found.items()}


def derived_of(row: RegisterRow, kind: RegisterKind) -> Mapping[str, Decimal | None]:
    """What is worked out from a row; None where a figure that it needs is not stated."""
    return kind.derived(row.values) if kind.derived else {}


def figure_words(value: Decimal | int | str) -> str:
    """A figure with its digits as they are, thousands apart, and a real minus."""
    text = f"{Decimal(value).normalize():,f}"
    return text.replace("-", "\N{MINUS SIGN}")


def said(column: RowColumn, value: Any, partners: Mapping[str, str]) -> str:
    """A value of a column in words; "" is not stated."""
    if value in (None, ""):
        return ""
    if column.counts:
        return figure_words(value)
    if column.kind == "when":
        return when_words(str(value))
    if column.name == "owner":
        return partners.get(value, value)
    return dict(column.choices).get(value, str(value))


def plain(kind: RegisterKind, row: RegisterRow) -> dict[str, Any]:
    """A row for programs: numbers are numbers, None is not stated, derived figures are there too.

    Evidence stands under its own names, as a data package has it.
    """
    cells = cells_of(row, kind)
    columns = columns_of(kind.row)
    values = {name: _value(columns[name], cell) for name, cell in cells.items()}
    derived = {
        name: None if value is None else float(value)
        for name, value in derived_of(row, kind).items()
    }
    return values | derived


def _value(column: RowColumn, cell: str) -> Any:
    if not cell:
        return None
    if column.kind == "integer":
        return int(cell)
    return float(cell) if column.kind == "number" else cell


def download_columns(kind: RegisterKind) -> list[Column]:
    """Columns of a register's download; those that are worked out are not read back."""
    columns = columns_of(kind.row)
    derived = [
        Column(name, "number", f"worked out: {words}")
        for name, words in (kind.derived_words or {}).items()
    ]
    named = [*FIRST, *kind.columns]
    return [
        Column("system", "string", "code of the system"),
        *(_download(columns[name]) for name in named),
        *derived,
        *(_download(columns[name]) for name in ("note", *EVIDENCE)),
    ]


def _download(column: RowColumn) -> Column:
    told = column.about or column.label
    choices = ", ".join(value for value, _ in column.choices)
    return Column(column.name, column.type, f"{told}: {choices}" if choices else told)


def download_rows(kind: RegisterKind, rows: Sequence[RegisterRow], system: System) -> Iterator[Any]:
    """A row of a download for each row, as text by column."""
    names = [column.name for column in download_columns(kind)]
    for row in rows:
        derived = {
            name: "" if value is None else f"{value.normalize():f}"
            for name, value in derived_of(row, kind).items()
        }
        cells = cells_of(row, kind) | derived | {"system": system.code}
        yield [cells[name] for name in names]


def derived_columns(kind: RegisterKind) -> list[tuple[str, str, str]]:
    """What is worked out: name, heading and how."""
    return [(name, label_of(name), words) for name, words in (kind.derived_words or {}).items()]
