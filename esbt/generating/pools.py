"""The pools of an illustrative system: a fund with its plan, its agreement and its rules of share.

The rule changes in the middle of the last year. What the pools hold is in pool_money.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from esbt.generating.fund import (
    ACUTE,
    AGREEMENT,
    AIMS,
    ALIGNED,
    CONDITIONS,
    FUND,
    HEADINGS,
    PLAN,
    PROGRAMMES,
    RISKS,
)
from finance.services import ShareRuleSpec, save_share_rules
from schemes.models import System
from schemes.services import funds, pools
from schemes.services.risks import RiskSpec, save_risks

_MEMBERS = {FUND: ("council", "icb", "community"), ALIGNED: ("council", "icb")}  # the host first
_PERCENT = ("30", "60", "10")  # of the fund's members, in their order
_CAP = 250_000_00  # pence that the risk pool bears first
_MINUTE = "Made-up minute"


def save_pools_of(system: System, years: Sequence[str]) -> None:
    """Two pools, and of the fund its plan, agreement, sign-off, risks and rules of share."""
    number = system.code.rpartition("-")[2]
    _save_pools(system.code, number)
    _save_plan(system.code, number, years)
    _save_agreement(system.code, number, int(years[0][:4]))
    _save_rules(system.code, number, years)
    save_risks(by=None, specs=[RiskSpec(system=system.code, pool=FUND, **risk) for risk in RISKS])


def _save_pools(system: str, number: str) -> None:
    pools.save_pools(
        by=None,
        specs=[
            pools.PoolSpec(
                system=system,
                code=FUND,
                name="Better Care Fund (made up)",
                kind="pooled",
                position=1,
                manager_role="Assistant director of commissioning",
                scope="Care that keeps people at home, and brings them home from hospital.",
                excludes="Children's services, and contracts for surgery.",
            ),
            pools.PoolSpec(
                system=system,
                code=ALIGNED,
                name="Aligned budget for learning disability (made up)",
                kind="aligned",
                position=2,
                scope="What each partner spends on supported living: aligned, and kept by each.",
            ),
        ],
    )
    pools.save_pool_members(
        by=None,
        specs=[
            pools.PoolMemberSpec(
                system=system,
                pool=pool,
                partner=f"ill{number}-{body}",
                host=pool == FUND and place == 0,
            )
            for pool, bodies in _MEMBERS.items()
            for place, body in enumerate(bodies)
        ],
    )


def _save_plan(system: str, number: str, years: Sequence[str]) -> None:
    """The fund's plan over all years, with its parts and who has signed it."""
    own: dict[str, Any] = {"system": system, "plan": PLAN}
    first = years[0][:4]
    plan = funds.FundPlanSpec(
        system=system,
        code=PLAN,
        name="Plan of the Better Care Fund (made up)",
        first_year=years[0],
        last_year=years[-1],
        pool=FUND,
        board="Illustrative Health and Wellbeing Board",
        districts=("Northshire", "Southshire"),
    )
    funds.save_fund_plans(by=None, specs=[plan])
    draft = funds.VersionSpec(
        code="draft", name="Draft", position=1, agreed_on=f"{first}-02", **own
    )
    final = funds.VersionSpec(
        code="final",
        name="Final version",
        position=2,
        agreed_on=f"{first}-03-20",
        submitted_on=f"{first}-03-28",
        **own,
    )
    funds.save_fund_versions(by=None, specs=[draft, final])
    _save_parts(own)
    _save_conditions(own, first)
    _save_assumptions(own, f"ill{number}-acute")
    _sign_plan(system, number, first)


def _save_parts(own: dict[str, Any]) -> None:
    """Headings, programmes and aims of the plan."""
    funds.save_fund_headings(
        by=None,
        specs=[
            funds.HeadingSpec(code=code, name=name, position=place, **own)
            for place, (code, name) in enumerate(HEADINGS.items(), 1)
        ],
    )
    funds.save_programmes(
        by=None,
        specs=[
            funds.ProgrammeSpec(code=code, name=name, position=place, life_phases=phases, **own)
            for place, (code, name, phases, _) in enumerate(PROGRAMMES, 1)
        ],
    )
    funds.save_programme_headings(
        by=None,
        specs=[
            funds.ProgrammeHeadingSpec(programme=code, heading=heading, **own)
            for code, _, _, headings in PROGRAMMES
            for heading in headings
        ],
    )
    funds.save_aims(
        by=None,
        specs=[
            funds.AimSpec(code=f"aim-{place}", name=name, position=place, measure=measure, **own)
            for place, (name, measure) in enumerate(AIMS, 1)
        ],
    )


def _save_conditions(own: dict[str, Any], first: str) -> None:
    funds.save_conditions(
        by=None,
        specs=[
            funds.ConditionSpec(code=code, position=place, **values, **own)
            for place, (code, values) in enumerate(CONDITIONS.items(), 1)
        ],
    )
    funds.save_condition_steps(
        by=None,
        specs=[
            funds.ConditionStepSpec(
                condition=code,
                code="first",
                name="Looked at by the partners together",
                due=f"{first}-09",
                done=f"{first}-10" if values["status"] == "met" else "",
                **own,
            )
            for code, values in CONDITIONS.items()
        ],
    )


def _save_assumptions(own: dict[str, Any], provider: str) -> None:
    funds.save_acute_assumptions(
        by=None,
        specs=[
            funds.AssumptionSpec(
                code=f"assumption-{place}",
                name=name,
                position=place,
                provider=provider,
                admissions_avoided=avoided,
                cost_pence=cost,
                **own,
            )
            for place, (name, avoided, cost) in enumerate(ACUTE, 1)
        ],
    )


def _sign_plan(system: str, number: str, first: str) -> None:
    """What bodies have said to the plan, none of them the same."""
    pools.save_sign_offs(
        by=None,
        specs=[
            pools.SignOffSpec(
                system=system,
                code=f"plan-{state}",
                plan=PLAN,
                body=body,
                partner=f"ill{number}-{partner}" if partner else "",
                state=state,
                role=role,
                on=f"{first}-03",
                minute=minute,
            )
            for body, partner, state, role, minute in (
                ("Integrated Care Board", "icb", "ratified", "Chief executive", _MINUTE),
                ("Cabinet of the council", "council", "delegated", "Chief executive", ""),
                ("Health and Wellbeing Board", "", "submitted", "Chair", ""),
            )
        ],
    )


def _save_agreement(system: str, number: str, first: int) -> None:
    """A section 75 agreement that all its parties have ratified."""
    bodies = _MEMBERS[FUND]
    spec = pools.AgreementSpec(
        system=system,
        code="section-75",
        name="Section 75 agreement of the Better Care Fund (made up)",
        kind="section-75",
        state="agreed",
        pool=FUND,
        version="First",
        starts=date(first, 4, 1),
        ends=date(first + 3, 3, 31),
        **AGREEMENT,
    )
    pools.save_agreements(by=None, specs=[spec])
    pools.save_agreement_parties(
        by=None,
        specs=[
            pools.PartySpec(system=system, agreement="section-75", partner=f"ill{number}-{body}")
            for body in bodies
        ],
    )
    pools.save_sign_offs(
        by=None,
        specs=[
            pools.SignOffSpec(
                system=system,
                code=f"section-75-{body}",
                agreement="section-75",
                body=f"Board of {body.replace('icb', 'the Integrated Care Board')}",
                partner=f"ill{number}-{body}",
                state="ratified",
                role="Chief executive",
                on=f"{first}-03",
                minute=f"{_MINUTE} {place}",
            )
            for place, body in enumerate(bodies, 1)
        ],
    )


def _save_rules(system: str, number: str, years: Sequence[str]) -> None:
    """Shares by contributions; from October of the last year the risk pool first, then fixed."""
    first, last = int(years[0][:4]), int(years[-1][:4])
    percent = {
        f"ill{number}-{body}": part for body, part in zip(_MEMBERS[FUND], _PERCENT, strict=True)
    }
    trigger = "When the partners have agreed the fund's outturn of the year"
    own: dict[str, Any] = {
        "system": system,
        "pool": FUND,
        "agreement": "section-75",
        "trigger": trigger,
    }
    by_contributions = {"kind": "proportional"}
    rules = [
        ShareRuleSpec(
            code="first-half",
            name="By contributions",
            terms=by_contributions,
            starts=date(last, 4, 1),
            ends=date(last, 9, 30),
            **own,
        ),
        ShareRuleSpec(
            code="second-half",
            name="Risk pool first, then fixed parts",
            terms={
                "kind": "risk_pool",
                "cap_pence": _CAP,
                "then": {"kind": "fixed", "percent": percent},
            },
            starts=date(last, 10, 1),
            **own,
        ),
    ]
    if first < last:
        rules.append(
            ShareRuleSpec(
                code="earlier",
                name="By contributions, in earlier years",
                terms=by_contributions,
                starts=date(first, 4, 1),
                ends=date(last, 3, 31),
                triggered_on=date(last, 3, 31),
                minute=_MINUTE,
                **own,
            )
        )
    save_share_rules(by=None, specs=rules)
