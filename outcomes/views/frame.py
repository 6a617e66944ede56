"""What pages of a metric share: who may see it, which area they show, and the ways on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from outcomes.models import Metric
from outcomes.queries import metric_with_parts
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest


def chosen_area(request: PersonRequest, metric: Metric) -> tuple[str, str]:
    """Code and name of the area in the address; else of the metric's own, else of the first.

    Http404 for one that the metric has no value of; ("", "") where it has none at all.
    """
    known = {place["code"]: place["name"] for place in metric.places}  # type: ignore[attr-defined]
    if metric.area:
        known.setdefault(metric.area.code, metric.area.name)
    own = metric.area.code if metric.area else next(iter(known), "")
    asked = request.GET.get("area", "") or own
    if asked and asked not in known:
        raise Http404
    return asked, known.get(asked, "")


def may_enter(request: PersonRequest, metric: Metric) -> bool:
    """Whether a person enters values of a metric."""
    return has_permission(request.user, Permission.ENTER_OBSERVATION, system=metric.system)


def metric_to_enter(request: PersonRequest, system: str, code: str) -> Metric:
    """A metric of which the person enters values; Http404 for any other."""
    metric, _ = metric_with_parts(request.user, system, code)
    require(request.user, Permission.ENTER_OBSERVATION, system=metric.system)
    return metric


def way(metric: Metric, name: str, area: str = "", **more: str) -> str:
    """The address of a page of a metric, for an area."""
    address = reverse(name, args=[metric.system.code, metric.code])
    query = urlencode(({"area": area} if area else {}) | more)
    return f"{address}?{query}" if query else address


def within_metric(metric: Metric, area: str) -> dict[str, Any]:
    """What every page beneath a metric's needs around it."""
    return {
        "system": metric.system,
        "metric": metric,
        "crumbs": [*crumbs_of(metric), {"label": metric.name, "href": way(metric, "metric", area)}],
    }


def system_crumbs(system: str) -> list[dict[str, str]]:
    """The way to a page beneath a system's outcomes."""
    return [
        {"label": "Overview", "href": reverse("home")},
        {"label": "Outcomes", "href": reverse("outcomes", args=[system])},
    ]


def crumbs_of(metric: Metric) -> list[dict[str, str]]:
    """The way to a metric's own page."""
    crumbs = system_crumbs(metric.system.code)
    if metric.part_of:
        whole = metric.part_of
        href = reverse("metric", args=[metric.system.code, whole.code])
        crumbs.append({"label": whole.name, "href": href})
    return crumbs
