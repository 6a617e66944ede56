"""A block copied from a spreadsheet, laid on the cells of a grid. It writes nothing.

With headings (months, Actual, Forecast, Comment) the columns go where the headings say; without,
they start at the cell that had the focus. Leading columns that hold codes or names of lines say
which line a row is; without, rows go to the lines from the focus down. An empty cell is "not
stated". The page's own totals and names of groups, its columns that take nothing and headings
said again are left out. Every other cell that cannot go anywhere is a fault that names it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from esbt.kit.money import AmountError, parse_amount
from esbt.kit.problems import Fault
from finance.workbook.headings import IDENTIFYING, month_of, plain
from finance.workbook.sheets import Changed, Column, Row, Sheet, Value

LONGEST_TEXT = 4000
SHOWN = 40  # how much of a cell a message repeats
_DASHES = re.compile("[-\u2010-\u2015\u2212]+")
_NUMBER = re.compile(r"[1-9]|1[0-2]")


@dataclass(frozen=True)
class Pasted:
    """What a block would change; with any fault nothing of it may be stored."""

    changes: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # "1 total row"


@dataclass
class _Block:
    """The block as it is read: its cells, and where each column and row goes."""

    cells: list[list[str]]
    first: int = 0  # the row of the block in which figures begin
    columns: dict[int, Column] = field(default_factory=dict)
    lines: dict[int, Row] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    totals: int = 0  # rows of totals, left out
    sections: int = 0  # rows that hold the name of a group alone, left out
    headings: int = 0  # rows of headings below the first, left out
    beside: dict[int, str] = field(default_factory=dict)  # columns left out

    def left_out(self) -> list[str]:
        """What of the page's own was left out, in words."""
        rows = [(self.totals, "total"), (self.sections, "group"), (self.headings, "heading")]
        said = [f"{n} {what} {'row' if n == 1 else 'rows'}" for n, what in rows if n]
        return said + [f"the column {head}" for head in self.beside.values()]

    def fault(self, message: str, row: int, across: int, column: Column | None = None) -> None:
        """Note what is wrong with a cell, counted from 1 as a person counts."""
        where = f"column {across + 1}" + (f" ({column.label})" if column else "")
        value = self.cells[row][across] if across < len(self.cells[row]) else ""
        self.faults.append(Fault(message, where, value[:SHOWN], row + 1))

    def figures(self) -> Iterator[tuple[int, list[str]]]:
        """Rows below the headings that say something."""
        for number, row in enumerate(self.cells[self.first :], self.first):
            if any(row):
                yield number, row


def read_paste(text: str, sheet: Sheet, start: tuple[str, str] | None = None) -> Pasted:
    """Lay a block on a sheet; ``start`` is the line and column of the cell that had the focus."""
    block = _Block(_cells(text))
    if not any(any(row) for row in block.cells):
        return Pasted(faults=[Fault("There is nothing in what was pasted. Copy the cells again.")])
    line, key = start or ("", "")
    begin = next((n for n, column in enumerate(sheet.columns) if column.key == key), 0)
    down = next((n for n, row in enumerate(sheet.rows) if row.code == line), 0)
    if not _place_by_headings(block, sheet):
        leading = _identifying(block, sheet)
        _place_in_order(block, sheet, leading, begin)
    else:
        leading = min(block.columns, default=0)
    _place_rows(block, sheet, leading, down)
    return _compare(block, sheet)


def _cells(text: str) -> list[list[str]]:
    """Rows of trimmed cells, without the empty ones at the end of the block."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    # a cell of a spreadsheet can hold more than csv expects, but no more than was sent
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    if text.count('"') % 2:  # a lone one is a sign of inches, not the start of a quotation
        read = csv.reader(lines, "excel-tab", quoting=csv.QUOTE_NONE)
    else:
        read = csv.reader(lines, "excel-tab")
    rows = [[cell.strip() for cell in row] for row in read]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


# columns


def _place_by_headings(block: _Block, sheet: Sheet) -> bool:
    """Whether the first row that says something is one of headings, which then place columns."""
    first = next(number for number, row in enumerate(block.cells) if any(row))
    heads = block.cells[first]
    found = {across: _column_of(head, sheet) for across, head in enumerate(heads) if head}
    named = [across for across, column in found.items() if column is not None]
    words = bool(named) or plain(heads[0]) in IDENTIFYING
    if not words:
        # bare numbers are months only where lines stand beside them: else they may be amounts
        numbered = [across for across, head in enumerate(heads) if _NUMBER.fullmatch(head)]
        beside = block.cells[first + 1 :]
        lines = _known(sheet, [row[0] for row in beside if row])
        if not numbered or not lines or numbered[0] == 0 or plain(heads[0]) in _lines(sheet):
            return False
        found |= {across: _by_month(sheet, int(heads[across])) for across in numbered}
        named = [across for across, column in found.items() if column is not None]
        if len(numbered) != len([head for head in heads[numbered[0] :] if head]) or not named:
            return False
    block.first = first + 1
    seen: set[str] = set()
    for across, column in found.items():
        if column is None:
            if _head(heads[across]) in map(_head, sheet.beside):
                block.beside[across] = heads[across]
                continue
            if across < named[0] if named else plain(heads[across]) in IDENTIFYING:
                continue  # a heading of what says which line it is
            block.fault(_no_column(heads[across], sheet), first, across)
        elif column.key in seen:
            block.fault(f"{column.label} stands here twice. Leave one out.", first, across)
        else:
            seen.add(column.key)
            block.columns[across] = column
    if not named and not block.faults:
        block.fault("No heading says a column of this page. " + _wanted(sheet), first, 0)
    return True


def _column_of(head: str, sheet: Sheet) -> Column | None:
    said = _head(head)
    if said in _lines(sheet):  # "p1" may be a line's code
        return None
    for column in sheet.columns:
        if said in (column.key, column.label.lower(), *column.headings):
            return column
    month = month_of(said, sheet.first_year)
    return _by_month(sheet, month) if month else None


def _head(head: str) -> str:
    """A heading without the unit that pages put beneath it."""
    return plain(head).removesuffix("£").strip()


def _by_month(sheet: Sheet, month: int) -> Column | None:
    return next((column for column in sheet.columns if column.month == month), None)


def _no_column(head: str, sheet: Sheet) -> str:
    return f"'{head[:SHOWN]}' is no column of this page. Leave the column out. {_wanted(sheet)}"


def _wanted(sheet: Sheet) -> str:
    first, last = sheet.columns[0].label, sheet.columns[-1].label
    return f"Its columns are {first} to {last}."


def _identifying(block: _Block, sheet: Sheet) -> int:
    """How many leading columns say which line a row is: codes, names, or both."""
    rows = [row for _, row in block.figures()]
    leading = 0
    while leading < max(len(row) for row in rows):
        column = [row[leading] for row in rows if leading < len(row) and row[leading]]
        # a first column without any amount names lines too, if none that the page has
        words = leading == 0 and len(rows[0]) > 1 and column and not any(map(_reads, column))
        if not words and not _known(sheet, column):
            break
        leading += 1
    return leading


def _known(sheet: Sheet, cells: Sequence[str]) -> bool:
    """Whether a column names lines: by words in any of its cells, by numbers in all of them."""
    said = [cell for cell in cells if cell]
    lines = _lines(sheet)
    found = [cell for cell in said if plain(cell) in lines]
    return any(not _reads(cell) for cell in found) or (bool(said) and len(found) == len(said))


def _reads(cell: str) -> bool:
    try:
        parse_amount(cell)
    except AmountError:
        return False
    return True


def _place_in_order(block: _Block, sheet: Sheet, leading: int, begin: int) -> None:
    places = dict(enumerate(sheet.columns[begin:], leading))
    for number, row in block.figures():
        for across in range(leading, len(row)):
            if across in places:
                block.columns[across] = places[across]
            elif row[across]:
                last = sheet.columns[-1].label
                said = f"This column is one too many: the grid ends with {last}. Leave it out"
                said += ", or start further to the left." if begin else "."
                block.fault(said, number, across)
                return


# rows


def _lines(sheet: Sheet) -> Mapping[str, Row | None]:
    """Lines by code and by name, None where two have the same name."""
    found: dict[str, Row | None] = {}
    for row in sheet.rows:
        name = plain(row.name)
        found[name] = None if name in found else row
    return found | {plain(row.code): row for row in sheet.rows}


def _place_rows(block: _Block, sheet: Sheet, leading: int, down: int) -> None:
    if not leading:
        for number in range(block.first, len(block.cells)):
            at = down + number - block.first
            if at >= len(sheet.rows):
                left = len(block.cells) - number
                said = f"There is no line for this row{' and those below' if left > 1 else ''}: "
                said += f"the grid ends with {sheet.rows[-1].name}." if sheet.rows else "no lines."
                block.fault(said, number, 0)
                return
            block.lines[number] = sheet.rows[at]
        return
    lines = _lines(sheet)
    totals = {"total", *map(plain, sheet.totals)}
    seen: set[str] = set()
    for number, cells in block.figures():
        names = [
            cell
            for across, cell in enumerate(cells[:leading])
            if cell and across not in block.beside
        ]
        line = next((row for cell in names if (row := lines.get(plain(cell)))), None)
        if line is None and any(plain(cell) in totals for cell in names):
            block.totals += 1
        elif line is None and _is_section(cells, sheet):
            block.sections += 1
        elif line is None and _is_heading(cells, sheet):
            block.headings += 1
        elif line is None:
            block.fault(_no_line(names, lines), number, 0)
        elif line.code in seen:
            block.fault(f"{line.name} stands here twice. Leave one of the two out.", number, 0)
        else:
            seen.add(line.code)
            block.lines[number] = line


def _is_section(cells: Sequence[str], sheet: Sheet) -> bool:
    """Whether a row holds nothing but what the page calls a group of rows, such as "Spend"."""
    said = [plain(cell) for cell in cells if cell]
    return len(said) == 1 and said[0] in map(plain, sheet.sections)


def _is_heading(cells: Sequence[str], sheet: Sheet) -> bool:
    """Whether a row repeats headings of the page, as a block of several tables does."""
    beside = {*IDENTIFYING, *map(_head, sheet.beside)}
    columns = [_column_of(cell, sheet) for cell in cells if cell and _head(cell) not in beside]
    return bool(columns) and None not in columns


def _no_line(names: list[str], lines: Mapping[str, Row | None]) -> str:
    if not names:
        return "This row does not say its line. Put the line's code in its first column."
    if plain(names[0]) in lines:
        return f"'{names[0][:SHOWN]}' is the name of two lines. Put the line's code there."
    return f"'{names[0][:SHOWN]}' is no line of this page. Correct its code, or leave the row out."


# cells


def _compare(block: _Block, sheet: Sheet) -> Pasted:
    changes: list[Changed] = []
    unchanged = 0
    for number, line in block.lines.items():
        row = block.cells[number]
        for across, column in block.columns.items():
            if across >= len(row):
                continue  # a shorter row says nothing of it
            try:
                after = _value(row[across], column)
            except AmountError as error:
                block.fault(str(error), number, across, column)
                continue
            place = (line.code, column.key)
            before = sheet.values.get(place)
            if before == after:
                unchanged += 1
            elif place in sheet.shut:
                block.fault(sheet.shut[place], number, across, column)
            else:
                where = f"row {number + 1}, column {across + 1}"
                changes.append(Changed(line.code, column.key, before, after, where))
    faults = sorted(block.faults, key=lambda fault: int(fault.row or 0))
    return Pasted([] if faults else changes, unchanged, faults, block.left_out())


def _value(cell: str, column: Column) -> Value:
    if column.text:
        if len(cell) > LONGEST_TEXT:
            raise AmountError(f"Shorten this to {LONGEST_TEXT:,} characters.")
        return cell
    if _DASHES.fullmatch(cell):
        raise AmountError("A dash can mean 0 or not stated. Type 0, or leave the cell empty.")
    return parse_amount(cell)
