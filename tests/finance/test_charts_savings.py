"""What the savings page says of the numbers beside it: signs, ties, missing values, bare plans."""

import json
from dataclasses import replace

import pytest

from esbt.kit.money import MINUS
from finance.charts import (
    claims_table,
    recurrent_parts,
    savings_caveats,
    savings_headlines,
    savings_months,
    savings_months_table,
    savings_sentence,
    savings_unit,
    scheme_bars,
    scheme_table,
    split_table,
)
from finance.charts.savings import fine
from finance.figures.savings import Judged, SavingFigures, SavingMonth, SavingsBook, SchemeRow
from tests.money import millions, pounds


def figures(
    plan: str | None = None,
    actual: str | None = None,
    forecast: str | None = None,
    *,
    due: str | None = None,
    **more: object,
) -> SavingFigures:
    """Figures in £m, variances worked out; ``due`` is the plan to date."""

    def read(text: str | None) -> int | None:
        return None if text is None else millions(text)

    planned, saved, expected, to_date = read(plan), read(actual), read(forecast), read(due)
    known = saved is not None and to_date is not None
    made = SavingFigures(
        plan_pence=planned,
        plan_to_date_pence=to_date,
        compared_plan_pence=to_date if known else None,
        actual_pence=saved,
        variance_pence=saved - to_date if known else None,
        forecast_pence=expected,
        forecast_variance_pence=None if expected is None or planned is None else expected - planned,
    )
    return replace(made, **more)


def row(code: str, held: SavingFigures, **given: object) -> SchemeRow:
    made = SchemeRow(
        code=code,
        name=code.replace("-", " ").capitalize(),
        parent=None,
        parent_name="",
        working_label=False,
        theme="",
        theme_name="",
        lead_partner="",
        lead_name="",
        partners=(),
        stage="",
        recurrent=(),
        saving_types=(),
        figures=held,
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


def book(*rows: SchemeRow, total: SavingFigures, **given: object) -> SavingsBook:
    made = SavingsBook(
        system="valley",
        year="2017-18",
        month=7,
        state="published",
        plan="original",
        plan_name="Original",
        rows=rows,
        investments=(),
        total=total,
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
        change=3,
        stale=False,
        status="open",
    )
    return replace(made, **given)


# the sentence


SO_FAR = figures("28.0", "12.3", "25.1", due="13.7")


def said(total: SavingFigures, **given: object) -> str:
    return savings_sentence(book(total=total, **given))


def test_the_sentence_compares_what_was_saved_and_what_is_forecast():
    assert said(SO_FAR) == (
        "To month 7 the system saved £12.3m, £1.4m adverse to plan; "
        "it forecasts £25.1m of the £28.0m planned for the year."
    )


def test_provisional_figures_are_said_to_be():
    assert said(SO_FAR, state="provisional").startswith(
        "On provisional figures, to month 7 the system saved £12.3m"
    )


@pytest.mark.parametrize(
    ("total", "ending"),
    [
        (figures("28.0", "13.7", "28.0", due="13.7"),
         "saved £13.7m, on plan; it forecasts the £28.0m planned for the year."),
        (figures("28.0", "14.0", "30.0", due="13.7"),
         "£0.3m favourable to plan; it forecasts £30.0m for the year against £28.0m planned."),
        (figures("28.0", "12.3", due="13.7"), "£1.4m adverse to plan."),
        (figures(None, "12.3", "25.1"),
         "with no plan of the same lines to compare it with; it forecasts £25.1m for the year."),
        (figures("28.0", "-0.2", due="13.7"), f"saved {MINUS}£0.2m, £13.9m adverse to plan."),
        (figures("28.0", "0.0", due="0.0"), "saved £0.0m, on plan."),
    ],
)  # fmt: skip
def test_signs_and_missing_values_in_the_sentence(total, ending):
    assert said(total).endswith(ending)


def test_a_forecast_of_some_lines_is_not_set_against_the_whole_plan():
    partly = replace(SO_FAR, forecast_variance_pence=millions("-0.5"))
    assert said(partly).endswith(
        "forecasts £25.1m for the year, £0.5m adverse to plan for the lines that have a forecast."
    )


def test_the_sentence_counts_lines_that_have_yet_to_report():
    assert said(replace(SO_FAR, lines=9, reported=7)).endswith(
        "2 of 9 lines have no report for it."
    )
    assert said(replace(SO_FAR, lines=9, reported=8)).endswith("1 of 9 lines has no report for it.")


def test_an_ended_year_says_no_forecast():
    assert said(SO_FAR, month=12) == "In 2017/18 the system saved £12.3m, £1.4m adverse to plan."


PLANNED = figures("53.7")


def test_a_year_with_nothing_but_a_plan_says_so_and_never_nought():
    ended = said(PLANNED, month=None, status="closed")
    assert ended == (
        "£53.7m of savings are planned for 2017/18. No monthly outturn of savings was published."
    )
    open_ = {"month": None, "status": "open"}
    assert said(PLANNED, **open_, state="provisional") == (
        "£53.7m of savings are planned for 2017/18; none has been reported yet."
    )
    assert said(PLANNED, **open_).endswith("; none has been reported and approved yet.")
    assert said(PLANNED, month=4).endswith("2017/18. Nothing is reported for month 4.")
    assert said(SavingFigures(), **open_) == "No savings are planned or reported for 2017/18."
    assert "0.0" not in ended


def test_a_forecast_without_actual_or_plan():
    assert said(figures(None, None, "3.0"), month=None) == (
        "The system forecasts savings of £3.0m for the year; no plan is stated."
    )


# headlines and units


def test_headlines_show_direction_in_words():
    made = savings_headlines(book(total=SO_FAR, judged=Judged("amber", "why")), "m")
    assert [(item.label, item.value.text, item.words) for item in made] == [
        ("Plan for the year", "28.0", ""),
        ("Saved to date", "12.3", "▼ £1.4m adverse"),
        ("Forecast for the year", "25.1", "▼ £2.9m adverse"),
        ("Status by the rule", "Amber", ""),
    ]
    assert made[-1].against == "why"


def test_a_forecast_of_several_months_says_so_in_large():
    total = replace(SO_FAR, forecast_month=5, forecast_month_last=7, forecasts_behind=3)
    forecast = savings_headlines(book(total=total), "m")[2]
    assert forecast.label == "Forecast for the year"
    assert forecast.against.endswith("; latest of each line, months 5 to 7; 3 lines behind")


def test_headlines_of_a_bare_plan_state_what_is_missing():
    made = savings_headlines(book(total=PLANNED, month=None, status="closed"), "m")
    assert [item.value.text for item in made] == ["53.7", "not stated", "not judged"]
    assert made[1].against == "no monthly outturn was published"
    made = savings_headlines(book(total=PLANNED, month=None), "m")
    assert [item.against for item in made[1:3]] == [
        "nothing is reported yet",
        "no forecast is stated",
    ]


def test_figures_in_large_are_in_millions_from_ten_on():
    assert savings_unit(book(row("one", figures("53.7")), total=PLANNED)) == "m"
    assert savings_unit(book(total=figures("9.9"))) == "k"
    assert savings_unit(book(total=SavingFigures())) == "k"
    assert savings_unit(book(total=figures("10.0"))) == "m"


def test_amounts_of_a_scheme_are_in_thousands_below_a_million():
    assert [fine(pounds(text)) for text in ("245_000", "-245_000", "1_000_000", "12", "0")] == [
        "£245k",
        f"{MINUS}£245k",
        "£1.0m",
        "£12",
        "£0.0m",
    ]


# months


def by_month(*found: tuple[int, str | None, str | None, str | None]) -> list[SavingMonth]:
    def read(text: str | None) -> int | None:
        return None if text is None else millions(text)

    return [
        SavingMonth(month, read(plan), read(actual), read(forecast), 3, 0 if actual is None else 3)
        for month, plan, actual, forecast in found
    ]


def test_the_months_say_how_delivery_stands_against_plan():
    held = by_month((1, "2.0", "1.0", None), (2, "4.0", "3.5", "40.0"), (3, "6.0", None, None))
    chart = savings_months(book(total=SO_FAR, months=held), period="The valley 2017/18")
    assert chart is not None
    assert chart.title == "£0.5m adverse to plan to month 2"
    assert chart.subtitle.endswith("forecast for the year, The valley 2017/18")
    actual = next(line for line in chart.figure["data"] if line["name"] == "Actual")
    assert actual["y"] == [1.0, 3.5, None]
    table = savings_months_table(book(total=SO_FAR, months=held), "m")
    assert [cell.text for cell in table.rows[2][1]] == ["6.0", "not stated", "not stated", "0 of 3"]


def test_more_than_planned_is_favourable():
    held = by_month((1, "2.0", "2.5", None), (2, "4.0", "5.5", None))
    chart = savings_months(book(total=SO_FAR, months=held))
    assert chart is not None
    assert chart.title == "£1.5m favourable to plan to month 2"
    assert "forecast" not in chart.subtitle


def test_planned_months_alone_say_that_no_outturn_is_there():
    held = by_month((1, "2.0", None, None), (2, "4.0", None, None))
    closed = savings_months(book(total=PLANNED, months=held, month=None, status="closed"))
    assert closed is not None
    assert closed.title == "£53.7m planned over the year; no monthly outturn was published"
    assert savings_months(book(total=PLANNED, months=held[:1])) is None


# schemes


def bars(*rows: SchemeRow, total: SavingFigures = SO_FAR, **more: object):
    chart = scheme_bars(rows, total, **more)
    assert chart is not None
    return chart


def test_only_plans_say_who_carries_them():
    chart = bars(
        row("planned-care", figures("24.8")), row("proactive-care", figures("28.9")), total=PLANNED
    )
    assert chart.title == "Proactive care carries £28.9m of £53.7m, 54%"
    assert chart.subtitle == "Plan for the year in £m, by scheme"
    assert chart.figure["data"][0]["x"] == [28.9, 24.8]
    assert len(chart.figure["data"]) == 1  # no marks: the bar is the plan
    assert chart.alt == (
        "Bars of the plan by scheme, the largest first. "
        "Proactive care: plan £28.9m. Planned care: plan £24.8m."
    )


def test_ties_for_the_largest_plan_are_named_together():
    chart = bars(row("b", figures("2.0")), row("a", figures("2.0")), total=figures("4.0"))
    assert chart.title == "A and B carry £2.0m each of £4.0m, 50%"
    assert bars(row("b", figures("2.0")), total=figures("2.0")).title == (
        "B carries the whole plan of £2.0m"
    )
    assert bars(row("b", figures("2.0")), total=SavingFigures()).title == "B carries £2.0m"


def test_bars_are_sorted_by_forecast_with_the_plan_as_a_mark_and_the_variance_beside():
    chart = bars(
        row("low", figures("5.0", "1.0", "2.0")), row("high", figures("3.0", "1.0", "4.0"))
    )
    assert chart.title == "The only shortfall is in Low: £3.0m adverse to plan in the forecast"
    assert chart.figure["data"][0]["x"] == [4.0, 2.0]
    assert chart.figure["data"][-1]["x"] == [3.0, 5.0]  # marks
    assert [note["text"] for note in chart.figure["layout"]["annotations"]] == [
        "4.0  ▲ 1.0 favourable",
        "2.0  ▼ 3.0 adverse",
    ]
    assert "High: forecast £4.0m, plan £3.0m, £1.0m favourable." in chart.alt


def test_what_is_not_stated_is_not_drawn_as_nothing():
    chart = bars(
        row("forecast", figures("5.0", "1.0", "4.0")),
        row("reported", figures("6.0", "3.0", due="3.5")),
        row("planned", figures("2.0")),
        row("silent", SavingFigures()),
        row("nought", figures("1.0", "0.0", "0.0", due="0.5")),
    )
    assert chart.figure["data"][0]["x"] == [4.0, 3.0, 2.0, 0.0]
    assert [note["text"] for note in chart.figure["layout"]["annotations"]] == [
        "4.0  ▼ 1.0 adverse",
        "3.0 to date  ▼ 0.5 adverse",
        "2.0 planned",
        "0.0  ▼ 1.0 adverse",
    ]
    assert chart.figure["data"][-1]["x"] == [5.0, 3.5, 1.0]  # the plan of the same period
    assert chart.alt.endswith("Not drawn, for want of figures: Silent.")
    shortfall = "£1.0m each adverse to plan in the forecast"
    assert chart.title == f"The largest shortfall is in Forecast and Nought: {shortfall}"
    assert scheme_bars([row("silent", SavingFigures())], PLANNED) is None


def test_a_year_on_plan_or_better_says_so():
    good = row("good", figures("5.0", None, "5.0"))
    assert bars(good).title == "Every scheme is on plan or better"
    assert bars(good, row("bare", figures("1.0"))).title == (
        "Every scheme that is compared is on plan or better"
    )
    assert bars(row("lone", figures(None, "1.0"))).title == (
        "No scheme can be compared with its plan yet"
    )


def test_beyond_fifteen_the_rest_is_one_bar():
    many = [row(f"s{n:02}", figures("2.0", None, f"{20 - n}.0")) for n in range(18)]
    chart = bars(*many)
    assert len(chart.figure["data"][0]["x"]) == 16
    assert chart.figure["data"][0]["x"][-1] == 5.0 + 4.0 + 3.0
    assert "3 more schemes: forecast £12.0m, plan £6.0m, £6.0m favourable." in chart.alt
    assert chart.size == "l"
    assert "S15: forecast £5.0m" in bars(*many[:16]).alt  # a single one more has its name


def test_a_saving_that_costs_is_drawn_below_nought():
    chart = bars(
        row("dear", figures("1.0", None, "-2.0")), row("good", figures("3.0", None, "3.0"))
    )
    assert chart.figure["layout"]["xaxis"]["range"][0] < -2
    assert f"Dear: forecast {MINUS}£2.0m, plan £1.0m, £3.0m adverse." in chart.alt


def test_names_are_no_markup_and_figures_are_json():
    chart = bars(row("one", figures("1.0", None, "1.0"), name="Beds & <b>baths</b>"))
    assert chart.figure["layout"]["yaxis"]["ticktext"] == ["Beds &amp; &lt;b&gt;baths&lt;/b&gt;"]
    assert "<b>" not in chart.figure["data"][0]["hovertext"][0]
    json.dumps(chart.figure, allow_nan=False)


# tables


def test_the_table_keeps_the_printed_order_and_leaves_out_what_nobody_states():
    whole = row("whole", figures("5.0", None, "4.0"), stage="delivered", lead_name="Moor")
    silent = row("silent", SavingFigures(), parent="whole", parent_name="Whole")
    part = row("part", figures("2.0"), parent="whole", parent_name="Whole")
    table = scheme_table(
        [whole, silent, part],
        figures("5.0", None, "4.0"),
        Judged("red", "why"),
        hrefs={"whole": "/there"},
        stages={"delivered": "Delivered"},
        more=[("Carried by no scheme yet", figures("0.5"))],
    )
    assert [line.name for line in table.rows] == [
        "Whole",
        "Part",
        "Carried by no scheme yet",
        "Total",
    ]
    assert (table.actual, table.forecast, table.judged) == (False, True, True)
    assert table.rows[0].href == "/there"
    assert table.rows[0].stage == "Delivered"
    assert table.rows[0].forecast_words == "▼\N{NO-BREAK SPACE}adverse"
    assert table.rows[1].part_of == "Whole"
    assert table.rows[1].forecast.text == "not stated"
    assert table.rows[-1].total


def test_the_lead_is_quoted_only_where_the_rule_says_otherwise():
    held = figures("5.0", None, "4.0")
    rows = [
        row("alike", held, judged=Judged("red", ""), rating="red"),
        row("apart", held, judged=Judged("red", ""), rating="green"),
        row("alone", SavingFigures(), rating="amber"),
    ]
    table = scheme_table(rows, held, Judged())
    assert [line.rating for line in table.rows] == ["", "green", "amber", ""]


def test_splits_leave_out_columns_that_no_part_states():
    parts = recurrent_parts({"not stated": figures("1.0"), "yes": figures("2.0", "0.5", "1.5")})
    table = split_table("Savings", "Kind", parts, "m")
    assert [name for name, _ in table.rows] == ["Recurrent", "Not stated"]
    assert table.columns[1:4] == ("Plan", "Saved to date", "Forecast")
    assert [cell.text for cell in table.rows[0][1]] == ["2.0", "0.5", "1.5", "(0.5)", "▼ adverse"]
    assert [cell.text for cell in table.rows[1][1]] == ["1.0", *["not stated"] * 4]
    assert split_table("Savings", "Kind", parts[1:], "m").columns == ("Kind", "Plan")


def test_claims_show_before_and_after():
    table = claims_table(figures("5.0"), figures("1.0"), figures("4.0"), "m")
    assert table.columns == ("Total", "Plan")
    assert [cells[0].text for _, cells in table.rows] == ["5.0", "1.0", "4.0"]


def test_a_picture_says_how_sure_it_is():
    made = book(total=replace(SO_FAR, lines=9, reported=7), state="provisional")
    assert savings_caveats(made, month="month 7, October 2017", illustrative=True) == (
        "Illustrative figures, made up",
        "Provisional figures, everything saved so far: month 7, October 2017",
        "Without a report: 2 of 9 lines",
    )
