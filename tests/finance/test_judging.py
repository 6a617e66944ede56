"""What endangers the savings, what is at risk and at what rate they come; worked out by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest

from esbt.kit.money import MINUS
from finance.figures.judging import (
    claim_totals,
    dangers,
    moves,
    needed_rate,
    run_rate,
    savings_at_risk,
    weighted_words,
)
from finance.figures.savings import ClaimPair, Judged, SavingFigures, SavingsBook, SchemeRow
from tests.money import pounds


def held(
    plan: str | None = None,
    actual: str | None = None,
    forecast: str | None = None,
    *,
    due: str | None = None,
    before: str | None = None,
    lines: int = 1,
    reported: int = 1,
) -> SavingFigures:
    """Figures in pounds with their variances."""

    def read(text: str | None) -> int | None:
        return None if text is None else pounds(text)

    def less(one: int | None, other: int | None) -> int | None:
        return None if one is None or other is None else one - other

    return SavingFigures(
        plan_pence=read(plan),
        plan_to_date_pence=read(due),
        compared_plan_pence=read(due),
        actual_pence=read(actual),
        variance_pence=less(read(actual), read(due)),
        forecast_pence=read(forecast),
        forecast_variance_pence=less(read(forecast), read(plan)),
        before_pence=read(before),
        lines=lines,
        reported=reported,
    )


def row(code: str, figures: SavingFigures, **given: object) -> SchemeRow:
    made = SchemeRow(
        code=code,
        name=code.capitalize(),
        parent=None,
        parent_name="",
        working_label=False,
        theme="",
        theme_name="",
        lead_partner="",
        lead_name="",
        partners=(),
        stage="in-delivery",
        recurrent=(),
        saving_types=(),
        figures=figures,
        gross_budget_pence=None,
        evidence="printed",
        judged=Judged(),
        rating="",
        rating_reason="",
        rating_month=None,
        weight_percent=None,
        position=0,
    )
    return replace(made, **given)


def book(*rows: SchemeRow, total: SavingFigures | None = None, **given: object) -> SavingsBook:
    made = SavingsBook(
        system="valley",
        year="2018-19",
        month=6,
        state="published",
        plan="original",
        plan_name="Original",
        rows=rows,
        investments=(),
        total=total or SavingFigures(),
        unidentified=None,
        gross_budget_pence=None,
        judged=Judged(),
        months=(),
        recurrent={},
        types={},
        stages={},
        themes={},
        full_year_effect_pence=None,
        targets=(),
        claims=(),
        partner_names={},
        weights={},
        weighted_forecast_pence=None,
        computed_at=None,
        change=1,
        stale=False,
        status="open",
    )
    return replace(made, **given)


# dangers


def test_the_largest_shortfall_stands_first_with_its_share():
    found = dangers(
        book(
            row("small", held("100_000", "50_000", "90_000")),
            row("fine", held("100_000", "50_000", "100_000")),
            row("large", held("100_000", "35_000", "70_000")),
            row("more", held("100_000", "90_000", "180_000")),
        )
    )
    assert [(item.code, item.shortfall_pence, item.share) for item in found] == [
        ("large", pounds("30_000"), Decimal("75.0")),
        ("small", pounds("10_000"), Decimal("25.0")),
    ]


def test_ties_stand_as_printed_and_parts_are_left_to_their_whole():
    short = held("100_000", "45_000", "90_000")
    found = dangers(
        book(
            row("b", short, position=2),
            row("a", short, position=1),
            row("part", short, parent="b"),
        )
    )
    assert [item.code for item in found] == ["a", "b"]


def test_without_a_forecast_what_is_behind_to_date_counts():
    behind, ahead = held("100_000", "40_000", due="50_000"), held("100_000", "60_000", due="50_000")
    found = dangers(book(row("behind", behind), row("ahead", ahead), row("bare", held("9"))))
    assert [item.code for item in found] == ["behind"]
    assert found[0].shortfall_pence == pounds("10_000")
    assert found[0].reasons == (
        "£10k behind plan to date",
        "no forecast, so the shortfall is the one to date",
        "at the rate so far it would reach £80k of the £100k planned (extrapolated)",
    )


def test_a_forecast_without_a_plan_is_no_shortfall_even_if_behind():
    assert dangers(book(row("one", held(None, "40_000", "90_000", due="50_000")))) == []


SHORT = held("100_000", "45_000", "90_000")


@pytest.mark.parametrize(
    ("figures", "given", "reasons"),
    [
        (SHORT, {}, ()),
        (SHORT, {"stage": ""}, ()),
        (SHORT, {"stage": "plan-in-progress"}, ("not yet in delivery: plan in progress",)),
        (SHORT, {"stage": "stopped"}, ("stopped",)),
        (replace(SHORT, reported=0), {}, ("no report for month 6",)),
        (
            replace(SHORT, lines=3),
            {},
            ("reports missing for month 6: 2 of 3 lines",),
        ),
        (
            replace(SHORT, before_pence=pounds("95_500")),
            {},
            ("forecast fell by £6k since last month",),
        ),
        (replace(SHORT, before_pence=pounds("85_000")), {}, ()),
        (replace(SHORT, variance_pence=pounds("-5_000")), {}, ("£5k behind plan to date",)),
        (
            replace(SHORT, actual_pence=pounds("95_000")),
            {},
            ("forecast below the £95k saved to date",),
        ),
        (
            SHORT,
            {"judged": Judged("red", ""), "rating": "green"},
            ("the lead rates it green while the rule says red",),
        ),
        (SHORT, {"judged": Judged("amber", ""), "rating": "red"}, ()),
        (SHORT, {"judged": Judged("red", ""), "rating": "red"}, ()),
        (SHORT, {"judged": Judged("red", ""), "rating": ""}, ()),
        (
            replace(SHORT, actual_pence=pounds("40_000")),
            {},
            ("at the rate so far it would reach £80k of the £90k forecast (extrapolated)",),
        ),
    ],
)
def test_each_reason_stands_where_it_holds(figures, given, reasons):
    assert dangers(book(row("one", figures, **given)))[0].reasons == reasons


# at risk


RED = {"judged": Judged("red", "")}


def test_what_is_forecast_and_not_delivered_in_red_or_early_schemes_is_at_risk():
    risk = savings_at_risk(
        book(
            row("red", held("100", "30", "80"), **RED),
            row("early", held("100", "10", "100"), stage="fully-developed"),
            row("green", held("100", "10", "100"), judged=Judged("green", "")),
            row("reached", held("100", "90", "80"), **RED),
            row("unreported", held("100", None, "40"), stage="opportunity"),
            row("silent", held("100"), stage="opportunity"),
            row("part", held("100", "30", "80"), parent="red", **RED),
        )
    )
    assert risk.pence == pounds("50") + pounds("90") + pounds("40")
    assert risk.codes == ("early", "red", "unreported")
    assert risk.silent == 1


def test_nothing_at_risk_is_nought_and_no_forecast_is_not():
    assert savings_at_risk(book(row("one", held("100", "10", "100")))).pence == 0
    assert savings_at_risk(book(row("one", held("100", "10"), **RED))).pence is None


# rates


@pytest.mark.parametrize(
    ("actual", "month", "year"),
    [
        ("70", 7, "120"),
        ("-7", 7, "-12"),
        ("0", 7, "0"),
        ("10", 1, "120"),
        ("0.01", 7, "0.02"),  # 1.714 pence
        ("120", 12, "120"),
    ],
)
def test_the_run_rate_is_the_average_times_twelve(actual, month, year):
    assert run_rate(held(actual=actual), month) == pounds(year)


@pytest.mark.parametrize("month", [None, 0, -1, 13])
def test_no_run_rate_outside_the_year_or_without_an_actual(month):
    assert run_rate(held(actual="70"), month) is None
    assert run_rate(held("100"), 7) is None


def test_what_each_month_left_must_save():
    needed = needed_rate(held(actual="4_000_000", forecast="20_000_000"), 4)
    assert needed is not None
    assert (needed.pence, needed.so_far_pence, needed.months) == (
        pounds("2_000_000"),
        pounds("1_000_000"),
        8,
    )
    assert needed.times == 2
    assert needed.words == (
        "The forecast needs £2.0m in each of the 8 months left, "
        "2 times the average so far, £1.0m a month."
    )


@pytest.mark.parametrize(
    ("actual", "forecast", "month", "words"),
    [
        ("11", "10", 11, "saved to date exceeds the forecast by £1, with 1 month left."),
        ("10", "10", 11, "saved to date reaches the forecast already, with 1 month left."),
        ("6000", "12000", 6, "£1k in each of the 6 months left, about the average so far, £1k"),
        ("0", "6000", 6, "each of the 6 months left; the average so far, £0.0m a month."),
        ("-6000", "6000", 6, f"the 6 months left; the average so far, {MINUS}£1k a month."),
    ],
)
def test_the_needed_rate_in_words(actual, forecast, month, words):
    needed = needed_rate(held(actual=actual, forecast=forecast), month)
    assert needed is not None
    assert words in needed.words


@pytest.mark.parametrize("month", [None, 0, 12, 13])
def test_no_needed_rate_without_months_left_or_figures(month):
    assert needed_rate(held(actual="1", forecast="2"), month) is None
    assert needed_rate(held(actual="1"), 6) is None
    assert needed_rate(held(forecast="1"), 6) is None


# changes


def test_the_largest_move_of_a_forecast_stands_first():
    found = moves(
        book(
            row("up", held(forecast="2_000_000", before="1_900_000")),
            row("down", held(forecast="1_600_000", before="2_000_000")),
            row("still", held(forecast="5", before="5")),
            row("new", held(forecast="5")),
            row("gone", held(before="5")),
            row("part", held(forecast="9", before="5"), parent="up"),
        )
    )
    assert [(item.code, item.change_pence) for item in found] == [
        ("down", pounds("-400_000")),
        ("up", pounds("100_000")),
    ]
    assert found[0].words == "forecast fell by £400k, from £2.0m to £1.6m"
    assert found[1].words == "forecast rose by £100k, from £1.9m to £2.0m"


# weights and claims


def test_the_weighted_forecast_is_off_until_weights_are_agreed():
    assert "is off until" in weighted_words(book())
    agreed = book(
        weights={"delivered": 100, "opportunity": 10}, weighted_forecast_pence=pounds("1_500_000")
    )
    assert weighted_words(agreed) == (
        "Weighted by stage, the forecast is £1.5m: each forecast times the weight agreed for its "
        "stage (opportunity 10%, delivered 100%)."
    )


def pair(one: str, other: str, settlement: str) -> ClaimPair:
    return ClaimPair(
        one=one,
        other=other,
        one_name=one,
        other_name=other,
        one_partner="Moor",
        other_partner="Hill",
        scheme="beds",
        found="rule",
        settlement=settlement,
        reason="",
        one_figures=held("10", "4", "9"),
        other_figures=held("12", None, "8"),
    )


def test_the_line_that_does_not_count_is_taken_out_once():
    claims = (
        pair("a", "b", "one"),
        pair("c", "b", "one"),  # b was taken out already
        pair("d", "e", "other"),
        pair("f", "g", "open"),
        pair("h", "i", "different"),
    )
    totals = claim_totals(book(total=held("100", "50", None), claims=claims))
    assert totals.taken.plan_pence == pounds("22")  # b's 12 and d's 10
    assert totals.after.plan_pence == pounds("78")
    assert totals.after.actual_pence == pounds("46")  # b states no actual
    assert totals.after.forecast_pence is None
    assert [len(held_) for held_ in (totals.settled, totals.open, totals.different)] == [3, 1, 1]
