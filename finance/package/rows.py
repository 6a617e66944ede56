"""The columns of the tables of money in a data package."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

from django.db import models
from pydantic import Field, ValidationInfo, field_validator, model_validator

from esbt.kit.money import LIMIT_PENCE
from esbt.kit.rows import CellError, Code, Day, Figure, Row, Whole, YesNo
from finance.models.base import AUDITED, OPENING_FORECAST, Basis
from finance.models.causes import Cause
from finance.models.judgements import Rag
from finance.models.lines import Calendar, Kind, SavingType
from finance.models.outturns import ReturnState
from finance.models.pools import IncomeSource, PoolAmount, PoolLine, ProviderSector
from finance.models.printed import Measure
from finance.models.risks import StandsAs
from schemes.package.base import EvidenceColumns, EvidencedRow, Name, SliceRow

Month = Annotated[Whole, Field(ge=1, le=12)]
AnyMonth = Annotated[Whole, Field(ge=OPENING_FORECAST, le=AUDITED)]
Version = Annotated[str, Field(max_length=120)]
AtStake = Annotated[Figure, Field(ge=0)]


class Unit(models.TextChoices):
    """The unit that a row's amounts are in; its label is how evidence shows it."""

    POUNDS = "gbp", "£"
    THOUSANDS = "thousand", "£'000"
    MILLIONS = "million", "£m"


_PENCE = {Unit.POUNDS: 100, Unit.THOUSANDS: 100_000, Unit.MILLIONS: 100_000_000}


def pence(amount: Decimal, unit: str) -> int:
    """Whole pence of an amount in a unit; raises ValueError for what is finer, or too large."""
    exact = amount * _PENCE[Unit(unit)]
    if exact != int(exact):
        raise ValueError("This is finer than a penny. Check the unit of the row.")
    if abs(exact) >= LIMIT_PENCE:
        raise ValueError("This is a trillion pounds or more. Check the unit of the row.")
    return int(exact)


class Amounts(SliceRow):
    """A row with amounts in a declared unit; a bad one is a fault of its own column."""

    unit: Unit

    @field_validator("*", mode="after")
    @classmethod
    def _to_the_penny(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Decimal) and "unit" in info.data:
            pence(value, info.data["unit"])
        return value

    def pence_of(self, amount: Decimal | None) -> int | None:
        """The amount in pence, None where the row is silent."""
        return None if amount is None else pence(amount, self.unit)


class HeadingRow(Row):
    """A heading of income or spend."""

    code: Code
    name: Annotated[str, Field(max_length=120)]


class LineRow(SliceRow):
    """A line of a partner in a year."""

    line: Code
    name: Name
    partner: Code
    kind: Kind
    heading: Code = ""
    scheme: Code = ""
    pool: Code = ""
    recurrent: YesNo | None = None
    saving_type: SavingType | None = None
    baseline: Name = ""
    calendar: Calendar = Calendar.MONTHLY
    first_month: Month = 1
    last_month: Month = 12
    counterparty: Code = ""
    counter_line: Code = ""


class PlanRow(SliceRow):
    """A version of a year's plan; one of them is the headline that the year is compared with."""

    plan: Code
    name: Version
    headline: YesNo
    reason: Annotated[str, Field(max_length=4000)] = ""


class PlanFigureRow(EvidenceColumns, Amounts):
    """A line's figure in a plan: the year, and in-month amounts for all twelve months or none."""

    plan: Code
    line: Code
    full_year: Figure
    basis: Basis = Basis.NOT_STATED
    month_1: Figure | None = None
    month_2: Figure | None = None
    month_3: Figure | None = None
    month_4: Figure | None = None
    month_5: Figure | None = None
    month_6: Figure | None = None
    month_7: Figure | None = None
    month_8: Figure | None = None
    month_9: Figure | None = None
    month_10: Figure | None = None
    month_11: Figure | None = None
    month_12: Figure | None = None
    to_date_1: Figure | None = None
    to_date_2: Figure | None = None
    to_date_3: Figure | None = None
    to_date_4: Figure | None = None
    to_date_5: Figure | None = None
    to_date_6: Figure | None = None
    to_date_7: Figure | None = None
    to_date_8: Figure | None = None
    to_date_9: Figure | None = None
    to_date_10: Figure | None = None
    to_date_11: Figure | None = None
    to_date_12: Figure | None = None
    gross: Figure | None = None
    investment: Figure | None = None
    full_year_effect: Figure | None = None

    @property
    def to_date(self) -> dict[int, int] | None:
        """Cumulative pence by month, where only some are stated; None without any."""
        found = {m: self.pence_of(getattr(self, f"to_date_{m}")) for m in range(1, 13)}
        return {month: amount for month, amount in found.items() if amount is not None} or None

    @property
    def months(self) -> list[int] | None:
        """In-month pence, April first; None without a profile."""
        found = [self.pence_of(getattr(self, f"month_{month}")) for month in range(1, 13)]
        return None if None in found else [amount or 0 for amount in found]

    @model_validator(mode="after")
    def _all_or_none(self) -> PlanFigureRow:
        blank = [m for m in range(1, 13) if getattr(self, f"month_{m}") is None]
        if 0 < len(blank) < 12:
            raise CellError(f"month_{blank[0]}", "Fill in all twelve months, or none.")
        if not blank and self.to_date:
            said = "Give the plan in each month or to date, not both."
            raise CellError(f"to_date_{min(self.to_date)}", said)
        return self


class Reported(models.TextChoices):
    """Which of the two figures of an outturn a row holds."""

    ACTUAL = "actual", "Actual to date"
    FORECAST = "forecast", "Forecast for the full year"


class OutturnRow(EvidenceColumns, Amounts):
    """One reported figure of a line at a month, actual or forecast; a blank amount: not stated."""

    line: Code
    month: AnyMonth
    measure: Reported
    amount: Figure | None = None
    basis: Basis = Basis.NOT_STATED
    comment: Annotated[str, Field(max_length=4000)] = ""

    @model_validator(mode="after")
    def _silent_or_not(self) -> OutturnRow:
        _check_silence(self.amount, self.state)
        return self


class PrintedRow(EvidenceColumns, Amounts):
    """A total, variance or envelope that a source prints; ``parts`` are codes that add to it."""

    code: Code
    name: Name
    measure: Measure
    kind: Kind | None = None
    partner: Code = ""
    line: Code = ""
    scheme: Code = ""
    table: Code = ""
    position: Annotated[Whole, Field(ge=0, le=999)] = 0
    month: AnyMonth | None = None
    amount: Figure | None = None
    parts: Annotated[str, Field(max_length=1000)] = Field("", description="Codes, spaces between")

    @model_validator(mode="after")
    def _silent_or_not(self) -> PrintedRow:
        _check_silence(self.amount, self.state)
        if not self.source:
            raise CellError("source", "Name the source and place of what is printed.")
        return self

    @property
    def unit_pence(self) -> int:
        """What the last printed digit counts, in pence: 10_000_000 for 0.1 in millions."""
        exponent = self.amount.as_tuple().exponent if self.amount is not None else 0
        return max(1, int(_PENCE[Unit(self.unit)] * Decimal(10) ** int(exponent)))


def _check_silence(amount: Decimal | None, state: str) -> None:
    if amount is None and state not in ("missing", "suspect"):
        raise CellError("amount", "Give the amount, or write the state missing: nobody states it.")
    if amount is not None and state == "missing":
        raise CellError("amount", "A missing figure has no amount. Leave one of the two out.")


class ReturnRow(SliceRow):
    """How far a partner's figures of a month have come; approved and closed ones are published."""

    partner: Code
    month: AnyMonth
    state: ReturnState


class PrintedTableRow(Row):
    """A table that a source prints as a memorandum."""

    system: Code
    code: Code
    name: Name
    about: Annotated[str, Field(max_length=4000)] = ""
    signs: Annotated[str, Field(max_length=4000)] = ""


class CauseRow(EvidenceColumns, Amounts):
    """What a variance to date is due to; without a line it is said of the whole system.

    The amount is favourable-positive, and blank where nobody states one.
    """

    code: Code
    line: Code = ""
    month: Month
    cause: Cause
    amount: Figure | None = None
    words: Annotated[str, Field(max_length=4000)]


class RatingRow(SliceRow):
    """The lead's own rating of a scheme in a month."""

    scheme: Code
    month: Month
    rating: Rag
    reason: Annotated[str, Field(max_length=4000)] = ""


class RiskMoneyRow(EvidenceColumns, Amounts):
    """What a risk puts at stake in a year: a positive amount would worsen the position."""

    risk: Code
    amount: AtStake | None = None
    stands_as: StandsAs
    mitigation: AtStake | None = None
    reason: Annotated[str, Field(max_length=4000)] = ""

    @model_validator(mode="after")
    def _silent_or_not(self) -> RiskMoneyRow:
        _check_silence(self.amount, self.state)
        return self


class PoolAmountRow(EvidenceColumns, Amounts):
    """An amount stated of a pool in a year; a suspect or missing one has no amount."""

    pool: Code
    code: Code
    name: Name
    measure: PoolAmount.Measure
    amount: Figure | None = None
    hedge: Annotated[str, Field(max_length=40)] = ""
    status: PoolAmount.Status | None = None
    basis: Version = ""
    partner: Code = ""
    heading: Version = Field("", description="plan/heading")
    reason: Annotated[str, Field(max_length=4000)] = ""

    @model_validator(mode="after")
    def _silent_or_not(self) -> PoolAmountRow:
        _check_silence(self.amount, self.state)
        if (self.state == "suspect") != (self.status == PoolAmount.Status.SUSPECT):
            raise CellError("status", "A suspect amount has the status suspect, and no other has.")
        return self


class PoolLineRow(SliceRow):
    """What a pool's agreement asks of a line beside its money."""

    line: Code
    income_source: IncomeSource | None = None
    heading: Version = Field("", description="plan/heading")
    scheme_type: Version = ""
    provider_sector: ProviderSector | None = None
    capital: YesNo | None = None
    ring_fenced: YesNo = False
    treatment: PoolLine.Treatment | None = None


class ShareRuleRow(EvidencedRow):
    """A rule by which a pool's variance is shared; its terms are JSON, as in the API."""

    system: Code
    pool: Code
    code: Code
    name: Name
    terms: Annotated[str, Field(max_length=4000)]
    starts: Day | None = None
    ends: Day | None = None
    agreement: Code = ""
    trigger: Annotated[str, Field(max_length=4000)] = ""
    triggered_on: Day | None = None
    minute: Name = ""
    note: Annotated[str, Field(max_length=4000)] = ""

    @field_validator("terms", mode="after")
    @classmethod
    def _are_json(cls, text: str) -> str:
        try:
            is_object = isinstance(json.loads(text), dict)
        except ValueError:
            is_object = False
        if not is_object:
            raise ValueError('Write the terms as JSON, such as {"kind": "proportional"}.')
        return text

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"terms": json.loads(self.terms)}
