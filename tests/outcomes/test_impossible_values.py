"""Values that cannot be are refused where they stand; what does not agree is told."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from esbt.kit.problems import Refused
from outcomes.models import Metric, Observation
from outcomes.services import MetricSpec, ObservationEntry, record_observations, save_metrics
from schemes.people.roles import Role
from tests.factories import a_person
from tests.outcomes.importing import HEADING, bring, mapping, refused, with_metrics
from tests.outcomes.measured import a_delay, a_share
from tests.sheets import csv

pytestmark = pytest.mark.django_db

MAY = ObservationEntry(
    metric="delays", area="vale", starts=date(2018, 5, 1), ends=date(2018, 5, 31), value=Decimal(70)
)


def faults(system, entry: ObservationEntry) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as found:
        record_observations(by=None, system_id=system.pk, entries=[entry])
    return [(fault.field, fault.message) for fault in found.value.faults]


def test_a_count_is_not_negative_and_a_percentage_lies_within_a_hundred(valley):
    a_delay(valley.system, [])
    a_share(valley.system, [("vale", 1, 2)])
    low = "A value of this metric cannot be below 0. Mend it."
    assert faults(valley.system, replace(MAY, value=Decimal(-1))) == [("value", low)]
    home = replace(MAY, metric="home", starts=date(2018, 6, 1), ends=date(2018, 6, 30))
    assert faults(valley.system, replace(home, value=Decimal("-0.1"))) == [("value", low)]
    high = "A percentage cannot be above 100. Mend it."
    assert faults(valley.system, replace(home, value=Decimal("100.1"))) == [("value", high)]
    counts = replace(home, value=None, numerator=Decimal(-1), denominator=Decimal(4))
    said = "A numerator of this metric cannot be below 0. Mend it."
    assert faults(valley.system, counts) == [("numerator", said)]


def test_a_score_may_be_below_zero(valley):
    a_delay(valley.system, [])
    Metric.objects.filter(code="delays").update(unit="score")
    entry = replace(MAY, value=Decimal(-5))
    record_observations(by=None, system_id=valley.system.pk, entries=[entry])
    assert Observation.objects.get().value == -5


def test_a_period_that_is_not_over_has_no_final_value(valley):
    a_delay(valley.system, [])
    today = timezone.localdate()
    running = replace(MAY, starts=today - timedelta(days=1), ends=today + timedelta(days=1))
    said = "This period has not ended. Mend its days, or call the value provisional."
    assert faults(valley.system, running) == [("ends", said)]
    later = replace(running, starts=today + timedelta(days=1), standing="provisional")
    said = "This period has not begun. Mend its days."
    assert faults(valley.system, later) == [("starts", said)]
    entries = [replace(running, standing="provisional"), replace(MAY, starts=today, ends=today)]
    record_observations(by=None, system_id=valley.system.pk, entries=entries)
    assert Observation.objects.count() == 2


@pytest.mark.parametrize("late", ["101", "-1"])
def test_what_is_taken_off_is_not_more_than_the_whole(valley, late):
    part = {"metric": "late", "numerator": "All", "less": "Late", "denominator": "All"}
    of = mapping(unpivot={}, values=[part])
    (fault,) = refused(
        with_metrics(valley), csv("Code,Name,All,Late,Month", f"E1,Vale,100,{late},May 2018"), of=of
    )
    assert (fault.row, fault.field, fault.value) == (2, "Late", late)
    assert fault.message == (
        "This is taken off 'All', 100, and must lie between 0 and that. Mend one of them."
    )


def test_a_negative_count_in_a_file_names_its_cell(valley):
    (fault,) = refused(with_metrics(valley), csv(HEADING, "E1,Vale,-5,May 2018"))
    assert (fault.row, fault.field, fault.value) == (2, "Days", "-5")


def test_a_name_that_is_not_its_codes_is_told(valley):
    bring(
        with_metrics(valley), csv(HEADING, "E10000011,Vale,5,May 2018", "E1,West Vale,5,May 2018")
    )
    rows = ["E10000011,Kent,5,June 2018", "E1,Vale,5,June 2018", "E1,WEST VALE CC,5,July 2018"]
    assert [(w.row, w.message) for w in bring(valley, csv(HEADING, *rows)).warnings] == [
        (2, "'Kent' stands under 'E10000011', which is Vale. It is taken by its code."),
        (3, "'Vale' stands under 'E1', which is West Vale. It is taken by its code."),
    ]


def a_whole(system, values: dict[str, int | None]) -> list[str]:
    """Record the whole and its two reasons for May 2018; what is warned of."""
    spec = {"system": system.code, "direction": "decrease", "area": "vale"}
    save_metrics(
        by=None,
        specs=[
            MetricSpec(code="care", name="Care", part_of="delays", part_kind="reason", **spec),
            MetricSpec(code="homes", name="Homes", part_of="delays", part_kind="reason", **spec),
        ],
    )
    entries = [
        replace(
            MAY,
            metric=metric,
            value=None if value is None else Decimal(value),
            standing="missing" if value is None else "final",
        )
        for metric, value in values.items()
    ]
    saved = record_observations(by=None, system_id=system.pk, entries=entries)
    return [warning.message for warning in saved.warnings]


@pytest.mark.parametrize(
    ("values", "figures"),
    [
        ({"delays": 999, "care": 4, "homes": 7}, (11, 999)),
        ({"delays": 11, "care": 4, "homes": 7}, ()),
        ({"delays": 11, "care": 4, "homes": None}, ()),  # nobody knows what is missing
        ({"delays": 3, "care": 4, "homes": None}, (4, 3)),
        ({"care": 4, "homes": 7}, ()),
    ],
)
def test_parts_that_do_not_add_are_told_at_saving_and_on_the_page(valley, client, values, figures):
    said = "The parts by reason add to {}, the whole says {}.".format(*figures) if figures else ""
    a_delay(valley.system, [])
    assert a_whole(valley.system, values) == ([said] if said else [])
    client.force_login(a_person("bea", Role.BOARD_MEMBER, system=valley.system))
    page = client.get("/systems/valley/outcomes/metrics/delays").context["page"]
    assert [row["gaps"] for row in page.rows if row["gaps"]] == ([[said]] if said else [])
    assert Observation.objects.count() == len(values)


def test_a_part_typed_alone_is_held_against_its_whole(valley):
    a_delay(valley.system, [])
    a_whole(valley.system, {"delays": 11, "care": 4, "homes": 7})
    later = replace(MAY, metric="care", value=Decimal(5))
    (warning,) = record_observations(by=None, system_id=valley.system.pk, entries=[later]).warnings
    assert warning.message == "The parts by reason add to 12, the whole says 11."
