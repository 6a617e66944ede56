"""Savings that two partners may both claim: found by rule, or linked by a person (DOMAIN 14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import F, Q

from finance.figures.savings import ClaimPair, SavingFigures
from finance.models import Claim, Line, Outturn, PlanFigure, PlanRevision
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.queries.known import known_figures, known_lines, known_plan
from schemes.models import Slice


def claim_pairs(
    slice_: Slice, month: int, state: State, plan_id: int | None, ceiling: int | None = None
) -> list[ClaimPair]:
    """Pairs of saving lines that may be one saving, with what was settled about each.

    By rule two lines are a pair when they hang on one scheme and each names the other's partner as
    its counterparty; their amounts may differ, as a tariff and a ward's cost do. Two queries, and
    three more where there is a pair. With a ceiling all of it as it was known at that change.
    """
    past = {} if ceiling is None else {"change__lte": ceiling}
    settled = {
        (claim.one_id, claim.other_id): claim
        for claim in Claim.objects.filter(slice=slice_, **past).order_by("change")
    }
    found = _by_rule(slice_, ceiling)
    pairs = sorted({*settled, *found})
    if not pairs:
        return []
    lines = {
        line.pk: line
        for line in Line.objects.filter(
            pk__in={pk for pair in pairs for pk in pair}
        ).select_related("partner", "scheme")
    }
    if ceiling is None:
        figures = _line_figures(list(lines.values()), month, state, plan_id)
    else:
        figures = _figures_at(slice_, list(lines.values()), month, state, plan_id, ceiling)
    made = []
    for one, other in pairs:
        claim = settled.get((one, other))
        scheme = lines[one].scheme
        made.append(
            ClaimPair(
                one=lines[one].code,
                other=lines[other].code,
                one_name=lines[one].name,
                other_name=lines[other].name,
                one_partner=lines[one].partner.short_name,
                other_partner=lines[other].partner.short_name,
                scheme=scheme.code if scheme else "",
                found="rule" if (one, other) in found else "linked",
                settlement=claim.settlement if claim else Claim.Settlement.OPEN,
                reason=claim.reason if claim else "",
                one_figures=figures[one],
                other_figures=figures[other],
            )
        )
    return made


def _by_rule(slice_: Slice, ceiling: int | None) -> set[tuple[int, int]]:
    savings: Iterable[tuple[int, int | None, int, int | None]]
    if ceiling is None:
        savings = (
            Line.objects.filter(slice=slice_, kind=Kind.SAVING)
            .exclude(Q(scheme=None) | Q(counterparty=None))
            .values_list("pk", "scheme", "partner", "counterparty")
        )
    else:
        savings = (
            known_lines(slice_, ceiling)
            .filter(line__kind=Kind.SAVING)
            .exclude(Q(scheme=None) | Q(line__counterparty=None))
            .values_list("line", "scheme", "line__partner", "line__counterparty")
        )
    ends: dict[tuple[int | None, int, int | None], list[int]] = {}
    for pk, scheme, partner, counterparty in savings:
        ends.setdefault((scheme, partner, counterparty), []).append(pk)
    return {
        (min(one, other), max(one, other))
        for (scheme, partner, counterparty), own in ends.items()
        if counterparty is not None
        for one in own
        for other in ends.get((scheme, counterparty, partner), [])
    }


def _line_figures(
    lines: list[Line], month: int, state: State, plan_id: int | None
) -> dict[int, SavingFigures]:
    """What single lines plan, saved and forecast in a month: two queries."""
    plans = {
        figure.line_id: figure for figure in PlanFigure.objects.filter(plan=plan_id, line__in=lines)
    }
    before = "published_" if state == State.PUBLISHED else ""
    actual, forecast = f"{before}actual_pence", f"{before}forecast_pence"
    heads: dict[int, dict[str, int]] = {}
    for row in (
        Outturn.objects.filter(line__in=lines, month__lte=month)
        .annotate(actual=F(actual), forecast=F(forecast))
        .values("line", "month", "actual", "forecast")
        .order_by("month")
    ):
        own = heads.setdefault(row["line"], {})
        if row["forecast"] is not None:
            own |= {"forecast": row["forecast"], "forecast_month": row["month"]}
        if row["month"] == month and row["actual"] is not None:
            own["actual"] = row["actual"]
    return _made(lines, plans, heads, month)


def _figures_at(
    slice_: Slice, lines: list[Line], month: int, state: State, plan_id: int | None, ceiling: int
) -> dict[int, SavingFigures]:
    """The same as at a change: three queries."""
    plans = {item.line_id: item for item in known_plan(plan_id, ceiling).filter(line__in=lines)}
    heads: dict[int, dict[str, int]] = {}
    for (line, own_month), item in sorted(known_figures(slice_, lines, state, ceiling).items()):
        if own_month > month:
            continue
        own = heads.setdefault(line, {})
        if item.forecast_pence is not None:
            own |= {"forecast": item.forecast_pence, "forecast_month": own_month}
        if own_month == month and item.actual_pence is not None:
            own["actual"] = item.actual_pence
    return _made(lines, plans, heads, month)


def _made(
    lines: list[Line],
    plans: Mapping[int, PlanFigure | PlanRevision],
    heads: Mapping[int, dict[str, int]],
    month: int,
) -> dict[int, SavingFigures]:
    found = {}
    for line in lines:
        plan, own = plans.get(line.pk), heads.get(line.pk, {})
        to_date = None
        if plan and plan.to_date_pence:
            to_date = plan.to_date_pence[min(month, LAST_MONTH) - 1]
        found[line.pk] = SavingFigures(
            plan_pence=plan.full_year_pence if plan else None,
            plan_to_date_pence=to_date,
            actual_pence=own.get("actual"),
            forecast_pence=own.get("forecast"),
            forecast_month=own.get("forecast_month"),
        )
    return found
