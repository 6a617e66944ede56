"""What the two grids of a year share: months as columns, kinds as groups, fields that are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from esbt.kit.money import format_pence
from esbt.kit.problems import Refused
from finance.charts.words import against_plan
from finance.forms.entry import Seen, TypedCell, read_cells, seen_text
from finance.models import Plan
from finance.models.lines import Kind
from finance.months import calendar_month
from finance.queries.year_grid import MONTHS, YearLine, year_lines
from finance.rollups import headline
from finance.views.frame import year_ways
from finance.views.grids import GridPage, Stored, field_text
from finance.workbook.sheets import Column, Row
from schemes.people.permissions import Permission

TO_COME = "to come"


def key_of(month: int) -> str:
    """What the fields of a month are called."""
    return f"month_{month}"


class YearPage(GridPage):
    """One request for a grid of a year."""

    permission: ClassVar[Permission]
    measure: ClassVar[str]

    lines: list[YearLine]

    def read(self) -> None:
        """Read the partner's lines of the year."""
        self.plan = self.chosen_plan()
        self.lines = year_lines(self.slice, self.partner, self.plan)

    def chosen_plan(self) -> Plan | None:
        """The plan beside the figures: the one that the year is compared with."""
        return headline(self.slice.pk)

    def columns(self) -> list[Column]:
        """A column a month, as spreadsheets head it."""
        return [Column(key_of(month), calendar_month(self.slice, month), month) for month in MONTHS]

    def keys(self) -> list[str]:
        """What the fields of a line are called."""
        return [key_of(month) for month in MONTHS]

    def rows(self) -> list[Row]:
        """The lines, as people paste them."""
        return [Row(item.line.code, item.line.name) for item in self.lines]

    def sections(self) -> list[str]:
        """What the groups of lines are called."""
        return [str(Kind(item.line.kind).label) for item in self.lines]

    def totals(self) -> list[str]:
        """What the rows of totals are called."""
        return [Kind(item.line.kind).total_label for item in self.lines]

    def save(self) -> HttpResponse:
        """Store the cells that were changed: all or nothing."""
        posted = self.request.POST
        codes = [item.line.code for item in self.lines]
        cells, faults = read_cells(posted, codes, self.keys())
        try:
            if faults:
                raise Refused(faults)
            return self.stored(self.put_typed(cells, posted.getlist("confirm")))
        except Refused as refused:
            return self.refuse(self.located(refused))

    def sent(self) -> set[str]:
        """Names of the fields that were typed into."""
        codes = [item.line.code for item in self.lines]
        cells, faults = read_cells(self.request.POST, codes, self.keys())
        typed = {f"{cell.column}-{cell.line}" for cell in cells}
        return typed | {f"{fault.field}-{fault.row}" for fault in faults}

    def put_typed(self, cells: Sequence[TypedCell], confirmed: Sequence[str]) -> Stored:
        """Store typed cells over the revisions that their author saw."""
        raise NotImplementedError

    # the page

    def seen(self, item: YearLine) -> Mapping[str, Seen]:
        """What stands in a line's cells, and its revisions, by column."""
        raise NotImplementedError

    def against(self, item: YearLine, month: int) -> int | None:
        """What of the plan a cell is held against, in pence; None where it is not."""
        return item.planned(month) if item.comparable(month) else None

    def why_shut(self, item: YearLine, month: int) -> str:
        """Why a cell takes nothing; "" when it takes an amount."""
        raise NotImplementedError

    def month_state(self, month: int) -> str:
        """What stands under a month's heading: "closed", or nothing."""
        raise NotImplementedError

    def named(self, months: Sequence[int]) -> str:
        """Months in words, neighbours as one: "April 2018 to June 2018, May 2019"."""
        runs: list[list[int]] = []
        for month in months:
            if runs and month == runs[-1][-1] + 1:
                runs[-1].append(month)
            else:
                runs.append([month])
        return ", ".join(
            " to ".join(calendar_month(self.slice, m) for m in dict.fromkeys((run[0], run[-1])))
            for run in runs
        )

    def notes(self) -> list[str]:
        """Why some months take nothing, in sentences."""
        raise NotImplementedError

    def end_of(self, item: YearLine) -> dict[str, Any]:
        """What stands at the end of a line."""
        raise NotImplementedError

    def around(self) -> dict[str, Any]:
        """What is shown around the lines."""
        own = (self.slice.system.code, self.slice.year_id, self.partner.code)
        return {
            "system": self.slice.system,
            "partner": self.partner,
            "year_label": str(self.slice.year),
            "subtitle": f"{self.partner.name}, {self.slice.year}",
            "measures": [
                way | {"current": way["measure"] == self.measure}
                for way in year_ways(self.request.user, self.slice, self.partner)
            ],
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": "My work", "href": reverse("my-work")},
                {"label": self.partner.name, "href": reverse("partner", args=own)},
            ],
        }

    def show(
        self, *, refused: Refused | None = None, saved: str = "", undo: int | None = None
    ) -> HttpResponse:
        """The page, with what was typed where it could not be stored."""
        faults = refused.faults if refused else []
        code = refused.code if refused else ""
        said = {(fault.row, fault.field): fault.message for fault in faults}
        row = self._row(said if code != "confirm" else {}, keep=refused is not None)
        groups = [
            {
                "label": Kind(kind).label,
                "total_label": Kind(kind).total_label,
                "kind": kind,
                "lines": [row(item) for item in items],
            }
            | self._totals(items)
            for kind, found in groupby(self.lines, key=lambda item: item.line.kind)
            for items in [list(found)]
        ]
        context = self.around() | {
            "measure": self.measure,
            "plan": self.plan,
            "months": [
                {
                    "key": key_of(month),
                    "name": name,
                    "short": f"{name[:3]} {name[-2:]}",
                    "state": self.month_state(month),
                }
                for month in MONTHS
                for name in [calendar_month(self.slice, month)]
            ],
            "groups": groups,
            "may_save": any(
                cell["open"]
                for group in groups
                for line in group["lines"]
                for cell in [*line["cells"], line.get("year_cell") or {"open": False}]
            ),
            "notes": self.notes(),
            "problems": [
                {
                    "href": f"#{fault.field}-{fault.row}" if fault.row else f"#{fault.field}",
                    "text": fault.message,
                }
                for fault in faults
                if not self.compared
            ],
            "compared": self.compared,
            "doubts": [
                {"field": f"{fault.field}-{fault.row}", "text": fault.message}
                for fault in faults
                if code == "confirm"
            ],
            "reason": "" if saved else self.request.POST.get("reason", ""),
            "saved": saved,
            "undo": undo,
        }
        return render(self.request, "finance/year_grid.html", context)

    def _totals(self, items: Sequence[YearLine]) -> dict[str, Any]:
        """Sums by month over what is stated, and the variance of lines that have both."""
        totals = []
        for month in MONTHS:
            key = key_of(month)
            stated = [(i, p) for i in items if (p := self.seen(i)[key][1]) is not None]
            pairs = [
                (pence, plan)
                for item, pence in stated
                if (plan := self.against(item, month)) is not None
            ]
            said, direction = against_plan(
                sum(pence for pence, _ in pairs) if pairs else None,
                sum(plan for _, plan in pairs),
                items[0].line.side,
            )
            text = format_pence(sum(pence for _, pence in stated), "gbp") if stated else ""
            totals.append({"key": key, "text": text, "variance": said, "direction": direction})
        years = [item.figure.full_year_pence for item in items if item.figure]
        return {"totals": totals, "year": format_pence(sum(years), "gbp") if years else ""}

    def _row(
        self, said: Mapping[tuple[Any, str], str], *, keep: bool
    ) -> Callable[[YearLine], dict[str, Any]]:
        """How a line is shown; with ``keep``, cells that were typed into show what was typed."""
        posted = self.request.POST
        typed = self.sent() if keep else set()

        def row(item: YearLine) -> dict[str, Any]:
            line, seen = item.line, self.seen(item)
            shown = []
            for month in MONTHS:
                key = key_of(month)
                name = f"{key}-{line.code}"
                shut = self.why_shut(item, month)
                stands = field_text(seen[key][1])
                plan = self.against(item, month)
                shown.append(
                    {
                        "key": key,
                        "name": name,
                        "text": posted.get(name, "") if name in typed and not shut else stands,
                        "silent": month in line.months and self.month_state(month) != TO_COME,
                        "open": not shut,
                        "plan": "" if plan is None else plan,
                        "error": said.get((line.code, key), ""),
                    }
                )
            end = self.end_of(item)
            if year := end.get("year_cell"):
                if year["name"] in typed:
                    year["text"] = posted.get(year["name"], "")
                year["error"] = said.get((line.code, "year"), "")
            return {
                "code": line.code,
                "name": line.name,
                "href": reverse(
                    "line", args=[self.slice.system.code, self.slice.year_id, line.code]
                ),
                "sense": line.side,
                "seen": seen_text(seen),
                "cells": shown,
            } | end

        return row
