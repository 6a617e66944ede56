"""API of the outcomes framework: its versions, and what each holds."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from ninja import Router, Schema

from outcomes.models import Framework
from outcomes.queries.frameworks import counted_frameworks
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system

router = Router(tags=["outcomes"])


class FrameworkRowOut(Schema):
    """A version of the framework; expected is what its source counts, null where it does not."""

    code: str
    name: str
    dated: str
    status: str
    expected_domains: int | None
    expected_objectives: int | None
    expected_outcomes: int | None
    entered_domains: int
    entered_objectives: int
    entered_outcomes: int


class FrameworkRows(Schema):
    rows: list[FrameworkRowOut]


class ItemOut(Schema):
    code: str
    level: str
    name: str
    parent: str | None
    metrics: list[str]
    schemes: list[str]


class FrameworkOut(FrameworkRowOut):
    items: list[ItemOut]


@router.get(
    "/systems/{system}/frameworks",
    response=FrameworkRows,
    summary="Versions of a system's outcomes framework",
)
def list_frameworks(request: PersonRequest, system: str) -> dict[str, Any]:
    """With how many items each source counts, and how many are entered."""
    return {"rows": list(counted_frameworks(visible_system(request.user, system)))}


@router.get(
    "/systems/{system}/frameworks/{framework}",
    response=FrameworkOut,
    summary="A version of the framework with its items",
)
def get_framework(request: PersonRequest, system: str, framework: str) -> dict[str, Any]:
    """Each item with the metrics and schemes that it rests on."""
    found = counted_frameworks(visible_system(request.user, system)).filter(code=framework).first()
    if found is None:
        raise Http404
    return {name: getattr(found, name) for name in FrameworkRowOut.model_fields} | {
        "items": _items(found)
    }


def _items(framework: Framework) -> list[dict[str, Any]]:
    """Items in their order: three queries."""
    items = framework.items.select_related("parent").prefetch_related(
        "item_metrics__metric", "item_schemes__scheme"
    )
    return [
        {
            "code": item.code,
            "level": item.level,
            "name": item.name,
            "parent": item.parent.code if item.parent else None,
            "metrics": [link.metric.code for link in item.item_metrics.all()],
            "schemes": [link.scheme.code for link in item.item_schemes.all()],
        }
        for item in items
    ]
