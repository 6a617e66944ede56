"""A form sent from a page that is older than the sign-in: refused, and nothing typed is lost."""

import re

import pytest
from django.test import Client

from finance.models import Outturn
from schemes.people.roles import Role
from tests.factories import a_person

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/partners/moor/months/4/enter"
OWN = {"Origin": "http://testserver"}


@pytest.fixture
def finn(valley):
    """Finn's browser, which checks tokens; the council has one line."""
    valley.line(valley.moor)
    person = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    return browser


def token_of(page: str) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]


def sent(browser, headers=OWN, address=PAGE, **more):
    typed = {"actual-moor-position": "1,200", "comment-moor-position": "<b>late</b>"}
    browser.get(PAGE)  # sets the present token
    return browser.post(address, typed | {"csrfmiddlewaretoken": "a" * 64} | more, headers=headers)


def test_what_was_typed_is_sent_again_with_the_present_token(finn):
    answer = sent(finn)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert not Outturn.objects.exists()
    assert 'name="actual-moor-position" value="1,200"' in page
    assert "&lt;b&gt;late&lt;/b&gt;" in page
    again = {"csrfmiddlewaretoken": token_of(page), "actual-moor-position": "1,200"}
    assert "Saved at" in finn.post(PAGE, again, headers=OWN).content.decode()
    assert Outturn.objects.get().actual_pence == 120_000


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {}])
def test_what_another_site_sent_is_never_offered(finn, headers):
    page = sent(finn, headers).content.decode()
    assert "1,200" not in page
    assert "go back with your browser" in page


def test_a_password_is_not_written_into_a_page(finn):
    answer = sent(finn, address="/accounts/login/", password="better-together")
    assert answer.status_code == 403
    assert "better-together" not in answer.content.decode()


def test_a_visitor_reads_how_to_get_it_back(valley):
    answer = Client(enforce_csrf_checks=True).post(PAGE, {"actual": "1,200"}, headers=OWN)
    assert answer.status_code == 403
    assert "go back with your browser" in answer.content.decode()


def test_what_one_person_typed_is_not_saved_as_the_word_of_another(valley, client):
    valley.line(valley.moor)
    client.force_login(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    typed = {"person": "0", "actual-moor-position": "1,200"}
    answer = client.post(PAGE, typed, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "somebody else typed this" in answer.json()["detail"]
    assert not Outturn.objects.exists()
