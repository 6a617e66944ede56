"""Steps of control limits by page: which area they are for, whether they begin something."""

import pytest
from django.test import Client

from outcomes.models import Step
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import a_delay
from tests.outcomes.test_outcomes_page import text

HERE = "/systems/valley/outcomes/metrics/delays/steps"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    a_delay(valley.system, [30, 31, 32])  # January to March 2017
    return browser


def test_another_reason_is_asked_about_and_the_earlier_one_is_shown(cora):
    sent = {"on": "2017-02", "reason": "Home first began", "area": "vale"}
    cora.post(HERE, sent)
    sent["reason"] = "Counting changed"
    page = text(cora.post(HERE, sent), 422)
    assert "A step stands there already: Home first began. Change its reason?" in page
    assert Step.objects.get().reason == "Home first began"
    assert cora.post(HERE, sent | {"change": "yes"}).status_code == 302
    assert Step.objects.get().reason == "Counting changed"
    assert "Counting changed earlier: Home first began (cora," in text(cora.get(HERE))


def test_a_new_step_is_for_the_area_of_the_page_at_first(cora):
    assert cora.get(f"{HERE}?area=vale").context["form"]["area"].value() == "vale"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (
            "2030-05",
            "No value starts on or after 1 May 2030, so that limits would not start anew there. "
            "Values start from 1 January 2017 to 1 March 2017: choose a day after the first, up to "
            "the last.",
        ),
        ("2017-01", "No value starts before 1 January 2017, so that"),
        ("2017-02", ""),
    ],
)
def test_a_step_that_would_begin_nothing_is_refused_with_the_remedy(cora, on, said):
    sent = {"on": on, "reason": "Home first", "area": "vale"}
    answer = cora.post(HERE, sent)
    assert answer.status_code == (422 if said else 302)
    if said:
        page = text(answer, 422)
        assert said in page
        assert f'value="{on}"' in answer.content.decode()
    assert Step.objects.exists() == (not said)
