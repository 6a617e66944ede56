"""Agreements of a system: their term, parties, versions, and who has still to approve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse

from esbt.kit.tables import Column
from esbt.kit.words import number
from schemes.governance.signatures import Signatures, sign_off_row, signatures
from schemes.models import Agreement, AgreementParty, SignOff, System
from schemes.sources import evidence_row

SOON = 180  # days before its end from which an agreement is said to run out

# what the regulations ask an agreement to specify (SI 2000/617, regulation 7(3)), by its field
CONTENTS: Sequence[tuple[str, str]] = (
    ("aims", "Agreed aims and outcomes"),
    ("contributions", "Contributions, and how they may vary"),
    ("functions", "Functions of each partner that it covers"),
    ("services", "For whom, and which services"),
    ("resources", "Staff, goods and accommodation"),
    ("review", "Duration, review and how it ends"),
    ("management", "How the fund is managed and watched"),
)

AGREEMENT_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("agreement", "string", "code of the agreement"),
    Column("name", "string", "its name"),
    Column("kind", "string", "section-75, alliance, financial-framework or other"),
    Column("state", "string", "proposed or agreed"),
    Column("version", "string", "its version; empty is not stated"),
    Column("supersedes", "string", "code of the agreement that it takes the place of"),
    Column("pool", "string", "code of the pooled budget; empty: none"),
    Column("starts", "date", "first day; empty is not stated"),
    Column("ends", "date", "last day; empty is not stated"),
    Column("parties", "string", "codes of the parties, separated by semicolons"),
    Column("signed", "string", "bodies that have signed, separated by semicolons"),
    Column("awaited", "string", "who has still to sign, separated by semicolons"),
    *(Column(name, "string", f"{label}; empty is not stated") for name, label in CONTENTS),
    Column("note", "string", "what is doubtful about the row"),
)


def agreements_of(system: System) -> list[Agreement]:
    """All agreements of a system with what hangs on them: four queries."""
    return list(
        Agreement.objects.filter(system=system)
        .select_related("system", "pool", "supersedes", "evidence__source")
        .prefetch_related(
            Prefetch("parties", AgreementParty.objects.select_related("partner")),
            Prefetch("sign_offs", SignOff.objects.select_related("partner", "evidence__source")),
            "superseded_by",
        )
    )


def agreement_of(system: System, code: str) -> Agreement:
    """One agreement; Http404 where there is none of that code."""
    found = next((item for item in agreements_of(system) if item.code == code), None)
    if found is None:
        raise Http404
    return found


def signed(agreement: Agreement) -> Signatures:
    """Who has signed an agreement, and who has still to.

    Of one that is agreed, and of which no signature is recorded, nobody is awaited.
    """
    said = agreement.sign_offs.all()
    asked = said or agreement.state == Agreement.State.PROPOSED
    parties = [party.partner for party in agreement.parties.all()]
    return signatures(said, parties if asked else ())


def agreement_row(agreement: Agreement, on: date) -> dict[str, Any]:
    """An agreement as lists and its own page show it, on a day."""
    return {
        "item": agreement,
        "href": reverse("agreement", args=[agreement.system.code, agreement.code]),
        "kind": agreement.get_kind_display(),
        "state": agreement.get_state_display(),
        "standing": standing(agreement, on),
        "term": term(agreement),
        "pool": agreement.pool.name if agreement.pool else "",
        "parties": [party.partner.short_name for party in agreement.parties.all()],
        "signatures": signed(agreement),
    }


def agreement_page(agreement: Agreement, on: date) -> dict[str, Any]:
    """What an agreement's page shows of it."""
    system = agreement.system.code
    return agreement_row(agreement, on) | {
        "contents": [(label, getattr(agreement, name)) for name, label in CONTENTS],
        "before": agreement.supersedes,
        "after": list(agreement.superseded_by.all()),
        "sign_offs": [
            sign_off_row(item) | {"href": reverse("change-sign-off", args=[system, item.code])}
            for item in agreement.sign_offs.all()
        ],
        "evidence": evidence_row(agreement.evidence),
    }


def standing(agreement: Agreement, on: date) -> str:
    """Whether it holds on a day, and how long still, in words."""
    newer = [item.name for item in agreement.superseded_by.all() if item.state == "agreed"]
    if newer:
        return f"Its place was taken by {newer[0]}."
    if agreement.state == Agreement.State.PROPOSED:
        return "Proposed, and not agreed."
    if agreement.starts and on < agreement.starts:
        return f"Agreed, from {_day(agreement.starts)}."
    if agreement.ends is None:
        return "Agreed. When it ends is not stated."
    left = (agreement.ends - on).days
    if left < 0:
        return f"Ran out on {_day(agreement.ends)}."
    if left <= SOON:
        days = "today" if not left else f"in {number(left)} day{'s' if left > 1 else ''}"
        return f"Runs out {days}, on {_day(agreement.ends)}."
    return f"Agreed, until {_day(agreement.ends)}."


def term(agreement: Agreement) -> str:
    """From when to when, in words; "" where neither is stated."""
    starts, ends = agreement.starts, agreement.ends
    if starts and ends:
        return f"{_day(starts)} to {_day(ends)}"
    if starts:
        return f"from {_day(starts)}"
    return f"until {_day(ends)}" if ends else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def agreement_rows(system: System) -> Iterator[Sequence[Any]]:
    """A row an agreement, for AGREEMENT_COLUMNS."""
    for item in agreements_of(system):
        known = signed(item)
        yield (
            system.code,
            item.code,
            item.name,
            item.kind,
            item.state,
            item.version,
            item.supersedes.code if item.supersedes else "",
            item.pool.code if item.pool else "",
            item.starts,
            item.ends,
            "; ".join(party.partner.code for party in item.parties.all()),
            "; ".join(known.signed),
            "; ".join(known.awaited),
            *(getattr(item, name) for name, _ in CONTENTS),
            item.note,
        )
