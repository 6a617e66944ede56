"""The shapes in which savings leave the rollups: plain data for pages, the API, charts and packs.

Money is integer pence, a saving being positive, or None, which reads "not stated" and never 0.
Variances are favourable-positive: actual - plan. Savings already are inside the position, and
those of two years are never added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any


class _Light:
    """Kept and read back by its values alone: a book of a thousand schemes is opened often."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        names = self.__slots__  # of the dataclass, all its fields in order
        return type(self), tuple([getattr(self, name) for name in names])


@dataclass(frozen=True, slots=True)
class SavingFigures(_Light):
    """Sums of saving lines in one month, as the rollups hold them."""

    plan_pence: int | None = None  # for the year
    plan_to_date_pence: int | None = None  # of all lines
    compared_plan_pence: int | None = None  # to date, of the lines that reported
    actual_pence: int | None = None  # to date
    variance_pence: int | None = None  # to date
    forecast_pence: int | None = None  # for the year, each line's latest
    forecast_variance_pence: int | None = None
    forecast_month: int | None = None  # the oldest forecast in it
    forecast_month_last: int | None = None  # the newest
    forecasts_behind: int = 0  # lines whose latest is of an earlier month
    before_pence: int | None = None  # forecast as it stood a month before
    most_before_pence: int | None = None  # to date, the most that a whole earlier month reported
    lines: int = 0  # that are due
    reported: int = 0

    @property
    def silent(self) -> int:
        """How many lines that were due have no report of the month."""
        return max(0, self.lines - self.reported)

    @property
    def forecast_plan_pence(self) -> int | None:
        """The year's plan of the lines that have a forecast."""
        if self.forecast_pence is None or self.forecast_variance_pence is None:
            return None
        return self.forecast_pence - self.forecast_variance_pence

    @property
    def fell_by_pence(self) -> int | None:
        """By how much what was saved to date is less than in an earlier month; None where not.

        Where a line has no report of the month, that it is missing is no fall.
        """
        if self.silent or self.actual_pence is None or self.most_before_pence is None:
            return None
        return max(0, self.most_before_pence - self.actual_pence) or None

    @property
    def partly_compared(self) -> bool:
        """Whether the variance to date leaves out lines that did not report."""
        return self.variance_pence is not None and (
            self.compared_plan_pence != self.plan_to_date_pence
        )

    @property
    def partly_forecast(self) -> bool:
        """Whether the forecast leaves out lines of the plan, so that the two do not compare."""
        if self.plan_pence is None or self.forecast_pence is None:
            return False
        return self.forecast_pence - self.plan_pence != self.forecast_variance_pence


_COUNTED = ("lines", "reported", "forecasts_behind")
# the most of a sum is not the sum of the most of its parts
_APART = (*_COUNTED, "forecast_month", "forecast_month_last", "most_before_pence")
_SUMMED = [item.name for item in fields(SavingFigures) if item.name not in _APART]


def add_stated(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is stated; None where nothing is."""
    stated = [amount for amount in amounts if amount is not None]
    return sum(stated) if stated else None


def add_up(parts: Iterable[SavingFigures]) -> SavingFigures:
    """The sum of figures; what nobody states stays not stated."""
    held = list(parts)
    first, last = (
        [month for item in held if (month := getattr(item, name)) is not None]
        for name in ("forecast_month", "forecast_month_last")
    )
    sums: dict[str, Any] = {
        name: add_stated(getattr(item, name) for item in held) for name in _SUMMED
    }
    sums |= {name: sum(getattr(item, name) for item in held) for name in _COUNTED}
    return SavingFigures(
        **sums,
        forecast_month=min(first, default=None),
        forecast_month_last=max(last, default=None),
    )


def left_over(whole: SavingFigures, parts: Iterable[SavingFigures]) -> SavingFigures:
    """What of a whole none of its parts carries."""
    carried = add_up(parts)
    left: dict[str, Any] = {
        name: None
        if (amount := getattr(whole, name)) is None
        else amount - (getattr(carried, name) or 0)
        for name in (*_SUMMED, *_COUNTED)
    }
    return SavingFigures(
        **left,
        forecast_month=whole.forecast_month,
        forecast_month_last=whole.forecast_month_last,
    )


@dataclass(frozen=True, slots=True)
class Judged(_Light):
    """A status and why: what the rule says of a variance."""

    status: str = ""  # "green", "amber", "red"; "" where there is nothing to judge
    reason: str = ""  # "12.3% and £0.2m adverse to plan to date"


@dataclass(frozen=True, slots=True)
class Doubts(_Light):
    """What is doubtful about a scheme's figures of the month: states and their workings."""

    actual: tuple[str, ...] = ()  # states of evidence other than printed
    actual_note: str = ""
    forecast: tuple[str, ...] = ()
    forecast_note: str = ""


@dataclass(frozen=True, slots=True)
class SchemeRow(_Light):
    """A scheme with its savings; a whole one sums its parts, a part has its own lines only."""

    code: str
    name: str
    parent: str | None
    parent_name: str
    working_label: bool
    theme: str
    theme_name: str
    lead_partner: str
    lead_name: str
    partners: tuple[str, ...]  # codes of those who bear its savings
    stage: str
    recurrent: tuple[str, ...]  # of "yes", "no" and "not stated", what its lines are
    saving_types: tuple[str, ...]
    figures: SavingFigures
    gross_budget_pence: int | None
    evidence: str  # of its plan: "printed", "derived" ...; "missing" where it has none
    judged: Judged
    rating: str  # the lead's own: "green", "amber", "red" or ""
    rating_reason: str
    rating_month: int | None
    weight_percent: int | None  # agreed for its stage
    position: int
    doubts: Doubts = Doubts()
    replanned: bool = False  # some line of it has, or had, several amounts in its plans

    @property
    def differs(self) -> bool:
        """Whether the lead sees it otherwise than the rule."""
        return bool(self.rating and self.judged.status and self.rating != self.judged.status)


@dataclass(frozen=True, slots=True)
class SavingMonth(_Light):
    """One month of the system's savings: plan and actual to date, forecast for the year."""

    month: int
    plan_pence: int | None
    actual_pence: int | None  # only where every line that was due reported
    forecast_pence: int | None
    lines: int
    reported: int


@dataclass(frozen=True, slots=True)
class Target:
    """A named savings target outside the plan and its total, with its versions, oldest first."""

    code: str
    name: str
    partner: str
    scheme: str
    versions: tuple[tuple[str, int, str], ...]  # name, pence, reason
    actual_pence: int | None
    comment: str
    marks: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """Two lines that may be one saving, as they stand in the month."""

    one: str
    other: str
    one_name: str
    other_name: str
    one_partner: str
    other_partner: str
    scheme: str
    found: str  # "rule" (same scheme, each the other's counterparty) or "linked" by a person
    settlement: str  # "open", "one", "other" or "different"
    reason: str
    one_figures: SavingFigures
    other_figures: SavingFigures


@dataclass(frozen=True, slots=True)
class SavingsTotal:
    """The savings of a year in one sum, for pages that say no more of them."""

    year: str
    month: int | None
    state: str
    status: str
    total: SavingFigures
    partners: int = 0  # that were due to report savings of the month
    missing: tuple[str, ...] = ()  # those of them that reported none, by their short names


@dataclass(frozen=True, slots=True)
class SavingsBook:
    """The savings of a system in one month of a year, with their stamp."""

    system: str
    year: str
    month: int | None  # None before anybody has reported a saving
    state: str  # "published" or "provisional"
    plan: str  # code of the plan compared with
    plan_name: str
    rows: Sequence[SchemeRow]  # wholes with their parts behind them, in the printed order
    investments: Sequence[SchemeRow]  # outside the rows and their total
    total: SavingFigures  # before savings claimed twice are taken out
    unidentified: SavingFigures | None  # lines of the plan that no scheme carries yet
    gross_budget_pence: int | None  # the plan's own
    judged: Judged
    months: Sequence[SavingMonth]
    recurrent: Mapping[str, SavingFigures]  # "yes", "no", "not stated"
    types: Mapping[str, SavingFigures]  # by what kind of saving it is; those that lines state
    stages: Mapping[
        str, SavingFigures
    ]  # by stage of the scheme that carries the line; "" not stated
    themes: Mapping[str, tuple[str, SavingFigures]]  # name and figures by code
    full_year_effect_pence: int | None  # of the lines that state one; never added to the year's
    targets: Sequence[Target]
    claims: Sequence[ClaimPair]
    partner_names: Mapping[str, str]  # by code, of the system's partners
    weights: Mapping[str, int]  # agreed per cent by stage; empty: none agreed
    weighted_forecast_pence: int | None
    computed_at: datetime | None
    change: int
    stale: bool
    status: str  # "open", "closed" or "final"
    partners: int = 0  # that were due to report savings of the month
    missing: tuple[str, ...] = ()  # those of them that reported none, by their short names

    @property
    def tops(self) -> list[SchemeRow]:
        """The schemes that add to the total: those that are no part of another."""
        return [row for row in self.rows if row.parent is None]


@dataclass(frozen=True, slots=True)
class Danger:
    """A scheme that endangers the total: by how much its forecast misses, and why, in words."""

    code: str
    name: str
    shortfall_pence: int  # positive
    share: Decimal | None  # per cent of all shortfalls
    reasons: tuple[str, ...]
