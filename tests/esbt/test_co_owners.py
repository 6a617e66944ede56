"""Actions of several partners: each of them finds them, and pages name each of them once."""

from datetime import date

import pytest

from esbt.kit.problems import Refused
from esbt.pages.own_work import own_work
from schemes.delivery.wishes import owned_by
from schemes.models import Action, Partner
from schemes.people.roles import Role
from schemes.queries import partners_around
from schemes.services.actions import save_actions
from tests.delivery import PLAN, a_review, an_action
from tests.esbt.test_delivery_pages import seen, text
from tests.factories import a_partner, a_person

pytestmark = pytest.mark.django_db

DAY = date(2018, 8, 1)
API = "/api/v1/systems/valley"


@pytest.fixture
def ada(valley, client):
    """The administrator's browser; 2.5 is of a trust that is no member, and of two members."""
    a_review(valley.system)
    a_partner("tor", "nhs-trust")
    more = {"due": "2018-07", "owner": "moor", "co_owners": ("tor", "hill")}
    save_actions(by=None, specs=[an_action("2.5", "Ask patients", **more)])
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def test_who_owns_it_is_said_once(ada):
    moor, tor = Partner.objects.get(code="moor"), Partner.objects.get(code="tor")
    assert owned_by("", []) == ""
    assert owned_by("", [moor, tor]) == "Moor and Tor"
    assert owned_by("Chief Nurse", [moor, tor]) == "Chief Nurse, Moor and Tor"
    assert owned_by("Chief Nurse, Tor", [tor]) == "Chief Nurse, Tor"
    assert owned_by("Chief Nurse, Tor; Chair, Moor", [moor, tor]) == "Chief Nurse, Tor; Chair, Moor"
    assert owned_by("PMO; A&E Board", [tor]) == "PMO; A&E Board; Tor"
    assert owned_by("Torque lead", [tor]) == "Torque lead, Tor"  # within another word


def test_each_owner_finds_it(ada, valley):
    day = "as_of=2018-08-01"
    for owner in ("moor", "hill", "tor"):
        some = ada.get(f"{API}/actions?{day}&owner={owner}").json()["rows"]
        assert "2-5" in [row["code"] for row in some]
        assert "2.5 Ask patients" in text(ada.get(f"/systems/valley/partners/{owner}?{day}"))
        month = text(ada.get(f"/systems/valley/calendar?month=2018-07&owner={owner}"))
        assert "2.5 Ask patients" in month
    page = text(ada.get(f"{PLAN}?{day}&owner=tor"))
    assert "1 of 9 actions match" in page
    assert "Moor, Tor and Hill" in text(ada.get(f"{PLAN}/actions/2-5"))
    assert "Moor, Tor and Hill" in text(ada.get("/systems/valley/calendar?month=2018-07"))
    assert "tor" in partners_around(valley.system).values_list("code", flat=True)
    rows = ada.get("/systems/valley/partners").context["rows"]
    owned = {row["entry"].partner.code: row["entry"].actions for row in rows}
    assert (owned["moor"], owned["hill"], owned["tor"]) == (2, 2, 1)
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.hill, system=valley.system)
    (actions,) = [sort for sort in own_work(finn, DAY) if sort.code == "actions"]
    assert [item.label for item in actions.items] == ["2.5 Ask patients", "2.1 Trusted assessors"]


def test_files_and_the_api_keep_their_names_and_add_all_owners(ada):
    row = ada.get(f"{API}/actions?owner=tor").json()["rows"][0]
    assert (row["owner"], row["owners"]) == ("moor", ["moor", "tor", "hill"])
    table = ada.get("/systems/valley/actions.csv?owner=tor").content.decode().splitlines()
    assert ",has_assurance,owners," in table[0]
    assert ",moor; tor; hill," in table[1]
    due = ada.get(f"{API}/calendar?from=2018-07-01&to=2018-07-31").json()["rows"]
    assert ["moor", "tor", "hill"] in [item["owners"] for item in due if item["owner"] == "moor"]


def test_the_form_ticks_several_and_the_history_names_them(ada):
    page = ada.get(f"{PLAN}/actions/2-5/change")
    assert page.context["form"]["co_owners"].value() == ["tor", "hill"]
    body = page.content.decode()
    assert body.count(' value="tor" checked') == body.count(' value="hill" checked') == 1
    sent = {"seen": seen(page), "number": "2.5", "name": "Ask patients", "due": "2018-07"}
    wrong = ada.post(f"{PLAN}/actions/2-5/change", sent | {"co_owners": ["tor", "nobody"]})
    assert "Choose some of the list." in text(wrong)
    assert ' value="tor" checked' in wrong.content.decode()  # what was ticked stays
    # without a first one, the first of the others is it
    sent |= {"owner": ""}
    kept = ada.post(f"{PLAN}/actions/2-5/change", sent | {"co_owners": ["dale", "tor"]})
    assert kept.status_code == 302
    action = Action.objects.select_related("owner").get(code="2-5")
    assert (action.owner.code, action.co_owners) == ("dale", ["tor"])
    assert "from “Tor, Hill” to “Tor”" in text(ada.get(f"{PLAN}/actions/2-5"))
    stale = ada.post(f"{PLAN}/actions/2-5/change", sent | {"owner": "moor"})
    assert stale.status_code == 409
    assert "Tor" in text(stale)


def test_an_owner_that_is_not_known_is_refused_and_none_stands_twice(ada):
    with pytest.raises(Refused) as caught:
        save_actions(by=None, specs=[an_action("2.6", owner="moor", co_owners=["nobody"])])
    assert "There is no partner 'nobody'" in caught.value.faults[0].message
    assert caught.value.faults[0].field == "co_owners"
    save_actions(by=None, specs=[an_action("2.6", owner="moor", co_owners=["tor", "moor", "tor"])])
    assert Action.objects.get(code="2-6").co_owners == ["tor"]


def test_pages_ask_no_more_for_300_actions_of_several(ada, query_count):
    ways = (f"{PLAN}?as_of=2018-08-01", "/systems/valley/calendar?month=2018-07", f"{API}/actions")
    few = [query_count(lambda way=way: ada.get(way)) for way in ways]
    specs = [
        an_action(f"1.{number}", due="2018-07", owner="moor", co_owners=["tor"])
        for number in range(10, 310)
    ]
    save_actions(by=None, specs=specs)
    many = [query_count(lambda way=way: ada.get(way)) for way in ways]
    assert all(more <= less for more, less in zip(many, few, strict=True)), (many, few)


@pytest.mark.parametrize(
    ("role", "partner"),
    [(Role.FINANCE_LEAD, "moor"), (Role.APPROVER, "hill"), (Role.FINANCE_LEAD, "tor")],
)
def test_people_of_an_owner_say_how_it_goes(ada, valley, client, role, partner):
    own = Partner.objects.get(code=partner)
    client.force_login(a_person("olga", role, partner=own, system=valley.system))
    sent = {"seen": seen(client.get(f"{PLAN}/actions/2-5")), "text": "Half of them are asked."}
    sent |= {"status": "in-progress"}
    assert client.post(f"{PLAN}/actions/2-5", sent).status_code == 302
    assert "Half of them are asked." in text(client.get(f"{PLAN}/actions/2-5"))
    assert Action.objects.get(code="2-5").status == "in-progress"
    assert client.post(f"{PLAN}/actions/1-1", {"text": "So it is."}).status_code == 404  # no owner
    assert client.post("/systems/valley/milestones/none", {"note": "Mine"}).status_code == 404
    assert client.get(f"{PLAN}/actions/2-5/change").status_code == 404


def test_people_of_a_group_say_how_its_actions_go_and_find_them_in_their_work(ada, valley, client):
    save_actions(by=None, specs=[an_action("2.7", "Share a list", due="2018-07", owner="ccgs")])
    fay = a_person("fay", Role.FINANCE_LEAD, partner=valley.fell, system=valley.system)
    (actions,) = [sort for sort in own_work(fay, DAY) if sort.code == "actions"]
    assert [item.label for item in actions.items] == ["2.7 Share a list"]
    client.force_login(fay)
    assert client.post(f"{PLAN}/actions/2-7", {"text": "Begun."}).status_code == 302


def test_who_may_not_report_reads_who_does(ada, valley, client):
    client.force_login(
        a_person("fay", Role.FINANCE_LEAD, partner=valley.fell, system=valley.system)
    )
    page = text(client.get(f"{PLAN}/actions/2-5"))
    assert "Report progress" not in page
    assert (
        "How it goes is said by commissioners and administrators of the system, and by finance "
        "leads and approvers of Moor, Tor and Hill." in page
    )
    assert client.post(f"{PLAN}/actions/2-5", {"text": "Begun."}).status_code == 404
    assert "said by commissioners and administrators of the system." in text(
        client.get(f"{PLAN}/actions/1-1")
    )
    assert "How a statement stands is said by administrators of the system." in text(
        client.get(PLAN)
    )
