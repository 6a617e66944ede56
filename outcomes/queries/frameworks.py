"""Frameworks with what stands in them, and the metrics of a system, whichever item they serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404

from outcomes.models import (
    Framework,
    FrameworkItem,
    ItemMetric,
    ItemScheme,
    Level,
    Metric,
)
from schemes.models import Scheme, System


@dataclass(frozen=True)
class Content:
    """The items of a version in their order, with the metrics and schemes of each by its id."""

    items: Sequence[FrameworkItem]
    metrics: Mapping[int, Sequence[int]]  # their ids
    schemes: Mapping[int, Sequence[Scheme]]

    def under(self, parent: int | None) -> list[FrameworkItem]:
        """The items right under another; without one, those that hang under none."""
        return [item for item in self.items if item.parent_id == parent]

    def domains(self) -> list[FrameworkItem]:
        """The domains."""
        return [item for item in self.items if item.level == Level.DOMAIN]

    def within(self, item: FrameworkItem) -> Iterator[FrameworkItem]:
        """An item and all that hangs under it."""
        yield item
        for child in self.under(item.pk):
            yield from self.within(child)


NO_CONTENT = Content([], {}, {})


def frameworks_of(system: System) -> list[Framework]:
    """The versions of a system's framework, the oldest first, counted, and whether metrics are
    linked to their items: one query.
    """
    linked = ItemMetric.objects.filter(item__framework=OuterRef("pk"))
    found = counted_frameworks(system).select_related("evidence__source")
    return list(found.annotate(linked=Exists(linked)))


def chosen_framework(found: Sequence[Framework], code: str) -> Framework | None:
    """The version of a code; without one that of first_framework. Http404 for one not there."""
    if not code:
        return first_framework(found)
    for framework in found:
        if framework.code == code:
            return framework
    raise Http404


def first_framework(found: Sequence[Framework]) -> Framework | None:
    """The latest version that says something: metrics under its items, or counts of its source;
    the latest of all where none does, None where there is none.

    ``found`` are versions as frameworks_of reads them.
    """
    counts = ("expected_domains", "expected_objectives", "expected_outcomes")
    telling = [
        item
        for item in found
        if item.linked or any(getattr(item, name) is not None for name in counts)  # type: ignore[attr-defined]
    ]
    return next(reversed([*(telling or found)]), None)


def content_of(framework: Framework | None) -> Content:
    """All that stands in a version: three queries; nothing without one."""
    if framework is None:
        return NO_CONTENT
    metrics: dict[int, list[int]] = defaultdict(list)
    for item, metric in ItemMetric.objects.filter(item__framework=framework).values_list(
        "item", "metric"
    ):
        metrics[item].append(metric)
    schemes: dict[int, list[Scheme]] = defaultdict(list)
    links = ItemScheme.objects.filter(item__framework=framework).select_related("scheme")
    for link in links.order_by("scheme__name"):
        schemes[link.item_id].append(link.scheme)
    return Content(list(framework.items.select_related("parent")), metrics, schemes)


def metrics_of(system: System) -> list[Metric]:
    """The metrics of a system in their order, as lists show them: one query."""
    return list(Metric.objects.filter(system=system).aimed())


def counted_frameworks(system: System) -> QuerySet[Framework]:
    """The versions of a system's framework, each with how many items of each level are entered."""
    counts: dict[str, Any] = {
        f"entered_{level}s": Count("items", filter=Q(items__level=level)) for level in Level.values
    }
    return Framework.objects.filter(system=system).annotate(**counts)
