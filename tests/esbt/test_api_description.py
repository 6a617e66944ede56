"""What the API says of itself: each operation, its id, and that all of it is valid."""

import pytest
import schemathesis


def test_the_description_names_every_operation(client):
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.")
    operations = {
        (method, path) for path, methods in described["paths"].items() for method in methods
    }
    here = "/api/v1/systems/{system}"
    assert operations == {
        ("get", "/api/v1/search"),
        ("get", "/api/v1/systems"),
        ("get", here),
        ("get", f"{here}/partners"),
        ("get", f"{here}/years"),
        ("get", f"{here}/evaluations"),
        ("get", f"{here}/evaluations.csv"),
        ("get", f"{here}/years/{{year}}/schemes"),
        ("get", f"{here}/years/{{year}}/schemes.csv"),
        ("get", f"{here}/years/{{year}}/schemes/{{scheme}}"),
        ("get", f"{here}/years/{{year}}/savings"),
        ("get", f"{here}/years/{{year}}/savings.csv"),
        ("get", f"{here}/pools"),
        ("get", f"{here}/pools.csv"),
        ("get", f"{here}/pools/{{code}}"),
        ("get", f"{here}/pools/{{code}}/lines.csv"),
        ("get", f"{here}/pools/{{code}}/statements/{{year}}/{{quarter}}"),
        ("get", f"{here}/pools/{{code}}/statements/{{year}}/{{quarter}}/accounts.csv"),
        ("get", f"{here}/years/{{year}}/position"),
        ("get", f"{here}/years/{{year}}/risks"),
        ("get", f"{here}/years/{{year}}/reduction-plans"),
        ("get", f"{here}/years/{{year}}/questions"),
        ("get", f"{here}/years/{{year}}/lines"),
        ("get", f"{here}/years/{{year}}/lines/{{line}}/outturns"),
        ("post", f"{here}/years/{{year}}/outturns"),
        ("get", f"{here}/years/{{year}}/months/{{month}}/commentary"),
        ("put", f"{here}/years/{{year}}/months/{{month}}/outturns"),
        ("get", f"{here}/metrics"),
        ("get", f"{here}/metrics/{{metric}}"),
        ("get", f"{here}/metrics/{{metric}}/observations"),
        ("put", f"{here}/metrics/{{metric}}/observations"),
        ("get", f"{here}/frameworks"),
        ("get", f"{here}/frameworks/{{framework}}"),
        ("get", f"{here}/actions"),
        ("get", f"{here}/actions/{{code}}"),
        ("get", f"{here}/milestones"),
        ("get", f"{here}/risks"),
        ("get", f"{here}/workstreams"),
        ("get", f"{here}/calendar"),
        ("get", f"{here}/bodies"),
        ("get", f"{here}/bodies.csv"),
        ("get", f"{here}/bodies/{{code}}"),
        ("get", f"{here}/decisions"),
        ("get", f"{here}/decisions.csv"),
        ("get", f"{here}/registers"),
        ("get", f"{here}/registers/{{kind}}"),
        ("get", f"{here}/registers/{{kind}}.csv"),
        ("get", f"{here}/registers/{{kind}}/{{code}}"),
        ("put", f"{here}/registers/{{kind}}"),
        ("post", "/api/v1/risk-share"),
        ("get", f"{here}/agreements"),
        ("get", f"{here}/agreements/{{agreement}}"),
        ("get", f"{here}/sign-offs"),
        ("get", f"{here}/fund-plans"),
        ("get", f"{here}/fund-plans/{{plan}}"),
        ("get", f"{here}/fund-plans/{{plan}}/conditions"),
        ("get", f"{here}/fund-plans/{{plan}}/risks"),
        ("get", f"{here}/pools/{{code}}/shares"),
        ("post", f"{here}/pools/{{code}}/what-if"),
    }
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["security"]


def test_operations_keep_the_ids_by_which_programs_know_them(client):
    described = client.get("/api/v1/openapi.json").json()["paths"].values()
    ids = [
        operation["operationId"] for operations in described for operation in operations.values()
    ]
    assert len(ids) == len(set(ids))
    assert {
        "esbt_fund_plans_api_get_plan",
        "esbt_search_api_search",
        "finance_api_get_position",
        "finance_pools_api_list_pools",
        "outcomes_frameworks_api_get_framework",
        "schemes_api_list_systems",
    } <= set(ids)


def test_the_description_is_valid(client):
    described = client.get("/api/v1/openapi.json").json()
    schemathesis.openapi.from_dict(described).validate()
    described["paths"]["/api/v1/systems"]["get"]["parameters"] = [{"name": "nowhere"}]
    with pytest.raises(Exception, match="parameters"):
        schemathesis.openapi.from_dict(described).validate()
