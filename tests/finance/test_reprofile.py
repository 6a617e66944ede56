"""Re-profiling: the year spread anew over open months, by whom, and undone."""

import pytest
from django.http import Http404

from esbt.kit.problems import Conflict, Refused
from finance.models import PlanFigure, PlanRevision
from finance.services import Profile, reprofile, set_year_status, undo_reprofile
from schemes.models import Change
from schemes.people.roles import Role
from tests.factories import a_person, evenly, move
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor, "spend")


@pytest.fixture
def plan(valley, line):
    """Ten pounds a month."""
    return valley.plan({line: evenly("120")})


@pytest.fixture
def finn(valley):
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


def months(**amounts: str) -> list[int]:
    """Ten pounds in each month but those named, as m4="30"."""
    return [pounds(amounts.get(f"m{month}", "10")) for month in range(1, 13)]


def spread(plan, by=None, reason="Later start", seen="any", code="moor-spend", **amounts):
    profile = Profile(line=code, months=months(**amounts), change=seen)
    return reprofile(by=by, slice_id=plan.slice_id, plan=plan, profiles=[profile], reason=reason)


def to_date(month: int) -> int:
    return PlanFigure.objects.get().to_date_pence[month - 1]


def test_open_months_move_and_the_year_stays(valley, plan, finn):
    move(valley.slice, "submitted", 1, valley.moor)
    done = spread(plan, by=finn, m2="0", m3="20")
    figure = PlanFigure.objects.get()
    assert (to_date(1), to_date(2), to_date(3)) == (pounds("10"), pounds("10"), pounds("30"))
    assert figure.full_year_pence == pounds("120")
    assert done.figures == [figure]
    change = Change.objects.get(number=done.change)
    assert (change.actor, change.reason) == (finn, "Later start")
    assert PlanRevision.objects.count() == 2
    assert valley.figures()(2, valley.moor, kind="spend").plan_to_date_pence == pounds("10")


def test_the_same_months_again_change_nothing(plan):
    assert spread(plan).change is None
    assert PlanRevision.objects.count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved", "closed"])
@pytest.mark.parametrize(
    "amounts", [{"m2": "5", "m4": "15"}, {"m1": "0", "m3": "20"}, {"m1": "0", "m2": "20"}]
)
def test_a_month_that_was_handed_on_keeps_its_plan(valley, plan, state, amounts):
    """Its own amount, and the amount to date: also where an earlier month is open again."""
    move(valley.slice, state, 2, valley.moor)
    with pytest.raises(Refused) as refused:
        spread(plan, **amounts)
    assert [(f.row, f.field) for f in refused.value.faults] == [("moor-spend", "month_2")]
    assert state in refused.value.faults[0].message
    assert to_date(1) == pounds("10")


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({"m4": "15"}, "add to £125, the year's plan is £120: £5 is too much"),
        ({"m4": "7"}, "add to £117, the year's plan is £120: £3 is still to be placed"),
    ],
)
def test_the_year_is_kept(plan, amounts, said):
    with pytest.raises(Refused) as refused:
        spread(plan, **amounts)
    assert said in refused.value.faults[0].message
    assert refused.value.faults[0].field == "year"


def test_a_reason_is_asked_for(plan):
    with pytest.raises(Refused) as refused:
        spread(plan, reason=" ", m1="0", m2="20")
    assert refused.value.faults[0].field == "reason"


def test_months_outside_the_line_stay_empty(valley, plan):
    july = valley.line(valley.moor, "income", first_month=4)
    valley.plan({july: "120"})
    with pytest.raises(Refused) as refused:
        spread(plan, code="moor-income")
    assert [f.field for f in refused.value.faults] == ["month_1", "month_2", "month_3"]


def test_a_line_without_months_gets_them_while_no_month_was_handed_on(valley, plan):
    valley.plan({valley.line(valley.moor, "income"): "120"})
    spread(plan, code="moor-income")
    assert PlanFigure.objects.get(line__code="moor-income").to_date_pence[0] == pounds("10")


def test_a_line_without_months_waits_for_the_administrator_after_that(valley, plan):
    valley.plan({valley.line(valley.moor, "income"): "120"})
    move(valley.slice, "submitted", 3, valley.moor)
    with pytest.raises(Refused) as refused:
        spread(plan, code="moor-income")
    assert [f.field for f in refused.value.faults] == ["month_3"]
    assert "without a plan to date" in refused.value.faults[0].message


def test_a_line_that_the_plan_does_not_hold_is_named(valley, plan):
    valley.line(valley.moor, "income")
    with pytest.raises(Refused) as refused:
        spread(plan, code="moor-income")
    assert refused.value.faults[0].row == "moor-income"


def test_a_newer_profile_is_shown_and_stays(plan):
    seen = PlanFigure.objects.get().change
    spread(plan, m1="0", m2="20")
    with pytest.raises(Conflict) as conflict:
        spread(plan, seen=seen, m1="20", m2="0")
    assert conflict.value.newer[0]["to_date_pence"][:2] == [0, pounds("20")]
    assert to_date(1) == 0


def test_a_closed_year_keeps_its_months(valley, plan):
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    with pytest.raises(Refused) as refused:
        spread(plan, m1="0", m2="20")
    assert refused.value.code == "closed"


def test_who_re_profiles(valley, plan, finn):
    people = {
        finn: True,
        a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system): True,
        a_person("tess", Role.FINANCE_LEAD, partner=valley.hill): False,
        a_person("anna", Role.APPROVER, partner=valley.moor): False,
        a_person("otto", Role.AUDITOR, system=valley.system): False,
    }
    for person, may in people.items():
        if may:
            spread(plan, by=person)
        else:
            with pytest.raises(Http404):
                spread(plan, by=person)


# undone


def undo(plan, by, change):
    return undo_reprofile(by=by, slice_id=plan.slice_id, plan=plan, change=change)


def test_one_s_own_re_profiling_is_undone_and_stays_in_the_history(valley, finn, line):
    plan = valley.plan({line: "120"})  # the year alone
    done = spread(plan, by=finn)
    undone = undo(plan, finn, done.change)
    assert PlanFigure.objects.get().to_date_pence is None
    assert [figure.line.code for figure in undone.figures] == ["moor-spend"]
    assert PlanRevision.objects.count() == 3


def test_undoing_is_for_who_did_it_and_before_anybody_else(valley, plan, finn):
    done = spread(plan, by=finn, m1="0", m2="20")
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    with pytest.raises(Http404):
        undo(plan, ada, done.change)
    spread(plan, by=ada, m1="20", m2="0")
    with pytest.raises(Conflict):
        undo(plan, finn, done.change)
    assert to_date(1) == pounds("20")


def test_what_was_handed_on_since_is_not_undone(valley, plan, finn):
    done = spread(plan, by=finn, m1="0", m2="20")
    move(valley.slice, "submitted", 1, valley.moor)
    with pytest.raises(Refused) as refused:
        undo(plan, finn, done.change)
    assert [f.field for f in refused.value.faults] == ["month_1"]
    assert to_date(1) == 0
