"""Green, amber or red: what the rule says of a variance (DOMAIN 8), at each level.

Red is an adverse variance of so many per cent of the plan, or of so much money, whichever is
reached first; amber is any smaller adverse one; green is on plan or better. The thresholds are
settings (ESBT_RAG), beside which a scheme's lead may say otherwise; both are shown. A line that
is red by its own threshold is submitted with a comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from esbt.kit.money import percent, words
from finance.figures.savings import Judged, SavingFigures
from finance.queries.entry import EntryLine


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on an adverse variance is red."""

    percent: Decimal  # of the absolute plan
    pence: int

    def is_red(self, adverse_pence: int, plan_pence: int | None) -> bool:
        """Whether an adverse variance (positive here) reaches one of the two."""
        share = adverse_pence * 100 >= self.percent * abs(plan_pence) if plan_pence else False
        return share or adverse_pence >= self.pence

    @property
    def words(self) -> str:
        """The threshold as pages state it."""
        amount = words(self.pence, "m" if self.pence >= 10_000_000 else "gbp")
        return f"{self.percent.normalize():f}% of plan or {amount}, whichever is lower"


def threshold(level: str) -> Threshold:
    """The threshold of a level: "line", "scheme", "theme" or "whole"."""
    percent_, pounds = settings.ESBT_RAG[level]
    return Threshold(Decimal(percent_), int(pounds) * 100)


def rule_words() -> str:
    """The rule in a sentence, for the pages that show its statuses."""
    return (
        "Red: the variance to date or the forecast variance is adverse by "
        f"{threshold('scheme').words} for a scheme, {threshold('theme').words} for a theme, "
        f"{threshold('whole').words} for the whole plan. Amber: any smaller adverse variance. "
        "Green: on plan or better."
    )


def judge(figures: SavingFigures, level: str) -> Judged:
    """The status of savings by the worse of what was saved to date and what is forecast.

    Nothing is judged where neither can be compared with a plan.
    """
    limit = threshold(level)
    found: list[tuple[int, str, str]] = []
    for variance, plan, what in (
        (figures.variance_pence, figures.compared_plan_pence, "to date"),
        (figures.forecast_variance_pence, figures.forecast_plan_pence, "forecast"),
    ):
        if variance is None:
            continue
        adverse = max(0, -variance)
        rank = 0 if not adverse else 2 if limit.is_red(adverse, plan) else 1
        found.append((rank, what, variance_words(variance, plan, what)))
    if not found:
        return Judged()
    worst = max(rank for rank, _, _ in found)
    reason = "; ".join(said for rank, _, said in found if rank == worst)
    if figures.silent and figures.variance_pence is not None:
        have = "has" if figures.silent == 1 else "have"
        reason += f" ({figures.silent} of {figures.lines} lines {have} no report)"
    return Judged(("green", "amber", "red")[worst], reason)


def beyond_threshold(item: EntryLine) -> str:
    """In words how far a line is adverse beyond the threshold of a line; "" when it is not."""
    return "; ".join(said for direction, said in far_from_plan(item) if direction == "adverse")


def far_from_plan(item: EntryLine) -> list[tuple[str, str]]:
    """The direction and the words of what is beyond the threshold of a line, on either side."""
    line, said = item.line, []
    for what, variance, plan in _compared(item):
        if variance and threshold("line").is_red(abs(variance), plan):
            direction = "favourable" if variance > 0 else "adverse"
            words_ = variance_words(variance, plan, what)
            if not line.side:  # capital: to be explained where it is over plan, and not judged
                words_ = words_.replace("adverse", "over plan")
            if line.side or direction == "adverse":
                said.append((direction, words_))
    return said


def none_beyond(lines: Sequence[EntryLine], how: str) -> str:
    """In a sentence that no line is ``how`` ("away from plan by") its threshold.

    Lines that cannot be compared with a plan are counted, and where all are nothing else is said.
    """
    judged = [item for item in lines if item.line.sense]
    silent = sum(not _compared(item) for item in judged)
    lacking = "no plan, or no figure on its basis, is stated"
    if judged and silent == len(judged):
        return f"No line can be compared with a plan: {lacking}."
    said = f"No line is {how} {threshold('line').words}."
    if silent:
        said += f" {silent} of {len(judged)} lines cannot be compared with a plan: {lacking}."
    return said


def _compared(item: EntryLine) -> list[tuple[str, int, int]]:
    """What of a line is compared, its variance (favourable-positive) and the plan of that.

    Only figures on the plan's basis are compared, and only kinds that have a direction.
    """
    head, line = item.head, item.line
    if head is None or not line.sense:
        return []
    basis = getattr(line, "basis", None)  # what the plan includes; None without a plan
    return [
        (what, line.sense * (pence - plan), plan)
        for what, pence, stands, plan in (
            ("to date", head.actual_pence, head.actual_basis, item.plan_to_date_pence),
            ("forecast", head.forecast_pence, head.forecast_basis, item.plan_year_pence),
        )
        if pence is not None and plan is not None and stands == basis
    ]


def variance_words(variance: int, plan: int | None, what: str) -> str:
    """A variance in words, such as £0.2m (12.3%) adverse to date."""
    if not variance:
        return "on plan to date" if what == "to date" else "forecast on plan"
    side = "adverse" if variance < 0 else "favourable"
    size = abs(variance)
    amount = words(size, "m" if size >= 100_000_000 else "k" if size >= 100_000 else "gbp")
    share = percent(size, abs(plan) if plan else None)
    of_plan = f" ({share:.1f}%)" if share is not None else ""
    return f"{amount}{of_plan} {side} {'to date' if what == 'to date' else 'in the forecast'}"
