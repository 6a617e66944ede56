"""The year month by month, with words made from the same numbers."""

import html
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.drawing import MILLION, Chart, axis, figure_of, layout_of
from esbt.kit.money import format_pence
from esbt.kit.words import capital, in_a_list
from finance.charts.words import amount, balance, month_name, month_tick, variance_words
from finance.figures.position import MonthPoint


def months(
    points: Sequence[MonthPoint],
    *,
    period: str = "",
    sense: int = 1,
    position: bool = True,
) -> Chart | None:
    """Plan and actual to date, and the forecast for the full year, by the month of the report.

    A month without a report is a gap in its line, never a zero. None where no line has two
    points, since there is then nothing to follow from month to month. ``sense`` is the line's:
    +1 where more is favourable, -1 where less is, 0 where neither is; ``position`` is False for
    lines that are not a surplus or deficit.
    """
    points = sorted(points, key=lambda point: point.month)
    named: list[tuple[str, Callable[[MonthPoint], int | None], dict[str, Any]]] = [
        ("Plan", lambda p: p.plan_pence, {"color": palette.TARGET, "width": 1.5, "dash": "dash"}),
        ("Actual", lambda p: p.actual_pence, {"color": palette.BLUE, "width": 4}),
        (
            "Forecast for<br>the year",
            lambda p: p.forecast_pence,
            {"color": palette.PLUM, "width": 2, "dash": "dot"},
        ),
    ]
    if not any(sum(read(point) is not None for point in points) > 1 for _, read, _ in named):
        return None
    title, alt = _months_words(points, sense=sense, signed=position)
    traces, ends = [], []
    lines: dict[str, dict[int, int]] = {}
    for name, read, line in named:
        stated = [(point.month, pence) for point in points if (pence := read(point)) is not None]
        if not stated:
            continue
        plain = name.replace("<br>", " ")
        traces.append(
            go.Scatter(
                name=plain,
                x=[point.month for point in points],
                y=[None if (p := read(point)) is None else p / MILLION for point in points],
                mode="lines+markers",
                connectgaps=False,
                line=line,
                marker={"size": line["width"] + 3, "color": line["color"]},
                hovertext=[
                    ""
                    if (p := read(point)) is None
                    else f"{month_name(point.month)}, {plain.lower()}: {format_pence(p, 'm')}"
                    for point in points
                ],
                hoverinfo="text",
            )
        )
        ends.append((name, *stated[-1], line["color"]))
        lines[name] = dict(stated)
    drawn = [p for point in points for _, read, _ in named if (p := read(point)) is not None]
    low, high = min(0, *drawn) / MILLION, max(0, *drawn) / MILLION
    room = ((high - low) or 1) * 0.08
    low, high = low - room, high + room
    every = [point.month for point in points]
    quarters = [month for month in every if month % 3 == 1] or every[:1]
    layout = layout_of(
        xaxis={
            "range": [every[0] - 0.3, every[-1] + 0.3],
            "tickvals": every,
            "ticktext": [month_tick(month) for month in every],
            "tickangle": 0,
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis=axis("£m")
        | {
            "range": [low, high],
            "tickformat": "(,~f",
            "zeroline": True,
            "nticks": 7,
        },
        annotations=_end_labels(ends, lines, low, high),
        margin={"l": 8, "r": 100, "t": 16, "b": 32},
        meta={
            "narrow": {
                "xaxis.tickvals": quarters,
                "xaxis.ticktext": [month_tick(month) for month in quarters],
            },
            "wide": {
                "xaxis.tickvals": every,
                "xaxis.ticktext": [month_tick(month) for month in every],
            },
        },
    )
    measure = "Surplus or (deficit)" if position else "Amount"
    subtitle = f"{measure} in £m to date, by month of the report"
    return Chart(
        name="months",
        figure=figure_of(traces, layout),
        title=title,
        subtitle=subtitle + (f", {period}" if period else ""),
        alt=alt,
    )


def _months_words(points: Sequence[MonthPoint], *, sense: int, signed: bool) -> tuple[str, str]:
    """Title and alternative text of the month-by-month line."""
    say = balance if signed else amount
    reported = [point for point in points if point.actual_pence is not None]
    last = reported[-1] if reported else None
    if last is None or last.actual_pence is None:
        title = "No actual figures reported yet"
    elif last.plan_pence is None:
        title = f"{capital(say(last.actual_pence))} to month {last.month}; no plan for that month"
    else:
        variance = last.actual_pence - last.plan_pence
        if not variance:
            title = f"On plan to month {last.month}"
        elif sense:
            title = f"{variance_words(sense * variance)} to plan to month {last.month}"
        else:
            side = "above" if variance > 0 else "below"
            title = f"{amount(variance)} {side} plan to month {last.month}"
    sentences = ["Line by month."]
    if last is not None and last.actual_pence is not None:
        sentences.append(f"Actual to month {last.month}: {say(last.actual_pence)}.")
        if last.plan_pence is not None:
            sentences.append(f"Plan to month {last.month}: {say(last.plan_pence)}.")
    plans = [point for point in points if point.plan_pence is not None]
    if plans and plans[-1] is not last and plans[-1].plan_pence is not None:
        sentences.append(f"Plan to month {plans[-1].month}: {say(plans[-1].plan_pence)}.")
    forecasts = [point for point in points if point.forecast_pence is not None]
    if forecasts and forecasts[-1].forecast_pence is not None:
        sentences.append(
            f"Forecast for the year at month {forecasts[-1].month}: "
            f"{say(forecasts[-1].forecast_pence)}."
        )
    if last is not None:
        gaps = [
            str(point.month)
            for point in points
            if reported[0].month < point.month < last.month and point.actual_pence is None
        ]
        if gaps:
            months_word = "month" if len(gaps) == 1 else "months"
            sentences.append(f"No report for {months_word} {in_a_list(gaps)}.")
    return title, " ".join(sentences)


def _end_labels(
    ends: Sequence[tuple[str, int, int, str]],
    lines: Mapping[str, Mapping[int, int]],
    low: float,
    high: float,
) -> list[dict[str, Any]]:
    """Label the end of each line, moved clear of other labels and of lines that go on beside it."""
    height, row, spread = 300, 17, 2  # about the drawn height, a row of text; months that one spans

    def level(pence: int) -> float:
        return (pence / MILLION - low) / (high - low) * height

    labels: list[dict[str, Any]] = []
    taken: list[tuple[int, float, float]] = []  # month, level and half the height of a label
    for name, month, pence, colour in sorted(ends, key=lambda end: end[2]):
        at, half = level(pence), row * (1 + name.count("<br>")) / 2
        beside = [(then, other + half) for on, then, other in taken if abs(on - month) <= spread]
        floor, ceiling = half, height - half  # clear of the months below
        for other, line in lines.items():
            ahead = [level(line[on]) for on in range(month, month + spread + 1) if on in line]
            if other == name or len(ahead) < 2:
                continue
            # it goes on to the right, where the label stands: that keeps to its own line's side
            if ahead[0] >= at:
                ceiling = min(ceiling, min(ahead) - half)
            else:
                floor = max(floor, max(ahead) + half)
        shift = next(
            (
                shift
                for shift in sorted(range(-5 * row, 5 * row + 1), key=abs)
                if floor <= at + shift <= ceiling
                and all(abs(at + shift - other) >= needed for other, needed in beside)
            ),
            0,  # crowded on every side: at its point it can at least be told whose it is
        )
        taken.append((month, at + shift, half))
        labels.append(
            {
                "x": month,
                "y": pence / MILLION,
                "yshift": shift,
                "xshift": 8,
                "xanchor": "left",
                "align": "left",
                "text": name,
                "font": {"color": colour, "size": 14},
                "showarrow": False,
            }
        )
    return labels


def _wrapped(label: str) -> str:
    """Break a name for an axis into lines of like length, so that no word stands there alone.

    Plotly reads a little HTML in its texts, so the name is escaped.
    """
    widest = 16
    lines = textwrap.wrap(label, widest)
    for width in range(widest, 0, -1):
        narrower = textwrap.wrap(label, width, break_long_words=False)
        if len(narrower) > len(lines) or any(len(line) > width for line in narrower):
            break
        lines = narrower
    return "<br>".join(html.escape(part, quote=False) for part in lines)
