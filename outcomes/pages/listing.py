"""The metrics of a system as somebody asked for them: what each says, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

from esbt.kit.tables import Column
from outcomes.downloads import level, number
from outcomes.figures.verdicts import Said, assurance_words, said_of
from outcomes.models import Frequency, Metric
from outcomes.queries import NOTHING, Verdict, verdicts_of
from outcomes.queries.frameworks import Content

NO_DOMAIN = "none"  # the filter value for metrics that stand under no domain


@dataclass(frozen=True)
class Row:
    """A metric with what it says, the items that it serves, and its parts."""

    metric: Metric
    verdict: Verdict
    said: Said
    domains: Sequence[str]  # their codes
    serves: Sequence[str]  # names of the items
    parts: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; an empty filter takes everything, an unknown one nothing."""

    q: str = ""
    verdict: str = ""
    domain: str = ""
    frequency: str = ""

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, item.name) for item in fields(self))

    @property
    def query(self) -> str:
        """The address's query."""
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        return urlencode({name: value for name, value in said.items() if value})

    def takes(self, row: Row) -> bool:
        """Whether a metric is what was asked for."""
        metric = row.metric
        text = f"{metric.name} {metric.code} {' '.join(row.serves)}".casefold()
        return (
            self.q.casefold() in text
            and self.verdict in ("", row.said)
            and self.frequency in ("", metric.frequency)
            and (not self.domain or self.domain in (row.domains or [NO_DOMAIN]))
        )


def wish_of(query: Mapping[str, str]) -> Wish:
    """What a query string asks for."""
    return Wish(
        q=query.get("q", "").strip()[:100],
        **{name: query.get(name, "") for name in ("verdict", "domain", "frequency")},
    )


def rows_of(metrics: Sequence[Metric], content: Content) -> list[Row]:
    """A row for each metric, wholes with their parts; three queries where verdicts are not kept."""
    verdicts = verdicts_of(metrics)
    serves, domains = _places(content)
    rows = {}
    for metric in metrics:
        verdict = verdicts.get(metric.code, NOTHING)
        own = metric.pk
        rows[own] = Row(
            metric, verdict, said_of(verdict), domains.get(own, []), serves.get(own, [])
        )
    for row in rows.values():
        whole = rows.get(row.metric.part_of_id or 0)
        if whole:
            whole.parts.append(row)
    return list(rows.values())


def _places(content: Content) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Names of the items, and codes of the domains, that each metric serves, by its id."""
    serves: dict[int, list[str]] = {}
    domains: dict[int, list[str]] = {}
    for item in content.items:
        for metric in content.metrics.get(item.pk, ()):
            serves.setdefault(metric, []).append(item.name)
    for domain in content.domains():
        for item in content.within(domain):
            for metric in content.metrics.get(item.pk, ()):
                domains.setdefault(metric, []).append(domain.code)
    return serves, domains


def wholes(rows: Iterable[Row]) -> Iterator[Row]:
    """Those that are no part of another one."""
    return (row for row in rows if row.metric.part_of_id is None)


def choices(content: Content) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers."""
    domains = [(item.code, item.name) for item in content.domains()]
    return {
        "verdict": [(str(value), str(label)) for value, label in Said.choices],
        "domain": [*domains, (NO_DOMAIN, "Under no domain")],
        "frequency": [(str(value), str(label).capitalize()) for value, label in Frequency.choices],
    }


OUTCOME_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("framework", "string", "code of the version; empty: the system has none"),
    Column("metric", "string", "code of the metric"),
    Column("name", "string", "its name"),
    Column("part_of", "string", "code of the metric that it is a part of"),
    Column("items", "string", "what it serves in the framework, separated by semicolons"),
    Column("area", "string", "the area whose values these are"),
    Column("unit", "string", "what a value counts"),
    Column("direction", "string", "increase, decrease or neutral: which way is better"),
    Column("frequency", "string", "how often a value is expected"),
    Column("verdict", "string", "improved, worse, no-change, moved, early (none yet), no-data"),
    Column("assurance", "string", "what can be expected of the target, in words"),
    Column("hedge", "string", "the source's own word before the value, such as over"),
    Column("value", "number", "the latest; empty is not stated"),
    Column("starts", "date", "first day of its period"),
    Column("ends", "date", "last day of its period"),
    Column("target", "number", "that holds then; empty is none stated"),
    Column("year_before", "number", "of the same period a year earlier; empty is not stated"),
    Column("baseline", "number", "the first value of the framework's baseline year, or of all"),
    Column("baseline_starts", "date", "first day of that value's period"),
    Column("baseline_ends", "date", "last day of that value's period"),
    Column("step", "date", "day from which the limits last began anew; empty: no step"),
    Column("mean_before", "number", "of the values before that step"),
    Column("mean_since", "number", "of the values since"),
    Column("values_counted", "integer", "values since the limits of the chart last began"),
)


def outcome_rows(
    system: str, framework: str, baseline: str, rows: Iterable[Row]
) -> Iterator[Sequence[Any]]:
    """The metrics as rows of the download."""
    for row in rows:
        metric, verdict, moved = row.metric, row.verdict, row.verdict.moved
        first = verdict.baseline(baseline) or (None, None, None)
        yield (
            system,
            framework,
            metric.code,
            metric.name,
            metric.part_of.code if metric.part_of else "",
            "; ".join(row.serves),
            metric.area.name if metric.area else "",
            metric.unit_words or metric.get_unit_display(),
            metric.direction,
            metric.frequency,
            str(row.said),
            assurance_words(metric, verdict),
            verdict.hedge,
            number(verdict.value),
            verdict.starts,
            verdict.ends,
            number(verdict.target),
            number(verdict.year_before),
            number(first[2]),
            first[0],
            first[1],
            moved.on if moved else None,
            level(moved.before) if moved else "",
            level(moved.since) if moved else "",
            verdict.counted,
        )
