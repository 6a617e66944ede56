"""Workbooks: numbers are numbers, texts are never formulas, and a sheet says where from."""

import io
from decimal import Decimal

from openpyxl import load_workbook

from esbt.kit.tables import Column
from esbt.kit.workbooks import workbook

COLUMNS = [
    Column("name", "string", "its name"),
    Column("amount", "number", "in pounds"),
    Column("lines", "integer", "how many"),
]


def opened(*rows):
    return load_workbook(io.BytesIO(workbook(COLUMNS, rows, about={"State": "Published"})))


def test_amounts_are_numbers_to_the_penny():
    sheet = opened(["Falls", "-1234567.89", 3])["Figures"]
    assert [cell.value for cell in sheet[1]] == ["name", "amount", "lines"]
    name, amount, lines = sheet[2]
    assert (name.value, Decimal(str(amount.value)), lines.value) == (
        "Falls",
        Decimal("-1234567.89"),
        3,
    )
    assert amount.data_type == "n"


def test_what_is_not_stated_is_an_empty_cell():
    row = opened(["Falls", "", None])["Figures"][2]
    assert [cell.value for cell in row] == ["Falls", None, None]


def test_booleans_are_booleans():
    columns = [Column("name", "string", "its name"), Column("ours", "boolean", "who named it")]
    rows = [["true", "true"], ["false", "false"], ["x", True], ["y", ""]]
    sheet = load_workbook(io.BytesIO(workbook(columns, rows, about={})))["Figures"]
    held = [(row[1].value, row[1].data_type) for row in sheet.iter_rows(min_row=2)]
    assert held == [(True, "b"), (False, "b"), (True, "b"), (None, "n")]
    assert [row[0].data_type for row in sheet.iter_rows(min_row=2)] == ["s"] * 4


def test_no_text_is_a_formula():
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK('x')"):
        cell = opened([text, "1", 1])["Figures"]["A2"]
        assert (cell.value, cell.data_type) == (text, "s")


def test_the_other_sheet_says_where_the_figures_come_from():
    said = {row[0].value: row[1].value for row in opened(["Falls", "1", 1])["About"]}
    assert said == {
        "State": "Published",
        "name": "its name",
        "amount": "in pounds",
        "lines": "how many",
    }
