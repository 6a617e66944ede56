"""Lines and what was reported for them, as plain rows."""

from __future__ import annotations

from typing import Any

from django.db.models import FilteredRelation, Q

from finance.models import Line
from finance.services.outturns import value_of
from schemes.models import Slice

_OWN = (
    "code",
    "name",
    "kind",
    "sense",
    "recurrent",
    "calendar",
    "first_month",
    "last_month",
)
_OTHERS = {
    "partner__code": "partner",
    "heading__code": "heading",
    "scheme__code": "scheme",
    "pool__code": "pool",
    "planned__full_year_pence": "plan_pence",
    "planned__basis": "plan_basis",
}


def line_rows(
    slice_: Slice, plan_id: int | None, *, partner: str = "", kind: str = ""
) -> list[dict[str, Any]]:
    """Lines of a year by code, with the year's amount (pence) in a plan: one query."""
    lines = Line.objects.filter(slice=slice_)
    if partner:
        lines = lines.filter(partner__code=partner)
    if kind:
        lines = lines.filter(kind=kind)
    found = (
        lines.annotate(
            planned=FilteredRelation("plan_figures", condition=Q(plan_figures__plan=plan_id))
        )
        .order_by("code")
        .values(*_OWN, *_OTHERS)
    )
    return [
        {name: row[name] for name in _OWN} | {name: row[path] for path, name in _OTHERS.items()}
        for row in found
    ]


def outturn_rows(line: Line) -> list[dict[str, Any]]:
    """What stands for a line, month by month."""
    return [value_of(line.code, head.month, head) for head in line.outturns.order_by("month")]
