"""Tables of a fund's plan to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from esbt.kit.tables import Column, pounds
from esbt.pages import fund_plans as joined
from outcomes.downloads import number
from schemes.funds.conditions import CONDITION_COLUMNS, condition_rows
from schemes.models import FundPlan

HEADING_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("heading", "string", "code of the heading"),
    Column("name", "string", "its name"),
    Column("programmes", "string", "codes of programmes under it, separated by semicolons"),
    Column("our_reading", "string", "those of them that the source does not put under it"),
    Column("year", "string", "financial year; empty: the source does not state it"),
    Column("stated_gbp", "number", "spend stated under it, in pounds; empty is not stated"),
    Column("planned_gbp", "number", "what lines of spend under it plan for the year, in pounds"),
    Column("stated_over_fund_gbp", "number", "by how much what is stated is over the whole fund"),
    Column("planned_over_fund_gbp", "number", "by how much what is planned is over it"),
)

PROGRAMME_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("programme", "string", "code of the programme"),
    Column("name", "string", "its name"),
    Column("life_phases", "string", "phases of life that it is for, separated by semicolons"),
    Column("about", "string", "what it does"),
    Column("headings", "string", "codes of headings that it stands under"),
    Column("our_reading", "string", "those of them that the source does not put it under"),
    Column("working", "string", "what that reading rests on"),
)

AIM_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("aim", "string", "code of the aim"),
    Column("name", "string", "what is aimed for"),
    Column("measure", "string", "how it is measured, in words; empty is not stated"),
    Column("metric", "string", "code of the metric that measures it; empty: none does"),
    Column("our_reading", "boolean", "the source does not tie the aim to this metric"),
    Column("working", "string", "what that reading rests on"),
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
    Column(
        "state",
        "string",
        "of value and baseline: printed, or derived or inferred by us; empty: typed by a person",
    ),
    Column("working", "string", "how they were worked out, where they are not printed"),
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
    "programmes": PROGRAMME_COLUMNS,
    "aims": AIM_COLUMNS,
    "metrics": METRIC_COLUMNS,
    "conditions": CONDITION_COLUMNS,
    "risks": RISK_COLUMNS,
}


def plan_rows(plan: FundPlan, name: str, on: date) -> Iterable[Sequence[Any]]:
    """The rows of a plan's download; ``on`` is the day that conditions are held against."""
    if name == "conditions":
        return condition_rows(plan, on)
    return _ROWS[name](plan)


def _headings(plan: FundPlan) -> Iterator[Sequence[Any]]:
    money = joined.money_of(plan, joined.headings_of(plan))
    for row in money.headings:
        under = row.heading.under.all()
        whose = (
            plan.code,
            row.heading.code,
            row.heading.name,
            "; ".join(join.programme.code for join in under),
            "; ".join(join.programme.code for join in under if joined.is_reading(join)),
        )
        for spend in row.years:
            yield (
                *whose,
                spend.year.year,
                pounds(spend.stated_pence),
                pounds(spend.planned_pence),
                pounds(spend.stated_excess or None),
                pounds(spend.planned_excess or None),
            )
        if row.undated:
            yield (*whose, "", pounds(row.undated_pence), "", "", "")


def _programmes(plan: FundPlan) -> Iterator[Sequence[Any]]:
    for item in joined.programmes_of(plan):
        under = item.under.all()
        ours = [join for join in under if joined.is_reading(join)]
        yield (
            plan.code,
            item.code,
            item.name,
            "; ".join(item.life_phases),
            item.about,
            "; ".join(join.heading.code for join in under),
            "; ".join(join.heading.code for join in ours),
            " ".join(join.evidence.working for join in ours if join.evidence),
        )


def _aims(plan: FundPlan) -> Iterator[Sequence[Any]]:
    for row in joined.aims_of(plan):
        aim = row.aim
        yield (
            plan.code,
            aim.code,
            aim.name,
            aim.measure,
            row.metric.code if row.metric else "",
            str(row.is_reading).lower() if row.metric else "",
            aim.evidence.working if aim.evidence and row.is_reading else "",
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
                number(target.baseline),
                number(target.value),
                target.words,
                target.evidence.state if target.evidence else "",
                target.evidence.working if target.evidence else "",
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


_ROWS: Mapping[str, Callable[[FundPlan], Iterator[Sequence[Any]]]] = {
    "headings": _headings,
    "programmes": _programmes,
    "aims": _aims,
    "metrics": _metrics,
    "risks": _risks,
}
