"""Series of observations, their overlaps and targets, and what their control charts say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import Http404

from outcomes.models import Metric
from outcomes.queries import control, metric_with_parts, series_of, verdicts_of
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
from schemes.roles import Role
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
