"""API of reduction plans and of the four assurance questions of a recovery board."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Query, Router, Schema

from esbt.pages.reduction import asked_of, plan_record, question_records, total_record
from finance.api import Pence
from finance.api.savings import Which
from finance.figures.reduction import judged_by
from finance.models.rollups import State
from finance.queries.reduction import answers_of, hanging_on, reduction_book
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

router = Router(tags=["delivery"])

Month = Annotated[
    int | None,
    Query(ge=1, le=12, description="1 is April; left out: the latest that anybody reported"),
]
AsOf = Annotated[date | None, Query(description="The day by which things are due; left out: today")]


class PlanFiguresOut(Schema):
    """Pence of spend taken away. ``status`` is green, amber or red; empty: cannot be said."""

    target_pence: Pence
    planned_pence: Pence
    achieved_pence: Pence
    variance_pence: Annotated[
        int | None, Field(description="Achieved less planned, favourable-positive")
    ]
    forecast_pence: Pence
    forecast_variance_pence: Pence
    run_rate_pence: Annotated[
        int | None, Field(description="The year if every month were as those so far")
    ]
    status: str
    reason: str


class ReductionPlanOut(PlanFiguresOut):
    """``last_month`` is given where the month itself is not reported."""

    plan: str
    name: str
    partner: str
    last_month: int | None
    last_achieved_pence: Pence
    last_planned_pence: Pence
    effects: int
    effects_understood: int
    risks: int
    urgent_open: int
    urgent_overdue: int


class AllPlansOut(PlanFiguresOut):
    """Compares achieved and planned of the plans that reported the month.

    There is a forecast only where each plan has one, and a rating only where each is rated.
    """

    plans: int
    plans_reported: int
    plans_forecast: int
    plans_rated: int


class ReductionPlansOut(Schema):
    system: str
    year: str
    month: int | None
    state: str
    as_of: date
    rule: str
    rows: list[ReductionPlanOut]
    total: AllPlansOut


class FactOut(Schema):
    name: str
    words: str
    href: str


class EvidenceOut(Schema):
    heading: str
    rows: list[FactOut]


class AnswerOut(Schema):
    """``state``, ``verdict`` and ``sentence`` are of the evidence when it was signed.

    ``differs``: whether the evidence given here is another; null where it was not kept.
    """

    text: str
    signed_as: str
    by: str
    at: datetime
    state: str
    verdict: str
    sentence: str
    differs: bool | None


class QuestionOut(Schema):
    """``verdict`` is yes, no, in-part or unknown; ``answers`` of people, the latest first."""

    question: str
    label: str
    verdict: str
    sentence: str
    rule: str
    evidence: list[EvidenceOut]
    missing: list[FactOut]
    answers: list[AnswerOut]


class QuestionsOut(Schema):
    system: str
    year: str
    month: int | None
    state: str
    as_of: date
    rows: list[QuestionOut]


@router.get(
    "/systems/{system}/years/{year}/reduction-plans",
    response=ReductionPlansOut,
    summary="Expenditure reduction plans of a year, and how each stands",
)
def list_reduction_plans(
    request: PersonRequest,
    system: str,
    year: str,
    month: Month = None,
    state: Which = "published",
    as_of: AsOf = None,
) -> dict[str, Any]:
    """Urgent actions are overdue as of a day; figures are those of a month."""
    slice_ = visible_slice(request.user, system, year)
    day = as_of or timezone.localdate()
    book = reduction_book(slice_, state=State(state), month=month)
    hanging = hanging_on(slice_, day)
    return {
        "system": system,
        "year": year,
        "month": book.month,
        "state": book.state,
        "as_of": day,
        "rule": judged_by(),
        "rows": [plan_record(hanging, plan) for plan in book.plans],
        "total": total_record(book),
    }


@router.get(
    "/systems/{system}/years/{year}/questions",
    response=QuestionsOut,
    summary="The four assurance questions with their evidence, what is missing, and the answers",
)
def list_questions(
    request: PersonRequest,
    system: str,
    year: str,
    month: Month = None,
    state: Which = "published",
    as_of: AsOf = None,
) -> dict[str, Any]:
    """What the system answers from the figures of a month and the registers, and what people do."""
    slice_ = visible_slice(request.user, system, year)
    day = as_of or timezone.localdate()
    asked = asked_of(slice_, state=State(state), month=month, day=day)
    answers = answers_of(slice_, asked.book.month, day)
    return {
        "system": system,
        "year": year,
        "month": asked.book.month,
        "state": asked.book.state,
        "as_of": day,
        "rows": list(question_records(asked, answers)),
    }
