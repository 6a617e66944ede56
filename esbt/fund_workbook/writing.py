"""The workbook of a fund: a sheet a table, headings locked, with what stood when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from esbt.fund_workbook.sheets import SHEETS, Column, SheetPlan
from esbt.fund_workbook.standing import Rows
from esbt.kit.entry_books import bytes_of, cell, instructions, new_book

HEADING_ROW = 2  # the title stands above it
SPARE = 20  # white rows below a sheet that grows
BASE = "As downloaded"  # the hidden sheet
LISTS = "Lists"

_HOW = (
    "Type into the white cells only; everything else is locked.",
    "Amounts are pounds for the year, or to date where the heading says so. An empty cell means "
    "not stated, which is not the same as 0.",
    "On the sheets Income and Expenditure a line may be added below the others: give it a code of "
    "small letters, digits and hyphens, a name and a partner's code. No line is taken away by "
    "deleting its row: that is done on the page of the year's lines.",
    "Save the workbook under any name and upload it on the page that you downloaded it from. You "
    "see every change and every fault before anything is stored; one fault stores nothing, and "
    "the same file a second time changes nothing.",
    "A cell that you leave as it was changes nothing, whatever somebody wrote there meanwhile. If "
    "both of you changed it you are told, and nothing is stored.",
    "Quarterly outturn is typed by the finance lead of the line's partner.",
)


def fund_workbook(title: str, identity: str, rows: Mapping[str, Rows]) -> bytes:
    """The workbook; ``identity`` is what it is for, which its upload is held against."""
    book = new_book()
    instructions(book, [title, "", *_HOW, "", *(f"{s.name}: {s.about}." for s in SHEETS)])
    lists = _choice_places()
    for sheet in SHEETS:
        _sheet(book, sheet, rows[sheet.name], title, lists)
    _base(book, identity, rows)
    _lists(book, lists)
    return bytes_of(book)


def _sheet(
    book: Workbook, plan: SheetPlan, rows: Rows, title: str, lists: Mapping[tuple[str, str], str]
) -> None:
    sheet = book.create_sheet(plan.name)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # these may be widened
    sheet.freeze_panes = f"B{HEADING_ROW + 1}"
    spare = SPARE if plan.grows else 0
    last = HEADING_ROW + len(rows) + spare
    for index, column in enumerate(plan.columns, 1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = column.width
        if column.choices and last > HEADING_ROW:
            chosen = DataValidation(
                type="list",
                formula1=lists[plan.name, column.name],
                allow_blank=True,
                showErrorMessage=True,
                errorTitle="Not on the list",
                error="Choose from the list, or leave the cell empty for not stated.",
            )
            chosen.add(f"{letter}{HEADING_ROW + 1}:{letter}{last}")
            sheet.data_validations.append(chosen)
    sheet.append([cell(sheet, f"{plan.about}. {title}", "title")])
    sheet.append([cell(sheet, column.heading, "heading") for column in plan.columns])
    for values in rows.values():
        sheet.append([_filled(sheet, column, values) for column in plan.columns])
    for _ in range(spare):
        sheet.append([cell(sheet, None, _style(column, new=True)) for column in plan.columns])


def _filled(sheet: WriteOnlyWorksheet, column: Column, values: Mapping[str, str]) -> Any:
    text = values[column.name]
    value: Any = dict(column.choices).get(text, text) or None
    if value is not None and column.kind in ("amount", "number"):
        value = Decimal(text)
    return cell(sheet, value, _style(column))


def _style(column: Column, *, new: bool = False) -> str:
    """A locked cell, or one to be typed into; in a new row all are."""
    if not (column.typed or new):
        return "text"
    return "typed" if column.kind == "amount" else "comment"


def _base(book: Workbook, identity: str, rows: Mapping[str, Rows]) -> None:
    """What the workbook is for and what stood in its cells, hidden."""
    sheet = book.create_sheet(BASE)
    sheet.sheet_state = "veryHidden"
    sheet.append([cell(sheet, identity, "words")])
    for plan in SHEETS:
        for key, values in rows[plan.name].items():
            for column in plan.columns:
                if values[column.name]:
                    told = (plan.name, key, column.name, values[column.name])
                    sheet.append([cell(sheet, text, "words") for text in told])


def _choice_places() -> dict[tuple[str, str], str]:
    """Where on the hidden sheet each column's list stands."""
    found: dict[tuple[str, str], str] = {}
    for plan in SHEETS:
        for column in plan.columns:
            if column.choices:
                letter = get_column_letter(len(found) + 1)
                place = f"{LISTS}!${letter}$1:${letter}${len(column.choices)}"
                found[plan.name, column.name] = place
    return found


def _lists(book: Workbook, lists: Mapping[tuple[str, str], str]) -> None:
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "veryHidden"
    choices = [
        [label for _, label in column.choices]
        for plan in SHEETS
        for column in plan.columns
        if (plan.name, column.name) in lists
    ]
    for row in range(max(map(len, choices))):
        told = [labels[row] if row < len(labels) else None for labels in choices]
        sheet.append([cell(sheet, label, "words") for label in told])
