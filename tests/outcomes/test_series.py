"""Series of observations, their overlaps and targets, and what their control charts say."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import Http404

from outcomes.figures.readings import reading_of
from outcomes.models import Metric
from outcomes.queries import control, metric_with_parts, series_of, verdict_of, verdicts_of
from outcomes.services import (
    AreaSpec,
    MetricSpec,
    ObservationEntry,
    StepSpec,
    TargetSpec,
    record_observations,
    save_areas,
    save_metrics,
    save_steps,
    save_targets,
)
from schemes.people.roles import Role
from tests.factories import a_person, a_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def delays(valley) -> Metric:
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Vale", kind="council")])
    save_metrics(
        by=None,
        specs=[
            MetricSpec(
                system="valley", code="delays", name="Delays", direction="decrease", area="vale"
            ),
            MetricSpec(
                system="valley", code="homes", name="Homes", direction="decrease", area="vale",
                part_of="delays", part_kind="reason",
            ),
        ],
    )  # fmt: skip
    return metric("delays")


def metric(code: str) -> Metric:
    return Metric.objects.select_related("area").get(code=code)


def months(valley, code: str, values: list[int | None], first: date = date(2018, 1, 1)) -> None:
    entries = []
    for number, value in enumerate(values):
        starts = date(
            first.year + (first.month - 1 + number) // 12, (number + first.month - 1) % 12 + 1, 1
        )
        after = (starts + timedelta(days=31)).replace(day=1)
        entries.append(
            ObservationEntry(
                metric=code,
                area="vale",
                starts=starts,
                ends=after - timedelta(days=1),
                value=None if value is None else Decimal(value),
                standing="final" if value is not None else "missing",
            )
        )
    record_observations(by=None, system_id=valley.system.pk, entries=entries)


def of(code: str):
    return series_of([metric(code)])[code, "vale"]


def test_a_chart_of_two_values_by_hand(valley, delays):
    months(valley, "delays", [10, None, 14, 12])
    series = of("delays")
    assert [point.value for point in series.points] == [10, None, 14, 12]
    found = control(series)
    assert found.limits.mean[0].tolist() == [12, 12, 12, 12]  # (10 + 14 + 12) / 3
    # the only two neighbours are 14 and 12: 12 + 2.66 x 2
    assert found.limits.upl[0][0] == pytest.approx(17.32)


def test_a_step_starts_the_limits_anew_until_it_is_taken_back(valley, delays):
    months(valley, "delays", [10, 12, 30, 34])
    step = StepSpec(system="valley", metric="delays", on=date(2018, 3, 1), reason="A new ward")
    save_steps(by=None, specs=[step])
    assert control(of("delays")).limits.mean[0].tolist() == [11, 11, 32, 32]
    save_steps(by=None, specs=[StepSpec(**{**vars_of(step), "taken_back": True})])
    assert control(of("delays")).limits.mean[0].tolist() == [21.5] * 4


def vars_of(spec) -> dict:
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


def test_overlapping_periods_are_marked_and_not_charted(valley, delays):
    Metric.objects.update(frequency="yearly")
    spans = ((date(2014, 4, 1), date(2015, 3, 31)), (date(2014, 10, 1), date(2015, 9, 30)))
    entries = [
        ObservationEntry(metric="delays", area="vale", starts=a, ends=b, value=Decimal(1))
        for a, b in spans
    ]
    record_observations(by=None, system_id=valley.system.pk, entries=entries)
    series = of("delays")
    assert [point.overlaps for point in series.points] == [True, True]
    assert control(series) is None
    assert series.not_charted.startswith("Periods overlap")


HALF = ObservationEntry(
    metric="delays", area="vale", starts=date(2018, 3, 1), ends=date(2018, 8, 31), value=Decimal(99)
)


def test_a_half_year_in_a_monthly_metric_moves_nothing(valley, delays):
    months(valley, "delays", [10, 12, 11, 13, 12])
    before, limits = of("delays"), control(of("delays")).limits
    was = verdict_of(before)
    (warning,) = record_observations(
        by=None, system_id=valley.system.pk, entries=[replace(HALF, row=7)]
    ).warnings
    assert (warning.row, warning.field, warning.value) == (7, "ends", "2018-08-31")
    assert warning.message == (
        "2018-03-01 to 2018-08-31 is longer than a month, and this metric is measured monthly. "
        "The value is kept, marked, and never compared."
    )
    series = of("delays")
    assert [point.misfit for point in series.points] == ["", "", "", "longer", "", ""]
    assert not any(point.overlaps for point in series.points)  # the months stay what they were
    assert control(series).limits.upl[0].tolist() == limits.upl[0].tolist()
    assert verdict_of(series) == replace(was, misfits=1)
    assert (verdict_of(series).value, verdict_of(series).counted) == (12, 5)
    assert [point.mean for point in reading_of(series).points] == [11.6] * 3 + [None, 11.6, 11.6]


def test_alone_a_period_of_another_length_is_shown_and_not_judged(valley, delays):
    entries = [HALF, replace(HALF, starts=date(2018, 9, 1), ends=date(2018, 9, 3))]
    record_observations(by=None, system_id=valley.system.pk, entries=entries)
    series = of("delays")
    assert [point.misfit for point in series.points] == ["longer", "shorter"]
    assert series.not_charted == "A control chart needs at least two values of a month."
    said = verdict_of(series)
    assert (said.starts, said.counted, said.previous, said.firsts) == (
        date(2018, 9, 1),
        0,
        None,
        [],
    )


@pytest.mark.parametrize(
    ("frequency", "fits", "misfits"),
    [
        ("snapshot", [1], [2]),
        ("weekly", [7], [1, 8]),
        ("monthly", [28, 31], [1, 27, 32, 92]),
        ("quarterly", [90, 92], [31, 89, 93]),
        ("yearly", [365, 366], [92, 364, 367]),
        ("two-yearly", [365, 366], [730]),
        ("once", [1, 31, 365, 900], []),
    ],
)
def test_how_long_a_period_is_by_how_often_a_value_is_expected(frequency, fits, misfits):
    one, first = Metric(frequency=frequency), date(2018, 1, 1)
    told = {days: one.misfit(first, first + timedelta(days=days - 1)) for days in fits + misfits}
    assert [days for days, said in told.items() if not said] == fits


def test_the_target_of_a_day_is_the_areas_own_before_that_of_all(valley, delays):
    save_targets(
        by=None,
        specs=[
            TargetSpec(system="valley", metric="delays", code="all", value=Decimal(9)),
            TargetSpec(
                system="valley", metric="delays", code="vale-2018", value=Decimal(5), area="vale",
                starts=date(2018, 4, 1), ends=date(2019, 3, 31),
            ),
        ],
    )  # fmt: skip
    months(valley, "delays", [1, 2])
    series = of("delays")
    assert series.target_at(date(2018, 3, 31)).value == 9
    assert series.target_at(date(2018, 4, 1)).value == 5
    assert series.target_at(date(2019, 4, 1)).value == 9


def test_verdicts_are_kept_until_something_moves(valley, delays, query_count):
    months(valley, "delays", [10, 12, 11])
    first = verdicts_of([metric("delays"), metric("homes")])
    assert first["delays"].value == 11
    assert first["delays"].previous == 12
    assert first["delays"].variation == "common_cause"
    assert first["homes"].value is None
    again = [metric("delays"), metric("homes")]
    assert query_count(lambda: verdicts_of(again)) == 0
    months(valley, "delays", [99], first=date(2018, 4, 1))
    assert verdicts_of([metric("delays")])["delays"].value == 99


def test_a_metric_comes_with_its_parts_for_those_who_may_see_it(valley, delays):
    cora = a_person("cora", Role.COMMISSIONER, system=valley.system)
    whole, parts = metric_with_parts(cora, "valley", "delays")
    assert (whole.code, [part.code for part in parts]) == ("delays", ["homes"])
    stranger = a_person("sam", Role.COMMISSIONER, system=a_system(code="elsewhere"))
    with pytest.raises(Http404):
        metric_with_parts(stranger, "valley", "delays")


def test_the_number_of_queries_does_not_grow(valley, delays, query_count):
    months(valley, "delays", [1])
    few = query_count(lambda: series_of([delays]))
    months(valley, "delays", list(range(60)))
    assert query_count(lambda: series_of([delays])) == few == 3
