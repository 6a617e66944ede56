"""Pools, agreements, sign-off and plans of funds: what is refused, and what is kept."""

from dataclasses import replace
from datetime import date

import pytest
from django.http import Http404

from esbt.kit.problems import Refused
from schemes.models import Agreement, AgreementParty, FundPlan, PoolMember, RowVersion, SignOff
from schemes.package.steps import STEPS
from schemes.people.roles import Role
from schemes.services import funds, pools
from schemes.services.upsert import remove
from tests.factories import a_partner, a_person, a_system, a_year

pytestmark = pytest.mark.django_db

POOL = pools.PoolSpec(system="valley", code="fund", name="Fund", kind="pooled")
AGREEMENT = pools.AgreementSpec(
    system="valley",
    code="s75-2018",
    name="Section 75 agreement",
    kind="section-75",
    state="agreed",
    pool="fund",
    starts=date(2018, 4, 1),
    ends=date(2019, 3, 31),
)
PLAN = funds.FundPlanSpec(
    system="valley", code="plan", name="Plan", first_year="2018-19", last_year="2018-19"
)
SIGNED = pools.SignOffSpec(
    system="valley", code="moor", body="Moor Council", plan="plan", partner="moor"
)


@pytest.fixture(autouse=True)
def valley():
    """A system of two partners with a pool of both."""
    system = a_system(a_partner("moor"), a_partner("dale", "ccg"))
    a_year(system)
    pools.save_pools(by=None, specs=[POOL])
    return system


def member(partner: str, **more: object) -> pools.PoolMemberSpec:
    return pools.PoolMemberSpec(system="valley", pool="fund", partner=partner, **more)


def said(caught: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(fault.message for fault in caught.value.faults)


def test_one_host_at_a_time(valley):
    pools.save_pool_members(by=None, specs=[member("moor", host=True, starts=date(2018, 4, 1))])
    with pytest.raises(Refused) as caught:
        pools.save_pool_members(by=None, specs=[member("dale", host=True, starts=date(2019, 1, 1))])
    assert "one host at a time" in said(caught)
    pools.save_pool_members(
        by=None,
        specs=[
            member("moor", host=True, starts=date(2018, 4, 1), ends=date(2018, 12, 31)),
            member("dale", host=True, starts=date(2019, 1, 1)),
        ],
    )
    assert PoolMember.objects.filter(host=True).count() == 2


def test_two_hosts_in_one_file(valley):
    with pytest.raises(Refused) as caught:
        pools.save_pool_members(
            by=None, specs=[member("moor", host=True), member("dale", host=True)]
        )
    assert "one host at a time" in said(caught)
    assert not PoolMember.objects.exists()


def test_a_member_of_the_pool_is_a_partner_of_the_system():
    a_partner("far")
    with pytest.raises(Refused) as caught:
        pools.save_pool_members(by=None, specs=[member("far")])
    assert "no member of the system" in said(caught)


def test_agreements_of_a_kind_do_not_overlap():
    pools.save_agreements(by=None, specs=[AGREEMENT])
    newer = replace(
        AGREEMENT, code="s75-2019", starts=date(2019, 1, 1), ends=None, supersedes="s75-2018"
    )
    with pytest.raises(Refused) as caught:
        pools.save_agreements(by=None, specs=[newer])
    assert "Another agreement of this kind" in said(caught)
    assert f"It is {AGREEMENT.name} from" in said(caught)
    pools.save_agreements(by=None, specs=[replace(newer, state="proposed")])
    pools.save_agreements(by=None, specs=[replace(newer, starts=date(2019, 4, 1))])
    assert Agreement.objects.get(code="s75-2019").supersedes.code == "s75-2018"


def test_nothing_is_signed_until_it_is_signed():
    funds.save_fund_plans(by=None, specs=[PLAN])
    pools.save_sign_offs(by=None, specs=[SIGNED])
    assert not SignOff.objects.get().is_final
    for state, on, minute, words in (
        ("signed", "", "", "when the body signed"),
        ("ratified", "2018-05-01", "", "minute that ratified"),
        ("outstanding", "2018-05-01", "", "no date"),
    ):
        with pytest.raises(Refused) as caught:
            pools.save_sign_offs(
                by=None, specs=[replace(SIGNED, state=state, on=on, minute=minute)]
            )
        assert words in said(caught)
    pools.save_sign_offs(by=None, specs=[replace(SIGNED, state="delegated", on="2018-05")])
    assert not SignOff.objects.get().is_final
    ratified = replace(SIGNED, state="ratified", on="2018-05-01", minute="Minute 7")
    pools.save_sign_offs(by=None, specs=[ratified])
    assert SignOff.objects.get().is_final
    assert RowVersion.objects.filter(table="signoff").count() == 3


def test_a_package_again_says_nothing_over_what_people_said(valley):
    keeper = a_person("keeper", Role.SYSTEM_ADMINISTRATOR, system=valley)
    party = pools.PartySpec(system="valley", agreement="s75-2018", partner="moor")

    def load(sign_off: pools.SignOffSpec = SIGNED) -> None:
        pools.save_agreements(by=None, specs=[AGREEMENT])
        pools.save_agreement_parties(by=None, specs=[party])
        funds.save_fund_plans(by=None, specs=[PLAN])
        pools.save_sign_offs(by=None, specs=[sign_off])

    load()
    signed = replace(SIGNED, state="signed", on="2018-05")
    pools.save_sign_offs(by=keeper, specs=[signed])
    pools.save_agreements(by=keeper, specs=[replace(AGREEMENT, ends=date(2020, 3, 31))])
    remove(AgreementParty.objects.get(), by=keeper)
    load()
    assert SignOff.objects.get().state == "signed"
    assert Agreement.objects.get().ends == date(2020, 3, 31)
    assert not AgreementParty.objects.exists()
    load(replace(SIGNED, state="drafted"))  # which it had not said before
    assert SignOff.objects.get().state == "signed"


def test_a_body_signs_one_thing():
    with pytest.raises(Refused) as caught:
        pools.save_sign_offs(by=None, specs=[replace(SIGNED, plan="")])
    assert "an agreement or a plan" in said(caught)


def test_a_condition_is_met_where_something_shows_it():
    funds.save_fund_plans(by=None, specs=[PLAN])
    seven = funds.ConditionSpec(
        system="valley", plan="plan", code="seven-days", name="Seven days", status="met"
    )
    with pytest.raises(Refused) as caught:
        funds.save_conditions(by=None, specs=[seven])
    assert "what shows" in said(caught)
    count = funds.save_conditions(by=None, specs=[replace(seven, shown_by="Rota of May")])
    assert (count.created, count.updated) == (1, 0)


def test_years_and_parts_that_are_not_there_are_named():
    with pytest.raises(Refused) as caught:
        funds.save_fund_plans(by=None, specs=[replace(PLAN, last_year="2031-32", pool="none")])
    assert "no year 2031-32" in said(caught)
    with pytest.raises(Refused) as caught:
        funds.save_fund_plans(by=None, specs=[replace(PLAN, pool="none")])
    assert "no pool 'none'" in said(caught)
    with pytest.raises(Refused) as caught:
        funds.save_aims(
            by=None, specs=[funds.AimSpec(system="valley", plan="none", code="a", name="A")]
        )
    assert "no plan 'none'" in said(caught)


def test_who_keeps_pools(valley):
    lead = a_person("lead", Role.FINANCE_LEAD, partner=valley.partners.first())
    keeper = a_person("keeper", Role.SYSTEM_ADMINISTRATOR, system=valley)
    with pytest.raises(Http404):
        funds.save_fund_plans(by=lead, specs=[PLAN])
    funds.save_fund_plans(by=keeper, specs=[PLAN])
    assert FundPlan.objects.get().name == "Plan"


def test_the_package_reads_pools_before_the_risks_that_hang_on_them():
    names = [step.table.name for step in STEPS]
    assert names.index("pools") < names.index("risks")
    assert names.index("fund_plans") < names.index("sign_offs")
