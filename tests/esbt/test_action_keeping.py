"""Action plans by page: a plan, its areas and actions, what comes before what; nothing is lost."""

import pytest

from schemes.models import Action, ActionArea, ActionLink, ActionPlan, Assurance, RowVersion
from schemes.people.roles import Role
from schemes.services.actions import ActionLinkSpec, save_action_links
from tests.delivery import PLAN, a_review
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_person

pytestmark = pytest.mark.django_db

PLANS = "/systems/valley/action-plans"
ADD = f"{PLAN}/areas/1/add-action"
NEW = {"number": "1.9", "name": "Open a hub"}


@pytest.fixture
def ada(valley, client):
    """The administrator's browser, in a system with a plan."""
    a_review(valley.system)
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def test_a_system_without_files_gets_a_plan_with_an_area_and_an_action(valley, client):
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    assert "Add one, or a data package brings it" in text(client.get(PLANS))
    made = client.post(
        "/systems/valley/add-action-plan",
        {"name": "Winter plan", "agreed": "Sept 2018", "evidence_asked": "on"},
    )
    assert made["Location"] == f"{PLANS}/winter-plan"
    area = client.post(f"{PLANS}/winter-plan/add-area", {"name": "Beds", "position": "1"})
    assert area["Location"] == f"{PLANS}/winter-plan#area-beds"
    sent = {"number": "1.6", "name": "Open a ward", "owner": "hill", "due": "by June 2018"}
    sent |= {"owner_role": "Chief Nurse", "outcomes": "Fewer delays"}
    action = client.post(f"{PLANS}/winter-plan/areas/beds/add-action", sent)
    assert action["Location"] == f"{PLANS}/winter-plan/actions/1-6"
    stands = Action.objects.select_related("owner", "area__plan").get()
    assert (stands.due, stands.position, stands.owner.code) == ("2018-06", 6, "hill")
    assert stands.area.plan.agreed == "2018-09"
    assert stands.area.plan.evidence_asked
    said = text(client.get(f"{PLANS}/winter-plan?as_of=2018-09-01"))
    assert "1 of 1 live action is overdue as of 1 September 2018" in said
    assert "Action plan: Winter plan: added." in said
    assert "Action area: Beds: added." in said


@pytest.mark.parametrize(
    ("address", "sent", "field", "said"),
    [
        ("/systems/valley/add-action-plan", {"name": ""}, "name", "Type the name."),
        ("/systems/valley/add-action-plan", {"owner_role": "Ada Lovelace"}, "owner_role", "Perso"),
        (f"{PLAN}/add-area", {"name": "A", "position": "two"}, "position", "whole number"),
        (ADD, {"number": ""}, "number", "Type the number."),
        (ADD, {"number": "2.1"}, "number", "The plan has this number already: 2.1 Trusted"),
        (ADD, {"owner_role": "Ada Lovelace"}, "owner_role", "Personal names are not kept here"),
        (ADD, {"due": "by and by"}, "due", "Write as much as is known"),
        (ADD, {"due": "31 June 2018"}, "due", "Write as much as is known"),
        (ADD, {"due": "2018-09", "ongoing": "on"}, "due", "An ongoing action has no due date"),
        (ADD, {"status": "done", "done_on": ""}, "done_on", "Say when the action was done."),
        (ADD, {"status": "done", "done_on": "2018"}, "shown_by", "This plan asks for evidence"),
        (ADD, {"owner": "nobody"}, "owner", "Choose one of the list."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    ada, address, sent, field, said
):
    before = [model.objects.count() for model in (ActionPlan, ActionArea, Action)]
    answer = ada.post(address, NEW | {"note": "Typed at length."} | sent)
    assert answer.status_code == 422
    assert said in answer.context["form"].errors[field][0]
    assert "Typed at length." in text(answer)
    assert [model.objects.count() for model in (ActionPlan, ActionArea, Action)] == before


def test_all_that_is_wrong_is_told_at_once(ada):
    sent = {"number": "1.1", "name": "A", "owner_role": "Ada Lovelace", "status": "done"}
    errors = ada.post(ADD, sent).context["form"].errors
    assert set(errors) == {"number", "owner_role", "done_on", "shown_by"}


def test_a_plan_and_an_area_are_changed_over_what_was_seen(ada):
    change = f"{PLAN}/change"
    sent = {"seen": seen(ada.get(change)), "name": "The review", "body": "board"}
    assert ada.post(change, sent | {"support_ends": "Aug 2018"}).status_code == 302
    stale = ada.post(change, sent | {"about": "Long words"})
    assert stale.status_code == 409
    assert "Long words" in text(stale)
    area = f"{PLAN}/areas/2/change"
    moved = {"seen": seen(ada.get(area)), "name": "Going home", "position": "9"}
    assert ada.post(area, moved)["Location"] == f"{PLAN}#area-2"
    said = text(ada.get(PLAN))
    assert "Name: from “Answer to the review” to “The review”" in said
    assert "Name: from “Getting home” to “Going home”" in said


def test_a_number_changes_and_the_code_stays(ada):
    change = f"{PLAN}/actions/2-4/change"
    sent = {"seen": seen(ada.get(change)), "number": "2.2", "name": "Do 2.4"}
    taken = ada.post(change, sent)
    assert "The plan has this number already" in taken.context["form"].errors["number"][0]
    assert ada.post(change, sent | {"number": "2.14"}).status_code == 302
    stands = Action.objects.get(code="2-4")
    assert (stands.number, stands.position) == ("2.14", 14)
    # 2.4 is free again, its code is not
    again = ada.post(f"{PLAN}/areas/2/add-action", {"number": "2.4", "name": "Anew"})
    assert again["Location"] == f"{PLAN}/actions/2-4-2"


def test_what_comes_before_is_said_and_taken_off_with_the_reason(ada, valley):
    add = f"{PLAN}/actions/2-1/add-need"
    circle = ada.post(add, {"other": "1-2"})  # which waits for 2.1
    assert circle.status_code == 422
    told = circle.context["form"].errors["other"][0]
    assert "1.2 needs 2.1 needs 1.2: a circle" in told or "2.1 needs 1.2 needs 2.1" in told
    assert ada.post(add, {"other": "2-1"}).status_code == 422  # itself
    assert ada.post(add, {"other": "1-1"}).status_code == 302
    page = text(ada.get(f"{PLAN}/actions/2-1"))
    assert "It cannot be done before 1.1 Review the board , June 2018 Take off" in page
    gone = f"{PLAN}/actions/1-2/needs/2-1/remove"
    assert "Say why it is taken out." in text(ada.post(gone, {"reason": " "}))
    assert ada.post(gone, {"reason": "They go side by side."}).status_code == 302
    assert not ActionLink.objects.filter(action__code="1-2").exists()
    page = text(ada.get(f"{PLAN}/actions/1-2"))
    assert "it waits no more for 2.1 Trusted assessors. They go side by side." in page
    # a package that is loaded again says nothing over what a person said
    link = {"system": "valley", "plan": "review", "action": "1-2", "other": "2-1"}
    save_action_links(by=None, specs=[ActionLinkSpec(kind="needs", **link)])
    assert not ActionLink.objects.filter(action__code="1-2").exists()
    kept = RowVersion.objects.filter(table="actionlink", values__removed=True).get()
    assert kept.actor.username == "ada"


def test_an_assurance_of_an_area_or_an_action_is_added(ada):
    add = f"{PLAN}/areas/2/add-assurance"
    assert f'href="{add}"' in ada.get(PLAN).content.decode()
    ways = ada.get(f"{PLAN}/actions/2-4").content.decode()
    assert f'href="{add}?action=2-4"' in ways
    assert 'value="2-4" selected' in ada.get(f"{add}?action=2-4").content.decode()
    sent = {"words": "Fewer people wait than a year before, in each month of it", "action": "2-4"}
    unshown = ada.post(add, sent | {"met": "yes"})
    assert unshown.status_code == 422
    assert "Say what shows that it is met." in text(unshown)
    assert "Type the statement." in text(ada.post(add, {"words": " "}))
    elsewhere = ada.post(add, sent | {"action": "1-1"})
    assert "Choose one of the list." in text(elsewhere)
    assert ada.post(add, sent)["Location"] == f"{PLAN}#area-2"
    more = {"action": "", "met": "yes", "shown_by": "Report 4", "confirmed": "on"}
    again = ada.post(add, sent | more)  # a second of the same words
    assert again.status_code == 302
    stands = Assurance.objects.filter(area__code="2").order_by("position")
    assert [(item.code, item.action and item.action.code, item.met) for item in stands] == [
        ("a", "2-1", None),
        ("fewer-people-wait-than-a-year-before-in", "2-4", None),
        ("fewer-people-wait-than-a-year-before-in-2", None, True),
    ]
    assert "Fewer people wait" in text(ada.get(f"{PLAN}/actions/2-4"))


def test_an_area_of_the_same_name_is_refused(ada):
    said = "The plan has an area of this name already. Type another."
    twice = ada.post(f"{PLAN}/add-area", {"name": "getting Home ", "position": 9})
    assert twice.status_code == 422
    assert said in text(twice)
    area = f"{PLAN}/areas/1/change"
    sent = {"seen": seen(ada.get(area)), "position": "1"}
    assert said in text(ada.post(area, sent | {"name": "Getting home"}))
    assert ada.post(area, sent | {"name": "One vision", "note": "Kept"}).status_code == 302


def test_a_form_of_a_plan_stands_within_delivery(ada):
    context = ada.get(f"{PLAN}/areas/2/add-assurance").context
    assert [way["label"] for way in context["nav"] if way["current"]] == ["Delivery"]
    assert context["switcher"]["system"] == "The valley"
