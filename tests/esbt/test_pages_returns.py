"""The way of a month to the board in the browser: submitted, approved or sent back."""

import re

import pytest
from django.test import Client

from finance.models import Outturn
from finance.models.outturns import ReturnState
from finance.rollups import recompute
from finance.services import set_year_status
from schemes.models import Change
from schemes.roles import Role
from tests.factories import a_person, evenly, move, report
from tests.money import pounds

YEAR = "/systems/valley/years/2018-19"
ENTER = f"{YEAR}/partners/moor/months/1/enter"
RETURN = f"{YEAR}/partners/moor/months/1/return"
SUBMIT = "Submit April 2018 for approval"
APPROVE = "Approve April 2018 for Moor body"

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    """The council's position, with a plan."""
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120_000_000")})
    return line


@pytest.fixture
def finn(valley, line) -> Client:
    """The browser of the council's finance lead."""
    return signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


@pytest.fixture
def anna(valley, line) -> Client:
    """The browser of the council's approver."""
    return signed_in(a_person("anna", Role.APPROVER, partner=valley.moor))


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def press(browser: Client, state: str, page: str = RETURN, reason: str = "A typing slip."):
    """What a button of the page sends, with the step that the page showed."""
    shown = re.search(rb'name="seen" value="(\d+)"', browser.get(page).content)
    seen = shown.group(1).decode() if shown else ""
    return browser.post(RETURN, {"state": state, "seen": seen, "reason": reason})


def test_from_typing_to_the_published_position(valley, line, finn, anna):
    assert SUBMIT not in text(finn.get(ENTER))
    assert SUBMIT in text(finn.post(ENTER, {"actual-moor-position": "-11m"}))
    sent = finn.post(RETURN, {"state": "submitted"})
    assert (sent.status_code, sent["Location"]) == (303, ENTER)
    page = text(finn.get(ENTER))
    assert "April 2018 was submitted by finn on" in page
    assert "anna can approve it or send it back" in page
    assert SUBMIT not in page

    assert APPROVE in text(anna.get("/my-work"))
    assert APPROVE in text(anna.get("/"))
    assert "(11,000,000)" in text(anna.get(RETURN))
    done = press(anna, "approved")
    assert (done.status_code, done["Location"]) == (303, RETURN)
    page = text(anna.get(RETURN))
    assert "April 2018 was approved by anna on" in page
    assert "Its figures are published" in page
    assert APPROVE not in text(anna.get("/my-work"))

    recompute(valley.slice.pk)
    bert = signed_in(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    assert "(11.0)" in text(bert.get(f"{YEAR}/board"))


@pytest.mark.parametrize("after", ["submitted", "approved"])
def test_sending_back_opens_the_month_again(valley, line, finn, anna, after):
    report(line, 1, "-11_000_000")
    move(valley.slice, after, 1, valley.moor)
    assert "actual-moor-position" not in finn.get(ENTER).content.decode()
    assert press(anna, "draft").status_code == 303
    assert "is a draft: it was sent back by anna" in text(anna.get(RETURN))
    assert "Saved at" in text(finn.post(ENTER, {"actual-moor-position": "-12m"}))


def test_a_month_with_missing_lines_is_not_submitted(valley, line, finn):
    valley.line(valley.moor, "saving")
    valley.line(valley.moor, "cash", calendar="year-end")
    assert "2 lines have no actual yet" in text(finn.get(ENTER))
    report(line, 1, "-1")
    assert "1 line has no actual yet" in text(finn.get(ENTER))
    refused = text(finn.post(RETURN, {"state": "submitted"}), 422)
    assert "The month has not been submitted. moor-saving has no actual yet." in refused
    assert "was submitted" not in text(finn.get(ENTER))


def test_a_month_to_come_or_without_lines_is_not_submitted(valley, finn, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: valley.slice.year.first_day)
    may = finn.post(RETURN.replace("/1/", "/2/"), {"state": "submitted"})
    assert "Month 2 begins on 1 May 2018" in text(may, 409)
    valley.moor.lines.update(first_month=2)
    assert "has no lines in this month" in text(finn.post(RETURN, {"state": "submitted"}), 422)


@pytest.mark.parametrize("what", ["month", "year"])
@pytest.mark.parametrize("state", ["submitted", "approved", "draft"])
def test_what_is_closed_is_not_moved(valley, line, finn, anna, what, state):
    report(line, 1, "-1")
    if what == "month":
        move(valley.slice, "closed", 1, valley.moor)
    else:
        move(valley.slice, "submitted", 1, valley.moor)
        set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    browser = finn if state == "submitted" else anna
    assert "is closed. Put a correction into" in text(browser.post(RETURN, {"state": state}), 409)
    assert "Send back" not in text(anna.get(RETURN))
    assert "is closed. Put a correction into" in text(finn.get(ENTER))
    assert APPROVE not in text(anna.get("/my-work"))


def test_nobody_approves_figures_that_they_have_not_read(valley, line, finn, anna):
    report(line, 1, "-1")
    assert "can be approved once" in text(anna.get(RETURN))
    assert "was moved since you opened it" in text(press(anna, "approved"), 409)
    move(valley.slice, "submitted", 1, valley.moor)
    read = {"state": "approved", "seen": valley.fresh().change}
    move(valley.slice, "draft", 1, valley.moor)
    report(line, 1, "-9")
    move(valley.slice, "submitted", 1, valley.moor)
    assert "was moved since you opened it" in text(anna.post(RETURN, read), 409)
    assert line.outturns.get().published_actual_pence is None


def test_pressing_twice_takes_one_step(valley, line, finn, anna):
    report(line, 1, "-1")
    for browser, state in ((finn, "submitted"), (anna, "approved")):
        steps = []
        for _ in range(2):
            assert press(browser, state).status_code == 303
            steps.append(valley.fresh().change)
        assert steps[0] == steps[1]


def test_the_lead_is_told_when_nobody_can_approve(valley, line, finn):
    a_person("gone", Role.APPROVER, partner=valley.hill)
    move(valley.slice, "submitted", 1, valley.moor)
    assert "Nobody is the approver of Moor body yet" in text(finn.get(ENTER))


def test_a_member_approves_for_its_group(valley):
    shared = valley.line(valley.ccgs)
    report(shared, 1, "-1")
    move(valley.slice, "submitted", 1, valley.ccgs)
    dora = signed_in(a_person("dora", Role.APPROVER, partner=valley.dale))
    assert "Approve April 2018 for Ccgs body" in text(dora.get("/my-work"))
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.fell))
    page = f"{YEAR}/partners/ccgs/months/1"
    assert "dora can approve it" in text(finn.get(f"{page}/enter"))
    assert "Approve month 1" in text(dora.get(f"{page}/return"))


def test_an_approvers_page_asks_the_same_of_many_lines(valley, line, anna, query_count):
    report(line, 1, "-1")
    move(valley.slice, "submitted", 1, valley.moor)

    def asked() -> list[int]:
        return [query_count(lambda page=page: anna.get(page)) for page in (RETURN, "/my-work")]

    anna.get(RETURN)
    few = asked()
    for n in range(20):
        report(valley.line(valley.moor, "saving", f"saving-{n}"), 2, "1")
    assert asked() == few
    assert max(few) <= 14, few


# sending back, closing, reopening

RETURNS = f"{YEAR}/returns"


@pytest.fixture
def ada(valley, line) -> Client:
    """The browser of the system's administrator."""
    return signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def submitted(valley, line) -> None:
    report(line, 1, "-10_000_000")
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)


def test_a_month_is_sent_back_with_a_reason_that_the_lead_reads(valley, line, finn, anna):
    submitted(valley, line)
    refused = press(anna, "draft", reason=" ")
    assert "Say what is to be mended" in text(refused, 422)
    assert press(anna, "draft", reason="Row 3 looks doubled.").status_code == 303
    said = text(finn.get(ENTER))
    assert "because “Row 3 looks doubled.”. Mend it and submit it again." in said


def test_a_month_is_closed_once_everybody_is_approved(valley, line, ada):
    submitted(valley, line)
    said = text(ada.post(RETURNS, {"act": "close", "month": "1"}, follow=True))
    assert "Moor body has not been approved." in said
    assert "Nothing was changed." in said
    move(valley.slice, ReturnState.APPROVED, 1, valley.moor)
    said = text(ada.post(RETURNS, {"act": "close", "month": "1"}, follow=True))
    assert "The month is closed." in said
    assert "Moor body closed" in text(ada.get(RETURNS))


def test_a_month_is_closed_without_a_partner_for_a_reason(valley, line, ada):
    submitted(valley, line)
    sent = {"act": "close", "month": "1", "reason": "The Moor's ledger is down."}
    assert "The month is closed." in text(ada.post(RETURNS, sent, follow=True))
    assert Outturn.objects.get().published_actual_pence == pounds("-10_000_000")
    change = Change.objects.filter(slice=valley.slice).latest("number")
    assert change.reason == "The Moor's ledger is down."


def test_a_closed_month_is_restated_and_both_figures_remain(valley, line, finn, ada):
    submitted(valley, line)
    move(valley.slice, ReturnState.CLOSED, 1, valley.moor)
    without = {"act": "reopen", "return": "moor:1", "reason": ""}
    assert "Say why the month is opened again." in text(ada.post(RETURNS, without, follow=True))
    said = text(ada.post(RETURNS, without | {"reason": "Restated after audit."}, follow=True))
    assert "It is open again" in said
    assert "because “Restated after audit.”" in text(finn.get(ENTER))
    report(line, 1, "-12_000_000")
    head = Outturn.objects.get()
    assert head.published_actual_pence == pounds("-10_000_000")  # until it is approved anew
    move(valley.slice, ReturnState.CLOSED, 1, valley.moor)
    head.refresh_from_db()
    assert head.published_actual_pence == pounds("-12_000_000")
    values = head.line.outturn_revisions.order_by("revision").values_list("actual_pence", flat=True)
    assert list(values) == [pounds("-10_000_000"), pounds("-12_000_000")]


def test_what_is_no_month_or_partner_is_refused_in_words(line, ada):
    said = text(
        ada.post(RETURNS, {"act": "reopen", "return": "nobody:1", "reason": "x"}, follow=True)
    )
    assert "Choose the month and the partner. Nothing was changed." in said
    said = text(ada.post(RETURNS, {"act": "close", "month": "99"}, follow=True))
    assert "Months run from 1 to 12." in said


@pytest.mark.parametrize("role", [Role.FINANCE_LEAD, Role.APPROVER, Role.BOARD_MEMBER])
def test_others_read_who_is_late_and_close_nothing(valley, line, role):
    own = {"system": valley.system} if role == Role.BOARD_MEMBER else {"partner": valley.moor}
    browser = signed_in(a_person("pat", role, **own))
    said = text(browser.get(RETURNS))
    assert "Who is late Moor body: April 2018, May 2018" in said
    assert "Close a month" not in said
    assert browser.post(RETURNS, {"act": "close", "month": "1"}).status_code == 404


def test_the_page_asks_as_much_for_many_lines(valley, line, ada, query_count):
    few = query_count(lambda: ada.get(RETURNS))
    for number in range(30):
        valley.line(valley.hill, "spend", f"spend-{number}")
    assert query_count(lambda: ada.get(RETURNS)) == few
