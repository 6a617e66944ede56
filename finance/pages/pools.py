"""What the page of a year's pools shows: the pools, and every stated scope of the system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esbt.kit.money import UNIT_LABELS, cell
from esbt.kit.words import in_a_list, number
from finance import charts
from finance.models import PrintedFigure
from finance.months import month_label
from finance.pools.book import Measure, PoolBook, hedged
from finance.pools.scopes import Link, Scope, links_of, scopes_of
from finance.pools.words import (
    UNIT,
    amount_cell,
    host_words,
    member_words,
    pool_href,
    state_words,
    stated_cell,
)
from schemes.models import Pool
from schemes.sources import evidence_row

NEVER_ADDED = (
    "These scopes count different things, some of them the same money twice: they stand side by "
    "side and are never added to each other."
)


def list_page(
    years: Sequence[PoolBook],
    every: Sequence[PoolBook],
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
            "rows": [_list_row(book) for book in years if book.pool.kind == kind],
        }
        for kind, title, about in kinds
    ]
    return {
        "sentence": _list_sentence(years, label),
        "groups": [group for group in groups if group["rows"]],
        "unit": UNIT_LABELS[UNIT],
        "scopes": [_scope_row(scope) for scope in scopes],
        "never_added": NEVER_ADDED,
        "reconciled": [_link_words(link) for link in links],
        "unreconciled": _unreconciled(scopes, links),
    }


def _list_sentence(years: Sequence[PoolBook], label: str) -> str:
    said = []
    for kind, before, after in (
        (Pool.Kind.POOLED, "pooled ", ""),
        (Pool.Kind.ALIGNED, "aligned ", ""),
        ("", "", " of which nothing says whether it is pooled or aligned"),
    ):
        if count := sum(book.pool.kind == kind for book in years):
            said.append(f"{number(count)} {before}budget{'' if count == 1 else 's'}{after}")
    if not said:
        return f"No pooled or aligned budget is stated for {label}."
    sentence = f"{label} has {in_a_list(said)}"
    return sentence + ("." if len(years) == 1 else "; they are never added to each other.")


def _list_row(book: PoolBook) -> dict[str, Any]:
    spent, given = book.spend, book.contributions
    variance = spent.variance_pence if spent else None
    direction = charts.direction_of(variance)
    return {
        "name": book.pool.name,
        "href": pool_href(book),
        "host": host_words(book.host),
        "members": in_a_list([member_words(member) for member in book.members]),
        "state": state_words(book),
        "month": month_label(book.slice, book.month),
        "minimum": amount_cell(book, Measure.MINIMUM),
        "minimum_basis": book.basis_of(Measure.MINIMUM),
        "agreed": amount_cell(book, Measure.AGREED),
        "agreed_basis": book.basis_of(Measure.AGREED),
        "contributions": cell(given.plan_pence if given else None, UNIT),
        "plan": cell(spent.plan_pence if spent else None, UNIT),
        "actual": cell(spent.actual_pence if spent else None, UNIT),
        "variance": {
            "cell": cell(variance, UNIT),
            "direction": direction,
            "words": charts.direction_words(variance, direction, unit=UNIT),
        },
        "warnings": book.warnings,
    }


def _scope_row(scope: Scope) -> dict[str, Any]:
    amount, pool = scope.amount, scope.book.pool
    return {
        "name": amount.name,
        "pool": pool.name,
        "href": pool_href(scope.book),
        "year": str(scope.book.slice.year),
        "hedge": amount.hedge,
        "cell": stated_cell(amount),
        "status": amount.get_status_display(),
        "basis": amount.basis,
        "holds": pool.scope,
        "excludes": pool.excludes,
        "evidence": evidence_row(amount.evidence),
        "printed": [
            f"{figure.name}, “{figure.evidence.printed}”"
            for figure in scope.printed
            if figure.evidence_id != amount.evidence_id
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
