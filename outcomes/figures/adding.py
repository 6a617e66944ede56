"""Whether the parts of a metric add to the whole in a period. What does not is told, not mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from outcomes.models import Metric, Unit

ADDED = (Unit.NUMBER, Unit.DAYS)  # shares and rates are no sums of their parts

Place = tuple[int, date, date]  # area, first day, last day
Values = Mapping[int, Mapping[Place, Decimal | None]]  # by the metric's id


@dataclass(frozen=True)
class Gap:
    """Parts of one kind that do not add to the whole, with the ids of those that have a value."""

    place: Place
    parts: Sequence[int]
    words: str


def gaps(
    whole: Metric, parts: Sequence[Metric], values: Values, places: Iterable[Place]
) -> Iterator[Gap]:
    """Where parts that have values do not add to a whole that has one.

    Parts that are more than the whole are told whatever is missing; less only when no part is
    missing that was counted before and after.
    """
    if whole.unit not in ADDED:
        return
    own = values.get(whole.pk, {})
    kinds: dict[str, Values] = {
        kind: {part.pk: values.get(part.pk, {}) for part in parts if part.part_kind == kind}
        for kind in dict.fromkeys(part.part_kind for part in parts)
    }
    spans = {part.pk: _spans(values.get(part.pk, {})) for part in parts}
    slack = Decimal(10) ** -whole.decimals / 2 if whole.decimals else Decimal(0)
    for place in places:
        total = own.get(place)
        if total is None:
            continue
        for kind, held in kinds.items():
            found = {pk: v for pk, of in held.items() if (v := of.get(place)) is not None}
            if not found:
                continue
            above = sum(found.values(), Decimal(0)) - total
            known = all(pk in found or not _within(place, spans[pk]) for pk in held)
            if above > slack * len(found) or (known and -above > slack * len(found)):
                said = (
                    f"The parts{f' by {kind}' if kind else ''} add to {_figure(total + above)}, "
                    f"the whole says {_figure(total)}."
                )
                yield Gap(place, [*found], said)


def _figure(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def _spans(held: Mapping[Place, Decimal | None]) -> dict[int, tuple[date, date]]:
    """From which to which day a part is counted, by area."""
    spans: dict[int, tuple[date, date]] = {}
    for area, starts, ends in held:
        first, last = spans.get(area, (starts, ends))
        spans[area] = min(first, starts), max(last, ends)
    return spans


def _within(place: Place, spans: Mapping[int, tuple[date, date]]) -> bool:
    first, last = spans.get(place[0], (date.max, date.min))
    return first <= place[1] and place[2] <= last
