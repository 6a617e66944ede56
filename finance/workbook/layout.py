"""How an entry workbook is laid out, for the writing and the reading of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from finance.models.base import LAST_MONTH

FORMAT = 1
MARK = "ESBT entry"  # what the first cell of an entry sheet begins with

# rows of an entry sheet, from 1; the first is hidden
IDENTITY_ROW, TITLE_ROW, NOTE_ROW, HEADING_ROW, FIRST_ROW = 1, 2, 3, 4, 5
REVISION = "Revision"  # heading of the hidden columns behind those that are typed into


@dataclass(frozen=True)
class Identity:
    """What a sheet was made for. ``month`` is None for the whole year."""

    system: str
    year: str
    partner: str
    plan: str
    month: int | None
    format: int = FORMAT

    def text(self) -> str:
        """As the sheet's first cell holds it."""
        return f"{MARK} {json.dumps(asdict(self), sort_keys=True)}"

    @classmethod
    def read(cls, text: str) -> Identity | None:
        """From a sheet's first cell; None when it is no entry sheet of ours."""
        if not text.startswith(MARK):
            return None
        try:
            return cls(**json.loads(text.removeprefix(MARK)))
        except (ValueError, TypeError):
            return None


@dataclass(frozen=True)
class Input:
    """A column that people type into: its heading, its month and what of the outturn it holds."""

    heading: str
    month: int
    name: str  # "actual", "forecast" or "comment"


@dataclass(frozen=True)
class Layout:
    """Headings of an entry sheet: what is only read, what is typed, and the base revisions."""

    fixed: Sequence[str]
    inputs: Sequence[Input]
    revisions: Mapping[int, int]  # month: column, from 1

    @property
    def headings(self) -> list[str]:
        """All headings, in order."""
        typed = [item.heading for item in self.inputs]
        return [*self.fixed, *typed, *(f"{REVISION} {month}" for month in self.revisions)]

    def column(self, index: int) -> int:
        """The column, from 1, of an input."""
        return len(self.fixed) + 1 + index


_KEYS = ("Line", "Name", "Kind", "Unit")


def layout_of(month: int | None, names: Sequence[str]) -> Layout:
    """The layout for a month, or for the year where it is None; ``names`` are
    the months'.
    """
    fixed: tuple[str, ...]
    if month is not None:
        fixed = (*_KEYS, "Plan to date", "Last actual to date")
        inputs = [
            Input("Actual to date", month, "actual"),
            Input("Forecast for the year", month, "forecast"),
            Input("Comment", month, "comment"),
        ]
    else:
        fixed = (*_KEYS, "Plan for the year")
        inputs = [Input(names[m - 1], m, "actual") for m in range(1, LAST_MONTH + 1)]
    months = sorted({item.month for item in inputs})
    first = len(fixed) + len(inputs) + 1
    return Layout(fixed, inputs, {m: first + place for place, m in enumerate(months)})
