"""The what-if for a pool over the API: any partners, nothing stored, faults with their places."""

import json

import pytest
from django.test import Client

from schemes.models import Change
from schemes.services.tokens import issue_token
from tests.factories import a_person

HERE = "/api/v1/risk-share"
ASKED = {
    "variance_pence": -100000,
    "contributions": {"The council": 4000000, "The ICB": 6000000},
    "rule": {"kind": "proportional"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask():
    """Somebody without any role, who asks by token."""
    client = Client(headers={"Authorization": f"Bearer {issue_token(user=a_person('sam'))}"})

    def ask(status=200, **more):
        answer = client.post(HERE, json.dumps(ASKED | more), content_type="application/json")
        assert answer.status_code == status, answer.content
        kind = "application/json" if status == 200 else "application/problem+json"
        assert answer["Content-Type"].startswith(kind)
        return answer.json()

    return ask


def test_partners_of_any_name_see_their_shares(ask):
    assert ask() == {
        "shares": {"The council": -40000, "The ICB": -60000},
        "risk_pool_pence": 0,
        "carried_forward_pence": 0,
        "explanation": "Overspend of £1,000 in proportion to contributions of £100,000: "
        "The ICB is to put in £60,000 (60.0%) over the year and bears £600; "
        "The council is to put in £40,000 (40.0%) over the year and bears £400.",
    }
    assert not Change.objects.exists()


def test_a_heading_that_no_part_has_is_refused(ask):
    rule = {
        "kind": "by_heading",
        "headings": {"bed": {"kind": "service"}},
        "otherwise": {"kind": "proportional"},
    }
    parts = [{"heading": "beds", "partner": "The ICB", "variance_pence": -100000}]
    (fault,) = ask(422, rule=rule, parts=parts)["errors"]
    assert fault["field"] == "rule.headings.bed"
    assert fault["message"].startswith("The pool has no heading 'bed'. Name one that it has: beds.")


def test_parts_and_rules_within_rules(ask):
    told = ask(
        rule={"kind": "risk_pool", "cap_pence": 40000, "then": {"kind": "service"}},
        parts=[
            {"heading": "beds", "partner": "The council", "variance_pence": -150000},
            {"heading": "beds", "partner": "The ICB", "variance_pence": 50000},
        ],
    )
    assert told["shares"] == {"The council": -90000, "The ICB": 30000}
    assert told["risk_pool_pence"] == -40000
    assert len(told["explanation"].splitlines()) == 3


def test_what_is_wrong_with_a_rule_is_told_with_its_path(ask):
    told = ask(422, rule={"kind": "fixed", "percent": {"The council": "40", "The ICB": "50"}})
    (error,) = told["errors"]
    assert (error["field"], error["value"]) == ("rule.percent", "90")
    assert "add to exactly 100" in error["message"]


def test_a_part_is_named_by_its_row(ask):
    parts = [
        {"heading": "beds", "partner": "The ICB", "variance_pence": -99990},
        {"heading": "beds", "partner": "The trust", "variance_pence": -10},
    ]
    (error,) = ask(422, parts=parts)["errors"]
    assert (error["row"], error["field"], error["value"]) == (2, "partner", "The trust")


@pytest.mark.parametrize(
    "more",
    [
        {"variance_pence": "1"},
        {"variance_pence": 10**40},
        {"contributions": {}},
        {"contributions": {f"p{number}": 1 for number in range(201)}},
        {"rule": None},
        {"rule": {"kind": ["proportional"]}},
        {"parts": [{"heading": "a", "partner": "The ICB", "variance_pence": -1}] * 1001},
        {"note": "x"},
    ],
)
def test_what_has_not_its_form_is_refused(ask, more):
    assert ask(422, **more)["errors"]


def test_the_largest_question_is_answered_in_good_time(ask):
    """Hundreds of partners and parts under a hundred rules hold no worker up."""
    pool = {f"p{number:03}": 10**9 + number for number in range(200)}
    parts = [
        {"heading": f"h{row % 40}", "partner": f"p{row % 200:03}", "variance_pence": -(10**6) - row}
        for row in range(1000)
    ]
    tiers = [{"up_to_pence": 10**6 * (end + 1), "rule": {"kind": "service"}} for end in range(98)]
    told = ask(
        variance_pence=sum(part["variance_pence"] for part in parts),
        contributions=pool,
        rule={"kind": "tiers", "tiers": [*tiers, {"rule": {"kind": "proportional"}}]},
        parts=parts,
    )
    assert len(told["shares"]) == 200


def test_the_description_tells_every_kind_with_an_example(client):
    described = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    kinds = described["RiskShareIn"]["properties"]["rule"]["discriminator"]["mapping"]
    assert len(kinds) == 10
    for kind, place in kinds.items():
        of_kind = described[place.rpartition("/")[2]]
        assert of_kind["description"]
        assert of_kind["examples"][0]["kind"] == kind
