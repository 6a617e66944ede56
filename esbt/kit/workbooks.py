"""Tables out as workbooks: one sheet of figures, and one that says where they come from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from esbt.kit.tables import Column

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MONEY = "#,##0.00;(#,##0.00);0.00"
_WIDEST = 60


def workbook(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, about: Mapping[str, str]
) -> bytes:
    """A workbook of the table; numbers are numbers, and no text can run as a formula.

    ``about`` is what the second sheet says, such as source, state and time.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Figures")
    sheet.freeze_panes = "B2"
    held = [list(row) for row in rows]
    for index, column in enumerate(columns):
        longest = max((len(str(row[index] or "")) for row in held), default=0)
        width = min(_WIDEST, max(len(column.name), longest) + 2)
        sheet.column_dimensions[get_column_letter(index + 1)].width = width
    sheet.append([_cell(sheet, column.name, bold=True) for column in columns])
    for row in held:
        sheet.append(
            [
                _cell(sheet, _typed(value, column), money=column.type == "number")
                for column, value in zip(columns, row, strict=True)
            ]
        )
    notes = book.create_sheet("About")
    notes.column_dimensions["A"].width = 24
    notes.column_dimensions["B"].width = 100
    for name, said in about.items():
        notes.append([_cell(notes, name, bold=True), _cell(notes, said)])
    for column in columns:
        notes.append([_cell(notes, column.name, bold=True), _cell(notes, column.description)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(value: Any, column: Column) -> Any:
    """Booleans arrive as the text that CSV has, and are booleans here."""
    return value == "true" if column.type == "boolean" and value in ("true", "false") else value


def _cell(
    sheet: WriteOnlyWorksheet, value: Any, *, bold: bool = False, money: bool = False
) -> WriteOnlyCell:
    """A cell of the type that its value has; amounts arrive as text, and are numbers here."""
    if money and value not in (None, ""):
        cell = WriteOnlyCell(sheet, value=Decimal(value))
        cell.number_format = _MONEY
        return cell
    cell = WriteOnlyCell(sheet, value=None if value == "" else value)
    if isinstance(value, str) and value:
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.alignment = Alignment(wrap_text=len(value) > _WIDEST, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
