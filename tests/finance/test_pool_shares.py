"""A pool's year: rules by their months, an overspend, and positions before and after sharing.

Worked by hand, in thousands of pounds. The pool plans 100 a month and reports by quarter; it
overspends by 10, 30, 60 and 90 to date. Moor hosts it and puts in 720, Dale 360, Fell 120.

- April to September, 30 over, in proportion to contributions (60, 30 and 10 %): 18, 9 and 3.
- From October, another 60 over: the risk pool bears 20, and of the 40 left Moor bears 50 %, Dale
  25 % and Fell 25 %: 20, 10 and 10.
- The year: Moor 38, Dale 19, Fell 13, the risk pool 20; together 90.
"""

from datetime import date

import pytest

from finance.models.rollups import State
from finance.pools.risk_share import parse_rule
from finance.pools.shares import DatedRule, SpendLine, effects, months_of, share_year
from finance.queries.pool_effects import position_share
from finance.queries.pool_lines import pool_years
from finance.queries.positions import position
from finance.services import PoolLineSpec, ShareRuleSpec, save_pool_lines, save_share_rules
from schemes.services.pools import PoolMemberSpec, save_pool_members
from tests.factories import a_line, a_pool, a_valley, report
from tests.money import pounds

NAMES = {"moor": "Moor", "dale": "Dale", "fell": "Fell"}
CONTRIBUTIONS = {"moor": pounds("720000"), "dale": pounds("360000"), "fell": pounds("120000")}
FIRST = {"kind": "proportional"}
SECOND = {
    "kind": "risk_pool",
    "cap_pence": pounds("20000"),
    "then": {"kind": "fixed", "percent": {"moor": "50", "dale": "25", "fell": "25"}},
}
TO_DATE = {3: pounds("310000"), 6: pounds("630000"), 9: pounds("960000"), 12: pounds("1290000")}
PLAN = {month: pounds("100000") * month for month in range(1, 13)}


def spend(**more: object) -> SpendLine:
    values = {
        "code": "care",
        "name": "Care",
        "partner": "moor",
        "heading": "",
        "outside": False,
        "first_month": 1,
        "last_month": 12,
        "plan": PLAN,
        "actual": TO_DATE,
    }
    return SpendLine(**values | more)


def rule(terms: dict, first: int, last: int, *, binding: bool = False) -> DatedRule:
    return DatedRule("rule", "Rule", parse_rule(terms, NAMES), first, last, binding)


def year(month: int, *rules: DatedRule, lines=None, contributions=None):
    return share_year(
        month=month,
        lines=[spend()] if lines is None else lines,
        rules=rules,
        contributions=contributions or CONTRIBUTIONS,
        names=NAMES,
    )


def test_a_rule_changed_in_mid_year_covers_what_arises_in_its_months():
    found = year(12, rule(FIRST, 1, 6), rule(SECOND, 7, 12))
    first, second = found.segments
    assert (first.first, first.last, first.variance_pence) == (1, 6, pounds("-30000"))
    assert (second.first, second.last, second.variance_pence) == (7, 12, pounds("-60000"))
    assert found.shares == {
        "moor": pounds("-38000"),
        "dale": pounds("-19000"),
        "fell": pounds("-13000"),
    }
    assert found.risk_pool_pence == pounds("-20000")
    assert found.variance_pence == pounds("-90000")
    assert found.standing == "indicative"


def test_to_a_month_before_the_change_the_first_rule_alone_shares():
    found = year(3, rule(FIRST, 1, 6), rule(SECOND, 7, 12))
    assert found.shares == {
        "moor": pounds("-6000"),
        "dale": pounds("-3000"),
        "fell": pounds("-1000"),
    }


def test_the_host_bears_it_all_before_and_the_total_moves_by_what_the_risk_pool_bears():
    found = year(12, rule(FIRST, 1, 6), rule(SECOND, 7, 12))
    own = {name: name for name in NAMES}
    moved, left = effects(found, host="moor", rows=own)
    assert {row: effect.pence for row, effect in moved.items()} == {
        "moor": pounds("52000"),
        "dale": pounds("-19000"),
        "fell": pounds("-13000"),
    }
    assert left == pounds("-20000")
    # Dale and Fell report as one; Fell has no row of its own
    moved, left = effects(found, host="moor", rows={"moor": "moor", "dale": "ccgs", "fell": "ccgs"})
    assert moved["ccgs"].pence == pounds("-32000")
    # a host from outside: what it bore before was never in these positions
    moved, left = effects(found, host="far", rows=own)
    assert left == pounds("70000")


def test_binding_once_every_trigger_is_met():
    assert year(12, rule(FIRST, 1, 12, binding=True)).standing == "binding"
    half = year(12, rule(FIRST, 1, 6, binding=True), rule(FIRST, 7, 12))
    assert (half.standing, half.binding) == ("partly binding", False)


def test_months_without_a_rule_are_shared_by_nobody():
    found = year(12, rule(FIRST, 7, 12))
    assert found.uncovered_pence == pounds("-30000")
    assert sum(found.shares.values()) == pounds("-60000")
    moved, left = effects(found, host="moor", rows={name: name for name in NAMES})
    assert sum(effect.pence for effect in moved.values()) == left == 0


def test_without_any_rule_nothing_is_shared():
    found = year(12)
    assert (found.shares, found.standing) == (None, "not shared")
    assert "none is assumed" in found.why_not[0]
    assert effects(found, host="moor", rows={"moor": "moor"}) == ({}, 0)


def test_a_rule_that_changes_where_nothing_is_reported_shares_nothing():
    found = year(12, rule(FIRST, 1, 5), rule(SECOND, 6, 12))
    assert found.shares is None
    assert "Care at month 5" in found.why_not[0]


def test_ring_fenced_lines_stand_outside():
    grant = spend(code="grant", outside=True, actual={12: pounds("1500000")})
    found = year(12, rule(FIRST, 1, 12), lines=[spend(), grant])
    assert found.variance_pence == pounds("-90000")
    assert found.outside_pence == pounds("-300000")
    assert sum(found.shares.values()) == pounds("-90000")


def test_a_line_that_begins_or_ends_in_the_year():
    begun = spend(first_month=7, plan={m: m - 6 for m in range(7, 13)}, actual={12: 10})
    assert [begun.variance(month) for month in (6, 12)] == [0, -4]
    ended = spend(last_month=3)
    assert [ended.variance(month) for month in (3, 12, 13)] == [pounds("-10000")] * 3


def test_audited_figures_belong_to_the_rule_of_march():
    lines = [spend(actual=TO_DATE | {13: pounds("1295000")})]
    found = year(13, rule(FIRST, 1, 6), rule(SECOND, 7, 12), lines=lines)
    assert found.segments[-1].variance_pence == pounds("-65000")
    assert found.variance_pence == pounds("-95000")


def test_a_contribution_that_nobody_states_is_not_taken_as_nothing():
    found = year(12, rule(FIRST, 1, 12), contributions=CONTRIBUTIONS | {"dale": None})
    assert found.shares is None
    assert "What Dale puts in" in found.why_not[0]


def test_months_of_a_rule():
    april = date(2018, 4, 1)
    assert months_of(None, None, april) == (1, 12)
    assert months_of(date(2018, 10, 1), None, april) == (7, 12)
    assert months_of(date(2017, 4, 1), date(2018, 6, 30), april) == (1, 3)
    assert months_of(date(2019, 4, 1), None, april) is None
    assert months_of(None, date(2018, 3, 31), april) is None


@pytest.fixture
def pooled():
    """The story in the database: Dale and Fell are the two CCGs, which report as one."""
    valley = a_valley()
    pool = a_pool(valley.slice, valley.moor, valley.dale, valley.fell)
    care = a_line(valley.slice, valley.moor, "pool-spend", "care", pool="fund")
    puts = [
        a_line(valley.slice, partner, "contribution", pool="fund")
        for partner in (valley.moor, valley.dale, valley.fell)
    ]
    moor, ccgs = valley.line(valley.moor), valley.line(valley.ccgs)
    figures = dict(zip(puts, ("720000", "360000", "120000"), strict=True))
    figures |= {moor: [0] * 12, ccgs: [0] * 12, care: [pounds("100000")] * 12}
    valley.plan(figures)
    for month, pence in TO_DATE.items():
        report(care, month, str(pence // 100))
        report(moor, month, str(PLAN[month] // 100 - pence // 100))
        report(ccgs, month, "0")
    valley.pool = pool
    return valley


def rules_of(**more: object) -> list[ShareRuleSpec]:
    known = {"system": "valley", "pool": "fund"} | more
    return [
        ShareRuleSpec(code="first", name="1", terms=FIRST, ends=date(2018, 9, 30), **known),
        ShareRuleSpec(code="second", name="2", terms=SECOND, starts=date(2018, 10, 1), **known),
    ]


@pytest.mark.django_db
def test_positions_before_and_after(pooled, django_assert_num_queries):
    valley = pooled
    valley.figures()
    found, _ = position(valley.slice, state=State.PROVISIONAL)
    assert position_share(valley.slice, found, state=State.PROVISIONAL) is None
    save_share_rules(by=None, specs=rules_of())
    with django_assert_num_queries(7):
        share = position_share(valley.slice, found, state=State.PROVISIONAL)
    assert share.standing == "indicative"
    rows = {row.partner: (row.before_pence, row.after_pence) for row in share.rows}
    assert rows["moor"] == (pounds("-90000"), pounds("-38000"))
    assert rows[valley.ccgs.code] == (0, pounds("-32000"))
    assert share.total.after_pence - share.total.before_pence == pounds("20000")
    assert share.left_pence == pounds("-20000")


@pytest.mark.django_db
def test_ring_fenced_lines_and_hosts_are_read_from_the_pool(pooled):
    valley = pooled
    save_share_rules(by=None, specs=rules_of())
    fenced = PoolLineSpec(line="care", ring_fenced=True)
    save_pool_lines(by=None, slice_id=valley.slice.pk, specs=[fenced])
    (found,) = pool_years(valley.slice, state=State.PROVISIONAL)
    assert (found.host, found.host_proposed) == ("moor", False)
    assert found.shares(12).variance_pence == 0
    host = PoolMemberSpec(system="valley", pool="fund", partner="moor", host=True, proposed=True)
    save_pool_members(by=None, specs=[host])
    (found,) = pool_years(valley.slice, state=State.PROVISIONAL)
    assert found.host_proposed
    assert pool_years(valley.slice, state=State.PUBLISHED)[0].shares() is None
