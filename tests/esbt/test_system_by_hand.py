"""A system made from nothing by hand, through the pages, to its first position and next year."""

import re

import pytest
from django.test import Client

from finance.models import Line, PositionCover
from finance.rollups import recompute, verify
from schemes.models import Membership, Partner, Slice, System
from schemes.people.roles import Role
from tests.factories import a_partner, a_person, a_system, report

pytestmark = pytest.mark.django_db

BODY = {"starts": "", "ends": "", "existing": ""}
LINE = {"calendar": "monthly", "first_month": "1", "last_month": "12", "recurrent": ""}


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def ada(valley) -> Client:
    return signed_in(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def said(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:3000].decode()
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_from_nothing_to_the_first_position_page_and_the_next_year():
    sue = signed_in(a_person("sue", Role.SITE_ADMINISTRATOR))
    assert "There is no system yet." in said(sue.get("/administration"))

    def do(address: str, **sent: str) -> str:
        return said(sue.post(address, sent, follow=True))

    made = {"code": "coast", "name": "The Coast", "footprint": "Five towns"}
    assert "The system has no partner yet." in do("/administration/systems", **made)

    partners = "/systems/coast/keep/partners"
    for position, (code, kind) in enumerate(
        [("port", "council"), ("bay", "ccg"), ("cape", "ccg"), ("both", "group")], 1
    ):
        names = {"name": f"{code.title()} body", "short_name": code.title(), "kind": kind}
        page = do(partners, code=code, position=str(position), **names, **BODY)
        assert f"{code.title()} body" in page
    for member in ("bay", "cape"):
        sent = {"member-member": member, "member-starts": "", "member-ends": ""}
        page = do(f"{partners}/both", act="member", **sent)
    assert "Members of the group Bay body Cape body" in page
    old = {"name-name": "Port Borough", "name-ends": "2017-03-31", "name-starts": "2010-04-01"}
    assert "Port Borough from 1 April 2010 to 31 March 2017" in do(
        f"{partners}/port", act="name", **old
    )
    code = {"code-register": "ONS", "code-code": "E07000001"}
    assert "ONS E07000001" in do(f"{partners}/port", act="code", **code)

    assert "The year has no line yet." in do("/systems/coast/keep", year="2018-19")
    year = "/systems/coast/years/2018-19"
    for partner in ("port", "both"):
        sent = {"code": f"{partner}-position", "name": "Position", "partner": partner}
        page = do(f"{year}/keep/lines", kind="position", **sent, **LINE)
    page = do(f"{year}/keep/lines", code="pay", name="Pay", partner="port", kind="spend", **LINE)
    assert "3 lines" in page
    double = {"code": "bay-position", "name": "Position", "partner": "bay", "kind": "position"}
    refused = sue.post(f"{year}/keep/lines", double | LINE)
    assert "already counted in these months" in said(refused, 422)
    assert b'value="bay-position"' in refused.content

    # a finance lead is invited, enters a month, and the position is there
    sent = {"email": "finn@example.org", "name": "Finn", "role": "finance-lead"}
    do("/people/invite", partner="port", system="coast", **sent)
    finn = signed_in(Partner.objects.get(code="port").rolegrant_set.get().user)
    entered = finn.post(f"{year}/partners/port/months/1/enter", {"actual-port-position": "-12"})
    assert entered.status_code in (200, 302, 303)
    slice_ = Slice.objects.get(system__code="coast")
    recompute(slice_.pk)
    assert verify(slice_.pk) == []
    position = said(sue.get(f"{year}/finances?state=provisional&month=1"))
    assert "Port body" in position
    assert "1 of 2 partners reported" in position
    assert "Both body" in position  # who has yet to report

    page = do(f"{year}/keep")
    assert "2019/20 is open, with 3 lines." in page
    assert "0 lines" not in do(f"{year}/keep")
    assert Line.objects.filter(slice__year="2019-20").count() == 3


def test_a_system_administrator_keeps_the_own_system_with_a_partner_of_another(valley, ada):
    far = a_partner("far")
    a_system(far, code="elsewhere")
    a_partner("lonely")
    partners = "/systems/valley/keep/partners"
    sent = {"existing": "far", "position": "9", "kind": "", "code": "", "name": ""}
    page = said(ada.post(partners, sent, follow=True))
    assert "Far body" in page
    # what it is called is not for one of its systems alone to say
    body = {"what-name": "Mine", "what-short_name": "Mine", "what-kind": "council"}
    assert ada.post(f"{partners}/far", body | {"act": "what"}).status_code == 404
    assert Partner.objects.get(code="far").name == "Far body"
    place = {"act": "place", "place-position": "2", "place-ends": "2019-03-31"}
    assert "Saved." in said(ada.post(f"{partners}/far", place, follow=True))
    membership = Membership.objects.get(system=valley.system, partner=far)
    assert (membership.position, f"{membership.ends}") == (2, "2019-03-31")
    for name in ("Moor Council", "Moor Unitary"):
        sent = {"act": "what", "what-name": name, "what-short_name": "Moor", "what-kind": "council"}
        assert name in said(ada.post(f"{partners}/moor", sent, follow=True))
    audit = said(ada.get("/systems/valley/audit"))
    assert "Name: from “Moor Council” to “Moor Unitary”" in audit


def test_a_code_of_another_systems_partner_is_not_taken_over(valley, ada):
    far = a_partner("far")
    a_system(far, code="elsewhere")
    far.codes.create(register="ODS", code="RXC")
    sent = {"act": "code", "code-register": "ODS", "code-code": "RXC"}
    assert ada.post("/systems/valley/keep/partners/moor", sent).status_code == 404
    assert far.codes.get().code == "RXC"


def test_members_of_a_group_change_whose_position_is_counted(valley, ada):
    line = valley.line(valley.ccgs)
    peak = a_partner("peak", "ccg")
    Membership.objects.create(system=valley.system, partner=peak, position=9)
    sent = {"act": "member", "member-member": "peak"}
    page = said(ada.post("/systems/valley/keep/partners/ccgs", sent, follow=True))
    assert "Peak body" in page
    assert PositionCover.objects.filter(line=line, partner=peak).exists()

    valley.line(valley.moor)
    sent = {"act": "member", "member-member": "moor"}
    refused = ada.post("/systems/valley/keep/partners/ccgs", sent)
    assert "already counted in these months" in said(refused, 422)
    assert valley.ccgs.members.count() == 3


def test_a_line_changes_what_may_change(valley, ada):
    line = valley.line(valley.moor, "saving", "falls", recurrent=True, saving_type="income")
    here = "/systems/valley/years/2018-19/keep/lines/falls"
    shown = ada.get(here).content.decode()
    assert re.search(r'<option value="yes"\s+selected', shown)
    sent = LINE | {"name": "Fewer falls", "calendar": "quarterly", "last_month": "9"}
    assert "Saved." in said(ada.post(here, sent | {"recurrent": "no"}, follow=True))
    line.refresh_from_db()
    assert (line.name, line.calendar, line.last_month) == ("Fewer falls", "quarterly", 9)
    assert (line.recurrent, line.saving_type) == (False, "")
    wrong = said(ada.post(here, sent | {"first_month": "10"}), 422)
    assert "A line's months run from its first to its last, 1 to 12." in wrong.replace(
        "&#x27;", "'"
    )
    assert ": type a whole number." in said(ada.post(here, sent | {"first_month": "x"}), 422)


@pytest.mark.parametrize(
    ("address", "sent", "words"),
    [
        ("/systems/valley/keep", {"year": "2018"}, "Write a year as 2017-18."),
        ("/systems/valley/keep", {"year": ""}, "Type the financial year."),
        ("/systems/valley/keep/name", {"name": ""}, "Type the name."),
        (
            "/systems/valley/keep/partners",
            {"code": "Moor!", "name": "A", "short_name": "A", "kind": "ccg", "position": "1"},
            "Use small letters, digits and single hyphens",
        ),
        (
            "/systems/valley/keep/partners",
            {"code": "moor", "name": "A", "short_name": "A", "kind": "ccg", "position": "1"},
            "There is a partner with this code.",
        ),
        (
            "/systems/valley/keep/partners/moor",
            {
                "act": "name",
                "name-name": "A",
                "name-starts": "2019-01-01",
                "name-ends": "2018-01-01",
            },
            "It ends before it starts.",
        ),
        (
            "/systems/valley/years/2018-19/keep/lines",
            LINE | {"code": "a b", "name": "A", "partner": "moor", "kind": "income"},
            "Use small letters, digits and single hyphens",
        ),
        (
            "/systems/valley/years/2018-19/keep/lines",
            LINE | {"code": "a", "name": "A", "partner": "moor", "kind": "transfer"},
            "A transfer names the partner at its other end.",
        ),
    ],
)
def test_what_is_wrong_stands_beside_its_field(valley, ada, address, sent, words):
    answer = ada.post(address, sent)
    assert words in said(answer, 422)
    assert b"nhsuk-error-summary" in answer.content
    assert System.objects.count() == 1


def test_a_closed_years_lines_stay(valley, ada):
    line = valley.line(valley.moor)
    report(line, 1, "-1")
    Slice.objects.update(status="closed")
    here = "/systems/valley/years/2018-19/keep"
    assert "Add a line" not in said(ada.get(here))
    sent = LINE | {"code": "late", "name": "Late", "partner": "moor", "kind": "income"}
    assert "closed" in said(ada.post(f"{here}/lines", sent), 422)
    assert "2019/20 is open, with 1 lines." in said(ada.post(here, follow=True))


def test_pages_take_the_same_queries_for_3_and_300_lines(valley, ada, query_count):
    for number in range(3):
        valley.line(valley.moor, "income", f"income-{number}")
    here = "/systems/valley/years/2018-19/keep"
    ada.get(here)  # what the frame of every page keeps is made now
    few = query_count(lambda: ada.get(here))
    line = Line.objects.get(code="income-0")
    Line.objects.bulk_create(
        Line(slice=line.slice, code=f"more-{n}", partner=line.partner, kind="income", sense=1)
        for n in range(300)
    )
    assert query_count(lambda: ada.get(here)) == few
