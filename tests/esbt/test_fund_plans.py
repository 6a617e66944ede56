"""A fund's plan by tabs: money, metrics and payment, conditions, risks, hospitals; its forms."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from io import StringIO

import pytest

from esbt.pages.fund_plans import headings_of, metrics_of, money_of, risk_counts, risks_of_plan
from finance.services import (
    PoolAmountSpec,
    PoolLineSpec,
    save_pool_amounts,
    save_pool_lines,
    settle_pool_amount,
)
from outcomes.services import ObservationEntry
from schemes.funds.conditions import conditions_of
from schemes.models import (
    AcuteAssumption,
    Aim,
    ConditionStep,
    FundPlan,
    NationalCondition,
    RowVersion,
)
from schemes.people.roles import Role
from schemes.services import funds
from tests.esbt.funded import PLAN, a_paid_metric, a_plan_of_a_fund, a_sign_off
from tests.esbt.test_agreements import form
from tests.factories import a_person, evenly
from tests.finance.pooling import state
from tests.money import pounds
from tests.outcomes.measured import record
from tests.outcomes.test_outcomes_page import browser, text

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/fund-plans/better-care"
API = "/api/v1/systems/valley/fund-plans"


@pytest.fixture
def plan(valley) -> FundPlan:
    return a_plan_of_a_fund(valley)


@pytest.fixture
def ada(valley):
    return browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def cora(valley):
    return browser(a_person("cora", Role.COMMISSIONER, system=valley.system))


def rows_of(reader, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(reader.get(f"{PAGE}/{name}.csv").content.decode())))


# signing


def test_a_plan_is_final_when_all_have_signed(plan, cora):
    assert "Who signs is not stated." in text(cora.get(PAGE))
    a_sign_off()
    a_sign_off("board", partner="dale", state="signed", on="2018-04-04")
    page = text(cora.get(PAGE))
    assert (
        "The plan is not final until all have signed. Signed by The board. "
        "Still to sign: The council (not signed)." in page
    )
    a_sign_off(state="signed", on="2018-04")
    assert "The plan is final. Signed by all: The board and The council." in text(cora.get(PAGE))


# money


def test_spend_that_is_more_than_the_whole_fund_warns(plan, cora):
    money = money_of(plan, headings_of(plan))
    home, carers = money.headings
    first, second = home.years
    # 4.136 + 1.550 + 1.595 = 7.281; less 4.932 is 2.349
    assert (first.stated_pence, first.stated_excess) == (pounds("7_281_000"), pounds("2_349_000"))
    assert (second.stated_pence, carers.years[0].known) == (None, False)
    page = text(cora.get(PAGE))
    assert (
        "Spend stated under “Support at home” adds to £7,281,000 in 2018/19, £2,349,000 more than "
        "the whole fund of that year (minimum required: £4,932,000, county figure)." in page
    )
    assert "suspect, in no total until a person settles it" in page
    assert "51 days after the version before" in page  # 12 February to 4 April 2018


def test_a_suspect_amount_stands_in_no_total_until_it_is_settled(plan, valley):
    later = plan.system.slices.get(year="2019-20")
    known = {"pool": "fund", "code": "agreed", "name": "Agreed", "measure": "agreed"}

    def second():
        return money_of(plan, headings_of(plan)).years[1]

    assert second().fund is None
    settled = PoolAmountSpec(**known, pence=pounds("21_651_000"), status="agreed", reason="Minute")
    save_pool_amounts(by=None, slice_id=later.pk, specs=[settled])
    assert second().fund.pence == pounds("21_651_000")
    assert second().warnings == []
    minimum = PoolAmountSpec(
        **known | {"code": "minimum", "measure": "minimum"}, pence=pounds("21_651_001")
    )
    save_pool_amounts(by=None, slice_id=later.pk, specs=[minimum])
    assert second().warnings == ["What is agreed for 2019/20 is £1 under the minimum required."]
    doubted = replace(settled, status="suspect")
    save_pool_amounts(by=None, slice_id=later.pk, specs=[doubted])
    assert second().fund.pence == pounds("21_651_001")


def test_a_settled_amount_is_flagged_no_more(plan, valley, ada):
    state(valley.slice, "agreed", "agreed", None, status="suspect", printed="£4,93,000")
    assert "printed “£4,93,000” suspect: in no total until settled" in text(ada.get(PAGE))
    settle_pool_amount(
        by=a_person("ida", Role.SYSTEM_ADMINISTRATOR, system=valley.system),
        slice_id=valley.slice.pk,
        pool="fund",
        code="agreed",
        pence=pounds("4_930_000"),
        status="agreed",
        reason="Minute 4",
    )
    page = text(ada.get(PAGE))
    assert "4,930,000 agreed" in page
    assert "A digit is missing" not in page
    assert "What was printed: The paper, Table of agreed: “£4,93,000”" in text(
        ada.get("/systems/valley/years/2018-19/pools/fund")
    )


def test_what_lines_plan_stands_beside_what_is_stated(plan, valley, cora):
    line = valley.line(valley.moor, "pool-spend", pool="fund")
    valley.plan({line: evenly("600_000")})
    spec = PoolLineSpec(line=line.code, heading="better-care/carers")
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=[spec])
    rows = {(row["heading"], row["year"]): row for row in rows_of(cora, "headings")}
    carers = rows["carers", "2018-19"]
    assert (carers["stated_gbp"], carers["planned_gbp"]) == ("", "600000.00")
    assert rows["home", "2018-19"]["stated_over_fund_gbp"] == "2349000.00"
    assert carers["planned_over_fund_gbp"] == ""
    assert "Planned 2018/19" in text(cora.get(PAGE))
    valley.plan({line: evenly("6_000_000")}, code="revised")
    assert (
        "Spend planned under “Carers” adds to £6,000,000 in 2018/19, £1,068,000 more than the "
        "whole fund" in text(cora.get(PAGE))
    )


def test_programmes_stand_under_each_phase_of_life(plan, cora):
    page = text(cora.get(PAGE))
    places = [page.index(words) for words in ("Ageing", "End of life", "Phase of life not stated")]
    assert places == sorted(places)
    assert page.count("Frailty Under Support at home") == 2


# metrics


def test_an_aim_without_a_metric_is_seen(plan, cora):
    page = text(cora.get(f"{PAGE}/metrics"))
    assert "Two aims: two without a metric." in page
    assert "There is no metric delays here" in page
    assert "no metric" in page
    a_paid_metric()
    assert "Two aims: one without a metric." in text(cora.get(f"{PAGE}/metrics"))


def test_periods_that_overlap_warn(plan, cora):
    a_paid_metric()
    page = text(cora.get(f"{PAGE}/metrics"))
    assert (
        "The performance periods 2018/19 and October 2018 to September 2019 overlap in "
        "October 2018 to March 2019: their targets and values are never added." in page
    )


def test_what_a_metric_pays(plan, valley, cora):
    a_paid_metric()
    page = text(cora.get(f"{PAGE}/metrics"))
    assert "£100,000, in proportion to the way from the baseline to the target" in page
    assert "not stated no value for its period" in page
    (row,) = metrics_of(plan)
    assert [found.paid_pence for found in row.targets] == [None, None]
    year = {"starts": date(2018, 4, 1), "ends": date(2019, 3, 31)}
    record(
        valley.system,
        ObservationEntry(metric="delays", area="vale", value=Decimal(277), **year),
    )
    (row,) = metrics_of(plan)
    # 3 of the 7 from 280 to 273: 3 / 7 of 100,000 pounds is 42,857.142...
    assert [found.paid_pence for found in row.targets] == [4_285_714, None]
    assert "£42,857.14 for 277" in text(cora.get(f"{PAGE}/metrics"))
    assert "£42,857.14 for 277" in text(cora.get("/systems/valley/outcomes/metrics/delays"))
    assert [row["paid_gbp"] for row in rows_of(cora, "metrics")] == ["42857.14", ""]


def test_an_amount_is_entered_with_its_rule(plan, ada):
    a_paid_metric()
    address = "/systems/valley/outcomes/metrics/delays/targets/two"
    held = {"value": "266", "baseline": "280", "payment": "2019-10", "starts": "2018-10-01"}
    held |= {"ends": "2019-09-30", "words": "", "note": "", "area": ""}
    answer = ada.post(address, held | {"payment_pence": "50k", "payment_rule": ""})
    assert "A payment has an amount and a rule" in text(answer, 422)
    ada.post(address, held | {"payment_pence": "50k", "payment_rule": "whole"})
    (row,) = metrics_of(plan)
    assert row.targets[1].target.payment_pence == pounds("50_000")
    ada.post(address, held | {"payment_pence": "50,000", "payment_rule": "whole", "note": "Kept"})
    (row,) = metrics_of(plan)
    assert row.targets[1].target.payment_pence == pounds("50_000")


# conditions


@pytest.mark.parametrize(
    ("on", "late"),
    [(date(2018, 9, 30), []), (date(2018, 10, 1), ["rota"])],  # due in the third quarter
)
def test_a_step_is_overdue_when_all_its_time_has_passed(plan, on, late):
    _, seven = conditions_of(plan, on)
    assert [step.code for step in seven.overdue] == late
    assert seven.next.code == "rota"


def test_a_step_that_is_done_is_neither_next_nor_late(plan):
    spec = funds.ConditionStepSpec(
        **PLAN, condition="seven-days", code="rota", name="New rota", due="2018-Q3", done="2019"
    )
    funds.save_condition_steps(by=None, specs=[spec])
    _, seven = conditions_of(plan, date(2020, 1, 1))
    assert (seven.overdue, seven.next) == ([], None)


def test_conditions_as_of_a_day(plan, cora):
    page = text(cora.get(f"{PAGE}/conditions?as_of=2018-09-30"))
    assert (
        "One of two national conditions is met, the status of one is not stated and one has no "
        "evidence. As of 30 September 2018." in page
    )
    assert "No evidence: nothing shows that it is met" in page
    assert "New rota, July to September 2018 (quarter 2 of 2018/19)" in page
    assert "Overdue" not in page
    assert "one is overdue. As of" in text(cora.get(f"{PAGE}/conditions"))
    NationalCondition.objects.update(status="")
    page = text(cora.get(f"{PAGE}/conditions?as_of=2018-09-30"))
    assert "The status of two national conditions is not stated and one has no evidence." in page
    assert "None of" not in page
    assert "This is not a day." in text(cora.get(f"{PAGE}/conditions?as_of=soon"))
    rows = cora.get(f"{API}/better-care/conditions?as_of=2018-10-01").json()
    assert [(row["code"], row["overdue"]) for row in rows["rows"]] == [
        ("data", False), ("seven-days", True),
    ]  # fmt: skip


def test_a_condition_is_changed(plan, ada):
    address = f"{PAGE}/conditions/seven-days"
    answer = ada.post(address, form(ada, address, status="met", planned="A rota"))
    assert "Say what shows that the condition is met." in text(answer, 422)
    assert b"A rota" in answer.content
    shown = form(ada, address, status="met", shown_by="Rota of May")
    page = text(ada.post(address, shown, follow=True))
    assert "Rota of May" in page
    item = NationalCondition.objects.get(code="seven-days")
    assert (item.name, item.position, item.status) == ("Seven days", 1, "met")
    again = ada.post(address, shown | {"status": "partly"})
    assert "Somebody saved a newer state of this condition" in text(again, 409)
    history = text(ada.get(f"{PAGE}/history"))
    assert "National condition: Seven days" in history
    assert "Status: from “not stated” to “met”" in history


def test_steps_are_added_and_done(plan, ada):
    add = f"{PAGE}/conditions/seven-days/add-step"
    ada.post(add, form(ada, add, name="New rota", due="2019"))
    made = ConditionStep.objects.get(due="2019")
    assert made.code == "new-rota"
    change = f"{PAGE}/conditions/seven-days/steps/new-rota"
    page = text(ada.post(change, form(ada, change, done="2018-12"), follow=True))
    assert "New rota: done December 2018" in page
    assert "Step: New rota" in text(ada.get(f"{PAGE}/conditions/seven-days"))


def test_an_aim_gets_its_metric(plan, ada):
    a_paid_metric()
    address = f"{PAGE}/aims/lives"
    page = text(ada.post(address, form(ada, address, metric="delays"), follow=True))
    assert "Two aims, each with its metric." in page
    assert Aim.objects.get(code="lives").position == 2


# risks


def test_risks_that_nobody_rated_stand_apart(plan, cora):
    risks = risks_of_plan(plan)
    assert [risk.code for risk in risks] == ["a", "b", "d", "c"]
    counts = risk_counts(risks)
    assert counts.rated == {"High": 1, "Medium": 1, "Low": 0}
    assert (counts.scored, counts.unrated, counts.bare) == (1, 1, ["Nobody comes"])
    page = text(cora.get(f"{PAGE}/risks"))
    assert (
        "4 risks: 1 high, 1 medium, 1 by a score alone and 1 not rated, which is not low." in page
    )
    assert "Without a mitigation: Nobody comes." in page
    assert [row["rating"] for row in rows_of(cora, "risks")] == ["high", "medium", "", ""]
    found = cora.get(f"{API}/better-care/risks").json()
    assert (found["by_rating"], found["unrated"]) == ({"high": 1, "medium": 1, "low": 0}, 1)


# hospitals


def test_what_if_stores_nothing(plan, ada):
    page = text(ada.get(f"{PAGE}/acute"))
    assert "What the plan spares hospitals is not stated" in page
    typed = "?falls_admissions=120.5&falls_cost=1%2C490.10"
    # 120.5 x 1,490.10 = 179,557.05
    page = text(ada.get(f"{PAGE}/acute{typed}"))
    assert "As tried here, admissions avoided are worth £179,557.05 in a year." in page
    assert AcuteAssumption.objects.get().admissions_avoided is None
    wrong = ada.get(f"{PAGE}/acute?falls_admissions=many&falls_cost=12.3.4")
    assert "Type a number" in text(wrong)
    assert b"12.3.4" in wrong.content


def test_numbers_of_an_assumption_are_entered(plan, ada):
    address = f"{PAGE}/assumptions/falls"
    ada.post(address, form(ada, address, admissions_avoided="100", cost_pence="1.5k"))
    item = AcuteAssumption.objects.get()
    assert (item.admissions_avoided, item.cost_pence) == (100, pounds("1_500"))
    assert item.provider.code == "hill"
    page = text(ada.get(f"{PAGE}/acute"))
    assert "Admissions avoided are worth £150,000 in a year." in page


# all of it


def test_the_api_tells_the_plan(plan, cora):
    a_paid_metric()
    a_sign_off()
    (listed,) = cora.get(API).json()["rows"]
    assert (listed["final"], listed["awaited"]) == (False, ["The council (not signed)"])
    found = cora.get(f"{API}/better-care").json()
    assert [row["code"] for row in found["headings"]] == ["home", "carers"]
    first = found["headings"][0]["years"][0]
    assert (first["stated_pence"], first["stated_over_fund_pence"]) == (728_100_000, 234_900_000)
    assert [row["metric"] for row in found["aims"]] == ["delays", None]
    suspect = next(row for row in found["amounts"] if row["status"] == "suspect")
    assert (suspect["pence"], suspect["counts"]) == (None, False)
    assert found["metrics"][0]["targets"][0]["payment_pence"] == pounds("100_000")
    said = cora.get("/api/v1/systems/valley/sign-offs").json()["rows"]
    assert [(row["plan"], row["state"], row["final"]) for row in said] == [
        ("better-care", "outstanding", False)
    ]


def test_the_same_queries_for_3_and_for_300(plan, cora, query_count):
    a_paid_metric()
    addresses = [
        PAGE, f"{API}/better-care", f"{API}/better-care/conditions",
        *(f"{PAGE}/{tab}" for tab in ("metrics", "conditions", "risks", "acute", "history")),
    ]  # fmt: skip

    def counts() -> list[int]:
        return [query_count(partial(cora.get, address)) for address in addresses]

    counts()  # what the frame of every page keeps
    few = counts()
    numbers = range(100)
    for save, made in (
        (funds.save_fund_headings, funds.HeadingSpec),
        (funds.save_programmes, funds.ProgrammeSpec),
        (funds.save_aims, funds.AimSpec),
        (funds.save_conditions, funds.ConditionSpec),
        (funds.save_acute_assumptions, funds.AssumptionSpec),
    ):
        save(by=None, specs=[made(**PLAN, code=f"n{n}", name=f"Number {n}") for n in numbers])
    assert counts() == few
    assert RowVersion.objects.filter(table="aim").count() == 102
