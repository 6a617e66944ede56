"""A grid of lines and columns as plain data: what a pasted block is held against.

Values are pence, text in a column of comments, or None for not stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Value = int | str | None
Place = tuple[str, str]  # a line's code and a column's key


@dataclass(frozen=True, slots=True)
class Row:
    """A line, as people paste it by code or by name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``key`` is what its fields are called: "actual", "comment", "month_4"."""

    key: str
    label: str  # as pages say it: "July 2018"
    month: int | None = None
    text: bool = False
    headings: tuple[str, ...] = ()  # what else stands above it in spreadsheets, in small letters


@dataclass(frozen=True)
class Sheet:
    """A grid: what stands in its cells, from which change on, and which take nothing, and why."""

    rows: Sequence[Row]
    columns: Sequence[Column]
    values: Mapping[Place, Value]
    changes: Mapping[Place, int] = field(default_factory=dict)
    shut: Mapping[Place, str] = field(default_factory=dict)
    first_year: int = 0  # the calendar year in which April lies
    totals: Sequence[str] = ()  # what the page calls its own rows of totals
    sections: Sequence[str] = ()  # what the page calls the groups of its rows
    beside: Sequence[str] = ()  # headings of its columns that take nothing

    def column(self, key: str) -> Column:
        """The column of that key; StopIteration for none."""
        return next(column for column in self.columns if column.key == key)


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell that would change, and where in the block its new value stands."""

    line: str
    column: str
    before: Value
    after: Value
    place: str = ""  # "row 3, column 2"
