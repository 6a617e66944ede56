"""My work beside returns: what waits for whom, what is overdue first."""

from datetime import date

import pytest
from django.test import Client

from esbt.pages.own_work import own_meetings, own_work
from finance.services import (
    PlanEffectSpec,
    UrgentActionSpec,
    save_plan_effects,
    save_urgent_actions,
)
from schemes.models import User
from schemes.people.roles import Role
from schemes.services.actions import save_actions
from schemes.services.bodies import BodySpec, SeatSpec, save_bodies, save_seats
from schemes.services.risks import RiskSpec, save_risks
from schemes.services.workstreams import save_milestones
from tests.delivery import a_meeting, a_milestone, a_programme, a_review, an_action
from tests.esbt.funded import a_plan_of_a_fund, a_sign_off
from tests.factories import a_partner, a_person, a_system
from tests.outcomes.measured import a_delay

pytestmark = pytest.mark.django_db

DAY = date(2018, 8, 1)


@pytest.fixture
def finn(valley):
    """The finance lead of the council, which sits in the board of the plan."""
    a_review(valley.system)
    a_programme(valley.system)
    a_plan_of_a_fund(valley)
    a_sign_off()
    save_seats(
        by=None, specs=[SeatSpec(system="valley", body="board", code="moor", partner="moor")]
    )
    save_milestones(
        by=None,
        specs=[
            a_milestone("charter", body="board", due="2018-07"),
            a_milestone("later", body="board", due="2018-09"),
            a_milestone("signed", body="board", due="2018-05", status="done", done="2018-05"),
        ],
    )
    save_risks(
        by=None,
        specs=[
            RiskSpec(system="valley", code="near", name="Near", partner="moor", review="2018-08"),
            RiskSpec(system="valley", code="past", name="Past", partner="moor", review="2018-07"),
            RiskSpec(system="valley", code="far", name="Far", partner="moor", review="2019"),
            RiskSpec(system="valley", code="hill", name="Hill", partner="hill", review="2018-07"),
        ],
    )
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


def waiting(user, day: date = DAY) -> dict[str, list[tuple[str, bool]]]:
    """What waits, by sort, and whether it is overdue."""
    fresh = User.objects.get(pk=user.pk)
    return {
        sort.code: [(item.label, item.overdue) for item in sort.items]
        for sort in own_work(fresh, day)
    }


def test_what_waits_for_a_partner_is_overdue_first(finn):
    found = waiting(finn)
    assert found["actions"] == [("1.2 Agree one vision", True)]
    assert found["milestones"] == [("Charter", True), ("Later", False)]
    assert found["risks"] == [("Past", True), ("Near", False)]
    assert [label for label, _ in found["approvals"]] == ["Better Care Fund plan: The council"]


def test_july_is_not_over_on_its_last_day(finn):
    assert waiting(finn, date(2018, 7, 31))["actions"] == [("1.2 Agree one vision", False)]


def test_urgent_actions_wait_for_the_partner_whose_plan_it_is(valley, finn):
    for partner, code in ((valley.moor, "cuts"), (valley.hill, "beds")):
        valley.line(partner, "reduction-plan", code)
        specs = [
            UrgentActionSpec(
                line=code, code=word.lower(), words=word, due=due, done=done, shown_by="Minutes"
            )
            for word, due, done in (
                ("Later", "2018-09", ""), ("Late", "2018-07", ""), ("Done", "2018-06", "2018-06")
            )
        ]  # fmt: skip
        save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=specs)
    assert waiting(finn)["urgent"] == [("Late (cuts)", True), ("Later (cuts)", False)]
    (urgent,) = [sort for sort in own_work(finn, DAY) if sort.code == "urgent"]
    assert urgent.items[0].href == "/systems/valley/years/2018-19/reduction-plans/cuts"


def test_effects_wait_for_the_word_of_the_partner_that_they_fall_on(valley, finn):
    valley.line(valley.hill, "reduction-plan", "beds")
    save_plan_effects(
        by=None,
        slice_id=valley.slice.pk,
        specs=[
            PlanEffectSpec(line="beds", partner="moor", effect="More people come home."),
            PlanEffectSpec(line="beds", partner="dale", effect="None."),
        ],
    )
    assert waiting(finn)["effects"] == [("beds: More people come home.", False)]
    approver = a_person("ann", Role.APPROVER, partner=valley.moor)
    (own,) = [sort for sort in own_work(approver, DAY) if sort.code == "effects"]
    browser = Client()
    browser.force_login(approver)
    assert browser.get(own.items[0].href).status_code == 200
    save_plan_effects(
        by=approver,
        slice_id=valley.slice.pk,
        specs=[
            PlanEffectSpec(
                line="beds", partner="moor", effect="More people come home.", understood=False,
                role="Director of Finance", on="2018-06",
            )
        ],
    )  # fmt: skip
    assert "effects" not in waiting(finn)


def test_actions_wait_for_whoever_holds_the_role_that_owns_them(valley, finn):
    role, lead = Role.COMMISSIONER.label, Role.FINANCE_LEAD.label
    save_actions(
        by=None,
        specs=[
            an_action("1.5", "Of the role", owner_role=role.upper(), due="2018-07"),
            an_action("1.6", "Of a partner", owner_role=role, owner="hill", due="2018-07"),
            an_action("1.7", "Of two roles", owner_role=f"{role}; Chief Nurse", due="2018-07"),
            an_action("1.8", "Of another's lead", owner_role=lead, owner="hill", due="2018-07"),
            an_action("1.9", "Over", owner_role=role, status="stopped"),
        ],
    )
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    assert waiting(cora)["actions"] == [("1.5 Of the role", True)]
    assert [label for label, _ in waiting(finn)["actions"]] == ["1.2 Agree one vision"]
    tess = a_person("tess", Role.FINANCE_LEAD, partner=valley.hill)
    assert "1.8 Of another's lead" in [label for label, _ in waiting(tess)["actions"]]
    elsewhere = a_system(a_partner("far"), code="elsewhere")
    other = a_person("otto", Role.COMMISSIONER, system=elsewhere)
    assert "actions" not in waiting(other)


def test_a_body_that_looks_after_money_leads_to_its_next_meeting(valley, finn, client):
    assert own_meetings(finn, DAY) == []  # the Health Board, of which no money is stated
    known = {"system": "valley", "code": "board", "name": "Recovery Board"}
    save_bodies(by=None, specs=[BodySpec(**known)])
    (item,) = own_meetings(finn, DAY)
    assert item.href == "/systems/valley/governance/board/next-meeting"
    assert (item.label, item.due) == ("Recovery Board", "no next meeting is stated")
    a_meeting("2018-08-10")
    assert own_meetings(finn, DAY)[0].due == "meets on 10 August 2018"
    client.force_login(finn)
    assert f'<a href="{item.href}">Recovery Board</a>' in client.get("/my-work").content.decode()
    # a seat that names a role of the system, and a body that is no more
    bert = a_person("bert", Role.BOARD_MEMBER, system=valley.system)
    assert own_meetings(bert, DAY) == []
    seat = SeatSpec(system="valley", body="board", code="m", role=Role.BOARD_MEMBER.label)
    save_seats(by=None, specs=[seat])
    assert [item.label for item in own_meetings(bert, DAY)] == ["Recovery Board"]
    save_bodies(by=None, specs=[BodySpec(**known, ends="2018-07")])
    assert own_meetings(finn, DAY) == []


def test_values_wait_for_whoever_enters_them(valley, finn):
    a_delay(valley.system)
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    assert len(waiting(cora, date(2026, 1, 1))["values"]) == 1
    assert "values" not in waiting(finn, date(2026, 1, 1))
    assert waiting(a_person("stranger")) == {}


def test_overdue_of_no_partner_waits_as_a_list_for_whoever_says_how_it_goes(valley, finn, client):
    """On 1 August 1.1 is overdue and nobody's, 1.2 the council's; and two milestones are."""
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    late = [("Actions of “Answer to the review”: 1", True), ("Milestones: 2", True)]
    assert waiting(cora)["unowned"] == late
    assert (
        waiting(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))["unowned"] == late
    )
    assert "unowned" not in waiting(finn)
    assert "unowned" not in waiting(cora, date(2018, 6, 30))
    (matters,) = [sort for sort in own_work(cora, DAY) if sort.code == "unowned"]
    client.force_login(cora)
    for item, name in zip(matters.items, ("Review the board", "Charter"), strict=True):
        page = client.get(f"{item.href}&as_of=2018-08-01").content.decode()
        assert name in page
        assert "Agree one vision" not in page
    save_actions(by=None, specs=[an_action("1.9", due="2018-07")])
    (matters,) = [sort for sort in own_work(cora, DAY) if sort.code == "unowned"]
    assert (matters.overdue, matters.items[0].label) == (4, "Actions of “Answer to the review”: 2")
    assert matters.items[0].due == "the first due in June 2018"


def test_the_page_says_so_in_as_many_queries_for_300(valley, finn, client, query_count):
    client.force_login(finn)
    client.get("/my-work")
    few = query_count(lambda: client.get("/my-work"))
    save_actions(by=None, specs=[an_action(f"1.{n}", owner="moor") for n in range(10, 310)])
    assert query_count(lambda: client.get("/my-work")) == few
    page = client.get("/my-work").content.decode()
    assert "281 more wait." in page
    assert "1 overdue." in page
