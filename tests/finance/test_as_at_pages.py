"""Finances, board, savings and schemes as they were known at a moment."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from esbt.kit.problems import Refused
from finance.as_at import NOW, as_at_of, moment
from finance.models.rollups import State
from finance.queries import position
from finance.queries.savings import savings_book
from finance.rollups import recompute
from finance.services import ClaimSpec, close_month, settle_claim
from schemes.models import Change
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, ThemeSpec, save_schemes, save_themes
from tests.factories import a_person, approve, evenly, move, report

YEAR = "/systems/valley/years/2018-19"
PAGES = ("finances", "board", "savings", "schemes")
DOWNLOADS = (
    "finances.csv",
    "finances-by-month.csv",
    "savings-by-month.csv",
    "schemes.csv",
    "schemes.xlsx",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


@pytest.fixture
def then(valley):
    """What stood at a moment: the position 11m, a saving of 80,000; both approved. Then more."""
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="falls", name="Falls")])
    line = valley.line(valley.moor)
    saving = valley.line(valley.moor, "saving", "falls", scheme="falls")
    valley.plan({line: evenly("-120_000_000"), saving: evenly("1_200_000")})
    report(line, 1, "-11_000_000", "-130_000_000")
    report(saving, 1, "80_000", "1_100_000")
    approve(valley.slice, 1, valley.moor)
    recompute(valley.slice.pk)
    at = Change.objects.latest("number").at
    later(valley, line, saving)
    return at


def later(valley, line, saving) -> None:
    move(valley.slice, "draft", 1, valley.moor)
    report(line, 1, "-19_000_000", "-190_000_000")
    report(saving, 1, "20_000", "300_000")
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="The ledger is down")
    recompute(valley.slice.pk)


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:400]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def main_of(answer) -> str:
    """The page's main part without the moment itself."""
    found = re.search(r"<main.*?</main>", answer.content.decode(), re.DOTALL)
    assert found
    return found[0]


def rows(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


# moments


def test_a_day_ends_at_midnight_and_begins_at_it_in_local_time():
    end, start = moment("2018-07-17"), moment("2018-07-17", starts=True)
    assert end.isoformat() == "2018-07-17T23:59:59.999999+01:00"
    assert start.isoformat() == "2018-07-17T00:00:00+01:00"
    assert moment("2018-07-17T09:00Z").isoformat() == "2018-07-17T10:00:00+01:00"
    assert moment("2018-07-17T09:00").isoformat() == "2018-07-17T09:00:00+01:00"
    assert moment("2018-07-17 09:00").isoformat() == "2018-07-17T09:00:00+01:00"


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2018-13-01", "2018-07-17T25:00", "a\0b", "9" * 5000, "0001-01-01T00:00+14:00"],
)
def test_what_is_no_moment_is_refused_and_on_a_page_it_is_now(valley, text):
    with pytest.raises(Refused):
        moment(text)
    asked = as_at_of(valley.slice, text)
    assert (asked.at, asked.change, asked.text, asked.query) == (None, None, "", "")
    assert "is not a moment" in asked.fault
    assert as_at_of(valley.slice, " ") == NOW


# the pages


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("finances?state=provisional", "(11.0)", "(19.0)"),
        ("board?state=provisional", "(11.0)", "(19.0)"),
        ("savings?state=provisional", " 80 ", " 20 "),
        ("schemes?state=provisional", " 80 ", " 20 "),
    ],
)
def test_a_page_shows_what_was_known_then(then, cora, page, before, after):
    now = cora.get(f"{YEAR}/{page}")
    past = cora.get(f"{YEAR}/{page}", {"as_at": then.isoformat(), "state": "provisional"})
    assert after in said(now)
    assert before not in said(now)
    assert before in said(past)
    assert after not in said(past)
    assert "these are the figures as they were known then" in said(past)
    assert b"data-stamp-url" in now.content
    assert b"data-stamp-url" not in past.content
    assert "As at" in said(now)
    assert "as they were known then" not in said(now)
    assert after in said(cora.get(f"{YEAR}/{page}"))  # nothing was kept in its place


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["published", "provisional"])
def test_as_at_now_is_now(then, cora, page, state):
    now = cora.get(f"{YEAR}/{page}", {"state": state})
    past = cora.get(f"{YEAR}/{page}", {"state": state, "as_at": timezone.now().isoformat()})

    def figures(answer) -> list[str]:
        return re.findall(r"<(?:td|dd)[^>]*>(.*?)</(?:td|dd)>", main_of(answer), re.DOTALL)

    assert figures(now)
    assert figures(past) == figures(now)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", ["published", "provisional"])
def test_a_past_moment_never_changes(valley, then, cora, forget_cache, page, state):
    address, query = f"{YEAR}/{page}", {"state": state, "as_at": then.isoformat()}
    first = main_of(cora.get(address, query))
    line, saving = valley.slice.lines.get(kind="position"), valley.slice.lines.get(kind="saving")
    save_themes(by=None, specs=[ThemeSpec(system="valley", code="new", name="New theme")])
    specs = [
        SchemeSpec(system="valley", code="care", name="Care", theme="new"),
        SchemeSpec(system="valley", code="falls", name="Fallen", parent="care", stage="stopped"),
    ]
    save_schemes(by=None, specs=specs)
    valley.line(valley.hill)
    valley.plan({line: evenly("-24_000_000"), saving: evenly("600")}, code="revised")
    report(line, 2, "-50_000_000")
    tariff = valley.line(valley.moor, "saving", "tariff", scheme="falls")
    ward = valley.line(valley.hill, "saving", "ward", scheme="falls")
    spec = ClaimSpec(one=tariff.code, other=ward.code, settlement="one", reason="The ward's")
    settle_claim(by=None, slice_id=valley.slice.pk, spec=spec)
    valley.line(valley.moor, "savings-target", "target")
    recompute(valley.slice.pk)
    forget_cache()
    assert main_of(cora.get(address, query)) == first


def test_what_stands_beside_the_sums_is_of_then_too(valley, then):
    change = as_at_of(valley.slice, then.isoformat()).change
    found, _ = position(valley.fresh(), state=State.PUBLISHED, ceiling=change)
    assert (found.status, found.stale, found.change) == ("open", False, change)
    assert [row.line for row in found.rows] == ["moor-position"]
    assert position(valley.fresh(), state=State.PUBLISHED, month=1)[0].status == "closed"
    book = savings_book(valley.fresh(), state=State.PUBLISHED, change=0, ceiling=change)
    (row,) = book.rows
    assert (row.name, row.parent, row.partners) == ("Falls", None, ("moor",))
    assert row.figures.actual_pence == 8_000_000
    assert savings_book(valley.slice, state=State.PUBLISHED, change=0, ceiling=0).rows == []


def test_a_page_before_anything_was_known_says_so(then, cora):
    for page in PAGES:
        answer = cora.get(f"{YEAR}/{page}", {"as_at": "2001-01-01"})
        assert "As at 1 January 2001, 23:59" in said(answer)
        assert "11.0" not in said(answer)


def test_a_day_that_has_not_ended_is_not_called_past(then, cora):
    today = timezone.localdate()
    for day in (today, today + timedelta(days=400)):
        page = said(cora.get(f"{YEAR}/finances", {"as_at": day.isoformat()}))
        assert "that has not come yet, so these are the figures as they are known so far" in page


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", ["yesterday", "2018-02-30", "9" * 5000, "\N{SNOWMAN}", "a\0b"])
def test_a_bad_moment_is_answered_in_words_with_the_present_figures(then, cora, page, text):
    answer = cora.get(f"{YEAR}/{page}", {"as_at": text, "state": "provisional"})
    assert "is not a moment. Write a date or time as 2018-07-17" in said(answer)
    assert "These are the present figures." in said(answer)
    assert b"data-stamp-url" in answer.content
    assert b"as_at=" not in answer.content  # no link carries it on


@pytest.mark.parametrize("name", DOWNLOADS)
def test_a_download_of_a_bad_moment_holds_no_figures(then, cora, name):
    answer = cora.get(f"{YEAR}/{name}", {"as_at": "yesterday"})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/plain")
    assert cora.get(f"{YEAR}/{name}", {"as_at": then.isoformat()}).status_code == 200


def test_downloads_hold_the_figures_of_then(then, cora):
    query = {"as_at": then.isoformat(), "state": "provisional"}
    total = rows(cora.get(f"{YEAR}/finances.csv", query))[-1]
    assert total["actual_to_date_gbp"] == "-11000000.00"
    assert rows(cora.get(f"{YEAR}/schemes.csv", query))[0]["actual_to_date_gbp"] == "80000.00"
    (april, *_) = rows(cora.get(f"{YEAR}/savings-by-month.csv", query))
    assert april["actual_to_date_gbp"] == "80000.00"


# the ways on


@pytest.mark.parametrize("page", PAGES)
def test_links_keep_the_moment_and_one_leads_back(then, cora, page):
    day = timezone.localdate().isoformat()
    answer = cora.get(f"{YEAR}/{page}", {"as_at": day, "state": "provisional"}).content.decode()
    hrefs = [href.replace("&amp;", "&") for href in re.findall(r'href="([^"]+)"', answer)]
    kept = [href for href in hrefs if f"as_at={day}" in href]
    for beside in ("finances", "board", "schemes"):
        assert any(href.startswith(f"{YEAR}/{beside}?") for href in kept), beside
    assert any(".csv" in href for href in kept)
    assert not [href for href in hrefs if ".csv" in href and href not in kept]
    switch = re.search(r'href="([^"]+)">Show approved and closed', answer)
    assert switch
    assert f"as_at={day}" in switch[1]
    back = re.search(r'href="([^"]+)">Show the present figures', answer)
    assert back
    assert back[1] == "?state=provisional"


def test_months_keep_the_moment(valley, then, cora):
    report(valley.slice.lines.get(kind="position"), 2, "-22_000_000")
    recompute(valley.slice.pk)
    at = timezone.now().isoformat()
    page = cora.get(f"{YEAR}/finances", {"as_at": at, "state": "provisional"}).content.decode()
    (href,) = re.findall(r'href="([^"]+)"\s+rel="prev"', page)
    assert "month=1" in href
    assert "as_at=" in href


# how much it asks


@pytest.mark.parametrize("page", PAGES)
def test_as_at_asks_the_same_of_3_lines_and_of_300(
    valley, then, cora, query_count, forget_cache, page
):
    def cold() -> int:
        forget_cache()
        at = timezone.now().isoformat()
        return query_count(lambda: cora.get(f"{YEAR}/{page}", {"as_at": at}))

    grow(valley, 3)
    few = cold()
    grow(valley, 300)
    assert cold() == few
    assert few <= (59 if page == "board" else 40), few
    at = timezone.now().isoformat()
    cora.get(f"{YEAR}/{page}", {"as_at": at})
    assert query_count(lambda: cora.get(f"{YEAR}/{page}", {"as_at": at})) <= 12


def grow(valley, count: int) -> None:
    from finance.services import Entry, LineSpec, record_outturns, save_lines

    save_schemes(
        by=None,
        specs=[SchemeSpec(system="valley", code=f"s{n}", name=f"S {n}") for n in range(count)],
    )
    specs = [
        LineSpec(code=f"of-{n}", name=f"Of {n}", partner="moor", kind="saving", scheme=f"s{n}")
        for n in range(count)
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    entries = [Entry(line=spec.code, month=2, actual_pence=100) for spec in specs]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    recompute(valley.slice.pk)
