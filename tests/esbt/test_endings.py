"""Closing an action or a milestone: why it is stopped, and what is still open before it."""

import pytest

from schemes.models import Action
from schemes.people.roles import Role
from tests.delivery import PLAN, a_programme, a_review
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_person

pytestmark = pytest.mark.django_db

ONE = f"{PLAN}/actions/1-1"


@pytest.fixture
def ada(valley, client):
    """The administrator's browser, in a system with a plan and milestones."""
    a_review(valley.system)
    a_programme(valley.system)
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


@pytest.mark.parametrize("page", ["", "/change"])
def test_stopping_an_action_asks_why(ada, page):
    address = f"{ONE}{page}"
    sent = {"number": "1.1", "name": "Review the board", "due": "2018-06", "done_on": "3 July 2018"}
    sent |= {"seen": seen(ada.get(address))}
    silent = ada.post(address, sent | {"status": "stopped", "stopped_because": " "})
    assert silent.status_code == 422
    assert silent.context["form"].errors["stopped_because"] == ["Say why it is stopped."]
    why = {"stopped_because": "The hub is built instead."}
    unlike = ada.post(address, sent | why | {"status": "done", "shown_by": "Minute 4"})
    assert "Choose Stopped as its status, or leave this blank." in text(unlike)
    assert ada.post(address, sent | why | {"status": "stopped"}).status_code == 302
    said = text(ada.get(f"{ONE}?as_of=2018-07-03"))
    assert "Stopped 3 July 2018. Why: The hub is built instead." in said
    assert "one done, one ongoing and one without a date; two stopped." in text(
        ada.get(f"{PLAN}?as_of=2018-08-01")
    )
    row = ada.get("/api/v1/systems/valley/actions").json()["rows"][0]
    assert row["stopped_because"] == "The hub is built instead."
    # taken up again, the reason is no longer said
    again = sent | why | {"seen": seen(ada.get(address)), "status": "in-progress", "done_on": ""}
    assert ada.post(address, again).status_code == 302
    assert Action.objects.get(code="1-1").stopped_because == ""


def test_what_waits_for_something_open_is_done_only_when_that_is_meant(ada):
    address = f"{PLAN}/actions/1-2"  # which waits for 2.1
    for page in (address, f"{address}/change"):
        sent = {"seen": seen(ada.get(page)), "status": "done", "done_on": "2018-07-31"}
        sent |= {"shown_by": "Minute 5", "number": "1.2", "name": "Agree one vision"}
        asked = ada.post(page, sent)
        assert asked.status_code == 422
        said = text(asked)
        assert "It waits for 2.1 Trusted assessors, which is open still. Is it done" in said
        assert "It is meant so: save it" in said
        assert Action.objects.get(code="1-2").status == ""
        assert "Minute 5" in said
        # what is refused besides asks no less
        ada.post(page, sent | {"confirmed": "on", "done_on": "2099"})
        assert Action.objects.get(code="1-2").status == ""
    assert ada.post(address, sent | {"confirmed": "on"}).status_code == 302
    assert "Done 31 July 2018, though 2.1 is open." in text(ada.get(f"{address}?as_of=2018-08-01"))
    assert "Done, though 2.1 is open" in text(ada.get(f"{PLAN}?as_of=2018-08-01"))
    # done once, it is not asked again
    again = {"seen": seen(ada.get(address)), "shown_by": "Minute 6", "status": "done"}
    assert ada.post(address, again | {"done_on": "2018-07-31"}).status_code == 302
    other = {"seen": seen(ada.get(f"{PLAN}/actions/2-1")), "status": "done", "done_on": "2018-08"}
    assert ada.post(f"{PLAN}/actions/2-1", other | {"shown_by": "List"}).status_code == 302
    assert "Done 31 July 2018." in text(ada.get(f"{address}?as_of=2018-09-01"))


def test_a_milestone_that_waits_for_an_open_one_is_asked_about_too(ada):
    address = "/systems/valley/milestones/launch"  # which waits for the offer
    for page in (address, f"{address}/change"):
        sent = {"seen": seen(ada.get(page)), "status": "done", "done": "2018-07-20"}
        sent |= {"name": "Launch", "note": "With guests"}
        asked = ada.post(page, sent)
        assert asked.status_code == 422
        assert "It waits for Offer, which is open still." in text(asked)
        assert "With guests" in text(asked)
    assert ada.post(address, sent | {"confirmed": "on"}).status_code == 302
    said = text(ada.get(f"{address}?as_of=2018-08-01"))
    assert "Reached 20 July 2018, though Offer is open." in said


@pytest.mark.parametrize("page", ["", "/change"])
def test_nothing_of_a_plan_was_done_before_it_was_agreed(ada, page):
    sent = {"seen": seen(ada.get(f"{ONE}{page}")), "number": "1.1", "name": "Review the board"}
    sent |= {"status": "done", "shown_by": "Minute 4", "due": "2018-06"}
    early = ada.post(f"{ONE}{page}", sent | {"done_on": "31 May 2018"})
    assert early.status_code == 422
    assert "The plan was agreed in June 2018: nothing of it was over before." in text(early)
    later = ada.post(f"{ONE}{page}", sent | {"done_on": "2018"})  # a day of it may lie after June
    assert later.status_code == 302
