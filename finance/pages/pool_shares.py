"""How the variance of a pool is shared, as pages, files and programs tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from esbt.kit.money import Cell, cell, words
from esbt.kit.tables import Column, pounds
from esbt.kit.words import capital, in_a_list
from finance import charts
from finance.charts import Bearer
from finance.models.base import AUDITED
from finance.pools.risk_share import rule_words
from finance.pools.shares import DatedRule, PoolShares, Segment
from finance.queries.pool_lines import PoolYear
from schemes.models import Slice

RISK_POOL, CARRIED, UNCOVERED = "The risk pool", "Carried forward", "Shared by nobody"


@dataclass(frozen=True, slots=True)
class RuleItem:
    """A rule with its months of the year, in words."""

    code: str
    name: str
    months: str
    words: str
    standing: str
    trigger: str
    href: str  # where it is changed; "" for whoever does not keep it


@dataclass(frozen=True, slots=True)
class SegmentItem:
    """Months under one rule or none: what arose in them, and how it was shared."""

    months: str
    rule: str
    variance: str
    explanation: Sequence[str]
    why_not: str


@dataclass(frozen=True, slots=True)
class SharesPage:
    """The rules of a pool and what they make of its variance (finance/_pool_shares.html)."""

    sentence: str
    standing: str  # "binding", "partly binding", "indicative" or "not shared"
    rules: Sequence[RuleItem]
    segments: Sequence[SegmentItem]
    table: charts.Table | None  # who bears what, by the months of the rules
    outside: str  # what ring-fenced and capital lines say beside it; "" for nothing
    why_not: Sequence[str]
    notes: Sequence[str]
    what_if_href: str
    csv_href: str
    add_href: str  # the way to a new rule; "" for whoever does not keep the pool


def shares_page(
    slice_: Slice,
    year: PoolYear,
    shares: PoolShares | None,
    *,
    keeps: bool = False,
    query: str = "",
    restated: Sequence[str] = (),
) -> SharesPage:
    """The page of a pool's shares; ``shares`` are ``year.shares(month)``, None before any report.

    ``keeps`` says that its reader keeps the pool's rules. ``query`` (state, month) goes with links.
    ``restated`` says what moved binding shares.
    """
    here = [slice_.system.code, slice_.year_id, year.pool.code]
    first_day = slice_.year.first_day
    segments = shares.segments if shares else ()
    known = shares
    if shares and shares.shares is None:
        known = year.known_before(shares.month)
    tail = f"?{query}" if query else ""
    return SharesPage(
        sentence=_sentence(year, shares, known, first_day),
        standing=shares.standing if shares else "not shared",
        rules=[
            RuleItem(
                rule.code,
                rule.name,
                months_words(rule.first, rule.last, first_day),
                rule_words(rule.rule, year.members),
                "binding" if rule.binding else "indicative",
                rule.trigger.rstrip("."),
                reverse("share-rule", args=[*here, rule.code]) if keeps else "",
            )
            for rule in year.rules
        ],
        segments=[_segment(item, year, first_day) for item in segments],
        table=_table(known, year, first_day) if known and known.shares is not None else None,
        outside=_outside(shares),
        why_not=_why_not(year, shares),
        notes=[
            *restated,
            *(
                [f"{year.members[year.host]} is proposed as its host, and not yet agreed."]
                if year.host_proposed
                else []
            ),
        ],
        what_if_href=reverse("what-if", args=here) + tail,
        csv_href=reverse("pool-shares-csv", args=here) + tail,
        add_href=reverse("add-share-rule", args=here) if keeps else "",
    )


def months_words(first: int, last: int, first_day: date) -> str:
    """Months of a year as people say them: "April to September 2018"; 13 is the final accounts."""

    def month(number: int) -> str:
        number = min(number, 12)
        return f"{charts.month_name(number)} {first_day.year + (number > 9)}"

    start, end = month(first), month(last)
    if start[-4:] == end[-4:]:
        start = start[:-5]
    said = end if first == min(last, 12) else f"{start} to {end}"
    return f"{said} with the final accounts" if last == AUDITED else said


def standing_words(shares: PoolShares, first_day: date) -> str:
    """Whether shares are binding; by the months of the rules where some are and some are not."""
    if shares.standing != "partly binding":
        return shares.standing
    return in_a_list(
        [
            f"{'binding' if item.rule.binding else 'indicative'} for "
            f"{months_words(item.first, item.last, first_day)}"
            for item in shares.segments
            if item.rule
        ]
    )


def variance_of(pence: int | None) -> str:
    """A pool's variance in words: "an overspend of £1,000"."""
    if pence is None:
        return "a variance that is not stated"
    if not pence:
        return "no variance"
    kind = "an overspend" if pence < 0 else "an underspend"
    return f"{kind} of {words(abs(pence), 'gbp')}"


def bearers_of(year: PoolYear, now: PoolShares | None, then: PoolShares) -> list[Bearer]:
    """Who bears the variance under the rules in force and under a what-if; partners first."""
    shared = now.shares if now else None
    codes = sorted({*year.contributions, *(then.shares or {})})
    rows = [
        Bearer(
            code,
            year.members.get(code, code),
            year.contributions.get(code),
            None if shared is None else shared.get(code, 0),
            (then.shares or {}).get(code, 0),
        )
        for code in codes
    ]
    beside = (
        (RISK_POOL, "risk_pool_pence"),
        (CARRIED, "carried_forward_pence"),
        (UNCOVERED, "uncovered_pence"),
    )
    for name, field in beside:
        before = None if shared is None else getattr(now, field)
        if before or getattr(then, field):
            rows.append(Bearer("", name, None, before, getattr(then, field)))
    return rows


def _sentence(
    year: PoolYear, shares: PoolShares | None, known: PoolShares | None, first_day: date
) -> str:
    """Who bears what; where some of it cannot be shared, as far as it is ``known``."""
    if shares is None:
        return f"No spend of {year.pool.name} has been reported, so there is nothing to share yet."
    variance = variance_of(shares.variance_pence)
    said = f"To month {min(shares.month, 12)}, {year.pool.name} has {variance}"
    if shares.shares is None:
        if known is None:
            return f"{said}, which is not shared."
        return f"{said}, which is not shared yet. {_sentence(year, known, known, first_day)}"
    parts = [
        f"{year.members.get(code, code)} {charts.borne(pence)}"
        for code, pence in sorted(shares.shares.items(), key=lambda item: -abs(item[1]))
        if pence
    ]
    parts += [
        f"{name[:1].lower() + name[1:]}: {words(abs(pence), 'gbp')}"
        for name, pence in _beside(shares)
    ]
    borne = in_a_list(parts) if parts else "nothing to share"
    return f"{said}: {borne}. Shares are {standing_words(shares, first_day)}."


def _beside(shares: PoolShares) -> list[tuple[str, int]]:
    """What is no partner's share, where there is any."""
    found = (
        (RISK_POOL, shares.risk_pool_pence),
        (CARRIED, shares.carried_forward_pence),
        (UNCOVERED, shares.uncovered_pence),
    )
    return [(name, pence) for name, pence in found if pence]


def _segment(item: Segment, year: PoolYear, first_day: date) -> SegmentItem:
    rule = (
        f"{item.rule.name}: {rule_words(item.rule.rule, year.members)}"
        if item.rule
        else f"No rule covers these months: {_stays(year)}."
    )
    return SegmentItem(
        months_words(item.first, item.last, first_day),
        rule,
        capital(variance_of(item.variance_pence)),
        item.shared.explanation if item.shared else (),
        item.why_not,
    )


def _stays(year: PoolYear) -> str:
    """With whom a variance lies that no rule shares."""
    if year.is_aligned:
        return "each partner keeps its own variance"
    if year.host:
        return "what arises in them stays with the host"
    return "with whom what arises in them lies is not stated, since no host is"


def _table(shares: PoolShares, year: PoolYear, first_day: date) -> charts.Table:
    segments = shares.segments
    several = len(segments) > 1

    def row(name: str, by_segment: Sequence[int], whole: int) -> tuple[str, tuple[Cell, ...]]:
        amounts = [*by_segment, whole] if several else [whole]
        return name, tuple(cell(pence, "gbp", marks=("derived",)) for pence in amounts)

    rows = [
        row(
            year.members.get(code, code),
            [item.shared.shares.get(code, 0) if item.shared else 0 for item in segments],
            whole,
        )
        for code, whole in (shares.shares or {}).items()
    ]
    beside = {
        RISK_POOL: [item.shared.risk_pool_pence if item.shared else 0 for item in segments],
        CARRIED: [item.shared.carried_forward_pence if item.shared else 0 for item in segments],
        UNCOVERED: [0 if item.rule else item.variance_pence or 0 for item in segments],
    }
    rows += [row(name, beside[name], whole) for name, whole in _beside(shares)]
    arose = [item.variance_pence or 0 for item in segments]
    rows.append(row("The pool's variance", arose, shares.variance_pence or 0))
    months = [months_words(item.first, item.last, first_day) for item in segments]
    return charts.Table(
        caption=f"Shares, {shares.standing}, in £; brackets: pays",
        columns=("Who bears it", *([*months, "In all"] if several else months)),
        rows=tuple(rows),
        wide=tuple(range(1, len(months) + 1)) if several else (),
        summed=True,
    )


def _outside(shares: PoolShares | None) -> str:
    if not shares or not shares.outside_pence:
        return ""
    said = variance_of(shares.outside_pence)
    until = f"to month {shares.month}"  # the shares above may stand at an earlier one
    return f"Ring-fenced and capital lines have {said} {until}, which stands outside the share."


def _why_not(year: PoolYear, shares: PoolShares | None) -> Sequence[str]:
    if shares is not None:
        return shares.why_not
    return year.bad_rules


_WHO = "code of the partner; risk-pool, carried-forward, uncovered or variance for what is none's"
_GBP = "pounds, favourable-positive: less than 0 pays; empty is not stated"

SHARE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("pool", "string", "code of the pool"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("first_month", "integer", "first month of those in which the variance arose"),
    Column("last_month", "integer", "last of them; 13 is the final accounts"),
    Column("rule", "string", "code of the rule; empty: no rule covers these months"),
    Column("standing", "string", "binding, indicative or not shared"),
    Column("who", "string", _WHO),
    Column("name", "string", "its name"),
    Column("share_gbp", "number", _GBP),
    Column("why_not", "string", "what keeps these months from being shared"),
    Column("restated", "string", "figures under a binding rule restated after it became binding"),
)

WHAT_IF_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("pool", "string", "code of the pool"),
    Column("state", "string", "published or provisional"),
    Column("standing", "string", "always what-if: indicative, and stored nowhere"),
    Column("basis", "string", "to-date or forecast"),
    Column("month", "integer", "month of the variance; 12 for a forecast of the year"),
    Column("rule", "string", "the rule in words"),
    Column("who", "string", _WHO),
    Column("name", "string", "its name"),
    Column("puts_in_gbp", "number", "planned contribution of the year; empty is not stated"),
    Column("share_now_gbp", "number", _GBP),
    Column("share_what_if_gbp", "number", _GBP),
    Column("difference_gbp", "number", _GBP),
)

_CODES: Mapping[str, str] = {
    RISK_POOL: "risk-pool",
    CARRIED: "carried-forward",
    UNCOVERED: "uncovered",
}


def share_rows(
    slice_: Slice,
    year: PoolYear,
    shares: PoolShares | None,
    state: str,
    restated: Mapping[str, str],
) -> Iterator[Sequence[Any]]:
    """A row a bearer of each segment, then the segment's variance.

    ``restated`` says by the codes of rules what moved their binding shares.
    """
    for item in shares.segments if shares else ():
        rule: DatedRule | None = item.rule
        standing = "not shared"
        if item.shared and rule:
            standing = "binding" if rule.binding else "indicative"
        head = (
            *(slice_.system.code, slice_.year_id, year.pool.code, state),
            *(item.first, item.last, rule.code if rule else "", standing),
        )
        since = restated.get(rule.code, "") if rule else ""
        for code, pence in item.shared.shares.items() if item.shared else ():
            yield (*head, code, year.members.get(code, code), pounds(pence), "", since)
        if item.shared:
            for name, pence in (
                (RISK_POOL, item.shared.risk_pool_pence),
                (CARRIED, item.shared.carried_forward_pence),
            ):
                if pence:
                    yield (*head, _CODES[name], name, pounds(pence), "", since)
        if rule is None and item.variance_pence is not None:
            yield (*head, _CODES[UNCOVERED], UNCOVERED, pounds(item.variance_pence), "", since)
        variance = pounds(item.variance_pence)
        yield (*head, "variance", "The pool's variance", variance, item.why_not, since)


def what_if_rows(head: Sequence[Any], bearers: Sequence[Bearer]) -> Iterator[Sequence[Any]]:
    """A row a bearer, behind what all of them share."""
    for item in bearers:
        amounts = (item.put_in_pence, item.now_pence, item.what_if_pence, item.difference_pence)
        code = item.code or _CODES[item.name]
        yield (*head, code, item.name, *(pounds(pence) for pence in amounts))
