"""The waterfall from plan to outturn, with words made from the same numbers."""

import html
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import MILLION, Chart, axis, figure_of, layout_of
from esbt.kit.money import format_pence
from esbt.kit.words import capital, in_a_list
from finance.charts.month_lines import _wrapped
from finance.charts.words import (
    amount,
    balance,
    direction_of,
    stated_variances,
    step_text,
    variance_words,
)
from finance.figures.position import TOTAL, PositionRow

SMALL, MEDIUM = 4, 9  # bars that fit in each height that a page reserves


def waterfall(
    rows: Sequence[PositionRow], total: PositionRow, *, period: str = "", ended: bool = True
) -> Chart | None:
    """How plan became outturn to date, one step a partner in the published order.

    None where the total's plan or actual is not stated. Partners without a variance are not drawn
    as nothing: the alternative text names them. Steps that do not reach the total's actual leave
    a step of their own, which is drawn and named rather than spread.
    """
    start, end = total.ytd_plan_pence, total.ytd_actual_pence
    if start is None or end is None:
        return None
    steps = [(row.short_name, pence) for row, pence in stated_variances(rows)]
    plan, outturn = ("Plan", "Outturn") if ended else ("Plan to date", "Actual to date")
    title = _waterfall_title(steps, end - start)
    if rest := end - start - sum(pence for _, pence in steps):
        steps.append(("not stated by partner", rest))
    alt = _waterfall_alt(rows, steps, (plan, start), (outturn, end))
    labels = [plan, *(capital(name) for name, _ in steps), outturn]
    values = [start, *(pence for _, pence in steps), end]
    printed = [format_pence(pence, "m") for pence in values]
    steps_printed = [step_text(pence) for _, pence in steps]
    hover = [
        f"{plan}: {balance(start)}",
        *(f"{capital(name)}: {variance_words(pence)}" for name, pence in steps),
        f"{outturn}: {balance(end)}",
    ]
    measures = ["absolute", *("relative" for _ in steps), "total"]
    figure = drawn(labels, values, measures, [printed[0], *steps_printed, printed[-1]], hover)
    return Chart(
        name="waterfall",
        figure=figure,
        title=title,
        subtitle="Surplus or (deficit) in £m"
        + (f", {period}" if period else "")
        + "; ▲ favourable, ▼ adverse",
        alt=alt,
        size="s" if len(values) <= SMALL else "m" if len(values) <= MEDIUM else "l",
    )


def drawn(
    labels: Sequence[str],
    values: Sequence[int],
    measures: Sequence[str],
    texts: Sequence[str],
    hover: Sequence[str],
    *,
    title: str = "£m, surplus or (deficit)",
    up: str = palette.FAVOURABLE,
    down: str = palette.ADVERSE,
) -> dict[str, Any]:
    """The figure of a waterfall read from the top; values in pence.

    Of the measures "absolute" and "total" are positions, "relative" a step from one to the next,
    whose colour is that of its way.
    """
    trace = go.Waterfall(
        orientation="h",
        y=list(range(len(labels))),
        x=[pence / MILLION for pence in values],
        measure=measures,
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertext=[html.escape(text, quote=False) for text in hover],
        hoverinfo="text",
        increasing={"marker": {"color": up}},
        decreasing={"marker": {"color": down}},
        totals={"marker": {"color": palette.TOTAL}},
        connector={"line": {"color": palette.ZERO_LINE, "width": 1}},
    )
    levels = [0]
    for pence, measure in zip(values, measures, strict=True):
        levels.append(levels[-1] + pence if measure == "relative" else pence)
    low, high = min(levels) / MILLION, max(levels) / MILLION
    # the printed figures stand outside their bars, on the side to which each bar points
    left, right = (any(p < 0 for p in values), any(p > 0 for p in values))

    def span(room: float) -> list[float]:
        step = (high - low) or 1
        return [low - step * (room if left else 0.04), high + step * (room if right else 0.04)]

    layout = layout_of(
        xaxis=axis(title)
        | {
            "range": span(0.16),
            "tickformat": "(,~f",
            "zeroline": True,
            "showgrid": True,
        },
        yaxis={
            "range": [len(labels) - 0.4, -0.6],  # read from the top
            "tickvals": list(range(len(labels))),
            "ticktext": [_wrapped(label) for label in labels],
            "automargin": True,
            "ticks": "",
            "fixedrange": True,
        },
        meta={
            "narrow": {"xaxis.nticks": 4, "xaxis.range": span(0.45)},
            "wide": {"xaxis.nticks": 9},
        },
    )
    return figure_of([trace], layout)


def _waterfall_title(steps: Sequence[tuple[str, int]], change: int) -> str:
    """Where most of a change lies; partners whose printed figures are alike are named together."""
    direction = direction_of(change)
    same = [(name, pence) for name, pence in steps if direction_of(pence) == direction]
    if direction == "none":
        moved = any(pence for _, pence in steps)
        return (
            "Favourable and adverse variances cancel out" if moved else "Every partner is on plan"
        )
    if not same:
        return f"{amount(change)} {direction} to plan, not stated by partner"
    largest = amount(max(abs(pence) for _, pence in same))
    top = [name for name, pence in same if amount(pence) == largest]
    names = in_a_list(top)
    each = f"{largest}{' each' if len(top) > 1 else ''}"
    whole = f"the {amount(change)} {direction} variance"
    if max(abs(pence) for _, pence in same) > abs(change):  # other partners offset a part of it
        return f"The largest {direction} variance is at {names}: {each}"
    if same == [(names, change)]:
        return f"All of {whole} is at {names}"
    most = len(top) == 1 and 2 * max(abs(pence) for _, pence in same) > abs(change)
    return f"{'Most' if most else 'The largest part'} of {whole} is at {names}: {each}"


def _waterfall_alt(
    rows: Sequence[PositionRow],
    steps: Sequence[tuple[str, int]],
    start: tuple[str, int],
    end: tuple[str, int],
) -> str:
    sentences = [f"Waterfall from plan to {end[0].lower()}. {start[0]}: {balance(start[1])}."]
    sentences += [f"{capital(name)}: {variance_words(pence)}." for name, pence in steps]
    sentences.append(f"{end[0]}: {balance(end[1])}.")
    silent = [row.short_name for row in rows if row.partner != TOTAL and row.variance_pence is None]
    if silent:
        sentences.append(f"Not drawn, for want of a variance: {in_a_list(silent)}.")
    return " ".join(sentences)
