"""An extract of a general ledger in: rows become totals by line, proved against the extract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import takewhile
from typing import Any

from esbt.kit.money import AmountError
from esbt.kit.spreadsheets import Book, Row, Sheet, looks_like_a_day, text_of
from finance.workbook.found import Expected, Figure, Flaw, Place, Reading
from finance.workbook.mapping import BLANK, Definition, Pattern, Unit, matcher

_EVERY = 5000
_MOST_FLAWS = 500  # a wrong column would give one a row
_MOST_PROPOSED, _MOST_LISTED = 50, 500
_MONTHS = ("apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "jan", "feb", "mar")
_PERIOD = re.compile(r"(?:m|p|month|period)? ?0?(\d{1,2})", re.IGNORECASE)
_CALENDAR = re.compile(r"(\d{4})[-/](\d{2})(?:[-/]\d{2})?")


@dataclass(frozen=True)
class LedgerLine:
    """A line that codes can go to: its name, and what stands in the month before, in pence."""

    name: str
    before_pence: int | None
    is_first_month: bool


@dataclass
class _Code:
    """A code of the ledger as the extract holds it."""

    description: str = ""
    rows: int = 0
    pence: int = 0


@dataclass
class _Sums:
    """The extract's total, and its parts: they add to it, or something was lost."""

    total: int = 0
    rows: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    of_lines: dict[str, int] = field(default_factory=dict)  # before the sign is turned
    left_out: dict[str, int] = field(default_factory=dict)  # by reason
    other_months: int = 0
    unmapped: dict[str, _Code] = field(default_factory=dict)


def read_extract(
    book: Book, definition: Definition, expected: Expected, lines: Mapping[str, LedgerLine]
) -> Reading:
    """Totals of the chosen month by line as figures, and the proof of them as plain data.

    ``lines`` are the partner's own by code. Codes without a pattern are listed with a proposal.
    """
    reading = Reading("ledger", notes=list(book.notes), partners=[expected.partner])
    sheets = [sheet for sheet in book.sheets if sheet.height]
    if not sheets:
        reading.flaws.append(Flaw("file", "The extract holds no rows."))
        return reading
    if len(sheets) > 1:
        reading.notes.append(f"Only the first sheet, '{sheets[0].name}', is read.")
    extract = _Extract(sheets[0], definition, expected, reading)
    extract.read()
    for pattern in definition.patterns:
        if pattern.line and pattern.line not in lines:
            words = f"The mapping sends {pattern.codes} to '{pattern.line}', which is no line of "
            words += f"{expected.name(expected.partner)} in this year. Change the mapping."
            reading.flaws.append(Flaw("mapping", words, value=pattern.codes))
    if not reading.flaws:
        extract.figures(lines)
    reading.extract = extract.proof(lines)
    return reading


class _Extract:
    """One extract being read."""

    def __init__(
        self, sheet: Sheet, definition: Definition, expected: Expected, reading: Reading
    ) -> None:
        self.place, self.definition = Place(sheet, reading), definition
        self.expected, self.reading = expected, reading
        self.find = matcher(definition)
        self.columns: dict[str, int] = {}
        self.months: dict[Any, int | None] = {}
        self.sums = _Sums()

    def read(self) -> None:
        """Add every row below the headings to its sum."""
        sheet = self.place.sheet
        for number, row in enumerate(sheet.rows(), start=1):
            if number == self.definition.header_row:
                if not self._headings(row, number):
                    return
                self.place.look(number + 1, max(self.columns.values()))
            elif number > self.definition.header_row:
                if number % _EVERY == 0:
                    self.expected.progress(number, sheet.height)
                self._row(row, number)
                if len(self.reading.flaws) >= _MOST_FLAWS:
                    words = f"Reading stopped at row {number:,}, after {_MOST_FLAWS} faults."
                    self.reading.notes.append(words)
                    return
        if not self.columns:
            words = f"The extract ends before row {self.definition.header_row}, where the mapping "
            self.reading.flaws.append(Flaw("file", f"{words}has its headings."))

    def _headings(self, row: Row, number: int) -> bool:
        found = [text_of(value).lower() for value in row]
        for name in ("code", "amount", "month", "description"):
            wanted = getattr(self.definition, name)
            if not wanted:
                continue
            times = found.count(wanted.lower())
            if times == 1:
                self.columns[name] = found.index(wanted.lower()) + 1
                continue
            has = "has no column" if not times else "has more than one column"
            words = f"Row {number} {has} '{wanted}'. Change the mapping or the extract's heading."
            self.reading.flaws.append(Flaw("column", words, self.place.sheet.name, value=wanted))
        return not self.reading.flaws

    def _value(self, row: Row, name: str) -> Any:
        column = self.columns.get(name, 0)
        return row[column - 1] if 0 < column <= len(row) else ""

    def _row(self, row: Row, number: int) -> None:
        value = self._value(row, "amount")
        if self.place.is_bad(number, self.columns["amount"]) or value == "":
            return
        pence = self._pence(value, number)
        month = self._month(row, number)
        if pence is None or month is None:
            return
        sums = self.sums
        sums.total += pence
        sums.rows += 1
        if not self._counts(month):
            sums.other_months += pence
            return
        code = text_of(self._value(row, "code")) or BLANK
        pattern = self.find(code)
        if pattern is None:
            seen = sums.unmapped.setdefault(code, _Code())
            seen.description = seen.description or text_of(self._value(row, "description"))
            seen.rows += 1
            seen.pence += pence
        elif pattern.line:
            sums.of_lines[pattern.line] = sums.of_lines.get(pattern.line, 0) + pence
            signed = sums.lines.get(pattern.line, 0) + pattern.sign * pence
            sums.lines[pattern.line] = signed
        else:
            sums.left_out[pattern.reason] = sums.left_out.get(pattern.reason, 0) + pence

    def _pence(self, value: Any, number: int) -> int | None:
        """Pence of an amount in the extract's unit; None after noting the flaw."""
        unit, column = self.definition.unit, self.columns["amount"]
        try:
            if unit == Unit.THOUSANDS and isinstance(value, float):
                value *= 1000
            pence = self.place.amount(value, number, column)
            if pence is None or unit == Unit.POUNDS:
                return pence
            if unit == Unit.THOUSANDS:
                return pence * 1000 if isinstance(value, str) else pence
            if pence % 100:
                words = "This is finer than a penny, and the mapping says that amounts are pence."
                self.place.flaw("amount", words, number, column, value)
                return None
            return pence // 100
        except AmountError:
            return None

    def _month(self, row: Row, number: int) -> int | None:
        """The row's month; the chosen one where the extract has no column of months."""
        if "month" not in self.columns:
            return self.expected.month
        value = self._value(row, "month")
        if value not in self.months:
            self.months[value] = self._read_month(value)
        month = self.months[value]
        if month is None:
            hint = " Format its column as dates." if looks_like_a_day(value) else ""
            words = (
                f"'{text_of(value)[:40]}' is not a month of {self.expected.year}.{hint} Write 1 "
            )
            words += "for April to 12 for March, a date, or a name such as Apr."
            self.place.flaw("month", words, number, self.columns["month"], value)
        return month

    def _read_month(self, value: Any) -> int | None:
        if isinstance(value, date):
            return self._of_calendar(value.year, value.month)
        text = text_of(value)
        period = _PERIOD.fullmatch(text)
        if period:
            return int(period[1]) if 1 <= int(period[1]) <= 12 else None
        calendar = _CALENDAR.fullmatch(text)
        if calendar:
            return self._of_calendar(int(calendar[1]), int(calendar[2]))
        name = text[:3].lower()
        return _MONTHS.index(name) + 1 if name in _MONTHS else None

    def _of_calendar(self, year: int, month: int) -> int | None:
        first = int(self.expected.year[:4])
        number = (year - first) * 12 + month - 3
        return number if 1 <= number <= 12 else None

    def _counts(self, month: int) -> bool:
        """Whether a row's month is in the figure: amounts in month add up to the chosen one."""
        chosen = self.expected.month or 0
        in_month = self.definition.amounts == "in-month" and "month" in self.columns
        return month <= chosen if in_month else month == chosen

    def figures(self, lines: Mapping[str, LedgerLine]) -> None:
        """The lines' totals as figures; what is in month alone is added to last month's."""
        month = self.expected.month or 0
        adds = self.definition.amounts == "in-month" and "month" not in self.columns
        for code, pence in sorted(self.sums.lines.items()):
            line = lines[code]
            before = 0 if not adds or line.is_first_month else line.before_pence
            if before is None:
                words = f"{line.name} has no actual of month {month - 1} to add this month's to. "
                words += "Enter that month first, or send an extract to date."
                self.reading.flaws.append(Flaw("month", words, value=code))
                continue
            value = before + pence
            self.reading.figures.append(Figure(code, month, self.definition.measure, value))

    def proof(self, lines: Mapping[str, LedgerLine]) -> dict[str, Any]:
        """The extract's total and its parts, pence as they stand in the extract."""
        sums = self.sums
        largest = sorted(sums.unmapped.items(), key=lambda item: (-abs(item[1].pence), item[0]))
        unmapped = [
            {
                "code": code,
                "description": seen.description[:120],
                "rows": seen.rows,
                "pence": seen.pence,
                "proposal": propose(code, seen.description, self.definition.patterns, lines)
                if place < _MOST_PROPOSED
                else "",
            }
            for place, (code, seen) in enumerate(largest[:_MOST_LISTED])
        ]
        return {
            "rows": sums.rows,
            "total": sums.total,
            "lines": [
                {
                    "line": code,
                    "name": lines[code].name,
                    "extract": pence,
                    "line_pence": sums.lines[code],
                }
                for code, pence in sorted(sums.of_lines.items())
                if code in lines
            ],
            "mapped": sum(sums.of_lines.values()),
            "left_out": [
                {"reason": reason, "pence": pence} for reason, pence in sums.left_out.items()
            ],
            "other_months": sums.other_months,
            "unmapped": unmapped,
            "unmapped_codes": sum(1 for seen in sums.unmapped.values() if seen.pence),
            "unmapped_pence": sum(seen.pence for seen in sums.unmapped.values()),
        }


def is_proved(proof: Mapping[str, Any]) -> bool:
    """Whether the parts of an extract add to its total, to the penny."""
    left_out = sum(item["pence"] for item in proof["left_out"])
    parts = proof["mapped"] + left_out + proof["other_months"] + proof["unmapped_pence"]
    return bool(parts == proof["total"])


_ALIKE = 0.6  # from here on two names are taken for one


def propose(
    code: str, description: str, patterns: Sequence[Pattern], lines: Mapping[str, LedgerLine]
) -> str:
    """The line that a code most likely belongs to: by its name, else as its neighbours; or ""."""
    by_name = {line.name.lower(): key for key, line in lines.items()}
    alike = get_close_matches(description.lower(), by_name, n=1, cutoff=_ALIKE)
    if alike:
        return by_name[alike[0]]
    shared, nearest = 1, ""  # one character alone says little
    for pattern in patterns:
        pairs = zip(code.lower(), pattern.codes.lower(), strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if pattern.line in lines and same > shared:
            shared, nearest = same, pattern.line
    return nearest
