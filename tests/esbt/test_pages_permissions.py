"""Every page and every operation, for everybody: what each may open, and what is not there."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from finance.models import LedgerMapping, PrintedTable, Upload, Virement
from finance.rollups import recompute
from finance.services import VirementSpec, propose_virement
from schemes.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_partner, a_person, a_system, a_year, evenly, move, report

pytestmark = pytest.mark.django_db

YEAR = "/systems/valley/years/2018-19"
WINTER = RiskSpec(system="valley", code="winter", name="Winter", partner="moor")
API = "/api/v1/systems"

EVERYBODY = {
    "visitor",
    "stranger",
    "own lead",
    "other lead",
    "approver",
    "commissioner",
    "board",
    "auditor",
    "administrator",
    "site administrator",
}
SIGNED_IN = EVERYBODY - {"visitor"}
READERS = SIGNED_IN - {"stranger"}
KEEPS_RISKS = {"own lead", "other lead", "administrator", "site administrator"}
AUDITS = {"auditor", "administrator", "site administrator"}

# address, who opens it, and how the others are answered: a visitor first, then everybody else
PAGES = {
    "/": (SIGNED_IN, 302, None),
    "/my-work": (SIGNED_IN, 302, None),
    f"{YEAR}/board": (READERS, 302, 404),
    f"{YEAR}/finances": (READERS, 302, 404),
    f"{YEAR}/finances.csv": (READERS, 302, 404),
    f"{YEAR}/finances-by-month.csv": (READERS, 302, 404),
    f"{YEAR}/savings": (READERS, 302, 404),
    f"{YEAR}/savings-by-month.csv": (READERS, 302, 404),
    f"{YEAR}/forecast": (READERS, 302, 404),
    f"{YEAR}/forecast.csv": (READERS, 302, 404),
    f"{YEAR}/risks.csv": (READERS, 302, 404),
    f"{YEAR}/risks/winter": (READERS, 302, 404),
    f"{YEAR}/add-risk": (KEEPS_RISKS, 302, 404),
    f"{YEAR}/risks/winter/change": (KEEPS_RISKS - {"other lead"}, 302, 404),
    f"{YEAR}/schemes": (READERS, 302, 404),
    f"{YEAR}/schemes.csv": (READERS, 302, 404),
    f"{YEAR}/schemes.xlsx": (READERS, 302, 404),
    f"{YEAR}/schemes/falls": (READERS, 302, 404),
    f"{YEAR}/schemes/falls/history": (READERS, 302, 404),
    f"{YEAR}/claims": (READERS, 302, 404),
    f"{YEAR}/returns": (READERS, 302, 404),
    f"{YEAR}/changes": (READERS, 302, 404),
    f"{YEAR}/changes.csv": (READERS, 302, 404),
    f"{YEAR}/plans": (READERS, 302, 404),
    f"{YEAR}/plans.csv": (READERS, 302, 404),
    f"{YEAR}/plan-differences.csv": (READERS, 302, 404),
    f"{YEAR}/virements": (READERS, 302, 404),
    f"{YEAR}/headings": (READERS, 302, 404),
    f"{YEAR}/headings.csv": (READERS, 302, 404),
    f"{YEAR}/causes": (READERS, 302, 404),
    f"{YEAR}/causes.csv": (READERS, 302, 404),
    f"{YEAR}/contracts": (READERS, 302, 404),
    f"{YEAR}/contracts.csv": (READERS, 302, 404),
    f"{YEAR}/beside": (READERS, 302, 404),
    "/systems/valley/audit": (AUDITS, 302, 404),
    "/systems/valley/audit.csv": (AUDITS, 302, 404),
    f"{YEAR}/stamp": (READERS, 302, 404),
    f"{YEAR}/lines/moor-position": (READERS, 302, 404),
    f"{YEAR}/partners/moor": (READERS, 302, 404),
    f"{YEAR}/printed": (READERS, 302, 404),
    f"{YEAR}/tables/share": (READERS, 302, 404),
    f"{YEAR}/tables/share.csv": (READERS, 302, 404),
    "/systems/valley/equality": (READERS, 302, 404),
    "/systems/valley/equality.csv": (READERS, 302, 404),
    "/systems/valley/evaluations": (READERS, 302, 404),
    "/systems/valley/evaluations.csv": (READERS, 302, 404),
    f"{YEAR}/partners/moor/months/1/enter": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/hill/months/1/enter": ({"other lead"}, 302, 404),
    f"{YEAR}/workbook.xlsx": ({"own lead", "other lead"}, 302, 404),
    f"{YEAR}/partners/moor/workbook.xlsx": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/uploads": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/uploads/1001": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/uploads/1001/progress": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/hill/uploads": ({"other lead"}, 302, 404),
    f"{YEAR}/partners/moor/mappings/new": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/mappings/1001": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/months/1/submit": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/months/1/paper": ({"own lead", "approver"}, 302, 404),
    f"{YEAR}/partners/moor/months/1/return": ({"approver"}, 302, 404),
    f"{YEAR}/partners/moor/months/13/enter": ({"own lead"}, 302, 404),
    f"{YEAR}/timetable": (READERS, 302, 404),
    f"{YEAR}/months/1/commentary": ({"administrator", "site administrator"}, 302, 404),
    f"{YEAR}/partners/moor/year/actual": ({"own lead"}, 302, 404),
    f"{YEAR}/partners/moor/year/plan": (
        {"own lead", "administrator", "site administrator"},
        302,
        404,
    ),
    "/schemas/position.json": (EVERYBODY, None, None),
    "/schemas/forecast.json": (EVERYBODY, None, None),
    "/schemas/risks.json": (EVERYBODY, None, None),
    "/schemas/schemes/equality.json": (EVERYBODY, None, None),
    "/about/figures": (EVERYBODY, None, None),
    "/about/accessibility": (EVERYBODY, None, None),
    "/about/glossary": (EVERYBODY, None, None),
    "/healthz": (EVERYBODY, None, None),
    "/accounts/login/": ({"visitor"}, None, 302),
    API: (SIGNED_IN, 401, None),
    f"{API}/valley": (READERS, 401, 404),
    f"{API}/valley/partners": (READERS, 401, 404),
    f"{API}/valley/years": (READERS, 401, 404),
    f"{API}/valley/evaluations": (READERS, 401, 404),
    f"{API}/valley/evaluations.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/position": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/schemes/falls": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/savings": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/savings.csv": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/risks": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/lines": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/lines/moor-position/outturns": (READERS, 401, 404),
    f"{API}/valley/years/2018-19/months/1/commentary": (READERS, 401, 404),
    "/api/v1/openapi.json": (EVERYBODY, None, None),
}


@pytest.fixture
def people(valley):
    """One of each, by what they are to the valley."""
    for partner in (valley.moor, valley.hill):
        report(valley.line(partner), 1, "-1")
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="falls", name="Falls")])
    save_risks(by=None, specs=[WINTER])
    recompute(valley.slice.pk)
    PrintedTable.objects.create(system=valley.system, code="share", name="Share")
    there = {"system": valley.system}
    lead = a_person("finn", Role.FINANCE_LEAD, partner=valley.moor)
    sent = {"partner": valley.moor, "slice": valley.slice, "by": lead, "size": 1, "content": b"x"}
    Upload.objects.create(pk=1001, name="a.csv", partners=["moor"], **sent)
    definition = {"code": "Account", "amount": "Amount"}
    LedgerMapping.objects.create(
        pk=1001, partner=valley.moor, name="x", version=1, definition=definition, actor=lead
    )
    return {
        "visitor": AnonymousUser(),
        "stranger": a_person("stranger"),
        "own lead": lead,
        "other lead": a_person("tess", Role.FINANCE_LEAD, partner=valley.hill),
        "approver": a_person("anna", Role.APPROVER, partner=valley.moor),
        "commissioner": a_person("cora", Role.COMMISSIONER, **there),
        "board": a_person("bert", Role.BOARD_MEMBER, **there),
        "auditor": a_person("otto", Role.AUDITOR, **there),
        "administrator": a_person("ada", Role.SYSTEM_ADMINISTRATOR, **there),
        "site administrator": a_person("sue", Role.SITE_ADMINISTRATOR),
    }


def browser_of(user) -> Client:
    browser = Client()
    if user.is_authenticated:
        browser.force_login(user)
    return browser


@pytest.mark.parametrize("address", PAGES)
def test_who_opens_what(people, address):
    opens, visitor, others = PAGES[address]
    expected = {
        who: 200 if who in opens else visitor if who == "visitor" else others for who in people
    }
    found = {who: browser_of(user).get(address).status_code for who, user in people.items()}
    assert found == expected


def test_who_saves_over_the_api(people, valley):
    row = {"line": "moor-position", "month": 2, "actual_pence": 1}

    def save(user) -> int:
        return (
            browser_of(user)
            .post(
                f"{API}/valley/years/2018-19/outturns",
                {"rows": [row]},
                content_type="application/json",
            )
            .status_code
        )

    found = {who: save(user) for who, user in people.items()}
    others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
    assert found == {"visitor": 401, "own lead": 200} | others


def test_who_puts_a_month_over_the_api(people):
    row = {"line": "moor-position", "ytd_actual_pence": 1}

    def put(user) -> int:
        return (
            browser_of(user)
            .put(
                f"{API}/valley/years/2018-19/months/2/outturns",
                {"outturns": [row]},
                content_type="application/json",
            )
            .status_code
        )

    found = {who: put(user) for who, user in people.items()}
    others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
    assert found == {"visitor": 401, "own lead": 200} | others


def test_who_saves_by_the_page(people):
    address = f"{YEAR}/partners/moor/months/2/enter"

    def save(user) -> int:
        return browser_of(user).post(address, {"actual-moor-position": "-5"}).status_code

    found = {who: save(user) for who, user in people.items()}
    others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
    assert found == {"visitor": 302, "own lead": 200} | others


def test_who_uploads_stores_and_maps(people):
    definition = {"code": "Account", "amount": "Amount", "header_row": "1", "unit": "pounds"}
    definition |= {"amounts": "to-date", "measure": "actual", "seen": "1"}
    posts = {
        f"{YEAR}/partners/moor/uploads": ({"month": "4"}, 422),  # there is no file in it
        f"{YEAR}/partners/moor/uploads/1001": ({"do": "store"}, 422),  # it is not read yet
        f"{YEAR}/partners/moor/mappings/1001": (definition, 303),
    }
    for address, (sent, own) in posts.items():
        found = {who: browser_of(u).post(address, sent).status_code for who, u in people.items()}
        others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
        assert found == {"visitor": 302, "own lead": own} | others


@pytest.mark.parametrize(
    ("page", "partner", "saved", "told"),
    [
        ("add-risk", "moor", KEEPS_RISKS - {"other lead"}, {"other lead"}),
        ("add-risk", "hill", KEEPS_RISKS - {"own lead"}, {"own lead"}),
        ("add-risk", "", KEEPS_RISKS - {"own lead", "other lead"}, {"own lead", "other lead"}),
        ("risks/winter/change", "moor", KEEPS_RISKS - {"other lead"}, set()),
        ("risks/winter/change", "hill", {"administrator", "site administrator"}, {"own lead"}),
    ],
)
def test_who_saves_a_risk(people, page, partner, saved, told):
    """Who keeps other risks is told to choose one of those; to the rest it is not there."""
    address = f"{YEAR}/{page}"
    sent = {"name": "Winter", "partner": partner, "status": "open", "stands_as": "net"}

    def save(user) -> int:
        browser = browser_of(user)
        shown = re.search(rb'name="seen" value="([^"]+)"', browser.get(address).content)
        seen = shown.group(1).decode() if shown else ""
        with transaction.atomic():
            status = browser.post(address, sent | {"seen": seen}).status_code
            transaction.set_rollback(True)
        return status

    found = {who: save(user) for who, user in people.items()}
    expected = dict.fromkeys(EVERYBODY, 404) | {"visitor": 302}
    assert found == expected | dict.fromkeys(told, 422) | dict.fromkeys(saved, 302)


@pytest.fixture
def budget(valley):
    """Two lines of the council with a plan, between which money may move."""
    pair = {valley.line(valley.moor, "spend", code): evenly("120") for code in ("pay", "estates")}
    return valley.plan(pair)


def test_who_proposes_a_virement(people, budget):
    form = {
        "act": "propose",
        "plan": "original",
        "giving": "pay",
        "receiving": "estates",
        "amount": "1",
        "reason": "So",
    }
    found = {
        who: browser_of(user).post(f"{YEAR}/virements", form).status_code
        for who, user in people.items()
    }
    others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
    assert found == {"visitor": 302, "own lead": 302} | others
    assert Virement.objects.count() == 1


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_who_settles_a_virement(people, valley, budget, decision):
    def settle(user) -> int:
        made = propose_virement(
            by=None,
            slice_id=valley.slice.pk,
            spec=VirementSpec(
                plan="original", giving="pay", receiving="estates", pence=100, reason="So"
            ),
        )
        sent = {"act": decision, "virement": made.pk, "reason": "Yes"}
        return browser_of(user).post(f"{YEAR}/virements", sent).status_code

    found = {who: settle(user) for who, user in people.items()}
    may = dict.fromkeys({"visitor", "approver", "administrator", "site administrator"}, 302)
    assert found == dict.fromkeys(EVERYBODY, 404) | may


def test_who_explains_a_variance(people, valley):
    sent = {"line": "moor-position", "month": "1", "cause": "pay", "words": "Agency"}
    found = {
        who: browser_of(user).post(f"{YEAR}/causes?month=1", sent).status_code
        for who, user in people.items()
    }
    others = dict.fromkeys(EVERYBODY - {"visitor", "own lead"}, 404)
    assert found == {"visitor": 302, "own lead": 302} | others


def test_who_keeps_plans(people, budget):
    sent = {"act": "version", "plan": "original", "reason": "So"}
    found = {
        who: browser_of(user).post(f"{YEAR}/plans", sent | {"name": f"Of {who}"}).status_code
        for who, user in people.items()
    }
    may = dict.fromkeys({"visitor", "administrator", "site administrator"}, 302)
    assert found == dict.fromkeys(EVERYBODY, 404) | may


@pytest.mark.parametrize(
    ("before", "state", "who"),
    [
        ("submitted", "approved", "approver"),
        ("submitted", "draft", "approver"),
        ("approved", "closed", "approver"),
        ("approved", "submitted", "nobody"),
    ],
)
def test_who_hands_a_month_on(people, valley, before, state, who):
    move(valley.slice, before, 1, valley.moor)
    sent = {"state": state, "seen": valley.fresh().change, "reason": "Row 3 looks doubled."}

    def hand_on(user) -> int:
        return browser_of(user).post(f"{YEAR}/partners/moor/months/1/return", sent).status_code

    found = {name: hand_on(user) for name, user in people.items()}
    others = dict.fromkeys(EVERYBODY - {"visitor", who}, 404)
    assert found == {"visitor": 302} | others | ({who: 303} if who in EVERYBODY else {})


@pytest.mark.parametrize(
    ("page", "sent", "who"),
    [
        ("partners/moor/months/1/submit", {}, {"own lead": 303}),
        (
            "partners/moor/months/1/paper",
            {"kind": "position", "measure": "actual", "amount": "-1", "source": "Report"},
            {"own lead": 303, "approver": 404},
        ),
        (
            "timetable",
            {"month": "0", "submit": "8", "approve": "10", "close": "15"},
            {"administrator": 302, "site administrator": 302},
        ),
        (
            "months/1/commentary",
            {"text": "Well.", "signed_as": "Director"},
            {"administrator": 302, "site administrator": 302},
        ),
    ],
)
def test_who_sends_the_pages_about_a_month(people, valley, page, sent, who):
    if page.startswith("months"):
        move(valley.slice, "approved", 1, valley.moor, valley.hill)
    found = {
        name: browser_of(user).post(f"{YEAR}/{page}", sent).status_code
        for name, user in people.items()
    }
    assert found == dict.fromkeys(EVERYBODY, 404) | {"visitor": 302} | who


@pytest.mark.parametrize(
    "address",
    [
        "/systems/elsewhere/years/2018-19/finances",
        "/systems/nowhere/years/2018-19/finances",
        "/systems/valley/years/2001-02/board",
        f"{YEAR}/lines/nothing",
        f"{YEAR}/partners/far",
        f"{YEAR}/tables/nothing",
        f"{YEAR}/tables/nothing.csv",
        f"{YEAR}/risks/nothing",
        f"{YEAR}/risks/nothing/change",
        "/systems/elsewhere/equality",
        "/systems/nowhere/evaluations",
        "/systems/nowhere/audit",
        "/systems/valley/evaluations?progress=fast",
        "/systems/valley/evaluations.csv?decision=x",
        "/schemas/schemes/nothing.json",
        f"{YEAR}/partners/far/months/1/enter",
        f"{YEAR}/partners/far/year/actual",
        f"{YEAR}/partners/moor/year/forecast",
        f"{YEAR}/partners/moor/year/plan?plan=nothing",
        f"{YEAR}/partners/moor/months/0/enter",
        f"{YEAR}/partners/moor/months/14/enter",
        f"{YEAR}/partners/moor/months/14/submit",
        f"{YEAR}/partners/moor/months/0/paper",
        f"{YEAR}/partners/moor/months/{'9' * 5000}/enter",
        f"{YEAR}/partners/moor/uploads/9",
        f"{YEAR}/partners/moor/uploads/{'9' * 5000}",
        f"{YEAR}/partners/moor/uploads?month=13",
        f"{YEAR}/partners/moor/workbook.xlsx?month=x",
        f"{YEAR}/partners/moor/mappings/9",
        f"{YEAR}/partners/hill/mappings/1001",
        f"{YEAR}/plans?from=nothing",
        f"{YEAR}/virements?state=lost",
        f"{YEAR}/headings?month=14",
        f"{YEAR}/finances?month=14",
        f"{YEAR}/finances?month=x",
        f"{YEAR}/finances?month={'9' * 5000}",
        "/schemas/nothing.json",
        "/nothing",
    ],
)
def test_what_is_not_there_and_what_one_may_not_see_look_alike(people, address):
    a_year(a_system(a_partner("far"), code="elsewhere"))
    answer = browser_of(people["own lead"]).get(address)
    assert answer.status_code == 404
    assert b"finn" in answer.content  # a page of the house with its ways on


def test_the_table_holds_every_address_of_ours():
    resolver = get_resolver()
    ours = {route for route in _routes(resolver) if not route.startswith("accounts/")}
    listed = {resolver.resolve(address).route for address in PAGES}
    apart = {
        "readyz",
        "api/v1/systems/<system>/years/<year>/outturns",
        "api/v1/systems/<system>/years/<year>/months/<month>/outturns",
        "api/v1/",
        # posts only: who may is in test_scheme_pages.py
        "systems/<slug:system>/years/<slug:year>/schemes/<slug:code>/rate",
    }
    assert ours - listed == apart & ours


def _routes(resolver, before: str = ""):
    for item in resolver.url_patterns:
        route = before + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from _routes(item, route)
        elif isinstance(item, URLPattern):
            yield route
