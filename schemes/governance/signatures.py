"""What bodies have said to agreements and plans: who signed, and who has still to sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from esbt.kit.tables import Column
from esbt.kit.when import when_words
from esbt.kit.words import in_a_list
from schemes.models import Partner, SignOff, System
from schemes.sources import evidence_row

SIGN_OFF_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("sign_off", "string", "code of what the body said"),
    Column("agreement", "string", "code of the agreement that is signed; empty: it is a plan"),
    Column("plan", "string", "code of the plan that is signed; empty: it is an agreement"),
    Column("body", "string", "the body that signs"),
    Column("partner", "string", "code of the partner that it is; empty: none of them"),
    Column("state", "string", "outstanding, drafted, submitted, delegated, signed or ratified"),
    Column("final", "boolean", "whether the body itself has signed or ratified"),
    Column("role", "string", "who signed, as a role"),
    Column("on", "string", "when, as exactly as it is known; empty is not stated"),
    Column("minute", "string", "the minute that ratified it"),
    Column("note", "string", "what is doubtful about the row"),
)


@dataclass(frozen=True, slots=True)
class Signatures:
    """How far an agreement or a plan has come with those who have to sign it."""

    signed: Sequence[str]  # bodies
    awaited: Sequence[str]  # bodies, each with how far it has come

    @property
    def final(self) -> bool:
        """Whether all have signed; nothing is final that nobody has to sign."""
        return bool(self.signed) and not self.awaited

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        if self.final:
            return f"Signed by all: {in_a_list(self.signed)}."
        if not self.awaited:
            return "Who signs is not stated."
        have = f"Signed by {in_a_list(self.signed)}. " if self.signed else "Nobody has signed. "
        return f"{have}Still to sign: {in_a_list(self.awaited)}."


def signatures(said: Iterable[SignOff], parties: Iterable[Partner] = ()) -> Signatures:
    """Who has signed; a party of which nothing is recorded has still to sign as well."""
    every = list(said)
    spoken = {item.partner_id for item in every}
    return Signatures(
        [item.body for item in every if item.is_final],
        [
            *(
                f"{item.body} ({item.get_state_display().lower()})"
                for item in every
                if not item.is_final
            ),
            *(
                f"{partner.short_name} (nothing recorded)"
                for partner in parties
                if partner.pk not in spoken
            ),
        ],
    )


def sign_off_row(item: SignOff) -> dict[str, Any]:
    """What a body said, as pages show it."""
    return {
        "code": item.code,
        "body": item.body,
        "partner": item.partner.short_name if item.partner else "",
        "state": item.get_state_display(),
        "final": item.is_final,
        "role": item.role,
        "on": when_words(item.on) if item.on else "",
        "minute": item.minute,
        "note": item.note,
        "evidence": evidence_row(item.evidence),
    }


def sign_offs_of(system: System) -> list[SignOff]:
    """All that bodies of a system have said, in the order of what they signed: one query."""
    return list(
        SignOff.objects.filter(system=system)
        .select_related("agreement", "plan", "partner")
        .order_by("agreement__code", "plan__code", "code")
    )


def sign_off_rows(system: System) -> Iterator[Sequence[Any]]:
    """A row a body and what it signs, for SIGN_OFF_COLUMNS."""
    for item in sign_offs_of(system):
        yield (
            system.code,
            item.code,
            item.agreement.code if item.agreement else "",
            item.plan.code if item.plan else "",
            item.body,
            item.partner.code if item.partner else "",
            item.state,
            item.is_final,
            item.role,
            item.on,
            item.minute,
            item.note,
        )
