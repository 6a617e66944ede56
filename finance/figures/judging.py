"""What a system's savings call for: which schemes endanger the total, what is at risk.

Plain data in (finance.figures.savings), plain data out. Each rule is said in words beside its
figure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from esbt.kit.money import divide_half_away, percent
from finance.charts.savings import fine
from finance.charts.words import YEAR_END
from finance.figures.savings import (
    ClaimPair,
    Danger,
    SavingFigures,
    SavingsBook,
    SchemeRow,
    add_stated,
)
from schemes.models import Stage

BEFORE_DELIVERY = (Stage.OPPORTUNITY, Stage.PLANNING, Stage.DEVELOPED)
AT_RISK_RULE = (
    "The part of the forecast not yet delivered (forecast for the year less what was saved to "
    "date) in schemes that the rule says are red or whose stage is before delivery. A scheme "
    "that has not reported counts with its whole forecast, one without a forecast does not count."
)
_RANK = {"green": 0, "amber": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Forecast savings that may not come."""

    pence: int | None  # None where no scheme has a forecast
    codes: tuple[str, ...]  # the schemes in it, the largest part first
    silent: int  # schemes it would look at, had they a forecast


@dataclass(frozen=True, slots=True)
class Needed:
    """What each month left must save for the forecast to come true."""

    pence: int  # a month
    so_far_pence: int  # a month, on average
    months: int  # left
    gap_pence: int  # the forecast less what is saved

    @property
    def times(self) -> Decimal | None:
        """How many times the average so far; None where that is no base."""
        if self.so_far_pence <= 0:
            return None
        return Decimal(divide_half_away(self.pence * 10, self.so_far_pence)) / 10

    @property
    def words(self) -> str:
        """The rate and how it compares, in a sentence."""
        left = f"{self.months} month{'' if self.months == 1 else 's'} left"
        if self.pence <= 0:
            if self.gap_pence < 0:
                over = fine(-self.gap_pence)
                return f"What was saved to date exceeds the forecast by {over}, with {left}."
            if not self.so_far_pence:
                return f"Nothing is saved and nothing is forecast, with {left}."
            return f"What was saved to date reaches the forecast already, with {left}."
        so_far = f"the average so far, {fine(self.so_far_pence)} a month"
        need = f"The forecast needs {fine(self.pence)} in each of the {left}"
        if self.times is None:
            return f"{need}; {so_far}."
        if self.times == 1:
            return f"{need}, about {so_far}."
        return f"{need}, {self.times.normalize():f} times {so_far}."


@dataclass(frozen=True, slots=True)
class Moved:
    """A scheme whose forecast is another than a month before."""

    code: str
    name: str
    before_pence: int
    forecast_pence: int

    @property
    def change_pence(self) -> int:
        """By how much; a rise is favourable."""
        return self.forecast_pence - self.before_pence

    @property
    def words(self) -> str:
        """The move in words: "forecast fell by £0.4m, from £2.0m to £1.6m"."""
        side = "fell" if self.change_pence < 0 else "rose"
        return (
            f"forecast {side} by {fine(abs(self.change_pence))}, "
            f"from {fine(self.before_pence)} to {fine(self.forecast_pence)}"
        )


@dataclass(frozen=True, slots=True)
class ClaimTotals:
    """The total before and after savings that two lines claim."""

    before: SavingFigures
    taken: SavingFigures
    after: SavingFigures
    settled: tuple[ClaimPair, ...]  # one line counts, the other was taken out
    open: tuple[ClaimPair, ...]  # may be counted twice
    different: tuple[ClaimPair, ...]  # two savings after all


def _shortfall(figures: SavingFigures) -> int:
    """By how much the forecast misses the plan; without a forecast, what is behind to date."""
    variance = figures.forecast_variance_pence
    if variance is None and figures.forecast_pence is None:
        variance = figures.variance_pence
    return max(0, -(variance or 0))


def dangers(book: SavingsBook) -> list[Danger]:
    """The schemes that endanger the total, the largest shortfall first, ties as printed."""
    short = [
        (_shortfall(row.figures), row.position, row.code, row.name, _reasons(row, book.month))
        for row in book.tops
    ]
    if book.unidentified is not None:
        why = ("no scheme carries this part of the plan yet",)
        last = max((row.position for row in book.rows), default=0) + 1
        short.append((_shortfall(book.unidentified), last, "", "Unidentified savings", why))
    short = [item for item in short if item[0]]
    whole = sum(item[0] for item in short)
    return [
        Danger(code, name, pence, percent(pence, whole), reasons)
        for pence, _, code, name, reasons in sorted(short, key=lambda item: (-item[0], *item[1:3]))
    ]


def _reasons(row: SchemeRow, month: int | None) -> tuple[str, ...]:
    """Why a scheme is a danger, in words; what does not hold is left out."""
    figures = row.figures
    said = []
    if row.stage in BEFORE_DELIVERY:
        said.append(f"not yet in delivery: {Stage(row.stage).label.lower()}")
    elif row.stage == Stage.STOPPED:
        said.append("stopped")
    if silent := figures.lines - figures.reported:
        every = figures.reported == 0
        until = f" for month {month}" if month is not None else ""
        of = "" if every else f": {silent} of {figures.lines} lines"
        said.append(f"{'no report' if every else 'reports missing'}{until}{of}")
    if fell := figures.fell_by_pence:
        said.append(f"saved to date is {fine(fell)} below what an earlier month reported")
    before, forecast = figures.before_pence, figures.forecast_pence
    if before is not None and forecast is not None and forecast < before:
        said.append(f"forecast fell by {fine(before - forecast)} since last month")
    actual = figures.actual_pence
    if actual is not None and forecast is not None and forecast < actual:
        said.append(f"forecast below the {fine(actual)} saved to date")
    if figures.variance_pence is not None and figures.variance_pence < 0:
        said.append(f"{fine(-figures.variance_pence)} behind plan to date")
    if forecast is None:
        said.append("no forecast, so the shortfall is the one to date")
    if _RANK.get(row.rating, 9) < _RANK.get(row.judged.status, -1):
        said.append(f"the lead rates it {row.rating} while the rule says {row.judged.status}")
    rate, aim = run_rate(figures, month), figures.plan_pence if forecast is None else forecast
    if rate is not None and aim is not None and rate < aim and month != YEAR_END:
        what = "planned" if forecast is None else "forecast"
        reached = fine(rate) if rate else "nothing"
        said.append(
            f"at the rate so far it would reach {reached} of the {fine(aim)} {what} (extrapolated)"
        )
    return tuple(said)


def savings_at_risk(book: SavingsBook) -> AtRisk:
    """What AT_RISK_RULE says."""
    parts: list[tuple[SchemeRow, int]] = []
    silent, stated = 0, False
    for row in book.tops:
        forecast = row.figures.forecast_pence
        stated = stated or forecast is not None
        if row.judged.status != "red" and row.stage not in BEFORE_DELIVERY:
            continue
        if forecast is None:
            silent += 1
        elif (left := forecast - (row.figures.actual_pence or 0)) > 0:
            parts.append((row, left))
    parts.sort(key=lambda part: -part[1])
    return AtRisk(
        pence=sum(pence for _, pence in parts) if stated else None,
        codes=tuple(row.code for row, _ in parts),
        silent=silent,
    )


def run_rate(figures: SavingFigures, month: int | None) -> int | None:
    """The year if every month were as those so far, on average: an extrapolation, no forecast."""
    if figures.actual_pence is None or month is None or not 1 <= month <= YEAR_END:
        return None
    if figures.silent:  # what some lines saved says nothing of the others
        return None
    return divide_half_away(figures.actual_pence * YEAR_END, month)


def needed_rate(figures: SavingFigures, month: int | None) -> Needed | None:
    """What each month left must save; None where nothing is left or something is not stated."""
    actual, forecast = figures.actual_pence, figures.forecast_pence
    if actual is None or forecast is None or month is None or not 1 <= month < YEAR_END:
        return None
    if figures.silent:
        return None
    left = YEAR_END - month
    return Needed(
        pence=divide_half_away(forecast - actual, left),
        so_far_pence=divide_half_away(actual, month),
        months=left,
        gap_pence=forecast - actual,
    )


def moves(book: SavingsBook) -> list[Moved]:
    """The schemes whose forecast moved since the month before, the largest move first."""
    found = [
        (
            row.position,
            Moved(row.code, row.name, row.figures.before_pence, row.figures.forecast_pence),
        )
        for row in book.tops
        if row.figures.before_pence is not None and row.figures.forecast_pence is not None
    ]
    return [
        moved
        for _, moved in sorted(found, key=lambda pair: (-abs(pair[1].change_pence), pair[0]))
        if moved.change_pence
    ]


def weighted_words(book: SavingsBook) -> str:
    """The forecast weighted by stage, or that it is off."""
    if book.weighted_forecast_pence is None:
        return "A forecast weighted by stage is off until the system agrees weights for stages."
    order = [stage for stage in Stage if stage.value in book.weights]
    weights = ", ".join(f"{stage.label.lower()} {book.weights[stage.value]}%" for stage in order)
    return (
        f"Weighted by stage, the forecast is {fine(book.weighted_forecast_pence)}: "
        f"each forecast times the weight agreed for its stage ({weights})."
    )


def claims_words(book: SavingsBook) -> str:
    """What savings that two claim do to the totals beside which this stands; "" without any."""
    totals = claim_totals(book)
    said = []
    if totals.settled:
        after = ", ".join(
            f"{fine(pence)} {word}"
            for pence, word in (
                (totals.after.plan_pence, "planned"),
                (totals.after.actual_pence, "saved"),
                (totals.after.forecast_pence, "forecast"),
            )
            if pence is not None
        )
        said.append(
            "These totals stand before savings claimed twice are taken out; "
            f"after that they are {after}."
        )
    if count := len(totals.open):
        pairs = "pair of savings" if count == 1 else "pairs of savings"
        wait = "waits" if count == 1 else "wait"
        said.append(
            f"{count} {pairs} may be counted twice, and {wait} for the system's administrator "
            "to settle."
        )
    return " ".join(said)


def scheme_claims_words(book: SavingsBook, schemes: Collection[str]) -> str:
    """Whether the figures of these schemes hold savings that two claim; "" where none is known."""
    own = [pair for pair in book.claims if pair.scheme in schemes]
    twice = [pair for pair in own if pair.settlement != "different"]
    if not twice:
        return ""
    still = sum(pair.settlement == "open" for pair in twice)
    pairs = "One pair" if len(twice) == 1 else f"{len(twice)} pairs"
    if not still:
        return f"{pairs} of these savings count twice; the figures here stand before that."
    waits = "It waits" if len(twice) == 1 else f"{still} of them wait"
    return (
        f"{pairs} of these savings may count twice. {waits} for the system's administrator to "
        "settle; the figures here stand before that."
    )


def claim_totals(book: SavingsBook) -> ClaimTotals:
    """Take out of the total what a settled pair counts twice, each line once."""
    dropped: dict[str, SavingFigures] = {}
    for pair in book.claims:
        if pair.settlement == "one":
            dropped[pair.other] = pair.other_figures
        elif pair.settlement == "other":
            dropped[pair.one] = pair.one_figures
    taken = list(dropped.values())

    def less(read: Callable[[SavingFigures], int | None]) -> tuple[int | None, int | None]:
        out, whole = add_stated(read(figures) for figures in taken), read(book.total)
        return out, None if whole is None else whole - (out or 0)

    plan, actual, forecast = (
        less(lambda figures: figures.plan_pence),
        less(lambda figures: figures.actual_pence),
        less(lambda figures: figures.forecast_pence),
    )
    made = [
        SavingFigures(plan_pence=plan[at], actual_pence=actual[at], forecast_pence=forecast[at])
        for at in (0, 1)
    ]

    def standing(*settlements: str) -> tuple[ClaimPair, ...]:
        return tuple(pair for pair in book.claims if pair.settlement in settlements)

    return ClaimTotals(
        before=book.total,
        taken=made[0],
        after=made[1],
        settled=standing("one", "other"),
        open=standing("open"),
        different=standing("different"),
    )
