"""Saves of observations, for the audit."""

from __future__ import annotations

from django.db.models import Count, F, Min, OuterRef, QuerySet, Subquery

from outcomes.models import ObservationRevision


def saves_of(system_id: int) -> QuerySet[ObservationRevision]:
    """A revision for each save of a metric's values, with the metric's name and their number."""
    own = ObservationRevision.objects.filter(metric__system=system_id).order_by()
    each = own.values("metric", "change")
    same = ObservationRevision.objects.filter(metric=OuterRef("metric"), change=OuterRef("change"))
    many = same.order_by().values("metric", "change").annotate(number=Count("pk")).values("number")
    return own.filter(pk__in=each.annotate(first=Min("pk")).values("first")).annotate(
        what=F("metric__name"), many=Subquery(many)
    )
