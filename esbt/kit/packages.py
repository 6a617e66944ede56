"""Reading a data package: a folder or a zip with datapackage.json and CSV files.

Nothing that a package says about itself is trusted: paths stay inside it, sizes are counted while
reading, and every fault is collected, with its file, row, column and remedy.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esbt.kit.archives import DESCRIPTOR, Archive, TooLarge, Unreadable, open_archive
from esbt.kit.problems import Fault, Refused
from esbt.kit.rows import SHOWN, Row, Table, read_row, schema_of

MAX_ROWS = 500_000  # of one file
MAX_FAULTS = 1_000  # of one package; more say nothing new

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _SchemaField(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    type: str = "string"
    format: str = "default"
    constraints: dict[str, Any] = {}


class _Schema(BaseModel):
    model_config = ConfigDict(extra="allow")

    fields: list[_SchemaField]
    primary_key: list[str] | str = Field([], alias="primaryKey")
    missing_values: list[str] = Field([""], alias="missingValues")


class _Resource(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    path: str
    schema_: _Schema = Field(alias="schema")
    encoding: str = "utf-8"
    dialect: dict[str, Any] = {}


class _Descriptor(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    resources: list[_Resource] = Field(min_length=1)


@dataclass
class Package:
    """What a package holds: rows by table, and the file that each table came from."""

    name: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def read_package(path: Path, tables: Mapping[str, Table]) -> Package:
    """Read and check a whole package; raises Refused with every fault found in it."""
    try:
        with open_archive(path) as archive:
            return _Reader(archive, path.resolve().stem, tables).read()
    except Unreadable as error:
        raise Refused([Fault(str(error), file=path.name)]) from error


class _Reader:
    def __init__(self, archive: Archive, label: str, tables: Mapping[str, Table]) -> None:
        self.archive, self.label, self.tables = archive, label, tables
        self.faults: list[Fault] = []

    def read(self) -> Package:
        descriptor = self._descriptor()
        package = Package(descriptor.name)
        for resource in descriptor.resources:
            table = self._table(resource, package)
            if table is None:
                continue
            package.files[table.name] = self._file(resource.path)
            package.rows[table.name] = self._rows(resource, table)
            if len(self.faults) > MAX_FAULTS:
                self.faults[MAX_FAULTS:] = [Fault("More faults follow; mend these first.")]
                break
        if self.faults:
            raise Refused(self.faults)
        return package

    def _file(self, name: str) -> str:
        return f"{self.label}/{name}"

    def _descriptor(self) -> _Descriptor:
        try:
            return _Descriptor.model_validate(json.loads(self.archive.read(DESCRIPTOR)))
        except (ValueError, RecursionError) as error:
            file = self._file(DESCRIPTOR)
            if isinstance(error, ValidationError):
                raise Refused(
                    Fault(
                        f"{item['msg']}. See the Frictionless Data Package specification.",
                        ".".join(map(str, item["loc"])),
                        str(item["input"])[:SHOWN] if item["type"] != "missing" else "",
                        file=file,
                    )
                    for item in error.errors()
                ) from error
            message = "This is not JSON. Write it in UTF-8 by the Data Package specification."
            raise Refused([Fault(message, file=file)]) from error

    def _table(self, resource: _Resource, package: Package) -> Table | None:
        """The table that a resource fills; None, with a fault, when it fills none."""
        table = self.tables.get(resource.name)
        said = f"Resources are named {', '.join(self.tables)}."
        if table is None:
            fault = Fault(said, "resources.name", resource.name)
        elif table.name in package.rows:
            fault = Fault("This resource stands here twice.", "resources.name", resource.name)
        elif resource.encoding.lower().replace("-", "") != "utf8":
            fault = Fault("Write the file in UTF-8.", "encoding", resource.encoding)
        elif resource.dialect or resource.schema_.missing_values != [""]:
            fault = Fault(
                "Write plain CSV: commas, double quotes, blank for what is not stated.", "dialect"
            )
        else:
            return table
        self._add(fault, self._file(DESCRIPTOR))
        return None

    def _add(self, fault: Fault, file: str) -> None:
        self.faults.append(Fault(fault.message, fault.field, fault.value, fault.row, file))

    def _rows(self, resource: _Resource, table: Table) -> list[Row]:
        file = self._file(resource.path)
        before = len(self.faults)
        self._compare_schema(resource, table)
        try:
            records = _records(_decode(self.archive.read(resource.path)))
            heading = [name.strip() for name in next(records, (1, []))[1]]
            self._compare_heading(heading, resource, table, file)
            if len(self.faults) > before:
                return []
            return self._body(records, heading, table, file)
        except TooLarge:
            raise
        except Unreadable as error:
            self._add(Fault(str(error), value=error.value, row=error.row), file)
            return []

    def _compare_schema(self, resource: _Resource, table: Table) -> None:
        """The package's own schema must say what the table's says, or less."""
        file = self._file(DESCRIPTOR)
        expected = {item["name"]: item for item in schema_of(table)["fields"]}
        for item in resource.schema_.fields:
            place = f"{table.name}.{item.name}"
            known = expected.get(item.name)
            if known is None:
                said = f"The table {table.name} has no such column. It has {', '.join(expected)}."
                self._add(Fault(said, place, item.name), file)
                continue
            if (item.type, item.format) != (known["type"], "default"):
                self._add(Fault(f"This column is of type {known['type']}.", place, item.type), file)
            limits = known.get("constraints", {})
            for name, value in item.constraints.items():
                if limits.get(name) != value:
                    said = (
                        "This is not what the loader checks. Leave it out, "
                        f"or write {limits[name]}."
                        if name in limits
                        else "The loader checks no such constraint here. Leave it out."
                    )
                    self._add(Fault(said, f"{place}.{name}", str(value)[:SHOWN]), file)
        declared = {item.name for item in resource.schema_.fields}
        expected_key = [name for name in table.key if name in declared]
        key = resource.schema_.primary_key
        key = [key] if isinstance(key, str) else key
        if key and key != expected_key:
            said = f"The key of this table is {', '.join(expected_key)}."
            self._add(Fault(said, f"{table.name}.primaryKey", ", ".join(key)), file)

    def _compare_heading(
        self, heading: list[str], resource: _Resource, table: Table, file: str
    ) -> None:
        """The first row names the columns of the schema, all of them and once each."""
        columns = table.row.columns()
        declared = [item.name for item in resource.schema_.fields]
        needed = [name for name, info in columns.items() if info.is_required()]
        for name in dict.fromkeys([*declared, *needed]):
            if name not in heading:
                self._add(Fault("This column is missing. Add it.", name, row=1), file)
        for name in dict.fromkeys(heading):
            if name not in declared:
                self._add(Fault("The schema has no such column. Take it out.", name, name, 1), file)
            elif heading.count(name) > 1:
                self._add(Fault("This column stands here twice.", name, name, 1), file)

    def _body(
        self,
        records: Iterator[tuple[int, list[str]]],
        heading: list[str],
        table: Table,
        file: str,
    ) -> list[Row]:
        rows: list[Row] = []
        seen: dict[tuple[object, ...], int] = {}
        for number, record in records:
            if not any(cell.strip() for cell in record):
                continue
            if len(self.faults) > MAX_FAULTS:
                break
            if len(record) != len(heading):
                said = f"This row has {len(record)} cells, the heading {len(heading)}."
                self._add(Fault(f"{said} Are there quotes around each comma?", row=number), file)
                continue
            cells = {name: cell.strip() for name, cell in zip(heading, record, strict=True)}
            odd = [name for name, cell in cells.items() if _CONTROL.search(cell)]
            if odd:
                said = "There is an invisible control character in this cell. Type it anew."
                self._add(Fault(said, odd[0], repr(cells[odd[0]])[:SHOWN], number), file)
                continue
            row = read_row(table.row, cells, number, file)
            if isinstance(row, list):
                self.faults += row
                continue
            key = tuple(getattr(row, name) for name in table.key)
            first = seen.setdefault(key, number)
            if first != number:
                value = ", ".join("" if part is None else str(part) for part in key)
                said = f"Row {first} has this key already. Keep one of them."
                self._add(Fault(said, ", ".join(table.key), value[:SHOWN], number), file)
                continue
            rows.append(row)
            if len(rows) > MAX_ROWS:
                raise Unreadable(f"A file has at most {MAX_ROWS:,} rows. Split the package.")
        return rows


def _decode(data: bytes) -> str:
    """Text of a file in UTF-8, with or without the mark that spreadsheets put in front."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        value = data[error.start : error.end].hex()
        said = "This is not UTF-8. Save the file as CSV UTF-8."
        raise Unreadable(said, row=line, value=f"byte {value}") from error


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with their numbers; a cell may hold line ends, so these are not lines."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            yield number, record
    except csv.Error as error:
        said = f"This row cannot be read ({error}). Is a quotation mark left open?"
        raise Unreadable(said, row=number + 1) from error
