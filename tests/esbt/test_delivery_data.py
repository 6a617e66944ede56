"""Action plan, governance, programme and registers, against what was read from the sources."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from esbt import loading
from esbt.forms.delivery import ActionForm
from esbt.pages.assured import statements_of
from outcomes.models import Metric, Observation
from schemes.delivery.actions import Counts, action_rows, counts_of
from schemes.models import (
    Action,
    ActionArea,
    ActionLink,
    ActionPlan,
    ActivityCount,
    Assurance,
    Body,
    BodyMember,
    Change,
    Decision,
    Meeting,
    Milestone,
    Project,
    RegisterRow,
    System,
    Workstream,
)
from schemes.people.roles import Role
from schemes.registers.kinds import BY_CODE
from tests.factories import a_person
from tests.web import browser_of, text

FIXTURES = Path(__file__).parents[2] / "fixtures"
EAST_SUSSEX, MID_ESSEX = FIXTURES / "east-sussex", FIXTURES / "mid-essex"

pytestmark = pytest.mark.django_db


def load(*paths: Path) -> loading.Report:
    return loading.load(paths, progress=lambda line: None)


@pytest.fixture(scope="module", autouse=True)
def data(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both packages, loaded once for all tests here and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(EAST_SUSSEX, MID_ESSEX)
        yield
        transaction.set_rollback(True)


# the action plan after the local area review


def test_the_action_plan_has_ten_areas_and_thirty_seven_rows():
    plan = ActionPlan.objects.get()
    assert (plan.code, plan.body.code) == ("local-review", "health-wellbeing-board")
    assert (plan.owner_role, plan.support_ends) == (
        "Director of Adult Social Care and Health",
        "2018-08",
    )
    areas = Counter(Action.objects.values_list("area__position", flat=True))
    assert areas == {1: 2, 2: 3, 3: 3, 4: 5, 5: 1, 6: 4, 7: 6, 8: 5, 9: 3, 10: 5}
    assert ActionArea.objects.count() == 10
    assert Action.objects.count() == 37
    assert [item.number for item in Action.objects.filter(pointer=True)] == ["7.6"]
    assert [item.number for item in Action.objects.filter(ongoing=True)] == ["4.4"]


def test_actions_are_due_in_months_that_stand_in_the_plan():
    assert Counter(Action.objects.values_list("due", flat=True)) == {
        "2018-06": 6,
        "2018-07": 20,
        "2018-08": 1,
        "2018-09": 8,
        "": 2,
    }


def east_on(day: date) -> Counts:
    return counts_of(action_rows(System.objects.get(code="east-sussex"), day))


@pytest.mark.parametrize(
    ("as_of", "overdue"),
    [
        (date(2018, 6, 30), 0),
        (date(2018, 7, 1), 6),
        (date(2018, 8, 1), 26),
        (date(2018, 9, 1), 27),
        (date(2018, 10, 1), 35),
    ],
)
def test_a_month_is_past_when_the_next_one_begins(as_of, overdue):
    """Counted here by hand, month by month: whatever shows it must come to the same."""
    month = f"{as_of.year}-{as_of.month:02d}"
    live = Action.objects.filter(pointer=False, ongoing=False).exclude(due="")
    assert sum(item.due < month for item in live) == overdue
    assert east_on(as_of).overdue == overdue


def test_the_plan_stands_from_the_month_that_it_bears():
    assert [east_on(date(2018, *day)).live for day in ((1, 31), (2, 1))] == [0, 36]
    bo = browser_of(
        a_person("bo", Role.BOARD_MEMBER, system=System.objects.get(code="east-sussex"))
    )
    page = "/systems/east-sussex/action-plans/local-review/actions/5-1?as_of="
    assert "January 2018: 91.3" in text(bo.get(f"{page}2018-02-01"))
    before = text(bo.get(f"{page}2017-12-01"))
    assert "As of 1 December 2017 its plan was not there yet (February 2018)." in before
    assert "91.3" not in before


def test_an_action_that_moves_today_was_overdue_when_the_plan_says():
    plan = ActionPlan.objects.get(code="local-review")
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=plan.system)
    this = Action.objects.get(area__plan=plan, code="4-5")  # printed June 2018
    browser = browser_of(ada)
    address = f"/systems/east-sussex/action-plans/local-review/actions/{this.code}/change"
    form = browser.get(address).context["form"]
    sent = {name: value for name, value in form.initial.items() if value not in ("", False)}
    sent |= {"due": "July 2018", "moved_because": "No room"}
    seen = browser.get(address).context["seen"]
    assert browser.post(address, sent | {"seen": seen}).status_code == 302
    assert [east_on(date(2018, *day)).overdue for day in ((7, 1), (8, 1))] == [6, 26]


def test_six_rows_run_over_two_pages():
    split = Action.objects.filter(note__contains="The row runs over two pages")
    assert [item.number for item in split] == ["4.2", "7.1", "7.4", "8.1", "9.2", "10.4"]


def test_actions_refer_to_each_other_as_the_plan_does():
    found: dict[str, list[str]] = {}
    for link in ActionLink.objects.select_related("action", "other"):
        found.setdefault(f"{link.action.number} {link.kind}", []).append(link.other.number)
    assert {name: sorted(others) for name, others in found.items()} == {
        "1.1 see": ["2.1", "2.2", "2.3"],
        "4.2 see": ["10.4", "7.4"],
        "6.4 see": ["10.1", "10.2", "10.3", "10.4", "10.5"],
        "7.6 see": ["8.3", "8.5"],
        "8.3 see": ["5.1"],
        "8.4 see": ["7.5"],
        "10.2 see": ["10.1"],
        "10.4 needs": ["10.1", "10.2", "10.3"],
    }


def test_actions_are_owned_by_roles_and_organisations():
    for action in Action.objects.filter(pointer=False):
        assert action.owner_role or action.owner, action
    assert [item.number for item in Action.objects.filter(owner_role="", pointer=False)] == [
        "5.1",
        "10.2",
    ]
    assert Action.objects.filter(body__code="ae-delivery-board").count() == 5
    shared = Action.objects.exclude(co_owners=[]).values_list("number", "owner__code", "co_owners")
    assert sorted(shared) == [
        ("10.1", "esht", ["bsuh"]),
        ("10.3", "esht", ["bsuh"]),
        ("10.5", "esht", ["scas"]),
    ]


def test_what_assures_the_areas_and_by_which_metric():
    """21 statements in words, and 8 cells with a metric, of which one has two."""
    assert Assurance.objects.filter(metric="").count() == 21
    measured = Assurance.objects.exclude(metric="").values_list("metric", flat=True)
    assert len(measured) == 9
    known = Metric.objects.filter(system__code="east-sussex").values_list("code", flat=True)
    assert set(measured) <= set(known)
    east_sussex = System.objects.get(code="east-sussex")
    stand = {item.assurance.code: item for item in statements_of(east_sussex, date(2018, 8, 1))}
    assert (stand["information"].state, stand["carers"].state) == ("met", "met")
    assert stand["information"].measured.target == "England 75.4%"
    assert stand["carers"].measured.target == "England 68.6%"
    before = statements_of(east_sussex, date(2017, 12, 1))
    assert not {"met", "not-met"} & {item.state for item in before}
    beside = Assurance.objects.exclude(action=None).values_list("action__number", flat=True)
    assert sorted(beside) == ["1.1", "1.2", "2.1", "2.2"]
    assert {item.met for item in Assurance.objects.all()} == {None}


def test_the_form_of_each_action_offers_what_stands():
    """Saved as it was opened, a form changes nothing: 8.2 and 8.3 are owned by no member."""
    for action in Action.objects.select_related("area__plan__system", "owner", "body"):
        first = ActionForm.of(action)
        form = ActionForm(action.area.plan.system, first, initial=first)
        assert form.is_valid(), (action.number, form.errors)
        assert not form.changed_data, action.number
        assert dict(form.fields["owner"].choices)[first["owner"]] == (
            action.owner.name if action.owner else "Not stated"
        )


def test_what_refers_to_something_later_says_so():
    rows = action_rows(System.objects.get(code="east-sussex"), date(2018, 6, 1))
    later = {row.action.number: [o.number for o in row.later] for row in rows if row.later}
    assert later == {"4.2": ["7.4"], "8.4": ["7.5"]}  # July; August, September


# governance


def east(model: type, way: str = "system") -> list:
    """Rows of East Sussex."""
    return list(model.objects.filter(**{f"{way}__code": "east-sussex"}))


def test_bodies_stand_with_their_members_and_what_they_followed():
    assert (len(east(Body)), len(east(BodyMember, "body__system"))) == (26, 45)
    board = Body.objects.get(code="scb")
    assert (board.starts, board.took_over.code) == ("2017-04", "programme-partnership")
    members = board.members.exclude(partner=None).values_list("partner__code", flat=True)
    assert set(members) == {"escc", "ehs-ccg", "hr-ccg"}
    assert Body.objects.get(code="alliance").members.count() == 5
    assert Body.objects.get(code="review-board").members.count() == 21
    assert Body.objects.get(code="recovery-board").receives
    essex = Body.objects.filter(system__code="mid-essex")
    assert essex.count() == 8
    assert essex.get(code="business-management-group").reports_to.code == "health-wellbeing-board"


def test_decisions_have_the_dates_that_are_printed():
    dated = Decision.objects.exclude(on="").values_list("body__code", "on")
    assert sorted(dated, key=lambda row: (row[1], row[0])) == [
        ("health-wellbeing-board", "2014-02-12"),
        ("health-wellbeing-board", "2014-03-27"),
        ("scb", "2017-06-06"),
        ("scb", "2018-03-09"),
        ("ehs-governing-body", "2018-03-28"),
        ("hr-governing-body", "2018-03-28"),
        ("county-council", "2018-04-16"),
        ("partnership-board", "2020-12"),
        ("alliance", "FY2017-18"),
    ]
    assert sorted(item.on for item in east(Meeting, "body__system")) == [
        "2017-06-06",
        "2018-03-09",
        "2018-03-28",
        "2018-03-28",
        "2018-07-17",
        "2020-10",
        "2020-12",
    ]


# the integration programme


def test_the_programme_has_five_streams_and_says_what_is_not_at_hand():
    streams = Workstream.objects.all()
    assert [item.name for item in streams] == [
        "Children and Young People",
        "Mental Health",
        "Community",
        "Urgent Care",
        "Planned Care",
    ]
    assert all("paused from March to May 2020" in item.note for item in streams)
    assert {item.workstream.code for item in Project.objects.all()} == {"community"}
    assert {(item.status, item.ends) for item in Project.objects.all()} == {("", "FY2021-22")}
    assert Project.objects.count() == 4
    absent = RegisterRow.objects.filter(register="datasets", code__startswith="appendix-")
    assert {(item.values["status"], item.evidence.state) for item in absent} == {
        ("Not at hand", "missing")
    }
    assert [item.code[-1] for item in absent] == ["3", "4", "5", "6", "7", "8"]


def test_milestones_keep_their_precision():
    reached = Milestone.objects.exclude(done="").values_list("code", "done")
    dates = dict(Milestone.objects.values_list("code", "due")) | dict(reached)
    assert dates["partnership-commissioned"] == dates["local-offer"] == "2022-04"
    assert dates["continuing-healthcare-reviews"] == "2021-03-31"
    assert dates["scope-roadmap"] == "2021"
    assert dates["monitoring-resumed"] == "2020-10"
    assert dates["programme-launched"] == "2014-08"
    assert dates["reablement-contract"] == "2015-autumn"
    assert Milestone.objects.get(code="alliance-agreement").due == "2017-04-01"
    needs = Milestone.objects.get(code="partnership-commissioned").needs.get()
    assert needs.other.code == "scope-roadmap"


def test_the_calendar_of_every_system_opens_whole(client):
    load(FIXTURES / "community-trust")
    client.force_login(a_person("ada", Role.SITE_ADMINISTRATOR))
    counts = {}
    for system in System.objects.all():
        answer = client.get(f"/api/v1/systems/{system.code}/calendar")
        assert answer.status_code == 200, system
        counts[system.code] = answer.json()["count"]
        assert client.get(f"/systems/{system.code}/calendar").status_code == 200
    assert counts["east-sussex"] > 70
    found = client.get("/api/v1/systems/east-sussex/calendar").json()["rows"]
    offers = [row for row in found if row["key"].startswith("offers-")]
    assert {row["owner_role"] for row in offers} == {""}
    assert offers[0]["href"].startswith("/systems/east-sussex/registers/offers/")
    plans = [row["kind"] for row in found if row["name"].startswith("Final plans for the redesign")]
    assert plans == ["milestone"]  # what a scheme needs too stands once


# the registers


def test_registers_hold_what_the_documents_hold():
    counts = Counter(RegisterRow.objects.values_list("system__code", "register"))
    assert counts == {
        ("east-sussex", "capacity"): 18,
        ("east-sussex", "datasets"): 20,
        ("east-sussex", "engagement"): 12,
        ("east-sussex", "localities"): 18,
        ("east-sussex", "offers"): 10,
        ("east-sussex", "population"): 17,
        ("east-sussex", "risk-groups"): 1,
        ("mid-essex", "capacity"): 4,
        ("mid-essex", "datasets"): 10,
        ("mid-essex", "engagement"): 13,
        ("mid-essex", "localities"): 3,
        ("mid-essex", "population"): 6,
        ("mid-essex", "risk-groups"): 3,
    }
    kinds = Counter(
        item.values["kind"] for item in RegisterRow.objects.filter(register="engagement")
    )
    assert kinds["message"] == 5
    parts = Counter(item.values["part"] for item in RegisterRow.objects.filter(register="offers"))
    assert (parts["Local offer"], parts["Joint commissioning framework"]) == (5, 4)


def test_localities_are_counted_and_not_named():
    rows = RegisterRow.objects.filter(register="localities", evidence__state="missing")
    kinds = Counter(row.values["kind"] for row in rows)
    assert kinds == {"planning-group": 6, "network": 6}
    practices = [
        row.values["practices"]
        for row in RegisterRow.objects.filter(register="localities")
        if row.values["practices"] is not None
    ]
    assert practices == [47, 34, 28]


def test_what_is_worked_out_of_registers():
    def derived(register: str, code: str, name: str) -> str:
        row = RegisterRow.objects.get(register=register, code=code)
        return str(BY_CODE[register].derived(row.values)[name])

    assert derived("population", "people-65-84", "gap") == "6.5"
    assert derived("population", "people-over-85", "gap") == "1.6"
    assert derived("population", "people-from-65", "gap") == "8.1"
    assert derived("capacity", "extra-care-need", "gap") == "None"
    assert derived("risk-groups", "very-high", "expected") == "None"


# all of it


def test_a_figure_that_a_register_repeats_is_that_of_its_metric_or_scheme():
    for code in ("people-65-84", "people-over-85"):
        row = RegisterRow.objects.get(register="population", code=code)
        for area, name in (("e10000011", "value"), ("e92000001", "comparator_value")):
            seen = Observation.objects.get(metric__code=code, area__code=area)
            assert Decimal(row.values[name]) == seen.value
    for year in ("2017", "2018"):
        row = RegisterRow.objects.get(register="capacity", code=f"care-home-plus-{year}")
        count = ActivityCount.objects.get(code=f"care-home-plus-beds-{year}-03")
        assert Decimal(row.values["capacity"]) == count.promised


def test_each_row_names_its_source():
    for model in (
        *(Action, ActionArea, ActionLink, ActionPlan, Assurance),
        *(Body, BodyMember, Decision, Meeting, Milestone, Project, RegisterRow, Workstream),
    ):
        assert not model.objects.filter(evidence=None).exists(), model


def test_loading_again_changes_nothing():
    changes = Change.objects.count()
    total = load(EAST_SUSSEX, MID_ESSEX).total
    assert (total.created, total.updated) == (0, 0)
    assert Change.objects.count() == changes
