"""Values typed on a page, and steps set and taken back: faults at the field, nothing lost."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from outcomes.forms import next_period
from outcomes.models import Observation, ObservationRevision, Step
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import a_delay, a_share, monthly, record

HERE = "/systems/valley/outcomes/metrics/delays"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def fields(browser, address: str) -> dict[str, str]:
    """What the form would send untouched."""
    sent = {}
    for form in browser.get(address).context["forms"]:
        for field in form:
            value = field.value()
            sent[field.html_name] = "" if value is None else str(value)
            if not sent[field.html_name] and field.name == "standing":
                sent[field.html_name] = "final"
    return sent


def test_the_next_period_follows_the_latest():
    may = (date(2018, 5, 1), date(2018, 5, 31))
    assert next_period("monthly", may) == (date(2018, 6, 1), date(2018, 6, 30))
    assert next_period("quarterly", may) == (date(2018, 6, 1), date(2018, 8, 31))
    year = (date(2017, 4, 1), date(2018, 3, 31))
    assert next_period("yearly", year) == (date(2018, 4, 1), date(2019, 3, 31))
    assert next_period("two-yearly", year) == (date(2019, 4, 1), date(2020, 3, 31))
    assert next_period("weekly", may) == (date(2018, 6, 1), date(2018, 6, 7))
    assert next_period("snapshot", may) is None
    assert next_period("monthly", None) is None


def test_a_new_value_is_typed_into_the_next_period(valley, cora):
    a_delay(valley.system, [30, 31])
    sent = fields(cora, f"{HERE}/enter")
    assert (sent["row0-starts"], sent["row0-ends"]) == ("2017-03-01", "2017-03-31")
    answer = cora.post(f"{HERE}/enter", {**sent, "row0-value": "1,032.5"})
    assert answer["Location"] == f"{HERE}?area=vale"
    new = Observation.objects.get(starts=date(2017, 3, 1))
    assert (new.value, new.revision) == (Decimal("1032.5"), 1)
    assert ObservationRevision.objects.count() == 3  # what was not touched is not saved again


def test_a_value_is_corrected_and_a_blank_new_row_is_none(valley, cora):
    a_delay(valley.system, [30, 31])
    cora.post(f"{HERE}/enter", {**fields(cora, f"{HERE}/enter"), "row2-value": "29"})
    assert Observation.objects.get(starts=date(2017, 1, 1)).value == 29
    assert Observation.objects.count() == 2


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(valley, cora):
    a_delay(valley.system, [30])
    sent = {**fields(cora, f"{HERE}/enter"), "row0-value": "12x", "row1-comment": "Mine"}
    answer = cora.post(f"{HERE}/enter", sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "&#x27;12x&#x27; is not a number. Type digits, such as 1,234.5." in text
    assert 'href="#id_row0-value"' in text
    assert "Mine" in text
    sent |= {"row0-value": "12", "row0-standing": "suppressed"}
    answer = cora.post(f"{HERE}/enter", sent)
    assert answer.context["forms"][0].errors == {
        "value": ["What is suppressed has no figures; leave it blank."]
    }
    assert Observation.objects.get().comment == ""


def test_a_conflict_shows_both_and_a_second_save_stands(valley, cora):
    a_delay(valley.system, [30, 31])
    sent = {**fields(cora, f"{HERE}/enter"), "row1-value": "32"}
    record(valley.system, *monthly("delays", "vale", [29, 33]))  # meanwhile both moved
    answer = cora.post(f"{HERE}/enter", sent)
    assert answer.status_code == 409
    (newer,) = answer.context["newer"]  # only what was typed; the other is not touched
    assert newer.period == "February 2017"
    assert (newer.theirs, newer.yours) == ("33, final", "32, final")
    again = {f.html_name: str(f.value() or "") for form in answer.context["forms"] for f in form}
    assert again["row1-value"] == "32"
    assert cora.post(f"{HERE}/enter", again).status_code == 302
    assert Observation.objects.get(starts=date(2017, 2, 1)).value == 32
    assert Observation.objects.get(starts=date(2017, 1, 1)).value == 29


def test_a_share_follows_from_its_counts(valley, cora):
    a_share(valley.system, [("vale", 60, 100)])
    there = HERE.replace("delays", "home")
    cora.post(f"{there}/enter", {**fields(cora, f"{there}/enter"), "row1-numerator": "61"})
    assert Observation.objects.get().value == 61


def test_a_period_that_is_no_day_is_told(valley, cora):
    a_delay(valley.system, [])
    sent = {"row0-standing": "final", "row0-starts": "soon", "row0-ends": "2018-03-31"}
    answer = cora.post(f"{HERE}/enter", sent)
    assert "This is not a day. Type it as 2018-04-01." in answer.content.decode()


def test_a_step_is_set_and_taken_back(valley, cora):
    a_delay(valley.system)
    sent = {"on": "2018-03", "reason": "Home first", "area": "vale"}
    assert cora.post(f"{HERE}/steps", sent).status_code == 302
    step = Step.objects.get()
    assert (step.on, step.area.code, step.taken_back) == (date(2018, 3, 1), "vale", False)
    assert len(cora.get(HERE).context["page"].chart.figure["layout"]["shapes"]) == 1
    assert cora.post(f"{HERE}/steps", {"back": step.pk}).status_code == 302
    assert "shapes" not in cora.get(HERE).context["page"].chart.figure["layout"]
    assert cora.post(f"{HERE}/steps", {"back": step.pk}).status_code == 404
    cora.post(f"{HERE}/steps", sent)  # set again
    step.refresh_from_db()
    assert not step.taken_back


@pytest.mark.parametrize("on", ["2018", "2018-Q1", "2018-13", "FY2017-18", "2018-spring", "x", ""])
def test_a_step_needs_a_month_and_a_reason(valley, cora, on):
    a_delay(valley.system)
    answer = cora.post(f"{HERE}/steps", {"on": on, "reason": "", "area": ""})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"on", "reason"}
    assert not Step.objects.exists()
