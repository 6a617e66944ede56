"""Green, amber and red: both thresholds, both variances, and nothing to judge."""

import pytest

from finance.figures.savings import Judged, SavingFigures
from finance.figures.status import judge, rule_words
from tests.money import pounds


def figures(to_date: str | None = None, forecast: str | None = None) -> SavingFigures:
    """A plan of a million, half of it to date, and two variances."""
    return SavingFigures(
        plan_pence=pounds("1_000_000"),
        compared_plan_pence=pounds("500_000"),
        variance_pence=None if to_date is None else pounds(to_date),
        forecast_pence=None if forecast is None else pounds("1_000_000") + pounds(forecast),
        forecast_variance_pence=None if forecast is None else pounds(forecast),
    )


@pytest.mark.parametrize(
    ("to_date", "forecast", "level", "status"),
    [
        ("0", "0", "scheme", "green"),
        ("10_000", None, "scheme", "green"),
        ("-0.01", "0", "scheme", "amber"),
        ("-24_999.99", None, "scheme", "amber"),
        ("-25_000", None, "scheme", "red"),  # 5% of half a million
        ("0", "-49_999.99", "scheme", "amber"),
        ("0", "-50_000", "scheme", "red"),  # 5% of a million
        ("-2_500", "0", "whole", "red"),  # 0.5%
        ("-2_499.99", "0", "whole", "amber"),
    ],
)
def test_the_worse_of_the_two_variances_decides(to_date, forecast, level, status):
    assert judge(figures(to_date, forecast), level).status == status


@pytest.mark.parametrize(
    ("level", "amount"), [("scheme", "100_000"), ("theme", "250_000"), ("whole", "1_000_000")]
)
def test_so_much_money_is_red_whatever_its_share(level, amount):
    plan = pounds("10_000_000_000")
    short = SavingFigures(plan_pence=plan, compared_plan_pence=plan, variance_pence=-pounds(amount))
    less = SavingFigures(
        plan_pence=plan, compared_plan_pence=plan, variance_pence=1 - pounds(amount)
    )
    assert judge(short, level).status == "red"
    assert judge(less, level).status == "amber"


def test_without_a_variance_nothing_is_judged():
    assert judge(figures(), "scheme") == Judged()


def test_an_adverse_variance_on_a_plan_of_nothing_has_no_share_and_is_amber():
    nothing = SavingFigures(plan_pence=0, compared_plan_pence=0, variance_pence=-pounds("500"))
    assert judge(nothing, "scheme").status == "amber"


def test_the_reason_says_how_much_of_what():
    assert judge(figures("-60_000", "0"), "scheme").reason == "£60k (12.0%) adverse to date"
    assert judge(figures("0", "0"), "scheme").reason == "on plan to date; forecast on plan"


def test_the_thresholds_are_settings_and_are_said(settings):
    settings.ESBT_RAG = settings.ESBT_RAG | {"scheme": ["10", "5000000"]}
    assert judge(figures("-60_000"), "scheme").status == "red"
    assert judge(figures("-40_000"), "scheme").status == "amber"
    assert "10% of plan or £5.0m, whichever is lower for a scheme" in rule_words()


def test_a_forecast_of_some_lines_is_held_against_the_plan_of_those():
    """Of 8.0m planned, 1.0m has a forecast, and misses it by 60 thousand: 6%, not 0.8%."""
    partly = SavingFigures(
        plan_pence=pounds("8_000_000"),
        forecast_pence=pounds("940_000"),
        forecast_variance_pence=pounds("-60_000"),
    )
    assert partly.forecast_plan_pence == pounds("1_000_000")
    assert judge(partly, "scheme").reason == "£60k (6.0%) adverse in the forecast"


def test_the_reason_names_lines_without_a_report():
    some = SavingFigures(
        compared_plan_pence=pounds("500_000"),
        variance_pence=pounds("-60_000"),
        lines=5,
        reported=3,
    )
    said = "£60k (12.0%) adverse to date (2 of 5 lines have no report)"
    assert judge(some, "scheme").reason == said
