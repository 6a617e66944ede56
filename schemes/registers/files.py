"""Files of a register: read by their headings, each fault with its row, column and value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from esbt.kit.problems import Fault, Refused
from esbt.kit.spreadsheets import Sheet, Unreadable, read_spreadsheet, text_of
from schemes.models import System
from schemes.registers.columns import RowColumn, columns_of
from schemes.registers.kinds import RegisterKind
from schemes.registers.rows import derived_columns
from schemes.services.entries import Brought

MAX_ROWS = 5000
MAX_BYTES = 4 * 1024 * 1024  # of the rows as text, which the preview carries
MAX_FAULTS = 200


@dataclass
class FileRead:
    """The rows of a file, and in ``notes`` how it was taken."""

    rows: list[Brought] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_register_file(content: bytes, kind: RegisterKind, system: System) -> FileRead:
    """Read an XLSX or CSV of a register; blank rows and what is worked out here are passed over.

    Raises Refused for a file that cannot be read, and with what is wrong with its headings and
    cells.
    """
    try:
        book = read_spreadsheet(content)
        if not book.sheets:
            raise Unreadable("The workbook has no sheet.")
        sheet = book.sheets[0]
        rows = [(number, row) for number, row in enumerate(sheet.rows(), 1) if any(map(_text, row))]
    except Unreadable as error:
        raise Refused([Fault(str(error), value=error.value, row=error.row)]) from error
    if not rows:
        raise Refused([Fault("The file is empty. Its first row names the columns.")])
    if len(rows) - 1 > MAX_ROWS:
        said = f"The file has {len(rows) - 1:,} rows; at most {MAX_ROWS:,} are taken. Split it."
        raise Refused([Fault(said)])
    done = FileRead(notes=[*book.notes])
    heading, first = rows[0][1], rows[0][0]
    columns = _headings(heading, first, kind, done.notes)
    faults: list[Fault] = []
    for number, row in rows[1:]:
        cells = {}
        for place, column in columns.items():
            value = row[place] if place < len(row) else ""
            try:
                cells[column.name] = _cell(sheet, number, place, value, column)
            except ValueError as error:
                faults.append(Fault(str(error), column.name, text_of(value)[:60], number))
        faults += _of_another(cells.pop("system", ""), number, system)
        done.rows.append(Brought(number, cells))
    if faults:
        raise Refused(faults[:MAX_FAULTS])
    if len(packed(done.rows)) > MAX_BYTES:
        said = f"The file holds more than {MAX_BYTES // 1024**2} MB of text. Split it."
        raise Refused([Fault(said)])
    return done


def _headings(
    heading: Sequence[Any], row: int, kind: RegisterKind, notes: list[str]
) -> dict[int, RowColumn]:
    """Which column stands where; a heading is a column's name or its label."""
    known = {}
    for column in columns_of(kind.row).values():
        known[_key(column.name)] = known[_key(column.label)] = column
    worked_out = {
        key: label for name, label, _ in derived_columns(kind) for key in (_key(name), _key(label))
    }
    found: dict[int, RowColumn] = {}
    faults = []
    for place, cell in enumerate(heading):
        text = _text(cell)
        key = _key(text)
        if key in worked_out:
            notes.append(f"{worked_out[key]} is worked out here, and was not read.")
        elif key not in known:
            if text or any(heading[place:]):
                names = ", ".join(name for name in columns_of(kind.row) if name != "system")
                said = (
                    f"No column of this register is called so. Take it out, or use one of {names}."
                )
                faults.append(Fault(said, text or f"column {place + 1}", text, row))
        elif known[key] in found.values():
            faults.append(Fault("This column stands here twice. Take one out.", text, text, row))
        else:
            found[place] = known[key]
    if not any(column.name == "code" for column in found.values()):
        said = "There is no column code, which tells rows apart. Download the register to have one."
        faults.append(Fault(said, "code", row=row))
    if faults:
        raise Refused(faults)
    return found


def _cell(sheet: Sheet, row: int, place: int, value: Any, column: RowColumn) -> str:
    """A cell as text; raises ValueError, with the remedy, for one that has no certain value."""
    if bad := sheet.bad.get((row, place + 1)):
        raise ValueError(bad)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        # a spreadsheet makes 1 April of a mere April: which of them was meant nobody can say
        if column.kind == "when" and value.day == 1:
            raise ValueError(
                "The spreadsheet made a day of this. Format the cell as text and write as much as "
                f"is known: {value:%Y}, {value:%Y-%m} or {value:%Y-%m-%d}."
            )
        return f"{value:%Y-%m-%d}"
    text = _text(value)
    # what the download put in front of a text that a spreadsheet would run as a formula
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def _of_another(code: str, row: int, system: System) -> list[Fault]:
    if code in ("", system.code):
        return []
    said = f"This row is of another system. Take it out, or write {system.code}."
    return [Fault(said, "system", code, row)]


def packed(rows: Sequence[Brought]) -> str:
    """Rows as a form carries them from a preview to what stores it."""
    return json.dumps([[item.row, item.cells] for item in rows], ensure_ascii=False)


def unpacked(text: str) -> list[Brought]:
    """The rows of a form; raises Refused for what no preview wrote."""
    try:
        found = json.loads(text)
        rows = [Brought(int(row), _cells(cells)) for row, cells in found]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused([Fault("Choose the file again: the preview was cut short.")]) from None
    if len(rows) > MAX_ROWS:
        raise Refused([Fault(f"At most {MAX_ROWS:,} rows are taken.")])
    return rows


def _cells(cells: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(cell) for name, cell in cells.items()}


def _key(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").split()).casefold()


def _text(value: Any) -> str:
    return text_of(value).replace("\r\n", "\n").replace("\r", "\n")
