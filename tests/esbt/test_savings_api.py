"""The plan of East Sussex and the valley's savings over the API."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.test import Client

from esbt import loading
from finance.rollups import recompute
from schemes.models import Slice
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, save_schemes
from schemes.services.tokens import issue_token
from tests.factories import a_person, approve, evenly, report
from tests.money import pounds

FIXTURES = Path(__file__).parents[2] / "fixtures"
EAST = "/api/v1/systems/east-sussex/years"
HERE = "/api/v1/systems/valley/years/2018-19"

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db) -> Client:
    """A commissioner's program that sees every system."""
    user = a_person("cora", Role.SITE_ADMINISTRATOR)
    return Client(headers={"Authorization": f"Bearer {issue_token(user=user)}"})


@pytest.fixture
def east_sussex(db) -> None:
    loading.load([FIXTURES / "east-sussex"], progress=lambda line: None)


# the schedule prints these, in thousands of pounds
SCHEDULE = {
    "healthy-living": (3770, 2688),
    "proactive-care": (28944, 24025),
    "accommodation-bedded-care": (2720, 4080),
    "prescribing": (5314, 7167),
    "mental-health": (1867, 4830),
    "planned-care": (9862, 19995),
    "learning-disability": (160, 790),
    "childrens-services": (36, 69),
    "unnamed-efficiency": (1000, 3000),
}


@pytest.mark.parametrize(
    ("year", "column", "total"),
    [("2017-18", 0, "53_673_000"), ("2018-19", 1, "66_644_000")],
)
def test_nine_schemes_add_to_what_the_plan_prints(east_sussex, program, year, column, total):
    told = program.get(f"{EAST}/{year}/schemes").json()
    tops = {row["code"]: row for row in told["rows"] if row["parent"] is None}
    assert {code: row["saving_plan_pence"] for code, row in tops.items()} == {
        code: pounds(f"{figures[column]}_000") for code, figures in SCHEDULE.items()
    }
    assert sum(row["saving_plan_pence"] for row in tops.values()) == pounds(total)
    assert told["total"]["saving_plan_pence"] == pounds(total)
    assert told["total"]["gross_budget_pence"] == pounds("864_554_000")
    assert {row["gross_budget_pence"] for row in told["rows"]} == {None}
    assert {row["ytd_actual_pence"] for row in told["rows"]} == {None}
    assert told["total"]["ytd_actual_pence"] is None


def test_what_is_ours_or_inferred_says_so(east_sussex, program):
    rows = {row["code"]: row for row in program.get(f"{EAST}/2017-18/schemes").json()["rows"]}
    assert [code for code, row in rows.items() if row["working_label"]] == ["unnamed-efficiency"]
    assert rows["planned-care"]["state"] == "printed"
    assert rows["urgent-care"]["parent"] == "proactive-care"
    assert rows["urgent-care"]["state"] == "missing"
    assert rows["urgent-care"]["saving_plan_pence"] is None


def test_investments_stand_outside_the_schemes(east_sussex, program):
    told = program.get(f"{EAST}/2017-18/schemes").json()
    assert {row["code"] for row in told["investments"]} == {
        "crisis-response",
        "frailty-practitioner-service",
        "enhanced-hospital-intervention-team",
        "integrated-support-workers",
        "proactive-care-practitioners",
        "falls-fracture-liaison",
        "locality-planning-delivery",
    }
    assert all(row["saving_plan_pence"] is None for row in told["investments"])


def test_no_answer_adds_the_two_years(east_sussex, program):
    both = pounds("120_317_000")  # 53,673 + 66,644
    for year in ("2017-18", "2018-19"):
        for path in ("schemes", "schemes/planned-care", "savings"):
            assert str(both) not in program.get(f"{EAST}/{year}/{path}").content.decode()
    assert Slice.objects.filter(system__code="east-sussex").count() == 3


def test_evaluations_of_the_six_investments(east_sussex, program):
    rows = program.get("/api/v1/systems/east-sussex/evaluations").json()["rows"]
    assert len(rows) == 9
    six = [row for row in rows if row["place"] == "Paragraph 2.13"]
    assert len(six) == 6
    assert {row["kind"] for row in six} == {"investment"}
    assert {row["effect_on_discharge"] for row in six} == {"positive"}
    assert {row["decision"] for row in rows} == {""}
    text = program.get("/api/v1/systems/east-sussex/evaluations.csv").content.decode()
    assert len(list(csv.DictReader(io.StringIO(text)))) == 9


@pytest.fixture
def falls(valley):
    """One scheme with two months, the first approved."""
    specs = [SchemeSpec(system="valley", code="falls", name="Falls", purpose="To stop them.")]
    save_schemes(by=None, specs=specs)
    line = valley.line(valley.moor, "saving", "falls", scheme="falls")
    valley.plan({line: evenly("1_200_000")})
    report(line, 1, "80_000", "1_100_000")
    approve(valley.slice, 1, valley.moor)
    report(line, 2, "210_000", "1_250_000")
    recompute(valley.slice.pk)
    return line


def test_published_and_provisional_savings(falls, program):
    published = program.get(f"{HERE}/schemes").json()
    assert published["month"] == 1
    (row,) = published["rows"]
    assert row["ytd_actual_pence"] == pounds("80_000")
    assert row["variance_pence"] == pounds("-20_000")
    assert row["direction"] == "adverse"
    assert row["forecast_variance_pence"] == pounds("-100_000")
    assert row["status"] == "red"
    (row,) = program.get(f"{HERE}/schemes?state=provisional").json()["rows"]
    assert row["variance_pence"] == pounds("10_000")
    assert row["status"] == "green"


def test_one_scheme_with_its_months(falls, program):
    told = program.get(f"{HERE}/schemes/falls?state=provisional").json()
    assert told["purpose"] == "To stop them."
    assert [month["ytd_actual_pence"] for month in told["months"][:3]] == [
        pounds("80_000"),
        pounds("210_000"),
        None,
    ]
    assert program.get(f"{HERE}/schemes/rise").status_code == 404


def test_savings_by_month(falls, program):
    rows = program.get(f"{HERE}/savings?state=provisional").json()["rows"]
    assert len(rows) == 12
    assert rows[1] == {
        "month": 2,
        "ytd_plan_pence": pounds("200_000"),
        "ytd_actual_pence": pounds("210_000"),
        "forecast_pence": pounds("1_250_000"),
        "lines": 1,
        "reported": 1,
    }
    assert rows[2]["ytd_actual_pence"] is None


def test_csv_of_each_holds_the_same(falls, program):
    text = program.get(f"{HERE}/schemes.csv?state=provisional").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [
        (row["row"], row["scheme"], row["actual_to_date_gbp"], row["variance_gbp"]) for row in rows
    ] == [
        ("scheme", "falls", "210000.00", "10000.00"),
        ("total", "", "210000.00", "10000.00"),
    ]
    months = csv.DictReader(
        io.StringIO(program.get(f"{HERE}/savings.csv?state=provisional").content.decode())
    )
    assert [row["actual_to_date_gbp"] for row in months][:3] == ["80000.00", "210000.00", ""]


def test_as_it_was_known_before(falls, valley, program):
    report(falls, 2, "250_000")
    recompute(valley.slice.pk)
    when = valley.slice.changes.order_by("-number")[1].at.isoformat()
    told = program.get(f"{HERE}/schemes", {"state": "provisional", "as_at": when}).json()
    assert told["rows"][0]["ytd_actual_pence"] == pounds("210_000")
    now = program.get(f"{HERE}/schemes", {"state": "provisional"}).json()
    assert now["rows"][0]["ytd_actual_pence"] == pounds("250_000")


def test_filters_leave_the_total_alone(falls, valley, program):
    save_schemes(by=None, specs=[SchemeSpec(system="valley", code="beds", name="Beds")])
    recompute(valley.slice.pk)
    told = program.get(f"{HERE}/schemes?q=bed").json()
    assert [row["code"] for row in told["rows"]] == ["beds"]
    assert told["total"]["saving_plan_pence"] == pounds("1_200_000")


def test_the_programme_of_a_trust_is_flagged_where_it_is_odd(sue_pages):
    """Health and Wellbeing: 101 at month 6, then nothing; CNS Remodel planned at 51 and 69."""
    year = "/systems/community-trust/years/2014-15"

    def said(path: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", sue_pages.get(path).content.decode()).split())

    seventh = said(f"{year}/schemes?month=7")
    assert "Health and Wellbeing 202 0 fell from 101 plan 118 (118) ▼ adverse" in seventh
    sixth = sue_pages.get(f"{year}/schemes?month=6").content.decode()
    assert "suspect" in sixth[sixth.index("Health and Wellbeing") :][:2000]
    eighth = said(f"{year}/schemes")
    assert "Service Reviews planned with several amounts 2,910" in eighth
    assert "Health and Wellbeing 202 0 fell from 101 plan 135" in eighth  # and still a month later
    plans = said(f"{year}/schemes/service-reviews/savings")
    assert "2,525" in plans
    totals = said(f"{year}/printed")
    assert "4,823" in totals
    assert "4,825" in totals
    assert "differs by what rounding of its parts can explain" in totals.casefold()


@pytest.fixture
def sue_pages(db) -> Client:
    loading.load([FIXTURES / "community-trust"], progress=lambda line: None)
    browser = Client()
    browser.force_login(a_person("sue", Role.SITE_ADMINISTRATOR))
    return browser
