"""Whatever the series: the arrays say what the rules say when read one by one, in fractions."""

import os
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outcomes.spc import chart

EXAMPLES = int(os.environ.get("ESBT_EXAMPLES", "200"))  # ./run prove may ask for more


def steps_of(tenths, starts):
    """The places of each step, in order."""
    steps = []
    for place in range(len(tenths)):
        if place == 0 or place in starts:
            steps.append([])
        steps[-1].append(place)
    return steps


def exact_limits(values, fix_after, screen):
    """Mean, lower and upper limit of one step; None where undefined."""
    used, left = [], fix_after
    for value in values:
        if value is not None and left != 0:
            used.append(value)
            left = left - 1 if left is not None else None
        else:
            used.append(None)
    there = [value for value in used if value is not None]
    if not there:
        return None, None, None
    mean = sum(there) / len(there)
    moves = []
    for before, after in pairwise(used):
        if before is not None and after is not None:
            moves.append(abs(after - before))
    if not moves:
        return mean, None, None
    move = sum(moves) / len(moves)
    if screen:
        moves = [own for own in moves if own <= Fraction(3267, 1000) * move]
        move = sum(moves) / len(moves)
    reach = Fraction(266, 100) * move
    return mean, mean - reach, mean + reach


def side_of(value, mean):
    return (value > mean) - (value < mean)


def full_windows(values, length):
    """The first place and the values of each window without a gap."""
    for first in range(len(values) - length + 1):
        own = values[first : first + length]
        if None not in own:
            yield first, own


def shifts(values, mean):
    for first, own in full_windows(values, 7):
        if abs(sum(side_of(value, mean) for value in own)) == 7:
            for place in range(first, first + 7):
                yield place, ("shift", side_of(own[0], mean))


def pairs_of_three(values, mean, lpl, upl):
    def near(value):
        high = mean + (upl - mean) * Fraction(2, 3) < value <= upl
        low = lpl <= value < mean - (mean - lpl) * Fraction(2, 3)
        return high or low

    for first, own in full_windows(values, 3):
        if abs(sum(side_of(value, mean) for value in own)) == 3 and sum(map(near, own)) >= 2:
            for place in range(first, first + 3):
                if near(values[place]):
                    yield place, ("two_of_three", side_of(own[0], mean))


def trends(values):
    for first, own in full_windows(values, 7):
        for heading in (1, -1):
            if all((after - before) * heading > 0 for before, after in pairwise(own)):
                for place in range(first, first + 7):
                    yield place, ("trend", heading)


def outsiders(values, mean, lpl, upl):
    for place, value in enumerate(values):
        if value is not None and (value > upl or value < lpl):
            yield place, ("outside_limits", side_of(value, mean))


def exact_signals(values, mean, lpl, upl):
    """(rule, heading) of each point of one step, or None; what is said last holds."""
    found = dict.fromkeys(range(len(values)))
    found.update(shifts(values, mean))
    if upl is not None:
        found.update(pairs_of_three(values, mean, lpl, upl))
    found.update(trends(values))
    if upl is not None:
        found.update(outsiders(values, mean, lpl, upl))
    return list(found.values())


def exact_type(value, signal, direction):
    if value is None:
        return None
    if signal is None:
        return "common_cause"
    if direction == "neutral":
        return "special_cause_neutral_high" if signal[1] > 0 else "special_cause_neutral_low"
    good = signal[1] > 0 if direction == "increase" else signal[1] < 0
    return "special_cause_improvement" if good else "special_cause_concern"


def exact_assurance(target, lpl, upl, direction):
    if target is None or lpl is None or direction == "neutral":
        return None
    if lpl <= target <= upl:
        return "inconsistent"
    passes = target < lpl if direction == "increase" else target > upl
    return "consistent_pass" if passes else "consistent_fail"


def near_enough(figures, exact):
    """Figures agree with fractions to within rounding, and are NaN where those are None."""
    wanted = [np.nan if one is None else float(one) for one in exact]
    return np.allclose(figures, wanted, rtol=1e-12, atol=1e-9, equal_nan=True)


# few different figures, so that ties, runs and points on the mean come often; slow walks for trends
noise = st.lists(st.one_of(st.none(), st.integers(-6, 6)), max_size=30)
full = st.lists(st.integers(-3, 3), max_size=40)


@st.composite
def walks(draw):
    """Series that rise and fall for long, with a gap here and there."""
    at, found = draw(st.integers(-50, 50)), []
    for heading, length in draw(
        st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.integers(1, 9)), max_size=5)
    ):
        for _ in range(length):
            at += heading * draw(st.integers(1, 4))
            found.append(at)
    for gap in draw(st.sets(st.integers(0, 44), max_size=2)):
        found[gap : gap + 1] = [None] * len(found[gap : gap + 1])
    return found


@st.composite
def spikes(draw):
    """A quiet beginning, and points about the limits that it gives: 0 ± 399, near limits 266."""
    size = 2 * draw(st.integers(2, 4))
    found = [75, -75] * (size // 2)
    about = [0, 10, 265, 266, 267, 300, 398, 399, 400]
    runs = st.tuples(st.lists(st.sampled_from(about), max_size=8), st.sampled_from([1, -1]))
    for run, heading in draw(st.lists(runs, max_size=3)):
        found += [one * heading for one in run]
    return found, size


fixing = st.one_of(st.none(), st.integers(1, 14))
series = st.one_of(st.tuples(st.one_of(noise, full, walks()), fixing), spikes())


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    series=series,
    starts=st.sets(st.integers(0, 40), max_size=3),
    screen=st.booleans(),
    direction=st.sampled_from(["increase", "decrease", "neutral"]),
    target=st.one_of(st.none(), st.integers(-40, 40)),
)
@example(([3] * 30, None), {29}, True, "increase", 3)
@example(([None] * 9, 3), {2}, True, "decrease", 0)
@example(([], None), set(), False, "increase", 0)
def test_the_arrays_say_what_the_rules_say(series, starts, screen, direction, target):
    tenths, fix_after = series
    values = [None if one is None else Fraction(one, 10) for one in tenths]
    aim = None if target is None else Fraction(target, 10)
    figures, rules, types, sizes = [], [], [], []
    for step in steps_of(values, starts):
        own = [values[place] for place in step]
        limits = exact_limits(own, fix_after, screen)
        signals = exact_signals(own, *limits)
        figures += [limits] * len(own)
        rules += [signal and signal[0] for signal in signals]
        types += [exact_type(v, s, direction) for v, s in zip(own, signals, strict=True)]
        sizes.append(sum(value is not None for value in own))
    last = max((place for place, value in enumerate(values) if value is not None), default=None)

    # one-decimal numbers as computers have them, such as 0.1 + 0.2
    table = np.array([[np.nan if one is None else one * 0.1 for one in tenths]])
    found = chart(
        table,
        direction=direction,
        target=None if target is None else target / 10,
        starts=np.array([place in starts for place in range(len(tenths))], dtype=bool),
        fix_after=fix_after,
        screen=screen,
    )
    for name, place in (("mean", 0), ("lpl", 1), ("upl", 2)):
        assert near_enough(getattr(found.limits, name)[0], [limits[place] for limits in figures])
    assert found.rule[0].tolist() == rules
    assert found.point_type[0].tolist() == types
    assert found.variation_type[0] == (None if last is None else types[last])
    assert found.assurance_type[0] == (
        None if last is None else exact_assurance(aim, *figures[last][1:], direction)
    )
    assert found.short_group_warning[0] == (not sizes or min(sizes) < 13)
