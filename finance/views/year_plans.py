"""The grid of a plan's months: re-profiling, and the first figures of lines that have none.

Re-profiling keeps a line's year. The year itself is stated by the system's administrator, and can
be mended until the partner hands its first month on; from then on only a virement or another
version of the plan moves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from esbt.kit.money import cell, format_pence
from esbt.kit.problems import Conflict, Fault, Refused
from finance.forms.entry import Seen, TypedCell, seen_text
from finance.models import Plan, PlanFigure
from finance.queries.year_grid import MONTHS, YearLine
from finance.services import (
    PlanEntry,
    Profile,
    Reprofiled,
    record_plan,
    reprofile,
    undo_reprofile,
)
from finance.services.plans import in_month, plan_faults
from finance.services.reprofile import profile_faults, shut_months
from finance.views.grids import Newer, Stored, field_text
from finance.views.year_frame import YearPage, key_of
from finance.workbook.sheets import Changed, Column, Place, Sheet
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission

Months = dict[str, dict[str, int | None]]  # by line: amounts in month by column
YEAR = "year"  # the column of a line's year, where it may be stated


class ProfilesPage(YearPage):
    """The plan in each month, of the version in the address (left out: the headline one)."""

    permission = Permission.REPROFILE
    measure = "plan"
    title = "Paste the plan by month"

    def chosen_plan(self) -> Plan | None:
        """The plan that the address names; Http404 for none of the year."""
        code = self.request.GET.get("plan", "")
        if not code:
            return super().chosen_plan()
        return get_object_or_404(Plan, slice=self.slice, code=code)

    def read(self) -> None:
        """Read the lines, and which months stay as they are."""
        super().read()
        self.shut = shut_months(self.slice, {self.partner.pk})[self.partner.pk]
        manages = has_permission(
            self.request.user, Permission.MANAGE_SYSTEM, system=self.slice.system
        )
        self.makes = manages and self.slice.status == Slice.Status.OPEN
        self.states = manages and self.plan is not None

    def keys(self) -> list[str]:
        """With the year, for who may state it."""
        return [*super().keys(), YEAR] if self.states else super().keys()

    def columns(self) -> list[Column]:
        """With the year, for who may state it."""
        year = Column(YEAR, "Year", headings=("full year", "plan for the year"))
        return [*super().columns(), *([year] if self.states else [])]

    def takes_year(self, item: YearLine) -> bool:
        """Whether this person states the line's year: there is none, or nobody reported on it."""
        free = item.figure is None or not self.shut
        return self.states and self.slice.status == Slice.Status.OPEN and free

    def around(self) -> dict[str, Any]:
        """With the other versions of the plan."""
        here = [self.slice.system.code, self.slice.year_id]
        return super().around() | {
            "states": self.states,
            "may_make": self.makes,
            "plans_href": reverse("plans", args=here),
            "plans": [
                {
                    "label": plan.name,
                    "href": f"{self.request.path}?plan={plan.code}",
                    "current": plan == self.plan,
                }
                for plan in Plan.objects.filter(slice=self.slice).order_by("pk")
            ],
        }

    def seen(self, item: YearLine) -> Mapping[str, Seen]:
        """Amounts in month; a line's figure is one value, so that its cells share their change."""
        change = item.figure.change if item.figure else None
        year = item.figure.full_year_pence if item.figure else None
        return {key: (change, pence) for key, pence in _months_of(item).items()} | (
            {YEAR: (change, year)} if self.states else {}
        )

    def why_shut(self, item: YearLine, month: int) -> str:
        """By the month, the line or the plan."""
        if self.slice.status != Slice.Status.OPEN:
            return f"The year {self.slice.year} is closed."
        if item.figure is None and not self.states:
            return "This plan has no amount of the line. The system's administrator can add it."
        if month not in item.line.months:
            first, last = item.line.first_month, item.line.last_month
            return f"The line runs from month {first} to {last}."
        if month in self.shut and item.figure is not None:
            return f"Month {month} was {self.shut[month]}, so its plan stays."
        return ""

    def month_state(self, month: int) -> str:
        """In a word."""
        return self.shut.get(month, "")

    def notes(self) -> list[str]:
        """Why months stay as they are."""
        if self.slice.status != Slice.Status.OPEN:
            return [f"The year {self.slice.year} is closed, and its plans stay as they are."]
        if not self.shut:
            return []
        months = self.named(sorted(self.shut))
        return [f"The plan stays as it is in months whose figures were handed on: {months}."]

    def end_of(self, item: YearLine) -> dict[str, Any]:
        """The year's amount, and what the months leave over."""
        year = item.figure.full_year_pence if item.figure else None
        months = _months_of(item).values()
        said = "" if year is None else _left(year, sum(pence or 0 for pence in months))
        return {
            "year": cell(year, "gbp"),
            "year_pence": "" if year is None else year,
            "left": said,
            "year_cell": {
                "name": f"{YEAR}-{item.line.code}",
                "text": field_text(year),
                "open": True,
                "error": "",
            }
            if self.takes_year(item)
            else None,
        }

    # pasting, saving and undoing

    def sheet(self) -> Sheet:
        """Lines by months."""
        places = [(item, month) for item in self.lines for month in MONTHS]
        stands = {item.line.code: item.figure.change for item in self.lines if item.figure}
        return Sheet(
            rows=self.rows(),
            columns=self.columns(),
            values={(i.line.code, k): v for i in self.lines for k, (_, v) in self.seen(i).items()},
            changes={(code, key): at for code, at in stands.items() for key in self.keys()},
            shut={(i.line.code, key_of(m)): why for i, m in places if (why := self.why_shut(i, m))}
            | {(i.line.code, YEAR): _KEPT for i in self.lines if not self.takes_year(i)},
            first_year=self.slice.year.first_day.year,
            totals=self.totals(),
            sections=self.sections(),
            beside=("Left to place", "Total", *(() if self.states else ("Year",))),
        )

    def put(self, changes: Sequence[Changed], *, meant: bool) -> Stored:
        """Store pasted cells over the figures that were read."""
        months, faults = self._merged([(c.line, c.column, c.after) for c in changes])
        if faults:
            raise Refused(faults)
        seen = {item.line.code: item.figure.change for item in self.lines if item.figure}
        return self._store(months, seen)

    def put_typed(self, cells: Sequence[TypedCell], confirmed: Sequence[str]) -> Stored:
        """Store typed cells over the figures that their author saw."""
        stands = {item.line.code: item.figure for item in self.lines if item.figure}
        seen = {item.line: item.revision for item in cells if item.line in stands}
        newer = [code for code, change in seen.items() if stands[code].change != change]
        if newer:  # before the months that stand now are added to those typed
            said = "Somebody changed this line meanwhile."
            faults = [Fault(said, "revision", "", code) for code in newer]
            raise Conflict(faults, [{"line": code} for code in newer])
        months, faults = self._merged([(c.line, c.column, c.pence) for c in cells])
        if faults:
            raise Refused(faults)
        return self._store(months, seen)

    def check(self, changes: Sequence[Changed]) -> tuple[list[Fault], dict[Place, str]]:
        """Each line's months must be whole and keep its year."""
        months, faults = self._merged([(c.line, c.column, c.after) for c in changes])
        figures = {item.line.code: item.figure for item in self.lines}
        places = {(c.line, c.column): c.place for c in changes}
        lines = {item.line.code: item.line for item in self.lines}
        for code, amounts in months.items():
            figure = figures[code]
            if figure is None or YEAR in amounts:
                entry = self._entry(code, amounts)
                faults += self.located(Refused(plan_faults(entry, lines))).faults
            elif not any(fault.row == code for fault in faults):
                whole = [pence or 0 for pence in amounts.values()]
                faults += profile_faults(figure, whole, self.shut)
        return [
            Fault(fault.message, places.get((str(fault.row), fault.field), ""), "", fault.row)
            for fault in faults
        ], {}

    def _merged(self, cells: Sequence[tuple[str, str, Any]]) -> tuple[Months, list[Fault]]:
        """The months of each line that is touched; a fault for each that would not be stated."""
        lines = {item.line.code: item for item in self.lines}
        months: Months = {}
        for code, key, pence in cells:
            months.setdefault(code, _months_of(lines[code]))[key] = pence
        return months, [
            Fault("Fill in every month of the line; 0 where nothing is planned.", key, "", code)
            for code, amounts in months.items()
            if amounts.get(YEAR) is None or not _is_annual(amounts)
            for month, (key, pence) in enumerate(amounts.items(), 1)
            if pence is None and key != YEAR and month in lines[code].line.months
        ]

    def _store(self, months: Months, seen: Mapping[str, int | None]) -> Reprofiled:
        """First figures and years recorded, other lines re-profiled: all of them, or none."""
        figures = {item.line.code: item.figure for item in self.lines}
        first = {c for c, amounts in months.items() if figures[c] is None or YEAR in amounts}
        rest = {code: amounts for code, amounts in months.items() if code not in first}
        if not first:
            return self._reprofile(rest, seen)
        shut = [item.line.code for item in self.lines if not self.takes_year(item)]
        if self.plan is None or not self.states:
            raise Http404
        if kept := first.intersection(shut):
            raise Refused([Fault(_KEPT, YEAR, "", code) for code in sorted(kept)])
        with transaction.atomic():
            if rest:
                self._reprofile(rest, seen)
            record_plan(
                by=self.request.user,
                slice_id=self.slice.pk,
                plan=self.plan,
                entries=[self._entry(code, months[code]) for code in sorted(first)],
                reason=self.request.POST.get("reason", "").strip(),
            )
        stored = PlanFigure.objects.filter(plan=self.plan, line__slice=self.slice)
        changed = list(stored.filter(line__code__in=list(months)).select_related("line"))
        return Reprofiled(changed, max(item.change for item in changed), undoable=False)

    def _entry(self, code: str, amounts: Mapping[str, int | None]) -> PlanEntry:
        """A line's figure: its year, which is what its months add to where it is not given."""
        figure = next(item.figure for item in self.lines if item.line.code == code)
        months = [amounts[key_of(month)] for month in MONTHS]
        whole = None if _is_annual(amounts) else [pence or 0 for pence in months]
        year = amounts.get(YEAR)
        kept = ("gross_pence", "investment_pence", "full_year_effect_pence", "basis", "evidence_id")
        return PlanEntry(
            line=code,
            full_year_pence=sum(whole or []) if year is None else year,
            months=whole,
            row=code,
            **({name: getattr(figure, name) for name in kept} if figure else {}),
        )

    def _reprofile(self, months: Months, seen: Mapping[str, int | None]) -> Reprofiled:
        if self.plan is None:
            raise Http404
        return reprofile(
            by=self.request.user,
            slice_id=self.slice.pk,
            plan=self.plan,
            profiles=[
                Profile(
                    line=code,
                    months=[pence or 0 for pence in amounts.values()],
                    change=seen.get(code) or 0,
                )
                for code, amounts in months.items()
            ],
            reason=self.request.POST.get("reason", ""),
        )

    def take_back(self, change: int) -> Stored:
        """Undo a re-profiling of this person."""
        if self.plan is None:
            raise Http404
        return undo_reprofile(
            by=self.request.user, slice_id=self.slice.pk, plan=self.plan, change=change
        )

    def located(self, refused: Refused) -> Refused:
        """The services name months as the fields are called, and the year otherwise."""
        refused.faults = [
            replace(fault, field=YEAR) if fault.field in ("full_year", "months") else fault
            for fault in refused.faults
        ]
        return refused

    def values(self, stored: Stored) -> list[dict[str, Any]]:
        """The lines that were re-profiled, as the fields show them."""
        return [
            {"line": figure.line.code, **self._texts(figure)}
            for figure in (stored.figures if isinstance(stored, Reprofiled) else [])
        ]

    def newer(self, conflict: Conflict) -> list[Newer]:
        """What somebody else made of a line's months meanwhile."""
        codes = {value["line"] for value in conflict.newer}
        found = [(i, i.figure) for i in self.lines if i.figure and i.line.code in codes]
        who = self.who_saved({figure.change for _, figure in found})
        return [
            Newer(
                item.line.code,
                item.line.name,
                key_of(item.line.first_month),
                texts.pop("revision"),
                texts,
                who[figure.change],
            )
            for item, figure in found
            for texts in [self._texts(figure)]
        ]

    def _texts(self, figure: PlanFigure) -> dict[str, str]:
        amounts = _profile_of(figure) | ({YEAR: figure.full_year_pence} if self.states else {})
        seen = seen_text({key: (figure.change, pence) for key, pence in amounts.items()})
        return {"revision": seen} | {key: field_text(pence) for key, pence in amounts.items()}


_KEPT = (
    "The plan of the year stays: months were handed on against it. Move an amount with a virement, "
    "or make another version of the plan."
)


def _is_annual(amounts: Mapping[str, int | None]) -> bool:
    """Whether no month of a line is stated."""
    return all(pence is None for key, pence in amounts.items() if key != YEAR)


def _months_of(item: YearLine) -> dict[str, int | None]:
    """What a line plans in each month, by column; None where it is not stated."""
    return _profile_of(item.figure)


def _profile_of(figure: PlanFigure | None) -> dict[str, int | None]:
    if figure is None or figure.to_date_pence is None:
        return {key_of(month): None for month in MONTHS}
    return {key_of(m): pence for m, pence in in_month(figure.to_date_pence).items()}


def _left(year: int, placed: int) -> str:
    """What of a year its months leave over, in the words of static/js/totals.js."""
    left = year - placed
    if not left:
        return "adds up"
    return f"{format_pence(abs(left), 'gbp')} {'to place' if left * year > 0 else 'too much'}"
