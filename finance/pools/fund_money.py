"""The money of a fund's plan: what is stated of its years, what its headings spend, what warns.

Amounts are positive pence. Amounts of different measures are never added, and a suspect one is in
no total until somebody settles it. None is not stated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esbt.kit.money import words
from finance.models import PoolAmount
from finance.queries.pool_amounts import planned_by_heading, standing_amounts
from schemes.models import FundHeading, FundPlan

Measure = PoolAmount.Measure


@dataclass(frozen=True, slots=True)
class FundYear:
    """What is stated of a pool in a year of its plan."""

    year: str
    amounts: Sequence[PoolAmount]

    @property
    def label(self) -> str:
        """The year as pages say it."""
        return self.year.replace("-", "/")

    def of(self, measure: str) -> list[PoolAmount]:
        """What is stated of a measure, whatever is thought of it."""
        return [amount for amount in self.amounts if amount.measure == measure]

    def counted(self, measure: str) -> PoolAmount | None:
        """The first that nobody doubts; None where there is none."""
        return next((amount for amount in self.of(measure) if amount.counts), None)

    @property
    def fund(self) -> PoolAmount | None:
        """What the fund holds: the agreed amount, else the minimum."""
        return self.counted(Measure.AGREED) or self.counted(Measure.MINIMUM)

    @property
    def warnings(self) -> list[str]:
        """What is doubtful about the year, in words."""
        told = [
            f"{amount.name}, {self.label}: suspect"
            f"{f' (printed “{amount.evidence.printed}”)' if amount.evidence else ''}, "
            "in no total until a person settles it."
            for amount in self.amounts
            if amount.status == PoolAmount.Status.SUSPECT
        ]
        agreed, minimum = self.counted(Measure.AGREED), self.counted(Measure.MINIMUM)
        if agreed and minimum and _pence(agreed) < _pence(minimum):
            short = words(_pence(minimum) - _pence(agreed), "gbp")
            told.append(f"What is agreed for {self.label} is {short} under the minimum required.")
        return told


@dataclass(frozen=True, slots=True)
class HeadingSpend:
    """What is stated, and what lines plan, under a heading in a year; never added to each other."""

    year: FundYear
    amounts: Sequence[PoolAmount]
    planned_pence: int | None

    @property
    def stated_pence(self) -> int | None:
        """What is stated under the heading together, without what is doubted."""
        return _together(self.amounts)

    @property
    def known(self) -> bool:
        """Whether anything is stated or planned."""
        return bool(self.amounts) or self.planned_pence is not None

    @property
    def stated_excess(self) -> int:
        """By how much what is stated is more than the whole fund; 0 where it is not, or unknown."""
        return excess(self.stated_pence, self.year.fund)

    @property
    def planned_excess(self) -> int:
        """The same of what lines plan."""
        return excess(self.planned_pence, self.year.fund)


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A heading of the plan with its spend by year."""

    heading: FundHeading
    years: Sequence[HeadingSpend]
    undated: Sequence[PoolAmount]  # spend whose year nobody states, in no sum of a year

    @property
    def undated_pence(self) -> int | None:
        """What of that is stated together, without what is doubted."""
        return _together(self.undated)


@dataclass(frozen=True, slots=True)
class FundMoney:
    """The money of a plan."""

    years: Sequence[FundYear]
    headings: Sequence[HeadingRow]

    @property
    def warnings(self) -> list[str]:
        """Everything doubtful, in words."""
        told = [warning for year in self.years for warning in year.warnings]
        for place, year in enumerate(self.years):
            spends = [(row.heading.name, row.years[place]) for row in self.headings]
            stated = [(name, spend.stated_pence) for name, spend in spends]
            planned = [(name, spend.planned_pence) for name, spend in spends]
            told += [*_overs("stated", stated, year), *_overs("planned", planned, year)]
        return told

    @property
    def stated(self) -> bool:
        """Whether spend is stated under a heading."""
        return any(spend.amounts for row in self.headings for spend in row.years)

    @property
    def undated(self) -> bool:
        """Whether spend is stated under a heading without its year."""
        return any(row.undated for row in self.headings)

    @property
    def planned(self) -> bool:
        """Whether lines of some return plan spend under a heading."""
        return any(s.planned_pence is not None for row in self.headings for s in row.years)

    @property
    def spending(self) -> list[int]:
        """The places of years in which any heading has spend."""
        return [
            place
            for place in range(len(self.years))
            if any(row.years[place].known for row in self.headings)
        ]


def excess(pence: int | None, fund: PoolAmount | None) -> int:
    """By how much an amount is more than a fund; 0 where it is not, or either is unknown."""
    if pence is None or fund is None:
        return 0
    return max(pence - _pence(fund), 0)


def _pence(amount: PoolAmount) -> int:
    return amount.pence or 0


def _together(amounts: Sequence[PoolAmount]) -> int | None:
    stated = [_pence(amount) for amount in amounts if amount.counts]
    return sum(stated) if stated else None


def _overs(how: str, parts: Sequence[tuple[str, int | None]], year: FundYear) -> list[str]:
    """Headings, and all of them together, of which the spend is more than the whole fund."""
    known = [(f"under “{name}”", pence) for name, pence in parts if pence is not None]
    if len(known) > 1:
        known.append(("under all headings", sum(pence for _, pence in known)))
    fund = year.fund
    if fund is None:
        return []
    basis = f", {fund.basis}" if fund.basis else ""
    whole = f"{fund.get_measure_display().lower()}: {words(_pence(fund), 'gbp')}{basis}"
    return [
        f"Spend {how} {where} adds to {words(pence, 'gbp')} in {year.label}, "
        f"{words(excess(pence, fund), 'gbp')} more than the whole fund of that year ({whole})."
        for where, pence in known
        if excess(pence, fund)
    ]


def fund_money(plan: FundPlan, headings: Sequence[FundHeading], years: Sequence[str]) -> FundMoney:
    """The money of a plan in its years: four queries, none of them where it has no pool."""
    amounts = (
        standing_amounts(plan.pool, plan.first_year_id, plan.last_year_id) if plan.pool else []
    )
    planned = planned_by_heading(plan)
    found = [
        FundYear(year, [amount for amount in amounts if amount.slice.year_id == year])
        for year in years
    ]
    return FundMoney(
        found,
        [
            HeadingRow(
                heading,
                _spends(heading, found, planned),
                [amount for year in found for amount in _under(heading, year, Measure.UNDATED)],
            )
            for heading in headings
        ],
    )


def _under(heading: FundHeading, year: FundYear, measure: str) -> list[PoolAmount]:
    return [amount for amount in year.of(measure) if amount.heading_id == heading.pk]


def _spends(
    heading: FundHeading, years: Sequence[FundYear], planned: Mapping[tuple[int, str], int]
) -> list[HeadingSpend]:
    return [
        HeadingSpend(
            year,
            _under(heading, year, Measure.SPEND),
            planned.get((heading.pk, year.year)),
        )
        for year in years
    ]
