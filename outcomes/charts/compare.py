"""One metric across areas in one period: ranked bars, and a funnel where denominators are known.

Funnel limits lie around the pooled mean p = sum of numerators / sum of denominators. For an area
of denominator n they are p ± z √(p (1 - p) / n) for a percentage (the normal approximation of the
binomial) and p ± z √(p / n) for a rate (the same of Poisson), with z = 1.96 for 95% and 3.09 for
99.8% of areas that differ by chance alone, times what the metric is per. Nothing lies below 0, and
no percentage above 100.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import Chart, axis, figure_of, layout_of
from esbt.kit.words import capital, in_a_list, number
from outcomes.charts.words import PERCENT, direction_of, figure, said, unit_label
from outcomes.figures.metric import Measure

Z95, Z998 = 1.96, 3.09
_LABELLED = 8  # outliers with a name in the picture; the table names all
_LABEL_WIDE, _LABEL_HIGH = 0.2, 0.05  # shares of the picture that a name takes
_ROOM = 24  # rows of names for which the ranked bars have room
_CURVE = 60  # points along a limit


@dataclass(frozen=True, slots=True)
class Placed:
    """An area's value in the period, and where it stands to the funnel's limits."""

    area: str  # its code
    name: str
    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    hedge: str = ""
    is_home: bool = False
    is_beside: bool = False  # England, a region or another comparator: drawn apart, never ranked
    side: str = ""  # "above" or "below" the limits that it is outside of; "" within
    outside: str = ""  # "95%" or "99.8%"


@dataclass(frozen=True, slots=True)
class Limits:
    """The funnel: its pooled mean (a share of one) and how far chance reaches."""

    mean: float
    per: int
    percent: bool

    def at(self, denominator: float, z: float) -> tuple[float, float]:
        """Lower and upper limit for a denominator, in the metric's unit."""
        spread = self.mean * (1 - self.mean) if self.percent else self.mean
        reach = z * math.sqrt(max(spread, 0) / denominator)
        low, high = max(self.mean - reach, 0), self.mean + reach
        return low * self.per, (min(high, 1) if self.percent else high) * self.per


def limits_of(measure: Measure, areas: Sequence[Placed]) -> Limits | None:
    """The funnel of areas with their counts; None where a funnel means nothing."""
    counted = [
        (area.numerator, area.denominator)
        for area in areas
        if not area.is_beside and area.numerator is not None and area.denominator
    ]
    if measure.unit not in (PERCENT, "rate") or len(counted) < 3:
        return None
    above = sum((above for above, _ in counted), Decimal(0))
    below = sum((below for _, below in counted), Decimal(0))
    return Limits(float(above / below), measure.per, measure.unit == PERCENT)


def side_of(area: Placed, limits: Limits) -> tuple[str, str]:
    """On which side of which limits an area lies; ("", "") within both or without counts."""
    if area.numerator is None or not area.denominator:
        return "", ""
    value = float(area.numerator / area.denominator) * limits.per
    for z, name in ((Z998, "99.8%"), (Z95, "95%")):
        low, high = limits.at(float(area.denominator), z)
        if value < low or value > high:
            return ("below" if value < low else "above"), name
    return "", ""


def outside_words(area: Placed) -> str:
    """Where an area lies: "above the 99.8% limits", "within the limits"."""
    if area.outside:
        return f"{area.side} the {area.outside} limits"
    return "within the limits" if area.numerator is not None and area.denominator else ""


def overdispersion_words(areas: Sequence[Placed]) -> str:
    """That areas differ more than chance alone has it, in a sentence; "" where that is not plain.

    It is where more than one in ten, and three or more, lie outside limits meant for one in 500.
    """
    held = [area for area in areas if not area.is_beside and area.denominator]
    far = sum(area.outside == "99.8%" for area in held)
    if far < 3 or 10 * far <= len(held):
        return ""
    return (
        f"The areas differ more than chance alone has it: {number(far)} of {number(len(held))} "
        "lie outside the 99.8% limits. The limits are of chance, so lying outside "
        "them says that an area differs, not why."
    )


def _farthest(areas: Sequence[Placed], limits: Limits) -> list[Placed]:
    """Areas outside the 99.8% limits, the farthest from the mean by its own spread first."""

    def distance(area: Placed) -> float:
        low, high = limits.at(float(area.denominator or 1), Z998)
        return abs(float(area.value) - limits.mean * limits.per) / ((high - low) or 1)

    return sorted((a for a in areas if a.outside == "99.8%"), key=distance, reverse=True)


def funnel(measure: Measure, areas: Sequence[Placed], limits: Limits, *, period: str) -> Chart:
    """Values by their denominators, with the limits within which chance alone moves them."""
    shown = [area for area in areas if not area.is_beside and area.denominator]
    sizes = [float(area.denominator or 1) for area in shown]
    low, high = min(sizes), max(sizes)
    curve = [low + (high - low) * (step / _CURVE) ** 2 for step in range(_CURVE + 1)]
    far = _farthest(shown, limits)
    inside = [a for a in shown if a.outside != "99.8%" and not a.is_home]
    outside = [a for a in far if not a.is_home]
    home = [area for area in shown if area.is_home]
    labels = _labels(outside[:_LABELLED], shown)  # the key names the home area
    traces = [
        *_curves(limits, curve),
        _dots(measure, "Within 99.8%", inside, palette.GREY, "circle", 7),
        *(
            _dots(measure, f"Outside 99.8%{f', {side}' if side else ''}", own, colour, symbol, 9)
            for side, (colour, symbol) in _SIDES.items()
            if (own := [area for area in outside if judged(measure, area) == side])
        ),
        *(_dots(measure, area.name, [area], palette.BLUE, "diamond", 14) for area in home),
    ]
    layout = layout_of(
        showlegend=True,
        legend=_KEY,
        xaxis=axis(capital(measure.denominator) or "Denominator")
        | {"tickformat": ",~s", "zeroline": False},
        yaxis=axis(capital(unit_label(measure)) or measure.name) | {"tickformat": ",~f"},
        annotations=labels,
        margin={"l": 8, "r": 24, "t": 16, "b": 40},
        meta={
            "narrow": {"xaxis.nticks": 4, "annotations": []},
            "wide": {"xaxis.nticks": 10, "annotations": labels},
        },
    )
    mean = said(measure, limits.mean * limits.per)
    alt = (
        f"Funnel plot of {number(len(shown))} areas around {mean}. "
        f"{capital(number(len(far)))} lie outside the 99.8% limits"
        + (f", the farthest {in_a_list([area.name for area in far[:3]])}." if far else ".")
        + "".join(
            f" {area.name}: {said(measure, area.value, area.hedge)}, {outside_words(area)}."
            for area in home
        )
    )
    return Chart(
        name="funnel",
        figure=figure_of(traces, layout),
        title=_funnel_title(measure, home, far, len(shown)),
        subtitle=f"{measure.name}, by size of area, {period}; limits around the pooled mean",
        alt=alt,
        size="l",
    )


def judged(measure: Measure, area: Placed) -> str:
    """Whether an area outside the limits is favourable or adverse by the metric's direction."""
    found = direction_of(Decimal({"above": 1, "below": -1}.get(area.side, 0)), measure)
    return "" if found == "none" else found


def _funnel_title(
    measure: Measure, home: Sequence[Placed], far: Sequence[Placed], count: int
) -> str:
    if home:
        place = ", ".join(filter(None, [outside_words(home[0]), judged(measure, home[0])]))
        chance = ": more than chance explains" if home[0].outside == "99.8%" else ""
        return f"{home[0].name} lies {place}{chance}"
    return f"{capital(number(len(far)))} of {number(count)} areas lie outside the 99.8% limits"


# colour and shape of areas outside the limits, by whether that is favourable or adverse
_SIDES = {
    "favourable": (palette.FAVOURABLE, "triangle-up"),
    "adverse": (palette.ADVERSE, "square"),
    "": (palette.ORANGE, "square"),
}
_KEY = {
    "orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemclick": False,
    "itemdoubleclick": False, "font": {"size": 13},
}  # fmt: skip


def _curves(limits: Limits, curve: Sequence[float]) -> list[go.Scatter]:
    traces = []
    for z, name, dash in ((Z998, "99.8% limits", "solid"), (Z95, "95% limits", "dot")):
        for side in (0, 1):
            traces.append(
                go.Scatter(
                    name=name,
                    x=curve,
                    y=[limits.at(size, z)[side] for size in curve],
                    mode="lines",
                    line={"color": palette.ZERO_LINE, "width": 1.5, "dash": dash},
                    hoverinfo="skip",
                    showlegend=not side,
                )
            )
    level = limits.mean * limits.per
    traces.append(
        go.Scatter(
            name="Pooled mean",
            x=[curve[0], curve[-1]],
            y=[level, level],
            mode="lines",
            line={"color": palette.GREY, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
        )
    )
    return traces


def _dots(
    measure: Measure, name: str, areas: Sequence[Placed], colour: str, symbol: str, size: int
) -> go.Scatter:
    return go.Scatter(
        name=html.escape(name, quote=False),
        x=[float(area.denominator or 0) for area in areas],
        y=[float(area.value) for area in areas],
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": size},
        hovertext=[_hover(measure, area) for area in areas],
        hoverinfo="text",
        showlegend=bool(areas),
    )


def _hover(measure: Measure, area: Placed) -> str:
    words = ", ".join(filter(None, [said(measure, area.value, area.hedge), outside_words(area)]))
    return html.escape(f"{area.name}: {words}", quote=False)


def _labels(wanted: Sequence[Placed], shown: Sequence[Placed]) -> list[dict[str, Any]]:
    """Names of areas, without those that would lie over another."""
    wide = max(float(area.denominator or 0) for area in shown) * _LABEL_WIDE
    values = [float(area.value) for area in shown]
    high = (max(values) - min(values)) * _LABEL_HIGH
    kept: list[Placed] = []
    for area in wanted:
        if not any(
            abs(float((area.denominator or 0) - (other.denominator or 0))) < wide
            and abs(float(area.value - other.value)) < high
            for other in kept
        ):
            kept.append(area)
    return [_label(area) for area in kept]


def _label(area: Placed) -> dict[str, Any]:
    return {
        "x": float(area.denominator or 0),
        "y": float(area.value),
        "text": html.escape(area.name, quote=False),
        "showarrow": False,
        "yshift": 13,
        "font": {"size": 12, "color": palette.TEXT},
    }


def ranked(measure: Measure, areas: Sequence[Placed], *, period: str) -> Chart | None:
    """Bars of all areas, the largest above; comparators are lines across, and not ranked."""
    rows = sorted((a for a in areas if not a.is_beside), key=lambda area: (area.value, area.name))
    if len(rows) < 2:
        return None
    beside = [area for area in areas if area.is_beside]
    places = list(range(len(rows)))
    named = _named(rows)
    layout = layout_of(
        xaxis=axis(capital(unit_label(measure)) or measure.name)
        | {"tickformat": ",~f", "rangemode": "tozero"},
        yaxis={
            "tickvals": named,
            "ticktext": [html.escape(rows[place].name, quote=False) for place in named],
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
            "range": [-0.7, len(rows) - 0.3],
        },
        bargap=0.25,
        shapes=[
            {
                "type": "line", "x0": float(a.value), "x1": float(a.value), "y0": 0, "y1": 1,
                "yref": "paper", "line": {"color": palette.GREY, "width": 2, "dash": "dash"},
            }
            for a in beside
        ],
        annotations=_beside_labels(measure, beside),
        margin={"l": 8, "r": 24, "t": 16 + 18 * len(beside), "b": 40},
        meta={"narrow": {"xaxis.nticks": 4}, "wide": {"xaxis.nticks": 8}},
    )  # fmt: skip
    bars = go.Bar(
        x=[float(area.value) for area in rows],
        y=places,
        orientation="h",
        marker={
            "color": [palette.BLUE if area.is_home else "#AEB7BD" for area in rows],
        },
        hovertext=[_hover(measure, area) for area in rows],
        hoverinfo="text",
    )
    return Chart(
        name="ranked",
        figure=figure_of([bars], layout),
        title=_ranked_title(measure, rows),
        subtitle=f"{measure.name}, {period}, the largest above",
        alt=_ranked_alt(measure, rows, beside),
        size="l" if len(rows) > 8 else "m",
    )


def _named(rows: Sequence[Placed]) -> list[int]:
    """The rows that have room for a name: the home area first, then both ends."""
    apart = math.ceil(len(rows) / _ROOM)
    wanted = [place for place, row in enumerate(rows) if row.is_home]
    if apart == 1:
        return list(range(len(rows)))
    for place in (len(rows) - 1, 0):
        if all(abs(place - other) >= apart for other in wanted):
            wanted.append(place)
    return sorted(wanted)


def _beside_labels(measure: Measure, beside: Sequence[Placed]) -> list[dict[str, Any]]:
    return [
        {
            "x": float(area.value), "y": 1, "yref": "paper", "yanchor": "bottom",
            "yshift": 18 * row, "showarrow": False, "font": {"size": 12},
            "text": html.escape(f"{area.name} {said(measure, area.value)}", quote=False),
        }
        for row, area in enumerate(beside)
    ]  # fmt: skip


def rank_of(rows: Sequence[Placed], area: Placed) -> int:
    """An area's rank from the largest; areas of one value share theirs."""
    return 1 + sum(other.value > area.value for other in rows)


def rank_words(rows: Sequence[Placed], area: Placed) -> str:
    """The rank within a sentence: "place 4 of 150 from the largest"."""
    return f"place {rank_of(rows, area)} of {len(rows)} from the largest"


def _ranked_title(measure: Measure, rows: Sequence[Placed]) -> str:
    home = next((area for area in rows if area.is_home), None)
    if home is None:
        return f"From {said(measure, rows[0].value)} to {said(measure, rows[-1].value)}"
    value = said(measure, home.value, home.hedge)
    return f"{home.name}: {value}, {rank_words(rows, home)}"


def _ranked_alt(measure: Measure, rows: Sequence[Placed], beside: Sequence[Placed]) -> str:
    parts = [
        f"Bars of {number(len(rows))} areas.",
        f"Highest: {rows[-1].name}, {said(measure, rows[-1].value)}.",
        f"Lowest: {rows[0].name}, {said(measure, rows[0].value)}.",
        *(
            f"{area.name}: {said(measure, area.value)}, {rank_words(rows, area)}."
            for area in rows
            if area.is_home
        ),
        *(f"Beside them: {area.name}, {figure(measure, area.value)}." for area in beside),
    ]
    return " ".join(parts)
