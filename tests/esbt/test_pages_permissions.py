"""Every page and every operation, for everybody: what each may open and send, and what is not.

An address or operation that stands in neither table fails the last tests.
"""

import json
import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from esbt.api import api
from finance.models import LedgerMapping, PrintedTable, Upload, Virement
from finance.rollups import recompute
from finance.services import (
    PlanRiskSpec,
    PoolAmountSpec,
    ShareRuleSpec,
    UrgentActionSpec,
    VirementSpec,
    close_month,
    propose_virement,
    save_plan_risks,
    save_pool_amounts,
    save_share_rules,
    save_urgent_actions,
)
from outcomes.models import DomainQuarter, ObservationFile
from outcomes.services import (
    QuarterSpec,
    SchemeMetricSpec,
    TargetSpec,
    save_quarters,
    save_scheme_metrics,
    save_targets,
)
from schemes.models import Partner, PoolMember, User
from schemes.people.permissions import roles_in
from schemes.people.roles import Role
from schemes.registers.kinds import BY_CODE
from schemes.services.actions import (
    ActionLinkSpec,
    ActionSpec,
    AssuranceSpec,
    save_action_links,
    save_actions,
    save_assurances,
)
from schemes.services.bodies import BodySpec, SeatSpec, save_bodies, save_seats
from schemes.services.funds import FundPlanSpec, save_fund_plans
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.risks import RiskSpec, save_risks
from schemes.services.rows import RowSpec, save_rows
from tests.delivery import a_programme
from tests.esbt.funded import a_plan_of_a_fund, a_sign_off, an_agreement
from tests.esbt.keeping_tables import KEPT_PAGES, KEPT_SENT
from tests.esbt.permission_tables import (
    EVERYBODY,
    KEEPS,
    KEEPS_RISKS,
    METHODS,
    MILLION,
    YEAR,
    by,
)
from tests.esbt.permission_tables import PAGES as PLAIN_PAGES
from tests.esbt.permission_tables import SENT as PLAIN_SENT
from tests.factories import (
    a_delivery_with_everything,
    a_partner,
    a_person,
    a_pool,
    a_system,
    a_year,
    evenly,
    move,
    report,
)
from tests.outcomes.measured import a_delay
from tests.outcomes.vale import a_framework, items

pytestmark = pytest.mark.django_db

PAGES = PLAIN_PAGES | KEPT_PAGES
SENT = [*PLAIN_SENT, *KEPT_SENT]

FUND = FundPlanSpec(
    system="valley", code="fund", name="Fund", first_year="2018-19", last_year="2018-19"
)
WINTER = RiskSpec(system="valley", code="winter", name="Winter", partner="moor")


@pytest.fixture
def people(valley):
    """One of each, by what they are to the valley."""
    lines = {partner: valley.line(partner) for partner in (valley.moor, valley.hill)}
    valley.plan(dict.fromkeys(lines.values(), evenly("-12")))
    for line in lines.values():
        report(line, 1, "-1")
    save_schemes(
        by=None,
        specs=[SchemeSpec(system="valley", code="falls", name="Falls", lead_partner="moor")],
    )
    save_risks(by=None, specs=[WINTER])
    save_fund_plans(by=None, specs=[FUND])
    has_a_pool(valley)
    recompute(valley.slice.pk)
    has_outcomes(valley.system)
    a_plan_of_a_fund(valley)
    an_agreement()
    a_sign_off()
    a_pool(valley.slice, valley.moor, valley.dale)
    save_share_rules(
        by=None,
        specs=[
            ShareRuleSpec(
                system="valley", pool="fund", code="first", name="1", terms={"kind": "service"}
            )
        ],
    )
    has_delivery(valley.slice)
    has_a_reduction_plan(valley)
    has_registers()
    PrintedTable.objects.create(system=valley.system, code="share", name="Share")
    there = {"system": valley.system}
    leads = {
        valley.moor: a_person("finn", Role.FINANCE_LEAD, partner=valley.moor),
        valley.hill: a_person("tess", Role.FINANCE_LEAD, partner=valley.hill),
    }
    for partner, lead in leads.items():
        has_uploaded(valley.slice, partner, lead)
    sent = {"system": valley.system, "by": leads[valley.moor], "size": 1, "content": b"x"}
    ObservationFile.objects.create(name="a.csv", mapping="dtoc-by-reason", **sent)
    elsewhere = a_system(a_partner("far"), code="elsewhere")
    a_year(elsewhere)
    a_person("oscar", Role.AUDITOR, system=elsewhere)
    return {
        "visitor": AnonymousUser(),
        "stranger": a_person("stranger"),
        "own lead": leads[valley.moor],
        "other lead": leads[valley.hill],
        "approver": a_person("anna", Role.APPROVER, partner=valley.moor),
        "commissioner": a_person("cora", Role.COMMISSIONER, **there),
        "board": a_person("bert", Role.BOARD_MEMBER, **there),
        "auditor": a_person("otto", Role.AUDITOR, **there),
        "administrator": a_person("ada", Role.SYSTEM_ADMINISTRATOR, **there),
        "site administrator": a_person("sue", Role.SITE_ADMINISTRATOR),
        "administrator elsewhere": a_person("ed", Role.SYSTEM_ADMINISTRATOR, system=elsewhere),
    }


def has_a_pool(valley) -> None:
    """A pool with a suspect amount, in a year whose first quarter is closed."""
    a_pool(valley.slice, valley.moor)
    said = {"pool": "fund", "name": "Agreed", "measure": "agreed", "status": "suspect"}
    specs = [PoolAmountSpec(code="agreed", pence=None, **said)]
    save_pool_amounts(by=None, slice_id=valley.slice.pk, specs=specs)
    close_month(by=None, slice_id=valley.slice.pk, month=3, reason="Nobody reports it")


def has_outcomes(system) -> None:
    """A metric with values and a target, and a domain that is due in a quarter."""
    a_delay(system)
    save_targets(by=None, specs=[TargetSpec(system="valley", metric="delays", code="aim", value=8)])
    a_framework()
    items("first", ("health", "domain", ""))
    due = {"system": "valley", "framework": "first", "item": "health"}
    save_quarters(by=None, specs=[QuarterSpec(**due, year="2018-19", quarter=1)])
    link = SchemeMetricSpec(system="valley", scheme="falls", metric="delays")
    save_scheme_metrics(by=None, specs=[link])


def has_delivery(slice_) -> None:
    """An action with its assurance and one that comes first, and a milestone of a workstream."""
    a_delivery_with_everything(slice_)
    plan = {"system": "valley", "plan": "plan"}
    save_assurances(by=None, specs=[AssuranceSpec(area="1", code="a", words="It works", **plan)])
    two = ActionSpec(area="1", code="1-2", number="1.2", name="First", owner="moor", **plan)
    save_actions(by=None, specs=[two])
    link = ActionLinkSpec(action="1-1", other="1-2", kind="needs", **plan)
    save_action_links(by=None, specs=[link])
    a_programme(slice_.system)


def has_a_reduction_plan(valley) -> None:
    """A plan of the council, with something urgent to be done about it."""
    report(valley.line(valley.moor, "reduction-plan", "cuts"), 1, "1")
    action = UrgentActionSpec(line="cuts", code="shifts", words="Approve shifts", due="2018-08")
    save_urgent_actions(by=None, slice_id=valley.slice.pk, specs=[action])
    risk = PlanRiskSpec(line="cuts", risk="winter")
    save_plan_risks(by=None, slice_id=valley.slice.pk, specs=[risk])


def has_registers() -> None:
    """A row of a register, and a body with a seat."""
    save_bodies(by=None, specs=[BodySpec(system="valley", code="board", name="Board")])
    seat = SeatSpec(system="valley", body="board", code="moor", partner="moor")
    save_seats(by=None, specs=[seat])
    beds = RowSpec(system="valley", register="capacity", code="beds", name="Beds")
    save_rows(by=None, kind=BY_CODE["capacity"], specs=[beds])


def has_uploaded(slice_, partner, lead) -> None:
    """A file and a mapping of a partner, both under its number beyond a million."""
    pk = MILLION + partner.pk  # where no sequence comes
    sent = {"partner": partner, "slice": slice_, "by": lead, "size": 1, "content": b"x"}
    Upload.objects.create(pk=pk, name="a.csv", partners=[partner.code], **sent)
    definition = {"code": "Account", "amount": "Amount"}
    LedgerMapping.objects.create(
        pk=pk, partner=partner, name="x", version=1, definition=definition, actor=lead
    )


def browser_of(user) -> Client:
    browser = Client()
    if user.is_authenticated:
        browser.force_login(user)
    return browser


@pytest.fixture
def browsers(people):
    return {who: browser_of(user) for who, user in people.items()}


@pytest.fixture
def numbers(people):
    """The numbers that stand for people and roles in the addresses of the tables."""
    cora = people["commissioner"]
    other = User.objects.get(username="oscar")
    partners = {code: MILLION + pk for code, pk in Partner.objects.values_list("code", "pk")}
    return {
        "file": ObservationFile.objects.get().pk,
        "due": DomainQuarter.objects.get().pk,
        "member": PoolMember.objects.filter(pool__code="fund").latest("pk").pk,
        "cora": cora.pk,
        "grant": cora.grants.get().pk,
        "other": other.pk,
    } | partners


def test_who_opens_what(browsers, numbers):
    wrong = {}
    for address, (opens, visitor, others) in PAGES.items():
        expected = {
            who: 200 if who in opens else visitor if who == "visitor" else others
            for who in browsers
        }
        there = address.format(**numbers)
        found = {who: browser.get(there).status_code for who, browser in browsers.items()}
        if found != expected:
            wrong[address] = differences(expected, found)
    assert not wrong


def test_who_gets_through_with_what(browsers, numbers):
    wrong = {}
    for sent in SENT:
        there = sent.address.format(**numbers)
        found = {
            who: answer_to(browser, sent.method, there, sent.body)
            for who, browser in browsers.items()
        }
        if found != sent.expected:
            wrong[f"{sent.method} {sent.address}"] = differences(sent.expected, found)
    assert not wrong


def differences(expected: dict[str, int], found: dict[str, int]) -> dict[str, str]:
    return {
        who: f"{status}, not {expected[who]}"
        for who, status in found.items()
        if status != expected[who]
    }


def answer_to(browser: Client, method: str, address: str, body: dict) -> int:
    """The status of an answer; what the call stored is taken back."""
    with transaction.atomic():
        if address.startswith("/api/"):
            answer = browser.generic(method, address, json.dumps(body), "application/json")
        elif method == "POST":
            answer = browser.post(address, body)
        else:
            answer = browser.generic(method, address)
        transaction.set_rollback(True)
    return answer.status_code


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
    sent = {"name": "Cold", "partner": partner, "status": "open", "stands_as": "net"}

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
    """Two lines of the council with two versions of a plan; in the later one money may move."""
    pair = {valley.line(valley.moor, "spend", code): evenly("120") for code in ("pay", "estates")}
    valley.plan(pair)
    return valley.plan(pair, code="revised", headline=False)


def test_who_proposes_a_virement(people, budget):
    form = {
        "act": "propose",
        "plan": "revised",
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
                plan="revised", giving="pay", receiving="estates", pence=100, reason="So"
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


def test_who_keeps_a_what_if(people):
    asked = f"{YEAR}/pools/fund/what-if?kind=kept&partner=moor&amount=1"
    found = {
        who: browser_of(user).post(asked, {"name": "All Moor's"}).status_code
        for who, user in people.items()
    }
    may = {"visitor", "own lead", "other lead", "commissioner", *KEEPS}
    assert found == dict.fromkeys(EVERYBODY, 404) | by(may)


def test_who_writes_to_the_board(people, valley):
    close_month(by=None, slice_id=valley.slice.pk, month=1, reason="No approver")

    def sent(user) -> dict:
        roles = roles_in(user, valley.system) if user else []
        return {"text": "Well.", "signed_as": next(iter(roles), "")}

    found = {
        name: browser_of(user).post(f"{YEAR}/months/1/commentary", sent(user)).status_code
        for name, user in people.items()
    }
    assert found == dict.fromkeys(EVERYBODY, 404) | {"visitor": 302} | by(KEEPS)


# addresses of nothing, of what another may see, and of what no month, number or filter is
NOT_THERE = (
    "/systems/elsewhere/years/2018-19/finances",
    "/systems/nowhere/years/2018-19/finances",
    "/systems/valley/years/2001-02/board",
    f"{YEAR}/lines/nothing",
    f"{YEAR}/partners/far",
    f"{YEAR}/tables/nothing",
    f"{YEAR}/tables/nothing.csv",
    f"{YEAR}/risks/nothing",
    f"{YEAR}/risks/nothing/change",
    "/systems/elsewhere/agreements",
    "/systems/valley/agreements/nothing",
    "/systems/valley/sign-offs/nothing",
    "/systems/valley/fund-plans/nothing",
    "/systems/valley/fund-plans/better-care/nothing",
    "/systems/valley/fund-plans/better-care/nothing.csv",
    "/systems/valley/fund-plans/better-care/conditions.csv?as_of=soon",
    "/systems/elsewhere/equality",
    "/systems/nowhere/evaluations",
    "/systems/nowhere/audit",
    "/systems/nowhere/registers",
    "/systems/nowhere/partners",
    "/systems/valley/partners/nobody",
    "/systems/nowhere/governance",
    "/systems/valley/governance/nothing",
    "/systems/valley/governance/nothing/next-meeting",
    "/schemas/governance/nothing.json",
    "/systems/valley/registers/nothing",
    "/systems/valley/registers/nothing.csv",
    "/systems/valley/registers/capacity/nothing",
    "/schemas/registers/nothing.json",
    "/systems/valley/evaluations?progress=fast",
    "/systems/valley/evaluations.csv?decision=x",
    "/schemas/schemes/nothing.json",
    "/schemas/delivery/nothing.json",
    "/systems/elsewhere/delivery",
    "/systems/valley/action-plans/nothing",
    "/systems/valley/action-plans/plan/actions/nothing",
    "/systems/valley/milestones/nothing",
    f"{YEAR}/partners/far/months/1/enter",
    f"{YEAR}/partners/far/year/actual",
    f"{YEAR}/partners/moor/year/forecasts",
    f"{YEAR}/partners/moor/year/plan?plan=nothing",
    f"{YEAR}/partners/moor/months/0/enter",
    f"{YEAR}/partners/moor/months/14/enter",
    f"{YEAR}/partners/moor/months/14/submit",
    f"{YEAR}/partners/moor/months/0/paper",
    f"{YEAR}/partners/moor/months/{'9' * 5000}/enter",
    f"{YEAR}/partners/moor/uploads/9",
    f"{YEAR}/partners/moor/uploads/{'9' * 5000}",
    f"{YEAR}/partners/moor/uploads?month=14",
    f"{YEAR}/partners/moor/workbook.xlsx?month=x",
    f"{YEAR}/partners/moor/mappings/9",
    f"{YEAR}/partners/hill/mappings/1002",
    f"{YEAR}/plans?from=nothing",
    f"{YEAR}/virements?state=lost",
    f"{YEAR}/headings?month=14",
    f"{YEAR}/finances?month=14",
    f"{YEAR}/finances?month=x",
    f"{YEAR}/finances?month={'9' * 5000}",
    "/schemas/nothing.json",
    "/nothing",
)


def test_what_is_not_there_and_what_one_may_not_see_look_alike(browsers):
    """A page of the house says so, with its ways on, to whoever signed in."""
    answers = {address: browsers["own lead"].get(address) for address in NOT_THERE}
    wrong = {address: a.status_code for address, a in answers.items() if a.status_code != 404}
    assert not wrong
    assert not [address for address, a in answers.items() if b"finn" not in a.content]


def test_the_tables_hold_every_address_of_ours():
    ours = {route for route in _routes(get_resolver()) if not route.startswith("accounts/")}
    apart = {"readyz", "api/v1/"}  # the same for everybody: see below
    assert ours - {_route(address) for address in (*PAGES, *(row.address for row in SENT))} == apart


def test_addresses_apart_are_the_same_for_everybody(browsers):
    some = ("visitor", "site administrator")  # of whom each waits for what /readyz looks at
    for address in ("/readyz", "/api/v1/"):
        assert len({browsers[who].get(address).status_code for who in some}) == 1


def test_the_tables_hold_every_method_of_every_address(browsers, numbers):
    """An address that takes more than is listed does not answer 405 to it."""
    listed = {(row.method, _route(row.address)) for row in SENT}
    listed |= {(method, "api/v1/openapi.json") for method in METHODS}  # reads, whatever is sent
    taken = set()
    for address, method in product(
        {_route(address): address for address in PAGES}.values(), METHODS
    ):
        there = address.format(**numbers)
        if (method, _route(address)) not in listed and not address.startswith("/accounts/"):
            status = answer_to(browsers["site administrator"], method, there, {})
            if status != 405:
                taken.add(f"{method} {address}: {status}")
    assert not taken


def test_the_tables_hold_every_operation_of_the_api():
    described = {
        (method.upper(), re.sub(r"\{(\w+)\}", r"<\1>", path).removeprefix("/"))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    }
    listed = {("GET", _route(address)) for address in PAGES}
    listed |= {(row.method, _route(row.address)) for row in SENT}
    assert described
    assert described - listed == set()


def test_the_tables_hold_own_and_other_partners():
    """What is about a partner is listed for two of them, each the other's other."""
    places: dict[tuple[str, str], set[str]] = {}
    for method, address in (
        *(("GET", address) for address in PAGES),
        *((row.method, row.address) for row in SENT),
    ):
        if partner := re.search(r"/partners/(\w+)", address):
            places.setdefault((method, _route(address)), set()).add(partner[1])
    one = {place for place, partners in places.items() if len(partners) < 2}
    assert one == {("GET", _route(f"{YEAR}/partners/moor"))}  # everybody reads every partner


def test_of_the_account_pages_visitors_open_what_they_need():
    """Allauth's own: without an account one signs in, asks for a password, and nothing else."""
    opened = set()
    for route in _routes(get_resolver()):
        if route.startswith("accounts/") and "<" not in route and "(" not in route:
            answer = Client().get(f"/{route}")
            asks = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
            if not asks and answer.status_code != 301:  # old addresses of the same pages
                opened.add(route.removeprefix("accounts/"))
    assert opened == {
        "login/",
        "logout/",
        "inactive/",
        "signup/",  # which says that there is none
        "confirm-email/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "3rdparty/login/error/",
        "3rdparty/login/cancelled/",
    }


def _route(address: str) -> str:
    """The pattern that an address of the tables leads to."""
    path = re.sub(r"\{\w+\}", "1", address).partition("?")[0]
    known: str = get_resolver().resolve(path).route
    return known


def _routes(resolver, before: str = "") -> Iterator[str]:
    for item in resolver.url_patterns:
        route = before + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from _routes(item, route)
        elif isinstance(item, URLPattern):
            yield route
