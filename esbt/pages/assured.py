"""What assures areas and actions, joined to the metrics that measure it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from esbt.kit.when import period_words
from outcomes.figures.readings import measure_of
from outcomes.models import Area, Metric, Observation
from outcomes.models.metrics import Direction
from outcomes.pages.overview import bare
from outcomes.queries import NOTHING, Verdict, verdicts_of
from schemes.delivery.actions import stands_later
from schemes.models import Assurance, RowVersion, System


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
    """The metric of a statement with its latest value, "" where there is none.

    ``other`` is the area that has to be beaten and its value of the same period, where the
    statement names one.
    """

    metric: Metric
    verdict: Verdict
    other: tuple[str, Decimal | None] | None = None
    own: Decimal | None = None  # the statement's own target

    @property
    def aim(self) -> Decimal | None:
        """What the value has to reach where no area is to be beaten."""
        return self.verdict.target if self.own is None else self.own

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
        """What the value is held against: the target that holds then, or another area's value."""
        if self.other is None:
            return _said(self.metric, self.aim)
        name, value = self.other
        return f"{name} {_said(self.metric, value)}" if value is not None else ""

    @property
    def target_words(self) -> str:
        """The same in words, also where it is not stated."""
        if self.other is None:
            return f"target {self.target}" if self.target else "no target stated"
        return self.target or f"{self.other[0]}: no value of the same period"

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
        """Whether the latest value reaches its target, or is better than the other area's.

        None where that cannot be said. As much as the other area is not better.
        """
        value, target = self.verdict.value, self.aim
        if self.other is not None:
            target = self.other[1]
        if value is None or target is None or self.metric.direction == Direction.NEUTRAL:
            return None
        if value == target:
            return self.other is None
        return (value > target) == (self.metric.direction == Direction.INCREASE)


def _said(metric: Metric, value: Decimal | None, hedge: str = "") -> str:
    return "" if value is None else f"{hedge} {bare(measure_of(metric), value)}".strip()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of assurance and how it stands."""

    assurance: Assurance
    measured: Measured | None  # None where it names no metric, or one that is not there
    met: bool | None  # as a person had said; None: nobody had
    shown_by: str  # what they had said shows it
    said_on: date | None = None  # when they said whether it is met

    @property
    def apart(self) -> str:
        """Where a person says another thing than the figures, in words; "" where none does."""
        shown = self.measured.met if self.measured else None
        if self.measured is None or None in (self.met, shown) or shown == self.met:
            return ""
        not_ = "" if shown else "not "
        does = "meets" if shown else "does not meet"
        figures = (
            f"is {not_}better than that of {self.measured.target}"
            if self.measured.other
            else f"{does} the target of {self.measured.target}"
        )
        day = f" on {self.said_on.day} {self.said_on:%B %Y}" if self.said_on else ""
        return f"The value {figures}; the review said {'Yes' if self.met else 'No'}{day}."

    @property
    def state(self) -> Assured:
        """How it stands."""
        said = self.met
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
        return self.met is None and self.state in (Assured.MET, Assured.NOT_MET)


def statements_of(system: System, as_of: date, **where: Any) -> list[Statement]:
    """The statements of the plans that a system had by a day, in order: a fixed number of queries.

    Values are of periods that were over by then, and what people say was said by then. ``where``
    narrows the statements, such as ``area__plan=plan``.
    """
    rows = (
        Assurance.objects.filter(area__plan__system=system, **where)
        .select_related("area__plan", "action", "evidence__source")
        .order_by("area__plan__code", "area__position", "area__code", "position", "code")
    )
    found = [item for item in rows if not stands_later(item.area.plan, as_of)]
    until = as_of if as_of < timezone.localdate() else None
    said = _said_by(found, until)
    codes = {item.metric for item in found if item.metric}
    metrics = {
        metric.code: metric
        for metric in Metric.objects.filter(system=system, code__in=codes).aimed()
    }
    verdicts = verdicts_of(list(metrics.values()), until)
    others = _others(found, metrics, verdicts)

    def measured(item: Assurance) -> Measured | None:
        metric = metrics.get(item.metric)
        if metric is None:
            return None
        verdict = verdicts.get(metric.code, NOTHING)
        return Measured(metric, verdict, others.get(item.pk), item.target)

    return [Statement(item, measured(item), *said.get(item.pk, (None, "", None))) for item in found]


Said = tuple[bool | None, str, date | None]


def _said_by(found: Sequence[Assurance], until: date | None) -> dict[int, Said]:
    """Whether statements are met as people had said by the end of a day, what shows it, and since
    when they say so, by ids: one query. Without a day what they say now.
    """
    versions = RowVersion.objects.filter(table="assurance", row__in=[item.pk for item in found])
    if until is not None:
        versions = versions.filter(at__date__lte=until)
    said: dict[int, Said] = {}
    for row, met, shown_by, at in versions.order_by("at", "pk").values_list(
        "row", "values__met", "values__shown_by", "at"
    ):
        before = said.get(row)
        since = before[2] if before and before[0] == met else timezone.localdate(at)
        said[row] = met, shown_by or "", since
    return said


def _others(
    found: Sequence[Assurance], metrics: Mapping[str, Metric], verdicts: Mapping[str, Verdict]
) -> dict[int, tuple[str, Decimal | None]]:
    """By statement, the area that has to be beaten and its value of the latest period.

    Two queries, none where no statement names an area.
    """
    named = [item for item in found if item.better_than and item.metric in metrics]
    if not named:
        return {}
    areas = {item.better_than for item in named}
    names = dict(Area.objects.filter(code__in=areas).values_list("code", "name"))
    values = {
        (metric, area, starts, ends): value
        for metric, area, starts, ends, value in Observation.objects.filter(
            metric__in=[metrics[item.metric] for item in named], area__code__in=areas
        ).values_list("metric__code", "area__code", "starts", "ends", "value")
    }
    made: dict[int, tuple[str, Decimal | None]] = {}
    for item in named:
        of = verdicts.get(item.metric, NOTHING)
        value = None
        if of.starts and of.ends:
            value = values.get((item.metric, item.better_than, of.starts, of.ends))
        made[item.pk] = names.get(item.better_than, item.better_than), value
    return made


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
