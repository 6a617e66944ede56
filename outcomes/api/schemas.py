"""What the API says of a metric: its definition, targets, steps and latest value."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ninja import Field, Schema

Number = Annotated[float | None, Field(description="In the metric's unit; null: not stated")]


class MetricRowOut(Schema):
    code: str
    name: str
    unit: str
    unit_words: str
    direction: str
    frequency: str
    part_of: str | None
    area: Annotated[str | None, Field(description="The area that is shown first")]
    latest_value: Number
    latest_starts: date | None
    latest_ends: date | None
    variation_type: str | None
    assurance_type: str | None
    short_group_warning: bool
    step: Annotated[date | None, Field(description="From which the limits last began anew")]
    mean_before: Number
    mean_since: Number


class MetricRows(Schema):
    rows: list[MetricRowOut]


class TargetOut(Schema):
    code: str
    area: Annotated[str | None, Field(description="null: every area")]
    starts: date | None
    ends: date | None
    value: Number
    words: str
    baseline: Number
    state: Annotated[
        str,
        Field(
            description="Of value and baseline: printed, or derived or inferred by us; "
            "empty: typed by a person"
        ),
    ]
    working: Annotated[str, Field(description="How they were worked out")]
    payment: str
    payment_pence: Annotated[int | None, Field(description="Where it is met; null: not stated")]
    payment_rule: Annotated[str, Field(description="whole or proportional; empty: no amount")]


class StepOut(Schema):
    area: Annotated[str | None, Field(description="null: every area")]
    on: date
    reason: str


class MetricOut(Schema):
    code: str
    name: str
    why: str
    numerator: str
    denominator: str
    unit: str
    unit_words: str
    per: int
    decimals: int
    direction: str
    frequency: str
    source: str | None
    licence: str | None
    area: str | None
    comparators: list[str]
    part_of: str | None
    part_kind: str
    quality: str
    no_target: str
    review: str
    fix_after: int | None
    screen: bool
    change: int
    areas: Annotated[list[str], Field(description="That have a value")]
    parts: list[str]
    targets: list[TargetOut]
    steps: list[StepOut]
