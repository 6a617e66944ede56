"""A fund's plan where its money, its results and its risks meet: what its pages and API say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse

from esbt.kit.money import Cell
from esbt.kit.when import period_words, when_words
from esbt.kit.words import in_a_list, number
from finance.pools.fund_money import FundMoney, fund_money
from outcomes.models import Metric, Target
from outcomes.pages.metric import paid_of, target_clashes, target_row, value_for
from outcomes.queries import series_of
from schemes.funds.plans import year_codes
from schemes.models import (
    Aim,
    FundHeading,
    FundPlan,
    Programme,
    ProgrammeHeading,
    Risk,
    RiskRating,
    RiskStatus,
    Slice,
)

TABS = {
    "": "Plan",
    "metrics": "Aims, metrics and payment",
    "conditions": "Conditions and sign-off",
    "risks": "Risks",
    "acute": "Hospital admissions",
    "history": "History",
}


@dataclass(frozen=True, slots=True)
class AimRow:
    """An aim with the metric that it names, where the system has one of that code."""

    aim: Aim
    metric: Metric | None

    @property
    def is_reading(self) -> bool:
        """Whether its metric is our reading, since the source ties it to none."""
        return bool(self.metric and self.aim.evidence and self.aim.evidence.is_ours)

    @property
    def cell(self) -> Cell:
        """Its metric by name, marked where the source does not name it; for one that has any."""
        assert self.metric is not None  # noqa: S101 - asked before
        href = reverse("metric", args=[self.metric.system.code, self.metric.code])
        if not self.is_reading:
            return Cell(self.metric.name, href=href)
        working = self.aim.evidence.working  # type: ignore[union-attr]
        return Cell(f"{self.metric.name} (our reading)", derived=True, note=working, href=href)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target of a plan's metric: in words, as it is stored, and what it pays."""

    target: Target
    said: Mapping[str, str]
    paid_pence: int | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of a plan with its targets."""

    metric: Metric
    targets: Sequence[TargetRow]
    clashes: Sequence[str]  # targets of which the periods share days, in words


def aims_of(plan: FundPlan) -> list[AimRow]:
    """The aims of a plan in its order, with their metrics: two queries."""
    aims = list(plan.aims.select_related("evidence"))
    codes = {aim.metric for aim in aims if aim.metric}
    known = {
        metric.code: metric
        for metric in Metric.objects.filter(system=plan.system, code__in=codes).select_related(
            "system"
        )
    }
    return [AimRow(aim, known.get(aim.metric)) for aim in aims]


def aim_words(aims: Sequence[AimRow]) -> str:
    """How many aims are tied to a metric."""
    if not aims:
        return "No aim is entered."
    bare = sum(row.metric is None for row in aims)
    many = f"{number(len(aims)).capitalize()} aim{'s' if len(aims) > 1 else ''}"
    if not bare:
        return f"{many}, each with its metric."
    return f"{many}: {number(bare)} without a metric."


def metrics_of(plan: FundPlan) -> list[MetricRow]:
    """Metrics that an aim of the plan names, or that come from its own document: five queries."""
    own = Q(code__in=plan.aims.exclude(metric="").values("metric"))
    if plan.evidence:
        own |= Q(evidence__source=plan.evidence.source)
    metrics = list(
        Metric.objects.filter(own, system=plan.system)
        .select_related("area", "system")
        .prefetch_related(Prefetch("targets", Target.objects.select_related("area", "evidence")))
    )
    areas = {area.code for metric in metrics for area in _areas(metric)}
    series = series_of(metrics, areas)
    made = []
    for metric in metrics:
        rows = []
        for target in metric.targets.all():
            area = target.area or metric.area
            found = series.get((metric.code, area.code)) if area else None
            value = value_for(target, found.points if found else ())
            said = target_row(metric, target, value)
            rows.append(TargetRow(target, said, paid_of(metric, target, value)))
        made.append(MetricRow(metric, rows, overlaps(metric)))
    return made


def _areas(metric: Metric) -> list[Any]:
    named = [metric.area, *(target.area for target in metric.targets.all())]
    return [area for area in named if area]


def overlaps(metric: Metric) -> list[str]:
    """Performance periods of a metric's targets that share days: such are never added."""
    dated = [
        (target.starts, target.ends, target.area_id or 0)
        for target in metric.targets.all()
        if target.starts and target.ends
    ]
    told = []
    for (starts, ends, area), (then, until, other) in combinations(sorted(dated), 2):
        if area == other and then <= ends:
            both = in_a_list([period_words(starts, ends), period_words(then, until)])
            share = period_words(then, min(ends, until))
            told.append(
                f"The performance periods {both} overlap in {share}: "
                "their targets and values are never added."
            )
    return told or target_clashes(metric, metric.targets.all())


def headings_of(plan: FundPlan) -> list[FundHeading]:
    """The headings of a plan with the programmes under each, and why: three queries."""
    under = ProgrammeHeading.objects.select_related("programme", "evidence").order_by(
        "programme__position", "programme__code"
    )
    return list(plan.fundheadings.prefetch_related(Prefetch("under", under)))


def programmes_of(plan: FundPlan) -> list[Programme]:
    """The programmes of a plan with their headings, and why: two queries."""
    under = ProgrammeHeading.objects.select_related("heading", "evidence").order_by(
        "heading__position", "heading__code"
    )
    return list(plan.programmes.prefetch_related(Prefetch("under", under)))


def is_reading(join: ProgrammeHeading) -> bool:
    """Whether a programme stands under a heading by our reading, and not by the source's word."""
    return bool(join.evidence and join.evidence.is_ours)


def join_cell(name: str, join: ProgrammeHeading) -> Cell:
    """The name of the one end of a join, marked where the source does not print the join."""
    if not is_reading(join):
        return Cell(name)
    return Cell(f"{name} (our reading)", derived=True, note=join.evidence.working)  # type: ignore[union-attr]


def money_of(plan: FundPlan, headings: Sequence[FundHeading]) -> FundMoney:
    """The money of a plan: four queries."""
    return fund_money(plan, headings, year_codes(plan))


@dataclass(frozen=True, slots=True)
class RiskCounts:
    """A plan's risks by the word that rates them; what nobody rated is apart, and not low."""

    rated: Mapping[str, int]  # by the word's label
    scored: int  # by a score alone
    unrated: int
    bare: Sequence[str]  # names of those without a mitigation

    @property
    def words(self) -> str:
        """All of it in a sentence or two."""
        total = sum(self.rated.values()) + self.scored + self.unrated
        if not total:
            return "No risk is entered."
        parts = [f"{count} {label.lower()}" for label, count in self.rated.items() if count]
        parts += [f"{self.scored} by a score alone"] if self.scored else []
        parts += [f"{self.unrated} not rated, which is not low"] if self.unrated else []
        said = f"{total} risk{'s' if total > 1 else ''}: {in_a_list(parts)}."
        if self.bare:
            said += f" {len(self.bare)} without a mitigation."
        return said


def risks_of_plan(plan: FundPlan) -> list[Risk]:
    """Risks of the plan's pool, the gravest first and what nobody rated last: one query."""
    if plan.pool is None:
        return []
    found = plan.pool.risks.select_related("partner", "owner", "scheme", "evidence__source")
    order = [str(word) for word in RiskRating]
    return sorted(
        found,
        key=lambda risk: (
            not (risk.rating or risk.score),
            order.index(risk.rating) if risk.rating else len(order),
            -(risk.score or 0),
            risk.code,
        ),
    )


def risk_counts(risks: Sequence[Risk]) -> RiskCounts:
    """How many of each rating; a score without a word is counted apart."""
    words = [risk.rating for risk in risks]
    return RiskCounts(
        {word.label: words.count(word) for word in RiskRating},
        sum(bool(risk.score and not risk.rating) for risk in risks),
        sum(not risk.score and not risk.rating for risk in risks),
        [risk.name for risk in risks if not risk.mitigation],
    )


def risk_rows_of(plan: FundPlan, risks: Sequence[Risk], year: str) -> list[dict[str, Any]]:
    """Risks as the plan's page shows them; each leads to its page in a year, where there is one."""
    return [
        {
            "item": risk,
            "href": reverse("risk", args=[plan.system.code, year, risk.code]) if year else "",
            "rating": _rating(risk),
            "whose": risk.partner.short_name if risk.partner else "",
            "owner": ", ".join(
                filter(None, [risk.owner_role, risk.owner.short_name if risk.owner else ""])
            ),
            "review": when_words(risk.review) if risk.review else "",
            "past": RiskStatus(risk.status).label if risk.status != RiskStatus.OPEN else "",
        }
        for risk in risks
    ]


def _rating(risk: Risk) -> str:
    """The word that rates it with its score, where either is stated; "" where neither is."""
    score = f"score {risk.score}" if risk.score else ""
    return ", ".join(filter(None, [risk.get_rating_display() if risk.rating else "", score]))


def year_to_show(plan: FundPlan) -> str:
    """The latest year of the system that the plan is for, else its latest of all; "" for none."""
    years = list(
        Slice.objects.filter(system=plan.system).order_by("year").values_list("year", flat=True)
    )
    own = [year for year in years if plan.first_year_id <= year <= plan.last_year_id]
    return next(iter([*own[::-1], *years[::-1]]), "")
