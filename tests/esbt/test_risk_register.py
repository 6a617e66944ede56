"""The register of risks, and the recovery board's question about them."""

import pytest

from finance.services import RiskMoneySpec, save_risk_money
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person, a_pool, a_year
from tests.money import pounds
from tests.web import browser_of, table, text

pytestmark = pytest.mark.django_db

API = "/api/v1/systems/valley/years/2018-19"
NOW = "state=provisional&as_of=2018-09-12"


@pytest.fixture
def bert(valley):
    return browser_of(a_person("bert", Role.BOARD_MEMBER, system=valley.system))


@pytest.fixture
def register(valley):
    """Risks with a score, in a word alone, half rated and not rated; one past its review."""
    a_pool(valley.slice, valley.moor)
    known = {"system": "valley"}
    save_risks(
        by=None,
        specs=[
            RiskSpec(
                code="pay", name="Pay award", partner="hill", likelihood=4, impact=5,
                review="2018-06", mitigation="A reserve", **known,
            ),
            RiskSpec(code="beds", name="Beds", rating="high", pool="fund", **known),
            RiskSpec(code="half", name="Half", likelihood=2, **known),
            RiskSpec(code="winter", name="Winter", **known),
            RiskSpec(
                code="gone", name="Gone", likelihood=4, impact=5, status="closed", **known
            ),
        ],
    )  # fmt: skip


def test_the_map_keeps_the_unrated_apart(bert, register):
    page = bert.get("/systems/valley/risks?as_of=2018-09-12")
    said = text(page)
    assert "1 with likelihood 4, impact 5, score 20" in said
    assert "High, in a word: 1" in said
    assert "Low, in a word: none" in said
    assert "Not rated, which is not low: 2" in said
    assert "4 are open: 2 not rated, 3 without mitigation, 1 past review" in said
    names = [row["name"] for row in table(bert.get("/systems/valley/risks.csv"))]
    assert names[-2:] == ["Half", "Winter"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("hangs=pool", {"beds"}),
        ("hangs=system", {"half", "winter", "gone"}),
        ("partner=hill", {"pay"}),
        ("rating=unrated", {"half", "winter"}),
        ("rating=high", {"beds"}),
        ("likelihood=4&impact=5&status=open", {"pay"}),
        ("flag=past-review&as_of=2018-07-01", {"pay"}),
        ("flag=past-review&as_of=2018-06-30", set()),
        ("flag=unmitigated", {"beds", "half", "winter"}),
        ("q=award", {"pay"}),
        ("status=no-such", set()),
    ],
)
def test_filters_of_the_register(bert, register, query, codes):
    found = table(bert.get(f"/systems/valley/risks.csv?{query}"))
    assert {row["risk"] for row in found} == codes


def test_a_risk_has_its_money_gross_and_net_of_the_latest_year(bert, register, valley):
    money = RiskMoneySpec(
        risk="pay", pence=pounds("500_000"), stands_as="gross", mitigation_pence=pounds("200_000")
    )
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=[money])
    row = next(r for r in table(bert.get("/systems/valley/risks.csv")) if r["risk"] == "pay")
    assert (row["gross_gbp"], row["net_gbp"]) == ("500000.00", "300000.00")
    api = bert.get(f"{API}/risks").json()["rows"][0]
    assert (api["code"], api["workstream"], api["rating"]) == ("pay", None, None)


def test_money_of_which_nobody_says_the_basis_is_shown_and_in_no_sum(bert, register, valley):
    """Pay 0.5 gross less 0.2; winter 19.9, of which nobody says whether it is gross or net."""
    save_risk_money(
        by=None,
        slice_id=valley.slice.pk,
        specs=[
            RiskMoneySpec(
                risk="pay", pence=pounds("500_000"), stands_as="gross",
                mitigation_pence=pounds("200_000"),
            ),
            RiskMoneySpec(risk="winter", pence=pounds("19_900_000"), stands_as="not-stated"),
        ],
    )  # fmt: skip
    said = text(bert.get("/systems/valley/risks?flag=at-stake"))
    assert "19,900 not said whether gross or net" in said
    assert (
        "At stake in 2018/19: £0.50m gross and £0.30m net, each of the risks that state it. In no "
        "sum of gross or net: £19.90m of one risk, of which nobody says whether it is gross or "
        "net." in said
    )
    rows = {row["risk"]: row for row in table(bert.get("/systems/valley/risks.csv"))}
    winter = rows["winter"]
    assert (winter["stated_gbp"], winter["stands_as"]) == ("19900000.00", "not-stated")
    assert (winter["gross_gbp"], winter["net_gbp"]) == ("", "")
    assert rows["beds"]["stated_gbp"] == ""


def test_a_filter_that_is_not_there_is_told(bert, register):
    said = text(bert.get("/systems/valley/risks?flag=money&status=open"))
    assert "“money” is none of the choices of these filters" in said
    assert "“open”" not in said
    assert "none of the choices" not in text(bert.get("/systems/valley/risks?hangs=workstream"))


def test_the_third_question_is_answered_from_risks_of_its_year_alone(bert, valley, register):
    """Beds hold money of another year alone; the three others that are open are of no year."""
    later = a_year(valley.system, "2019-20")
    money = RiskMoneySpec(risk="beds", pence=pounds("5"), stands_as="net")
    save_risk_money(by=None, slice_id=later.pk, specs=[money])
    asked = f"{API}/questions?{NOW}"
    assert "3 risks are open" in bert.get(asked).json()["rows"][2]["sentence"]
    assert (
        "4 risks are open"
        in bert.get(asked.replace("2018-19", "2019-20", 1)).json()["rows"][2]["sentence"]
    )
    valley.slice.status = "closed"
    valley.slice.save()
    third = bert.get(asked).json()["rows"][2]
    assert (third["verdict"], third["evidence"]) == ("unknown", [])
    assert third["sentence"] == "No open risk is said to be of this year."


def test_the_register_has_as_many_queries_for_many(bert, register, query_count):
    bert.get("/systems/valley/risks")  # keeps what every page shows
    first = query_count(lambda: bert.get("/systems/valley/risks"))
    save_risks(
        by=None,
        specs=[
            RiskSpec(system="valley", code=f"r-{n}", name=f"R {n}", partner="moor", pool="fund")
            for n in range(300)
        ],
    )
    assert query_count(lambda: bert.get("/systems/valley/risks")) == first
