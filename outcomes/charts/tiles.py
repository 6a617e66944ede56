"""Small multiples: the same picture of several series on one scale, each with its words.

They are drawn as plain SVG, which fits any width and needs no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from outcomes.charts.words import KINDS, figure, period_of, said, variation_words
from outcomes.figures.metric import Judged, Measure, Reading
from outcomes.spc import PointType

MOST = 12
WIDTH, HEIGHT, EDGE = 240, 84, 6
_SHAPES = {
    PointType.IMPROVEMENT: "m0-3.5 3.5 3.5-3.5 3.5-3.5-3.5z",
    PointType.CONCERN: "m-3-3h6v6h-6z",
    PointType.HIGH: "m0-3.5 3.5 6h-7z",
    PointType.LOW: "m0 3.5 3.5-6h-7z",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One series, drawn in WIDTH by HEIGHT."""

    name: str
    href: str
    latest: str
    words: str
    alt: str
    lines: tuple[str, ...]  # of the values, as points of a polyline; a gap parts two
    means: tuple[str, ...]
    limits: tuple[str, ...]
    signals: tuple[tuple[str, float, float, str], ...]  # kind, place, path of its shape


@dataclass(frozen=True, slots=True)
class Tiles:
    """Several series on one scale."""

    scale: str
    tiles: tuple[Tile, ...]
    width: int = WIDTH
    height: int = HEIGHT


def tiles_of(named: Sequence[tuple[str, str, Reading]]) -> Tiles | None:
    """Tiles of names, addresses and readings; None where no series has a value."""
    drawn = [
        (name, href, replace(reading, points=reading.charted))
        for name, href, reading in named
        if reading.valued and not reading.not_charted
    ]
    if not drawn:
        return None
    points = [point for _, _, reading in drawn for point in reading.points]
    levels = [
        float(level)
        for point in points
        for level in (point.value, point.lpl, point.upl)
        if level is not None
    ]
    low, high = min(levels), max(levels)
    if all(point.value is None or point.value >= 0 for point in points):
        low = max(low, 0)  # a limit below what can be is cut off
    scale = _Scale(min(p.starts for p in points), max(p.starts for p in points), low, high)
    measure = drawn[0][2].measure
    first = min(points, key=lambda point: point.starts)
    last = max(points, key=lambda point: point.starts)
    return Tiles(
        scale=f"From {figure(measure, low)} to {said(measure, high)} in each, "
        f"{period_of(first)} to {period_of(last)}.",
        tiles=tuple(_tile(name, href, reading, scale) for name, href, reading in drawn),
    )


class _Scale:
    """Where a day and a level are drawn."""

    def __init__(self, first: date, last: date, low: float, high: float) -> None:
        self.first, self.days = first, max((last - first).days, 1)
        self.low, self.span = low, (high - low) or 1

    def place(self, day: date, level: float) -> tuple[float, float]:
        across = (day - self.first).days / self.days * (WIDTH - 2 * EDGE) + EDGE
        down = HEIGHT - EDGE - (level - self.low) / self.span * (HEIGHT - 2 * EDGE)
        return round(across, 1), round(down, 1)

    def lines(self, points: Sequence[Judged], name: str) -> tuple[str, ...]:
        """Polylines of a level, parted where it is not there or a step begins."""
        lines: list[list[str]] = [[]]
        step = None
        for point in points:
            level = getattr(point, name)
            gone = level is None or (name == "value" and not point.counts)
            if gone or (name != "value" and point.step != step):
                lines.append([])
            step = point.step
            if not gone:
                across, down = self.place(point.starts, float(level))
                lines[-1].append(f"{across},{down}")
        return tuple(" ".join(line) for line in lines if line)


def _tile(name: str, href: str, reading: Reading, scale: _Scale) -> Tile:
    latest, measure = reading.latest, reading.measure
    words = variation_words(reading)
    value = f"{said(measure, latest.value, latest.hedge)}, {period_of(latest)}" if latest else ""
    signals = [
        (point.kind, *scale.place(point.starts, float(point.value)), _SHAPES[PointType(point.kind)])
        for point in reading.points
        if point.kind in _SHAPES and point.value is not None
    ]
    return Tile(
        name=name,
        href=href,
        latest=value,
        words=words,
        alt=f"{name}: {value}. {words}",
        lines=scale.lines(reading.points, "value"),
        means=scale.lines(reading.points, "mean"),
        limits=scale.lines(reading.points, "lpl") + scale.lines(reading.points, "upl"),
        signals=tuple(signals),
    )


def key_of(measure: Measure) -> list[tuple[str, str, str]]:
    """Kind, shape and words of the signals that a metric of this direction can have."""
    neutral = measure.direction == "neutral"
    kinds = (
        (PointType.HIGH, PointType.LOW) if neutral else (PointType.IMPROVEMENT, PointType.CONCERN)
    )
    return [(kind, _SHAPES[kind], KINDS[kind]) for kind in kinds]
