"""Who changed what, and when: what the audit tells, to whom, and how it is turned over."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from finance.services import Entry, record_outturns
from schemes.audit.log import PAGE as SIZE
from schemes.audit.log import Place, Wish, audit_entries, audit_page
from schemes.models import Change, RowVersion, Slice, User
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from tests.factories import a_partner, a_person, a_system, a_year, move, report

PAGE = "/systems/valley/audit"

pytestmark = pytest.mark.django_db


@pytest.fixture
def otto(valley) -> Client:
    return signed_in(a_person("otto", Role.AUDITOR, system=valley.system))


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:400]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def scheme(**more: str) -> None:
    sue = User.objects.filter(username="sue").first() or a_person("sue", Role.SITE_ADMINISTRATOR)
    save_schemes(by=sue, specs=[SchemeSpec(system="valley", code="falls", **more)])


def changes(slice_, count: int) -> None:
    """So many changes, of which each three have the same time."""
    start = datetime(2018, 4, 1, tzinfo=UTC)
    first = slice_.changes.count() + 1
    Slice.objects.filter(pk=slice_.pk).update(change=first + count - 1)
    Change.objects.bulk_create(
        Change(
            slice=slice_,
            number=number,
            at=start + timedelta(minutes=number // 3),
            action="outturns",
            reason=f"Reason {number}",
        )
        for number in range(first, first + count)
    )


# what it tells


def test_changes_and_states_of_rows_stand_newest_first(valley, otto):
    scheme(name="Falls")
    scheme(name="Fewer falls", stage="in-delivery", lead_partner="moor")
    report(
        valley.line(valley.moor),
        1,
        "-1",
        by=a_person("finn", Role.FINANCE_LEAD, partner=valley.moor),
    )
    page = said(otto.get(PAGE))
    order = [
        "Outturns finn",
        "Lines",
        "Schemes sue",
        "Scheme changed",
        "Schemes sue",
        "Scheme added",
    ]
    places = []
    for words in order:
        places.append(page.index(words, places[-1] + 1 if places else 0))
    assert places == sorted(places)
    assert "Name: from “Falls” to “Fewer falls”" in page
    assert "Stage: from “not stated” to “in-delivery”" in page
    assert "Lead partner: from “not stated” to “Moor”" in page


def test_a_change_opens_what_it_changed_line_by_line(valley, otto):
    line = valley.line(valley.moor)
    report(line, 1, "-11")
    report(line, 2, "-22")
    page = otto.get(PAGE).content.decode()
    ways = re.findall(r'href="(/systems/valley/years/2018-19/changes\?[^"]+)"', page)
    opened = said(otto.get(html.unescape(ways[0])))
    assert "22" in opened
    assert "(11)" not in opened


def test_nothing_of_another_system_is_told(valley, otto):
    other = a_system(a_partner("far"), code="elsewhere")
    a_year(other)
    save_schemes(by=None, specs=[SchemeSpec(system="elsewhere", code="secret", name="Secret")])
    assert "Secret" not in said(otto.get(PAGE))
    assert audit_entries(valley.system, Wish()) == []
    assert otto.get("/systems/elsewhere/audit").status_code == 404


def test_reasons_are_told(valley, otto):
    changes(valley.slice, 1)
    assert "Reason 1" in said(otto.get(PAGE))


def test_a_return_names_its_partner_and_month(valley, otto):
    move(valley.slice, "approved", 4, valley.moor, valley.hill)
    assert "Return approved" in said(otto.get(PAGE))
    assert "Hill, July 2018; Moor, July 2018" in said(otto.get(PAGE))
    found = csv.DictReader(io.StringIO(otto.get(f"{PAGE}.csv").content.decode(), newline=""))
    rows = {row["action"]: row["row"] for row in found}
    assert rows["return approved"] == "Hill, July 2018; Moor, July 2018"


def test_a_save_of_a_comment_says_of_which_line_and_what_stood_before(valley, otto):
    line = valley.line(valley.moor)
    report(line, 4, "-11", comment="Agency staff")
    report(line, 4, comment="Agency staff, ended")
    page = html.unescape(said(otto.get(PAGE)))
    assert "Moor, July 2018: moor-position" in page
    words = "omment on moor-position: from “Agency staff” to “Agency staff, ended”"
    assert words in page
    found = csv.DictReader(io.StringIO(otto.get(f"{PAGE}.csv").content.decode(), newline=""))
    told = [row["fields"] for row in found if row["row"] == "moor-position, month 4"]
    assert told[0] == "comment: Agency staff -> Agency staff, ended"


def test_a_save_of_many_lines_names_the_first(valley, otto):
    lines = [valley.line(valley.moor, "spend", f"line-{n}") for n in range(5)]
    entries = [Entry(line=line.code, month=1, actual_pence=1) for line in lines]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    page = said(otto.get(PAGE))
    assert "Moor, April 2018: line-2; and 2 more" in page
    assert "line-3" not in page


# filters


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({}, ["lines", "schemes", "scheme added"]),
        ({"year": "2018-19"}, ["lines", "schemes"]),
        ({"year": "2001-02"}, []),
        ({"person": "sue"}, ["schemes", "scheme added"]),
        ({"person": "nobody"}, ["lines"]),
        ({"person": "a\0b"}, []),
        ({"action": "lines"}, ["lines"]),
        ({"action": "scheme"}, ["scheme added"]),
        ({"to": "2001-01-01"}, []),
        ({"from": "2001-01-01"}, ["lines", "schemes", "scheme added"]),
        ({"person": "sue", "action": "schemes", "year": "2018-19"}, ["schemes"]),
    ],
)
def test_filters_leave_what_is_asked_for_on_the_page_and_in_the_csv(valley, otto, query, actions):
    scheme(name="Falls")
    valley.line(valley.moor)
    answer = otto.get(f"{PAGE}.csv", query)
    found = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [row["action"] for row in found] == actions
    page = otto.get(PAGE, query).content.decode()
    assert page.count("<time ") == len(actions)
    fields = otto.get("/schemas/schemes/audit.json").json()["fields"]
    header = answer.content.decode().splitlines()[0]
    assert header.split(",") == [field["name"] for field in fields]


def test_a_bad_day_is_answered_in_words(valley, otto):
    valley.line(valley.moor)
    page = said(otto.get(PAGE, {"from": "yesterday"}))
    assert "is not a moment" in page
    assert "Lines" in page
    assert otto.get(f"{PAGE}.csv", {"to": "2018-02-30"}).status_code == 422


# pages


def test_pages_by_keyset_tell_each_change_once_though_more_come_meanwhile(valley, otto):
    scheme(name="Falls")
    changes(valley.slice, 120)
    seen: list[str] = []
    address = PAGE
    turned = 0
    while address:
        page = otto.get(address).content.decode()
        seen += re.findall(r"<small>revision (\d+)</small>", page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = found[1].replace("&amp;", "&") if found else ""
        turned += 1
        valley.line(valley.moor, "saving", f"new-{turned}")  # does not shift what follows
    assert turned == 3
    assert len(seen) == len(set(seen)) == 121
    assert sorted(map(int, seen)) == list(range(1, 122))


def test_a_page_in_the_midst_of_one_moment_goes_on_with_the_rest_of_it(valley):
    at = timezone.now()
    scheme(name="Falls")
    Change.objects.bulk_create(
        Change(slice=valley.slice, number=number, at=at, action="x")
        for number in range(2, SIZE + 1)
    )
    RowVersion.objects.bulk_create(
        RowVersion(table="system", row=valley.system.pk, at=at, values={"name": str(n)})
        for n in range(5)
    )
    found, below = [], None
    while True:
        entries, below = audit_page(valley.system, Wish(), below)
        found += [entry.place for entry in entries]
        if below is None:
            break
    assert len(found) == len(set(found)) == SIZE - 1 + 5 + 2
    assert found == [entry.place for entry in audit_entries(valley.system, Wish())]


def test_the_way_on_keeps_the_filters(valley, otto):
    changes(valley.slice, SIZE + 1)
    page = otto.get(PAGE, {"action": "outturns", "person": "nobody"}).content.decode()
    (href,) = re.findall(r'href="([^"]+)" rel="next"', page)
    query = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
    assert (query["action"], query["person"]) == (["outturns"], ["nobody"])
    assert len(query["below"]) == 1


@pytest.mark.parametrize(
    "below",
    ["x", "2018-04-01T00:00:00+00:00_1_x", "_1_2", "2018-04-01_7_1", f"2018-04-01_1_{'9' * 99}"],
)
def test_a_place_that_is_none_is_the_first_page(valley, otto, below):
    assert Place.read(below) is None
    valley.line(valley.moor)
    assert "Lines" in said(otto.get(PAGE, {"below": below}))


def test_a_place_survives_its_address():
    place = Place(timezone.now(), 1, 17)
    assert Place.read(str(place)) == place


def test_it_asks_the_same_of_3_changes_and_of_300(valley, otto, query_count):
    scheme(name="Falls")
    scheme(name="Fewer falls")
    changes(valley.slice, 3)
    otto.get(PAGE)  # what every page's frame keeps is there
    few = query_count(lambda: otto.get(PAGE))
    changes(valley.slice, 300)
    for n in range(20):
        scheme(name=f"Falls {n}")
    assert query_count(lambda: otto.get(PAGE)) == few
    assert few <= 22, few


def test_the_page_tells_the_figures_of_a_save(valley, otto):
    line = valley.line(valley.moor)
    report(line, 1, "-1_000", "-12_000")
    report(line, 1, "-1_100", "-12_000", comment="A bank holiday")
    page = said(otto.get(PAGE))
    assert "Actual of moor-position: from “(1,000)” to “(1,100)”" in page
    assert "Comment on moor-position: from “not stated” to “A bank holiday”" in page
    assert "Forecast of moor-position: from “not stated” to “(12,000)”" in page
    assert page.count("Forecast of") == 1  # it stayed


def test_the_csv_tells_what_stood_before_each_figure(valley, otto, query_count):
    finn = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    lines = [valley.line(valley.moor, "spend", f"spend-{n}") for n in range(3)]
    report(lines[0], 1, "10", "120", by=finn)
    report(lines[0], 1, "12", by=finn)
    report(lines[0], 1, by=finn, comment="A word")  # no amount moved
    few = query_count(lambda: otto.get(f"{PAGE}.csv"))
    scheme(name="Falls")
    entries = [Entry(line=line.code, month=2, actual_pence=100) for line in lines]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    answer = otto.get(f"{PAGE}.csv", {"action": "outturns"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [(row["by"], row["row"], row["fields"]) for row in rows] == [
        *(("", f"spend-{n}, month 2", "actual: not stated -> 1.00") for n in range(3)),
        ("finn", "spend-0, month 1", "comment: not stated -> A word"),
        ("finn", "spend-0, month 1", "actual: 10.00 -> 12.00"),
        (
            "finn",
            "spend-0, month 1",
            "actual: not stated -> 10.00; forecast: not stated -> 120.00",
        ),
    ]
    entries = [Entry(line=line.code, month=m, actual_pence=7) for line in lines for m in (3, 4)]
    record_outturns(by=None, slice_id=valley.slice.pk, entries=entries)
    more = query_count(lambda: otto.get(f"{PAGE}.csv"))
    assert few <= more <= few + 4  # of the scheme; none of the figures
    (row,) = [
        row
        for row in csv.DictReader(
            io.StringIO(otto.get(f"{PAGE}.csv", {"person": "finn"}).content.decode(), newline="")
        )
        if row["fields"].startswith("actual: 10.00")
    ]
    assert row["revision"]


# who


@pytest.mark.parametrize(
    ("role", "there", "reads"),
    [
        (Role.AUDITOR, True, True),
        (Role.SYSTEM_ADMINISTRATOR, True, True),
        (Role.SITE_ADMINISTRATOR, False, True),
        (Role.COMMISSIONER, True, False),
        (Role.BOARD_MEMBER, True, False),
    ],
)
def test_only_those_who_read_it_see_the_way_to_it(valley, role, there, reads):
    browser = signed_in(a_person("pat", role, **({"system": valley.system} if there else {})))
    for address in ("/", "/systems/valley/years/2018-19/finances", "/systems/valley/evaluations"):
        assert (f'href="{PAGE}"' in browser.get(address).content.decode()) == reads
    assert browser.get(PAGE).status_code == (200 if reads else 404)


def test_an_auditor_of_one_system_sees_no_way_to_anothers(valley):
    other = a_system(a_partner("far"), code="elsewhere")
    a_year(other)
    user = a_person("otto", Role.AUDITOR, system=valley.system)
    a_person("otto", Role.BOARD_MEMBER, system=other)
    page = signed_in(user).get("/systems/elsewhere/years/2018-19/finances").content.decode()
    assert "/audit" not in page
