"""What changed between two moments: worked by hand from a few saves."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from finance.queries.changes import moved_figures, other_changes, return_steps
from finance.rollups import recompute
from finance.services import (
    Entry,
    LineSpec,
    PlanEntry,
    close_month,
    record_outturns,
    record_plan,
    reopen_month,
    save_lines,
)
from schemes.people.roles import Role
from tests.factories import a_person, approve, close, evenly, move, report
from tests.money import pounds

PAGE = "/systems/valley/years/2018-19/changes"
WEEK = {"from": (timezone.now() - timedelta(days=7)).date().isoformat()}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


@pytest.fixture
def finn(valley):
    return a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)


@pytest.fixture
def line(valley):
    """A position planned at 120m, reported for a month."""
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120_000_000")})
    report(line, 1, "-11_000_000", "-130_000_000")
    recompute(valley.slice.pk)
    return line


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:400]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def brief(valley, after: int, upto: int | None = None) -> list[tuple]:
    upto = valley.fresh().change if upto is None else upto
    return [
        (item.line, item.month, item.measure, item.before_pence, item.after_pence, item.by)
        for item in moved_figures(valley.slice, after, upto)
    ]


# what moved


def test_only_what_is_another_is_told_with_the_last_who_saved_it(valley, line, finn):
    start = valley.fresh().change
    report(line, 1, "-12_000_000", by=finn)
    report(line, 1, "-14_000_000", by=finn)
    report(line, 2, None, "-131_000_000")
    assert brief(valley, start) == [
        ("moor-position", 2, "forecast", None, pounds("-131_000_000"), "Loaded from documents"),
        ("moor-position", 1, "actual", pounds("-11_000_000"), pounds("-14_000_000"), "finn"),
    ]
    _, actual = moved_figures(valley.slice, start, valley.fresh().change)
    assert (actual.saves, actual.action, actual.published) == (2, "outturns", False)
    assert actual.difference_pence == pounds("-3_000_000")
    assert actual.change == start + 2


def test_what_was_changed_and_changed_back_is_not_told(valley, line):
    start = valley.fresh().change
    report(line, 1, "-12_000_000")
    report(line, 1, "-11_000_000")
    assert brief(valley, start) == []
    assert len(brief(valley, start, start + 1)) == 1


def test_the_save_that_is_told_is_the_one_that_moved_the_figure(valley, line, finn):
    start = valley.fresh().change
    report(line, 1, "-12_000_000", by=finn)
    report(line, 1, None, "-150_000_000")  # the actual stays
    forecast, actual = moved_figures(valley.slice, start, valley.fresh().change)
    assert (actual.by, actual.saves, actual.change) == ("finn", 1, start + 1)
    assert (forecast.by, forecast.change) == ("Loaded from documents", start + 2)


def test_published_is_what_was_approved_by_the_second_moment(valley, line):
    start = valley.fresh().change
    report(line, 1, "-12_000_000")
    saved = valley.fresh().change
    approve(valley.slice, 1, valley.moor)
    approved = valley.fresh().change
    move(valley.slice, "draft", 1, valley.moor)
    report(line, 1, "-13_000_000")
    found = [moved_figures(valley.slice, start, upto)[0].published for upto in (saved, approved)]
    assert found == [False, True]
    (item,) = moved_figures(valley.slice, start, valley.fresh().change)
    assert (item.after_pence, item.published) == (pounds("-13_000_000"), False)
    (step,) = return_steps(valley.slice, start, approved)
    assert (step.partner_name, step.month, step.state) == ("Moor body", 1, "approved")
    (back,) = return_steps(valley.slice, approved, valley.fresh().change)
    assert back.state == "draft"


def test_a_plan_says_why_it_moved(valley, line):
    plan = valley.slice.plans.get()
    start = valley.fresh().change
    entry = PlanEntry(line=line.code, full_year_pence=pounds("-90_000_000"))
    given = {"by": None, "slice_id": valley.slice.pk, "plan": plan}
    record_plan(entries=[entry], reason="Control total agreed", **given)
    (item,) = moved_figures(valley.slice, start, valley.fresh().change)
    assert (item.measure, item.plan, item.month) == ("plan", "Original", None)
    assert (item.before_pence, item.after_pence) == (
        pounds("-120_000_000"),
        pounds("-90_000_000"),
    )
    assert (item.difference_pence, item.reason) == (pounds("30_000_000"), "Control total agreed")
    assert (item.published, item.action) == (True, "plan figures")


def test_a_profile_that_moved_within_its_year_is_told_where_it_moved_most(valley, line):
    start = valley.fresh().change
    months = evenly("-120_000_000")
    months[2] -= 300  # in June three pounds more ...
    months[3] += 100
    months[4] += 200  # ... until August
    entry = PlanEntry(line=line.code, full_year_pence=sum(months), months=months)
    plan = valley.slice.plans.get()
    record_plan(by=None, slice_id=valley.slice.pk, plan=plan, entries=[entry])
    (item,) = moved_figures(valley.slice, start, valley.fresh().change)
    assert (item.measure, item.month, item.difference_pence) == ("plan to date", 3, -300)


def test_what_else_was_done_is_counted(valley, line):
    start = valley.fresh().change
    valley.line(valley.hill)
    valley.line(valley.moor, "saving")
    report(line, 1, "-1")
    (other,) = other_changes(valley.slice, start, valley.fresh().change)
    assert (other.action, other.times) == ("lines", 2)


# the page


def test_the_page_tells_of_the_days_asked_for(valley, line, cora):
    page = said(cora.get(PAGE, WEEK))
    assert "3 figures moved between" in page  # plan, actual and forecast
    assert "(11,000,000)" in page
    assert "1 of them is published" in page
    assert "No figure moved" in said(cora.get(PAGE, {"to": "2018-07-17"}))


def test_the_position_before_and_after(valley, line, cora):
    before = timezone.now().isoformat()
    report(line, 1, "-12_500_000", "-140_000_000")
    page = said(cora.get(PAGE, {"from": before, "state": "provisional"}))
    assert "Actual to date (11,000) (12,500) (1,500)" in page
    assert "Variance to date (1,000) (2,500) (1,500)" in page
    assert "Forecast for the year (130,000) (140,000) (10,000)" in page
    assert "Plan for the year (120,000) (120,000) 0" in page
    published = said(cora.get(PAGE, {"from": before, "state": "published"}))
    assert "Actual to date not stated not stated" in published


def test_two_months_are_not_compared_to_date(valley, line, cora):
    before = timezone.now().isoformat()
    report(line, 2, "-22_000_000", "-140_000_000")
    page = said(cora.get(PAGE, {"from": before, "state": "provisional"}))
    assert "Actual to date (11,000) (22,000) Variance" in page
    assert "what is to date is not compared" in page


def test_from_is_the_beginning_of_a_day_and_to_its_end(valley, line, cora):
    today = timezone.localdate()
    same = {"from": today.isoformat(), "to": today.isoformat()}
    assert "3 figures moved" in said(cora.get(PAGE, same))
    tomorrow = {"from": (today + timedelta(days=1)).isoformat(), "to": "9999-12-31"}
    assert "No figure moved" in said(cora.get(PAGE, tomorrow))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "yesterday"}, "One of the two is not a moment"),
        ({"to": "9" * 5000}, "One of the two is not a moment"),
        ({"to": "a\0b"}, "One of the two is not a moment"),
        ({"from": "2018-07-18", "to": "2018-07-17"}, "The first moment comes after the second"),
        ({"to": "0001-01-02"}, "There is no week before that day"),
    ],
)
def test_bad_moments_are_answered_in_words(line, cora, query, words):
    page = said(cora.get(PAGE, query))
    assert words in page
    assert "The last seven days are shown." in page
    answer = cora.get(f"{PAGE}.csv", query)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_csv_is_exact_and_whole(valley, line, cora, finn):
    before = timezone.now().isoformat()
    report(line, 1, "-11_000_000.07", by=finn, comment="Not for others")
    answer = cora.get(f"{PAGE}.csv", {"from": before})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode(), newline=""))
    assert (row["line"], row["month"], row["figure"]) == ("moor-position", "1", "actual")
    assert (row["before_gbp"], row["after_gbp"]) == ("-11000000.00", "-11000000.07")
    assert (row["difference_gbp"], row["by"], row["published"]) == ("-0.07", "finn", "false")
    assert "Not for others" not in answer.content.decode()
    fields = cora.get("/schemas/changes.json").json()["fields"]
    assert list(row) == [field["name"] for field in fields]


def test_the_finances_lead_to_what_changed(line, cora):
    assert PAGE in cora.get("/systems/valley/years/2018-19/finances").content.decode()


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}.csv"])
def test_it_asks_the_same_of_3_lines_and_of_300(
    valley, line, cora, query_count, forget_cache, address
):
    few = []
    for count in (3, 300):
        many(valley, count)
        forget_cache()
        few.append(query_count(lambda: cora.get(address, WEEK)))
    assert few[0] == few[1]
    assert few[0] <= 45, few
    page = cora.get(address, WEEK).content.decode()
    if not address.endswith("csv"):
        assert "Figures 1 to 200 of 303, the largest move first." in page
        assert "page=2#figures" in page
        second = said(cora.get(address, WEEK | {"page": 2}))
        assert "Figures 201 to 303 of 303" in second
        assert query_count(lambda: cora.get(address, WEEK | {"page": 2})) <= few[1]


def test_a_restated_figure_says_why_its_month_was_opened(valley, line, cora):
    close(valley.slice, 1, valley.moor)
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    reopen_month(by=None, reason="An accrual was missed", **here)
    before = valley.fresh().change
    report(line, 1, "-12_000_000")
    (item,) = moved_figures(valley.slice, before, valley.fresh().change)
    assert item.reason == "Opened again: An accrual was missed"
    recompute(valley.slice.pk)
    assert "Opened again: An accrual was missed" in said(cora.get(PAGE, WEEK))


def test_a_month_that_was_opened_again_was_not_sent_back(valley, line, cora):
    close(valley.slice, 1, valley.moor)
    move(valley.slice, "submitted", 2, valley.moor)
    move(valley.slice, "draft", 2, valley.moor)
    here = {"slice_id": valley.slice.pk, "partner": valley.moor, "month": 1}
    reopen_month(by=None, reason="An accrual was missed", **here)
    page = said(cora.get(PAGE, WEEK))
    assert "month 1, April 2018: opened again by" in page
    assert "month 2, May 2018: sent back by" in page


def test_two_moments_of_a_minute_are_told_apart(line, cora):
    page = said(cora.get(PAGE, {"from": "2018-07-17T09:14:05", "to": "2018-07-17T09:14:40"}))
    assert "between 17 July 2018, 09:14:05 and 17 July 2018, 09:14:40" in page


def many(valley, count: int) -> None:
    specs = [
        LineSpec(code=f"saving-{n}", name=f"Saving {n}", partner="moor", kind="saving")
        for n in range(count)
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    entries = [Entry(line=spec.code, month=3, actual_pence=100) for spec in specs]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    recompute(valley.slice.pk)


# comments, and the span


def test_a_comment_is_told_to_others_once_it_is_published(valley, line, cora, finn):
    """Cora reads the system; a draft's comment is the council's own, and auditors read all."""
    report(line, 1, by=finn, comment="Agency staff")
    own, otto = Client(), Client()
    own.force_login(finn)
    otto.force_login(a_person("otto", Role.AUDITOR, system=valley.system))
    pages = [said(browser.get(PAGE)) for browser in (cora, own, otto)]
    assert ["“Agency staff”" in page for page in pages] == [False, True, True]
    report(line, 1, by=finn, comment="Agency staff until May")
    approve(valley.slice, 1, valley.moor)
    page = said(cora.get(PAGE))
    assert "“Agency staff until May”" in page
    assert "“Agency staff”" not in page
    assert "from “Agency staff” to “Agency staff until May”" in said(otto.get(PAGE))


def test_without_days_it_begins_with_the_last_close(valley, line, cora, finn):
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="Late")
    report(line, 2, "-22_000_000", by=finn)
    page = said(cora.get(PAGE))
    assert "Shown is what came after a month was last closed, on" in page
    assert "1 figure moved" in page


def test_without_days_a_load_is_no_news(valley, line, cora):
    page = said(cora.get(PAGE))
    assert "Shown is what came after figures were last loaded, on" in page
    assert "No figure moved" in page
