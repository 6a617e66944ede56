"""The waterfall from the position before plans to where it stands if the risk lands."""

from __future__ import annotations

from dataclasses import dataclass

from esbt.kit.drawing import Chart
from esbt.kit.money import UNIT_LABELS, Unit, cell, format_pence
from esbt.kit.words import capital, in_a_list
from finance.charts.forecast_words import before_plans_working, derived, lands_working
from finance.charts.shapes import Table
from finance.charts.waterfalls import MEDIUM, SMALL, drawn
from finance.charts.words import amount, balance, step_text, variance_words
from finance.figures.forecast import RiskPosition


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str  # at the axis
    pence: int
    measure: str  # "absolute" or "total" for a position, "relative" for a step
    working: str = ""
    name: str = ""  # in words, where the label is short

    @property
    def heading(self) -> str:
        """What the bar is, in words."""
        return self.name or self.label

    @property
    def words(self) -> str:
        """The bar in words, with its amount."""
        said = variance_words if self.measure == "relative" else balance
        return f"{self.heading}: {said(self.pence)}"

    @property
    def text(self) -> str:
        """What is printed at the bar."""
        return (
            step_text(self.pence) if self.measure == "relative" else format_pence(self.pence, "m")
        )


def forecast_waterfall(found: RiskPosition, *, period: str = "") -> Chart | None:
    """Before plans, each partner's plan, the forecast, the risk, and where it leads.

    None where the forecast is not whole, or where neither plans nor risk are stated. What is not
    stated is not drawn as nothing: the alternative text names it.
    """
    bars = _bars(found)
    if len(bars) < 2:
        return None
    figure = drawn(
        [bar.label for bar in bars],
        [bar.pence for bar in bars],
        [bar.measure for bar in bars],
        [bar.text for bar in bars],
        [bar.words for bar in bars],
    )
    return Chart(
        name="forecast",
        figure=figure,
        title=_title(found),
        subtitle="Surplus or (deficit) in £m"
        + (f", {period}" if period else "")
        + "; ▲ favourable, ▼ adverse",
        alt=_alt(found, bars),
        size="s" if len(bars) <= SMALL else "m" if len(bars) <= MEDIUM else "l",
    )


def forecast_steps(found: RiskPosition, *, unit: Unit = "m") -> Table | None:
    """The same figures as a table; None where there is no chart."""
    bars = _bars(found)
    if len(bars) < 2:
        return None
    return Table(
        caption=f"The same figures, in {UNIT_LABELS[unit]}",
        columns=("From plans to risk", "Surplus or (deficit)"),
        rows=tuple(
            (
                bar.heading,
                (derived(bar.pence, unit, bar.working) if bar.working else cell(bar.pence, unit),),
            )
            for bar in bars
        ),
    )


def _bars(found: RiskPosition) -> list[_Bar]:
    book, risk = found.book, found.sums.counted_pence
    forecast, before, lands = book.whole_pence, book.before_plans_pence, found.if_lands_pence
    if forecast is None:
        return []
    bars = []
    if before is not None:
        bars.append(_Bar("Before plans", before, "absolute", before_plans_working(book)))
        bars += [
            _Bar(
                capital(row.short_name),
                row.expected_pence,
                "relative",
                name=f"Plan of {row.short_name}",
            )
            for row in book.rows
            if row.expected_pence is not None
        ]
    bars.append(_Bar("Forecast", forecast, "total" if bars else "absolute"))
    if lands is not None and risk is not None:
        bars.append(_Bar("At risk", -risk, "relative"))
        bars.append(_Bar("If the risk lands", lands, "total", lands_working(found)))
    return bars


def _title(found: RiskPosition) -> str:
    forecast = f"forecast {balance(found.book.whole_pence or 0)}"
    plans, risk = found.book.total.expected_pence, found.sums.counted_pence
    at_risk = f"{amount(risk)} is at risk" if risk else "nothing is at risk"
    if plans is None:
        return f"{capital(at_risk)} against the {forecast}"
    rests = f"The {forecast} rests on {amount(plans)} of plans"
    return rests if risk is None else f"{rests}, and {at_risk}"


def _alt(found: RiskPosition, bars: list[_Bar]) -> str:
    first, last = (bar.label[:1].lower() + bar.label[1:] for bar in (bars[0], bars[-1]))
    silent = []
    if found.book.before_plans_pence is None:
        silent.append("reduction plans")
    if found.if_lands_pence is None:
        silent.append("what is at risk")
    missing = f" Not drawn, since not stated: {in_a_list(silent)}." if silent else ""
    said = " ".join(f"{capital(bar.words)}." for bar in bars)
    return f"Waterfall: {first} to {last}. {said}{missing}"
