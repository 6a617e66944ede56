"""The workbook of a fund: out with what stands, in with a preview, all of it or nothing."""

import html
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from esbt.loading.copying import NewFund, copy_fund
from finance.models import Line, Outturn, PlanFigure, PoolAmount
from finance.services import LineSpec, PoolAmountSpec, save_lines, save_pool_amounts
from outcomes.models import Target
from schemes.models import Change, FundPlan, NationalCondition, SignOff, System
from schemes.people.roles import Role
from tests.factories import a_partner, a_person, a_system
from tests.money import pounds

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/fund-plans/better-care-fund-2018-19/workbook"
Cells = dict[tuple[str, str], object]  # by sheet and cell


@pytest.fixture
def fund() -> System:
    """A fund of a council and a board in 2018/19, fresh from the template."""
    system = a_system(a_partner("moor"), a_partner("dale", "icb"))
    copy_fund(
        by=None,
        fund=NewFund(
            system="valley", year="2018-19", council="moor", icb="dale", board="Valley Board"
        ),
    )
    return system


def browser_of(person) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def ada(fund) -> Client:
    return browser_of(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=fund))


def downloaded(browser: Client):
    answer = browser.get(f"{PAGE}.xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def filled(book, cells: Cells) -> bytes:
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(browser: Client, content: bytes):
    file = SimpleUploadedFile("fund.xlsx", content)
    return browser.post(PAGE, {"file": file})


def told(answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def store(browser: Client, answer):
    assert answer.status_code == 200, told(answer)
    found = re.search(r'name="preview" value="([^"]+)"', answer.content.decode())
    assert found, told(answer)
    return browser.post(PAGE, {"preview": found[1]}, follow=True)


def row_of(book, sheet: str, key: str) -> int:
    return next(cell.row for cell in book[sheet]["A"] if cell.value == key)


def cell_of(book, sheet: str, key: str, heading: str) -> tuple[str, str]:
    letter = next(cell.column_letter for cell in book[sheet][2] if cell.value == heading)
    return sheet, f"{letter}{row_of(book, sheet, key)}"


def year_of(line: str) -> PlanFigure | None:
    return PlanFigure.objects.filter(line__code=line).first()


def test_the_workbook_has_a_sheet_a_table_and_locks_its_headings(ada):
    book = downloaded(ada)
    assert book.sheetnames == [
        "Instructions", "Plan", "Income", "Expenditure", "Metrics", "Conditions", "Sign-off",
        "Quarterly outturn", "As downloaded", "Lists",
    ]  # fmt: skip
    assert [book[name].sheet_state for name in ("As downloaded", "Lists")] == ["veryHidden"] * 2
    income = book["Income"]
    assert income.protection.sheet
    assert income["D2"].value == "Source"
    assert income["D2"].protection.locked
    assert not income["D3"].protection.locked
    assert {row[0].value for row in income.iter_rows(min_row=3, max_row=7)} == {
        "bcf-nhs-minimum", "bcf-disabled-facilities", "bcf-council-grant", "bcf-icb-additional",
        "bcf-council-additional",
    }  # fmt: skip
    assert any("same file a second time" in str(row[0].value) for row in book["Instructions"])


def test_filled_in_it_is_shown_then_stored_and_again_changes_nothing(ada):
    book = downloaded(ada)
    cells: Cells = {
        cell_of(book, "Plan", "better-care-fund-2018-19", "Minimum required, £"): 3_000_000,
        cell_of(book, "Income", "bcf-nhs-minimum", "Planned for the year, £"): 2_500_000.5,
        cell_of(book, "Income", "bcf-nhs-minimum", "Planned to June, £"): "625,000",
        cell_of(book, "Income", "bcf-nhs-minimum", "Ring-fenced"): "yes",
        cell_of(book, "Expenditure", "bcf-spend-carers", "Provider"): "Voluntary and community",
        cell_of(book, "Metrics", "bcf-discharge-delay/bcf-2018-19", "Goal"): 1.25,
        cell_of(book, "Conditions", "joint-plan", "Status"): "Planned",
        cell_of(book, "Sign-off", "bcf-2018-19-icb", "State"): "Signed",
        cell_of(book, "Sign-off", "bcf-2018-19-icb", "On, such as 2026-05-14"): date(2018, 5, 14),
        ("Expenditure", f"A{book['Expenditure'].max_row}"): "bcf-falls",
        ("Expenditure", f"B{book['Expenditure'].max_row}"): "Falls",
        ("Expenditure", f"C{book['Expenditure'].max_row}"): "moor",
        ("Expenditure", f"D{book['Expenditure'].max_row}"): "prevention",
        ("Expenditure", f"M{book['Expenditure'].max_row}"): 90_000,
    }  # fmt: skip
    content = filled(book, cells)
    answer = upload(ada, content)
    page = told(answer)
    assert "would store 1 new and 6 changed rows; " in page
    assert "2,500,000.50" in page
    assert "below the stated minimum of £3,000,000" in page
    assert "Nothing is stored yet" in page
    assert year_of("bcf-nhs-minimum") is None
    assert "Stored: 1 new and 6 changed rows" in told(store(ada, answer))
    figure = year_of("bcf-nhs-minimum")
    assert figure.full_year_pence == pounds("2_500_000.50")
    assert [figure.to_date_pence[month - 1] for month in (3, 6)] == [pounds("625_000"), None]
    assert figure.line.pool_line.ring_fenced
    assert figure.line.pool_line.income_source == "nhs-minimum"
    assert PoolAmount.objects.get(measure="minimum").pence == pounds("3_000_000")
    assert Target.objects.get(metric__code="bcf-discharge-delay").value == Decimal("1.25")
    assert NationalCondition.objects.get(code="joint-plan").status == "planned"
    assert NationalCondition.objects.get(code="joint-plan").evidence is not None
    signed = SignOff.objects.get(code="bcf-2018-19-icb")
    assert (signed.state, signed.on, signed.partner.code) == ("signed", "2018-05-14", "dale")
    falls = Line.objects.get(code="bcf-falls")
    assert (falls.kind, falls.calendar, falls.pool.code) == (
        "pool-spend",
        "quarterly",
        "better-care-fund",
    )
    assert falls.pool_line.heading.code == "prevention"
    changes = Change.objects.count()
    page = told(upload(ada, content))
    assert "says nothing new" in page
    assert Change.objects.count() == changes


def test_faults_name_sheet_cell_value_and_remedy_and_store_nothing(ada):
    book = downloaded(ada)
    amount = cell_of(book, "Income", "bcf-council-grant", "Planned for the year, £")
    source = cell_of(book, "Income", "bcf-council-grant", "Source")
    when = cell_of(book, "Sign-off", "bcf-2018-19-icb", "State")
    met = cell_of(book, "Conditions", "funding", "Status")
    locked = cell_of(book, "Conditions", "funding", "Name")
    cells: Cells = {amount: "a lot", source: "Lottery", when: "Signed", met: "Met"}
    page = told(upload(ada, filled(book, cells | {locked: "Other"})))
    for words in (
        f"{amount[1]} Income a lot",
        "is not an amount",
        f"{source[1]} Income Lottery Choose one of the list: NHS minimum contribution,",
        f"{locked[1]} Conditions Other This cell is locked.",
    ):
        assert words in page
    book = downloaded(ada)
    page = told(upload(ada, filled(book, {when: "Signed", met: "Met"})))
    assert "Say when the body signed" in page
    assert "what shows that the condition is met" in page
    assert "Conditions" in page
    assert not PlanFigure.objects.exists()
    assert set(SignOff.objects.values_list("state", flat=True)) == {"outstanding"}


def test_one_fault_of_a_service_stores_nothing_of_the_others(ada):
    book = downloaded(ada)
    good = cell_of(book, "Income", "bcf-council-grant", "Planned for the year, £")
    bad = cell_of(book, "Expenditure", "bcf-spend-carers", "Heading")
    answer = upload(ada, filled(book, {good: 5, bad: "nonsense"}))
    assert answer.status_code == 422
    assert f"{bad[1]} Expenditure better-care-fund-2018-19/nonsense" in told(answer)
    assert 'name="preview"' not in answer.content.decode()
    assert not PlanFigure.objects.exists()


def test_what_somebody_wrote_meanwhile_is_not_written_over(ada):
    book, later = downloaded(ada), downloaded(ada)
    place = cell_of(book, "Plan", "better-care-fund-2018-19", "Note")
    other = cell_of(book, "Plan", "better-care-fund-2018-19", "About")
    store(ada, upload(ada, filled(book, {place: "Mine"})))
    page = told(upload(ada, filled(later, {place: "Yours"})))
    assert "Somebody wrote 'Mine' here after your download" in page
    later = filled(later, {place: None, other: "About it"})
    assert "Stored: 1 changed row;" in told(store(ada, upload(ada, later)))
    plan = FundPlan.objects.get()
    assert (plan.note, plan.about) == ("Mine", "About it")


def test_a_preview_that_was_overtaken_is_not_stored(ada):
    place = cell_of(downloaded(ada), "Plan", "better-care-fund-2018-19", "Note")
    mine = upload(ada, filled(downloaded(ada), {place: "Mine"}))
    FundPlan.objects.update(about="Changed")
    page = told(ada.post(PAGE, {"preview": mine.context["preview"]}))
    assert "Somebody changed this row after the preview" in page
    assert FundPlan.objects.get().note == ""
    assert "too old to be stored" in told(ada.post(PAGE, {"preview": "made up"}))


def test_a_finance_lead_types_the_quarter_and_no_plan(fund, ada):
    lead = browser_of(a_person("lea", Role.FINANCE_LEAD, partner=fund.partners.get(code="moor")))
    book = downloaded(lead)
    actual = cell_of(book, "Quarterly outturn", "bcf-spend-carers", "Quarter 1: actual to date, £")
    theirs = cell_of(book, "Quarterly outturn", "bcf-nhs-minimum", "Quarter 1: actual to date, £")
    note = cell_of(book, "Plan", "better-care-fund-2018-19", "Note")
    page = told(upload(lead, filled(book, {actual: 25_000, theirs: 1, note: "Mine"})))
    assert f"{theirs[1]} Quarterly outturn Only a finance lead of the line's partner" in page
    assert f"{note[1]} Plan Only an administrator of the system" in page
    answer = upload(lead, filled(downloaded(lead), {actual: 25_000}))
    store(lead, answer)
    outturn = Outturn.objects.get()
    assert (outturn.line.code, outturn.month, outturn.actual_pence) == (
        "bcf-spend-carers",
        3,
        pounds("25_000"),
    )
    assert "Only a finance lead" in told(upload(ada, filled(downloaded(ada), {actual: 26_000})))


def test_my_work_leads_a_finance_lead_to_it(fund, ada):
    lead = browser_of(a_person("lea", Role.FINANCE_LEAD, partner=fund.partners.get(code="moor")))
    assert f'href="{PAGE}"' in lead.get("/my-work").content.decode()
    other = browser_of(a_person("ann", Role.APPROVER, partner=fund.partners.get(code="moor")))
    for without in (ada, other):
        assert PAGE not in without.get("/my-work").content.decode()


def test_a_stated_amount_is_not_emptied(ada):
    place = cell_of(downloaded(ada), "Income", "bcf-council-grant", "Planned for the year, £")
    store(ada, upload(ada, filled(downloaded(ada), {place: 10})))
    page = told(upload(ada, filled(downloaded(ada), {place: None})))
    assert "An amount that is stated is not emptied here" in page


def test_an_amount_that_is_typed_is_not_agreed_by_that(ada):
    plan = "better-care-fund-2018-19"
    amount = cell_of(downloaded(ada), "Plan", plan, "Agreed, £")
    status = cell_of(downloaded(ada), "Plan", plan, "How the agreed amount stands")
    page = told(upload(ada, filled(downloaded(ada), {status: "Agreed"})))
    assert "State the agreed amount as well" in page
    store(ada, upload(ada, filled(downloaded(ada), {amount: 5})))
    assert PoolAmount.objects.get(measure="agreed").status == "provisional"
    book = downloaded(ada)
    assert book[status[0]][status[1]].value == "Provisional"
    store(ada, upload(ada, filled(book, {status: "Agreed"})))
    last = PoolAmount.objects.filter(measure="agreed").latest("change")
    assert (last.status, last.pence) == ("agreed", pounds("5"))


def test_a_goal_that_cannot_be_and_a_plan_that_falls_are_refused(ada):
    book = downloaded(ada)
    goal = cell_of(book, "Metrics", "bcf-discharge-delay/bcf-2018-19", "Goal")
    line = ("Income", "bcf-nhs-minimum")
    june = cell_of(book, *line, "Planned to June, £")
    autumn = cell_of(book, *line, "Planned to September, £")
    year = cell_of(book, *line, "Planned for the year, £")
    page = told(upload(ada, filled(book, {goal: -1, june: 500, autumn: 400, year: 900})))
    assert f"{goal[1]} Metrics -1 A value of this metric cannot be below 0" in page
    assert f"{autumn[1]} Income £400 This is less than the £500 planned up to then" in page
    book = downloaded(ada)
    store(ada, upload(ada, filled(book, {june: 400, autumn: 500, year: 500})))
    assert year_of("bcf-nhs-minimum").full_year_pence == pounds("500")


def test_a_workbook_of_something_else_is_refused(ada):
    book = downloaded(ada)
    book["As downloaded"]["A1"] = "hills, fund, 2018-19"
    page = told(upload(ada, filled(book, {})))
    assert "This workbook is of hills, fund, 2018-19." in page
    assert "Choose a file" in told(ada.post(PAGE, {}))
    assert "file" in told(upload(ada, b"%PDF-1.7"))


def test_the_plan_leads_to_it(ada, fund):
    plan = PAGE.replace("/years/2018-19", "").removesuffix("/workbook")
    assert f'href="{PAGE}"' in ada.get(plan).content.decode()
    board = browser_of(a_person("bo", Role.BOARD_MEMBER, system=fund))
    assert PAGE not in board.get(plan).content.decode()


def test_who_opens_it(fund):
    board = browser_of(a_person("bo", Role.BOARD_MEMBER, system=fund))
    assert board.get(PAGE).status_code == board.get(f"{PAGE}.xlsx").status_code == 404
    stranger = browser_of(a_person("sam"))
    assert stranger.get(PAGE).status_code == 404


def test_a_doubted_amount_is_settled_on_its_page(ada, fund):
    spec = PoolAmountSpec(
        pool="better-care-fund", code="agreed", name="Agreed", measure="agreed", pence=None,
        status="suspect",
    )  # fmt: skip
    save_pool_amounts(by=None, slice_id=fund.slices.get().pk, specs=[spec])
    book = downloaded(ada)
    place = cell_of(book, "Plan", "better-care-fund-2018-19", "Agreed, £")
    page = told(upload(ada, filled(book, {place: 5})))
    assert f"{place[1]} Plan" in page
    assert "This amount is doubted" in page


def test_a_workbook_of_many_lines_takes_no_more_queries(ada, fund):
    with CaptureQueriesContext(connection) as few:
        downloaded(ada)
    specs = [
        LineSpec(
            code=f"more-{n}", name="More", partner="moor", kind="pool-spend",
            pool="better-care-fund",
        )
        for n in range(300)
    ]  # fmt: skip
    save_lines(by=None, slice_id=fund.slices.get().pk, specs=specs)
    with CaptureQueriesContext(connection) as many:
        book = downloaded(ada)
    assert book["Expenditure"].max_row == 2 + 17 + 300 + 20
    assert len(many) == len(few)
