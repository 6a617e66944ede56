"""Statements of a pool: which there are, and the account behind each, from published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from esbt.kit.problems import Fault, Refused
from finance.figures import AfterShare
from finance.models import Computation, MonthClose, PoolAmount, Rollup
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.rollups import Level, State
from finance.pages import calendar_month
from finance.pool_account import AccountLine, PoolAccount, pool_account
from finance.pool_lines import pool_line
from finance.pool_shares import PoolShares
from finance.pools import PoolBook, hedged
from finance.queries.line_months import LineMonth
from finance.queries.pool_effects import pool_effects
from finance.queries.pool_sharing import Sharing, sharing_of
from finance.queries.pools import POOLED, lines_of_pool, pool_book
from finance.queries.positions import SYSTEM, position
from schemes.models import Pool, Slice

YEAR_END = "year-end"
QUARTERS = {"1": 3, "2": 6, "3": 9, "4": 12, YEAR_END: LAST_MONTH}


@dataclass(frozen=True, slots=True)
class Statement:
    """A quarterly report, or the memorandum account of a year."""

    book: PoolBook
    quarter: str  # a key of QUARTERS
    month: int
    account: PoolAccount
    sharing: Sharing
    positions: Sequence[AfterShare]  # that sharing moves
    opening: str  # where the opening balance comes from, in words
    other: int  # lines that report at other times and are not in it
    computed_at: datetime | None
    change: int


def statement_of(slices: Sequence[Slice], slice_: Slice, code: str, quarter: str) -> Statement:
    """A pool's statement. ``slices`` are all years of its system.

    Raises Refused (open) while its last month is not closed, and Http404 for no such pool.
    """
    closed = closed_months([slice_])[slice_.pk]
    month = QUARTERS[quarter]
    if quarter == YEAR_END and AUDITED in closed:
        month = AUDITED
    book = pool_book(slice_, code, state=State.PUBLISHED, month=month)
    if month not in closed:
        raise Refused([Fault(why_open(slice_, quarter), "quarter", quarter)], code="open")
    if month == AUDITED and not book.reported:  # a pool without audited figures of its own
        month = LAST_MONTH
        book = pool_book(slice_, code, state=State.PUBLISHED, month=month)
    items = lines_of_pool(slice_, book.pool, state=State.PUBLISHED, month=month)
    due = [item for item in items if item.actual_pence is not None or item.line.is_due(month)]
    opening, words = _opening(slices, slice_, book.pool)
    partners = {member.partner.code: member.partner.name for member in book.members}
    partners |= {item.line.partner.code: item.line.partner.name for item in due}
    host = book.host.partner.code if book.host else ""
    sharing = sharing_of(slice_, book.pool, state=State.PUBLISHED, month=month)
    computation = Computation.objects.filter(slice=slice_.pk).first() or Computation()
    return Statement(
        book=book,
        quarter=quarter,
        month=month,
        account=pool_account(
            [_line(item) for item in due],
            partners=partners,
            host=host,
            opening_pence=opening,
            shares=sharing.shares,
        ),
        sharing=sharing,
        positions=_positions(slice_, month, host, sharing.shares),
        opening=words,
        other=len(items) - len(due),
        computed_at=computation.at,
        change=computation.change,
    )


def closed_months(slices: Sequence[Slice]) -> dict[int, set[int]]:
    """By slice the months that are closed, every one of a year that is: one query."""
    said: dict[int, dict[int, bool]] = {slice_.pk: {} for slice_ in slices}
    for close in MonthClose.objects.filter(slice__in=slices).order_by("change"):
        said[close.slice_id][close.month] = close.closed
    return {
        slice_.pk: {month for month, closed in said[slice_.pk].items() if closed}
        if slice_.status == Slice.Status.OPEN
        else set(range(1, AUDITED + 1))
        for slice_ in slices
    }


def why_open(slice_: Slice, quarter: str) -> str:
    """When a statement that is not there yet will be."""
    month = calendar_month(slice_, QUARTERS[quarter])
    what = "The year-end account" if quarter == YEAR_END else f"The report of quarter {quarter}"
    return (
        f"{what} of {slice_.year} is made once {month} is closed for the system, and it is still "
        "open. Until then the page of the pool shows what has been reported."
    )


def _line(item: LineMonth) -> AccountLine:
    own = pool_line(item.line)
    return AccountLine(
        item.line.kind,
        item.line.partner.code,
        item.plan_to_date_pence,
        item.actual_pence,
        bool(own and own.outside_share),
    )


def _positions(slice_: Slice, month: int, host: str, shares: PoolShares | None) -> list[AfterShare]:
    """Published positions that sharing moves; none where nothing is shared or no host is stated."""
    if shares is None or not host:
        return []
    found, _ = position(slice_, state=State.PUBLISHED, month=month)
    return pool_effects(slice_, found, host=host, shares=shares)


def _opening(slices: Sequence[Slice], slice_: Slice, pool: Pool) -> tuple[int | None, str]:
    """The opening balance of a year and where it comes from: stated, or brought forward.

    Brought forward is what the year before closed with, if that year was closed: three queries.
    """
    until = sorted(
        (item for item in slices if item.year_id <= slice_.year_id), key=lambda item: item.year_id
    )
    stated = {
        amount.slice_id: amount
        for amount in PoolAmount.objects.filter(
            slice__in=until, pool=pool, measure=PoolAmount.Measure.OPENING
        ).order_by("change")
    }
    moved = _movements(until, pool)
    balance: int | None = None
    words = "Not stated, and no account of the year before brings one forward"
    before: Slice | None = None
    for item in until:
        brought = before is not None and _follows(before, item)
        amount = stated.get(item.pk)
        if amount is not None and amount.counts:
            balance, words = amount.pence, f"Stated: {amount.name}, {hedged(amount)}"
        elif balance is not None and brought:
            words = f"Brought forward from the account of {before.year}" if before else ""
        else:
            balance = None
            words = "Not stated, and no account of the year before brings one forward"
        if item.pk != slice_.pk:
            movement = moved.get(item.pk)
            balance = None if balance is None or movement is None else balance + movement
        before = item
    return balance, words


def _follows(before: Slice, after: Slice) -> bool:
    return before.year.first_day.year + 1 == after.year.first_day.year


def _movements(slices: Sequence[Slice], pool: Pool) -> Mapping[int, int]:
    """By slice what came in beyond what went out in the year, where the year was closed."""
    closed = closed_months(slices)
    sums: dict[tuple[int, int], dict[str, Rollup]] = {}
    for row in Rollup.objects.filter(
        slice__in=slices,
        state=State.PUBLISHED,
        partner_key=SYSTEM,
        kind__in=POOLED,
        level=Level.POOL,
        key=pool.pk,
        month__in=(LAST_MONTH, AUDITED),
    ):
        sums.setdefault((row.slice_id, row.month), {})[row.kind] = row
    found: dict[int, int] = {}
    for (slice_id, month), rows in sorted(sums.items()):  # final accounts after month 12
        whole = all(row.reported >= row.lines for row in rows.values())
        if month in closed[slice_id] and whole and any(row.reported for row in rows.values()):
            given, spent = (rows.get(kind) for kind in POOLED)
            found[slice_id] = _actual(given) - _actual(spent)
    return found


def _actual(row: Rollup | None) -> int:
    return (row.actual_pence or 0) if row else 0
