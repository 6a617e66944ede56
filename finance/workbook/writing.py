"""Entry workbooks out: prefilled, and locked but for the cells that are typed into."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from esbt.kit.entry_books import bytes_of, cell, instructions, new_book
from finance.workbook.found import COMMENT_LENGTH
from finance.workbook.layout import FIRST_ROW, IDENTITY_ROW, Identity, Layout, layout_of

_LIMIT = "999999999999"  # pounds; esbt.kit.money says the same when the workbook comes back
_WIDTHS = {"Line": 22, "Name": 44, "Kind": 20, "Unit": 6, "Comment": 60}

_HOW = (
    "Type into the white cells only; everything else is locked, and is how the workbook knows "
    "its place.",
    "Amounts are pounds, to date from the start of the year, in the sense of the line: a deficit "
    "is negative. 12300.50 and -12300 are amounts; so is the value of a formula.",
    "An empty cell means not stated, which is not the same as 0. A cell that you empty takes its "
    "figure back.",
    "Save the workbook under any name and upload it on the page that you downloaded it from. You "
    "see every change and every fault before anything is stored; one fault stores nothing.",
    "A figure that somebody changed after your download is not overwritten: leave yours as it "
    "was and theirs stays; change it as well and you are shown both.",
)


@dataclass(frozen=True)
class SheetRow:
    """A line on a sheet: amounts in pence, None not stated.

    ``values`` are by month and name; ``revisions`` by month. Months outside ``takes`` are locked.
    """

    code: str
    name: str
    kind: str
    fixed_pence: Sequence[int | None]
    values: Mapping[tuple[int, str], int | str | None]
    revisions: Mapping[int, int]
    takes: frozenset[int]


@dataclass(frozen=True)
class EntrySheet:
    """A partner's sheet: what it is for, its title in words, and its lines."""

    identity: Identity
    name: str
    title: str
    months: Sequence[str]
    rows: Sequence[SheetRow]


def entry_workbook(sheets: Sequence[EntrySheet]) -> bytes:
    """The workbook of some partners, an instructions sheet first."""
    book = new_book()
    instructions(book, [*_HOW, "", "It holds:", *(sheet.title for sheet in sheets)])
    names: set[str] = set()
    for sheet in sheets:
        _entry_sheet(book, sheet, _sheet_name(sheet.name, names))
    return bytes_of(book)


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a spreadsheet takes: 31 characters at most, some of them not, none twice."""
    base = re.sub(r"[\[\]:*?/\\]", " ", wanted).strip("' ") or "Partner"
    name, number = base[:31], 1
    while name.lower() in taken:
        number += 1
        name = f"{base[:27]} {number}"
    taken.add(name.lower())
    return name


def _pounds(pence: int | None) -> Decimal | None:
    return None if pence is None else Decimal(pence).scaleb(-2)


def _entry_sheet(book: Workbook, entry: EntrySheet, name: str) -> None:
    layout = layout_of(entry.identity.month, entry.months)
    sheet = book.create_sheet(name)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # these may be widened
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheet.row_dimensions[IDENTITY_ROW].hidden = True
    for index, heading in enumerate(layout.headings, start=1):
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = _WIDTHS.get(heading, 18)
        column.hidden = index in layout.revisions.values()
    _validate(sheet, layout, len(entry.rows))
    sheet.append([cell(sheet, entry.identity.text(), "words")])
    sheet.append([cell(sheet, entry.title, "title")])
    sheet.append(
        [cell(sheet, "£, to date from the start of the year. Empty: not stated.", "words")]
    )
    sheet.append([cell(sheet, heading, "heading") for heading in layout.headings])
    for row in entry.rows:
        sheet.append(_cells(sheet, layout, row))


def _cells(sheet: WriteOnlyWorksheet, layout: Layout, row: SheetRow) -> list[WriteOnlyCell]:
    cells = [cell(sheet, text, "text") for text in (row.code, row.name, row.kind, "£")]
    cells += [cell(sheet, _pounds(pence), "money") for pence in row.fixed_pence]
    for item in layout.inputs:
        value = row.values.get((item.month, item.name))
        if item.name == "comment":
            cells.append(cell(sheet, value or None, "comment"))
        else:
            style = "typed" if item.month in row.takes else "money"
            cells.append(cell(sheet, _pounds(value), style))  # type: ignore[arg-type]
    cells += [cell(sheet, row.revisions.get(month), "text") for month in layout.revisions]
    return cells


def _validate(sheet: WriteOnlyWorksheet, layout: Layout, rows: int) -> None:
    """Have the spreadsheet program itself refuse what is no amount."""
    if not rows:
        return
    amount = DataValidation(
        type="decimal",
        operator="between",
        formula1=f"-{_LIMIT}",
        formula2=_LIMIT,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Not an amount",
        error="Type pounds, such as 12300.50, and a deficit with a minus: -12300.",
    )
    length = DataValidation(
        type="textLength",
        operator="lessThanOrEqual",
        formula1=str(COMMENT_LENGTH),
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Too long",
        error=f"Shorten this to {COMMENT_LENGTH:,} characters.",
    )
    for index, item in enumerate(layout.inputs):
        letter = get_column_letter(layout.column(index))
        which = length if item.name == "comment" else amount
        which.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + rows - 1}")
    for validation in (amount, length):
        if validation.sqref:
            sheet.data_validations.append(validation)
