"""What a year of savings says: its sentence, its headlines and its line by month."""

from collections.abc import Sequence
from dataclasses import replace

from esbt.kit.drawing import Chart
from esbt.kit.money import MINUS, NOT_STATED, UNIT_LABELS, Cell, Unit, cell, rounds_to_zero, words
from esbt.kit.words import ARROWS, in_a_list
from finance.charts.month_lines import months
from finance.charts.shapes import Headline, Table
from finance.charts.tables import months_table
from finance.charts.words import (
    YEAR_END,
    amount,
    direction_of,
    forecast_age,
    variance_words,
)
from finance.figures.position import MonthPoint
from finance.figures.savings import SavingFigures, SavingMonth, SavingsBook, SavingsTotal

TEN_MILLION = 1_000_000_000  # pence
MILLION = 100_000_000


def savings_unit(book: SavingsBook) -> Unit:
    """The unit of figures in large: £m, or £'000 where the whole is less than £10m."""
    total = book.total
    sizes = [abs(pence or 0) for pence in (total.plan_pence, total.actual_pence)]
    return "m" if max(sizes) >= TEN_MILLION else "k"


def signed(pence: int) -> str:
    """An amount of savings in a sentence; what costs instead has a minus."""
    return f"{MINUS if pence < 0 else ''}{amount(pence)}"


def fine(pence: int) -> str:
    """An amount of a single scheme: as ``signed``, in thousands below a million."""
    if rounds_to_zero(pence, "k") or abs(pence) >= MILLION:
        return signed(pence)
    return words(pence, "k")


def savings_sentence(book: SavingsBook | SavingsTotal) -> str:
    """Say what was saved and what is forecast, against what; or what is planned."""
    total, year = book.total, book.year.replace("-", "/")
    if book.month is None or total.actual_pence is None:
        return _without_actual(book, year)
    ended = book.month >= YEAR_END
    until = f"in {year}" if ended else f"to month {book.month}"
    lead = "on provisional figures, " if book.state == "provisional" else ""
    opening = f"{lead}{until}"
    said = f"{opening[0].upper()}{opening[1:]} {_who(book)} saved {signed(total.actual_pence)}"
    if total.variance_pence is None:
        said += ", with no plan of the same lines to compare it with"
    elif total.variance_pence:
        said += f", {variance_words(total.variance_pence)} to plan"
    else:
        said += ", on plan"
    if total.forecast_pence is not None and not ended:
        said += f"; {'the system' if total.silent else 'it'} forecasts {_forecast(total)}"
    if not total.silent:
        return f"{said}."
    have = "has" if total.silent == 1 else "have"
    named = f"; yet to report: {in_a_list(book.missing)}" if book.missing else ""
    return f"{said}. {total.silent} of {total.lines} lines {have} no report for it{named}."


def _who(book: SavingsBook | SavingsTotal) -> str:
    """Whose savings a sum is of: a part of the lines is not the system."""
    if not book.total.silent:
        return "the system"
    if not book.missing:
        return "the lines that reported"
    told = book.partners - len(book.missing)
    return f"the lines of {told} of {book.partners} partners that reported"


def _forecast(total: SavingFigures) -> str:
    """Say "£25.1m of the £28.0m planned for the year" where both are of the same lines."""
    forecast, plan = total.forecast_pence or 0, total.plan_pence
    variance = total.forecast_variance_pence
    if plan is None or variance is None:
        return f"{signed(forecast)} for the year"
    if total.partly_forecast:
        compared = f"{variance_words(variance)}{' to plan' if variance else ''}"
        return f"{signed(forecast)} for the year, {compared} for the lines that have a forecast"
    if variance > 0:
        return f"{signed(forecast)} for the year against {signed(plan)} planned"
    if not variance:
        return f"the {signed(plan)} planned for the year"
    return f"{signed(forecast)} of the {signed(plan)} planned for the year"


def _without_actual(book: SavingsBook | SavingsTotal, year: str) -> str:
    """What can be said before anything is reported, or where nothing was published."""
    total = book.total
    over = book.status in ("closed", "final") and book.month is None
    if total.plan_pence is None:
        if total.forecast_pence is not None:
            return f"The system forecasts savings of {_forecast(total)}; no plan is stated."
        return f"No savings are planned or reported for {year}."
    said = f"{signed(total.plan_pence)} of savings are planned for {year}"
    if total.forecast_pence is not None:
        said += f"; the system forecasts {_forecast(total)}"
    if over:
        return f"{said}. No monthly outturn of savings was published."
    if book.month is not None:
        return f"{said}. Nothing is reported for month {book.month}."
    if book.state == "provisional":
        return f"{said}; none has been reported yet."
    return f"{said}; none has been reported and approved yet."


def savings_headlines(book: SavingsBook, unit: Unit) -> tuple[Headline, ...]:
    """Plan, saved to date, forecast and status in large."""
    total, label = book.total, UNIT_LABELS[unit]
    ended = (book.month or 0) >= YEAR_END
    over = book.status in ("closed", "final")
    made = [
        Headline(
            "Plan for the year",
            cell(total.plan_pence, unit),
            label,
            "none",
            "",
            "no plan is stated"
            if total.plan_pence is None
            else f"plan: {book.plan_name or NOT_STATED}",
        )
    ]
    if total.actual_pence is not None:
        until = "" if ended else f" to month {book.month}"
        against = f"against plan{until}"
        if total.silent:
            against += f", of the {total.reported} of {total.lines} lines that reported"
        made.append(
            _compared(
                "Saved in the year" if ended else "Saved to date",
                total.actual_pence,
                total.variance_pence,
                against,
                unit,
            )
        )
    else:
        none = "no monthly outturn was published" if over else "nothing is reported yet"
        made.append(Headline("Saved to date", Cell(NOT_STATED, True), label, "none", "", none))
    if total.forecast_pence is not None or not (over or ended):
        lines = "of the lines with a forecast" if total.partly_forecast else "for the year"
        made.append(
            _compared(
                "Forecast for the year",
                total.forecast_pence,
                total.forecast_variance_pence,
                f"against the plan {lines}{_mixed(total)}",
                unit,
            )
        )
    made.append(_status(book))
    return tuple(made)


def _mixed(total: SavingFigures) -> str:
    """Of which months a forecast is that sums those of several; "" where it is of one."""
    first, last = total.forecast_month, total.forecast_month_last
    return "" if first == last else f"; {forecast_age(first, last, total.forecasts_behind)}"


def _compared(
    label: str, pence: int | None, variance: int | None, against: str, unit: Unit
) -> Headline:
    direction = direction_of(variance)
    if pence is None:
        said, against = "", "no forecast is stated"
    elif variance is None:
        said, against = "", "no plan of the same lines is stated"
    else:
        said = f"{ARROWS[direction]} {fine(abs(variance))} {direction}" if variance else "on plan"
        against = "" if not variance and against == "against plan" else against
    return Headline(label, cell(pence, unit), UNIT_LABELS[unit], direction, said, against)


def _status(book: SavingsBook) -> Headline:
    judged = book.judged
    if not judged.status:
        nothing = Cell("not judged", missing=True)
        return Headline("Status by the rule", nothing, "", "none", "", "nothing to compare yet")
    direction = {"red": "adverse", "green": "favourable"}.get(judged.status, "none")
    value = Cell(judged.status.capitalize())
    part = book.total.silent and book.total.variance_pence is not None
    label = "Status of the lines that reported" if part else "Status by the rule"
    return Headline(label, value, "", direction, "", judged.reason)


def points_of(found: Sequence[SavingMonth]) -> list[MonthPoint]:
    """The months as the line by month draws them."""
    return [
        MonthPoint(month.month, month.plan_pence, month.actual_pence, month.forecast_pence)
        for month in found
    ]


def savings_months(book: SavingsBook, *, period: str = "") -> Chart | None:
    """What was delivered against plan by month; None where there is nothing to follow."""
    points = [  # a page of an earlier month says what was reported until then
        point
        if book.month is None or point.month <= book.month
        else replace(point, actual_pence=None, forecast_pence=None)
        for point in points_of(book.months)
    ]
    drawn = months(points, period=period, sense=1, position=False)
    if drawn is None:
        return None
    measures = ["plan and savings to date", "forecast for the year"]
    if not any(point.forecast_pence is not None for point in points):
        measures.pop()
    said = f"In £m, by month: {'; '.join(measures)}" + (f", {period}" if period else "")
    made = replace(drawn, name="savings-months", subtitle=said)
    if any(point.actual_pence is not None for point in points):
        return made
    if book.total.plan_pence is None:
        return made
    if book.total.actual_pence is not None:
        until = f"No month up to month {book.month} was reported by every line"
        return replace(made, title=until)
    published = "was published" if book.status in ("closed", "final") else "is reported yet"
    title = f"{signed(book.total.plan_pence)} planned over the year; no monthly outturn {published}"
    return replace(made, title=title)


def savings_months_table(book: SavingsBook, unit: Unit) -> Table:
    """The same figures, a month a row, with how many lines reported."""
    made = months_table(
        points_of(book.months), unit=unit, caption=f"Savings by month, in {UNIT_LABELS[unit]}"
    )
    counts = {
        month.month: Cell(f"{month.reported} of {month.lines}")
        if month.lines
        else Cell("none due", missing=True)
        for month in book.months
    }
    order = sorted(counts)
    return Table(
        caption=made.caption,
        columns=("Month", "Plan to date", "Saved to date", "Forecast for the year", "Lines"),
        rows=tuple(
            (heading, (*cells, counts[month]))
            for month, (heading, cells) in zip(order, made.rows, strict=True)
        ),
    )


def savings_caveats(book: SavingsBook, *, month: str, illustrative: bool) -> tuple[str, ...]:
    """Say what must go with a picture of savings; ``month`` as people write it, or ""."""
    state = "Provisional" if book.state == "provisional" else "Published"
    meaning = "everything saved so far" if book.state == "provisional" else "approved or closed"
    said = ["Illustrative figures, made up"] if illustrative else []
    said.append(f"{state} figures, {meaning}" + (f": {month}" if month else ""))
    if silent := book.total.lines - book.total.reported:
        said.append(f"Without a report: {silent} of {book.total.lines} lines")
    return tuple(said)
