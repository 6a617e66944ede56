"""Words and figures that pages of pools share."""

from __future__ import annotations

from django.urls import reverse

from esbt.kit.money import Cell, Unit, cell
from finance.models import PoolAmount
from finance.pools.book import PoolBook, Status
from schemes.models import PoolMember

UNIT: Unit = "k"


def pool_href(book: PoolBook) -> str:
    """The address of a pool in a year."""
    return reverse("pool", args=[book.slice.system.code, book.slice.year_id, book.pool.code])


def host_words(host: PoolMember | None) -> str:
    """Who hosts a pool; a proposed one is only proposed, and "" is not stated."""
    if host is None:
        return ""
    return f"{host.partner.short_name}{', proposed' if host.proposed else ''}"


def member_words(member: PoolMember) -> str:
    """A partner in a pool, with what it is there."""
    marks = [word for word, true in (("host", member.host), ("proposed", member.proposed)) if true]
    return member.partner.short_name + (f" ({' '.join(reversed(marks))})" if marks else "")


def state_words(book: PoolBook) -> str:
    """The status of a pool's amount; "" is not stated.

    Of an agreed one whether all have signed, and else who calls it agreed.
    """
    if not book.state:
        return ""
    label = str(Status(book.state).label)
    if book.state != Status.AGREED:
        return label
    if book.signatures.final:
        return f"{label}, signed by all"
    said = [f"{label}, says {book.state_by}" if book.state_by else label]
    if book.signatures.awaited:
        said.append("not signed by all" if book.signatures.signed else "signed by nobody")
    return "; ".join(said)


def amount_cell(book: PoolBook, measure: str) -> Cell:
    """The amount of a measure; a suspect one is flagged, and shown with what is printed."""
    stands = max(book.of(measure), key=lambda amount: amount.change, default=None)
    if stands is None:
        return cell(None, UNIT)
    return stated_cell(stands)


def stated_cell(amount: PoolAmount, unit: Unit = UNIT) -> Cell:
    """An amount as a table shows it, flagged where it is suspect or was worked out."""
    evidence = amount.evidence
    if amount.status == Status.SUSPECT:
        printed = f"“{evidence.printed}”" if evidence and evidence.printed else "suspect"
        text = printed if amount.pence is None else cell(amount.pence, unit).text
        note = (evidence.working if evidence else "") or amount.reason
        return Cell(text, suspect=True, note=note)
    marks, note = doubts_of(amount)
    return cell(amount.pence, unit, marks=marks, note=note)


def doubts_of(amount: PoolAmount) -> tuple[tuple[str, ...], str]:
    """States of an amount's evidence, and the working.

    Of one that a person settled these are the print's alone: its own note is the reason.
    """
    if amount.actor_id is not None and amount.reason:
        return (), amount.reason
    evidence = amount.evidence
    return ((evidence.state,), evidence.working) if evidence else ((), "")
