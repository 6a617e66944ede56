"""A new year of the Better Care Fund from the template: by page, by command, all or nothing."""

import csv
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.http import Http404
from django.test import Client

from esbt.forms.keeping import FundForm
from esbt.kit.problems import Refused
from esbt.kit.rows import schema_of
from esbt.loading import TABLES
from esbt.loading.copying import TEMPLATE, NewFund, copy_fund
from finance.models import Line, PlanFigure, PoolAmount, ShareRule
from outcomes.models import Metric, Target
from schemes.funds.plans import agreements_for
from schemes.models import (
    AdminEvent,
    Agreement,
    ConditionStep,
    FundPlan,
    Partner,
    Pool,
    Slice,
    System,
)
from schemes.people.roles import Role
from schemes.services.funds import FundPlanSpec, save_fund_plans
from tests.factories import a_partner, a_person, a_plan, a_system, a_year

pytestmark = pytest.mark.django_db

NEW = NewFund(
    system="west",
    place="Westshire",
    year="2026-27",
    council="west-council",
    council_name="Westshire Council",
    icb="west-icb",
    icb_name="NHS Westshire",
    board="Westshire Health and Wellbeing Board",
    districts="North; South",
)
PAGE = "/administration/funds"


def valley() -> System:
    return a_system(a_partner("moor"), a_partner("dale", "icb"))


def in_valley(year: str = "2026-27") -> NewFund:
    return NewFund(system="valley", year=year, council="moor", icb="dale", board="Valley Board")


def fields_of(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {fault.field for fault in refused.value.faults}


def test_a_new_place_has_its_plan_and_no_amount():
    report = copy_fund(by=None, fund=NEW)
    assert (report.total.updated, report.total.unchanged) == (0, 1)  # a year that is open stays so
    plan = FundPlan.objects.get()
    assert (plan.code, plan.name) == (
        "better-care-fund-2026-27",
        "Better Care Fund plan of Westshire, 2026/27",
    )
    assert plan.districts == ["North", "South"]
    assert "are our own list, from no document" in plan.about
    parts = (plan.fundheadings, plan.nationalconditions, plan.aims, plan.sign_offs)
    assert [part.count() for part in parts] == [17, 4, 2, 3]
    assert {item.state for item in plan.sign_offs.all()} == {"outstanding"}
    assert set(plan.aims.values_list("metric", flat=True)) <= set(
        Metric.objects.values_list("code", flat=True)
    )
    assert (Metric.objects.count(), Target.objects.count()) == (3, 3)
    lines = Line.objects.filter(slice__system__code="west")
    kinds = lines.values_list("kind", flat=True)
    assert (list(kinds).count("contribution"), list(kinds).count("pool-spend")) == (5, 17)
    assert set(lines.values_list("calendar", flat=True)) == {"quarterly"}
    for model in (PlanFigure, PoolAmount, ShareRule):
        assert not model.objects.exists()


def test_returns_of_the_year_and_an_agreement_that_is_proposed():
    copy_fund(by=None, fund=NEW)
    steps = ConditionStep.objects.order_by("due").values_list("due", flat=True)
    assert list(steps) == ["2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"]
    agreement = Agreement.objects.get()
    assert (agreement.state, str(agreement.starts), str(agreement.ends)) == (
        "proposed",
        "2026-04-01",
        "2027-03-31",
    )
    host = Pool.objects.get().members.get(host=True)
    assert (host.partner.code, host.proposed) == ("west-council", True)


def test_no_word_in_braces_is_left():
    copy_fund(by=None, fund=NEW)
    for table in TEMPLATE.glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as text:
            cells = " ".join(cell for row in csv.reader(text) for cell in row)
        assert set(re.findall(r"{(\w+)}", cells)) <= {
            "system", "place", "year", "year_words", "first", "next", "council", "council_name",
            "icb", "icb_name", "board", "districts",
        }, table.name  # fmt: skip
        known = {item["name"] for item in schema_of(TABLES[table.stem])["fields"]}
        with table.open(encoding="utf-8") as text:
            assert set(text.readline().strip().split(",")) <= known


def test_the_next_year_leaves_what_is_there_as_it_was():
    copy_fund(by=None, fund=NEW)
    Pool.objects.update(name="The fund by our own name")
    Partner.objects.filter(code="west-icb").update(name="NHS West")
    copy_fund(by=None, fund=NewFund(**{**vars(NEW), "year": "2027-28", "place": "Other"}))
    assert Pool.objects.get().name == "The fund by our own name"
    assert Pool.objects.get().members.count() == 2
    assert Partner.objects.get(code="west-icb").name == "NHS West"
    assert System.objects.get().name == "Westshire"
    assert set(FundPlan.objects.values_list("code", flat=True)) == {
        "better-care-fund-2026-27",
        "better-care-fund-2027-28",
    }
    assert Metric.objects.count() == 3
    assert Line.objects.filter(code="bcf-nhs-minimum").count() == 2


def test_a_year_keeps_its_own_headline():
    year = a_year(valley(), "2026-27")
    ours = a_plan(year, {}, code="ours")
    copy_fund(by=None, fund=in_valley())
    assert list(year.plans.all()) == [ours]
    assert year.headline_choices.latest("change").plan == ours


def test_what_is_lacking_is_told_at_once_and_nothing_is_made():
    bad = NewFund(system="New Place", year="2026", council="one", icb="one", board=" ")
    with pytest.raises(Refused) as refused:
        copy_fund(by=None, fund=bad)
    assert fields_of(refused) == {
        "system", "place", "year", "board", "icb", "council_name", "icb_name",
    }  # fmt: skip
    assert not System.objects.exists()


def test_a_plan_that_is_there_is_not_made_twice():
    copy_fund(by=None, fund=NEW)
    events = AdminEvent.objects.count()
    with pytest.raises(Refused) as refused:
        copy_fund(by=None, fund=NEW)
    assert fields_of(refused) == {"year"}
    assert AdminEvent.objects.count() == events


def test_a_plan_of_another_code_that_covers_the_year_stands_in_the_way():
    system = valley()
    for year in ("2025-26", "2026-27", "2027-28"):
        a_year(system, year)
    spec = FundPlanSpec(
        system="valley", code="ours", name="Our plan", first_year="2025-26", last_year="2026-27"
    )
    save_fund_plans(by=None, specs=[spec])
    with pytest.raises(Refused) as refused:
        copy_fund(by=None, fund=in_valley())
    assert "this year's plan already: Our plan" in str(refused.value)
    copy_fund(by=None, fund=in_valley("2027-28"))


def test_a_plan_shows_the_agreement_of_its_own_year():
    copy_fund(by=None, fund=NEW)
    copy_fund(by=None, fund=NewFund(**{**vars(NEW), "year": "2027-28"}))
    plan = FundPlan.objects.get(code="better-care-fund-2027-28")
    assert [item.code for item in agreements_for(plan)] == ["section-75-2027-28"]


def test_a_closed_year_takes_no_lines():
    year = a_year(valley(), "2026-27")
    Slice.objects.filter(pk=year.pk).update(status="closed")
    with pytest.raises(Refused) as refused:
        copy_fund(by=None, fund=in_valley())
    assert refused.value.code == "closed"
    assert not FundPlan.objects.exists()


def test_an_administrator_of_a_system_makes_one_there_with_its_members():
    system = valley()
    keeper = a_person("keeper", Role.SYSTEM_ADMINISTRATOR, system=system)
    with pytest.raises(Refused) as refused:
        copy_fund(by=keeper, fund=NewFund(**{**vars(in_valley()), "icb": "other"}))
    assert "no member" in str(refused.value)
    with pytest.raises(Http404):
        copy_fund(by=keeper, fund=NEW)
    copy_fund(by=keeper, fund=in_valley())
    event = AdminEvent.objects.get(action="package loaded")
    assert (event.actor, event.system) == (keeper, system)


WESTSHIRE = {
    "place": "Westshire",
    "year": "2026-27",
    "council_name": "Westshire Council",
    "icb_name": "NHS Westshire",
    "board": "Westshire Board",
}


@pytest.fixture
def sue(settings) -> Client:
    settings.DEMO = False
    browser = Client()
    browser.force_login(a_person("sue", Role.SITE_ADMINISTRATOR))
    return browser


def test_the_page_says_what_it_made(sue):
    answer = sue.post(PAGE, {"year": "2026-27"})
    assert answer.status_code == 422
    assert "Type the name, or choose one that is here already." in answer.content.decode()
    page = sue.post(PAGE, WESTSHIRE).content.decode()
    assert "The plan is made" in page
    assert re.search(r"fund_headings</th>\s*<td>17</td>", page)
    plan = "/systems/westshire/years/2026-27/fund-plans/better-care-fund-2026-27/workbook"
    assert plan in page
    assert sue.get(plan).status_code == 200
    assert PAGE in sue.get("/administration").content.decode()


def test_by_page_a_name_that_is_here_is_chosen_not_made_again(sue):
    a_partner("westshire-council")
    answer = sue.post(PAGE, WESTSHIRE)
    assert answer.status_code == 422
    assert "There is one of this name already" in answer.content.decode()
    answer = sue.post(PAGE, WESTSHIRE | {"council": "westshire-council"})
    assert "The plan is made" in answer.content.decode()
    assert sue.post(PAGE, WESTSHIRE | {"system": "westshire"}).status_code == 422


def test_an_administrator_is_offered_the_own_system_and_its_members(settings):
    settings.DEMO = False
    system = valley()
    a_partner("stranger")
    browser = Client()
    browser.force_login(a_person("keeper", Role.SYSTEM_ADMINISTRATOR, system=system))
    page = browser.get(PAGE).content.decode()
    assert 'value="moor"' in page
    assert "stranger" not in page
    assert "named below" not in page
    given = {"system": "valley", "year": "2026-27", "council": "moor", "icb": "dale", "board": "B"}
    assert "The plan is made" in browser.post(PAGE, given).content.decode()


def test_the_command_makes_one_and_says_so():
    out = StringIO()
    given = {name: value for name, value in vars(NEW).items() if value}
    call_command("copy_fund", **given, stdout=out, stderr=StringIO())
    assert out.getvalue().splitlines()[-1].startswith("created ")
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("copy_fund", **given, stdout=StringIO(), stderr=err)
    assert "this year's plan already" in err.getvalue()


def test_a_second_place_of_a_name_is_refused():
    copy_fund(by=None, fund=NEW)
    twice = NewFund(**{**vars(NEW), "system": "westshire-fund", "place": " westshire"})
    with pytest.raises(Refused) as refused:
        copy_fund(by=None, fund=twice)
    (fault,) = refused.value.faults
    assert (fault.field, fault.message) == (
        "place",
        f"There is a system of this name already, {NEW.system}: choose it, or give the new place "
        "a name of its own.",
    )


def test_the_form_refuses_a_second_place_of_a_name():
    valley()
    System.objects.update(name="Vale of Mid")  # its code is another
    form = FundForm(System.objects.all(), {"place": "vale of mid"}, anew=True)
    assert form.errors["place"] == ["There is one of this name already: choose it from the list."]
