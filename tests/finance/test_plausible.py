"""Slips of unit and sign are asked about; plausible amounts are not."""

import pytest

from finance.services.plausible import Known, doubts
from tests.money import millions, pounds

INCOME = Known(
    plan=millions("167"),
    plan_to_date=millions("110"),
    last_actual=millions("96.6"),
    last_forecast=millions("167"),
)
TRUST = Known(plan=millions("-26.5"), last_forecast=millions("-44.9"))


def first(kind: str, name: str, pence: int, known: Known) -> str:
    return next(doubts(kind, name, pence, known), "")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (pounds("110"), "£110 is far less than the £96.6m reported last"),
        (pounds("110_000"), "£110,000 is far less than the £96.6m reported last"),
        (millions("-110"), "£110.0m has the other sign than the £96.6m reported last"),
        (millions("50"), "£50.0m to date is less than the £96.6m reported last"),
        (millions("1_100"), "£1,100.0m is more than 3 times the £110.0m planned"),
        (millions("17_000"), "is beyond what this line can be expected to hold"),
    ],
)
def test_what_income_to_date_can_hardly_be(typed, why):
    assert why in first("income", "actual", typed, INCOME)


def test_a_small_amount_is_said_in_pounds():
    known = Known(plan=millions("72"), last_actual=millions("6"))
    said = "£12,500 to date is less than the £6.0m reported last, though it accumulates"
    assert first("income", "actual", pounds("12_500"), known) == said


@pytest.mark.parametrize("typed", ["96.7", "110", "130", "90"])
def test_income_may_miss_its_plan(typed):
    assert first("income", "actual", millions(typed), INCOME) == ""


def test_a_deficit_typed_without_its_brackets_is_asked_about():
    assert "other sign" in first("position", "forecast", millions("57.4"), TRUST)
    assert first("position", "forecast", millions("-57.4"), TRUST) == ""


@pytest.mark.parametrize("kind", ["income", "spend", "pool-spend", "capital", "contribution"])
def test_a_small_amount_of_the_other_sign_is_asked_about(kind):
    known = Known(plan=millions("25.4"), last_actual=millions("12.7"))
    said = "£2.1m has the other sign than the £12.7m reported last"
    assert said in first(kind, "actual", millions("-2.1"), known)
    assert first("saving", "actual", millions("-2.1"), known) == ""


def test_a_position_may_swing_around_a_small_plan():
    known = Known(plan=pounds("-400_000"), plan_to_date=pounds("-200_000"))
    assert first("position", "actual", millions("-5"), known) == ""
    assert first("position", "actual", pounds("90_000"), known) == ""


def test_a_plan_of_nought_is_a_plan():
    words = first("position", "actual", millions("-400"), Known(plan=0))
    assert "the year's plan is £0)" in words


@pytest.mark.parametrize(
    ("kind", "name", "known"),
    [
        ("income", "actual", INCOME),
        ("spend", "actual", Known(plan=0, last_actual=millions("3"))),
        ("spend", "forecast", Known(plan=millions("30"))),
        ("cash", "actual", Known(last_actual=millions("8"))),
        ("position", "forecast", TRUST),
    ],
)
def test_a_nought_where_much_stood_is_asked_about(kind, name, known):
    assert "0 stands where" in first(kind, name, 0, known)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("actual", Known()),
        ("actual", Known(plan=0, plan_to_date=0)),
        ("actual", Known(plan=millions("30"), plan_to_date=millions("3"))),  # not begun yet
        ("actual", Known(plan=millions("30"), last_actual=0)),
        ("forecast", Known(plan=0)),
        ("forecast", Known(plan=millions("30"), last_forecast=0)),  # said and meant last month
    ],
)
def test_a_nought_may_be_what_there_is(name, known):
    assert first("spend", name, 0, known) == ""


def test_a_forecast_below_what_is_spent_is_asked_about():
    known = Known(plan=millions("12"), last_forecast=millions("12"), spent=millions("10"))
    said = "A forecast of £9.0m for the year is less than the £10.0m spent to date"
    assert first("spend", "forecast", millions("9"), known) == said
    assert first("capital", "forecast", millions("9"), known) == said
    assert first("spend", "forecast", millions("10"), known) == ""
    assert first("income", "forecast", millions("9"), known) == ""


def test_cash_goes_up_and_down_and_is_hardly_overdrawn():
    known = Known(plan=millions("9"), plan_to_date=millions("9"), last_actual=millions("8"))
    assert "other sign" in first("cash", "actual", millions("-1"), known)
    assert first("cash", "actual", millions("5"), known) == ""
