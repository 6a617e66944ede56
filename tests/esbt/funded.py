"""A plan of a fund, an agreement and what hangs on them, as in the plans of 2014, by hand.

Of the valley: the fund is the council's and the CCG's, moor and dale.
"""

from datetime import date
from decimal import Decimal

from finance.services import PoolAmountSpec, save_pool_amounts
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    TargetSpec,
    save_areas,
    save_metrics,
    save_targets,
)
from schemes.models import FundPlan
from schemes.services import funds, pools
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import Valley, a_pool, a_year
from tests.money import pounds

HERE = {"system": "valley"}
PLAN = HERE | {"plan": "better-care"}


def an_agreement(**more) -> None:
    """A section 75 agreement of the two for 2018/19; neither has said anything yet."""
    spec = pools.AgreementSpec(
        **HERE
        | {
            "code": "s75",
            "name": "Section 75 agreement",
            "kind": "section-75",
            "state": "agreed",
            "pool": "fund",
            "version": "Second draft",
            "starts": date(2018, 4, 1),
            "ends": date(2019, 3, 31),
            "aims": "Fewer people in hospital",
        }
        | more
    )
    pools.save_agreements(by=None, specs=[spec])
    parties = [
        pools.PartySpec(**HERE, agreement=spec.code, partner=code) for code in ("dale", "moor")
    ]
    pools.save_agreement_parties(by=None, specs=parties)


def a_sign_off(code: str = "council", **more) -> None:
    """What the council has said to the plan, which is nothing unless something is given."""
    of = {} if "agreement" in more else {"plan": "better-care"}
    spec = pools.SignOffSpec(
        **HERE | {"code": code, "body": f"The {code}", "partner": "moor"} | of | more
    )
    pools.save_sign_offs(by=None, specs=[spec])


def a_plan_of_a_fund(valley: Valley) -> FundPlan:
    """A plan for two years of a pool, with a row of everything."""
    a_pool(valley.slice, valley.moor, valley.dale)
    later = a_year(valley.system, "2019-20")
    spec = funds.FundPlanSpec(
        **HERE,
        code="better-care",
        name="Better Care Fund plan",
        first_year="2018-19",
        last_year="2019-20",
        pool="fund",
        board="Health and Wellbeing Board",
        districts=["Upper", "Lower"],
    )
    funds.save_fund_plans(by=None, specs=[spec])
    _has_parts()
    _has_money(valley.slice.pk, later.pk)
    _has_risks()
    return FundPlan.objects.get(code="better-care")


def _has_parts() -> None:
    funds.save_fund_versions(
        by=None,
        specs=[
            funds.VersionSpec(
                **PLAN, code="draft", name="Draft", position=1, submitted_on="2018-02-12"
            ),
            funds.VersionSpec(
                **PLAN, code="final", name="Final", position=2, submitted_on="2018-04-04"
            ),
        ],
    )
    funds.save_fund_headings(
        by=None,
        specs=[
            funds.HeadingSpec(**PLAN, code="home", name="Support at home", position=1),
            funds.HeadingSpec(**PLAN, code="carers", name="Carers", position=2),
        ],
    )
    funds.save_programmes(
        by=None,
        specs=[
            funds.ProgrammeSpec(
                **PLAN, code="frail", name="Frailty", life_phases=["ageing", "end of life"]
            ),
            funds.ProgrammeSpec(**PLAN, code="start", name="First years", position=1),
        ],
    )
    funds.save_programme_headings(
        by=None, specs=[funds.ProgrammeHeadingSpec(**PLAN, programme="frail", heading="home")]
    )
    funds.save_aims(
        by=None,
        specs=[
            funds.AimSpec(**PLAN, code="beds", name="Fewer delays", metric="delays", position=1),
            funds.AimSpec(**PLAN, code="lives", name="Longer lives", position=2),
        ],
    )
    funds.save_conditions(
        by=None,
        specs=[
            funds.ConditionSpec(**PLAN, code="seven-days", name="Seven days", position=1),
            funds.ConditionSpec(
                **PLAN, code="data", name="Data are shared", status="met", shown_by="NHS number"
            ),
        ],
    )
    funds.save_condition_steps(
        by=None,
        specs=[
            funds.ConditionStepSpec(
                **PLAN, condition="seven-days", code="rota", name="New rota", due="2018-Q3"
            )
        ],
    )
    funds.save_acute_assumptions(
        by=None, specs=[funds.AssumptionSpec(**PLAN, code="falls", name="Falls", provider="hill")]
    )


def _has_money(first: int, later: int) -> None:
    """A minimum of £4.932m, and £7.281m named under the first heading; a suspect second year."""
    known = {"pool": "fund"}
    save_pool_amounts(
        by=None,
        slice_id=first,
        specs=[
            PoolAmountSpec(
                **known, code="minimum", name="Minimum", measure="minimum",
                pence=pounds("4_932_000"), basis="county figure",
            ),
            *(
                PoolAmountSpec(
                    **known, code=code, name=code.title(), measure="spend", pence=pounds(amount),
                    heading="better-care/home",
                )
                for code, amount in (
                    ("beds", "4_136_000"), ("nurses", "1_550_000"), ("care", "1_595_000")
                )
            ),
        ],
    )  # fmt: skip
    save_pool_amounts(
        by=None,
        slice_id=later,
        specs=[
            PoolAmountSpec(
                **known, code="agreed", name="Agreed", measure="agreed", pence=None,
                status="suspect",
            )
        ],
    )  # fmt: skip


def _has_risks() -> None:
    known = HERE | {"pool": "fund"}
    save_risks(
        by=None,
        specs=[
            RiskSpec(**known, code="a", name="Beds stay open", rating="high", mitigation="Watch"),
            RiskSpec(**known, code="b", name="Nobody comes", rating="medium"),
            RiskSpec(**known, code="c", name="Rain", mitigation="Umbrellas"),
            RiskSpec(**known, code="d", name="Snow", likelihood=1, impact=2, mitigation="Salt"),
            RiskSpec(**HERE, code="other", name="Of another kind", rating="low"),
        ],
    )


def a_paid_metric() -> None:
    """Delays that should fall from 280 to 266 over two periods that share half a year."""
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Vale", kind="council")])
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                **HERE, code="delays", name="Delayed days", area="vale", direction="decrease"
            )
        ],
    )
    known = HERE | {"metric": "delays", "baseline": Decimal(280)}
    save_targets(
        by=None,
        specs=[
            TargetSpec(
                **known, code="one", value=Decimal(273), payment="2019-04",
                starts=date(2018, 4, 1), ends=date(2019, 3, 31),
                payment_pence=pounds("100_000"), payment_rule="proportional",
            ),
            TargetSpec(
                **known, code="two", value=Decimal(266), payment="2019-10",
                starts=date(2018, 10, 1), ends=date(2019, 9, 30),
            ),
        ],
    )  # fmt: skip
