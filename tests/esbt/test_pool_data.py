"""The pools of East Sussex and the fund of Mid Essex, against figures read from the sources."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client

from esbt import loading
from finance.models import Line, PlanFigure, PoolAmount, Rollup, ShareRule
from finance.rollups import verify
from outcomes.models import Metric
from schemes.models import (
    AcuteAssumption,
    Agreement,
    Aim,
    Change,
    ConditionStep,
    Evidence,
    FundHeading,
    FundPlan,
    FundVersion,
    NationalCondition,
    Pool,
    PoolMember,
    Programme,
    ProgrammeHeading,
    Risk,
    SignOff,
    Slice,
)
from schemes.people.roles import Role
from tests.factories import a_person
from tests.money import millions, pounds

FIXTURES = Path(__file__).parents[2] / "fixtures"
EAST_SUSSEX, MID_ESSEX = FIXTURES / "east-sussex", FIXTURES / "mid-essex"

pytestmark = pytest.mark.django_db


def load(*paths: Path) -> loading.Report:
    return loading.load(paths, progress=lambda line: None)


@pytest.fixture(scope="module", autouse=True)
def data(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both packages, loaded once for all tests here and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(EAST_SUSSEX, MID_ESSEX)
        yield
        transaction.set_rollback(True)


def amount(year: str, code: str, pool: str = "better-care-fund") -> PoolAmount:
    return PoolAmount.objects.get(slice__year=year, pool__code=pool, code=code)


def essex(model: type) -> list:
    """Rows of the plan of Mid Essex, in their order."""
    return list(model.objects.filter(plan__system__code="mid-essex"))


# Mid Essex


def test_the_fund_has_the_parts_that_the_document_counts():
    parts = (FundHeading, Programme, Aim, NationalCondition, AcuteAssumption, FundVersion)
    assert [len(essex(model)) for model in parts] == [13, 9, 10, 4, 6, 2]
    assert Metric.objects.filter(system__code="mid-essex").count() == 6


def test_the_minimum_and_the_agreed_value():
    first, second = amount("2014-15", "minimum"), amount("2015-16", "minimum")
    assert (first.pence, first.basis) == (493_200_000, "county figure")
    assert (second.pence, second.basis) == (2_165_100_000, "")
    agreed = amount("2014-15", "agreed")
    assert (agreed.pence, agreed.basis, agreed.counts) == (493_200_000, "county figure", True)


def test_the_misprinted_value_is_suspect_and_no_amount_is_read_into_it():
    agreed = amount("2015-16", "agreed")
    assert (agreed.pence, agreed.status, agreed.counts) == (None, "suspect", False)
    assert (agreed.evidence.printed, agreed.evidence.state) == ("£21,651,00", "suspect")


def test_spend_under_the_first_heading_is_more_than_the_fund():
    lines = Line.objects.filter(pool_line__heading__code="social-care")
    plans = PlanFigure.objects.filter(line__in=lines)
    amounts = sorted(plans.values_list("full_year_pence", flat=True))
    assert amounts == [pounds("1_550_000"), pounds("1_595_000"), pounds("4_136_000")]
    total = plans.aggregate(pence=Sum("full_year_pence"))["pence"]
    assert total == 728_100_000 > amount("2014-15", "agreed").pence
    assert {(line.partner.code, line.kind, line.slice.year_id) for line in lines} == {
        ("ecc", "pool-spend", "2014-15")
    }
    planned = Rollup.objects.get(
        slice__system__code="mid-essex",
        slice__year="2014-15",
        kind="pool-spend",
        level="all",
        partner_key=0,
        month=12,
        state="published",
    )
    assert planned.plan_pence == 728_100_000


def test_hedged_spend_keeps_its_words():
    spend = PoolAmount.objects.filter(measure="undated").select_related("heading", "evidence")
    assert {(item.heading.position, item.pence, item.hedge) for item in spend} == {
        (8, pounds("3_390_000"), "in excess of"),
        (8, pounds("1_130_000"), "in excess of"),
        (6, pounds("700_000"), ""),
    }
    assert {item.evidence.state for item in spend} == {"inferred"}


def test_versions_districts_and_board():
    plan = FundPlan.objects.get(system__code="mid-essex")
    assert plan.districts == ["Braintree", "Maldon", "Chelmsford"]
    assert "Malden" in plan.note
    assert (plan.board, plan.first_year_id, plan.last_year_id) == (
        "Essex Health and Wellbeing Board",
        "2014-15",
        "2015-16",
    )
    assert [(item.agreed_on, item.submitted_on) for item in essex(FundVersion)] == [
        ("2014-02-12", "2014-03-10"),
        ("2014-03-27", "2014-04-04"),
    ]


def test_programmes_by_phase_of_life():
    phases = Counter(" and ".join(item.life_phases) for item in essex(Programme))
    assert phases == {
        "All": 4,
        "Long-term conditions": 1,
        "Long-term conditions and Frailty": 1,
        "Frailty": 2,
        "End of life": 1,
    }
    assert {item.evidence.state for item in ProgrammeHeading.objects.all()} == {"inferred"}


def test_aims_are_measured_and_some_by_a_metric():
    aims = essex(Aim)
    assert all(aim.measure for aim in aims)
    known = set(Metric.objects.filter(system__code="mid-essex").values_list("code", flat=True))
    linked = [aim for aim in aims if aim.metric]
    assert len(linked) == 3
    assert {aim.metric for aim in linked} <= known
    assert {aim.evidence.state for aim in linked} == {"inferred"}


def test_conditions_have_their_steps_and_no_status():
    assert {item.status for item in essex(NationalCondition)} == {""}
    assert all(item.in_place and item.planned for item in essex(NationalCondition))
    steps = Counter(ConditionStep.objects.values_list("condition__code", flat=True))
    assert steps == {"social-care": 3, "seven-day-services": 2, "data-sharing": 4}
    number = ConditionStep.objects.get(code="nhs-number-ccgs")
    assert (number.due, number.done) == ("2014-Q4", "")  # quarter 3 of the financial year


def test_nobody_has_signed():
    signed = SignOff.objects.filter(plan__system__code="mid-essex")
    assert {(item.body, item.state, item.role, item.on) for item in signed} == {
        ("Mid Essex CCG", "outstanding", "", ""),
        ("Essex County Council", "outstanding", "", ""),
    }


def test_fourteen_risks_of_which_seven_are_unrated():
    risks = Risk.objects.filter(system__code="mid-essex")
    assert Counter(risk.rating for risk in risks) == {"high": 5, "medium": 2, "": 7}
    assert [risk.code for risk in risks if not risk.mitigation] == ["functions"]
    assert {risk.pool.code for risk in risks} == {"better-care-fund"}
    assert {(risk.likelihood, risk.impact) for risk in risks} == {(None, None)}


def test_acute_assumptions_have_no_numbers():
    numbers = {(item.admissions_avoided, item.cost_pence) for item in essex(AcuteAssumption)}
    assert numbers == {(None, None)}


def test_the_host_is_proposed_and_no_rule_applies():
    host = PoolMember.objects.get(host=True)
    assert (host.partner.code, host.proposed) == ("ecc", True)
    agreement = Agreement.objects.get(system__code="mid-essex")
    assert (agreement.kind, agreement.state, agreement.starts) == ("section-75", "proposed", None)
    assert not ShareRule.objects.exists()


# East Sussex


def test_four_scopes_stand_side_by_side():
    scopes = PoolAmount.objects.filter(slice__system__code="east-sussex", measure="scope")
    assert [
        (item.pool.code, item.slice.year_id, item.pence, item.hedge, item.status)
        for item in scopes.order_by("pool__position").select_related("pool", "slice")
    ] == [
        ("sip-resources", "2017-18", pounds("864_554_000"), "", "due-diligence"),
        ("alliance-commissioning", "2017-18", millions("860"), "approximately", ""),
        ("alliance-partners", "2017-18", millions("1000"), "circa", ""),
        ("icf", "2018-19", millions("760"), "approximately", "illustrative"),
    ]


def test_the_councils_part_and_what_it_leaves_for_the_ccgs():
    council = amount("2017-18", "council-part", "sip-resources")
    ccgs = amount("2017-18", "ccgs-part", "sip-resources")
    assert (council.pence, council.partner.code) == (pounds("134_996_000"), "escc")
    assert (ccgs.pence, ccgs.partner.code) == (pounds("729_558_000"), "ehs-hr-ccgs")
    assert ccgs.evidence.state == "derived"
    whole = amount("2017-18", "scope", "sip-resources")
    assert council.pence + ccgs.pence == whole.pence


def test_pools_are_called_what_the_documents_call_them():
    pools = {pool.code: pool for pool in Pool.objects.filter(system__code="east-sussex")}
    assert {code: pool.kind for code, pool in pools.items()} == {
        "sip-resources": "aligned",
        "alliance-commissioning": "aligned",
        "alliance-partners": "",
        "icf": "",
    }
    assert "NHS England" in pools["icf"].excludes
    assert "£918.2m" in pools["sip-resources"].note
    assert not PoolMember.objects.filter(pool__system__code="east-sussex", host=True).exists()


def test_agreements_and_who_approved_the_framework_of_the_fund():
    alliance, framework = Agreement.objects.filter(system__code="east-sussex")
    assert (alliance.kind, str(alliance.starts), str(alliance.ends)) == (
        "alliance",
        "2017-04-01",
        "2019-03-31",
    )
    assert alliance.parties.count() == 5
    assert (framework.kind, framework.pool.code, framework.starts) == (
        "financial-framework",
        "icf",
        None,
    )
    assert {(item.partner.code, item.state, item.on) for item in framework.sign_offs.all()} == {
        ("ehs-ccg", "signed", "2018-03-28"),
        ("hr-ccg", "signed", "2018-03-28"),
        ("escc", "signed", "2018-04-16"),
    }


# both


def test_mid_essex_is_nowhere_in_east_sussex():
    essex_codes = {"ecc", "mid-essex-ccg"}
    for system, own in (("east-sussex", False), ("mid-essex", True)):
        pools = Pool.objects.filter(system__code=system)
        partners = set(pools.values_list("members__partner__code", flat=True)) - {None}
        partners |= set(
            Line.objects.filter(slice__system__code=system).values_list("partner__code", flat=True)
        )
        assert (partners <= essex_codes) == own
        assert bool(partners & essex_codes) == own
    east = Rollup.objects.filter(slice__system__code="east-sussex")
    assert not east.filter(kind__in=["pool-spend", "contribution"]).exists()
    assert all(verify(item.pk) == [] for item in Slice.objects.all())


def test_what_is_stated_of_pools_names_its_source():
    assert not PoolAmount.objects.filter(evidence=None).exists()
    for model in (Pool, PoolMember, Agreement, SignOff, FundHeading, Programme, Aim, Risk):
        assert not model.objects.filter(evidence=None).exists(), model
    assert (
        not Evidence.objects.exclude(state__in=["printed", "missing"]).filter(working="").exists()
    )


@pytest.fixture
def sue() -> Client:
    browser = Client()
    browser.force_login(a_person("sue", Role.SITE_ADMINISTRATOR))
    return browser


def test_the_api_has_the_fund_by_year(sue):
    rows = sue.get("/api/v1/systems/mid-essex/pools").json()["rows"]
    found = {row["year"]: row for row in rows}
    amounts = ("minimum_pence", "agreed_pence", "state", "host", "host_proposed")
    assert [found["2014-15"][name] for name in amounts] == [
        493_200_000, 493_200_000, "agreed", "ecc", True,
    ]  # fmt: skip
    assert [found["2015-16"][name] for name in amounts] == [
        2_165_100_000, None, "suspect", "ecc", True,
    ]  # fmt: skip
    assert any(
        "adds to £7,281,000, which is £2,349,000 above the fund of £4,932,000" in warning
        for warning in found["2014-15"]["warnings"]
    )
    assert any("“£21,651,00”, is suspect" in text for text in found["2015-16"]["warnings"])
    first = found["2014-15"]
    assert (first["minimum_basis"], first["agreed_basis"]) == ("county figure",) * 2
    assert (first["month"], first["lines"]) == (None, 3)
    # its fields for signatures are empty: that it is agreed is the document's word
    assert (first["state_by"], first["signed"]) == (
        "Mid Essex Better Care Fund planning template, part 1", False,
    )  # fmt: skip
    assert any("Nobody has signed. Still to sign: " in text for text in first["warnings"])
    page = sue.get("/systems/mid-essex/years/2014-15/pools").content.decode()
    assert page.count("<small>county figure</small>") == 2
    assert "part 1; signed by nobody" in page


def test_the_four_scopes_are_a_csv(sue):
    answer = sue.get("/systems/east-sussex/years/2018-19/pool-amounts.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert sorted(
        (row["amount_gbp"], row["hedge"]) for row in rows if row["measure"] == "scope"
    ) == [
        ("1000000000.00", "circa"),
        ("760000000.00", "approximately"),
        ("860000000.00", "approximately"),
        ("864554000.00", ""),
    ]
    assert sue.get("/schemas/pool-amounts.json").status_code == 200


def test_the_page_of_pools_has_the_four_scopes_and_adds_none(sue):
    page = sue.get("/systems/east-sussex/years/2018-19/pools").content.decode()
    for shown in ("864,554", "860,000", "1,000,000", "760,000", "never added to each other"):
        assert shown in page
    assert "Not reconciled: " in page
    assert "Mid Essex" not in page.split("<main")[1]


def test_loading_again_changes_nothing():
    changes = Change.objects.count()
    total = load(EAST_SUSSEX, MID_ESSEX).total
    assert (total.created, total.updated) == (0, 0)
    assert Change.objects.count() == changes
