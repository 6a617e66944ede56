"""What is sent as a value of a metric, and what is wrong with it by itself; no writes here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils import timezone

from esbt.kit.problems import Fault
from outcomes.models import ENTERED, WITHOUT_VALUE, Metric, Standing
from outcomes.models.metrics import Unit
from schemes.models.base import storable

ANY: Final = "any"

LARGEST = Decimal(10) ** 13  # more is a slip of the keyboard, not a count


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservationEntry:
    """A metric's value for an area in a period, both days included; None is not stated.

    ``value`` may be left out where numerator and denominator are given. ``revision`` is the one
    that the author saw (None: no value yet), ANY for whatever stands.
    """

    metric: str
    area: str
    starts: date
    ends: date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    standing: str = Standing.FINAL
    hedge: str = ""
    comment: str = ""
    revision: int | str | None = ANY
    evidence_id: int | None = None
    row: int | str | None = None


def faults_of(
    entries: Sequence[ObservationEntry], metrics: Mapping[str, Metric], areas: Mapping[str, int]
) -> list[Fault]:
    """What is wrong with entries, each with its row and field."""
    faults = []
    seen: dict[tuple[str, str, date, date], ObservationEntry] = {}
    for entry in entries:
        metric = metrics.get(entry.metric)
        if metric is None:
            said = f"'{entry.metric}' is not a metric of this system."
            faults.append(Fault(said, "metric", entry.metric, entry.row))
            continue
        if entry.area not in areas:
            said = f"There is no area '{entry.area}'. Add it to the areas, or mend the code."
            faults.append(Fault(said, "area", entry.area, entry.row))
        place = (entry.metric, entry.area, entry.starts, entry.ends)
        if place in seen:
            first = f" (row {seen[place].row})" if seen[place].row else ""
            said = f"This metric, area and period stand here twice{first}. Keep one of them."
            faults.append(Fault(said, "starts", entry.starts.isoformat(), entry.row))
        seen[place] = entry
        faults += [
            Fault(said, name, value, entry.row) for name, value, said in _wrong(entry, metric)
        ]
    return faults


def _wrong(entry: ObservationEntry, metric: Metric) -> Iterable[tuple[str, str, str]]:
    """Field, value and sentence for each thing that is wrong with one entry by itself."""
    if entry.ends < entry.starts:
        yield "ends", entry.ends.isoformat(), "The period ends before it starts."
    yield from _not_yet(entry)
    for name in ("comment", "hedge"):
        if storable(getattr(entry, name)) != getattr(entry, name):
            yield name, "", "This holds characters that are no text. Type it again."
    numbers = {name: getattr(entry, name) for name in ("value", "numerator", "denominator")}
    stated = {name: number for name, number in numbers.items() if number is not None}
    for name, number in stated.items():
        if not number.is_finite() or abs(number) >= LARGEST:
            yield name, str(number), "This is not a number that can be. Write it in digits."
            return
    if entry.standing not in ENTERED:
        yield "standing", entry.standing, f"Write one of {', '.join(ENTERED)}."
    elif entry.standing in WITHOUT_VALUE:
        word = Standing(entry.standing).label.lower()
        for name, number in stated.items():
            yield name, f"{number:f}", f"What is {word} has no figures; leave it blank."
    elif "value" not in stated and not {"numerator", "denominator"} <= {*stated}:
        yield "value", "", "Give a value, or a numerator and a denominator; or say it is missing."
    yield from _out_of_range(stated, metric)
    yield from _wrong_fraction(entry, metric)


def _not_yet(entry: ObservationEntry) -> Iterable[tuple[str, str, str]]:
    """The same for a period that is not over: what it will be is a target, not a value."""
    today = timezone.localdate()
    if entry.starts > today:
        yield "starts", entry.starts.isoformat(), "This period has not begun. Mend its days."
    elif entry.ends > today and entry.standing != Standing.PROVISIONAL:
        said = "This period has not ended. Mend its days, or call the value provisional."
        yield "ends", entry.ends.isoformat(), said


def _out_of_range(stated: Mapping[str, Decimal], metric: Metric) -> Iterable[tuple[str, str, str]]:
    """The same for numbers that the metric's unit does not allow."""
    lowest, highest = metric.bounds
    for name, number in stated.items():
        if lowest is not None and number < lowest:
            said = f"A {name} of this metric cannot be below {lowest}. Mend it."
            yield name, f"{number:f}", said
        elif name == "value" and highest is not None and number > highest:
            yield name, f"{number:f}", f"A percentage cannot be above {highest}. Mend it."


def _wrong_fraction(entry: ObservationEntry, metric: Metric) -> Iterable[tuple[str, str, str]]:
    """The same for a numerator over its denominator."""
    above, below = entry.numerator, entry.denominator
    if below is not None and below <= 0:
        yield "denominator", f"{below:f}", "The denominator must be above zero."
    elif above is None or below is None:
        return
    elif metric.unit == Unit.PERCENT and above > below:
        yield "numerator", f"{above:f}", f"The numerator is above its denominator, {below:f}."
    elif entry.value is not None:
        derived = above / below * metric.per
        if abs(derived - entry.value) > Decimal(10) ** -metric.decimals:
            said = f"Numerator and denominator make {derived:.{metric.decimals}f}. Give what is so."
            yield "value", f"{entry.value:f}", said
