"""Pages by Django's client: how much they ask of the database, and what they say."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from finance.rollups import recompute
from finance.services import Entry, LineSpec, record_outturns, save_lines, set_year_status
from finance.tasks import computed_lately, prepare_slice
from schemes.models import System
from schemes.people.roles import Role
from tests.factories import a_person, a_year, approve, evenly, move, report
from tests.money import pounds

YEAR = "/systems/valley/years/2018-19"
ENTER = f"{YEAR}/partners/moor/months/3/enter"

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(valley):
    """The council's position, planned and reported for two months, the first of them approved."""
    line = valley.line(valley.moor)
    valley.plan({line: evenly("-120_000_000")})
    report(line, 1, "-11_000_000")
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "-26_000_000", "-150_000_000")
    recompute(valley.slice.pk)
    return line


@pytest.fixture
def finn(valley) -> Client:
    """The browser of the council's finance lead."""
    return signed_in(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))


@pytest.fixture
def bert(valley) -> Client:
    """The browser of a board member."""
    return signed_in(a_person("bert", Role.BOARD_MEMBER, system=valley.system))


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:500]
    found = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(found.split())


# how much a page asks


def many_lines(valley, count: int) -> None:
    specs = [
        LineSpec(code=f"saving-{n}", name=f"Saving {n}", partner="moor", kind="saving")
        for n in range(count)
    ]
    save_lines(by=None, slice_id=valley.slice.pk, specs=specs)
    entries = [Entry(line=spec.code, month=3, actual_pence=100) for spec in specs]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    recompute(valley.slice.pk)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", 24),
        ("/my-work", 25),
        (f"{YEAR}/finances", 19),
        (f"{YEAR}/finances?state=published&month=1", 19),
        (f"{YEAR}/board", 35),  # once a revision; what it says of the forecast is kept
        (f"{YEAR}/finances.csv", 15),
        (f"{YEAR}/stamp", 5),
        (f"{YEAR}/lines/moor-position", 14),
        (f"{YEAR}/partners/moor", 15),
        (ENTER, 15),
    ],
)
def test_a_page_asks_the_same_of_3_lines_and_of_300(valley, line, finn, query_count, address, most):
    def cold_and_warm() -> list[int]:
        return [query_count(lambda: finn.get(address)) for _ in range(2)]

    assert finn.get(address).status_code == 200
    many_lines(valley, 2)
    few = cold_and_warm()
    many_lines(valley, 299)
    assert cold_and_warm() == few
    assert max(few) <= most, few


@pytest.mark.parametrize("page", ["finances", "board"])
def test_the_first_reader_finds_what_the_worker_prepared(valley, line, bert, query_count, page):
    assert computed_lately() == [valley.slice.pk]
    for _ in range(2):  # a cache that was too slow to keep something has a second chance
        prepare_slice(valley.slice.pk)
    first, next_ = [query_count(lambda: bert.get(f"{YEAR}/{page}")) for _ in range(2)]
    assert first == next_ <= 6


def test_home_asks_the_same_of_many_years(valley, line, bert, query_count):
    few = query_count(lambda: bert.get("/"))
    for year in ("2014-15", "2015-16", "2016-17"):
        a_year(valley.system, year)
    assert query_count(lambda: bert.get("/")) <= few


# published and provisional


def test_a_finance_lead_starts_from_provisional_figures(line, finn):
    page = text(finn.get(f"{YEAR}/finances"))
    assert "(26.0)" in page
    assert "rovisional" in page


def test_others_start_from_published_figures_and_can_switch(line, bert):
    published = text(bert.get(f"{YEAR}/finances"))
    assert "(11.0)" in published
    assert "(26.0)" not in published
    assert "Show provisional figures" in published
    switched = text(bert.get(f"{YEAR}/finances?state=provisional"))
    assert "(26.0)" in switched
    assert "Show approved and closed figures only" in switched


def test_the_board_page_starts_from_published_figures_for_everybody(line, finn):
    board = text(finn.get(f"{YEAR}/board"))
    assert "(11.0)" in board
    assert "26.0" not in board
    assert "26.0" in text(finn.get(f"{YEAR}/board?state=provisional"))


def test_an_earlier_month_can_be_read(line, finn):
    (moor, _) = rows(finn.get(f"{YEAR}/finances.csv?month=1&state=provisional"))
    assert (moor["month"], moor["actual_to_date_gbp"]) == ("1", "-11000000.00")
    assert finn.get(f"{YEAR}/finances?month=12").status_code == 200


def test_home_says_how_a_system_stands_in_words(line, bert):
    page = text(bert.get("/"))
    assert "The valley" in page
    assert "1.0m" in page  # 11.0 against a plan of 10.0
    assert "adverse" in page
    assert "Pooled budgets , The valley" in page


def test_my_work_names_the_months_that_wait(valley, line, finn):
    page = text(finn.get("/my-work"))
    assert "Enter June 2018 for Moor body" in page
    assert "0 of 1 lines reported" in page
    assert "Submit May 2018 for Moor body" in page
    assert "1 of 1 lines reported, complete, not submitted yet" in page
    set_year_status(by=None, slice_id=valley.slice.pk, status="closed")
    assert "Enter June 2018" not in text(finn.get("/my-work"))


def test_pages_of_a_year_without_figures_open(valley, finn):
    for page in ("finances", "board", "finances.csv", "finances-by-month.csv", "stamp"):
        assert finn.get(f"{YEAR}/{page}").status_code == 200
    valley.line(valley.moor)
    recompute(valley.slice.pk)
    for page in ("finances", "board", "partners/moor", "lines/moor-position"):
        assert finn.get(f"{YEAR}/{page}").status_code == 200


# renewing


def test_a_page_says_that_it_waits_and_is_new_after(line, finn):
    assert "(26.0)" in text(finn.get(f"{YEAR}/finances"))
    report(line, 2, "-27_000_000")
    waiting = finn.get(f"{YEAR}/finances")
    assert "(26.0)" in text(waiting)
    assert finn.get(f"{YEAR}/stamp").json()["stale"]
    recompute(line.slice_id)
    assert "(27.0)" in text(finn.get(f"{YEAR}/finances"))


def test_the_stamp_is_304_while_nothing_moves(line, finn):
    first = finn.get(f"{YEAR}/stamp")
    stamp = first.json()
    assert stamp == {
        "change": stamp["change"],
        "computed_change": stamp["change"],
        "stale": False,
    }
    same = finn.get(f"{YEAR}/stamp", headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    report(line, 2, "-27_000_000")
    for _ in ("saved", "computed"):
        moved = finn.get(f"{YEAR}/stamp", headers={"If-None-Match": first["ETag"]})
        assert moved.status_code == 200
        first = moved
        recompute(line.slice_id)


# tables to take away


def rows(answer) -> list[dict[str, str]]:
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_the_table_as_csv_is_exact(line, bert):
    moor, total = rows(bert.get(f"{YEAR}/finances.csv?state=provisional"))
    assert moor["partner"] == "moor"
    assert (total["partner"], total["month"], total["state"]) == ("total", "2", "provisional")
    for row in (moor, total):
        assert row["plan_gbp"] == "-120000000.00"
        assert row["plan_to_date_gbp"] == "-20000000.00"
        assert row["actual_to_date_gbp"] == "-26000000.00"
        assert (row["variance_gbp"], row["direction"]) == ("-6000000.00", "adverse")
        assert (row["forecast_gbp"], row["forecast_month"]) == ("-150000000.00", "2")


def test_the_months_as_csv_have_gaps_and_no_zeros(line, bert):
    months = rows(bert.get(f"{YEAR}/finances-by-month.csv?state=provisional"))
    assert [row["month"] for row in months] == [str(month) for month in range(1, 13)]
    actuals = [row["actual_to_date_gbp"] for row in months]
    assert actuals == ["-11000000.00", "-26000000.00", *[""] * 10]
    assert months[11]["plan_to_date_gbp"] == "-120000000.00"


def test_a_name_that_a_spreadsheet_would_run_is_text(valley, line, bert):
    valley.moor.name = "=HYPERLINK(1)"
    valley.moor.save()
    assert rows(bert.get(f"{YEAR}/finances.csv"))[0]["name"] == "'=HYPERLINK(1)"


def test_the_schema_of_a_download_names_its_columns(line, bert):
    for name, address in (("position", "finances.csv"), ("months", "finances-by-month.csv")):
        fields = bert.get(f"/schemas/{name}.json").json()["fields"]
        header = bert.get(f"{YEAR}/{address}").content.decode().splitlines()[0]
        assert header.split(",") == [field["name"] for field in fields]


# entering a month without JavaScript


class Fields(HTMLParser):
    """The fields of a page, by name, and the words beside the fields by id."""

    def __init__(self, answer) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._area = ""
        self.feed(answer.content.decode())

    def handle_starttag(self, tag, attrs) -> None:
        named = dict(attrs)
        if tag in ("input", "textarea") and named.get("name"):
            self.attributes[named["name"]] = named
            if "disabled" not in named:
                self.values[named["name"]] = named.get("value") or ""
        self._area = named.get("name", "") if tag == "textarea" else ""

    def handle_endtag(self, tag) -> None:
        self._area = ""

    def handle_data(self, data) -> None:
        if self._area:
            self.values[self._area] = data


def test_the_form_shows_what_stands_and_saves_what_is_typed(valley, line, finn):
    fields = Fields(finn.get(ENTER)).values
    assert fields["actual-moor-position"] == fields["revision-moor-position"] == ""
    typed = fields | {
        "actual-moor-position": "(36.5m)",
        "forecast-moor-position": "-\N{POUND SIGN}150,000,000.50",
        "comment-moor-position": "Winter\r\ncame",
    }
    answer = finn.post(ENTER, typed)
    assert "Saved at" in text(answer)
    after = Fields(answer).values
    assert after["actual-moor-position"] == "(36,500,000)"
    assert after["revision-moor-position"] == "1"
    head = line.outturns.get(month=3)
    assert head.actual_pence == pounds("-36_500_000")
    assert head.forecast_pence == pounds("-150_000_000.50")
    assert head.comment == "Winter\ncame"
    assert "Nothing had changed" in text(finn.post(ENTER, after))


@pytest.mark.parametrize("typed", ["abc", "1.234", "12-", "(-5)", "1,00", "\N{POUND SIGN}"])
def test_what_cannot_be_read_stays_in_its_field_with_the_error_beside_it(valley, line, finn, typed):
    saving = valley.line(valley.moor, "saving")
    sent = {"actual-moor-position": typed, "actual-moor-saving": "5"}
    answer = finn.post(ENTER, sent)
    page = text(answer, 422)
    assert "There is 1 problem" in page
    assert "Nothing has been saved yet" in page
    fields = Fields(answer)
    assert fields.values["actual-moor-position"] == typed
    assert fields.values["actual-moor-saving"] == "5"
    assert fields.attributes["actual-moor-position"]["aria-invalid"] == "true"
    assert "aria-invalid" not in fields.attributes["actual-moor-saving"]
    assert b'href="#actual-moor-position"' in answer.content
    assert not saving.outturns.exists()


def test_an_amount_beyond_reason_is_asked_about_and_stored_once_confirmed(line, finn):
    sent = {"actual-moor-position": "-2,000m"}
    asked = finn.post(ENTER, sent)
    assert "Tick to say that it is meant" in text(asked, 422)
    assert Fields(asked).values["confirm"]
    assert not line.outturns.filter(month=3).exists()
    assert "Saved at" in text(finn.post(ENTER, sent | {"confirm": "actual-moor-position"}))


def test_confirming_one_amount_does_not_confirm_the_other(line, finn):
    sent = {
        "actual-moor-position": "-2,000m",
        "forecast-moor-position": "-9,000m",
        "confirm": "actual-moor-position",
    }
    answer = finn.post(ENTER, sent)
    assert answer.status_code == 422
    assert b"#forecast-moor-position" in answer.content
    assert b'href="#actual-moor-position"' not in answer.content


def test_a_closed_month_is_shown_and_not_saved(valley, line, finn):
    move(valley.slice, "closed", 3, valley.moor)
    shown = finn.get(ENTER)
    assert "Month 3 is closed" in text(shown)
    assert "actual-moor-position" not in Fields(shown).values
    assert "Type pounds" not in text(shown)
    refused = finn.post(ENTER, {"actual-moor-position": "5"})
    assert "Month 3 is closed" in text(refused, 409)
    assert b"None" not in refused.content


def test_somebody_elses_newer_value_is_not_overwritten(line, finn):
    page = Fields(finn.get(ENTER)).values
    report(line, 3, "-1")
    answer = finn.post(ENTER, page | {"actual-moor-position": "-2"})
    said = text(answer, 409)
    assert "Actual to date: yours (2), theirs (1). Save again to put yours in its place" in said
    assert re.search(r"moor-position Actual to date \(2\) \(1\) at \d\d:\d\d", said)  # side by side
    assert line.outturns.get(month=3).actual_pence == pounds("-1")


@pytest.mark.parametrize("revision", ["x", "-1", "1.5", "9" * 5000, "\N{SUPERSCRIPT TWO}"])
def test_a_revision_that_is_no_number_is_refused(line, finn, revision):
    sent = {"actual-moor-position": "5", "revision-moor-position": revision}
    assert finn.post(ENTER, sent).status_code == 422


@pytest.mark.parametrize("comment", ["x" * 4001, "a\0b"])
def test_a_comment_that_cannot_be_kept_is_refused_beside_its_field(line, finn, comment):
    answer = finn.post(ENTER, {"comment-moor-position": comment})
    assert answer.status_code == 422
    assert b'href="#comment-moor-position"' in answer.content


def test_a_form_wants_its_csrf_token(valley, line):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(a_person("finn", Role.FINANCE_LEAD, partner=valley.moor))
    assert browser.post(ENTER, {"actual-moor-position": "5"}).status_code == 403
    assert not line.outturns.filter(month=3).exists()


# ... and with it, as static/js/entry.js reads the answers


def as_script(browser: Client, **sent: str):
    fields = {name.replace("__", "-"): value for name, value in sent.items()}
    return browser.post(ENTER, fields, headers={"Accept": "application/json"})


def test_a_script_is_told_what_was_saved(line, finn):
    answer = as_script(finn, **{"actual-moor-position": "-5m", "comment-moor-position": "a\r\nb"})
    told = answer.json()
    assert answer.status_code == 200
    (saved,) = told["saved"]
    assert (saved["line"], saved["revision"]) == ("moor-position", 1)
    assert (saved["actual"], saved["forecast"], saved["comment"]) == ("(5,000,000)", "", "a\nb")
    assert re.fullmatch(r"\d\d:\d\d", told["saved_at"])
    assert as_script(finn, **{"actual-moor-position": "-5.0m"}).json()["saved"] == []


def test_a_script_is_told_what_is_wrong(line, finn):
    answer = as_script(finn, **{"actual-moor-position": "abc"})
    told = answer.json()
    assert (answer.status_code, told["confirm"], told["newer"]) == (422, [], [])
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = told["errors"]
    assert (error["line"], error["field"]) == ("moor-position", "actual")
    assert "not an amount" in error["message"]


def test_a_script_is_asked_to_confirm(line, finn):
    told = as_script(finn, **{"forecast-moor-position": "9,000m"}).json()
    assert told["errors"] == []
    (doubt,) = told["confirm"]
    assert (doubt["line"], doubt["field"]) == ("moor-position", "forecast")


def test_a_script_is_told_that_the_month_is_closed(valley, line, finn):
    move(valley.slice, "closed", 3, valley.moor)
    answer = as_script(finn, **{"actual-moor-position": "5"})
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["confirm"]) == ("closed", [])
    assert "Month 3 is closed" in answer.json()["detail"]


def test_a_script_is_told_what_somebody_else_saved(valley, line, finn):
    tess = a_person("tess", Role.FINANCE_LEAD, partner=valley.moor)
    report(line, 3, "-1", "-7", by=tess, comment="Mine")
    sent = {"actual-moor-position": "-2", "revision-moor-position": ""}
    answer = as_script(finn, **sent)
    told = answer.json()
    assert (answer.status_code, told["code"], told["errors"]) == (409, "conflict", [])
    (newer,) = told["newer"]
    assert (newer["line"], newer["revision"], newer["field"]) == ("moor-position", 1, "actual")
    assert re.match(r"Saved by tess at \d\d:\d\d since you opened this page\. ", newer["message"])
    both = r"<td>\(2\)</td>\s*<td>\(1\)<small>by tess at \d\d:\d\d</small></td>"
    assert re.search(both, told["compared"])
    assert told["compared"].count('scope="row"') == 1  # what was not typed is not compared
    assert (newer["actual"], newer["forecast"], newer["comment"]) == ("(1)", "(7)", "Mine")


# every page


EVERY_PAGE = [
    "/",
    "/my-work",
    f"{YEAR}/finances",
    f"{YEAR}/board",
    f"{YEAR}/lines/moor-position",
    f"{YEAR}/partners/moor",
    ENTER,
    "/about/figures",
    "/about/accessibility",
    "/about/glossary",
    "/accounts/password/change/",
    "/nothing",
]
OF_A_SYSTEM = [page for page in EVERY_PAGE if page.startswith("/systems/")]


class Inline(HTMLParser):
    """What a strict content security policy would stop."""

    def __init__(self, answer) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(answer.content.decode())

    def handle_starttag(self, tag, attrs) -> None:
        named = dict(attrs)
        data = named.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in named and not data):
            self.found.append(self.get_starttag_text())
        for name, value in named.items():
            runs = name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
            elsewhere = name in ("src", "href") and tag != "a" and "//" in (value or "")
            if name == "style" or runs or elsewhere:
                self.found.append(self.get_starttag_text())


@pytest.mark.parametrize("address", [*EVERY_PAGE, "/accounts/login/"])
def test_a_page_has_a_policy_and_nothing_inline(line, finn, address):
    answer = (Client() if "login" in address else finn).get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Inline(answer).found == []


def test_inline_things_would_be_found():
    bad = b'<style></style><script>x</script><p style="a" onclick="b"><a href="javascript:x">'
    answer = type("Answer", (), {"content": bad})
    assert len(Inline(answer).found) == 5


@pytest.mark.parametrize("address", OF_A_SYSTEM)
def test_every_page_of_an_illustrative_system_says_so(line, finn, address):
    assert "Illustrative figures." not in text(finn.get(address))
    System.objects.update(illustrative=True)
    assert "Illustrative figures." in text(finn.get(address))
    System.objects.update(illustrative=False)


def test_names_are_text_on_every_page(valley, line, finn):
    for item in (valley.system, valley.moor, line):
        item.name = "<b>Bold</b>"
        item.save()
    report(line, 2, comment="<i>Italic</i>")
    recompute(valley.slice.pk)
    for address in OF_A_SYSTEM:
        page = finn.get(address).content
        assert b"<b>Bold" not in page
        assert b"<i>Italic" not in page
