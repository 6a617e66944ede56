"""The columns of a table by the names that a mapping gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from esbt.kit.problems import Fault
from esbt.kit.spreadsheets import Row, text_of
from outcomes.workbook.mapping import Mapping, matches

_SHOWN = 12  # headings that a fault repeats


@dataclass(frozen=True)
class Column:
    """A column of a sheet; ``number`` counts from 1, and ``title`` is its heading."""

    number: int
    title: str

    def of(self, cells: Row) -> Any:
        """The column's cell in a row, "" where the row is shorter."""
        return cells[self.number - 1] if self.number <= len(cells) else ""


class Headings:
    """The columns of a table, found by name; ``faults`` tell of names that no one column has."""

    def __init__(self, mapping: Mapping, rows: Sequence[Row], place: str) -> None:
        self.place = place
        self.faults: list[Fault] = []
        self.row = mapping.file.heading[-1]
        self._known: dict[str, Column | None] = {}
        lines = [rows[number - 1] if number <= len(rows) else [] for number in mapping.file.heading]
        titles = [text_of(cell) for cell in lines[-1]]
        if len(lines) > 1:
            groups = _filled(lines[0], len(titles))
            titles = [
                f"{group}: {title}" if group and title else title
                for group, title in zip(groups, titles, strict=True)
            ]
        self.columns = [Column(number, title) for number, title in enumerate(titles, 1) if title]

    def find(self, name: str) -> Column | None:
        """The one column of a name; None, with a fault, where there is none or several."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def found(self, names: Sequence[str]) -> list[Column]:
        """The columns of several names, without those that are not there."""
        return [column for name in names if (column := self.find(name))]

    def _find(self, name: str) -> Column | None:
        columns = [column for column in self.columns if matches(name, column.title)]
        if len(columns) == 1:
            return columns[0]
        if columns:
            places = " and ".join(get_column_letter(column.number) for column in columns)
            said = (
                f"The columns {places} can all be '{name}'. Name one so that it is told apart, "
                "with the row of its group if that has one."
            )
        else:
            titles = [f"'{column.title}'" for column in self.columns[:_SHOWN]]
            more = ", …" if len(self.columns) > _SHOWN else ""
            has = f"It has {', '.join(titles)}{more}." if titles else "That row is blank."
            said = f"No column of row {self.row} is headed '{name}'."
            # the first fault tells which headings there are
            said += "" if self.faults else f" {has} Choose another mapping."
        self.faults.append(Fault(said, name, row=self.row, file=self.place))
        return None


def _filled(cells: Row, width: int) -> list[str]:
    """Headings of groups, each standing over the columns up to the next."""
    filled, last = [], ""
    for cell in [*cells, *[""] * width][:width]:
        last = text_of(cell) or last
        filled.append(last)
    return filled
