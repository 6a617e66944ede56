"""Bars of variances: title and alternative text from the numbers, with signs, ties and gaps."""

import pytest

from finance.charts import Bar, cause_bars, heading_bars, heading_tables, headings_sentence
from finance.charts.variance_bars import MOST
from finance.figures.position import HeadingFigures, KindFigures
from tests.money import millions


def bar(name: str, amount: str | None) -> Bar:
    return Bar(name, None if amount is None else millions(amount))


def drawn(chart) -> list[float]:
    return chart.figure["data"][0]["x"]


@pytest.mark.parametrize(
    ("amounts", "title"),
    [
        ({"Pay": "-3", "Drugs": "1"}, "The largest adverse variance is on pay: £3.0m"),
        ({"Pay": "2", "Drugs": "-1"}, "The largest adverse variance is on drugs: £1.0m"),
        (
            {"Pay": "-3", "Drugs": "-3.0"},
            "The largest adverse variance is on pay and drugs: £3.0m each",
        ),
        (
            {"Pay": "3", "Drugs": "0"},
            "No heading is adverse to plan; the most favourable is pay: £3.0m",
        ),
        ({"Pay": "0"}, "Every heading is on plan"),
        ({"Pay": "-0.1", "Drugs": None}, "The largest adverse variance is on pay: £0.1m"),
    ],
)
def test_headings_say_where_the_largest_variance_is(amounts, title):
    chart = heading_bars([bar(name, amount) for name, amount in amounts.items()])
    assert chart.title == title


def test_bars_stand_largest_first_and_what_is_not_stated_is_named():
    chart = heading_bars([bar("Pay", "1"), bar("Drugs", "-2"), bar("Estates", None)])
    assert drawn(chart) == [-2.0, 1.0]
    assert chart.alt == (
        "Bars of variances by heading, the largest first. Drugs: £2.0m adverse. "
        "Pay: £1.0m favourable. Not drawn, for want of an amount: Estates."
    )
    assert chart.figure["data"][0]["text"] == ["▼ (2.0)", "▲ 1.0"]


def test_there_is_no_chart_of_nothing():
    assert heading_bars([]) is None
    assert heading_bars([bar("Pay", None)]) is None
    assert cause_bars([bar("Pay", None)], -1) is None


def test_many_headings_are_one_bar_at_the_end():
    chart = heading_bars([bar(f"Heading {n}", "1") for n in range(MOST + 3)])
    assert len(drawn(chart)) == MOST + 1
    assert drawn(chart)[-1] == 3.0
    assert "3 more headings together: £3.0m favourable." in chart.alt


@pytest.mark.parametrize(
    ("variance", "title", "last"),
    [
        ("-10", "The largest cause is activity: £6.0m; the whole is £10.0m adverse, "
         "and £3.0m adverse is not explained", -3.0),
        ("-7", "The largest cause is activity: £6.0m; the whole of £7.0m adverse is explained",
         -1.0),
        ("-5", "The largest cause is activity: £6.0m; the whole is £5.0m adverse, "
         "and £2.0m favourable is not explained", 2.0),
        (None, "The largest cause is activity: £6.0m; the variance itself is not stated", -1.0),
    ],
)  # fmt: skip
def test_causes_say_what_is_not_explained(variance, title, last):
    bars = [bar("Pay", "-1"), bar("Activity", "-6"), bar("Price", None)]
    chart = cause_bars(bars, None if variance is None else millions(variance))
    assert chart.title == title
    assert drawn(chart)[-1] == last
    assert "Not drawn, for want of an amount: Price." in chart.alt


def test_the_largest_cause_points_as_the_variance_does():
    chart = cause_bars([bar("Funding", "9"), bar("Pay", "-1")], millions("-2"))
    assert chart.title.startswith("The largest cause is pay: £1.0m; the whole is £2.0m")


def heading(name: str, variance: str | None, **more) -> HeadingFigures:
    amount = None if variance is None else millions(variance)
    return HeadingFigures(name, 1, 1, 1, amount, None, None, **more)


def kind(name: str, total: str | None, *rows: HeadingFigures) -> KindFigures:
    return KindFigures(name, rows, heading("Total", total))


@pytest.mark.parametrize(
    ("kinds", "sentence"),
    [
        ([], "No income or spend by heading is stated to date."),
        ([kind("spend", None)], "No income or spend by heading is stated to date."),
        (
            [
                kind("income", "0", heading("Fees", "0")),
                kind("spend", "-2", heading("Pay", "-2")),
            ],
            "Income is on plan; spend is £2.0m adverse to plan, £2.0m of it on pay.",
        ),
        (
            [kind("spend", "-2", heading("Pay", "-3"), heading("Drugs", "1"))],
            "Spend is £2.0m adverse to plan: £3.0m on pay, offset elsewhere.",
        ),
    ],
)
def test_the_sentence_says_how_income_and_spend_stand(kinds, sentence):
    assert headings_sentence(kinds) == sentence


def test_tables_end_with_their_total_and_flag_bases():
    (table,) = heading_tables([kind("spend", "-2", heading("Pay", "-2", bases_differ=True))])
    assert table.title == "Spend by heading"
    assert [(row.name, row.total, row.words) for row in table.rows] == [
        ("Pay", False, "▼ adverse; bases may differ"),
        ("Total", True, "▼ adverse"),
    ]
    (alone,) = heading_tables([kind("position", None)])
    assert alone.title == "Position"
    assert alone.rows[0].variance.missing
