"""Entry workbooks and tables of figures in: cells become figures, or flaws that name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esbt.kit.money import AmountError
from esbt.kit.spreadsheets import (
    Book,
    Row,
    Sheet,
    amount_of,
    cell_name,
    looks_like_a_day,
    text_of,
)
from finance.workbook.found import Expected, Figure, Flaw, Place, Reading
from finance.workbook.headings import month_of, plain
from finance.workbook.layout import (
    FIRST_ROW,
    FORMAT,
    HEADING_ROW,
    MARK,
    Identity,
    Layout,
    layout_of,
)

_EVERY = 2000  # rows between two words about the progress
# headings of a table, as people write them
_COLUMNS = {
    "line": "line",
    "line code": "line",
    "month": "month",
    "year": "year",
    "actual": "actual",
    "actual to date": "actual",
    "forecast": "forecast",
    "forecast for the year": "forecast",
    "comment": "comment",
}
_NEITHER = (
    "This is neither the workbook that is downloaded here nor a table with the columns line, "
    "month, actual, forecast and comment. Download the workbook, or name the columns so."
)


def read_figures(book: Book, expected: Expected) -> Reading:
    """What a file says: an entry workbook of ours by what stands inside it, else a table."""
    reading = Reading(notes=list(book.notes))
    ours = [(sheet, first) for sheet in book.sheets if (first := _first_cell(sheet))]
    if ours:
        reading.kind = "workbook"
        for sheet, first in ours:
            _entry_sheet(sheet, first, expected, reading)
        if expected.partner not in reading.partners and not reading.flaws:
            whose = expected.name(expected.partner)
            words = f"The workbook has no sheet of {whose}. Download it here."
            reading.flaws.append(Flaw("file", words))
        return reading
    reading.kind, reading.partners = "table", [expected.partner]
    filled = [sheet for sheet in book.sheets if sheet.height]
    if len(filled) > 1:
        reading.notes.append(f"Only the first sheet, '{filled[0].name}', is read.")
    if filled:
        _Table(filled[0], expected, reading).read()
    else:
        reading.flaws.append(Flaw("file", "The file holds no figures."))
    return reading


def _first_cell(sheet: Sheet) -> str:
    """The first cell of a sheet that says it is one of ours, else ""."""
    row = next(sheet.rows(), [])
    text = text_of(row[0]) if row else ""
    return text if text.startswith(MARK) else ""


def _entry_sheet(sheet: Sheet, first: str, expected: Expected, reading: Reading) -> None:
    identity = Identity.read(first)
    wrong = _why_not(identity, expected)
    if wrong or identity is None:
        reading.flaws.append(Flaw("file", wrong, sheet.name, "A1"))
        return
    if identity.partner in reading.partners:
        whose = expected.name(identity.partner)
        words = f"{whose} has a sheet before this one already. Delete one of the two."
        reading.flaws.append(Flaw("twice", words, sheet.name, "A1"))
        return
    reading.partners.append(identity.partner)
    layout = layout_of(identity.month, expected.month_names)
    place = Place(sheet, reading)
    place.look(FIRST_ROW, len(layout.headings))
    codes: dict[str, int] = {}
    locked, changed = expected.locked(identity.partner), list[str]()
    for number, row in enumerate(sheet.rows(), start=1):
        if number == HEADING_ROW and not _headings_stand(place, layout, row):
            return
        if number < FIRST_ROW:
            continue
        if number % _EVERY == 0:
            expected.progress(number, sheet.height)
        if _is_of_a_line(place, row, number, layout, codes):
            _line_cells(place, layout, row, number)
            changed += _changed(row, number, locked.get(text_of(row[0]), ()))
    if changed:
        reading.notes.append(_not_taken(sheet.name, changed))


def _not_taken(sheet: str, cells: Sequence[str]) -> str:
    one = len(cells) == 1
    named = ", ".join(cells[:5]) + (" and more" if len(cells) > 5 else "")
    return (
        f"Sheet '{sheet}': {len(cells)} locked {'cell differs' if one else 'cells differ'} from "
        f"what stands here ({named}), and {'is' if one else 'are'} not taken. Plans and names are "
        "changed on their own pages."
    )


def _changed(row: Row, number: int, stands: Sequence[str | int | None]) -> list[str]:
    """The locked cells of a line, behind its code, that do not hold what stands here."""
    found = []
    for column, value in enumerate(stands, start=2):
        has = row[column - 1] if column <= len(row) else ""
        if isinstance(value, str):
            same = text_of(has) == value
        else:
            try:
                same = amount_of(has) == value
            except AmountError:
                same = False
        if not same:
            found.append(cell_name(number, column))
    return found


def _why_not(identity: Identity | None, expected: Expected) -> str:
    """Why a sheet is not the one that is expected, and what to do; "" when it is."""
    if identity is None or identity.format != FORMAT:
        return "This workbook was made by another version of this site. Download it again."
    if (identity.system, identity.year) != (expected.system, expected.year):
        return (
            f"This workbook is for {expected.name(identity.system)} "
            f"{identity.year.replace('-', '/')}, not for {expected.name(expected.system)} "
            f"{expected.year.replace('-', '/')}. Upload it there."
        )
    if identity.partner != expected.partner and not expected.may_enter(identity.partner):
        return (
            f"This workbook is for {expected.name(identity.partner)}, not for "
            f"{expected.name(expected.partner)}. Upload the one that you downloaded here."
        )
    if identity.plan != expected.plan:
        return (
            f"This workbook was made beside the plan '{identity.plan}'; the year is now compared "
            f"with '{expected.plan}'. Download it again and copy your figures over."
        )
    if identity.month != expected.month:
        return (
            f"This workbook is for {_span(identity.month, expected)}, and you chose "
            f"{_span(expected.month, expected)}. Choose {_span(identity.month, expected)} to "
            "upload it."
        )
    return ""


def _span(month: int | None, expected: Expected) -> str:
    if month is None:
        return "the whole year"
    known = 1 <= month <= len(expected.month_names)
    return f"month {month}" + (f", {expected.month_names[month - 1]}" if known else "")


def _headings_stand(place: Place, layout: Layout, row: Row) -> bool:
    """Whether the headings are those of the workbook; else the first other one is noted."""
    found = [text_of(value) for value in row]
    for column, heading in enumerate(layout.headings, start=1):
        has = found[column - 1] if column <= len(found) else ""
        if has != heading:
            place.flaw(
                "column",
                f"The heading here should be '{heading}'. Remove columns that were added, bring "
                "back those that were deleted, or download the workbook again.",
                HEADING_ROW,
                column,
                has,
            )
            return False
    return True


def _is_of_a_line(
    place: Place, row: Row, number: int, layout: Layout, codes: dict[str, int]
) -> bool:
    """Whether a row holds a line that was not there before; what else stands there is noted."""
    code = text_of(row[0]) if row else ""
    beyond = len(layout.headings)
    for column, value in enumerate(row[beyond:], start=beyond + 1):
        if value != "":
            place.flaw(
                "column", "No column of the workbook is here. Clear it.", number, column, value
            )
    if not code:
        if any(value != "" for value in row[:beyond]):
            message = "This row has no line code in column A. Bring it back or clear the row."
            place.flaw("unknown", message, number, 1)
        return False
    if code in codes:
        place.flaw(
            "twice",
            f"Line '{code}' stands in row {codes[code]} already. Keep one of the two.",
            number,
            1,
            code,
        )
        return False
    codes[code] = number
    return True


def _line_cells(place: Place, layout: Layout, row: Row, number: int) -> None:
    code, key = text_of(row[0]), cell_name(number, 1)
    for index, item in enumerate(layout.inputs):
        column = layout.column(index)
        value = row[column - 1] if column <= len(row) else ""
        base = _revision(row, layout.revisions[item.month])
        place.figure(Figure(code, item.month, item.name, base=base, key=key), value, number, column)


def _revision(row: Row, column: int) -> int | None:
    """The base revision in a hidden column. One that was tampered with matches nothing."""
    value: Any = row[column - 1] if column <= len(row) else ""
    if value == "":
        return None
    return int(value) if isinstance(value, (int, float)) and value == int(value) else -1


class _Table:
    """A table with the columns line, month, actual, forecast and comment, or some of them."""

    def __init__(self, sheet: Sheet, expected: Expected, reading: Reading) -> None:
        self.place, self.expected, self.reading = Place(sheet, reading), expected, reading
        self.columns: dict[str, int] = {}  # name: column from 1
        self.width = 0
        self.seen: dict[tuple[str, int], int] = {}

    def read(self) -> None:
        """Read the headings, then row by row."""
        sheet = self.place.sheet
        for number, row in enumerate(sheet.rows(), start=1):
            if not any(value != "" for value in row):
                continue
            if not self.columns:
                if not self._headings(row, number):
                    return
                self.place.look(number + 1, self.width)
                continue
            if number % _EVERY == 0:
                self.expected.progress(number, sheet.height)
            self._row(row, number)

    def _headings(self, row: Row, number: int) -> bool:
        names = [_COLUMNS.get(text_of(value).lower(), "") for value in row]
        if "line" not in names or not {"actual", "forecast", "comment"} & set(names):
            self.reading.flaws.append(Flaw("file", _NEITHER, self.place.sheet.name))
            return False
        if "month" not in names and self.expected.month is None:
            words = "There is no column 'month'. Add it, or choose the month above the file."
            self.reading.flaws.append(Flaw("column", words, self.place.sheet.name))
            return False
        for column, (name, value) in enumerate(zip(names, row, strict=True), start=1):
            if value == "":
                continue
            self.width = column
            if not name:
                words = "This column is not known. Delete it; known are line, month, actual, "
                self.place.flaw("column", f"{words}forecast and comment.", number, column, value)
            elif name in self.columns:
                words = "This column stands here twice. Delete one of the two."
                self.place.flaw("column", words, number, column, value)
            else:
                self.columns[name] = column
        return True

    def _value(self, row: Row, name: str) -> Any:
        column = self.columns.get(name, 0)
        return row[column - 1] if 0 < column <= len(row) else ""

    def _row(self, row: Row, number: int) -> None:
        for column, value in enumerate(row[self.width :], start=self.width + 1):
            if value != "":
                words = "This row has more cells than the heading."
                if not self.place.sheet.name:
                    words += ' An amount with a comma stands in quotes: "12,300".'
                self.place.flaw("column", words, number, column, value)
                return
        code = text_of(self._value(row, "line")).lower()
        if not code:
            words = "This row names no line. Write its code."
            self.place.flaw("unknown", words, number, self.columns["line"])
            return
        month = self._month(row, number)
        if month is None or not self._is_of_year(row, number):
            return
        if (code, month) in self.seen:
            words = f"Line '{code}' has month {month} in row {self.seen[code, month]} already."
            self.place.flaw(
                "twice", f"{words} Keep one of the two.", number, self.columns["line"], code
            )
            return
        self.seen[code, month] = number
        for name in ("actual", "forecast", "comment"):
            self._cell(row, number, code, month, name)

    def _month(self, row: Row, number: int) -> int | None:
        chosen = self.expected.month
        if "month" not in self.columns:
            return chosen
        column = self.columns["month"]
        value = self._value(row, "month")
        first_year = int(self.expected.year.partition("-")[0])
        if not looks_like_a_day(value) and (said := month_of(plain(text_of(value)), first_year)):
            value = said
        month = self.place.month(value, number, column)
        if month is not None and chosen not in (None, month):
            words = f"This row is of month {month}, and you chose month {chosen}. Choose the whole "
            self.place.flaw("month", f"{words}year, or delete the row.", number, column, month)
            return None
        return month

    def _is_of_year(self, row: Row, number: int) -> bool:
        """Whether a row that names a year names this one: 2018-19, 2018/19 or 2018/2019."""
        value = self._value(row, "year")
        text = text_of(value).replace("/", "-")
        first, _, last = text.partition("-")
        if not text or f"{first}-{last[-2:]}" == self.expected.year:
            return True
        words = f"'{text_of(value)[:20]}' is not {self.expected.year.replace('-', '/')}, the year "
        words += "that you chose. Upload the row there, or delete it."
        self.place.flaw("month", words, number, self.columns["year"], value)
        return False

    def _cell(self, row: Row, number: int, code: str, month: int, name: str) -> None:
        """A cell of a table; a blank one says nothing and leaves what stands."""
        value = self._value(row, name)
        column = self.columns.get(name, 0)
        if column and not self.place.is_bad(number, column) and value != "":
            key = cell_name(number, self.columns["line"])
            self.place.figure(Figure(code, month, name, key=key), value, number, column)
