"""What a target pays for a value: worked by hand, to the penny."""

from decimal import Decimal

import pytest

from outcomes.figures.payment import paid

HUNDRED = 10_000  # pence


def of(value, *, target=266, baseline=280, pence=HUNDRED, rule="proportional", way="decrease"):
    def number(given):
        return None if given is None else Decimal(str(given))

    return paid(
        direction=way,
        value=number(value),
        target=number(target),
        baseline=number(baseline),
        pence=pence,
        rule=rule,
    )


@pytest.mark.parametrize(
    ("value", "pence"),
    [
        (266, 10_000),  # met to the point
        (250, 10_000),  # and beyond: no more than the whole
        (273, 5_000),  # half the way of 14
        (280, 0),
        (300, 0),  # worse than the baseline: nothing, and nothing back
        (279, 714),  # 1 / 14 of 100 pounds is 7.142...
        (269, 7_857),  # 11 / 14: 78.571...
        ("279.99", 7),  # 0.01 / 14: 0.0714...
    ],
)
def test_fewer_in_proportion(value, pence):
    assert of(value) == pence


@pytest.mark.parametrize(("value", "pence"), [(82, 10_000), ("81.5", 5_000), ("80.99", 0)])
def test_more_in_proportion(value, pence):
    assert of(value, target=82, baseline=81, way="increase") == pence


def test_a_half_of_a_penny_goes_up():
    assert of(1, target=2, baseline=0, pence=1, way="increase") == 1
    assert of(1, target=3, baseline=0, pence=1, way="increase") == 0


@pytest.mark.parametrize(("value", "pence"), [(266, 10_000), (267, 0), (280, 0)])
def test_all_or_nothing(value, pence):
    assert of(value, rule="whole") == pence
    assert of(value, rule="whole", baseline=None) == pence


def test_a_level_that_is_kept():
    assert of(1676, target=1676, baseline=1676) == HUNDRED
    assert of(1677, target=1676, baseline=1676) == 0


def test_a_target_that_asks_less_than_the_baseline_already_is():
    assert of(290, target=285, baseline=280) == 0
    assert of(284, target=285, baseline=280) == HUNDRED


@pytest.mark.parametrize(
    "missing",
    [
        {"value": None},
        {"target": None},
        {"pence": None},
        {"rule": ""},
        {"baseline": None},
        {"way": "neutral"},
    ],
)
def test_what_is_not_stated_pays_nothing_that_could_be_said(missing):
    assert of(**{"value": 273} | missing) is None


def test_without_a_baseline_a_target_that_is_met_pays_all():
    assert of(260, baseline=None) == HUNDRED
