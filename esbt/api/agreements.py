"""API of agreements and of what bodies have said to them and to plans."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Router, Schema

from finance.models import ShareRule
from schemes.governance.agreements import (
    CONTENTS,
    agreement_of,
    agreements_of,
    signed,
    standing,
)
from schemes.governance.signatures import sign_offs_of
from schemes.models import Agreement, SignOff
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["agreements and plans"])

When = Annotated[
    str,
    Field(description="As exactly as it is known: 2018, 2018-Q3, 2018-04; empty: not stated"),
]


class AgreementOut(Schema):
    """``awaited`` is who has still to sign, with how far each has come."""

    code: str
    name: str
    kind: str
    state: str
    standing: Annotated[str, Field(description="How it stands today, in words")]
    version: str
    starts: date | None
    ends: date | None
    pool: str | None
    supersedes: str | None
    superseded_by: list[str]
    parties: list[str]
    signed: list[str]
    awaited: list[str]
    final: Annotated[bool, Field(description="Whether all have signed")]


class AgreementRows(Schema):
    rows: list[AgreementOut]


class SignOffOut(Schema):
    code: str
    agreement: str | None
    plan: str | None
    body: str
    partner: str | None
    state: str
    final: Annotated[bool, Field(description="Whether the body itself signed or ratified")]
    role: str
    on: When
    minute: str
    note: str


class SignOffRows(Schema):
    rows: list[SignOffOut]


class RuleOut(Schema):
    code: str
    name: str
    pool: str
    starts: date | None
    ends: date | None
    triggered_on: Annotated[
        date | None, Field(description="When its trigger was met; null: shares are indicative")
    ]


class AgreementInFullOut(AgreementOut):
    """What the regulations ask it to specify stands in ``contents``; an empty text: not stated."""

    contents: dict[str, str]
    note: str
    sign_offs: list[SignOffOut]
    share_rules: list[RuleOut]


@router.get(
    "/systems/{system}/agreements",
    response=AgreementRows,
    summary="Agreements, and who has still to sign them",
)
def list_agreements(request: PersonRequest, system: str) -> dict[str, Any]:
    """All agreements of a system, proposed ones too."""
    found = agreements_of(visible_system(request.user, system))
    return {"rows": [_agreement(item) for item in found]}


@router.get(
    "/systems/{system}/agreements/{agreement}",
    response=AgreementInFullOut,
    summary="One agreement, with what it says",
)
def get_agreement(request: PersonRequest, system: str, agreement: str) -> dict[str, Any]:
    """What it does not say is an empty text."""
    item = agreement_of(visible_system(request.user, system), agreement)
    rules = ShareRule.objects.filter(agreement=item).select_related("pool")
    names = ("code", "name", "starts", "ends", "triggered_on")
    return _agreement(item) | {
        "contents": {name: getattr(item, name) for name, _ in CONTENTS},
        "note": item.note,
        "sign_offs": [_sign_off(said, agreement=item.code) for said in item.sign_offs.all()],
        "share_rules": [
            {name: getattr(rule, name) for name in names} | {"pool": rule.pool.code}
            for rule in rules
        ],
    }


@router.get(
    "/systems/{system}/sign-offs",
    response=SignOffRows,
    summary="What bodies have said to agreements and plans",
)
def list_sign_offs(request: PersonRequest, system: str) -> dict[str, Any]:
    """Nothing is signed until it is signed, nor ratified without a minute."""
    found = sign_offs_of(visible_system(request.user, system))
    return {
        "rows": [
            _sign_off(
                item,
                agreement=item.agreement.code if item.agreement else None,
                plan=item.plan.code if item.plan else None,
            )
            for item in found
        ]
    }


def _agreement(item: Agreement) -> dict[str, Any]:
    known = signed(item)
    names = ("code", "name", "kind", "state", "version", "starts", "ends")
    return {name: getattr(item, name) for name in names} | {
        "standing": standing(item, timezone.localdate()),
        "pool": item.pool.code if item.pool else None,
        "supersedes": item.supersedes.code if item.supersedes else None,
        "superseded_by": [newer.code for newer in item.superseded_by.all()],
        "parties": [party.partner.code for party in item.parties.all()],
        "signed": known.signed,
        "awaited": known.awaited,
        "final": known.final,
    }


def _sign_off(
    item: SignOff, *, agreement: str | None = None, plan: str | None = None
) -> dict[str, Any]:
    names = ("code", "body", "state", "role", "on", "minute", "note")
    return {name: getattr(item, name) for name in names} | {
        "agreement": agreement,
        "plan": plan,
        "partner": item.partner.code if item.partner else None,
        "final": item.is_final,
    }
