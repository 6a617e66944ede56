"""The control chart of a metric in an area, with words made from the same numbers.

There is none for cumulative figures, which rise whatever happens: none is kept as an observation.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import Chart, axis, figure_of, layout_of
from esbt.kit.when import period_words
from esbt.kit.words import capital, in_a_list, number
from outcomes.charts.words import (
    COMPARABLE,
    KINDS,
    figure,
    mean_words,
    period_of,
    point_words,
    said,
    unit_label,
    variation_words,
)
from outcomes.figures.metric import Judged, Reading
from outcomes.spc import PointType

# colour and shape of each kind of point
MARKS = {
    PointType.COMMON: (palette.GREY, "circle"),
    PointType.IMPROVEMENT: (palette.FAVOURABLE, "diamond"),
    PointType.CONCERN: (palette.ADVERSE, "square"),
    PointType.HIGH: (palette.BLUE, "triangle-up"),
    PointType.LOW: (palette.BLUE, "triangle-down"),
}
_KEY = {
    PointType.COMMON: "Common cause",
    PointType.IMPROVEMENT: "Improvement",
    PointType.CONCERN: "Concern",
    PointType.HIGH: "Special cause, high",
    PointType.LOW: "Special cause, low",
}

_NEAR = 0.25  # steps nearer than this share of the chart would write over each other
_BESIDE = (palette.LILAC, palette.ORANGE, palette.TEAL)


def control_chart(reading: Reading, comparators: Sequence[Reading] = ()) -> Chart | None:
    """Values with mean, limits, steps and targets; None where no chart can be drawn.

    Comparators are thin lines, and only where the unit makes areas of different sizes alike.
    """
    if reading.not_charted or not reading.valued:
        return None
    reading = replace(reading, points=reading.charted)
    beside = [
        replace(item, points=item.charted)
        for item in comparators
        if item.area != reading.area and item.compared
    ]
    if reading.measure.unit not in COMPARABLE:
        beside = []
    traces = [
        _level(reading, "Limits", lambda point: point.upl, dash="dot"),
        _level(reading, "Mean", lambda point: point.mean),
        _level(reading, "", lambda point: point.lpl, dash="dot"),
        *_targets(reading),
        *(
            _beside(item, colour, reading)
            for item, colour in zip(beside, _BESIDE * len(beside), strict=False)
        ),
        _values(reading),
        *_marks(reading),
    ]
    layout = layout_of(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1.03 + 0.09 * bool(reading.steps),
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 13},
        },
        xaxis={"type": "date", "fixedrange": True, "showgrid": False, "tickformat": "%b %Y"},
        yaxis=axis(capital(unit_label(reading.measure)) or reading.measure.name)
        | {"tickformat": ",~f", "zeroline": True, "nticks": 7},
        shapes=_step_lines(reading),
        annotations=_step_labels(reading, 30),
        margin={"l": 8, "r": 16, "t": 16, "b": 32},
        meta={
            "narrow": {
                "xaxis.nticks": 4,
                "annotations": _step_labels(reading, 15),
                "legend.font.size": 11,
                "legend.entrywidthmode": "fraction",
                "legend.entrywidth": 0.5,  # two columns
                "legend.y": 1.03 + 0.2 * bool(reading.steps),
            },
            "wide": {"xaxis.nticks": 10},
        },
    )
    first, last = reading.points[0], reading.points[-1]
    unit = unit_label(reading.measure)
    return Chart(
        name="control",
        figure=figure_of(traces, layout),
        title=variation_words(reading).rstrip("."),
        subtitle=f"{reading.measure.name}{f' ({unit})' if unit else ''}, {reading.area_name}, "
        f"{period_words(first.starts, last.ends)}",
        alt=_alt(reading, beside),
        size="m",
    )


def _level(
    reading: Reading, name: str, read: Callable[[Judged], float | None], *, dash: str = "solid"
) -> go.Scatter:
    """A level of the chart, broken where a step begins; without a name it is not in the key."""
    x: list[str] = []
    y: list[float | None] = []
    step = reading.points[0].step
    for point in reading.points:
        if point.step != step:
            x.append(point.starts.isoformat())
            y.append(None)
            step = point.step
        x.append(point.starts.isoformat())
        y.append(read(point))
    return go.Scatter(
        name=name,
        x=x,
        y=y,
        mode="lines",
        line={"color": palette.ZERO_LINE, "width": 1.5, "dash": dash},
        hoverinfo="skip",
        showlegend=bool(name),
    )


def _targets(reading: Reading) -> list[go.Scatter]:
    if all(point.target is None for point in reading.points):
        return []
    return [
        go.Scatter(
            name="Target",
            x=[point.starts.isoformat() for point in reading.points],
            y=[None if point.target is None else float(point.target) for point in reading.points],
            mode="lines+markers" if len(reading.points) < 3 else "lines",
            line={"color": palette.TARGET, "dash": "dash", "width": 2.5, "shape": "hv"},
            hoverinfo="skip",
        )
    ]


def _beside(item: Reading, colour: str, reading: Reading) -> go.Scatter:
    return go.Scatter(
        name=html.escape(item.area_name, quote=False),
        x=[point.starts.isoformat() for point in item.points],
        y=[None if point.value is None else float(point.value) for point in item.points],
        mode="lines",
        connectgaps=False,
        line={"color": colour, "width": 1.25},
        hovertext=[
            f"{html.escape(item.area_name, quote=False)}, {period_of(point)}: "
            f"{said(reading.measure, point.value)}"
            for point in item.points
        ],
        hoverinfo="text",
    )


def _values(reading: Reading) -> go.Scatter:
    return go.Scatter(
        name="Value",
        x=[point.starts.isoformat() for point in reading.points],
        y=[float(p.value) if p.counts and p.value is not None else None for p in reading.points],
        mode="lines",
        connectgaps=False,
        line={"color": palette.GREY, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _marks(reading: Reading) -> list[go.Scatter]:
    """The values, a trace for each kind that there is, so that the key names them."""
    kinds: list[tuple[str, str, tuple[str, str], list[Judged]]] = [
        (_KEY[kind], kind, look, [point for point in reading.points if point.kind == kind])
        for kind, look in MARKS.items()
    ]
    anew = [point for point in reading.valued if not point.counts and not point.overlaps]
    kinds.append(("Definition changed", "", (palette.LILAC, "x-thin-open"), anew))
    return [
        go.Scatter(
            name=name,
            x=[point.starts.isoformat() for point in points],
            y=[float(point.value) for point in points if point.value is not None],
            mode="markers",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 5 if kind == PointType.COMMON else 9,
            },
            hovertext=[
                html.escape(
                    f"{period_of(point)}: {said(reading.measure, point.value, point.hedge)}. "
                    f"{point_words(point)}",
                    quote=False,
                )
                for point in points
            ],
            hoverinfo="text",
        )
        for name, kind, (colour, symbol), points in kinds
        if points
    ]


def _drawn_steps(reading: Reading) -> list[tuple[str, str]]:
    """The day at which each step is drawn, with its reason: those that part the series."""
    days = [point.starts for point in reading.points]
    return [
        (next(day for day in days if day >= step.on).isoformat(), step.reason)
        for step in reading.steps
        if days[0] < step.on <= days[-1]
    ]


def _step_lines(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": palette.BLUE, "width": 1.5, "dash": "dashdot"},
        }
        for day, _ in _drawn_steps(reading)
    ]  # fmt: skip


def _step_labels(reading: Reading, width: int) -> list[dict[str, Any]]:
    """Reasons over their steps, in lines of so many letters; two near ones lean apart."""
    steps = _drawn_steps(reading)
    span = (reading.points[-1].starts - reading.points[0].starts).days
    days = [date.fromisoformat(day) for day, _ in steps]
    near = [(b - a).days < _NEAR * span for a, b in pairwise(days)]
    anchors = [
        "left" if before else "right" if after else "center"
        for before, after in zip([False, *near], [*near, False], strict=False)
    ]
    return [
        {
            "x": day, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": anchor,
            "showarrow": False, "font": {"size": 12, "color": palette.BLUE},
            "text": _in_lines(reason, width),
        }
        for (day, reason), anchor in zip(steps, anchors, strict=False)
    ]  # fmt: skip


def _in_lines(text: str, width: int) -> str:
    """Two lines of so many letters for a chart, shortened where it is longer."""
    lines = textwrap.wrap(textwrap.shorten(text, 2 * width, placeholder=" …"), width)
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _alt(reading: Reading, beside: Sequence[Reading]) -> str:
    measure, last = reading.measure, next(p for p in reversed(reading.points) if p.counts)
    counted = [point for point in reading.points if point.counts]
    parts = [
        f"Control chart of {number(len(counted))} values, "
        f"{period_of(counted[0])} to {period_of(counted[-1])}.",
        f"Latest: {said(measure, last.value, last.hedge)}.",
        f"Mean {figure(measure, last.mean, more=1)}"
        + (
            f", limits {figure(measure, last.lpl, more=1)} and {figure(measure, last.upl, more=1)}."
            if last.lpl is not None
            else ", no limits yet."
        ),
    ]
    for kind, name in KINDS.items():
        points = [point for point in counted if point.kind == kind]
        if points and kind != PointType.COMMON:
            parts.append(f"{name} at {number(len(points))} of them.")
    parts += [f"Limits start anew: {reason.rstrip('.')}." for _, reason in _drawn_steps(reading)]
    if reading.moved:
        parts.append(f"{capital(mean_words(measure, reading.moved))}.")
    if beside:
        parts.append(f"Beside it: {in_a_list([item.area_name for item in beside])}.")
    return " ".join(parts)
