"""The digest: what waits for a person, as often as that person chose, and never twice."""

import logging
from datetime import date

import pytest
from django.core import mail
from django.test import Client

from esbt.mail.digest import send_digests
from schemes.models import User
from schemes.people.roles import Role
from schemes.services.people import choose_digest
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person

pytestmark = pytest.mark.django_db

# 2018-05-07 is a Monday and a bank holiday
FRIDAY, SATURDAY, HOLIDAY, TUESDAY = (date(2018, 5, day) for day in (4, 5, 7, 8))


@pytest.fixture
def finn(valley) -> User:
    """The finance lead of a partner whose month is not reported and whose risk is overdue."""
    valley.line(valley.moor)
    past = RiskSpec(
        system="valley", code="past", name="Past review", partner="moor", review="2018-04"
    )
    save_risks(by=None, specs=[past])
    found = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    found.email = "finn@moor.example"
    found.save()
    return found


def test_it_tells_all_that_waits_with_addresses(finn, settings):
    settings.SITE_ADDRESS = "https://esbt.example"
    choose_digest(by=finn, often="daily", today=FRIDAY)
    assert send_digests(today=TUESDAY) == 1
    (message,) = mail.outbox
    assert message.to == ["finn@moor.example"]
    assert message.subject == "ESBT: what waits for you on 8 May 2018"
    assert "Returns and virements\n- Enter April 2018 for Moor body" in message.body
    assert "https://esbt.example/systems/valley/years/2018-19/partners/moor/months/1/enter" in (
        message.body
    )
    assert "Risks to review\n- Past review: OVERDUE, due in April 2018, The valley" in message.body
    assert "https://esbt.example/my-work" in message.body


def test_nobody_gets_it_who_did_not_choose_it(finn):
    assert send_digests(today=TUESDAY) == 0


def test_it_comes_once_a_working_day_and_not_on_the_day_it_was_chosen(finn):
    choose_digest(by=finn, often="daily", today=FRIDAY)
    assert send_digests(today=FRIDAY) == 0
    assert send_digests(today=SATURDAY) == 0
    assert send_digests(today=HOLIDAY) == 0
    assert send_digests(today=TUESDAY) == 1
    assert send_digests(today=TUESDAY) == 0
    assert send_digests(today=date(2018, 5, 9)) == 1


def test_a_weekly_one_comes_on_the_weeks_first_working_day(finn):
    choose_digest(by=finn, often="weekly", today=date(2018, 5, 2))  # a Wednesday
    assert send_digests(today=FRIDAY) == 0
    assert send_digests(today=TUESDAY) == 1  # the Monday is a holiday
    assert send_digests(today=date(2018, 5, 9)) == 0
    assert send_digests(today=date(2018, 5, 15)) == 1  # a Monday that was missed


def test_nothing_is_sent_when_nothing_waits(valley):
    bea = a_person("bea", Role.BOARD_MEMBER, system=valley.system)
    User.objects.filter(pk=bea.pk).update(email="bea@valley.example")
    choose_digest(by=bea, often="daily", today=FRIDAY)
    assert send_digests(today=TUESDAY) == 0
    assert not mail.outbox


@pytest.mark.parametrize("without", [{"email": ""}, {"is_active": False}, {"digest": ""}])
def test_nobody_gets_it_without_an_address_an_account_or_the_wish(finn, without):
    choose_digest(by=finn, often="daily", today=FRIDAY)
    User.objects.filter(pk=finn.pk).update(**without)
    assert send_digests(today=TUESDAY) == 0


def test_mail_that_fails_is_tried_again_the_next_hour(finn, monkeypatch, caplog):
    choose_digest(by=finn, often="daily", today=FRIDAY)

    def broken(*args: object) -> None:
        raise OSError("no route to the mail server")

    monkeypatch.setattr("esbt.mail.digest.send_mail", broken)
    with caplog.at_level(logging.WARNING):
        assert send_digests(today=TUESDAY) == 0
    assert "could not send the digest" in caplog.text
    monkeypatch.undo()
    assert send_digests(today=TUESDAY) == 1


def test_it_is_chosen_under_my_work(finn):
    browser = Client()
    browser.force_login(finn)
    sent = {"act": "digest", "digest": "weekly"}
    said = browser.post("/my-work", sent, follow=True).content.decode()
    assert "You will get a digest on the first working day of each week" in said
    assert '<option value="weekly" selected>' in said
    refused = browser.post("/my-work", sent | {"digest": "hourly"})
    assert refused.status_code == 422
    assert "Choose how often the digest comes" in refused.content.decode()
    said = browser.post("/my-work", sent | {"digest": ""}, follow=True).content.decode()
    assert "You will get no digest." in said
    assert User.objects.get(pk=finn.pk).digest == ""
