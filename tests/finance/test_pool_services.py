"""The money of pools: stated amounts, lines in a pool, rules of share and kept what-ifs."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Refused
from finance.models import PoolAmount, PoolLine, Scenario, ShareRule
from finance.services import (
    PoolAmountSpec,
    PoolLineSpec,
    ShareRuleSpec,
    keep_scenario,
    save_pool_amounts,
    save_pool_lines,
    save_share_rules,
    settle_pool_amount,
)
from schemes.models import Pool
from schemes.people.roles import Role
from schemes.services import funds, pools
from tests.factories import a_line, a_partner, a_person, a_system, a_year

pytestmark = pytest.mark.django_db

AGREED = PoolAmountSpec(
    pool="fund", code="agreed", name="Agreed", measure="agreed", pence=None, status="suspect"
)
RULE = ShareRuleSpec(
    system="valley",
    pool="fund",
    code="first",
    name="By contributions",
    terms={"kind": "proportional"},
    starts=date(2018, 4, 1),
    ends=date(2018, 9, 30),
)


@pytest.fixture
def year():
    """A year of a system of two partners with a pool of both."""
    system = a_system(a_partner("moor"), a_partner("dale", "ccg"))
    made = a_year(system)
    pools.save_pools(by=None, specs=[pools.PoolSpec(system="valley", code="fund", name="Fund")])
    specs = [
        pools.PoolMemberSpec(system="valley", pool="fund", partner=partner, host=partner == "moor")
        for partner in ("moor", "dale")
    ]
    pools.save_pool_members(by=None, specs=specs)
    return made


def a_plan_with(year, heading: str) -> None:
    """A plan of the pool with one heading."""
    plan = funds.FundPlanSpec(
        system="valley",
        code="plan",
        name="Plan",
        first_year=year.year_id,
        last_year=year.year_id,
        pool="fund",
    )
    funds.save_fund_plans(by=None, specs=[plan])
    spec = funds.HeadingSpec(system="valley", plan="plan", code=heading, name=heading.title())
    funds.save_fund_headings(by=None, specs=[spec])


def said(caught: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(fault.message for fault in caught.value.faults)


def test_a_doubted_amount_counts_once_a_person_settled_it(year):
    save_pool_amounts(by=None, slice_id=year.pk, specs=[AGREED])
    assert not PoolAmount.objects.get().counts
    keeper = a_person("keeper", Role.SYSTEM_ADMINISTRATOR, system=year.system)
    settling = {"slice_id": year.pk, "pool": "fund", "code": "agreed", "status": "agreed"}
    with pytest.raises(Refused) as caught:
        settle_pool_amount(by=keeper, pence=100, reason=" ", **settling)
    assert "on what this rests" in said(caught)
    settle_pool_amount(by=keeper, pence=100, reason="The signed plan", **settling)
    latest = PoolAmount.objects.order_by("-change").first()
    assert (latest.pence, latest.counts, latest.actor) == (100, True, keeper)
    again = save_pool_amounts(by=None, slice_id=year.pk, specs=[AGREED])
    assert (again.unchanged, PoolAmount.objects.count()) == (1, 2)
    with transaction.atomic(), pytest.raises(DatabaseError):
        PoolAmount.objects.update(pence=1)


def test_who_settles(year):
    save_pool_amounts(by=None, slice_id=year.pk, specs=[AGREED])
    lead = a_person("lead", Role.FINANCE_LEAD, partner=year.system.partners.first())
    with pytest.raises(Http404):
        settle_pool_amount(
            by=lead,
            slice_id=year.pk,
            pool="fund",
            code="agreed",
            pence=1,
            status="agreed",
            reason="Because",
        )


def test_amounts_that_cannot_be(year):
    bad = replace(AGREED, pool="none", measure="sum", status="sure", pence=-1)
    with pytest.raises(Refused) as caught:
        save_pool_amounts(by=None, slice_id=year.pk, specs=[bad])
    for words in ("no pool 'none'", "minimum, agreed", "provisional", "from 0"):
        assert words in said(caught)


def test_only_lines_of_the_pool_are_in_it(year):
    moor = year.system.partners.get(code="moor")
    a_line(year, moor, "contribution", pool="fund")
    a_line(year, moor, "pool-spend", pool="fund")
    a_line(year, moor)
    good = PoolLineSpec(line="moor-contribution", income_source="nhs-minimum", capital=False)
    save_pool_lines(by=None, slice_id=year.pk, specs=[good])
    assert PoolLine.objects.get().income_source == "nhs-minimum"
    for spec, words in (
        (replace(good, line="moor-position"), "contribution or spend of a pool"),
        (replace(good, line="moor-pool-spend"), "source of income"),
        (replace(good, line="none"), "no line of this code"),
        (replace(good, heading="plan/one"), "no heading of a plan"),
    ):
        with pytest.raises(Refused) as caught:
            save_pool_lines(by=None, slice_id=year.pk, specs=[spec])
        assert words in said(caught)


def test_rules_hold_for_whole_months_and_not_twice(year):
    save_share_rules(by=None, specs=[RULE])
    later = replace(RULE, code="second", starts=date(2018, 10, 1), ends=None)
    save_share_rules(by=None, specs=[later])
    assert ShareRule.objects.count() == 2
    for spec, words in (
        (replace(RULE, code="third", starts=None, ends=None), "Another rule"),
        (
            replace(RULE, code="third", starts=date(2018, 9, 1)),
            "these days. It is By contributions from 1 April 2018 until 30 September 2018.",
        ),
        (replace(RULE, starts=date(2018, 4, 2)), "first day"),
        (replace(RULE, ends=date(2018, 9, 29)), "last day"),
        (replace(RULE, triggered_on=date(2019, 5, 1)), "minute"),
    ):
        with pytest.raises(Refused) as caught:
            save_share_rules(by=None, specs=[spec])
        assert words in said(caught)


def test_a_trigger_is_met_once_there_is_something_to_share(year):
    tomorrow = timezone.localdate() + timedelta(days=1)
    met = replace(RULE, minute="Board, item 6")
    for day, words in ((tomorrow, "still to come"), (date(2018, 3, 31), "before the rule begins")):
        with pytest.raises(Refused) as caught:
            save_share_rules(by=None, specs=[replace(met, triggered_on=day)])
        assert words in said(caught)
        assert caught.value.faults[0].field == "triggered_on"
    assert not ShareRule.objects.exists()
    today = timezone.localdate()
    save_share_rules(by=None, specs=[replace(met, triggered_on=today)])
    assert ShareRule.objects.get().triggered_on == today


def test_a_rule_names_members_of_its_pool(year):
    terms = {"kind": "fixed", "percent": {"moor": "50", "far": "50"}}
    with pytest.raises(Refused):
        save_share_rules(by=None, specs=[replace(RULE, terms=terms)])


def test_a_rule_names_headings_of_its_pool(year):
    terms = {
        "kind": "by_heading",
        "headings": {"beds": {"kind": "service"}},
        "otherwise": {"kind": "proportional"},
    }
    rule = replace(RULE, terms=terms)
    with pytest.raises(Refused, match=r"The pool has no heading 'beds'\. It has no heading yet\."):
        save_share_rules(by=None, specs=[rule])
    a_plan_with(year, "beds")
    save_share_rules(by=None, specs=[rule])
    misspelt = terms | {"headings": {"bed": {"kind": "service"}}}
    with pytest.raises(Refused) as caught:
        save_share_rules(by=None, specs=[replace(rule, terms=misspelt)])
    assert caught.value.faults[0].field == "rule.headings.bed"
    assert "Name one that it has: beds." in said(caught)


def test_a_kept_what_if_moves_nothing(year):
    keeper = a_person("comm", Role.COMMISSIONER, system=year.system)
    reader = a_person("reader", Role.BOARD_MEMBER, system=year.system)
    what = {
        "slice_id": year.pk,
        "pool": Pool.objects.get(),
        "terms": {"kind": "proportional"},
        "variance_pence": -100,
        "contributions": {"moor": 60, "dale": 40},
    }
    with pytest.raises(Http404):
        keep_scenario(by=reader, name="Half", **what)
    with pytest.raises(Refused):
        keep_scenario(by=keeper, name=" ", **what)
    kept = keep_scenario(by=keeper, name="Half", **what)
    assert Scenario.objects.get() == kept
    assert not ShareRule.objects.exists()
