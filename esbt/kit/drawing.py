"""What all our Plotly figures share. Only in figures do pence and decimals become floats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette

MILLION = 100_000_000  # pence in £1m


@dataclass(frozen=True, slots=True)
class Chart:
    """A Plotly figure with its words."""

    name: str  # an id within the page
    figure: dict[str, Any] = field(hash=False)
    title: str  # states the finding
    subtitle: str  # states measure, unit and period
    alt: str
    size: str = "m"  # height class, which the page reserves: "s", "m" or "l"
    caveats: tuple[str, ...] = ()  # what a reader must know who sees the picture and no page


def axis(title: str) -> dict[str, Any]:
    """An axis whose title is written out."""
    return {
        "title": {"text": title, "font": {"size": 13}},
        "gridcolor": palette.RULE,
        "zerolinecolor": palette.ZERO_LINE,
        "zerolinewidth": 2,
        "automargin": True,
        "fixedrange": True,
    }


def layout_of(**given: Any) -> dict[str, Any]:
    """Our layout with what a chart gives of its own."""
    return {
        "template": None,
        "font": {"family": "Arial, sans-serif", "size": 14, "color": palette.TEXT},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "showlegend": False,
        "dragmode": False,
        "hoverlabel": {"bgcolor": "#FFFFFF", "font": {"size": 14, "color": palette.TEXT}},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
    } | given


def figure_of(traces: Sequence[Any], layout: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a figure and make it a plain dictionary of lists, texts and numbers."""
    figure = go.Figure(data=list(traces), layout=dict(layout)).to_dict()
    return {"data": [_plain(trace) for trace in figure["data"]], "layout": _plain(figure["layout"])}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "template"}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
