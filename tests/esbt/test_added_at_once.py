"""Several people add the same by form at one moment: each has a row of its own, or is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from finance.models import UrgentAction
from schemes.models import Decision, Milestone, RowVersion
from schemes.people.roles import Role
from schemes.services.bodies import BodySpec, save_bodies
from tests.delivery import a_programme
from tests.factories import a_person, a_valley, evenly
from tests.web import browser_of

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "/systems/valley"


@pytest.fixture
def at_once():
    """Post forms to an address from as many browsers, all at one moment; their statuses."""
    valley = a_valley()
    line = valley.line(valley.moor, "reduction-plan", "moor-cuts")
    valley.plan({line: evenly("12")})
    save_bodies(by=None, specs=[BodySpec(system="valley", code="board", name="Board")])
    a_programme(valley.system)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)

    def post(address: str, forms: list[dict[str, str]]) -> list[int]:
        def send(sent: dict[str, str]) -> int:
            try:
                return browser.post(address, sent).status_code
            finally:
                connection.close()

        browser = browser_of(ada)
        browser.raise_request_exception = False
        with ThreadPoolExecutor(len(forms)) as pool:
            return sorted(pool.map(send, forms))

    return post


def test_urgent_actions_of_the_same_words_stand_beside_each_other(at_once):
    forms = [{"words": "Hire nurses", "due": f"2018-12-0{day}"} for day in (1, 2, 3, 4)]
    address = f"{HERE}/years/2018-19/reduction-plans/moor-cuts/add-urgent-action"
    assert at_once(address, forms) == [302, 422, 422, 422]  # the others are asked
    UrgentAction.objects.all().delete()
    assert at_once(address, [form | {"confirmed": "on"} for form in forms]) == [302] * 4
    dues = UrgentAction.objects.order_by("due").values_list("due", flat=True)
    assert list(dues) == [form["due"] for form in forms]


def test_decisions_of_the_same_words_stand_beside_each_other(at_once):
    forms = [{"words": "Open the ward", "on": f"2018-04-0{day}"} for day in (1, 2, 3, 4)]
    assert at_once(f"{HERE}/governance/board/add-decision", forms) == [302] * 4
    assert Decision.objects.count() == 4


def test_one_of_the_same_code_is_stored_and_the_others_are_told(at_once):
    forms = [{"code": "ward", "name": f"Ward {n}", "due": "2018-12"} for n in (1, 2, 3, 4)]
    assert at_once(f"{HERE}/add-milestone", forms) == [302, 422, 422, 422]
    assert Milestone.objects.filter(code="ward").count() == 1


def test_of_several_who_take_the_same_out_one_does_and_the_others_are_told(at_once):
    address = f"{HERE}/milestones/survey/remove"
    seen = RowVersion.objects.filter(table="milestone").latest("pk").pk
    assert Milestone.objects.get(code="survey").pk == RowVersion.objects.get(pk=seen).row
    first, *others = at_once(address, [{"reason": "Double", "seen": str(seen)}] * 4)
    assert first == 302
    assert {*others} <= {404, 422}
    assert not Milestone.objects.filter(code="survey").exists()
