"""Before and after risk share where positions are read: pages, CSV and API; and a pool's shares.

The pool of tests.finance.pooled: 90 over; Moor bears 38, Dale and Fell's group 32, the risk pool
20 (thousands of pounds).
"""

import csv
import io
import json
from dataclasses import replace
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.test import Client

from finance.models.rollups import State
from finance.pages.pool_shares import months_words, shares_page
from finance.queries.pool_lines import pool_years
from finance.rollups import recompute
from finance.services import (
    Entry,
    PoolLineSpec,
    record_outturns,
    save_pool_lines,
    save_share_rules,
)
from schemes.people.roles import Role
from schemes.services.pools import PoolMemberSpec, PoolSpec, save_pool_members, save_pools
from tests.factories import a_line, a_person
from tests.finance.pooled import FIRST, a_pooled_valley, two_rules, with_rules
from tests.money import pounds

YEAR = "/systems/valley/years/2018-19"
API = "/api/v1/systems/valley"
PROVISIONAL = {"state": "provisional"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def valley():
    return with_rules()


@pytest.fixture
def reader(valley):
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def words_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def asked(reader, **query):
    answer = reader.get(f"{API}/pools/fund/shares", {"year": "2018-19"} | PROVISIONAL | query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("page", ["finances", "board"])
def test_pages_show_both_positions_and_say_which_is_which(reader, page):
    answer = reader.get(f"{YEAR}/{page}", PROVISIONAL)
    share = answer.context["share"]
    assert {name: [cell.text for cell in cells] for name, cells in share.table.rows} == {
        "Moor body": ["(90)", "52", "(38)", "(90)", "(38)"],
        "Ccgs body": ["0", "(32)", "(32)", "0", "(32)"],
        "Total": ["(90)", "20", "(70)", "(90)", "(70)"],
    }
    said = words_of(answer)
    assert "Before and after risk share" in said
    assert "Shares are indicative until the agreement's trigger is met" in said.replace(
        "&#x27;", "'"
    )
    assert "total is £20,000 better after it" in said
    assert f'href="{YEAR}/pools/fund/what-if?month=12&amp;state=provisional"' in said


def test_pages_say_why_no_position_after_can_be_given(reader):
    answer = reader.get(f"{YEAR}/finances", PROVISIONAL | {"month": 9})
    share = answer.context["share"]
    assert share.found.standing == "indicative"
    member = PoolMemberSpec(system="valley", pool="fund", partner="moor")
    save_pool_members(by=None, specs=[member])
    answer = reader.get(f"{YEAR}/finances", PROVISIONAL | {"month": 6})
    assert answer.context["share"].table is None
    assert "No host of Fund is stated" in words_of(answer)


def test_once_the_trigger_is_met_shares_are_binding(reader):
    met = two_rules(triggered_on=date(2019, 5, 14), minute="Board, item 6")
    save_share_rules(by=None, specs=met)
    answer = reader.get(f"{YEAR}/finances", PROVISIONAL)
    assert "these shares are binding" in words_of(answer)


def test_shares_of_which_some_are_binding_say_which(reader):
    first, second = two_rules()
    met = replace(first, triggered_on=date(2018, 11, 14), minute="Board, item 6")
    save_share_rules(by=None, specs=[met, second])
    # each rule has shared something by month 12; only the first one's trigger is met
    said = words_of(reader.get(f"{YEAR}/pools/fund", PROVISIONAL | {"month": 12}))
    assert "Shares are binding for April to September 2018 and indicative for October 2018" in said
    page = words_of(reader.get(f"{YEAR}/finances", PROVISIONAL))
    assert "Some of these shares are binding; the others are indicative" in page


@pytest.mark.parametrize("page", ["finances", "board"])
def test_without_a_rule_pages_say_nothing_of_it(page):
    valley = a_pooled_valley()
    recompute(valley.slice.pk)
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    answer = browser.get(f"{YEAR}/{page}", PROVISIONAL)
    assert answer.context["share"] is None
    assert "risk share" not in words_of(answer).lower()
    assert browser.get(f"{API}/years/2018-19/position", PROVISIONAL).json()["risk_share"] is None


def test_a_contribution_that_is_not_stated_leaves_positions_as_they_are(valley, reader):
    save_pool_members(by=None, specs=[PoolMemberSpec(system="valley", pool="fund", partner="hill")])
    a_line(valley.slice, valley.hill, "contribution", pool="fund")
    found = reader.get(f"{API}/years/2018-19/position", PROVISIONAL).json()["risk_share"]
    assert found["total"] is None
    assert "What Hill puts in over the year is not stated." in found["why_not"][0]


def test_a_partner_that_states_no_position_is_in_no_total(valley, reader):
    """Hill, due with a position of its own, bears a fifth of 90 and has reported none."""
    hill = valley.line(valley.hill)
    hill_puts = a_line(valley.slice, valley.hill, "contribution", pool="fund")
    save_pool_members(by=None, specs=[PoolMemberSpec(system="valley", pool="fund", partner="hill")])
    valley.plan({hill: [0] * 12, hill_puts: "300000"}, headline=False)
    rules = [replace(spec, terms=FIRST) for spec in two_rules()]
    save_share_rules(by=None, specs=rules)
    recompute(valley.slice.pk)
    found = reader.get(f"{API}/years/2018-19/position", PROVISIONAL).json()["risk_share"]
    after = {row["partner"]: row["after_pence"] for row in found["rows"]}
    assert after == {"moor": pounds("-43200"), "hill": None, "ccgs": pounds("-28800")}
    assert found["total"]["after_pence"] == pounds("-72000")
    assert "Hill body states no position for the month" in found["notes"][0]


def test_the_position_over_the_api(reader):
    found = reader.get(f"{API}/years/2018-19/position", PROVISIONAL).json()["risk_share"]
    assert (found["standing"], found["pools"]) == ("indicative", ["fund"])
    assert [(row["partner"], row["effect_pence"], row["after_pence"]) for row in found["rows"]] == [
        ("moor", pounds("52000"), pounds("-38000")),
        ("ccgs", pounds("-32000"), pounds("-32000")),
    ]
    assert found["total"]["after_pence"] == pounds("-70000")
    assert found["left_pence"] == pounds("-20000")


def test_the_position_as_csv(reader):
    text = reader.get(f"{YEAR}/finances.csv", PROVISIONAL).content.decode()
    rows = {row["partner"]: row for row in csv.DictReader(io.StringIO(text))}
    columns = ("risk_share", "risk_share_gbp", "after_risk_share_gbp")
    assert [rows["moor"][name] for name in columns] == ["indicative", "52000.00", "-38000.00"]
    assert [rows["total"][name] for name in columns] == ["indicative", "20000.00", "-70000.00"]


def test_a_pools_shares_over_the_api(reader):
    found = asked(reader)
    assert found["shares"] == {
        "moor": pounds("-38000"),
        "dale": pounds("-19000"),
        "fell": pounds("-13000"),
    }
    assert (found["standing"], found["month"], found["why_not"]) == ("indicative", 12, [])
    assert (found["risk_pool_pence"], found["uncovered_pence"]) == (pounds("-20000"), 0)
    first, second = found["segments"]
    assert (first["rule"], first["first_month"], first["last_month"]) == ("first", 1, 6)
    assert first["rule_words"] == "In proportion to contributions."
    assert second["shares"]["moor"] == pounds("-20000")
    assert "the risk pool bears £20,000 first" in second["explanation"]
    assert found["effects"]["total"]["effect_pence"] == pounds("20000")
    assert asked(reader, month=3)["shares"]["moor"] == pounds("-6000")


def test_a_month_that_is_not_whole_is_said_and_not_shared(reader):
    found = asked(reader, month=8)
    assert (found["standing"], found["shares"], found["month"]) == ("not shared", None, 8)
    assert "care at month 8" in found["why_not"][0]
    published = asked(reader, state="published")
    assert (published["month"], published["segments"], published["effects"]) == (None, [], None)


def test_a_what_if_over_the_api_stores_nothing(reader, query_count):
    def ask(status=200, **more):
        body = {"year": "2018-19", "rule": {"kind": "proportional"}} | PROVISIONAL | more
        answer = reader.post(
            f"{API}/pools/fund/what-if", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    found = ask()
    assert found["shares"]["moor"] == pounds("-54000")
    assert found["shares_now"]["moor"] == pounds("-38000")
    assert [row["what_if_pence"] for row in found["positions"]] == [
        pounds("-54000"),
        pounds("-36000"),
    ]
    assert found["total"]["now_pence"] == pounds("-70000")
    assert ask(variance_pence=pounds("40000"))["shares"]["dale"] == pounds("12000")
    wrong = ask(422, rule={"kind": "kept", "partner": "hill"})
    assert "'hill' does not contribute" in wrong["errors"][0]["message"]
    assert "Send variance_pence" in str(ask(422, state="published"))
    assert ask(variance_pence=-100, state="published")["shares_now"] is None
    assert ask(422, month=14)["errors"][0]["field"] == "month"
    assert ask(422, rule={"kind": "proportional"}, extra=1)
    assert query_count(ask) < 40


def test_queries_do_not_grow_with_the_lines(valley, reader, query_count):
    def counts():
        recompute(valley.slice.pk)
        reader.get(f"{YEAR}/board", PROVISIONAL)
        assert asked(reader)["standing"] == "indicative"
        what_if = f"{YEAR}/pools/fund/what-if"
        return [
            query_count(lambda: asked(reader)),
            query_count(lambda: reader.get(f"{YEAR}/finances", PROVISIONAL | {"month": 9})),
            query_count(lambda: reader.get(what_if, PROVISIONAL | {"kind": "service"})),
        ]

    few = counts()
    more = [
        a_line(valley.slice, valley.dale, "pool-spend", f"care-{n}", pool="fund") for n in range(30)
    ]
    valley.plan(dict.fromkeys(more, [0] * 12), headline=False)
    entries = [Entry(line=line.code, month=m, actual_pence=0) for line in more for m in (6, 9, 12)]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    assert counts() == few


def test_the_shares_as_csv(reader):
    text = reader.get(f"{YEAR}/pools/fund/shares.csv", PROVISIONAL).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["last_month"], row["who"], row["share_gbp"]) for row in rows] == [
        ("6", "dale", "-9000.00"),
        ("6", "fell", "-3000.00"),
        ("6", "moor", "-18000.00"),
        ("6", "variance", "-30000.00"),
        ("12", "dale", "-10000.00"),
        ("12", "fell", "-10000.00"),
        ("12", "moor", "-20000.00"),
        ("12", "risk-pool", "-20000.00"),
        ("12", "variance", "-60000.00"),
    ]
    assert {row["standing"] for row in rows} == {"indicative"}


def part_of(valley, month=None, **more) -> str:
    (year,) = pool_years(valley.slice, state=State.PROVISIONAL)
    page = shares_page(valley.slice, year, year.shares(month), **more)
    text = render_to_string("finance/_pool_shares.html", {"shared": page})
    return " ".join(text.split())


def test_the_part_of_the_pools_page(valley):
    said = part_of(valley, keeps=True)
    assert "To month 12, Fund has an overspend of £90,000: Moor bears £38,000" in said
    assert "the risk pool: £20,000" in said
    assert "April to September 2018" in said
    assert "Shares are indicative" in said
    assert f'href="{YEAR}/pools/fund/rules/second"' in said
    assert f'href="{YEAR}/pools/fund/what-if"' in said
    save_pool_lines(
        by=None, slice_id=valley.slice.pk, specs=[PoolLineSpec(line="care", ring_fenced=True)]
    )
    assert " to month 12, which stands outside the share" in part_of(valley)


def test_the_part_says_what_keeps_it_from_being_shared(valley):
    said = part_of(valley, 8)
    assert "care at month 8" in said
    assert (
        "To month 8, Fund has a variance that is not stated, which is not shared yet. To month 6, "
        "Fund has an overspend of £30,000: Moor bears £18,000" in said
    )
    assert "Shares, indicative, in £" in said  # the table of what is known
    assert "which is not shared.</p>" in part_of(valley, 2)  # nothing is known before it
    save_pools(
        by=None, specs=[PoolSpec(system="valley", code="other", name="Other", kind="aligned")]
    )
    other = pool_years(valley.slice, state=State.PROVISIONAL, pool="other")[0]
    page = shares_page(valley.slice, other, other.shares())
    assert page.sentence == "No spend of Other has been reported, so there is nothing to share yet."


def test_months_in_words():
    april = date(2018, 4, 1)
    assert months_words(1, 6, april) == "April to September 2018"
    assert months_words(7, 12, april) == "October 2018 to March 2019"
    assert months_words(3, 3, april) == "June 2018"
    assert months_words(12, 13, april) == "March 2019 with the final accounts"
