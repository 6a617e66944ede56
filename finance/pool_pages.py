"""What the pages of pools show: the year's list with every stated scope, and one pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from esbt.kit.words import capital, in_a_list, number
from finance import charts
from finance.models import PoolAmount, PrintedFigure
from finance.pages import calendar_month, month_label
from finance.pool_account import Shares
from finance.pool_lines import (
    PoolLines,
    heading_of,
    not_due,
    partner_of,
    pool_line,
    sector_of,
    silent,
    source_of,
    split,
    sum_of,
    sums_by,
)
from finance.pool_statement_page import bearing, shares_are
from finance.pools import Measure, PoolYear, Stated, Status, hedged, spend_named
from finance.queries.line_months import LineMonth
from finance.scopes import Link, Scope, links_of, scopes_of
from schemes.models import Change, Pool, PoolMember
from schemes.sources import evidence_row

NEVER_ADDED = (
    "These scopes count different things, some of them the same money twice: they stand side by "
    "side and are never added to each other."
)
_UNIT: Unit = "k"


def list_page(
    years: Sequence[PoolYear],
    every: Sequence[PoolYear],
    printed: Sequence[PrintedFigure],
    label: str,
) -> dict[str, Any]:
    """The pools of a year, and the scopes that are stated in ``every`` year of the system."""
    scopes = scopes_of(every, printed)
    links = links_of(scopes, printed)
    kinds = [
        ("pooled", "Pooled budgets", "Money in one fund, held by the host for all of them."),
        ("aligned", "Aligned budgets", "Planned together; each partner keeps its own money."),
        ("", "Pooled or aligned: not stated", ""),
    ]
    groups = [
        {
            "id": kind or "unsaid",
            "title": title,
            "about": about,
            "rows": [_list_row(year) for year in years if year.pool.kind == kind],
        }
        for kind, title, about in kinds
    ]
    return {
        "sentence": _list_sentence(years, label),
        "groups": [group for group in groups if group["rows"]],
        "unit": UNIT_LABELS[_UNIT],
        "scopes": [_scope_row(scope) for scope in scopes],
        "never_added": NEVER_ADDED,
        "reconciled": [_link_words(link) for link in links],
        "unreconciled": _unreconciled(scopes, links),
    }


def _list_sentence(years: Sequence[PoolYear], label: str) -> str:
    counts = [
        (sum(year.pool.kind == kind for year in years), word)
        for kind, word in (
            (Pool.Kind.POOLED, "pooled"),
            (Pool.Kind.ALIGNED, "aligned"),
            ("", "not stated to be pooled or aligned"),
        )
    ]
    said = [f"{number(count)} {word}" for count, word in counts if count]
    if not said:
        return f"No pooled or aligned budget is stated for {label}."
    one = len(years) == 1
    sentence = f"{capital(in_a_list(said))} budget{' stands' if one else 's stand'} in {label}"
    return sentence + ("." if one else "; they are never added to each other.")


def _list_row(year: PoolYear) -> dict[str, Any]:
    spent, given = year.spend, year.contributions
    variance = spent.variance_pence if spent else None
    direction = charts.direction_of(variance)
    return {
        "name": year.pool.name,
        "href": pool_href(year),
        "host": host_words(year.host),
        "members": in_a_list([_member_words(member) for member in year.members]),
        "state": state_words(year),
        "month": month_label(year.slice, year.month),
        "minimum": amount_cell(year, Measure.MINIMUM),
        "agreed": amount_cell(year, Measure.AGREED),
        "contributions": cell(given.plan_pence if given else None, _UNIT),
        "plan": cell(spent.plan_pence if spent else None, _UNIT),
        "actual": cell(spent.actual_pence if spent else None, _UNIT),
        "variance": {
            "cell": cell(variance, _UNIT),
            "direction": direction,
            "words": charts.direction_words(variance, direction, unit=_UNIT),
        },
        "warnings": year.warnings,
    }


def pool_href(year: PoolYear) -> str:
    """The address of a pool in a year."""
    return reverse("pool", args=[year.slice.system.code, year.slice.year_id, year.pool.code])


def host_words(host: PoolMember | None) -> str:
    """Who hosts a pool; a proposed one is only proposed, and "" is not stated."""
    if host is None:
        return ""
    return f"{host.partner.short_name}{', proposed' if host.proposed else ''}"


def _member_words(member: PoolMember) -> str:
    marks = [word for word, true in (("host", member.host), ("proposed", member.proposed)) if true]
    return member.partner.short_name + (f" ({' '.join(reversed(marks))})" if marks else "")


def state_words(year: PoolYear) -> str:
    """The status of a pool's amount; "" is not stated."""
    return str(Status(year.state).label) if year.state else ""


def amount_cell(year: PoolYear, measure: str) -> Cell:
    """The amount of a measure; a suspect one is flagged, and shown with what is printed."""
    stands = max(year.of(measure), key=lambda amount: amount.change, default=None)
    if stands is None:
        return cell(None, _UNIT)
    return stated_cell(stands)


def stated_cell(amount: PoolAmount, unit: Unit = _UNIT) -> Cell:
    """An amount as a table shows it, flagged where it is suspect or was worked out."""
    evidence = amount.evidence
    if amount.status == Status.SUSPECT:
        printed = f"“{evidence.printed}”" if evidence and evidence.printed else "suspect"
        text = printed if amount.pence is None else cell(amount.pence, unit).text
        note = (evidence.working if evidence else "") or amount.reason
        return Cell(text, suspect=True, note=note)
    marks = (evidence.state,) if evidence and not amount.reason else ()
    return cell(amount.pence, unit, marks=marks, note=evidence.working if evidence else "")


def _scope_row(scope: Scope) -> dict[str, Any]:
    amount, pool = scope.amount, scope.year.pool
    return {
        "name": amount.name,
        "pool": pool.name,
        "href": pool_href(scope.year),
        "year": str(scope.year.slice.year),
        "hedge": amount.hedge,
        "cell": stated_cell(amount),
        "status": amount.get_status_display(),
        "basis": amount.basis,
        "holds": pool.scope,
        "excludes": pool.excludes,
        "evidence": evidence_row(amount.evidence),
        "printed": [
            f"{figure.name}, {figure.evidence.source.title}, {figure.evidence.place}"
            for figure in scope.printed
        ],
    }


def _link_words(link: Link) -> str:
    figure = link.figure
    return (
        f"{link.one.amount.name} and {link.other.amount.name}: “{figure.name}” in "
        f"{figure.evidence.source.title}, {figure.evidence.place}, leads from one to the other."
    )


def _unreconciled(scopes: Sequence[Scope], links: Sequence[Link]) -> str:
    """Which scopes no printed figure relates to another, in words."""
    if len(scopes) < 2:
        return ""
    known = {scope.amount.pk for link in links for scope in (link.one, link.other)}
    lone = [scope.amount for scope in scopes if scope.amount.pk not in known]
    if not lone:
        return ""
    named = in_a_list([f"{amount.name} ({hedged(amount)})" for amount in lone])
    whom = "any other" if len(lone) < len(scopes) else "another of them"
    return (
        f"Not reconciled: {named}. No document that was loaded prints a figure that leads from "
        f"{'it' if len(lone) == 1 else 'one of these'} to {whom}."
    )


def pool_page(year: PoolYear, items: Sequence[LineMonth], shares: Shares | None) -> dict[str, Any]:
    """A pool in a year: what came in and went out, what is stated, and what to beware of."""
    lines = split(items)
    given = sum_of("Total", lines.contributions) if lines.contributions else None
    spent = sum_of("Total", lines.spend) if lines.spend else None
    late = silent(items, year.month)
    partners = sums_by(lines.contributions, partner_of)
    headings = sums_by(lines.spend, heading_of)
    reported = any(item.actual_pence is not None for item in items)
    label = str(year.slice.year)
    return {
        "sentence": charts.pool_sentence(label, year.month, given, spent, len(late)),
        "headlines": charts.pool_headlines(
            given, spent, year.month, charts.pool_unit(given, spent)
        ),
        "pool": year.pool,
        "about": _about(year),
        "warnings": year.warnings,
        "incoming": _incoming(lines, partners, given),
        "outgoing": _outgoing(lines, headings, spent),
        "flow": charts.flow_chart(
            partners, headings, period=f"{year.pool.name} {label}", reported=reported
        ),
        "flow_table": charts.flow_table(partners, headings),
        "share": _share(year, items, shares),
        "outside": [_outside_words(item) for item in lines.outside],
        "notes": _notes(year, late, not_due(items, year.month)),
        "named": [
            {"name": name, "cell": cell(pence, _UNIT)} for name, pence in spend_named(year).items()
        ],
        "unit": UNIT_LABELS[_UNIT],
    }


def _about(year: PoolYear) -> list[tuple[str, str]]:
    """What is known of the pool itself; "" is not stated."""
    pool = year.pool
    return [
        ("Kind", pool.get_kind_display()),
        ("Status", state_words(year)),
        ("Host", host_words(year.host)),
        ("Partners", in_a_list([_dated_words(member) for member in year.members])),
        ("Pool manager", pool.manager_role),
        ("What it holds", pool.scope),
        ("What stands outside it", pool.excludes),
        *([("Note", pool.note)] if pool.note else []),
    ]


def _dated_words(member: PoolMember) -> str:
    said = [_member_words(member)]
    if member.starts:
        said.append(f"from {member.starts.day} {member.starts:%B %Y}")
    if member.ends:
        said.append(f"until {member.ends.day} {member.ends:%B %Y}")
    return " ".join(said)


def _incoming(lines: PoolLines, partners: Sequence[Any], total: Any) -> list[charts.HeadingTable]:
    if total is None:
        return []
    tables = [
        charts.pool_table("by-payer", "By partner that pays", "Partner", partners, total, sense=0)
    ]
    if any(own.income_source for item in lines.contributions if (own := pool_line(item.line))):
        sources = sums_by(lines.contributions, source_of)
        tables.append(
            charts.pool_table("by-source", "By source", "Source of income", sources, total, sense=0)
        )
    return tables


def _outgoing(lines: PoolLines, headings: Sequence[Any], total: Any) -> list[charts.HeadingTable]:
    if total is None:
        return []
    runs = sums_by(lines.spend, partner_of)
    tables = [
        charts.pool_table("by-heading", "By heading", "Heading", headings, total, sense=-1),
        charts.pool_table(
            "by-runner", "By partner that runs the service", "Partner", runs, total, sense=-1
        ),
    ]
    if any(own.provider_sector for item in lines.spend if (own := pool_line(item.line))):
        sectors = sums_by(lines.spend, sector_of)
        tables.append(
            charts.pool_table("by-sector", "By provider", "Sector", sectors, total, sense=-1)
        )
    return tables


def _share(year: PoolYear, items: Sequence[LineMonth], shares: Shares | None) -> dict[str, Any]:
    """What the rules make of the variance so far for each partner."""
    said: dict[str, Any] = {"are": shares_are(shares), "rows": [], "how": ()}
    if shares is None:
        return said
    partners = [member.partner for member in year.members] + [item.line.partner for item in items]
    names = {partner.code: partner.name for partner in partners}
    rows = [(names.get(code, code), pence) for code, pence in shares.shares.items()]
    rows += [
        (name, pence)
        for name, pence in (
            ("Borne by the risk pool", shares.risk_pool_pence),
            ("Carried forward", shares.carried_forward_pence),
        )
        if pence
    ]
    return said | {
        "rows": bearing(rows, "Variance that is shared", shares.pence),
        "how": shares.words,
    }


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


def _notes(year: PoolYear, late: Sequence[LineMonth], other: Sequence[LineMonth]) -> list[str]:
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
    if not year.host and year.pool.kind != Pool.Kind.ALIGNED:
        notes.append("No host is stated, so nothing says with whom a variance lies before sharing.")
    elif year.host and year.host.proposed:
        notes.append(
            f"{year.host.partner.name} is proposed as host and not agreed: what is said of the "
            "host is what it would be."
        )
    return notes


def amount_rows(year: PoolYear, made: Mapping[int, Change]) -> list[dict[str, Any]]:
    """Every stated amount with its evidence and what it was before; suspect ones apart."""
    return [_amount_row(item, made) for item in year.amounts]


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
        "said": _said(amount, made) if amount.reason else "",
        "before": [
            f"Before: {hedged(old)}{f', {old.get_status_display().lower()}' if old.status else ''}"
            for old in item.before
        ],
    }


def _said(amount: PoolAmount, made: Mapping[int, Change]) -> str:
    """Who settled an amount, when and why."""
    change = made.get(amount.change)
    when = f" on {change.at.day} {change.at:%B %Y}" if change else ""
    who = str(amount.actor) if amount.actor else "the operator"
    return f"Settled by {who}{when}: {amount.reason}"


def month_of(year: PoolYear) -> str:
    """The month of the figures as a heading names it."""
    return calendar_month(year.slice, year.month) if year.month else ""
