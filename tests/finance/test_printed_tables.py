"""Tables that documents print: East Sussex's share table by hand, and that no years are added."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.http import Http404
from django.test import Client

from esbt import loading
from finance.models import PrintedFigure, PrintedTable
from finance.pages.printed_tables import printed_table
from finance.pages.sources import unit_as_printed
from schemes.models import Evidence, Slice, Source
from schemes.people.roles import Role
from tests.factories import a_person, a_year
from tests.money import pounds

pytestmark = pytest.mark.django_db

EAST_SUSSEX = Path(__file__).parents[2] / "fixtures" / "east-sussex"
SHARE = "/systems/east-sussex/years/2017-18/tables/council-share"


@pytest.fixture
def slice_() -> Slice:
    loading.load([EAST_SUSSEX], progress=lambda line: None)
    return Slice.objects.get(system__code="east-sussex", year="2017-18")


@pytest.fixture
def page(slice_):
    return printed_table(slice_, "council-share")


@pytest.fixture
def reader(slice_) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=slice_.system))
    return browser


def a_table(valley, *rows: tuple[str, str | None, str], year=None, balance=()) -> PrintedTable:
    """A table with rows (code, pounds, state); the last is the balance of the codes given."""
    table, _ = PrintedTable.objects.get_or_create(
        system=valley.system, code="share", name="The share"
    )
    source, _ = Source.objects.get_or_create(code="plan", title="Plan")
    figures = {}
    for position, (code, amount, state) in enumerate(rows):
        figures[code] = PrintedFigure.objects.create(
            slice=year or valley.slice,
            code=code,
            name=f"Share: {code}",
            measure="envelope",
            table=table,
            position=position,
            pence=None if amount is None else pounds(amount),
            unit_pence=100_000,
            evidence=Evidence.objects.get_or_create(
                source=source,
                place=code,
                state=state,
                working="" if state in ("printed", "missing") else "How it was found",
            )[0],
        )
    if balance:
        figures[rows[-1][0]].parts.set([figures[code] for code in balance])
    return table


def test_the_share_table_of_east_sussex_as_it_is_printed(page):
    assert page["years"] == ["2017/18", "2018/19"]
    assert page["unit"] == "£'000"
    assert [[cell.text for cell in row["cells"]] for row in page["rows"]] == [
        ["11,114", "16,000"],
        ["(2,220)", "(3,797)"],
        ["(1,887)", "(2,039)"],
        ["36", "69"],
        ["7,043", "10,233"],
    ]
    assert [row["name"] for row in page["rows"]] == [
        "Adult Social Care",
        "Adult Social Care Support Grant and Improved Better Care Fund that offset savings",
        "Additional Adult Social Care precept",
        "Children's Services",
        "Funding transfer from Health",
    ]
    assert [row["balance"] for row in page["rows"]] == [False, False, False, False, True]


def test_only_the_two_empty_cells_are_derived_and_show_their_working(page):
    derived = [
        (row["name"][:24], index)
        for row in page["rows"]
        for index, cell in enumerate(row["cells"])
        if cell.derived
    ]
    assert derived == [("Adult Social Care Suppor", 0), ("Adult Social Care Suppor", 1)]
    notes = [cell.note for cell in page["rows"][1]["cells"]]
    assert "7,007 - 11,114 + 1,887 = -2,220" in notes[0]
    assert "10,233 - 69 - 16,000 + 2,039 = -3,797" in notes[1]


def test_the_balance_is_proved_in_each_year_and_says_what_the_proof_is_worth(page):
    assert page["checks"] == [
        {"count": "four", "found": "7,043", "outcome": "agrees", "derived": True},
        {"count": "four", "found": "10,233", "outcome": "agrees", "derived": True},
    ]
    assert page["sentence"] == (
        "Funding transfer from Health is £7,043k in 2017/18 and £10,233k in 2018/19, "
        "each time what the four rows above it come to."
    )


def test_what_the_text_prints_about_its_rows_is_held_against_them(page):
    made = [(item["year"], item["stated"].text, item["found"]) for item in page["made_of"]]
    assert made == [
        ("2017/18", "7,007", "7,007"),
        ("2017/18", "36", "36"),
        ("2018/19", "10,164", "10,164"),
    ]


def test_each_figure_leads_to_its_source_on_the_page(page, reader):
    anchors = {source["id"] for source in page["sources"]}
    for row in page["rows"]:
        assert {cell.href[1:] for cell in row["cells"]} <= anchors
    text = reader.get(SHARE).content.decode()
    assert all(text.count(f'id="{anchor}"') == 1 for anchor in anchors)


def test_the_page_adds_no_years_and_says_so(reader):
    text = reader.get(SHARE).content.decode()
    assert "never added together" in text
    assert "outside the savings total" in text
    # 11,114 + 16,000; 2,220 + 3,797; 1,887 + 2,039; 36 + 69; 7,043 + 10,233
    for total in ("27,114", "6,017", "3,926", ">105<", "17,276"):
        assert total not in text


def test_the_years_stand_side_by_side_from_either_year(slice_):
    other = Slice.objects.get(system=slice_.system, year="2018-19")
    assert printed_table(other, "council-share") == printed_table(slice_, "council-share")


def test_the_download_holds_the_page_to_the_penny(reader):
    rows = list(csv.DictReader(StringIO(reader.get(f"{SHARE}.csv").content.decode())))
    assert [row["amount_gbp"] for row in rows] == [
        "11114000.00",
        "-2220000.00",
        "-1887000.00",
        "36000.00",
        "7043000.00",
        "16000000.00",
        "-3797000.00",
        "-2039000.00",
        "69000.00",
        "10233000.00",
    ]
    assert [row["balance"] for row in rows[3:5]] == ["false", "true"]
    assert (rows[0]["year"], rows[-1]["year"]) == ("2017-18", "2018-19")
    assert (rows[1]["state"], rows[2]["printed"]) == ("derived", "(1,887)")


def test_the_printed_totals_of_a_year_lead_to_its_tables(reader):
    assert SHARE in reader.get("/systems/east-sussex/years/2017-18/printed").content.decode()
    earlier = reader.get("/systems/east-sussex/years/2016-17/printed").content.decode()
    assert "council-share" not in earlier


def test_a_balance_that_does_not_agree_is_said_and_never_corrected(valley):
    rows = [("a", "5_000", "printed"), ("b", "-2_000", "printed"), ("c", "9_000", "printed")]
    a_table(valley, *rows, balance=("a", "b"))
    page = printed_table(valley.slice, "share")
    assert page["rows"][-1]["cells"][0].text == "9"
    (check,) = page["checks"]
    assert (check["found"], check["outcome"], check["derived"]) == ("3", "does not agree", False)
    assert page["sentence"] == "C is £9k in 2018/19, but the two rows above it add to £3k."


def test_a_row_that_a_year_does_not_have_is_not_stated(valley):
    a_table(valley, ("a", "5_000", "printed"), ("b", None, "missing"))
    a_table(valley, ("c", "7_000", "suspect"), year=a_year(valley.system, "2019-20"))
    page = printed_table(valley.slice, "share")
    assert [[cell.text for cell in row["cells"]] for row in page["rows"]] == [
        ["5", "not stated"],
        ["not stated", "7"],
        ["not stated", "not stated"],
    ]
    assert page["rows"][1]["cells"][1].suspect
    assert page["checks"] == [None, None]
    assert page["sentence"] == "None of its rows is the balance of the others."


def test_a_sum_with_a_part_that_is_not_stated_is_not_made_up(valley):
    rows = [("a", "5_000", "printed"), ("b", None, "missing"), ("c", "4_000", "printed")]
    a_table(valley, *rows, balance=("a", "b"))
    page = printed_table(valley.slice, "share")
    assert page["checks"] == [None]
    assert "of the two rows above it not all are stated" in page["sentence"]


def test_a_table_of_another_system_is_not_there(valley, slice_):
    with pytest.raises(Http404):
        printed_table(valley.slice, "council-share")


def test_more_rows_take_no_more_queries(valley, query_count):
    a_table(valley, ("a", "1_000", "printed"), ("b", "1_000", "printed"), balance=("a",))
    few = query_count(lambda: printed_table(valley.slice, "share"))
    a_table(valley, *[(f"r{index}", "1_000", "printed") for index in range(30)])
    assert query_count(lambda: printed_table(valley.slice, "share")) == few


@pytest.mark.parametrize(
    ("unit_pence", "unit"),
    [
        (100_000_000, "m"),
        (10_000_000, "m"),
        (9_999_999, "k"),
        (100_000, "k"),
        (99_999, "gbp"),
        (1, "gbp"),
    ],
)
def test_a_figure_is_shown_as_finely_as_it_is_printed(unit_pence, unit):
    assert unit_as_printed(unit_pence) == unit
