"""Savings that two partners may both claim: found by rule, or linked by a person (DOMAIN 14)."""

from __future__ import annotations

from django.db.models import F, Q

from finance.models import Claim, Line, Outturn, PlanFigure
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.savings import ClaimPair, SavingFigures
from schemes.models import Slice


def claim_pairs(slice_: Slice, month: int, state: State, plan_id: int | None) -> list[ClaimPair]:
    """Pairs of saving lines that may be one saving, with what was settled about each.

    By rule two lines are a pair when they hang on one scheme and each names the other's partner as
    its counterparty; their amounts may differ, as a tariff and a ward's cost do. Two queries, and
    three more where there is a pair.
    """
    settled = {
        (claim.one_id, claim.other_id): claim
        for claim in Claim.objects.filter(slice=slice_).order_by("change")
    }
    found = _by_rule(slice_)
    pairs = sorted({*settled, *found})
    if not pairs:
        return []
    lines = {
        line.pk: line
        for line in Line.objects.filter(
            pk__in={pk for pair in pairs for pk in pair}
        ).select_related("partner", "scheme")
    }
    figures = _line_figures(list(lines.values()), month, state, plan_id)
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


def _by_rule(slice_: Slice) -> set[tuple[int, int]]:
    savings = (
        Line.objects.filter(slice=slice_, kind=Kind.SAVING)
        .exclude(Q(scheme=None) | Q(counterparty=None))
        .values_list("pk", "scheme", "partner", "counterparty")
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
