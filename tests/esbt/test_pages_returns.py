"""The way of a month to the board in the browser: submitted, approved or sent back."""

import re

import pytest
from django.test import Client

from finance.models import Outturn
from finance.models.outturns import ReturnState
from finance.rollups import recompute
from finance.services import set_year_status
from schemes.models import Change
from schemes.people.roles import Role
from tests.factories import a_person, approve, evenly, move, report
from tests.money import pounds

YEAR = "/systems/valley/years/2018-19"
ENTER = f"{YEAR}/partners/moor/months/1/enter"
RETURN = f"{YEAR}/partners/moor/months/1/return"
SUBMIT = f"{YEAR}/partners/moor/months/1/submit"
CHECK = "Check and submit April 2018"
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
    assert "1 line has no actual yet; the month can be submitted with" in text(finn.get(ENTER))
    sent = {"actual-moor-position": "-11m", "comment-moor-position": "Agency staff."}
    assert CHECK in text(finn.post(ENTER, sent))
    page = text(finn.get(SUBMIT))
    assert "anna will approve it or send it back" in page
    assert "moor-position, £1.0m (10.0%) adverse to date: “Agency staff.”" in page
    sent = finn.post(SUBMIT)
    assert (sent.status_code, sent["Location"]) == (303, ENTER)
    page = text(finn.get(ENTER))
    assert "April 2018 was submitted by finn on" in page
    assert "anna can approve it or send it back" in page
    assert CHECK not in page
    assert finn.get(SUBMIT)["Location"] == ENTER

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


def test_the_month_that_wants_work_is_linked_above_the_months_of_all(valley, line, finn, anna):
    page = text(finn.get(RETURNS))
    assert page.index("Enter April 2018, Moor") < page.index("Partner Apr")
    report(line, 1, "-10_000_000")
    move(valley.slice, "submitted", 1, valley.moor)
    assert "Approve April 2018, Moor" in text(anna.get(RETURNS))
    assert "Enter May 2018, Moor" in text(finn.get(RETURNS))


@pytest.mark.parametrize("after", ["submitted", "approved"])
def test_sending_back_opens_the_month_again(valley, line, finn, anna, after):
    report(line, 1, "-11_000_000")
    move(valley.slice, after, 1, valley.moor)
    assert "actual-moor-position" not in finn.get(ENTER).content.decode()
    assert press(anna, "draft").status_code == 303
    assert "is a draft: it was sent back by anna" in text(anna.get(RETURN))
    assert "Saved at" in text(finn.post(ENTER, {"actual-moor-position": "-12m"}))


def test_a_gap_is_submitted_with_a_reason_that_approver_and_board_read(valley, line, finn, anna):
    valley.line(valley.moor, "saving")
    valley.line(valley.moor, "cash", calendar="year-end")
    assert "2 lines have no actual yet" in text(finn.get(ENTER))
    report(line, 1, "-1")
    assert "1 line has no actual yet" in text(finn.get(ENTER))
    refused = text(finn.post(SUBMIT, {"gap-moor-saving": " "}), 422)
    assert "The month has not been submitted moor-saving has no actual yet." in refused
    assert "was submitted" not in text(finn.get(ENTER))
    reason = "The ward's ledger comes in May"
    assert finn.post(SUBMIT, {"gap-moor-saving": reason}).status_code == 303
    assert "Lines without an actual moor-saving: “The ward" in text(anna.get(RETURN))
    board = f"{YEAR}/board?month=1"
    bert = signed_in(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    recompute(valley.slice.pk)
    told = "Moor body, moor-saving: no actual, because “The ward&#x27;s ledger comes in May”."
    assert told not in text(bert.get(board))
    assert told in text(bert.get(f"{board}&state=provisional"))
    press(anna, "approved")
    recompute(valley.slice.pk)
    assert told in text(bert.get(board))


def test_a_variance_beyond_the_threshold_needs_a_comment(valley, line, finn):
    report(line, 1, "-10_100_000")  # the plan to date is 10m: £0.1m adverse, 1 per cent
    page = text(finn.get(SUBMIT))
    assert "moor-position, £100k (1.0%) adverse to date: no comment yet" in page
    refused = text(finn.post(SUBMIT), 422)
    assert "moor-position is £100k (1.0%) adverse to date. Say why in its comment." in refused
    report(line, 1, "-10_099_999")
    assert "No line is adverse by 5% of plan or £0.1m" in text(finn.get(SUBMIT))
    assert finn.post(SUBMIT).status_code == 303


def test_without_a_plan_no_line_is_said_to_be_on_plan(valley):
    finn = signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    anna = signed_in(a_person("anna", Role.APPROVER, partner=valley.moor))
    trust = valley.line(valley.moor)
    for actual in (None, "-4_200_000"):
        report(trust, 1, actual, "-44_900_000")
        for page in (text(finn.get(SUBMIT)), text(anna.get(RETURN))):
            assert "No line can be compared with a plan: no plan, or no figure" in page
            assert "No line is" not in page
    saving = valley.line(valley.moor, "saving")
    valley.plan({saving: evenly("12_000")})
    report(saving, 1, "1_000")
    said = "whichever is lower. 1 of 2 lines cannot be compared with a plan: no plan, or no"
    assert said in text(finn.get(SUBMIT))
    assert f"away from plan by 5% of plan or £0.1m, {said}" in text(anna.get(RETURN))


def test_the_approver_reads_how_far_each_line_is_from_plan(valley, line, anna):
    """The position is planned at (10.0m) to date and (120.0m) for the year."""
    kept = valley.line(valley.moor, "saving")
    valley.plan({line: evenly("-120_000_000"), kept: evenly("12_000")}, code="later")
    report(line, 1, "-10_500_000", "-120_000_000")
    report(kept, 1, "1_100", "12_000", comment="Earlier than planned.")
    move(valley.slice, "submitted", 1, valley.moor)
    page = text(anna.get(RETURN))
    assert "Lines away from plan by 5% of plan or £0.1m, whichever is lower: 1 adverse and" in page
    assert "1 favourable. 1 of them has no comment." in page
    on_plan = "0 on plan 0 on plan"  # a telephone shows it beneath the forecast
    assert f"(500,000) adverse (120,000,000) {on_plan} £500k (5.0%) adverse to date no" in page
    assert f"100 favourable 12,000 {on_plan} £100 (10.0%) favourable to date Earlier" in page


def test_what_was_typed_is_kept_when_a_month_is_not_submitted(valley, line, finn):
    valley.line(valley.moor, "saving")
    sent = {"gap-moor-saving": "Late <ledger>", "gap-moor-position": ""}
    page = finn.post(SUBMIT, sent).content.decode()
    assert 'value="Late &lt;ledger&gt;"' in page
    assert 'href="#gap-moor-position"' in page


def test_a_month_to_come_or_without_lines_is_not_submitted(valley, finn, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: valley.slice.year.first_day)
    may = finn.post(SUBMIT.replace("/1/", "/2/"))
    assert "Month 2 begins on 1 May 2018" in text(may, 409)
    valley.moor.lines.update(first_month=2)
    assert "has no lines in this month" in text(finn.post(SUBMIT), 422)


@pytest.mark.parametrize("what", ["month", "year"])
@pytest.mark.parametrize("state", ["submitted", "approved", "draft"])
def test_what_is_closed_is_not_moved(valley, line, finn, anna, what, state):
    report(line, 1, "-1")
    if what == "month":
        move(valley.slice, "closed", 1, valley.moor)
    else:
        move(valley.slice, "submitted", 1, valley.moor)
        set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    answer = finn.post(SUBMIT) if state == "submitted" else anna.post(RETURN, {"state": state})
    assert "is closed. Put a correction into" in text(answer, 409)
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
    for state in ("submitted", "approved"):
        steps = []
        for _ in range(2):
            done = finn.post(SUBMIT) if state == "submitted" else press(anna, state)
            assert done.status_code == 303
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

    asked()  # what every page's frame keeps is there
    few = asked()
    for n in range(20):
        report(valley.line(valley.moor, "saving", f"saving-{n}"), 2, "1")
    assert asked() == few
    assert max(few) <= 21, few


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
    assert "Months run from 1 to 12; 13 is the final accounts." in said


@pytest.mark.parametrize("role", [Role.FINANCE_LEAD, Role.APPROVER, Role.BOARD_MEMBER])
def test_others_read_who_is_late_and_close_nothing(valley, line, role):
    own = {"system": valley.system} if role == Role.BOARD_MEMBER else {"partner": valley.moor}
    browser = signed_in(a_person("pat", role, **own))
    said = text(browser.get(RETURNS))
    assert "Who is late Moor body: April 2018; May 2018" in said
    assert "Close a month" not in said
    assert browser.post(RETURNS, {"act": "close", "month": "1"}).status_code == 404


def test_the_page_asks_as_much_for_many_lines(valley, line, ada, query_count):
    few = query_count(lambda: ada.get(RETURNS))
    for number in range(30):
        valley.line(valley.hill, "spend", f"spend-{number}")
    assert query_count(lambda: ada.get(RETURNS)) == few


# comments on figures


def test_published_comments_stand_beside_large_variances(valley, line):
    """£13m of deficit against £10m planned is 30% adverse; the trust's £1 is no large variance."""
    small = valley.line(valley.hill)
    report(small, 1, "-1", comment="A pound")
    report(line, 1, "-13_000_000", comment="Agency <staff>")
    bert = signed_in(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    page = f"{YEAR}/finances?month=1"
    recompute(valley.slice.pk)
    assert "Agency" not in text(bert.get(f"{page}&state=provisional"))
    approve(valley.slice, 1, valley.moor, valley.hill)
    recompute(valley.slice.pk)
    told = text(bert.get(page))
    assert "1 published comment on lines beyond the threshold" in told
    assert "Agency &lt;staff&gt;" in told
    assert "A pound" not in told
    assert (
        f"{YEAR}/finances?state=published&amp;month=1#comments"
        in bert.get(f"{YEAR}/board?month=1").content.decode()
    )


def test_a_narrow_screen_begins_with_the_latest_months(valley, line, ada):
    page = ada.get(f"{YEAR}/returns").content.decode()
    heads = re.findall(r'<th scope="col"\s+class="(text[^"]*)"', page)
    assert heads[-2:] == ["text", "text"]
    assert set(heads[:-2]) == {"text wide"}


def test_totals_say_what_they_leave_out_and_compare_like_for_like(valley, line, finn, anna):
    """Drugs has no actual of month 2, travel has no plan, and pay has no new forecast."""
    pay, drugs, travel = (
        valley.line(valley.moor, "spend", code) for code in ("pay", "drugs", "travel")
    )
    valley.plan({line: evenly("-120_000_000"), pay: evenly("1_200"), drugs: evenly("2_400")})
    report(pay, 1, "100", "1_300")
    report(drugs, 1, "200", "2_400")
    report(line, 2, "-20_000_000")
    report(pay, 2, "230")
    report(drugs, 2, forecast="2_500")
    report(travel, 2, "50")
    page = text(finn.get(SUBMIT.replace("months/1", "months/2")))
    # last month 100 + 200; plan 200 + 400; actual 230 + 50; forecast 1,300 of month 1 and 2,500
    assert (
        "Spend 3 lines 300 1 not stated 600 1 not stated 280 1 not stated "
        "3,800 1 of an earlier month, 1 not stated" in page
    )
    assert "the last one reported stands, in the totals below too" in page
    page = text(anna.get(RETURN.replace("months/1", "months/2")))
    total = page[page.index("Total spend") :]
    assert "(30) adverse of the line that states both" in total  # 230 against 200, pay alone
    assert "3,800 1 of an earlier month, 1 not stated (200) adverse" in total  # against 3,600
    assert "of the 2 lines that state both" in total
    assert "1,300 reported at month 1" in page


def test_who_reported_with_gaps_is_not_yet_to_report(valley, finn, anna):
    """The trust reports in full, the council not its position; the group has said nothing."""
    valley.line(valley.moor, "spend", "drugs")
    report(valley.line(valley.hill), 1, "-1_000_000")
    valley.line(valley.ccgs)
    sent = {"gap-drugs": "Late", "gap-moor-position": "The ledger is late"}
    assert finn.post(SUBMIT, sent).status_code == 303
    press(anna, "approved")
    move(valley.slice, "approved", 1, valley.hill)
    recompute(valley.slice.pk)
    gaps = "Moor body reported with gaps: moor-position missing, so no position is stated."
    for page in ("board", "finances"):
        said = text(anna.get(f"{YEAR}/{page}?month=1&state=published"))
        assert f"Yet to report: Ccgs body. {gaps}" in said
    told = anna.get("/api/v1/systems/valley/years/2018-19/position?month=1").json()["reported"]
    assert set(told["missing"]) == {"Moor body", "Ccgs body"}
    assert told["with_gaps"] == ["Moor body"]


def test_capital_under_plan_is_neither_favourable_nor_adverse(valley, line, finn, anna):
    roofs = valley.line(valley.moor, "capital", "roofs")
    valley.plan({line: evenly("-120_000_000"), roofs: evenly("12_000_000")})
    report(roofs, 1, "400_000", "9_000_000")
    entry = text(finn.get(ENTER))
    assert "600,000 below plan" in entry
    approval = text(anna.get(RETURN))
    assert "600,000 below plan" in approval[approval.index("Capital") :]
    report(roofs, 1, "1_500_000")
    assert "roofs, £500k (50.0%) over plan to date: no comment yet" in text(finn.get(SUBMIT))
    for page in (finn.get(ENTER), anna.get(RETURN)):
        said = text(page)
        assert "favourable" not in said[said.index("Capital") :]
