"""Old workbooks in: none that is damaged or reaches too far gets to the reader."""

import struct

import pytest

from esbt.kit.archives import Unreadable
from esbt.kit.xls import MAGIC, read_xls

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind: int, *numbers: int) -> bytes:
    return struct.pack(f"<HH{len(numbers)}H", kind, 2 * len(numbers), *numbers)


def xls(stream: bytes, name: str = "Workbook", following: int | None = None) -> bytes:
    """The smallest file system with one stream: table, folder, then the stream's sectors."""
    held = stream.ljust(4096, b"\0")
    sectors = len(held) // 512
    chain = [TABLE, END, *range(3, 2 + sectors), END if following is None else following]
    head = MAGIC + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<5I", 0, 1, 1, 0, 4096)[:20]
    head = head[:44] + struct.pack("<IIIIIIII", 1, 1, 0, 4096, END, 0, END, 0)
    head += struct.pack("<109I", 0, *[FREE] * 108)
    table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    entry = name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 52
    folder = (entry + struct.pack("<III", 2, len(held), 0)).ljust(512, b"\0")
    return head + table + folder + held


def test_a_value_in_the_last_corner_is_refused_before_anything_reads_it():
    corner = record(0x809, 0x600, 0x10) + record(0x203, 65535, 255, 0, 0, 0, 0, 0)
    with pytest.raises(Unreadable, match="reaches over 16,777,216 cells"):
        read_xls(xls(corner))


def test_many_cells_in_one_record_count_to_the_last():
    several = record(0xBD, 65535, 0, 0, 0, 0, 255)
    with pytest.raises(Unreadable, match="16,777,216 cells"):
        read_xls(xls(several))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (xls(record(0x2F, 0)), "This file is encrypted"),
        (xls(b"", name="Contents"), "This is no .xls workbook, or one with a password"),
        (xls(b"", following=2), "This workbook is damaged"),  # a chain that bites its tail
        (xls(b"")[:700], "This is no .xls workbook"),
        (MAGIC, "This workbook is damaged"),
    ],
)
def test_what_is_no_workbook_is_said_in_words(content, said):
    with pytest.raises(Unreadable, match=said):
        read_xls(content)
