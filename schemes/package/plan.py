"""Tables of a data package about schemes and what is kept about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, field_validator

from esbt.kit.rows import Code, Figure, Row, Whole, YesNo
from schemes.models import (
    Assessment,
    Characteristic,
    Effect,
    EqualityMark,
    Evaluation,
    RiskRating,
    RiskStatus,
    Scheme,
    Stage,
)
from schemes.package.base import (
    EvidencedRow,
    Long,
    Name,
    Phrase,
    Step,
    When,
    Word,
    evidenced,
    phrases,
    table_of,
    whole_pence,
)
from schemes.services import plan, registers, risks

Rated = Annotated[Whole, Field(ge=1, le=5)]


class ThemeRow(Row):
    """A heading under which a system groups its schemes."""

    system: Code
    code: Code
    name: Name


class SchemeRow(EvidencedRow):
    """A scheme, a part of one, or an investment beside them."""

    system: Code
    code: Code
    name: Name
    position: Annotated[Whole, Field(ge=0, le=99999)] = 0
    kind: Scheme.Kind = Scheme.Kind.SCHEME
    working_label: YesNo = False
    theme: Code = ""
    parent: Code = ""
    purpose: Long = ""
    proposal: Long = ""
    key_outcomes: Long = ""
    lead_partner: Code = ""
    lead_role: Phrase = ""
    stage: Stage | None = None
    starts: When = ""
    ends: When = ""
    pathways: Long = Field("", description="Names, semicolons between")
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"stage": self.stage or "", "pathways": phrases(self.pathways)}


class CountRow(EvidencedRow):
    """A count that was promised, reached or both; costs are in pounds."""

    system: Code
    code: Code
    name: Name
    scheme: Code = ""
    unit: Word = ""
    area: Phrase = ""
    promised: Figure | None = None
    promised_hedge: Word = ""
    promised_by: When = ""
    reached: Figure | None = None
    reached_hedge: Word = ""
    reached_at: When = ""
    base: Figure | None = None
    unit_cost_gbp: Figure | None = None
    budget_gbp: Figure | None = None
    note: Long = ""

    @field_validator("unit_cost_gbp", "budget_gbp", mode="after")
    @classmethod
    def _to_the_penny(cls, value: Decimal | None) -> Decimal | None:
        whole_pence(value)
        return value

    @field_validator("promised", "reached", "base", mode="after")
    @classmethod
    def _to_two_places(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and (value * 100 != int(value * 100) or abs(value) >= 10**12):
            raise ValueError("Write at most two decimals, under a trillion.")
        return value

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {
            "unit_cost_pence": whole_pence(self.unit_cost_gbp),
            "budget_pence": whole_pence(self.budget_gbp),
        }


class EvaluationRow(EvidencedRow):
    """What came of a scheme, and what was decided."""

    system: Code
    scheme: Code
    code: Code
    evaluated: When = ""
    progress: Evaluation.Progress | None = None
    findings: Long = ""
    factors: Long = Field("", description="Phrases, semicolons between")
    effect_on_discharge: Effect | None = None
    effect_on_avoidance: Effect | None = None
    decision: Evaluation.Decision | None = None
    next_review: When = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        names = ("progress", "effect_on_discharge", "effect_on_avoidance", "decision")
        return {name: getattr(self, name) or "" for name in names} | {
            "factors": phrases(self.factors)
        }


class MarkRow(EvidencedRow):
    """How a scheme touches people with a protected characteristic."""

    system: Code
    scheme: Code
    characteristic: Characteristic
    mark: EqualityMark.Mark
    raw: Phrase = ""
    note: Long = ""


class AssessmentRow(EvidencedRow):
    """An impact assessment on quality or on equality."""

    system: Code
    scheme: Code
    kind: Assessment.Kind
    assessment_state: Assessment.State
    signed_by: Phrase = ""
    signed_on: When = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"state": self.assessment_state}


class ApprovalRow(EvidencedRow):
    """A body's decision to go ahead with a scheme."""

    system: Code
    scheme: Code
    approved_by: Name
    approved_on: When
    minute: Name = ""
    note: Long = ""


class DependencyRow(EvidencedRow):
    """What a scheme needs from others."""

    system: Code
    scheme: Code
    code: Code
    needs: Long
    partner: Code = ""
    on_scheme: Code = ""
    met: YesNo | None = None
    due: When = ""
    note: Long = ""


class RiskRow(EvidencedRow):
    """What may go wrong, and who sees to it; likelihood and impact are blank where unrated."""

    system: Code
    code: Code
    name: Name
    cause: Long = ""
    effect: Long = ""
    partner: Code = ""
    scheme: Code = ""
    pool: Code = ""
    workstream: Code = ""
    rating: RiskRating | None = None
    likelihood: Rated | None = None
    impact: Rated | None = None
    mitigation: Long = ""
    owner_role: Phrase = ""
    owner: Code = ""
    review: When = ""
    status: RiskStatus = RiskStatus.OPEN
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"rating": self.rating or ""}


class OutcomeRow(EvidencedRow):
    """An outcome that a scheme should move."""

    system: Code
    scheme: Code
    code: Code
    name: Annotated[str, Field(max_length=300)]


class WeightRow(Row):
    """How much of a forecast a system agreed to count on at a stage."""

    system: Code
    stage: Stage
    percent: Annotated[Whole, Field(ge=0, le=100)]
    agreed_by: Name
    agreed_on: When


STEPS: tuple[Step, ...] = (
    table_of("themes", ThemeRow, "system code", plan.ThemeSpec, plan.save_themes),
    evidenced("schemes", SchemeRow, "system code", plan.SchemeSpec, plan.save_schemes),
    evidenced(
        "activity_counts", CountRow, "system code", registers.CountSpec, registers.save_counts
    ),
    evidenced(
        "evaluations",
        EvaluationRow,
        "system scheme code",
        registers.EvaluationSpec,
        registers.save_evaluations,
    ),
    evidenced(
        "equality_marks",
        MarkRow,
        "system scheme characteristic",
        registers.MarkSpec,
        registers.save_equality_marks,
    ),
    evidenced(
        "assessments",
        AssessmentRow,
        "system scheme kind",
        registers.AssessmentSpec,
        registers.save_assessments,
    ),
    evidenced(
        "approvals",
        ApprovalRow,
        "system scheme",
        registers.ApprovalSpec,
        registers.save_approvals,
    ),
    evidenced(
        "dependencies",
        DependencyRow,
        "system scheme code",
        registers.DependencySpec,
        registers.save_dependencies,
    ),
    evidenced(
        "intended_outcomes",
        OutcomeRow,
        "system scheme code",
        registers.OutcomeSpec,
        registers.save_intended_outcomes,
    ),
    table_of(
        "stage_weights",
        WeightRow,
        "system stage",
        registers.WeightSpec,
        registers.save_stage_weights,
    ),
)

# a risk may hang on a pool, which is read before it
RISKS: tuple[Step, ...] = (
    evidenced("risks", RiskRow, "system code", risks.RiskSpec, risks.save_risks),
)
