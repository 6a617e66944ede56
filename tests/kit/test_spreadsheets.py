"""Reading spreadsheets: every encoding, and no file that harms the reader."""

import datetime
import io
import random
import zipfile

import pytest

from esbt.kit import xlsx as kit_xlsx
from esbt.kit.money import AmountError
from esbt.kit.spreadsheets import Unreadable, amount_of, read_spreadsheet, text_of
from tests.money import pounds
from tests.sheets import csv, repacked, xlsx

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["line", "actual"], ["pay", 12.5]]


def rows_of(content: bytes) -> list[list[object]]:
    return list(read_spreadsheet(content).sheets[0].rows())


# text


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (csv("line,café", "pay,12"), "Read as UTF-8 text, separated by commas."),
        (csv("line,café", "pay,12", encoding="utf-8-sig"), "Read as UTF-8 text"),
        (csv("line;café", "pay;12", encoding="utf-16"), "UTF-16 text, separated by semicolons."),
        (csv("line;café", "pay;12", encoding="utf-16-le"), "Read as UTF-16 text"),
        (csv("line;café", "pay;12", encoding="utf-16-be"), "Read as UTF-16 text"),
        (csv("line\tcafé", "pay\t12", encoding="cp1252"), "Windows-1252 text, separated by tabs."),
        (csv("line,café", "pay,12\x81", encoding="latin-1"), "Read as Latin-1 text"),
    ],
)
def test_text_of_every_encoding_and_separator_is_read_and_its_kind_told(content, note):
    book = read_spreadsheet(content)
    assert note in book.notes[0]
    heading, row = list(book.sheets[0].rows())
    assert heading == ["line", "café"]
    assert row[0] == "pay"
    assert row[1].startswith("12")


def test_a_quoted_cell_keeps_its_separator_and_line_break():
    assert rows_of(b'line,comment\n"a, b","two\nlines"\n')[1] == ["a, b", "two\nlines"]


# what is no spreadsheet


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "with a password"),
        (b"\x89PNG\r\n", "a picture"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "neither"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (xlsx(ROWS)[:-300], "damaged"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(content, words):
    with pytest.raises(Unreadable, match=words):
        read_spreadsheet(content)


def test_another_zip_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("letter.txt", "Dear all")
    with pytest.raises(Unreadable, match=r"no \.xlsx workbook"):
        read_spreadsheet(out.getvalue())


# what is not safe


@pytest.mark.parametrize(
    ("add", "words"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"x"}, "Break its links"),
        ({"xl/activeX/activeX1.bin": b"x"}, "run programs"),
        ({"xl/media/image1.png": b"\0" * 2_000_000}, "unpacks to more"),
    ],
)
def test_macros_links_and_bombs_are_refused_before_anything_is_read(add, words):
    with pytest.raises(Unreadable, match=words):
        read_spreadsheet(repacked(xlsx(ROWS), add=add))


def test_parts_that_unpack_to_too_much_together_are_refused(monkeypatch):
    monkeypatch.setattr(kit_xlsx, "MAX_BYTES", 2000)
    with pytest.raises(Unreadable, match="unpacks to more"):
        read_spreadsheet(xlsx(ROWS))


def test_a_size_that_lies_gives_no_more_than_it_says():
    """The table of contents says a byte less than there is: what comes out is counted."""
    content = xlsx(ROWS)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        size = file.getinfo(SHEET).file_size
    lie = content.replace(size.to_bytes(4, "little"), (size - 1).to_bytes(4, "little"))
    assert lie != content
    with pytest.raises(Unreadable, match="damaged"):
        read_spreadsheet(lie)


def test_an_encrypted_zip_is_refused():
    content = xlsx(ROWS)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(mark)
        flags = bytes([content[start + place] | 1])
        content = content[: start + place] + flags + content[start + place + 1 :]
    with pytest.raises(Unreadable, match="encrypted"):
        read_spreadsheet(content)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_a_document_type_and_so_any_entity_is_refused(part):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def infect(xml: bytes) -> bytes:
        start = xml.index(b"?>") + 2 if xml.startswith(b"<?") else 0
        return xml[:start] + bomb + xml[start:]

    with pytest.raises(Unreadable, match="no spreadsheet program"):
        read_spreadsheet(repacked(xlsx(ROWS), {part: infect}))


@pytest.mark.parametrize(
    ("place", "words"), [("XFD100000", "at most 3,000,000"), ("A1048576", "at most 200,000 rows")]
)
def test_a_value_in_the_last_corner_takes_no_memory(place, words):
    with pytest.raises(Unreadable, match=words):
        read_spreadsheet(xlsx(ROWS, lambda sheet: sheet.__setitem__(place, 1)))


# what stands in a workbook


def test_rows_begin_with_the_first_and_columns_with_a():
    assert rows_of(xlsx([], lambda sheet: sheet.__setitem__("C2", 7))) == [
        ["", "", ""],
        ["", "", 7],
    ]


def test_hidden_rows_merged_cells_and_formulas_without_value_are_told():
    def change(sheet):
        sheet["B3"] = "=SUM(B1:B2)"
        sheet.row_dimensions[2].hidden = True
        sheet.merge_cells("C1:C2")

    sheet = read_spreadsheet(xlsx(ROWS, change)).sheets[0]
    assert (sheet.hidden_rows, sheet.merged) == ([2], ["C1:C2"])
    assert "no value stored" in sheet.bad[3, 2]


def test_a_formula_with_its_value_is_that_value_and_an_error_is_told():
    cells = {
        b'<c r="B2" t="n"><v>12.5</v></c>': b'<c r="B2"><f>5*2.5</f><v>12.5</v></c>'
        b'<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    }
    (before, after) = next(iter(cells.items()))
    content = repacked(xlsx(ROWS), {SHEET: lambda xml: xml.replace(before, after)})
    sheet = read_spreadsheet(content).sheets[0]
    assert list(sheet.rows())[1][1] == 12.5
    assert list(sheet.bad) == [(2, 3)]
    assert "#DIV/0!" in sheet.bad[2, 3]


# amounts


@pytest.mark.parametrize(
    ("value", "pence"),
    [
        (12.5, "12.50"),
        (0.1 + 0.2, "0.30"),
        (-1234567.89, "-1_234_567.89"),
        ("(12,300)", "-12_300"),
        ("£1.2m", "1_200_000"),
    ],
)
def test_amounts_of_cells(value, pence):
    assert amount_of(value) == pounds(pence)


@pytest.mark.parametrize("value", ["", " ", "\N{NO-BREAK SPACE}"])
def test_a_blank_cell_is_not_stated(value):
    assert amount_of(value) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "not a number"),
        (float("inf"), "not a number"),
        (1e29, "too large"),
        (123456789012345678901234567890, "too large"),
        ("123456789012345678901234567890", "too large"),
        (1.234, "finer than a penny"),
        (True, "not an amount"),
        ("twelve", "not an amount"),
        ("NaN", "not an amount"),
        ("1.234,56", "not an amount"),
        (datetime.date(2018, 4, 1), "1 April 2018' is a date"),
    ],
)
def test_what_is_no_amount_says_what_would_be(value, words):
    with pytest.raises(AmountError, match=words):
        amount_of(value)


def test_a_code_that_a_spreadsheet_made_a_number_is_its_text():
    assert [text_of(value) for value in (61000.0, " 61 ", False)] == ["61000", "61", "FALSE"]


# whatever else may be sent


def test_no_damage_to_a_workbook_brings_the_reader_down():
    """Damage of bytes and of parts, as a seed makes it: read, or refused in words."""
    chance = random.Random(3)
    whole = xlsx(
        [*ROWS, ["fees", "=1+1", datetime.date(2018, 4, 1)]], lambda s: s.merge_cells("D1:D2")
    )
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        parts = file.namelist()

    def damaged(content: bytes) -> bytes:
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(content))
            put = chance.choice([b"", b"<", b'"', b"9", b"A1", content[start : start + 20] * 2])
            content = content[:start] + put + content[start + chance.randint(1, 9) :]
            content = content or b"x"
        return content

    outcomes = set()
    for turn in range(200):
        sent = damaged(whole) if turn % 4 == 0 else repacked(whole, {chance.choice(parts): damaged})
        try:
            for sheet in read_spreadsheet(sent).sheets:
                outcomes |= {type(row) for row in sheet.rows()}
        except Unreadable:
            outcomes.add(Unreadable)
    assert outcomes == {list, Unreadable}
