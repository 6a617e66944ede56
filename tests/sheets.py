"""Files as people send them, made in tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def xlsx(
    rows: Sequence[Sequence[Any]], change: Callable[[Worksheet], object] | None = None
) -> bytes:
    """A workbook with one sheet of these rows, changed further by ``change``."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def repacked(
    content: bytes,
    replace: Mapping[str, Callable[[bytes], bytes]] = {},
    add: Mapping[str, bytes] = {},
) -> bytes:
    """The zip with some members changed and others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            change = replace.get(name, bytes)
            new.writestr(name, change(old.read(name)))
        for name, more in add.items():
            new.writestr(name, more)
    return out.getvalue()


def csv(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)
