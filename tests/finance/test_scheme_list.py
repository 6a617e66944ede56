"""The list of schemes: what the address asks for, in which order, and on which page."""

import pytest

from finance.figures.savings import Judged, SavingFigures, SavingsBook, SchemeRow
from finance.pages.scheme_list import PAGE, Wish, choices, select, wish_of
from tests.money import pounds


def row(code: str, plan: str | None = None, **more: object) -> SchemeRow:
    """A scheme that plans so many pounds."""
    given = {
        "name": code.title(),
        "parent": None,
        "parent_name": "",
        "working_label": False,
        "theme": "",
        "theme_name": "",
        "lead_partner": "",
        "lead_name": "",
        "partners": (),
        "stage": "",
        "recurrent": (),
        "saving_types": (),
        "figures": SavingFigures(plan_pence=None if plan is None else pounds(plan)),
        "gross_budget_pence": None,
        "evidence": "",
        "judged": Judged(),
        "rating": "",
        "rating_reason": "",
        "rating_month": None,
        "weight_percent": None,
        "position": 0,
    }
    return SchemeRow(code=code, **(given | more))  # type: ignore[arg-type]


def book(*rows: SchemeRow) -> SavingsBook:
    """A book of these schemes."""
    given: dict[str, object] = dict.fromkeys(
        name
        for name in SavingsBook.__slots__
        if name not in ("rows", "partner_names", "investments")
    )
    names = {"moor": "the Moor"}
    return SavingsBook(rows=rows, investments=[], partner_names=names, **given)  # type: ignore[arg-type]


def codes(found) -> list[str]:
    return [item.code for item in found.rows]


FALLS = row(
    "falls", "300", theme="home", theme_name="Home", stage="in-delivery", partners=("moor",)
)
CLASS = row("class", "100", parent="falls", parent_name="Falls", theme="home", theme_name="Home")
BEDS = row("beds", "200", judged=Judged("red", "late"), recurrent=("yes", "not stated"))
IDLE = row("idle", lead_partner="moor", lead_name="the Moor")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["falls", "class", "beds", "idle"]),
        ({"q": "FALL"}, ["falls"]),
        ({"q": "the moor"}, ["idle"]),
        ({"theme": "home"}, ["falls", "class"]),
        ({"theme": "none"}, ["beds", "idle"]),
        ({"partner": "moor"}, ["falls", "idle"]),
        ({"stage": "in-delivery"}, ["falls"]),
        ({"status": "red"}, ["beds"]),
        ({"recurrent": "yes"}, ["beds"]),
        ({"recurrent": "not stated"}, ["beds"]),
        ({"theme": "moon"}, []),
        ({"theme": "home", "status": "red"}, []),
        ({"sort": "name"}, ["beds", "class", "falls", "idle"]),
        ({"sort": "plan"}, ["class", "beds", "falls", "idle"]),
        ({"sort": "-plan"}, ["falls", "beds", "class", "idle"]),
        ({"sort": "-status"}, ["beds", "falls", "class", "idle"]),
        ({"sort": "salary"}, ["falls", "class", "beds", "idle"]),
    ],
)
def test_filters_and_order_come_from_the_address(query, expected):
    assert codes(select(book(FALLS, CLASS, BEDS, IDLE), wish_of(query))) == expected


def test_the_sum_counts_a_part_once():
    found = select(book(FALLS, CLASS, BEDS), Wish())
    assert found.summed.plan_pence == pounds("500")
    alone = select(book(FALLS, CLASS, BEDS), Wish(q="class"))
    assert alone.summed.plan_pence == pounds("100")


def test_the_sum_of_nothing_stated_is_not_stated():
    assert select(book(IDLE), Wish()).summed.plan_pence is None


@pytest.mark.parametrize(
    ("page", "expected"),
    [("", 1), ("2", 2), ("99", 3), ("0", 1), ("-1", 1), ("two", 1), ("9" * 5000, 3), ("٢", 1)],
)
def test_a_page_that_is_none_is_the_nearest(page, expected):
    found = select(book(*(row(f"s{n}") for n in range(2 * PAGE + 1))), wish_of({"page": page}))
    assert (found.page, found.pages) == (expected, 3)
    assert len(found.shown) == (1 if expected == 3 else PAGE)


def test_the_address_keeps_what_is_asked_and_nothing_else():
    wish = wish_of({"q": " falls ", "status": "red", "sort": "-plan", "page": "2", "evil": "1"})
    assert wish.query() == "q=falls&status=red&sort=-plan&page=2"
    assert wish.query(page=1, status="") == "q=falls&sort=-plan"
    assert Wish().query() == ""


def test_filters_offer_what_some_scheme_has():
    found = choices(book(FALLS, CLASS, BEDS, IDLE))
    assert found == {
        "theme": [("home", "Home"), ("none", "Not stated")],
        "partner": [("moor", "the Moor")],
        "stage": [("in-delivery", "In delivery"), ("none", "Not stated")],
        "status": [("red", "Red"), ("none", "Not stated")],
        "recurrent": [("yes", "Recurrent"), ("not stated", "Not stated")],
    }
    assert choices(book(IDLE))["status"] == []
