"""The shapes in which figures leave the rollups: plain data for pages, the API, charts and packs.

Money is integer pence in the sense of its line (a deficit is negative) or None, which reads "not
stated" and never 0. Variances are favourable-positive: sense x (actual - plan).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One partner's (or reporting group's) position in a month, or the system's total.

    A total compares plan and actual over the same partners: its ``ytd_plan_pence`` covers only
    those that reported, who are named in ``Position.reported``.
    """

    partner: str  # its code; TOTAL for the total
    name: str
    short_name: str
    plan_pence: int | None  # full year
    ytd_plan_pence: int | None
    ytd_actual_pence: int | None
    variance_pence: int | None  # to date
    forecast_pence: int | None  # full year, the latest reported
    forecast_variance_pence: int | None
    variance_pct: Decimal | None  # of the plan; None on a zero base
    pct_turnover: Decimal | None  # of the year's turnover, where it is known
    direction: str  # "favourable", "adverse" or "none"
    basis: str  # in words; "" when the source does not say
    bases_differ: bool  # plan and actual may stand on different bases
    in_month_pence: int | None
    in_month_from: int | None  # first month that in_month_pence covers
    forecast_month: int | None  # month in which the forecast was reported
    forecast_direction: str
    marks: tuple[str, ...]  # states of the evidence behind it other than printed, as "derived"
    reported: bool
    line: str | None  # the line behind it, when it is just one
    forecast_month_last: int | None = None  # of a sum the newest; forecast_month is the oldest
    forecasts_behind: int = 0  # lines whose latest forecast is of an earlier month


@dataclass(frozen=True, slots=True)
class Reported:
    """Who was expected to report for the month, and who did."""

    expected: int
    received: int
    missing: tuple[str, ...]  # names in the published order
    gaps: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of these, who handed on all but some lines

    @property
    def with_gaps(self) -> tuple[str, ...]:
        """Names of those who reported, only not all that their position takes."""
        return tuple(name for name, _ in self.gaps)

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of those who have not reported."""
        return tuple(name for name in self.missing if name not in self.with_gaps)


@dataclass(frozen=True, slots=True)
class Position:
    """The deficit table of a system in one month of a year, with its stamp."""

    system: str
    year: str
    month: int | None  # None before anybody has reported
    state: str  # "published" or "provisional"
    plan: str  # code of the plan compared with
    rows: Sequence[PositionRow]
    total: PositionRow
    reported: Reported
    computed_at: datetime | None
    change: int  # the revision that the figures were computed from
    stale: bool
    status: str  # "open", "closed" or "final"


@dataclass(frozen=True, slots=True)
class AfterShare:
    """A position before and after sharing; pence in the position's sense, None: not stated."""

    partner: str
    name: str
    before_pence: int | None
    effect_pence: int
    after_pence: int | None
    before_variance_pence: int | None
    after_variance_pence: int | None


@dataclass(frozen=True, slots=True)
class PositionShare:
    """Positions before and after all pools of a year are shared, or why there is no after.

    ``rows`` and ``total`` are of the same partners as the deficit table; ``left_pence`` is what
    the system's total moves by, with its sign turned: what the risk pool, what is carried forward
    and partners without a position here bear.
    """

    standing: str  # "binding", "partly binding", "indicative" or "not shared"
    pools: Sequence[tuple[str, str]]  # code and name of those shared
    rows: Sequence[AfterShare]
    total: AfterShare | None
    left_pence: int
    why_not: Sequence[str]
    notes: Sequence[str]

    def of(self, partner: str) -> AfterShare | None:
        """A partner's row, or the total's; None where nothing is shared."""
        found = (row for row in (*self.rows, self.total) if row and row.partner == partner)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class MonthPoint:
    """One month of the system's plan, actual (cumulative) and forecast for the full year."""

    month: int
    plan_pence: int | None
    actual_pence: int | None
    forecast_pence: int | None


@dataclass(frozen=True, slots=True)
class HeadingFigures:
    """A heading's sums in a month, or a kind's total."""

    name: str
    plan_pence: int | None  # full year
    plan_to_date_pence: int | None  # once somebody reported: of the lines that can be compared
    actual_pence: int | None
    variance_pence: int | None  # to date
    forecast_pence: int | None  # full year, each line's latest
    forecast_variance_pence: int | None
    bases_differ: bool = False
    forecast_month: int | None = None  # the oldest forecast in it
    forecast_month_last: int | None = None  # the newest
    forecasts_behind: int = 0  # lines whose latest is of an earlier month


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Income or spend by heading, the headings by name, and its total."""

    kind: str
    rows: Sequence[HeadingFigures]
    total: HeadingFigures
