"""What assures areas and actions, joined to the metrics that measure it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse

from esbt.kit.when import period_words
from outcomes.models import Metric
from outcomes.models.metrics import Direction
from outcomes.pages import bare
from outcomes.queries import NOTHING, Verdict, verdicts_of
from outcomes.readings import measure_of
from schemes.models import Assurance, System


class Assured(models.TextChoices):
    """Whether a statement is met, as a person says or, where none does, as its metric shows."""

    MET = "met", "Met"
    NOT_MET = "not-met", "Not met"
    NO_TARGET = "no-target", "No target stated"
    NO_VALUE = "no-value", "No value entered"
    UNSAID = "unsaid", "Nobody has said"


class Extent(models.TextChoices):
    """How far an area is assured."""

    WHOLE = "assured", "Assured"
    PART = "part", "Assured in part"
    NOT = "not", "Not assured"
    NONE = "none", "No assurance stated"


@dataclass(frozen=True, slots=True)
class Measured:
    """The metric of a statement with its latest value, "" where there is none."""

    metric: Metric
    verdict: Verdict

    @property
    def value(self) -> str:
        """The latest value."""
        return _said(self.metric, self.verdict.value, self.verdict.hedge)

    @property
    def period(self) -> str:
        """The period that the latest value is of."""
        starts, ends = self.verdict.starts, self.verdict.ends
        return period_words(starts, ends) if starts and ends else ""

    @property
    def target(self) -> str:
        """The target that holds then."""
        return _said(self.metric, self.verdict.target)

    @property
    def beside(self) -> Sequence[str]:
        """The latest values of comparators: "Dale 31 in May 2018"."""
        return [
            f"{name} {_said(self.metric, own.value, own.hedge)} in "
            f"{period_words(own.starts, own.ends)}"
            for name, own in self.verdict.beside
            if own.value is not None and own.starts and own.ends
        ]

    @property
    def met(self) -> bool | None:
        """Whether the latest value reaches its target; None where that cannot be said."""
        value, target = self.verdict.value, self.verdict.target
        if value is None or target is None or self.metric.direction == Direction.NEUTRAL:
            return None
        return value >= target if self.metric.direction == Direction.INCREASE else value <= target


def _said(metric: Metric, value: Decimal | None, hedge: str = "") -> str:
    return "" if value is None else f"{hedge} {bare(measure_of(metric), value)}".strip()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of assurance and how it stands."""

    assurance: Assurance
    measured: Measured | None  # None where it names no metric, or one that is not there

    @property
    def state(self) -> Assured:
        """How it stands."""
        said = self.assurance.met
        if said is None and self.measured:
            said = self.measured.met
        if said is not None:
            return Assured.MET if said else Assured.NOT_MET
        if not self.assurance.metric:
            return Assured.UNSAID
        valued = self.measured and self.measured.verdict.value is not None
        return Assured.NO_TARGET if valued else Assured.NO_VALUE

    @property
    def by_figures(self) -> bool:
        """Whether its metric says how it stands, and no person."""
        return self.assurance.met is None and self.state in (Assured.MET, Assured.NOT_MET)


def statements_of(system: System, **where: Any) -> list[Statement]:
    """The statements of a system's plans, in order: two queries, and four for verdicts not kept.

    ``where`` narrows them, such as ``area__plan=plan``.
    """
    found = list(
        Assurance.objects.filter(area__plan__system=system, **where)
        .select_related("area__plan", "action", "evidence__source")
        .order_by("area__plan__code", "area__position", "area__code", "position", "code")
    )
    codes = {item.metric for item in found if item.metric}
    metrics = list(Metric.objects.filter(system=system, code__in=codes).aimed())
    verdicts = verdicts_of(metrics)
    measured = {
        metric.code: Measured(metric, verdicts.get(metric.code, NOTHING)) for metric in metrics
    }
    return [Statement(item, measured.get(item.metric)) for item in found]


def extent_of(statements: Iterable[Statement]) -> Extent:
    """How far statements, taken together, assure what they are about."""
    states = [statement.state for statement in statements]
    if not states:
        return Extent.NONE
    met = states.count(Assured.MET)
    return Extent.WHOLE if met == len(states) else Extent.PART if met else Extent.NOT


def by_area(statements: Iterable[Statement]) -> Mapping[int, list[Statement]]:
    """Statements by the ids of their areas."""
    found: dict[int, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.assurance.area_id, []).append(statement)
    return found


def metric_href(statement: Statement, system: System) -> str:
    """The way to the metric of a statement; "" where there is none."""
    if statement.measured is None:
        return ""
    return reverse("metric", args=[system.code, statement.measured.metric.code])
