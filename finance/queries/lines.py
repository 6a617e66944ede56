"""Lines and what was reported for them, as plain rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import FilteredRelation, Q

from finance.models import Line, MonthlyReturn, Outturn
from finance.models.base import AUDITED, LAST_MONTH, OPENING_FORECAST
from finance.models.outturns import ReturnState
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
    """Lines of a year by code, with their amounts (pence) in a plan and what stands by month.

    Three queries, however many lines there are.
    """
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
        .values("pk", *_OWN, *_OTHERS, "planned__to_date_pence")
    )
    heads: dict[int, dict[int, Outturn]] = {}
    for head in Outturn.objects.filter(slice=slice_, line__in=lines).only(
        "line", "month", "revision", "actual_pence", "forecast_pence"
    ):
        heads.setdefault(head.line_id, {})[head.month] = head
    states = {
        (partner, month): state
        for partner, month, state in MonthlyReturn.objects.filter(slice=slice_).values_list(
            "partner__code", "month", "state"
        )
    }
    return [
        {name: row[name] for name in _OWN}
        | {name: row[path] for path, name in _OTHERS.items()}
        | {"months": _months(row, heads.get(row["pk"], {}), states)}
        for row in found
    ]


def _months(
    row: dict[str, Any], heads: dict[int, Outturn], states: Mapping[tuple[str, int], str]
) -> list[dict[str, Any]]:
    """A line's months, and the opening forecast and audited year where they were reported."""
    found = []
    apart = heads.keys() & {OPENING_FORECAST, AUDITED}
    for month in sorted({*range(row["first_month"], row["last_month"] + 1), *apart}):
        head = heads.get(month)
        found.append(
            {
                "month": month,
                "plan_pence": _planned_to_date(row, month),
                "ytd_actual_pence": head.actual_pence if head else None,
                "forecast_pence": head.forecast_pence if head else None,
                "revision": head.revision if head else None,
                "state": states.get((row["partner__code"], month), ReturnState.DRAFT),
            }
        )
    return found


def _planned_to_date(row: dict[str, Any], month: int) -> int | None:
    """As figures.sql has it: by the profile, or without one the year's amount at its end."""
    if month == OPENING_FORECAST:
        return None
    profile = row["planned__to_date_pence"]
    if profile is not None:
        return profile[min(month, LAST_MONTH) - 1]
    return row["planned__full_year_pence"] if month >= row["last_month"] else None


def outturn_rows(line: Line) -> list[dict[str, Any]]:
    """What stands for a line, month by month."""
    return [value_of(line.code, head.month, head) for head in line.outturns.order_by("month")]
