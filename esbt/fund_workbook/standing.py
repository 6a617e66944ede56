"""What the sheets of a fund's workbook hold as things stand: text by sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from esbt.fund_workbook import sheets
from esbt.fund_workbook.sheets import QUARTERS
from finance.models import Line, Outturn, PlanFigure, PoolAmount, PoolLine
from finance.models.lines import Kind
from finance.rollups import headline_plan
from outcomes.models import Target
from schemes.models import FundPlan, Slice

Rows = dict[str, dict[str, str]]  # by key, then by column
Status = PoolAmount.Status
STATED = ("minimum", "agreed")  # the amounts of the plan's sheet


@dataclass
class Standing:
    """A plan, its pool's lines and amounts in a year, and its targets: ten queries."""

    plan: FundPlan
    slice: Slice

    @cached_property
    def lines(self) -> dict[str, Line]:
        """The pool's lines by code, contributions first."""
        found = (
            Line.objects.filter(slice=self.slice, pool=self.plan.pool_id)
            .exclude(pool=None)
            .select_related(
                "partner", "heading", "scheme", "pool", "counterparty", "counter_line",
                "pool_line__heading__plan",
            )
            .order_by("kind", "pk")
        )  # fmt: skip
        return {line.code: line for line in found}

    @cached_property
    def figures(self) -> dict[str, PlanFigure]:
        """The headline's figures by line."""
        found = PlanFigure.objects.filter(
            plan=headline_plan(self.slice.pk), line__in=[line.pk for line in self.lines.values()]
        )
        return {figure.line.code: figure for figure in found.select_related("line")}

    @cached_property
    def outturns(self) -> dict[tuple[str, int], Outturn]:
        """Reported figures by line and month."""
        found = Outturn.objects.filter(
            slice=self.slice, line__code__in=self.lines, month__in=QUARTERS
        )
        return {(item.line.code, item.month): item for item in found.select_related("line")}

    @cached_property
    def amounts(self) -> dict[str, PoolAmount]:
        """What is stated of the pool in the year, by code: the last word on each."""
        found = PoolAmount.objects.filter(
            slice=self.slice, pool=self.plan.pool_id, measure__in=STATED
        )
        return {item.measure: item for item in found.order_by("change")}

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Targets of the system's metrics that fall in the year, by metric and code."""
        first = self.slice.year.first_day
        last = first.replace(year=first.year + 1)
        found = Target.objects.filter(
            metric__system=self.plan.system_id, starts__gte=first, ends__lt=last
        ).select_related("metric", "area")
        return {f"{item.metric.code}/{item.code}": item for item in found}

    def rows(self) -> dict[str, Rows]:
        """Every sheet's rows."""
        plan = self.plan
        return {
            sheets.PLAN.name: {plan.code: self._plan()},
            sheets.INCOME.name: self._lines(sheets.INCOME, Kind.CONTRIBUTION),
            sheets.EXPENDITURE.name: self._lines(sheets.EXPENDITURE, Kind.POOL_SPEND),
            sheets.METRICS.name: {key: _target(key, item) for key, item in self.targets.items()},
            sheets.CONDITIONS.name: _parts(sheets.CONDITIONS, plan.nationalconditions.all()),
            sheets.SIGN_OFF.name: _parts(sheets.SIGN_OFF, plan.sign_offs.all()),
            sheets.OUTTURN.name: {code: self._outturn(line) for code, line in self.lines.items()},
        }

    def _plan(self) -> dict[str, str]:
        plan = self.plan
        stated = {name: self.amounts[name].pence for name in STATED if name in self.amounts}
        agreed = self.amounts.get("agreed")
        return {
            "code": plan.code,
            "name": plan.name,
            "board": plan.board,
            "districts": "; ".join(plan.districts),
            "about": plan.about,
            "note": plan.note,
            **{name: pounds(stated.get(name)) for name in STATED},
            "status": agreed.status if agreed and agreed.status != Status.SUSPECT else "",
        }

    def _lines(self, sheet: sheets.SheetPlan, kind: str) -> Rows:
        return {
            code: self._line(sheet, line) for code, line in self.lines.items() if line.kind == kind
        }

    def _line(self, sheet: sheets.SheetPlan, line: Line) -> dict[str, str]:
        figure = self.figures.get(line.code)
        profile = (figure.to_date_pence if figure else None) or [None] * 12
        values: dict[str, str] = {
            "line": line.code,
            "name": line.name,
            "partner": line.partner.code,
            "full_year": pounds(figure.full_year_pence if figure else None),
            **{f"planned_{month}": pounds(profile[month - 1]) for month in QUARTERS[:3]},
        }
        more = getattr(line, "pool_line", None) or PoolLine()
        for column in sheet.columns:
            if column.name not in values:
                values[column.name] = _text(getattr(more, column.name))
        if "heading" in values:
            values["heading"] = more.heading.code if more.heading else ""
        return values

    def _outturn(self, line: Line) -> dict[str, str]:
        values = {"line": line.code, "name": line.name}
        for month in QUARTERS:
            outturn = self.outturns.get((line.code, month))
            values[f"actual_{month}"] = pounds(outturn.actual_pence if outturn else None)
            values[f"forecast_{month}"] = pounds(outturn.forecast_pence if outturn else None)
        return values


def _parts(sheet: sheets.SheetPlan, items: Iterable[Any]) -> Rows:
    """Rows whose columns are the fields of what they show."""
    return {
        item.code: {column.name: _text(getattr(item, column.name)) for column in sheet.columns}
        for item in items
    }


def _target(key: str, item: Target) -> dict[str, str]:
    return {
        "target": key,
        "name": item.metric.name,
        "starts": str(item.starts),
        "ends": str(item.ends),
        "value": number(item.value),
        "words": item.words,
        "baseline": number(item.baseline),
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def pounds(pence: int | None) -> str:
    """Pence as a cell's text, such as 1234.50; blank for what is not stated."""
    return "" if pence is None else f"{Decimal(pence).scaleb(-2):.2f}"


def number(value: Decimal | None) -> str:
    """A number as a cell's text, without noughts behind the point."""
    return "" if value is None else f"{value.normalize():f}"
