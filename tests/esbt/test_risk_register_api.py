"""The register of risks over the API: what its page and CSV say."""

import pytest
from django.test import Client

from finance.services import RiskMoneySpec, save_risk_money
from schemes.people.roles import Role
from schemes.services.risks import RiskSpec, save_risks
from tests.factories import a_person

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/systems/valley/risks"


@pytest.fixture
def bert(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    return browser


def test_risks_come_with_rating_review_and_money_apart(valley, bert):
    """50 gross less 20 is 30 net; of 199 nobody says whether it is gross or net."""
    rated = {"likelihood": 4, "impact": 5, "review": "2018-06", "mitigation": "A reserve"}
    specs = [
        RiskSpec(system="valley", code="pay", name="Pay award", partner="hill", **rated),
        RiskSpec(system="valley", code="winter", name="Winter"),
        RiskSpec(system="valley", code="gone", name="Gone", status="closed"),
    ]
    save_risks(by=None, specs=specs)
    money = [
        RiskMoneySpec(risk="pay", pence=5000, stands_as="gross", mitigation_pence=2000),
        RiskMoneySpec(risk="winter", pence=19900, stands_as="not-stated"),
    ]
    save_risk_money(by=None, slice_id=valley.slice.pk, specs=money)
    found = bert.get(f"{ADDRESS}?as_of=2018-07-01").json()
    assert {name: found[name] for name in ("year", "as_of", "count", "open", "unrated")} == {
        "year": "2018-19", "as_of": "2018-07-01", "count": 3, "open": 2, "unrated": 1,
    }  # fmt: skip
    rows = {row["code"]: row for row in found["rows"]}
    pay, winter = rows["pay"], rows["winter"]
    assert (pay["score"], pay["partner"], pay["hangs_on"]) == (20, "hill", ["partner"])
    assert (pay["gross_pence"], pay["mitigations_pence"], pay["net_pence"]) == (5000, 2000, 3000)
    assert (pay["past_review"], winter["past_review"]) == (True, False)
    assert (winter["stated_pence"], winter["gross_pence"], winter["score"]) == (19900, None, None)
    assert not bert.get(f"{ADDRESS}?as_of=2018-06-30").json()["rows"][0]["past_review"]


def test_it_asks_the_same_of_few_risks_and_of_many(valley, bert, query_count):
    def asked(count: int) -> int:
        specs = [RiskSpec(system="valley", code=f"r{n}", name=f"R {n}") for n in range(count)]
        save_risks(by=None, specs=specs)
        return query_count(lambda: bert.get(ADDRESS))

    asked(1)
    assert asked(3) == asked(300)
