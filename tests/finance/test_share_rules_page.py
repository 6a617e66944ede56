"""Rules of risk share by hand: added, changed, bound by a minute, never over a newer state."""

from datetime import date

import pytest
from django.test import Client

from finance.models import ShareRule
from finance.services import save_share_rules
from schemes.people.roles import Role
from schemes.services.pools import AgreementSpec, save_agreements
from tests.factories import a_person, a_pool, a_valley
from tests.finance.pooled import two_rules

POOL = "/systems/valley/years/2018-19/pools/fund"
ADD = f"{POOL}/add-rule"
pytestmark = pytest.mark.django_db

TYPED = {
    "name": "Schedule 3",
    "kind": "fixed",
    "percent-moor": "60%",
    "percent-dale": "25",
    "percent-fell": "15",
    "starts": "April 2018",
    "ends": "2018-09",
    "agreement": "",
    "trigger": "Once both boards have signed",
    "triggered_on": "",
    "minute": "",
    "note": "",
}


@pytest.fixture
def valley():
    valley = a_valley()
    a_pool(valley.slice, valley.moor, valley.dale, valley.fell)
    return valley


@pytest.fixture
def keeper(valley):
    browser = Client()
    browser.force_login(a_person("kay", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return browser


def errors(answer, status=422):
    assert answer.status_code == status, answer.content
    return answer.context["form"].errors


def test_a_rule_is_added_changed_and_bound(keeper, valley):
    agreement = AgreementSpec(
        system="valley", code="s75", name="Section 75", kind="section-75", pool="fund"
    )
    save_agreements(by=None, specs=[agreement])
    answer = keeper.post(ADD, TYPED | {"agreement": "s75"})
    assert answer["Location"] == f"{POOL}/rules/schedule-3"
    rule = ShareRule.objects.get()
    assert (rule.starts, rule.ends) == (date(2018, 4, 1), date(2018, 9, 30))
    assert rule.terms == {"kind": "fixed", "percent": {"moor": "60", "dale": "25", "fell": "15"}}
    assert (rule.agreement.code, rule.triggered_on) == ("s75", None)

    shown = keeper.get(answer["Location"]).context
    seen = {"seen": shown["seen"]}
    typed = {field.name: field.value() for field in shown["form"]}
    assert (typed["starts"], typed["ends"], typed["percent-moor"]) == (
        "April 2018",
        "September 2018",
        "60",
    )
    met = typed | {"triggered_on": "2019-05-14", "minute": "Board, 14 May 2019, item 6"}
    assert keeper.post(answer["Location"], met | seen).status_code == 302
    rule.refresh_from_db()
    assert (rule.triggered_on, rule.minute) == (date(2019, 5, 14), "Board, 14 May 2019, item 6")
    newest, first = keeper.get(answer["Location"]).context["steps"]
    assert ("minute", "not stated", "Board, 14 May 2019, item 6") in newest.changes
    assert (first.first, newest.who) == (True, "kay")


def test_nobody_saves_over_a_newer_state(keeper):
    there = keeper.post(ADD, TYPED)["Location"]
    seen = keeper.get(there).context["seen"]
    assert keeper.post(there, TYPED | {"seen": seen, "name": "Theirs"}).status_code == 302
    late = keeper.post(there, TYPED | {"seen": seen, "name": "Mine"})
    assert late.status_code == 409
    assert late.context["stands"].startswith("Theirs, from 2018-04-01 to 2018-09-30: In fixed")
    assert b'value="Mine"' in late.content
    again = TYPED | {"seen": late.context["seen"], "name": "Mine"}
    assert keeper.post(there, again).status_code == 302
    assert ShareRule.objects.get().name == "Mine"


def test_what_a_kind_needs_is_asked_for_and_nothing_is_saved(keeper):
    answer = keeper.post(ADD, {"name": "Cap", "kind": "risk_pool"})
    assert answer.status_code == 200
    assert b"Nothing is saved yet" in answer.content
    assert b'value="Cap"' in answer.content
    assert not ShareRule.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "name", "Name the rule"),
        ({"percent-moor": "50"}, "percent-dale", "add to 90"),
        ({"kind": ""}, "kind", "No rule is assumed"),
        ({"starts": "Spring 2018"}, "starts", "'Spring 2018' is not a month"),
        ({"ends": "2018-13"}, "ends", "'2018-13' is not a month"),
        ({"ends": "March 2018"}, None, "ends before it starts"),
        ({"triggered_on": "2019-05-14"}, "minute", "Name the minute"),
        ({"minute": "Board"}, "triggered_on", "the day of that minute"),
        ({"triggered_on": "soon", "minute": "x"}, "triggered_on", "not a day"),
        (
            {"kind": "advanced", "data": '{"kind": "kept", "partner": "hill"}'},
            "data",
            "rule.partner: 'hill' does not contribute to this pool",
        ),
    ],
)
def test_faults_name_the_field_and_keep_what_was_typed(keeper, typed, field, said):
    sent = TYPED | typed
    answer = keeper.post(ADD, sent)
    found = errors(answer)
    assert said in found[field or "__all__"][0]
    form = answer.context["form"]
    assert {name: form[name].value() for name in form.fields} == {
        name: sent[name] for name in form.fields
    }
    assert not ShareRule.objects.exists()


def test_two_rules_for_the_same_months_are_refused(keeper):
    save_share_rules(by=None, specs=two_rules())
    found = errors(keeper.post(ADD, TYPED))
    assert "Another rule shares this pool's variance in the same days" in found["__all__"][0]
    again = keeper.post(ADD, TYPED | {"name": "1", "starts": "", "ends": ""})
    assert again.status_code == 422
    assert ShareRule.objects.count() == 2


def test_a_name_that_is_taken_gets_another_code(keeper):
    keeper.post(ADD, TYPED)
    keeper.post(ADD, TYPED | {"starts": "October 2018", "ends": ""})
    assert {rule.code for rule in ShareRule.objects.all()} == {"schedule-3", "schedule-3-2"}


def test_only_who_keeps_pools_opens_it(valley):
    save_share_rules(by=None, specs=two_rules())
    for role, place in (
        (Role.FINANCE_LEAD, {"partner": valley.moor}),
        (Role.COMMISSIONER, {"system": valley.system}),
    ):
        browser = Client()
        browser.force_login(a_person(str(role), role, **place))
        for address in (ADD, f"{POOL}/rules/first"):
            assert browser.get(address).status_code == 404
            assert browser.post(address, TYPED).status_code == 404


def test_what_is_not_there(keeper):
    for address in (f"{POOL}/rules/none", "/systems/valley/years/2018-19/pools/none/add-rule"):
        assert keeper.get(address).status_code == 404
