"""What the page of a pool in a year shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from esbt.kit.money import UNIT_LABELS, cell
from esbt.kit.words import capital, in_a_list, number
from finance import charts
from finance.figures.position import HeadingFigures
from finance.models import PoolAmount
from finance.models.base import LAST_MONTH
from finance.pools.book import PoolBook, Stated, hedged, spend_named
from finance.pools.lines import (
    PoolLines,
    heading_of,
    not_due,
    part_of,
    partner_of,
    pool_line,
    sector_of,
    silent,
    source_of,
    split,
    sum_of,
    sums_by,
)
from finance.pools.words import UNIT, host_words, member_words, state_words, stated_cell
from finance.queries.line_months import LineMonth
from schemes.models import Change, Pool, PoolMember, Slice
from schemes.sources import evidence_row

# the measures of which a person states an amount by hand
KEPT_MEASURES = (
    PoolAmount.Measure.OPENING,
    PoolAmount.Measure.MINIMUM,
    PoolAmount.Measure.AGREED,
    PoolAmount.Measure.SCOPE,
)


def pool_page(book: PoolBook, items: Sequence[LineMonth]) -> dict[str, Any]:
    """A pool in a year: what came in and went out, what is stated, and what to beware of."""
    lines = split(items)
    given = sum_of("Total", lines.contributions) if lines.contributions else None
    spent = sum_of("Total", lines.spend) if lines.spend else None
    late = silent(items, book.month)
    partners = sums_by(lines.contributions, partner_of)
    headings = sums_by(lines.spend, heading_of)
    payers = sums_by(lines.contributions, lambda line: line.partner.short_name)
    reported = any(item.actual_pence is not None for item in items)
    label = str(book.slice.year)
    told = charts.Telling(
        part_of(lines.contributions, book.month),
        part_of(lines.spend, book.month),
        aligned=book.pool.kind == Pool.Kind.ALIGNED,
    )
    return {
        "sentence": charts.pool_sentence(label, book.month, given, spent, len(late), told),
        "headlines": charts.pool_headlines(
            given, spent, book.month, charts.pool_unit(given, spent), told
        ),
        "pool": book.pool,
        "about": _about(book),
        "warnings": book.warnings,
        "incoming": _incoming(book, lines, partners, given),
        "outgoing": _outgoing(book, lines, headings, spent),
        "flow": charts.flow_chart(
            payers, headings, period=f"{book.pool.name} {label}", reported=reported, told=told
        ),
        "flow_table": charts.flow_table(partners, headings),
        "outside": [_outside_words(item) for item in lines.outside],
        "notes": _notes(book, late, not_due(items, book.month)),
        "named": [
            {"name": name, "cell": cell(pence, UNIT)} for name, pence in spend_named(book).items()
        ],
        "unit": UNIT_LABELS[UNIT],
    }


def _about(book: PoolBook) -> list[tuple[str, str]]:
    """What is known of the pool itself; "" is not stated."""
    pool = book.pool
    return [
        ("Kind", pool.get_kind_display()),
        ("Status", state_words(book)),
        ("Host", host_words(book.host)),
        ("Partners", in_a_list([_dated_words(member) for member in book.members])),
        ("Pool manager", pool.manager_role),
        ("What it holds", pool.scope),
        ("What stands outside it", pool.excludes),
        *([("Note", pool.note)] if pool.note else []),
    ]


def _dated_words(member: PoolMember) -> str:
    said = [member_words(member)]
    if member.starts:
        said.append(f"from {member.starts.day} {member.starts:%B %Y}")
    if member.ends:
        said.append(f"until {member.ends.day} {member.ends:%B %Y}")
    return " ".join(said)


def _incoming(
    book: PoolBook,
    lines: PoolLines,
    partners: Sequence[HeadingFigures],
    total: HeadingFigures | None,
) -> list[charts.HeadingTable]:
    if total is None:
        return []
    ended = (book.month or 0) >= LAST_MONTH
    tables = [
        charts.pool_table(
            "by-payer", "By partner that pays", "Partner", partners, total, sense=0, ended=ended
        )
    ]
    if any(own.income_source for item in lines.contributions if (own := pool_line(item.line))):
        sources = sums_by(lines.contributions, source_of)
        tables.append(
            charts.pool_table(
                "by-source", "By source", "Source of income", sources, total, sense=0, ended=ended
            )
        )
    return tables


def _outgoing(
    book: PoolBook,
    lines: PoolLines,
    headings: Sequence[HeadingFigures],
    total: HeadingFigures | None,
) -> list[charts.HeadingTable]:
    if total is None:
        return []
    ended = (book.month or 0) >= LAST_MONTH
    runs = sums_by(lines.spend, partner_of)
    tables = [
        charts.pool_table(
            "by-heading", "By heading", "Heading", headings, total, sense=-1, ended=ended
        ),
        charts.pool_table(
            "by-runner",
            "By partner that runs the service",
            "Partner",
            runs,
            total,
            sense=-1,
            ended=ended,
        ),
    ]
    if any(own.provider_sector for item in lines.spend if (own := pool_line(item.line))):
        sectors = sums_by(lines.spend, sector_of)
        tables.append(
            charts.pool_table(
                "by-sector", "By provider", "Sector", sectors, total, sense=-1, ended=ended
            )
        )
    return tables


def _outside_words(item: LineMonth) -> str:
    own = pool_line(item.line)
    why = [
        word
        for word, true in (
            ("ring-fenced", own and own.ring_fenced),
            ("capital", own and own.capital),
        )
        if true
    ]
    return f"{item.line.name} ({item.line.partner.short_name}): {in_a_list(why)}"


def _notes(book: PoolBook, late: Sequence[LineMonth], other: Sequence[LineMonth]) -> list[str]:
    notes = []
    if late:
        who = in_a_list(sorted({item.line.partner.name for item in late}))
        named = in_a_list([item.line.name for item in late[:3]])
        more = f" and {len(late) - 3} more" if len(late) > 3 else ""
        notes.append(f"Yet to report this month: {who} ({named}{more}).")
    if other:
        one = len(other) == 1
        notes.append(
            f"{capital(number(len(other)))} line{'' if one else 's'} "
            f"{'reports' if one else 'report'} at other times, such as every quarter, and "
            f"{'is' if one else 'are'} in no sum of this month."
        )
    if not book.host and book.pool.kind != Pool.Kind.ALIGNED:
        notes.append("No host is stated, so nothing says with whom a variance lies before sharing.")
    elif book.host and book.host.proposed:
        notes.append(
            f"{book.host.partner.name} is proposed as host and not agreed: what is said of the "
            "host is what it would be."
        )
    return notes


def amount_rows(book: PoolBook, made: Mapping[int, Change]) -> list[dict[str, Any]]:
    """Every stated amount with its evidence and what it was before; suspect ones apart."""
    return [_amount_row(item, made) for item in book.amounts]


def _amount_row(item: Stated, made: Mapping[int, Change]) -> dict[str, Any]:
    amount = item.amount
    return {
        "code": amount.code,
        "name": amount.name,
        "measure": amount.get_measure_display(),
        "whose": " ".join(
            filter(
                None,
                (
                    amount.partner.short_name if amount.partner else "",
                    amount.heading.name if amount.heading else "",
                ),
            )
        ),
        "hedge": amount.hedge,
        "cell": stated_cell(amount, "gbp"),
        "status": amount.get_status_display(),
        "suspect": item.is_suspect,
        "basis": amount.basis,
        "evidence": evidence_row(amount.evidence),
        "said": _said(item, made) if amount.reason else "",
        "before": [
            f"Before: {hedged(old)}{f', {old.get_status_display().lower()}' if old.status else ''}"
            for old in item.before
        ],
    }


def keeping_ways(book: PoolBook) -> list[dict[str, str]]:
    """Where whoever keeps the pool changes what is known of it, who is in it, and its amounts.

    Amounts of a year that is closed stay as they are.
    """
    here = [book.slice.system.code, book.slice.year_id, book.pool.code]
    ways = [
        ("Change this budget", reverse("change-pool", args=here)),
        *(
            (
                f"Change {member_words(member)}",
                reverse("change-pool-member", args=[*here, member.pk]),
            )
            for member in book.members
        ),
        ("Add a partner", reverse("add-pool-member", args=here)),
    ]
    is_open = book.slice.status == Slice.Status.OPEN
    for measure in KEPT_MEASURES if is_open else ():
        stated = book.of(measure)
        named = [
            (f"Change amount: {item.name}", item.code)
            for item in stated
            if item.status != PoolAmount.Status.SUSPECT
        ]
        new = [] if stated else [(f"State amount: {measure.label}", str(measure))]
        ways += [
            (label, reverse("state-pool-amount", args=[*here, code]))
            for label, code in (*named, *new)
        ]
    return [{"label": label, "href": href} for label, href in ways]


def _said(item: Stated, made: Mapping[int, Change]) -> str:
    """Who settled or stated an amount, when and why."""
    amount = item.amount
    change = made.get(amount.change)
    when = f" on {change.at.day} {change.at:%B %Y}" if change else ""
    who = str(amount.actor) if amount.actor else "the operator"
    did = (
        "Settled"
        if any(old.status == PoolAmount.Status.SUSPECT for old in item.before)
        else "Stated"
    )
    return f"{did} by {who}{when}: {amount.reason}"
