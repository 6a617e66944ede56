"""Expenditure reduction plans of a year: planned, achieved, and how each stands. Plain data.

Pence of expenditure that is taken away, so that more is favourable. None is not stated, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from esbt.kit.money import MINUS, divide_half_away, words
from finance.charts.words import YEAR_END
from finance.figures.judging import run_rate
from finance.figures.savings import Judged, SavingFigures, add_up
from finance.figures.status import judge, threshold

_LEAST = 5_000_000  # pence; from here on two decimals of £m say enough
LEVEL = "scheme"  # whose threshold judges a plan; all of them together have that of the whole


@dataclass(frozen=True, slots=True)
class LastReport:
    """The month before the one that is shown in which a plan last reported."""

    month: int
    actual_pence: int
    plan_to_date_pence: int | None


@dataclass(frozen=True, slots=True)
class ReductionPlan:
    """A partner's plan as of a month."""

    pk: int  # of its line
    code: str
    name: str
    partner: str  # its code
    partner_name: str
    figures: SavingFigures
    judged: Judged
    rate_pence: int | None  # the year if every month were as those so far
    last: LastReport | None = None  # only where the month itself is not reported
    bases_differ: bool = False
    ends: bool = False  # whether the month is the year's last, or the audited one

    @property
    def ended(self) -> bool:
        """Whether what it achieved is that of the whole year: nothing is left to forecast."""
        return self.ends and self.figures.actual_pence is not None

    @property
    def behind_pence(self) -> int:
        """By how much less is achieved to date than was planned; 0 where that cannot be said."""
        return max(0, -(self.figures.variance_pence or 0))

    @property
    def fails(self) -> bool:
        """Whether it does not deliver: behind to date, or forecast to miss its target."""
        return self.judged.status in ("amber", "red")


@dataclass(frozen=True, slots=True)
class ReductionBook:
    """Every plan of a year as of a month, and all of them together."""

    month: int | None  # None while nothing is reported
    months: tuple[int, ...]  # for which anybody reported
    state: str
    plans: Sequence[ReductionPlan]
    total: SavingFigures
    judged: Judged
    rate_pence: int | None

    @property
    def silent(self) -> list[ReductionPlan]:
        """Plans that were due in the month and did not report it."""
        return [plan for plan in self.plans if plan.figures.silent]

    @property
    def failing(self) -> list[ReductionPlan]:
        """Plans that do not deliver."""
        return [plan for plan in self.plans if plan.fails]

    @property
    def counts(self) -> dict[str, int]:
        """How many plans there are, and of how many what is known."""
        return {
            "plans": len(self.plans),
            "plans_reported": sum(p.figures.actual_pence is not None for p in self.plans),
            "plans_forecast": sum(p.figures.forecast_pence is not None for p in self.plans),
            "plans_rated": sum(bool(p.judged.status) for p in self.plans),
        }

    @property
    def forecast_words(self) -> str:
        """What is forecast where some plans have no forecast; "" where all or none have one."""
        known = [plan for plan in self.plans if plan.figures.forecast_pence is not None]
        if not known or self.total.forecast_pence is not None or any(p.ended for p in self.plans):
            return ""
        rest = [plan.figures.plan_pence for plan in self.plans if plan not in known]
        said = f"{_of_all(len(known), len(self.plans))} a forecast"
        sums = add_up(plan.figures for plan in known)
        if sums.forecast_pence is not None and sums.forecast_plan_pence is not None:
            said += f", {of_words(sums.forecast_pence, sums.forecast_plan_pence)}"
        if None not in rest:
            said += f"; {amount(sum(pence or 0 for pence in rest))} of the targets is not forecast"
        return said


def book_of(
    plans: Sequence[ReductionPlan], *, month: int | None, months: Sequence[int], state: str
) -> ReductionBook:
    """Plans with their total, which holds achieved against planned of those that reported.

    All together have a forecast only where each has one, and a rating only where each is rated and
    has a forecast or has ended.
    """
    total = add_up(plan.figures for plan in plans)
    forecast = sum(plan.figures.forecast_pence is not None for plan in plans)
    if forecast < len(plans):
        total = replace(total, forecast_pence=None, forecast_variance_pence=None)
    return ReductionBook(
        month=month,
        months=tuple(months),
        state=state,
        plans=plans,
        total=total,
        judged=_judged(plans, total),
        rate_pence=None if month is None or month >= YEAR_END else run_rate(total, month),
    )


def _judged(plans: Sequence[ReductionPlan], total: SavingFigures) -> Judged:
    rated = [plan for plan in plans if plan.judged.status]
    if rated and len(rated) < len(plans):
        return Judged("", f"only {_of_all(len(rated), len(plans))} a rating")
    known = [p for p in plans if p.ended or p.figures.forecast_pence is not None]
    if rated and len(known) < len(plans):
        return Judged("", f"only {_of_all(len(known), len(plans))} a forecast")
    return judge(total, "whole")


def _of_all(some: int, every: int) -> str:
    return f"{some} of {every} plans {'has' if some == 1 else 'have'}"


def without_forecast(figures: SavingFigures) -> SavingFigures:
    """Figures of a year that has ended: beside what was achieved nothing is forecast."""
    return replace(
        figures,
        forecast_pence=None,
        forecast_variance_pence=None,
        forecast_month=None,
        forecast_month_last=None,
    )


def judged_by() -> str:
    """The rule of the statuses in a sentence."""
    return (
        "Red: behind plan to date, or forecast to miss the target, by "
        f"{threshold(LEVEL).words} for a plan, {threshold('whole').words} for all together. "
        "Amber: by any smaller amount. Green: on plan or better. Nothing is rated where neither "
        "can be compared, nor all together while one of them is not."
    )


def amount(pence: int) -> str:
    """An amount with two decimals of £m, such as £1.25m; below £50k in thousands or pounds."""
    if abs(pence) < _LEAST:
        return words(pence, "gbp" if abs(pence) < 100_000 else "k")
    hundredths = divide_half_away(abs(pence), 1_000_000)
    return f"{MINUS if pence < 0 else ''}£{hundredths // 100:,}.{hundredths % 100:02d}m"


def of_words(actual_pence: int, plan_pence: int | None) -> str:
    """Achieved of planned: "£1.00m of £1.25m"."""
    plan = "a plan to date that is not stated" if plan_pence is None else amount(plan_pence)
    return f"{amount(actual_pence)} of {plan}"


def sentence_of(book: ReductionBook, month_name: str) -> str:
    """What the figures of all plans say."""
    total = book.total
    if not book.plans:
        return "No expenditure reduction plan is stated for this year."
    if total.plan_pence is None:
        return "The targets of the reduction plans are not stated."
    target = f"The reduction plans are to take {amount(total.plan_pence)} out of the year's spend"
    if total.actual_pence is None:
        return f"{target}; what was achieved is not stated."
    reported, of_those = book.counts["plans_reported"], ""
    if reported < len(book.plans):
        of_those = f", of the {reported} of {len(book.plans)} plans that reported"
    rest = (
        f" {book.forecast_words[:1].upper()}{book.forecast_words[1:]}."
        if book.forecast_words
        else ""
    )
    if total.variance_pence is None:
        done = amount(total.actual_pence)
        return f"{target}; {done} is achieved to {month_name}{of_those}.{rest}"
    said = of_words(total.actual_pence, total.compared_plan_pence)
    side = _side(total.variance_pence)
    return f"{target}; {said} planned to {month_name} is achieved, {side}{of_those}.{rest}"


def _side(variance: int) -> str:
    if not variance:
        return "on plan"
    return f"{amount(abs(variance))} {'ahead of' if variance > 0 else 'behind'} plan"
