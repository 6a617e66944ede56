"""Deadlines in working days, who is late by them, and reminders that are sent once."""

import logging
from datetime import date

import pytest
from django.core import mail
from django.http import Http404
from django.test import Client

from esbt.kit.problems import Refused
from finance.models import Deadline, Reminder
from finance.models.base import AUDITED
from finance.models.outturns import ReturnState
from finance.queries.returns import late_closes, partner_months
from finance.queries.timetable import timetables
from finance.services import DeadlineSpec, close_month, set_deadlines
from finance.services.reminders import send_reminders
from finance.tasks import remind
from schemes.people.roles import Role
from schemes.services.people import choose_reminders
from tests.factories import a_person, move, report

pytestmark = pytest.mark.django_db

# April 2018 ends on a Monday; 7 May is a bank holiday, so working day 8 is 11 May, 10 the 15th
BY, TO_APPROVE = date(2018, 5, 11), date(2018, 5, 15)


@pytest.fixture
def line(valley):
    return valley.line(valley.moor)


def agree(valley, month: int = 0, days=(8, 10, 15), by=None) -> int:
    names = ("submit_days", "approve_days", "close_days")
    spec = DeadlineSpec(month=month, **dict(zip(names, days, strict=True)))
    return set_deadlines(by=by, slice_id=valley.slice.pk, specs=[spec])


def dates(valley, month: int):
    return timetables([valley.slice])[valley.slice.pk].of(month)


def moor(valley, today: date, month: int = 1):
    (found,) = [item for item in partner_months(valley.slice, today) if item.partner == valley.moor]
    return found.months[month - 1]


def test_a_year_has_deadlines_and_a_month_may_have_its_own(valley):
    assert dates(valley, 1) is None
    assert agree(valley) == 1
    assert agree(valley) == 0
    assert (dates(valley, 1).submit, dates(valley, 1).approve) == (BY, TO_APPROVE)
    agree(valley, 1, (3, 4, 5))
    assert dates(valley, 1).submit == date(2018, 5, 3)
    agree(valley, 1, (None, None, None))
    assert dates(valley, 1).submit == BY
    assert Deadline.objects.count() == 3


def test_final_accounts_have_their_own_deadline_or_none(valley):
    agree(valley)
    assert dates(valley, AUDITED) is None
    agree(valley, AUDITED, (60, 65, 70))
    assert dates(valley, AUDITED).submit == date(2019, 6, 27)  # after Easter and two bank holidays


@pytest.mark.parametrize("days", [(8, 7, 15), (0, 1, 2), (8, None, 15), (8, 10, 999)])
def test_what_is_no_timetable_is_refused(valley, days):
    with pytest.raises(Refused):
        agree(valley, days=days)
    assert not Deadline.objects.exists()


def test_who_closes_months_agrees_it(valley):
    with pytest.raises(Http404):
        agree(valley, by=a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    assert agree(valley, by=a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


# late


def test_late_is_past_the_deadline_where_there_is_one(valley, line):
    assert moor(valley, date(2018, 5, 1)).late
    agree(valley)
    assert not moor(valley, BY).late
    after = moor(valley, date(2018, 5, 14))  # a Monday
    assert (after.late, after.by, after.days_late) == (True, BY, 1)
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)
    assert not moor(valley, TO_APPROVE).late
    after = moor(valley, date(2018, 5, 17))
    assert (after.late, after.by, after.days_late) == (True, TO_APPROVE, 2)
    move(valley.slice, ReturnState.APPROVED, 1, valley.moor)
    assert not moor(valley, date(2018, 6, 1)).late


def test_what_is_not_due_is_never_late(valley):
    valley.line(valley.moor, calendar="quarterly")
    agree(valley)
    assert not moor(valley, date(2019, 1, 1), 1).late
    assert moor(valley, date(2019, 1, 1), 3).late


def test_final_accounts_are_late_by_their_own_deadline_only(valley, line):
    assert not moor(valley, date(2020, 1, 1), AUDITED).late
    agree(valley, AUDITED, (60, 65, 70))
    assert moor(valley, date(2020, 1, 1), AUDITED).late


# reminders


@pytest.fixture
def finn(valley):
    user = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    user.email = "finn@moor.example"
    user.save()
    return user


def sent() -> list[tuple[str, str]]:
    """To whom and what, since it was last asked."""
    found = [(message.to[0], message.body) for message in mail.outbox]
    mail.outbox.clear()
    return found


def only_april(valley) -> None:
    """Months from May on are submitted, so that a story has one month."""
    for month in range(2, 13):
        move(valley.slice, ReturnState.SUBMITTED, month, valley.moor)


def test_a_lead_is_reminded_before_and_after_the_deadline_once_each(valley, line, finn):
    only_april(valley)
    assert send_reminders(today=date(2018, 5, 10)) == 0  # without a timetable nothing is due
    agree(valley)
    assert send_reminders(today=date(2018, 5, 8)) == 0  # three working days before
    assert send_reminders(today=date(2018, 5, 10)) == 1
    ((to, said),) = sent()
    assert to == "finn@moor.example"
    assert "Moor body, April 2018: is to be submitted by 11 May 2018" in said
    assert "/systems/valley/years/2018-19/partners/moor/months/1/enter" in said
    assert send_reminders(today=date(2018, 5, 10)) == 0
    assert send_reminders(today=BY) == 0
    assert send_reminders(today=date(2018, 5, 15)) == 1
    assert "was to be submitted by 11 May 2018, 2 working days ago" in sent()[0][1]
    assert send_reminders(today=date(2018, 5, 16)) == 0
    assert Reminder.objects.count() == 2


def test_an_approver_is_reminded_of_each_submission(valley, line, finn):
    anna = a_person("anna", Role.APPROVER, partner=valley.moor)
    anna.email = "anna@moor.example"
    anna.save()
    report(line, 1, "-1", by=finn)
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)
    today = date(2018, 5, 2)
    assert send_reminders(today=today) == 1
    ((to, said),) = sent()
    assert to == "anna@moor.example"
    assert "Moor body, April 2018: waits for your approval" in said
    assert "/months/1/return" in said
    assert send_reminders(today=today) == 0
    move(valley.slice, ReturnState.DRAFT, 1, valley.moor)
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)
    assert send_reminders(today=today) == 1


def test_an_administrator_is_reminded_of_a_month_that_was_to_be_closed(valley, line):
    ada = a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    ada.email = "ada@valley.example"
    ada.save()
    agree(valley)  # closed by working day 15, 22 May
    assert send_reminders(today=date(2018, 5, 22)) == 0
    assert send_reminders(today=date(2018, 5, 24)) == 1
    ((to, body),) = sent()
    assert to == "ada@valley.example"
    assert "The valley, April 2018: was to be closed by 22 May 2018, 2 working days ago" in body
    assert "not approved yet: Moor body" in body
    assert "/systems/valley/years/2018-19/returns" in body
    assert send_reminders(today=date(2018, 5, 25)) == 0
    browser = Client()
    browser.force_login(ada)
    page = browser.get("/systems/valley/years/2018-19/returns").content.decode()
    assert "The valley: April 2018, to be closed by 22 May 2018: " in page
    assert "working days late, waiting for Moor body" in page
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No ledger")
    found = partner_months(valley.slice, date(2018, 5, 24))
    assert late_closes(valley.slice, found, date(2018, 5, 24)) == []


def test_one_mail_tells_a_person_all_that_is_new(valley, line, finn):
    agree(valley)
    assert send_reminders(today=date(2018, 6, 12)) == 1  # April is late, May is due that day
    (message,) = mail.outbox
    assert message.subject == "ESBT: 2 months wait for you"
    assert "April 2018: was to be" in message.body
    assert "May 2018: is to be submitted by 12 June 2018" in message.body


def test_nobody_is_reminded_who_does_not_want_it_or_at_a_weekend(valley, line, finn):
    only_april(valley)
    agree(valley)
    assert send_reminders(today=date(2018, 5, 12)) == 0  # a Saturday
    choose_reminders(by=finn, wanted=False)
    assert send_reminders(today=date(2018, 5, 14)) == 0
    choose_reminders(by=finn, wanted=True)
    finn.email = ""
    finn.save()
    assert send_reminders(today=date(2018, 5, 14)) == 0
    assert not Reminder.objects.exists()


def test_mail_that_fails_stops_nobody_and_is_tried_again(valley, line, finn, monkeypatch, caplog):
    only_april(valley)
    tess = a_person("tess", Role.FINANCE_LEAD, partner=valley.moor)
    tess.email = "tess@moor.example"
    tess.save()
    agree(valley)
    real = mail.send_mail

    def broken(subject, text, sender, to):
        if to == ["finn@moor.example"]:
            raise OSError("no route to the mail server")
        return real(subject, text, sender, to)

    monkeypatch.setattr("finance.services.reminders.send_mail", broken)
    with caplog.at_level(logging.WARNING):
        assert send_reminders(today=date(2018, 5, 14)) == 1
    assert "could not remind" in caplog.text
    assert [to for to, _ in sent()] == ["tess@moor.example"]
    monkeypatch.undo()
    assert send_reminders(today=date(2018, 5, 15)) == 1
    assert [to for to, _ in sent()] == ["finn@moor.example"]


def test_a_closed_year_reminds_nobody(valley, line, finn):
    agree(valley)
    assert remind() in (0, 1)  # the doorbell, on whatever day this is
    mail.outbox.clear()
    valley.slice.status = "closed"
    valley.slice.save()
    assert send_reminders(today=date(2018, 5, 14)) == 0
