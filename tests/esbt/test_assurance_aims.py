"""What a statement of assurance is held against, and where a person says another thing."""

from datetime import date

import pytest
from django.utils import timezone

from outcomes.services import TargetSpec, save_targets
from schemes.models import Assurance
from schemes.people.roles import Role
from tests.delivery import PLAN, a_review
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_person
from tests.outcomes.measured import FALLING, a_delay, monthly, record

pytestmark = pytest.mark.django_db

ADD = f"{PLAN}/areas/1/add-assurance"
FEWER = {"words": "Far fewer days", "metric": "delays"}


@pytest.fixture
def ada(valley, client):
    """The administrator's browser; 24 delayed days in September 2018, without a target."""
    a_review(valley.system)
    a_delay(valley.system)
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def test_a_statement_may_have_its_own_target(ada, valley):
    assert ada.post(ADD, FEWER | {"target": "26"}).status_code == 302
    said = text(ada.get(PLAN))
    assert "Met Far fewer days Delayed days : 24 in September 2018, target 26" in said
    # it stands before the metric's own
    aim = TargetSpec(system="valley", metric="delays", code="aim", value=20)
    save_targets(by=None, specs=[aim])
    assert "September 2018, target 26" in text(ada.get(PLAN))
    address = f"{PLAN}/areas/1/assurances/far-fewer-days"
    page = ada.get(address)
    assert page.context["form"]["target"].value() == "26"
    assert ada.post(address, {"seen": seen(page), "metric": "delays"}).status_code == 302
    assert "Not met Far fewer days Delayed days : 24 in September 2018, target 20" in text(
        ada.get(PLAN)
    )


def test_or_an_area_that_it_has_to_be_better_than(ada, valley):
    assert ada.post(ADD, FEWER | {"better_than": "land"}).status_code == 302
    record(valley.system, *monthly("delays", "land", [*[None] * (len(FALLING) - 1), 25]))
    assert "Met Far fewer days Delayed days : 24 in September 2018, The land 25" in text(
        ada.get(PLAN)
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"target": "few"}, "This is not a number. Type it as 90.5."),
        ({"target": "9", "better_than": "land"}, "Give a target, or an area to be better than"),
        ({"target": "9", "metric": ""}, "Choose the metric that has to reach this."),
        ({"better_than": "land", "metric": ""}, "Choose the metric that has to reach this."),
        ({"better_than": "nowhere"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_held_against_a_value_is_refused(ada, sent, said):
    answer = ada.post(ADD, FEWER | sent)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Far fewer days" in answer.content.decode()
    assert not Assurance.objects.filter(words="Far fewer days").exists()


def test_a_no_beside_a_value_that_meets_its_target_is_told(ada):
    ada.post(ADD, FEWER | {"target": "25", "met": "no"})
    today: date = timezone.localdate()
    day = f"{today.day} {today:%B %Y}"
    told = f"The value meets the target of 25; the review said No on {day}."
    assert told in text(ada.get(PLAN))
    stated = ada.get("/api/v1/systems/valley/actions/1-1").json()["assurances"]
    assert [item["apart"] for item in stated if item["code"] == "far-fewer-days"] == [told]
    address = f"{PLAN}/areas/1/assurances/far-fewer-days"
    sent = {"seen": seen(ada.get(address)), "metric": "delays", "target": "20", "met": "yes"}
    ada.post(address, sent | {"shown_by": "Report 4"})
    told = f"The value does not meet the target of 20; the review said Yes on {day}."
    assert told in text(ada.get(PLAN))
    sent |= {"seen": seen(ada.get(address)), "met": "no"}
    ada.post(address, sent)
    assert "the review said" not in text(ada.get(PLAN))
