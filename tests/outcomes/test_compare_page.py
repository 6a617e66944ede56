"""Areas compared in a period: ranks, funnel limits by hand, comparators, and the CSV."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from outcomes.charts.compare import Limits, Placed, limits_of, side_of
from outcomes.figures.metric import Measure
from outcomes.models import Metric, Observation
from outcomes.services import AreaSpec, save_areas
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import a_delay, a_share, monthly, record

HERE = "/systems/valley/outcomes/compare"
SHARES = [("vale", 60, 100), ("dale", 80, 100), ("hill", 85, 100), ("moor", 375, 500)]
PERCENT = Measure("Home", "percent", "", 1, "increase", 100)
RATE = replace(PERCENT, unit="rate", per=1000)


def placed(above: int, below: int, measure: Measure = PERCENT) -> Placed:
    value = Decimal(above) / below * measure.per
    return Placed("a", "A", value, Decimal(above), Decimal(below))


def test_funnel_limits_of_a_percentage_by_hand():
    limits = limits_of(PERCENT, [placed(above, below) for _, above, below in SHARES])
    assert limits == Limits(0.75, 100, True)  # 600 / 800
    # 0.75 -+ 1.96 x sqrt(0.75 x 0.25 / 100) = 0.75 -+ 0.08487
    assert limits.at(100, 1.96) == pytest.approx((66.513, 83.487), abs=1e-3)
    # 0.75 -+ 3.09 x 0.0433 = 0.75 -+ 0.1338
    assert limits.at(100, 3.09) == pytest.approx((61.620, 88.380), abs=1e-3)
    assert limits.at(1, 3.09) == (0, 100)
    assert side_of(placed(60, 100), limits) == ("below", "99.8%")
    assert side_of(placed(85, 100), limits) == ("above", "95%")
    assert side_of(placed(80, 100), limits) == ("", "")


def test_funnel_limits_of_a_rate_by_hand():
    areas = [placed(10, 1000, RATE), placed(20, 1000, RATE), placed(60, 7000, RATE)]
    limits = limits_of(RATE, areas)
    assert limits == Limits(0.01, 1000, False)  # 90 / 9000
    # 10 -+ 1.96 x sqrt(0.01 / 1000) x 1000 = 10 -+ 6.198
    assert limits.at(1000, 1.96) == pytest.approx((3.802, 16.198), abs=1e-3)
    assert side_of(areas[1], limits) == ("above", "99.8%")  # 10 + 9.771


def test_there_is_no_funnel_of_counts_or_of_two_areas():
    areas = [placed(1, 2), placed(1, 2)]
    assert limits_of(PERCENT, areas) is None
    assert limits_of(replace(PERCENT, unit="number"), [*areas, placed(1, 2)]) is None
    beside = replace(placed(1, 2), is_beside=True)
    assert limits_of(PERCENT, [*areas, beside]) is None


@pytest.fixture
def cora(valley) -> Client:
    browser = Client()
    browser.force_login(a_person("cora", Role.COMMISSIONER, system=valley.system))
    return browser


def page_of(browser, address: str):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.context["page"]


def test_the_page_ranks_areas_and_names_who_lies_outside(valley, cora):
    a_share(valley.system, SHARES)
    page = page_of(cora, f"{HERE}/home")
    assert page.sentence == "Vale had 60.0% in May 2018, place 4 of 4 from the largest."
    assert [row["name"] for row in page.rows] == ["Hill", "Dale", "Moor", "Vale"]
    assert page.rows[-1]["words"] == "below the 99.8% limits"
    assert page.funnel_chart.title == (
        "Vale lies below the 99.8% limits, adverse: more than chance explains"
    )
    assert not page.sizes_differ


def test_comparators_stand_beside_and_counts_say_that_sizes_differ(valley, cora):
    a_delay(valley.system, [30])
    record(valley.system, *monthly("delays", "dale", [90]), *monthly("delays", "land", [9000]))
    page = page_of(cora, f"{HERE}/delays")
    assert page.sizes_differ
    assert [(row["name"], row["rank"]) for row in page.rows] == [
        ("Dale", "1"),
        ("Vale", "2"),
        ("The land", ""),
    ]
    assert page.funnel_chart is None
    assert "areas differ in size" in cora.get(f"{HERE}/delays").content.decode()


def test_the_period_is_chosen_and_the_latest_else(valley, cora):
    a_delay(valley.system, [30, 31])
    record(valley.system, *monthly("delays", "dale", [90]))
    assert page_of(cora, f"{HERE}/delays").period == "February 2017"
    page = page_of(cora, f"{HERE}/delays?period=2017-01-01_2017-01-31")
    assert [row["value"] for row in page.rows] == ["90", "30"]
    assert cora.get(f"{HERE}/delays?period=2016-01-01_2016-01-31").status_code == 404
    assert cora.get(f"{HERE}/delays?period=x").status_code == 404


def test_it_opens_at_the_newest_period_that_most_areas_have(valley, cora):
    a_delay(valley.system, [30, 31])
    more = [AreaSpec(code=code, name=code.title(), kind="council") for code in ("hill", "moor")]
    save_areas(by=None, specs=more)
    record(
        valley.system,
        *(entry for area in ("dale", "hill", "moor") for entry in monthly("delays", area, [90])),
    )
    assert page_of(cora, f"{HERE}/delays").period == "January 2017"
    half = [replace(e, ends=date(2018, 6, 30)) for e in monthly("delays", "vale", [200])]
    others = [replace(half[0], area=area) for area in ("dale", "hill", "moor")]
    record(valley.system, *half, *others)  # longer than a month: chosen by nobody unasked
    assert page_of(cora, f"{HERE}/delays").period == "January 2017"


def test_without_a_funnel_the_page_says_why_and_puts_none_within_its_limits(valley, cora):
    a_share(valley.system, SHARES[:2])
    page = page_of(cora, f"{HERE}/home")
    assert page.no_funnel == (
        "A funnel plot needs the numerators and denominators of at least three areas that are "
        "ranked. Here: two ranked areas."
    )
    assert {row["words"] for row in page.rows} == {""}


def test_areas_that_differ_by_more_than_chance_are_named_so(valley, cora):
    # pooled 0.5: limits of 100 at 99.8% are 0.5 -+ 3.09 x 0.05, so 34.6 to 65.5
    far = [("vale", 20, 100), ("dale", 80, 100), ("hill", 80, 100), ("moor", 20, 100)]
    a_share(valley.system, far)
    assert page_of(cora, f"{HERE}/home").overdispersion.startswith(
        "The areas differ more than chance alone has it: four of four lie outside the 99.8% limits."
    )


@pytest.mark.parametrize(
    ("direction", "kinds"),
    [
        ("increase", {"Outside 99.8%, favourable": [80, 80], "Outside 99.8%, adverse": [20]}),
        ("decrease", {"Outside 99.8%, favourable": [20], "Outside 99.8%, adverse": [80, 80]}),
        ("neutral", {"Outside 99.8%": [80, 80, 20]}),
    ],
)
def test_what_lies_outside_is_adverse_by_the_direction_alone(valley, cora, direction, kinds):
    far = [("vale", 20, 100), ("dale", 80, 100), ("hill", 80, 100), ("moor", 20, 100)]
    a_share(valley.system, far)
    Metric.objects.update(direction=direction)
    figure = page_of(cora, f"{HERE}/home").funnel_chart.figure
    drawn = {trace["name"]: list(trace["y"]) for trace in figure["data"] if "name" in trace}
    assert {name: own for name, own in drawn.items() if name.startswith("Outside")} == kinds
    labels = [label["text"] for label in figure["layout"]["annotations"]]
    assert "Vale" not in labels  # the key names it, and no name lies across points
    assert drawn["Vale"] == [20]


def test_where_no_area_has_counts_it_is_said_so(valley, cora):
    a_share(valley.system, SHARES)
    Observation.objects.update(numerator=None, denominator=None)
    page = page_of(cora, f"{HERE}/home")
    assert page.no_funnel.endswith("Here: four ranked areas, none of them with both.")


def test_the_csv_holds_the_numbers_of_the_page(valley, cora):
    a_share(valley.system, SHARES)
    rows = list(csv.DictReader(io.StringIO(cora.get(f"{HERE}/home.csv").content.decode())))
    assert [(row["area"], row["rank"], row["value"]) for row in rows] == [
        ("hill", "1", "85"),
        ("dale", "2", "80"),
        ("moor", "3", "75"),
        ("vale", "4", "60"),
    ]
    assert (rows[-1]["role"], rows[-1]["outside"]) == ("home", "below 99.8%")


def test_150_areas_take_as_many_queries_as_two(valley, cora, query_count):
    a_delay(valley.system, [30])
    record(valley.system, *monthly("delays", "dale", [90]))
    cora.get("/")
    few = query_count(lambda: page_of(cora, f"{HERE}/delays"))
    codes = [f"a{n}" for n in range(150)]
    save_areas(by=None, specs=[AreaSpec(code=c, name=c, kind="council") for c in codes])
    record(
        valley.system,
        *(e for n, c in enumerate(codes) for e in monthly("delays", c, [n])),
    )
    assert query_count(lambda: page_of(cora, f"{HERE}/delays")) == few <= 8
    page = page_of(cora, f"{HERE}/delays")
    names = page.ranked_chart.figure["layout"]["yaxis"]["ticktext"]
    assert "Vale" in names
    assert len(names) <= 3
