"""Control charts of series that arrive as plain data: each checked in words, then answered.

A series is an object with ``id``, ``dates`` (ISO 8601) and ``values`` (numbers, null for missing),
and, where wanted, ``improvement_direction`` (neutral when not stated), ``target`` (one figure, or
one a date), ``rebase_dates``, ``fix_after_n`` and ``screen_outliers``. Faults carry the id as row.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeGuard

import numpy as np

from esbt.kit.problems import Fault, Refused
from outcomes.spc import Chart, Direction, Floats, chart, starts_at

LARGEST = 1e300  # sums and limits of larger numbers do not fit what computers reckon with
FIELDS = ("mean", "lpl", "upl", "near_lpl", "near_upl")
DIRECTIONS = ", ".join(Direction)


def answers(given: object) -> dict[str, dict[str, Any]]:
    """Return each series' chart by its id, points in the order of their dates, null for undefined.

    Refused as a whole, with every fault, when any series is bad.
    """
    if not isinstance(given, list):
        raise Refused([Fault("This must be a list of series, each an object with an id.")])
    faults: list[Fault] = []
    found: dict[str, dict[str, Any]] = {}
    named = Counter(_name(series, place) for place, series in enumerate(given, start=1))
    for place, series in enumerate(given, start=1):
        name = _name(series, place)
        own = list(_faults(series))
        if named[name] > 1:
            own.append(Fault("More than one series has this id: give each its own.", field="id"))
        faults += [Fault(fault.message, fault.field, fault.value, row=name) for fault in own]
        if not own:
            found[name] = _answer(series)
    if faults:
        raise Refused(dict.fromkeys(faults))
    return found


def unknown_fields(given: list[dict[str, Any]]) -> Iterator[Fault]:
    """What stands in a series and means nothing here, such as a misspelt field."""
    for place, series in enumerate(given, start=1):
        for field in series.keys() - CHECKS.keys():
            message = "This field is not known and was left aside. Is it misspelt?"
            yield Fault(message, field=field, row=_name(series, place))


def idle_rebases(given: list[dict[str, Any]]) -> Iterator[Fault]:
    """A word on each date from which limits should start anew and do not, of series without faults.

    No point stands on or after it, or none before.
    """
    for place, series in enumerate(given, 1):
        moments = [_moment(text) for text in series["dates"]]
        for text in series.get("rebase_dates") or ():
            if not any(moment >= _moment(text) for moment in moments):
                side = "on or after"
            elif not any(moment < _moment(text) for moment in moments):
                side = "before"
            else:
                continue
            said = f"No date stands {side} this one, so that it begins nothing."
            yield Fault(said, "rebase_dates", text, _name(series, place))


def _name(series: object, place: int) -> str:
    """The id as people know it, or where the series stands in the list."""
    stated = series.get("id") if isinstance(series, dict) else None
    return str(stated) if _is_id(stated) else f"number {place}"


def _answer(series: dict[str, Any]) -> dict[str, Any]:
    """The chart of a series without faults."""
    size = len(series["dates"])
    moments = [_moment(text) for text in series["dates"]]
    order = sorted(range(size), key=moments.__getitem__)
    target = series.get("target")
    values = _numbers([series["values"][place] for place in order])
    drawn = chart(
        values[None, :],
        direction=series.get("improvement_direction") or Direction.NEUTRAL,
        target=_numbers([target[place] for place in order] if isinstance(target, list) else target),
        starts=starts_at(
            [moments[place] for place in order],
            [_moment(text) for text in series.get("rebase_dates") or ()],
        ),
        fix_after=series.get("fix_after_n"),
        screen=bool(series.get("screen_outliers")),
    )
    return {
        "points": {
            "date": [series["dates"][place] for place in order],
            "value": [series["values"][place] for place in order],
            **_lists(drawn),
        },
        "variation_type": drawn.variation_type[0],
        "assurance_type": drawn.assurance_type[0],
        "short_group_warning": bool(drawn.short_group_warning[0]),
    }


def _lists(drawn: Chart) -> dict[str, list[Any]]:
    """The only area's points, with null for what is undefined."""
    figures = {field: getattr(drawn.limits, field)[0].tolist() for field in FIELDS}
    lists: dict[str, list[Any]] = {
        field: [None if math.isnan(figure) else figure for figure in own]
        for field, own in figures.items()
    }
    return lists | {"rule": drawn.rule[0].tolist(), "point_type": drawn.point_type[0].tolist()}


def _numbers(given: Any) -> Floats:
    """One figure or a list, with NaN for null."""
    return np.array(given, dtype=np.float64)


def _faults(series: object) -> Iterator[Fault]:
    """What is wrong with a series, field by field."""
    if not isinstance(series, dict):
        yield Fault("A series must be an object with id, dates and values.", value=_shown(series))
        return
    for field, check in CHECKS.items():
        if field not in series and field in ("id", "dates", "values"):
            yield Fault("This field is missing; a series needs it.", field=field)
        elif field in series:
            for message, value in check(series[field]):
                yield Fault(message, field=field, value=_shown(value))
    dates, values, target = (series.get(field) for field in ("dates", "values", "target"))
    for field, own in (("values", values), ("target", target)):
        if isinstance(dates, list) and isinstance(own, list) and len(own) != len(dates):
            yield Fault(
                f"There are {len(own)} entries for {len(dates)} dates: give one for each date, "
                "null where there is none.",
                field=field,
            )


Said = Iterator[tuple[str, object]]  # what is wrong, and with which value


def _check_id(given: object) -> Said:
    if not _is_id(given):
        yield "An id must be text that is not empty, or a whole number.", given


def _is_id(given: object) -> bool:
    if isinstance(given, str):
        return bool(given.strip())
    return isinstance(given, int) and not isinstance(given, bool)


def _check_dates(given: object) -> Said:
    bad = list(_check_moments(given))
    yield from bad
    if isinstance(given, list) and not bad:
        times = Counter(_moment(text) for text in given)
        for text in given:
            if times[_moment(text)] > 1:
                yield "This date stands more than once: a period has one value.", text


def _check_moments(given: object) -> Said:
    if not isinstance(given, list):
        yield "This must be a list of dates.", given
        return
    for text in given:
        try:
            _moment(text)
        except (TypeError, ValueError, OverflowError):
            yield "This is not a date: write it as 2017-04-01.", text


def _check_values(given: object) -> Said:
    if not isinstance(given, list):
        yield "This must be a list of numbers, null where a value is missing.", given
        return
    for value in given:
        if value is not None and not _is_number(value):
            yield "This is not a number: write a missing value as null.", value


def _check_target(given: object) -> Said:
    if isinstance(given, list):
        yield from _check_values(given)
    elif given is not None and not _is_number(given):
        yield "A target must be a number, a list with one a date, or null for none.", given


def _check_direction(given: object) -> Said:
    if given is not None and given not in tuple(Direction):
        yield f"The direction must be one of {DIRECTIONS}.", given


def _check_rebase_dates(given: object) -> Said:
    if given is not None:
        yield from _check_moments(given)


def _check_fix_after(given: object) -> Said:
    if given is not None and not (_is_number(given) and given >= 1 and given % 1 == 0):
        yield "This must be a whole number of at least 1, or null to use all values.", given


def _check_screen(given: object) -> Said:
    if given is not None and not isinstance(given, bool):
        yield "This must be true or false.", given


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a figure can be reckoned with; NaN and infinity cannot."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _moment(text: str) -> datetime:
    """A date, with or without a time, as a moment that others can be compared with."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _shown(value: object) -> str:
    """A value as the sender may find it again."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


CHECKS: dict[str, Callable[[object], Said]] = {
    "id": _check_id,
    "dates": _check_dates,
    "values": _check_values,
    "improvement_direction": _check_direction,
    "target": _check_target,
    "rebase_dates": _check_rebase_dates,
    "fix_after_n": _check_fix_after,
    "screen_outliers": _check_screen,
}
