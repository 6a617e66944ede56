"""The plans page: versions side by side, what differs and why; new versions and the headline."""

import csv
import io

import pytest
from django.test import Client

from finance.models import Plan, PlanFigure
from finance.queries.plans import plan_differences, plan_steps, plan_sums, plans_of
from finance.rollups import headline, recompute
from finance.services import PlanEntry, choose_headline, copy_plan, record_plan
from schemes.people.roles import Role
from tests.factories import a_person, evenly
from tests.money import pounds

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/plans"


@pytest.fixture
def council(valley):
    """The council plans £120,000 in and £150,000 out, the trust a deficit of £40,000."""
    valley.income = valley.line(valley.moor, "income", "grants")
    valley.pay = valley.line(valley.moor, "spend", "pay")
    valley.deficit = valley.line(valley.hill)
    valley.original = valley.plan(
        {
            valley.income: evenly("120_000"),
            valley.pay: evenly("150_000"),
            valley.deficit: "-40_000",
        }
    )
    return valley


@pytest.fixture
def revised(council):
    """A second version: £12,000 more pay, and the grants later in the year."""
    made = copy_plan(
        by=None,
        slice_id=council.slice.pk,
        plan=council.original,
        code="revised",
        name="Revised",
        reason="Mid-year review",
    )
    later = [0] * 6 + [pounds("20_000")] * 6
    record_plan(
        by=None,
        slice_id=council.slice.pk,
        plan=made,
        entries=[
            PlanEntry(line="pay", full_year_pence=pounds("162_000"), months=evenly("162_000")),
            PlanEntry(line="grants", full_year_pence=pounds("120_000"), months=later),
        ],
        reason="Pay award",
    )
    return made


def sign_in(role, **where) -> Client:
    browser = Client()
    browser.force_login(a_person(role.value, role, **where))
    return browser


def test_sums_stand_by_kind_and_partner_with_positions_worked_out(council, revised):
    sums = {(s.kind, s.partner.code if s.partner else ""): s for s in plan_sums(council.slice)}
    first, second = council.original.pk, revised.pk
    position = sums["position", "moor"]
    assert position.derived
    assert position.planned[first].pence == pounds("-30_000")
    assert position.planned[second].pence == pounds("-42_000")
    assert sums["position", "hill"].planned[first].pence == pounds("-40_000")
    assert sums["position", ""].planned[second].pence == pounds("-82_000")
    assert sums["spend", ""].planned[second].pence == pounds("162_000")


def test_a_position_is_not_worked_out_from_half_a_plan(council):
    half = council.plan({council.pay: "1"}, code="half", headline=False)
    sums = {(s.kind, s.partner.code if s.partner else ""): s for s in plan_sums(council.slice)}
    assert half.pk not in sums["position", "moor"].planned
    assert sums["spend", "moor"].planned[half.pk].pence == pounds("1")


def test_the_sums_are_the_rollups_of_the_headline(council, revised):
    figures = council.figures()
    for item in plan_sums(council.slice):
        row = figures(12, item.partner, kind=item.kind)
        assert item.planned[council.original.pk].pence == row.plan_pence


def test_differences_come_line_by_line_with_the_reason(council, revised):
    pay, grants = plan_differences(council.slice, council.original, revised)
    assert (pay.line, pay.difference_pence, pay.reason) == (
        council.pay,
        pounds("12_000"),
        "Pay award",
    )
    assert (grants.line, grants.months_only, grants.difference_pence) == (council.income, True, 0)
    back = plan_differences(council.slice, revised, council.original)
    assert back[0].difference_pence == pounds("-12_000")


def test_a_line_that_only_one_version_holds_has_no_difference(council):
    other = council.plan({council.pay: evenly("150_000")}, code="other", headline=False)
    found = {
        item.line.code: item for item in plan_differences(council.slice, council.original, other)
    }
    assert set(found) == {"grants", "hill-position"}
    assert found["grants"].difference_pence is None
    assert found["grants"].after_pence is None


def test_history_tells_each_change_of_the_plans(council, revised):
    steps = plan_steps(council.slice, 30)
    assert [(step.change.action, step.plans, step.lines) for step in steps[:2]] == [
        ("plan figures", ["Revised"], 2),
        ("plan version", ["Revised"], 3),
    ]
    assert steps[0].change.reason == "Pay award"
    assert ["Original"] in [step.plans for step in steps if step.change.action == "headline plan"]


def test_the_page_asks_as_often_for_three_lines_as_for_many(council, revised, query_count):
    recompute(council.slice.pk)
    browser = sign_in(Role.BOARD_MEMBER, system=council.system)
    browser.get(PAGE)
    few = query_count(lambda: browser.get(PAGE))
    many = [council.line(council.moor, "spend", f"more-{n}") for n in range(30)]
    council.plan(dict.fromkeys(many, "5"), code="revised", headline=False)
    assert query_count(lambda: browser.get(PAGE)) == few


def test_the_page_shows_versions_and_what_differs(council, revised):
    page = sign_in(Role.BOARD_MEMBER, system=council.system).get(PAGE).content.decode()
    assert "2 versions of the plan; the year is compared with Original." in page
    assert "income less spend" in page
    assert "Pay award" in page
    assert "its months differ" in page
    assert "Make the version" not in page


def test_the_administrator_makes_a_version_and_chooses_it(council):
    browser = sign_in(Role.SYSTEM_ADMINISTRATOR, system=council.system)
    form = {"act": "version", "plan": "original", "name": "Control total", "reason": "Issued"}
    assert browser.post(PAGE, form).status_code == 302
    made = Plan.objects.get(code="control-total")
    assert PlanFigure.objects.filter(plan=made).count() == 3
    assert headline(council.slice.pk) == council.original
    again = browser.post(PAGE, form | {"name": "Control total", "reason": "Again"})
    assert again.status_code == 422
    assert "has a version of this name" in again.content.decode()
    assert 'value="Again"' in again.content.decode()  # nothing typed is lost
    chosen = {"act": "headline", "plan": "control-total"}
    assert "Say why" in browser.post(PAGE, chosen).content.decode()
    assert browser.post(PAGE, chosen | {"reason": "As issued"}).status_code == 302
    assert headline(council.slice.pk) == made


def test_versions_are_the_administrators(council):
    browser = sign_in(Role.FINANCE_LEAD, partner=council.moor)
    form = {"act": "version", "plan": "original", "name": "Mine", "reason": "So"}
    assert browser.post(PAGE, form).status_code == 404
    assert plans_of(council.slice) == [council.original]


def test_the_headline_is_chosen_once(council):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=council.system)
    here = {"by": ada, "slice_id": council.slice.pk, "plan": council.original}
    assert not choose_headline(**here, reason="It is")


def test_what_is_no_version_is_not_there(council):
    browser = sign_in(Role.BOARD_MEMBER, system=council.system)
    assert browser.get(f"{PAGE}?from=nothing").status_code == 404


def test_downloads_hold_every_figure_and_every_difference(council, revised):
    browser = sign_in(Role.BOARD_MEMBER, system=council.system)
    rows = list(csv.DictReader(io.StringIO(browser.get(f"{PAGE}.csv").content.decode())))
    assert len(rows) == 6
    pay = next(row for row in rows if (row["plan"], row["line"]) == ("revised", "pay"))
    assert (pay["full_year_gbp"], pay["to_date_1_gbp"], pay["reason"], pay["headline"]) == (
        "162000.00",
        "13500.00",
        "Pay award",
        "false",
    )
    address = PAGE.replace("/plans", "/plan-differences.csv?from=original&to=revised")
    differing = list(csv.DictReader(io.StringIO(browser.get(address).content.decode())))
    assert [(row["line"], row["difference_gbp"]) for row in differing] == [
        ("pay", "12000.00"),
        ("grants", "0.00"),
    ]
