"""Statements of a pool: which there are, what they open with, and their page and files."""

import io
from datetime import date

import pytest
from django.test import Client
from openpyxl import load_workbook

from esbt.kit.problems import Refused
from finance.queries.pool_statements import statement_of
from finance.rollups import recompute
from finance.services import (
    ShareRuleSpec,
    close_month,
    reopen_month,
    save_share_rules,
    set_year_status,
)
from schemes.models import PoolMember, Slice
from schemes.people.roles import Role
from tests.factories import a_line, a_person, a_plan, a_year, approve, close, report
from tests.finance.pooling import CONTRIBUTIONS, SPEND, a_fund, quarterly, state
from tests.money import pounds

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/years/2018-19/pools/fund"
API = "/api/v1/systems/valley/pools/fund/statements/2018-19"


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


@pytest.fixture
def told(valley):
    """The fund with all four quarters reported and closed, and £25,000 to open with.

    Its overspend of £60,000 is shared 60, 30 and 10. Moor and Hill report positions as well.
    """
    fund = a_fund(valley)
    state(valley.slice, "opening", "opening", pounds("25_000"))
    share(valley)
    report(valley.line(valley.moor), 12, "-100_000")
    report(valley.line(valley.hill), 12, "0")
    for quarter in (1, 2, 3, 4):
        fund.report(quarter)
        fund.close(quarter)
    return fund


def share(valley) -> None:
    rule = ShareRuleSpec(
        system="valley",
        pool="fund",
        code="rule",
        name="By contributions",
        terms={"kind": "proportional"},
        trigger="Both bodies agree",
    )
    save_share_rules(by=None, specs=[rule])


def made(valley, quarter: str, slice_: Slice | None = None):
    slices = list(Slice.objects.filter(system=valley.system).select_related("system", "year"))
    own = next(item for item in slices if item.pk == (slice_ or valley.slice).pk)
    return statement_of(slices, own, "fund", quarter)


def text(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_the_four_quarters_and_the_year(valley, told):
    closing = {quarter: made(valley, quarter).account.closing_pence for quarter in "1234"}
    assert closing == {
        "1": pounds("15_000"),  # 25,000 + 250,000 - 260,000
        "2": pounds("5_000"),  # 25,000 + 500,000 - 520,000
        "3": pounds("-5_000"),
        "4": pounds("-35_000"),  # 25,000 + 1,000,000 - 1,060,000
    }
    year = made(valley, "year-end")
    assert (year.month, year.account.closing_pence) == (12, pounds("-35_000"))
    assert year.account.settled_pence == pounds("25_000")
    assert year.account.unshared_pence == 0


def test_an_open_quarter_is_refused_in_words(valley, cora):
    fund = a_fund(valley)
    fund.report(1)
    with pytest.raises(Refused) as caught:
        made(valley, "1")
    assert caught.value.code == "open"
    said = "The report of quarter 1 of 2018/19 is made once June 2018 is closed for the system"
    assert said in text(cora, f"{PAGE}/statements/1", 409)
    assert said in text(cora, f"{PAGE}/statements/1.csv", 409)
    assert said in text(cora, f"{PAGE}/statements/1.xlsx", 409)
    answer = cora.get(f"{API}/1")
    assert (answer.status_code, answer.json()["code"]) == (409, "open")
    assert said in answer.json()["errors"][0]["message"]
    assert "Report of quarter 1: made once month 3, June 2018 is closed" in text(cora, PAGE)
    fund.close(1)
    assert f'href="{PAGE}/statements/1"' in text(cora, PAGE)
    assert cora.get(f"{API}/1").status_code == 200


def test_an_account_is_not_made_while_a_month_of_it_is_open_again(valley, told, cora):
    here = {"slice_id": valley.slice.pk, "month": 6, "by": None}
    reopen_month(partner=valley.moor, reason="Found by audit", **here)
    recompute(valley.slice.pk)
    said = "rests on figures of September 2018, which is open again"
    assert f"The year-end account of 2018/19 {said}" in text(
        cora, f"{PAGE}/statements/year-end", 409
    )
    assert (cora.get(f"{API}/2").status_code, cora.get(f"{API}/4").status_code) == (409, 409)
    assert made(valley, "1").account.closing_pence == pounds("15_000")
    assert f"Report of quarter 3 of 2018/19 {said}".lower() in text(cora, PAGE).lower()
    close_month(reason="So", **here)
    recompute(valley.slice.pk)
    assert cora.get(f"{API}/year-end").status_code == 200


def test_other_periods_and_pools_are_not_there(valley, cora, told):
    for address in (f"{PAGE}/statements/5", f"{PAGE[:-4]}none/statements/1"):
        assert cora.get(address).status_code == 404
    assert cora.get(f"{API}/5").status_code == 422


def test_final_accounts_take_the_place_of_month_12(valley, told):
    for line in told.lines.values():
        report(line, 13, "100_000")
    partners = {line.partner for line in told.lines.values()}
    approve(valley.slice, 13, *partners)
    close(valley.slice, 13, *partners)
    set_year_status(by=None, slice_id=valley.slice.pk, status="final")

    recompute(valley.slice.pk)
    year = made(valley, "year-end")
    assert (year.month, year.account.spend_pence) == (13, pounds("200_000"))
    assert made(valley, "4").account.spend_pence == pounds("1_060_000")


def test_a_year_opens_with_what_the_closed_year_before_leaves(valley, told, cora):
    later = a_year(valley.system, "2019-20")
    for code, line in told.lines.items():
        a_line(later, line.partner, line.kind, code, pool="fund", calendar="quarterly")
    told.slice, told.lines = later, {line.code: line for line in later.lines.all()}
    years = {"contribution": CONTRIBUTIONS, "pool-spend": SPEND}
    a_plan(later, {n: quarterly(years[n.kind][n.partner.code]) for n in told.lines.values()})
    told.report(1)
    told.close(1)
    first = made(valley, "1", later)
    assert first.account.opening_pence == pounds("-35_000")
    assert first.opening == (
        "Brought forward from the account of 2018/19. Not in it is what partners had still to pay "
        "or to receive from 2018/19, indicative: Dale body £6,000 to pay, Hill body £18,000 to pay "
        "and Moor body £36,000 to pay; what they paid of it since stands in contributions"
    )
    assert (first.owed.pence, first.owed.year) == (pounds("60_000"), "2018/19")
    # this year's overspend of £10,000 is shared out: alone it leaves the 35,000 overdrawn
    assert first.account.settled_pence == pounds("-35_000")
    said = text(cora, "/systems/valley/years/2019-20/pools/fund/statements/1")
    both = "the pool holds £35,000 overdrawn, and once 2018/19 is settled too, £25,000 in hand."
    assert both in said
    state(later, "opening", "opening", 0)
    again = made(valley, "1", later)
    assert (again.account.opening_pence, again.opening) == (0, "Stated: Opening, £0")


def test_an_open_year_brings_nothing_forward(valley):
    fund = a_fund(valley)
    state(valley.slice, "opening", "opening", 0)
    fund.report(4)
    later = a_year(valley.system, "2019-20")
    fund.slice = later
    fund.lines = {
        code: a_line(later, line.partner, line.kind, code, pool="fund", calendar="quarterly")
        for code, line in fund.lines.items()
    }
    fund.report(1)
    fund.close(1)
    found = made(valley, "1", later)
    assert found.account.opening_pence is None
    assert found.opening.startswith("Not stated")


def test_the_page_says_who_bears_what(valley, told, cora):
    said = text(cora, f"{PAGE}/statements/year-end")
    for words in (
        "Partners paid in £1,000,000 and the pool spent £1,060,000, £60,000 adverse to plan; it "
        "closes with £35,000 overdrawn.",
        "The shares are indicative",
        "The trigger: Both bodies agree",
        "Months 1 to 12, By contributions: ",
        "Once partners have paid and received this, the pool holds £25,000 in hand.",
        "Before sharing, the whole variance lies with Moor body, host",
        'Show every column<span class="nhsuk-u-visually-hidden"> of the positions',
        "£6k favourable by it",  # what Dale bears, which states no position
    ):
        assert words in said
    PoolMember.objects.filter(host=True).update(proposed=True)
    assert "Moor body, proposed as host" in text(cora, f"{PAGE}/statements/year-end")


def test_without_a_position_nothing_is_said_of_it(valley, told, cora):
    said = text(cora, f"{PAGE}/statements/1")  # positions stand at month 12 alone
    assert "No position of its partners is stated for this month" in said
    assert "contains it once" not in said


def test_a_trigger_of_two_rules_is_printed_once(valley, told, cora):
    own = {"system": "valley", "pool": "fund", "terms": {"kind": "proportional"}}
    first, second = date(2018, 9, 30), date(2018, 10, 1)
    specs = [
        ShareRuleSpec(code="rule", name="1", ends=first, trigger="Both bodies agree", **own),
        ShareRuleSpec(code="next", name="2", starts=second, trigger="Both bodies agree", **own),
    ]
    save_share_rules(by=None, specs=specs)
    page = text(cora, f"{PAGE}/statements/year-end")
    assert page.count("Both bodies agree") == 1


def test_the_workbook_holds_numbers_and_no_formula(valley, told, cora):
    valley.hill.name = "=HYPERLINK(1)"
    valley.hill.save()
    answer = cora.get(f"{PAGE}/statements/year-end.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content))["Figures"]
    rows = [{cell.value: row[place] for place, cell in enumerate(sheet[1])} for row in sheet]
    hill = next(row for row in rows if row["partner"].value == "hill")
    assert (hill["name"].value, hill["name"].data_type) == ("=HYPERLINK(1)", "s")
    assert hill["share_gbp"].value == -18_000
    assert hill["shares_are"].value == "indicative"
    borne = sum(row["share_gbp"].value for row in rows if row["account"].value == "partner")
    assert borne == next(
        row["variance_gbp"].value for row in rows if row["account"].value == "pool"
    )


def test_the_api_says_the_same(valley, told, cora):
    found = cora.get(f"{API}/year-end").json()
    assert (found["closing_pence"], found["settled_pence"]) == (
        pounds("-35_000"),
        pounds("25_000"),
    )
    assert found["share"]["standing"] == "indicative"
    dale = next(row for row in found["rows"] if row["partner"] == "dale")
    assert (dale["contributions_pence"], dale["share_pence"], dale["to_pay_pence"]) == (
        pounds("100_000"),
        pounds("-6_000"),
        pounds("6_000"),
    )
    # the whole overspend lies with Moor before; after it only its own 36,000
    assert found["positions"] == [
        {
            "partner": "moor",
            "position_before_pence": pounds("-100_000"),
            "effect_pence": pounds("24_000"),
            "position_after_pence": pounds("-76_000"),
        },
        {
            "partner": "hill",
            "position_before_pence": 0,
            "effect_pence": pounds("-18_000"),
            "position_after_pence": pounds("-18_000"),
        },
    ]
    lines = cora.get(f"{API}/year-end/accounts.csv").content.decode().splitlines()
    assert len(lines) == 5  # a heading, the pool and three partners


def test_lines_that_report_at_other_times_are_not_in_a_quarter(valley):
    fund = a_fund(valley)
    a_line(valley.slice, valley.moor, "pool-spend", "late", pool="fund", calendar="year-end")
    fund.report(1)
    fund.close(1)
    found = made(valley, "1")
    assert (found.other, found.account.spend_pence) == (1, pounds("260_000"))


def test_the_number_of_queries_is_the_same_for_more_years(valley, told, query_count):
    def look() -> int:
        return query_count(lambda: made(valley, "year-end"))

    few = look()
    for year in ("2015-16", "2016-17", "2017-18"):
        state(a_year(valley.system, year), "opening", "opening", 0)
    assert look() == few
