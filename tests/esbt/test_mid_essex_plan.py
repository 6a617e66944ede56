"""The Better Care Fund plan of Mid Essex as it is told by its document, and as pages count it."""

from datetime import date
from pathlib import Path

import pytest

from esbt import loading
from esbt.fund_plans import aims_of, headings_of, metrics_of, money_of, risk_counts, risks_of_plan
from schemes.agreements import agreement_of
from schemes.conditions import conditions_of
from schemes.fund_plans import fund_plan_of, plan_signatures
from schemes.models import FundPlan, System
from schemes.roles import Role
from tests.factories import a_person
from tests.money import pounds
from tests.outcomes.test_outcomes_page import browser, text

pytestmark = pytest.mark.django_db

MID_ESSEX = Path(__file__).parents[2] / "fixtures" / "mid-essex"
PAGE = "/systems/mid-essex/fund-plans/bcf-2014-16"


@pytest.fixture
def plan() -> FundPlan:
    loading.load([MID_ESSEX], progress=str)
    return fund_plan_of(System.objects.get(code="mid-essex"), "bcf-2014-16")


def test_what_the_plan_holds(plan):
    money = money_of(plan, headings_of(plan))
    assert len(money.headings) == 13
    assert plan.programmes.count() == 9
    assert len(aims_of(plan)) == 10
    assert len(metrics_of(plan)) == 6
    assert len(conditions_of(plan, date(2014, 4, 4))) == 4
    counts = risk_counts(risks_of_plan(plan))
    assert (counts.rated, counts.scored, counts.unrated) == (
        {"High": 5, "Medium": 2, "Low": 0}, 0, 7,
    )  # fmt: skip
    assert len(counts.bare) == 1
    assert plan_signatures(plan).signed == []
    assert not agreement_of(plan.system, "section-75").sign_offs.exists()


def test_its_money_warns(plan):
    money = money_of(plan, headings_of(plan))
    first, second = money.years
    assert first.fund.pence == pounds("4_932_000")
    assert first.fund.basis == "county figure"
    assert second.counted("minimum").pence == pounds("21_651_000")
    assert second.counted("agreed") is None
    spend = money.headings[0].years[0]
    assert (spend.planned_pence, spend.planned_excess) == (
        pounds("7_281_000"), pounds("2_349_000"),
    )  # fmt: skip
    told = " ".join(money.warnings)
    assert "suspect (printed “£21,651,00”), in no total until a person settles it" in told
    assert "adds to £7,281,000 in 2014/15, £2,349,000 more than the whole fund" in told


def test_as_its_pages_tell_it(plan):
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    page = text(cora.get(PAGE))
    assert "The plan is not final until all have signed. Nobody has signed." in page
    assert "43 days after the version before" in page  # 12 February to 27 March 2014
    assert "14 risks: 5 high, 2 medium and 7 not rated" in text(cora.get(f"{PAGE}/risks"))
    metrics = text(cora.get(f"{PAGE}/metrics"))
    assert "overlap in October 2014 to March 2015" in metrics
    assert "No target by decision" in metrics
    assert "no assumption has both its numbers" in text(cora.get(f"{PAGE}/acute"))
    late = text(cora.get(f"{PAGE}/conditions?as_of=2015-01-01"))
    assert "use it: due quarter 4 of 2014, overdue" in late
    assert "use it: due quarter 4 of 2014." in text(cora.get(f"{PAGE}/conditions?as_of=2014-12-31"))
