"""Tables of a data package about pools, agreements, sign-off and the plan of a fund."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, field_validator

from esbt.kit.rows import Code, Day, Figure, Whole, YesNo
from schemes.models import Agreement, NationalCondition, Pool, SignOff
from schemes.package.base import (
    EvidencedRow,
    Long,
    Name,
    Phrase,
    Step,
    When,
    YearCode,
    evidenced,
    phrases,
    whole_pence,
)
from schemes.services import funds, pools

Position = Annotated[Whole, Field(ge=0, le=99999)]
Title = Annotated[str, Field(max_length=300)]


class PoolRow(EvidencedRow):
    """A pooled or aligned budget."""

    system: Code
    code: Code
    name: Name
    kind: Pool.Kind | None = None
    position: Position = 0
    manager_role: Phrase = ""
    scope: Long = ""
    excludes: Long = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"kind": self.kind or ""}


class PoolMemberRow(EvidencedRow):
    """A partner in a pool; a proposed host is not yet agreed."""

    system: Code
    pool: Code
    partner: Code
    host: YesNo = False
    proposed: YesNo = False
    starts: Day | None = None
    ends: Day | None = None
    note: Long = ""


class AgreementRow(EvidencedRow):
    """An agreement and what it says, under the headings of the regulations."""

    system: Code
    code: Code
    name: Name
    kind: Agreement.Kind
    agreement_state: Agreement.State = Agreement.State.PROPOSED
    pool: Code = ""
    version: Phrase = ""
    supersedes: Code = ""
    starts: Day | None = None
    ends: Day | None = None
    aims: Long = ""
    contributions: Long = ""
    functions: Long = ""
    services: Long = ""
    resources: Long = ""
    review: Long = ""
    management: Long = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"state": self.agreement_state}


class PartyRow(EvidencedRow):
    """A partner that is a party to an agreement."""

    system: Code
    agreement: Code
    partner: Code
    note: Long = ""


class SignOffRow(EvidencedRow):
    """What a body has said to an agreement or to a plan."""

    system: Code
    code: Code
    body: Name
    agreement: Code = ""
    plan: Code = ""
    partner: Code = ""
    sign_off: SignOff.State = SignOff.State.OUTSTANDING
    role: Phrase = ""
    on: When = ""
    minute: Name = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"state": self.sign_off}


class FundPlanRow(EvidencedRow):
    """A plan for a fund over some years."""

    system: Code
    code: Code
    name: Name
    first_year: YearCode
    last_year: YearCode
    pool: Code = ""
    board: Name = ""
    districts: Long = Field("", description="Names, semicolons between")
    about: Long = ""
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"districts": phrases(self.districts)}


class PartRow(EvidencedRow):
    """A row of a plan, in its printed order."""

    system: Code
    plan: Code
    code: Code
    name: Title
    position: Position = 0
    note: Long = ""


class VersionRow(PartRow):
    """A version of a plan."""

    agreed_on: When = ""
    submitted_on: When = ""


class FundHeadingRow(PartRow):
    """A heading of schemes under which a fund is spent."""

    about: Long = ""


class ProgrammeRow(PartRow):
    """A local programme and the phases of life that it is for."""

    life_phases: Long = Field("", description="Phases, semicolons between")
    about: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"life_phases": phrases(self.life_phases)}


class ProgrammeHeadingRow(EvidencedRow):
    """A heading that a programme contributes to."""

    system: Code
    plan: Code
    programme: Code
    heading: Code
    note: Long = ""


class AimRow(PartRow):
    """What a plan aims for, and how that is measured."""

    measure: Long = ""
    metric: Code = ""


class ConditionRow(PartRow):
    """A national condition: what is in place, what is planned, and what shows it."""

    status: NationalCondition.Status | None = None
    in_place: Long = ""
    planned: Long = ""
    shown_by: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"status": self.status or ""}


class ConditionStepRow(EvidencedRow):
    """A dated step towards a condition."""

    system: Code
    plan: Code
    condition: Code
    code: Code
    name: Title
    due: When = ""
    done: When = ""
    note: Long = ""


class AssumptionRow(PartRow):
    """An assumption on what a plan does to a hospital; the cost of an admission is in pounds."""

    provider: Code = ""
    admissions_avoided: Figure | None = None
    cost_gbp: Figure | None = None
    about: Long = ""

    @field_validator("cost_gbp", mode="after")
    @classmethod
    def _to_the_penny(cls, value: Decimal | None) -> Decimal | None:
        whole_pence(value)
        return value

    @field_validator("admissions_avoided", mode="after")
    @classmethod
    def _to_two_places(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and (value * 100 != int(value * 100) or not 0 <= value < 10**10):
            raise ValueError("Write a number from 0, with at most two decimals.")
        return value

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"cost_pence": whole_pence(self.cost_gbp)}


STEPS: tuple[Step, ...] = (
    evidenced("pools", PoolRow, "system code", pools.PoolSpec, pools.save_pools),
    evidenced(
        "pool_members",
        PoolMemberRow,
        "system pool partner starts",
        pools.PoolMemberSpec,
        pools.save_pool_members,
    ),
    evidenced("fund_plans", FundPlanRow, "system code", funds.FundPlanSpec, funds.save_fund_plans),
    evidenced(
        "fund_versions",
        VersionRow,
        "system plan code",
        funds.VersionSpec,
        funds.save_fund_versions,
    ),
    evidenced(
        "fund_headings",
        FundHeadingRow,
        "system plan code",
        funds.HeadingSpec,
        funds.save_fund_headings,
    ),
    evidenced(
        "programmes",
        ProgrammeRow,
        "system plan code",
        funds.ProgrammeSpec,
        funds.save_programmes,
    ),
    evidenced(
        "programme_headings",
        ProgrammeHeadingRow,
        "system plan programme heading",
        funds.ProgrammeHeadingSpec,
        funds.save_programme_headings,
    ),
    evidenced("aims", AimRow, "system plan code", funds.AimSpec, funds.save_aims),
    evidenced(
        "conditions",
        ConditionRow,
        "system plan code",
        funds.ConditionSpec,
        funds.save_conditions,
    ),
    evidenced(
        "condition_steps",
        ConditionStepRow,
        "system plan condition code",
        funds.ConditionStepSpec,
        funds.save_condition_steps,
    ),
    evidenced(
        "acute_assumptions",
        AssumptionRow,
        "system plan code",
        funds.AssumptionSpec,
        funds.save_acute_assumptions,
    ),
    evidenced(
        "agreements", AgreementRow, "system code", pools.AgreementSpec, pools.save_agreements
    ),
    evidenced(
        "agreement_parties",
        PartyRow,
        "system agreement partner",
        pools.PartySpec,
        pools.save_agreement_parties,
    ),
    evidenced("sign_offs", SignOffRow, "system code", pools.SignOffSpec, pools.save_sign_offs),
)
