"""The page of a metric: what it says, draws and lists, and how many queries it takes."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from esbt.kit.problems import Refused
from outcomes.models import Metric
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    StepSpec,
    TargetSpec,
    save_areas,
    save_metrics,
    save_steps,
    save_targets,
)
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import a_delay, monthly, record

pytestmark = pytest.mark.django_db

HERE = "/systems/valley/outcomes/metrics/delays"


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def page_of(browser, address: str = HERE):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.context["page"]


def text_of(browser, address: str = HERE) -> str:
    return " ".join(browser.get(address).content.decode().split())


def test_the_page_says_what_the_chart_says(valley, cora):
    a_delay(valley.system)
    page = page_of(cora)
    assert page.latest == {
        "value": "24 delayed days",
        "period": "September 2018",
        "standing": "",
        "change": "Down 2 delayed days on August 2018, favourable.",
        "signal": "special_cause_improvement",
    }
    said = "Special cause improvement: the last seven points lie below the mean."
    assert page.variation == said
    assert page.chart.title == said.rstrip(".")
    assert not page.provisional
    text = text_of(cora)
    assert "Vale. Lower is better." in text
    assert "No target is set." in text


def test_a_step_is_drawn_with_its_reason_and_its_short_limits_are_provisional(valley, cora):
    a_delay(valley.system)
    save_steps(
        by=None,
        specs=[
            StepSpec(
                system="valley", metric="delays", on=date(2018, 3, 1), reason="Home first <began>"
            )
        ],
    )
    page = page_of(cora)
    assert page.provisional
    # before: 490 / 14, since: 174 / 7
    said = "the mean was 35.0 before March 2018 and is 24.9 since"
    assert page.variation == f"Common cause variation since the step: {said}."
    assert page.chart.title == f"Common cause variation since the step: {said}"
    assert "The mean was 35.0 before March 2018 and is 24.9 since." in page.chart.alt
    assert said in text_of(cora, "/systems/valley/outcomes")
    (label,) = page.chart.figure["layout"]["annotations"]
    assert label["text"] == "Home first &lt;began&gt;"
    assert label["x"] == "2018-03-01"
    assert page.rows[0]["mean"] == "24.9"  # 174 / 7
    assert page.rows[-1]["mean"] == "35.0"


def test_reasons_of_near_steps_lean_apart(valley, cora):
    a_delay(valley.system)
    save_steps(
        by=None,
        specs=[
            StepSpec(system="valley", metric="delays", on=date(2018, month, 1), reason="Home first")
            for month in (2, 3)
        ],
    )
    labels = page_of(cora).chart.figure["layout"]["annotations"]
    assert [label["xanchor"] for label in labels] == ["right", "left"]


def test_the_areas_that_the_metric_names_are_offered_before_all_others(valley, cora):
    a_delay(valley.system)
    record(valley.system, *monthly("delays", "dale", [90]), *monthly("delays", "land", [900]))
    groups = cora.get(HERE).context["places"]
    names = [(label, [place["name"] for place in group]) for label, group in groups]
    assert names == [
        ("Its own area and comparators", ["The land", "Vale"]),
        ("Other areas", ["Dale"]),
    ]


def test_targets_are_held_by_direction_whatever_their_words(valley, cora):
    a_delay(valley.system)
    save_targets(
        by=None,
        specs=[
            TargetSpec(
                system="valley", metric="delays", code="a", value=Decimal(60), words="exceed 60"
            ),
            TargetSpec(system="valley", metric="delays", code="b", words="fewer than elsewhere"),
            TargetSpec(
                system="valley",
                metric="delays",
                code="c",
                starts=date(2040, 1, 1),
                value=Decimal(0),
            ),
        ],
    )
    page = page_of(cora)
    assert page.assurance == (
        "Consistently meets its target: both limits lie on the better side of it, so it can be "
        "expected to be met. Target: 60 delayed days."
    )
    values = {row["value"].text for row in page.targets}
    assert values == {"60 delayed days or less", "no value", "0 delayed days"}
    assert "fewer than elsewhere" in text_of(cora)


def test_missing_and_suppressed_are_words_and_never_zero(valley, cora):
    a_delay(valley.system, [30, None, 31])
    starts, ends = date(2017, 4, 1), date(2017, 4, 30)
    hidden = replace(
        monthly("delays", "vale", [None])[0], starts=starts, ends=ends, standing="suppressed"
    )
    record(valley.system, hidden)
    rows = page_of(cora).rows
    assert [row["value"].text for row in rows] == ["suppressed", "31", "not stated", "30"]


def test_overlapping_periods_are_listed_and_not_charted(valley, cora):
    a_delay(valley.system, [])
    Metric.objects.update(frequency="yearly")
    year = replace(monthly("delays", "vale", [5])[0], starts=date(2014, 4, 1))
    record(
        valley.system,
        replace(year, ends=date(2015, 3, 31)),
        replace(year, starts=date(2014, 10, 1), ends=date(2015, 9, 30)),
    )
    page = page_of(cora)
    assert page.chart is None
    assert page.variation.startswith("Periods overlap")
    assert page.latest["change"] == ""
    assert [row["words"] for row in page.rows] == ["overlaps another period"] * 2


def test_nothing_entered_is_said(valley, cora):
    a_delay(valley.system, [])
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                system="valley", code="aim", name="Aim", direction="increase",
                no_target="the year is a baseline",
            )
        ],
    )  # fmt: skip
    assert "No value entered." in text_of(cora)
    text = text_of(cora, HERE.replace("delays", "aim"))
    assert "No target by decision: the year is a baseline" in text


def test_counts_of_areas_of_different_sizes_are_not_drawn_beside_each_other(valley, cora):
    a_delay(valley.system)
    record(valley.system, *monthly("delays", "land", [9000, 9100]))
    page = page_of(cora)
    assert page.beside == (
        "The land not drawn beside it: counts of areas of different sizes do not compare."
    )
    assert "The land" not in {trace["name"] for trace in page.chart.figure["data"]}
    assert [tile.name for tile in page.areas.tiles] == ["The land", "Vale"]


def test_parts_stand_on_one_scale_each_with_its_words(valley, cora):
    a_delay(valley.system)
    record(valley.system, *monthly("homes", "vale", [10, 12, 11]))
    (group,) = page_of(cora).parts
    assert group.kind == "reason"
    (tile,) = group.tiles.tiles
    assert tile.latest == "11 delayed days, March 2017"
    assert tile.words.startswith("Common cause variation")
    assert tile.href == f"{HERE.replace('delays', 'homes')}?area=vale"


def test_the_csv_holds_the_numbers_of_the_page(valley, cora):
    a_delay(valley.system)
    rows = list(csv.DictReader(io.StringIO(cora.get(f"{HERE}.csv").content.decode())))
    shown = page_of(cora).rows
    assert [row["value"] for row in rows] == [row["value"].text for row in reversed(shown)]
    for row, other in zip(rows, reversed(shown), strict=True):
        assert f"{float(row['mean']):.1f}" == other["mean"]
        limits = f"{float(row['lower_limit']):.1f} to {float(row['upper_limit']):.1f}"
        assert limits == other["limits"]
    assert rows[-1]["point_type"] == "special_cause_improvement"
    assert rows[-1]["rule"] == "shift"


def test_a_value_has_its_history(valley, cora):
    a_delay(valley.system, [30, 31])
    record(valley.system, *monthly("delays", "vale", [29]))
    text = text_of(cora, f"{HERE}/history?area=vale&starts=2017-01-01&ends=2017-01-31")
    assert text.index("29 delayed days") < text.index("30 delayed days")
    assert cora.get(f"{HERE}/history?starts=2017-01-01&ends=x").status_code == 404


def test_only_areas_with_values_are_shown(valley, cora):
    a_delay(valley.system)
    assert cora.get(f"{HERE}?area=dale").status_code == 404
    assert cora.get(f"{HERE}?area=land").status_code == 404


def test_the_number_of_queries_does_not_grow(valley, cora, query_count):
    a_delay(valley.system, [1, 2])
    record(valley.system, *monthly("delays", "dale", [1, 2]))
    cora.get("/")
    cold = query_count(lambda: page_of(cora))
    warm = query_count(lambda: page_of(cora))
    save_areas(
        by=None,
        specs=[AreaSpec(code=f"a{n}", name=f"A{n}", kind="council") for n in range(10)],
    )
    record(
        valley.system,
        *(e for n in range(10) for e in monthly("delays", f"a{n}", range(100))),
        *monthly("homes", "vale", range(100)),
    )
    assert query_count(lambda: page_of(cora)) == cold <= 8
    assert query_count(lambda: page_of(cora)) == warm <= 5


def test_a_metric_of_many_areas_shows_the_chosen_one(valley, cora):
    a_delay(valley.system, [])
    codes = [f"a{number}" for number in range(13)]
    save_areas(by=None, specs=[AreaSpec(code=code, name=code, kind="council") for code in codes])
    spec = MetricSpec(system="valley", code="wide", name="Wide")
    save_metrics(by=None, specs=[spec])
    record(valley.system, *(entry for code in codes for entry in monthly("wide", code, [7])))
    there = HERE.replace("delays", "wide")
    assert page_of(cora, there).latest["value"] == "7"
    assert page_of(cora, f"{there}?area=a12").latest["value"] == "7"
    assert "no area is shown first" in text_of(cora, "/systems/valley/outcomes")


def a_target(code: str, value: int | None, starts: date | None, **more) -> None:
    number = None if value is None else Decimal(value)
    spec = TargetSpec(
        system="valley", metric="delays", code=code, value=number, starts=starts, **more
    )
    save_targets(by=None, specs=[spec])


def test_two_targets_without_days_are_told_as_such(valley, cora):
    a_delay(valley.system)
    a_target("a", 900, None)
    a_target("b", 800, None)
    said = (
        "Of two targets no days are stated: 900 delayed days and 800 delayed days. "
        "The first of them is used."
    )
    assert page_of(cora).clashes == [said]


def test_two_targets_that_hold_at_once_are_told(valley, cora):
    a_delay(valley.system)
    a_target("a", 900, date(2017, 4, 1), ends=date(2018, 3, 31))
    a_target("b", 800, date(2018, 4, 1))
    a_target("own", 700, date(2018, 4, 1), area="vale")  # an area's own comes before, rightly
    assert page_of(cora).clashes == []
    a_target("c", 850, date(2018, 3, 1), ends=date(2018, 3, 31))
    said = (
        "Two targets hold at once: 900 delayed days and 850 delayed days. "
        "The one that starts later is used."
    )
    assert page_of(cora).clashes == [said]
    assert said in text_of(cora)
    keeper = Client()
    keeper.force_login(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))
    answer = keeper.post(f"{HERE}/targets/c", {"value": "860", "starts": "2018-03-01"}, follow=True)
    # once as a warning of the save, once beside the targets
    assert answer.content.decode().count("900 delayed days and 860 delayed days") == 2


def test_a_target_says_something(valley):
    a_delay(valley.system)
    with pytest.raises(Refused, match="Give the target a value, or say in words"):
        a_target("empty", None, date(2018, 4, 1))
