"""The API of delivery: actions as of a day, milestones, workstreams and the calendar."""

import pytest

from outcomes.services import TargetSpec, save_targets
from schemes.models import Action
from schemes.people.roles import Role
from schemes.services.actions import (
    ActionPlanSpec,
    AreaSpec,
    save_action_areas,
    save_action_plans,
    save_actions,
)
from schemes.services.progress import report_action
from tests.delivery import a_programme, a_review, an_action
from tests.factories import a_person
from tests.outcomes.measured import a_delay

pytestmark = pytest.mark.django_db
API = "/api/v1/systems/valley"


@pytest.fixture
def cora(valley, client):
    a_review(valley.system)
    a_programme(valley.system)
    client.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return client


def test_actions_as_of_a_day(cora):
    found = cora.get(f"{API}/actions?as_of=2018-08-01").json()
    rows = found.pop("rows")
    assert found == {
        "system": "valley", "as_of": "2018-08-01", "count": 8, "live": 6, "overdue": 2, "due": 1,
        "ongoing": 1, "done": 1, "undated": 1, "stopped": 1, "blocked": 1, "without_assurance": 2,
    }  # fmt: skip
    row = next(row for row in rows if row["code"] == "1-2")
    assert (row["due"], row["last_day"], row["days_overdue"]) == ("2018-07", "2018-07-31", 1)
    assert (row["needs"], row["blocked_by"], row["owner"]) == (["2-1"], ["2-1"], "moor")
    assert cora.get(f"{API}/actions?as_of=2018-06-30").json()["overdue"] == 0
    some = cora.get(f"{API}/actions?as_of=2018-08-01&status=overdue&owner=moor").json()
    assert [row["number"] for row in some["rows"]] == ["1.2"]
    assert cora.get(f"{API}/actions?as_of=soon").status_code == 422


def test_an_action_in_full(cora, valley):
    a_delay(valley.system)
    save_targets(
        by=None, specs=[TargetSpec(system="valley", metric="delays", code="aim", value=25)]
    )
    save_actions(by=None, specs=[an_action("2.1", due="2018-10")])
    action = Action.objects.get(code="1-1")
    cora_herself = a_person("carl", Role.COMMISSIONER, system=valley.system)
    report_action(by=cora_herself, action=action, text="Begun.", changed={})
    first = cora.get(f"{API}/actions/1-1").json()
    assert [note["text"] for note in first["notes"]] == ["Begun."]
    by_code = {item["code"]: item for item in first["assurances"]}
    assert by_code["a"]["state"] == "met"
    assert (by_code["a"]["value"], by_code["a"]["target"]) == ("24", "25")
    assert by_code["b"]["state"] == "unsaid"
    moved = cora.get(f"{API}/actions/2-1?as_of=2018-08-01").json()
    assert (moved["needed_by"], moved["seen_from"]) == (["1-2"], ["1-4"])
    slip = moved["slips"][0]
    assert (slip["before"], slip["after"], slip["days"]) == ("2018-09", "2018-10", None)
    assert (slip["by"], slip["why"]) == ("one month later", "")


def test_an_action_of_several_plans_is_named_with_its_plan(cora):
    other = ActionPlanSpec(system="valley", code="other", name="Other")
    save_action_plans(by=None, specs=[other])
    area = AreaSpec(system="valley", plan="other", code="1", name="One")
    save_action_areas(by=None, specs=[area])
    spec = an_action("1.1")
    save_actions(by=None, specs=[type(spec)(**{**vars(spec), "plan": "other"})])
    asked = cora.get(f"{API}/actions/1-1")
    assert asked.status_code == 422
    assert "Name one of other, review" in asked.json()["detail"]
    assert cora.get(f"{API}/actions/1-1?plan=other").json()["plan"] == "other"
    assert cora.get(f"{API}/actions/9-9").status_code == 404


def test_milestones_workstreams_and_the_calendar(cora):
    found = cora.get(f"{API}/milestones?as_of=2018-08-01").json()
    assert (found["count"], found["overdue"]) == (3, 1)
    offer = next(row for row in found["rows"] if row["code"] == "offer")
    assert offer["earlier_dates"] == ["2018-04", "2018-06"]
    (stream,) = cora.get(f"{API}/workstreams?as_of=2018-08-01").json()["rows"]
    assert (stream["overdue"], stream["next"], stream["milestones"]) == (1, "offer", 2)
    assert [project["code"] for project in stream["projects"]] == ["teams"]
    dues = cora.get(f"{API}/calendar?from=2018-07-31&to=2018-08-31&as_of=2018-08-01").json()
    assert [(row["key"], row["words"], row["standing"]) for row in dues["rows"]] == [
        ("review-1-2", "due in July 2018", "overdue"),
        ("launch", "due in July 2018", "overdue"),
    ]


def test_what_is_asked_for_takes_as_many_queries_for_many_as_for_few(cora, query_count):
    def asked() -> int:
        return query_count(lambda: cora.get(f"{API}/actions?as_of=2018-08-01"))

    asked()
    few = asked()
    save_actions(by=None, specs=[an_action(f"1.{n}", due="2018-08") for n in range(10, 1000)])
    assert asked() == few <= 8
