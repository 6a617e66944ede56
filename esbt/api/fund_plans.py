"""API of plans of funds: their money, parts, conditions and risks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Router, Schema

from esbt.api.agreements import When
from esbt.pages import fund_plans as joined
from finance.models import PoolAmount
from schemes.funds.conditions import Condition, conditions_of
from schemes.funds.plans import fund_plan_of, fund_plans_of, plan_signatures
from schemes.models import FundPlan
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["agreements and plans"])

Over = Annotated[
    int | None, Field(description="By how much it is more than the whole fund; null: it is not")
]
Pence = Annotated[int | None, Field(description="Pence; null: not stated")]


class FundPlanOut(Schema):
    code: str
    name: str
    pool: str | None
    board: str
    first_year: str
    last_year: str
    districts: list[str]
    signed: list[str]
    awaited: list[str]
    final: Annotated[bool, Field(description="Not before all have signed")]


class FundPlanRows(Schema):
    rows: list[FundPlanOut]


class PlanVersionOut(Schema):
    code: str
    name: str
    agreed_on: When
    submitted_on: When


class PlanAmountOut(Schema):
    """An amount that is stated of the plan's pool; one that is suspect ``counts`` in no total."""

    code: str
    name: str
    year: Annotated[str | None, Field(description="null: the source does not state it")]
    measure: str
    pence: Pence
    hedge: str
    status: str
    basis: str
    counts: bool
    printed: str
    heading: str | None


class HeadingYearOut(Schema):
    year: str
    stated_pence: Pence
    planned_pence: Annotated[int | None, Field(description="By its lines of spend")]
    stated_over_fund_pence: Over
    planned_over_fund_pence: Over


class PlanHeadingOut(Schema):
    code: str
    name: str
    programmes: list[str]
    years: list[HeadingYearOut]
    undated_pence: Annotated[
        int | None, Field(description="Spend whose year the source does not state, in no year")
    ]


class PlanProgrammeOut(Schema):
    code: str
    name: str
    life_phases: list[str]
    headings: list[str]
    our_reading: Annotated[
        list[str], Field(description="Those of its headings that the source does not put it under")
    ]


class PlanAimOut(Schema):
    code: str
    name: str
    measure: str
    metric: Annotated[str | None, Field(description="null: no metric of the system measures it")]
    our_reading: Annotated[bool, Field(description="The source does not tie it to this metric")]


class PlanTargetOut(Schema):
    code: str
    starts: date | None
    ends: date | None
    value: float | None
    baseline: float | None
    state: Annotated[
        str,
        Field(
            description="Of value and baseline: printed, or derived or inferred by us; "
            "empty: typed by a person"
        ),
    ]
    working: Annotated[str, Field(description="How they were worked out")]
    words: str
    payment: When
    payment_pence: Pence
    payment_rule: str
    paid_pence: Annotated[
        int | None, Field(description="What it pays; null: something is not stated")
    ]


class PlanMetricOut(Schema):
    code: str
    name: str
    targets: list[PlanTargetOut]
    warnings: Annotated[list[str], Field(description="Performance periods that overlap")]


class AssumptionOut(Schema):
    code: str
    name: str
    provider: str | None
    admissions_avoided: float | None
    cost_pence: Pence


class FundPlanInFullOut(FundPlanOut):
    about: str
    versions: list[PlanVersionOut]
    amounts: list[PlanAmountOut]
    headings: list[PlanHeadingOut]
    programmes: list[PlanProgrammeOut]
    aims: list[PlanAimOut]
    metrics: list[PlanMetricOut]
    assumptions: list[AssumptionOut]
    warnings: list[str]


class ConditionStepOut(Schema):
    code: str
    name: str
    due: When
    done: When
    overdue: bool


class ConditionOut(Schema):
    code: str
    name: str
    status: Annotated[str, Field(description="met, partly, planned, not-met; empty: not stated")]
    in_place: str
    planned: str
    shown_by: Annotated[str, Field(description="The evidence; empty: nothing shows it")]
    next_step: Annotated[str | None, Field(description="Code of the next dated step")]
    overdue: bool
    steps: list[ConditionStepOut]


class ConditionRows(Schema):
    as_of: date
    rows: list[ConditionOut]


class PlanRiskOut(Schema):
    code: str
    name: str
    rating: Annotated[str | None, Field(description="null: no word rates it, which is not low")]
    likelihood: int | None
    impact: int | None
    score: int | None
    status: str
    mitigation: str
    owner_role: str
    owner: str | None
    review: When


class PlanRiskRows(Schema):
    """``by_rating`` counts the words; what nobody rated is counted apart."""

    by_rating: dict[str, int]
    scored: int
    unrated: int
    rows: list[PlanRiskOut]


@router.get(
    "/systems/{system}/fund-plans",
    response=FundPlanRows,
    summary="Plans of funds, and their sign-off",
)
def list_plans(request: PersonRequest, system: str) -> dict[str, Any]:
    """A plan is not final before all have signed."""
    found = fund_plans_of(visible_system(request.user, system))
    return {"rows": [_plan(plan) for plan in found]}


@router.get(
    "/systems/{system}/fund-plans/{plan}",
    response=FundPlanInFullOut,
    summary="One plan: its money, headings, programmes, aims, metrics and assumptions",
)
def get_plan(request: PersonRequest, system: str, plan: str) -> dict[str, Any]:
    """What is stated under headings and what lines plan stand apart, and are never added."""
    item = fund_plan_of(visible_system(request.user, system), plan)
    money = joined.money_of(item, joined.headings_of(item))
    return _plan(item) | {
        "about": item.about,
        "versions": list(item.fundversions.all()),
        "amounts": [_amount(amount) for year in money.years for amount in year.amounts],
        "headings": [
            _named(row.heading)
            | {
                "programmes": [join.programme.code for join in row.heading.under.all()],
                "years": [
                    {
                        "year": spend.year.year,
                        "stated_pence": spend.stated_pence,
                        "planned_pence": spend.planned_pence,
                        "stated_over_fund_pence": spend.stated_excess or None,
                        "planned_over_fund_pence": spend.planned_excess or None,
                    }
                    for spend in row.years
                ],
                "undated_pence": row.undated_pence,
            }
            for row in money.headings
        ],
        "programmes": [
            _named(programme)
            | {
                "life_phases": programme.life_phases,
                "headings": [join.heading.code for join in programme.under.all()],
                "our_reading": [
                    join.heading.code for join in programme.under.all() if joined.is_reading(join)
                ],
            }
            for programme in joined.programmes_of(item)
        ],
        "aims": [
            _named(row.aim)
            | {
                "measure": row.aim.measure,
                "metric": row.metric.code if row.metric else None,
                "our_reading": row.is_reading,
            }
            for row in joined.aims_of(item)
        ],
        "metrics": [_metric(row) for row in joined.metrics_of(item)],
        "assumptions": [
            _named(each)
            | {
                "provider": each.provider.code if each.provider else None,
                "admissions_avoided": each.admissions_avoided,
                "cost_pence": each.cost_pence,
            }
            for each in item.acuteassumptions.select_related("provider")
        ],
        "warnings": money.warnings,
    }


@router.get(
    "/systems/{system}/fund-plans/{plan}/conditions",
    response=ConditionRows,
    summary="National conditions of a plan, and which steps are overdue",
)
def list_conditions(
    request: PersonRequest, system: str, plan: str, as_of: date | None = None
) -> dict[str, Any]:
    """Steps are held against today, or against the day that is asked for."""
    on = as_of or timezone.localdate()
    item = fund_plan_of(visible_system(request.user, system), plan)
    return {"as_of": on, "rows": [_condition(found) for found in conditions_of(item, on)]}


@router.get(
    "/systems/{system}/fund-plans/{plan}/risks",
    response=PlanRiskRows,
    summary="Risks of a plan's pooled budget",
)
def list_plan_risks(request: PersonRequest, system: str, plan: str) -> dict[str, Any]:
    """The gravest first; what nobody rated comes last, and is not low."""
    risks = joined.risks_of_plan(fund_plan_of(visible_system(request.user, system), plan))
    counts = joined.risk_counts(risks)
    names = ("likelihood", "impact", "score", "status", "mitigation", "owner_role", "review")
    return {
        "by_rating": {label.lower(): count for label, count in counts.rated.items()},
        "scored": counts.scored,
        "unrated": counts.unrated,
        "rows": [
            _named(risk)
            | {name: getattr(risk, name) for name in names}
            | {
                "rating": risk.rating or None,
                "owner": risk.owner.code if risk.owner else None,
            }
            for risk in risks
        ],
    }


def _named(row: Any) -> dict[str, Any]:
    return {"code": row.code, "name": row.name}


def _plan(plan: FundPlan) -> dict[str, Any]:
    known = plan_signatures(plan)
    return _named(plan) | {
        "pool": plan.pool.code if plan.pool else None,
        "board": plan.board,
        "first_year": plan.first_year_id,
        "last_year": plan.last_year_id,
        "districts": plan.districts,
        "signed": known.signed,
        "awaited": known.awaited,
        "final": known.final,
    }


def _amount(amount: PoolAmount) -> dict[str, Any]:
    names = ("code", "name", "measure", "pence", "hedge", "status", "basis", "counts")
    return {name: getattr(amount, name) for name in names} | {
        "year": None if amount.measure == PoolAmount.Measure.UNDATED else amount.slice.year_id,
        "printed": amount.evidence.printed if amount.evidence else "",
        "heading": amount.heading.code if amount.heading else None,
    }


def _metric(row: joined.MetricRow) -> dict[str, Any]:
    names = ("code", "starts", "ends", "value", "baseline", "words", "payment", "payment_pence",
             "payment_rule")  # fmt: skip
    return _named(row.metric) | {
        "targets": [
            {name: getattr(found.target, name) for name in names}
            | {
                "paid_pence": found.paid_pence,
                "state": found.target.evidence.state if found.target.evidence else "",
                "working": found.target.evidence.working if found.target.evidence else "",
            }
            for found in row.targets
        ],
        "warnings": list(row.clashes),
    }


def _condition(found: Condition) -> dict[str, Any]:
    names = ("code", "name", "status", "in_place", "planned", "shown_by")
    return {name: getattr(found.item, name) for name in names} | {
        "next_step": found.next.code if found.next else None,
        "overdue": bool(found.overdue),
        "steps": [
            {name: getattr(step, name) for name in ("code", "name", "due", "done")}
            | {"overdue": step in found.overdue}
            for step in found.steps
        ],
    }
