"""A partner's lines of a month as pages show them, for entering and for reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.urls import reverse

from esbt.kit.money import cell, format_pence
from finance.charts.words import against_plan
from finance.figures.status import far_from_plan
from finance.models.base import AUDITED, FIRST_MONTH, Basis
from finance.models.lines import Kind
from finance.months import calendar_month, month_words
from finance.queries.entry import EntryLine
from schemes.models import Partner, Slice


def month_context(
    slice_: Slice, partner: Partner, month: int, lines: Sequence[EntryLine], *, page: str
) -> dict[str, Any]:
    """What every page about a partner's month shows around its lines; ``page`` is its name."""

    def other(number: int) -> dict[str, str] | None:
        if not FIRST_MONTH <= number <= AUDITED:
            return None
        args = [slice_.system.code, slice_.year_id, partner.code, number]
        return {"label": calendar_month(slice_, number), "href": reverse(page, args=args)}

    last = max((item.last.month for item in lines if item.last), default=None)
    return {
        "system": slice_.system,
        "partner": partner,
        "year_label": str(slice_.year),
        "month": {
            "number": month,
            "name": calendar_month(slice_, month),
            "label": "final accounts" if month == AUDITED else f"month {month}",
        },
        "previous": other(month - 1),
        "next": other(month + 1),
        "last_month": calendar_month(slice_, last) if last else "",
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": "My work", "href": reverse("my-work")},
        ],
    }


def groups_of(
    lines: Sequence[EntryLine],
    shown: Callable[[EntryLine], dict[str, Any]],
    *,
    standing: bool = True,
) -> list[dict[str, Any]]:
    """Lines by kind, since kinds are never summed.

    Where figures can be typed the forecast sums those of the month; where they are read it is what
    will stand: of each line the latest.
    """
    groups = []
    for kind, items in groupby(lines, key=lambda item: item.line.kind):
        together = list(items)
        actuals = [item.head.actual_pence if item.head else None for item in together]
        told = [item.standing if standing else item.head for item in together]
        forecasts = [head.forecast_pence if head else None for head in told]
        earlier = sum(item.is_behind for item in together) if standing else 0
        groups.append(
            {
                "label": Kind(kind).label,
                "total_label": Kind(kind).total_label,
                "lines": [shown(item) for item in together],
                "totals": {
                    "last_month": _sum([i.last.actual_pence if i.last else None for i in together]),
                    "plan": _sum([item.plan_to_date_pence for item in together]),
                    "actual": _sum(actuals),
                    "forecast": _sum(forecasts, earlier),
                    "to_date": _variance(together, "actual"),
                    "in_forecast": _variance(together, "forecast"),
                },
            }
        )
    return groups


def plain_line(slice_: Slice, item: EntryLine) -> dict[str, Any]:
    """A line with the values that it is held against."""
    plan = item.plan_to_date_pence if _comparable(item) else None
    said, direction = against_plan(
        item.head.actual_pence if item.head else None, plan, item.line.side
    )
    return {
        "sense": item.line.side,
        "plan_pence": "" if plan is None else plan,
        "variance": {"text": said, "direction": direction},
        "code": item.line.code,
        "name": item.line.name,
        "href": reverse("line", args=[slice_.system.code, slice_.year_id, item.line.code]),
        "last_month": cell(item.last.actual_pence if item.last else None, "gbp"),
        "plan": cell(item.plan_to_date_pence, "gbp"),
        "plan_year": cell(item.plan_year_pence, "gbp"),
        "basis": Basis(basis).label if (basis := getattr(item.line, "basis", "")) else "",
        "last_comment": item.last_comment,
        "is_carried": item.is_carried,
    }


def read_line(slice_: Slice, item: EntryLine) -> dict[str, Any]:
    """A line with its figures to be read, and how far they are from plan."""
    return plain_line(slice_, item) | {
        "actual": cell(item.head.actual_pence if item.head else None, "gbp"),
        "forecast": cell(item.standing.forecast_pence if item.standing else None, "gbp"),
        "forecast_from": month_words(item.standing.month)
        if item.standing and item.is_behind
        else "",
        "comment": item.head.comment if item.head else "",
        "to_date": _variance([item], "actual"),
        "in_forecast": _variance([item], "forecast"),
        "far": [{"direction": side, "words": said} for side, said in far_from_plan(item)],
    }


def _comparable(item: EntryLine, field: str = "actual") -> bool:
    """Whether a figure is held against the plan: not on another basis."""
    head = item.head if field == "actual" else item.standing
    stands = getattr(head, f"{field}_basis") if head else ""
    return len({stands, getattr(item.line, "basis", "") or ""} - {""}) < 2


def _variance(items: Sequence[EntryLine], field: str) -> dict[str, Any]:
    """As in finance/_variance.html, over the lines of one kind that state figure and plan."""
    pairs = [
        (stands, plan)
        for item in items
        for head in [item.head if field == "actual" else item.standing]
        for stands in [getattr(head, f"{field}_pence") if head else None]
        for plan in [item.plan_to_date_pence if field == "actual" else item.plan_year_pence]
        if stands is not None and plan is not None and _comparable(item, field)
    ]
    if not pairs:
        return {"cell": cell(None, "gbp")}
    total, plan = (sum(amounts) for amounts in zip(*pairs, strict=True))
    line = items[0].line
    said, direction = against_plan(total, plan, line.side)
    variance = (line.sense or 1) * (total - plan)
    words = said.removeprefix(format_pence(abs(variance), "gbp")).strip()
    both = "the line that states" if len(pairs) == 1 else f"the {len(pairs)} lines that state"
    note = f"of {both} both" if len(pairs) < len(items) else ""
    return {"cell": cell(variance, "gbp"), "direction": direction, "words": words, "note": note}


def _sum(amounts: Sequence[int | None], earlier: int = 0) -> dict[str, Any]:
    """A sum of what is stated, with a note of what is not, or stands from an earlier month."""
    stated = [amount for amount in amounts if amount is not None]
    said = [f"{earlier} of an earlier month"] if earlier else []
    if stated and len(stated) < len(amounts):
        said.append(f"{len(amounts) - len(stated)} not stated")
    return {"cell": cell(sum(stated) if stated else None, "gbp"), "note": ", ".join(said)}
