"""Bad input, one by one: each is refused with the cell and the remedy, and stores nothing."""

import datetime

import pytest

from tests.finance.uploading import a_lead, faults, messages, nothing_stored
from tests.sheets import csv, repacked, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(valley):
    return a_lead(valley)


def table(*rows, change=None) -> bytes:
    return xlsx([["line", "month", "actual", "forecast", "comment"], *rows], change)


def put(**cells):
    def change(sheet):
        for place, value in cells.items():
            sheet[place] = value

    return change


FINE = ["pay", 4, 100, None, None]
SHEET = "xl/worksheets/sheet1.xml"


def as_number(text: bytes) -> bytes:
    """A table whose amount is a number that no spreadsheet program would write."""
    return repacked(
        table(FINE), {SHEET: lambda xml: xml.replace(b"<v>100</v>", b"<v>%s</v>" % text)}
    )


BAD = {
    "bomb": (repacked(table(FINE), add={"xl/media/a.png": b"\0" * 2_000_000}), "file", "", "MB"),
    "macros": (repacked(table(FINE), add={"xl/vbaProject.bin": b"x"}), "file", "", "macros"),
    "a PDF called .xlsx": (b"%PDF-1.4", "file", "", "PDF"),
    "a picture": (b"\x89PNG\r\n", "file", "", "picture"),
    "not a table": (csv("Dear all,", "please find attached"), "file", "", "the columns line"),
    "nothing in it": (xlsx([]), "file", "", "no figures"),
    "far corner": (table(FINE, change=put(XFD99999=1)), "file", "", "reaches over"),
    "merged cells": (
        table(FINE, change=lambda s: s.merge_cells("C2:C3")), "merged", "C2:C3", "Unmerge"
    ),
    "formula without value": (table(["pay", 4, "=1+1"]), "formula", "C2", "no value stored"),
    "date as amount": (
        table(["pay", 4, datetime.date(2018, 4, 1)]), "amount", "C2", "1 April 2018' is a date"
    ),
    "date as month": (table(["pay", 43191, 100]), "month", "B2", "looks like a date"),
    "month that is none": (csv("line,month,actual", "pay,14,1"), "month", "B2", "1 for April"),
    "month to come": (csv("line,month,actual", "pay,5,1"), "month", "B2", "you chose month 4"),
    "duplicate lines": (table(FINE, FINE), "twice", "A3", "in row 2 already"),
    "unknown code": (csv("line,actual", "pai,1"), "unknown", "A2", "'pai' is no line"),
    "line of another": (csv("line,actual", "theirs,1"), "unknown", "A2", "Leave it to them"),
    "row without a line": (csv("line,actual", ",1"), "unknown", "A2", "names no line"),
    "text in numbers": (csv("line,actual", "pay,12 tbc"), "amount", "B2", "not an amount"),
    "continental amount": (csv("line;actual", "pay;1.234,56"), "amount", "B2", "Type pounds"),
    "NaN": (as_number(b"NaN"), "amount", "C2", "not a number"),
    "NaN as text": (csv("line,actual", "pay,NaN"), "amount", "B2", "not an amount"),
    "infinity": (as_number(b"1e999"), "amount", "C2", "not a number"),
    "infinity as text": (csv("line,actual", "pay,Infinity"), "amount", "B2", "not an amount"),
    "30 digits": (as_number(b"123456789012345678901234567890"), "amount", "C2", "too large"),
    "30 digits as text": (csv("line,actual", "pay," + "1" * 30), "amount", "B2", "too large"),
    "finer than a penny": (csv("line,actual", "pay,1.234"), "amount", "B2", "finer than a penny"),
    "a column too many": (csv("line,actual,note", "pay,1,x"), "column", "C1", "not known"),
    "a comma in an amount": (csv("line,actual", "pay,12,300"), "column", "C2", "in quotes"),
    "a column twice": (csv("line,actual,Actual", "pay,1,2"), "column", "C1", "stands here twice"),
    "no month in a year": (csv("line,actual", "pay,1"), "column", "", "no column 'month'"),
    "a long comment": (csv("line,comment", "pay," + "x" * 4001), "comment", "B2", "4,000"),
    "month before the line": (csv("line,actual", "late,1"), "month", "B2", "from month 6 to 12"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_with_its_cell_and_the_remedy(lead, what):
    content, kind, place, words = BAD[what]
    lead.valley.line(lead.valley.hill, "spend", "theirs")
    lead.valley.line(lead.valley.moor, "spend", "late", first_month=6)
    upload = lead.send(content, None if what == "no month in a year" else 4)
    assert upload.state == "refused"
    assert (kind, place) in faults(upload)
    assert words in messages(upload)
    assert upload.report["flaw_count"] == 1
    assert nothing_stored()


FORMS = {
    "Latin-1": csv("line,actual,comment", "pay,5,caf\xe9", encoding="latin-1"),
    "UTF-16": csv("line\tactual\tcomment", "pay\t5\tcaf\xe9", encoding="utf-16"),
    "semicolons": csv("Line;Actual to date;Comment", "PAY;5;caf\xe9"),
    "pound signs": csv("line,actual,comment", 'pay,"£5.00",caf\xe9'),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_only_unusual_is_read_and_told(lead, form):
    upload = lead.send(FORMS[form])
    assert (upload.state, upload.report["flaws"]) == ("ready", [])
    assert [change["new"] for change in upload.report["changes"]] == [500, "caf\xe9"]
    assert upload.report["notes"][0].startswith("Read as ")


def test_hidden_rows_are_read_all_the_same_and_told(lead):
    def hide(sheet):
        sheet.row_dimensions[2].hidden = True

    upload = lead.send(table(FINE, change=hide))
    assert len(upload.report["changes"]) == 1
    assert upload.report["notes"] == ["Row 2 of sheet 'Sheet' is hidden and read all the same."]


def test_every_fault_is_found_at_once(lead):
    upload = lead.send(csv("line,actual,forecast", "pay,x,y", "pai,1,2", "fees,1,"))
    assert faults(upload) == [("amount", "B2"), ("amount", "C2"), ("unknown", "A3")]
    assert upload.report["counts"]["created"] == 1
