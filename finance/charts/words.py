"""Figures in words: months, amounts, directions and the sentence that a position says."""

from collections.abc import Iterable

from esbt.kit.money import Unit, format_pence, rounding, rounds_to_zero, words
from esbt.kit.words import ARROWS, in_a_list
from finance.figures.position import TOTAL, Position, PositionRow, Reported

YEAR_END = 12  # month 13 is the audited one
MONTHS = ("April", "May", "June", "July", "August", "September", "October", "November",
          "December", "January", "February", "March")  # fmt: skip
NAMED_LINES = 3  # that a sentence names of those which a return lacks


def month_name(month: int) -> str:
    """1 is April; 0 the opening forecast; 13 the audited month."""
    if month < 1:
        return "Opening"
    return MONTHS[month - 1] if month <= YEAR_END else "Audited"


def month_tick(month: int) -> str:
    """A month as an axis has room for it."""
    return month_name(month)[: 3 if 1 <= month <= YEAR_END else 5]


def forecast_age(first: int | None, last: int | None, behind: int) -> str:
    """From which month a forecast is, or a sum of them: the span and how many lines are behind.

    ``first`` and ``last`` are the oldest and the newest month in it; "" without a forecast.
    """
    if first is None:
        return ""
    if last in (None, first):
        return f"at month {first}" if first else "at opening"
    span = f"months {first} to {last}" if first else f"opening to month {last}"
    late = f"; {behind} line{'s' if behind > 1 else ''} behind" if behind else ""
    return f"latest of each line, {span}{late}"


def amount(pence: int) -> str:
    """Say the size of an amount: £m, or finer where £m would print nothing."""
    size = abs(pence)
    if not size or not rounds_to_zero(size, "m"):
        return words(size, "m")
    return words(size, "k" if not rounds_to_zero(size, "k") else "gbp")


def balance(pence: int) -> str:
    """Say a position in words: "deficit of £94.9m", "surplus of £1.0m" or "break-even"."""
    if not pence:
        return "break-even"
    return f"{'deficit' if pence < 0 else 'surplus'} of {amount(pence)}"


def _standing(pence: int) -> str:
    """Say a position behind "is": "in deficit by £94.9m" or "at break-even"."""
    return f"in {balance(pence).replace(' of ', ' by ')}" if pence else "at break-even"


def direction_of(variance_pence: int | None) -> str:
    """Read a favourable-positive variance as "favourable", "adverse" or "none"."""
    if not variance_pence:
        return "none"
    return "favourable" if variance_pence > 0 else "adverse"


def against_plan(actual: int | None, plan: int | None, sense: int) -> tuple[str, str]:
    """A variance as it is said beside a field, with its direction; static/js/amounts.js says it
    in the same words while somebody types.
    """
    if actual is None or plan is None:
        return "", "none"
    size = format_pence(abs(actual - plan), "gbp")
    direction = direction_of((sense or 1) * (actual - plan))
    if direction == "none":
        return "on plan", "none"
    if sense:
        return f"{size} {direction}", direction
    return f"{size} {'above' if actual > plan else 'below'} plan", "none"


def direction_words(
    variance_pence: int | None, direction: str, bases_differ: bool = False, *, unit: Unit
) -> str:
    """Say what stands beside a variance, so that nothing hangs on brackets or colour.

    Beside a figure that its unit rounds to nothing the words say how small it is.
    """
    if variance_pence is None:
        return ""
    said = f"{ARROWS[direction]} {direction}" if direction in ARROWS else ""
    if said and rounds_to_zero(variance_pence, unit):
        said += f", under {rounding(unit)}"
    if bases_differ:
        return f"{said}; bases may differ" if said else "not rated: bases may differ"
    return said or ("on plan" if variance_pence == 0 else "not rated")


def step_text(pence: int) -> str:
    """What a bar prints: an arrow and its amount in £m; no arrow beside what prints as nothing."""
    arrow = "" if rounds_to_zero(pence, "m") else ARROWS.get(direction_of(pence), "")
    return f"{arrow} {format_pence(pence, 'm')}".strip()


def line_words(variance_pence: int | None, sense: int) -> str:
    """A line's variance in words; without a sense "£5k above plan", since neither is favourable."""
    if sense or not variance_pence:
        return variance_words(variance_pence or 0)
    return f"{amount(variance_pence)} {'above' if variance_pence > 0 else 'below'} plan"


def side_words(variance_pence: int | None) -> str:
    """On which side of its plan something stands that is neither favourable nor adverse."""
    if not variance_pence:
        return "" if variance_pence is None else "on plan"
    return "above plan" if variance_pence > 0 else "below plan"


def capital_words(variance_pence: int) -> str:
    """How capital stands to its plan: less spent than planned is not favourable in itself."""
    if not variance_pence:
        return "on plan"
    return "under plan" if variance_pence > 0 else "over plan"


def stated_variances(rows: Iterable[PositionRow]) -> list[tuple[PositionRow, int]]:
    """Pair the partners (not the total) with the variances they state, in published order."""
    return [
        (row, row.variance_pence)
        for row in rows
        if row.partner != TOTAL and row.variance_pence is not None
    ]


def at_partners(pairs: Iterable[tuple[PositionRow, int]], direction: str = "") -> str:
    """Say "£37.1m at the two CCGs, £0.4m at the Council", the largest first, ties as published."""
    ordered = sorted(pairs, key=lambda pair: -abs(pair[1]))
    word = f" {direction}" if direction else ""
    return ", ".join(f"{amount(pence)}{word} at {row.short_name}" for row, pence in ordered)


def position_sentence(position: Position) -> str:
    """Say what the position table says, in one or two sentences."""
    total = position.total
    tail = _yet_to_say(position)
    if position.month is None or total.ytd_actual_pence is None:
        return _without_actual(position) + tail
    ended = position.month >= YEAR_END and position.state == "published"
    provisional = "On provisional figures the" if position.state == "provisional" else "The"
    if position.reported.missing:  # some partners are not the system
        ended = False
        told, due = position.reported.received, position.reported.expected
        subject = f"{provisional} {told} of {due} partners that reported {_are(told)}"
    else:
        subject = f"{provisional} system {'ended the year' if ended else 'is'}"
    until = "" if ended else f" to month {position.month}"
    if total.variance_pence is None:
        standing = _standing(total.ytd_actual_pence)
        lacking = "no plan of the same partners is stated to compare it with"
        return f"{subject} {standing}{until}; {lacking}.{tail}"
    parts = stated_variances(position.rows)
    with_it = direction_of(total.variance_pence)
    same = [pair for pair in parts if direction_of(pair[1]) == with_it != "none"]
    against = [pair for pair in parts if direction_of(pair[1]) not in (with_it, "none")]
    if with_it == "none":
        version = f" ({position.plan.replace('-', ' ')})" if position.plan else ""
        adverse = [pair for pair in parts if pair[1] < 0]
        favourable = [pair for pair in parts if pair[1] > 0]
        reasons = [at_partners(adverse, "adverse"), at_partners(favourable, "favourable")]
        reason = ", offset by ".join(filter(None, reasons))
        return f"{subject} on plan{version}{until}{': ' if reason else ''}{reason}.{tail}"
    reason = at_partners(same, with_it if against else "")
    if against:
        other = "adverse" if with_it == "favourable" else "favourable"
        reason += f"{', offset by ' if same else ''}{at_partners(against, other)}"
    difference = f"{amount(total.variance_pence)} {with_it} to plan{until}"
    return f"{subject} {difference}{': ' if reason else ''}{reason}.{tail}"


def _without_actual(position: Position) -> str:
    """Say what can be said before any actual figure: the forecast, or that there is none."""
    total = position.total
    if total.forecast_pence is None:
        expected = position.reported.expected
        if not expected:
            return "No position is stated for this year."
        return f"No figures have been reported yet; {expected} {_plural(expected)} expected."
    compared = ""
    if total.forecast_variance_pence is not None:
        direction = direction_of(total.forecast_variance_pence)
        difference = f"{amount(total.forecast_variance_pence)} {direction} to plan"
        compared = f", {difference if direction != 'none' else 'on plan'}"
    a = "" if not total.forecast_pence else "a "
    return (
        f"The system forecasts {a}{balance(total.forecast_pence)} for the year{compared}. "
        "No actual figures are stated yet."
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _plural(count: int) -> str:
    return "partner is" if count == 1 else "partners are"


def _yet_to_say(position: Position) -> str:
    """Who has not reported, and who reported without a plan or an actual to compare."""
    said = ""
    if position.month is not None and position.reported.missing:
        said += f" {not_heard(position.reported)}"
    silent = [
        row.short_name for row in position.rows if row.reported and row.variance_pence is None
    ]
    if silent and position.total.variance_pence is not None:
        said += f" No variance can be stated for {in_a_list(silent)}."
    return said


def not_heard(reported: Reported) -> str:
    """Who has not reported, and who did with gaps and so has no position; "" for nobody."""
    said = [f"Yet to report: {in_a_list(reported.silent)}."] if reported.silent else []
    for name, lines in reported.gaps:
        more = len(lines) - NAMED_LINES
        named = [*lines[:NAMED_LINES], f"{more} more lines"] if more > 0 else lines
        said.append(
            f"{name} reported with gaps: {in_a_list(named)} missing, so no position is stated."
        )
    return " ".join(said)


def caveats(position: Position, *, month: str, illustrative: bool) -> tuple[str, ...]:
    """Say of a position what must go with its picture; ``month`` as people write it, or ""."""
    state = (
        "Provisional figures, everything saved so far"
        if position.state == "provisional"
        else "Published figures, approved or closed"
    )
    said = ["Illustrative figures, made up"] if illustrative else []
    said.append(f"{state}: {month}" if month else state)
    if position.reported.missing:
        said.append(not_heard(position.reported).removesuffix("."))
    differing = [row.short_name for row in position.rows if row.bases_differ]
    if differing:
        said.append(f"The bases of plan and actual may differ for {in_a_list(differing)}")
    return tuple(said)


def variance_words(pence: int) -> str:
    """A favourable-positive variance: "£0.4m adverse" or "on plan"."""
    return f"{amount(pence)} {direction_of(pence)}" if pence else "on plan"
