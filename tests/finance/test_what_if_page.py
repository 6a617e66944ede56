"""The what-if of a pool: another rule or variance, each partner's bill, nothing stored.

The pool of tests.finance.pooled, in thousands of pounds: 90 over; under both rules Moor bears 38,
Dale 19, Fell 13 and the risk pool 20. In proportion to contributions it is 54, 27 and 9.
"""

import csv
import io
import json

import pytest
from django.test import Client

from finance.models import Scenario
from schemes.models import Change
from schemes.people.roles import Role
from schemes.services.pools import PoolSpec, save_pools
from tests.factories import a_line, a_person, report
from tests.finance.pooled import SECOND, a_pooled_valley, with_rules
from tests.money import pounds

HERE = "/systems/valley/years/2018-19/pools/fund/what-if"
pytestmark = pytest.mark.django_db


@pytest.fixture
def valley():
    return with_rules()


@pytest.fixture
def lead(valley):
    """A finance lead of the council, whose pages start from provisional figures."""
    browser = Client()
    browser.force_login(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    return browser


def context_of(browser, status=200, **query):
    answer = browser.get(HERE, query)
    assert answer.status_code == status, answer.content
    return answer.context


def bill(context) -> dict[str, list[str]]:
    return {name: [cell.text for cell in cells] for name, cells in context["table"].rows}


PROPORTIONAL = {"kind": "proportional"}


def test_another_rule_shows_every_partners_bill(lead):
    context = context_of(lead, **PROPORTIONAL)
    assert bill(context) == {
        "Dale": ["360,000", "(19,000)", "(27,000)", "(8,000)"],
        "Fell": ["120,000", "(13,000)", "(9,000)", "4,000"],
        "Moor": ["720,000", "(38,000)", "(54,000)", "(16,000)"],
        "The risk pool": ["", "(20,000)", "0", "20,000"],
        "The pool's variance": ["", "(90,000)", "(90,000)", "0"],
    }
    assert "Moor bears £54,000 (£16,000 worse than now)" in context["sentence"]
    assert context["chart"].title == "Moor would be £16,000 worse off than now"
    assert not Scenario.objects.exists()


def test_positions_before_and_after_with_the_systems_own(lead):
    context = context_of(lead, **PROPORTIONAL)
    rows = [*context["positions"].rows, context["positions"].total]
    assert [(row.before_pence, row.now_pence, row.what_if_pence) for row in rows] == [
        (pounds("-90000"), pounds("-38000"), pounds("-54000")),
        (0, pounds("-32000"), pounds("-36000")),
        (pounds("-90000"), pounds("-70000"), pounds("-90000")),
    ]
    assert (
        "the rules in force make it £20,000 better, and the what-if would leave it as it is"
        in context["positions_sentence"]
    )


def test_without_a_question_it_begins_from_the_rule_in_force(lead):
    context = context_of(lead)
    assert context["form"]["kind"].value() == "risk_pool"
    assert context["form"]["cap"].value() == "20,000"
    assert context["form"]["then-percent-moor"].value() == "50"
    assert bill(context)["Moor"][2] == "(35,000)"  # of the 70 that the risk pool leaves


def test_another_variance_moves_the_host_first(lead):
    context = context_of(lead, **PROPORTIONAL, amount="£40k", direction="underspend")
    assert bill(context)["Moor"] == ["720,000", "(38,000)", "24,000", "62,000"]
    moor, ccgs = context["positions"].rows
    assert (moor.what_if_pence, ccgs.what_if_pence) == (pounds("24000"), pounds("16000"))
    assert "the what-if would make it £130,000 better" in context["positions_sentence"]


def test_the_forecast_of_the_year():
    valley = a_pooled_valley(last=6)
    care = valley.slice.lines.get(code="care")
    report(care, 6, forecast="1250000")
    browser = Client()
    browser.force_login(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    context = context_of(browser, **PROPORTIONAL, basis="forecast")
    assert context["starts"] == (
        "The plan for the year less the forecast outturn of the spend lines: an overspend of "
        "£50,000, as forecast at month 6."
    )
    assert bill(context)["Moor"] == ["720,000", "not stated", "(30,000)", "not stated"]
    assert context["table"].columns[2].endswith(", of the forecast for the year")
    said = browser.get(HERE, PROPORTIONAL | {"basis": "forecast"}).content.decode()
    assert "of the variance as it is forecast for the year: an overspend of £50,000" in said
    to_date = context_of(browser, **PROPORTIONAL)
    assert to_date["table"].columns[2].endswith(", of the variance to date")
    assert "to month 6, September 2018: an overspend of £30,000" in to_date["starts"]


def test_what_a_kind_needs_is_asked_for_before_anything_is_wrong(lead):
    context = context_of(lead, kind="tiers", amount="1,000")
    form = context["form"]
    assert form.asks
    assert not form.errors
    assert form["amount"].value() == "1,000"
    assert "tier1-limit" in form.fields
    assert "table" not in context


TIERS = {
    "kind": "tiers",
    "tier1-limit": "50k",
    "tier1-kind": "kept",
    "tier1-partner": "moor",
    "tier2-limit": "",
    "tier2-kind": "proportional",
    "tier3-kind": "",
}


def test_two_bands_and_three(lead):
    assert bill(context_of(lead, **TIERS))["Dale"][2] == "(12,000)"  # 30 % of 40
    three = TIERS | {"tier2-limit": "80k", "tier3-kind": "carried_forward"}
    found = bill(context_of(lead, **three))
    assert found["Dale"][2] == "(9,000)"
    assert found["Carried forward"][2] == "(10,000)"


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ({"kind": ""}, "kind", "No rule is assumed"),
        ({**PROPORTIONAL, "amount": "12.3.4"}, "amount", "is not an amount"),
        ({**PROPORTIONAL, "amount": "-5"}, "amount", "say over or under beside it"),
        (TIERS | {"tier1-limit": "0"}, "tier1-limit", "more than 0"),
        (TIERS | {"tier2-limit": "40k", "tier3-kind": "kept"}, None, ""),
        (
            TIERS | {"tier2-limit": "40k", "tier3-kind": "service"},
            "tier2-limit",
            "let each tier end higher",
        ),
        (TIERS | {"tier3-kind": "service"}, "tier2-limit", "no third band"),
        (TIERS | {"tier2-limit": "1m"}, "tier3-kind", "who bears what is beyond"),
        ({"kind": "kept", "partner": ""}, "partner", "Choose the partner"),
        ({"kind": "advanced", "data": "{"}, "data", "not data in JSON"),
        ({"kind": "advanced", "data": '{"kind": "\\u0000"}'}, "data", "not data in JSON"),
        ({"kind": "advanced", "data": '{"kind": "x"}'}, "data", "no such kind"),
        ({"kind": "advanced", "data": "[" * 9999}, "data", "not data in JSON"),
    ],
)
def test_faults_name_the_field_and_keep_what_was_typed(lead, query, field, said):
    context = context_of(lead, 422 if field else 200, **query)
    form = context["form"]
    if field is None:
        assert form.asks  # the third band's partner
        return
    assert said in form.errors[field][0]
    assert form[field].value() == query.get(field)


def test_percentages_that_do_not_add_to_100(lead):
    query = {"kind": "fixed", "percent-moor": "50%", "percent-dale": "30", "percent-fell": ""}
    errors = context_of(lead, 422, **query)["form"].errors
    assert errors["percent-dale"] == [
        "These percentages add to 80. Let them add to exactly 100; thirds are 33.33, 33.33 and "
        "33.34."
    ]
    wrong = context_of(lead, 422, **query | {"percent-dale": "x"})["form"].errors
    assert "Give a percentage" in wrong["percent-dale"][0]


def test_a_deeper_rule_is_written_as_data(lead):
    deeper = {
        "kind": "by_direction",
        "overspend": SECOND,
        "underspend": {"kind": "carried_forward"},
    }
    context = context_of(lead, kind="advanced", data=json.dumps(deeper))
    assert bill(context)["Moor"][2] == "(35,000)"


def test_a_rule_by_service_scales_another_variance(lead):
    context = context_of(lead, kind="service", amount="9")
    assert bill(context)["Moor"][2] == "(9)"
    said = " ".join(context["explanation"])
    assert said.startswith(
        "An assumption: the overspend of £9 that was typed arises at the services in proportion to "
        "their own overspend of £90,000."
    )
    assert "whose services have an overspend of £9," not in said
    assert "Moor, whose services have an overspend of £90,000, bears £9" in said


def test_a_variance_of_the_other_direction_is_not_scaled(lead):
    errors = context_of(lead, 422, kind="service", amount="9", direction="underspend")[
        "form"
    ].errors
    assert "have an overspend of £90,000 as a whole" in errors["kind"][0]
    assert "an underspend of £9 would belong" in errors["kind"][0]


def test_a_heading_that_no_line_has_is_refused(lead):
    rule = {
        "kind": "by_heading",
        "headings": {"beds": {"kind": "service"}},
        "otherwise": {"kind": "proportional"},
    }
    errors = context_of(lead, 422, kind="advanced", data=json.dumps(rule))["form"].errors
    assert "The pool has no heading 'beds'" in errors["data"][0]


def test_what_is_no_partner_s_gains_nothing(lead):
    asked = {"kind": "carried_forward", "amount": "100", "direction": "underspend"}
    said = context_of(lead, **asked)["sentence"]
    assert "£100 is carried forward" in said
    assert "Moor has no part (£38,000 better than now)" in said
    assert "gains" not in said


def test_the_same_as_csv(lead):
    answer = lead.get(f"{HERE}.csv", PROPORTIONAL)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["who"], row["share_now_gbp"], row["share_what_if_gbp"]) for row in rows] == [
        ("dale", "-19000.00", "-27000.00"),
        ("fell", "-13000.00", "-9000.00"),
        ("moor", "-38000.00", "-54000.00"),
        ("risk-pool", "-20000.00", "0.00"),
    ]
    assert {row["standing"] for row in rows} == {"what-if"}
    refused = lead.get(f"{HERE}.csv", {"kind": ""})
    assert (refused.status_code, b"No rule is assumed" in refused.content) == (422, True)


def test_a_name_keeps_it_and_the_newest_stands(lead):
    asked = f"{HERE}?kind=proportional&amount=40k&direction=underspend"
    changes = Change.objects.count()
    for note in ("First thought", "Second thought"):
        answer = lead.post(asked, {"name": "Good year", "note": note})
        assert answer.status_code == 302, answer.content
    assert Change.objects.count() == changes + 2
    context = lead.get(answer["Location"]).context
    (kept,) = context["scenarios"]
    assert kept["newest"]["note"] == "Second thought"
    assert [own["note"] for own in kept["earlier"]] == ["First thought"]
    assert kept["newest"]["variance"] == "an underspend of £40,000"
    opened = lead.get(kept["newest"]["href"]).context
    assert bill(opened)["Moor"][2] == "24,000"


def test_a_name_is_needed_and_the_question_stays(lead):
    answer = lead.post(f"{HERE}?{'kind=proportional'}", {"name": " ", "note": "Kept"})
    assert answer.status_code == 422
    assert answer.context["keep"].errors["name"] == ["Name the what-if, such as Half each."]
    assert b"Kept" in answer.content
    assert bill(answer.context)["Moor"][2] == "(54,000)"
    assert not Scenario.objects.exists()


def test_who_may_not_keep_reads_all_the_same(valley):
    board = Client()
    board.force_login(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    context = context_of(board, **PROPORTIONAL, state="provisional")
    assert context["keep"] is None
    assert bill(context)["Moor"][2] == "(54,000)"
    answer = board.post(f"{HERE}?kind=proportional&state=provisional", {"name": "Mine"})
    assert answer.status_code == 404


def test_a_pool_of_which_nothing_is_reported(valley):
    board = Client()
    board.force_login(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    assert "type an over- or underspend" in context_of(board, **PROPORTIONAL, status=422)["starts"]
    context = context_of(board, **PROPORTIONAL, amount="100")
    assert bill(context)["Moor"] == ["720,000", "not stated", "(60)", "not stated"]
    assert context["positions"].why_not
    assert board.get("/systems/valley/years/2018-19/pools/none/what-if").status_code == 404


def test_it_says_that_nothing_is_stored_and_asks_a_fixed_number_of_queries(lead, query_count):
    assert b"what-if, and indicative" in lead.get(HERE).content
    few = query_count(lambda: lead.get(HERE, PROPORTIONAL))
    for number in range(20):
        lead.post(f"{HERE}?kind=proportional", {"name": f"Name {number}"})
    assert query_count(lambda: lead.get(HERE, PROPORTIONAL)) == few


def test_contributions_that_are_not_stated_matter_to_rules_in_proportion_alone(valley, lead):
    a_line(valley.slice, valley.hill, "contribution", pool="fund")
    errors = context_of(lead, 422, **PROPORTIONAL)["form"].errors
    assert errors["kind"] == ["What Hill puts in over the year is not stated, and this rule asks."]
    context = context_of(lead, kind="kept", partner="moor")
    assert bill(context)["Moor"] == ["720,000", "not stated", "(90,000)", "not stated"]
    assert bill(context)["Hill"][0] == "not stated"


def test_services_without_a_variance_say_nothing_of_another(valley, lead):
    report(valley.slice.lines.get(code="care"), 12, "1200000")
    errors = context_of(lead, 422, kind="service", amount="9")["form"].errors
    assert "nothing says to which of them an overspend of £9 would belong" in errors["kind"][0]
    assert "no variance" in context_of(lead, kind="service")["sentence"]


def test_an_aligned_budget_has_a_bill_and_no_positions(valley, lead):
    aligned = PoolSpec(system="valley", code="fund", name="Fund", kind="aligned")
    save_pools(by=None, specs=[aligned])
    context = context_of(lead, **PROPORTIONAL)
    assert bill(context)["Moor"][2] == "(54,000)"
    assert context["positions"].why_not == [
        "Fund is aligned, not pooled: each partner keeps its own variance."
    ]


def test_a_kept_what_if_says_when_contributions_have_changed(valley, lead):
    lead.post(f"{HERE}?kind=proportional", {"name": "Then"})
    assert not context_of(lead)["scenarios"][0]["newest"]["moved"]
    puts = valley.slice.lines.get(code="dale-contribution")
    valley.plan({puts: "400000"})
    (kept,) = context_of(lead)["scenarios"]
    assert kept["newest"]["moved"]
