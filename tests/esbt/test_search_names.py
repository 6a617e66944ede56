"""What the documents call things, and that the search of the shipped packages finds each first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from esbt import loading
from esbt.search.answer import Answer, answer_to
from schemes.people.roles import Role
from tests.factories import a_person

FIXTURES = Path(__file__).parents[2] / "fixtures"
pytestmark = pytest.mark.django_db

ES, ESSEX = "/systems/east-sussex", "/systems/mid-essex"
REVIEW = f"{ES}/action-plans/local-review"
FUND = f"{ESSEX}/fund-plans/bcf-2014-16"

# by the system that the documents describe: a name of theirs, and where it leads
NAMES = [
    ("A1", "SIP schedule", f"{ES}/years/2017-18/schemes"),
    ("A1", "Strategic Investment Plan", f"{ES}/years/2017-18/schemes"),
    ("A1", "Proactive care", f"{ES}/years/2017-18/schemes/proactive-care"),
    ("A2", "Integrated Commissioning Fund", f"{ES}/years/2017-18/pools/icf"),
    ("A2", "pooled and aligned budget accounts", f"{ES}/years/2017-18/pools"),
    ("A3", "partner share of savings", f"{ES}/years/2017-18/printed"),
    ("A3", "improved Better Care Fund", f"{ES}/years/2017-18/printed"),
    ("A3", "iBCF", f"{ES}/years/2017-18/printed"),
    ("A4", "system deficit table", f"{ES}/years/2017-18/finances"),
    ("A4", "monthly outturn entry", "/my-work"),
    ("A5", "control total", f"{ES}/years/2018-19/forecast"),
    ("A5", "forecast", f"{ES}/years/2018-19/forecast"),
    ("A5", "in-year risk", f"{ES}/years/2018-19/forecast"),
    ("A6", "expenditure reduction plan", f"{ES}/years/2018-19/reduction-plans"),
    ("A6", "four questions", f"{ES}/years/2018-19/questions"),
    ("A6", "System Financial Recovery Board", f"{ES}/governance/recovery-board"),
    ("A7", "savings targets by line", f"{ES}/years/2017-18/savings"),
    ("A7", "No Cheaper Stock Obtainable", f"{ES}/years/2017-18/savings"),
    ("A7", "Prescribing", f"{ES}/years/2017-18/schemes/prescribing"),
    ("B1", "scheme evaluation register", f"{ES}/evaluations"),
    ("B1", "Crisis Response", f"{ES}/years/2017-18/schemes/crisis-response"),
    ("B1", "evaluating pilots", f"{ES}/evaluations"),
    ("B2", "MECC", f"{ES}/years/2017-18/schemes/making-every-contact-count"),
    ("B2", "Care Home Plus", f"{ES}/years/2017-18/schemes/care-home-plus"),
    ("B2", "Healthy Homes", f"{ES}/years/2017-18/schemes/healthy-homes"),
    ("B3", "equality impact", f"{ES}/equality"),
    ("B3", "protected characteristics", f"{ES}/equality"),
    ("B4", "pathways", f"{ES}/years/2017-18/schemes"),
    ("B4", "Transforming Care", f"{ES}/years/2017-18/schemes/learning-disability"),
    ("C1", "outcomes framework", f"{ES}/outcomes"),
    ("C1", "domains, objectives and outcomes", f"{ES}/outcomes"),
    ("C2", "quarterly performance report", f"{ES}/outcomes/quarters"),
    ("C2", "annual full report", f"{ES}/outcomes/quarters"),
    ("C3", "new services and improvements", f"{ES}/outcomes"),
    ("C3", "HSCC", f"{ES}/outcomes/metrics/hscc-contacts"),
    ("C3", "Beat the Street", f"{ES}/outcomes/metrics/beat-the-street-people"),
    ("C4", "local metrics", f"{ES}/outcomes"),
    ("C4", "SITREP", f"{ES}/registers/datasets/weekly-delays"),
    ("C5", "JSNA", f"{ES}/registers/population"),
    ("C5", "population needs", f"{ES}/registers/population"),
    ("C6", "risk stratification", f"{ES}/registers/risk-groups"),
    ("C6", "Rockwood", f"{ESSEX}/registers/risk-groups"),
    ("D1", "partner and organisation register", f"{ES}/partners"),
    ("D1", "SPFT", f"{ES}/partners/spft"),
    ("D1", "Sussex Community", f"{ES}/partners/scft"),
    ("D1", "SECAmb", f"{ES}/partners/secamb"),
    ("D1", "BSUH", f"{ES}/partners/bsuh"),
    ("D2", "SCB", f"{ES}/governance/scb"),
    ("D2", "ICSDG", f"{ES}/governance/care-system-group"),
    ("D2", "HWB", f"{ES}/governance/health-wellbeing-board"),
    ("D2", "Strategic Commissioning Board", f"{ES}/governance/scb"),
    ("D2", "Health and Wellbeing Board", f"{ES}/governance/health-wellbeing-board"),
    ("D2", "test bed", f"{ES}/governance/alliance"),
    ("D3", "Alliance Agreement", f"{ES}/agreements"),
    ("D3", "Financial Framework Agreement", f"{ES}/agreements"),
    ("D5", "engagement log", f"{ES}/registers/engagement"),
    ("D5", "Healthwatch", f"{ES}/partners/healthwatch-east-sussex"),
    ("D6", "locality planning", f"{ES}/registers/localities"),
    ("D6", "Locality Networks", f"{ES}/governance/locality-networks"),
    ("E1", "BCF plan", FUND),
    ("E1", "Better Care Fund plan", FUND),
    ("E2", "authorisation and sign off", FUND),
    ("E2", "sign-off", FUND),
    ("E3", "scheme headings", FUND),
    ("E3", "life phases", FUND),
    ("E4", "payment for performance", f"{FUND}/metrics"),
    ("E4", "BCF metrics", f"{FUND}/metrics"),
    ("E5", "7 day services", f"{FUND}/conditions"),
    ("E5", "national conditions", f"{FUND}/conditions"),
    ("E6", "BCF risk register", f"{FUND}/risks"),
    ("E6", "risks of a fund plan", f"{FUND}/risks"),
    ("E7", "section 75", f"{ESSEX}/agreements"),
    ("E7", "host partner", f"{ES}/years/2017-18/pools"),
    ("E8", "aims and objectives", FUND),
    ("E8", "aims and how they are measured", FUND),
    ("E9", "implications for the acute sector", f"{FUND}/acute"),
    ("E9", "acute impact modelling", f"{FUND}/acute"),
    ("F1", "action tracker", f"{ES}/action-plans"),
    ("F1", "Care Quality Commission", f"{ES}/action-plans"),
    ("F1", "CHC", f"{REVIEW}/actions/7-1"),
    ("F1", "Let's Get You Home", f"{REVIEW}/actions/7-4"),
    ("F1", "JCR", f"{REVIEW}/actions/6-2"),
    ("F2", "assurance evidence", f"{ES}/action-plans"),
    ("F2", "Senior Responsible Officer", f"{ES}/action-plans"),
    ("F3", "HWB review", f"{ES}/governance"),
    ("F3", "terms of reference", f"{ES}/governance"),
    ("F4", "care market", f"{ES}/registers/capacity"),
    ("F4", "trusted assessor", f"{REVIEW}/actions/7-5"),
    ("G1", "integration programme", f"{ES}/workstreams"),
    ("G1", "target operating model", f"{ES}/workstreams"),
    ("G1", "TOM", f"{ES}/workstreams"),
    ("G2", "milestone plan", f"{ES}/milestones"),
    ("G2", "roadmap", f"{ES}/milestones"),
    ("G3", "KPIs and finance reporting", f"{ES}/outcomes"),
    ("G3", "key performance indicators", f"{ES}/outcomes"),
    ("G4", "local offer", f"{ES}/registers/offers"),
    ("G4", "integrated commissioning framework", f"{ES}/registers/offers"),
    ("G5", "demand and capacity", f"{ES}/registers/capacity"),
    ("G5", "bed capacity", f"{ES}/registers/capacity"),
    ("G6", "SID", f"{ES}/registers/datasets/sussex-integrated-dataset"),
    ("G6", "integrated dataset", f"{ES}/registers/datasets"),
    ("H1", "source documents", f"{ES}/years/2017-18/printed"),
    ("H1", "data package", f"{ES}/years/2017-18/printed"),
    ("H2", "recomputing and freezing", "/about/figures"),
    ("H2", "difference since the last snapshot", f"{ES}/years/2017-18/changes"),
    ("H3", "roles and access", "/about/roles"),
    ("H3", "permissions", "/about/roles"),
]


@pytest.fixture(scope="module", autouse=True)
def data(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Both packages, loaded once for all tests here and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        loading.load([FIXTURES / "east-sussex", FIXTURES / "mid-essex"], progress=print)
        yield
        transaction.set_rollback(True)


def results(found: Answer) -> list[set[str]]:
    """What is found, as it is shown: each result with everywhere that it leads to."""
    rows = [
        [{hit.href} for group in part for hit in group.hits] for part in (found.first, found.rest)
    ]
    pages = [{link.href for link in page.links} for page in found.pages]
    return [*rows[0], *pages, *rows[1]]


def test_each_name_of_the_documents_leads_first_or_second_to_its_page():
    sue = a_person("sue", Role.SITE_ADMINISTRATOR)
    wrong = {}
    for system, name, href in NAMES:
        found = results(answer_to(sue, name))
        if not any(href in result for result in found[:2]):
            wrong[system, name] = [sorted(result)[:3] for result in found[:4]]
    assert wrong == {}


def test_every_system_of_the_documents_has_two_names_in_the_table():
    systems = [*(f"A{n}" for n in range(1, 8)), *(f"B{n}" for n in range(1, 5)),
               *(f"C{n}" for n in range(1, 7)), "D1", "D2", "D3", "D5", "D6",
               *(f"E{n}" for n in range(1, 10)), *(f"F{n}" for n in range(1, 5)),
               *(f"G{n}" for n in range(1, 7)), "H1", "H2", "H3"]  # fmt: skip
    named = [system for system, _, _ in NAMES]
    assert {system for system in systems if named.count(system) < 2} == set()


def test_a_page_is_not_named_for_a_system_in_which_it_is_empty():
    sue = a_person("sue", Role.SITE_ADMINISTRATOR)
    for name, system in (("action tracker", "east-sussex"), ("workstreams", "east-sussex")):
        (first, *_) = answer_to(sue, name).pages
        assert [link.system for link in first.links] == [system]
