"""Series as readings: each value with the limits and the signal of its control chart.

Page, CSV and API are made from these, so that they say the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from outcomes.figures.metric import Judged, Measure, Reading, StepMark
from outcomes.models import Metric
from outcomes.queries import Point, Series, control, mean_move
from outcomes.spc import Chart, starts_at


def measure_of(metric: Metric) -> Measure:
    """How values of a metric are said."""
    names = (item.name for item in fields(Measure))
    return Measure(**{name: getattr(metric, name) for name in names})


def readings_of(series: Mapping[tuple[str, str], Series]) -> dict[tuple[str, str], Reading]:
    """Readings by codes of metric and area."""
    return {key: reading_of(item) for key, item in series.items()}


def reading_of(series: Series) -> Reading:
    """A series with what its control chart says."""
    found = control(series)
    places = {(point.starts, point.ends): at for at, point in enumerate(series.charted)}
    days = [point.starts for point in series.points]
    steps = [StepMark(step.on, step.reason) for step in series.steps]
    number, of_point = 0, []
    for begins in starts_at(days, [step.on for step in steps]):
        number += int(begins)
        of_point.append(number)
    return Reading(
        measure=measure_of(series.metric),
        area=series.area,
        area_name=series.area_name,
        area_kind=series.area_kind,
        points=[
            Judged(
                **_plain(point),
                step=step,
                **_judgement(series, point, found, places.get((point.starts, point.ends))),
            )
            for point, step in zip(series.points, of_point, strict=True)
        ],
        steps=steps,
        not_charted=series.not_charted,
        variation=str(found.variation_type[0] or "") if found else "",
        assurance=str(found.assurance_type[0] or "") if found else "",
        provisional=bool(found.short_group_warning[0]) if found else False,
        moved=mean_move(series, found),
    )


def _plain(point: Point) -> dict[str, Any]:
    return {item.name: getattr(point, item.name) for item in fields(point)}


def _judgement(
    series: Series, point: Point, found: Chart | None, place: int | None
) -> dict[str, Any]:
    """What the chart says of a point; ``place`` is where it stands in it, None for one left out."""
    target = series.target_at(point.starts)
    aim = {"target": target.value if target else None}
    if found is None or place is None:
        return aim
    limits = {name: getattr(found.limits, name)[0][place] for name in ("mean", "lpl", "upl")}
    return aim | {
        **{name: None if math.isnan(limit) else float(limit) for name, limit in limits.items()},
        "rule": str(found.rule[0][place] or ""),
        "kind": str(found.point_type[0][place] or ""),
    }
