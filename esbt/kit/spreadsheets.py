"""Spreadsheets in: what people send, read safely, with each cell's place kept.

An XLSX is looked through before anything interprets it (esbt.kit.xlsx); text is decoded by what
it holds (esbt.kit.delimited). Files are known by their content, never by their name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter

from esbt.kit.archives import Unreadable
from esbt.kit.money import LIMIT_PENCE, AmountError, parse_amount

__all__ = ["Book", "Sheet", "Unreadable", "amount_of", "cell_name", "read_spreadsheet", "text_of"]

MAX_ROWS = 200_000  # of a sheet
MAX_CELLS = 3_000_000  # of all sheets, empty ones between filled ones included

Row = list[Any]
_SERIALS = range(30_000, 60_000)  # how spreadsheets count the days of 1982 to 2064


@dataclass
class Sheet:
    """A sheet as it stands: ``rows`` begins with its first row, and each with column A.

    A cell is text, a number, a bool, a date or time, or "" for none. ``bad`` names by row and
    column (from 1) what has no value that can be read: a formula that was never worked out, or an
    error of the spreadsheet's.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    height: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    bad: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass
class Book:
    """What a file holds, and in ``notes`` how it was taken, in words."""

    sheets: list[Sheet]
    notes: list[str] = field(default_factory=list)
    is_text: bool = False


_OTHERS = {
    b"%PDF": "This is a PDF. Send the spreadsheet that it was made from.",
    b"\xd0\xcf\x11\xe0": (
        "This is an old .xls workbook, or one with a password to open it. "
        "Save it as .xlsx without a password."
    ),
    b"{\\rtf": "This is a text document. Send an .xlsx workbook or a CSV file.",
    b"\x89PNG": "This is a picture. Send an .xlsx workbook or a CSV file.",
    b"\xff\xd8\xff": "This is a picture. Send an .xlsx workbook or a CSV file.",
}


def read_spreadsheet(content: bytes) -> Book:
    """Read an XLSX or a text table; raises Unreadable, in words, for everything else."""
    from esbt.kit.delimited import read_text
    from esbt.kit.xlsx import read_xlsx

    refuse_others(content)
    return read_xlsx(content) if content.startswith(b"PK") else read_text(content)


def refuse_others(content: bytes) -> None:
    """Raise Unreadable, in words, for what is empty or known to be no table."""
    if not content:
        raise Unreadable("The file is empty.")
    for start, words in _OTHERS.items():
        if content.startswith(start):
            raise Unreadable(words)


def cell_name(row: int, column: int) -> str:
    """A cell as spreadsheets name it: row 14, column 5 is E14."""
    return f"{get_column_letter(column)}{row}"


def amount_of(value: Any) -> int | None:
    """Pence of a cell in pounds; None when it is blank. Raises AmountError, with the remedy.

    A number is taken to the 15 digits that a spreadsheet keeps, so that 0.1 + 0.2 is 30 pence.
    """
    if isinstance(value, bool):
        raise AmountError(f"'{text_of(value)}' is not an amount. Type pounds, such as 12,300.")
    if isinstance(value, (date, time, timedelta)):
        raise AmountError(
            f"'{text_of(value)}' is a date or time. Format the cell as a number and type pounds."
        )
    if not isinstance(value, (int, float)):
        return parse_amount(value)
    if not math.isfinite(value):
        raise AmountError("This is not a number. Type pounds, such as 12,300.")
    if abs(value) * 100 >= LIMIT_PENCE:
        raise AmountError(
            f"'{value:.15g}' is too large: an amount here is under £1,000,000,000,000. "
            "Check the unit and type pounds, such as 12,300."
        )
    pence = Decimal(f"{value:.15g}").scaleb(2)
    if pence != pence.to_integral_value():
        raise AmountError(
            f"'{value:.15g}' is finer than a penny. Round it to pounds and pence in the cell."
        )
    return int(pence)


def text_of(value: Any) -> str:
    """A cell as a message or a code shows it; 61000.0 is "61000"."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return f"{value:%-d %B %Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return str(value).strip()


def looks_like_a_day(value: Any) -> bool:
    """Whether a number is what a spreadsheet has behind a date, such as 43191."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in _SERIALS
