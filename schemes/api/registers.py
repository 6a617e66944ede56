"""API of the typed registers: what there is, their rows, and saving rows of one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict, StrictFloat, StrictInt, StrictStr

from esbt.kit.problems import Fault, Refused
from esbt.kit.tables import csv_answer
from schemes.api.idempotent import Key, answer_once
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.registers.columns import RowColumn
from schemes.registers.files import MAX_ROWS
from schemes.registers.kinds import RegisterKind
from schemes.registers.rows import (
    counted,
    derived_columns,
    download_columns,
    download_rows,
    kind_of,
    own_columns,
    plain,
    row_of,
    rows_in,
    version_of,
)
from schemes.services.entries import Brought, store_entries

router = Router(tags=["registers"])

Cell = StrictStr | StrictInt | StrictFloat | None


class ColumnOut(Schema):
    """A column; ``choices`` are the values that it takes, none for any."""

    name: str
    label: str
    about: str
    type: str
    required: bool
    derived: bool
    choices: list[str]


class RegisterOut(Schema):
    """A register; its rows have these columns beside code, name, place, note and evidence."""

    code: str
    name: str
    about: str
    count: int
    columns: list[ColumnOut]


class RegistersOut(Schema):
    rows: list[RegisterOut]


class RegisterRowsOut(Schema):
    """``version`` is the register's last change, to be sent back with what was compared with it."""

    code: str
    version: int
    rows: list[dict[str, Any]]


class RegisterRowsIn(Schema):
    """Rows by column. A column that is left out stays as it is; null and "" are not stated."""

    model_config = ConfigDict(extra="forbid")

    rows: list[dict[str, Cell]] = Field(min_length=1, max_length=MAX_ROWS)
    seen: Annotated[
        StrictInt | None,
        Field(description="The version that you compared with; left out: any"),
    ] = None


class RegisterSavedOut(Schema):
    created: int
    updated: int
    unchanged: int
    version: int


@router.get(
    "/systems/{system}/registers", response=RegistersOut, summary="Typed registers of a system"
)
def list_registers(request: PersonRequest, system: str) -> dict[str, Any]:
    """Every register with its columns and the number of its rows, 0 where nothing is stated."""
    found = counted(visible_system(request.user, system))
    return {
        "rows": [
            {
                "code": kind.code,
                "name": kind.name,
                "about": kind.about,
                "count": count,
                "columns": [*map(_column, own_columns(kind)), *_derived(kind)],
            }
            for kind, count in found
        ]
    }


def _column(column: RowColumn) -> dict[str, Any]:
    names = ("name", "label", "about", "type", "required")
    return {name: getattr(column, name) for name in names} | {
        "derived": False,
        "choices": [value for value, _ in column.choices],
    }


def _derived(kind: RegisterKind) -> list[dict[str, Any]]:
    plain = {"type": "number", "required": False, "derived": True, "choices": []}
    return [
        {"name": name, "label": label, "about": words} | plain
        for name, label, words in derived_columns(kind)
    ]


@router.get("/systems/{system}/registers/{kind}.csv", summary="The rows of a register as CSV")
def rows_csv(request: PersonRequest, system: str, kind: str) -> HttpResponse:
    """The columns are described at /schemas/registers/REGISTER.json; the import takes it back."""
    found, of = visible_system(request.user, system), kind_of(kind)
    rows = download_rows(of, list(rows_in(found, of)), found)
    return csv_answer(download_columns(of), rows, f"{system}-{kind}")


@router.get(
    "/systems/{system}/registers/{kind}",
    response=RegisterRowsOut,
    summary="The rows of a register",
)
def list_rows(request: PersonRequest, system: str, kind: str) -> dict[str, Any]:
    """Numbers are numbers, null is not stated; derived figures are there too."""
    found, of = visible_system(request.user, system), kind_of(kind)
    return {
        "code": of.code,
        "version": version_of(found, of),
        "rows": [plain(of, row) for row in rows_in(found, of)],
    }


@router.get(
    "/systems/{system}/registers/{kind}/{code}",
    response=dict[str, Any],
    summary="One row of a register",
)
def get_row(request: PersonRequest, system: str, kind: str, code: str) -> dict[str, Any]:
    """404 for a row that is not there."""
    found, of = visible_system(request.user, system), kind_of(kind)
    return plain(of, row_of(found, of, code))


@router.put(
    "/systems/{system}/registers/{kind}",
    response=RegisterSavedOut,
    summary="Save rows of a register, all or none",
)
def put_rows(
    request: PersonRequest,
    system: str,
    kind: str,
    body: RegisterRowsIn,
    idempotency_key: Key = None,
) -> dict[str, Any] | HttpResponse:
    """A row is known by its code, and one with a new code is added. A row whose figures change
    cites a document only if it says which; derived figures may stand there and are not read.
    """
    found, of = visible_system(request.user, system), kind_of(kind)
    require(request.user, Permission.KEEP_DELIVERY, system=found)

    def save() -> dict[str, Any]:
        brought = [_brought(of, number, row) for number, row in enumerate(body.rows, 1)]
        count = store_entries(
            by=request.user, system=found, kind=of, brought=brought, seen=body.seen
        )
        counts = {name: getattr(count, name) for name in ("created", "updated", "unchanged")}
        return counts | {"version": version_of(found, of)}

    return answer_once(request, idempotency_key, body, RegisterSavedOut, save)


def _brought(kind: RegisterKind, number: int, row: Mapping[str, Cell]) -> Brought:
    passed_over = {name for name, _, _ in derived_columns(kind)}
    return Brought(
        number,
        {name: _text(name, cell, number) for name, cell in row.items() if name not in passed_over},
    )


def _text(name: str, cell: Cell, row: int) -> str:
    """A cell as a file has it."""
    if isinstance(cell, float):
        if not math.isfinite(cell):
            raise Refused([Fault("Write a plain number, such as -26.5.", name, str(cell), row)])
        return f"{cell:.15g}"
    return "" if cell is None else str(cell).strip()
