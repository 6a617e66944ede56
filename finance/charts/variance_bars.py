"""Variances as bars on both sides of nothing, with words made from the same numbers."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import MILLION, Chart, axis, figure_of, layout_of
from esbt.kit.words import in_a_list
from finance.charts.words import amount, direction_of, step_text, variance_words

MOST = 15  # bars with a name; the rest is one bar
SMALL, MEDIUM = 4, 9  # bars that fit in each height that a page reserves


@dataclass(frozen=True, slots=True)
class Bar:
    """A named variance, favourable-positive; None is not stated."""

    name: str
    pence: int | None


def heading_bars(bars: Sequence[Bar], *, period: str = "") -> Chart | None:
    """Variances by heading, the largest first. None where none is stated."""
    stated = _stated(bars)
    if not stated:
        return None
    return _chart(
        "headings",
        "heading",
        _shown(stated, "heading"),
        title=_heading_title(stated),
        period=period,
        silent=[bar.name for bar in bars if bar.pence is None],
    )


def cause_bars(
    bars: Sequence[Bar], variance_pence: int | None, *, period: str = ""
) -> Chart | None:
    """What a variance is due to, the largest first, and last what nobody has explained of it.

    None where no amount is stated.
    """
    stated = [bar for bar in _stated(bars) if bar.pence]
    if not stated:
        return None
    explained = sum(bar.pence or 0 for bar in stated)
    shown = _shown(stated, "cause")
    rest = None if variance_pence is None else variance_pence - explained
    if rest:
        shown = [*shown, Bar("Not explained", rest)]
    return _chart(
        "causes",
        "cause",
        shown,
        title=_cause_title(stated, explained, variance_pence),
        period=period,
        silent=[bar.name for bar in bars if bar.pence is None],
    )


def _stated(bars: Sequence[Bar]) -> list[Bar]:
    """The bars that state something, the largest first, ties in the order given."""
    return sorted(
        (bar for bar in bars if bar.pence is not None), key=lambda bar: -abs(bar.pence or 0)
    )


def _shown(stated: list[Bar], noun: str) -> list[Bar]:
    if len(stated) <= MOST + 1:
        return stated
    rest = stated[MOST:]
    return [
        *stated[:MOST],
        Bar(f"{len(rest)} more {noun}s together", sum(bar.pence or 0 for bar in rest)),
    ]


def _heading_title(stated: Sequence[Bar]) -> str:
    """Where the largest adverse variance is, or that there is none."""
    adverse = [bar for bar in stated if (bar.pence or 0) < 0]
    if adverse:
        return f"The largest adverse variance is on {_largest(adverse)}"
    favourable = [bar for bar in stated if (bar.pence or 0) > 0]
    if favourable:
        return f"No heading is adverse to plan; the most favourable is {_largest(favourable)}"
    return "Every heading is on plan"


def _cause_title(stated: Sequence[Bar], explained: int, variance: int | None) -> str:
    """The largest cause in the direction of the variance, and how much of it is explained."""
    whole = explained if variance is None else variance
    with_it = [bar for bar in stated if direction_of(bar.pence) == direction_of(whole)]
    top = f"The largest cause is {_largest(with_it or stated)}"
    if variance is None:
        return f"{top}; the variance itself is not stated"
    rest = variance - explained
    if not rest:
        return f"{top}; the whole of {variance_words(variance)} is explained"
    said = f"the whole is {variance_words(variance)}, and {variance_words(rest)} is not explained"
    return f"{top}; {said}"


def _largest(bars: Sequence[Bar]) -> str:
    """Name the largest, or those whose printed amounts are alike: "pay and drugs: £1.2m each"."""
    largest = amount(bars[0].pence or 0)
    same = [bar.name.lower() for bar in bars if amount(bar.pence or 0) == largest]
    shown = same if len(same) <= 3 else [*same[:2], f"{len(same) - 2} more"]
    return f"{in_a_list(shown)}: {largest}{' each' if len(same) > 1 else ''}"


def _chart(
    name: str, noun: str, bars: Sequence[Bar], *, title: str, period: str, silent: Sequence[str]
) -> Chart:
    said = [f"Bars of variances by {noun}, the largest first."]
    said += [f"{bar.name}: {variance_words(bar.pence or 0)}." for bar in bars]
    if silent:
        said.append(f"Not drawn, for want of an amount: {in_a_list(silent)}.")
    return Chart(
        name=name,
        figure=figure_of([_trace(bars)], _layout(bars)),
        title=title,
        subtitle="Variance to date in £m"
        + (f", {period}" if period else "")
        + "; ▲ favourable, ▼ adverse",
        alt=" ".join(said),
        size="s" if len(bars) <= SMALL else "m" if len(bars) <= MEDIUM else "l",
    )


def _trace(bars: Sequence[Bar]) -> Any:
    colours = {"favourable": palette.FAVOURABLE, "adverse": palette.ADVERSE}
    hover = [f"{bar.name}: {variance_words(bar.pence or 0)}" for bar in bars]
    return go.Bar(
        orientation="h",
        y=list(range(len(bars))),
        x=[(bar.pence or 0) / MILLION for bar in bars],
        width=0.6,
        marker={"color": [colours.get(direction_of(bar.pence), palette.GREY) for bar in bars]},
        text=[step_text(bar.pence or 0) for bar in bars],
        textposition="outside",
        cliponaxis=False,
        hovertext=[html.escape(text, quote=False) for text in hover],
        hoverinfo="text",
    )


def _layout(bars: Sequence[Bar]) -> dict[str, Any]:
    ends = [(bar.pence or 0) / MILLION for bar in bars]
    low, high = min(0.0, *ends), max(0.0, *ends)
    step = (high - low) or 1

    def span(room: float) -> list[float]:
        return [low - step * (room if low < 0 else 0.04), high + step * (room if high else 0.04)]

    def names(width: int) -> list[str]:
        return in_two_lines([bar.name for bar in bars], width)

    return layout_of(
        xaxis=axis("£m, favourable or (adverse)")
        | {"range": span(0.16), "tickformat": "(,~f", "zeroline": True, "showgrid": True},
        yaxis={
            "range": [len(bars) - 0.4, -0.6],  # read from the top
            "tickvals": list(range(len(bars))),
            "ticktext": names(34),
            "automargin": True,
            "ticks": "",
            "fixedrange": True,
            "showgrid": False,
        },
        meta={
            "narrow": {
                "xaxis.nticks": 4,
                "xaxis.range": span(0.45),
                "yaxis.ticktext": names(17),
                "yaxis.tickfont": {"size": 12},
            },
            "wide": {"xaxis.nticks": 9},
        },
    )


def in_two_lines(names: Sequence[str], width: int) -> list[str]:
    """Names as an axis has room for them; Plotly reads a little HTML, so they are escaped."""
    return [
        "<br>".join(
            html.escape(line, quote=False)
            for line in textwrap.wrap(name, width, max_lines=2, placeholder="…")
        )
        for name in names
    ]
