"""Statements of a pool: which there are, and the account behind each, from published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from esbt.kit.money import words
from esbt.kit.problems import Fault, Refused
from esbt.kit.words import in_a_list
from finance.figures.position import AfterShare
from finance.models import Computation, MonthClose, PoolAmount, Rollup
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.rollups import Level, State
from finance.months import calendar_month
from finance.pools.account import AccountLine, PoolAccount, pool_account
from finance.pools.book import PoolBook, hedged
from finance.pools.lines import pool_line
from finance.pools.shares import PoolShares
from finance.queries.line_months import LineMonth
from finance.queries.pool_effects import pool_effects
from finance.queries.pool_restated import restated_since
from finance.queries.pool_sharing import Sharing, sharing_of
from finance.queries.pools import POOLED, lines_of_pool, pool_book
from finance.queries.positions import SYSTEM, position
from schemes.models import Pool, Slice

YEAR_END = "year-end"
QUARTERS = {"1": 3, "2": 6, "3": 9, "4": 12, YEAR_END: LAST_MONTH}


@dataclass(frozen=True, slots=True)
class Owed:
    """What partners had still to pay (below nought: to receive) when a year closed."""

    pence: int
    year: str
    words: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening balance of a year, where it comes from, and the year that it comes from."""

    pence: int | None
    words: str
    brought_from: Slice | None = None


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
    owed: Owed | None  # from the year that the opening balance comes from
    other: int  # lines that report at other times and are not in it
    restated: Sequence[str]  # what moved binding shares after their trigger, in words
    computed_at: datetime | None
    change: int

    @property
    def settled_all_pence(self) -> int | None:
        """What the pool holds once this and what was owed from the year before are settled.

        None where either is not known, or nothing was owed.
        """
        if self.owed is None or self.account.settled_pence is None:
            return None
        return self.account.settled_pence + self.owed.pence


def statement_of(slices: Sequence[Slice], slice_: Slice, code: str, quarter: str) -> Statement:
    """A pool's statement. ``slices`` are all years of its system.

    Raises Refused (open) while its last month is not closed, or one before it is open again; and
    Http404 for no such pool.
    """
    closing = closings([slice_])[slice_.pk]
    month = closing.year_end if quarter == YEAR_END else QUARTERS[quarter]
    book = pool_book(slice_, code, state=State.PUBLISHED, month=month)
    if why := why_open(slice_, closing, quarter):
        raise Refused([Fault(why, "quarter", quarter)], code="open")
    opening = _opening(slices, slice_, book.pool)
    made = _make(slice_, book, opening.pence)
    host = made.book.host.partner.code if made.book.host else ""
    shares, own = made.sharing.shares, made.book
    computation = Computation.objects.filter(slice=slice_.pk).first() or Computation()
    rules = [item.rule for item in shares.segments if item.rule] if shares else []
    owed = _owed(opening.brought_from, code)
    return Statement(
        book=own,
        quarter=quarter,
        month=own.month or month,
        account=made.account,
        sharing=made.sharing,
        positions=_positions(slice_, own.month or month, host, shares),
        opening=f"{opening.words}. {owed.words}" if owed else opening.words,
        owed=owed,
        other=made.other,
        restated=list(
            restated_since(
                slice_, own.pool, rules, state=State.PUBLISHED, month=own.month or month
            ).values()
        ),
        computed_at=computation.at,
        change=computation.change,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """An account with what it was made from."""

    book: PoolBook
    account: PoolAccount
    sharing: Sharing
    other: int


def _make(slice_: Slice, book: PoolBook, opening_pence: int | None) -> _Made:
    """The account of a pool to the month of its book."""
    month = book.month or LAST_MONTH
    if month == AUDITED and not book.reported:  # a pool without audited figures of its own
        month = LAST_MONTH
        book = pool_book(slice_, book.pool.code, state=State.PUBLISHED, month=month)
    items = lines_of_pool(slice_, book.pool, state=State.PUBLISHED, month=month)
    due = [item for item in items if item.actual_pence is not None or item.line.is_due(month)]
    partners = {member.partner.code: member.partner.name for member in book.members}
    partners |= {item.line.partner.code: item.line.partner.name for item in due}
    sharing = sharing_of(slice_, book.pool, state=State.PUBLISHED, month=month)
    account = pool_account(
        [_line(item) for item in due],
        partners=partners,
        host=book.host.partner.code if book.host else "",
        opening_pence=opening_pence,
        shares=sharing.shares,
    )
    return _Made(book, account, sharing, len(items) - len(due))


def _owed(before: Slice | None, code: str) -> Owed | None:
    """What partners had still to pay or to receive when the year before closed, if anything."""
    if before is None:
        return None
    month = closings([before])[before.pk].year_end
    made = _make(before, pool_book(before, code, state=State.PUBLISHED, month=month), None)
    pence = made.account.to_pay_pence
    parts = [
        f"{own.name} {words(abs(own.to_pay_pence), 'gbp')} to "
        f"{'pay' if own.to_pay_pence > 0 else 'receive'}"
        for own in made.account.partners
        if own.to_pay_pence
    ]
    if pence is None or not parts:
        return None
    standing = made.sharing.shares.standing if made.sharing.shares else "not shared"
    return Owed(
        pence,
        str(before.year),
        f"Not in it is what partners had still to pay or to receive from {before.year}, "
        f"{standing}: {in_a_list(parts)}; what they paid of it since stands in contributions",
    )


@dataclass(frozen=True, slots=True)
class Closing:
    """Which months of a year are closed, and which were and are open again."""

    closed: frozenset[int]
    reopened: frozenset[int] = frozenset()

    @property
    def year_end(self) -> int:
        """The month of the year-end account: final accounts where they are closed."""
        return AUDITED if AUDITED in self.closed else LAST_MONTH

    def whole(self, month: int) -> bool:
        """Whether a month is closed, and none up to it is open again."""
        return month in self.closed and month < min(self.reopened, default=AUDITED + 1)


def closings(slices: Sequence[Slice]) -> dict[int, Closing]:
    """By slice which months are closed, every one of a year that is: one query."""
    said: dict[int, dict[int, bool]] = {slice_.pk: {} for slice_ in slices}
    for close in MonthClose.objects.filter(slice__in=slices).order_by("change"):
        said[close.slice_id][close.month] = close.closed
    found = {}
    for slice_ in slices:
        if slice_.status != Slice.Status.OPEN:
            found[slice_.pk] = Closing(frozenset(range(1, AUDITED + 1)))
            continue
        own = said[slice_.pk]
        shut = frozenset(month for month, closed in own.items() if closed)
        found[slice_.pk] = Closing(shut, frozenset(own) - shut)
    return found


def why_open(slice_: Slice, closing: Closing, quarter: str) -> str:
    """When a statement that is not there will be; "" where it is."""
    month, last = QUARTERS[quarter], AUDITED if quarter == YEAR_END else QUARTERS[quarter]
    what = "The year-end account" if quarter == YEAR_END else f"The report of quarter {quarter}"
    until = "Until then the page of the pool shows what has been reported."
    again = [at for at in sorted(closing.reopened) if at <= last]
    if month not in closing.closed and month not in again:
        return (
            f"{what} of {slice_.year} is made once {calendar_month(slice_, month)} is closed for "
            f"the system, and it is still open. {until}"
        )
    if not again:
        return ""
    named = ["the final accounts" if at == AUDITED else calendar_month(slice_, at) for at in again]
    are, they = ("is", "that is") if len(again) == 1 else ("are", "they are")
    return (
        f"{what} of {slice_.year} rests on figures of {in_a_list(named)}, which {are} open again. "
        f"It is made anew once {they} closed. {until}"
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


def _opening(slices: Sequence[Slice], slice_: Slice, pool: Pool) -> Opening:
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
    found, before = Opening(None, _NO_OPENING), None
    for item in until:
        amount = stated.get(item.pk)
        if amount is not None and amount.counts:
            found = Opening(amount.pence, f"Stated: {amount.name}, {hedged(amount)}")
        elif before is not None and found.pence is not None and _follows(before, item):
            said = f"Brought forward from the account of {before.year}"
            found = Opening(found.pence, said, before)
        else:
            found = Opening(None, _NO_OPENING)
        if item.pk != slice_.pk:
            movement = moved.get(item.pk)
            known = found.pence is not None and movement is not None
            found = replace(found, pence=(found.pence or 0) + (movement or 0) if known else None)
        before = item
    return found


_NO_OPENING = "Not stated, and no account of the year before brings one forward"


def _follows(before: Slice, after: Slice) -> bool:
    return before.year.first_day.year + 1 == after.year.first_day.year


def _movements(slices: Sequence[Slice], pool: Pool) -> Mapping[int, int]:
    """By slice what came in beyond what went out in the year, where the year was closed."""
    known = closings(slices)
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
        if known[slice_id].whole(month) and whole and any(row.reported for row in rows.values()):
            given, spent = (rows.get(kind) for kind in POOLED)
            found[slice_id] = _actual(given) - _actual(spent)
    return found


def _actual(row: Rollup | None) -> int:
    return (row.actual_pence or 0) if row else 0
