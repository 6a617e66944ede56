"""Tables of a fund's plan to take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from esbt import fund_plans as joined
from esbt.kit.tables import Column, pounds
from schemes.conditions import CONDITION_COLUMNS, condition_rows
from schemes.models import FundPlan

HEADING_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("heading", "string", "code of the heading"),
    Column("name", "string", "its name"),
    Column("programmes", "string", "codes of programmes under it, separated by semicolons"),
    Column("year", "string", "financial year"),
    Column("stated_gbp", "number", "spend stated under it, in pounds; empty is not stated"),
    Column("planned_gbp", "number", "what lines of spend under it plan for the year, in pounds"),
    Column("stated_over_fund_gbp", "number", "by how much what is stated is over the whole fund"),
    Column("planned_over_fund_gbp", "number", "by how much what is planned is over it"),
)

METRIC_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("metric", "string", "code of the metric"),
    Column("name", "string", "its name"),
    Column("target", "string", "code of the target; empty: it has none"),
    Column("starts", "date", "first day of the performance period; empty is not stated"),
    Column("ends", "date", "its last day"),
    Column("baseline", "number", "in the metric's unit"),
    Column("value", "number", "the target, in the metric's unit"),
    Column("words", "string", "the target in words"),
    Column("payment", "string", "when it is paid for, as exactly as it is known"),
    Column("payment_gbp", "number", "what hangs on it, in pounds; empty is not stated"),
    Column("payment_rule", "string", "whole or proportional"),
    Column("paid_gbp", "number", "what it pays, in pounds; empty: something is not stated"),
)

RISK_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("risk", "string", "code of the risk"),
    Column("name", "string", "its name"),
    Column("rating", "string", "high, medium or low; empty: no word, which is not low"),
    Column("likelihood", "integer", "1 to 5; empty is not rated"),
    Column("impact", "integer", "1 to 5; empty is not rated"),
    Column("score", "integer", "likelihood times impact"),
    Column("status", "string", "open, landed or closed"),
    Column("mitigation", "string", "what is done about it; empty is not stated"),
    Column("owner_role", "string", "role of who sees to it"),
    Column("owner", "string", "its body"),
    Column("review", "string", "when it is looked at again"),
)

SCHEMAS: Mapping[str, Sequence[Column]] = {
    "headings": HEADING_COLUMNS,
    "metrics": METRIC_COLUMNS,
    "conditions": CONDITION_COLUMNS,
    "risks": RISK_COLUMNS,
}


def plan_rows(plan: FundPlan, name: str, on: date) -> Iterable[Sequence[Any]]:
    """The rows of a plan's download; ``on`` is the day that conditions are held against."""
    if name == "conditions":
        return condition_rows(plan, on)
    return {"headings": _headings, "metrics": _metrics, "risks": _risks}[name](plan)


def _headings(plan: FundPlan) -> Iterator[Sequence[Any]]:
    money = joined.money_of(plan, joined.headings_of(plan))
    for row in money.headings:
        for spend in row.years:
            yield (
                plan.code,
                row.heading.code,
                row.heading.name,
                "; ".join(programme.code for programme in row.heading.programmes.all()),
                spend.year.year,
                pounds(spend.stated_pence),
                pounds(spend.planned_pence),
                pounds(spend.stated_excess or None),
                pounds(spend.planned_excess or None),
            )


def _metrics(plan: FundPlan) -> Iterator[Sequence[Any]]:
    for row in joined.metrics_of(plan):
        named = (plan.code, row.metric.code, row.metric.name)
        if not row.targets:
            yield (*named, *[""] * (len(METRIC_COLUMNS) - len(named)))
        for found in row.targets:
            target = found.target
            yield (
                *named,
                target.code,
                target.starts,
                target.ends,
                target.baseline,
                target.value,
                target.words,
                target.payment,
                pounds(target.payment_pence),
                target.payment_rule,
                pounds(found.paid_pence),
            )


def _risks(plan: FundPlan) -> Iterator[Sequence[Any]]:
    for risk in joined.risks_of_plan(plan):
        yield (
            plan.code,
            risk.code,
            risk.name,
            risk.rating,
            risk.likelihood,
            risk.impact,
            risk.score,
            risk.status,
            risk.mitigation,
            risk.owner_role,
            risk.owner.short_name if risk.owner else "",
            risk.review,
        )
