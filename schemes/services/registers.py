"""What is kept about schemes beside their text and money: counts, evaluations, assessments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Model, Q

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
    Partner,
    Scheme,
    StageWeight,
    System,
    User,
)
from schemes.services.slices import NO_FIGURE, touch
from schemes.services.upsert import Codes, Wanted, allow, upsert


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


class _OfSystem(Protocol):
    """What every spec of a register has."""

    @property
    def system(self) -> str: ...
    @property
    def row(self) -> int | str | None: ...


class _Places:
    """Systems, schemes and partners by their codes, read once; faults for what is not known."""

    def __init__(self, specs: Sequence[_OfSystem]) -> None:
        codes = {spec.system for spec in specs}
        self.systems = Codes(System, "system")
        self.partners = Codes(Partner, "partner")
        self.schemes: dict[tuple[str, str], int] = {
            (system, code): pk
            for system, code, pk in Scheme.objects.filter(system__code__in=codes).values_list(
                "system__code", "code", "pk"
            )
        }
        self.faults: list[Fault] = []

    def scheme(self, spec: _OfSystem, field: str = "scheme") -> int | None:
        """The id of a spec's scheme; None for a blank one, and with a fault for an unknown one."""
        code: str = getattr(spec, field)
        found = self.schemes.get((spec.system, code))
        if code and found is None:
            said = f"The system has no scheme '{code}'. Add it, or mend this."
            self.faults.append(Fault(said, field, code, spec.row))
        return found

    def refuse(self) -> None:
        """Raise Refused when something was not known."""
        faults = [*self.systems.faults, *self.partners.faults, *self.faults]
        if faults:
            raise Refused(faults)


def _values(spec: object, names: str) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in names.split()}


def _save(
    model: type[Model],
    by: User | None,
    specs: Sequence[Any],
    wanted: Callable[[Any, _Places], Wanted],
) -> Count:
    """Bring a register to its specs; its systems' pages renew themselves, their figures stay."""
    allow(by)
    places = _Places(specs)
    rows = [wanted(spec, places) for spec in specs]
    places.refuse()
    count = upsert(model, rows, by=by).count
    if count.created or count.updated:
        codes = {spec.system for spec in specs}
        action = str(model._meta.verbose_name_plural)
        touch(by=by, slices=Q(system__code__in=codes), action=action, from_month=NO_FIGURE)
    return count


@transaction.atomic
def save_counts(*, by: User | None, specs: Sequence[CountSpec]) -> Count:
    """Create or change activity counts by system and code; raises Refused with a fault a row."""

    def wanted(spec: CountSpec, places: _Places) -> Wanted:
        names = (
            "name unit area promised promised_hedge promised_by reached reached_hedge reached_at "
            "base unit_cost_pence budget_pence note evidence_id"
        )
        system = places.systems.find(spec.system, "system", spec.row)
        return Wanted(
            {"system_id": system, "code": spec.code},
            _values(spec, names) | {"scheme_id": places.scheme(spec)},
            spec.row,
        )

    return _save(ActivityCount, by, specs, wanted)


@transaction.atomic
def save_evaluations(*, by: User | None, specs: Sequence[EvaluationSpec]) -> Count:
    """Create or change evaluations by scheme and code; raises Refused with a fault a row."""

    def wanted(spec: EvaluationSpec, places: _Places) -> Wanted:
        names = (
            "evaluated progress findings effect_on_discharge effect_on_avoidance decision "
            "next_review note evidence_id"
        )
        return Wanted(
            {"scheme_id": places.scheme(spec), "code": spec.code},
            _values(spec, names) | {"factors": list(spec.factors)},
            spec.row,
        )

    return _save(Evaluation, by, specs, wanted)


@transaction.atomic
def save_equality_marks(*, by: User | None, specs: Sequence[MarkSpec]) -> Count:
    """Create or change equality marks by scheme and characteristic.

    Raises Refused for a characteristic that is not known, with the list of those that are.
    """

    def wanted(spec: MarkSpec, places: _Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.scheme(spec), "characteristic": spec.characteristic},
            _values(spec, "mark raw note evidence_id"),
            spec.row,
        )

    return _save(EqualityMark, by, specs, wanted)


@transaction.atomic
def save_assessments(*, by: User | None, specs: Sequence[AssessmentSpec]) -> Count:
    """Create or change impact assessments; that on quality stays signed once it is relied on.

    Raises Refused where an approved scheme would lose its signed quality assessment (DOMAIN 13).
    """
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

    def wanted(spec: AssessmentSpec, places: _Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.scheme(spec), "kind": spec.kind},
            _values(spec, "state signed_by signed_on note evidence_id"),
            spec.row,
        )

    return _save(Assessment, by, specs, wanted)


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

    def wanted(spec: ApprovalSpec, places: _Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.scheme(spec)},
            _values(spec, "approved_by approved_on minute note evidence_id"),
            spec.row,
        )

    return _save(Approval, by, specs, wanted)


@transaction.atomic
def save_dependencies(*, by: User | None, specs: Sequence[DependencySpec]) -> Count:
    """Create or change what schemes need, by scheme and code; raises Refused with a fault a row."""

    def wanted(spec: DependencySpec, places: _Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.scheme(spec), "code": spec.code},
            _values(spec, "needs met due note evidence_id")
            | {
                "partner_id": places.partners.find(spec.partner, "partner", spec.row),
                "on_scheme_id": places.scheme(spec, "on_scheme"),
            },
            spec.row,
        )

    return _save(Dependency, by, specs, wanted)


@transaction.atomic
def save_intended_outcomes(*, by: User | None, specs: Sequence[OutcomeSpec]) -> Count:
    """Create or change the outcomes that schemes should move; raises Refused with a fault a row."""

    def wanted(spec: OutcomeSpec, places: _Places) -> Wanted:
        return Wanted(
            {"scheme_id": places.scheme(spec), "code": spec.code},
            _values(spec, "name evidence_id"),
            spec.row,
        )

    return _save(IntendedOutcome, by, specs, wanted)


@transaction.atomic
def save_stage_weights(*, by: User | None, specs: Sequence[WeightSpec]) -> Count:
    """Record the weights that a system agreed for its stages; raises Refused with a fault a row."""

    def wanted(spec: WeightSpec, places: _Places) -> Wanted:
        system = places.systems.find(spec.system, "system", spec.row)
        return Wanted(
            {"system_id": system, "stage": spec.stage},
            _values(spec, "percent agreed_by agreed_on"),
            spec.row,
        )

    return _save(StageWeight, by, specs, wanted)
