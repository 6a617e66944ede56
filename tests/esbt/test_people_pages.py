"""The pages about people: inviting, roles, accounts, and what each may do, in words."""

import re
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from schemes.models import RoleGrant, User
from schemes.people.roles import DESCRIPTIONS, PERMISSIONS, Permission, Role
from tests.factories import a_partner, a_person, a_system

pytestmark = pytest.mark.django_db

INVITED = {
    "email": "Jane.Smith@example.org",
    "name": "Jane Smith",
    "role": "finance-lead",
    "system": "valley",
    "partner": "moor",
    "starts": "",
    "ends": "",
    "reason": "New in post",
}


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def ada(valley) -> Client:
    """The system's administrator at her browser."""
    return signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


@pytest.fixture
def sue(valley) -> Client:
    return signed_in(a_person("sue", Role.SITE_ADMINISTRATOR))


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:2000].decode()
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def page_of(user: User) -> str:
    return reverse("person", args=[user.pk])


# inviting, to the first sign-in


def test_an_invited_person_sets_a_password_by_the_link_and_signs_in(valley, ada):
    page = said(ada.post("/people/invite", INVITED, follow=True))
    assert "An invitation with a link is on its way to jane.smith@example.org." in page
    assert "Finance lead: Moor body in The valley" in page
    assert "Never signed in." in page
    (sent,) = mail.outbox
    assert sent.to == ["jane.smith@example.org"]
    assert sent.subject == "Your account of ESBT"
    assert "ada made an account for you at http://testserver/" in sent.body
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", sent.body)[1]

    jane = Client()
    asked = jane.get(link, follow=True)
    assert "Set a new password" in said(asked)
    where = asked.redirect_chain[-1][0]
    weak = said(jane.post(where, {"password1": "short", "password2": "short"}))
    assert "at least 12 characters" in weak
    password = {"password1": "moor-and-dale-1849", "password2": "moor-and-dale-1849"}
    assert "Your password is changed" in said(jane.post(where, password, follow=True))
    assert "This link no longer works" in said(Client().get(link, follow=True))

    answer = jane.post(
        "/accounts/login/", {"login": "jane.smith@example.org", "password": password["password1"]}
    )
    assert answer.status_code == 302
    assert "Finance lead: Moor body in The valley" in said(jane.get("/me"))
    assert "Last signed in on" in said(ada.get(page_of(User.objects.get(first_name="Jane Smith"))))


def test_what_was_typed_stays_when_an_invitation_is_refused(ada):
    answer = ada.post("/people/invite", INVITED | {"email": "jane", "partner": ""})
    page = said(answer, 422)
    assert "Type an e-mail address, such as jane.smith@example.org." in page
    assert b'value="New in post"' in answer.content
    assert b'value="jane"' in answer.content
    answer = ada.post("/people/invite", INVITED | {"partner": "", "starts": "soon"})
    assert "This is not a day." in said(answer, 422)
    assert b'value="soon"' in answer.content
    assert not mail.outbox


def test_what_the_administrator_may_not_give_is_not_on_the_list(ada, sue, valley):
    a_system(a_partner("far"), code="elsewhere")
    own, site = ada.get("/people/invite").content, sue.get("/people/invite").content
    for value in (b"site-administrator", b"elsewhere", b"far"):
        assert b'value="%s"' % value not in own
        assert b'value="%s"' % value in site
    forced = INVITED | {"role": "site-administrator", "system": "", "partner": ""}
    assert "Choose one of the list." in said(ada.post("/people/invite", forced), 422)
    assert not User.objects.filter(first_name="Jane Smith").exists()


def test_an_invitation_that_cannot_leave_is_told_of(ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = said(ada.post("/people/invite", INVITED, follow=True))
    assert "Jane Smith is here now, but the invitation did not leave." in page
    assert "Send the invitation again" in page


def test_a_person_known_already_gets_the_role_and_no_link(ada, valley):
    bert = a_person("bert", Role.BOARD_MEMBER, system=valley.system)
    User.objects.filter(pk=bert.pk).update(email="bert@example.org")
    sent = INVITED | {"email": "bert@example.org", "name": ""}
    page = said(ada.post("/people/invite", sent, follow=True))
    assert "bert had an account already and now has the role as well." in page
    assert not mail.outbox


# a role


def test_a_role_is_given_changed_and_ended_with_its_history(ada, valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    given = {"role": "auditor", "system": "valley", "partner": "", "starts": "", "ends": ""}
    page = said(ada.post(f"{page_of(cora)}/roles", given, follow=True))
    assert "The role is given." in page
    grant = cora.grants.get(role="auditor")
    change = f"{page_of(cora)}/roles/{grant.pk}"
    last = timezone.localdate() + timedelta(days=10)
    days = {"starts": "2026-01-01", "ends": last.isoformat(), "reason": ""}
    assert "Say why, for whoever reads the history." in said(ada.post(change, days), 422)
    page = said(ada.post(change, days | {"reason": "Covers leave"}, follow=True))
    assert f"Holds from 1 January 2026 to {last:%-d %B %Y}." in page
    assert "Ends soon" in page
    assert f'value="{last.isoformat()}"'.encode() in ada.get(change).content
    page = said(ada.post(change, {"act": "end", "reason": "Back already"}, follow=True))
    assert "Roles that ended Auditor: The valley" in page
    history = page.partition("History")[2]
    order = ["Role ended", "Back already", "Days of a role changed", "Covers leave", "Role given"]
    places = [history.index(words) for words in order]
    assert places == sorted(places)
    audit = said(ada.get("/systems/valley/audit"))
    assert "Role ended ada cora; Auditor, The valley" in audit  # who stands twice, for phones
    assert "Back already" in audit
    narrow = said(ada.get("/systems/valley/audit?action=role+given"))
    assert "Role given ada cora" in narrow
    assert "Role ended ada" not in narrow


def test_an_auditor_reads_people_and_changes_nothing(valley):
    otto = signed_in(a_person("otto", Role.AUDITOR, system=valley.system))
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    page = said(otto.get(page_of(cora)))
    assert "Commissioner: The valley" in page
    assert "Change or end" not in page
    assert "Close the account" not in page
    assert "Invite" not in said(otto.get("/people"))
    assert b">People</a>" in otto.get("/").content.replace(b"\n", b"").replace(b"  ", b"")
    for act in ("close", "open", "factor", "link", "nothing"):
        assert otto.post(page_of(cora), {"act": act, "reason": "x"}).status_code == 404


# an account


def test_an_account_is_closed_and_opened_and_its_second_factor_taken_off(ada, valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    hers = signed_in(cora)
    Authenticator.objects.create(user=cora, type=Authenticator.Type.TOTP, data={})
    here = page_of(cora)
    refused = ada.post(here, {"act": "close", "reason": ""})
    assert "Say why the account is closed." in said(refused, 422)
    assert "off" in said(ada.post(here, {"act": "factor", "reason": "Lost it"}, follow=True))
    assert "Take the second factor off" not in said(ada.get(here))
    assert hers.get("/me").status_code == 200
    assert "closed" in said(ada.post(here, {"act": "close", "reason": "Left"}, follow=True))
    assert hers.get("/me").status_code == 302
    assert "open again" in said(ada.post(here, {"act": "open", "reason": "Back"}, follow=True))
    for words in ("Lost it", "Left", "Back"):
        assert words in said(ada.get("/systems/valley/audit"))


def test_a_link_for_a_new_password_is_sent_again(ada, valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    here = page_of(cora)
    assert "has no e-mail address" in said(ada.post(here, {"act": "link"}), 422)
    fixed = {"name": "Cora Cole", "email": "cora@example.org", "reason": "Was missing"}
    assert "Saved." in said(ada.post(f"{here}/account", fixed, follow=True))
    User.objects.filter(pk=cora.pk).update(last_login=timezone.now())
    assert "on its way" in said(ada.post(here, {"act": "link"}, follow=True))
    assert mail.outbox[0].subject == "Set a new password for ESBT"
    assert "Your username is cora." in mail.outbox[0].body


def test_a_forgotten_password_is_reset_by_mail_in_our_words(valley):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    User.objects.filter(pk=cora.pk).update(email="cora@example.org")
    for address in ("cora@example.org", "nobody@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": address}, follow=True)
        assert "If an account has that address" in said(answer)
    ours, other = mail.outbox
    assert "Set a new password for ESBT" in ours.subject
    assert "/accounts/password/reset/key/" in ours.body
    assert "No account of ESBT has this address" in other.subject
    for sent in mail.outbox:
        assert "example.com" not in sent.body


# what each may do, in words


def test_everybody_reads_what_they_may_do(valley):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    browser = signed_in(finn)
    assert b'href="/me"' in browser.get("/").content
    page = said(browser.get("/me"))
    assert "Finance lead: Moor body, in each of its systems" in page
    assert DESCRIPTIONS[Role.FINANCE_LEAD] in page
    assert "Enter monthly figures for a partner" in page
    assert "Load data packages" not in page
    assert "You hold no role" in said(signed_in(a_person("stranger")).get("/me"))


def test_the_matrix_is_what_the_roles_give():
    answer = Client().get("/about/roles").content.decode()
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</th>(.*?)</tr>", answer, re.DOTALL)
    assert len(rows) == len(Permission)
    for (words, cells), permission in zip(rows, Permission, strict=True):
        assert words == str(permission)[0].upper() + str(permission)[1:].replace("'", "&#x27;")
        given = [">yes<" in cell for cell in re.findall(r"<td.*?</td>", cells, re.DOTALL)]
        assert given == [permission in PERMISSIONS[role] for role in Role]


# the list


def test_the_list_tells_what_is_worth_a_look(ada, valley):
    a_person("cora", Role.COMMISSIONER, system=valley.system)
    bert = a_person("bert", Role.BOARD_MEMBER, system=valley.system)
    RoleGrant.objects.filter(user=bert).update(ends=timezone.localdate() + timedelta(days=3))
    page = said(ada.get("/people"))
    assert "2 never signed in" in page
    assert "1 with a role that ends within 30 days" in page
    assert "bert" not in said(ada.get("/people?name=cor"))
    assert "Nobody is like that." in said(ada.get("/people?name=xyz&state=never&page=9"))
    assert said(ada.get("/people?state=nonsense&role=king&page=x"))


def test_the_list_takes_the_same_queries_for_3_and_300(ada, valley, query_count):
    def add(count: int, name: str) -> None:
        made = User.objects.bulk_create(User(username=f"{name}-{n:03}") for n in range(count))
        RoleGrant.objects.bulk_create(
            RoleGrant(user=user, role=Role.FINANCE_LEAD, partner=valley.moor, system=valley.system)
            for user in made
        )

    add(3, "few")
    ada.get("/people")  # what every page's frame keeps is there
    few = query_count(lambda: ada.get("/people"))
    add(300, "many")
    assert query_count(lambda: ada.get("/people")) == few
    assert "304 people" in said(ada.get("/people"))
    assert "Next page" in said(ada.get("/people?page=2"))


# the first account of an installation


def test_the_first_administrator_is_made_by_command(capsys, valley, settings):
    settings.SITE_ADDRESS = "https://esbt.example.org"
    call_command("invite_administrator", "root@example.org", "Ruth Root")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://esbt.example.org/accounts/password/reset/key/")
    ruth = User.objects.get(email="root@example.org")
    assert ruth.grants.get().role == Role.SITE_ADMINISTRATOR
    page = Client().get(link.removeprefix("https://esbt.example.org"), follow=True)
    assert "Set a new password" in said(page)
    event = ruth.events.get(action="role given")
    assert event.actor is None
    assert event.at.date() <= date.today() + timedelta(days=1)
