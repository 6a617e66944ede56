"""Workbooks that are typed into: their styles, locked but for white cells, and instructions."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_MONEY = "#,##0.00;(#,##0.00);0.00"


def new_book() -> Workbook:
    """A workbook with the styles in it."""
    book = Workbook(write_only=True)
    for style in _STYLES.values():
        book.add_named_style(style)
    return book


def bytes_of(book: Workbook) -> bytes:
    """The file; its second sheet, behind the instructions, is the one that opens."""
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _style(name: str, *, unlocked: bool = False, money: bool = False, **more: Any) -> NamedStyle:
    style = NamedStyle(name=f"esbt {name}", protection=Protection(locked=not unlocked), **more)
    if money:
        style.number_format = _MONEY
    return style


_LINE = Side(style="thin", color="AEB7BD")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_PALE = PatternFill("solid", fgColor="E8EDEE")
_WRAP = Alignment(wrap_text=True, vertical="top")
_STYLES = {
    "title": _style("title", font=Font(bold=True, size=14)),
    "heading": _style("heading", font=Font(bold=True), fill=_PALE, alignment=_WRAP, border=_BOX),
    "text": _style("text", fill=_PALE, border=_BOX),
    "money": _style("money", fill=_PALE, border=_BOX, money=True),
    "typed": _style("typed", unlocked=True, border=_BOX, money=True),
    "comment": _style("comment", unlocked=True, border=_BOX, alignment=_WRAP),
    "words": _style("words", alignment=_WRAP),
}


def cell(sheet: WriteOnlyWorksheet, value: Any, style: str) -> WriteOnlyCell:
    """A cell in a style; text is text, whatever it begins with."""
    made = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        made.data_type = "s"  # never a formula
    made.style = f"esbt {style}"
    return made


def instructions(book: Workbook, words: Iterable[str]) -> None:
    """The first sheet: how to fill in the others."""
    sheet = book.create_sheet("Instructions")
    sheet.protection.sheet = True
    sheet.column_dimensions["A"].width = 110
    sheet.append([cell(sheet, "How to fill in this workbook", "title")])
    for line in words:
        sheet.append([cell(sheet, line, "words")])
