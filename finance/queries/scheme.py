"""One scheme's savings: its months, its lines, and its plan in every year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q

from finance.figures.savings import SavingMonth
from finance.models import Line, PlanRevision, Rollup
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import Level, State
from finance.queries.positions import SYSTEM
from schemes.models import Scheme, Slice


def _level(scheme: Scheme) -> Level:
    """A whole scheme is summed with its parts."""
    return Level.SCHEME if scheme.parent_id else Level.SCHEME_TREE


def scheme_months(slice_: Slice, scheme: Scheme, state: State) -> list[SavingMonth]:
    """The scheme's twelve months; an actual only where every line that was due reported."""
    rows = {
        row.month: row
        for row in Rollup.objects.filter(
            slice=slice_.pk,
            state=state,
            kind=Kind.SAVING,
            partner_key=SYSTEM,
            level=_level(scheme),
            key=scheme.pk,
            month__range=(1, LAST_MONTH),
        )
    }
    points = []
    for month in range(1, LAST_MONTH + 1):
        row = rows.get(month)
        whole = row is not None and 0 < row.lines <= row.reported
        points.append(
            SavingMonth(
                month,
                row.plan_to_date_pence if row else None,
                row.actual_pence if row and whole else None,
                row.forecast_pence if row and whole else None,
                row.lines if row else 0,
                row.reported if row else 0,
            )
        )
    return points


@dataclass(frozen=True, slots=True)
class SchemeYear:
    """What a scheme was to save in a year, what it did, and what it forecast at last."""

    year: str
    plan_pence: int | None
    actual_pence: int | None
    forecast_pence: int | None


def scheme_years(slices: Sequence[Slice], scheme: Scheme, state: State) -> list[SchemeYear]:
    """The scheme in each year that its system plans, oldest first; they are never added."""
    rows: dict[int, list[Rollup]] = {}
    for row in Rollup.objects.filter(
        slice__in=slices,
        state=state,
        kind=Kind.SAVING,
        partner_key=SYSTEM,
        level=_level(scheme),
        key=scheme.pk,
        month__range=(1, LAST_MONTH),
    ).order_by("month"):
        rows.setdefault(row.slice_id, []).append(row)
    found = []
    for slice_ in sorted(slices, key=lambda item: item.year_id):
        own = rows.get(slice_.pk, [])
        if not own:
            continue
        reported = [row for row in own if row.reported]
        found.append(
            SchemeYear(
                slice_.year_id,
                own[-1].plan_pence,
                reported[-1].actual_pence if reported else None,
                own[-1].forecast_pence,
            )
        )
    return found


def scheme_plans(slice_: Slice, scheme: Scheme) -> list[Mapping[str, Any]]:
    """Every amount that the scheme's saving lines have had in any plan, oldest first."""
    lines = PlanRevision.objects.filter(line__slice=slice_, line__kind=Kind.SAVING)
    return list(
        lines.filter(Q(line__scheme=scheme) | Q(line__scheme__parent=scheme))
        .order_by("line__code", "change", "pk")
        .values(
            "full_year_pence",
            line_name=F("line__name"),
            plan_name=F("plan__name"),
            reason=F("plan__reason"),
        )
    )


def scheme_lines(
    slice_: Slice, scheme: Scheme, *, plan_id: int | None, month: int | None, state: State
) -> list[Mapping[str, Any]]:
    """The saving lines of a scheme and its parts, with plan, actual to date and forecast.

    The actual is that of the month; the forecast stands where the month's report has one.
    """
    before = "published_" if state == State.PUBLISHED else ""
    lines = Line.objects.filter(slice=slice_, kind=Kind.SAVING)
    return list(
        lines.filter(Q(scheme=scheme) | Q(scheme__parent=scheme))
        .annotate(
            planned=FilteredRelation("plan_figures", condition=Q(plan_figures__plan=plan_id)),
            head=FilteredRelation("outturns", condition=Q(outturns__month=month or LAST_MONTH)),
        )
        .order_by("code")
        .values(
            "code",
            "name",
            "recurrent",
            "saving_type",
            "baseline",
            partner_name=F("partner__short_name"),
            counterparty_name=F("counterparty__short_name"),
            scheme_name=F("scheme__name"),
            plan=F("planned__full_year_pence"),
            gross=F("planned__gross_pence"),
            investment=F("planned__investment_pence"),
            effect=F("planned__full_year_effect_pence"),
            evidence=F("planned__evidence__state"),
            working=F("planned__evidence__working"),
            actual=F(f"head__{before}actual_pence"),
            forecast=F(f"head__{before}forecast_pence"),
            comment=F("head__comment"),
        )
    )
