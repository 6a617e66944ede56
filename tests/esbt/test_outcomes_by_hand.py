"""A framework, its metrics and targets made by hand, as somebody who keeps outcomes does."""

import pytest

from outcomes.models import Framework, FrameworkItem, Metric, Target
from schemes.models import RowVersion
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from tests.factories import a_person
from tests.outcomes.test_outcomes_page import PAGE, browser, text
from tests.outcomes.vale import a_framework, an_area, items, judged_by, metrics

pytestmark = pytest.mark.django_db

VERSION = {"code": "2018", "name": "Refreshed", "dated": "2018-03-09", "position": 1}
METRIC = {"code": "delays", "name": "Delays", "unit": "number", "direction": "decrease"}
METRIC |= {"frequency": "monthly", "per": 1, "decimals": 0, "position": 0}


@pytest.fixture
def ada(valley):
    return browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def test_from_nothing_to_a_framework_with_a_metric(valley, ada):
    an_area()
    sent = VERSION | {"expected_domains": 4, "baseline": "2015-16"}
    page = text(ada.post(f"{PAGE}/add-framework", sent, follow=True))
    assert "Refreshed" in page
    assert "0 of 4 domains: the source counts 4 and names none" in page
    here = f"{PAGE}/frameworks/2018"
    assert "Add a domain" in text(ada.get(f"{here}/add-item?level=domain"))
    item = {"code": "health", "level": "domain", "name": "Health", "parent": "", "position": 1}
    assert "Domain Health" in text(ada.post(f"{here}/add-item", item, follow=True))
    assert ada.post(f"{PAGE}/add-metric", METRIC | {"area": "vale"}).status_code == 302
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="falls", name="Falls")])
    linked = ada.post(f"{here}/items/health", {"act": "metric", "metric-to": "delays"}, follow=True)
    assert "Delays" in text(linked)
    ada.post(f"{here}/items/health", {"act": "scheme", "scheme-to": "falls"})
    page = text(ada.get(PAGE))
    assert "Schemes that contribute: Falls" in page
    assert page.index("Domain Health") < page.index("Delays")
    assert RowVersion.objects.filter(table="frameworkitem").count() == 1


def test_what_changes_keeps_what_the_form_does_not_show(valley, ada):
    an_area()
    metrics("delays", comparators=("vale",))
    sent = METRIC | {"why": "People wait.", "area": "vale"}
    assert ada.post(f"{PAGE}/metrics/delays/change", sent).status_code == 302
    found = Metric.objects.get()
    assert (found.why, found.comparators, found.area.code) == ("People wait.", ["vale"], "vale")
    target = {"code": "2018-19", "value": "91.3", "starts": "2018-04-01", "ends": "2019-03-31"}
    assert ada.post(f"{PAGE}/metrics/delays/add-target", target).status_code == 302
    assert "Target 2018-19" in text(ada.get(f"{PAGE}/metrics/delays/change"))
    ada.post(f"{PAGE}/metrics/delays/targets/2018-19", target | {"value": "92"})
    assert Target.objects.get().value == 92


@pytest.mark.parametrize(
    ("address", "sent", "said"),
    [
        ("add-framework", VERSION | {"code": "first"}, "There is a version with this code."),
        ("add-framework", VERSION | {"position": "x"}, "Place in the order: type a whole number."),
        ("add-framework", VERSION | {"dated": "spring"}, "Write as much as is known"),
        ("frameworks/first/add-item", {"code": "a", "name": "A"}, "Choose one of the list."),
        (
            "frameworks/first/add-item",
            {"code": "b", "name": "B", "level": "domain", "parent": "health", "position": 0},
            "A domain stands at the top and has no parent.",
        ),
        ("add-metric", METRIC | {"code": "falls"}, "There is a metric with this code."),
        ("add-metric", METRIC | {"code": "x", "fix_after": 1}, "greater than or equal to 2"),
        (
            "metrics/falls/add-target",
            {"code": "x", "value": "9", "starts": "2019-01-01", "ends": "2018-01-01"},
            "It ends before it starts.",
        ),
        ("metrics/falls/add-target", {"code": "x", "value": "many"}, "Type a number"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    valley, ada, address, sent, said
):
    a_framework()
    items("first", ("health", "domain", ""))
    metrics("falls", area="")
    before = (Framework.objects.count(), FrameworkItem.objects.count(), Metric.objects.count())
    answer = ada.post(f"{PAGE}/{address}", sent)
    assert said in text(answer, 422)
    assert f'value="{sent["code"]}"' in answer.content.decode()
    assert before == (
        Framework.objects.count(),
        FrameworkItem.objects.count(),
        Metric.objects.count(),
    )


def test_an_act_that_is_none_is_not_there(valley, ada):
    a_framework()
    items("first", ("health", "domain", ""))
    assert ada.post(f"{PAGE}/frameworks/first/items/health", {"act": "x"}).status_code == 404


def test_what_was_entered_by_mistake_is_taken_away_and_its_history_stays(valley, ada):
    a_framework(expected_domains=1)
    items("first", ("health", "domain", ""), ("helth", "domain", ""))
    assert "2 of 1 domains entered: one more than the source counts" in text(ada.get(PAGE))
    an_area()
    metrics("delays")
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="falls", name="Falls")])
    judged_by("first", "helth", "delays")
    here = f"{PAGE}/frameworks/first/items/helth"
    ada.post(here, {"act": "scheme", "scheme-to": "falls"})
    kept = text(ada.post(here, {"act": "remove"}), 422)
    assert "It still has metrics, schemes. Take these away first." in kept
    ada.post(here, {"act": "unlink-metric", "code": "delays"})
    ada.post(here, {"act": "unlink-scheme", "code": "falls"})
    assert ada.post(here, {"act": "unlink-scheme", "code": "falls"}).status_code == 404
    assert ada.post(here, {"act": "remove"}).status_code == 302
    assert list(FrameworkItem.objects.values_list("code", flat=True)) == ["health"]
    gone = RowVersion.objects.filter(values__removed=True).order_by("pk")
    assert [version.table for version in gone] == ["itemmetric", "itemscheme", "frameworkitem"]
    assert gone[2].values["code"] == "helth"
