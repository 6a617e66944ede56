"""Metrics with their areas, targets and steps: the one way in for what figures hang on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from outcomes.models import Area, AreaCode, Direction, Frequency, Metric, SchemeMetric, Step, Target
from outcomes.models.metrics import Unit
from schemes.models import Partner, Scheme, Source, System, User
from schemes.people.permissions import Permission, has_permission
from schemes.services.upsert import Codes, Wanted, allow, allow_in_with, upsert


@dataclass(frozen=True, kw_only=True)
class AreaSpec:
    """An area; ``within`` and ``partner`` are codes."""

    code: str
    name: str
    kind: str
    within: str = ""
    partner: str = ""
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class AreaCodeSpec:
    """Another code of an area in somebody's register."""

    registry: str
    code: str
    area: str
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """A metric by system and code; other names are codes. Blank is not stated."""

    system: str
    code: str
    name: str
    direction: str = Direction.NEUTRAL
    frequency: str = Frequency.MONTHLY
    why: str = ""
    numerator: str = ""
    denominator: str = ""
    unit: str = Unit.NUMBER
    unit_words: str = ""
    per: int = 1
    decimals: int = 0
    metric_source: str = ""
    area: str = ""
    comparators: Sequence[str] = ()
    part_of: str = ""
    part_kind: str = ""
    position: int = 0
    quality: str = ""
    no_target: str = ""
    review: str = ""
    fix_after: int | None = None
    screen: bool = False
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class TargetSpec:
    """What a metric should reach in a period; without an area in each."""

    system: str
    metric: str
    code: str
    area: str = ""
    starts: date | None = None
    ends: date | None = None
    value: Decimal | None = None
    words: str = ""
    baseline: Decimal | None = None
    payment: str = ""
    payment_pence: int | None = None
    payment_rule: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """A day from which a metric's control limits start anew, with the reason."""

    system: str
    metric: str
    on: date
    reason: str
    area: str = ""
    taken_back: bool = False
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SchemeMetricSpec:
    """A metric that a scheme of the same system should move."""

    system: str
    scheme: str
    metric: str
    lag_months: int | None = None
    words: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@transaction.atomic
def save_areas(*, by: User | None, specs: Sequence[AreaSpec]) -> Count:
    """Create or change areas by their code. Raises Refused with a fault a row.

    Those who load data keep areas, since every system reads them.
    """
    allow(by)
    partners = Codes(Partner, "partner")
    wanted = [
        Wanted(
            {"code": spec.code},
            {
                "name": spec.name,
                "kind": spec.kind,
                "partner_id": partners.find(spec.partner, "partner", spec.row),
            },
            spec.row,
        )
        for spec in specs
    ]
    partners.refuse()
    count = upsert(Area, wanted, by=by).count
    areas = Codes(Area, "area")
    hung = [
        Wanted(
            {"code": spec.code},
            {"within_id": areas.find(spec.within, "within", spec.row)},
            spec.row,
        )
        for spec in specs
    ]
    areas.refuse()
    moved = upsert(Area, [want for want in hung if want.values["within_id"]], by=by).count
    return count if count.created or count.updated else count + Count(updated=moved.updated)


@transaction.atomic
def save_area_codes(*, by: User | None, specs: Sequence[AreaCodeSpec]) -> Count:
    """Give areas their codes in registers. Raises Refused with a fault a row."""
    allow(by)
    areas = Codes(Area, "area")
    wanted = [
        Wanted(
            {"register": spec.registry, "code": spec.code},
            {"area_id": areas.find(spec.area, "area", spec.row)},
            spec.row,
        )
        for spec in specs
    ]
    areas.refuse()
    return upsert(AreaCode, wanted, by=by).count


@transaction.atomic
def save_metrics(*, by: User | None, specs: Sequence[MetricSpec]) -> Count:
    """Create or change metrics by system and code. Raises Refused, and Http404 for another's."""
    _allow(by, specs)
    systems, areas, sources = Codes(System, "system"), Codes(Area, "area"), Codes(Source, "source")
    faults = []
    wanted = []
    for spec in specs:
        for code in spec.comparators:
            areas.find(code, "comparators", spec.row)
        if spec.unit == Unit.PERCENT and spec.numerator and spec.denominator and spec.per != 100:
            faults.append(Fault("A percentage is per 100.", "per", str(spec.per), spec.row))
        wanted.append(
            Wanted(
                {"system_id": systems.find(spec.system, "system", spec.row), "code": spec.code},
                {name: getattr(spec, name) for name in _PLAIN}
                | {
                    "source_id": sources.find(spec.metric_source, "metric_source", spec.row),
                    "area_id": areas.find(spec.area, "area", spec.row),
                    "comparators": list(spec.comparators),
                },
                spec.row,
            )
        )
    for codes in (systems, areas, sources):
        codes.refuse()
    if faults:
        raise Refused(faults)
    done = upsert(Metric, wanted, by=by)
    hung = _hang_parts(specs, by)
    move(Metric.objects.filter(pk__in=[item.pk for item in done.changed]))
    count = done.count
    return count if count.created or count.updated else count + Count(updated=hung)


_PLAIN = (
    "name", "why", "numerator", "denominator", "unit", "unit_words", "per", "decimals",
    "direction", "frequency", "part_kind", "position", "quality", "no_target", "review",
    "fix_after", "screen", "note", "evidence_id",
)  # fmt: skip


def _hang_parts(specs: Sequence[MetricSpec], by: User | None) -> int:
    """Name the metrics that others are parts of, once all stand; how many moved."""
    known = _Metrics(specs)
    wanted = [
        Wanted(
            {"system_id": known.systems.ids[spec.system], "code": spec.code},
            {"part_of_id": known.find(spec.system, spec.part_of, "part_of", spec.row)},
            spec.row,
        )
        for spec in specs
        if spec.part_of
    ]
    known.refuse()
    return upsert(Metric, wanted, by=by).count.updated


@transaction.atomic
def save_targets(*, by: User | None, specs: Sequence[TargetSpec]) -> Count:
    """Create or change targets by metric and code. Raises Refused, and Http404 for another's."""
    _allow(by, specs)
    known, areas = _Metrics(specs), Codes(Area, "area")
    plain = (
        "starts", "ends", "value", "words", "baseline", "payment", "payment_pence",
        "payment_rule", "note", "evidence_id",
    )  # fmt: skip
    wanted = [
        Wanted(
            {"metric_id": known.of(spec), "code": spec.code},
            {name: getattr(spec, name) for name in plain}
            | {"area_id": areas.find(spec.area, "area", spec.row)},
            spec.row,
        )
        for spec in specs
    ]
    known.refuse()
    areas.refuse()
    said = "Give the target a value, or say in words what is aimed for."
    empty = [spec for spec in specs if spec.value is None and not spec.words.strip()]
    if empty:
        raise Refused([Fault(said, "value", "", spec.row) for spec in empty])
    _refuse_impossible(specs)
    done = upsert(Target, wanted, by=by)
    _moved(done.created, done.changed)
    return done.count


def _refuse_impossible(specs: Sequence[TargetSpec]) -> None:
    """Raise Refused for values that a metric's unit does not allow: one query."""
    metrics = Metric.objects.filter(system__code__in={spec.system for spec in specs})
    bounds = {
        (item.system.code, item.code): item.bounds for item in metrics.select_related("system")
    }
    faults = []
    for spec in specs:
        lowest, highest = bounds[spec.system, spec.metric]
        for name, number in (("value", spec.value), ("baseline", spec.baseline)):
            if number is None:
                continue
            if lowest is not None and number < lowest:
                said = f"A {name} of this metric cannot be below {lowest}. Mend it."
            elif highest is not None and number > highest:
                said = f"A percentage cannot be above {highest}. Mend it."
            else:
                continue
            faults.append(Fault(said, name, f"{number:f}", spec.row))
    if faults:
        raise Refused(faults)


@transaction.atomic
def save_steps(*, by: User | None, specs: Sequence[StepSpec]) -> Count:
    """Set steps by metric, area and day, or take them back. Raises Refused with a fault a row.

    Whoever enters values may set them.
    """
    allow_in_with(by, Permission.ENTER_OBSERVATION, {spec.system for spec in specs})
    known, areas = _Metrics(specs), Codes(Area, "area")
    wanted = [
        Wanted(
            {
                "metric_id": known.of(spec),
                "area_id": areas.find(spec.area, "area", spec.row),
                "on": spec.on,
            },
            {"reason": spec.reason.strip(), "taken_back": spec.taken_back},
            spec.row,
        )
        for spec in specs
    ]
    known.refuse()
    areas.refuse()
    done = upsert(Step, wanted, by=by)
    _moved(done.created, done.changed)
    return done.count


@transaction.atomic
def save_scheme_metrics(*, by: User | None, specs: Sequence[SchemeMetricSpec]) -> Count:
    """Say which metrics a scheme should move. Raises Refused with a fault a row."""
    _allow(by, specs)
    known = _Metrics(specs)
    schemes = {
        (system, code): pk
        for system, code, pk in Scheme.objects.filter(
            system__code__in={spec.system for spec in specs}
        ).values_list("system__code", "code", "pk")
    }
    faults = [
        Fault(f"The system has no scheme '{spec.scheme}'.", "scheme", spec.scheme, spec.row)
        for spec in specs
        if (spec.system, spec.scheme) not in schemes
    ]
    plain = ("lag_months", "words", "note", "evidence_id")
    wanted = [
        Wanted(
            {"scheme_id": schemes.get((spec.system, spec.scheme)), "metric_id": known.of(spec)},
            {name: getattr(spec, name) for name in plain},
            spec.row,
        )
        for spec in specs
    ]
    known.refuse()
    if faults:
        raise Refused(faults)
    return upsert(SchemeMetric, wanted, by=by).count


def move(metrics: Any) -> None:
    """Count a change of what hangs on metrics, so that nothing kept of them is shown any more."""
    metrics.update(change=F("change") + 1)


def _moved(*rows: Iterable[Any]) -> None:
    ids = {row.metric_id for some in rows for row in some}
    if ids:
        move(Metric.objects.filter(pk__in=ids))


def may_keep(user: User, system: System) -> bool:
    """Whether a person keeps the framework, metrics, targets and steps of a system."""
    return has_permission(user, Permission.KEEP_OUTCOMES, system=system)


def _allow(by: User | None, specs: Sequence[Any]) -> None:
    allow_in_with(by, Permission.KEEP_OUTCOMES, {spec.system for spec in specs})


class _Metrics:
    """Metrics of the systems that rows name, by system and code; a fault for each not known."""

    def __init__(self, specs: Sequence[Any]) -> None:
        self.systems = Codes(System, "system")
        self.ids = {
            (system, code): pk
            for system, code, pk in Metric.objects.filter(
                system__code__in={spec.system for spec in specs}
            ).values_list("system__code", "code", "pk")
        }
        self.faults: list[Fault] = []

    def of(self, spec: Any) -> int | None:
        """The metric that a row names."""
        return self.find(spec.system, spec.metric, "metric", spec.row)

    def find(self, system: str, code: str, field: str, row: int | str | None) -> int | None:
        """A metric's id; None with a fault for one that is not known."""
        if (system, code) not in self.ids:
            said = f"The system has no metric '{code}'. Add it to the metrics, or mend this."
            self.faults.append(Fault(said, field, code, row))
        return self.ids.get((system, code))

    def refuse(self) -> None:
        """Raise Refused when some metric was not known."""
        if self.faults:
            raise Refused(self.faults)
