"""Search: what is found, by whom, how it is marked, and the pages by their names."""

from dataclasses import replace

import pytest
from django.test import Client

from esbt.search.answer import answer_to
from esbt.search.finding import parts_of
from esbt.search.kinds import KINDS
from esbt.search.page_names import PAGES
from finance.models import Line
from finance.services import RiskMoneySpec, save_risk_money
from schemes.models import PartnerName, RegisterRow
from schemes.people.roles import Role
from schemes.services.bodies import (
    BodySpec,
    DecisionSpec,
    SeatSpec,
    save_bodies,
    save_decisions,
    save_seats,
)
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.risks import RiskSpec, save_risks
from tests.delivery import a_programme, a_review
from tests.esbt.funded import a_plan_of_a_fund, an_agreement
from tests.factories import a_line, a_partner, a_person, a_pool, a_system, a_year, evenly, report
from tests.outcomes.measured import a_delay
from tests.outcomes.vale import a_framework, items

pytestmark = pytest.mark.django_db

# names that the documents have for what they describe, and the page that holds it
NAMES = {
    "SIP schedule": "schemes",
    "Pooled and aligned budget accounts": "pools",
    "Partner share of savings": "printed",
    "System deficit table and monthly outturn entry": "finances",
    "Forecast, control total and risk-adjusted position": "forecast",
    "Expenditure reduction plan tracking": "reduction-plans",
    "Savings targets by line": "savings",
    "Scheme evaluation register": "evaluations",
    "Scheme capacity and activity targets": "schemes",
    "Equality impact marks": "equality",
    "Scheme text and dependency record": "schemes",
    "Outcomes framework": "outcomes",
    "Quarterly performance report": "quarters",
    "Activity and performance facts": "outcomes",
    "Local metrics with national comparison and direction": "outcomes",
    "Population needs and demography": "population",
    "Risk stratification and proactive case lists": "risk-groups",
    "Partner and organisation register": "partners",
    "Governance map": "governance",
    "Agreements and approvals register": "agreements",
    "Engagement and citizen voice log": "engagement",
    "Locality planning and networks": "localities",
    "BCF plan summary and versions": "fund-plan",
    "Sign-off": "fund-plan",
    "Scheme headings and programmes by life phase": "fund-plan",
    "Metrics with performance periods and payment points": "metrics",
    "National conditions compliance": "conditions",
    "BCF risk register": "risks",
    "Risk share and section 75": "agreements",
    "Aims and how they are measured": "fund-plan",
    "Acute impact modelling": "acute",
    "Action tracker": "action-plans",
    "Assurance evidence": "action-plans",
    "HWB review": "governance",
    "Care market and bed capacity": "capacity",
    "Integration programme": "workstreams",
    "Milestone plan": "milestones",
    "KPI and finance reporting": "quarters",
    "Local offer and integrated commissioning framework": "offers",
    "Demand and capacity model (beds)": "capacity",
    "Integrated dataset and record links": "datasets",
    "Honest loader and source trail": "printed",
    "Recomputing and freezing": "about-figures",
    "Roles and access": "about-roles",
    "recovery board": "questions",
    "Integrated Commissioning Fund": "pools",
    "JSNA": "population",
    "bed capacity": "capacity",
    "SIP": "schemes",
}


@pytest.fixture
def cora(valley):
    """A commissioner of the valley, which holds a row of every kind that speaks of the orchard."""
    said = {"system": "valley", "name": "Orchard"}
    PartnerName.objects.create(partner=valley.moor, name="The Orchard Council")
    valley.plan({valley.line(valley.moor, "spend", "orchard"): evenly("12")})
    save_schemes(by=None, specs=[SchemeSpec(code="tree", purpose="Plants an orchard", **said)])
    save_risks(
        by=None, specs=[RiskSpec(code="frost", system="valley", name="Frost", effect="No orchards")]
    )
    save_bodies(by=None, specs=[BodySpec(code="growers", **said)])
    save_decisions(
        by=None,
        specs=[DecisionSpec(system="valley", body="growers", code="1", words="Buy the orchard")],
    )
    heard = {"register": "engagement", "code": "a", "name": "Fair", "values": {"theme": "Orchards"}}
    RegisterRow.objects.create(system=valley.system, **heard)
    a_review(valley.system)
    a_programme(valley.system)
    a_delay(valley.system)
    a_framework()
    items("first", ("health", "domain", ""))
    a_plan_of_a_fund(valley)
    an_agreement()
    a_pool(valley.slice, valley.moor)
    a_partner("tor")
    seats = [SeatSpec(system="valley", body="growers", code=n, partner="tor") for n in "ab"]
    save_seats(by=None, specs=[*seats, replace(seats[0], code="c", partner="moor")])
    return a_person("cora", Role.COMMISSIONER, system=valley.system)


def found(user, asked: str) -> dict[str, list[str]]:
    """The names that are found, by kind."""
    return {
        group.kind.code: ["".join(part.text for part in hit.name) for hit in group.hits]
        for group in answer_to(user, asked).groups
    }


def test_words_are_found_wherever_they_stand(cora):
    assert found(cora, "orchards") == {
        "body": ["Orchard"],
        "scheme": ["Orchard"],
        "decision": ["Buy the orchard"],
        "partner": ["Moor body"],
        "risk": ["Frost"],
        "row": ["Fair"],
        "line": ["orchard"],
    }


def test_a_risk_is_found_in_the_latest_year_in_which_it_has_money(cora, valley):
    """Money stands in 2017/18, of which figures are told too, and in 2018/19; 2021/22 has none."""
    before = a_year(valley.system, "2017-18")
    a_year(valley.system, "2021-22")
    for slice_ in (before, valley.slice):
        money = RiskMoneySpec(risk="frost", pence=100, stands_as="net")
        save_risk_money(by=None, slice_id=slice_.pk, specs=[money])
    report(a_line(before, valley.moor, "spend", "told"), 1, "1")
    found = {group.kind.code: group.hits for group in answer_to(cora, "frost").groups}
    assert found["risk"][0].href == "/systems/valley/years/2018-19/risks/frost"


def test_all_words_have_to_be_there_or_one_that_is_left_out_not(cora):
    assert found(cora, "buy orchard") == {"decision": ["Buy the orchard"]}
    assert "decision" not in found(cora, "orchard -buy")
    assert found(cora, '"orchard buy"') == {}


def test_each_result_opens(cora, client):
    client.force_login(cora)
    opened = set()
    for asked in (
        "orchard", "valley", "moor", "delays or delayed", "fund or plan or better or care",
        "review or vision or launch or offer or home or teams or trusted", "health or first or 75",
        "seven or days or aim or heading or programme or tor",
    ):  # fmt: skip
        for group in answer_to(cora, asked).groups:
            for hit in group.hits:
                assert client.get(hit.href).status_code == 200, hit.href
            opened.add(group.kind.code)
    assert {kind.code for kind in KINDS} - opened == set()


def test_what_one_may_not_see_is_not_found(cora):
    far = a_system(a_partner("far"), code="elsewhere")
    ed = a_person("ed", Role.SYSTEM_ADMINISTRATOR, system=far)
    assert found(ed, "orchard") == {}
    assert found(ed, "elsewhere") == {"system": ["The elsewhere"]}
    assert "system" not in found(cora, "elsewhere")
    assert answer_to(a_person("stranger"), "orchard").count == 0


def test_who_sits_in_a_body_and_is_no_member_is_found_once(cora):
    assert found(cora, "tor") == {"wider-partner": ["Tor body"]}
    (hit,) = answer_to(cora, "tor").groups[0].hits
    assert hit.href == "/systems/valley/partners/tor"
    assert "wider-partner" not in found(cora, "moor")


def test_what_is_called_just_so_stands_first(cora, client):
    """Frost is one risk's name and stands in a scheme's; the board is known without its place."""
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="f", name="Frost frost frost")])
    save_bodies(
        by=None, specs=[BodySpec(system="valley", code="gb", name="Vale Growers Board (GB)")]
    )
    assert [group.kind.code for group in answer_to(cora, "frost").first] == ["risk"]
    for asked in ("gb", "Growers Board", "vale growers board"):
        (first,) = answer_to(cora, asked).first
        assert [hit.href for hit in first.hits] == ["/systems/valley/governance/gb"]
    assert not answer_to(cora, "board").first
    client.force_login(cora)
    page = client.get("/search?q=governance").content.decode()
    save_bodies(by=None, specs=[BodySpec(system="valley", code="g", name="Governance")])
    again = client.get("/search?q=governance").content.decode()
    assert 'id="kind-body"' not in page
    assert again.index('id="kind-body"') < again.index('id="pages"')


def test_pages_lead_to_the_year_that_holds_something_and_name_empty_ones_last(cora, valley):
    later = a_year(valley.system, "2020-21")
    a_system(a_partner("far"), code="elsewhere")
    sue = a_person("sue", Role.SITE_ADMINISTRATOR)
    (cuts, *_) = answer_to(sue, "expenditure reduction plan").pages
    assert [link.holds for link in cuts.links] == [False]  # the year that is shown, still empty
    a_line(later, valley.moor, "reduction-plan", "cuts")
    (cuts, *_) = answer_to(sue, "expenditure reduction plan").pages
    assert [link.href for link in cuts.links] == ["/systems/valley/years/2020-21/reduction-plans"]
    (plans, *_) = answer_to(sue, "action plans").pages
    assert [link.system for link in plans.links] == ["valley"]


def test_a_line_that_goes_on_is_found_once_in_its_latest_year(cora, valley):
    later = a_year(valley.system, "2021-22")
    first = Line.objects.get(code="orchard")
    names = [field.attname for field in Line._meta.concrete_fields if not field.primary_key]
    Line.objects.create(**{name: getattr(first, name) for name in names} | {"slice_id": later.pk})
    (line,) = next(g for g in answer_to(cora, "orchard").groups if g.kind.code == "line").hits
    assert line.href == f"/systems/valley/years/2021-22/lines/{first.code}"


def test_what_is_found_is_marked_and_nothing_of_the_data_is_markup(cora, client):
    nasty = "<script>alert(1)</script> & orchard \ue000b\ue001"
    save_risks(by=None, specs=[RiskSpec(system="valley", code="x", name=nasty)])
    client.force_login(cora)
    page = client.get("/search", {"q": "orchard"}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <mark>orchard</mark>" in page
    assert "<script>alert" not in page
    assert "<mark>orchards</mark>" in page


def test_parts_of_a_text_hold_no_marks():
    assert [(part.text, part.found) for part in parts_of("a \ue000b\ue001 c\ue000")] == [
        ("a ", False),
        ("b", True),
        (" c", False),
    ]


@pytest.mark.parametrize(
    "asked", ["", "   ", "the", "' or 1=1 --", "\0", '"', "-", "x" * 5000, "%"]
)
def test_odd_words_are_no_error(cora, client, asked):
    client.force_login(cora)
    assert client.get("/search", {"q": asked}).status_code == 200


def test_more_of_a_kind_is_a_page_of_its_own(cora, client):
    specs = [RiskSpec(system="valley", code=f"r{n}", name=f"Orchard {n}") for n in range(12)]
    save_risks(by=None, specs=specs)
    client.force_login(cora)
    page = client.get("/search?q=orchard").content.decode()
    assert "All 13<" in page
    more = client.get("/search?q=orchard&kind=risk").content.decode()
    assert more.count("/risks/r") == 12
    assert "kind-scheme" not in more


def test_the_number_of_queries_is_fixed(cora, query_count):
    def asked() -> int:
        user = type(cora).objects.get(pk=cora.pk)
        return query_count(lambda: answer_to(user, "orchard"))

    few = asked()
    specs = [RiskSpec(system="valley", code=f"r{n}", name=f"Orchard {n}") for n in range(300)]
    save_risks(by=None, specs=specs)
    assert asked() == few <= 9


def test_each_system_of_the_documents_is_found_by_its_name(cora):
    missing = {}
    for name, page in NAMES.items():
        hrefs = [link.href for hit in answer_to(cora, name).pages for link in hit.links]
        if not any(page_of(href) == page for href in hrefs):
            missing[name] = hrefs
    assert missing == {}


def page_of(href: str) -> str:
    """The page that an address opens, as NAMES calls it."""
    parts = href.strip("/").split("/")
    if parts[0] == "about":
        return "-".join(parts)
    return "fund-plan" if parts[-2:-1] == ["fund-plans"] else parts[-1]


def test_every_page_opens(cora, client):
    client.force_login(cora)
    for page in PAGES:
        hit = next(hit for hit in answer_to(cora, page.title).pages if hit.title == page.title)
        for link in hit.links:
            assert client.get(link.href).status_code == 200, link.href


def test_the_api_says_the_same(cora):
    client = Client()
    assert client.get("/api/v1/search?q=orchard").status_code == 401
    client.force_login(cora)
    said = client.get("/api/v1/search?q=buy+orchard").json()
    assert said == {
        "q": "buy orchard",
        "count": 1,
        "pages": [],
        "groups": [
            {
                "kind": "decision",
                "label": "Decisions",
                "count": 1,
                "rows": [
                    {
                        "name": "Buy the orchard",
                        "words": "Orchard",
                        "system": "valley",
                        "href": "/systems/valley/governance/growers",
                    }
                ],
            }
        ],
    }
    refused = client.get("/api/v1/search?q=x&kind=pear")
    assert refused.status_code == 422
    assert "system, partner, wider-partner" in refused.json()["detail"] + str(refused.json())


def test_the_box_stands_on_every_page(cora, client):
    client.force_login(cora)
    for page in ("/", "/systems/valley/delivery", "/my-work"):
        assert 'action="/search"' in client.get(page).content.decode()
    assert 'action="/search"' not in Client().get("/about/roles").content.decode()
