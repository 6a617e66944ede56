"""Schemes by what they contribute, with words made from the same numbers."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import Chart, axis, figure_of, layout_of
from esbt.kit.money import UNIT_LABELS, Unit, divide_half_away, format_pence, rounds_to_zero
from esbt.kit.words import ARROWS, in_a_list
from finance.charts.savings import signed
from finance.charts.words import amount, direction_of, direction_words, variance_words
from finance.figures.savings import SavingFigures, SchemeRow, add_stated

MOST = 15  # bars with a name; the rest is one bar
SMALL, MEDIUM = 4, 8  # bars that fit in each height that a page reserves
_PER = {"m": 100_000_000, "k": 100_000, "gbp": 100}
_FORECAST, _TO_DATE, _PLAN, _MIXED = "forecast", "to date", "plan", "together"
_FILLS = {
    _FORECAST: palette.BLUE,
    _TO_DATE: palette.LILAC,
    _PLAN: "#FFFFFF",
    _MIXED: palette.GREY,
}


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    kind: str
    pence: int
    plan_pence: int | None  # of the same period; None where the bar is the plan itself
    variance_pence: int | None

    @property
    def value(self) -> str:
        return {_TO_DATE: " to date", _PLAN: " planned"}.get(self.kind, "")

    @property
    def words(self) -> str:
        """Say "forecast £2.0m, plan £2.4m, £0.4m adverse"."""
        said = [f"{self.kind} {signed(self.pence)}"]
        if self.plan_pence is not None:
            said.append(f"plan {signed(self.plan_pence)}")
        if self.variance_pence is not None:
            said.append(variance_words(self.variance_pence))
        return ", ".join(said)


def _bar(name: str, figures: SavingFigures) -> _Bar | None:
    """What a scheme contributes: its forecast, else what it saved to date, else its plan."""
    if figures.forecast_pence is not None:
        return _Bar(
            name, _FORECAST, figures.forecast_pence,
            figures.plan_pence, figures.forecast_variance_pence,
        )  # fmt: skip
    if figures.actual_pence is not None:
        return _Bar(
            name, _TO_DATE, figures.actual_pence,
            figures.compared_plan_pence, figures.variance_pence,
        )  # fmt: skip
    if figures.plan_pence is not None:
        return _Bar(name, _PLAN, figures.plan_pence, None, None)
    return None


def _rest(bars: Sequence[_Bar]) -> _Bar:
    """What is left over as one bar."""
    kinds = {bar.kind for bar in bars}
    return _Bar(
        f"{len(bars)} more scheme{'' if len(bars) == 1 else 's'}",
        kinds.pop() if len(kinds) == 1 else _MIXED,
        sum(bar.pence for bar in bars),
        add_stated(bar.plan_pence for bar in bars),
        add_stated(bar.variance_pence for bar in bars),
    )


def scheme_bars(
    rows: Sequence[SchemeRow], total: SavingFigures, *, unit: Unit = "m", period: str = ""
) -> Chart | None:
    """Schemes sorted by contribution, the plan as a mark and the variance beside.

    ``rows`` are those that add to the total. What a scheme does not state is not drawn: the
    alternative text names it. None where no scheme states anything.
    """
    pairs = [(row, _bar(row.name, row.figures)) for row in rows]
    every = sorted(
        ((row, bar) for row, bar in pairs if bar),
        key=lambda pair: (-pair[1].pence, pair[0].position, pair[0].code),
    )
    if not every:
        return None
    named = [bar for _, bar in every]
    bars = [*named[:MOST], _rest(named[MOST:])] if len(named) > MOST + 1 else named
    silent = [row.name for row, bar in pairs if bar is None]
    planned = {bar.kind for bar in named} == {_PLAN}
    return Chart(
        name="schemes",
        figure=figure_of(_traces(bars, unit, planned), _layout(bars, unit, planned)),
        title=_plan_title(named, total) if planned else _title(named),
        subtitle=_subtitle(bars, unit, planned) + (f", {period}" if period else ""),
        alt=_alt(bars, silent, planned),
        size="s" if len(bars) <= SMALL else "m" if len(bars) <= MEDIUM else "l",
    )


def _traces(bars: Sequence[_Bar], unit: Unit, planned: bool) -> list[Any]:
    places = list(range(len(bars)))
    fills = [palette.BLUE if planned else _FILLS[bar.kind] for bar in bars]
    hover = [html.escape(f"{bar.name}: {bar.words}", quote=False) for bar in bars]
    traces: list[Any] = [
        go.Bar(
            orientation="h",
            y=places,
            x=[bar.pence / _PER[unit] for bar in bars],
            marker={
                "color": fills,
                "line": {
                    "color": [palette.GREY if fill == "#FFFFFF" else fill for fill in fills],
                    "width": 1.5,
                },
            },
            width=0.56,
            hovertext=hover,
            hoverinfo="text",
        )
    ]
    marks = [(place, bar) for place, bar in enumerate(bars) if bar.plan_pence is not None]
    if marks:
        # dark on a light edge, so that it is seen on a bar as well as beside it
        traces += [
            go.Scatter(
                mode="markers",
                y=[place for place, _ in marks],
                x=[(bar.plan_pence or 0) / _PER[unit] for _, bar in marks],
                marker={
                    "symbol": "line-ns",
                    "size": 22,
                    "line": {"width": width, "color": colour},
                },
                hoverinfo="skip",
            )
            for width, colour in ((5, "#FFFFFF"), (3, palette.TARGET))
        ]
    return traces


def _layout(bars: Sequence[_Bar], unit: Unit, planned: bool) -> dict[str, Any]:
    per = _PER[unit]
    ends = [max(bar.pence, bar.plan_pence or 0, 0) for bar in bars]
    high, low = max(ends) / per, min(0, *(bar.pence for bar in bars)) / per
    span = (high - low) or 1

    def reach(room: float) -> list[float]:
        return [low - (span * 0.04 if low else 0), high + span * room]

    def beside(between: str, size: int) -> list[dict[str, Any]]:
        return [
            {
                "x": end / per,
                "y": place,
                "xanchor": "left",
                "xshift": 6,
                "align": "left",
                "showarrow": False,
                "font": {"size": size},
                "text": _beside(bar, unit, between, planned),
            }
            for place, (bar, end) in enumerate(zip(bars, ends, strict=True))
        ]

    def names(width: int) -> list[str]:
        return [_name(bar.name, width) for bar in bars]

    return layout_of(
        xaxis=axis(UNIT_LABELS[unit])
        | {"range": reach(0.3), "tickformat": ",~f", "zeroline": True, "showgrid": True},
        yaxis={
            "range": [len(bars) - 0.4, -0.6],  # read from the top
            "tickvals": list(range(len(bars))),
            "ticktext": names(36),
            "automargin": True,
            "ticks": "",
            "ticklabelstandoff": 6,
            "fixedrange": True,
            "showgrid": False,
        },
        bargap=0.3,
        annotations=beside("  ", 14),
        meta={
            "narrow": {
                "xaxis.nticks": 4,
                "xaxis.range": reach(0.5 if planned else 1.0),
                "yaxis.ticktext": names(17),
                "yaxis.tickfont": {"size": 12},
                "annotations": beside("<br>", 12),
            },
            "wide": {"xaxis.nticks": 9},
        },
    )


def _name(name: str, width: int) -> str:
    """A name in at most two lines; Plotly reads a little HTML in its texts, so it is escaped."""
    lines = textwrap.wrap(name, width, max_lines=2, placeholder="…")
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _beside(bar: _Bar, unit: Unit, between: str, planned: bool) -> str:
    value = format_pence(bar.pence, unit) + ("" if planned else bar.value)
    if bar.variance_pence is None:
        return value
    direction = direction_of(bar.variance_pence)
    if direction == "none":
        return f"{value}{between}on plan"
    if rounds_to_zero(bar.variance_pence, unit):
        return f"{value}{between}{direction_words(bar.variance_pence, direction, unit=unit)}"
    size = format_pence(abs(bar.variance_pence), unit)
    return f"{value}{between}{ARROWS[direction]} {size} {direction}"


def _subtitle(bars: Sequence[_Bar], unit: Unit, planned: bool) -> str:
    if planned:
        return f"Plan for the year in {UNIT_LABELS[unit]}, by scheme"
    kinds = {bar.kind for bar in bars}
    said = []
    if _FORECAST in kinds:
        bar = "bar" if len(kinds) == 1 else "dark bar"
        said.append(f"{bar}: forecast for the year")
    if _TO_DATE in kinds:
        alone = len(kinds) == 1
        said.append(
            "bar: saved to date" if alone else "light bar: saved to date, where nothing is forecast"
        )
    if _PLAN in kinds:
        said.append("hollow bar: plan, where there is nothing else")
    if _MIXED in kinds:
        said.append("grey bar: the rest together")
    if any(bar.plan_pence is not None for bar in bars):
        said.append("upright line: plan")
    return f"In {UNIT_LABELS[unit]}, by scheme; {'; '.join(said)}"


def _top(pairs: Sequence[tuple[str, int]]) -> tuple[list[str], str]:
    """The names whose printed amounts are the largest, and that amount."""
    largest = amount(max(pence for _, pence in pairs))
    return [name for name, pence in pairs if amount(pence) == largest], largest


def _plan_title(bars: Sequence[_Bar], total: SavingFigures) -> str:
    """Which schemes carry the plan: "Proactive care carries £28.9m of £53.7m, 54%"."""
    names, largest = _top([(bar.name, bar.pence) for bar in bars])
    whole = total.plan_pence
    each = f"{largest}{' each' if len(names) > 1 else ''}"
    carry = f"{in_a_list(names)} {'carry' if len(names) > 1 else 'carries'} {each}"
    if not whole or whole < 0:
        return carry
    if len(bars) == 1 and bars[0].pence == whole:
        return f"{bars[0].name} carries the whole plan of {amount(whole)}"
    share = divide_half_away(bars[0].pence * 100, whole)
    return f"{carry} of {amount(whole)}, {share}%"


def _title(bars: Sequence[_Bar]) -> str:
    """Where the largest shortfall is, or that there is none."""
    compared = [bar for bar in bars if bar.variance_pence is not None]
    short = [(bar, -pence) for bar in compared if (pence := bar.variance_pence or 0) < 0]
    if not compared:
        return "No scheme can be compared with its plan yet"
    if not short:
        every = "Every scheme" if len(compared) == len(bars) else "Every scheme that is compared"
        return f"{every} is on plan or better"
    names, largest = _top([(bar.name, pence) for bar, pence in short])
    shown = names if len(names) <= 2 else [*names[:2], f"{len(names) - 2} more"]
    kinds = {bar.kind for bar, _ in short if bar.name in names}
    what = "in the forecast" if kinds == {_FORECAST} else "to date" if kinds == {_TO_DATE} else ""
    each = " each" if len(names) > 1 else ""
    whole = "The only shortfall" if len(short) == 1 else "The largest shortfall"
    plan = f"adverse to plan {what}".strip()
    return f"{whole} is in {in_a_list(shown)}: {largest}{each} {plan}"


def _alt(bars: Sequence[_Bar], silent: Sequence[str], planned: bool) -> str:
    opening = "Bars of the plan by scheme" if planned else "Bars by scheme"
    said = [f"{opening}, the largest first."]
    said += [f"{bar.name}: {bar.words}." for bar in bars]
    if silent:
        said.append(f"Not drawn, for want of figures: {in_a_list(silent)}.")
    return " ".join(said)
