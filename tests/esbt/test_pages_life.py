"""The pages around a month's life: restated, final accounts, timetable, papers, commentary."""

import html
import re
from datetime import date

import pytest
from django.test import Client

from finance.models import Outturn
from finance.models.outturns import ReturnState
from finance.queries.returns import to_close
from finance.queries.steps import published_unapproved
from finance.rollups import recompute
from finance.services import close_month, reopen_month
from schemes.models import RoleGrant, User
from schemes.people.roles import Role
from tests.factories import a_person, a_year, approve, evenly, move, report

YEAR = "/systems/valley/years/2018-19"
MONTH = f"{YEAR}/partners/moor/months/1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120_000_000")})
    return line


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def finn(valley, line) -> Client:
    """The browser of the council's finance lead."""
    return signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


@pytest.fixture
def anna(valley, line) -> Client:
    """The browser of the council's approver."""
    return signed_in(a_person("anna", Role.APPROVER, partner=valley.moor))


@pytest.fixture
def ada(valley, line) -> Client:
    """The browser of the system's administrator."""
    return signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# closing and restating


def test_both_levels_of_closing_are_shown(valley, line, anna, ada):
    report(line, 1, "-10_000_000")
    approve(valley.slice, 1, valley.moor)
    assert "Close the month for Moor body" in text(anna.get(f"{MONTH}/return"))
    assert anna.post(f"{MONTH}/return", {"state": "closed"}).status_code == 303
    said = text(anna.get(f"{MONTH}/return"))
    assert "has not closed it for the system yet" in said
    grid = text(ada.get(f"{YEAR}/returns"))
    assert "Moor body closed late 0 of 1" in grid
    assert "The valley open open" in grid
    assert "The month is closed." in text(
        ada.post(f"{YEAR}/returns", {"act": "close", "month": "1"}, follow=True)
    )
    assert re.search(r"The valley closed \d+ \w+ \d{4} open", text(ada.get(f"{YEAR}/returns")))
    assert "The system closed the month by ada on" in text(anna.get(f"{MONTH}/return"))


def test_who_entered_the_figures_is_told_why_they_cannot_approve(valley, line, finn, anna):
    a_person("finn", Role.APPROVER, partner=valley.moor)
    report(line, 1, "-10_000_000", by=User.objects.get(username="finn"))
    assert finn.post(f"{MONTH}/submit").status_code == 303
    page = text(finn.get(f"{MONTH}/return"))
    assert "somebody else has to approve it: anna." in page
    assert 'value="approved"' not in finn.get(f"{MONTH}/return").content.decode()
    assert 'value="approved"' in anna.get(f"{MONTH}/return").content.decode()


@pytest.mark.parametrize("page", ["finances", "board", "partners/moor"])
def test_pages_say_what_was_restated_by_how_much(valley, line, ada, page):
    here = {"by": User.objects.get(username="ada"), "slice_id": valley.slice.pk, "month": 1}
    report(line, 1, "-10_000_000")
    close_month(reason="No approver", **here)
    recompute(valley.slice.pk)
    address = f"{YEAR}/{page}?state=published&month=1"
    assert "Restated" not in text(ada.get(address))
    reopen_month(partner=valley.moor, reason="Found by audit", **here)
    report(line, 1, "-12_000_000")
    close_month(reason="No approver", **here)
    recompute(valley.slice.pk)
    said = text(ada.get(address))
    assert (
        "Moor body, April 2018. Position to date: deficit of £10.0m before, deficit of £12.0m "
        "now (£2.0m adverse). Opened again by ada, because “Found by audit”. Published by ada on"
    ) in said


# what waits for whom


def test_my_work_names_what_was_sent_back_or_opened_again_and_why(valley, line, finn, ada):
    here = {"by": User.objects.get(username="ada"), "slice_id": valley.slice.pk, "month": 2}
    report(line, 2, "-20_000_000")
    close_month(reason="No approver", **here)
    reopen_month(partner=valley.moor, reason="Found by audit", **here)
    said = text(finn.get("/my-work"))
    assert "Enter April 2018 for Moor body" in said
    assert (
        "Submit May 2018 for Moor body Draft 1 of 1 lines reported, complete, not submitted yet, "
        "opened again by ada, because “Found by audit”"
    ) in said


def test_a_month_that_everybody_approved_waits_for_whoever_closes_it(valley, line, ada, anna):
    wait = "Close April 2018 for The valley"
    valley.line(valley.hill)
    report(line, 1, "-10_000_000")
    approve(valley.slice, 1, valley.moor)
    assert wait not in text(ada.get("/my-work"))
    approve(valley.slice, 1, valley.hill)
    assert wait in text(ada.get("/my-work"))
    assert wait in text(ada.get("/"))
    assert wait not in text(anna.get("/my-work"))
    close_month(by=None, slice_id=valley.slice.pk, month=1)
    assert wait not in text(ada.get("/my-work"))


def test_a_month_waits_to_be_closed_once_it_is_over(valley, line, query_count):
    approve(valley.slice, 1, valley.moor)
    slices = [valley.fresh()]
    assert to_close(slices, date(2018, 4, 30)) == []
    assert to_close(slices, date(2018, 5, 1)) == [(slices[0], 1)]
    slices.append(a_year(valley.system, "2019-20"))
    assert query_count(lambda: to_close(slices, date(2018, 5, 1))) == 4


# closed though not approved


def test_what_was_published_without_approval_is_told_with_the_reason(valley, line, ada):
    report(line, 1, "-10_000_000")
    report(valley.line(valley.hill), 1, "-1")
    valley.line(valley.ccgs, calendar="forecast-only")
    approve(valley.slice, 1, valley.hill)
    by = User.objects.get(username="ada")
    close_month(by=by, slice_id=valley.slice.pk, month=1, reason="Council late")
    recompute(valley.slice.pk)
    grid = text(ada.get(f"{YEAR}/returns"))
    assert "Moor body closed, not approved late" in grid
    assert "Hill body closed late" in grid
    assert re.search(r"Moor body, April 2018: closed by ada on [^,]+, because “Council late”", grid)
    note = (
        "The figures of Moor body of this month were published without approval: the month was "
        "closed by ada, because “Council late”."
    )
    for page in ("board", "finances"):
        assert note in text(ada.get(f"{YEAR}/{page}?month=1")), page
    here = {"slice_id": valley.slice.pk, "month": 1, "partner": valley.moor}
    then = valley.fresh().change
    reopen_month(by=by, reason="To be approved", **here)
    approve(valley.slice, 1, valley.moor)
    assert valley.moor not in [step.partner for step in published_unapproved(valley.slice)]
    known = published_unapproved(valley.slice, 1, then)
    assert valley.moor in [step.partner for step in known]
    assert valley.hill not in [step.partner for step in known]
    assert "Closed without approval" not in text(ada.get(f"{YEAR}/returns"))


def test_months_that_have_not_begun_are_no_drafts(line, ada, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2018, 5, 31))
    assert "Moor body late 0 of 1 draft 0 of 1 not begun" in text(ada.get(f"{YEAR}/returns"))


def test_approver_and_lead_read_that_a_month_was_reopened_and_why(valley, line, anna, ada, finn):
    report(line, 1, "-10_000_000")
    approve(valley.slice, 1, valley.moor)
    assert "opened again" not in text(anna.get(f"{MONTH}/return"))
    by = User.objects.get(username="ada")
    close_month(by=by, slice_id=valley.slice.pk, month=1)
    again = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    reopen_month(by=by, reason="Found by audit", **again)
    told = text(finn.get(f"{MONTH}/enter"))
    assert "reopened by ada, the system's administrator, on" in told
    assert "because “Found by audit”" in told
    assert "sent back" not in told
    said = text(anna.get(f"{MONTH}/return"))
    assert "April 2018 was closed once and opened again by ada on" in said
    assert "sent back" not in said
    move(valley.slice, ReturnState.SUBMITTED, 1, valley.moor)
    assert "because “Found by audit”" in text(anna.get(f"{MONTH}/return"))


def test_lines_without_a_forecast_of_the_month_are_counted_before_it_is_submitted(line, finn):
    report(line, 1, "-10_000_000")
    page = text(finn.get(f"{MONTH}/submit"))
    assert "1 of 1 line has no forecast of any month." in page
    assert "the last one reported stands" not in page
    report(line, 1, forecast="-120_000_000")
    assert "no forecast of" not in text(finn.get(f"{MONTH}/submit"))
    report(line, 2, "-20_000_000")
    said = "1 of 1 line has no forecast of this month; the last one reported stands, in the totals"
    page = text(finn.get(f"{MONTH.replace('months/1', 'months/2')}/submit"))
    assert said in page
    assert "of any month" not in page


# final accounts


def test_final_accounts_have_their_pages_and_column(valley, line, finn, anna, ada):
    pages = f"{YEAR}/partners/moor/months/13"
    report(line, 12, "-130_000_000")
    assert "Final accounts 2018/19 →" in text(finn.get(MONTH.replace("/1", "/12") + "/enter"))
    page = text(finn.get(f"{pages}/enter"))
    assert "Enter final accounts Moor body, Final accounts 2018/19" in page
    assert "March 2019" in page  # the last report beside the field
    sent = {"actual-moor-position": "-131m", "comment-moor-position": "Audited"}
    assert "Saved at" in text(finn.post(f"{pages}/enter", sent))
    assert finn.post(f"{pages}/submit").status_code == 303
    page = anna.get(f"{pages}/return")
    seen = re.search(rb'name="seen" value="(\d+)"', page.content).group(1).decode()
    assert anna.post(f"{pages}/return", {"state": "approved", "seen": seen}).status_code == 303
    assert "Final accounts 2018/19" in text(ada.get(f"{YEAR}/returns"))
    assert "The month is closed." in text(
        ada.post(f"{YEAR}/returns", {"act": "close", "month": "13"}, follow=True)
    )
    recompute(valley.slice.pk)
    said = text(ada.get(f"{YEAR}/board"))
    assert "The valley, Final accounts 2018/19" in said
    assert "(131.0)" in said


def test_final_accounts_open_the_day_after_the_year(valley, line, finn, monkeypatch):
    page = f"{YEAR}/partners/moor/months/13/enter"
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2019, 3, 31))
    assert "Month 13 (final accounts) begins on 1 April 2019" in text(finn.get(page))
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2019, 4, 1))
    assert "Enter final accounts" in text(finn.get(page))


# last month's comment


def test_last_months_comment_is_offered_used_and_marked_until_it_is_edited(line, finn):
    report(line, 1, "-10_000_000", comment="Agency staff")
    enter = MONTH.replace("/1", "/2") + "/enter"
    offer = "Use last month's comment , moor-position : “Agency staff”"
    assert offer in text(finn.get(enter))
    sent = {"actual-moor-position": "-20m", "comment-moor-position": ""}
    finn.post(enter, sent | {"carry-moor-position": "something else"})
    assert Outturn.objects.get(month=2).comment == "Agency staff"
    page = text(finn.get(enter))
    assert "Last month's comment, word for word." in page
    assert "Use last month's comment" not in page
    finn.post(enter, sent | {"comment-moor-position": "Agency staff, ended in May"})
    assert "word for word" not in text(finn.get(enter))


def test_what_was_typed_goes_before_last_months_comment(line, finn):
    report(line, 1, "-10_000_000", comment="Agency staff")
    sent = {"comment-moor-position": "New", "carry-moor-position": "x"}
    finn.post(MONTH.replace("/1", "/2") + "/enter", sent)
    assert Outturn.objects.get(month=2).comment == "New"


# timetable


def test_a_timetable_is_agreed_and_says_who_is_late_by_how_many_days(
    valley, line, ada, finn, monkeypatch
):
    page = f"{YEAR}/timetable"
    assert "No deadlines are agreed" in text(finn.get(page))
    assert "Agree deadlines" not in text(finn.get(page))
    sent = {"month": "0", "submit": "8", "approve": "10", "close": "15"}
    refused = text(ada.post(page, sent | {"submit": "12"}), 422)
    assert "Nothing was saved Days run from 1 to 250" in refused
    assert "'eight' is not a number of days" in text(
        ada.post(page, sent | {"submit": "eight"}), 422
    ).replace("&#x27;", "'")
    assert "April 2018 11 May 2018 15 May 2018 22 May 2018" in text(
        ada.post(page, sent, follow=True)
    )
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2018, 5, 14))
    late = "Moor body: April 2018, to be submitted by 11 May 2018: 1 working day late"
    assert late in text(finn.get(f"{YEAR}/returns"))
    assert "to be submitted by 11 May 2018" in text(finn.get("/my-work"))


# the partner's own paper


def test_a_paper_is_entered_and_read_beside_the_return(line, finn, anna):
    report(line, 1, "-10_040_000")
    sent = {
        "kind": "position",
        "measure": "actual",
        "amount": "(10.1m)",
        "unit": "10000000",
        "source": "Report to the board",
        "place": "table 2",
        "explanation": "",
    }
    page = text(finn.post(f"{MONTH}/paper", sent | {"amount": "ten"}), 422)
    assert "is not an amount. Type pounds" in page
    assert "table 2" in finn.post(f"{MONTH}/paper", sent | {"source": ""}).content.decode()
    assert "Saved." in text(finn.post(f"{MONTH}/paper", sent, follow=True))
    said = "The return is £60,000 more favourable than the paper not explained yet"
    for browser, name in ((finn, "submit"), (finn, "paper"), (anna, "paper"), (anna, "return")):
        assert said in text(browser.get(f"{MONTH}/{name}")), name
    assert "Enter a total" not in text(anna.get(f"{MONTH}/paper"))
    finn.post(f"{MONTH}/paper", sent | {"explanation": "Written before the accrual"})
    assert "Because: Written before the accrual" in text(anna.get(f"{MONTH}/return"))
    finn.post(f"{MONTH}/paper", {"act": "take-back", "kind": "position", "measure": "actual"})
    assert "Report to the board" not in text(anna.get(f"{MONTH}/return"))


# commentary


def test_the_board_reads_what_was_signed(valley, line, ada, finn):
    report(line, 1, "-10_000_000")
    page = f"{YEAR}/months/1/commentary"
    assert "Write once the month is closed." in text(ada.get(page))
    recompute(valley.slice.pk)
    board = f"{YEAR}/board?month=1&state=provisional"
    assert "Write to the board" not in text(ada.get(board))
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No approver")
    recompute(valley.slice.pk)
    sent = {"text": "Pressure <in> A&E.\r\n\r\nIt eases.", "signed_as": ""}
    kept = ada.post(page, sent)
    assert "Choose one of the roles that you hold here" in text(kept, 422)
    assert "Pressure &lt;in&gt; A&amp;E." in kept.content.decode()
    sent["signed_as"] = "System administrator"
    assert "board's page of April 2018 shows it" in html.unescape(
        text(ada.post(page, sent, follow=True))
    )
    board = finn.get(f"{YEAR}/board?month=1")
    assert "<p>Pressure &lt;in&gt; A&amp;E.</p>" in board.content.decode()
    assert "Signed by ada as System administrator on" in text(board)
    assert "Change the commentary" not in text(board)
    assert "Change the commentary" in text(ada.get(f"{YEAR}/board?month=1"))
    assert "Pressure" not in text(ada.get(f"{YEAR}/board?month=1&as_at=2018-05-01"))
    (row,) = finn.get(f"/api/v1{YEAR}/months/1/commentary").json()["rows"]
    assert (row["by"], row["signed_as"]) == ("ada", "System administrator")
    assert row["text"] == "Pressure <in> A&E.\n\nIt eases."
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    reopen_month(by=None, reason="A ledger was late", **here)
    recompute(valley.slice.pk)
    said = text(finn.get(f"{YEAR}/board?month=1"))
    assert (
        "Written before the month was reopened. New words are due when it is closed again" in said
    )
    assert "write anew once it is closed again" in text(ada.get(page))


# deputies and reminders


def test_a_deputy_is_named_and_reminders_are_stopped(valley, anna, finn):
    held = RoleGrant.objects.get(user__username="anna")
    sent = {
        "act": "deputy",
        "role": str(held.pk),
        "deputy": "dora",
        "starts": "2030-08-01",
        "ends": "2030-08-14",
    }
    refused = anna.post("/my-work", sent)
    assert "Nobody has this user name" in text(refused, 422)
    assert 'value="2030-08-14"' in refused.content.decode()
    a_person("dora")
    assert "Give the day" in text(anna.post("/my-work", sent | {"ends": "soon"}), 422)
    said = text(anna.post("/my-work", sent, follow=True))
    assert "dora stands in for you from 1 August 2030 to 14 August 2030." in said
    assert finn.post("/my-work", sent).status_code == 404
    said = text(anna.post("/my-work", {"act": "reminders", "reminders": "off"}, follow=True))
    assert "You asked for no reminders." in said
    assert not User.objects.get(username="anna").reminders
    anna.post("/my-work", {"act": "reminders", "reminders": "on"})
    assert User.objects.get(username="anna").reminders


def test_pages_ask_the_same_of_many_lines(valley, line, finn, anna, query_count):
    report(line, 1, "-1")
    pages = [
        (finn, f"{MONTH}/submit"),
        (finn, f"{MONTH}/paper"),
        (anna, f"{MONTH}/return"),
        (anna, f"{YEAR}/returns"),
        (anna, f"{YEAR}/timetable"),
    ]

    def asked() -> list[int]:
        return [query_count(lambda b=b, page=page: b.get(page)) for b, page in pages]

    asked()
    few = asked()
    for number in range(30):
        report(valley.line(valley.moor, "saving", f"saving-{number}"), 1, "1")
    assert asked() == few
    assert max(few) <= 20, few
