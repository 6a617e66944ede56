"""Action plan, governance, programme and registers, against what was read from the sources."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from esbt import loading
from outcomes.models import Metric
from schemes.models import Action, ActionArea, ActionLink, ActionPlan, Assurance

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


# the action plan after the local area review


def test_the_action_plan_has_ten_areas_and_thirty_seven_rows():
    plan = ActionPlan.objects.get()
    assert (plan.code, plan.body.code) == ("local-review", "health-wellbeing-board")
    assert (plan.owner_role, plan.support_ends) == (
        "Director of Adult Social Care and Health",
        "2018-08",
    )
    areas = Counter(Action.objects.values_list("area__position", flat=True))
    assert areas == {1: 2, 2: 3, 3: 3, 4: 5, 5: 1, 6: 4, 7: 6, 8: 5, 9: 3, 10: 5}
    assert ActionArea.objects.count() == 10
    assert Action.objects.count() == 37
    assert [item.number for item in Action.objects.filter(pointer=True)] == ["7.6"]
    assert [item.number for item in Action.objects.filter(ongoing=True)] == ["4.4"]


def test_actions_are_due_in_months_that_stand_in_the_plan():
    assert Counter(Action.objects.values_list("due", flat=True)) == {
        "2018-06": 6,
        "2018-07": 20,
        "2018-08": 1,
        "2018-09": 8,
        "": 2,
    }


@pytest.mark.parametrize(
    ("as_of", "overdue"),
    [
        (date(2018, 6, 30), 0),
        (date(2018, 7, 1), 6),
        (date(2018, 8, 1), 26),
        (date(2018, 9, 1), 27),
        (date(2018, 10, 1), 35),
    ],
)
def test_a_month_is_past_when_the_next_one_begins(as_of, overdue):
    """Counted here by hand, month by month: whatever shows it must come to the same."""
    month = f"{as_of.year}-{as_of.month:02d}"
    live = Action.objects.filter(pointer=False, ongoing=False).exclude(due="")
    assert sum(item.due < month for item in live) == overdue


def test_six_rows_run_over_two_pages():
    split = Action.objects.filter(note__contains="The row runs over two pages")
    assert [item.number for item in split] == ["4.2", "7.1", "7.4", "8.1", "9.2", "10.4"]


def test_actions_refer_to_each_other_as_the_plan_does():
    found: dict[str, list[str]] = {}
    for link in ActionLink.objects.select_related("action", "other"):
        found.setdefault(f"{link.action.number} {link.kind}", []).append(link.other.number)
    assert {name: sorted(others) for name, others in found.items()} == {
        "1.1 see": ["2.1", "2.2", "2.3"],
        "4.2 see": ["10.4", "7.4"],
        "6.4 see": ["10.1", "10.2", "10.3", "10.4", "10.5"],
        "7.6 see": ["8.3", "8.5"],
        "8.3 see": ["5.1"],
        "8.4 see": ["7.5"],
        "10.2 see": ["10.1"],
        "10.4 needs": ["10.1", "10.2", "10.3"],
    }


def test_actions_are_owned_by_roles_and_organisations():
    for action in Action.objects.filter(pointer=False):
        assert action.owner_role or action.owner, action
    assert [
        item.number for item in Action.objects.filter(owner_role="", pointer=False)
    ] == ["5.1", "10.2"]
    assert Action.objects.filter(body__code="ae-delivery-board").count() == 5


def test_what_assures_the_areas_and_by_which_metric():
    """21 statements in words, and 8 cells with a metric, of which one has two."""
    assert Assurance.objects.filter(metric="").count() == 21
    measured = Assurance.objects.exclude(metric="").values_list("metric", flat=True)
    assert len(measured) == 9
    known = Metric.objects.filter(system__code="east-sussex").values_list("code", flat=True)
    assert set(measured) <= set(known)
    beside = Assurance.objects.exclude(action=None).values_list("action__number", flat=True)
    assert sorted(beside) == ["1.1", "1.2", "2.1", "2.2"]
    assert {item.met for item in Assurance.objects.all()} == {None}
