"""A mistyped period: asked before it is saved, left out of the chart, and withdrawn."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.http import Http404
from django.test import Client

from esbt.kit.problems import Conflict, Refused
from outcomes.models import Observation, ObservationRevision
from outcomes.queries import series_of, verdicts_of
from outcomes.services import record_observations, withdraw_observation
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import FALLING, a_delay, monthly, record
from tests.outcomes.test_entering_values import fields

HERE = "/systems/valley/outcomes/metrics/delays"
SLIP = (date(2018, 9, 15), date(2018, 10, 14))  # October was meant
THERE = f"{HERE}/history?area=vale&starts={SLIP[0]}&ends={SLIP[1]}"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def a_slip(system):
    """Twenty-one months, and a value of which the period overlaps the last."""
    metric = a_delay(system)
    slip = replace(monthly("delays", "vale", [25])[0], starts=SLIP[0], ends=SLIP[1])
    record(system, slip)
    return metric


def withdraw(metric, by=None, reason="Typed for October", **changes):
    asked = {"area": "vale", "starts": SLIP[0], "ends": SLIP[1], "reason": reason} | changes
    withdraw_observation(by=by, metric=metric, **asked)


def test_a_period_that_overlaps_is_asked_about_before_it_is_saved(valley, cora):
    a_delay(valley.system)
    days = {"row0-starts": "2018-09-15", "row0-ends": "2018-10-14"}
    sent = fields(cora, f"{HERE}/enter") | days | {"row0-value": "25"}
    answer = cora.post(f"{HERE}/enter", sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "2018-09-15 to 2018-10-14 overlaps 2018-09-01 to 2018-09-30." in text
    assert 'name="meant"' in text
    assert 'value="25"' in text
    assert not Observation.objects.filter(ends=SLIP[1]).exists()
    assert cora.post(f"{HERE}/enter", sent | {"meant": "on"}).status_code == 302
    assert Observation.objects.filter(ends=SLIP[1]).exists()
    again = fields(cora, f"{HERE}/enter") | {"row0-value": "", "row1-value": "26"}
    assert cora.post(f"{HERE}/enter", again).status_code == 302  # it is known to overlap


def test_an_overlapping_pair_is_left_out_of_the_chart_and_the_rest_stays(valley, cora):
    metric = a_slip(valley.system)
    points = series_of([metric])["delays", "vale"].points
    assert [point.overlaps for point in points] == [False] * 20 + [True] * 2
    answer = cora.get(HERE)
    page = answer.context["page"]
    # without the last 24: mean 640 / 20 = 32.0
    assert {row["mean"] for row in page.rows[2:]} == {"32.0"}
    assert page.left_out == [
        "Left out of the chart and of every comparison, since their periods overlap: "
        "September 2018 and 15 September 2018 to 14 October 2018."
    ]
    assert page.left_out[0] in answer.content.decode()
    drawn = [trace for trace in page.chart.figure["data"] if trace.get("mode") == "markers"]
    assert sum(len(trace["x"]) for trace in drawn) == 20


def test_the_latest_value_of_the_list_is_the_latest_that_the_chart_uses(valley, cora):
    metric = a_slip(valley.system)  # September and a period that overlaps it are left out
    assert cora.get(HERE).context["page"].latest == {
        "value": "26 delayed days",
        "period": "August 2018",
        "standing": "",
        "change": "Up 2 delayed days on July 2018, adverse.",
        "signal": "common_cause",
    }
    said = verdicts_of([metric])["delays"]
    assert (said.value, said.starts, said.previous, said.counted) == (26, date(2018, 8, 1), 24, 20)
    listed = " ".join(cora.get("/systems/valley/outcomes").content.decode().split())
    assert "26<small>delayed days, August 2018</small>" in listed
    assert "2 values left out, since their periods overlap" in listed


def test_a_period_of_another_length_is_asked_about_and_then_left_out(valley, cora):
    a_delay(valley.system)
    was = cora.get(HERE).context["page"]
    sent = fields(cora, f"{HERE}/enter") | {"row0-ends": "2018-12-31", "row0-value": "6,400"}
    answer = cora.post(f"{HERE}/enter", sent)
    assert answer.status_code == 422
    said = "2018-10-01 to 2018-12-31 is longer than a month, and this metric is measured monthly."
    assert said in answer.content.decode()
    assert 'value="6,400"' in answer.content.decode()
    assert Observation.objects.count() == 21
    assert cora.post(f"{HERE}/enter", sent | {"meant": "on"}).status_code == 302
    page = cora.get(HERE).context["page"]
    assert (page.latest, page.variation, page.chart.figure) == (
        was.latest, was.variation, was.chart.figure,
    )  # fmt: skip
    assert page.left_out == [
        "Left out of the chart and of every comparison, since their periods are not as long as a "
        "month: October to December 2018."
    ]
    assert page.rows[0]["words"] == "longer than the metric's periods: not compared"
    listed = " ".join(cora.get("/systems/valley/outcomes").content.decode().split())
    assert "1 value of another length than a month left out" in listed
    assert "6,400" not in listed
    next_one = fields(cora, f"{HERE}/enter")
    assert next_one["row0-starts"] == "2018-10-01"  # the month after the last month


def test_a_period_without_a_value_overlaps_nothing(valley):
    metric = a_delay(valley.system)
    gap = replace(monthly("delays", "vale", [None])[0], starts=SLIP[0], ends=SLIP[1])
    saved = record_observations(by=None, system_id=valley.system.pk, entries=[gap])
    assert saved.warnings == []
    assert not any(point.overlaps for point in series_of([metric])["delays", "vale"].points)


def test_a_withdrawn_value_counts_in_nothing_and_keeps_its_history(valley):
    metric = a_slip(valley.system)
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    withdraw(metric, by=cora)
    points = series_of([metric])["delays", "vale"].points
    assert [point.value for point in points] == FALLING
    assert not any(point.overlaps for point in points)
    last = ObservationRevision.objects.get(ends=SLIP[1], revision=2)
    assert (last.standing, last.comment, last.actor) == ("withdrawn", "Typed for October", cora)
    metric.refresh_from_db()
    assert metric.change == 3
    with pytest.raises(Http404):
        withdraw(metric)  # once is enough
    anew = replace(monthly("delays", "vale", [24])[0], starts=SLIP[0], ends=SLIP[1])
    record(valley.system, anew)
    assert Observation.objects.get(ends=SLIP[1]).revision == 3


def test_who_withdraws_says_why_and_saw_what_stands(valley):
    metric = a_slip(valley.system)
    with pytest.raises(Refused, match="Say why this value is withdrawn"):
        withdraw(metric, reason=" ")
    with pytest.raises(Conflict):
        withdraw(metric, revision=2)
    with pytest.raises(Http404):
        withdraw(metric, by=a_person("bea", Role.BOARD_MEMBER, system=valley.system))
    assert Observation.objects.get(ends=SLIP[1]).value == Decimal(25)


def test_nobody_types_that_a_value_is_withdrawn(valley):
    a_delay(valley.system)
    entry = replace(monthly("delays", "vale", [None])[0], standing="withdrawn")
    with pytest.raises(Refused, match="Write one of final, provisional"):
        record(valley.system, entry)


def test_the_page_of_the_history_withdraws(valley, cora):
    a_slip(valley.system)
    assert cora.post(THERE, {"revision": "1", "reason": ""}).status_code == 422
    assert cora.post(THERE, {"revision": "1", "reason": "Typed <for> October"}).status_code == 302
    text = cora.get(THERE).content.decode()
    assert "Typed &lt;for&gt; October" in text
    assert "by cora" in text.lower()
    assert "Withdraw this value" not in text
    page = cora.get(HERE).context["page"]
    assert [item["period"] for item in page.withdrawn] == ["15 September 2018 to 14 October 2018"]
    assert page.left_out == []
    assert "row1-starts" in fields(cora, f"{HERE}/enter")
    bea = Client()
    bea.force_login(a_person("bea", Role.BOARD_MEMBER, system=valley.system))
    there = f"{HERE}/history?area=vale&starts=2018-09-01&ends=2018-09-30"
    assert "Withdraw this value" not in bea.get(there).content.decode()
    assert bea.post(there, {"revision": "1", "reason": "No"}).status_code == 404
