"""Which domain is due in which quarter, what its metrics said by then, and what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Prefetch
from django.http import Http404

from outcomes.figures.verdicts import said_of
from outcomes.models import DomainQuarter, DomainReport, Metric
from outcomes.pages.listing import Row
from outcomes.queries import series_of, verdict_of
from outcomes.queries.frameworks import content_of
from schemes.models import System


@dataclass(frozen=True)
class Quarter:
    """A quarter of a financial year; the first is April to June."""

    year: str  # 2018-19
    number: int

    @property
    def starts(self) -> date:
        """Its first day."""
        first = int(self.year[:4])
        return date(first + self.number // 4, self.number * 3 % 12 + 1, 1)

    @property
    def ends(self) -> date:
        """Its last day."""
        after = (self.starts + timedelta(days=95)).replace(day=1)
        return after - timedelta(days=1)

    @property
    def words(self) -> str:
        """Such as quarter 1 of 2018/19, April to June 2018."""
        year = self.year.replace("-", "/")
        return f"quarter {self.number} of {year}, {self.starts:%B} to {self.ends:%B %Y}"


def due_in(system: System) -> list[DomainQuarter]:
    """Every quarter for which a domain is due, with its reports, the latest first: two queries."""
    reports = DomainReport.objects.select_related("actor")
    return list(
        DomainQuarter.objects.filter(item__framework__system=system)
        .select_related("item__framework__system")
        .prefetch_related(Prefetch("reports", reports))
        .order_by("year", "quarter", "item__position", "item__name")
    )


def due_by(system: System, pk: int) -> DomainQuarter:
    """One of them. Http404 for one of another system, or none."""
    found = next((item for item in due_in(system) if item.pk == pk), None)
    if found is None:
        raise Http404
    return found


def rows_by(due: DomainQuarter) -> list[Row]:
    """The metrics of a domain by what they said at the end of a quarter, whatever came since.

    Parts of a metric are rows of their own where the framework names them. Seven queries.
    """
    quarter = Quarter(due.year, due.quarter)
    content = content_of(due.item.framework)
    serves: dict[int, list[str]] = {}
    for item in content.within(due.item):
        for pk in content.metrics.get(item.pk, ()):
            serves.setdefault(pk, []).append(item.name)
    metrics = list(Metric.objects.filter(pk__in=serves).aimed())
    areas = {metric.area.code for metric in metrics if metric.area}
    series = series_of(metrics, areas)
    rows = []
    for metric in metrics:
        own = series.get((metric.code, metric.area.code)) if metric.area else None
        if own is not None:
            own = replace(own, points=[p for p in own.points if p.ends <= quarter.ends])
        verdict = verdict_of(own)
        rows.append(Row(metric, verdict, said_of(verdict), [due.item.code], serves[metric.pk]))
    return rows


def silent(rows: Sequence[Row], quarter: Quarter) -> list[Row]:
    """Metrics without a value of the quarter itself."""
    return [row for row in rows if row.verdict.ends is None or row.verdict.ends < quarter.starts]
