"""Values of metrics: recorded all or none, revision by revision, with their faults in words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Refused
from outcomes.models import Metric, Observation, ObservationRevision
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    ObservationEntry,
    record_observations,
    save_areas,
    save_metrics,
)
from schemes.people.roles import Role
from tests.factories import a_person

pytestmark = pytest.mark.django_db

MAY = ObservationEntry(
    metric="delays", area="vale", starts=date(2018, 5, 1), ends=date(2018, 5, 31), value=Decimal(70)
)


@pytest.fixture
def place(valley):
    """The valley with two areas and two metrics: a count, and a percentage of two counts."""
    save_areas(
        by=None,
        specs=[AreaSpec(code=code, name=code.title(), kind="council") for code in ("vale", "dale")],
    )
    save_metrics(
        by=None,
        specs=[
            MetricSpec(system="valley", code="delays", name="Delayed days", direction="decrease"),
            MetricSpec(
                system="valley", code="home", name="Still at home", direction="increase",
                unit="percent", per=100, decimals=1, numerator="at home", denominator="discharged",
            ),
        ],
    )  # fmt: skip
    return valley


def record(place, *entries: ObservationEntry, by=None):
    return record_observations(by=by, system_id=place.system.pk, entries=entries)


def refused(place, *entries: ObservationEntry) -> list[str]:
    with pytest.raises(Refused) as found:
        record(place, *entries)
    assert not Observation.objects.exists()
    return [fault.message for fault in found.value.faults]


def test_a_value_has_its_revisions(place):
    assert record(place, MAY).count == Count(created=1)
    assert record(place, MAY).count == Count(unchanged=1)
    assert record(place, replace(MAY, value=Decimal("71.5"))).count == Count(updated=1)
    head = Observation.objects.get()
    assert (head.value, head.revision) == (Decimal("71.5"), 2)
    values = ObservationRevision.objects.order_by("revision").values_list("value", "change")
    assert list(values) == [(70, 1), (Decimal("71.5"), 2)]
    assert Metric.objects.get(code="delays").change == 2
    assert Metric.objects.get(code="home").change == 0


def test_a_percentage_follows_from_its_counts(place):
    entry = replace(MAY, metric="home", value=None, numerator=Decimal(2), denominator=Decimal(3))
    record(place, entry)
    assert Observation.objects.get().value == Decimal("66.666667")
    assert record(place, entry).count == Count(unchanged=1)


def test_what_is_missing_is_not_zero(place):
    record(place, replace(MAY, value=None, standing="missing"))
    head = Observation.objects.get()
    assert (head.value, head.standing, head.comment) == (None, "missing", "")
    assert refused_after(place, replace(MAY, standing="suppressed")) == [
        "What is suppressed has no figures; leave it blank."
    ]


def refused_after(place, entry):
    Observation.objects.all().delete()
    return refused(place, entry)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"metric": "falls"}, "'falls' is not a metric of this system."),
        ({"area": "hill"}, "There is no area 'hill'. Add it to the areas, or mend the code."),
        ({"ends": date(2018, 4, 30)}, "The period ends before it starts."),
        ({"value": Decimal("NaN")}, "This is not a number that can be. Write it in digits."),
        ({"value": Decimal("1e30")}, "This is not a number that can be. Write it in digits."),
        (
            {"value": None},
            "Give a value, or a numerator and a denominator; or say it is missing.",
        ),
        ({"denominator": Decimal(0)}, "The denominator must be above zero."),
        (
            {"metric": "home", "numerator": Decimal(5), "denominator": Decimal(4)},
            "The numerator is above its denominator, 4.",
        ),
        (
            {"metric": "home", "numerator": Decimal(1), "denominator": Decimal(4)},
            "Numerator and denominator make 25.0. Give what is so.",
        ),
        ({"comment": "\0"}, "This holds characters that are no text. Type it again."),
    ],
)
def test_what_cannot_be_is_refused_in_words(place, changes, said):
    assert refused(place, replace(MAY, area="dale", value=Decimal(1)), replace(MAY, **changes)) == [
        said
    ]


def test_the_same_period_twice_names_both_rows(place):
    first, second = replace(MAY, row=2), replace(MAY, value=Decimal(9), row=5)
    assert refused(place, first, second) == [
        "This metric, area and period stand here twice (row 2). Keep one of them."
    ]


def test_overlapping_periods_are_kept_and_said(place):
    Metric.objects.filter(code="delays").update(frequency="yearly")
    year = replace(MAY, starts=date(2014, 4, 1), ends=date(2015, 3, 31))
    later = replace(MAY, starts=date(2014, 10, 1), ends=date(2015, 9, 30))
    (warning,) = record(place, year, later).warnings
    assert warning.message == (
        "2014-10-01 to 2015-09-30 overlaps 2014-04-01 to 2015-03-31. "
        "Both are kept, marked, and never added."
    )
    assert Observation.objects.count() == 2
    later = replace(later, starts=date(2016, 4, 1), ends=date(2017, 3, 31))
    assert record(place, later).warnings == []  # what overlapped before is not said again


def test_a_newer_value_is_shown_and_not_written_over(place):
    record(place, replace(MAY, revision=None))
    with pytest.raises(Conflict) as found:
        record(place, replace(MAY, value=Decimal(1), revision=None))
    assert found.value.newer[0]["value"] == 70
    record(place, replace(MAY, value=Decimal(1), revision=1))
    assert Observation.objects.get().value == 1


def test_commissioners_enter_and_others_do_not(place):
    cora = a_person("cora", Role.COMMISSIONER, system=place.system)
    record(place, MAY, by=cora)
    assert ObservationRevision.objects.get().actor == cora
    bert = a_person("bert", Role.BOARD_MEMBER, system=place.system)
    with pytest.raises(Http404):
        record(place, replace(MAY, value=Decimal(1)), by=bert)


def test_the_number_of_queries_does_not_grow(place, query_count):
    def entries(count: int, year: int):
        return [
            replace(MAY, starts=date(year, 1, day), ends=date(year, 1, day), area=area)
            for day in range(1, count + 1)
            for area in ("vale", "dale")
        ]

    few = query_count(lambda: record(place, *entries(1, 2017)))
    assert query_count(lambda: record(place, *entries(31, 2018))) == few <= 14
