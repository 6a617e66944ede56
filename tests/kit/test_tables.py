"""CSV that a spreadsheet cannot mistake for formulas."""

import csv
import io

import pytest

from esbt.kit.tables import Column, csv_text, pounds, safe, table_schema

COLUMNS = (Column("name", "string", "a name"), Column("amount", "number", "pounds"))


@pytest.mark.parametrize(
    ("pence", "text"),
    [(None, ""), (0, "0.00"), (-7, "-0.07"), (123_456, "1234.56"), (10**15, "10000000000000.00")],
)
def test_pence_are_exact_pounds(pence, text):
    assert pounds(pence) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "+", "-nan", "+inf", "-1e"]
)
def test_what_would_run_as_a_formula_is_text(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-12.50", "+3", "-0.07", "1.5", "Moor", "", 5, -5, None, True])
def test_numbers_and_words_stay_as_they_are(value):
    assert safe(value) == value


def test_a_table_reads_back_as_it_was():
    rows = [['Moor, the "old"\none', "1.00"], ["", None], ["=cmd|' /C calc'!A0", "-2.00"]]
    text = csv_text(COLUMNS, rows)
    assert text.startswith("name,amount\r\n")
    assert "\r\n" in text
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[1:] == [
        ['Moor, the "old"\none', "1.00"],
        ["", ""],
        ["'=cmd|' /C calc'!A0", "-2.00"],
    ]


def test_the_schema_names_the_columns_in_order():
    schema = table_schema(COLUMNS)
    assert [field["name"] for field in schema["fields"]] == ["name", "amount"]
    assert schema["missingValues"] == [""]
