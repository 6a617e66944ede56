"""Closing an action or a milestone: why it is stopped, and what is still open before it."""

import pytest

from schemes.models import Action
from schemes.roles import Role
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
