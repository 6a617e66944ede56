"""A block from a spreadsheet on the cells of a grid: where it goes, and what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.workbook.headings import month_of
from finance.workbook.paste import read_paste
from finance.workbook.sheets import Column, Row, Sheet
from tests.money import pounds

MONTHS = ("April 2018", "May 2018", "June 2018", "July 2018")
LINES = (Row("pay", "Pay"), Row("drugs", "Drugs and devices"), Row("rent", "Rent"))


def year(**more) -> Sheet:
    """Three lines by four months in which nothing is stated."""
    columns = [Column(f"month_{n}", label, n) for n, label in enumerate(MONTHS, 1)]
    given = {"rows": LINES, "columns": columns, "values": {}, "first_year": 2018}
    return Sheet(**given | more)


def month(**more) -> Sheet:
    columns = [
        Column("actual", "Actual to date", headings=("actual",)),
        Column("forecast", "Forecast for the year", headings=("forecast",)),
        Column("comment", "Comment", text=True),
    ]
    values = {(row.code, "comment"): "" for row in LINES}
    return Sheet(**{"rows": LINES, "columns": columns, "values": values, "first_year": 2018} | more)


def changes(text: str, sheet: Sheet | None = None, start=None) -> dict[str, object]:
    """What a block would change, as "pay month_1": the amount in pounds."""
    found = read_paste(text, sheet or year(), start)
    assert found.faults == []
    return {
        f"{item.line} {item.column}": item.after // 100
        if isinstance(item.after, int)
        else item.after
        for item in found.changes
    }


def faults(text: str, sheet: Sheet | None = None, start=None) -> list[str]:
    found = read_paste(text, sheet or year(), start)
    assert found.changes == []
    return [str(fault) for fault in found.faults]


BLOCKS = {
    "from the first cell": ("1\t2\n3\t4", None, {"pay month_1": 1, "pay month_2": 2,
        "drugs month_1": 3, "drugs month_2": 4}),
    "small numbers that count up are amounts": ("1\t2\t3", None, {"pay month_1": 1,
        "pay month_2": 2, "pay month_3": 3}),
    "from the focus": ("5\r\n6\r\n", ("drugs", "month_3"), {"drugs month_3": 5, "rent month_3": 6}),
    "as people write amounts": ("(1,234)\t£5\t1.2k\t£3m", None, {"pay month_1": -1234,
        "pay month_2": 5, "pay month_3": 1200, "pay month_4": 3_000_000}),
    "spaces around, spaces for thousands": (" 1 234 \t\xa0-7", None, {"pay month_1": 1234,
        "pay month_2": -7}),
    "months as headings, in another order": ("Jun\tApr-18\n9\t8", ("drugs", "month_4"),
        {"drugs month_3": 9, "drugs month_1": 8}),
    "codes beside": ("rent\t5\npay\t6", ("pay", "month_2"), {"rent month_2": 5, "pay month_2": 6}),
    "names beside, whatever their case": ("DRUGS  and devices\t5", None, {"drugs month_1": 5}),
    "code, name and months": ("Code\tName\tM1\tMonth 02\nrent\tAny words\t1\t2", None,
        {"rent month_1": 1, "rent month_2": 2}),
    "bare numbers as headings beside lines": ("\t3\t4\npay\t5\t6", None, {"pay month_3": 5,
        "pay month_4": 6}),
    "dates as headings": ("Line\t01/05/2018\t2018-07\npay\t1\t2", None, {"pay month_2": 1,
        "pay month_4": 2}),
    "empty rows between": ("Line\tApril\npay\t1\n\t\nrent\t2\n\n", None, {"pay month_1": 1,
        "rent month_1": 2}),
    "empty columns behind": ("pay\t1\t\t\t\t\t", None, {"pay month_1": 1}),
    "a cell with a line break": ('"pay"\t"1"', None, {"pay month_1": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_goes_where_it_belongs(name):
    text, start, expected = BLOCKS[name]
    assert changes(text, start=start) == expected


def test_a_month_takes_amounts_and_comments():
    text = 'Line\tActual\tForecast\tComment\nPay\t1\t\t"late\nbut sure"'
    values = {("pay", "forecast"): pounds("9"), ("pay", "comment"): ""}
    assert changes(text, month(values=values)) == {
        "pay actual": 1,
        "pay forecast": None,
        "pay comment": "late\nbut sure",
    }


def test_a_name_that_looks_like_a_month_is_a_line_first():
    sheet = year(rows=[Row("p1", "Ward one"), Row("may", "May ward")])
    assert changes("p1\t5\nmay\t6", sheet) == {"p1 month_1": 5, "may month_1": 6}


def test_codes_of_digits_name_lines_where_all_of_them_do():
    sheet = year(rows=[Row("4100", "Pay"), Row("4200", "Rent")])
    assert changes("4200\t7\n4100\t8", sheet) == {"4200 month_1": 7, "4100 month_1": 8}
    assert changes("4200\t7\n4300\t8", sheet)["4100 month_1"] == 4200


def test_what_stands_already_is_counted_and_what_is_empty_goes():
    sheet = year(values={("pay", "month_1"): pounds("5"), ("pay", "month_2"): pounds("6")})
    found = read_paste("5.00\t\t7", sheet)
    assert found.unchanged == 1
    assert [(c.column, c.before, c.after, c.place) for c in found.changes] == [
        ("month_2", pounds("6"), None, "row 1, column 2"),
        ("month_3", None, pounds("7"), "row 1, column 3"),
    ]


def test_what_the_page_works_out_itself_is_left_out_with_a_word():
    """A block of two tables as the page shows them: headings twice, and a total under each."""
    block = """Line\tLast month £\tPlan to date\tActual to date £
Pay\t1\t2\t3
Total spend\t1\t2\t3
Line\tLast month £\tPlan to date\tActual to date £
Rent\t4\t5\t6
Total\t4\t5\t6"""
    sheet = month(totals=["Total spend"], beside=["Last month", "Plan to date"])
    found = read_paste(block, sheet)
    assert found.faults == []
    assert [(item.line, item.column, item.after) for item in found.changes] == [
        ("pay", "actual", pounds("3")),
        ("rent", "actual", pounds("6")),
    ]
    assert found.left_out == [
        "2 total rows",
        "1 heading row",
        "the column Last month £",
        "the column Plan to date",
    ]
    assert faults(block.replace("Total\t", "Total income\t"), sheet) == [
        "row 6, column 1: 'Total income' is no line of this page. Correct its code, or leave the "
        "row out."
    ]
    totalled = month(rows=[*LINES, Row("all", "Total")], totals=["Total spend"])
    assert changes("Total\t5", totalled) == {"all actual": 5}  # a line is a line first


WRONG = {
    "text": ("1\ttwelve", ["row 1, column 2 (May 2018): 'twelve' is not an amount. "
        "Type pounds, such as 12,300."]),
    "NaN": ("pay\tNaN", ["row 1, column 2 (April 2018): 'NaN' is not an amount. "
        "Type pounds, such as 12,300."]),
    "infinity and an error": ("1\tinf\t#REF!", ["row 1, column 2 (May 2018): 'inf' is not an "
        "amount. Type pounds, such as 12,300.", "row 1, column 3 (June 2018): '#REF!' is not an "
        "amount. Type pounds, such as 12,300."]),
    "thirty digits": ("9" * 30, [f"row 1, column 1 (April 2018): '{'9' * 30}' is too large: an "
        "amount here is under £1,000,000,000,000. Check the unit and type pounds, such as "
        "12,300."]),
    "a dash": ("-", ["row 1, column 1 (April 2018): A dash can mean 0 or not stated. Type 0, or "
        "leave the cell empty."]),
    "a column too many": ("1\t2\t3\t4\t5\n1\t2\t3\t4\t5", ["row 1, column 5: This column is one "
        "too many: the grid ends with July 2018. Leave it out."]),
    "a heading too many": ("Line\tApril\tTotal\npay\t1\t1", ["row 1, column 3: 'Total' is no "
        "column of this page. Leave the column out. Its columns are April 2018 to July 2018."]),
    "a month of another year": ("Line\tApr-17\npay\t1", ["row 1, column 2: 'Apr-17' is no column "
        "of this page. Leave the column out. Its columns are April 2018 to July 2018."]),
    "a month twice": ("Apr\tApril 2018\n1\t2", ["row 1, column 2: April 2018 stands here twice. "
        "Leave one out."]),
    "a row too many": ("1\n2\n3\n4\n5", ["row 4, column 1: There is no line for this row and those "
        "below: the grid ends with Rent."]),
    "an unknown line": ("pay\t1\nfuel\t2", ["row 2, column 1: 'fuel' is no line of this page. "
        "Correct its code, or leave the row out."]),
    "no line that is known": ("fuel\t2\ncars\t3", ["row 1, column 1: 'fuel' is no line of this "
        "page. Correct its code, or leave the row out.", "row 2, column 1: 'cars' is no line of "
        "this page. Correct its code, or leave the row out."]),
    "a line twice": ("pay\t1\nPay\t2", ["row 2, column 1: Pay stands here twice. Leave one of the "
        "two out."]),
    "no line beside an amount": ("pay\t1\n\t2", ["row 2, column 1: This row does not say its line. "
        "Put the line's code in its first column."]),
    "text in the place of a name": ("pay\tabout\t5\nrent\t1\t2", ["row 1, column 2 (April 2018): "
        "'about' is not an amount. Type pounds, such as 12,300."]),
    "headings alone": ("Line\tName\n", ["row 1, column 1: No heading says a column of this "
        "page. Its columns are April 2018 to July 2018."]),
    "nothing": (" \n\t\n", ["There is nothing in what was pasted. Copy the cells again."]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_names_its_cell_and_the_remedy(name):
    text, expected = WRONG[name]
    assert faults(text) == expected


def test_a_block_beyond_the_last_month_is_told_to_start_further_left():
    said = "row 1, column 2: This column is one too many: the grid ends with July 2018. "
    assert faults("1\t2", start=("pay", "month_4")) == [
        said + "Leave it out, or start further to the left."
    ]


def test_a_closed_month_takes_only_what_it_holds():
    shut = {("pay", "month_1"): "Month 1 is closed."}
    sheet = year(shut=shut, values={("pay", "month_1"): pounds("5")})
    assert changes("5\t6", sheet) == {"pay month_2": 6}
    assert faults("4\t6", sheet) == ["row 1, column 1 (April 2018): Month 1 is closed."]


def test_two_lines_of_one_name_are_told_apart_by_code():
    sheet = year(rows=[Row("a", "Other"), Row("b", "Other"), Row("c", "Pay")])
    assert changes("Other\tb\t7\nPay\tc\t8", sheet) == {"b month_1": 7, "c month_1": 8}
    assert "is the name of two lines" in faults("Other\t7\nPay\t8", sheet)[0]


def test_a_comment_has_its_length():
    assert "Shorten this to 4,000 characters" in faults("Comment\n" + "x" * 4001, month())[0]


@pytest.mark.parametrize(
    ("heading", "month_"),
    [
        ("apr", 1), ("sept", 6), ("march", 12), ("mar-19", 12), ("mar-18", None), ("jan 2019", 10),
        ("m12", 12), ("p01", 1), ("period 3", 3), ("m13", None), ("31/03/2019", 12),
        ("april's", None),
        ("99/99/2018", None), ("2018-13", None), ("ap", None), ("", None),
    ],
)  # fmt: skip
def test_headings_are_read_as_months_of_the_year(heading, month_):
    assert month_of(heading, 2018) == month_


@given(st.text(alphabet='\t\n\r" 0123456789.,-()£kmApril\0', max_size=60))
def test_any_text_is_read_or_refused(text):
    found = read_paste(text, year(), ("drugs", "month_2"))
    assert not (found.changes and found.faults)


def test_names_of_groups_and_a_total_column_are_left_out_with_a_word():
    sheet = year(sections=["Spend"], beside=["Total"])
    found = read_paste("Line\tApril\tTotal\nSpend\t\t\npay\t1\t1", sheet)
    assert found.faults == []
    assert [(item.line, item.after) for item in found.changes] == [("pay", 100)]
    assert found.left_out == ["1 group row", "the column Total"]
    assert "is no line of this page" in faults("Line\tApril\nSpend\t5", sheet)[0]  # an amount
