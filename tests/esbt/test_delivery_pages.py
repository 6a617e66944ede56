"""Pages of action plans, milestones and workstreams: what they show, report and keep."""

import csv
import io
import re
from datetime import date

import pytest

from outcomes.services import TargetSpec, save_targets
from schemes.models import Action, Assurance, Milestone
from schemes.people.roles import Role
from schemes.services.actions import AssuranceSpec, save_actions, save_assurances
from schemes.services.workstreams import save_milestones
from tests.delivery import PLAN, a_milestone, a_programme, a_review, an_action
from tests.factories import a_person
from tests.outcomes.measured import FALLING, a_delay, monthly, record

pytestmark = pytest.mark.django_db
AUGUST = "?as_of=2018-08-01"
MILESTONES = "/systems/valley/milestones"


@pytest.fixture
def cora(valley, client):
    """The commissioner's browser; she reports progress."""
    a_review(valley.system)
    a_programme(valley.system)
    client.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return client


@pytest.fixture
def ada(valley, cora, client):
    """The administrator's browser; she keeps plans and milestones."""
    client.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    return client


def text(answer) -> str:
    """What a page says, without its marks."""
    plain = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(plain.split())


def seen(answer) -> str:
    return re.search(r'name="seen" value="(\d+)"', answer.content.decode()).group(1)


def test_delivery_leads_to_all_that_is_followed(cora):
    page = cora.get("/systems/valley/delivery?as_of=2018-08-01")
    assert "2 of 6 live actions are overdue as of 1 August 2018" in text(page)
    for way in ("action-plans", "milestones", "workstreams", "calendar"):
        assert f'href="/systems/valley/{way}"' in page.content.decode()
    assert 'aria-current="page"' in page.content.decode()
    plans = text(cora.get(f"/systems/valley/action-plans{AUGUST}"))
    assert "Answer to the review Health Board 6 2 1 1 1" in plans


def test_a_plan_as_of_a_day_with_what_waits_and_what_points(cora):
    said = text(cora.get(PLAN + AUGUST))
    assert "2 of 6 live actions are overdue as of 1 August 2018" in said
    assert "Waits for 2.1 , due September 2018" in said
    assert "Points to 2.1" in said
    assert "1 open action is due after support for the plan ends in August 2018." in said
    assert "None of 6 live actions is overdue" in text(cora.get(f"{PLAN}?as_of=2018-06-30"))
    assert "is not a day" in text(cora.get(f"{PLAN}?as_of=soon"))


def test_a_plan_stands_on_no_day_before_it_was_agreed(cora):
    before = text(cora.get(f"{PLAN}?as_of=2018-05-31"))
    assert "As of 31 May 2018 the plan was not agreed yet (June 2018)" in before
    assert "No action is live" in text(cora.get("/systems/valley/delivery?as_of=2018-05-31"))
    one = text(cora.get(f"{PLAN}/actions/1-1?as_of=2018-05-31"))
    assert "As of 31 May 2018 its plan was not there yet (June 2018)." in one
    assert "None of 6 live actions is overdue" in text(cora.get(f"{PLAN}?as_of=2018-06-01"))


def test_filters_renew_the_list_alone_and_the_csv_says_the_same(cora):
    part = cora.get(f"{PLAN}{AUGUST}&owner=moor", headers={"X-Part": "1"})
    assert "<html" not in part.content.decode()
    assert "1 of 8 actions matches" in text(part)
    assert "Agree one vision" in text(part)
    assert "Review the board" not in text(part)
    table = cora.get("/systems/valley/actions.csv?as_of=2018-08-01&owner=moor&plan=review")
    head, row = table.content.decode().splitlines()
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert found["standing"] == "overdue"
    assert (found["days_overdue"], found["last_day"]) == ("1", "2018-07-31")
    assert (found["blocked_by"], found["pointer"]) == ("2-1", "false")


def test_assurance_is_joined_to_its_metric(cora, valley):
    assert "for which there is no metric yet: no value entered" in text(cora.get(PLAN))
    assert "Not assured" in text(cora.get(PLAN))
    a_delay(valley.system)  # 24 days in September 2018
    assert "Delayed days : 24 in September 2018, no target stated" in text(cora.get(PLAN))
    target = TargetSpec(system="valley", metric="delays", code="aim", value=25)
    save_targets(by=None, specs=[target])
    said = text(cora.get(PLAN))
    assert "Met Fewer days Delayed days : 24 in September 2018, target 25" in said
    assert "Assured in part" in said
    assert "Nobody has said A vision is agreed" in said


@pytest.mark.parametrize(("there", "said"), [(25, "Met"), (24, "Not met")])  # as many: not fewer
def test_assurance_may_ask_for_better_than_another_area(cora, valley, there, said):
    a_delay(valley.system)  # 24 in September 2018
    spec = AssuranceSpec(
        system="valley", plan="review", area="1", code="a", words="Fewer", metric="delays",
        better_than="land",
    )  # fmt: skip
    save_assurances(by=None, specs=[spec])
    assert "24 in September 2018, The land: no value of the same period" in text(cora.get(PLAN))
    record(valley.system, *monthly("delays", "land", [*[None] * (len(FALLING) - 1), there]))
    found = text(cora.get(PLAN))
    assert f" {said} Fewer Delayed days : 24 in September 2018, The land {there}" in found


def test_assurance_is_what_was_so_by_the_day(ada, cora, valley):
    a_delay(valley.system)  # 24 days in September 2018
    target = TargetSpec(system="valley", metric="delays", code="aim", value=25)
    save_targets(by=None, specs=[target])
    assert "Met Fewer days Delayed days : 24" in text(cora.get(f"{PLAN}?as_of=2018-09-30"))
    before = text(cora.get(f"{PLAN}?as_of=2018-09-29"))
    assert "Met Fewer days" not in before
    address = f"{PLAN}/areas/1/assurances/b"
    sent = {"seen": seen(ada.get(address)), "met": "yes", "shown_by": "Minute 7", "metric": ""}
    ada.post(address, sent)
    assert "Met A vision is agreed" in text(cora.get(PLAN))
    before = text(cora.get(f"{PLAN}?as_of=2018-09-30"))
    assert "Nobody has said A vision is agreed" in before
    assert "Minute 7" not in before
    api = "/api/v1/systems/valley/actions/1-1"
    assert "Minute 7" in cora.get(api).content.decode()
    assert "Minute 7" not in cora.get(f"{api}?as_of=2018-09-30").content.decode()


def test_a_person_says_that_an_assurance_is_met_with_what_shows_it(ada):
    address = f"{PLAN}/areas/1/assurances/b"
    sent = {"seen": seen(ada.get(address)), "met": "yes", "shown_by": "", "metric": ""}
    assert "Say what shows that it is met." in text(ada.post(address, sent))
    answer = ada.post(address, sent | {"shown_by": "Minute 7"})
    assert answer["Location"] == f"{PLAN}#area-1"
    assert Assurance.objects.get(area__code="1", code="b").met
    assert "Shown by: Minute 7" in text(ada.get(PLAN))


def test_what_was_stopped_stays_due_on_the_days_before(cora):
    address = f"{PLAN}/actions/1-1"
    sent = {"seen": seen(cora.get(address)), "status": "stopped", "stopped_because": "No money."}
    refused = cora.post(address, sent | {"done_on": "", "shown_by": ""})
    assert "Say since when it is stopped" in text(refused)
    cora.post(address, sent | {"done_on": "3 July 2018", "shown_by": ""})
    assert "Stopped 3 July 2018. Why: No money." in text(cora.get(f"{address}?as_of=2018-07-03"))
    assert "overdue by 2 days" in text(cora.get(f"{address}?as_of=2018-07-02"))


@pytest.mark.parametrize(
    ("status", "on", "said"),
    [
        ("done", "2099", "This day has not come yet."),
        ("stopped", "2099-01", "This day has not come yet."),
        ("in-progress", "2018-06", "By its status this goes on"),
    ],
)
def test_days_that_cannot_be_are_refused(cora, ada, status, on, said):
    for address, day in ((f"{PLAN}/actions/1-1", "done_on"), (f"{MILESTONES}/offer", "done")):
        sent = {"seen": seen(ada.get(address)), "status": status, day: on, "shown_by": "Minute"}
        refused = ada.post(address, sent)
        assert refused.status_code == 422, address
        assert said in text(refused)


def test_an_action_with_links_both_ways_and_its_moved_date(cora):
    save_actions(by=None, specs=[an_action("2.1", "Trusted assessors", due="2018-10")])
    said = text(cora.get(f"{PLAN}/actions/2-1{AUGUST}"))
    assert "These wait for it 1.2 Agree one vision" in said
    assert "Referred to by 1.4 Plan the winter" in said
    assert (
        "October 2018 moved from September 2018 to October 2018, one month later (Loaded from"
        in said
    )
    waits = text(cora.get(f"{PLAN}/actions/1-2{AUGUST}"))
    assert "overdue by 1 day as of 1 August 2018" in waits
    assert "It waits for 2.1 Trusted assessors , which comes later: October 2018" in waits
    pointer = text(cora.get(f"{PLAN}/actions/1-4{AUGUST}"))
    assert "only points to other actions" in pointer
    assert "Report progress" not in pointer


def test_progress_is_reported_and_what_is_refused_stays_typed(cora):
    address = f"{PLAN}/actions/1-1"
    sent = {"seen": seen(cora.get(address)), "text": "It met twice.", "status": "done"}
    refused = cora.post(address, sent | {"done_on": "", "shown_by": ""})
    assert refused.status_code == 422
    for words in ("Say when the action was done.", "This plan asks for evidence", "It met twice."):
        assert words in text(refused)
    saved = cora.post(address, sent | {"done_on": "2018-07", "shown_by": "Minute 4"})
    assert saved["Location"] == address
    said = text(cora.get(address))
    assert "Done Done July 2018." in said
    assert "It met twice. cora" in said.replace("Cora", "cora")
    assert "Status: from “not stated” to “done”" in said


def test_what_was_reported_later_stands_on_no_earlier_day(ada, cora):
    """Begun on no day that is stated, with a paper; then done in July 2018 with a minute."""
    address, day = f"{PLAN}/actions/1-1", f"{PLAN}/actions/1-1?as_of=2018-06-20"
    api = "/api/v1/systems/valley/actions/1-1?as_of=2018-06-20"

    def tell(**said: str) -> None:
        sent = {"seen": seen(cora.get(address)), "text": "It met.", "done_on": ""} | said
        assert cora.post(address, sent).status_code == 302

    tell(status="in-progress", shown_by="Paper 3")
    assert "Paper 3" in text(cora.get(address))
    for said in (text(cora.get(day)), cora.get(api).content.decode()):
        assert not [word for word in ("Paper 3", "It met.", "in-progress") if word in said]
    assert "Status as reported not stated" in text(cora.get(day))
    tell(status="done", done_on="2018-07", shown_by="Minute 4")
    assert "Due in June 2018." in text(cora.get(day))
    assert "Minute 4" not in text(cora.get(day))
    assert "Minute 4" in text(cora.get(f"{address}?as_of=2018-08-01"))  # it shows what was done
    rows = csv.DictReader(io.StringIO(cora.get(f"/systems/valley/actions.csv{day[-17:]}").text))
    row = next(row for row in rows if row["code"] == "1-1")
    assert (row["standing"], row["status"], row["done_on"]) == ("due", "", "")


def test_a_due_date_that_somebody_moves_holds_on_the_days_before(ada, cora):
    """1.2 is due in July 2018 and 1.1 in June: on 1 August both are overdue, whatever moves now."""
    address = f"{PLAN}/actions/1-2"
    sent = {
        "seen": seen(ada.get(f"{address}/change")), "number": "1.2", "name": "Agree one vision",
        "owner": "moor", "body": "board", "due": "2099-01",
    }  # fmt: skip
    refused = ada.post(f"{address}/change", sent)
    assert "Say why the date moves." in text(refused)
    assert 'value="2099-01"' in refused.content.decode()
    said = {"moved_because": "Waits for the law"}
    assert ada.post(f"{address}/change", sent | said).status_code == 302
    now = text(cora.get(address))
    assert "Due in January 2099." in now
    assert "moved from July 2018 to January 2099, 966 months later: Waits for the law (ada" in (
        now.replace("Ada", "ada")
    )
    before = text(cora.get(address + AUGUST))
    assert "Due in July 2018, and overdue by 1 day as of 1 August 2018" in before
    assert "January 2099" not in before
    assert "due September 2018" in text(cora.get(PLAN + AUGUST))  # 2.1, for which it waits
    plans = text(cora.get(f"/systems/valley/action-plans{AUGUST}"))
    assert "2 of 6 live actions are overdue as of 1 August 2018" in plans
    found = cora.get(f"/api/v1/systems/valley/actions{AUGUST}").json()
    row = next(row for row in found["rows"] if row["code"] == "1-2")
    assert (found["overdue"], row["due"], row["days_overdue"]) == (2, "2018-07", 1)
    table = cora.get(f"/systems/valley/actions.csv{AUGUST}&owner=moor").content.decode()
    assert "2018-07,2018-07-31" in table
    partner = text(cora.get(f"/systems/valley/partners/moor{AUGUST}"))
    assert "July 2018 Overdue" in partner
    meeting = text(cora.get(f"/systems/valley/governance/board/next-meeting{AUGUST}"))
    assert "two of what it follows are overdue" in meeting
    assert "moved from" not in meeting
    later = text(cora.get("/systems/valley/governance/board/next-meeting?as_of=2099-02-01"))
    assert "January 2099 moved from July 2018 Overdue" in later
    dues = cora.get(f"/api/v1/systems/valley/calendar{AUGUST}&kind=action").json()["rows"]
    assert ("2018-07", "overdue") in [(row["when"], row["standing"]) for row in dues]


def test_a_newer_state_is_told_and_nothing_typed_is_lost(cora):
    address = f"{PLAN}/actions/1-1"
    sent = {"seen": seen(cora.get(address)), "text": "Begun.", "status": "in-progress"}
    sent |= {"done_on": "", "shown_by": ""}
    newer = an_action("1.1", "Review the board", due="2018-06", status="not-started")
    save_actions(by=None, specs=[newer])
    conflict = cora.post(address, sent)
    assert conflict.status_code == 409
    assert "Somebody saved a newer state of this action" in text(conflict)
    assert "Status : “Not started”" in text(conflict)
    assert "Begun." in text(conflict)
    assert not Action.objects.get(code="1-1").notes.exists()
    again = cora.post(address, sent | {"seen": seen(conflict)})
    assert again.status_code == 302
    assert Action.objects.get(code="1-1").status == "in-progress"


def test_an_action_is_changed_with_its_place_and_source_kept(ada):
    address = f"{PLAN}/actions/1-2/change"
    sent = {
        "seen": seen(ada.get(address)), "number": "1.2", "name": "Agree a vision",
        "owner": "hill", "body": "board",
        "due": "2018-11", "moved_because": "No room", "owner_role": "", "status": "",
    }  # fmt: skip
    named = ada.post(address, sent | {"owner_role": "Ada Lovelace"})
    assert "Personal names are not kept" in text(named)
    assert ada.post(address, sent).status_code == 302
    stands = Action.objects.select_related("owner").get(code="1-2")
    assert (stands.name, stands.due, stands.owner.code) == ("Agree a vision", "2018-11", "hill")
    assert (stands.number, stands.position) == ("1.2", 2)


def test_milestones_with_slips_and_what_comes_next(cora):
    said = text(cora.get(MILESTONES + AUGUST))
    assert "1 of 3 milestones is overdue as of 1 August 2018" in said
    assert "30 September 2018 at first April 2018, moved 2 times" in said
    assert "1 of 3 milestones" in text(cora.get(f"{MILESTONES}{AUGUST}&moved=yes"))
    one = text(cora.get(f"{MILESTONES}/offer{AUGUST}"))
    assert "From June 2018 to 30 September 2018, three months later" in one
    assert "These wait for it Launch" in one
    table = cora.get(f"/systems/valley/milestones.csv{AUGUST}&status=overdue").content.decode()
    assert table.splitlines()[1].startswith("launch,Launch,home,teams")
    streams = text(cora.get(f"/systems/valley/workstreams{AUGUST}"))
    assert "Monitoring paused in May." in streams
    assert "Offer 30 September 2018" in streams
    stream = text(cora.get(f"/systems/valley/workstreams/home{AUGUST}"))
    assert "Teams Status: not stated" in stream
    assert cora.get("/systems/valley/workstreams/nothing").status_code == 404


def test_a_milestone_that_moves_says_why(cora):
    report = f"{MILESTONES}/offer"
    sent = {"due": "2019", "moved_because": "", "status": "", "done": "", "note": ""}

    def post(**more: str):
        seen = cora.get(report).context["seen"]
        return cora.post(report, sent | {"seen": seen} | more)

    assert "Say why the date moves." in text(post())
    only = post(due="", moved_because="Waits for the lease")
    assert "Write the new date, or take the reason out." in text(only)
    assert post(moved_because="Waits for the lease").status_code == 302
    page = text(cora.get(report))
    assert "From 30 September 2018 to 2019, one year later: Waits for the lease" in page
    assert "reason not stated" in page  # of the moves before
    assert post(due="", status="in-progress").status_code == 302  # no new reason while it stays


def test_the_bar_of_the_system_stands_on_pages_of_one_thing(cora):
    for page in (f"{PLAN}/actions/1-1", PLAN, f"{MILESTONES}/offer"):
        assert cora.get(page).context["switcher"]["system"] == "The valley", page
    board = "/systems/valley/governance/board/next-meeting"
    (other,) = cora.get(board).context["switcher"]["systems"]
    assert other["href"] == "/systems/valley/governance"


def test_a_milestone_is_added_changed_and_reported(ada):
    new = {"code": "ward", "name": "New ward", "due": "2018-10"}
    assert ada.post("/systems/valley/add-milestone", new)["Location"] == f"{MILESTONES}/ward"
    again = ada.post("/systems/valley/add-milestone", new)
    assert "There is a milestone with this code" in text(again)
    change = f"{MILESTONES}/ward/change"
    sent = {"seen": seen(ada.get(change)), "name": "New ward", "due": "2019-02"}
    assert "Say why the date moves." in text(ada.post(change, sent))
    sent["moved_because"] = "Rain"
    assert ada.post(change, sent).status_code == 302
    assert ada.post(change, sent | {"due": "2019-03"}).status_code == 409  # of the state before
    report = f"{MILESTONES}/ward"
    done = {"seen": seen(ada.get(report)), "status": "done", "done": "", "note": ""}
    assert "Say when the milestone was reached." in text(ada.post(report, done))
    assert ada.post(report, done | {"done": "2019-01"}).status_code == 302
    assert Milestone.objects.get(code="ward").done == "2019-01"
    assert "From October 2018 to February 2019" in text(ada.get(report))


def test_pages_take_as_many_queries_for_many_rows_as_for_few(cora, valley, query_count):
    pages = (PLAN, MILESTONES, "/systems/valley/calendar?month=2018-08")

    def counts() -> list[int]:
        for page in pages:
            cora.get(page)
        return [query_count(lambda page=page: cora.get(page)) for page in pages]

    few = counts()
    save_actions(by=None, specs=[an_action(f"1.{n}", due="2018-08") for n in range(10, 1000)])
    save_milestones(by=None, specs=[a_milestone(f"m-{n}", due="2018-08") for n in range(1000)])
    assert counts() == few
    assert max(few) <= 22
    assert (
        date(2018, 8, 31).isoformat() in cora.get("/systems/valley/calendar.csv").content.decode()
    )


def test_workstreams_and_partners_as_csv(cora, valley):
    a_programme(valley.system)
    page = cora.get("/systems/valley/workstreams?as_of=2018-08-01").content.decode()
    assert 'href="/systems/valley/workstreams.csv?as_of=2018-08-01"' in page
    sheet = cora.get("/systems/valley/workstreams.csv?as_of=2018-08-01").content.decode()
    (row,) = csv.DictReader(io.StringIO(sheet))
    assert (row["code"], row["projects"], row["milestones"]) == ("home", "1", "2")
    assert (
        'href="/systems/valley/partners.csv"'
        in cora.get("/systems/valley/partners").content.decode()
    )
    sheet = cora.get("/systems/valley/partners.csv").content.decode()
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(sheet))}
    assert (rows["moor"]["place"], rows["moor"]["actions"]) == ("Member", "1")
    assert rows["ccgs"]["place"] == "Reporting group"
    for name in ("workstreams", "partners"):
        assert cora.get(f"/schemas/delivery/{name}.json").status_code == 200


def test_everybody_with_a_role_is_led_to_their_work(client, valley):
    for role in (Role.BOARD_MEMBER, Role.AUDITOR):
        client.force_login(a_person(str(role), role, system=valley.system))
        ways = client.get("/").context["nav"]
        assert ("My work", "/my-work") in [(way["label"], way["href"]) for way in ways]
