"""Who bears a pool's variance under the rules in force and under a what-if, bar beside bar."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import Chart, axis, figure_of, layout_of
from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell, format_pence, words
from esbt.kit.words import capital, in_a_list
from finance.charts.shapes import Table

_PER: dict[Unit, int] = {"m": 100_000_000, "k": 100_000, "gbp": 100}
MOST = 12  # that are drawn; the table has them all
SMALL, MEDIUM = 3, 6


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who bears some of a variance, favourable-positive pence; ``now`` is None where not shared."""

    code: str  # "" for what is no partner
    name: str
    put_in_pence: int | None
    now_pence: int | None
    what_if_pence: int

    @property
    def difference_pence(self) -> int | None:
        """What the what-if adds to what it bears now: less than 0 costs it more."""
        return None if self.now_pence is None else self.what_if_pence - self.now_pence


def borne(pence: int | None) -> str:
    """A share in words: "bears £1,000", "gains £1,000" or "has no part"."""
    if pence is None:
        return "not shared"
    if not pence:
        return "has no part"
    return f"{'bears' if pence < 0 else 'gains'} {words(abs(pence), 'gbp')}"


def what_if_sentence(bearers: Sequence[Bearer], variance_pence: int, pool: str) -> str:
    """What the what-if says: the variance, and each partner's part of it, the largest first."""
    if not variance_pence:
        return f"What if {pool} had no variance: there would be nothing to share."
    kind = "overspend" if variance_pence < 0 else "underspend"
    ordered = sorted(bearers, key=lambda item: -abs(item.what_if_pence))
    parts = [
        f"{_told(item)}{_beside(item)}" for item in ordered if item.what_if_pence or item.now_pence
    ]
    size = words(abs(variance_pence), "gbp")
    return f"Under the what-if, of an {kind} of {size} {in_a_list(parts)}."


def _beside(item: Bearer) -> str:
    difference = item.difference_pence
    if not difference:
        return ""
    if not item.code:
        return f" (now {words(abs(item.now_pence or 0), 'gbp')})"
    return f" ({words(abs(difference), 'gbp')} {'worse' if difference < 0 else 'better'} than now)"


def _told(item: Bearer) -> str:
    """What a bearer has of the variance: what is no partner's gains nothing by it."""
    if item.code:
        return f"{item.name} {borne(item.what_if_pence)}"
    size = words(abs(item.what_if_pence), "gbp")
    whole = item.name[:1].lower() + item.name[1:]
    return f"{size} is {'borne by ' if whole.startswith('the ') else ''}{whole}"


def bearers_table(bearers: Sequence[Bearer], standing: str, basis: str) -> Table:
    """The bill: what each is to put in, its share now and under the what-if, to the penny.

    ``basis`` is "forecast" where what is shared now is the variance that is forecast for the year.
    """
    of = "the forecast for the year" if basis == "forecast" else "the variance to date"
    total = Bearer(
        "",
        "The pool's variance",
        None,
        _sum([item.now_pence for item in bearers]),
        sum(item.what_if_pence for item in bearers),
    )
    return Table(
        caption="Parts of the variance in £; brackets: pays",
        columns=(
            "Who bears it",
            "Is to put in over the year",
            f"Now, {standing}, of {of}",
            "What-if",
            "Difference",
        ),
        rows=tuple(
            (
                item.name,
                (
                    cell(item.put_in_pence, "gbp") if item.code else Cell(""),
                    cell(item.now_pence, "gbp", marks=("derived",)),
                    cell(item.what_if_pence, "gbp", marks=("derived",)),
                    cell(item.difference_pence, "gbp", marks=("derived",)),
                ),
            )
            for item in (*bearers, total)
        ),
        wide=(1, 2, 4),
        summed=True,
    )


def _sum(amounts: Sequence[int | None]) -> int | None:
    return None if None in amounts else sum(pence or 0 for pence in amounts)


def share_bars(bearers: Sequence[Bearer], *, period: str) -> Chart | None:
    """Two bars a bearer, now and under the what-if. None where nobody bears anything."""
    drawn = [item for item in bearers if item.what_if_pence or item.now_pence][:MOST]
    if not drawn:
        return None
    unit = _unit(drawn)
    return Chart(
        name="what-if",
        figure=figure_of(_traces(drawn, unit), _layout(drawn, unit)),
        title=_title(drawn),
        subtitle=f"Share of the variance in {UNIT_LABELS[unit]}, {period}; brackets: it pays; "
        "hollow: under the rules in force; filled: under the what-if",
        alt="Bars of shares, now and under the what-if. "
        + " ".join(f"{_words(item)}." for item in drawn),
        size="s" if len(drawn) <= SMALL else "m" if len(drawn) <= MEDIUM else "l",
        caveats=("What-if, indicative: nothing is stored",),
    )


def _unit(bearers: Sequence[Bearer]) -> Unit:
    most = max(max(abs(item.what_if_pence), abs(item.now_pence or 0)) for item in bearers)
    return "m" if most >= 10 * _PER["m"] else "k" if most >= 10 * _PER["k"] else "gbp"


def _title(bearers: Sequence[Bearer]) -> str:
    """Whom the what-if costs most more than now, else that it changes nothing."""
    moved = [item for item in bearers if item.code and item.difference_pence]
    if all(item.now_pence is None for item in bearers):
        most = max(bearers, key=lambda item: abs(item.what_if_pence))
        return f"{_told(most)} under the what-if"
    if not moved:
        return "Everybody bears the same as now"
    worst = min(moved, key=lambda item: item.difference_pence or 0)
    difference = worst.difference_pence or 0
    if difference > 0:
        worst = max(moved, key=lambda item: item.difference_pence or 0)
        difference = worst.difference_pence or 0
    word = "worse" if difference < 0 else "better"
    return f"{capital(worst.name)} would be {words(abs(difference), 'gbp')} {word} off than now"


def _words(item: Bearer) -> str:
    if not item.code:
        now, then = (words(abs(p or 0), "gbp") for p in (item.now_pence, item.what_if_pence))
        return f"{item.name}: now {now}, under the what-if {then}"
    return (
        f"{item.name}: now {borne(item.now_pence)}, under the what-if {borne(item.what_if_pence)}"
    )


def _traces(bearers: Sequence[Bearer], unit: Unit) -> list[Any]:
    hover = [html.escape(_words(item), quote=False) for item in bearers]
    both = (
        ("now", "#FFFFFF", -0.2, [item.now_pence for item in bearers]),
        ("what-if", palette.BLUE, 0.2, [item.what_if_pence for item in bearers]),
    )
    return [
        go.Bar(
            orientation="h",
            y=[place + shift for place in range(len(bearers))],
            x=[(pence or 0) / _PER[unit] for pence in amounts],
            width=0.34,
            marker={"color": colour, "line": {"color": palette.BLUE, "width": 1.5}},
            text=[
                f"{name} not shared" if pence is None else f"{name} {format_pence(pence, unit)}"
                for pence in amounts
            ],
            textposition="outside",
            cliponaxis=False,
            hovertext=hover,
            hoverinfo="text",
        )
        for name, colour, shift, amounts in both
    ]


def _layout(bearers: Sequence[Bearer], unit: Unit) -> dict[str, Any]:
    ends = [
        (pence or 0) / _PER[unit]
        for item in bearers
        for pence in (item.now_pence, item.what_if_pence)
    ]
    low, high = min(0.0, *ends), max(0.0, *ends)
    step = (high - low) or 1

    def span(room: float) -> list[float]:
        return [low - step * (room if low < 0 else 0.02), high + step * room]

    def names(width: int) -> list[str]:
        return [
            "<br>".join(
                html.escape(line, quote=False)
                for line in textwrap.wrap(item.name, width, max_lines=2, placeholder="…")
            )
            for item in bearers
        ]

    return layout_of(
        xaxis=axis(f"{UNIT_LABELS[unit]}, gained or (paid)")
        | {"range": span(0.25), "tickformat": "(,~f", "zeroline": True, "showgrid": True},
        yaxis={
            "range": [len(bearers) - 0.4, -0.6],  # read from the top
            "tickvals": list(range(len(bearers))),
            "ticktext": names(28),
            "automargin": True,
            "ticks": "",
            "fixedrange": True,
            "showgrid": False,
        },
        barmode="overlay",
        meta={
            "narrow": {
                "xaxis.nticks": 4,
                "xaxis.range": span(1.7),  # words of a bar beside names, on a telephone
                "yaxis.ticktext": names(14),
                "yaxis.tickfont": {"size": 12},
            },
            "wide": {"xaxis.nticks": 9},
        },
    )
