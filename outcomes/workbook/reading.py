"""Tables into rows of figures, as a mapping says; each fault with its sheet, row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string

from esbt.kit.archives import Unreadable
from esbt.kit.delimited import read_text
from esbt.kit.problems import Fault
from esbt.kit.spreadsheets import Book, Row, Sheet, read_spreadsheet, refuse_others, text_of
from esbt.kit.xls import MAGIC, read_xls
from outcomes.workbook.figures import FigureReader, Figures, Part, added, holds, number_of
from outcomes.workbook.headings import Column, Headings
from outcomes.workbook.mapping import Mapping, Patterns, ValuePart, matches
from outcomes.workbook.periods import Period, PeriodError, read_period

MAX_FAULTS = 1_000  # of one file; more say nothing new
_EVERY = 2_000  # rows between two words of progress
_SHOWN = 60  # how much of a cell a message repeats

Progress = Callable[[int, int], None]  # rows read, of how many


@dataclass(slots=True)
class FoundRow:
    """A row of an area and a period. Codes and name are as the file has them."""

    place: str  # the file and, of a workbook, its sheet
    row: int
    codes: tuple[str, ...]
    name: str
    period: Period
    figures: list[Figures]


@dataclass
class Reading:
    """What a file says: rows, what is wrong, what looks wrong, and how it was taken."""

    place: str
    rows: list[FoundRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_file(
    mapping: Mapping, name: str, content: bytes, *, progress: Progress = lambda done, of: None
) -> Reading:
    """Read a file as a mapping says. What is wrong stands in the reading; nothing is raised."""
    reading = Reading(name)
    try:
        book = _book(mapping, name, content)
        reading.notes += book.notes
        sheet = _sheet(mapping, book)
        if sheet.name:
            reading.place = f"{name}, sheet {sheet.name}"
        _Reader(mapping, sheet, reading, progress).read()
    except Unreadable as error:
        reading.faults.append(Fault(str(error), "", error.value, error.row, reading.place))
    if not reading.rows and not reading.faults:
        said = "The mapping finds no row with figures here. Choose another mapping, or mend it."
        reading.faults.append(Fault(said, file=reading.place))
    if len(reading.faults) > MAX_FAULTS:
        reading.faults[MAX_FAULTS:] = [Fault("More faults follow; mend these first.", file=name)]
    return reading


def _book(mapping: Mapping, name: str, content: bytes) -> Book:
    """The file as sheets, if it is of the mapping's kind."""
    part = mapping.file
    kind = "xls" if content.startswith(MAGIC) else "xlsx" if content.startswith(b"PK") else "csv"
    if kind == "csv":
        refuse_others(content)
    if kind not in part.kind:
        if kind == "csv" and name.lower().endswith((".xls", ".xlsx")):
            raise Unreadable(
                "The file is named as a workbook and does not begin as one: it is damaged, or "
                "something else. Fetch it anew, or open it in a spreadsheet and save it again."
            )
        wanted = " or ".join(f".{one}" for one in part.kind)
        raise Unreadable(f"The mapping reads {wanted} files; this is .{kind}. Choose another.")
    if kind == "csv":
        return read_text(content, encoding=part.encoding, delimiter=part.delimiter)
    return read_xls(content) if kind == "xls" else read_spreadsheet(content)


def _sheet(mapping: Mapping, book: Book) -> Sheet:
    """The one sheet that the mapping names."""
    if book.is_text:
        return book.sheets[0]
    wanted = mapping.file.sheet or "*"
    found = [sheet for sheet in book.sheets if matches(wanted, sheet.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"'{sheet.name}'" for sheet in book.sheets)
    if found:
        raise Unreadable(f"The mapping's sheet '{wanted}' can be several of {names}. Name one.")
    raise Unreadable(f"The workbook has no sheet '{wanted}'. It has {names}. Choose another.")


class _Reader:
    """One sheet being read."""

    def __init__(
        self, mapping: Mapping, sheet: Sheet, reading: Reading, progress: Progress
    ) -> None:
        self.mapping, self.sheet, self.reading, self.progress = mapping, sheet, reading, progress
        self.rows: list[Row] = list(sheet.rows())
        self.headings = Headings(mapping, self.rows, reading.place)
        self.figures = FigureReader(mapping)
        self.fixed: Period | None = None  # the period of a cell, for all rows
        self.periods: dict[Any, Period | None] = {}
        self.metrics: dict[str, str] = {}
        self.left_out = 0

    def read(self) -> None:
        """Fill the reading."""
        if self.mapping.period.cell:
            row, column = _place(self.mapping.period.cell)
            self.fixed = self._period(row, column, column.of(self._row(row)))
            if self.fixed is None:
                return
        if self.mapping.cells:
            self.reading.rows = list(self._single_cells())
            return
        self._find_columns()
        if self.headings.faults:
            self.reading.faults += self.headings.faults
            return
        self.reading.rows = self._added() if self.mapping.parts else list(self._body())
        self._take_zeros()
        if self.left_out:
            rows = "1 row was" if self.left_out == 1 else f"{self.left_out:,} rows were"
            self.reading.notes.append(f"{rows} left out, as the mapping says.")

    def _row(self, number: int) -> Row:
        return self.rows[number - 1] if number <= len(self.rows) else []

    def _tell(self, row: int, said: str, column: Column, value: Any) -> None:
        said = self.sheet.bad.get((row, column.number), said)
        shown = text_of(value)[:_SHOWN]
        self.reading.faults.append(Fault(said, column.title, shown, row, self.reading.place))

    def _period(self, row: int, column: Column, value: Any) -> Period | None:
        """The period of a cell; a slip in it is told once, and what is none at every row."""
        known = self.periods.get(value)
        if known:
            return known
        part = self.mapping.period
        try:
            period = read_period(value, part.format, part.kind)
        except PeriodError as error:
            self._tell(row, str(error), column, value)
            return None
        if period.warning:
            told = Fault(period.warning, column.title, text_of(value), row, self.reading.place)
            self.reading.warnings.append(told)
        self.periods[value] = period
        return period

    def _single_cells(self) -> Iterator[FoundRow]:
        for part in self.mapping.cells:
            row, column = _place(part.cell)
            found = self.figures.read(
                Part(part.metric, {"value": column}),
                part.metric,
                self._row(row),
                partial(self._tell, row),
            )
            if found and self.fixed:
                yield FoundRow(self.reading.place, row, (part.area,), "", self.fixed, [found])

    def _find_columns(self) -> None:
        """Look up every column that the mapping names."""
        find, mapping, areas = self.headings.found, self.mapping, self.mapping.areas
        self.codes = find(areas.code if areas else [])
        self.names = find([areas.name] if areas and areas.name else [])
        self.when = find(mapping.period.column)
        self.apart = find(mapping.parts or [])
        self.metric = find([mapping.columns.column] if mapping.columns else [])
        self.outside = self._patterns(mapping.leave_out)
        self.parts = [self._part(figure) for figure in mapping.figures()]

    def _part(self, figure: ValuePart) -> Part:
        columns = {
            role: column
            for role in ("value", "numerator", "less", "denominator")
            if (name := getattr(figure, role))
            for column in self.headings.found([name])
        }
        where = self._patterns(figure.where)
        return Part(figure.metric, columns, figure.zero_denominator, where)

    def _patterns(self, named: Patterns) -> list[tuple[Column, list[str]]]:
        return [
            (column, patterns)
            for name, patterns in named.items()
            for column in self.headings.found([name])
        ]

    def _body(self) -> Iterator[FoundRow]:
        """The rows below the headings that hold figures of an area."""
        first, of = self.headings.row, len(self.rows)
        for number, cells in enumerate(self.rows[first:], first + 1):
            if number % _EVERY == 0:
                self.progress(number, of)
            if len(self.reading.faults) > MAX_FAULTS:
                break
            if any(cell != "" for cell in cells):
                found = self._found(number, cells)
                if found:
                    yield found
        self.progress(of, of)

    def _found(self, number: int, cells: Row) -> FoundRow | None:
        """A row of figures; None for one that is left out, or of which something is wrong."""
        codes = tuple(
            code for column in self.codes if (code := text_of(column.of(cells))).strip("- .")
        )
        name = "".join(text_of(column.of(cells)) for column in self.names)
        outside = any(holds(column, patterns, cells) for column, patterns in self.outside)
        if outside or (not codes and not name and self._is_note(number, cells)):
            self.left_out += 1
            return None
        if not codes and not name:
            return None
        figures = []
        for part in self.parts:
            if not part.is_in(cells):
                continue
            metric = part.metric or self._metric(number, cells)
            tell = partial(self._tell, number)
            if metric and (found := self.figures.read(part, metric, cells, tell)):
                figures.append(found)
        period = self.fixed
        if period is None:
            held = [column.of(cells) for column in self.when]
            value = held[0] if len(held) == 1 else " ".join(map(text_of, held))
            period = self._period(number, self.when[-1], value)
        if period is None or not figures:
            return None
        return FoundRow(self.reading.place, number, codes, name, period, figures)

    def _is_note(self, number: int, cells: Row) -> bool:
        """Whether a row without an area holds no figures either; a fault where it does."""
        for part in self.parts:
            for column in part.columns.values():
                if number_of(column.of(cells)) is not None:
                    said = "This row has figures and no area. Give it one, or leave it out."
                    self._tell(number, said, column, column.of(cells))
                    return False
        return True

    def _metric(self, number: int, cells: Row) -> str:
        """The metric that a row of a long table names, "" with a fault where there is none."""
        part, column = self.mapping.columns, self.metric[0]
        value = text_of(column.of(cells))
        if value not in self.metrics and part:
            own = part.prefix + value.lower().replace("_", "-") if part.prefix and value else ""
            self.metrics[value] = own or part.metrics.get(value, "")
            if not self.metrics[value]:
                said = "The mapping has no metric for this. Add it, or leave these rows out."
                self._tell(number, said, column, value)
        return self.metrics[value]

    def _added(self) -> list[FoundRow]:
        """Rows of one area and period as one, where the mapping says that they are parts."""
        whole: dict[tuple[Any, ...], FoundRow] = {}
        seen: dict[tuple[Any, ...], int] = {}
        for row in self._body():
            key = (row.codes, row.name, row.period.starts, row.period.ends)
            apart = tuple(text_of(column.of(self._row(row.row))) for column in self.apart)
            first = seen.setdefault((*key, apart), row.row)
            if first != row.row:
                said = f"Row {first} has this area, period and part already. Keep one of them."
                self._tell(row.row, said, self.apart[0], ", ".join(apart))
            elif key not in whole:
                whole[key] = row
            else:
                sums = {one.metric: one for one in whole[key].figures}
                for one in row.figures:
                    held = sums.get(one.metric)
                    sums[one.metric] = added(held, one) if held else one
                whole[key].figures = list(sums.values())
        return list(whole.values())

    def _take_zeros(self) -> None:
        """Take a denominator of zero for what the mapping says that it means."""
        meant = {part.metric: part.zero for part in self.parts if part.zero}
        if not meant:
            return
        for row in self.reading.rows:
            row.figures = [
                Figures(one.metric, one.title, standing=meant[one.metric])
                if one.metric in meant and one.denominator == 0
                else one
                for one in row.figures
            ]


def _place(cell: str) -> tuple[int, Column]:
    """Row and column of a cell such as C5."""
    letters, row = coordinate_from_string(cell.upper())
    return row, Column(column_index_from_string(letters), cell.upper())
