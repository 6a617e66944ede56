"""Bodies, action plans, milestones and registers: what is refused, and what is kept."""

from dataclasses import replace

import pytest
from django.http import Http404

from esbt.kit.problems import Refused
from schemes.models import Action, ActionNote, Body, Milestone, RegisterRow, RowVersion
from schemes.package.rows import spec_of_row
from schemes.package.steps import STEPS
from schemes.people.roles import Role
from schemes.registers.kinds import BY_CODE, KINDS
from schemes.services import actions, bodies, rows, workstreams
from schemes.services.owners import owner_fault
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.pools import PoolSpec, save_pools
from schemes.services.progress import report_action
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_partner, a_person, a_system, a_year

pytestmark = pytest.mark.django_db

PLAN = actions.ActionPlanSpec(system="valley", code="review", name="Review", evidence_asked=True)
AREA = actions.AreaSpec(system="valley", plan="review", code="1", name="Vision")
ACTION = actions.ActionSpec(
    system="valley",
    plan="review",
    area="1",
    code="1-1",
    number="1.1",
    name="Review the board",
    owner_role="Chief Executive",
    due="2018-07",
)


@pytest.fixture
def valley():
    """A system with an action plan of one area."""
    system = a_system(a_partner("moor"))
    a_year(system)
    actions.save_action_plans(by=None, specs=[PLAN])
    actions.save_action_areas(by=None, specs=[AREA])
    return system


def said(caught: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(fault.message for fault in caught.value.faults)


@pytest.mark.parametrize(
    "owner",
    [
        "",
        "Director of Public Health",
        "A&E Delivery Board",
        "ESBT and C4Y communications and engagement leads",
        "Head of Supply Management, ASC&H, ESCC",
        "PMO; Strategic Workforce Group",
        "Commissioning Directors; upper tier authorities",
        "Chair/Chief Executive",
        "ESHT ESCC",
        "Customer Account Manager",
        "Chief Nurse, Queen Elizabeth Hospital",
        "Director of Operations, St George's Hospital",
        "High Weald Lewes Havens CCG",
    ],
)
def test_roles_and_bodies_own_actions(owner):
    assert owner_fault(owner, "owner_role", 1) is None


@pytest.mark.parametrize(
    "owner",
    [
        "Hill",  # a partner
        "Director of Public Health, East Valley",  # part of a body's name
        "Chair: the Valley Board",
        "Director, Joint Commissioning",
        "Deputy Chief Operating Officer, Great Ormond Street Hospital",
    ],
)
def test_a_role_may_stand_beside_a_place_or_body_that_is_known(valley, owner):
    a_partner("hill", valley)
    body = bodies.BodySpec(system="valley", code="board", name="East Valley Area Board")
    bodies.save_bodies(by=None, specs=[body])
    assert owner_fault(owner, "owner_role", 1) is None


def test_a_persons_name_owns_no_risk_scheme_or_pool(valley):
    for save, spec in (
        (save_risks, RiskSpec(system="valley", code="r", name="R", owner_role="Ada Lovelace")),
        (save_schemes, SchemeSpec(system="valley", code="s", name="S", lead_role="Ada Lovelace")),
        (save_pools, PoolSpec(system="valley", code="p", name="P", manager_role="Ada Lovelace")),
    ):
        with pytest.raises(Refused) as caught:
            save(by=None, specs=[spec])
        assert "Personal names are not kept" in said(caught)


@pytest.mark.parametrize(
    "owner",
    [
        "Ada Lovelace",
        "Director of Finance; Ada Lovelace",
        "Ada Lovelace, High Valley CCG",
        "Chief Executive Ada Lovelace",
        "Chair Mary Ann Evans",
        "Chair: Ada Lovelace",
        "Ada King-Noel, Chief Exec ESCC",
        "Lead (Ada M. O'Hara)",
        "HELEN LOVELACE",  # in capitals only
        "HELEN LOVELACE, ESCC",
        "Director of Finance: HELEN KING-NOEL",
        "Chair/Keith Lovelace",
        "Helen King-Noel Customer Account Manager",
        "Chief Operating Officer Jo",
        "Jo Lovelace ESHT",
    ],
)
def test_a_name_alone_owns_nothing(valley, owner):
    with pytest.raises(Refused) as caught:
        actions.save_actions(by=None, specs=[replace(ACTION, owner_role=owner)])
    assert "Personal names are not kept" in said(caught)


def test_due_dates_keep_their_precision_and_odd_ones_are_told(valley):
    actions.save_actions(by=None, specs=[ACTION])
    assert Action.objects.get().due == "2018-07"
    for odd in ("Sept 2018", "by June 2018"):
        with pytest.raises(Refused):
            actions.save_actions(by=None, specs=[replace(ACTION, due=odd)])


def test_done_has_a_day_and_the_evidence_that_is_asked_for(valley):
    done = replace(ACTION, status="done", done_on="2018-07-20")
    with pytest.raises(Refused) as caught:
        actions.save_actions(by=None, specs=[done])
    assert "asks for evidence" in said(caught)
    with pytest.raises(Refused) as caught:
        actions.save_actions(by=None, specs=[replace(done, done_on="", shown_by="Minutes")])
    assert "when the action was done" in said(caught)
    actions.save_actions(by=None, specs=[replace(done, shown_by="Minutes")])


def test_actions_do_not_wait_for_each_other_in_a_circle(valley):
    more = [replace(ACTION, code=f"1-{n}", number=f"1.{n}") for n in (1, 2, 3)]
    actions.save_actions(by=None, specs=more)
    links = [
        actions.ActionLinkSpec(system="valley", plan="review", action=a, other=b, kind="needs")
        for a, b in (("1-1", "1-2"), ("1-2", "1-3"))
    ]
    actions.save_action_links(by=None, specs=links)
    back = replace(links[0], action="1-3", other="1-1")
    with pytest.raises(Refused) as caught:
        actions.save_action_links(by=None, specs=[back])
    assert "1.1 needs 1.2 needs 1.3 needs 1.1: a circle" in said(caught)
    actions.save_action_links(by=None, specs=[replace(back, kind="see")])


def test_progress_is_told_by_those_who_may(valley):
    actions.save_actions(by=None, specs=[ACTION])
    action = Action.objects.get()
    commissioner = a_person("cora", Role.COMMISSIONER, system=valley)
    board = a_person("bo", Role.BOARD_MEMBER, system=valley)
    with pytest.raises(Http404):
        report_action(by=board, action=action, text="Going well", changed={})
    with pytest.raises(Refused):
        report_action(by=commissioner, action=action, text=" ", changed={})
    done = {"status": "done", "done_on": "2018-07-20"}
    with pytest.raises(Refused):
        report_action(by=commissioner, action=action, text="", changed=done)
    report_action(
        by=commissioner, action=action, text="It met", changed=done | {"shown_by": "Minute 4"}
    )
    assert Action.objects.get().status == "done"
    assert ActionNote.objects.get().actor == commissioner


def test_bodies_in_any_order_and_no_circles(valley):
    specs = [
        bodies.BodySpec(system="valley", code="group", name="Group", reports_to="board"),
        bodies.BodySpec(system="valley", code="board", name="Board"),
    ]
    bodies.save_bodies(by=None, specs=specs)
    assert Body.objects.get(code="group").reports_to.code == "board"
    with pytest.raises(Refused) as caught:
        bodies.save_bodies(by=None, specs=[specs[0], replace(specs[1], reports_to="group")])
    assert "circle" in said(caught)
    seat = bodies.SeatSpec(system="valley", body="board", code="one", role="Ada Lovelace")
    with pytest.raises(Refused):
        bodies.save_seats(by=None, specs=[seat])
    with pytest.raises(Refused) as caught:
        bodies.save_seats(by=None, specs=[replace(seat, role="")])
    assert "partner or the role" in said(caught)


def test_a_milestone_keeps_its_earlier_dates(valley):
    spec = workstreams.MilestoneSpec(system="valley", code="offer", name="Offer", due="2021-04")
    workstreams.save_milestones(by=None, specs=[spec])
    workstreams.save_milestones(by=None, specs=[replace(spec, due="2022-04")])
    kept = RowVersion.objects.filter(table="milestone").order_by("pk")
    assert [version.values["due"] for version in kept] == ["2021-04", "2022-04"]
    assert Milestone.objects.get().due == "2022-04"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_each_register_is_a_table_of_a_package(kind):
    assert kind.table in [step.table.name for step in STEPS]
    assert kind.columns
    assert set(kind.derived_words or ()) == set((kind.derived or (lambda values: {}))({}))


def test_a_register_keeps_what_its_kind_says_to_the_digit(valley):
    kind = BY_CODE["population"]
    row = kind.row.model_validate(
        {
            "row": 1,
            "system": "valley",
            "code": "older",
            "name": "People of 65 to 84",
            "group": "65 to 84",
            "unit": "%",
            "value": "23.3",
            "comparator": "England",
            "comparator_value": "16.8",
        }
    )
    rows.save_rows(by=None, kind=kind, specs=[spec_of_row(kind, row, None)])
    stored = RegisterRow.objects.get()
    assert stored.values["value"] == "23.3"
    assert str(kind.derived(stored.values)["gap"]) == "6.5"
    assert kind.derived({"value": "23.3"})["gap"] is None


# packages that are loaded again


def test_a_package_says_what_is_new_and_leaves_what_people_reported(valley):
    actions.save_actions(by=None, specs=[ACTION])
    cora = a_person("cora", Role.COMMISSIONER, system=valley)
    done = {"status": "done", "done_on": "2018-06-25", "shown_by": "Minute 7"}
    report_action(by=cora, action=Action.objects.get(), text="", changed=done)
    moved = replace(ACTION, due="2018-08")
    for spec in (moved, moved, ACTION, moved):  # the same again, put right, and back
        actions.save_actions(by=None, specs=[spec])
        found = Action.objects.get()
        assert (found.due, found.status, found.done_on, found.shown_by) == (
            spec.due, "done", "2018-06-25", "Minute 7",
        )  # fmt: skip
    reopened = {"status": "in-progress", "done_on": "", "shown_by": ""}
    report_action(by=cora, action=Action.objects.get(), text="", changed=reopened)
    actions.save_actions(by=None, specs=[moved])
    assert Action.objects.get().status == "in-progress"
    told = actions.save_actions(by=None, specs=[replace(moved, status="not-started", row=4)])
    assert Action.objects.get().status == "in-progress"  # as cora put it
    (kept,) = told.kept
    assert (kept.field, kept.value, kept.row) == ("status", "not-started", 4)
    assert "Left as somebody put it on" in kept.message


def test_a_package_that_says_less_takes_nothing_from_a_row_that_people_reported_on(valley):
    """The package says done by a paper; the board's minutes are named instead; then it is silent"""
    paper = replace(ACTION, status="done", done_on="2018-06-25", shown_by="Paper")
    actions.save_actions(by=None, specs=[paper])
    cora = a_person("cora", Role.COMMISSIONER, system=valley)
    minutes = {"status": "done", "done_on": "2018-06-25", "shown_by": "Minutes"}
    report_action(by=cora, action=Action.objects.get(), text="", changed=minutes)
    told = actions.save_actions(by=None, specs=[ACTION])
    found = Action.objects.get()
    assert (found.status, found.done_on, found.shown_by) == ("done", "2018-06-25", "Minutes")
    assert {fault.field for fault in told.kept} == {"status", "done_on", "shown_by"}


def test_what_somebody_reported_of_an_action_stays_together(valley):
    """Only the evidence was altered; the package then says another status and day."""
    done = replace(ACTION, status="done", done_on="2018-06-25", shown_by="Paper")
    actions.save_actions(by=None, specs=[done])
    cora = a_person("cora", Role.COMMISSIONER, system=valley)
    minutes = {"status": "done", "done_on": "2018-06-25", "shown_by": "Minutes"}
    report_action(by=cora, action=Action.objects.get(), text="", changed=minutes)
    begun = replace(ACTION, status="in-progress", due="2018-08")
    told = actions.save_actions(by=None, specs=[begun])
    found = Action.objects.get()
    assert (found.status, found.done_on, found.shown_by, found.due) == (
        "done", "2018-06-25", "Minutes", "2018-08",
    )  # fmt: skip
    assert {fault.field for fault in told.kept} == {"status", "done_on", "shown_by"}


def test_a_package_says_nothing_over_a_row_that_a_person_made(valley):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley)
    actions.save_actions(by=ada, specs=[replace(ACTION, name="As Ada has it")])
    told = actions.save_actions(by=None, specs=[replace(ACTION, name="Other", detail="At length")])
    found = Action.objects.get()
    assert (found.name, found.detail) == ("As Ada has it", "At length")  # which she left blank
    assert [fault.field for fault in told.kept] == ["name"]


def test_a_register_keeps_what_people_said_column_by_column(valley):
    kind = BY_CODE["capacity"]

    def load(by=None, **values: str) -> None:
        row = rows.RowSpec(
            system="valley", register="capacity", code="beds", name="Beds", values=values
        )
        rows.save_rows(by=by, kind=kind, specs=[row])

    load(setting="Acute", demand="66", capacity="60")
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley)
    load(ada, setting="Acute", demand="66", capacity="55")
    load(setting="Acute", demand="70", capacity="60")
    found = RegisterRow.objects.get().values
    assert (found["demand"], found["capacity"]) == ("70", "55")
