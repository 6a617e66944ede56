"""API of metrics: what they are, their values with limits, and values in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import BeforeValidator, ConfigDict, StrictInt
from pydantic_core import PydanticCustomError

from esbt.kit.problems import Conflict
from outcomes.api.schemas import MetricOut, MetricRows, Number, TargetOut
from outcomes.figures.metric import Judged
from outcomes.figures.readings import reading_of
from outcomes.models import Area, Metric, Observation, Step, Target
from outcomes.queries import metric_with_parts, series_of, verdicts_of
from outcomes.queries.areas import area_by_code, areas_by_code
from outcomes.services import ANY, ObservationEntry, Recorded, record_observations
from schemes.api.idempotent import Key, answer_once
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["outcomes"])


def _no_text(given: Any) -> Any:
    if given is None or (isinstance(given, int | float) and not isinstance(given, bool)):
        return given
    raise PydanticCustomError("number", "Write a number without quotes, or null for not stated.")


Given = Annotated[
    int | float | None,
    BeforeValidator(_no_text),
    Field(description="A number, never text; null or left out: not stated"),
]


class ObservationOut(Schema):
    """A value, with the limits of the step that it belongs to; null where there is none."""

    area: str
    starts: date
    ends: date
    value: Number
    numerator: Number
    denominator: Number
    standing: str
    hedge: str
    comment: str
    revision: int
    overlaps: bool
    misfit: Annotated[
        str, Field(description="longer or shorter than the metric's periods: never compared")
    ]
    mean: Number
    lpl: Number
    upl: Number
    rule: str | None
    point_type: str | None
    target: Number
    source: str | None
    place: str | None


class ObservationRows(Schema):
    rows: list[ObservationOut]


class ObservationIn(Schema):
    """A value for an area in a period, both days included; the row stands for all of it.

    What is left out is not stated. A name that is not known is refused, since passing it over
    would lose a figure.
    """

    model_config = ConfigDict(extra="forbid")

    area: str = Field(max_length=60, description="Its code, or one that it has in a register")
    starts: date
    ends: date
    value: Given = None
    numerator: Given = None
    denominator: Given = None
    standing: str = "final"
    hedge: str = Field(default="", max_length=40)
    comment: str = Field(default="", max_length=4000)
    revision: StrictInt | None = Field(
        default=None, description="The one you saw, null when there was none; left out: any"
    )


class ObservationsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    rows: list[ObservationIn] = Field(min_length=1, max_length=20_000)


class ObservationFaultOut(Schema):
    row: int | str | None
    field: str
    value: str
    message: str


class SavedObservationOut(Schema):
    area: str
    starts: date
    ends: date
    revision: int
    value: Number
    numerator: Number
    denominator: Number
    standing: str


class ObservationsSavedOut(Schema):
    rows: list[SavedObservationOut]
    created: int
    updated: int
    unchanged: int
    change: int
    warnings: list[ObservationFaultOut]


@router.get("/systems/{system}/metrics", response=MetricRows, summary="Metrics of a system")
def list_metrics(request: PersonRequest, system: str) -> dict[str, Any]:
    """Each with its latest value in the area that it shows first, and what its chart says."""
    metrics = list(
        Metric.objects.filter(system=visible_system(request.user, system)).select_related(
            "area", "part_of"
        )
    )
    verdicts = verdicts_of(metrics)
    return {"rows": [_metric_row(metric, verdicts.get(metric.code)) for metric in metrics]}


def _metric_row(metric: Metric, verdict: Any) -> dict[str, Any]:
    names = ("code", "name", "unit", "unit_words", "direction", "frequency")
    moved = verdict.moved if verdict else None
    return {name: getattr(metric, name) for name in names} | {
        "part_of": metric.part_of.code if metric.part_of else None,
        "area": metric.area.code if metric.area else None,
        "latest_value": _number(verdict.value) if verdict else None,
        "latest_starts": verdict.starts if verdict else None,
        "latest_ends": verdict.ends if verdict else None,
        "variation_type": (verdict.variation or None) if verdict else None,
        "assurance_type": (verdict.assurance or None) if verdict else None,
        "short_group_warning": bool(verdict and verdict.provisional),
        "step": moved.on if moved else None,
        "mean_before": moved.before if moved else None,
        "mean_since": moved.since if moved else None,
    }


@router.get(
    "/systems/{system}/metrics/{metric}",
    response=MetricOut,
    summary="What a metric is, its targets and steps",
)
def get_metric(request: PersonRequest, system: str, metric: str) -> dict[str, Any]:
    """Steps that were taken back are left out."""
    found, parts = metric_with_parts(request.user, system, metric)
    targets = Target.objects.filter(metric=found).select_related("area", "evidence")
    steps = Step.objects.filter(metric=found, taken_back=False).select_related("area")
    same = MetricOut.model_fields.keys() & {item.name for item in Metric._meta.concrete_fields}
    return {name: getattr(found, name) for name in same} | {
        "source": found.source.title if found.source else None,
        "licence": (found.source.licence or None) if found.source else None,
        "area": found.area.code if found.area else None,
        "part_of": found.part_of.code if found.part_of else None,
        "areas": [place["code"] for place in found.places],  # type: ignore[attr-defined]
        "parts": [part.code for part in parts],
        "targets": [
            {name: getattr(target, name, "") for name in TargetOut.model_fields}
            | {
                "state": target.evidence.state if target.evidence else "",
                "working": target.evidence.working if target.evidence else "",
                "area": _code(target.area),
                "value": _number(target.value),
                "baseline": _number(target.baseline),
            }
            for target in targets
        ],
        "steps": [
            {"area": _code(step.area), "on": step.on, "reason": step.reason} for step in steps
        ],
    }


@router.get(
    "/systems/{system}/metrics/{metric}/observations",
    response=ObservationRows,
    summary="Values of a metric with their control limits",
)
def list_observations(
    request: PersonRequest,
    system: str,
    metric: str,
    area: str = "",
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """Left out: every area and period. Limits are those of the whole series, whatever is asked."""
    found, _ = metric_with_parts(request.user, system, metric)
    series = series_of([found], [area_by_code(area)] if area else None)
    return {
        "rows": [
            _observation(item.area, point)
            for item in series.values()
            for point in reading_of(item).points
            if (since is None or point.starts >= since) and (until is None or point.ends <= until)
        ]
    }


def _observation(area: str, point: Judged) -> dict[str, Any]:
    numbers = ("value", "numerator", "denominator", "mean", "lpl", "upl", "target")
    words = ("starts", "ends", "standing", "hedge", "comment", "revision", "overlaps", "misfit")
    return {
        "area": area,
        **{name: _number(getattr(point, name)) for name in numbers},
        **{name: getattr(point, name) for name in words},
        "rule": point.rule or None,
        "point_type": point.kind or None,
        "source": point.source or None,
        "place": point.place or None,
    }


@router.put(
    "/systems/{system}/metrics/{metric}/observations",
    response=ObservationsSavedOut,
    summary="Save values of a metric, all or none",
)
def put_observations(
    request: PersonRequest,
    system: str,
    metric: str,
    body: ObservationsIn,
    idempotency_key: Key = None,
) -> dict[str, Any] | HttpResponse:
    """Values of periods that overlap others, or are longer or shorter than the metric's, are
    stored with a warning each, and compared with none. A changed figure cites no document; one
    that is sent again, in a body without comments, keeps the one that it has.
    """
    found, _ = metric_with_parts(request.user, system, metric)
    known = areas_by_code({row.area for row in body.rows})
    entries = [
        _entry(metric, row, known.get(row.area, row.area), number)
        for number, row in enumerate(body.rows, 1)
    ]

    def save() -> dict[str, Any]:
        saved = _record(request, found, entries)
        found.refresh_from_db(fields=["change"])
        return {
            "rows": _stored(found, entries),
            "created": saved.count.created,
            "updated": saved.count.updated,
            "unchanged": saved.count.unchanged,
            "change": found.change,
            "warnings": saved.warnings,
        }

    return answer_once(request, idempotency_key, body, ObservationsSavedOut, save)


def _record(
    request: PersonRequest, metric: Metric, entries: Sequence[ObservationEntry]
) -> Recorded:
    try:
        plain = not any(entry.comment for entry in entries)
        by, system = request.user, metric.system_id
        return record_observations(by=by, system_id=system, entries=entries, only_figures=plain)
    except Conflict as refused:
        raise Conflict(refused.faults, [_newer(row) for row in refused.newer]) from refused


def _newer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _number(value) if isinstance(value, Decimal) else value
        for name, value in row.items()
        if name != "metric"
    }


def _stored(metric: Metric, entries: Sequence[ObservationEntry]) -> list[dict[str, Any]]:
    """What stands where entries went, in their order: one query."""
    heads = {
        (head.area.code, head.starts, head.ends): head
        for head in Observation.objects.filter(
            metric=metric,
            area__code__in={entry.area for entry in entries},
            starts__in={entry.starts for entry in entries},
        ).select_related("area")
    }
    rows = []
    for entry in entries:
        head = heads[entry.area, entry.starts, entry.ends]
        numbers = ("value", "numerator", "denominator")
        rows.append(
            {name: _number(getattr(head, name)) for name in numbers}
            | {name: getattr(head, name) for name in ("starts", "ends", "revision", "standing")}
            | {"area": entry.area}
        )
    return rows


def _entry(metric: str, row: ObservationIn, area: str, number: int) -> ObservationEntry:
    return ObservationEntry(
        metric=metric,
        area=area,
        starts=row.starts,
        ends=row.ends,
        value=_exact(row.value),
        numerator=_exact(row.numerator),
        denominator=_exact(row.denominator),
        standing=row.standing,
        hedge=row.hedge,
        comment=row.comment,
        revision=row.revision if "revision" in row.model_fields_set else ANY,
        row=number,
    )


def _exact(number: float | None) -> Decimal | None:
    """A number of JSON as it was written: 31.2 is not a little less."""
    return None if number is None else Decimal(str(number))


def _number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def _code(area: Area | None) -> str | None:
    return area.code if area else None
