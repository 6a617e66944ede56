"""Series of observations by metric and area, and what a control chart says of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, When
from django.db.models.functions import JSONObject
from django.http import Http404

from esbt.kit.cached import remember_many
from outcomes import spc
from outcomes.figures.metric import Charted, MeanMove
from outcomes.models import Area, Metric, Observation, Standing, Step, Target
from schemes.models import User


@dataclass(frozen=True, slots=True)
class Point:
    """A metric's value for an area in a period, with where it comes from."""

    starts: date
    ends: date
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    standing: str
    hedge: str
    comment: str
    revision: int
    source: str  # its title; "" for what somebody typed
    place: str
    printed: str
    state: str  # of its evidence; "" without
    working: str
    overlaps: bool = False  # its period shares days with another; such are never added
    misfit: str = ""  # longer or shorter than the metric's periods are; such are never compared


@dataclass(frozen=True, slots=True)
class Series(Charted[Point]):
    """All that is known of a metric for one area, by period, with the steps and targets on it."""

    metric: Metric
    area: str  # its code
    area_name: str
    area_kind: str
    points: Sequence[Point]
    steps: Sequence[Step]
    targets: Sequence[Target]
    withdrawn: Sequence[tuple[date, date]] = ()  # periods of which the value was taken back

    @property
    def not_charted(self) -> str:
        """Why there is no control chart, in words; "" where there is one."""
        alone, valued = len(self.compared), self.valued
        if alone < sum(point.overlaps for point in valued):
            return "Periods overlap, so that the values are no series and are never added."
        if alone < 2:
            of = f" of {self.metric.length}" if any(point.misfit for point in valued) else ""
            return f"A control chart needs at least two values{of}."
        return ""

    def target_at(self, day: date) -> Target | None:
        """The target that holds on a day: the area's own before one for every area."""
        held = [
            target
            for target in self.targets
            if target.value is not None
            and (target.starts is None or target.starts <= day)
            and (target.ends is None or day <= target.ends)
        ]
        return max(
            held, key=lambda item: (item.area_id is not None, item.starts or date.min), default=None
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the control chart of a metric says of an area now; "" where it says nothing."""

    variation: str  # a spc.PointType
    assurance: str  # a spc.Assurance
    provisional: bool  # some step has too few values for its limits
    value: Decimal | None
    starts: date | None
    ends: date | None
    previous: Decimal | None  # the value before it
    hedge: str = ""
    standing: str = ""
    counted: int = 0  # values since the limits last started anew
    stepped: bool = False  # whether they ever did
    overlapping: int = 0  # values that are left out, since their periods share days
    moved: MeanMove | None = None  # what the mean did at the last step
    misfits: int = 0  # values that are left out, since their periods are longer or shorter
    target: Decimal | None = None  # that holds at the latest value
    year_before: Decimal | None = None  # of the same period a year earlier
    firsts: Sequence[tuple[date, date, Decimal]] = ()  # each financial year's first value
    words: str = ""  # what the latest period says where no value was ever stated
    beside: Sequence[tuple[str, Verdict]] = ()  # of the system's other areas, by name

    def baseline(self, year: str = "") -> tuple[date, date, Decimal] | None:
        """The first value of a financial year such as 2015-16, else the first of all."""
        own = [item for item in self.firsts if year and _year_of(item[0]) == int(year[:4])]
        return next(iter([*own, *self.firsts]), None)


NOTHING = Verdict("", "", False, None, None, None, None)


_PLACE = JSONObject(code="code", name="name", kind="kind")


def _year_of(day: date) -> int:
    """The year in which the financial year of a day begins."""
    return day.year if day.month > 3 else day.year - 1


def metric_with_parts(user: User, system: str, code: str) -> tuple[Metric, list[Metric]]:
    """A metric that the user may see and its parts, in order: one query. Http404 for any other.

    The metric holds as ``places`` the areas that have a value of it: code, name and kind of each.
    """
    placed = Area.objects.filter(
        Exists(Observation.objects.filter(metric=OuterRef(OuterRef("pk")), area=OuterRef("pk")))
    )
    places = ArraySubquery(placed.order_by("name").values(place=_PLACE))
    found = list(
        Metric.objects.visible_to(user)
        .filter(Q(code=code) | Q(part_of__code=code), system__code=system)
        .select_related("system", "area", "source", "evidence__source", "part_of")
        .annotate(places=Case(When(code=code, then=places)))
    )
    whole = next((item for item in found if item.code == code), None)
    if whole is None:
        raise Http404
    return whole, [item for item in found if item.code != code]


def series_of(
    metrics: Sequence[Metric],
    areas: Iterable[str] | None = None,
    *,
    also: Iterable[str] = (),
    until: date | None = None,
) -> dict[tuple[str, str], Series]:
    """Series by codes of metric and area, for some areas or all: three queries.

    ``also`` are further areas, of the first metric alone; ``until`` leaves out periods that end
    after it. An area of which no value
    stands has no series.
    """
    by_id = {metric.pk: metric for metric in metrics}
    rows = Observation.objects.filter(metric__in=by_id)
    if until is not None:
        rows = rows.filter(ends__lte=until)
    if areas is not None:
        more = Q(metric=metrics[0], area__code__in=list(also)) if metrics else Q()
        rows = rows.filter(Q(area__code__in=list(areas)) | more)
    found = (
        rows.select_related("area", "evidence__source")
        .order_by("metric", "area__code", "starts", "ends")
        .iterator(chunk_size=5000)
    )
    steps = list(Step.objects.filter(metric__in=by_id, taken_back=False))
    targets = list(Target.objects.filter(metric__in=by_id).select_related("evidence"))
    made = {}
    for (metric_id, area_id), own in groupby(found, key=lambda row: (row.metric_id, row.area_id)):
        every = list(own)
        heads = [head for head in every if head.standing != Standing.WITHDRAWN]
        if not heads:
            continue
        area, metric = heads[0].area, by_id[metric_id]
        made[metric.code, area.code] = Series(
            metric,
            area.code,
            area.name,
            area.kind,
            _points(metric, heads),
            [s for s in steps if s.metric_id == metric_id and s.area_id in (None, area_id)],
            [t for t in targets if t.metric_id == metric_id and t.area_id in (None, area_id)],
            [(h.starts, h.ends) for h in every if h.standing == Standing.WITHDRAWN],
        )
    return made


def _points(metric: Metric, heads: Sequence[Observation]) -> list[Point]:
    overlapping = set()
    latest: Observation | None = None
    misfits = {head.pk: metric.misfit(head.starts, head.ends) for head in heads}
    for head in heads:  # in the order of their starts
        if head.value is None or misfits[head.pk]:
            continue
        if latest and head.starts <= latest.ends:
            overlapping |= {head.pk, latest.pk}
        if latest is None or head.ends > latest.ends:
            latest = head
    return [_point(head, head.pk in overlapping, misfits[head.pk]) for head in heads]


def _point(head: Observation, overlaps: bool, misfit: str) -> Point:
    evidence = head.evidence
    return Point(
        starts=head.starts,
        ends=head.ends,
        value=head.value,
        numerator=head.numerator,
        denominator=head.denominator,
        standing=head.standing,
        hedge=head.hedge,
        comment=head.comment,
        revision=head.revision,
        source=evidence.source.title if evidence else "",
        place=evidence.place if evidence else "",
        printed=evidence.printed if evidence else "",
        state=evidence.state if evidence else "",
        working=evidence.working if evidence else "",
        overlaps=overlaps,
        misfit=misfit,
    )


def control(series: Series) -> spc.Chart | None:
    """The control chart of a series, one area by its charted points; None where there is none."""
    if series.not_charted:
        return None
    metric, points = series.metric, series.charted
    days = [point.starts for point in points]
    values = np.array([[_number(point) for point in points]], dtype=np.float64)
    targets = [_target(series, day) for day in days]
    return spc.chart(
        values,
        direction=metric.direction,
        target=np.array([targets], dtype=np.float64),
        starts=spc.starts_at(days, [step.on for step in series.steps]),
        fix_after=metric.fix_after,
        screen=metric.screen,
    )


def mean_move(series: Series, found: spc.Chart | None) -> MeanMove | None:
    """What the mean did at the last step that has values before and after it; None without one."""
    if found is None:
        return None
    charted = zip(series.charted, found.limits.mean[0], found.point_type[0], strict=True)
    counted = [(point.starts, float(mean)) for point, mean, kind in charted if kind]
    last, since = counted[-1] if counted else (date.min, 0.0)
    on = max((step.on for step in series.steps if step.on <= last), default=date.min)
    before = [mean for day, mean in counted if day < on]
    return MeanMove(on, before[-1], since) if before else None


def _number(point: Point) -> float:
    # what was defined otherwise or overlaps is shown, and not compared with what comes after
    known = point.standing != Standing.REDEFINED and not point.overlaps
    return float(point.value) if known and point.value is not None else np.nan


def _target(series: Series, day: date) -> float:
    target = series.target_at(day)
    return np.nan if target is None or target.value is None else float(target.value)


def verdicts_of(metrics: Sequence[Metric], until: date | None = None) -> Mapping[str, Verdict]:
    """What each metric, read with its area, says for the area that it shows first; by its code.

    With ``until``, what it said by its values of periods that were over on that day. With what it
    says ``beside`` for comparators of the same kind within the same wider area. Kept under each
    metric's change; three queries for those that moved and one for comparators, none where all is
    kept.
    """
    shown = {metric.code: metric for metric in metrics if metric.area}
    keys = {
        code: f"verdict-4:{metric.pk}:{metric.change}:{until or ''}"
        for code, metric in shown.items()
    }

    def build(codes: Sequence[str]) -> dict[str, Verdict]:
        moved = {code: metric.area.code for code in codes if (metric := shown[code]).area}
        beside = _siblings([shown[code] for code in codes])
        areas = {*moved.values(), *(code for own in beside.values() for code in own)}
        series = series_of([shown[code] for code in codes], areas, until=until)
        return {
            code: replace(
                verdict_of(series.get((code, area))),
                beside=[
                    (own.area_name, verdict_of(own))
                    for other in beside[code]
                    if (own := series.get((code, other)))
                ],
            )
            for code, area in moved.items()
        }

    return remember_many(keys, build)


def _siblings(metrics: Sequence[Metric]) -> dict[str, list[str]]:
    """The comparators of metrics that are of the kind of its area and lie within the same one."""
    codes = {code for metric in metrics for code in metric.comparators}
    found = Area.objects.filter(code__in=codes) if codes else ()
    known = {area.code: (area.kind, area.within_id) for area in found}
    return {
        metric.code: [
            code
            for code in metric.comparators
            if metric.area
            and metric.area.within_id
            and code != metric.area.code
            and known.get(code) == (metric.area.kind, metric.area.within_id)
        ]
        for metric in metrics
    }


def verdict_of(series: Series | None) -> Verdict:
    """What a series says by its last value."""
    latest = series.latest if series else None
    if series is None or latest is None:
        return replace(NOTHING, words=series.points[-1].comment) if series else NOTHING
    compared, found = series.compared, control(series)
    anew = max((step.on for step in series.steps if step.on <= latest.starts), default=date.min)
    target = series.target_at(latest.starts)
    return Verdict(
        variation=str(found.variation_type[0] or "") if found else "",
        assurance=str(found.assurance_type[0] or "") if found else "",
        provisional=bool(found.short_group_warning[0]) if found else False,
        value=latest.value,
        starts=latest.starts,
        ends=latest.ends,
        previous=compared[-2].value if len(compared) > 1 else None,
        hedge=latest.hedge,
        standing=latest.standing,
        counted=sum(
            point.starts >= anew and point.standing != Standing.REDEFINED for point in compared
        ),
        stepped=anew != date.min,
        overlapping=sum(point.overlaps for point in series.points),
        moved=mean_move(series, found),
        misfits=sum(bool(point.misfit) for point in series.valued),
        target=target.value if target else None,
        year_before=_a_year_before(compared, latest),
        firsts=_firsts(compared),
    )


def _a_year_before(compared: Sequence[Point], latest: Point) -> Decimal | None:
    """The value of the same period a year earlier; None where there is none to compare with."""
    if latest.overlaps or latest.misfit:
        return None
    days = (latest.ends - latest.starts).days
    for point in compared:
        same = (point.starts.month, point.starts.day) == (latest.starts.month, latest.starts.day)
        # a leap year is a day longer
        if (
            same
            and point.starts.year == latest.starts.year - 1
            and abs((point.ends - point.starts).days - days) <= 1
            and point.standing != Standing.REDEFINED
        ):
            return point.value
    return None


def _firsts(compared: Sequence[Point]) -> list[tuple[date, date, Decimal]]:
    firsts: dict[int, tuple[date, date, Decimal]] = {}
    for point in compared:
        if point.value is not None and point.standing != Standing.REDEFINED:
            firsts.setdefault(_year_of(point.starts), (point.starts, point.ends, point.value))
    return list(firsts.values())
