"""The pages and API of pools: the year's list with every scope, a pool, and settling an amount."""

import re
from datetime import date

import pytest
from django.test import Client
from django.utils.timezone import localdate

from finance.charts import flow_chart, pool_sentence
from finance.figures.position import HeadingFigures
from finance.models import PoolAmount
from finance.rollups import recompute
from finance.services import (
    Entry,
    LineSpec,
    PoolLineSpec,
    ShareRuleSpec,
    record_outturns,
    save_lines,
    save_pool_lines,
    save_share_rules,
)
from schemes.models import Pool, PoolMember
from schemes.people.roles import Role
from tests.factories import a_line, a_partner, a_person, a_pool, a_system, a_year, approve, report
from tests.finance.pooling import a_fund, state
from tests.money import pounds

pytestmark = pytest.mark.django_db

LIST = "/systems/valley/years/2018-19/pools"
PAGE = f"{LIST}/fund"
API = "/api/v1/systems/valley/pools"


def browser_of(*who: object, **more: object) -> Client:
    browser = Client()
    browser.force_login(a_person(*who, **more))
    return browser


@pytest.fixture
def cora(valley) -> Client:
    return browser_of("cora", Role.COMMISSIONER, system=valley.system)


@pytest.fixture
def ada(valley) -> Client:
    return browser_of("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system)


@pytest.fixture
def half(valley):
    """The fund with two quarters reported."""
    fund = a_fund(valley)
    fund.report(1)
    fund.report(2)
    recompute(valley.slice.pk)
    return fund


def text(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(plain.replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_list_keeps_pooled_and_aligned_apart(valley, half, cora):
    a_pool(valley.slice, valley.hill, code="beside")
    Pool.objects.filter(code="beside").update(kind="aligned")
    state(valley.slice, "agreed", "agreed", 100, pool="beside")
    state(valley.slice, "minimum", "minimum", pounds("950_000"))
    said = text(cora, f"{LIST}?state=provisional")
    assert "2018/19 has one pooled budget and one aligned budget; they are never added" in said
    assert said.index("Pooled budgets Money in one fund") < said.index("Aligned budgets Planned")
    assert "Host: Moor 1 warning" in said
    assert "£50,000 below the stated minimum of £950,000" in said
    assert "(20) ▼ adverse" in said  # in £'000: 520 spent of 500 planned to month 6


def test_a_year_without_pools_says_so(valley, cora):
    assert "No pooled or aligned budget is stated for 2018/19." in text(cora, LIST)


def test_all_scopes_stand_side_by_side_and_are_never_added(valley, cora):
    a_pool(valley.slice, valley.moor)
    before = a_year(valley.system, "2016-17")
    for slice_, code, pence, more in (
        (valley.slice, "plan", "864_554_000", {"status": "agreed"}),
        (before, "alliance", "860_000_000", {"hedge": "about", "status": "provisional"}),
        (before, "later", "1_000_000_000", {"hedge": "circa", "status": "due-diligence"}),
        (valley.slice, "in-scope", "760_000_000", {"hedge": "about", "printed": "about £760m"}),
    ):
        state(slice_, code, "scope", pounds(pence), **more)
    said = text(cora, LIST)
    assert "they stand side by side and are never added to each other" in said
    for words in ("864,554", "860,000 about", "1,000,000 circa", "760,000 about", "“about £760m”"):
        assert words in said
    assert "Not reconciled: Later (circa £1,000,000,000), Plan (£864,554,000)" in said
    assert "3,484,554" not in said  # what they would add to


def test_a_pool_shows_what_came_in_and_went_out(half, cora):
    said = text(cora, f"{PAGE}?state=provisional")
    assert (
        "To month 6 the pool took in £0.5m, as planned, and spent £0.5m, £20k adverse to plan; "
        "it forecasts spend of £1.1m, £0.1m adverse." in said
    )
    for words in (
        "£0.5m came in and £0.5m went out: £20k more than came in",
        "NHS minimum contribution",
        "Local authority Better Care grant",
        "By partner that runs the service",
        "Provider not stated",
        "No line is ring-fenced or capital",
        "Report of quarter 1: made once month 3, June 2018 is closed",
    ):
        assert words in said


def test_a_contribution_is_neither_favourable_nor_adverse(valley, half, cora):
    report(half.lines["dale-contribution"], 6, "45_000")
    recompute(valley.slice.pk)
    said = text(cora, f"{PAGE}?state=provisional")
    assert "the pool took in £0.5m, £5k below plan, and spent" in said
    assert "Dale body 100 50 45 (5) below plan" in said


def test_contributions_alone_end_without_a_comma(valley, cora):
    fund = a_fund(valley)
    report(fund.lines["dale-contribution"], 3, "25_000")
    recompute(valley.slice.pk)
    said = text(cora, f"{PAGE}?state=provisional&month=3")
    assert "the pool took in £25k by 1 of 3 lines of contribution, as planned." in said


def test_published_figures_unless_asked_otherwise(valley, half, cora):
    assert "are planned for 2018/19; nothing is reported yet" in text(cora, PAGE)
    approve(valley.slice, 3, valley.moor, valley.hill, valley.dale)
    recompute(valley.slice.pk)
    said = text(cora, PAGE)
    assert "To month 3" in said
    assert "These are approved or closed figures" in said
    assert "Provisional figures" in text(cora, f"{PAGE}?state=provisional")


def test_lines_without_a_report_are_named(valley, half, cora):
    a_line(valley.slice, valley.dale, "pool-spend", "meals", pool="fund")
    a_line(valley.slice, valley.dale, "pool-spend", "rent", pool="fund", calendar="year-end")
    recompute(valley.slice.pk)
    said = text(cora, f"{PAGE}?state=provisional")
    assert "1 line that was due has no report, and no sum holds it" in said
    assert "Yet to report this month: Dale body (meals)." in said
    assert "One line reports at other times" in said
    # meals and rent say nothing, so what is left of what came in is not known
    assert "£0.5m came in and £0.5m went out on 2 of 4 lines of spend" in said
    assert "and spent £0.5m on 2 of 4 lines of spend, £20k adverse to plan" in said
    assert "Spend to date, 2 of 4 lines" in said
    for words in ("left in the pool", "more than came in", "Spent beyond"):
        assert words not in said


def test_a_plan_of_some_lines_says_of_how_many(valley, cora):
    a_fund(valley)
    a_line(valley.slice, valley.dale, "pool-spend", "meals", pool="fund")
    said = text(cora, PAGE)
    assert "£1.0m of contributions and £1.0m of spend by 2 of 3 lines are planned" in said
    assert "£1.0m is to come in and £1.0m is to go out on 2 of 3 lines of spend" in said
    assert "all of it" not in said


def test_a_year_that_ended_is_forecast_no_more(valley, half, cora):
    half.report(4)
    recompute(valley.slice.pk)
    assert "Forecast for the year" in text(cora, f"{PAGE}?state=provisional&month=6")
    said = text(cora, f"{PAGE}?state=provisional&month=12")
    assert "Spend for the year" in said
    for words in ("Forecast for the year", "Forecast spend", "Forecast variance"):
        assert words not in said


def test_what_moved_binding_shares_is_told(valley, half, cora):
    met = {"triggered_on": date(2018, 11, 14), "minute": "Board, item 6"}
    spec = ShareRuleSpec(
        system="valley", pool="fund", code="rule", name="One", terms={"kind": "proportional"}, **met
    )
    save_share_rules(by=None, specs=[spec])
    page = f"{PAGE}?state=provisional"
    spend = half.lines["moor-pool-spend"]
    report(spend, 3, "155_000", comment="Looked at again")
    report(half.lines["moor-contribution"], 3, "140_000")
    outside = PoolLineSpec(line="hill-pool-spend", ring_fenced=True)
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=[outside])
    report(half.lines["hill-pool-spend"], 3, "1_000")
    recompute(valley.slice.pk)
    assert "were restated after it" not in text(cora, page)  # comments, and none within the share
    report(spend, 3, "150_000")
    report(spend, 6, "300_001")
    recompute(valley.slice.pk)
    said = text(cora, page)
    assert "Shares by the rule “One” became binding on 14 November 2018, and figures" in said
    assert (
        "were restated after it: moor-pool-spend at September 2018 from £310,000 to £300,001 "
        "and moor-pool-spend at June 2018 from £155,000 to £150,000." in said
    )
    assert "were restated" not in text(cora, PAGE)  # nothing of it is published


def test_a_share_that_moved_on_the_day_of_its_trigger_is_told(valley, half, cora):
    """Against what stood when its trigger was recorded; on the page of its months and in files."""
    met = {"triggered_on": localdate(), "minute": "Board, item 6"}
    spec = ShareRuleSpec(
        system="valley", pool="fund", code="rule", name="One", terms={"kind": "proportional"}, **met
    )
    save_share_rules(by=None, specs=[spec])
    report(half.lines["moor-pool-spend"], 6, "300_001")
    recompute(valley.slice.pk)
    moved = "moor-pool-spend at September 2018 from £310,000 to £300,001"
    assert moved in text(cora, f"{PAGE}?state=provisional&month=6")
    assert "were restated" not in text(cora, f"{PAGE}?state=provisional&month=3")
    (segment,) = cora.get(f"{API}/fund/shares?year=2018-19&state=provisional").json()["segments"]
    assert moved in segment["restated"]
    rows = cora.get(f"{PAGE}/shares.csv?state=provisional").content.decode().splitlines()
    assert rows[0].endswith(",restated")
    assert all(moved in row for row in rows[1:])
    before = cora.get(f"{PAGE}/shares.csv?state=provisional&month=3").content.decode()
    assert "from £" not in before


def test_lines_outside_the_share_are_named(valley, half, cora):
    spec = PoolLineSpec(line="hill-pool-spend", capital=True, ring_fenced=True)
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=[spec])
    assert "hill-pool-spend (Hill): ring-fenced and capital" in text(cora, PAGE)


def test_the_share_of_the_variance_stands_on_the_page(valley, half, cora):
    page = f"{PAGE}?state=provisional"
    assert "No rule of risk share is entered, and none is assumed." in text(cora, page)
    rule = {"terms": {"kind": "proportional"}, "trigger": "Both bodies agree"}
    spec = ShareRuleSpec(system="valley", pool="fund", code="rule", name="By contributions", **rule)
    save_share_rules(by=None, specs=[spec])
    said = text(cora, page)
    # 20,000 over at month 6: 60, 30 and 10 per cent
    for words in (
        "Shares are indicative until its trigger is met: Both bodies agree.",
        "Moor (12,000)",
        "Dale (2,000)",
    ):
        assert words in said
    share = cora.get(f"{API}/fund?state=provisional").json()["share"]
    assert (share["standing"], share["shares"]["hill"]) == ("indicative", pounds("-6_000"))


def test_an_aligned_budget_has_no_share(valley, half, cora):
    Pool.objects.update(kind="aligned")
    assert "Fund is aligned, not pooled: each partner keeps its own" in text(cora, PAGE)
    said = text(cora, f"{PAGE}?state=provisional")
    assert "To month 6 partners put in £0.5m, as planned, and spent £0.5m" in said
    assert "No rule covers these months: each partner keeps its own variance." in said
    for words in ("the pool took in", "stays with the host", "A pool mixes its money"):
        assert words not in said


def test_a_proposed_host_is_only_proposed(half, cora):
    PoolMember.objects.filter(host=True).update(proposed=True)
    assert "Host Moor, proposed" in text(cora, PAGE)
    assert "Moor body is proposed as host and not agreed" in text(cora, PAGE)
    PoolMember.objects.update(host=False)
    assert "No host is stated" in text(cora, PAGE)


def test_an_administrator_settles_a_suspect_amount(valley, half, ada, cora):
    more = {"status": "suspect", "printed": "£21,651,00", "basis": "county figure"}
    state(valley.slice, "agreed", "agreed", None, **more)
    said = text(ada, PAGE)
    assert "Suspect amounts These are in no total until a person settles them" in said
    assert "A digit is missing." in said
    form = {"amount": "agreed", "pence": "21.651m", "status": "agreed", "reason": ""}
    answer = ada.post(PAGE, form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say on what this rests" in page
    assert 'value="21.651m"' in page  # nothing typed is lost
    assert ada.post(PAGE, form | {"pence": "x"}).status_code == 422
    assert ada.post(PAGE, form | {"pence": ""}).status_code == 422
    assert cora.post(PAGE, form | {"reason": "The signed plan"}).status_code == 404
    assert PoolAmount.objects.count() == 1
    answer = ada.post(PAGE, form | {"reason": "The signed plan"}, follow=True)
    said = " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
    assert "Suspect amounts" not in said
    assert "21,651,000" in said
    assert "Settled by ada on" in said
    assert "The signed plan Before: not stated, suspect" in said


def test_only_who_keeps_pools_sees_the_form(valley, half, ada, cora):
    state(valley.slice, "agreed", "agreed", None, status="suspect")
    assert "On what this rests" not in text(cora, PAGE)
    assert "On what this rests" in text(ada, PAGE)


def test_the_api_has_a_row_a_pool_and_year(valley, half, cora):
    later = a_year(valley.system, "2019-20")
    state(valley.slice, "minimum", "minimum", 493_200_000, status="agreed", basis="county figure")
    state(valley.slice, "agreed", "agreed", 493_200_000, status="agreed")
    state(later, "minimum", "minimum", 2_165_100_000)
    state(later, "agreed", "agreed", None, status="suspect", printed="£21,651,00")
    rows = cora.get(f"{API}?state=provisional").json()["rows"]
    found = {row["year"]: row for row in rows}
    assert [row["year"] for row in rows] == ["2019-20", "2018-19"]
    wanted = ("minimum_pence", "agreed_pence", "state")
    assert [found["2018-19"][name] for name in wanted] == [493_200_000, 493_200_000, "agreed"]
    assert [found["2019-20"][name] for name in wanted] == [2_165_100_000, None, "suspect"]
    row = found["2018-19"]
    assert (row["host"], row["host_proposed"], row["members"]) == (
        "moor",
        False,
        ["dale", "hill", "moor"],
    )
    assert (row["contributions_plan_pence"], row["spend_plan_pence"]) == (
        pounds("1_000_000"),
        pounds("1_000_000"),
    )
    assert (row["month"], row["spend_actual_pence"], row["variance_pence"]) == (
        6,
        pounds("520_000"),
        pounds("-20_000"),
    )
    assert len(cora.get(f"{API}?year=2018-19").json()["rows"]) == 1
    assert len(cora.get(f"{API}.csv").content.decode().splitlines()) == 3


def test_the_api_has_a_pool_with_its_lines_and_amounts(valley, half, cora):
    state(valley.slice, "agreed", "agreed", None, status="suspect", printed="£21,651,00")
    found = cora.get(f"{API}/fund?state=provisional").json()
    assert (found["year"], found["kind"], found["share"]["standing"]) == (
        "2018-19",
        "pooled",
        "not shared",
    )
    amount = found["amounts"][0]
    assert (amount["pence"], amount["printed"], amount["counts"]) == (None, "£21,651,00", False)
    lines = {row["line"]: row for row in found["rows"]}
    assert lines["hill-contribution"]["income_source"] == "nhs-minimum"
    assert lines["moor-pool-spend"]["ytd_actual_pence"] == pounds("310_000")
    assert lines["moor-pool-spend"]["capital"] is False
    assert lines["hill-pool-spend"]["capital"] is None
    assert cora.get(f"{API}/fund?month=3&state=provisional").json()["month"] == 3
    assert cora.get(f"{API}/none").status_code == 404
    assert cora.get(f"{API}/fund?year=2001-02").status_code == 404
    csv = cora.get(f"{API}/fund/lines.csv").content.decode().splitlines()
    assert len(csv) == 6
    assert cora.get(f"{PAGE}/lines.csv").content.decode().splitlines() == csv


@pytest.mark.parametrize("page", [LIST, PAGE, f"{API}/fund"])
def test_pages_take_as_many_queries_for_300_lines_as_for_3(valley, cora, query_count, page):
    a_pool(valley.slice, valley.moor)

    def add(places: range) -> None:
        specs = [
            LineSpec(
                code=f"line-{place}",
                name=f"Line {place}",
                partner="moor",
                kind="contribution" if place % 2 else "pool-spend",
                pool="fund",
            )
            for place in places
        ]
        save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
        entries = [Entry(line=spec.code, month=1, actual_pence=100) for spec in specs]
        record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
        recompute(valley.slice.pk)

    add(range(3))
    address = f"{page}?state=provisional"
    cora.get(address)  # what a session and the frame read once
    few = query_count(lambda: cora.get(address))
    add(range(3, 303))
    assert query_count(lambda: cora.get(address)) <= few


def test_another_system_s_pools_are_never_here(valley, half, cora):

    other = a_system(a_partner("far"), code="elsewhere")
    a_pool(a_year(other), other.partners.get(), code="theirs")
    codes = {row["code"] for row in cora.get(API).json()["rows"]}
    assert codes == {"fund"}
    assert "Theirs" not in text(cora, LIST)
    assert cora.get(f"{LIST}/theirs").status_code == 404


def row(name: str, plan: str, actual: str | None = None) -> HeadingFigures:
    spent = None if actual is None else pounds(actual)
    variance = None if spent is None else pounds(plan) - spent
    return HeadingFigures(name, pounds(plan), pounds(plan), spent, variance, None, None)


def test_the_flow_is_drawn_from_partners_to_headings():
    given = [row("Moor", "60", "60"), row("Hill", "40", "30")]
    spent = [row("Care", "70", "75"), row("Beds", "30")]
    chart = flow_chart(given, spent, period="2018/19", reported=True)
    assert chart.title == "£90 came in and £75 went out: £15 left in the pool"
    assert "Not drawn, for want of an amount: Beds." in chart.alt
    planned = flow_chart(given, spent, period="2018/19", reported=False)
    assert planned.title == "£100 is to come in and £100 is to go out: all of it"
    assert flow_chart(given, [], period="", reported=False) is None
    many = [row(f"H{place}", "1", "1") for place in range(14)]
    assert (
        "4 more headings together: £4 out" in flow_chart(given, many, period="", reported=True).alt
    )


def test_what_a_pool_says_of_a_year():
    given, spent = row("Total", "100"), row("Total", "90")
    assert pool_sentence("2018/19", None, None, None).startswith("No contribution or spend")
    assert pool_sentence("2018/19", None, given, spent) == (
        "£100 of contributions and £90 of spend are planned for 2018/19; nothing is reported yet."
    )
    assert pool_sentence("2018/19", 12, row("", "100", "100"), row("", "90", "90")) == (
        "In 2018/19 the pool took in £100, as planned, and spent £90, on plan."
    )
