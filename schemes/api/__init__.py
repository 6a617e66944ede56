"""API of the ground floor: systems, their partners and years."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from ninja import Field, Router, Schema

from esbt.kit.tables import csv_answer
from schemes.models import Slice, System
from schemes.pages.evaluations import EVALUATION_COLUMNS, Chosen, evaluation_rows
from schemes.people.requests import PersonRequest
from schemes.queries import computed_change, visible_system

router = Router(tags=["systems"])


class SystemOut(Schema):
    code: str
    name: str
    footprint: str
    illustrative: bool


class SystemRows(Schema):
    rows: list[SystemOut]


class CodeOut(Schema):
    registry: str = Field(validation_alias="register")
    code: str
    starts: date | None
    ends: date | None


class PartnerOut(Schema):
    code: str
    name: str
    short_name: str
    kind: str
    starts: date | None
    ends: date | None
    aliases: list[str]
    codes: list[CodeOut]
    members: list[str]
    successors: list[str]


class PartnerRows(Schema):
    rows: list[PartnerOut]


class YearOut(Schema):
    year: str
    status: str
    change: int
    stale: bool


class YearRows(Schema):
    rows: list[YearOut]


class EvaluationOut(Schema):
    scheme: str
    name: str
    kind: str
    evaluation: str
    evaluated: str
    progress: str
    effect_on_discharge: str
    effect_on_avoidance: str
    decision: str
    next_review: str
    factors: list[str]
    findings: str
    note: str
    state: str
    source: str
    place: str
    working: str


class EvaluationRows(Schema):
    rows: list[EvaluationOut]


@router.get("/systems", response=SystemRows, summary="Systems that you may see")
def list_systems(request: PersonRequest) -> dict[str, object]:
    """Each system by code; an illustrative one holds made-up figures."""
    return {"rows": list(System.objects.visible_to(request.user))}


@router.get("/systems/{system}", response=SystemOut, summary="One system")
def get_system(request: PersonRequest, system: str) -> System:
    """404 for a system that you may not see."""
    return visible_system(request.user, system)


@router.get("/systems/{system}/partners", response=PartnerRows, summary="Its partners, in order")
def list_partners(request: PersonRequest, system: str) -> dict[str, object]:
    """Partners and reporting groups with their names, codes, members and successors."""
    members = (
        visible_system(request.user, system)
        .memberships.select_related("partner")
        .prefetch_related(
            "partner__names",
            "partner__codes",
            "partner__members__member",
            "partner__successions__successor",
        )
    )
    return {
        "rows": [
            {
                "code": partner.code,
                "name": partner.name,
                "short_name": partner.short_name,
                "kind": partner.kind,
                "starts": partner.starts,
                "ends": partner.ends,
                "aliases": [name.name for name in partner.names.all()],
                "codes": list(partner.codes.all()),
                "members": [item.member.code for item in partner.members.all()],
                "successors": [item.successor.code for item in partner.successions.all()],
            }
            for partner in (member.partner for member in members)
        ]
    }


@router.get("/systems/{system}/years", response=YearRows, summary="Its financial years")
def list_years(request: PersonRequest, system: str) -> dict[str, object]:
    """Years with the number of their last change, and whether figures are behind it."""
    slices = Slice.objects.filter(system=visible_system(request.user, system)).select_related(
        "computation"
    )
    return {
        "rows": [
            {
                "year": item.year_id,
                "status": item.status,
                "change": item.change,
                "stale": item.change > computed_change(item),
            }
            for item in slices
        ]
    }


@router.get(
    "/systems/{system}/evaluations",
    response=EvaluationRows,
    summary="What came of schemes and investments",
)
def list_evaluations(request: PersonRequest, system: str) -> dict[str, object]:
    """An empty text is not stated; an investment stands outside the schemes' total."""
    rows = evaluation_rows(visible_system(request.user, system), Chosen())
    names = [column.name for column in EVALUATION_COLUMNS]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return {"rows": [row | {"factors": _parts(str(row["factors"]))} for row in found]}


def _parts(text: str) -> list[str]:
    return [part for part in text.split("; ") if part]


@router.get("/systems/{system}/evaluations.csv", summary="The same as CSV")
def evaluations_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The columns are described at /schemas/schemes/evaluations.json."""
    rows = evaluation_rows(visible_system(request.user, system), Chosen())
    return csv_answer(EVALUATION_COLUMNS, rows, f"{system}-evaluations")
