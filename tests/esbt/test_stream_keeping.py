"""Workstreams, projects and what milestones wait for, by page."""

import pytest

from schemes.models import MilestoneNeed, Project, Workstream
from schemes.people.roles import Role
from schemes.services.workstreams import MilestoneNeedSpec, save_milestone_needs
from tests.delivery import a_programme, a_review
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_person

pytestmark = pytest.mark.django_db

HERE = "/systems/valley"
HOME = f"{HERE}/workstreams/home"


@pytest.fixture
def ada(valley, client):
    """The administrator's browser, in a system with a workstream and milestones."""
    a_review(valley.system)
    a_programme(valley.system)
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def test_a_workstream_with_a_project_is_added_and_changed(ada):
    assert f'href="{HERE}/add-workstream"' in ada.get(f"{HERE}/workstreams").content.decode()
    sent = {"name": "Urgent care", "lead": "hill", "lead_role": "Chief Nurse", "body": "board"}
    sent |= {"position": "2"}
    named = ada.post(f"{HERE}/add-workstream", sent | {"lead_role": "Ada Lovelace"})
    assert "This looks like the name of a person." in text(named)
    made = ada.post(f"{HERE}/add-workstream", sent)
    assert made["Location"] == f"{HERE}/workstreams/urgent-care"
    stream = Workstream.objects.select_related("lead", "body").get(code="urgent-care")
    assert (stream.lead.code, stream.body.code, stream.position) == ("hill", "board", 2)
    add = f"{HERE}/workstreams/urgent-care/add-project"
    odd = ada.post(add, {"name": "Hub", "starts": "2019", "ends": "2018", "position": "1"})
    assert "It ends before it starts." in text(odd)
    right = {"name": "Hub", "starts": "June 2018", "ends": "2019", "position": "1"}
    assert ada.post(add, right)["Location"] == f"{HERE}/workstreams/urgent-care"
    assert Project.objects.get(code="hub").starts == "2018-06"
    again = ada.post(f"{HERE}/add-workstream", {"name": "urgent CARE", "position": "3"})
    assert "There is one of this name already: Urgent care." in text(again)


def test_a_change_keeps_the_code_and_refuses_to_overwrite_unseen(ada):
    page = ada.get(f"{HOME}/change")
    sent = {"seen": seen(page), "name": "Closer to home", "position": "1", "programme": "Together"}
    assert ada.post(f"{HOME}/change", sent)["Location"] == HOME
    assert "Name: from “Care at home” to “Closer to home”" in text(ada.get(HOME))
    stale = ada.post(f"{HOME}/change", sent | {"note": "Typed at length."})
    assert stale.status_code == 409
    assert "Typed at length." in text(stale)
    team = f"{HOME}/projects/teams"
    sent = {"seen": seen(ada.get(team)), "name": "Locality teams", "position": "1"}
    assert ada.post(team, sent | {"status": "in-progress"})["Location"] == HOME
    assert "Name: from “Teams” to “Locality teams”" in text(ada.get(HOME))


def test_what_comes_before_a_milestone_is_said_and_taken_off_with_the_reason(ada):
    circle = ada.post(f"{HERE}/milestones/offer/add-need", {"other": "launch"})
    assert circle.status_code == 422
    assert "needs" in circle.context["form"].errors["other"][0]
    assert ada.post(f"{HERE}/milestones/launch/add-need", {"other": "launch"}).status_code == 422
    assert ada.post(f"{HERE}/milestones/launch/add-need", {"other": "survey"}).status_code == 302
    page = text(ada.get(f"{HERE}/milestones/launch"))
    assert "it cannot be reached before Survey." in page
    gone = f"{HERE}/milestones/launch/needs/offer/remove"
    assert f'href="{gone}"' in ada.get(f"{HERE}/milestones/launch").content.decode()
    assert "Say why it is taken out." in text(ada.post(gone, {"reason": " "}))
    assert ada.post(gone, {"reason": "They go side by side."}).status_code == 302
    page = text(ada.get(f"{HERE}/milestones/launch"))
    assert "it waits no more for Offer. They go side by side." in page
    spec = MilestoneNeedSpec(system="valley", milestone="launch", other="offer")
    save_milestone_needs(by=None, specs=[spec])  # a package that is loaded again
    assert [need.other.code for need in MilestoneNeed.objects.all()] == ["survey"]
