"""The page of a metric in an area: made once for each revision of its figures, then kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.db.models import Q
from django.urls import reverse

from esbt.kit.cached import remember
from esbt.kit.drawing import Chart
from esbt.kit.money import Cell, words
from esbt.kit.when import period_words, when_words
from esbt.kit.words import in_a_list
from outcomes import spc
from outcomes.charts.control import control_chart
from outcomes.charts.tiles import MOST, Tiles, key_of, tiles_of
from outcomes.charts.words import (
    COMPARABLE,
    DIRECTIONS,
    assurance_words,
    change_words,
    figure,
    period_of,
    point_words,
    said,
    standing_words,
    unit_label,
    variation_words,
)
from outcomes.figures.adding import Place, gaps
from outcomes.figures.metric import Judged, Reading
from outcomes.figures.payment import paid
from outcomes.figures.readings import measure_of, readings_of
from outcomes.models import Metric, Standing, Target
from outcomes.queries import Point, Series, series_of

_HERE = 0  # the one area of a page, to what asks for an area


@dataclass(frozen=True)
class Parts:
    """The parts of a metric by one kind, as small multiples, or as rows where there are many."""

    kind: str  # such as reason
    tiles: Tiles | None
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class MetricPage:
    """What the figures of a metric in an area say, in words, picture and rows."""

    latest: Mapping[str, str] | None  # value, period, standing, change, signal
    variation: str
    assurance: str
    provisional: bool
    chart: Chart | None
    rows: Sequence[Mapping[str, Any]]  # the newest first
    source: str  # of every value; "" where they have several
    with_counts: bool  # whether some value has its numerator or denominator
    beside: str  # why comparators are not drawn; "" where they are or there are none
    parts: Sequence[Parts]  # by what they are parts by
    areas: Tiles | None
    targets: Sequence[Mapping[str, Any]]  # target_row
    pays: bool  # whether an amount hangs on some target
    clashes: Sequence[str]  # targets that hold at once
    left_out: Sequence[str]  # which values are held against no other, and why
    withdrawn: Sequence[Mapping[str, str]]  # periods of which the value was withdrawn


def metric_page(metric: Metric, parts: Sequence[Metric], area: str) -> MetricPage:
    """The page, kept under the changes of the metric and its parts; three queries when it is not.

    ``metric`` is one that metric_with_parts has read.
    """
    state = "|".join(f"{item.pk}.{item.change}" for item in (metric, *parts))
    key = f"metric-page-4:{hashlib.sha256(f'{state}|{area}'.encode()).hexdigest()}"
    return remember(key, lambda: (key, _build(metric, parts, area)))


def _build(metric: Metric, parts: Sequence[Metric], area: str) -> MetricPage:
    also = set(metric.comparators)
    many = len(metric.places) > MOST  # type: ignore[attr-defined]
    if not many:
        also |= {place["code"] for place in metric.places}  # type: ignore[attr-defined]
    series = series_of([metric, *parts], [area], also=also)
    found = readings_of(series)
    own = found.get((metric.code, area))
    of_areas = {code: item for (of, code), item in found.items() if of == metric.code}
    of_parts = [(part, item) for part in parts if (item := found.get((part.code, area)))]
    beside = [of_areas[code] for code in metric.comparators if code in of_areas]
    points = list(reversed(own.points)) if own else []
    targets = _targets(metric, area, series.get((metric.code, area)))
    told = _gaps(metric, parts, series, area)
    return MetricPage(
        latest=_latest(own) if own and own.latest else None,
        variation=variation_words(own) if own else "No value entered.",
        assurance=assurance_words(own) if own else "",
        provisional=bool(own and own.provisional),
        chart=control_chart(own, beside) if own else None,
        rows=[
            _row(own, point) | {"gaps": told.get((_HERE, point.starts, point.ends), [])}
            for point in points
        ]
        if own
        else [],
        source=_one([point.source for point in points]),
        with_counts=any(p.numerator is not None or p.denominator is not None for p in points),
        beside=_beside(metric, [item for item in beside if item.area != area]),
        parts=_parts(of_parts, area),
        areas=tiles_of(
            [(item.area_name, _href(metric, item.area), item) for item in of_areas.values()]
        )
        if not many and len(of_areas) > 1
        else None,
        targets=[
            target_row(metric, target, value_for(target, own.points if own else ()))
            for target in targets
        ],
        pays=any(target.payment_pence is not None for target in targets),
        clashes=target_clashes(metric, targets),
        left_out=_left_out(metric, own) if own else [],
        withdrawn=_withdrawn(series.get((metric.code, area))),
    )


def _left_out(metric: Metric, reading: Reading) -> list[str]:
    whys = {
        f"their periods are not as long as {metric.length}": [p for p in reading.valued if p.misfit]
    }
    if not reading.not_charted:  # else that they overlap is why there is no chart
        whys["their periods overlap"] = [point for point in reading.valued if point.overlaps]
    return [
        f"Left out of the chart and of every comparison, since {why}: "
        f"{in_a_list([period_of(point) for point in points])}."
        for why, points in whys.items()
        if points
    ]


def _withdrawn(series: Series | None) -> list[dict[str, str]]:
    return [
        {"period": period_words(starts, ends), "starts": str(starts), "ends": str(ends)}
        for starts, ends in (series.withdrawn if series else ())
    ]


def _gaps(
    metric: Metric, parts: Sequence[Metric], series: Mapping[tuple[str, str], Series], area: str
) -> dict[Place, list[str]]:
    """Where parts do not add to the whole, in words by period."""
    values = {
        item.pk: {(_HERE, point.starts, point.ends): point.value for point in found.points}
        for item in (metric, *parts)
        if (found := series.get((item.code, area)))
    }
    told: dict[Place, list[str]] = {}
    for gap in gaps(metric, parts, values, values.get(metric.pk, {})):
        told.setdefault(gap.place, []).append(gap.words)
    return told


def _targets(metric: Metric, area: str, series: Series | None) -> Sequence[Target]:
    """The targets of an area and of every area."""
    if series:
        return series.targets
    own = Q(area=None) | Q(area__code=area)
    return list(Target.objects.filter(own, metric=metric).select_related("evidence"))


def target_clashes(metric: Metric, targets: Iterable[Target]) -> list[str]:
    """Targets of one area, or of each, that differ and hold on the same day, in words."""
    measure = measure_of(metric)
    told = []
    valued = [target for target in targets if target.value is not None]
    for one, other in combinations(valued, 2):
        first, then = sorted((one, other), key=lambda item: item.starts or date.min)
        if (
            one.area_id == other.area_id
            and one.value != other.value
            and (first.ends is None or first.ends >= (then.starts or date.min))
        ):
            later = (first.starts or date.min) < (then.starts or date.min)
            used = "The one that starts later is used." if later else "The first of them is used."
            both = f"{said(measure, first.value)} and {said(measure, then.value)}"
            days = any((one.starts, one.ends, other.starts, other.ends))
            what = "Two targets hold at once" if days else "Of two targets no days are stated"
            told.append(f"{what}: {both}. {used}")
    return told


def _latest(reading: Reading) -> dict[str, str]:
    point = reading.latest
    assert point is not None  # noqa: S101 - asked before
    change, _ = change_words(reading)
    return {
        "value": said(reading.measure, point.value, point.hedge),
        "period": period_of(point),
        "standing": Standing(point.standing).label if point.standing != Standing.FINAL else "",
        "change": change,
        "signal": reading.variation,
    }


def _row(reading: Reading, point: Judged) -> dict[str, Any]:
    measure = reading.measure
    text = figure(measure, point.value) if point.value is not None else standing_words(point)
    return {
        "period": period_of(point),
        "starts": point.starts.isoformat(),
        "ends": point.ends.isoformat(),
        "value": Cell(
            f"{point.hedge} {text}".strip(),
            missing=point.value is None,
            derived=point.state in ("derived", "inferred"),
            suspect=point.state == "suspect",
            note=point.working,
        ),
        "numerator": _count(point.numerator),
        "denominator": _count(point.denominator),
        "mean": _limit(reading, point.mean),
        "limits": f"{_limit(reading, point.lpl)} to {_limit(reading, point.upl)}"
        if point.lpl is not None
        else "",
        "target": figure(measure, point.target) if point.target is not None else "",
        "words": point_words(point),
        "kind": point.kind,
        "standing": Standing(point.standing).label,
        "source": point.source,
        "place": point.place,
        "comment": point.comment,
        "revised": point.revision > 1,
    }


def _one(names: Sequence[str]) -> str:
    """The name that all share; "" where they differ."""
    return names[0] if len(set(names)) == 1 else ""


def _count(number: Any) -> str:
    """A numerator or denominator, whole where it is whole; "" where it is not stated."""
    return "" if number is None else f"{number.normalize():,f}"


def _limit(reading: Reading, level: float | None) -> str:
    return "" if level is None else figure(reading.measure, level, more=1)


def _beside(metric: Metric, beside: Sequence[Reading]) -> str:
    if beside and metric.unit not in COMPARABLE:
        names = ", ".join(item.area_name for item in beside)
        return f"{names} not drawn beside it: counts of areas of different sizes do not compare."
    return ""


def _href(metric: Metric, area: str) -> str:
    return f"{reverse('metric', args=[metric.system.code, metric.code])}?area={area}"


def _parts(found: Sequence[tuple[Metric, Reading]], area: str) -> list[Parts]:
    """Parts by their kinds, in the order of the metrics."""
    made = []
    for kind in dict.fromkeys(part.part_kind for part, _ in found):
        own = [(part, reading) for part, reading in found if part.part_kind == kind]
        few = len(own) <= MOST
        tiles = tiles_of([(part.name, _href(part, area), reading) for part, reading in own])
        rows = [_part(part, area, reading) for part, reading in own]
        made.append(Parts(kind, tiles if few else None, () if few and tiles else rows))
    return made


def _part(part: Metric, area: str, reading: Reading) -> dict[str, str]:
    latest = reading.latest
    return {
        "name": part.name,
        "href": _href(part, area),
        "value": said(reading.measure, latest.value, latest.hedge) if latest else "not stated",
        "period": period_of(latest) if latest else "",
        "words": variation_words(reading),
    }


def definition(metric: Metric) -> dict[str, Any]:
    """What a metric is, in words, for every page that tells of it."""
    measure = measure_of(metric)
    return {
        "direction": DIRECTIONS[spc.Direction(metric.direction)],
        "unit": unit_label(measure) or "number",
        "frequency": metric.get_frequency_display(),
        "review": when_words(metric.review) if metric.review else "",
        "choices": spc.choices(fix_after=metric.fix_after, screen=metric.screen),
        "key": key_of(measure),
    }


def value_for(target: Target, points: Iterable[Point | Judged]) -> Decimal | None:
    """The value of just the period that a target is for; None where that or its days are open."""
    return next(
        (
            point.value
            for point in points
            if (point.starts, point.ends) == (target.starts, target.ends)
        ),
        None,
    )


def target_row(metric: Metric, target: Target, value: Decimal | None) -> dict[str, Any]:
    """A target in words, and what it pays for the value of its period.

    The side of it that is met follows from the metric's direction. Value and baseline are cells,
    which are marked where the source does not print them.
    """
    measure = measure_of(metric)
    evidence = target.evidence
    ours = bool(evidence and evidence.is_ours)
    marks: dict[str, Any] = {"derived": ours, "note": evidence.working if evidence and ours else ""}
    aim = f"{said(measure, target.value)}{_way(metric, target)}"
    no_value, no_baseline = target.value is None, target.baseline is None
    return {
        "scope": "this area" if target.area_id else "every area",
        "period": _target_period(target),
        "value": Cell("no value", missing=True) if no_value else Cell(aim, **marks),
        "words": target.words,
        "baseline": Cell("not stated", missing=True)
        if no_baseline
        else Cell(said(measure, target.baseline), **marks),
        "payment": when_words(target.payment) if target.payment else "",
        **_paid(metric, target, value),
        "note": target.note,
    }


def paid_of(metric: Metric, target: Target, value: Decimal | None) -> int | None:
    """Pence that a target pays for a value; None where something is not stated."""
    return paid(
        direction=metric.direction,
        value=value,
        target=target.value,
        baseline=target.baseline,
        pence=target.payment_pence,
        rule=target.payment_rule,
    )


def _paid(metric: Metric, target: Target, value: Decimal | None) -> dict[str, str]:
    """What hangs on a target and what it pays, in words; "" without an amount."""
    if target.payment_pence is None:
        return {"amount": "", "paid": "", "unpaid": ""}
    amount = f"{words(target.payment_pence, 'gbp')}, {target.get_payment_rule_display()}"
    pence = paid_of(metric, target, value)
    if pence is None:
        return {"amount": amount, "paid": "", "unpaid": _unpaid(metric, target, value)}
    reached = f"{words(pence, 'gbp')} for {said(measure_of(metric), value)}"
    return {"amount": amount, "paid": reached, "unpaid": ""}


def _unpaid(metric: Metric, target: Target, value: Decimal | None) -> str:
    """Why it cannot be said what a target pays."""
    if target.value is None:
        return "the target has no value"
    if target.starts is None or target.ends is None:
        return "the days of its period are not stated"
    if value is None:
        return "no value for its period"
    if metric.direction == spc.Direction.NEUTRAL:
        return "neither way is better"
    return "its baseline is not stated"


def _target_period(target: Target) -> str:
    if target.starts and target.ends:
        return period_words(target.starts, target.ends)
    if target.starts:
        return f"from {period_words(target.starts, target.starts)}"
    if target.ends:
        return f"until {period_words(target.ends, target.ends)}"
    return "days not stated"


def _way(metric: Metric, target: Target) -> str:
    """Which side of a target is met, whatever verb its text uses; of nought there is no less."""
    if not target.value and metric.direction == spc.Direction.DECREASE:
        return ""
    ways = {spc.Direction.INCREASE: " or more", spc.Direction.DECREASE: " or less"}
    return ways.get(spc.Direction(metric.direction), "")
