"""Old .xls workbooks in, as public bodies still publish them: measured before they are read.

A reader makes room for every cell between the first and the last one, so one value in the last
corner of a sheet takes hundreds of megabytes. The cells' places are therefore looked up first, in
the records of the workbook's stream.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook

from esbt.kit.archives import Unreadable
from esbt.kit.spreadsheets import MAX_CELLS, Book, Sheet

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGIN, _LOCKED = 0x809, 0x2F
_MANY = (0xBD, 0xBE)  # several cells of a row: the last column ends the record
_ONE = (0x06, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E)
_NO_SECTOR = 0xFFFFFFFA  # this and what is above end a chain
_SMALLEST = 4096  # shorter streams are kept elsewhere; no spreadsheet program writes such a one
_DAMAGED = "This workbook is damaged. Open it in your spreadsheet program and save it as .xlsx."


def read_xls(content: bytes) -> Book:
    """The sheets of an .xls workbook; raises Unreadable for what is none, or reaches too far."""
    try:
        cells = sum(height * width for height, width in _sizes(_stream(content)))
    except (struct.error, IndexError) as error:
        raise Unreadable(_DAMAGED) from error
    if cells > MAX_CELLS:
        raise Unreadable(
            f"The workbook reaches over {cells:,} cells; at most {MAX_CELLS:,} are read. "
            "Delete the rows and columns beyond your figures."
        )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        held = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except CalamineError as error:
        raise Unreadable(_DAMAGED) from error
    sheets = []
    for name, sheet in held:
        rows = sheet.to_python(skip_empty_area=False)
        sheets.append(Sheet(name, rows.__iter__, len(rows)))
    return Book(sheets)


def _stream(content: bytes) -> bytes:
    """The workbook's stream of records."""
    disk = _Disk(content)
    folder = disk.chain(struct.unpack_from("<I", content, 48)[0])
    for at in range(0, len(folder), 128):
        name = folder[at : at + 64].decode("utf-16-le", "replace").partition("\0")[0]
        if name in ("Workbook", "Book"):
            start, length = struct.unpack_from("<II", folder, at + 116)
            if length >= _SMALLEST:
                return disk.chain(start)[:length]
    raise Unreadable("This is no .xls workbook, or one with a password. Save it as .xlsx.")


class _Disk:
    """The small file system that an .xls is: sectors, and a table of which follows which."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        shift = struct.unpack_from("<H", content, 30)[0]
        if not content.startswith(MAGIC) or shift not in (9, 12):
            raise Unreadable(_DAMAGED)
        self.size = 1 << shift
        self.most = len(content) // self.size
        self.next: list[int] = []
        for place in self._places():
            if place < _NO_SECTOR:
                self.next += self._numbers(place)

    def _places(self) -> list[int]:
        """The sectors of the table: 109 in the file's head, more in sectors of their own."""
        places = list(struct.unpack_from("<109I", self.content, 76))
        more = struct.unpack_from("<I", self.content, 68)[0]
        while more < _NO_SECTOR:
            if len(places) > self.most + 2 * self.size:
                raise Unreadable(_DAMAGED)
            *numbers, more = self._numbers(more)
            places += numbers
        return places

    def _sector(self, number: int) -> bytes:
        if number > self.most:
            raise Unreadable(_DAMAGED)
        held = self.content[(number + 1) * self.size : (number + 2) * self.size]
        return held.ljust(self.size, b"\0")

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self.size // 4}I", self._sector(sector))

    def chain(self, number: int) -> bytes:
        """All sectors from one on."""
        blocks: list[bytes] = []
        while number < _NO_SECTOR:
            if len(blocks) > self.most:
                raise Unreadable(_DAMAGED)
            blocks.append(self._sector(number))
            number = self.next[number]
        return b"".join(blocks)


def _sizes(stream: bytes) -> Iterator[tuple[int, int]]:
    """Height and width of what each sheet's cells reach over."""
    at = height = width = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _LOCKED:
            raise Unreadable("This file is encrypted. Save it as .xlsx without a password.")
        if kind == _BEGIN:
            yield height, width
            height = width = 0
        elif kind in _ONE or kind in _MANY:
            row, column = struct.unpack_from("<HH", stream, at + 4)
            if kind in _MANY:
                (column,) = struct.unpack_from("<H", stream, at + 2 + length)
            height, width = max(height, row + 1), max(width, column + 1)
        at += 4 + length
    yield height, width
