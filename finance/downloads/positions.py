"""What pages of money offer as tables to take away: exact pounds, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from esbt.kit.tables import Column, pounds
from finance.figures.position import MonthPoint, Position, PositionShare

GBP = "pounds in the sense of a position: a deficit is negative; empty is not stated"

POSITION_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the year; 1 is April, 13 the audited accounts"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("partner", "string", "code of the partner or reporting group, or total"),
    Column("name", "string", "its name"),
    Column("plan_gbp", "number", f"plan for the year, {GBP}"),
    Column("plan_to_date_gbp", "number", f"{GBP}; of a total: of those who reported"),
    Column("actual_to_date_gbp", "number", GBP),
    Column("variance_gbp", "number", "favourable-positive"),
    Column("direction", "string", "favourable, adverse or none"),
    Column("forecast_gbp", "number", f"forecast for the year, {GBP}"),
    Column("forecast_month", "integer", "month of the oldest forecast in it"),
    Column("forecast_month_last", "integer", "month of the newest"),
    Column("forecasts_behind", "integer", "lines whose latest forecast is of an earlier month"),
    Column("forecast_variance_gbp", "number", "favourable-positive"),
    Column("basis", "string", "what the plan includes, where stated"),
    Column("bases_may_differ", "boolean", "plan and actual may stand on different bases"),
    Column("marks", "string", "states of evidence other than printed"),
    Column("computed_at", "string", "when the figures were computed (ISO 8601)"),
    Column("revision", "integer", "change that they were computed from"),
    Column(
        "risk_share", "string", "binding, partly binding, indicative or not shared; empty without"
    ),
    Column("risk_share_gbp", "number", "what sharing pools' variances adds to the actual"),
    Column("after_risk_share_gbp", "number", f"actual to date after it, {GBP}"),
)

MONTH_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("state", "string", "published or provisional"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("plan_to_date_gbp", "number", GBP),
    Column("actual_to_date_gbp", "number", f"{GBP}; empty until every partner that was due has"),
    Column("forecast_gbp", "number", "forecast for the year"),
)


def position_rows(
    position: Position, share: PositionShare | None = None
) -> Iterator[Sequence[Any]]:
    """A row a partner, then the total, each with the stamp and what sharing pools makes of it."""
    for row in (*position.rows, position.total):
        after = share.of(row.partner) if share else None
        yield (
            position.system,
            position.year,
            position.month,
            position.state,
            row.partner,
            row.name,
            pounds(row.plan_pence),
            pounds(row.ytd_plan_pence),
            pounds(row.ytd_actual_pence),
            pounds(row.variance_pence),
            row.direction,
            pounds(row.forecast_pence),
            row.forecast_month,
            row.forecast_month_last,
            row.forecasts_behind,
            pounds(row.forecast_variance_pence),
            row.basis,
            str(row.bases_differ).lower(),
            " ".join(row.marks),
            position.computed_at.isoformat() if position.computed_at else "",
            position.change,
            share.standing if share else "",
            pounds(after.effect_pence) if after else "",
            pounds(after.after_pence) if after else "",
        )


def month_rows(position: Position, points: Iterable[MonthPoint]) -> Iterator[Sequence[Any]]:
    """A row a month."""
    for point in points:
        yield (
            position.system,
            position.year,
            position.state,
            point.month,
            pounds(point.plan_pence),
            pounds(point.actual_pence),
            pounds(point.forecast_pence),
        )
