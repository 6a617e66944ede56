"""What charts and sentences say of the numbers beside them: signs, ties and missing values."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from finance.charts import (
    caveats,
    direction_of,
    headlines,
    months,
    months_table,
    position_sentence,
    position_table,
)
from finance.charts import waterfall as draw_waterfall
from finance.charts.words import direction_words, step_text
from finance.figures.position import TOTAL, MonthPoint, Position, PositionRow, Reported

NAMES = {
    "escc": "the Council",
    "ehs-hr-ccgs": "the two CCGs",
    "esht": "East Sussex Healthcare",
    "spft": "Sussex Partnership",
    TOTAL: "the system",
}


def pounds(text: str | None) -> int | None:
    return None if text is None else int(text.replace("_", "")) * 100


def row(code: str, plan: str | None, actual: str | None, **given: object) -> PositionRow:
    """A partner's position for the year, in pounds."""
    planned, reached = pounds(plan), pounds(actual)
    variance = None if planned is None or reached is None else reached - planned
    made = PositionRow(
        partner=code,
        name=NAMES[code],
        short_name=NAMES[code],
        plan_pence=planned,
        ytd_plan_pence=planned,
        ytd_actual_pence=reached,
        variance_pence=variance,
        forecast_pence=None,
        forecast_variance_pence=None,
        variance_pct=None,
        pct_turnover=None,
        direction=direction_of(variance),
        basis="",
        bases_differ=False,
        in_month_pence=None,
        in_month_from=None,
        forecast_month=None,
        forecast_direction="none",
        marks=(),
        reported=reached is not None,
        line=None,
    )
    return replace(made, **given)


def position(*rows: PositionRow, total: PositionRow, **given: object) -> Position:
    made = Position(
        system="east-sussex",
        year="2017-18",
        month=12,
        state="published",
        plan="original",
        rows=rows,
        total=total,
        reported=Reported(expected=len(rows), received=len(rows), missing=()),
        computed_at=datetime(2018, 7, 17, 9, 14, tzinfo=UTC),
        change=37,
        stale=False,
        status="closed",
    )
    return replace(made, **given)


# The annual report's table of 2017/18 (S1 2.11), in pounds
AS_PRINTED = (
    row("escc", "0", "-400_000"),
    row("ehs-hr-ccgs", "0", "-37_100_000"),
    row("esht", "-26_500_000", "-57_400_000", bases_differ=True),
)
PRINTED_TOTAL = row(TOTAL, "-26_500_000", "-94_900_000")


def said(*rows: PositionRow, total: PositionRow, **given: object) -> str:
    return position_sentence(position(*rows, total=total, **given))


def test_the_sentence_names_the_largest_first():
    assert said(*AS_PRINTED, total=PRINTED_TOTAL) == (
        "The system ended the year £68.4m adverse to plan: £37.1m at the two CCGs, "
        "£30.9m at East Sussex Healthcare, £0.4m at the Council."
    )


def test_before_the_year_ends_it_names_the_month_and_provisional_figures():
    rows = (row("escc", "100_000", "2_100_000"),)
    total = row(TOTAL, "100_000", "2_100_000")
    assert said(*rows, total=total, month=8) == (
        "The system is £2.0m favourable to plan to month 8: £2.0m at the Council."
    )
    assert said(*rows, total=total, state="provisional") == (
        "On provisional figures the system is £2.0m favourable to plan to month 12: "
        "£2.0m at the Council."
    )


def test_partners_on_the_other_side_are_said_to_offset():
    rows = (row("escc", "0", "2_000_000"), row("esht", "0", "-5_000_000"))
    assert said(*rows, total=row(TOTAL, "0", "-3_000_000")) == (
        "The system ended the year £3.0m adverse to plan: £5.0m adverse at East Sussex Healthcare, "
        "offset by £2.0m favourable at the Council."
    )


def test_nothing_over_or_under_is_on_plan_and_names_the_version():
    assert said(row("escc", "5", "5"), total=row(TOTAL, "5", "5"), plan="control-total") == (
        "The system ended the year on plan (control total)."
    )


def test_variances_that_cancel_are_both_named():
    rows = (row("escc", "0", "2_000_000"), row("esht", "0", "-2_000_000"))
    assert said(*rows, total=row(TOTAL, "0", "0")) == (
        "The system ended the year on plan (original): £2.0m adverse at East Sussex Healthcare, "
        "offset by £2.0m favourable at the Council."
    )


def test_ties_stand_in_the_published_order():
    rows = (row("escc", "0", "-1_000_000"), row("esht", "0", "-1_000_000"))
    assert said(*rows, total=row(TOTAL, "0", "-2_000_000")).endswith(
        "£1.0m at the Council, £1.0m at East Sussex Healthcare."
    )


def test_an_amount_too_small_for_millions_is_said_finer():
    rows = (row("escc", "0", "-40_000"), row("esht", "0", "-40"))
    assert said(*rows, total=row(TOTAL, "0", "-40_040")) == (
        "The system ended the year £40k adverse to plan: £40k at the Council, "
        "£40 at East Sussex Healthcare."
    )


def test_who_has_yet_to_report_is_named():
    rows = (row("escc", "0", "-1_000_000"), row("esht", "0", None), row("spft", "0", None))
    missing = Reported(3, 1, ("East Sussex Healthcare", "Sussex Partnership"))
    total = row(TOTAL, "0", "-1_000_000")
    assert said(*rows, total=total, reported=missing).endswith(
        " Yet to report: East Sussex Healthcare and Sussex Partnership."
    )


def test_a_partner_without_a_plan_is_named_and_not_added():
    rows = (row("escc", "0", "-1_000_000"), row("spft", None, "-9_000_000"))
    assert said(*rows, total=row(TOTAL, "0", "-1_000_000")).endswith(
        ": £1.0m at the Council. No variance can be stated for Sussex Partnership."
    )


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        ("-94_900_000", "in deficit by £94.9m"),
        ("1_000_000", "in surplus by £1.0m"),
        ("0", "at break-even"),
    ],
)
def test_without_a_plan_there_is_no_variance(actual, words):
    assert said(total=row(TOTAL, None, actual)) == (
        f"The system ended the year {words}; "
        "no plan of the same partners is stated to compare it with."
    )


def test_an_opening_forecast_is_said_to_be_one():
    total = row(TOTAL, None, None, forecast_pence=pounds("-76_900_000"), forecast_month=0)
    assert said(total=total, month=0) == (
        "The system forecasts a deficit of £76.9m for the year. No actual figures are stated yet."
    )


def test_nothing_reported_says_so():
    nobody = Reported(3, 0, ("the Council", "the two CCGs", "East Sussex Healthcare"))
    assert said(total=row(TOTAL, None, None), month=None, reported=nobody) == (
        "No figures have been reported yet; 3 partners are expected."
    )


# Waterfall


def test_the_waterfall_steps_from_plan_to_outturn_in_published_order():
    chart = draw_waterfall(AS_PRINTED, PRINTED_TOTAL, period="2017/18")
    trace = chart.figure["data"][0]
    assert trace["x"] == [-26.5, -0.4, -37.1, -30.9, -94.9]
    assert trace["measure"] == ["absolute", "relative", "relative", "relative", "total"]
    assert trace["text"] == ["(26.5)", "▼ (0.4)", "▼ (37.1)", "▼ (30.9)", "(94.9)"]
    assert chart.figure["layout"]["xaxis"]["zeroline"] is True


def test_the_waterfall_says_what_it_shows():
    chart = draw_waterfall(AS_PRINTED, PRINTED_TOTAL, period="2017/18")
    assert chart.title == "Most of the £68.4m adverse variance is at the two CCGs: £37.1m"
    assert chart.subtitle == "Surplus or (deficit) in £m, 2017/18; ▲ favourable, ▼ adverse"
    assert chart.alt == (
        "Waterfall from plan to outturn. Plan: deficit of £26.5m. The Council: £0.4m adverse. "
        "The two CCGs: £37.1m adverse. East Sussex Healthcare: £30.9m adverse. "
        "Outturn: deficit of £94.9m."
    )


@pytest.mark.parametrize(
    ("actuals", "title"),
    [
        (
            {"escc": "-2_000_000", "esht": "-2_010_000", "spft": "-900_000"},  # both print 2.0
            "The largest part of the £4.9m adverse variance is at the Council and "
            "East Sussex Healthcare: £2.0m each",
        ),
        (
            {"escc": "2_000_000", "esht": "1_500_000", "spft": "1_000_000"},
            "The largest part of the £4.5m favourable variance is at the Council: £2.0m",
        ),
        ({"escc": "-2_000_000"}, "All of the £2.0m adverse variance is at the Council"),
        (
            {"escc": "2_000_000", "esht": "-5_000_000"},
            "The largest adverse variance is at East Sussex Healthcare: £5.0m",
        ),
        (
            {"escc": "2_000_000", "esht": "-2_000_000"},
            "Favourable and adverse variances cancel out",
        ),
        ({"escc": "0", "esht": "0"}, "Every partner is on plan"),
    ],
)
def test_the_title_states_the_finding(actuals, title):
    rows = [row(code, "0", actual) for code, actual in actuals.items()]
    total = row(TOTAL, "0", str(sum(int(actual.replace("_", "")) for actual in actuals.values())))
    assert draw_waterfall(rows, total).title == title


def test_a_partner_without_a_variance_is_named_and_not_drawn():
    rows = (*AS_PRINTED, row("spft", None, "-1_000_000"))
    chart = draw_waterfall(rows, PRINTED_TOTAL)
    assert len(chart.figure["data"][0]["x"]) == 5
    assert chart.alt.endswith("Not drawn, for want of a variance: Sussex Partnership.")


def test_what_the_partners_do_not_explain_is_a_step_of_its_own():
    chart = draw_waterfall((row("escc", "0", "-1_000_000"),), row(TOTAL, "0", "-3_000_000"))
    assert chart.figure["data"][0]["x"] == [0, -1, -2, -3]
    assert "Not stated by partner: £2.0m adverse." in chart.alt
    alone = draw_waterfall((), row(TOTAL, "0", "-3_000_000"))
    assert alone.title == "£3.0m adverse to plan, not stated by partner"


def test_without_plan_or_actual_there_is_no_waterfall():
    assert draw_waterfall((), row(TOTAL, None, "1")) is None
    assert draw_waterfall((), row(TOTAL, "1", None)) is None


def test_a_name_is_never_read_as_markup():
    odd = row("escc", "0", "-1_000_000", short_name="A & <b>B</b>")
    figure = draw_waterfall((odd,), row(TOTAL, "0", "-1_000_000")).figure
    assert figure["layout"]["yaxis"]["ticktext"][1] == "A &amp; &lt;b&gt;B&lt;/b&gt;"


# Month by month


def month(number: int, plan: str | None, actual: str | None, forecast: str | None = None):
    return MonthPoint(number, pounds(plan), pounds(actual), pounds(forecast))


def test_a_month_without_a_report_is_a_gap_and_is_named():
    chart = months(
        [
            month(1, "0", "-1_000_000"),
            month(2, "0", None),
            month(3, "0", "-2_000_000", "-9_000_000"),
        ]
    )
    plan, actual, forecast = chart.figure["data"]
    assert actual["y"] == [-1, None, -2]
    assert actual["connectgaps"] is False
    assert forecast["y"] == [None, None, -9]
    assert plan["line"]["dash"] == "dash"
    assert chart.title == "£2.0m adverse to plan to month 3"
    assert chart.alt == (
        "Line by month. Actual to month 3: deficit of £2.0m. Plan to month 3: break-even. "
        "Forecast for the year at month 3: deficit of £9.0m. No report for month 2."
    )


def test_months_yet_to_come_are_no_gaps():
    chart = months([month(1, "0", "1_000_000"), month(2, "0", None), month(3, "0", None)])
    assert "No report" not in chart.alt
    assert chart.title == "£1.0m favourable to plan to month 1"


@pytest.mark.parametrize(
    ("plan", "actual", "sense", "title"),
    [
        ("5_000_000", "5_000_000", 1, "On plan to month 2"),
        ("5_000_000", "7_000_000", -1, "£2.0m adverse to plan to month 2"),
        ("5_000_000", "4_000_000", -1, "£1.0m favourable to plan to month 2"),
        ("5_000_000", "4_000_000", 0, "£1.0m below plan to month 2"),
        (None, "4_000_000", 1, "Surplus of £4.0m to month 2; no plan for that month"),
        ("5_000_000", None, 1, "No actual figures reported yet"),
    ],
)
def test_the_line_states_its_finding_in_the_lines_sense(plan, actual, sense, title):
    points = [month(1, "1", None, "1"), month(2, plan, actual, "1")]
    assert months(points, sense=sense).title == title


def test_a_label_keeps_off_the_line_that_goes_on_beside_it():
    points = [month(n, f"-{2 * n}_000_000", f"-{2 * n + 1}_000_000" if n < 7 else None)
              for n in range(1, 13)]  # fmt: skip
    labels = {label["text"]: label for label in months(points).figure["layout"]["annotations"]}
    assert labels["Plan"]["yshift"] == 0
    assert labels["Actual"]["yshift"] < -17  # actual is below plan, and so is its name


def test_a_name_on_an_axis_leaves_no_word_alone():
    odd = row("escc", "0", "-1_000_000", short_name="Hospitals Trust 1")
    figure = draw_waterfall((odd,), row(TOTAL, "0", "-1_000_000")).figure
    assert figure["layout"]["yaxis"]["ticktext"][1] == "Hospitals<br>Trust 1"


def test_a_single_month_makes_no_line():
    assert months([]) is None
    assert months([month(12, "-26_500_000", "-94_900_000")]) is None


def test_figures_are_plain_json():
    waterfall = draw_waterfall(AS_PRINTED, PRINTED_TOTAL)
    line = months([month(1, "0", "1"), month(2, "0", None)])
    for chart in (waterfall, line):
        assert "bdata" not in json.dumps(chart.figure)  # Plotly's packed form of arrays
        assert "template" not in chart.figure["layout"]


def test_what_goes_with_a_picture():
    late = Reported(expected=3, received=1, missing=("the Council", "the two CCGs"))
    found = position(*AS_PRINTED, total=PRINTED_TOTAL, state="provisional", reported=late)
    assert caveats(found, month="month 8, November 2018", illustrative=True) == (
        "Illustrative figures, made up",
        "Provisional figures, everything saved so far: month 8, November 2018",
        "Yet to report: the Council and the two CCGs",
        "The bases of plan and actual may differ for East Sussex Healthcare",
    )
    plain = position(AS_PRINTED[0], total=PRINTED_TOTAL)
    assert caveats(plain, month="", illustrative=False) == (
        "Published figures, approved or closed",
    )


# Table and headlines


def test_the_table_prints_as_the_source_printed():
    table = position_table(position(*AS_PRINTED, total=PRINTED_TOTAL), sources={"escc": "/x"})
    assert table.unit == "£m"
    assert table.ended
    assert not table.forecast  # nobody states one, and the year is over
    assert [row.variance.text for row in table.rows] == ["(0.4)", "(37.1)", "(30.9)", "(68.4)"]
    assert [row.total for row in table.rows] == [False, False, False, True]
    assert table.rows[0].plan.href == "/x"
    assert table.rows[0].forecast.text == "not stated"
    assert table.rows[2].words == "▼ adverse; bases may differ"


def test_a_row_with_a_derived_figure_says_so():
    derived = row("esht", None, None, forecast_pence=pounds("-44_900_000"), marks=("derived",))
    table = position_table(position(derived, total=row(TOTAL, None, None), month=8))
    assert table.rows[0].derived
    assert not table.rows[0].suspect
    assert table.forecast


def test_a_telephone_shows_the_variance_or_else_the_columns_that_hold_figures():
    table = position_table(position(*AS_PRINTED, total=PRINTED_TOTAL))
    assert table.narrow == ("variance",)
    opening = row("esht", None, None, forecast_pence=pounds("-44_900_000"))
    nobody = row(TOTAL, None, None)
    assert position_table(position(opening, total=nobody)).narrow == ("forecast",)
    planned = replace(opening, plan_pence=pounds("-1"))
    assert position_table(position(planned, total=nobody)).narrow == ("forecast", "plan")
    assert position_table(position(nobody, total=nobody)).narrow == ("variance",)


@pytest.mark.parametrize(
    ("pence", "unit", "said"),
    [
        (4_000_000, "m", "▲ favourable, under £50k"),  # £40,000 prints as 0.0
        (-4_999_999, "m", "▼ adverse, under £50k"),
        (-5_000_000, "m", "▼ adverse"),  # and £50,000 as 0.1
        (-40_000, "k", "▼ adverse, under £500"),
        (1, "gbp", "▲ favourable"),
        (0, "m", "on plan"),
    ],
)
def test_a_direction_beside_what_prints_as_nothing_says_how_small_it_is(pence, unit, said):
    assert direction_words(pence, direction_of(pence), unit=unit) == said


def test_a_bar_that_prints_as_nothing_has_no_arrow():
    assert [step_text(pence) for pence in (4_000_000, -5_000_000)] == ["0.0", "▼ (0.1)"]


def test_months_are_a_table_too():
    table = months_table([month(2, "0", None), month(1, "0", "-1_000_000")])
    assert [heading for heading, _ in table.rows] == ["April", "May"]
    assert [cell.text for cell in table.rows[1][1]] == ["0.0", "not stated", "not stated"]


def test_headlines_say_against_what():
    first, second = headlines(position(*AS_PRINTED, total=PRINTED_TOTAL))
    assert (first.value.text, first.words) == ("(68.4)", "▼ adverse")
    assert second.against == "against a plan of (26.5)"


def test_before_the_year_ends_a_forecast_has_its_headline():
    *_, forecast = headlines(position(*AS_PRINTED, total=PRINTED_TOTAL, month=8))
    assert forecast.label == "Forecast for the year"
    assert forecast.value.text == "not stated"
