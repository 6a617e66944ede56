"""Cells into the figures of a metric, as a mapping says; "not stated" is never 0."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from esbt.kit.spreadsheets import Row, text_of
from outcomes.workbook.headings import Column
from outcomes.workbook.mapping import Mapping, matches

_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,20})?([eE][-+]?\d{1,2})?", re.ASCII)
_NO_NUMBER = (
    "This is not a number. Write it in digits, or name it among the missing codes of the mapping."
)
_BLANK = 'This cell is blank. Fill it in, or name "" among the missing codes of the mapping.'
_LESS = "This is taken off '{}', {:,}, and must lie between 0 and that. Mend one of them."

Tell = Callable[[str, Column, Any], None]  # what is wrong, where, and what stands there


@dataclass(slots=True)
class Figures:
    """One metric's value in a row; None is not stated. ``title`` is the heading it stands under."""

    metric: str
    title: str
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    standing: str = ""


@dataclass(frozen=True)
class Part:
    """A metric's columns by what they hold: value, numerator, less (taken off it), denominator.

    The metric is "" where the row names it. ``zero`` is what a denominator of 0 means, if it may;
    ``where`` says by the texts of other columns which rows it is in.
    """

    metric: str
    columns: Pairs[str, Column]
    zero: str = ""
    where: Sequence[tuple[Column, Sequence[str]]] = ()

    def is_in(self, cells: Row) -> bool:
        """Whether a row holds this metric."""
        return all(holds(column, patterns, cells) for column, patterns in self.where)

    @property
    def title(self) -> str:
        """The heading under which a fault is told."""
        return (self.columns.get("value") or self.columns["numerator"]).title


class FigureReader:
    """Reads the cells of a part, with a mapping's missing codes and scale."""

    def __init__(self, mapping: Mapping) -> None:
        self.missing, self.standing = mapping.missing, str(mapping.standing)
        self.scale = Decimal(mapping.scale)

    def read(self, part: Part, metric: str, cells: Row, tell: Tell) -> Figures | None:
        """The figures of a row; None where a cell holds no number, which is told."""
        numbers: dict[str, Decimal] = {}
        for role, column in part.columns.items():
            cell = column.of(cells)
            if isinstance(cell, str) and cell.strip() in self.missing:
                return Figures(metric, part.title, standing=self.missing[cell.strip()])
            number = number_of(cell)
            if number is None:
                tell(_BLANK if cell == "" else _NO_NUMBER, column, cell)
                return None
            numbers[role] = number
        above, less = numbers.get("numerator"), numbers.get("less", Decimal(0))
        if above is not None and not 0 <= less <= above:
            tell(_LESS.format(part.columns["numerator"].title, above), part.columns["less"], less)
            return None
        value = numbers.get("value")
        return Figures(
            metric,
            part.title,
            None if value is None else value * self.scale,
            None if above is None else above - less,
            numbers.get("denominator"),
            self.standing,
        )


def holds(column: Column, patterns: Sequence[str], cells: Row) -> bool:
    """Whether a row has in a column what one of a mapping's patterns says."""
    text = text_of(column.of(cells))
    return any(matches(pattern, text) for pattern in patterns)


def number_of(cell: Any) -> Decimal | None:
    """The number in a cell, to the 15 digits that a spreadsheet keeps; None for what is none."""
    if isinstance(cell, str):
        text = cell.strip()
        return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return None
    number = Decimal(f"{cell:.15g}")
    return number if number.is_finite() else None


def added(one: Figures, other: Figures) -> Figures:
    """The sum of two parts; without a value where one of them has none."""
    if one.standing != other.standing:
        order = ("missing", "suppressed")
        return next((f for code in order for f in (one, other) if f.standing == code), one)

    def plus(a: Decimal | None, b: Decimal | None) -> Decimal | None:
        return None if a is None or b is None else a + b

    return Figures(
        one.metric,
        one.title,
        plus(one.value, other.value),
        plus(one.numerator, other.numerator),
        plus(one.denominator, other.denominator),
        one.standing,
    )
