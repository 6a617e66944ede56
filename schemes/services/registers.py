"""What is kept about schemes beside their text and money: counts, evaluations, assessments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    ActivityCount,
    Approval,
    Assessment,
    Dependency,
    EqualityMark,
    Evaluation,
    IntendedOutcome,
    Scheme,
    StageWeight,
    User,
)
from schemes.services.owners import refuse_people
from schemes.services.placing import Places, save_register, values_of
from schemes.services.upsert import Wanted


@dataclass(frozen=True, kw_only=True)
class CountSpec:
    """A count promised, reached or both; without a scheme it is the system's."""

    system: str
    code: str
    name: str
    scheme: str = ""
    unit: str = ""
    area: str = ""
    promised: Decimal | None = None
    promised_hedge: str = ""
    promised_by: str = ""
    reached: Decimal | None = None
    reached_hedge: str = ""
    reached_at: str = ""
    base: Decimal | None = None
    unit_cost_pence: int | None = None
    budget_pence: int | None = None
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationSpec:
    """What came of a scheme, and what was decided; blank where the source does not say."""

    system: str
    scheme: str
    code: str
    evaluated: str = ""
    progress: str = ""
    findings: str = ""
    factors: Sequence[str] = ()
    effect_on_discharge: str = ""
    effect_on_avoidance: str = ""
    decision: str = ""
    next_review: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MarkSpec:
    """How a scheme touches people with a protected characteristic; ``raw`` as printed."""

    system: str
    scheme: str
    characteristic: str
    mark: str
    raw: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AssessmentSpec:
    """An impact assessment on quality or equality; signed by a role, at a date."""

    system: str
    scheme: str
    kind: str
    state: str
    signed_by: str = ""
    signed_on: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalSpec:
    """A body's decision to go ahead with a scheme."""

    system: str
    scheme: str
    approved_by: str
    approved_on: str
    minute: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class DependencySpec:
    """What a scheme needs, from a partner or another scheme where that is known."""

    system: str
    scheme: str
    code: str
    needs: str
    partner: str = ""
    on_scheme: str = ""
    met: bool | None = None
    due: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeSpec:
    """An outcome that a scheme should move."""

    system: str
    scheme: str
    code: str
    name: str
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class WeightSpec:
    """How much of a forecast a system agreed to count on at a stage, in per cent."""

    system: str
    stage: str
    percent: int
    agreed_by: str
    agreed_on: str
    row: int | str | None = None


@transaction.atomic
def save_counts(*, by: User | None, specs: Sequence[CountSpec]) -> Count:
    """Create or change activity counts by system and code; raises Refused with a fault a row."""

    def wanted(spec: CountSpec, places: Places) -> Wanted:
        names = (
            "name unit area promised promised_hedge promised_by reached reached_hedge reached_at "
            "base unit_cost_pence budget_pence note evidence_id"
        )
        system = places.systems.find(spec.system, "system", spec.row)
        return Wanted(
            {"system_id": system, "code": spec.code},
            values_of(spec, names) | {"scheme_id": places.find(Scheme, spec)},
            spec.row,
        )

    return save_register(ActivityCount, by, specs, wanted)


@transaction.atomic
def save_evaluations(*, by: User | None, specs: Sequence[EvaluationSpec]) -> Count:
    """Create or change evaluations by scheme and code; raises Refused with a fault a row."""

    def wanted(spec: EvaluationSpec, places: Places) -> Wanted:
        names = (
            "evaluated progress findings effect_on_discharge effect_on_avoidance decision "
            "next_review note evidence_id"
        )
        return Wanted(
            {"scheme_id": places.find(Scheme, spec), "code": spec.code},
            values_of(spec, names) | {"factors": list(spec.factors)},
            spec.row,
        )

    return save_register(Evaluation, by, specs, wanted)


@transaction.atomic
def save_equality_marks(*, by: User | None, specs: Sequence[MarkSpec]) -> Count:
    """Create or change equality marks by scheme and characteristic.

    Raises Refused for a characteristic that is not known, with the list of those that are.
    """

    def wanted(spec: MarkSpec, places: Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.find(Scheme, spec), "characteristic": spec.characteristic},
            values_of(spec, "mark raw note evidence_id"),
            spec.row,
        )

    return save_register(EqualityMark, by, specs, wanted)


@transaction.atomic
def save_assessments(*, by: User | None, specs: Sequence[AssessmentSpec]) -> Count:
    """Create or change impact assessments; that on quality stays signed once it is relied on.

    Raises Refused where an approved scheme would lose its signed quality assessment (DOMAIN 13),
    and for a personal name.
    """
    refuse_people(specs, "signed_by")
    approved = set(Approval.objects.values_list("scheme__system__code", "scheme__code"))
    faults = [
        Fault(
            "This scheme is approved, so its quality impact assessment stays signed.",
            "state",
            spec.state,
            spec.row,
        )
        for spec in specs
        if spec.kind == Assessment.Kind.QUALITY
        and spec.state != Assessment.State.SIGNED
        and (spec.system, spec.scheme) in approved
    ]
    if faults:
        raise Refused(faults)

    def wanted(spec: AssessmentSpec, places: Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.find(Scheme, spec), "kind": spec.kind},
            values_of(spec, "state signed_by signed_on note evidence_id"),
            spec.row,
        )

    return save_register(Assessment, by, specs, wanted)


@transaction.atomic
def save_approvals(*, by: User | None, specs: Sequence[ApprovalSpec]) -> Count:
    """Record that schemes were approved.

    Raises Refused for a scheme whose quality impact assessment is not signed (DOMAIN 13).
    """
    signed = set(
        Assessment.objects.filter(
            kind=Assessment.Kind.QUALITY, state=Assessment.State.SIGNED
        ).values_list("scheme__system__code", "scheme__code")
    )
    faults = [
        Fault(
            f"The quality impact assessment of '{spec.scheme}' is not signed by the clinical "
            "leads. Record the signed assessment first.",
            "scheme",
            spec.scheme,
            spec.row,
        )
        for spec in specs
        if (spec.system, spec.scheme) not in signed
    ]
    if faults:
        raise Refused(faults)

    def wanted(spec: ApprovalSpec, places: Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.find(Scheme, spec)},
            values_of(spec, "approved_by approved_on minute note evidence_id"),
            spec.row,
        )

    return save_register(Approval, by, specs, wanted)


@transaction.atomic
def save_dependencies(*, by: User | None, specs: Sequence[DependencySpec]) -> Count:
    """Create or change what schemes need, by scheme and code; raises Refused with a fault a row."""

    def wanted(spec: DependencySpec, places: Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.find(Scheme, spec), "code": spec.code},
            values_of(spec, "needs met due note evidence_id")
            | {
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
                "on_scheme_id": places.find(Scheme, spec, "on_scheme"),
            },
            spec.row,
        )

    return save_register(Dependency, by, specs, wanted)


@transaction.atomic
def save_intended_outcomes(*, by: User | None, specs: Sequence[OutcomeSpec]) -> Count:
    """Create or change the outcomes that schemes should move; raises Refused with a fault a row."""

    def wanted(spec: OutcomeSpec, places: Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.find(Scheme, spec), "code": spec.code},
            values_of(spec, "name evidence_id"),
            spec.row,
        )

    return save_register(IntendedOutcome, by, specs, wanted)


@transaction.atomic
def save_stage_weights(*, by: User | None, specs: Sequence[WeightSpec]) -> Count:
    """Record the weights that a system agreed for its stages; raises Refused with a fault a row."""

    def wanted(spec: WeightSpec, places: Places) -> Wanted:
        system = places.systems.find(spec.system, "system", spec.row)
        return Wanted(
            {"system_id": system, "stage": spec.stage},
            values_of(spec, "percent agreed_by agreed_on"),
            spec.row,
        )

    return save_register(StageWeight, by, specs, wanted)
