"""Submitting with reasons, approving by somebody else, closing by partner and by system."""

from importlib import import_module

import pytest
from django.db import connection
from django.http import Http404

from esbt.kit.problems import Refused
from finance.models import GapReason, MonthClose, MonthlyReturn, Outturn
from finance.models.base import AUDITED
from finance.models.outturns import ReturnState
from finance.queries.gaps import gap_reasons
from finance.queries.known import is_closed
from finance.queries.returns import system_months
from finance.services import close_month, hand_on, move_returns, reopen_month, submit_return
from schemes.people.roles import Role
from tests.factories import a_person, approve, close, evenly, move, report
from tests.money import pounds

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


@pytest.fixture
def finn(valley):
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


@pytest.fixture
def anna(valley):
    return a_person("anna", Role.APPROVER, partner=valley.moor)


@pytest.fixture
def ada(valley):
    return a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)


def submit(valley, by, month: int = 1, **gaps: str) -> bool:
    given = {code.replace("_", "-"): reason for code, reason in gaps.items()}
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": month}
    return submit_return(by=by, gaps=given, **here)


def step(valley, by, state: ReturnState, month: int = 1) -> bool:
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": month}
    return hand_on(by=by, state=state, seen=str(valley.fresh().change), reason="Mend it", **here)


# gaps


def test_a_gap_takes_a_reason_which_stands_with_its_submission(valley, line, finn):
    with pytest.raises(Refused, match="moor-position has no actual yet"):
        submit(valley, finn)
    assert not MonthlyReturn.objects.exists()
    assert submit(valley, finn, moor_position="No ledger")
    (gap,) = gap_reasons(valley.slice, 1)
    assert (gap.line, gap.reason, gap.actor) == (line, "No ledger", finn)
    assert gap.change == MonthlyReturn.objects.get().events.get().change


def test_a_later_submission_says_its_own_gaps_only(valley, line, finn):
    submit(valley, finn, moor_position="No ledger")
    move(valley.slice, ReturnState.DRAFT, 1, valley.moor)
    assert gap_reasons(valley.slice, 1) == []
    report(line, 1, "-1")
    submit(valley, finn)
    assert gap_reasons(valley.slice, 1) == []
    assert GapReason.objects.count() == 1


def test_published_gaps_are_those_of_what_was_published(valley, line, finn):
    published = {"state": "published"}
    submit(valley, finn, moor_position="No ledger")
    assert gap_reasons(valley.slice, 1, **published) == []
    approve(valley.slice, 1, valley.moor)
    then = valley.fresh().change
    move(valley.slice, ReturnState.DRAFT, 1, valley.moor)
    assert [gap.reason for gap in gap_reasons(valley.slice, 1, **published)] == ["No ledger"]
    assert gap_reasons(valley.slice, 1) == []
    report(line, 1, "-1")
    submit(valley, finn)
    approve(valley.slice, 1, valley.moor)
    assert gap_reasons(valley.slice, 1, **published) == []
    assert len(gap_reasons(valley.slice, 1, ceiling=then, **published)) == 1


def test_what_is_not_due_is_no_gap(valley, line, finn):
    valley.line(valley.moor, "saving", calendar="quarterly")
    report(line, 1, "-1")
    assert submit(valley, finn)


# comments


@pytest.mark.parametrize(
    ("actual", "forecast", "needed"),
    [
        ("-1_050", None, True),  # 5 per cent of a plan of £1,000 to date
        ("-1_049", None, False),
        ("-900", None, False),  # favourable
        ("-1_000", "-12_600", True),  # 5 per cent of the year's £12,000
    ],
)
def test_adverse_beyond_the_threshold_needs_a_comment(valley, line, finn, actual, forecast, needed):
    valley.plan({line: evenly("-12_000")})
    report(line, 1, actual, forecast)
    if needed:
        with pytest.raises(Refused, match="Say why in its comment"):
            submit(valley, finn)
        report(line, 1, comment="Agency staff")
    assert submit(valley, finn)


def test_a_threshold_is_a_setting(valley, line, finn, settings):
    settings.ESBT_RAG = settings.ESBT_RAG | {"line": ["50", "1000000"]}
    valley.plan({line: evenly("-12_000")})
    report(line, 1, "-1_499")
    assert submit(valley, finn)


def test_with_no_threshold_what_is_on_plan_needs_no_comment(valley, line, finn, settings):
    settings.ESBT_RAG = settings.ESBT_RAG | {"line": ["0", "0"]}
    valley.plan({line: evenly("-12_000")})
    report(line, 1, "-1_000.01")
    with pytest.raises(Refused, match="Say why in its comment"):
        submit(valley, finn)
    report(line, 1, "-1_000")
    assert submit(valley, finn)


def test_what_has_no_direction_or_another_basis_is_not_compared(valley, finn):
    cash = valley.line(valley.moor, "cash")
    other = valley.line(valley.moor)
    valley.plan({cash: evenly("12_000"), other: evenly("-12_000")}, basis="adjusted")
    report(cash, 1, "5_000_000")
    report(other, 1, "-5_000_000", actual_basis="statutory")
    assert submit(valley, finn)


# another person


def test_nobody_approves_what_they_entered_or_submitted(valley, line, finn):
    a_person("finn", Role.APPROVER, partner=valley.moor)
    dora = a_person("dora", Role.FINANCE_LEAD, partner=valley.moor)
    a_person("dora", Role.APPROVER, partner=valley.moor)
    report(line, 1, "-1", by=dora)
    submit(valley, finn)
    for who in (finn, dora):
        with pytest.raises(Refused, match="somebody else has to approve it"):
            step(valley, who, ReturnState.APPROVED)
        with pytest.raises(Refused, match="somebody else has to approve it"):
            move_returns(
                by=who,
                slice_id=valley.slice.pk,
                months=[1],
                state=ReturnState.APPROVED,
                partners=[valley.moor],
            )
    anna = a_person("anna", Role.APPROVER, partner=valley.moor)
    assert step(valley, anna, ReturnState.APPROVED)


def test_who_entered_another_month_approves_this_one(valley, line, finn):
    eve = a_person("eve", Role.FINANCE_LEAD, partner=valley.moor)
    a_person("eve", Role.APPROVER, partner=valley.moor)
    report(line, 2, "-1", by=eve)
    report(line, 1, "-1", by=finn)
    submit(valley, finn)
    assert step(valley, eve, ReturnState.APPROVED)


# closing at two levels


def test_a_partner_closes_its_month_and_the_system_its_own(valley, line, finn, anna, ada):
    report(valley.line(valley.hill), 1, "-1")
    report(line, 1, "-1")
    submit(valley, finn)
    with pytest.raises(Refused, match="approved before it is closed"):
        step(valley, anna, ReturnState.CLOSED)
    step(valley, anna, ReturnState.APPROVED)
    assert step(valley, anna, ReturnState.CLOSED)
    assert not step(valley, anna, ReturnState.CLOSED)
    assert not is_closed(valley.slice, 1)
    with pytest.raises(Refused, match="Hill body has not been approved"):
        close_month(by=ada, slice_id=valley.slice.pk, month=1)
    approve(valley.slice, 1, valley.hill)
    assert close_month(by=ada, slice_id=valley.slice.pk, month=1)
    assert is_closed(valley.slice, 1)
    assert not close_month(by=ada, slice_id=valley.slice.pk, month=1)
    assert system_months(valley.slice)[1].who == "ada"


def test_an_approver_closes_what_was_approved_only(valley, line, anna):
    here = {"slice_id": valley.slice.pk, "months": [1], "partners": [valley.moor]}
    with pytest.raises(Http404):
        move_returns(by=anna, state=ReturnState.CLOSED, **here)
    approve(valley.slice, 1, valley.moor)
    assert move_returns(by=anna, state=ReturnState.CLOSED, **here) == 1
    with pytest.raises(Http404):
        move_returns(by=anna, state=ReturnState.DRAFT, **here)


def test_a_month_that_is_opened_again_is_closed_for_the_system_no_more(valley, line, ada):
    report(line, 1, "-1")
    here = {"slice_id": valley.slice.pk, "month": 1}
    close_month(by=ada, reason="No approver", **here)
    then = valley.fresh().change
    assert reopen_month(by=ada, partner=valley.moor, reason="After audit", **here)
    assert not is_closed(valley.slice, 1)
    assert is_closed(valley.slice, 1, ceiling=then)
    assert not system_months(valley.slice)[1].closed
    assert close_month(by=ada, reason="No approver", **here)
    assert [item.closed for item in MonthClose.objects.order_by("change")] == [True, False, True]


def test_what_was_reported_though_not_due_is_waited_for_too(valley, line):
    forecasts = valley.line(valley.hill, calendar="forecast-only")
    report(line, 1, "-1")
    approve(valley.slice, 1, valley.moor)
    report(forecasts, 1, forecast="-5")
    with pytest.raises(Refused, match="Hill body has not been approved"):
        close_month(by=None, slice_id=valley.slice.pk, month=1)
    valley.line(valley.ccgs, calendar="forecast-only")
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No approver")
    assert set(MonthlyReturn.objects.values_list("state", flat=True)) == {"closed"}
    assert MonthlyReturn.objects.count() == 3


def test_months_that_were_closed_before_are_carried_over(valley, line):
    report(valley.line(valley.hill), 1, "-1")
    close(valley.slice, 1, valley.moor, valley.hill)
    close(valley.slice, 2, valley.moor)
    approve(valley.slice, 2, valley.hill)
    migration = import_module("finance.migrations.0007_life_of_a_return")
    with connection.cursor() as cursor:
        cursor.execute(migration.CLOSED_BEFORE)
    assert [is_closed(valley.slice, month) for month in (1, 2)] == [True, False]


# final accounts


def test_final_accounts_go_the_same_way_as_a_month(valley, line, finn, anna, ada):
    valley.line(valley.moor, "saving", last_month=6)
    with pytest.raises(Refused, match="no actual yet"):
        submit(valley, finn, AUDITED)
    report(line, AUDITED, "-130")
    assert submit(valley, finn, AUDITED)
    assert step(valley, anna, ReturnState.APPROVED, AUDITED)
    assert close_month(by=ada, slice_id=valley.slice.pk, month=AUDITED)
    assert Outturn.objects.get().published_actual_pence == pounds("-130")
    with pytest.raises(Refused, match=r"Month 13 \(final accounts\) is closed"):
        report(line, AUDITED, "-131")


def test_closing_asks_as_much_for_many_lines(valley, line, query_count):
    def close() -> int:
        asked = query_count(
            lambda: close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No approver")
        )
        move(valley.slice, ReturnState.DRAFT, 1, valley.moor)
        return asked

    report(line, 1, "-1")
    few = close()
    for number in range(30):
        report(valley.line(valley.moor, "spend", f"spend-{number}"), 1, "1")
    assert close() == few <= 20
