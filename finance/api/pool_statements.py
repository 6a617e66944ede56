"""API of a pool's statements: a quarter's report, and the memorandum account of a year."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Field, Router, Schema

from esbt.kit.tables import csv_answer
from finance.api import Pence
from finance.api.pools import Favourable, SharesOut, shares_out
from finance.downloads.pools import STATEMENT_COLUMNS, statement_rows
from finance.pools.account import PartnerAccount
from finance.queries.pool_statements import Statement, statement_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice, visible_years

router = Router(tags=["pools"])

Quarter = Literal["1", "2", "3", "4", "year-end"]


class PartnerAccountOut(Schema):
    partner: str
    name: str
    host: bool
    contributions_due_pence: Pence
    contributions_pence: Pence
    spend_plan_pence: Pence
    spend_pence: Pence
    variance_pence: Favourable
    share_pence: Favourable
    to_pay_pence: Annotated[int | None, Field(description="Still to pay; negative: to receive")]
    effect_pence: Annotated[int | None, Field(description="Of sharing on its position")]


class MovedOut(Schema):
    """A position that sharing moves; a partner that reports in a group stands in its row."""

    partner: str
    position_before_pence: Pence
    effect_pence: int
    position_after_pence: Pence


class StatementOut(Schema):
    """Closing balance = opening + contributions - spend. The variance is the partners' shares,
    what the risk pool bears, what is carried forward, not shared or outside the share.
    """

    system: str
    pool: str
    year: str
    quarter: str
    month: int
    opening_pence: Pence
    opening: Annotated[str, Field(description="Where the opening balance comes from")]
    contributions_due_pence: Pence
    contributions_pence: Pence
    spend_plan_pence: Pence
    spend_pence: Pence
    closing_pence: Pence
    variance_pence: Favourable
    unshared_pence: Annotated[
        int | None, Field(description="No rule covers it: it stays with the host")
    ]
    outside_pence: Annotated[int | None, Field(description="Ring-fenced or capital")]
    to_pay_pence: Pence
    settled_pence: Annotated[
        int | None, Field(description="The balance once partners have paid and received")
    ]
    owed_pence: Annotated[
        int | None,
        Field(description="To be paid from the year before, not in the opening; null: nothing"),
    ]
    settled_all_pence: Annotated[
        int | None, Field(description="The balance once that is settled too; null without it")
    ]
    share: SharesOut
    rows: list[PartnerAccountOut]
    positions: list[MovedOut]
    computed_at: datetime | None
    change: int


@router.get(
    "/systems/{system}/pools/{code}/statements/{year}/{quarter}",
    response=StatementOut,
    summary="The report of a quarter, or the memorandum account of a year",
)
def get_statement(
    request: PersonRequest, system: str, code: str, year: str, quarter: Quarter
) -> dict[str, Any]:
    """From published figures. 409 (open) while the last month of the period is not closed."""
    found = _statement(request, system, code, year, quarter)
    account = found.account
    names = (
        "opening_pence", "contributions_pence", "spend_plan_pence", "spend_pence",
        "closing_pence", "variance_pence", "unshared_pence", "outside_pence", "to_pay_pence",
        "settled_pence",
    )  # fmt: skip
    return {
        "system": system,
        "pool": code,
        "year": year,
        "quarter": quarter,
        "month": found.month,
        "opening": found.opening,
        "contributions_due_pence": account.due_pence,
        **{name: getattr(account, name) for name in names},
        "owed_pence": found.owed.pence if found.owed else None,
        "settled_all_pence": found.settled_all_pence,
        "share": shares_out(found.sharing),
        "rows": [_account(own) for own in account.partners],
        "positions": [
            {
                "partner": own.partner,
                "position_before_pence": own.before_pence,
                "effect_pence": own.effect_pence,
                "position_after_pence": own.after_pence,
            }
            for own in found.positions
        ],
        "computed_at": found.computed_at,
        "change": found.change,
    }


@router.get(
    "/systems/{system}/pools/{code}/statements/{year}/{quarter}/accounts.csv",
    summary="The same as CSV, a row an account",
)
def statement_csv(
    request: PersonRequest, system: str, code: str, year: str, quarter: Quarter
) -> HttpResponse:
    """Amounts in pounds; the columns are described at /schemas/pool-statement.json."""
    found = _statement(request, system, code, year, quarter)
    name = f"{system}-{year}-{code}-{quarter}"
    return csv_answer(STATEMENT_COLUMNS, statement_rows(found), name)


def _statement(
    request: PersonRequest, system: str, code: str, year: str, quarter: str
) -> Statement:
    slice_ = visible_slice(request.user, system, year)
    return statement_of(visible_years(request.user, slice_.system), slice_, code, quarter)


def _account(own: PartnerAccount) -> dict[str, Any]:
    return {
        "partner": own.code,
        "name": own.name,
        "host": own.host,
        "contributions_due_pence": own.due_pence,
        "contributions_pence": own.paid_pence,
        "spend_plan_pence": own.spend_plan_pence,
        "spend_pence": own.spend_pence,
        "variance_pence": own.variance_pence,
        "share_pence": own.share_pence,
        "to_pay_pence": own.to_pay_pence,
        "effect_pence": own.effect_pence,
    }
