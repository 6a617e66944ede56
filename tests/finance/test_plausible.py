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


@pytest.mark.parametrize("typed", ["96.7", "110", "130", "90", "0"])
def test_income_may_miss_its_plan(typed):
    assert first("income", "actual", millions(typed), INCOME) == ""


def test_a_deficit_typed_without_its_brackets_is_asked_about():
    assert "other sign" in first("position", "forecast", millions("57.4"), TRUST)
    assert first("position", "forecast", millions("-57.4"), TRUST) == ""
    assert first("position", "forecast", 0, TRUST) == ""


def test_a_position_may_swing_around_a_small_plan():
    known = Known(plan=pounds("-400_000"), plan_to_date=pounds("-200_000"))
    assert first("position", "actual", millions("-5"), known) == ""
    assert first("position", "actual", pounds("90_000"), known) == ""


def test_a_plan_of_nought_is_a_plan():
    words = first("position", "actual", millions("-400"), Known(plan=0))
    assert "the year's plan is £0.0m" in words
