"""The sheets of a fund's workbook and their columns; the first column of each names its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finance.models import PoolAmount, PoolLine
from finance.models.pools import IncomeSource, ProviderSector
from schemes.models import NationalCondition, SignOff

QUARTERS = (3, 6, 9, 12)  # the months that close them
YES_NO = (("true", "yes"), ("false", "no"))
# a suspect amount is settled on the page of its pool
AMOUNT_STATUSES = [
    pair for pair in PoolAmount.Status.choices if pair[0] != PoolAmount.Status.SUSPECT
]

Choices = tuple[tuple[str, str], ...]  # value, label


@dataclass(frozen=True)
class Column:
    """A column: ``kind`` is text, amount, number or choice; ``typed`` ones are white."""

    name: str
    heading: str
    kind: str = "text"
    typed: bool = True
    choices: Choices = ()
    width: int = 22


@dataclass(frozen=True)
class SheetPlan:
    """A sheet; one that ``grows`` takes rows below those that are there."""

    name: str
    about: str
    columns: tuple[Column, ...]
    grows: bool = False

    @property
    def key(self) -> Column:
        """What names a row."""
        return self.columns[0]

    def column(self, name: str) -> Column:
        """A column by its name."""
        return next(column for column in self.columns if column.name == name)


def _locked(name: str, heading: str, width: int = 22) -> Column:
    return Column(name, heading, typed=False, width=width)


def _chosen(name: str, heading: str, choices: Iterable[tuple[object, object]]) -> Column:
    pairs = tuple((str(value), str(label)) for value, label in choices if value)
    return Column(name, heading, "choice", choices=pairs)


_PLANNED = (
    *(
        Column(f"planned_{month}", f"Planned to {name}, £", "amount", width=18)
        for month, name in zip(QUARTERS, ("June", "September", "December"), strict=False)
    ),
    Column("full_year", "Planned for the year, £", "amount", width=18),
)
_LINE = (
    _locked("line", "Line"),
    Column("name", "Name", width=44),
    _locked("partner", "Partner", 18),
)

PLAN = SheetPlan(
    "Plan",
    "The plan as a whole",
    (
        _locked("code", "Plan"),
        Column("name", "Name", width=44),
        Column("board", "Health and Wellbeing Board", width=36),
        Column("districts", "Districts, semicolons between", width=36),
        Column("about", "About", width=60),
        Column("note", "Note", width=60),
        Column("minimum", "Minimum required, £", "amount", width=18),
        Column("agreed", "Agreed, £", "amount", width=18),
        _chosen("status", "How the agreed amount stands", AMOUNT_STATUSES),
    ),
)
INCOME = SheetPlan(
    "Income",
    "What each partner puts in, by source",
    (
        *_LINE,
        _chosen("income_source", "Source", IncomeSource.choices),
        _chosen("capital", "Capital", YES_NO),
        _chosen("ring_fenced", "Ring-fenced", YES_NO),
        *_PLANNED,
    ),
    grows=True,
)
EXPENDITURE = SheetPlan(
    "Expenditure",
    "What the fund pays for, by scheme",
    (
        *_LINE,
        Column("heading", "Heading", width=24),
        Column("scheme_type", "Type of scheme", width=36),
        _chosen("provider_sector", "Provider", ProviderSector.choices),
        _chosen("capital", "Capital", YES_NO),
        _chosen("ring_fenced", "Ring-fenced", YES_NO),
        _chosen("treatment", "Accounting", PoolLine.Treatment.choices),
        *_PLANNED,
    ),
    grows=True,
)
METRICS = SheetPlan(
    "Metrics",
    "What the plan should reach",
    (
        _locked("target", "Target", 40),
        _locked("name", "Metric", 44),
        _locked("starts", "From", 14),
        _locked("ends", "To", 14),
        Column("value", "Goal", "number", width=14),
        Column("words", "In words", width=60),
        Column("baseline", "Baseline", "number", width=14),
    ),
)
CONDITIONS = SheetPlan(
    "Conditions",
    "National conditions",
    (
        _locked("code", "Condition"),
        _locked("name", "Name", 44),
        _chosen("status", "Status", NationalCondition.Status.choices),
        Column("in_place", "What is in place", width=60),
        Column("planned", "What is planned", width=60),
        Column("shown_by", "What shows that it is met", width=60),
    ),
)
SIGN_OFF = SheetPlan(
    "Sign-off",
    "What bodies have said to the plan",
    (
        _locked("code", "Sign-off"),
        _locked("body", "Body", 44),
        _chosen("state", "State", SignOff.State.choices),
        Column("role", "Signed by (a role, no person)", width=30),
        Column("on", "On, such as 2026-05-14", width=22),
        Column("minute", "Minute", width=30),
    ),
)
OUTTURN = SheetPlan(
    "Quarterly outturn",
    "Actual figures to the end of each quarter, and the year as it is forecast then",
    (
        _locked("line", "Line"),
        _locked("name", "Name", 44),
        *(
            column
            for number, month in enumerate(QUARTERS, 1)
            for column in (
                Column(f"actual_{month}", f"Quarter {number}: actual to date, £", "amount"),
                Column(f"forecast_{month}", f"Quarter {number}: forecast, £", "amount"),
            )
        ),
    ),
)

SHEETS = (PLAN, INCOME, EXPENDITURE, METRICS, CONDITIONS, SIGN_OFF, OUTTURN)
