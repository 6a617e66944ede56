"""What the forecast's chart and sentences say: signs, ties and missing values."""

import json
from dataclasses import replace

import pytest

from finance.charts import (
    distance_words,
    forecast_headlines,
    forecast_sentence,
    forecast_steps,
    forecast_waterfall,
)
from finance.charts.forecast_words import cautions_of
from finance.figures.forecast import (
    Doubt,
    ForecastBook,
    ForecastRow,
    RiskItem,
    RiskPosition,
    Stake,
    less,
    sums_of,
)
from finance.figures.position import TOTAL, Reported
from tests.money import millions

NAMES = {
    "escc": "the Council",
    "ccgs": "the two CCGs",
    "esht": "East Sussex Healthcare",
    TOTAL: "the system",
}


def m(text: str | None) -> int | None:
    return None if text is None else millions(text)


def row(code, forecast=None, control=None, last=None, plan=None) -> ForecastRow:
    return ForecastRow(
        partner=code,
        name=NAMES[code],
        short_name=NAMES[code],
        forecast_pence=m(forecast),
        forecast_month=0,
        forecast_month_last=0,
        forecasts_behind=0,
        control_pence=m(control),
        distance_pence=less(m(forecast), m(control)),
        bases_differ=False,
        last_pence=m(last),
        change_pence=less(m(forecast), m(last)),
        plans_pence=m(plan),
        delivered_pence=None,
        expected_pence=m(plan),
        forecast_doubt=Doubt(),
        control_doubt=Doubt(),
    )


def risk(amount: str | None, stands_as: str = "net", **more: object) -> RiskItem:
    values = dict.fromkeys(
        ("cause", "effect", "partner", "partner_name", "scheme", "scheme_name", "mitigation",
         "owner_role", "owner_name", "review", "note"), "",
    )  # fmt: skip
    made = RiskItem(
        code="winter",
        name="Winter",
        likelihood=None,
        impact=None,
        status="open",
        stake=Stake(m(amount), stands_as),
        **values,
    )
    return replace(made, **more)


def position(total: ForecastRow, *rows: ForecastRow, risks=(), **more: object) -> RiskPosition:
    book = ForecastBook(
        system="east-sussex",
        year="2018-19",
        month=0,
        state="published",
        plan="control-total",
        plan_name="Control totals",
        rows=rows,
        total=total,
        outturn_pence=None,
        last_year="2017/18" if total.last_pence is not None else "",
        underlying_pence=None,
        silent=(),
        plans_forecast=False,
        notes=[],
        reported=Reported(0, 0, ()),
        computed_at=None,
        change=1,
        stale=False,
        status="open",
    )
    return RiskPosition(replace(book, **more), risks, sums_of(risks))


EAST_SUSSEX = position(
    replace(row(TOTAL, "-76.9", "-32.0", "-94.9", "43.3"), distance_pence=None),
    row("escc", "0.0", "0.0", "-0.4", "6.2"),
    row("ccgs", "-32.0", "-32.0", "-37.1", "18.0"),
    row("esht", "-44.9", None, "-57.4", "19.1"),
    risks=[risk("19.9", "not-stated")],
)


def test_the_sentence_of_2018_19():
    assert forecast_sentence(EAST_SUSSEX) == (
        "The system forecasts a deficit of £76.9m for 2018/19, £18.0m favourable to the deficit "
        "of £94.9m of 2017/18. Against control totals: the Council and the two CCGs on theirs; "
        "not stated for East Sussex Healthcare. Without its £43.3m of reduction plans it would be "
        "a deficit of £120.2m; if the £19.9m at risk lands, a deficit of £96.8m."
    )


def test_the_chart_of_2018_19():
    chart = forecast_waterfall(EAST_SUSSEX, period="East Sussex 2018/19")
    assert chart.title == (
        "The forecast deficit of £76.9m rests on £43.3m of plans, and £19.9m is at risk"
    )
    assert chart.alt == (
        "Waterfall: before plans to if the risk lands. Before plans: deficit of £120.2m. "
        "Plan of the Council: £6.2m favourable. Plan of the two CCGs: £18.0m favourable. "
        "Plan of East Sussex Healthcare: £19.1m favourable. Forecast: deficit of £76.9m. "
        "At risk: £19.9m adverse. If the risk lands: deficit of £96.8m."
    )
    (trace,) = chart.figure["data"]
    assert trace["x"] == [-120.2, 6.2, 18.0, 19.1, -76.9, -19.9, -96.8]
    assert trace["measure"] == ["absolute", *["relative"] * 3, "total", "relative", "total"]
    json.dumps(chart.figure)  # plain enough to be sent


def test_the_table_says_what_the_chart_draws():
    table = forecast_steps(EAST_SUSSEX)
    said = [(name, cells[0].text, cells[0].derived) for name, cells in table.rows]
    assert said == [
        ("Before plans", "(120.2)", True),
        ("Plan of the Council", "6.2", False),
        ("Plan of the two CCGs", "18.0", False),
        ("Plan of East Sussex Healthcare", "19.1", False),
        ("Forecast", "(76.9)", False),
        ("At risk", "(19.9)", False),
        ("If the risk lands", "(96.8)", True),
    ]
    notes = [cells[0].note for _, cells in table.rows if cells[0].note]
    assert notes == [
        "The forecast, a deficit of £76.9m, less £43.3m of reduction plans in it.",
        "The forecast, a deficit of £76.9m, less £19.9m of open risk.",
    ]


def test_the_headlines_of_2018_19():
    said = [(h.value.text, h.words, h.against) for h in forecast_headlines(EAST_SUSSEX)]
    assert said == [
        ("(76.9)", "▲ favourable", "by 18.0 on 2017/18, which ended at (94.9)"),
        ("not stated", "", "East Sussex Healthcare states none"),
        ("(120.2)", "", "without 43.3 of plans"),
        ("(96.8)", "", "with 19.9 at risk"),
    ]


def test_a_surplus_that_risk_would_turn():
    found = position(row(TOTAL, "5.0", "3.0"), row("escc", "5.0", "3.0"), risks=[risk("8.0")])
    assert forecast_sentence(found) == (
        "The system forecasts a surplus of £5.0m for 2018/19, £2.0m favourable to its control "
        "totals. If the £8.0m at risk lands, a deficit of £3.0m."
    )
    chart = forecast_waterfall(found)
    assert chart.title == "£8.0m is at risk against the forecast surplus of £5.0m"
    assert chart.alt.endswith(
        "At risk: £8.0m adverse. If the risk lands: deficit of £3.0m. "
        "Not drawn, since not stated: reduction plans."
    )
    assert chart.figure["data"][0]["measure"] == ["absolute", "relative", "total"]


@pytest.mark.parametrize(
    ("total", "said"),
    [
        (row(TOTAL, "0.0", "0.0"), "forecasts break-even for 2018/19, on its control totals."),
        (row(TOTAL, "-5.0", "-3.0"), "£2.0m adverse to its control totals."),
        (row(TOTAL, "-5.0", "-5.0", "-5.0"), "as 2017/18 ended and on its control totals."),
        (row(TOTAL, "-5.0", None, "-4.0"), "£1.0m adverse to the deficit of £4.0m of 2017/18."),
        (row(TOTAL, "-5.0"), "a deficit of £5.0m for 2018/19. No control total is stated."),
    ],
)
def test_signs_and_ties(total, said):
    assert said in forecast_sentence(position(total, replace(total, partner="escc")))


def test_ties_by_partner():
    total = replace(row(TOTAL, "-9.0", "-7.0"), distance_pence=None)
    rows = row("escc", "-5.0", "-4.0"), row("ccgs", "-4.0", "-4.0"), row("esht", "0.0")
    assert "Against control totals: the two CCGs on theirs, the Council £1.0m adverse; not " in (
        forecast_sentence(position(total, *rows))
    )


@pytest.mark.parametrize(
    ("risks", "ending"),
    [
        ([risk("0.0")], ", and nothing is at risk"),
        ([], ""),
        ([risk(None)], ""),
    ],
)
def test_titles_without_risk(risks, ending):
    total = row(TOTAL, "-5.0", plan="2.0")
    chart = forecast_waterfall(position(total, replace(total, partner="escc"), risks=risks))
    assert chart.title == f"The forecast deficit of £5.0m rests on £2.0m of plans{ending}"
    assert ("Not drawn" in chart.alt) == (not risks or risks[0].stake.pence is None)


@pytest.mark.parametrize(
    "found",
    [
        position(row(TOTAL, "-5.0"), row("escc", "-5.0")),  # neither plans nor risk
        position(row(TOTAL, plan="2.0"), risks=[risk("1.0")]),  # no forecast
        position(row(TOTAL, "-5.0", plan="2.0"), risks=[risk("1.0")], silent=("the two CCGs",)),
    ],
)
def test_nothing_is_drawn_from_nothing(found):
    assert forecast_waterfall(found) is None
    assert forecast_steps(found) is None


def test_sentences_without_a_whole_forecast():
    nothing = position(row(TOTAL))
    assert forecast_sentence(nothing) == "No forecast is stated for 2018/19."
    ended = position(row(TOTAL), outturn_pence=millions("-94.9"))
    assert forecast_sentence(ended) == (
        "2018/19 ended with a deficit of £94.9m; no forecast of it is stated."
    )
    part = position(row(TOTAL, "-5.0"), silent=("the two CCGs",))
    assert forecast_sentence(part) == (
        "Those who have said so forecast a deficit of £5.0m for 2018/19. "
        "Yet to forecast: the two CCGs."
    )


def test_another_plan_is_named():
    total = row(TOTAL, "-5.0", "-3.0")
    found = position(total, plan="original", plan_name="Original plan")
    assert "control total" not in forecast_sentence(found)
    distance = forecast_headlines(found)[1]
    assert (distance.label, distance.words) == ("Against plan", "▼ adverse")
    assert distance.against == "forecast against Original plan"


@pytest.mark.parametrize(
    ("forecast", "control", "said"),
    [
        ("-5.0", "-5.0", "on control total"),
        ("-4.0", "-5.0", "▲ favourable"),
        ("-6.0", "-5.0", "▼ adverse"),
        ("-6.0", None, ""),
    ],
)
def test_words_beside_a_distance(forecast, control, said):
    assert distance_words(row("escc", forecast, control), "m", control=True) == said


def test_what_must_be_known_of_each_risk():
    risks = [
        risk("2.0", "gross", name="A"),
        risk("3.0", "not-stated", name="B"),
        risk("4.0", "net", name="C"),
        risk(None, "not-stated", name="D"),
        risk("5.0", "net", name="E", status="landed"),
        risk("6.0", "gross", name="F", status="closed"),
    ]
    assert cautions_of(position(row(TOTAL), risks=risks)) == [
        "A: what mitigations are worth is not stated, so that it counts with its gross £2.0m.",
        "B: whether £3.0m is before or after mitigations is not said; it is counted as it stands.",
        "What is at stake is not stated, and so not counted, for D.",
        "Taken to be in the forecast already, since landed: E.",
    ]
