"""Control charts (XmR): which points of a series are a signal and which are its usual variation.

Pure and vectorised: one call computes one metric for all its areas, from arrays and with no
database. The rules are those of NHS England's Making Data Count; where NHS tools differ, what is
chosen here stands in docs/decisions/0019-control-charts.md, and ``choices`` says it for a page.

Shapes: ``values`` is areas by periods in the metric's unit, NaN where a value is missing, and
its periods are in the order of their dates.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.object_]

REACH = 2.66  # limits lie so many mean moving ranges from the mean: three sigma (3 / 1.128)
NEAR = 2 / 3  # near limits lie so far on the way to the limits: two sigma
FREAK = 3.267  # a moving range above so many mean moving ranges is what screening leaves out
TREND = 7  # points that each lie above the last, or each below
SHIFT = 7  # points on one side of the mean
FEW = 13  # with fewer values in a step its limits are provisional
# Less than this share of the largest value is rounding: of 105 values added up it is 50 times
# what floating point can lose, and less than any figure that people state.
ROUNDING = 1e-12


class Direction(StrEnum):
    """Which way a metric should go; neutral where neither way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


class Rule(StrEnum):
    """Why a point is a signal, in the order in which a point takes the first that holds."""

    OUTSIDE = "outside_limits"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"
    SHIFT = "shift"


class PointType(StrEnum):
    """What a point says, by the rule that it breaks and the metric's direction."""

    COMMON = "common_cause"
    IMPROVEMENT = "special_cause_improvement"
    CONCERN = "special_cause_concern"
    HIGH = "special_cause_neutral_high"
    LOW = "special_cause_neutral_low"


class Assurance(StrEnum):
    """Whether the metric can be expected to meet its target while nothing changes."""

    PASS = "consistent_pass"  # noqa: S105 - not a password
    FAIL = "consistent_fail"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True)
class Limits:
    """Mean, lower and upper process limit at each point: areas by periods, in the metric's unit.

    NaN where undefined: all of a step without a value, the limits of a step without a moving
    range. A missing point has those of its step.
    """

    mean: Floats
    lpl: Floats
    upl: Floats

    @property
    def near_lpl(self) -> Floats:
        """The lower near limit, two thirds of the way from the mean to the lower limit."""
        return self.mean + (self.lpl - self.mean) * NEAR

    @property
    def near_upl(self) -> Floats:
        """The upper near limit, two thirds of the way from the mean to the upper limit."""
        return self.mean + (self.upl - self.mean) * NEAR


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a control chart says of a metric in each area.

    ``rule`` and ``point_type`` are areas by periods: a ``Rule`` or None, a ``PointType`` or None
    at a missing point. The others are one for each area: the latest point's type, or None
    without a point; an ``Assurance`` or None; whether any step has too few values.
    """

    limits: Limits
    rule: Labels
    point_type: Labels
    variation_type: Labels
    assurance_type: Labels
    short_group_warning: Flags


def chart(
    values: Floats,
    *,
    direction: Direction | str,
    target: npt.ArrayLike | None = None,
    starts: Flags | None = None,
    fix_after: int | None = None,
    screen: bool = False,
) -> Chart:
    """Compute a metric's control charts, one an area.

    ``target`` is one figure, one a period or one an area and period, NaN where none is set; the
    latest that is set counts. The other arguments are those of ``limits``.
    """
    direction = Direction(direction)
    found = limits(values, starts=starts, fix_after=fix_after, screen=screen)
    rules, headings = signals(values, found, starts=starts)
    present = ~np.isnan(values)
    types = _point_types(headings, direction)
    types[~present] = None
    return Chart(
        limits=found,
        rule=np.array([None, *Rule], dtype=object)[rules],
        point_type=types,
        variation_type=_latest(types, present, None),
        assurance_type=_assurance(values, found, target, direction),
        short_group_warning=_Steps(values.shape, starts).few(present),
    )


def starts_at(dates: Sequence[Any], rebase_dates: Sequence[Any]) -> Flags:
    """Where a new step begins: at the first of the sorted dates on or after each rebase date."""
    starts = np.zeros(len(dates) + 1, dtype=bool)
    starts[[bisect_left(dates, day) for day in rebase_dates]] = True
    return starts[:-1]  # a rebase date after the last point begins nothing


def choices(*, fix_after: int | None = None, screen: bool = False) -> list[str]:
    """Sentences for the page on how its limits and signals are made, where NHS tools differ."""
    return [
        f"Limits are the mean plus and minus {REACH} times the mean moving range.",
        f"Moving ranges above {FREAK} times their mean are left out of the limits once."
        if screen
        else "No moving range is screened out of the limits.",
        f"Limits are those of the first {fix_after} values of each step."
        if fix_after
        else "Limits are those of all values of each step.",
        f"A trend is {TREND} points that each rise or each fall; a shift is {SHIFT} points on one "
        "side of the mean.",
        "Two of three are two points between near limit and limit among three in a row on one "
        "side of the mean; the near limit lies two thirds of the way from the mean to the limit.",
        "A missing value ends every pattern, and no moving range is taken across it.",
        f"Limits of a step with fewer than {FEW} values are provisional.",
    ]


def limits(
    values: Floats,
    *,
    starts: Flags | None = None,
    fix_after: int | None = None,
    screen: bool = False,
) -> Limits:
    """Mean plus and minus 2.66 times the mean moving range of each step.

    ``starts`` (periods, or areas by periods) is true where a new step begins. ``fix_after`` takes
    the limits of a step from so many of its first values and keeps them for the later ones.
    ``screen`` leaves out, once, moving ranges above 3.267 times their mean. A moving range needs
    two neighbours that both have a value.
    """
    steps = _Steps(values.shape, starts)
    flat = values.ravel()
    counted = ~np.isnan(flat)
    if fix_after is not None:
        counted &= steps.rank(counted) <= fix_after
    moves = np.zeros_like(flat)
    np.abs(np.subtract(flat[1:], flat[:-1], out=moves[1:]), out=moves[1:])
    moved = counted.copy()
    moved[1:] &= counted[:-1]
    moved[steps.first] = False
    mean = steps.mean(flat, counted)
    move = steps.mean(moves, moved)
    if screen:
        freak = moves > steps.spread(move * FREAK) + np.repeat(_rounding(values), values.shape[1])
        move = steps.mean(moves, moved & ~freak)
    reach = REACH * move
    return Limits(
        mean=steps.table(mean), lpl=steps.table(mean - reach), upl=steps.table(mean + reach)
    )


def signals(
    values: Floats, found: Limits, *, starts: Flags | None = None
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Return for each point the place of its rule in ``Rule`` (0: none) and its heading.

    The heading is 1 for a signal that is high or rises, -1 for one that is low or falls, else 0.
    No pattern goes over the start of a step or over a missing value.
    """
    slack = _rounding(values)
    inside_step = ~_Steps(values.shape, starts).begins()
    above = _Side(values, found.mean, found.near_upl, found.upl, slack)
    below = _Side(-values, -found.mean, -found.near_lpl, -found.lpl, slack)
    rules = np.zeros(values.shape, dtype=np.int8)
    headings = np.zeros(values.shape, dtype=np.int8)
    # the first rule that holds is written last
    for place, (high, low) in (
        (4, (above.shift(inside_step), below.shift(inside_step))),
        (3, (above.two_of_three(inside_step), below.two_of_three(inside_step))),
        (2, _trends(values, inside_step, slack)),
        (1, (above.outside, below.outside)),
    ):
        rules[high | low] = place
        headings[high] = 1
        headings[low] = -1
    return rules, headings


class _Side:
    """The points above the mean, and which patterns they make; for those below, all is negated."""

    def __init__(
        self, values: Floats, mean: Floats, near: Floats, limit: Floats, slack: Floats
    ) -> None:
        self.beyond = values > mean + slack
        self.outside = values > limit + slack
        self.near = (values > near + slack) & ~self.outside

    def shift(self, inside_step: Flags) -> Flags:
        """Each point of seven on this side."""
        return _covered(self._last_of(SHIFT, inside_step), SHIFT)

    def two_of_three(self, inside_step: Flags) -> Flags:
        """The points near the limit, of three on this side of which at least two are near it."""
        number = self.near.astype(np.int8)  # of points near it, in the window that ends here
        number[:, 1:] += self.near[:, :-1]
        number[:, 2:] += self.near[:, :-2]
        return _covered(self._last_of(3, inside_step) & (number >= 2), 3) & self.near

    def _last_of(self, length: int, inside_step: Flags) -> Flags:
        return _last_of(self.beyond, length) & _last_of(inside_step, length - 1)


def _trends(values: Floats, inside_step: Flags, slack: Floats) -> tuple[Flags, Flags]:
    """The points of rising and of falling trends; one in both belongs to the later."""
    change = np.full(values.shape, np.nan)
    np.subtract(values[:, 1:], values[:, :-1], out=change[:, 1:])
    rises, falls = (change > slack) & inside_step, (change < -slack) & inside_step
    rising = _covered(_last_of(rises, TREND - 1), TREND)
    falling = _covered(_last_of(falls, TREND - 1), TREND)
    turning = rising & falling
    rising[:, :-1] &= ~turning[:, :-1] | rises[:, 1:]
    falling[:, :-1] &= ~turning[:, :-1] | falls[:, 1:]
    return rising, falling


def _last_of(flags: Flags, length: int) -> Flags:
    """Where so many true flags in a row end (a longer row ends at each of its later points)."""
    ends = flags.copy()
    for back in range(1, length):
        ends[:, back:] &= flags[:, :-back]
    ends[:, : length - 1] = False
    return ends


def _covered(ends: Flags, length: int) -> Flags:
    """Each point of the windows of that length that end where it says."""
    covered = ends.copy()
    for back in range(1, length):
        covered[:, :-back] |= ends[:, back:]
    return covered


def _rounding(values: Floats) -> Floats:
    """What counts as no difference in each area (areas by 1)."""
    largest = np.fmax.reduce(np.abs(values), axis=1, keepdims=True, initial=0)
    return np.asarray(largest * ROUNDING, dtype=np.float64)


def _point_types(headings: npt.NDArray[np.int8], direction: Direction) -> Labels:
    """A type for each heading (0, 1 and, from the end, -1)."""
    better = {
        Direction.INCREASE: (PointType.COMMON, PointType.IMPROVEMENT, PointType.CONCERN),
        Direction.DECREASE: (PointType.COMMON, PointType.CONCERN, PointType.IMPROVEMENT),
        Direction.NEUTRAL: (PointType.COMMON, PointType.HIGH, PointType.LOW),
    }
    return np.array(better[direction], dtype=object)[headings]


def _assurance(
    values: Floats, found: Limits, target: npt.ArrayLike | None, direction: Direction
) -> Labels:
    """The latest target against the limits of the latest point; within rounding is equal."""
    verdict = np.full(len(values), None, dtype=object)
    if target is None or direction is Direction.NEUTRAL:
        return verdict
    present = ~np.isnan(values)
    targets = np.broadcast_to(np.asarray(target, dtype=np.float64), values.shape)
    aim = _latest(targets, ~np.isnan(targets), np.nan)
    lpl, upl = (_latest(limit, present, np.nan) for limit in (found.lpl, found.upl))
    slack = _rounding(values)[:, 0]
    below, above = aim < lpl - slack, aim > upl + slack
    verdict[~np.isnan(aim) & ~np.isnan(lpl)] = Assurance.INCONSISTENT
    upwards = direction is Direction.INCREASE
    verdict[below] = Assurance.PASS if upwards else Assurance.FAIL
    verdict[above] = Assurance.FAIL if upwards else Assurance.PASS
    return verdict


def _latest(table: npt.NDArray[Any], there: Flags, otherwise: Any) -> npt.NDArray[Any]:
    """The last entry of each row that is there."""
    if not table.shape[1]:
        return np.full(len(table), otherwise, dtype=table.dtype)
    last = table.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    return np.where(there.any(axis=1), table[np.arange(len(table)), last], otherwise)


class _Steps:
    """The steps of all areas, one after the other in the flattened table of their points.

    A step never goes over the end of its area, so that sums over them are one pass.
    """

    def __init__(self, shape: tuple[int, ...], starts: Flags | None) -> None:
        self.shape = shape
        size = shape[0] * shape[1]
        if starts is None:
            self.first = np.arange(0, size, max(shape[1], 1))
        else:
            begins = np.broadcast_to(starts, shape).copy()
            begins[:, :1] = True
            self.first = np.flatnonzero(begins)
        self.lengths = np.diff(self.first, append=size)

    def begins(self) -> Flags:
        """Whether a step begins at a point: areas by periods."""
        begins = np.zeros(self.shape, dtype=bool)
        begins.ravel()[self.first] = True
        return begins

    def count(self, flags: Flags) -> npt.NDArray[np.int64]:
        """How many points of each step are flagged."""
        if not self.first.size:
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(flags.ravel(), self.first, dtype=np.int64)

    def mean(self, flat: Floats, counted: Flags) -> Floats:
        """The mean of what is counted in each step; NaN where nothing is."""
        if not self.first.size:
            return np.zeros(0)
        total = np.add.reduceat(np.where(counted, flat, 0), self.first)
        number = self.count(counted)
        return np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)

    def rank(self, counted: Flags) -> npt.NDArray[np.int64]:
        """Which one of its step's counted points each is, from 1."""
        running = np.cumsum(counted)
        before: npt.NDArray[np.int64] = running[self.first] - counted[self.first]
        return np.asarray(running - self.spread(before), dtype=np.int64)

    def few(self, present: Flags) -> Flags:
        """Whether any step of an area has fewer values than limits should stand on."""
        few = np.full(self.shape[0], not self.shape[1])
        few[self.first[self.count(present) < FEW] // max(self.shape[1], 1)] = True
        return few

    def spread(self, by_step: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Each step's figure at each of its points, flattened."""
        return np.repeat(by_step, self.lengths)

    def table(self, by_step: Floats) -> Floats:
        """Each step's figure at each of its points: areas by periods."""
        if len(by_step) == self.shape[0]:
            return np.broadcast_to(by_step[:, None], self.shape)
        return self.spread(by_step).reshape(self.shape)
