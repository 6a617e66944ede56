"""What charts of outcomes say, from plain data: rules in words, values, shapes, gaps and steps."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from esbt.kit.when import period_words
from outcomes.charts.control import MARKS, control_chart
from outcomes.charts.tiles import tiles_of
from outcomes.charts.words import assurance_words, change_words, figure, said, variation_words
from outcomes.figures.metric import Judged, Measure, Reading, StepMark

DAYS = Measure("Delays", "days", "days", 0, "decrease")
SHARE = Measure("Share", "percent", "", 1, "increase", 100)


def judged(place: int, value: float | None, **more) -> Judged:
    plain = {
        "numerator": None, "denominator": None, "standing": "final", "hedge": "", "comment": "",
        "revision": 1, "source": "", "place": "", "printed": "", "state": "", "working": "",
        "overlaps": False, "misfit": "", "mean": 10.0, "lpl": 5.0, "upl": 15.0,
        "kind": "common_cause",
    }  # fmt: skip
    day = date(2018, place, 1)
    number = None if value is None else Decimal(str(value))
    if number is None:
        plain["kind"] = ""
    return Judged(starts=day, ends=day.replace(day=28), value=number, **{**plain, **more})


def reading(*values: float | None, measure: Measure = DAYS, variation: str = "", **last) -> Reading:
    """Values by month with the limits 5, 10 and 15; ``last`` is of the last point."""
    points = [judged(place, value) for place, value in enumerate(values, 1)]
    points[-1] = replace(points[-1], **{"kind": variation or "common_cause", **last})
    return Reading(
        measure=measure, area="vale", area_name="Vale", area_kind="council", points=points,
        variation=variation or "common_cause",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "rule", "clause"),
    [
        ((10, 4), "outside_limits", "the latest point lies below the lower limit"),
        ((10, 16), "outside_limits", "the latest point lies above the upper limit"),
        ((6, 9, 6), "two_of_three", "two of the last three points lie near the lower limit"),
        (
            (11, 9, 8, 7, 7, 9, 9.5, 6),
            "shift",
            "the last seven points lie below the mean",
        ),
        (
            (12, 14, 13, 12, 11, 10, 9, 8),
            "trend",
            "the last seven points fall, each below the one before",
        ),
        (
            (None, 7, 8, 9, 10, 11, 12, 13),
            "trend",
            "the last seven points rise, each above the one before",
        ),
    ],
)
def test_a_signal_is_said_by_its_rule(values, rule, clause):
    found = reading(*values, variation="special_cause_improvement", rule=rule)
    assert variation_words(found) == f"Special cause improvement: {clause}."


def test_a_move_is_said_by_the_direction():
    then = "1 January 2018 to 28 January 2018"
    assert change_words(reading(10, 12)) == (f"Up 2 days on {then}, adverse.", "adverse")
    said_of_share, direction = change_words(reading(60, 62.54, measure=SHARE))
    assert said_of_share == f"Up 2.5 percentage points on {then}, favourable."
    assert direction == "favourable"
    neutral = replace(DAYS, direction="neutral")
    assert change_words(reading(10, 12, measure=neutral))[1] == "none"
    assert change_words(reading(10, 10.2))[0].startswith("The same as in ")
    assert change_words(reading(10)) == ("", "none")


def test_values_keep_their_hedge_and_halves_go_away_from_zero():
    assert said(SHARE, Decimal("85"), "over") == "over 85.0%"
    assert figure(SHARE, Decimal("0.25")) == "0.3"
    assert figure(SHARE, Decimal("-0.25")) == "−0.3"  # noqa: RUF001
    assert figure(SHARE, Decimal("-0.04")) == "0.0"
    assert figure(DAYS, Decimal(1234567)) == "1,234,567"
    assert said(DAYS, None) == "not stated"


def test_a_target_without_limits_is_held_against_the_latest_value():
    found = reading(9, measure=SHARE, target=Decimal(10))
    assert assurance_words(found).startswith("The latest value misses its target of 10.0%")
    found = reading(10, target=Decimal(10))
    assert assurance_words(found).startswith("The latest value meets its target of 10 days")


def test_each_kind_of_point_has_its_own_shape_and_a_gap_is_a_gap():
    assert len({shape for _, shape in MARKS.values()}) == len(MARKS)
    found = reading(10, None, 4, variation="special_cause_improvement", rule="outside_limits")
    traces = {trace.get("name"): trace for trace in control_chart(found).figure["data"]}
    assert traces["Improvement"]["marker"]["symbol"] == "diamond"
    assert traces["Improvement"]["y"] == [4.0]
    assert traces["Value"]["y"] == [10.0, None, 4.0]


def test_limits_are_broken_where_a_step_begins():
    found = reading(10, 11, 4)
    points = [*found.points[:2], replace(found.points[2], step=1, mean=4.0)]
    found = replace(found, points=points, steps=[StepMark(date(2018, 3, 1), "A & B")])
    chart = control_chart(found)
    mean = next(trace for trace in chart.figure["data"] if trace.get("name") == "Mean")
    assert mean["y"] == [10.0, 10.0, None, 4.0]
    assert chart.figure["layout"]["annotations"][0]["text"] == "A &amp; B"
    assert "Limits start anew: A & B." in chart.alt


def test_comparators_are_lines_for_percentages_only():
    other = replace(reading(50, 60, measure=SHARE), area="land", area_name="The land")
    chart = control_chart(reading(60, 62, measure=SHARE), [other])
    assert "The land" in {trace.get("name") for trace in chart.figure["data"]}
    chart = control_chart(reading(60, 62), [replace(other, measure=DAYS)])
    assert "The land" not in {trace.get("name") for trace in chart.figure["data"]}


def test_tiles_share_a_scale_and_part_their_lines_at_gaps():
    tiles = tiles_of([("A", "#", reading(0, None, 15)), ("B", "#", reading(15, 15, 15))])
    first, second = tiles.tiles
    assert tiles.scale.startswith("From 0 to 15 days in each")
    assert len(first.lines) == 2
    assert {point.split(",")[1] for point in second.lines[0].split()} == {"6.0"}  # at the top


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        ((2018, 4, 1), (2018, 4, 30), "April 2018"),
        ((2018, 4, 1), (2018, 6, 30), "April to June 2018"),
        ((2017, 4, 1), (2018, 3, 31), "2017/18"),
        ((2017, 1, 1), (2017, 12, 31), "2017"),
        ((2014, 10, 1), (2015, 3, 31), "October 2014 to March 2015"),
        ((2018, 3, 31), (2018, 3, 31), "31 March 2018"),
        ((2018, 4, 2), (2018, 4, 8), "2 April 2018 to 8 April 2018"),
    ],
)
def test_periods_are_said_as_people_say_them(starts, ends, words):
    assert period_words(date(*starts), date(*ends)) == words
