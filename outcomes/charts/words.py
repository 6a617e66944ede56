"""Figures of outcomes in words: values, changes, and what a control chart says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from esbt.kit.money import MINUS, NOT_STATED
from esbt.kit.when import period_words, when_words
from esbt.kit.words import number
from outcomes.figures.metric import Judged, MeanMove, Measure, Reading
from outcomes.spc import Assurance, Direction, PointType, Rule

DIRECTIONS = {
    Direction.INCREASE: "Higher is better",
    Direction.DECREASE: "Lower is better",
    Direction.NEUTRAL: "Neither way is better",
}
KINDS = {
    PointType.COMMON: "Common cause variation",
    PointType.IMPROVEMENT: "Special cause improvement",
    PointType.CONCERN: "Special cause concern",
    PointType.HIGH: "Special cause, high",
    PointType.LOW: "Special cause, low",
}
RULES = {
    Rule.OUTSIDE: "outside the limits",
    Rule.TREND: "part of a trend",
    Rule.TWO_OF_THREE: "two of three near a limit",
    Rule.SHIFT: "part of a run on one side of the mean",
}
ASSURANCES = {
    Assurance.PASS: "Consistently meets its target",
    Assurance.FAIL: "Consistently misses its target",
    Assurance.INCONSISTENT: "Meets its target in some periods and misses it in others",
}
PERCENT = "percent"
# of these, areas of different sizes can be held against each other; counts they cannot
COMPARABLE = (PERCENT, "rate", "ratio", "score")


def figure(measure: Measure, value: Decimal | float | None, *, more: int = 0) -> str:
    """A value as a table has it, halves going away from zero; ``more`` decimals for limits."""
    if value is None:
        return NOT_STATED
    places = measure.decimals + more
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"


def unit_label(measure: Measure) -> str:
    """The unit as a heading has it; "" for plain numbers."""
    return "%" if measure.unit == PERCENT else measure.unit_words


def said(measure: Measure, value: Decimal | float | None, hedge: str = "") -> str:
    """A value within a sentence, with its unit and the source's own hedge: "over 85%"."""
    if value is None:
        return NOT_STATED
    text = figure(measure, value)
    unit = unit_label(measure)
    return f"{hedge} {text}{unit if unit == '%' else f' {unit}' if unit else ''}".strip()


def standing_words(point: Judged) -> str:
    """What stands in the place of a value that is not there: "suppressed" or "not stated"."""
    return "suppressed" if point.standing == "suppressed" else NOT_STATED


def period_of(point: Judged) -> str:
    """The point's period as people say it."""
    return period_words(point.starts, point.ends)


def change_words(reading: Reading) -> tuple[str, str]:
    """How the latest value moved on the one before, and "favourable", "adverse" or "none"."""
    compared = reading.compared
    if len(compared) < 2:
        return "", "none"
    before, now = compared[-2:]
    measure = reading.measure
    then = period_of(before)
    if "redefined" in (before.standing, now.standing):
        return f"Not compared with {then}: the definition changed.", "none"
    if before.value is None or now.value is None:
        return "", "none"
    moved = now.value - before.value
    size = figure(measure, abs(moved))
    if not any(digit in "123456789" for digit in size):
        return f"The same as in {then}.", "none"
    if measure.unit == PERCENT:
        size += " percentage points"
    elif unit_label(measure):
        size += f" {unit_label(measure)}"
    direction = direction_of(moved, measure)
    tail = f", {direction}" if direction != "none" else ""
    return f"{'Up' if moved > 0 else 'Down'} {size} on {then}{tail}.", direction


def direction_of(moved: Decimal, measure: Measure) -> str:
    """Whether a move is "favourable", "adverse" or "none" by the metric's direction."""
    if not moved or measure.direction == Direction.NEUTRAL:
        return "none"
    return "favourable" if (moved > 0) == (measure.direction == Direction.INCREASE) else "adverse"


def variation_words(reading: Reading) -> str:
    """What the latest point says, in a sentence: "Special cause improvement: the last seven …"."""
    if not reading.variation:
        return reading.not_charted or "No value entered."
    mean = mean_words(reading.measure, reading.moved)
    if reading.variation == PointType.COMMON:
        if mean:
            return f"Common cause variation since the step: {mean}."
        return "Common cause variation: nothing says that it is really changing."
    told = f"{KINDS[PointType(reading.variation)]}: {_signal(reading)}"
    return f"{told}; {mean}." if mean else f"{told}."


def mean_words(measure: Measure, moved: MeanMove | None) -> str:
    """What the mean did at a step, without a judgement: what is counted may have changed."""
    if moved is None:
        return ""
    day = when_words(moved.on.isoformat()[: 7 if moved.on.day == 1 else 10])
    before, since = (figure(measure, mean, more=1) for mean in (moved.before, moved.since))
    return f"the mean was {before} before {day} and is {since} since"


def _signal(reading: Reading) -> str:
    """The rule that the latest point breaks, as a clause."""
    run = _run(reading)
    last = run[-1]
    if last.value is None or last.mean is None:
        return ""
    value, above = float(last.value), float(last.value) > last.mean
    if last.rule == Rule.OUTSIDE:
        limit = "above the upper" if above else "below the lower"
        return f"the latest point lies {limit} limit"
    side = "above" if above else "below"
    if last.rule == Rule.TWO_OF_THREE:
        return f"two of the last three points lie near the {'upper' if above else 'lower'} limit"
    if last.rule == Rule.TREND:
        rises = len(run) > 1 and value > float(run[-2].value or 0)
        count = _last(run, lambda a, b: (b > a) if rises else (b < a))
        verb, beyond = ("rise", "above") if rises else ("fall", "below")
        return f"the last {number(count)} points {verb}, each {beyond} the one before"
    mean = last.mean
    count = _last(run, lambda a, b: (a > mean) == above and a != mean)
    return f"the last {number(count)} points lie {side} the mean"


def _run(reading: Reading) -> list[Judged]:
    """The points with a value up to the latest, without a gap, of one step."""
    points = reading.charted
    while points and not points[-1].counts:
        points.pop()
    run: list[Judged] = []
    for point in reversed(points):
        if not point.counts or point.step != points[-1].step:
            break
        run.insert(0, point)
    return run


def _last(run: Sequence[Judged], holds: Callable[[float, float], bool]) -> int:
    """How many of the last points hold together, two by two."""
    count = 1
    for before, now in zip(reversed(run[:-1]), reversed(run), strict=False):
        if not holds(float(before.value or 0), float(now.value or 0)):
            break
        count += 1
    return count


def assurance_words(reading: Reading) -> str:
    """Whether it can be expected to meet its target, in a sentence; "" where nothing says so."""
    aims = [point.target for point in reading.valued if point.target is not None]
    if not aims:
        return ""
    if not reading.assurance:
        return _met(reading)
    aim = said(reading.measure, aims[-1])
    because = {
        Assurance.PASS: "both limits lie on the better side of it, so it can be expected to be met",
        Assurance.FAIL: "both limits lie on the worse side of it, so it will not be met unless "
        "something changes",
        Assurance.INCONSISTENT: "it lies between the limits, so chance decides",
    }[Assurance(reading.assurance)]
    return f"{ASSURANCES[Assurance(reading.assurance)]}: {because}. Target: {aim}."


def _met(reading: Reading) -> str:
    """How the latest value stands to its target where there are no limits to say more."""
    latest, measure = reading.latest, reading.measure
    if latest is None or latest.value is None or latest.target is None:
        return ""
    if measure.direction == Direction.NEUTRAL:
        return ""
    over = direction_of(latest.value - latest.target, measure)
    verb = "misses" if over == "adverse" else "meets"
    return (
        f"The latest value {verb} its target of {said(measure, latest.target)}; without limits "
        "nothing says whether the next will."
    )


def point_words(point: Judged) -> str:
    """What the chart says of one point, for its row."""
    if point.misfit:
        return f"{point.misfit} than the metric's periods: not compared"
    if point.overlaps:
        return "overlaps another period"
    if point.standing == "redefined":
        return "definition changed: not compared"
    if not point.kind:
        return ""
    kind = KINDS[PointType(point.kind)]
    return f"{kind}: {RULES[Rule(point.rule)]}" if point.rule else kind
