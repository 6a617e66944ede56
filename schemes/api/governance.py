"""API of governance: bodies as of a date, one of them, and what was decided."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from esbt.kit.tables import csv_answer
from schemes.governance.bodies import (
    BODY_COLUMNS,
    DECISION_COLUMNS,
    bodies_on,
    body_rows,
    decision_rows,
    decisions_in,
    plain_body,
    plain_decision,
)
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["governance"])

AsOf = Annotated[date | None, Query(description="The day, such as 2018-08-01; left out: today")]


class SeatOut(Schema):
    code: str
    partner: str
    role: str
    chair: bool


class BodyOut(Schema):
    """A body on a day; an empty text is not stated, and seats are of the day.

    ``live`` is by its dates; ``dated`` is false where none is stated, and then so is ``live``.
    """

    code: str
    name: str
    kind: str
    live: bool
    dated: bool
    reports_to: str
    took_over: str
    starts: Annotated[str, Field(description="As precisely as it is known: 2018, 2018-04")]
    ends: str
    remit: str
    receives: str
    note: str
    members: list[SeatOut]


class BodyRows(Schema):
    as_of: date
    rows: list[BodyOut]


class DecisionOut(Schema):
    body: str
    code: str
    on: str
    words: str
    meeting: str
    minute: str
    note: str


class DecisionRows(Schema):
    as_of: date
    rows: list[DecisionOut]


@router.get("/systems/{system}/bodies", response=BodyRows, summary="Who decides what on a day")
def list_bodies(request: PersonRequest, system: str, as_of: AsOf = None) -> dict[str, Any]:
    """Every body, those that do not meet on the day too, with its seats of that day."""
    found, on = visible_system(request.user, system), as_of or timezone.localdate()
    return {"as_of": on, "rows": [plain_body(item) for item in bodies_on(found, on)]}


@router.get("/systems/{system}/bodies.csv", summary="The same as CSV")
def bodies_csv(request: PersonRequest, system: str, as_of: AsOf = None) -> HttpResponse:
    """The columns are described at /schemas/governance/bodies.json."""
    found, on = visible_system(request.user, system), as_of or timezone.localdate()
    return csv_answer(BODY_COLUMNS, body_rows(found, on), f"{system}-bodies")


@router.get("/systems/{system}/bodies/{code}", response=BodyOut, summary="One body")
def get_body(request: PersonRequest, system: str, code: str, as_of: AsOf = None) -> dict[str, Any]:
    """404 for a body that is not there."""
    found, on = visible_system(request.user, system), as_of or timezone.localdate()
    for item in bodies_on(found, on):
        if item.body.code == code:
            return plain_body(item)
    raise Http404


@router.get("/systems/{system}/decisions", response=DecisionRows, summary="What its bodies decided")
def list_decisions(request: PersonRequest, system: str, as_of: AsOf = None) -> dict[str, Any]:
    """What was decided by the day, the latest first; those without a date come last."""
    found, on = visible_system(request.user, system), as_of or timezone.localdate()
    return {"as_of": on, "rows": [plain_decision(item) for item in decisions_in(found, on)]}


@router.get("/systems/{system}/decisions.csv", summary="What its bodies decided as CSV")
def decisions_csv(request: PersonRequest, system: str, as_of: AsOf = None) -> HttpResponse:
    """The columns are described at /schemas/governance/decisions.json."""
    found, on = visible_system(request.user, system), as_of or timezone.localdate()
    return csv_answer(DECISION_COLUMNS, decision_rows(found, on), f"{system}-decisions")
