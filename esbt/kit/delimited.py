"""Text tables in: CSV as spreadsheets of every country and age write it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from esbt.kit.archives import Unreadable
from esbt.kit.spreadsheets import MAX_ROWS, Book, Row, Sheet

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# what no table of text holds; a page break and the old end-of-file mark are let through
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_WRONG = "This is neither an .xlsx workbook nor a table of text. Save it as .xlsx or as CSV UTF-8."


def read_text(content: bytes, *, encoding: str = "", delimiter: str = "") -> Book:
    """The one sheet of a text table; says in its notes which encoding and separator it has.

    Both are found out where they are not given. Raises Unreadable for what is no text, is not of
    the encoding given, or is more than is taken.
    """
    text, encoding = _as(content, encoding) if encoding else _decode(content)
    if _CONTROL.search(text):
        raise Unreadable(_WRONG)
    height = text.count("\n") + 1
    if height > MAX_ROWS:
        raise Unreadable(f"The file has {height:,} rows; at most {MAX_ROWS:,} are read. Split it.")
    delimiter = delimiter or _delimiter(text)

    def rows() -> Iterator[Row]:
        # newline="": a line break inside quotes belongs to its cell
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            for row in reader:
                yield [cell.strip() for cell in row]
        except csv.Error as error:
            raise Unreadable(
                f"Row {reader.line_num} cannot be read ({error}). Save the file anew as CSV UTF-8."
            ) from error

    separated = _DELIMITERS.get(delimiter, f"'{delimiter}'")
    note = f"Read as {encoding} text, separated by {separated}."
    return Book([Sheet("", rows, height)], [note], is_text=True)


def _as(content: bytes, encoding: str) -> tuple[str, str]:
    """The text and the name of the encoding that it is said to have; a mark at its start goes."""
    try:
        return content.decode(encoding).removeprefix("\ufeff"), encoding.upper()
    except LookupError as error:
        raise Unreadable(f"'{encoding}' is no encoding. Write one such as utf-8.") from error
    except UnicodeDecodeError as error:
        row, value = content[: error.start].count(b"\n") + 1, content[error.start]
        raise Unreadable(
            f"This is not {encoding.upper()}. Save the file as CSV {encoding.upper()}.",
            row=row,
            value=f"byte {value:02x}",
        ) from error


def _decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, codec), name
    # without a mark, every second byte of UTF-16 in our alphabet is 0
    start = content[:4000]
    if len(start) > 3 and not len(content) % 2:
        for half, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
            if start[half::2].count(0) > len(start) * 0.4 and not start[1 - half :: 2].count(0):
                return _strictly(content, codec), "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise Unreadable(_WRONG) from error


def _delimiter(text: str) -> str:
    """What separates the cells of the first row that has any."""
    for line in io.StringIO(text):
        if line.strip():
            bare = re.sub('"[^"]*"', "", line)
            return max(_DELIMITERS, key=bare.count)
    raise Unreadable("The file is empty.")
