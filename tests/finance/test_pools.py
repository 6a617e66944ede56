"""Pools year by year: what stands in which, what is warned of, and the scopes side by side."""

from datetime import date

import pytest

from finance.downloads.pools import signed_flag
from finance.models import Line
from finance.models.rollups import State
from finance.pools.book import latest_month
from finance.pools.scopes import links_of, scopes_of
from finance.pools.words import state_words
from finance.queries.pools import lines_of_pool, pool_book, pool_books, printed_envelopes
from finance.rollups import recompute
from finance.services import PoolLineSpec, PrintedSpec, save_pool_lines, save_printed
from schemes.models import PoolMember, Slice
from schemes.services.funds import FundPlanSpec, HeadingSpec, save_fund_headings, save_fund_plans
from tests.esbt.funded import a_plan_of_a_fund, a_sign_off
from tests.factories import a_line, a_plan, a_pool, a_year, approve, evenly, report
from tests.finance.pooling import a_fund, state
from tests.money import pounds

pytestmark = pytest.mark.django_db


def slices(valley) -> list[Slice]:
    return list(Slice.objects.filter(system=valley.system).select_related("system", "year"))


def the_fund(valley, which: State = State.PROVISIONAL, month: int | None = None):
    return pool_book(valley.slice, "fund", state=which, month=month)


def test_a_pool_s_sums_stand_at_its_latest_month(valley):
    fund = a_fund(valley)
    fund.report(1)
    fund.report(2)
    recompute(valley.slice.pk)
    found = the_fund(valley)
    assert (found.month, found.lines, found.reported) == (6, 5, 5)
    assert found.contributions.actual_pence == pounds("500_000")
    # 310,000 + 210,000 against 500,000 planned: a spend above its plan is adverse
    assert (found.spend.actual_pence, found.spend.variance_pence) == (
        pounds("520_000"),
        pounds("-20_000"),
    )
    assert the_fund(valley, State.PUBLISHED).month is None
    assert the_fund(valley, month=3).spend.actual_pence == pounds("260_000")


def test_where_a_page_opens():
    # month 5 was reported by all that are due in it, month 3 by every line
    heard = {3: (5, 5), 4: (2, 2), 5: (2, 2), 6: (5, 1)}
    assert latest_month(heard, audited=13, whole=True) == 3
    assert latest_month(heard, audited=13, whole=False) == 6
    assert latest_month({3: (5, 5), 13: (5, 5)}, audited=13, whole=True) == 13
    assert latest_month({3: (5, 1), 13: (5, 1)}, audited=13, whole=True) == 3
    assert latest_month({1: (0, 0)}, audited=13, whole=True) is None


def test_a_year_holds_pools_with_an_amount_a_line_or_a_dated_member(valley):
    a_fund(valley)
    later = a_year(valley.system, "2019-20")
    a_pool(valley.slice, valley.moor, code="dated")
    PoolMember.objects.filter(pool__code="dated").update(starts=date(2019, 4, 1))
    a_pool(valley.slice, valley.moor, code="bare")

    def found() -> set[tuple[str, str]]:
        years = pool_books(slices(valley), state=State.PUBLISHED)
        return {(item.pool.code, item.slice.year_id) for item in years}

    # nothing stands of the bare one: it can be found in the newest year
    assert found() == {("fund", "2018-19"), ("dated", "2019-20"), ("bare", "2019-20")}
    state(later, "agreed", "agreed", 1)
    assert ("fund", "2019-20") in found()


def test_a_suspect_amount_is_in_no_total(valley):
    a_fund(valley)
    state(valley.slice, "agreed", "agreed", None, status="suspect", printed="£21,651,00")
    found = the_fund(valley)
    assert (found.agreed_pence, found.state) == (None, "suspect")
    assert "“£21,651,00”, is suspect and in no total" in found.warnings[0]
    state(valley.slice, "minimum", "minimum", pounds("1"), status="suspect")
    assert the_fund(valley).minimum_pence is None


def test_contributions_below_the_minimum_are_warned_of(valley):
    a_fund(valley)
    state(valley.slice, "minimum", "minimum", pounds("950_000"))
    # 600,000 of grant and 300,000 of NHS minimum; what Dale adds of its own will does not count
    assert the_fund(valley).warnings == [
        "Planned contributions that the minimum can ask for are £900,000, £50,000 below the "
        "stated minimum of £950,000."
    ]
    unsaid = PoolLineSpec(line="dale-contribution")
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=[unsaid])
    assert the_fund(valley).warnings == []


def test_an_agreed_amount_below_the_minimum_is_warned_of(valley):
    a_fund(valley)
    state(valley.slice, "minimum", "minimum", pounds("100"))
    state(valley.slice, "agreed", "agreed", pounds("99.99"))
    assert "The agreed amount is £99.99, £0.01 below" in the_fund(valley).warnings[0]


def test_an_agreed_amount_that_nobody_signed_says_who_calls_it_so(valley):
    a_plan_of_a_fund(valley)
    state(valley.slice, "agreed", "agreed", pounds("99.99"), status="agreed")
    a_sign_off("council")
    a_sign_off("ccg", partner="dale")
    found = the_fund(valley)
    (said,) = (text for text in found.warnings if "called agreed" in text)
    assert said == (
        f"The amount is called agreed by {found.state_by}. Nobody has signed. Still to sign: "
        "The ccg (not signed) and The council (not signed)."
    )
    assert state_words(found) == f"Agreed, says {found.state_by}; signed by nobody"
    assert signed_flag(found) is False
    a_sign_off("council", state="signed", on="2018-04-01")
    assert state_words(the_fund(valley)).endswith("; not signed by all")
    a_sign_off("ccg", partner="dale", state="signed", on="2018-04-02")
    found = the_fund(valley)
    assert state_words(found) == "Agreed, signed by all"
    assert not any("called agreed" in text for text in found.warnings)
    assert signed_flag(found)


def test_planned_contributions_unlike_the_agreed_amount_are_warned_of(valley):
    a_fund(valley)
    state(valley.slice, "agreed", "agreed", pounds("1_000_000.01"))
    assert the_fund(valley).warnings == [
        "Planned contributions are £1,000,000, £0.01 below the agreed amount of £1,000,000.01."
    ]
    state(valley.slice, "agreed", "agreed", pounds("1_000_000"))
    assert the_fund(valley).warnings == []


def test_before_any_report_every_line_of_the_year_counts(valley):
    a_fund(valley)
    a_line(valley.slice, valley.dale, "pool-spend", "late", pool="fund")
    Line.objects.filter(code="late").update(first_month=12)
    recompute(valley.slice.pk)
    assert the_fund(valley).lines == 6


def named(valley, *amounts: tuple[str, str]) -> None:
    """Spend that a plan names under headings."""
    save_fund_plans(
        by=None,
        specs=[
            FundPlanSpec(
                system="valley", code="plan", name="Plan", first_year="2018-19", last_year="2018-19"
            )
        ],
    )
    headings = [
        HeadingSpec(system="valley", plan="plan", code=code, name=code.title())
        for code in dict.fromkeys(code for code, _ in amounts)
    ]
    save_fund_headings(by=None, specs=headings)
    for place, (code, pence) in enumerate(amounts):
        heading = {"heading": f"plan/{code}"}
        state(valley.slice, f"named-{place}", "spend", pounds(pence), **heading)


def test_spend_named_under_a_heading_above_the_fund_is_warned_of(valley):
    """As in Mid Essex: £7.281m under one heading of a fund of £4.932m."""
    a_pool(valley.slice, valley.moor)
    state(valley.slice, "agreed", "agreed", pounds("4_932_000"), status="agreed")
    named(valley, ("home", "7_000_000"), ("home", "281_000"), ("beds", "1"))
    assert the_fund(valley).warnings == [
        "Spend named under Home adds to £7,281,000, which is £2,349,000 above the fund of "
        "£4,932,000 (agreed)."
    ]


def test_planned_spend_under_a_heading_above_the_fund_is_warned_of(valley):
    a_pool(valley.slice, valley.moor)
    state(valley.slice, "agreed", "agreed", pounds("4_932_000"), status="agreed")
    named(valley, ("home", "1"))
    years = {"one": "4_136_000", "two": "1_550_000", "three": "1_595_000"}
    lines = {
        a_line(valley.slice, valley.moor, "pool-spend", code, pool="fund"): year
        for code, year in years.items()
    }
    a_plan(valley.slice, lines)
    specs = [PoolLineSpec(line=code, heading="plan/home") for code in years]
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    assert (
        "Spend planned under Home adds to £7,281,000, which is £2,349,000 above"
        in (the_fund(valley).warnings[0])
    )


def test_headings_that_exceed_the_fund_only_together_are_warned_of(valley):
    a_pool(valley.slice, valley.moor)
    state(valley.slice, "minimum", "minimum", pounds("100"))
    named(valley, ("home", "60"), ("beds", "50"))
    assert the_fund(valley).warnings == []  # what is named need not be spent in one year
    lines = {
        a_line(valley.slice, valley.moor, "pool-spend", code, pool="fund"): year
        for code, year in (("home", "60"), ("beds", "50"))
    }
    a_plan(valley.slice, lines)
    specs = [PoolLineSpec(line=code, heading=f"plan/{code}") for code in ("home", "beds")]
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    assert (
        "planned under all headings adds to £110, which is £10 above"
        in (the_fund(valley).warnings[0])
    )


def test_planned_spend_above_contributions_is_warned_of(valley):
    a_pool(valley.slice, valley.moor)
    lines = {
        a_line(valley.slice, valley.moor, kind, pool="fund"): evenly(year)
        for kind, year in (("contribution", "1_200"), ("pool-spend", "2_400"))
    }
    a_plan(valley.slice, lines)
    recompute(valley.slice.pk)
    assert the_fund(valley).warnings == [
        "Planned spend is £2,400, £1,200 above planned contributions of £1,200."
    ]


def test_the_number_of_queries_does_not_depend_on_that_of_lines(valley, query_count):
    a_pool(valley.slice, valley.moor)

    def add(count: int, start: int) -> None:
        for place in range(start, start + count):
            kind = "contribution" if place % 2 else "pool-spend"
            line = a_line(valley.slice, valley.moor, kind, f"line-{place}", pool="fund")
            report(line, 1, "1")
        recompute(valley.slice.pk)

    def look() -> int:
        return query_count(
            lambda: (
                pool_books(slices(valley), state=State.PROVISIONAL),
                lines_of_pool(
                    valley.slice, the_fund(valley).pool, state=State.PROVISIONAL, month=1
                ),
            )
        )

    add(3, 0)
    look()  # which reads the year's code once
    few = look()
    add(30, 3)
    assert look() == few


def test_rollups_and_lines_say_the_same(valley):
    fund = a_fund(valley)
    fund.report(1)
    approve(valley.slice, 3, valley.moor, valley.hill, valley.dale)
    recompute(valley.slice.pk)
    found = the_fund(valley, State.PUBLISHED)
    items = lines_of_pool(valley.slice, found.pool, state=State.PUBLISHED, month=found.month)
    spent = [item for item in items if item.line.kind == "pool-spend"]
    assert sum(item.variance_pence for item in spent) == found.spend.variance_pence
    assert found.spend.forecast_variance_pence == pounds("-60_000")


def a_printed(valley, code: str, amount: str, *parts: str) -> PrintedSpec:
    return PrintedSpec(
        code=code,
        name=code.title(),
        measure="envelope",
        pence=pounds(amount),
        unit_pence=10_000_000,
        parts=parts,
        evidence_id=valley.slice.pool_amounts.first().evidence_id,
    )


def test_scopes_are_reconciled_only_by_a_figure_that_leads_from_one_to_the_other(valley):
    a_pool(valley.slice, valley.moor)
    for code, pence, more in (
        ("plan", "864_554_000", {}),
        ("county", "900_000_000", {}),
        ("news", "860_000_000", {"hedge": "about"}),
    ):
        state(valley.slice, code, "scope", pounds(pence), **more)
    specs = [
        a_printed(valley, "resources", "864_600_000"),
        a_printed(valley, "rest", "35_400_000"),
        a_printed(valley, "whole", "900_000_000", "resources", "rest"),
        a_printed(valley, "near", "860_000_000"),
    ]
    save_printed(by=None, slice_id=valley.slice.pk, specs=specs)
    printed = printed_envelopes(slices(valley))
    scopes = scopes_of(pool_books(slices(valley), state=State.PUBLISHED), printed)
    assert [scope.amount.code for scope in scopes] == ["county", "plan", "news"]
    shown = {scope.amount.code: [figure.code for figure in scope.printed] for scope in scopes}
    # what is hedged is never taken to be the same as an exact figure
    assert shown == {"plan": ["resources"], "county": ["whole"], "news": []}
    links = links_of(scopes, printed)
    assert [(link.one.amount.code, link.other.amount.code) for link in links] == [
        ("county", "plan")
    ]
