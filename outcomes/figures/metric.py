"""What pages, downloads and API say of a metric in an area: plain data, and no Django.

Values are in the metric's unit; None is not stated or not defined, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Measure:
    """How values of a metric are said, and which way is better."""

    name: str
    unit: str  # a value of outcomes.models.Unit
    unit_words: str
    decimals: int
    direction: str  # a value of outcomes.models.Direction
    per: int = 1
    denominator: str = ""  # what a value is divided by, in words


@dataclass(frozen=True, slots=True)
class Judged:
    """A value in a period with what the control chart says of it; "" where it says nothing."""

    starts: date
    ends: date
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    standing: str
    hedge: str
    comment: str
    revision: int
    source: str
    place: str
    printed: str
    state: str
    working: str
    overlaps: bool
    misfit: str  # longer or shorter than the metric's periods are; "" where as long
    step: int = 0  # which step of the limits it belongs to
    mean: float | None = None
    lpl: float | None = None
    upl: float | None = None
    rule: str = ""  # a spc.Rule
    kind: str = ""  # a spc.PointType
    target: Decimal | None = None

    @property
    def counts(self) -> bool:
        """Whether the chart holds its value against limits."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class StepMark:
    """A day from which limits start anew, and why."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class MeanMove:
    """What the mean did at the last step that parts the values."""

    on: date
    before: float
    since: float


class Pointed(Protocol):
    """A value of a period, as far as it matters to what is compared."""

    @property
    def value(self) -> Decimal | None:
        """None where it is not stated."""

    @property
    def overlaps(self) -> bool:
        """Whether its period shares days with another."""

    @property
    def misfit(self) -> str:
        """How its period is unlike the metric's; "" where it is not."""


P = TypeVar("P", bound=Pointed)


class Charted(Generic[P]):
    """Which of its points a series is charted from, and which are held against each other."""

    __slots__ = ()

    points: Sequence[P]

    @property
    def valued(self) -> list[P]:
        """The points that have a value."""
        return [point for point in self.points if point.value is not None]

    @property
    def charted(self) -> list[P]:
        """The points of periods as long as the metric's: what a chart is made of."""
        return [point for point in self.points if not point.misfit]

    @property
    def compared(self) -> list[P]:
        """The values that are held against each other, in order."""
        return [point for point in self.valued if not (point.misfit or point.overlaps)]

    @property
    def latest(self) -> P | None:
        """The last value that is held against others; where none is, the last of all."""
        return next(iter((self.compared or self.valued)[-1:]), None)


@dataclass(frozen=True, slots=True)
class Reading(Charted[Judged]):
    """A metric in one area, by period."""

    measure: Measure
    area: str  # its code
    area_name: str
    area_kind: str
    points: Sequence[Judged]
    steps: Sequence[StepMark] = ()
    not_charted: str = ""  # why there is no control chart, in words
    variation: str = ""  # a spc.PointType: that of the latest point
    assurance: str = ""  # a spc.Assurance
    provisional: bool = False  # some step has too few values for its limits
    moved: MeanMove | None = None  # None where no step parts the values
