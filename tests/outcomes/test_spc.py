"""Control charts, each rule with a series worked by hand.

Most series begin with 4, 6, 4, 6, from which the limits are taken: the mean is 5 and each moving
range 2, so that limits are 5 ± 2.66 times 2, which are -0.32 and 10.32, and near limits 5 ± two
thirds of 5.32, which are 1.4533 and 8.5467.
"""

import numpy as np
import pytest

from outcomes.spc import Chart, chart, choices, limits, starts_at

BASE = [4, 6, 4, 6]
NAN = float("nan")
GOOD, BAD, USUAL = "special_cause_improvement", "special_cause_concern", "common_cause"


def drawn(values, *, direction="increase", starts=(), **options) -> Chart:
    """The chart of one area; ``starts`` are the places where steps begin."""
    begins = np.array([place in starts for place in range(len(values))], dtype=bool)
    table = np.array([values], dtype=float)
    return chart(table, direction=direction, starts=begins, **options)


def after_base(*values, **options) -> Chart:
    return drawn([*BASE, *values], fix_after=4, **options)


def rules_after_base(*values, **options) -> list[str | None]:
    """The rules of the points after 4, 6, 4, 6."""
    return after_base(*values, **options).rule[0, 4:].tolist()


def test_limits_are_the_mean_and_so_many_mean_moving_ranges():
    # 10, 12, 11, 13: the mean is 11.5; moving ranges 2, 1, 2, their mean 5/3, times 2.66 is 4.4333
    found = drawn([10, 12, 11, 13]).limits
    assert found.mean[0] == pytest.approx([11.5] * 4)
    assert found.lpl[0] == pytest.approx([7.06667] * 4, abs=1e-5)
    assert found.upl[0] == pytest.approx([15.93333] * 4, abs=1e-5)
    # two thirds of 4.4333 are 2.9556
    assert found.near_lpl[0] == pytest.approx([8.54444] * 4, abs=1e-5)
    assert found.near_upl[0] == pytest.approx([14.45556] * 4, abs=1e-5)


def test_a_missing_value_is_left_out_of_mean_and_moving_ranges():
    # the mean of 4, 6, 14, 16 is 10; moving ranges 2 and 2, none from 6 to 14; 10 ± 5.32
    found = drawn([4, 6, NAN, 14, 16]).limits
    assert found.mean[0] == pytest.approx([10] * 5)  # at the missing point as well
    assert found.lpl[0] == pytest.approx([4.68] * 5)
    assert found.upl[0] == pytest.approx([15.32] * 5)


def test_values_that_never_stand_side_by_side_have_a_mean_and_no_limits():
    found = drawn([4, NAN, 6]).limits
    assert found.mean[0] == pytest.approx([5] * 3)
    assert np.isnan(found.upl).all()


def test_limits_may_be_fixed_after_some_values():
    # without it 104 would move them
    assert after_base(104).limits.upl[0] == pytest.approx([10.32] * 5)
    # the first four values, not the first four periods: 4, 6, gap, 4, 6
    gap = drawn([NAN, 4, 6, NAN, 4, 6, 104], fix_after=4)
    assert gap.limits.upl[0] == pytest.approx([10.32] * 7)
    assert drawn(BASE, fix_after=99).limits.upl[0] == pytest.approx([10.32] * 4)


def test_limits_fixed_after_one_value_are_undefined():
    found = drawn(BASE, fix_after=1).limits
    assert found.mean[0].tolist() == [4, 4, 4, 4]
    assert np.isnan(found.lpl).all()


def test_each_step_has_its_own_limits_fixed_after_its_own_values():
    # the second step: 24, 26 fix 25 ± 5.32, whatever 99 says
    found = drawn([4, 6, 4, 24, 26, 99], starts={3}, fix_after=2).limits
    assert found.mean[0] == pytest.approx([5, 5, 5, 25, 25, 25])
    assert found.upl[0] == pytest.approx([10.32] * 3 + [30.32] * 3)


def test_screening_leaves_freak_moving_ranges_out_of_the_limits():
    # moving ranges 1 1 1 18 19 1 1 1: mean 43/8 = 5.375, times 3.267 = 17.56, so that 18 and 19 go;
    # the mean of the rest is 1. The mean of the values stays 32/9
    values = [1, 2, 1, 2, 20, 1, 2, 1, 2]
    found = drawn(values, screen=True).limits
    assert found.mean[0] == pytest.approx([32 / 9] * 9)
    assert found.upl[0] == pytest.approx([32 / 9 + 2.66] * 9)
    assert drawn(values).limits.upl[0] == pytest.approx([32 / 9 + 2.66 * 5.375] * 9)


def test_screening_is_done_once():
    # ten moving ranges of 1, one of 10, one of 100: mean 10, above 32.67 goes 100;
    # the mean of the rest is 20/11 = 1.818, of which 10 is more than 3.267 times, and stays
    values = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 10, 110]
    found = drawn(values, screen=True).limits
    reach = found.upl[0] - found.mean[0]
    assert reach == pytest.approx([2.66 * 20 / 11] * 13)


def test_a_point_outside_the_limits():
    assert rules_after_base(10.4, 5) == ["outside_limits", None]
    assert rules_after_base(-0.4, 5) == ["outside_limits", None]
    # 10.32 is the limit, and strictly beyond it is outside
    assert rules_after_base(10.32, 5, -0.32) == [None, None, None]


def test_a_trend_flags_all_seven_of_its_points():
    assert rules_after_base(2, 3, 4, 5, 6, 7, 8) == ["trend"] * 7
    assert rules_after_base(8, 7, 6, 5, 4, 3, 2)[1:] == ["trend"] * 6
    assert rules_after_base(2, 3, 4, 5, 6, 7) == [None] * 6
    assert rules_after_base(1.5, 2, 3, 4, 5, 6, 7, 8) == ["trend"] * 8


def test_a_tie_breaks_a_trend():
    assert rules_after_base(2, 3, 4, 5, 5, 6, 7, 8) == [None] * 8
    # ten times 0.1 + 0.2 is above 3 only in floating point
    assert rules_after_base(2, 2.5, 3, (0.1 + 0.2) * 10, 4, 5, 6, 7) == [None] * 8


def test_a_missing_value_breaks_a_trend():
    assert rules_after_base(2, 3, 4, NAN, 5, 6, 7, 8) == [None] * 8


def test_the_direction_of_a_trend_decides_also_across_the_mean():
    rising = (2, 3, 4, 5, 6, 7, 8)
    for direction, said in (("increase", GOOD), ("decrease", BAD)):
        found = after_base(*rising, direction=direction).point_type[0, 4:]
        assert found.tolist() == [said] * 7
    found = after_base(*rising, direction="neutral").point_type[0, 4:]
    assert found.tolist() == ["special_cause_neutral_high"] * 7


def test_a_turning_point_belongs_to_the_trend_that_it_begins():
    found = after_base(2, 3, 4, 5, 6, 7, 8, 7, 6, 5, 4, 3, 2)
    assert found.rule[0, 4:].tolist() == ["trend"] * 13
    assert found.point_type[0, 4:].tolist() == [GOOD] * 6 + [BAD] * 7
    valley = after_base(7, 6, 5, 4, 3, 2, 1.5, 2, 3, 4, 5, 6, 7).point_type[0, 4:]
    assert valley.tolist() == [BAD] * 6 + [GOOD] * 7


def test_two_of_three_flags_only_the_two():
    assert rules_after_base(9, 6, 9) == ["two_of_three", None, "two_of_three"]
    assert rules_after_base(9, 9, 6)[:2] == ["two_of_three"] * 2
    # with the 6 before them they are three on one side
    assert rules_after_base(9, 9) == ["two_of_three"] * 2
    assert rules_after_base(4, 1, 1)[1:] == ["two_of_three"] * 2
    assert rules_after_base(9, 9, 9) == ["two_of_three"] * 3
    assert rules_after_base(4, 9, 9) == [None] * 3  # one on the other side, nothing after


def test_two_of_three_needs_all_three_on_one_side():
    assert rules_after_base(9, 4, 9) == [None] * 3
    assert rules_after_base(9, 5, 9) == [None] * 3  # 5 is the mean
    assert rules_after_base(9, NAN, 9, 4) == [None] * 4
    assert rules_after_base(9, 1, 9) == [None] * 3


def test_two_of_three_compares_strictly_with_the_near_limit():
    # 8.5 and 8.55 lie on the two sides of 8.5467
    assert rules_after_base(8.5, 6, 8.5) == [None] * 3
    assert rules_after_base(8.55, 6, 8.55) == ["two_of_three", None, "two_of_three"]
    # 0, 3, 0, 3: 1.5 ± 7.98, near limit 1.5 + 5.32 = 6.82 exactly
    on_it = drawn([0, 3, 0, 3, 6.82, 3, 6.82], fix_after=4)
    assert on_it.rule[0].tolist() == [None] * 7


def test_a_point_outside_does_not_count_as_one_of_the_two():
    assert rules_after_base(9, 11, 6) == [None, "outside_limits", None]
    # it may be the third, though
    assert rules_after_base(9, 11, 9) == ["two_of_three", "outside_limits", "two_of_three"]
    # on the limit is not outside
    assert rules_after_base(10.32, 6, 9) == ["two_of_three", None, "two_of_three"]


def test_a_shift_flags_all_seven_of_its_points():
    # the last 6 of the base is the first of them
    assert after_base(6, 7, 6, 7, 6, 7).rule[0].tolist() == [None] * 3 + ["shift"] * 7
    assert rules_after_base(6, 7, 6, 7, 6) == [None] * 5
    assert rules_after_base(4, 3, 4, 3, 4, 3, 4, 3, 6) == ["shift"] * 8 + [None]


def test_a_point_on_the_mean_and_a_missing_value_break_a_shift():
    assert rules_after_base(6, 7, 5, 7, 6, 7, 6, 7, 6) == [None] * 9
    assert rules_after_base(6, 7, NAN, 7, 6, 7, 6, 7, 6) == [None] * 9


def test_a_point_takes_the_first_rule_that_holds():
    # seven above the mean that rise, of the last three two near the limit and one beyond it
    assert rules_after_base(5.1, 5.5, 6.5, 7, 8.6, 9, 11) == ["trend"] * 6 + ["outside_limits"]
    # seven above the mean, of which two are near the limit
    found = rules_after_base(7, 6, 7, 9, 6, 9)
    assert found == ["shift", "shift", "shift", "two_of_three", "shift", "two_of_three"]


def test_no_rule_goes_over_the_start_of_a_step():
    rising = drawn([4, 6, 4, 6, 2, 3, 4, 5, 6, 7, 8], starts={8}, fix_after=4)
    assert rising.rule[0].tolist() == [None] * 11
    # 9 ends a step of which it is near the limit; 24 begins one: no window holds both
    near = drawn([*BASE, 9, *[24, 26, 24, 26], 29, 26, 29], starts={5}, fix_after=4)
    assert near.rule[0].tolist() == [None] * 9 + ["two_of_three", None, "two_of_three"]
    # seven above 5, of which two belong to a step whose mean is 5 as well (6, 6, 4, 4)
    shift = [*BASE, 6, 7, 6, 6, 6, 6, 4, 4]
    assert drawn(shift, fix_after=4).rule[0].tolist() == [None] * 3 + ["shift"] * 7 + [None] * 2
    assert drawn(shift, fix_after=4, starts={8}).rule[0].tolist() == [None] * 12


@pytest.mark.parametrize(
    ("direction", "high", "low"),
    [
        ("increase", GOOD, BAD),
        ("decrease", BAD, GOOD),
        ("neutral", "special_cause_neutral_high", "special_cause_neutral_low"),
    ],
)
def test_the_direction_says_what_a_signal_means(direction, high, low):
    found = after_base(11, 5, -1, NAN, direction=direction)
    assert found.point_type[0, 4:].tolist() == [high, USUAL, low, None]
    assert found.variation_type.tolist() == [low]  # of the latest point that has a value
    # a shift below, and two of three above
    assert after_base(4, 3, 4, 3, 4, 3, 4, direction=direction).variation_type.tolist() == [low]
    assert after_base(9, 6, 9, direction=direction).variation_type.tolist() == [high]


@pytest.mark.parametrize(
    ("target", "increase", "decrease"),
    [
        (-1, "consistent_pass", "consistent_fail"),
        (-0.32, "inconsistent", "inconsistent"),
        (0, "inconsistent", "inconsistent"),
        (10.32, "inconsistent", "inconsistent"),
        (10.4, "consistent_fail", "consistent_pass"),
        (None, None, None),
        ([99, 99, NAN, NAN], "consistent_fail", "consistent_pass"),
        ([99, 99, NAN, 0], "inconsistent", "inconsistent"),
        ([NAN] * 4, None, None),
    ],
)
def test_assurance_holds_the_latest_target_against_the_limits(target, increase, decrease):
    assert drawn(BASE, target=target).assurance_type.tolist() == [increase]
    assert drawn(BASE, target=target, direction="decrease").assurance_type.tolist() == [decrease]
    assert drawn(BASE, target=target, direction="neutral").assurance_type.tolist() == [None]


def test_a_target_of_nought_is_a_target():
    # 14, 16, 14, 16: 15 ± 5.32
    assert drawn([14, 16, 14, 16], target=0).assurance_type.tolist() == ["consistent_pass"]


def test_assurance_takes_the_latest_limits():
    two = drawn([*BASE, 24, 26, 24, NAN], starts={4}, target=15)
    assert two.assurance_type.tolist() == ["consistent_pass"]  # 25 ± 5.32, not 5 ± 5.32


def test_a_step_of_one_point_has_a_mean_and_no_limits():
    last = drawn([*BASE, 40], starts={4}, target=1)
    assert last.limits.mean[0].tolist() == [5] * 4 + [40]
    assert np.isnan(last.limits.upl[0]).tolist() == [False] * 4 + [True]
    assert last.rule[0].tolist() == [None] * 5
    assert last.variation_type.tolist() == [USUAL]
    assert last.assurance_type.tolist() == [None]
    # a step that begins at the first point is the whole series
    assert drawn(BASE, starts={0}).limits.upl[0] == pytest.approx([10.32] * 4)


def test_few_points():
    one = drawn([7], target=7)
    assert one.limits.mean.tolist() == [[7]]
    assert np.isnan(one.limits.lpl).all()
    assert (one.variation_type.tolist(), one.assurance_type.tolist()) == ([USUAL], [None])
    # 7, 9: mean 8, 8 ± 5.32
    assert drawn([7, 9]).limits.lpl[0] == pytest.approx([2.68] * 2)
    for nothing in ([], [NAN] * 20):
        none = drawn(nothing, target=7)
        assert np.isnan(none.limits.mean).all()
        assert (none.variation_type.tolist(), none.assurance_type.tolist()) == ([None], [None])
        assert none.short_group_warning.tolist() == [True]


@pytest.mark.parametrize("fix_after", [None, 5])
@pytest.mark.parametrize("screen", [True, False])
def test_rounding_never_makes_a_constant_series_signal(screen, fix_after):
    for a, b in ((0.1 + 0.2, 0.3), (0.7, 0.1 * 7), (-1.1, -1.1), (4.35 * 100, 435), (0, 0)):
        found = drawn([a, b] * 15 + [a] * 10, target=b, screen=screen, fix_after=fix_after)
        assert found.rule[0].tolist() == [None] * 40
        assert found.assurance_type.tolist() == ["inconsistent"]


def test_rounding_makes_no_trend_and_no_shift():
    step = np.spacing(0.3)
    assert drawn([0.3 + n * step for n in range(30)]).rule[0].tolist() == [None] * 30


def test_the_scale_of_the_values_does_not_matter():
    values = np.array([*BASE, 2, 3, 4, 5, 6, 7, 8, 9, 6, 9, 11], dtype=float)
    usual = drawn(values, fix_after=4).rule.tolist()
    for scale in (1e-12, 1e9, 1e15, 1e290):
        assert drawn(values * scale, fix_after=4).rule.tolist() == usual
    lowered = drawn(values - 1000, fix_after=4)
    assert lowered.rule.tolist() == usual
    assert lowered.limits.upl[0] == pytest.approx([-989.68] * 15)


def test_fewer_than_thirteen_values_in_any_step_are_said():
    values = [*BASE * 3, 4, *BASE * 3, 4]  # thirteen and thirteen
    assert drawn(values).short_group_warning.tolist() == [False]
    assert drawn(values, starts={13}).short_group_warning.tolist() == [False]
    assert drawn(values, starts={12}).short_group_warning.tolist() == [True]
    assert drawn([NAN, *values[1:]], starts={13}).short_group_warning.tolist() == [True]


def test_a_step_begins_at_the_first_date_on_or_after_its_rebase_date():
    dates = ["2020-01", "2020-02", "2020-03"]
    assert starts_at(dates, ["2020-02"]).tolist() == [False, True, False]
    assert starts_at(dates, ["2020-01-15", "2020-02"]).tolist() == [False, True, False]
    assert starts_at(dates, ["2019", "2020-03"]).tolist() == [True, False, True]
    assert starts_at(dates, ["2021"]).tolist() == [False] * 3
    assert starts_at([], ["2021"]).tolist() == []


def test_many_areas_in_one_call_are_each_as_on_their_own():
    table = np.random.default_rng(5).normal(50, 9, (30, 40)).round()
    table[np.random.default_rng(6).random(table.shape) < 0.1] = NAN
    table[7] = NAN
    starts = np.random.default_rng(7).random(table.shape) < 0.04
    options = {"direction": "decrease", "target": 45, "fix_after": 15, "screen": True}
    together = chart(table, starts=starts, **options)
    for area in range(len(table)):
        alone = chart(table[[area]], starts=starts[[area]], **options)
        assert together.rule[area].tolist() == alone.rule[0].tolist()
        assert together.assurance_type[area] == alone.assurance_type[0]
        assert together.variation_type[area] == alone.variation_type[0]
        assert np.array_equal(together.limits.upl[area], alone.limits.upl[0], equal_nan=True)
    assert limits(np.empty((0, 5))).mean.shape == (0, 5)


def test_the_choices_are_said_in_words():
    usual = choices()
    assert "No moving range is screened out of the limits." in usual
    assert "Limits are the mean plus and minus 2.66 times the mean moving range." in usual
    other = choices(screen=True, fix_after=12)
    assert "Moving ranges above 3.267 times their mean are left out of the limits once." in other
    assert "Limits are those of the first 12 values of each step." in other
