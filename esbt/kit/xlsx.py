"""XLSX in: looked through as a zip of XML before it is read, so that no file harms the reader.

A reader of spreadsheets believes what a file says of itself: one cell in the last corner takes
17 billion cells of memory, and a size in a zip's table of contents may be a lie. So each part that
matters is unpacked here, counted as it comes out and looked through with a parser that knows no
entities. The reader then gets a new zip made of exactly these parts.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from esbt.kit.archives import Unreadable
from esbt.kit.spreadsheets import MAX_CELLS, MAX_ROWS, Book, Row, Sheet

MAX_MEMBERS = 1000
MAX_BYTES = 128 * 1024 * 1024  # of all parts together, as they come out
MAX_RATIO = 200  # how much a part over RATIO_FROM may grow; tables of figures grow tenfold
RATIO_FROM = 1024 * 1024
MAX_BAD = 1000

_BLOCK = 256 * 1024
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_READ = ("[Content_Types].xml", "_rels/.rels", _WORKBOOK, _RELATIONS)
_READ_TOO = ("xl/sharedstrings.xml", "xl/styles.xml")
_DAMAGED = "This workbook is damaged ({}). Open it in your spreadsheet program and save it anew."
_NOT_LIKE_THIS = {
    "vbaproject": "This workbook holds macros. Save it as .xlsx, which has none.",
    "macrosheets/": "This workbook holds macros. Save it as .xlsx, which has none.",
    "activex/": "This workbook holds controls that run programs. Remove them.",
    "externallinks/": (
        "This workbook takes figures from other files. Break its links, so that it holds "
        "the figures themselves."
    ),
    "xl/workbook.bin": "This is a binary workbook (.xlsb). Save it as .xlsx.",
}


def read_xlsx(content: bytes) -> Book:
    """The sheets of a workbook; raises Unreadable for what is none, or is not safe to read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return _Looking(file).read()
    # what zipfile and expat raise for damage and for methods that they do not know
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        expat.ExpatError,
        CalamineError,
    ) as error:
        raise Unreadable(_DAMAGED.format(error)) from error


@dataclass
class _Seen:
    """What was seen in a sheet's XML."""

    height: int = 0
    width: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    bad: dict[tuple[int, int], str] = field(default_factory=dict)


class _Looking:
    """One workbook being looked through."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        self.names = {info.filename for info in file.infolist()}
        self.left = MAX_BYTES
        self.cells = 0
        self._check_members()

    def _check_members(self) -> None:
        members = self.file.infolist()
        if len(members) > MAX_MEMBERS or len(self.names) < len(members):
            raise Unreadable(_DAMAGED.format("it has too many parts"))
        if any(info.flag_bits & 1 for info in members):
            raise Unreadable("This file is encrypted. Save it without a password.")
        for name in self.names:
            for sign, words in _NOT_LIKE_THIS.items():
                if sign in name.lower():
                    raise Unreadable(words)
        if not self.names.issuperset(_READ):
            raise Unreadable("This zip file is no .xlsx workbook. Send the workbook itself.")
        for info in members:
            if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * info.compress_size:
                raise _too_large()
        if sum(info.file_size for info in members) > MAX_BYTES:
            raise _too_large()

    def read(self) -> Book:
        """Look through the parts, and have exactly these read."""
        clean = io.BytesIO()
        with zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            parts: dict[str, bytes] = {}
            for name in (*_READ, *(name for name in self.names if name.lower() in _READ_TOO)):
                content = b"".join(self._blocks(name))
                _parser().Parse(content, True)
                out.writestr(name, content)
                if name in _READ:
                    parts[name] = content
            sheets = _sheets_of(parts[_WORKBOOK], parts[_RELATIONS])
            seen = {name: self._look(path, out) for name, path in sheets if path in self.names}
        book = CalamineWorkbook.from_filelike(io.BytesIO(clean.getvalue()))
        return Book(
            [
                Sheet(
                    name,
                    _rows_of(book.get_sheet_by_name(name)),
                    found.height,
                    found.hidden_rows,
                    found.merged,
                    found.bad,
                )
                for name, found in seen.items()
            ]
        )

    def _blocks(self, name: str) -> Iterator[bytes]:
        with self.file.open(name) as stream:
            while block := stream.read(_BLOCK):
                self.left -= len(block)
                if self.left < 0:
                    raise _too_large()
                yield block

    def _look(self, path: str, out: zipfile.ZipFile) -> _Seen:
        """Look through a sheet on its way into the new zip."""
        eye = _Eye()
        parser = _parser(eye)
        with out.open(path, "w") as copy:
            for block in self._blocks(path):
                copy.write(block)
                parser.Parse(block, False)
        parser.Parse(b"", True)
        self.cells += eye.seen.height * eye.seen.width
        if self.cells > MAX_CELLS:
            raise Unreadable(
                f"The workbook reaches over {self.cells:,} cells; at most {MAX_CELLS:,} are read. "
                "Delete the rows and columns beyond your figures."
            )
        return eye.seen


class _Eye:
    """Sees where a sheet's values stand, and which are none."""

    def __init__(self) -> None:
        self.seen = _Seen()
        self.row = self.column = 0
        self.columns: dict[str, int] = {}
        self.formula = self.filled = False
        self.kind = ""
        self.text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note a row, a cell, its formula or its value."""
        match name:
            case "c":
                self._cell(attributes)
            case "v" | "is":
                self._value()
            case "f":
                self.formula = True
            case "row":
                self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
                self.column = 0
                if attributes.get("hidden") in ("1", "true"):
                    self.seen.hidden_rows.append(self.row)
            case "mergeCell":
                self.seen.merged.append(attributes.get("ref", ""))

    def _cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r", "")
        letters = place.rstrip("0123456789")
        if letters and letters not in self.columns:
            self.columns[letters] = column_index_from_string(letters)
        self.column = self.columns[letters] if letters else self.column + 1
        if letters:
            self.row = int(place[len(letters) :])
        self.kind = attributes.get("t", "")
        self.formula = self.filled = False
        self.text = ""

    def _value(self) -> None:
        self.seen.height = max(self.seen.height, self.row)
        self.seen.width = max(self.seen.width, self.column)
        if self.row > MAX_ROWS:
            raise Unreadable(
                f"A value stands in row {self.row:,}; at most {MAX_ROWS:,} rows are read. "
                "Delete the rows beyond your figures."
            )

    def says(self, text: str) -> None:
        """Take note of text, which matters for formulas and errors only."""
        if self.formula or self.kind == "e":
            self.text += text[:40]

    def end(self, name: str) -> None:
        """Judge a cell whose end is reached."""
        if name == "f":
            self.text = ""  # the formula itself, not its value
        elif name == "c" and (self.kind == "e" or (self.formula and not self.text)):
            if len(self.seen.bad) >= MAX_BAD:
                raise Unreadable(
                    "More than a thousand cells hold errors or formulas without a value. Open the "
                    "workbook in your spreadsheet program, work it out and save it."
                )
            self.seen.bad[self.row, self.column] = (
                f"This cell shows the error {self.text}. Mend its formula or type the amount."
                if self.kind == "e"
                else "This formula has no value stored with it. Open the workbook in your "
                "spreadsheet program and save it, or type the amount."
            )


def _parser(eye: _Eye | None = None) -> expat.XMLParserType:
    """A parser of XML for what the eye looks for; it refuses document types, so any entity."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: Any) -> None:
        raise Unreadable(
            "This workbook holds XML that no spreadsheet program writes. Make it anew."
        )

    parser.StartDoctypeDeclHandler = refuse
    if eye:
        parser.StartElementHandler = _plain(eye.start)
        parser.EndElementHandler = lambda name: eye.end(name.rpartition(" ")[2])
        parser.CharacterDataHandler = eye.says
    return parser


def _plain(start: Callable[[str, dict[str, str]], None]) -> Callable[[str, dict[str, str]], None]:
    """A handler that hears names without their namespace."""
    return lambda name, attributes: start(name.rpartition(" ")[2], attributes)


def _sheets_of(workbook: bytes, relations: bytes) -> list[tuple[str, str]]:
    """The sheets in order: name and part."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    class Names(_Eye):
        def start(self, name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.join("/xl", attributes.get("Target", ""))
                targets[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")
            elif name == "sheet":
                relation = next((v for k, v in attributes.items() if k.endswith(" id")), "")
                sheets.append((attributes.get("name", ""), targets.get(relation, "")))

    _parser(Names()).Parse(relations, True)
    _parser(Names()).Parse(workbook, True)
    if len({name for name, _ in sheets}) < len(sheets):
        raise Unreadable(_DAMAGED.format("two sheets have one name"))
    return sheets


def _rows_of(sheet: CalamineSheet) -> Callable[[], Iterator[Row]]:
    """Rows from the first on and columns from A on, wherever the values begin."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    return lambda: (before + row for row in sheet.iter_rows())


def _too_large() -> Unreadable:
    return Unreadable(
        f"The workbook unpacks to more than {MAX_BYTES // 1024**2} MB, far beyond a table of "
        "figures. Send only the sheet with the figures."
    )
