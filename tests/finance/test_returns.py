"""Returns: who moves a month, what that publishes, and closing a year."""

import pytest
from django.http import Http404

from finance.models import MonthlyReturn, Outturn, ReturnEvent
from finance.models.outturns import ReturnState
from finance.rollups import compute, verify
from finance.services import move_returns, set_year_status
from schemes.models import Slice
from schemes.people.roles import Role
from tests.factories import a_person, approve, close, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


def published(line, month: int) -> int | None:
    return Outturn.objects.get(line=line, month=month).published_actual_pence


def test_approving_publishes_what_stands(valley, line):
    report(line, 3, "-3", "-30")
    assert move(valley.slice, ReturnState.SUBMITTED, 3, valley.moor) == 1
    assert published(line, 3) is None
    assert approve(valley.slice, 3, valley.moor) == 1
    head = Outturn.objects.get()
    assert (head.published_actual_pence, head.published_forecast_pence) == (
        pounds("-3"),
        pounds("-30"),
    )
    assert head.published_revision == 1


def test_closing_publishes_what_was_not_approved_before(valley, line):
    report(line, 3, "-3")
    close(valley.slice, 3, valley.moor)
    assert published(line, 3) == pounds("-3")


def test_closing_leaves_what_was_approved(valley, line):
    report(line, 3, "-3")
    approve(valley.slice, 3, valley.moor)
    change = MonthlyReturn.objects.get().published_change
    close(valley.slice, 3, valley.moor)
    assert MonthlyReturn.objects.get().published_change == change
    assert [event.state for event in ReturnEvent.objects.order_by("change")] == [
        "approved",
        "closed",
    ]


@pytest.mark.parametrize("again", [ReturnState.APPROVED, ReturnState.CLOSED])
def test_what_was_sent_back_and_corrected_is_published_anew(valley, line, again):
    report(line, 3, "-3")
    approve(valley.slice, 3, valley.moor)
    move(valley.slice, ReturnState.DRAFT, 3, valley.moor)
    report(line, 3, "-5")
    assert published(line, 3) == pounds("-3")
    move(valley.slice, again, 3, valley.moor)
    assert published(line, 3) == pounds("-5")
    assert valley.figures()(3, state="published").actual_pence == pounds("-5")


def test_moving_to_where_it_is_changes_nothing(valley):
    close(valley.slice, 3, valley.moor)
    before = valley.fresh().change
    assert close(valley.slice, 3, valley.moor) == 0
    assert valley.fresh().change == before


def test_many_months_and_partners_move_as_one(valley, line):
    report(line, 1, "-1")
    moved = move_returns(
        by=None,
        slice_id=valley.slice.pk,
        months=range(1, 4),
        state=ReturnState.CLOSED,
        partners=[valley.moor, valley.hill],
    )
    assert moved == 6
    assert ReturnEvent.objects.values("change").distinct().count() == 1
    valley.figures()


@pytest.mark.parametrize(
    ("role", "state"),
    [
        (Role.FINANCE_LEAD, ReturnState.SUBMITTED),
        (Role.APPROVER, ReturnState.APPROVED),
        (Role.SYSTEM_ADMINISTRATOR, ReturnState.CLOSED),
    ],
)
def test_each_step_is_somebodys(valley, role, state):
    at = (
        {"system": valley.system} if role == Role.SYSTEM_ADMINISTRATOR else {"partner": valley.moor}
    )
    who = a_person("who", role, **at)
    here = {"slice_id": valley.slice.pk, "months": [1], "partners": [valley.moor]}
    for other in {ReturnState.SUBMITTED, ReturnState.APPROVED, ReturnState.CLOSED} - {state}:
        with pytest.raises(Http404):
            move_returns(by=who, state=other, **here)
    assert move_returns(by=who, state=state, **here) == 1


def test_one_approves_for_ones_own_partner(valley):
    who = a_person("who", Role.APPROVER, partner=valley.moor)
    with pytest.raises(Http404):
        move_returns(
            by=who,
            slice_id=valley.slice.pk,
            months=[1],
            state=ReturnState.APPROVED,
            partners=[valley.moor, valley.hill],
        )
    assert not MonthlyReturn.objects.exists()


def test_a_closed_month_is_moved_by_whoever_closes_months_only(valley):
    close(valley.slice, 1, valley.moor)
    here = {"slice_id": valley.slice.pk, "months": [1], "partners": [valley.moor]}
    approver = a_person("approver", Role.APPROVER, partner=valley.moor)
    with pytest.raises(Http404):
        move_returns(by=approver, state=ReturnState.APPROVED, **here)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert move_returns(by=ada, state=ReturnState.DRAFT, **here) == 1


def test_an_approver_sends_a_return_back(valley):
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)
    here = {"slice_id": valley.slice.pk, "months": [1], "partners": [valley.moor]}
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    with pytest.raises(Http404):
        move_returns(by=finn, state=ReturnState.DRAFT, **here)
    approver = a_person("approver", Role.APPROVER, partner=valley.moor)
    assert move_returns(by=approver, state=ReturnState.DRAFT, **here) == 1


def test_a_year_is_closed_and_opened(valley):
    assert set_year_status(by=None, slice_id=valley.slice.pk, status=Slice.Status.CLOSED)
    assert not set_year_status(by=None, slice_id=valley.slice.pk, status=Slice.Status.CLOSED)
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    with pytest.raises(Http404):
        set_year_status(by=finn, slice_id=valley.slice.pk, status=Slice.Status.OPEN)
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    assert set_year_status(by=ada, slice_id=valley.slice.pk, status=Slice.Status.OPEN)
    assert valley.fresh().status == "open"


def test_what_was_published_before_a_restatement_can_be_seen_as_it_was(valley, line):
    report(line, 3, "-3")
    approve(valley.slice, 3, valley.moor)
    then = valley.fresh().change
    move(valley.slice, ReturnState.DRAFT, 3, valley.moor)
    report(line, 3, "-5")
    approve(valley.slice, 3, valley.moor)
    assert valley.figures()(3, state="published").actual_pence == pounds("-5")
    known = [
        row.actual_pence
        for row in compute(valley.slice.pk, ceiling=then)
        if (row.state, row.month, row.partner_key, row.level) == ("published", 3, 0, "all")
    ]
    assert known == [pounds("-3")]
    assert verify(valley.slice.pk) == []
