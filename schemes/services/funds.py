"""The plan of a Better Care Fund and its parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Model

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from schemes.models import (
    AcuteAssumption,
    Aim,
    ConditionStep,
    FinancialYear,
    FundHeading,
    FundPlan,
    FundVersion,
    NationalCondition,
    Pool,
    Programme,
    ProgrammeHeading,
    User,
)
from schemes.people.permissions import Permission
from schemes.services.placing import Places, save_register, values_of
from schemes.services.upsert import Wanted


@dataclass(frozen=True, kw_only=True)
class FundPlanSpec:
    """A plan for a fund over some years, of a pool where there is one."""

    system: str
    code: str
    name: str
    first_year: str
    last_year: str
    pool: str = ""
    board: str = ""
    districts: Sequence[str] = ()
    about: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class PartSpec:
    """What every row of a plan has."""

    system: str
    plan: str
    code: str
    name: str
    position: int = 0
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class VersionSpec(PartSpec):
    """A version of a plan: dates with their own precision, blank where not stated."""

    agreed_on: str = ""
    submitted_on: str = ""


@dataclass(frozen=True, kw_only=True)
class HeadingSpec(PartSpec):
    """A heading of schemes under which the fund is spent."""

    about: str = ""


@dataclass(frozen=True, kw_only=True)
class ProgrammeSpec(PartSpec):
    """A local programme and the phases of life that it is for."""

    life_phases: Sequence[str] = ()
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class ProgrammeHeadingSpec:
    """A heading that a programme contributes to."""

    system: str
    plan: str
    programme: str
    heading: str
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AimSpec(PartSpec):
    """What a plan aims for, and the code of the metric that measures it."""

    measure: str = ""
    metric: str = ""


@dataclass(frozen=True, kw_only=True)
class ConditionSpec(PartSpec):
    """A national condition; met only where ``shown_by`` says what shows it."""

    status: str = ""
    in_place: str = ""
    planned: str = ""
    shown_by: str = ""


@dataclass(frozen=True, kw_only=True)
class ConditionStepSpec:
    """A dated step towards a condition."""

    system: str
    plan: str
    condition: str
    code: str
    name: str
    due: str = ""
    done: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AssumptionSpec(PartSpec):
    """One assumption on what a plan does to a hospital: pence of an admission, if stated."""

    provider: str = ""
    admissions_avoided: Decimal | None = None
    cost_pence: int | None = None
    about: str = ""


@transaction.atomic
def save_fund_plans(*, by: User | None, specs: Sequence[FundPlanSpec]) -> Count:
    """Create or change plans of funds by system and code; raises Refused with a fault a row."""
    years = set(FinancialYear.objects.values_list("code", flat=True))
    faults = [
        Fault(f"There is no year {year}. Add it to the years.", field, year, spec.row)
        for spec in specs
        for field, year in (("first_year", spec.first_year), ("last_year", spec.last_year))
        if year not in years
    ]
    if faults:
        raise Refused(faults)

    def wanted(spec: FundPlanSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "system_id": places.systems.find(spec.system, "system", spec.row),
                "code": spec.code,
            },
            values_of(spec, "name board about note evidence_id")
            | {
                "pool_id": places.find(Pool, spec),
                "first_year_id": spec.first_year,
                "last_year_id": spec.last_year,
                "districts": list(spec.districts),
            },
            spec.row,
        )

    return save_register(FundPlan, by, specs, wanted, Permission.KEEP_POOLS)


def _save_parts(
    model: type[Model],
    by: User | None,
    specs: Sequence[PartSpec],
    names: str,
    more: Callable[[PartSpec, Places], dict[str, object]] = lambda spec, places: {},
) -> Count:
    """Bring rows of plans to their specs, by plan and code."""

    def wanted(spec: PartSpec, places: Places) -> Wanted:
        return Wanted(
            {"plan_id": places.find(FundPlan, spec), "code": spec.code},
            values_of(spec, f"name position note evidence_id {names}") | more(spec, places),
            spec.row,
        )

    return save_register(model, by, specs, wanted, Permission.KEEP_POOLS)


@transaction.atomic
def save_fund_versions(*, by: User | None, specs: Sequence[VersionSpec]) -> Count:
    """Create or change versions of plans; raises Refused with a fault a row."""
    return _save_parts(FundVersion, by, specs, "agreed_on submitted_on")


@transaction.atomic
def save_fund_headings(*, by: User | None, specs: Sequence[HeadingSpec]) -> Count:
    """Create or change headings of plans; raises Refused with a fault a row."""
    return _save_parts(FundHeading, by, specs, "about")


@transaction.atomic
def save_programmes(*, by: User | None, specs: Sequence[ProgrammeSpec]) -> Count:
    """Create or change programmes of plans; raises Refused with a fault a row."""
    return _save_parts(
        Programme,
        by,
        specs,
        "about",
        lambda spec, places: {"life_phases": list(spec.life_phases)},  # type: ignore[attr-defined]
    )


@transaction.atomic
def save_programme_headings(*, by: User | None, specs: Sequence[ProgrammeHeadingSpec]) -> Count:
    """Say which headings a programme contributes to; raises Refused with a fault a row."""

    def wanted(spec: ProgrammeHeadingSpec, places: Places) -> Wanted:
        return Wanted(
            {
                "programme_id": places.find(Programme, spec),
                "heading_id": places.find(FundHeading, spec),
            },
            values_of(spec, "note evidence_id"),
            spec.row,
        )

    return save_register(ProgrammeHeading, by, specs, wanted, Permission.KEEP_POOLS)


@transaction.atomic
def save_aims(*, by: User | None, specs: Sequence[AimSpec]) -> Count:
    """Create or change aims of plans; raises Refused with a fault a row."""
    return _save_parts(Aim, by, specs, "measure metric")


@transaction.atomic
def save_conditions(*, by: User | None, specs: Sequence[ConditionSpec]) -> Count:
    """Create or change national conditions; raises Refused with a fault a row.

    A condition is not met without words on what shows it.
    """
    return _save_parts(NationalCondition, by, specs, "status in_place planned shown_by")


@transaction.atomic
def save_condition_steps(*, by: User | None, specs: Sequence[ConditionStepSpec]) -> Count:
    """Create or change dated steps towards conditions; raises Refused with a fault a row."""

    def wanted(spec: ConditionStepSpec, places: Places) -> Wanted:
        return Wanted(
            {"condition_id": places.find(NationalCondition, spec), "code": spec.code},
            values_of(spec, "name due done note evidence_id"),
            spec.row,
        )

    return save_register(ConditionStep, by, specs, wanted, Permission.KEEP_POOLS)


@transaction.atomic
def save_acute_assumptions(*, by: User | None, specs: Sequence[AssumptionSpec]) -> Count:
    """Create or change assumptions on hospitals; raises Refused with a fault a row."""
    return _save_parts(
        AcuteAssumption,
        by,
        specs,
        "admissions_avoided cost_pence about",
        lambda spec, places: {
            "provider_id": places.partners.find(spec.provider, "provider", spec.row)  # type: ignore[attr-defined]
        },
    )
