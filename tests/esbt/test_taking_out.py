"""What was added by mistake is taken out with a reason, and a second of one name is asked about."""

import csv
from io import StringIO

import pytest

from finance.models import UrgentAction
from finance.services import UrgentActionSpec, save_urgent_actions
from schemes.models import (
    Action,
    ActionArea,
    ActionLink,
    ActionPlan,
    Assurance,
    Body,
    Meeting,
    Milestone,
    Risk,
    RowVersion,
)
from schemes.people.roles import Role
from schemes.services.actions import ActionLinkSpec, save_action_links, save_actions
from tests.delivery import PLAN, a_meeting, a_programme, a_review, an_action
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_person, report

pytestmark = pytest.mark.django_db

HERE = "/systems/valley"
YEAR = "/systems/valley/years/2018-19"
WHY = {"reason": "Added by mistake."}


@pytest.fixture
def ada(valley, client):
    """The administrator's browser, in a system with a plan, a meeting and milestones."""
    a_review(valley.system)
    a_programme(valley.system)
    a_meeting("2018-07-10")
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def taken(browser, address, **more):
    """The answer to taking something out as its page shows it."""
    return browser.post(address, WHY | {"seen": seen(browser.get(address))} | more)


def test_an_action_goes_with_its_links_and_no_package_brings_it_back(ada, valley):
    address = f"{PLAN}/actions/1-2/remove"
    assert f'href="{address}"' in ada.get(f"{PLAN}/actions/1-2").content.decode()
    assert "Say why it is taken out." in text(taken(ada, address, reason=" "))
    assert ada.post(address, WHY | {"seen": "0"}).status_code == 422  # not as it was seen
    assert taken(ada, address)["Location"] == PLAN
    assert not Action.objects.filter(code="1-2").exists()
    assert not ActionLink.objects.filter(kind="needs").exists()
    last = RowVersion.objects.filter(table="action", values__removed=True).get()
    assert (last.actor.username, last.values["reason"]) == ("ada", "Added by mistake.")
    a_review(valley.system)  # as before, its links too
    assert not Action.objects.filter(code="1-2").exists()
    assert not ActionLink.objects.filter(kind="needs").exists()
    ada.get(PLAN)  # which says that it was taken out
    assert "Agree one vision" not in text(ada.get(PLAN))
    # a new link of a package that names it says nothing
    link = ActionLinkSpec(system="valley", plan="review", action="1-1", other="1-2", kind="see")
    save_action_links(by=None, specs=[link])
    assert ActionLink.objects.count() == 1


def test_what_is_taken_out_stays_in_the_audit_with_the_reason(ada):
    sent = {"code": "trial", "name": "A trial", "due": "2018-09"}
    assert ada.post(f"{HERE}/add-milestone", sent).status_code == 302
    taken(ada, f"{HERE}/milestones/trial/remove")
    rows = list(csv.DictReader(StringIO(ada.get(f"{HERE}/audit.csv").content.decode())))
    told = [(row["action"], row["reason"]) for row in rows if row["row"] == "A trial"]
    assert told == [("milestone taken out", "Added by mistake."), ("milestone added", "")]
    said = text(ada.get(f"{HERE}/audit?action=milestone"))
    assert "Added by mistake." in said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (PLAN, "2 action areas"),
        (f"{PLAN}/areas/1", "4 actions and 2 assurances"),
        (f"{PLAN}/actions/2-1", "2 actions that name it and 1 assurance"),
        (f"{HERE}/governance/board", "1 meeting, 1 action plan and 2 actions"),
        (f"{HERE}/milestones/offer", "1 milestone that waits for it"),
        (f"{HERE}/workstreams/home", "1 project and 2 milestones"),
    ],
)
def test_what_hangs_on_it_is_told_and_keeps_it_in(ada, address, said):
    answer = taken(ada, f"{address}/remove")
    assert answer.status_code == 422
    assert f"On this hangs what would be lost: {said}. See to" in text(answer).replace(
        ", or say that it is stopped", ""
    )
    assert "Added by mistake." in answer.content.decode()  # nothing typed is lost


def test_an_action_that_was_reported_on_stays(ada):
    ada.post(f"{PLAN}/actions/2-4", {"text": "Begun."})
    assert "1 note of its progress" in text(taken(ada, f"{PLAN}/actions/2-4/remove"))


def test_everything_else_goes_from_the_leaves_up(ada, valley):
    line = valley.line(valley.moor, "reduction-plan", "cuts")
    report(line, 1, "1")
    urgent = UrgentActionSpec(line="cuts", code="shifts", words="Approve shifts", due="2018-08")
    save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=[urgent])
    for address in (
        f"{PLAN}/areas/2/assurances/a",
        f"{HERE}/governance/board/meeting/july",
        f"{HERE}/milestones/launch",
        f"{HERE}/workstreams/home/projects/teams",
        f"{HERE}/milestones/offer",
        f"{HERE}/workstreams/home",
        f"{YEAR}/reduction-plans/cuts/urgent-actions/shifts",
    ):
        assert taken(ada, f"{address}/remove").status_code == 302, address
        assert ada.get(f"{address}/remove").status_code == 404
    plan = text(ada.get(f"{YEAR}/reduction-plans/cuts"))
    assert "taken away (Added by mistake.)" in plan
    assert not UrgentAction.objects.exists()
    a_programme(valley.system)
    a_meeting("2018-07-10")
    save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=[urgent])
    assert not UrgentAction.objects.exists()
    assert [item.code for item in Milestone.objects.all()] == ["survey"]
    assert not Meeting.objects.exists()
    assert Assurance.objects.count() == 2
    assert ada.get(f"{HERE}/governance/board/action/1-1/remove").status_code == 404


def test_one_that_is_added_again_may_be_loaded_below(ada, valley):
    taken(ada, f"{PLAN}/actions/1-2/remove")
    sent = {"number": "1.2", "name": "Agree one vision"}
    assert ada.post(f"{PLAN}/areas/1/add-action", sent).status_code == 302
    link = ActionLinkSpec(system="valley", plan="review", action="1-2", other="2-2", kind="see")
    save_action_links(by=None, specs=[link])
    assert ActionLink.objects.filter(action__code="1-2", other__code="2-2").exists()
    save_actions(by=None, specs=[an_action("1.9")])
    assert ActionArea.objects.get(code="1").actions.count() == 5


@pytest.mark.parametrize(
    ("address", "sent", "model"),
    [
        (f"{HERE}/add-action-plan", {"name": "answer to the Review "}, ActionPlan),
        (f"{HERE}/add-body", {"name": "Health board"}, Body),
        (f"{HERE}/governance/board/add-meeting", {"on": "10 July 2018"}, Meeting),
        (f"{HERE}/add-milestone", {"code": "offer-two", "name": "OFFER"}, Milestone),
        (f"{PLAN}/areas/1/add-assurance", {"words": "A vision is agreed"}, Assurance),
    ],
)
def test_a_second_of_one_name_is_asked_about(ada, address, sent, model):
    before = model.objects.count()
    asked = ada.post(address, sent | {"note": "Typed at length."})
    assert asked.status_code == 422
    said = text(asked)
    assert "There is one" in said
    assert "already" in said
    assert "Do you mean to add a second?" in said
    assert "It is meant so: save it" in said
    assert "Typed at length." in said
    assert model.objects.count() == before
    assert ada.post(address, sent | {"confirmed": "on"}).status_code == 302
    assert model.objects.count() == before + 1


def test_so_is_a_second_urgent_action_and_a_second_risk(ada, valley):
    report(valley.line(valley.moor, "reduction-plan", "cuts"), 1, "1")
    for address, sent, model in (
        (f"{YEAR}/reduction-plans/cuts/add-urgent-action", {"words": "Stop", "due": "2018-09"},
         UrgentAction),
        (f"{YEAR}/add-risk", {"name": "Winter", "status": "open", "stands_as": "net"}, Risk),
    ):  # fmt: skip
        first = ada.post(address, sent)
        assert first.status_code == 302, text(first)
        asked = ada.post(address, sent)
        assert asked.status_code == 422
        assert "There is one of this name already" in text(asked)
        assert ada.post(address, sent | {"confirmed": "on"}).status_code == 302
        assert model.objects.count() == 2


def test_the_page_stands_within_delivery_and_leads_back(ada):
    for address in (f"{HERE}/add-workstream", f"{HERE}/governance/board/remove", f"{PLAN}/remove"):
        context = ada.get(address).context
        assert [way["label"] for way in context["nav"] if way["current"]] == ["Delivery"], address
    context = ada.get(f"{PLAN}/areas/1/remove").context
    assert context["crumbs"][-1] == {"label": "Action plan", "href": PLAN}
