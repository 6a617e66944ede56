"""The Better Care Fund plan of Mid Essex as it is told by its document, and as pages count it."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from esbt import loading
from esbt.pages.fund_plans import (
    aims_of,
    headings_of,
    metrics_of,
    money_of,
    risk_counts,
    risks_of_plan,
)
from schemes.funds.conditions import conditions_of
from schemes.funds.plans import fund_plan_of, plan_signatures
from schemes.governance.agreements import agreement_of
from schemes.models import FundPlan, System
from schemes.people.roles import Role
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


def test_spend_without_a_year_is_held_against_no_year_s_fund(plan):
    """The Care Bill's 3.39m and 1.13m, and a contract of 0.7m, are printed without a year."""
    money = money_of(plan, headings_of(plan))
    assert [(row.heading.code, row.undated_pence) for row in money.headings if row.undated] == [
        ("mental-health-dementia", pounds("700_000")),
        ("care-bill", pounds("4_520_000")),
    ]
    assert not any(spend.amounts for row in money.headings for spend in row.years)
    assert not any("all headings" in warning for warning in money.warnings)
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    page = text(cora.get(PAGE))
    assert "Stated, year not stated £'000" in page
    assert "capital for systems that share information: in excess of £1,130,000" in page
    dated = [row["year"] for row in table(cora, "headings") if row["stated_gbp"]]
    assert dated == ["", ""]
    told = cora.get("/api/v1/systems/mid-essex/fund-plans/bcf-2014-16").json()
    assert {row["year"] for row in told["amounts"] if row["measure"] == "undated"} == {None}


def test_as_its_pages_tell_it(plan):
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    page = text(cora.get(PAGE))
    assert "The plan is not final until all have signed. Nobody has signed." in page
    assert "agreed, says Mid Essex Better Care Fund planning template, part 1" in page
    assert "43 days after the version before" in page  # 12 February to 27 March 2014
    assert "14 risks: 5 high, 2 medium and 7 not rated" in text(cora.get(f"{PAGE}/risks"))
    metrics = text(cora.get(f"{PAGE}/metrics"))
    assert "overlap in October 2014 to March 2015" in metrics
    assert "No target by decision" in metrics
    assert "no assumption has both its numbers" in text(cora.get(f"{PAGE}/acute"))
    late = text(cora.get(f"{PAGE}/conditions?as_of=2015-01-01"))
    quarter = "use it: due October to December 2014 (quarter 3 of 2014/15)"
    assert f"{quarter}, overdue" in late
    assert f"{quarter}." in text(cora.get(f"{PAGE}/conditions?as_of=2014-12-31"))


def test_what_its_document_does_not_print_is_marked_as_ours(plan):
    """5 % are 63, so 1,260 and 1,197 are worked out; 2.5 % are 7, so 280, 273 and 266 are."""
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    page = text(cora.get(f"{PAGE}/metrics"))
    for level in ("1,260", "1,197", "280", "273", "266"):
        assert re.search(rf"{level} per 100,000[^†]{{0,60}}† derived: ", page), level
    assert "82% or more †" not in page  # printed
    rows = table(cora, "metrics")
    assert {(row["baseline"], row["value"], row["state"]) for row in rows if row["value"]} == {
        ("1260", "1197", "derived"),
        ("280", "273", "derived"),
        ("280", "266", "derived"),
        ("82", "82", "printed"),
        ("1676", "1676", "printed"),
        ("", "99", "printed"),
        ("", "324", "printed"),
    }
    own = text(cora.get(reverse("metric", args=["mid-essex", "residential-admissions"])))
    assert "63 are 5 % of 1,260; less 63 is 1,197" in own
    assert "Days not stated" in own
    told = cora.get("/api/v1/systems/mid-essex/metrics/residential-admissions").json()
    assert told["targets"][0]["state"] == "derived"


def test_no_day_is_read_into_words_of_its_document(plan):
    """Section 3b says with immediate effect, and names no month."""
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    found = conditions_of(plan, date(2015, 3, 1))[1]
    assert (found.item.code, found.overdue) == ("seven-day-services", [])
    assert found.next is not None
    assert found.next.code == "provider-actions"
    page = text(cora.get(f"{PAGE}/conditions?as_of=2015-03-01"))
    assert "no date stated . With immediate effect, as the plan says" in page


def test_programmes_and_aims_say_what_is_our_reading(plan):
    cora = browser(a_person("cora", Role.COMMISSIONER, system=plan.system))
    assert "Under Community resilience (our reading) †" in text(cora.get(PAGE))
    programmes = {row["programme"]: row for row in table(cora, "programmes")}
    assert len(programmes) == 9
    assert programmes["safe-at-home"]["our_reading"] == "community-resilience"
    assert programmes["long-term-conditions"]["headings"] == ""
    assert len(table(cora, "headings")) == 28  # 13 in two years, and two without a year
    aims = table(cora, "aims")
    assert (len(aims), [row["our_reading"] for row in aims].count("true")) == (10, 3)
    assert "Avoidable emergency admissions (our reading)" in text(cora.get(f"{PAGE}/metrics"))
    told = cora.get("/api/v1/systems/mid-essex/fund-plans/bcf-2014-16").json()
    assert sum(bool(row["our_reading"]) for row in told["programmes"]) == 5


def table(reader, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reader.get(f"{PAGE}/{name}.csv").content.decode())))
