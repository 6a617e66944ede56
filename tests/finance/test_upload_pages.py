"""The pages of uploads: what a lead sees before and after storing, and what is kept on a slip."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from esbt.kit.money import MINUS
from esbt.kit.workbooks import XLSX
from finance.models import LedgerMapping, Upload
from finance.services.uploads import read_upload
from schemes.people.roles import Role
from tests.factories import a_person, report
from tests.finance.uploading import a_lead, nothing_stored
from tests.money import pounds
from tests.sheets import csv, opened, saved

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"
MOOR = f"{YEAR}/partners/moor"
TABLE = csv("line,actual", "pay,1200.50", "fees,-30")


@pytest.fixture
def lead(valley):
    return a_lead(valley)


@pytest.fixture
def browser(lead):
    client = Client()
    client.force_login(lead.user)
    return client


def post(browser, content: bytes, month: str = "4", **more):
    file = SimpleUploadedFile("july.csv", content)
    return browser.post(f"{MOOR}/uploads", {"month": month, "file": file, **more})


def read(answer) -> str:
    """The address of the upload, which a worker has read by now."""
    assert answer.status_code == 303, answer.content
    read_upload(upload_id=Upload.objects.latest("pk").pk)
    return answer["Location"]


def test_from_the_file_to_the_stored_figures(lead, browser):
    answer = post(browser, TABLE)
    waiting = browser.get(answer["Location"]).content.decode()
    assert "The file is being read. Nothing has been stored." in waiting
    assert "<progress" in waiting
    address = read(answer)
    page = browser.get(address).content.decode()
    assert "Figures in the file: 2 new. Nothing has been stored yet." in page
    assert "1,200.50" in page
    assert "Store 2 changes" in page
    assert browser.post(address, {"do": "store"}).status_code == 303
    assert "The file is stored: 2 new." in browser.get(address).content.decode()
    assert lead.actual(lead.pay) == pounds("1_200.50")
    listed = browser.get(f"{MOOR}/uploads?month=4").content.decode()
    assert "july.csv" in listed
    assert "Stored" in listed

    again = browser.get(read(post(browser, TABLE))).content.decode()
    assert "Every figure in the file stands already. There is nothing to store." in again
    assert "The very same file was stored by finn" in again
    assert "Store 2" not in again


def test_the_final_accounts_come_by_workbook_too(lead, browser):
    report(lead.pay, 12, "5000")
    assert "Final accounts 2018/19" in browser.get(f"{MOOR}/uploads").content.decode()
    book = opened(browser.get(f"{MOOR}/workbook.xlsx", {"month": "13"}).content)
    sheet = book.worksheets[1]
    codes = {sheet.cell(row, 1).value: row for row in range(5, 7)}
    sheet.cell(codes["pay"], 7).value = 5100
    answer = post(browser, saved(book), month="13")
    address = read(answer)
    assert "Final accounts 2018/19" in browser.get(address).content.decode()
    assert browser.post(address, {"do": "store"}).status_code == 303
    assert (lead.actual(lead.pay, 13), lead.actual(lead.pay, 12)) == (
        pounds("5_100"),
        pounds("5_000"),
    )
    table = csv("line,month,actual", "fees,13,-70")
    assert browser.post(read(post(browser, table, month="")), {"do": "store"}).status_code == 303
    assert lead.actual(lead.fees, 13) == pounds("-70")


def test_the_progress_is_a_small_answer(browser):
    address = post(browser, TABLE)["Location"]
    assert browser.get(f"{address}/progress").json() == {"reading": True, "done": 0, "of": 0}
    read_upload(upload_id=Upload.objects.latest("pk").pk)
    assert browser.get(f"{address}/progress").json()["reading"] is False


def test_a_refused_file_shows_every_fault_by_kind_with_cell_value_and_remedy(browser):
    address = read(post(browser, csv("line,actual", "pay,<b>x</b>", "pai,1", "poi,2")))
    page = browser.get(address).content.decode()
    assert "The file cannot be stored: it has 3 faults. Nothing of it was stored." in page
    assert "Lines that are not known (2)" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "B2" in page
    assert "Type pounds, such as 12,300." in page
    assert "Store" not in page.split("</h1>")[1].split("Nothing of it was stored")[1]
    assert browser.post(address, {"do": "store"}).status_code == 422
    assert nothing_stored()


def test_a_conflict_shows_both_and_the_file_can_be_read_again(lead, browser):
    address = read(post(browser, TABLE))
    report(lead.pay, 4, "777")
    answer = browser.post(address, {"do": "store"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody saved one of these figures after the file was read" in page
    newer = page.split('id="table-newer"')[1].split("</table>")[0]
    assert ("1,200.50" in newer, "777" in newer) == (True, True)
    assert lead.actual(lead.fees) is None
    assert browser.post(address, {"do": "read-again"}).status_code == 303
    read_upload(upload_id=Upload.objects.latest("pk").pk)
    assert "1 new, 1 changed" in browser.get(address).content.decode()


def test_amounts_that_look_like_slips_are_confirmed_with_a_tick(lead, browser):
    lead.valley.plan({lead.pay: "1_000_000"})
    address = read(post(browser, csv("line,actual", "pay,90000000")))
    answer = browser.post(address, {"do": "store"})
    assert answer.status_code == 422
    assert b"tick that they are meant" in answer.content
    assert browser.post(address, {"do": "store", "confirmed": "yes"}).status_code == 303
    assert lead.actual(lead.pay) == pounds("90_000_000")


def test_a_file_beyond_the_limit_is_answered_in_words_and_never_held(browser, settings):
    settings.UPLOAD_LIMIT = 1024**2
    answer = post(browser, b"x" * (5 * 1024**2))
    assert answer.status_code == 422
    assert b"The file is larger than 1 MB" in answer.content
    assert not answer.wsgi_request.FILES
    assert not Upload.objects.exists()


@pytest.mark.parametrize(("sent", "words"), [({}, b"Choose a file"), ({"file": io.BytesIO()}, b"")])
def test_no_file_is_answered_in_words(browser, sent, words):
    answer = browser.post(f"{MOOR}/uploads", {"month": "4", **sent})
    assert answer.status_code == 422
    assert words in answer.content


def test_workbooks_are_downloaded_for_a_month_a_year_and_all_own_partners(valley):
    browser = Client()
    browser.force_login(a_person("dora", Role.FINANCE_LEAD, partner=valley.dale))
    valley.line(valley.dale, "spend", "own")
    month = browser.get(f"{YEAR}/partners/dale/workbook.xlsx?month=4")
    assert (month["Content-Type"], "dale-month-04.xlsx" in month["Content-Disposition"]) == (
        XLSX,
        True,
    )
    assert "year.xlsx" in browser.get(f"{YEAR}/partners/dale/workbook.xlsx")["Content-Disposition"]
    both = opened(browser.get(f"{YEAR}/workbook.xlsx?month=4").content)
    assert both.sheetnames == ["Instructions", "Ccgs", "Dale"]


def test_the_ways_here(lead, browser):
    entry = browser.get(f"{MOOR}/months/4/enter").content.decode()
    assert f"{MOOR}/uploads?month=4" in entry
    assert f"{MOOR}/uploads" in browser.get(MOOR).content.decode()
    assert (
        f"{YEAR}/partners/hill/uploads" not in browser.get(f"{YEAR}/partners/hill").content.decode()
    )


def test_three_files_and_thirty_are_listed_with_as_many_queries(lead, browser, query_count):
    for _ in range(3):
        lead.send(TABLE)
    browser.get(f"{MOOR}/uploads")
    few = query_count(lambda: browser.get(f"{MOOR}/uploads"))
    for _ in range(27):
        lead.send(TABLE)
    assert query_count(lambda: browser.get(f"{MOOR}/uploads")) == few


# mappings

FORM = {
    "name": "Ledger",
    "header_row": "1",
    "code": "Account",
    "amount": "Amount",
    "month": "",
    "description": "Name",
    "unit": "pounds",
    "amounts": "to-date",
    "measure": "actual",
    "patterns": "61* = pay",
}


def test_a_mapping_is_made_used_and_completed_with_what_an_extract_lacks(lead, browser):
    assert browser.post(f"{MOOR}/mappings/new", FORM)["Location"] == f"{MOOR}/uploads"
    mapping = LedgerMapping.objects.get()
    extract = csv("Account,Name,Amount", "61001,Nurses,5", "40100,Fee,-7")
    address = read(post(browser, extract, mapping=str(mapping.pk)))
    page = browser.get(address).content.decode()
    assert "The extract cannot be stored yet: the mapping has gaps." in page
    assert "One code has an amount and no pattern" in page

    gaps = f"{MOOR}/mappings/{mapping.pk}?for={Upload.objects.get().pk}"
    assert gaps in page
    form = browser.get(gaps).content.decode()
    assert "61* = pay\n40100 = fees  # Fee" in form
    patterns = "61* = pay\n40100 = fees -"
    answer = browser.post(gaps, FORM | {"patterns": patterns, "seen": "1"})
    assert answer["Location"] == address
    browser.post(address, {"do": "read-again"})
    read_upload(upload_id=Upload.objects.get().pk)
    page = browser.get(address).content.decode()
    assert f"The parts add to the extract's {MINUS}£2, to the penny." in page
    browser.post(address, {"do": "store"})
    assert (lead.actual(lead.pay), lead.actual(lead.fees)) == (pounds("5"), pounds("7"))


def test_nothing_is_proved_of_an_extract_without_a_row_that_can_be_read(lead, browser):
    browser.post(f"{MOOR}/mappings/new", FORM)
    mapping = str(LedgerMapping.objects.get().pk)
    extract = csv("Account,Name,Amount", "61001,Nurses,five")
    page = browser.get(read(post(browser, extract, mapping=mapping))).content.decode()
    assert "is not an amount" in page
    assert "to the penny" not in page


def test_a_mapping_with_faults_keeps_what_was_typed_and_names_them(browser):
    wrong = {"code": "", "header_row": "x", "patterns": "61 pay", "amounts": "sometimes"}
    answer = browser.post(f"{MOOR}/mappings/new", FORM | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Column of account codes: fill this in.",
        "Row of the headings: write a number from 1 to 100.",
        "Amounts are: choose one of those offered",
        "Line 1, “61 pay”: Write codes = line",
        "61 pay</textarea>",
    ):
        assert words in page
    assert not LedgerMapping.objects.exists()


def test_two_who_change_a_mapping_do_not_overwrite_each_other(browser):
    browser.post(f"{MOOR}/mappings/new", FORM)
    address = f"{MOOR}/mappings/{LedgerMapping.objects.get().pk}"
    assert browser.post(address, FORM | {"patterns": "1 = pay", "seen": "1"}).status_code == 303
    answer = browser.post(address, FORM | {"patterns": "2 = pay", "seen": "1"})
    assert answer.status_code == 409
    assert b"Somebody changed this mapping since you opened it" in answer.content
    assert b"2 = pay</textarea>" in answer.content
