"""What is found in a file: figures with the place of each, and flaws that name their cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl.utils import range_boundaries

from esbt.kit.money import AmountError
from esbt.kit.spreadsheets import Sheet, amount_of, cell_name, looks_like_a_day, text_of
from finance.models.base import AUDITED, FIRST_MONTH

COMMENT_LENGTH = 4000
_SHOWN = 60

# kinds of flaws, in the order in which a page groups them
KINDS = {
    "file": "The file as a whole",
    "column": "Columns",
    "merged": "Merged cells",
    "twice": "Lines that stand there twice",
    "unknown": "Lines that are not known",
    "month": "Months",
    "closed": "Months that take no figures",
    "formula": "Formulas and errors",
    "amount": "Amounts that cannot be read",
    "comment": "Comments",
    "conflict": "Figures that somebody changed meanwhile",
    "mapping": "The mapping",
    "proof": "Totals",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that stops the file from being stored: what, where, and the remedy."""

    kind: str
    message: str
    sheet: str = ""
    cell: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell that says something: pence, or text of a comment; None is not stated.

    ``base`` is the revision that the file was made from (None: no value then), or "any" for a
    file that does not know one.
    """

    line: str
    month: int
    name: str  # "actual", "forecast" or "comment"
    value: int | str | None = None
    sheet: str = ""
    cell: str = ""
    base: int | str | None = "any"
    key: str = ""  # the cell that names the line


@dataclass
class Reading:
    """All that was found in a file."""

    kind: str = ""
    figures: list[Figure] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    extract: dict[str, Any] = field(default_factory=dict)  # of a ledger: the proof, see ledger.py


@dataclass(frozen=True)
class Expected:
    """What a file must be for. ``month`` is None where every month is meant."""

    system: str
    year: str
    partner: str
    plan: str
    month: int | None
    month_names: Sequence[str]
    may_enter: Callable[[str], bool]  # for another partner, by its code
    names: Mapping[str, str] = field(default_factory=dict)  # of the system and partners, by code
    progress: Callable[[int, int], None] = lambda done, of: None
    # by line, what stands in the locked cells of a partner's sheet: text, and pence
    locked: Callable[[str], Mapping[str, Sequence[str | int | None]]] = lambda partner: {}

    def name(self, code: str) -> str:
        """What a system or partner is called; its code where it is none of this system."""
        return self.names.get(code, code)


class Place:
    """A sheet being read: takes values out of its rows and notes flaws at their cells."""

    def __init__(self, sheet: Sheet, reading: Reading) -> None:
        self.sheet, self.reading = sheet, reading

    def flaw(self, kind: str, message: str, row: int, column: int, value: Any = "") -> None:
        """Note a flaw at a cell."""
        shown = text_of(value)[:_SHOWN]
        self.reading.flaws.append(
            Flaw(kind, message, self.sheet.name, cell_name(row, column), shown)
        )

    def is_bad(self, row: int, column: int) -> bool:
        """Whether a cell has no value that can be read; then that is noted."""
        words = self.sheet.bad.get((row, column))
        if words:
            self.flaw("formula", words, row, column)
        return words is not None

    def amount(self, value: Any, row: int, column: int) -> int | None:
        """Pence of a cell, None when blank; raises AmountError after noting the flaw."""
        try:
            return amount_of(value)
        except AmountError as error:
            self.flaw("amount", str(error), row, column, value)
            raise

    def figure(self, of: Figure, value: Any, row: int, column: int) -> None:
        """Take a cell as the figure that is described, or note why it is none."""
        if self.is_bad(row, column):
            return
        taken: int | str | None
        if of.name == "comment":
            taken = text_of(value).replace("\r\n", "\n")
            if len(taken) > COMMENT_LENGTH:
                message = f"Shorten this to {COMMENT_LENGTH:,} characters."
                self.flaw("comment", message, row, column, taken)
                return
        else:
            try:
                taken = self.amount(value, row, column)
            except AmountError:
                return
        cell = cell_name(row, column)
        self.reading.figures.append(replace(of, value=taken, sheet=self.sheet.name, cell=cell))

    def month(self, value: Any, row: int, column: int) -> int | None:
        """A month of the year, 1 to 12, or 13; None after noting the flaw."""
        text = text_of(value)
        if text.isdecimal() and len(text) < 3 and FIRST_MONTH <= int(text) <= AUDITED:
            return int(text)
        hint = " This looks like a date." if looks_like_a_day(value) else ""
        self.flaw(
            "month",
            f"'{text[:_SHOWN]}' is not a month.{hint} Write 1 for April to 12 for March, "
            "or 13 for the final accounts.",
            row,
            column,
            value,
        )
        return None

    def look(self, first_row: int, width: int) -> None:
        """Refuse merged cells among the figures; say which rows are hidden."""
        for area in self.sheet.merged:
            left, _, _, bottom = range_boundaries(area)
            if bottom >= first_row and left <= width:
                self.reading.flaws.append(
                    Flaw(
                        "merged",
                        "These cells are merged, so it is not clear whose figure it is. "
                        "Unmerge them and fill in each.",
                        self.sheet.name,
                        area,
                    )
                )
        hidden = [row for row in self.sheet.hidden_rows if row >= first_row]
        if hidden:
            named = ", ".join(map(str, hidden[:10])) + (" and more" if len(hidden) > 10 else "")
            rows, are = ("Row", "is") if len(hidden) == 1 else ("Rows", "are")
            of = f" of sheet '{self.sheet.name}'" if self.sheet.name else ""
            self.reading.notes.append(f"{rows} {named}{of} {are} hidden and read all the same.")
