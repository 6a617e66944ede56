"""A fund's workbook as it comes back: its rows as text, and what cannot be read, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from esbt.fund_workbook.sheets import SHEETS, Column, SheetPlan
from esbt.fund_workbook.standing import number, pounds
from esbt.fund_workbook.writing import BASE, HEADING_ROW
from esbt.kit.money import AmountError
from esbt.kit.spreadsheets import Book, Sheet, amount_of, cell_name, read_spreadsheet, text_of

LONGEST = 4000
_SHOWN = 60


@dataclass(frozen=True)
class CellFault:
    """Something that stops the file from being stored: where it stands, and the remedy."""

    message: str
    sheet: str = ""
    cell: str = ""
    value: str = ""


@dataclass(frozen=True)
class SentRow:
    """A row of a sheet: its number there, and the text of its cells by column."""

    row: int
    values: dict[str, str]


@dataclass
class Sent:
    """What a workbook says: rows by sheet and key, and what stood there when it was made."""

    rows: dict[str, dict[str, SentRow]] = field(default_factory=dict)
    base: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)


def read_workbook(content: bytes, identity: str) -> Sent:
    """Read a workbook that was made for ``identity``; raises Unreadable for what is no workbook."""
    book = read_spreadsheet(content)
    sent = Sent()
    if not _is_for(book, identity, sent):
        return sent
    found = {sheet.name: sheet for sheet in book.sheets}
    for plan in SHEETS:
        if plan.name in found:
            sent.rows[plan.name] = _Reader(plan, found[plan.name], sent).rows()
        else:
            said = f"The sheet '{plan.name}' is missing. Download the workbook anew."
            sent.faults.append(CellFault(said, plan.name))
    return sent


def _is_for(book: Book, identity: str, sent: Sent) -> bool:
    """Whether a workbook was made here and for this; its hidden sheet says so."""
    hidden = next((sheet for sheet in book.sheets if sheet.name == BASE), None)
    rows = [[text_of(value) for value in row] for row in hidden.rows()] if hidden else []
    made_for = rows[0][0] if rows else ""
    if made_for != identity:
        said = f"This workbook is of {made_for}." if made_for else "This is no workbook of a fund."
        sent.faults.append(CellFault(f"{said} Download the one of this page and fill that in."))
        return False
    for row in rows[1:]:
        sheet, key, column, text = (row + [""] * 4)[:4]
        sent.base.setdefault((sheet, key), {})[column] = text
    return True


class _Reader:
    """One sheet being read."""

    def __init__(self, plan: SheetPlan, sheet: Sheet, sent: Sent) -> None:
        self.plan, self.sheet, self.sent = plan, sheet, sent

    def rows(self) -> dict[str, SentRow]:
        """Rows by key; what is wrong is noted."""
        found: dict[str, SentRow] = {}
        width = len(self.plan.columns)
        for number_, values in enumerate(self.sheet.rows(), 1):
            row = [*values, *[""] * width][:width]
            if number_ == HEADING_ROW:
                self._check_headings(row)
            if number_ <= HEADING_ROW or not any(text_of(value) for value in row):
                continue
            taken = {
                column.name: self._text(column, value, number_, place)
                for place, (column, value) in enumerate(zip(self.plan.columns, row, strict=True), 1)
            }
            key = taken[self.plan.key.name]
            if not key:
                self._fault("Give the row its code here, or empty the row.", number_, 1)
            elif key in found:
                self._fault("This row stands here twice. Delete one of them.", number_, 1, key)
            else:
                found[key] = SentRow(number_, taken)
        return found

    def _check_headings(self, row: list[Any]) -> None:
        for place, (column, value) in enumerate(zip(self.plan.columns, row, strict=True), 1):
            if text_of(value) != column.heading:
                said = f"Here stood the heading '{column.heading}'. Put it back."
                self._fault(said, HEADING_ROW, place, value)

    def _text(self, column: Column, value: Any, row: int, place: int) -> str:
        """A cell as the text that it stands for; a bad one is noted, and blank."""
        if words := self.sheet.bad.get((row, place)):
            self._fault(words, row, place)
            return ""
        try:
            return _read(column, value)
        except ValueError as error:
            self._fault(str(error), row, place, value)
            return ""

    def _fault(self, message: str, row: int, place: int, value: Any = "") -> None:
        cell = cell_name(row, place)
        shown = text_of(value)[:_SHOWN]
        self.sent.faults.append(CellFault(message, self.plan.name, cell, shown))


def _read(column: Column, value: Any) -> str:
    """The text of a cell by its column's kind; raises ValueError with the remedy."""
    match column.kind:
        case "amount":
            try:
                return pounds(amount_of(value))
            except AmountError as error:
                raise ValueError(str(error)) from None
        case "number":
            return _number(value)
        case "choice":
            return _choice(column, text_of(value))
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return day.isoformat()
    text = text_of(value).replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise ValueError(f"Shorten this to {LONGEST:,} characters.")
    return text


def _number(value: Any) -> str:
    text = text_of(value)
    try:
        read = Decimal(text) if text else None
    except InvalidOperation:
        read = Decimal("NaN")
    if read is not None and (not read.is_finite() or abs(read) >= 10**12):
        raise ValueError("Type a plain number, such as 1265.5.")
    return number(read)


def _choice(column: Column, text: str) -> str:
    if not text:
        return ""
    for value, label in column.choices:
        if text.lower() in (value.lower(), label.lower()):
            return value
    labels = ", ".join(label for _, label in column.choices)
    raise ValueError(f"Choose one of the list: {labels}.")
