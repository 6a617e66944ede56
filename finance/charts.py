"""What a finance page says with its figures: sentence, charts, headlines and table.

Plain data in (finance.figures), plain data out; no Django and no database. Each chart's title and
alternative text are made from the numbers beside the chart, so that they cannot disagree.
Money is integer pence; only the coordinates handed to Plotly are floats, in £m.
"""

import html
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from esbt.kit import palette
from esbt.kit.money import (
    UNIT_LABELS,
    Cell,
    Unit,
    cell,
    format_pence,
    percent_cell,
    rounds_to_zero,
    words,
)
from finance.figures import TOTAL, MonthPoint, Position, PositionRow

YEAR_END = 12  # month 13 is the audited one
MONTHS = ("April", "May", "June", "July", "August", "September", "October", "November",
          "December", "January", "February", "March")  # fmt: skip
ARROWS = {"favourable": "▲", "adverse": "▼"}
MILLION = 100_000_000  # pence in £1m
SMALL, MEDIUM = 4, 9  # bars that fit in each height that a page reserves


@dataclass(frozen=True, slots=True)
class Chart:
    """A Plotly figure with its words."""

    name: str  # an id within the page
    figure: dict[str, Any] = field(hash=False)
    title: str  # states the finding
    subtitle: str  # states measure, unit and period
    alt: str
    size: str = "m"  # height class, which the page reserves: "s", "m" or "l"


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure in large, with what it stands against."""

    label: str
    value: Cell
    unit: str
    direction: str  # "favourable", "adverse" or "none"
    words: str  # "▼ adverse"; "" where there is no direction
    against: str


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table of figures: a heading and cells a row."""

    caption: str
    columns: tuple[str, ...]  # of the row headings, then of the cells
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class PositionTable:
    """The position as printed: partners in the published order, then the total."""

    unit: str  # as a heading writes it, "£m"
    ended: bool  # the year is over: plan to date is the plan for the year
    forecast: bool  # whether forecasts have a place in it
    rows: "tuple[TableRow, ...]"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of the position table."""

    partner: str
    name: str
    total: bool
    reported: bool
    derived: bool  # a figure of the row was worked out; which one, its source page says
    suspect: bool  # the source of a figure of the row is doubtful
    plan: Cell
    ytd_plan: Cell
    ytd_actual: Cell
    variance: Cell
    variance_pct: Cell
    direction: str
    words: str
    forecast: Cell
    forecast_variance: Cell
    forecast_direction: str
    forecast_words: str
    forecast_month: int | None
    pct_turnover: Cell
    basis: str
    bases_differ: bool


# Words ------------------------------------------------------------------------------------------


def month_name(month: int) -> str:
    """1 is April; 0 the opening forecast; 13 the audited month."""
    if month < 1:
        return "Opening"
    return MONTHS[month - 1] if month <= YEAR_END else "Audited"


def _month_tick(month: int) -> str:
    return month_name(month)[: 3 if 1 <= month <= YEAR_END else 5]


def amount(pence: int) -> str:
    """Say the size of an amount: £m, or finer where £m would print nothing."""
    size = abs(pence)
    if not size or not rounds_to_zero(size, "m"):
        return words(size, "m")
    return words(size, "k" if not rounds_to_zero(size, "k") else "gbp")


def balance(pence: int) -> str:
    """Say a position in words: "deficit of £94.9m", "surplus of £1.0m" or "break-even"."""
    if not pence:
        return "break-even"
    return f"{'deficit' if pence < 0 else 'surplus'} of {amount(pence)}"


def _standing(pence: int) -> str:
    """Say a position behind "is": "in deficit by £94.9m" or "at break-even"."""
    return f"in {balance(pence).replace(' of ', ' by ')}" if pence else "at break-even"


def direction_of(variance_pence: int | None) -> str:
    """Read a favourable-positive variance as "favourable", "adverse" or "none"."""
    if not variance_pence:
        return "none"
    return "favourable" if variance_pence > 0 else "adverse"


def direction_words(variance_pence: int | None, direction: str, bases_differ: bool = False) -> str:
    """Say what stands beside a variance, so that nothing hangs on brackets or colour."""
    if variance_pence is None:
        return ""
    said = f"{ARROWS[direction]} {direction}" if direction in ARROWS else ""
    if bases_differ:
        return f"{said}; bases may differ" if said else "not rated: bases may differ"
    return said or ("on plan" if variance_pence == 0 else "not rated")


def _list(parts: Sequence[str]) -> str:
    """Join as in "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _partners(rows: Iterable[PositionRow]) -> list[tuple[PositionRow, int]]:
    """Pair the partners (not the total) with the variances they state, in published order."""
    return [
        (row, row.variance_pence)
        for row in rows
        if row.partner != TOTAL and row.variance_pence is not None
    ]


def _at(pairs: Iterable[tuple[PositionRow, int]], direction: str = "") -> str:
    """Say "£37.1m at the two CCGs, £0.4m at the Council", the largest first, ties as published."""
    ordered = sorted(pairs, key=lambda pair: -abs(pair[1]))
    word = f" {direction}" if direction else ""
    return ", ".join(f"{amount(pence)}{word} at {row.short_name}" for row, pence in ordered)


def position_sentence(position: Position) -> str:
    """Say what the position table says, in one or two sentences."""
    total = position.total
    tail = _yet_to_say(position)
    if position.month is None or total.ytd_actual_pence is None:
        return _without_actual(position) + tail
    ended = position.month >= YEAR_END and position.state == "published"
    provisional = "On provisional figures the" if position.state == "provisional" else "The"
    subject = f"{provisional} system {'ended the year' if ended else 'is'}"
    until = "" if ended else f" to month {position.month}"
    if total.variance_pence is None:
        standing = _standing(total.ytd_actual_pence)
        return f"{subject} {standing}{until}; no plan is stated to compare it with.{tail}"
    parts = _partners(position.rows)
    with_it = direction_of(total.variance_pence)
    same = [pair for pair in parts if direction_of(pair[1]) == with_it != "none"]
    against = [pair for pair in parts if direction_of(pair[1]) not in (with_it, "none")]
    if with_it == "none":
        version = f" ({position.plan.replace('-', ' ')})" if position.plan else ""
        adverse = [pair for pair in parts if pair[1] < 0]
        favourable = [pair for pair in parts if pair[1] > 0]
        reasons = [_at(adverse, "adverse"), _at(favourable, "favourable")]
        reason = ", offset by ".join(filter(None, reasons))
        return f"{subject} on plan{version}{until}{': ' if reason else ''}{reason}.{tail}"
    reason = _at(same, with_it if against else "")
    if against:
        other = "adverse" if with_it == "favourable" else "favourable"
        reason += f"{', offset by ' if same else ''}{_at(against, other)}"
    difference = f"{amount(total.variance_pence)} {with_it} to plan{until}"
    return f"{subject} {difference}{': ' if reason else ''}{reason}.{tail}"


def _without_actual(position: Position) -> str:
    """Say what can be said before any actual figure: the forecast, or that there is none."""
    total = position.total
    if total.forecast_pence is None:
        expected = position.reported.expected
        return f"No figures have been reported yet; {expected} {_plural(expected)} expected."
    compared = ""
    if total.forecast_variance_pence is not None:
        direction = direction_of(total.forecast_variance_pence)
        difference = f"{amount(total.forecast_variance_pence)} {direction} to plan"
        compared = f", {difference if direction != 'none' else 'on plan'}"
    a = "" if not total.forecast_pence else "a "
    return (
        f"The system forecasts {a}{balance(total.forecast_pence)} for the year{compared}. "
        "No actual figures are stated yet."
    )


def _plural(count: int) -> str:
    return "partner is" if count == 1 else "partners are"


def _yet_to_say(position: Position) -> str:
    """Who has not reported, and who reported without a plan or an actual to compare."""
    said = ""
    if position.month is not None and position.reported.missing:
        said += f" Yet to report: {_list(position.reported.missing)}."
    silent = [
        row.short_name for row in position.rows if row.reported and row.variance_pence is None
    ]
    if silent and position.total.variance_pence is not None:
        said += f" No variance can be stated for {_list(silent)}."
    return said


# Charts -----------------------------------------------------------------------------------------


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
    steps = [(row.short_name, pence) for row, pence in _partners(rows)]
    plan, outturn = ("Plan", "Outturn") if ended else ("Plan to date", "Actual to date")
    title = _waterfall_title(steps, end - start)
    if rest := end - start - sum(pence for _, pence in steps):
        steps.append(("not stated by partner", rest))
    alt = _waterfall_alt(rows, steps, (plan, start), (outturn, end))
    labels = [plan, *(_capital(name) for name, _ in steps), outturn]
    values = [start, *(pence for _, pence in steps), end]
    printed = [format_pence(pence, "m") for pence in values]
    steps_printed = [_step_text(pence) for _, pence in steps]
    hover = [
        f"{plan}: {balance(start)}",
        *(f"{_capital(name)}: {_variance_words(pence)}" for name, pence in steps),
        f"{outturn}: {balance(end)}",
    ]
    trace = go.Waterfall(
        orientation="h",
        y=list(range(len(labels))),
        x=[pence / MILLION for pence in values],
        measure=["absolute", *("relative" for _ in steps), "total"],
        text=[printed[0], *steps_printed, printed[-1]],
        textposition="outside",
        cliponaxis=False,
        hovertext=[html.escape(text, quote=False) for text in hover],
        hoverinfo="text",
        increasing={"marker": {"color": palette.FAVOURABLE}},
        decreasing={"marker": {"color": palette.ADVERSE}},
        totals={"marker": {"color": palette.TOTAL}},
        connector={"line": {"color": palette.ZERO_LINE, "width": 1}},
    )
    levels = [0, start]
    for _, pence in steps:
        levels.append(levels[-1] + pence)
    low, high = min(levels) / MILLION, max(levels) / MILLION
    # the printed figures stand outside their bars, on the side to which each bar points
    left, right = (any(p < 0 for p in values), any(p > 0 for p in values))

    def span(room: float) -> list[float]:
        step = (high - low) or 1
        return [low - step * (room if left else 0.04), high + step * (room if right else 0.04)]

    layout = _layout(
        xaxis=_axis("£m, surplus or (deficit)")
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
    return Chart(
        name="waterfall",
        figure=_figure([trace], layout),
        title=title,
        subtitle="Surplus or (deficit) in £m"
        + (f", {period}" if period else "")
        + "; ▲ favourable, ▼ adverse",
        alt=alt,
        size="s" if len(values) <= SMALL else "m" if len(values) <= MEDIUM else "l",
    )


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
    names = _list(top)
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
    sentences += [f"{_capital(name)}: {_variance_words(pence)}." for name, pence in steps]
    sentences.append(f"{end[0]}: {balance(end[1])}.")
    silent = [row.short_name for row in rows if row.partner != TOTAL and row.variance_pence is None]
    if silent:
        sentences.append(f"Not drawn, for want of a variance: {_list(silent)}.")
    return " ".join(sentences)


def _variance_words(pence: int) -> str:
    return f"{amount(pence)} {direction_of(pence)}" if pence else "on plan"


def _step_text(pence: int) -> str:
    arrow = ARROWS.get(direction_of(pence), "")
    return f"{arrow} {format_pence(pence, 'm')}".strip()


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
    drawn = [p for point in points for _, read, _ in named if (p := read(point)) is not None]
    low, high = min(0, *drawn) / MILLION, max(0, *drawn) / MILLION
    room = ((high - low) or 1) * 0.08
    low, high = low - room, high + room
    every = [point.month for point in points]
    quarters = [month for month in every if month % 3 == 1] or every[:1]
    layout = _layout(
        xaxis={
            "range": [every[0] - 0.3, every[-1] + 0.3],
            "tickvals": every,
            "ticktext": [_month_tick(month) for month in every],
            "tickangle": 0,
            "fixedrange": True,
            "showgrid": False,
        },
        yaxis=_axis("£m")
        | {
            "range": [low, high],
            "tickformat": "(,~f",
            "zeroline": True,
            "nticks": 7,
        },
        annotations=_end_labels(ends, low, high),
        margin={"l": 8, "r": 100, "t": 16, "b": 32},
        meta={
            "narrow": {
                "xaxis.tickvals": quarters,
                "xaxis.ticktext": [_month_tick(month) for month in quarters],
            },
            "wide": {
                "xaxis.tickvals": every,
                "xaxis.ticktext": [_month_tick(month) for month in every],
            },
        },
    )
    measure = "Surplus or (deficit)" if position else "Amount"
    subtitle = f"{measure} in £m to date, by month of the report"
    return Chart(
        name="months",
        figure=_figure(traces, layout),
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
        title = f"{_capital(say(last.actual_pence))} to month {last.month}; no plan for that month"
    else:
        variance = last.actual_pence - last.plan_pence
        if not variance:
            title = f"On plan to month {last.month}"
        elif sense:
            title = f"{_variance_words(sense * variance)} to plan to month {last.month}"
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
            sentences.append(f"No report for {months_word} {_list(gaps)}.")
    return title, " ".join(sentences)


def _end_labels(
    ends: Sequence[tuple[str, int, int, str]], low: float, high: float
) -> list[dict[str, Any]]:
    """Label the end of each line, moved apart where lines end close together."""
    height, gap = 300, 34  # about the drawn height, and the room that a label needs, in pixels
    labels = []
    taken: dict[int, float] = {}
    for name, month, pence, colour in sorted(ends, key=lambda end: end[2]):
        at = (pence / MILLION - low) / (high - low) * height
        placed = max(at, taken.get(month, -gap) + gap)
        taken[month] = placed
        labels.append(
            {
                "x": month,
                "y": pence / MILLION,
                "yshift": round(placed - at),
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
    """Break a name for an axis; Plotly reads a little HTML in its texts, so it is escaped."""
    return "<br>".join(html.escape(part, quote=False) for part in textwrap.wrap(label, 16))


def _axis(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 13}},
        "gridcolor": palette.RULE,
        "zerolinecolor": palette.ZERO_LINE,
        "zerolinewidth": 2,
        "automargin": True,
        "fixedrange": True,
    }


def _layout(**given: Any) -> dict[str, Any]:
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


def _figure(traces: Sequence[Any], layout: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a figure and make it a plain dictionary of lists, texts and numbers."""
    figure = go.Figure(data=list(traces), layout=dict(layout)).to_dict()
    return {"data": [_plain(trace) for trace in figure["data"]], "layout": _plain(figure["layout"])}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "template"}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


# The table of the same numbers ------------------------------------------------------------------


def position_table(
    position: Position, *, unit: Unit = "m", sources: Mapping[str, str] | None = None
) -> PositionTable:
    """Lay out the position as printed: partners in the published order, then the total.

    ``sources`` gives, for a partner's code, the address where its figures open to their source.
    """
    hrefs = sources or {}
    rows = (*position.rows, position.total)
    ended = position.month is not None and position.month >= YEAR_END
    return PositionTable(
        unit=UNIT_LABELS[unit],
        ended=ended,
        forecast=not ended or any(row.forecast_pence is not None for row in rows),
        rows=tuple(_table_row(row, unit, hrefs.get(row.partner, "")) for row in rows),
    )


def months_table(points: Sequence[MonthPoint], *, unit: Unit = "m", caption: str = "") -> Table:
    """Lay out the months as the line draws them, a month a row."""
    return Table(
        caption=caption or f"The same figures by month, in {UNIT_LABELS[unit]}",
        columns=("Month", "Plan to date", "Actual to date", "Forecast for the year"),
        rows=tuple(
            (
                month_name(point.month),
                (
                    cell(point.plan_pence, unit),
                    cell(point.actual_pence, unit),
                    cell(point.forecast_pence, unit),
                ),
            )
            for point in sorted(points, key=lambda point: point.month)
        ),
    )


def _table_row(row: PositionRow, unit: Unit, href: str) -> TableRow:
    def money(pence: int | None) -> Cell:
        return cell(pence, unit, href=href)

    return TableRow(
        partner=row.partner,
        name=row.name,
        total=row.partner == TOTAL,
        reported=row.reported,
        derived=not {"derived", "inferred"}.isdisjoint(row.marks),
        suspect="suspect" in row.marks,
        plan=money(row.plan_pence),
        ytd_plan=money(row.ytd_plan_pence),
        ytd_actual=money(row.ytd_actual_pence),
        variance=money(row.variance_pence),
        variance_pct=percent_cell(row.variance_pct),
        direction=row.direction,
        words=direction_words(row.variance_pence, row.direction, row.bases_differ),
        forecast=money(row.forecast_pence),
        forecast_variance=money(row.forecast_variance_pence),
        forecast_direction=row.forecast_direction,
        forecast_words=direction_words(row.forecast_variance_pence, row.forecast_direction),
        forecast_month=row.forecast_month,
        pct_turnover=percent_cell(row.pct_turnover),
        basis=row.basis,
        bases_differ=row.bases_differ,
    )


def headlines(position: Position, *, unit: Unit = "m") -> tuple[Headline, ...]:
    """Variance, actual and forecast in large, each with what it stands against."""
    total = position.total
    row = _table_row(total, unit, "")
    until = f"to month {position.month}" if position.month else ""
    label = UNIT_LABELS[unit]
    plan = format_pence(total.ytd_plan_pence, unit)
    whole = format_pence(total.plan_pence, unit)
    ended = position.month is not None and position.month >= YEAR_END
    made = [
        Headline(
            "Variance for the year" if ended else "Variance to date",
            row.variance, label, row.direction, row.words,
            "against the plan for the year" if ended else f"against plan {until}".strip(),
        ),
        Headline(
            "Outturn" if ended else "Actual to date",
            row.ytd_actual, label, "none", "", f"against a plan of {plan}",
        ),
        Headline(
            "Forecast for the year",
            row.forecast, label, row.forecast_direction, row.forecast_words,
            f"against a plan of {whole}",
        ),
    ]  # fmt: skip
    # once the year is over, a forecast that nobody stated has nothing left to say
    return tuple(made[:2] if ended and row.forecast.missing else made)
