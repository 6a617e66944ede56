"""A year's forecast and what hangs on it: control totals, reduction plans, risk. Plain data.

Positions are pence in their own sense (a deficit is negative); plans and what is at stake are
positive. Distances and changes are favourable-positive. None is not stated, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from finance.figures.position import Reported
from finance.figures.savings import add_stated

CONTROL_TOTAL = "control-total"  # code of the plan that holds them


def add(*parts: int | None) -> int | None:
    """The sum where every part is stated, else None."""
    return None if None in parts else sum(part for part in parts if part is not None)


def less(whole: int | None, part: int | None) -> int | None:
    """The difference where both are stated, else None."""
    return None if whole is None or part is None else whole - part


@dataclass(frozen=True, slots=True)
class Stake:
    """What one risk puts at stake in a year, as its source states it (DOMAIN 9)."""

    pence: int | None = None
    stands_as: str = "not-stated"  # "gross", "net" or that
    mitigation_pence: int | None = None
    marks: tuple[str, ...] = ()
    working: str = ""

    @property
    def gross_pence(self) -> int | None:
        """Before mitigations, where that is known."""
        if self.stands_as == "net":
            return add(self.pence, self.mitigation_pence)
        return self.pence if self.stands_as == "gross" else None

    @property
    def net_pence(self) -> int | None:
        """After mitigations, where that is known."""
        if self.stands_as == "gross":
            return less(self.pence, self.mitigation_pence)
        return self.pence if self.stands_as == "net" else None

    @property
    def loose(self) -> bool:
        """Whether an amount is stated and nobody says whether it is gross or net."""
        return self.pence is not None and self.stands_as not in ("gross", "net")

    @property
    def counted_pence(self) -> int | None:
        """What the position loses if it lands: the net amount, else the stated one as it is."""
        return self.pence if self.net_pence is None else self.net_pence


@dataclass(frozen=True, slots=True)
class RiskItem:
    """A risk of the register with what it puts at stake in the year."""

    code: str
    name: str
    cause: str
    effect: str
    partner: str  # its code; "" for everybody's
    partner_name: str
    scheme: str  # its code
    scheme_name: str
    likelihood: int | None
    impact: int | None
    mitigation: str  # in words
    owner_role: str
    owner_name: str
    review: str
    status: str
    note: str
    stake: Stake
    rating: str = ""  # the word that its source prints: "high", "medium", "low"
    pool: str = ""  # its code
    pool_name: str = ""
    workstream: str = ""  # its code
    workstream_name: str = ""

    @property
    def score(self) -> int | None:
        """Likelihood times impact; None while it is not rated."""
        return self.likelihood and self.impact and self.likelihood * self.impact

    @property
    def rated(self) -> bool:
        """Whether a score or a word says how grave it is; what nobody rated is not low."""
        return bool(self.score or self.rating)

    @property
    def mitigated(self) -> bool:
        """Whether something is done about it, in words or by what that is worth."""
        return bool(self.mitigation.strip() or self.stake.mitigation_pence)

    @property
    def counts(self) -> bool:
        """Whether it is still to come: what landed is in the forecast, what is closed is gone."""
        return self.status == "open"


@dataclass(frozen=True, slots=True)
class RiskSums:
    """Open risks together. Gross less mitigations is net: those three sum the same risks."""

    gross_pence: int | None
    mitigation_pence: int | None
    net_pence: int | None
    counted_pence: int | None  # of all whose amount is stated


def sums_of(risks: Iterable[RiskItem]) -> RiskSums:
    """Add up open risks; the split into gross and net only of those that state both."""
    stakes = [item.stake for item in risks if item.counts]
    whole = [s for s in stakes if s.gross_pence is not None and s.mitigation_pence is not None]
    stated = [s.counted_pence for s in stakes if s.counted_pence is not None]
    return RiskSums(
        sum(s.gross_pence or 0 for s in whole) if whole else None,
        sum(s.mitigation_pence or 0 for s in whole) if whole else None,
        sum(s.net_pence or 0 for s in whole) if whole else None,
        sum(stated) if stated else None,
    )


def columns_of(risks: Iterable[RiskItem]) -> RiskSums:
    """The same as a table's last row has it: each column adds what open risks state in it."""
    stakes = [item.stake for item in risks if item.counts]
    columns = ("gross_pence", "mitigation_pence", "net_pence", "counted_pence")
    return RiskSums(*(add_stated(getattr(stake, name) for stake in stakes) for name in columns))


@dataclass(frozen=True, slots=True)
class Doubt:
    """How a figure came about that is not simply printed."""

    marks: tuple[str, ...] = ()  # the state of its evidence, as ("derived",)
    working: str = ""


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One partner's forecast against its control total and last year, or the system's."""

    partner: str  # its code; figures.TOTAL for the system
    name: str
    short_name: str
    forecast_pence: int | None
    forecast_month: int | None
    forecast_month_last: int | None
    forecasts_behind: int
    control_pence: int | None
    distance_pence: int | None  # forecast less control total
    bases_differ: bool
    last_pence: int | None  # last year's outturn
    change_pence: int | None  # forecast less that
    plans_pence: int | None  # reduction plans, the year
    delivered_pence: int | None  # of them to date, where it is reported
    expected_pence: int | None  # of them in the forecast: what plans forecast, else what they plan
    forecast_doubt: Doubt
    control_doubt: Doubt


@dataclass(frozen=True, slots=True)
class ForecastBook:
    """The figures of a year's forecast, with their stamp; what is at stake stands apart."""

    system: str
    year: str
    month: int | None
    state: str
    plan: str  # code of the plan that forecasts are held against
    plan_name: str
    rows: Sequence[ForecastRow]
    total: ForecastRow
    outturn_pence: int | None  # of a year that has ended
    last_year: str  # "2017/18"; "" where last year's outturn is not stated
    underlying_pence: int | None  # the forecast without what is not recurrent
    silent: tuple[str, ...]  # partners that state a position and no forecast
    plans_forecast: bool  # some plan forecasts what it delivers
    notes: Sequence[str]
    reported: Reported
    computed_at: datetime | None
    change: int
    stale: bool
    status: str
    months: tuple[int, ...] = ()  # for which anybody reported an actual

    @property
    def is_control(self) -> bool:
        """Whether forecasts are held against control totals, and not against another plan."""
        return self.plan == CONTROL_TOTAL

    @property
    def whole_pence(self) -> int | None:
        """The forecast where every partner states one; what is derived starts from it."""
        return None if self.silent else self.total.forecast_pence

    @property
    def before_plans_pence(self) -> int | None:
        """Derived: the forecast without the reduction plans that it counts on."""
        return less(self.whole_pence, self.total.expected_pence)


@dataclass(frozen=True, slots=True)
class RiskPosition:
    """A year's forecast with the risks against it."""

    book: ForecastBook
    risks: Sequence[RiskItem]
    sums: RiskSums
    cautions: Sequence[str] = ()

    @property
    def if_lands_pence(self) -> int | None:
        """Derived: the forecast when all open risk lands; None where no amount is stated."""
        return less(self.book.whole_pence, self.sums.counted_pence)
