"""One metric across areas in one period, made once for each revision of its figures, then kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import Http404

from esbt.kit.cached import remember
from esbt.kit.drawing import Chart
from esbt.kit.when import period_words
from esbt.kit.words import number
from outcomes.charts.compare import (
    Limits,
    Placed,
    funnel,
    limits_of,
    outside_words,
    overdispersion_words,
    rank_of,
    rank_words,
    ranked,
    side_of,
)
from outcomes.charts.words import COMPARABLE, figure, said
from outcomes.figures.readings import measure_of
from outcomes.models import Area, Metric, Observation

_WIDER = (Area.Kind.COUNTRY, Area.Kind.REGION)


@dataclass(frozen=True)
class ComparePage:
    """Areas of a metric in a period, in words, pictures and rows."""

    starts: date | None
    ends: date | None
    period: str
    chosen: str  # as the address names it
    periods: Sequence[Mapping[str, str]]  # the newest first
    places: Sequence[Placed]  # the largest first, comparators last
    sentence: str
    ranked_chart: Chart | None
    funnel_chart: Chart | None
    no_funnel: str
    rows: Sequence[Mapping[str, Any]]
    overdispersion: str  # that areas differ more than chance alone would have it; "" where not so
    sizes_differ: bool

    @property
    def ranked(self) -> list[Placed]:
        """The areas that are held against each other."""
        return [place for place in self.places if not place.is_beside]


def compare_page(metric: Metric, asked: str) -> ComparePage:
    """The page of a period, named "2018-04-01_2018-04-30"; else of the newest that most areas have.

    Two queries, or none where it is kept. Raises Http404 for a period without a value.
    """
    key = f"compare-2:{metric.pk}:{metric.change}:{asked}"
    if len(asked) > len("2018-04-01_2018-04-30"):
        raise Http404
    return remember(key, lambda: (key, _build(metric, asked)))


def _build(metric: Metric, asked: str) -> ComparePage:
    valued = Observation.objects.filter(metric=metric, value__isnull=False)
    spans = list(
        valued.values_list("starts", "ends").annotate(Count("pk")).order_by("-ends", "starts")
    )
    by_name = {f"{starts}_{ends}": (starts, ends) for starts, ends, _ in spans}
    if asked and asked not in by_name:
        raise Http404
    # the newest period that half of the areas have: not one that only a few have reached
    own = [span for span in spans if not metric.misfit(*span[:2])] or spans
    most = max((count for _, _, count in own), default=0)
    chosen = asked or next((f"{a}_{b}" for a, b, count in own if 2 * count >= most), "")
    starts, ends = by_name.get(chosen, (None, None))
    rows = valued.filter(starts=starts, ends=ends).select_related("area") if chosen else []
    measure = measure_of(metric)
    places = [_place(metric, row) for row in rows]
    limits = limits_of(measure, places)
    places = _sided(places, limits)
    places.sort(key=lambda place: (place.is_beside, -place.value, place.name))
    period = period_words(starts, ends) if starts and ends else ""
    return ComparePage(
        starts=starts,
        ends=ends,
        period=period,
        chosen=chosen,
        periods=[
            {"value": f"{a}_{b}", "label": f"{period_words(a, b)} ({count})"}
            for a, b, count in spans
        ],
        places=places,
        sentence=_sentence(metric, places, period),
        ranked_chart=ranked(measure, places, period=period) if places else None,
        funnel_chart=funnel(measure, places, limits, period=period) if limits else None,
        no_funnel="" if limits else _no_funnel(metric, places),
        rows=[_row(metric, place, places, limits) for place in places],
        overdispersion=overdispersion_words(places) if limits else "",
        sizes_differ=metric.unit not in COMPARABLE,
    )


def _place(metric: Metric, row: Observation) -> Placed:
    is_home = row.area_id == metric.area_id
    beside = row.area.code in metric.comparators or row.area.kind in _WIDER
    if row.value is None:
        raise ValueError(row)
    return Placed(
        area=row.area.code,
        name=row.area.name,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        hedge=row.hedge,
        is_home=is_home,
        is_beside=beside and not is_home,
    )


def _sided(places: Sequence[Placed], limits: Limits | None) -> list[Placed]:
    if limits is None:
        return list(places)
    found = [side_of(place, limits) if not place.is_beside else ("", "") for place in places]
    return [
        replace(place, side=side, outside=outside)
        for place, (side, outside) in zip(places, found, strict=True)
    ]


def _no_funnel(metric: Metric, places: Sequence[Placed]) -> str:
    if metric.unit not in ("percent", "rate"):
        return "A funnel plot is drawn for percentages and rates only."
    if not places:
        return ""
    held = [place for place in places if not place.is_beside]
    counted = [place for place in held if place.numerator is not None and place.denominator]
    ranked = f"{number(len(held))} ranked area{'' if len(held) == 1 else 's'}"
    if len(counted) < len(held):
        ranked += (
            f", {number(len(counted)) if counted else 'none'} of "
            f"{'it' if len(held) == 1 else 'them'} with both"
        )
    beside = "; the others stand beside as comparators" if len(places) > len(held) else ""
    return (
        "A funnel plot needs the numerators and denominators of at least three areas that are "
        f"ranked. Here: {ranked}{beside}."
    )


def _sentence(metric: Metric, places: Sequence[Placed], period: str) -> str:
    held = [place for place in places if not place.is_beside]
    if not held:
        return "No area has a value of this metric yet."
    measure = measure_of(metric)
    home = next((place for place in held if place.is_home), None)
    beside = [place for place in places if place.is_beside]
    if home is None:
        most, least = held[0], held[-1]
        return (
            f"{period}: from {said(measure, least.value)} in {least.name} to "
            f"{said(measure, most.value)} in {most.name}."
        )
    place = f", {rank_words(held, home)}" if len(held) > 1 else ""
    against = "".join(
        f"; {other.name} {said(measure, other.value, other.hedge)}" for other in beside[:3]
    )
    return f"{home.name} had {said(measure, home.value, home.hedge)} in {period}{place}{against}."


def _row(
    metric: Metric, place: Placed, places: Sequence[Placed], limits: Limits | None
) -> dict[str, Any]:
    held = [item for item in places if not item.is_beside]
    return {
        "area": place.area,
        "name": place.name,
        "rank": "" if place.is_beside else str(rank_of(held, place)),
        "value": f"{place.hedge} {figure(measure_of(metric), place.value)}".strip(),
        "numerator": "" if place.numerator is None else f"{place.numerator.normalize():,f}",
        "denominator": "" if place.denominator is None else f"{place.denominator.normalize():,f}",
        "words": "beside it, not ranked"
        if place.is_beside
        else outside_words(place)
        if limits
        else "",
        "is_home": place.is_home,
        "is_beside": place.is_beside,
    }
