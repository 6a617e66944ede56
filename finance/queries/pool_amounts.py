"""Amounts that are stated of a pool, and what its lines of spend plan under a plan's headings."""

from __future__ import annotations

from finance.models import HeadlineChoice, PlanFigure, PoolAmount, PoolLine
from finance.models.lines import Kind
from schemes.models import FundPlan, Pool


def standing_amounts(pool: Pool, first_year: str, last_year: str) -> list[PoolAmount]:
    """What stands of a pool in some years, by year and code: one query."""
    found = (
        PoolAmount.objects.filter(
            pool=pool, slice__year__gte=first_year, slice__year__lte=last_year
        )
        .select_related("slice", "heading", "partner", "evidence__source")
        .order_by("slice_id", "code", "-change")
        .distinct("slice_id", "code")
    )
    return sorted(found, key=lambda amount: (amount.slice.year_id, amount.code))


def planned_by_heading(plan: FundPlan) -> dict[tuple[int, str], int]:
    """Pence that lines of spend plan by heading and year, in the years' headline plans: three
    queries. Lines without a figure there add nothing, and a heading without any is not there.
    """
    lines = {
        own.line_id: own
        for own in PoolLine.objects.filter(
            heading__plan=plan, line__kind=Kind.POOL_SPEND
        ).select_related("line__slice")
    }
    slices = {own.line.slice_id for own in lines.values()}
    choices = (
        HeadlineChoice.objects.filter(slice__in=slices)
        .order_by("slice_id", "-change")
        .distinct("slice_id")
    )
    chosen = [choice.plan_id for choice in choices]
    planned: dict[tuple[int, str], int] = {}
    for figure in PlanFigure.objects.filter(plan__in=chosen, line__in=lines):
        own = lines[figure.line_id]
        if own.heading_id is not None:
            place = (own.heading_id, own.line.slice.year_id)
            planned[place] = planned.get(place, 0) + figure.full_year_pence
    return planned
