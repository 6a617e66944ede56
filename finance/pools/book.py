"""A pool in a year: who is in it, what is stated of it, its sums, and what there is to warn of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from esbt.kit.money import words
from finance.figures.position import HeadingFigures
from finance.figures.savings import add_stated
from finance.models import IncomeSource, PoolAmount
from schemes.governance.signatures import Signatures
from schemes.models import Pool, PoolMember, Slice
from schemes.models.base import Dated

_Held = TypeVar("_Held", bound=Dated)

Measure, Status = PoolAmount.Measure, PoolAmount.Status

# what somebody adds of their own will, and what nobody says is asked for
BEYOND_THE_MINIMUM = (
    IncomeSource.NHS_ADDITIONAL,
    IncomeSource.COUNCIL_ADDITIONAL,
    IncomeSource.OTHER,
)
# what a pool is taken to hold, the surest first
_FUND = (Measure.AGREED, Measure.MINIMUM, Measure.SCOPE)


@dataclass(frozen=True, slots=True)
class Stated:
    """An amount that is stated of a pool in a year, and what it was said to be before."""

    amount: PoolAmount  # the one that stands
    before: tuple[PoolAmount, ...] = ()  # the oldest first

    @property
    def is_suspect(self) -> bool:
        """Whether it waits to be settled; until then it is in no total."""
        return self.amount.status == Status.SUSPECT


@dataclass(frozen=True, slots=True)
class PoolBook:
    """A pool in a year of its system. Sums are of a month and None where no line is.

    Contributions and spend are never added to each other, and pools are not either.
    """

    pool: Pool
    slice: Slice
    members: tuple[PoolMember, ...]  # with their partners; in it at some time of the year
    amounts: tuple[Stated, ...]
    month: int | None  # of the sums; None before any report
    contributions: HeadingFigures | None
    spend: HeadingFigures | None
    lines: int  # due in the month; before any report all of the year
    reported: int
    months: tuple[int, ...]  # with a report
    asked_pence: int | None  # planned contributions of sources that the minimum can ask for
    headings: Mapping[str, int]  # planned spend by the plan's headings
    signatures: Signatures  # of the plans and agreements that hold in the year

    def of(self, *measures: str) -> list[PoolAmount]:
        """What stands of these measures."""
        return [item.amount for item in self.amounts if item.amount.measure in measures]

    def _stands(self, measure: str) -> PoolAmount | None:
        """The amount of a measure: of several that which was said last."""
        return max(self.of(measure), key=lambda amount: (amount.change, amount.code), default=None)

    @property
    def minimum_pence(self) -> int | None:
        """What the pool has to hold at least; None where it is not stated or doubted."""
        return _counted(self._stands(Measure.MINIMUM))

    @property
    def agreed_pence(self) -> int | None:
        """What partners have agreed; None where it is not stated or doubted."""
        return _counted(self._stands(Measure.AGREED))

    @property
    def state(self) -> str:
        """The status of what is agreed, else of what the pool is said to hold; "": not stated."""
        stands = self._of_state
        return stands.status if stands else ""

    @property
    def state_by(self) -> str:
        """Who says so: a person, or a document; "" where that is not known, or nothing is said."""
        return said_by(self._of_state) if self.state else ""

    @property
    def _of_state(self) -> PoolAmount | None:
        return self._stands(Measure.AGREED) or self._stands(Measure.SCOPE)

    def basis_of(self, measure: str) -> str:
        """What the amount of a measure is of, such as a county figure; "" where nobody says."""
        stands = self._stands(measure)
        return stands.basis if stands else ""

    @property
    def fund(self) -> PoolAmount | None:
        """The amount that nobody doubts and that spend is held against."""
        found = (self._stands(measure) for measure in _FUND)
        return next((amount for amount in found if amount and amount.counts), None)

    @property
    def host(self) -> PoolMember | None:
        """Who hosts it, at the end of the year where that changed."""
        hosts = [member for member in self.members if member.host]
        return max(hosts, key=lambda member: member.starts or date.min, default=None)

    @property
    def warnings(self) -> list[str]:
        """What does not fit together, in words."""
        return [*_below(self), *_above(self), *_unlike(self), *_unsigned(self), *_doubted(self)]


def _counted(amount: PoolAmount | None) -> int | None:
    return amount.pence if amount and amount.counts else None


def _below(book: PoolBook) -> Iterable[str]:
    """What is planned or agreed below the minimum."""
    least = book.minimum_pence
    if least is None:
        return
    for what, pence in (
        ("Planned contributions that the minimum can ask for are", book.asked_pence),
        ("The agreed amount is", book.agreed_pence),
    ):
        if pence is not None and pence < least:
            yield (
                f"{what} {gbp(pence)}, {gbp(least - pence)} below the stated minimum of "
                f"{gbp(least)}."
            )


def _above(book: PoolBook) -> Iterable[str]:
    """Where more is to be spent than there is: under a heading, under all, or by the lines."""
    fund = book.fund
    if fund is not None and fund.pence is not None:
        over = [
            (f"{what} under {name}", pence)
            for what, named in (("named", spend_named(book)), ("planned", book.headings))
            for name, pence in named.items()
            if pence > fund.pence
        ]
        planned = sum(book.headings.values())
        if not over and planned > fund.pence:
            over = [("planned under all headings", planned)]
        for what, pence in over:
            yield (
                f"Spend {what} adds to {gbp(pence)}, which is {gbp(pence - fund.pence)} above "
                f"the fund of {gbp(fund.pence)} ({fund.get_measure_display().lower()})."
            )
    given = book.contributions.plan_pence if book.contributions else None
    spent = book.spend.plan_pence if book.spend else None
    if given is not None and spent is not None and spent > given:
        yield (
            f"Planned spend is {gbp(spent)}, {gbp(spent - given)} above planned contributions "
            f"of {gbp(given)}."
        )


def _unlike(book: PoolBook) -> Iterable[str]:
    """Where contributions are planned at another amount than is agreed."""
    agreed = book.agreed_pence
    given = book.contributions.plan_pence if book.contributions else None
    if agreed is not None and given is not None and given != agreed:
        side = "above" if given > agreed else "below"
        yield (
            f"Planned contributions are {gbp(given)}, {gbp(abs(given - agreed))} {side} the agreed "
            f"amount of {gbp(agreed)}."
        )


def _unsigned(book: PoolBook) -> Iterable[str]:
    """Where an amount is called agreed before all have signed."""
    if book.state == Status.AGREED and book.signatures.awaited:
        by = f" by {book.state_by}" if book.state_by else ""
        yield f"The amount is called agreed{by}. {book.signatures.words}"


def _doubted(book: PoolBook) -> Iterable[str]:
    for item in book.amounts:
        if item.is_suspect:
            evidence = item.amount.evidence
            printed = f", printed “{evidence.printed}”" if evidence and evidence.printed else ""
            yield (
                f"{item.amount.name}{printed}, is suspect and in no total until a person "
                "settles it."
            )


def spend_named(book: PoolBook) -> dict[str, int]:
    """What a plan names as spend, by heading, in the order of the headings; doubted ones apart."""
    found: dict[str, list[int | None]] = {}
    for amount in book.of(Measure.SPEND):
        if amount.counts:
            name = amount.heading.name if amount.heading else "no heading"
            found.setdefault(name, []).append(amount.pence)
    return {name: add_stated(own) or 0 for name, own in found.items()}


def said_by(amount: PoolAmount | None) -> str:
    """Who stated an amount: a person, else a document by its title; "" where neither is known."""
    if amount is None:
        return ""
    if amount.actor:
        return str(amount.actor)
    return amount.evidence.source.title if amount.evidence else ""


def gbp(pence: int) -> str:
    """An amount to the penny, since these are held against each other."""
    return words(pence, "gbp")


def hedged(amount: PoolAmount) -> str:
    """An amount as it is stated: "about £860,000,000"; "not stated" for none."""
    return " ".join(filter(None, (amount.hedge, words(amount.pence, "gbp"))))


def stands_in(book: PoolBook, whose: Mapping[int, set[int]], latest: int) -> bool:
    """Whether a pool stands in a year: by an amount, a line or a dated membership.

    ``whose`` has by pool the years (slices) in which it does; one that stands in none is shown in
    the latest, so that it can be found at all.
    """
    known = whose.get(book.pool.pk, set())
    return book.slice.pk in known if known else book.slice.pk == latest


def has_facts(book: PoolBook) -> bool:
    """Whether anything says that the pool is there in this year."""
    dated = any(member.starts or member.ends for member in book.members)
    return bool(book.amounts or book.contributions or book.spend or dated)


def latest_month(heard: Mapping[int, tuple[int, int]], *, audited: int, whole: bool) -> int | None:
    """The month that a page opens at, of those in which somebody reported; None for none.

    ``heard`` has by month how many lines were due and how many reported. With ``whole`` it is
    rather one that every line that was due reported, and of these the latest in which the most
    did, so that a pool of quarterly lines opens at its quarter.
    """
    told = {month: counts for month, counts in heard.items() if counts[1]}
    due, reported = told.get(audited, (0, 0))
    if 0 < due <= reported:
        return audited
    months = [month for month in told if month < audited]
    full = [month for month in months if told[month][1] >= told[month][0]]
    if whole and full:
        return max(full, key=lambda month: (told[month][1], month))
    return max(months, default=None)


def in_force(members: Sequence[_Held], slice_: Slice) -> tuple[_Held, ...]:
    """Members, or what else has its days, on any day of a year."""
    first = slice_.year.first_day
    after = date(first.year + 1, first.month, first.day)
    return tuple(
        member
        for member in members
        if (member.starts is None or member.starts < after)
        and (member.ends is None or member.ends >= first)
    )
