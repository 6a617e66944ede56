"""What a pool's page says: its sentence, its tables and the money that flows through it."""

from collections.abc import Sequence
from dataclasses import dataclass

from esbt.kit import palette
from esbt.kit.drawing import Chart
from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell, words
from esbt.kit.words import ARROWS, in_a_list
from finance.charts.heading_tables import HeadingTable, heading_row
from finance.charts.shapes import Headline, Table
from finance.charts.variance_bars import MEDIUM, SMALL, in_two_lines
from finance.charts.waterfalls import drawn
from finance.charts.words import YEAR_END, amount, direction_of, side_words, variance_words
from finance.figures.position import HeadingFigures

MOST = 10  # headings with a bar of their own; the rest is one bar


@dataclass(frozen=True, slots=True)
class Telling:
    """Of how many lines sums are, such as "5 of 7 lines", "" for all; and what is aligned."""

    given: str = ""
    spent: str = ""
    aligned: bool = False

    @property
    def whole(self) -> bool:
        """Whether what came in and what went out can be held against each other."""
        return not self.given and not self.spent


def pool_table(
    code: str,
    title: str,
    column: str,
    rows: Sequence[HeadingFigures],
    total: HeadingFigures,
    *,
    sense: int,
    unit: Unit = "k",
    ended: bool = False,
) -> HeadingTable:
    """A table of contributions (without a sense: above or below plan) or of spend.

    A year that has ``ended`` is forecast no more.
    """
    return HeadingTable(
        code,
        title,
        UNIT_LABELS[unit],
        (
            *(heading_row(row, unit, sense=sense) for row in rows),
            heading_row(total, unit, total=True, sense=sense),
        ),
        column=column,
        against="Favourable or adverse" if sense else "Above or below plan",
        bare=total.actual_pence is None and total.forecast_pence is None,
        ended=ended,
    )


def pool_sentence(
    year: str,
    month: int | None,
    given: HeadingFigures | None,
    spent: HeadingFigures | None,
    silent: int = 0,
    told: Telling | None = None,
) -> str:
    """Say what came in and went out to date, against what; or what is planned."""
    told = told or Telling()
    if given is None and spent is None:
        return f"No contribution or spend is planned or reported for {year}."
    if month is None or (_actual(given) is None and _actual(spent) is None):
        plans = [
            f"{amount(row.plan_pence)} of {what}{f' by {part}' if part else ''}"
            for row, what, part in (
                (given, "contributions", told.given),
                (spent, "spend", told.spent),
            )
            if row and row.plan_pence is not None
        ]
        if not plans:
            return f"No plan is stated for {year}, and nothing is reported."
        are = "is" if len(plans) == 1 else "are"
        return f"{in_a_list(plans)} {are} planned for {year}; nothing is reported yet."
    until = f"In {year}" if month >= YEAR_END else f"To month {month}"
    said = [part for part in (_in_words(given, told), _out_words(spent, told)) if part]
    sentence = f"{until} {' and '.join(said)}".rstrip(",")
    if spent and spent.forecast_pence is not None and month < YEAR_END:
        forecast = spent.forecast_variance_pence
        sentence += "; they forecast" if told.aligned else "; it forecasts"
        sentence += f" spend of {amount(spent.forecast_pence)}"
        sentence += f", {variance_words(forecast)}" if forecast is not None else ""
    if silent:
        sentence += f". {silent} line{' that was' if silent == 1 else 's that were'} due "
        sentence += f"{'has' if silent == 1 else 'have'} no report, and no sum holds "
        sentence += "it" if silent == 1 else "them"
    return f"{sentence}."


def _actual(row: HeadingFigures | None) -> int | None:
    return row.actual_pence if row else None


def _in_words(given: HeadingFigures | None, told: Telling) -> str:
    if given is None or given.actual_pence is None:
        return ""
    said = "partners put in" if told.aligned else "the pool took in"
    said += f" {amount(given.actual_pence)}"
    said += f" by {told.given} of contribution" if told.given else ""
    if given.variance_pence:
        return f"{said}, {amount(given.variance_pence)} {side_words(given.variance_pence)},"
    return said if given.variance_pence is None else f"{said}, as planned,"


def _out_words(spent: HeadingFigures | None, told: Telling) -> str:
    if spent is None or spent.actual_pence is None:
        return ""
    said = f"spent {amount(spent.actual_pence)}"
    said += f" on {told.spent} of spend" if told.spent else ""
    if spent.variance_pence is None:
        return said
    standing = variance_words(spent.variance_pence)
    return f"{said}, {standing}{' to plan' if spent.variance_pence else ''}"


def pool_headlines(
    given: HeadingFigures | None,
    spent: HeadingFigures | None,
    month: int | None,
    unit: Unit,
    told: Telling | None = None,
) -> tuple[Headline, ...]:
    """Contributions, spend and forecast in large; before any report what is planned.

    What ended is forecast no more.
    """
    told = told or Telling()
    made = [
        Headline(
            f"Planned {what}",
            cell(row.plan_pence, unit),
            UNIT_LABELS[unit],
            "none",
            "",
            f"for the year{f', {part}' if part else ''}",
        )
        for row, what, part in (
            (given, "contributions", told.given),
            (spent, "spend", told.spent),
        )
        if row and row.actual_pence is None
    ]
    ended = (month or 0) >= YEAR_END
    until = "for the year" if ended else "to date"
    if given and given.actual_pence is not None:
        plan = words(given.plan_to_date_pence, unit)
        made.append(
            Headline(
                f"Contributions {until}{f', {told.given}' if told.given else ''}",
                cell(given.actual_pence, unit),
                UNIT_LABELS[unit],
                "none",
                side_words(given.variance_pence),
                f"against {plan} planned {until}{' for these' if told.given else ''}",
            )
        )
    if spent and spent.actual_pence is not None:
        plan = words(spent.plan_to_date_pence, unit)
        made.append(
            _headline(
                f"Spend {until}{f', {told.spent}' if told.spent else ''}",
                spent.actual_pence,
                spent.variance_pence,
                f"against {plan} planned {until}{' for these' if told.spent else ''}",
                unit,
            )
        )
    if spent and spent.forecast_pence is not None and not ended:
        plan = words(spent.plan_pence, unit)
        made.append(
            _headline(
                "Forecast spend for the year",
                spent.forecast_pence,
                spent.forecast_variance_pence,
                f"against {plan} planned",
                unit,
            )
        )
    return tuple(made)


def _headline(
    label: str, pence: int | None, variance: int | None, against: str, unit: Unit
) -> Headline:
    direction = direction_of(variance)
    said = "on plan" if variance == 0 else ""
    if variance and pence is not None:
        said = f"{ARROWS[direction]} {amount(variance)} {direction}"
    return Headline(label, cell(pence, unit), UNIT_LABELS[unit], direction, said, against)


def pool_unit(*rows: HeadingFigures | None) -> Unit:
    """The unit of figures in large: £m from ten millions on, else £'000."""
    sizes = [
        abs(pence) for row in rows if row for pence in (row.plan_pence, row.actual_pence) if pence
    ]
    return "m" if max(sizes, default=0) >= 1_000_000_000 else "k"


def flow_chart(
    given: Sequence[HeadingFigures],
    spent: Sequence[HeadingFigures],
    *,
    period: str,
    reported: bool,
    told: Telling | None = None,
) -> Chart | None:
    """Money from partners to headings: each contribution adds, each heading takes away.

    To date once something is ``reported``, else as planned for the year. No contribution is tied
    to a heading: a pool mixes them. None where one of the sides states nothing.
    """
    told = told or Telling()
    ins, outs = _stated(given, reported), _stated(spent, reported)
    if not ins or not outs:
        return None
    shown = outs[:MOST]
    if rest := outs[MOST:]:
        shown = [*shown, (f"{len(rest)} more headings together", sum(pence for _, pence in rest))]
    came, went = sum(pence for _, pence in ins), sum(pence for _, pence in outs)
    left = came - went
    end = "Spent beyond what came in" if left < 0 else "Left in the pool"
    if told.aligned and left >= 0:
        end = "Not spent"
    steps = [*((name, pence) for name, pence in ins), *((name, -pence) for name, pence in shown)]
    ends = [(end, left)] if told.whole else []  # else nothing says what is left
    labels = [name for name, _ in (*steps, *ends)]
    said = [
        *(f"{name}: {amount(pence)} in" for name, pence in ins),
        *(f"{name}: {amount(pence)} out" for name, pence in shown),
        *(f"{name}: {amount(pence)}" for name, pence in ends),
    ]
    figure = drawn(
        labels,
        [pence for _, pence in (*steps, *ends)],
        [*("relative" for _ in steps), *("total" for _ in ends)],
        [amount(pence) for _, pence in (*steps, *ends)],
        said,
        title="£m in the budget" if told.aligned else "£m in the pool",
        up=palette.BLUE,
        down=palette.ORANGE,
    )
    layout = figure["layout"]
    layout["yaxis"]["ticktext"] = in_two_lines(labels, 34)
    layout["meta"]["narrow"] |= {
        "yaxis.ticktext": in_two_lines(labels, 17),
        "yaxis.tickfont": {"size": 12},
    }
    when = "to date" if reported else "planned for the year"
    silent = [row.name for row in (*given, *spent) if _pence(row, reported) is None]
    alt = [f"From contributions to spend, {when}.", *(f"{text}." for text in said)]
    if silent:
        alt.append(f"Not drawn, for want of an amount: {in_a_list(silent)}.")
    return Chart(
        name="flow",
        figure=figure,
        title=_flow_title(came, went, reported, told),
        subtitle=f"In £m, {when}, {period}: each partner adds, each heading takes",
        alt=" ".join(alt),
        size="s" if len(labels) <= SMALL else "m" if len(labels) <= MEDIUM else "l",
    )


def _pence(row: HeadingFigures, reported: bool) -> int | None:
    return row.actual_pence if reported else row.plan_pence


def _stated(rows: Sequence[HeadingFigures], reported: bool) -> list[tuple[str, int]]:
    stated = [(row.name, pence) for row in rows if (pence := _pence(row, reported)) is not None]
    return sorted(stated, key=lambda pair: -pair[1])


def _flow_title(came: int, went: int, reported: bool, told: Telling) -> str:
    verbs = ("came in", "went out") if reported else ("is to come in", "is to go out")
    by, on = (f" by {told.given} of contribution", f" on {told.spent} of spend")
    said = f"{amount(came)} {verbs[0]}{by if told.given else ''}"
    said += f" and {amount(went)} {verbs[1]}{on if told.spent else ''}"
    if not told.whole:
        return said
    if came == went:
        return f"{said}: all of it"
    side = (
        ("not spent" if told.aligned else "left in the pool")
        if came > went
        else "more than came in"
        if reported
        else "more than comes in"
    )
    return f"{said}: {amount(came - went)} {side}"


def flow_table(
    given: Sequence[HeadingFigures], spent: Sequence[HeadingFigures], unit: Unit = "k"
) -> Table:
    """The same numbers: what each partner adds, then what each heading takes."""

    def rows(
        what: str, found: Sequence[HeadingFigures]
    ) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
        return tuple(
            (row.name, (Cell(what), cell(row.plan_pence, unit), cell(row.actual_pence, unit)))
            for row in found
        )

    return Table(
        caption=f"The same figures, in {UNIT_LABELS[unit]}",
        columns=("Partner or heading", "In or out", "Plan for the year", "Actual to date"),
        rows=(*rows("in", given), *rows("out", spent)),
    )
