"""The page of outcomes: what improved by which rule, what is missing, and what stands where."""

import csv
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from outcomes.figures.verdicts import Said, said_of, sentence
from outcomes.models import Metric
from outcomes.pages.listing import Row, wish_of
from outcomes.pages.overview import parts_words, reserve_words
from outcomes.queries import NOTHING, verdicts_of
from outcomes.services import AreaSpec, StepSpec, save_areas, save_steps
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.measured import monthly, record
from tests.outcomes.vale import a_framework, an_area, items, judged_by, metrics, months, years

pytestmark = pytest.mark.django_db

PAGE = "/systems/valley/outcomes"
# 8 months about 20 and one far below: an improvement where lower is better
FELL = [20, 21, 20, 19, 20, 21, 20, 19, 2]


@pytest.fixture
def vale(valley) -> None:
    an_area()
    metrics("delays", "visits", "falls", "homes")
    months(valley.system, "delays", FELL)
    months(valley.system, "visits", [*FELL[:-1], 40])
    months(valley.system, "falls", FELL[:-1])


def browser(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def cora(valley) -> Client:
    return browser(a_person("cora", Role.COMMISSIONER, system=valley.system))


@pytest.fixture
def ada(valley) -> Client:
    return browser(a_person("ada", Role.SYSTEM_ADMINISTRATOR, system=valley.system))


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:2000]
    bare = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def said() -> dict[str, Said]:
    found = Metric.objects.select_related("area")
    return {code: said_of(verdict) for code, verdict in verdicts_of(list(found)).items()}


def test_only_a_signal_of_the_chart_counts_as_improved_or_worse(vale):
    assert said() == {
        "delays": Said.IMPROVED,
        "visits": Said.WORSE,
        "falls": Said.SAME,
        "homes": Said.NONE,
    }


def test_a_better_last_year_is_no_verdict_while_values_are_few(valley, vale, cora):
    metrics("care", frequency="yearly", unit="percent", decimals=1, direction="increase")
    years(valley.system, "care", {2014: "60", 2015: "61.5", 2016: "70", 2017: "80.24"})
    assert said()["care"] == Said.EARLY
    page = text(cora.get(f"{PAGE}?q=care"))
    assert "No verdict yet 4 values 80.2% 2017/18" in page
    assert "10.2 points higher than 70.0%" in page
    assert "20.2 points higher than 60.0% in 2014/15" in page


def test_the_baseline_is_that_of_the_framework_where_it_names_one(valley, vale, cora):
    metrics("care", frequency="yearly")
    years(valley.system, "care", {2014: "60", 2015: "50", 2017: "80"})
    a_framework(baseline="2015-16")
    assert "30 higher than 50 in 2015/16" in text(cora.get(f"{PAGE}?q=care"))
    assert "On the baseline" in text(cora.get(PAGE))


def test_steps_begin_a_new_count(valley, vale):
    step = {"system": "valley", "metric": "delays", "reason": "Counted anew"}
    save_steps(by=None, specs=[StepSpec(**step, on=date(2017, 10, 1))])
    assert said()["delays"] == Said.EARLY  # October to December: three values


def test_the_sentence_counts_wholes_in_words():
    found = [Said.IMPROVED, Said.SAME, Said.SAME, Said.EARLY, Said.NONE]
    assert sentence((said, NOTHING) for said in found) == (
        "Of 5 metrics 1 improved, 0 got worse, 2 did not change, 1 has too few values for a "
        "verdict and 1 has no value."
    )
    overlapping = replace(NOTHING, overlapping=2)
    assert sentence([(Said.EARLY, overlapping)]) == (
        "Of 1 metric 0 improved, 0 got worse, 0 did not change, 1 has periods that overlap, and so "
        "no verdict and 0 have no value."
    )


def test_parts_are_counted_by_kind():
    def part(kind: str) -> Row:
        return Row(Metric(part_kind=kind), NOTHING, Said.NONE, [], [])

    whole = Row(Metric(), NOTHING, Said.NONE, [], [], [part("reason"), part("body"), part("body")])
    assert parts_words(whole) == "3 parts (1 by reason, 2 by body): 3 no data"


def test_values_since_a_step_are_named_so():
    few = replace(NOTHING, counted=2, stepped=True)
    row = Row(Metric(), few, Said.EARLY, [], [])
    assert reserve_words(row) == "2 values since the limits began"


def test_what_the_source_counts_and_nobody_entered_is_visibly_missing(vale, cora, ada):
    a_framework()
    items("first", ("health", "domain", ""), ("access", "domain", ""))
    page = text(cora.get(PAGE))
    assert "2 of 2 domains" in page
    assert "0 of 10 objectives: the source counts 10 and names none" in page
    assert "0 outcomes entered; the source gives no count" in page
    assert "Enter one" not in page
    assert "Enter one of the objectives" in text(ada.get(PAGE))


def test_the_tree_holds_metrics_and_the_rest_stands_after_it(vale, cora):
    a_framework()
    items("first", ("health", "domain", ""), ("home", "objective", "health"))
    judged_by("first", "home", "delays")
    page = text(cora.get(PAGE))
    tree, rest = page.split("Metrics that serve no item of this version")
    assert tree.index("Domain Health") < tree.index("Objective Home") < tree.index("Delays")
    assert "Visits" in rest
    assert "Delays" not in rest


def test_the_latest_version_is_shown_unless_another_is_asked_for(vale, cora):
    a_framework("first", position=1)
    a_framework("second", position=2, expected_domains=3)
    assert "of 3" in text(cora.get(PAGE))
    assert "of 2" in text(cora.get(f"{PAGE}?framework=first"))
    assert cora.get(f"{PAGE}?framework=nothing").status_code == 404


def test_parts_are_folded_into_their_whole(valley, vale, cora):
    metrics("waits", part_of="delays", part_kind="reason")
    months(valley.system, "waits", FELL)
    page = text(cora.get(PAGE))
    assert "1 part by reason: 1 improved" in page
    assert "Of 4 metrics 1 improved" in page  # the part is in none of the counts


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=DEL", {"delays"}),
        ("verdict=worse", {"visits"}),
        ("verdict=no-data", {"homes"}),
        ("domain=health", {"delays"}),
        ("domain=none", {"visits", "falls", "homes"}),
        ("frequency=yearly", set()),
        ("verdict=lost", set()),
    ],
)
def test_filters(vale, cora, query, found):
    a_framework()
    items("first", ("health", "domain", ""), ("home", "objective", "health"))
    judged_by("first", "home", "delays")
    rows = csv.DictReader(io.StringIO(cora.get(f"{PAGE}.csv?{query}").content.decode()))
    assert {row["metric"] for row in rows} == found
    page = cora.get(f"{PAGE}?{query}", headers={"X-Part": "1"}).content.decode()
    assert set(re.findall(r"outcomes/metrics/(\w+)", page)) == found


def test_the_csv_says_what_the_page_says(vale, cora):
    a_framework(baseline="2017-18")
    rows = csv.DictReader(io.StringIO(cora.get(f"{PAGE}.csv").content.decode()))
    row = next(row for row in rows if row["metric"] == "delays")
    assert (row["framework"], row["verdict"], row["value"]) == ("first", "improved", "2")
    assert (row["starts"], row["ends"]) == ("2017-12-01", "2017-12-31")
    assert (row["baseline"], row["baseline_starts"]) == ("20", "2017-04-01")
    assert row["year_before"] == ""


def test_an_empty_system_says_who_brings_what(valley, cora, ada):
    assert "Whoever keeps its outcomes enters it here" in text(cora.get(PAGE))
    assert "Add a version" in text(ada.get(PAGE))
    assert wish_of({}).query == ""


def test_the_way_to_outcomes_stands_on_every_page_also_where_nothing_is_entered(cora):
    page = cora.get("/systems/valley/years/2018-19/schemes").content.decode()
    assert f'href="{PAGE}"' in page
    assert cora.get(PAGE).status_code == 200


def test_the_number_of_queries_does_not_grow(valley, vale, cora, query_count):
    a_framework()
    items("first", ("health", "domain", ""))
    judged_by("first", "health", "delays", "visits", "falls")
    cora.get(PAGE)
    few = query_count(lambda: cora.get(PAGE))
    more = [f"m{number}" for number in range(300)]
    metrics(*more)
    items("first", *((f"o{number}", "objective", "health") for number in range(60)))
    for number in range(60):
        judged_by("first", f"o{number}", f"m{number}")
    cold = query_count(lambda: cora.get(PAGE))
    assert query_count(lambda: cora.get(PAGE)) == few <= 12
    assert cold <= few + 3  # the verdicts of those that moved


def test_the_page_opens_at_the_latest_version_that_says_something(vale, cora):
    a_framework("first", position=1)  # with counts of its source
    a_framework("second", position=2, expected_domains=None, expected_objectives=None)
    items("second", ("health", "domain", ""))
    page = text(cora.get(PAGE))
    assert "0 of 10 objectives: the source counts 10 and names none" in page
    assert "The second: 1 domain, 0 objectives, 0 outcomes." in page
    judged_by("second", "health", "delays")
    assert cora.get(PAGE).context["framework"].code == "second"


def test_other_areas_of_the_system_stand_beside_the_one_that_is_judged(valley, cora):
    specs = [
        AreaSpec(code="land", name="Land", kind="country"),
        *(
            AreaSpec(code=code, name=code.title(), kind="commissioner", within="land")
            for code in ("hill", "moor")
        ),
    ]
    save_areas(by=None, specs=specs)
    metrics("delays", area="hill", comparators=("moor", "land"))
    record(valley.system, *monthly("delays", "hill", FELL), *monthly("delays", "moor", FELL[:-1]))
    assert "Hill is judged. Moor: no change" in text(cora.get(PAGE))


def test_what_stands_in_words_only_is_shown(valley, cora):
    an_area()
    metrics("rank")
    entry = replace(*monthly("rank", "vale", [None]), comment="Between 7th and 9th.")
    record(valley.system, entry)
    assert "in words only Between 7th and 9th." in text(cora.get(PAGE))
    page = text(cora.get(f"{PAGE}/metrics/rank"))
    assert "No number is stated for January 2017. In words: Between 7th and 9th." in page
