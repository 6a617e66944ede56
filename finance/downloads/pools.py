"""Tables of pools to take away: exact pounds, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from esbt.kit.tables import Column, pounds
from esbt.kit.words import capital
from finance.models.lines import Kind
from finance.pages.pool_shares import standing_words
from finance.pools.account import shared_pence
from finance.pools.book import Measure, PoolBook, said_by
from finance.pools.lines import heading_of, pool_line
from finance.queries.line_months import LineMonth
from finance.queries.pool_statements import Statement
from schemes.models import Pool

GBP = "pounds; empty is not stated"

POOL_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("pool", "string", "code of the pool; pools are never added to each other"),
    Column("year", "string", "financial year, April to March"),
    Column("name", "string", "its name"),
    Column("kind", "string", "pooled or aligned; empty is not stated"),
    Column("state", "string", "status of the agreed amount, else of what the pool is said to hold"),
    Column("state_by", "string", "who says so: a document or a person; empty is not stated"),
    Column("signed", "boolean", "all have signed its plan and agreement; empty: nobody is to sign"),
    Column("host", "string", "code of the partner that hosts it"),
    Column("host_proposed", "boolean", "the host is proposed and not agreed"),
    Column("members", "string", "codes of its partners"),
    Column("minimum_gbp", "number", GBP),
    Column("minimum_basis", "string", "what the minimum is of, such as county figure"),
    Column("agreed_gbp", "number", f"{GBP}, or suspect"),
    Column("agreed_basis", "string", "what the agreed amount is of"),
    Column("contributions_plan_gbp", "number", f"for the year, {GBP}"),
    Column("spend_plan_gbp", "number", f"for the year, {GBP}"),
    Column("month", "integer", "month of the figures to date; 1 is April"),
    Column("contributions_actual_gbp", "number", f"to date, {GBP}"),
    Column("spend_actual_gbp", "number", f"to date, {GBP}"),
    Column("variance_gbp", "number", "of spend to date, favourable-positive"),
    Column("spend_forecast_gbp", "number", f"for the year, {GBP}"),
    Column("warnings", "string", "what does not fit together, in words"),
)

POOL_AMOUNT_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("pool", "string", "code of the pool"),
    Column("amount", "string", "code of the amount"),
    Column("name", "string", "its name"),
    Column(
        "measure",
        "string",
        "scope (all that the pool is said to hold), minimum, agreed, member, spend or opening; "
        "scopes are never added to each other, and other measures are not either",
    ),
    Column("amount_gbp", "number", GBP),
    Column("hedge", "string", "the source's own word, such as about"),
    Column("status", "string", "provisional, due-diligence, illustrative, agreed or suspect"),
    Column("basis", "string", "what it is of, such as county figure"),
    Column("counts", "boolean", "false: not stated or suspect, and in no total"),
    Column("partner", "string", "code of the partner that it is of"),
    Column("heading", "string", "code of the plan's heading that it is under"),
    Column("holds", "string", "of a scope: what it holds"),
    Column("excludes", "string", "of a scope: what stands outside it"),
    Column("said_by", "string", "the document, or the person who typed it"),
    Column("place", "string", "where in the document"),
    Column("printed", "string", "as it is printed there"),
    Column("evidence", "string", "printed, derived, inferred or suspect"),
    Column("working", "string", "how it came about, where it is not as printed"),
    Column("reason", "string", "on what an amount rests that a person typed"),
)

POOL_LINE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("pool", "string", "code of the pool"),
    Column("year", "string", "financial year"),
    Column("month", "integer", "month of the figures to date; 1 is April"),
    Column("kind", "string", "contribution or pool-spend: never added to each other"),
    Column("line", "string", "code of the line"),
    Column("name", "string", "its name"),
    Column("partner", "string", "who pays the contribution, or runs the service"),
    Column("income_source", "string", "source of a contribution; empty is not stated"),
    Column("heading", "string", "heading of spend"),
    Column("scheme_type", "string", "type of scheme; empty is not stated"),
    Column("provider_sector", "string", "who provides it; empty is not stated"),
    Column("recurrent", "boolean", "empty is not stated"),
    Column("capital", "boolean", "empty is not stated"),
    Column("ring_fenced", "boolean", "its variance is never shared"),
    Column("treatment", "string", "accounting treatment; empty is not stated"),
    Column("plan_gbp", "number", f"for the year, {GBP}"),
    Column("plan_to_date_gbp", "number", GBP),
    Column("actual_to_date_gbp", "number", GBP),
    Column("variance_gbp", "number", "of spend favourable-positive; of a contribution above plan"),
    Column("forecast_gbp", "number", f"for the year, {GBP}"),
)

STATEMENT_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("pool", "string", "code of the pool"),
    Column("year", "string", "financial year"),
    Column("quarter", "string", "1 to 4, or year-end"),
    Column("account", "string", "pool, partner, risk-pool, carried-forward, not-shared or outside"),
    Column("partner", "string", "code of the partner"),
    Column("name", "string", "its name"),
    Column("opening_gbp", "number", f"balance of the pool at the year's start, {GBP}"),
    Column("contributions_due_gbp", "number", f"as planned to date, {GBP}"),
    Column("contributions_gbp", "number", f"paid to date, {GBP}"),
    Column("spend_plan_gbp", "number", f"to date, {GBP}"),
    Column("spend_gbp", "number", f"to date; of a partner on services that it runs, {GBP}"),
    Column("closing_gbp", "number", f"opening and contributions less spend, {GBP}"),
    Column(
        "variance_gbp",
        "number",
        "spend against plan, favourable-positive; all accounts but that of the pool add to its "
        "own by their shares",
    ),
    Column("share_gbp", "number", "share of the variance, favourable-positive"),
    Column(
        "shares_are", "string", "binding, partly binding or indicative; empty: no share is shown"
    ),
    Column("to_pay_gbp", "number", "still to pay into the pool; negative is to receive"),
    Column("effect_gbp", "number", "of sharing on the reported position, favourable-positive"),
)


def pool_rows(years: Iterable[PoolBook]) -> Iterator[Sequence[Any]]:
    """A row a pool and year."""
    for book in years:
        host, given, spent = book.host, book.contributions, book.spend
        yield (
            book.slice.system.code,
            book.pool.code,
            book.slice.year_id,
            book.pool.name,
            book.pool.kind,
            book.state,
            book.state_by,
            _flag(signed_flag(book)),
            host.partner.code if host else "",
            _flag(host.proposed if host else None),
            " ".join(member.partner.code for member in book.members),
            pounds(book.minimum_pence),
            book.basis_of(Measure.MINIMUM),
            pounds(book.agreed_pence),
            book.basis_of(Measure.AGREED),
            pounds(given.plan_pence if given else None),
            pounds(spent.plan_pence if spent else None),
            book.month,
            pounds(given.actual_pence if given else None),
            pounds(spent.actual_pence if spent else None),
            pounds(spent.variance_pence if spent else None),
            pounds(spent.forecast_pence if spent else None),
            " ".join(book.warnings),
        )


def signed_flag(book: PoolBook) -> bool | None:
    """Whether all have signed what holds in the year; None where nobody is to sign."""
    known = book.signatures
    return known.final if known.signed or known.awaited else None


def pool_amount_rows(years: Iterable[PoolBook]) -> Iterator[Sequence[Any]]:
    """A row an amount that is stated of a pool in a year, as it stands."""
    for book in years:
        for item in book.amounts:
            amount, evidence = item.amount, item.amount.evidence
            yield (
                book.slice.system.code,
                book.slice.year_id,
                book.pool.code,
                amount.code,
                amount.name,
                amount.measure,
                pounds(amount.pence),
                amount.hedge,
                amount.status,
                amount.basis,
                _flag(amount.counts),
                amount.partner.code if amount.partner else "",
                amount.heading.code if amount.heading else "",
                book.pool.scope if amount.measure == Measure.SCOPE else "",
                book.pool.excludes if amount.measure == Measure.SCOPE else "",
                said_by(amount),
                evidence.place if evidence else "",
                evidence.printed if evidence else "",
                evidence.state if evidence else "",
                evidence.working if evidence else "",
                amount.reason,
            )


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def line_details(item: LineMonth) -> Mapping[str, Any]:
    """What is said of a line of a pool beside its money; None or "" is not stated."""
    line, own = item.line, pool_line(item.line)
    names = ("income_source", "scheme_type", "provider_sector", "treatment")
    return {
        "line": line.code,
        "name": line.name,
        "kind": line.kind,
        "partner": line.partner.code,
        "heading": heading_of(line) if line.kind == Kind.POOL_SPEND else "",
        "recurrent": line.recurrent,
        "capital": own.capital if own else None,
        "ring_fenced": bool(own and own.ring_fenced),
        **{name: getattr(own, name) if own else "" for name in names},
    }


def pool_line_rows(book: PoolBook, items: Iterable[LineMonth]) -> Iterator[Sequence[Any]]:
    """A row a line."""
    for item in items:
        known = line_details(item)
        yield (
            book.slice.system.code,
            book.pool.code,
            book.slice.year_id,
            book.month,
            *(
                known[name]
                for name in (
                    "kind", "line", "name", "partner", "income_source", "heading", "scheme_type",
                    "provider_sector",
                )
            ),
            *(_flag(known[name]) for name in ("recurrent", "capital", "ring_fenced")),
            known["treatment"],
            pounds(item.plan_pence),
            pounds(item.plan_to_date_pence),
            pounds(item.actual_pence),
            pounds(item.variance_pence),
            pounds(item.forecast_pence),
        )  # fmt: skip


def statement_rows(found: Statement) -> Iterator[Sequence[Any]]:
    """The pool's account, each partner's, and what no partner bears."""
    account, book = found.account, found.book
    shares = account.shares
    binding = shares.standing if shares else ""
    place = (book.slice.system.code, book.pool.code, book.slice.year_id, found.quarter)
    yield (
        *place, "pool", "", book.pool.name,
        *map(
            pounds,
            (
                account.opening_pence, account.due_pence, account.contributions_pence,
                account.spend_plan_pence, account.spend_pence, account.closing_pence,
                account.variance_pence, shared_pence(shares) if shares else None,
            ),
        ),
        binding, pounds(account.to_pay_pence), "",
    )  # fmt: skip
    for own in account.partners:
        yield (
            *place, "partner", own.code, own.name, "",
            *map(
                pounds,
                (own.due_pence, own.paid_pence, own.spend_plan_pence, own.spend_pence),
            ),
            "", pounds(own.variance_pence), pounds(own.share_pence), binding,
            *map(pounds, (own.to_pay_pence, own.effect_pence)),
        )  # fmt: skip
    for name, label, pence in rest_of(found):
        yield (*place, name, "", label, *("",) * 7, pounds(pence), binding, "", "")


def rest_of(found: Statement) -> list[tuple[str, str, int | None]]:
    """What of the variance no partner bears: code, words and pence."""
    account = found.account
    shares = account.shares
    rest = [
        ("risk-pool", "Borne by the risk pool", shares.risk_pool_pence if shares else 0),
        ("carried-forward", "Carried forward", shares.carried_forward_pence if shares else 0),
        ("not-shared", f"Not shared: {_stays(found.book)}", account.unshared_pence),
        ("outside", "Ring-fenced or capital, outside the share", account.outside_pence),
    ]
    return [item for item in rest if item[2] != 0]


def _stays(book: PoolBook) -> str:
    if book.pool.kind == Pool.Kind.ALIGNED:
        return "each partner keeps its own"
    return "stays with the host" if book.host else "with whom it lies is not stated"


def about_statement(found: Statement) -> dict[str, str]:
    """What a workbook says about its figures."""
    slice_, shares = found.book.slice, found.account.shares
    said = {
        "System": slice_.system.name,
        "Pool": found.book.pool.name,
        "Financial year": str(slice_.year),
        "Statement": statement_name(found.quarter),
        "State": "Published: approved or closed figures",
        "Opening balance": found.opening,
        "Computed": found.computed_at.isoformat() if found.computed_at else "not computed yet",
        "Revision": str(found.change),
    }
    if slice_.system.illustrative:
        said["Illustrative"] = "Made-up figures of no place"
    if shares:
        said["Shares"] = capital(standing_words(shares, slice_.year.first_day))
        said["How they were worked out"] = "\n".join(found.sharing.explanation)
    return said


def statement_name(quarter: str) -> str:
    """What a statement is called."""
    return (
        "Memorandum account at the year's end"
        if quarter == "year-end"
        else f"Report of quarter {quarter}"
    )
