"""The tables of a data package that fill the results, in the order in which they are read.

Metrics are defined here, in text that can be reviewed. Percentages stand as per cent, dates as
days; what a package leaves out stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, field_validator

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.rows import Code, Day, Figure, Row, Table, Whole, YesNo
from outcomes import services
from outcomes.models import (
    ENTERED,
    Area,
    Direction,
    Frequency,
    Level,
    PaymentRule,
    Standing,
    Unit,
)
from schemes.models import System, User
from schemes.package.base import (
    EvidenceColumns,
    EvidencedRow,
    Long,
    Name,
    Step,
    Warn,
    When,
    Word,
    YearCode,
    evidence_ids,
    evidenced,
    spec_of,
    table_of,
    whole_pence,
)

Count16 = Annotated[Whole, Field(ge=0, le=32767)]

# what a file may say; nobody loads a withdrawn value
Entered = StrEnum("Entered", {item.name: item.value for item in ENTERED})  # type: ignore[misc]


class AreaRow(Row):
    """A place or body that figures are of."""

    code: Code
    name: Name
    kind: Area.Kind
    within: Code = ""
    partner: Code = ""


class AreaCodeRow(Row):
    """Another code of an area in somebody's register."""

    registry: Word
    code: Word
    area: Code


class MetricRow(EvidencedRow):
    """What is measured, why, and which way it should move."""

    system: Code
    code: Code
    name: Name
    direction: Direction
    frequency: Frequency
    why: Long = ""
    numerator: Long = ""
    denominator: Long = ""
    unit: Unit = Unit.NUMBER
    unit_words: Annotated[str, Field(max_length=80)] = ""
    per: Annotated[Whole, Field(ge=1)] = 1
    decimals: Annotated[Whole, Field(ge=0, le=6)] = 0
    metric_source: Code = ""
    area: Code = ""
    comparators: Long = Field("", description="Codes of areas, spaces between")
    part_of: Code = ""
    part_kind: Word = ""
    position: Count16 = 0
    quality: Long = ""
    no_target: Long = ""
    review: When = ""
    fix_after: Annotated[Whole, Field(ge=2, le=999)] | None = None
    screen: YesNo = False
    note: Long = ""

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {"comparators": tuple(self.comparators.split())}


class TargetRow(EvidencedRow):
    """What a metric should reach in a period."""

    system: Code
    metric: Code
    code: Code
    area: Code = ""
    starts: Day | None = None
    ends: Day | None = None
    value: Figure | None = None
    words: Long = ""
    baseline: Figure | None = None
    payment: When = ""
    payment_gbp: Figure | None = None
    payment_rule: PaymentRule | None = None
    note: Long = ""

    @field_validator("payment_gbp", mode="after")
    @classmethod
    def _to_the_penny(cls, value: Decimal | None) -> Decimal | None:
        whole_pence(value)
        return value

    def values(self) -> dict[str, Any]:
        """What the service calls otherwise."""
        return {
            "payment_pence": whole_pence(self.payment_gbp),
            "payment_rule": self.payment_rule or "",
        }


class StepRow(Row):
    """A day from which control limits start anew."""

    system: Code
    metric: Code
    on: Day
    reason: Annotated[str, Field(max_length=300)]
    area: Code = ""
    taken_back: YesNo = False


class ObservationRow(EvidenceColumns):
    """A metric's value for an area in a period, both days included."""

    system: Code
    metric: Code
    area: Code
    starts: Day
    ends: Day
    value: Figure | None = None
    numerator: Figure | None = None
    denominator: Figure | None = None
    standing: Entered = Entered(Standing.FINAL)
    hedge: Word = ""
    comment: Long = ""


class FrameworkRow(EvidencedRow):
    """A version of a system's outcomes framework; counts are those that its source gives."""

    system: Code
    code: Code
    name: Name
    dated: When = ""
    status: Word = ""
    position: Count16 = 0
    baseline: YearCode = ""
    expected_domains: Count16 | None = None
    expected_objectives: Count16 | None = None
    expected_outcomes: Count16 | None = None
    note: Long = ""


class ItemRow(EvidencedRow):
    """A domain, objective or outcome of a version."""

    system: Code
    framework: Code
    code: Code
    level: Level
    name: Annotated[str, Field(max_length=300)]
    parent: Code = ""
    position: Count16 = 0
    note: Long = ""


class ItemMetricRow(Row):
    """A metric by which an item of a framework is judged."""

    system: Code
    framework: Code
    item: Code
    metric: Code


class ItemSchemeRow(Row):
    """A scheme that contributes to an item of a framework."""

    system: Code
    framework: Code
    item: Code
    scheme: Code


class QuarterRow(Row):
    """The quarter for which a domain is reported in depth."""

    system: Code
    framework: Code
    item: Code
    year: YearCode
    quarter: Annotated[Whole, Field(ge=1, le=4)]


class SchemeMetricRow(EvidencedRow):
    """A metric that a scheme should move."""

    system: Code
    scheme: Code
    metric: Code
    lag_months: Annotated[Whole, Field(ge=0, le=120)] | None = None
    words: Long = ""
    note: Long = ""


def _observations(*, by: User | None, rows: Sequence[ObservationRow], warn: Warn) -> Count:
    evidence = evidence_ids(by=by, rows=rows, units=[""] * len(rows))
    systems = dict(System.objects.values_list("code", "pk"))
    entries: dict[int, list[services.ObservationEntry]] = {}
    faults = []
    for row, found in zip(rows, evidence, strict=True):
        if row.system not in systems:
            said = f"There is no system '{row.system}'. Add it, or mend this."
            faults.append(Fault(said, "system", row.system, row.row))
            continue
        entry = spec_of(services.ObservationEntry, row, evidence_id=found)
        entries.setdefault(systems[row.system], []).append(entry)
    if faults:
        raise Refused(faults)
    count = Count()
    for system_id, own in entries.items():
        recorded = services.record_observations(by=by, system_id=system_id, entries=own)
        for fault in recorded.warnings:
            warn(fault)
        count += recorded.count
    return count


def _links(name: str, save: Callable[..., Count]) -> Callable[..., Count]:
    """Hand rows that link items to what they rest on to their service."""

    def apply(*, by: User | None, rows: Sequence[Any], warn: Warn) -> Count:
        specs = [spec_of(services.ItemLinkSpec, row, to=getattr(row, name)) for row in rows]
        return save(by=by, specs=specs)

    return apply


STEPS: tuple[Step, ...] = (
    table_of("areas", AreaRow, "code", services.AreaSpec, services.save_areas),
    table_of(
        "area_codes",
        AreaCodeRow,
        "registry code",
        services.AreaCodeSpec,
        services.save_area_codes,
    ),
    evidenced("metrics", MetricRow, "system code", services.MetricSpec, services.save_metrics),
    evidenced(
        "targets", TargetRow, "system metric code", services.TargetSpec, services.save_targets
    ),
    table_of("steps", StepRow, "system metric on", services.StepSpec, services.save_steps),
    Step(
        "observations",
        Table("observations", ObservationRow, ("system", "metric", "area", "starts", "ends")),
        _observations,
    ),
    evidenced(
        "frameworks",
        FrameworkRow,
        "system code",
        services.FrameworkSpec,
        services.save_frameworks,
    ),
    evidenced(
        "framework_items",
        ItemRow,
        "system framework code",
        services.ItemSpec,
        services.save_items,
    ),
    Step(
        "item_metrics",
        Table("item_metrics", ItemMetricRow, ("system", "framework", "item", "metric")),
        _links("metric", services.save_item_metrics),
    ),
    Step(
        "item_schemes",
        Table("item_schemes", ItemSchemeRow, ("system", "framework", "item", "scheme")),
        _links("scheme", services.save_item_schemes),
    ),
    table_of(
        "domain_quarters",
        QuarterRow,
        "system framework item year quarter",
        services.QuarterSpec,
        services.save_quarters,
    ),
    evidenced(
        "scheme_metrics",
        SchemeMetricRow,
        "system scheme metric",
        services.SchemeMetricSpec,
        services.save_scheme_metrics,
    ),
)
