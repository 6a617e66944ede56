"""Governance: bodies as of a date, a body's page, its next meeting, forms, downloads, API."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from finance.services import (
    PlanRiskSpec,
    UrgentActionSpec,
    save_plan_risks,
    save_urgent_actions,
)
from schemes.governance.agenda import agenda_of
from schemes.governance.bodies import Gap, bodies_on, chains_of, gaps_of, signs, tree_of
from schemes.models import Body, BodyMember, Decision, FundPlan, Meeting, SignOff
from schemes.people.roles import Role
from schemes.services import actions, bodies, workstreams
from schemes.services.funds import FundPlanSpec, save_fund_plans
from schemes.services.risks import RiskSpec, save_risks
from tests.delivery import a_milestone
from tests.factories import a_person

pytestmark = pytest.mark.django_db

HERE = "/systems/valley/governance"
API = "/api/v1/systems/valley"
IN = {"system": "valley"}


@pytest.fixture
def boards(valley) -> None:
    """A board to which an executive reports; it took over from a group in April 2018.

    When the network to which the board reports began or ended is not stated.
    """
    bodies.save_bodies(
        by=None,
        specs=[
            bodies.BodySpec(
                code="board",
                name="Recovery Board",
                kind="board",
                remit="Decides on money",
                reports_to="network",
                starts="2017",
                **IN,
            ),
            bodies.BodySpec(code="network", name="The Network", remit="Talks", **IN),
            bodies.BodySpec(
                code="exec",
                name="Executive",
                reports_to="board",
                took_over="group",
                starts="2018-04",
                remit="Leads",
                receives="Reports",
                **IN,
            ),
            bodies.BodySpec(code="group", name="Old Group", ends="2018-03", **IN),
        ],
    )
    bodies.save_seats(
        by=None,
        specs=[
            bodies.SeatSpec(body="board", code="moor", partner="moor", chair=True, **IN),
            bodies.SeatSpec(body="board", code="hill", partner="hill", ends="2018-06", **IN),
            bodies.SeatSpec(body="board", code="nurse", role="Chief Nurse", **IN),
        ],
    )


@pytest.fixture
def agenda(boards) -> Body:
    """The board met in May and meets on 10 August 2018; what it follows is due around that."""
    known = IN | {"body": "board"}
    bodies.save_meetings(
        by=None,
        specs=[
            bodies.MeetingSpec(code="may", on="2018-05-15", **known),
            bodies.MeetingSpec(code="august", on="2018-08-10", agenda="The plan", **known),
        ],
    )
    bodies.save_decisions(
        by=None,
        specs=[
            bodies.DecisionSpec(code="early", words="Begin", on="2018-04", **known),
            bodies.DecisionSpec(code="late", words="Go on", on="2018-06", **known),
        ],
    )
    plan = IN | {"plan": "review"}
    actions.save_action_plans(
        by=None, specs=[actions.ActionPlanSpec(code="review", name="Review", **known)]
    )
    actions.save_action_areas(by=None, specs=[actions.AreaSpec(code="1", name="One", **plan)])
    actions.save_actions(
        by=None,
        specs=[
            actions.ActionSpec(
                area="1", code=f"1-{n}", number=f"1.{n}", name=f"Do {n}", **plan, **more
            )
            for n, more in enumerate(
                [
                    {"due": "2018-06"},  # overdue on 1 July
                    {"due": "2018-07"},  # due by the meeting
                    {"due": "2018-08"},  # ends after it
                    {"ongoing": True},
                    {"due": "2018-05", "status": "done", "done_on": "2018-05"},
                    {},
                    {"due": "2018-05", "pointer": True},
                ],
                1,
            )
        ],
    )
    workstreams.save_workstreams(
        by=None, specs=[workstreams.WorkstreamSpec(code="home", name="Home first", **known)]
    )
    workstreams.save_milestones(
        by=None,
        specs=[
            workstreams.MilestoneSpec(
                code="hub", name="Hub opens", due="2018-08-01", workstream="home", **IN
            )
        ],
    )
    save_risks(
        by=None, specs=[RiskSpec(code="staff", name="Too few staff", workstream="home", **IN)]
    )
    return Body.objects.get(code="board")


def browser_of(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def ada(valley) -> Client:
    return browser_of(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def bert(valley) -> Client:
    return browser_of(a_person("bert", Role.BOARD_MEMBER, system=valley.system))


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def live(system, on: date) -> list[str]:
    return [item.body.code for item in bodies_on(system, on) if item.live]


def test_a_month_ends_with_its_last_day(valley, boards):
    assert live(valley.system, date(2018, 3, 31)) == ["board", "group"]
    assert live(valley.system, date(2018, 4, 1)) == ["board", "exec"]


def test_the_map_shows_who_reports_to_whom_and_who_took_over(valley, boards):
    found = bodies_on(valley.system, date(2018, 7, 1))
    (top,) = tree_of([item for item in found if item.live])
    assert (top.body.code, [item.body.code for item in top.reporting]) == ("board", ["exec"])
    assert [[item.body.code for item in chain] for chain in chains_of(found)] == [["group", "exec"]]
    # the hill's seat ended in June
    assert [seat.code for seat in top.seats] == ["moor", "nurse"]
    assert {(item.body.code, words) for item, words in gaps_of(found)} == {
        ("exec", Gap.MEMBERS),
        ("network", Gap.MEMBERS),
        ("board", Gap.RECEIVES),
        ("network", Gap.RECEIVES),
    }


def test_the_page_of_all_bodies_as_of_a_date(bert, boards):
    page = text_of(bert.get(f"{HERE}?as_of=2018-07-01"))
    assert (
        "Two bodies decide or advise on 1 July 2018 by their dates; of one more no date is stated. "
        "The members of two are not stated." in page
    )
    assert re.search(
        r"Bodies whose dates are not stated</h2> .*The Network</a>.*Who sits where", page
    )
    assert "reports to The Network" in page
    assert "Moor: chair; Chief Nurse" in page
    early = text_of(bert.get(f"{HERE}?as_of=2010-01-01"))
    assert "One body decides or advises on 1 January 2010 by its dates; of one more no" in early
    assert re.search(r"Old Group</a> \(to March 2018\), then <a [^>]*>Executive", page)
    assert "Chief Nurse" in page
    assert "Add a body" not in page
    assert "is not a day" in text_of(bert.get(f"{HERE}?as_of=soon"))


def test_a_system_without_bodies_says_so(bert, valley):
    page = text_of(bert.get(HERE))
    assert "No board, executive or group is stated" in page


def test_what_a_body_should_see_at_its_next_meeting(agenda):
    found = agenda_of(agenda, date(2018, 7, 1))
    assert (found.meeting.code, found.before.code) == ("august", "may")
    assert found.until == date(2018, 8, 10)
    assert [(str(task.what), str(task.standing)) for task in found.tasks] == [
        ("1.1 Do 1", "overdue"),
        ("1.2 Do 2", "due"),
        ("Hub opens", "due"),
    ]
    assert [str(task.what) for task in found.undated] == ["1.6 Do 6"]
    assert [item.code for item in found.decisions] == ["late"]
    assert [risk.code for risk in found.risks] == ["staff"]


def test_after_the_last_meeting_there_is_no_next(agenda):
    found = agenda_of(agenda, date(2018, 9, 1))
    assert found.meeting is None
    # 1.1 and 1.2, the hub, and 1.3, which is overdue from 1 September
    assert len(found.tasks) == 4


def test_what_is_decided_later_is_not_told_as_decided(bert, agenda):
    assert [item.code for item in agenda_of(agenda, date(2018, 6, 1)).decisions] == []
    page = text_of(bert.get(f"{HERE}/board/next-meeting?as_of=2018-06-01"))
    assert "Go on" not in page
    page = text_of(bert.get(f"{HERE}/board?as_of=2018-06-29"))
    assert "Begin" in page
    assert "Go on" not in page
    assert "One decision was made after 29 June 2018." in page
    assert "Go on" not in text_of(bert.get(f"{HERE}?as_of=2018-06-29"))
    assert "Go on" in text_of(bert.get(f"{HERE}?as_of=2018-06-30"))
    rows = bert.get(f"{API}/decisions?as_of=2018-05-01").json()["rows"]
    assert [row["code"] for row in rows] == ["early"]
    assert b"Go on" not in bert.get("/systems/valley/decisions.csv?as_of=2018-05-01").content


def test_an_approval_was_outstanding_until_it_was_given(bert, agenda):
    years = {"first_year": "2018-19", "last_year": "2018-19"}
    save_fund_plans(by=None, specs=[FundPlanSpec(code="fund", name="The fund", **IN, **years)])
    plan = FundPlan.objects.get()
    sign = {"system": agenda.system, "plan": plan, "body": "Recovery Board"}
    SignOff.objects.create(code="given", state="signed", on="2018-04-16", **sign)
    SignOff.objects.create(code="open", state="outstanding", **sign)
    page = text_of(bert.get(f"{HERE}/board?as_of=2018-03-30"))
    assert (
        "The fund: signed later, on 16 April 2018; since when it was asked for is not stated"
        in page
    )
    assert "The fund: not signed" in page
    assert "signed later" in text_of(bert.get(f"{HERE}/board/next-meeting?as_of=2018-03-30"))
    assert "signed later" in text_of(bert.get(f"{HERE}?as_of=2018-03-30"))
    page = text_of(bert.get(f"{HERE}/board?as_of=2018-04-16"))
    assert "signed later" not in page
    assert "The fund: not signed" in page


def test_the_page_of_the_next_meeting(bert, agenda):
    page = text_of(bert.get(f"{HERE}/board/next-meeting?as_of=2018-07-01"))
    assert (
        "The next meeting is on 10 August 2018. As of 1 July 2018, one of what it follows is "
        "overdue, and two more are due by then." in page
    )
    assert "Where the money stands" in page
    assert "Decided since 15 May 2018" in page
    assert "not rated" in page
    none = text_of(bert.get(f"{HERE}/exec/next-meeting?as_of=2018-07-01"))
    said = "No next meeting is stated. As of 1 July 2018, none of what it follows is overdue."
    assert said in none
    assert "Where the money stands" not in none


@pytest.fixture
def cuts(valley, agenda) -> None:
    """A plan of the trust with urgent actions, and two risks to it: of one the review is due."""
    valley.line(valley.hill, "reduction-plan", "cuts")
    save_risks(
        by=None,
        specs=[
            RiskSpec(code="ward", name="A ward stays open", review="2018-06", **IN),
            RiskSpec(code="later", name="Winter comes", review="2018-09", **IN),
        ],
    )
    here = {"by": None, "slice_id": valley.slice.pk}
    risks = [PlanRiskSpec(line="cuts", risk=code) for code in ("ward", "later")]
    save_plan_risks(specs=risks, **here)
    urgent = [
        UrgentActionSpec(
            line="cuts", code=code, words=f"Approve {code}", due=due, done=done, shown_by="Minute"
        )
        for code, due, done in (
            ("shifts", "2018-12", ""),
            ("offers", "2018-06", ""),
            ("posts", "2018-05", "2018-05"),
        )
    ]
    save_urgent_actions(specs=urgent, **here)


def test_a_body_that_looks_after_money_sees_what_presses_of_reduction_plans(bert, cuts):
    page = bert.get(f"{HERE}/board/next-meeting?as_of=2018-07-01")
    urgent, risks = page.context["reduction"]["urgent"], page.context["reduction"]["risks"]
    assert [(row["name"], str(row["standing"])) for row in urgent] == [
        ("Approve offers", "overdue"),
        ("Approve shifts", "due"),
    ]
    assert [(row["risk"].code, row["to"], str(row["standing"])) for row in risks] == [
        ("ward", "cuts", "overdue")
    ]
    said = text_of(page)
    year = "/systems/valley/years/2018-19"
    for href in (f"{year}/reduction-plans/cuts", f"{year}/risks/ward", f"{year}/risks/staff"):
        assert f'<a href="{href}">' in said
    assert '<a href="/systems/valley/risks">All risks of the register</a>' in said
    # by the end of September the other review is due; the executive does not look after money
    later = bert.get(f"{HERE}/board/next-meeting?as_of=2018-09-30").context["reduction"]["risks"]
    assert [row["risk"].code for row in later] == ["ward", "later"]
    assert bert.get(f"{HERE}/exec/next-meeting").context["reduction"] is None


@pytest.mark.parametrize("page", ["", "/next-meeting"])
def test_overdue_actions_that_another_body_owns_are_told(bert, agenda, page):
    known = IN | {"plan": "review", "area": "1", "due": "2018-06", "body": "exec"}
    one = actions.ActionSpec(code="1-8", number="1.8", name="Elsewhere", **known)
    actions.save_actions(by=None, specs=[one])
    address = f"{HERE}/board{page}?as_of="
    said = text_of(bert.get(f"{address}2018-07-01"))
    # of the eight actions one only points to others
    assert (
        "2 of 7 live actions of Review are overdue as of 1 July 2018, "
        "one of which is reported here." in said
    )
    assert "One is reported to Executive: <a" in said
    assert ">1.8 Elsewhere</a>" in said
    assert "reported to Executive" not in text_of(bert.get(f"{address}2018-06-30"))
    two = replace(one, code="1-9", number="1.9")
    actions.save_actions(by=None, specs=[two])
    said = text_of(bert.get(f"{address}2018-07-01"))
    assert "Two are reported to Executive" in said


def test_a_sign_off_is_of_the_body_that_documents_name():
    board = Body(name="East Sussex Health and Wellbeing Board")
    assert signs(board, SignOff(body="Health and Wellbeing Board"))
    assert signs(board, SignOff(body="east sussex health and wellbeing board"))
    assert not signs(board, SignOff(body="Cabinet"))
    assert not signs(Body(name="Board"), SignOff(body="Overboard"))


def test_a_bodys_page_shows_all_that_it_follows(bert, agenda):
    page = text_of(bert.get(f"{HERE}/board?as_of=2018-07-01"))
    for said in ("Chief Nurse", "1.1 Do 1", "Hub opens", "Home first", "Begin", "The plan"):
        assert said in page
    assert "not on 1 July 2018" in page  # the hill's seat
    assert "Add a seat" not in page


# keeping


def initial_of(answer) -> dict:
    form = answer.context["form"]
    return {name: form[name].value() or "" for name in form.fields} | {
        "seen": answer.context["seen"]
    }


def test_bodies_seats_meetings_and_decisions_are_added(ada, boards):
    sent = {
        f"{HERE.removesuffix('/governance')}/add-body": {"name": "New Board"},
        f"{HERE}/board/add-seat": {"partner": "dale", "chair": "false"},
        f"{HERE}/board/add-meeting": {"on": "May 2018"},
        f"{HERE}/board/add-decision": {"words": "Agreed", "meeting": ""},
    }
    for address, body in sent.items():
        assert ada.get(address).status_code == 200
        assert ada.post(address, body).status_code == 302, address
    counts = [model.objects.count() for model in (Body, BodyMember, Meeting, Decision)]
    assert counts == [5, 4, 1, 1]
    assert Meeting.objects.get().on == "2018-05"
    ada.post(f"{HERE}/board/add-seat", {"partner": "dale", "role": "Chair"})
    ada.post(f"{HERE}/board/add-seat", {"partner": "dale", "role": "Chair"})
    codes = BodyMember.objects.filter(partner__code="dale").values_list("code", flat=True)
    assert set(codes) == {"dale", "dale-chair", "dale-chair-2"}


def test_what_was_reached_after_the_day_says_so(bert, boards):
    reached = a_milestone("approved", body="board", done="2018-03-09", status="done")
    workstreams.save_milestones(by=None, specs=[reached])
    before = text_of(bert.get(f"{HERE}/board?as_of=2018-03-01"))
    assert "Reached later<small>9 March 2018</small>" in before
    assert "Reached later" not in text_of(bert.get(f"{HERE}/board?as_of=2018-03-09"))


def test_a_body_is_changed_and_keeps_what_it_said(ada, bert, boards):
    change = f"{HERE}/exec/change"
    sent = initial_of(ada.get(change)) | {"remit": "Leads and reports"}
    assert ada.post(change, sent).status_code == 302
    assert ada.post(change, sent).status_code == 409
    page = text_of(bert.get(f"{HERE}/exec"))
    assert "Remit: from “Leads” to “Leads and reports”" in page


@pytest.mark.parametrize(
    ("address", "sent", "field", "said"),
    [
        ("board/add-seat", {"role": "Ada Lovelace"}, "role", "Personal names are not"),
        ("board/add-meeting", {"on": "Sept 18"}, "on", "Write as much as is known"),
        ("board/add-decision", {}, "words", "Fill this in"),
        ("board/change", {"name": "B", "reports_to": "exec"}, "reports_to", "circle"),
        ("board/change", {"name": "B", "starts": "2018-04", "ends": "2017"}, "ends", "ends before"),
        (
            "board/seat/nurse",
            {"role": "Nurse", "starts": "2019", "ends": "2018-12"},
            "ends",
            "ends",
        ),
        ("board/add-decision", {"words": "So", "on": "2099"}, "on", "not come yet"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(ada, boards, address, sent, field, said):
    if "/add-" not in address:
        sent = sent | {"seen": ada.get(f"{HERE}/{address}").context["seen"]}
    answer = ada.post(f"{HERE}/{address}", sent)
    assert answer.status_code == 422
    assert said in answer.context["form"].errors[field][0]


def test_a_seat_is_changed(ada, boards):
    change = f"{HERE}/board/seat/nurse"
    sent = initial_of(ada.get(change)) | {"ends": "2018-12"}
    assert ada.post(change, sent).status_code == 302
    assert BodyMember.objects.get(code="nurse").ends == "2018-12"


# programs


def test_a_program_reads_bodies_as_of_a_date(bert, boards):
    answer = bert.get(f"{API}/bodies?as_of=2018-03-01").json()
    assert answer["as_of"] == "2018-03-01"
    found = {row["code"]: (row["live"], row["dated"]) for row in answer["rows"]}
    assert found == {
        "board": (True, True),
        "exec": (False, True),
        "group": (True, True),
        "network": (False, False),
    }
    board = bert.get(f"{API}/bodies/board?as_of=2018-07-01").json()
    assert [seat["code"] for seat in board["members"]] == ["moor", "nurse"]
    assert bert.get(f"{API}/bodies/nothing").status_code == 404
    assert (
        "moor (chair); hill; Chief Nurse"
        in bert.get(f"{API}/bodies.csv?as_of=2018-03-01").content.decode()
    )


def test_a_program_reads_decisions_the_latest_first(bert, agenda):
    rows = bert.get(f"{API}/decisions").json()["rows"]
    assert [row["code"] for row in rows] == ["late", "early"]
    assert b"Go on" in bert.get(f"{API}/decisions.csv").content


@pytest.mark.parametrize(
    "page",
    [HERE, f"{HERE}/board", f"{HERE}/board/next-meeting", f"{API}/bodies", f"{API}/decisions"],
)
def test_it_asks_the_same_of_few_bodies_and_of_many(bert, valley, cuts, query_count, page):
    bert.get(page)
    few = query_count(lambda: bert.get(page))
    many = range(100)
    more = [bodies.BodySpec(code=f"b-{n}", name=f"B {n}", reports_to="board", **IN) for n in many]
    bodies.save_bodies(by=None, specs=more)
    known = IN | {"body": "board"}
    bodies.save_seats(
        by=None, specs=[bodies.SeatSpec(code=f"s-{n}", partner="dale", **known) for n in many]
    )
    bodies.save_decisions(
        by=None, specs=[bodies.DecisionSpec(code=f"d-{n}", words="So", **known) for n in many]
    )
    workstreams.save_milestones(
        by=None,
        specs=[
            workstreams.MilestoneSpec(code=f"m-{n}", name="M", due="2018", body="board", **IN)
            for n in many
        ],
    )
    save_risks(
        by=None,
        specs=[RiskSpec(code=f"r-{n}", name="R", review="2018-06", **IN) for n in many],
    )
    here = {"by": None, "slice_id": valley.slice.pk}
    save_plan_risks(specs=[PlanRiskSpec(line="cuts", risk=f"r-{n}") for n in many], **here)
    save_urgent_actions(
        specs=[UrgentActionSpec(line="cuts", code=f"u-{n}", words="U", due="2018") for n in many],
        **here,
    )
    assert query_count(lambda: bert.get(page)) == few <= 35
