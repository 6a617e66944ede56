"""What the page of a pool's statement shows: the pool's account, and each partner's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from esbt.kit.money import cell, words
from esbt.kit.words import capital, number
from finance.charts import direction_of, direction_words, variance_words
from finance.downloads.pools import rest_of
from finance.figures.position import AfterShare
from finance.models.base import LAST_MONTH
from finance.months import calendar_month
from finance.pages.pool_shares import standing_words
from finance.pools.account import PartnerAccount, PoolAccount
from finance.queries.pool_sharing import Sharing
from finance.queries.pool_statements import Statement
from schemes.models import Pool


def statement_page(found: Statement) -> dict[str, Any]:
    """The whole of a statement, to the penny."""
    account, book = found.account, found.book
    return {
        "statement": found,
        "until": f"to the end of {calendar_month(book.slice, min(found.month, LAST_MONTH))}"
        + (", final accounts" if found.month > LAST_MONTH else ""),
        "sentence": _sentence(found),
        "pool_rows": _pool_rows(found, ended=found.month >= LAST_MONTH),
        "opening": found.opening,
        "partners": [_partner_row(own) for own in account.partners],
        "total": _total_row(account),
        "bears": _bears(found),
        "shares_are": shares_are(found.sharing, book.slice.year.first_day),
        "how": found.sharing.explanation,
        "settled": _settled(found),
        "positions": [_position_row(own) for own in found.positions],
        "effect_words": _effect_words(found),
        "notes": _notes(found),
    }


def _sentence(found: Statement) -> str:
    account = found.account
    if account.contributions_pence is None or account.spend_pence is None:
        return "Not every contribution and spend is reported, so the account has no balance."
    said = (
        f"Partners paid in {words(account.contributions_pence, 'gbp')} and "
        f"{'' if found.book.pool.kind == Pool.Kind.ALIGNED else 'the pool '}spent "
        f"{words(account.spend_pence, 'gbp')}"
    )
    if account.variance_pence is not None:
        variance = account.variance_pence
        way = direction_of(variance)
        said += f", {words(abs(variance), 'gbp')} {way} to plan" if variance else ", on plan"
    if account.closing_pence is None:
        return f"{said}; what it held at the start is not stated."
    return f"{said}; it closes with {_held(account.closing_pence)}."


def _held(pence: int) -> str:
    if pence < 0:
        return f"{words(-pence, 'gbp')} overdrawn"
    return f"{words(pence, 'gbp')} in hand"


def _pool_rows(found: Statement, *, ended: bool) -> list[dict[str, Any]]:
    account, owed = found.account, found.owed
    rows = [
        ("Opening balance", account.opening_pence, False),
        *(
            [(f"Not in it: still to be paid by partners from {owed.year}", owed.pence, False)]
            if owed
            else []
        ),
        ("Contributions paid", account.contributions_pence, False),
        ("Spend", _minus(account.spend_pence), False),
        ("Movement in the year" if ended else "Movement so far", account.movement_pence, False),
        ("Closing balance" + (", carried forward" if ended else ""), account.closing_pence, True),
    ]
    return [
        {"name": name, "cell": cell(pence, "gbp"), "total": total} for name, pence, total in rows
    ]


def _minus(pence: int | None) -> int | None:
    return None if pence is None else -pence


def _partner_row(own: PartnerAccount) -> dict[str, Any]:
    return {
        "name": own.name,
        "host": own.host,
        "due": cell(own.due_pence, "gbp"),
        "paid": cell(own.paid_pence, "gbp"),
        "plan": cell(own.spend_plan_pence, "gbp"),
        "spend": cell(own.spend_pence, "gbp"),
        "share": _variance(own.share_pence),
        "to_pay": _to_pay(own.to_pay_pence),
    }


def _total_row(account: PoolAccount) -> dict[str, Any]:
    shares = [own.share_pence for own in account.partners]
    known = account.shares is not None
    return {
        "name": "All partners",
        "host": False,
        "due": cell(account.due_pence, "gbp"),
        "paid": cell(account.contributions_pence, "gbp"),
        "plan": cell(account.spend_plan_pence, "gbp"),
        "spend": cell(account.spend_pence, "gbp"),
        "share": _variance(sum(share or 0 for share in shares) if known else None),
        "to_pay": _to_pay(account.to_pay_pence),
    }


def _variance(pence: int | None) -> dict[str, Any]:
    direction = direction_of(pence)
    said = direction_words(pence, direction, unit="gbp") if pence else ""
    return {"cell": cell(pence, "gbp"), "direction": direction, "words": said}


def _to_pay(pence: int | None) -> dict[str, Any]:
    said = "" if not pence else "to pay" if pence > 0 else "to receive"
    size = None if pence is None else abs(pence)
    return {"cell": cell(size, "gbp"), "direction": "none", "words": said}


def _bears(found: Statement) -> list[dict[str, Any]]:
    """Who bears the variance: the rows add to the last one."""
    account = found.account
    if account.variance_pence is None:
        return []
    rows: list[tuple[str, int | None]] = [
        (own.name, own.share_pence) for own in account.partners if account.shares
    ]
    rows += [(label, pence) for _, label, pence in rest_of(found)]
    return bearing(rows, "Variance of the pool", account.variance_pence)


def bearing(
    rows: Sequence[tuple[str, int | None]], whole: str, pence: int | None
) -> list[dict[str, Any]]:
    """Who bears a variance, and what it adds to, as finance/_bears.html takes them."""
    made = [{"name": name, "variance": _variance(own), "total": False} for name, own in rows]
    return [*made, {"name": whole, "variance": _variance(pence), "total": True}]


def shares_are(sharing: Sharing, first_day: date) -> str:
    """Whether shares are indicative or binding, or why there are none."""
    if sharing.shares is None:
        return f"No share of the variance is shown. {' '.join(sharing.why_not)}".strip()
    if sharing.shares.binding:
        return "The shares are binding: what triggers them in the agreement has happened."
    said = (
        f"The shares are {standing_words(sharing.shares, first_day)}: what makes "
        f"{'the latter' if sharing.shares.standing == 'partly binding' else 'them'} binding in the "
        "agreement has not happened yet, and what is still to pay is what would be."
    )
    return " ".join([said, *(f"The trigger: {text}" for text in sharing.triggers)])


def _settled(found: Statement) -> str:
    account = found.account
    if account.settled_pence is None or not account.shares:
        return ""
    said = (
        f"Once partners have paid and received this, the pool holds {_held(account.settled_pence)}"
    )
    if found.owed and found.settled_all_pence is not None:
        said += f", and once {found.owed.year} is settled too, {_held(found.settled_all_pence)}"
    return f"{said}."


def _position_row(own: AfterShare) -> dict[str, Any]:
    return {
        "name": own.name,
        "before": cell(own.before_pence, "gbp"),
        "effect": _variance(own.effect_pence),
        "after": cell(own.after_pence, "gbp"),
    }


def _effect_words(found: Statement) -> str:
    """What the positions before and after mean, or why they cannot be told apart."""
    account, host = found.account, found.book.host
    if account.shares is None:
        return ""
    if host is None:
        return "No host is stated, so positions before and after sharing cannot be told apart."
    if all(own.before_pence is None for own in found.positions):
        return (
            "No position of its partners is stated for this month, so nothing says what sharing "
            "would make of it."
        )
    known = "proposed as host" if host.proposed else "host"
    net = sum(own.effect_pence for own in found.positions)
    said = (
        f"Before sharing, the whole variance lies with {host.partner.name}, {known}, whose "
        "reported position contains it once. After it each partner bears its share."
    )
    if not net:
        return f"{said} The positions together stay as they are."
    return (
        f"{said} The positions together are {variance_words(net)} by it, which the "
        "risk pool, next year's pool or a partner without a position here bears."
    )


def _notes(found: Statement) -> list[str]:
    notes = ["All figures are approved or closed ones.", *found.restated]
    if found.other:
        one = found.other == 1
        notes.append(
            f"{capital(number(found.other))} line{' reports' if one else 's report'} at other "
            f"times, such as at the year's end, and {'is' if one else 'are'} not in this account."
        )
    if found.book.host and found.book.host.proposed:
        notes.append(f"{found.book.host.partner.name} is proposed as host and not agreed.")
    return notes
