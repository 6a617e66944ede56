"""The results over the API: metrics, values with limits, values in as strict as money."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from outcomes.models import Observation, ObservationRevision
from outcomes.services import (
    AreaCodeSpec,
    FrameworkSpec,
    ItemLinkSpec,
    ItemSpec,
    ObservationEntry,
    StepSpec,
    TargetSpec,
    save_area_codes,
    save_frameworks,
    save_item_metrics,
    save_items,
    save_steps,
    save_targets,
)
from schemes.people.roles import Role
from schemes.services.reference import EvidenceSpec, SourceSpec, save_evidence, save_sources
from schemes.services.tokens import issue_token
from tests.factories import a_person
from tests.outcomes.measured import a_delay, a_share, monthly, record

pytestmark = pytest.mark.django_db

HERE = "/api/v1/systems/valley"
MAY = {"area": "vale", "starts": "2019-05-01", "ends": "2019-05-31"}


class Program:
    """A program with somebody's token."""

    def __init__(self, user) -> None:
        token = issue_token(user=user)
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, status: int = 200):
        answer = self.client.get(f"{HERE}/{path}")
        assert answer.status_code == status, answer.content
        return answer.json()

    def put(self, *rows: dict, status: int = 200, key: str = "", metric: str = "delays"):
        return self.put_answer({"rows": rows}, status=status, key=key, metric=metric).json()

    def put_answer(self, body, *, status: int = 200, key: str = "", metric: str = "delays"):
        answer = self.client.put(
            f"{HERE}/metrics/{metric}/observations",
            body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key} if key else {},
        )
        assert answer.status_code == status, answer.content
        return answer


@pytest.fixture
def cora(valley) -> Program:
    return Program(a_person("cora", Role.COMMISSIONER, system=valley.system))


def test_metrics_are_listed_with_what_their_charts_say(valley, cora):
    a_delay(valley.system)
    whole, part = cora.get("metrics")["rows"]
    assert (whole["code"], whole["direction"], whole["latest_value"]) == ("delays", "decrease", 24)
    assert whole["variation_type"] == "special_cause_improvement"
    assert whole["assurance_type"] is None
    assert (part["part_of"], part["latest_value"]) == ("delays", None)


def test_a_metric_is_described_with_targets_and_steps(valley, cora):
    a_delay(valley.system)
    on = date(2018, 3, 1)
    spec = {"system": "valley", "metric": "delays"}
    save_steps(by=None, specs=[StepSpec(on=on, reason="Home first", **spec)])
    save_targets(by=None, specs=[TargetSpec(code="a", value=Decimal("20.5"), **spec)])
    row = cora.get("metrics")["rows"][0]  # 490 / 14 before, 174 / 7 since
    assert (row["step"], row["mean_before"], round(row["mean_since"], 3)) == (
        "2018-03-01", 35, 24.857,
    )  # fmt: skip
    told = cora.get("metrics/delays")
    assert told["steps"] == [{"area": None, "on": "2018-03-01", "reason": "Home first"}]
    assert told["targets"][0]["value"] == 20.5
    assert (told["areas"], told["parts"]) == (["vale"], ["homes"])
    cora.get("metrics/none", status=404)


def test_values_come_with_limits_of_the_whole_series(valley, cora):
    a_delay(valley.system)
    rows = cora.get("metrics/delays/observations?area=vale&from=2018-08-01")["rows"]
    assert [row["starts"] for row in rows] == ["2018-08-01", "2018-09-01"]
    assert rows[-1]["mean"] == pytest.approx(664 / 21)
    assert rows[-1]["upl"] == pytest.approx(664 / 21 + 2.66 * 7.9)
    assert (rows[-1]["rule"], rows[-1]["point_type"]) == ("shift", "special_cause_improvement")
    assert cora.get("metrics/delays/observations?area=dale")["rows"] == []


def test_values_are_saved_all_or_none(valley, cora):
    a_delay(valley.system, [])
    told = cora.put({**MAY, "value": 31.2}, {**MAY, "area": "dale", "standing": "missing"})
    assert (told["created"], told["change"]) == (2, 1)
    assert told["rows"][0] == {
        **MAY,
        "revision": 1,
        "value": 31.2,
        "numerator": None,
        "denominator": None,
        "standing": "final",
    }
    assert Observation.objects.get(area__code="vale").value == Decimal("31.2")
    refused = cora.put(
        {**MAY, "value": 1, "revision": 1},
        {**MAY, "area": "hill", "value": 1},
        {**MAY, "area": "dale"},
        status=422,
    )
    assert [(e["row"], e["field"]) for e in refused["errors"]] == [(2, "area"), (3, "value")]
    assert ObservationRevision.objects.count() == 2


def test_a_figure_that_is_sent_again_keeps_its_document(valley, cora):
    a_delay(valley.system, [])
    save_sources(by=None, specs=[SourceSpec(code="paper", title="Paper")])
    place = EvidenceSpec(source="paper", place="Table 1", printed="31.2")
    (evidence,) = save_evidence(by=None, specs=[place])
    days = {"starts": date(2019, 5, 1), "ends": date(2019, 5, 31)}
    record(
        valley.system,
        ObservationEntry(
            metric="delays", area="vale", value=Decimal("31.2"), evidence_id=evidence, **days
        ),
    )
    assert cora.put({**MAY, "value": 31.2})["unchanged"] == 1
    assert Observation.objects.get().evidence_id == evidence
    assert cora.put({**MAY, "value": 31.3})["updated"] == 1
    assert Observation.objects.get().evidence_id is None


@pytest.mark.parametrize(
    "row",
    [
        {"value": "31.2"},
        {"value": True},
        {"vlaue": 1},
        {"value": 1, "ends": "2019-13-01"},
        {"value": 1, "metric": "delays"},
        {"value": 1, "revision": "1"},
    ],
)
def test_what_is_not_of_the_form_is_refused(valley, cora, row):
    a_delay(valley.system, [])
    cora.put({**MAY, **row}, status=422)
    assert not Observation.objects.exists()


def test_numbers_that_are_none_are_refused(valley, cora):
    a_delay(valley.system, [])
    for number in ("NaN", "Infinity", "1e400"):
        row = json.dumps(MAY)[:-1] + f', "value": {number}}}'
        cora.put_answer(f'{{"rows": [{row}]}}', status=422)
    assert not Observation.objects.exists()


def test_a_newer_value_is_told_and_kept(valley, cora):
    a_delay(valley.system, [])
    cora.put({**MAY, "value": 5, "revision": None})
    told = cora.put({**MAY, "value": 6, "revision": None}, status=409)
    assert told["code"] == "conflict"
    assert told["newer"] == [
        {
            **MAY, "revision": 1, "value": 5.0, "numerator": None, "denominator": None,
            "standing": "final",
        }
    ]  # fmt: skip
    assert cora.put({**MAY, "value": 6, "revision": 1})["updated"] == 1


def test_a_save_that_is_sent_twice_is_written_once(valley, cora):
    a_delay(valley.system, [])
    first = cora.put_answer({"rows": [{**MAY, "value": 5}]}, key="a")
    again = cora.put_answer({"rows": [{**MAY, "value": 5}]}, key="a")
    assert again["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    other = cora.put({**MAY, "value": 6}, key="a", status=422)
    assert other["errors"][0]["field"] == "Idempotency-Key"
    assert ObservationRevision.objects.count() == 1


def test_overlaps_are_kept_with_a_warning_and_readers_save_nothing(valley, cora):
    a_delay(valley.system, [])
    cora.put({**MAY, "value": 5})
    told = cora.put({**MAY, "starts": "2019-05-15", "ends": "2019-06-14", "value": 5})
    assert told["warnings"][0]["message"].endswith("Both are kept, marked, and never added.")
    told = cora.put({**MAY, "starts": "2019-01-01", "ends": "2019-03-31", "value": 15})
    (warning,) = told["warnings"]
    assert (warning["row"], warning["field"]) == (1, "ends")
    assert warning["message"].startswith("2019-01-01 to 2019-03-31 is longer than a month, and")
    misfits = [row["misfit"] for row in cora.get("metrics/delays/observations")["rows"]]
    assert misfits == ["longer", "", ""]
    bert = Program(a_person("bert", Role.BOARD_MEMBER, system=valley.system))
    bert.put({**MAY, "value": 9}, status=404)


def test_counts_make_a_percentage(valley, cora):
    a_share(valley.system, [("vale", 2, 3)])
    (row,) = cora.put({**MAY, "numerator": 1, "denominator": 8}, metric="home")["rows"]
    assert row["value"] == 12.5


def test_frameworks_say_what_is_expected_and_entered(valley, cora):
    a_delay(valley.system, [])
    first = {"system": "valley", "framework": "first"}
    save_frameworks(
        by=None,
        specs=[FrameworkSpec(system="valley", code="first", name="First", expected_outcomes=18)],
    )
    save_items(
        by=None,
        specs=[
            ItemSpec(code="health", level="domain", name="Health", **first),
            ItemSpec(code="well", level="objective", name="Well", parent="health", **first),
        ],
    )
    save_item_metrics(by=None, specs=[ItemLinkSpec(item="well", to="delays", **first)])
    (row,) = cora.get("frameworks")["rows"]
    assert (row["entered_domains"], row["entered_objectives"]) == (1, 1)
    assert (row["expected_outcomes"], row["entered_outcomes"]) == (18, 0)
    domain, item = cora.get("frameworks/first")["items"]
    assert (domain["parent"], item["parent"], item["metrics"]) == (None, "health", ["delays"])
    cora.get("frameworks/none", status=404)


@pytest.mark.parametrize("path", ["metrics", "metrics/delays", "metrics/delays/observations"])
def test_the_number_of_queries_does_not_grow(valley, cora, query_count, path):
    a_delay(valley.system, [1])
    few = query_count(lambda: cora.get(path))
    record(valley.system, *monthly("delays", "vale", range(60)))
    record(valley.system, *monthly("homes", "dale", range(60)))
    assert query_count(lambda: cora.get(path)) == few


def test_an_area_is_named_by_any_of_its_codes(valley, cora):
    a_delay(valley.system, [])
    spec = AreaCodeSpec(registry="ONS", code="E10000011", area="vale")
    save_area_codes(by=None, specs=[spec])
    told = cora.put({**MAY, "area": "e10000011", "value": 31})
    assert told["rows"][0]["area"] == "vale"
    cora.put({**MAY, "area": "VALE", "starts": "2019-05-02", "ends": "2019-05-02", "value": 3})
    for code in ("E10000011", "Vale", "vale"):
        assert len(cora.get(f"metrics/delays/observations?area={code}")["rows"]) == 2
    refused = cora.get("metrics/delays/observations?area=nowhere", status=422)
    assert refused["errors"][0]["field"] == "area"
    twice = cora.put({**MAY, "value": 1}, {**MAY, "area": "E10000011", "value": 2}, status=422)
    assert "stand here twice (row 1)" in twice["errors"][0]["message"]


def test_a_number_that_is_text_is_a_fault_of_its_field(valley, cora):
    a_delay(valley.system, [])
    refused = cora.put({**MAY, "value": "92.5"}, status=422)
    (error,) = refused["errors"]
    assert error["field"] == "value"
    assert error["row"] == 1
