"""What the page of one scheme says with its figures."""

from __future__ import annotations

from esbt.kit.money import UNIT_LABELS, Unit, cell, percent, percent_cell
from esbt.kit.words import capital
from finance.charts.savings import signed
from finance.charts.shapes import Headline
from finance.charts.words import amount, direction_of, direction_words, forecast_age, month_name
from finance.figures.savings import SavingFigures, SavingsBook, SchemeRow


def scheme_sentence(row: SchemeRow, book: SavingsBook) -> str:
    """Say what a scheme plans, saved and forecasts, and what of that nobody states."""
    figures = row.figures
    year = book.year.replace("-", "/")
    if figures.plan_pence is None:
        if row.parent:
            return f"A part of {row.parent_name}; no saving of its own is stated for {year}."
        return f"No saving is planned for {year}, or none is stated."
    share = percent(figures.plan_pence, book.total.plan_pence)
    of_plan = f", {share:.0f}% of the plan" if share is not None else ""
    said = f"{capital(amount(figures.plan_pence))} is to be saved in {year}{of_plan}."
    if figures.actual_pence is not None:
        said += f" To {month_name(book.month or 12)} it saved {_saved(figures.actual_pence)}"
        if figures.variance_pence is not None:
            said += f", {_compared(figures.variance_pence)}"
        said += "."
        if figures.silent:
            have = "has" if figures.silent == 1 else "have"
            said += f" {figures.silent} of its {figures.lines} lines {have} no report for it."
    elif book.status == "open":
        said += " No outturn has been reported yet."
    else:
        said += " No outturn was published; that is not a zero."
    if figures.forecast_pence is not None:
        said += f" The forecast for the year is {_saved(figures.forecast_pence)}"
        if figures.forecast_variance_pence is not None:
            said += f", {_compared(figures.forecast_variance_pence)}"
        said += "."
    return said


def _saved(pence: int) -> str:
    return signed(pence) if pence else "nothing"


def _compared(variance: int) -> str:
    return f"{amount(variance)} {direction_of(variance)} to plan" if variance else "on plan"


def _forecast_age(figures: SavingFigures) -> str:
    first, last = figures.forecast_month, figures.forecast_month_last
    if first is None or last not in (None, first):
        return forecast_age(first, last, figures.forecasts_behind)
    return f"as of {month_name(first)}"


def scheme_headlines(row: SchemeRow, book: SavingsBook, unit: Unit) -> tuple[Headline, ...]:
    """Plan, saved to date, forecast, each with what it stands against."""
    figures = row.figures
    label = UNIT_LABELS[unit]
    share = percent_cell(percent(figures.plan_pence, book.total.plan_pence))
    variance, ahead = figures.variance_pence, figures.forecast_variance_pence
    # beside what was saved stands the plan of the lines that reported it
    silent = figures.silent
    plan_to_date = cell(figures.compared_plan_pence if silent else figures.plan_to_date_pence, unit)
    against = "" if plan_to_date.missing else f"plan to date {plan_to_date.text}"
    if silent and figures.actual_pence is not None:
        against += f"{', ' if against else ''}{silent} of {figures.lines} lines without a report"
    return (
        Headline(
            "Plan for the year",
            cell(figures.plan_pence, unit),
            label,
            "none",
            "",
            "" if share.missing else f"{share.text}% of the plan",
        ),
        Headline(
            "Saved to date",
            cell(figures.actual_pence, unit),
            label,
            direction_of(variance),
            direction_words(variance, direction_of(variance), unit=unit),
            against,
        ),
        Headline(
            "Forecast for the year",
            cell(figures.forecast_pence, unit),
            label,
            direction_of(ahead),
            direction_words(ahead, direction_of(ahead), unit=unit),
            _forecast_age(figures),
        ),
    )
