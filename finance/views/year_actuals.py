"""The grids of a year's actuals to date and of its forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from esbt.kit.problems import Conflict, Fault, Refused
from finance.charts.words import against_plan
from finance.forms.entry import Seen, TypedCell, seen_text
from finance.models import Outturn
from finance.months import calendar_month
from finance.queries.year_grid import MONTHS, Reported, YearLine, shut_for_actuals
from finance.services import Entry, Saved, record_outturns, undo_outturns
from finance.services.plausible import implausible
from finance.views.grids import Newer, Stored, field_text
from finance.views.year_frame import TO_COME, YearPage, key_of
from finance.workbook.sheets import Changed, Place, Sheet
from schemes.models import Slice
from schemes.people.permissions import Permission

_STATES = {"closed": "closed", "submitted": "handed on", "not_open": TO_COME}
_REMEDIES = {
    "closed": "Put a correction into the next open month, or ask the system's administrator to "
    "reopen one.",
    "submitted": "Ask for a return to be sent back before you change its figures.",
    "not_open": "A month can be entered from its first day.",
}


class ActualsPage(YearPage):
    """Actual to date of each line and month."""

    permission = Permission.ENTER_OUTTURN
    measure = "actual"
    title = "Paste actuals to date"

    def read(self) -> None:
        """Read the lines, and which months take figures."""
        super().read()
        self.shut = shut_for_actuals(self.slice, self.partner, timezone.localdate())

    def amount(self, head: Reported | Outturn) -> int | None:
        """What was reported of this measure, in pence."""
        pence: int | None = getattr(head, f"{self.measure}_pence")
        return pence

    def seen(self, item: YearLine) -> Mapping[str, Seen]:
        """Amounts with the revisions of their cells."""
        return {
            key_of(month): (head.revision, self.amount(head)) if head else (None, None)
            for month in MONTHS
            for head in [item.heads.get(month)]
        }

    def why_shut(self, item: YearLine, month: int) -> str:
        """By the month, or because the line does not run then."""
        if not item.line.takes(month):
            first, last = item.line.first_month, item.line.last_month
            return f"The line runs from month {first} to {last}."
        return self.shut[month][1] if month in self.shut else ""

    def month_state(self, month: int) -> str:
        """In a word."""
        return _STATES[self.shut[month][0]] if month in self.shut else ""

    def notes(self) -> list[str]:
        """Which months take nothing and what to do about it, each reason once."""
        if self.slice.status != Slice.Status.OPEN:
            return [f"The year {self.slice.year} is closed, and its figures stay as they are."]
        found = []
        for code, remedy in _REMEDIES.items():
            months = [m for m, (why, _) in self.shut.items() if why == code]
            if months:
                found.append(f"{_STATES[code].capitalize()}: {self.named(months)}. {remedy}")
        return found

    def open_months(self) -> list[dict[str, str]]:
        """The months that take figures, each on a page of its own."""
        here = [self.slice.system.code, self.slice.year_id, self.partner.code]
        return [
            {
                "label": calendar_month(self.slice, month),
                "href": reverse("enter-month", args=[*here, month]),
            }
            for month in MONTHS
            if month not in self.shut
        ]

    def around(self) -> dict[str, Any]:
        """With the months that want work first, whatever a narrow screen shows of the grid."""
        return super().around() | {"open_months": self.open_months()}

    def end_of(self, item: YearLine) -> dict[str, Any]:
        """The variance at the latest month that has an actual, as it is worked out while typing."""
        stated = [
            m for m in MONTHS if (head := item.heads.get(m)) and self.amount(head) is not None
        ]
        month = max(stated, default=None)
        if month is None:
            return {"variance": "", "direction": "none", "at": ""}
        plan, amount = self.against(item, month), self.amount(item.heads[month])
        said, direction = against_plan(amount, plan, item.line.side)
        return {
            "variance": said,
            "direction": direction,
            "at": calendar_month(self.slice, month)[:3] if said else "",
        }

    # pasting, saving and undoing

    def sheet(self) -> Sheet:
        """Lines by months."""
        places = [(item, month) for item in self.lines for month in MONTHS]
        stands = {(i.line.code, key_of(m)): i.heads.get(m) for i, m in places}
        return Sheet(
            rows=self.rows(),
            columns=self.columns(),
            values={place: self.amount(head) for place, head in stands.items() if head},
            changes={place: head.change for place, head in stands.items() if head},
            shut={(i.line.code, key_of(m)): why for i, m in places if (why := self.why_shut(i, m))},
            first_year=self.slice.year.first_day.year,
            totals=self.totals(),
            sections=self.sections(),
            beside=("Variance, latest", "Total", "Year", "Full year"),
        )

    def put(self, changes: Sequence[Changed], *, meant: bool) -> Stored:
        """Store pasted cells over the revisions that were read."""
        return self._record(self._entries(changes, (self.measure,) if meant else ()))

    def put_typed(self, cells: Sequence[TypedCell], confirmed: Sequence[str]) -> Stored:
        """Store typed cells over the revisions that their author saw."""
        return self._record(
            [
                self._entry(
                    item.line,
                    item.column,
                    item.pence,
                    item.revision,
                    (self.measure,) if f"{item.column}-{item.line}" in confirmed else (),
                )
                for item in cells
            ]
        )

    def check(self, changes: Sequence[Changed]) -> tuple[list[Fault], dict[Place, str]]:
        """Nothing is refused as a whole; amounts beyond reason are to be confirmed."""
        lines = {item.line.code: item.line for item in self.lines}
        plans = {item.line.pk: item.figure for item in self.lines if item.figure}
        doubts = Refused(implausible(plans, self._entries(changes), lines))
        return [], {(str(d.row), d.field): d.message for d in self.located(doubts).faults}

    def take_back(self, change: int) -> Stored:
        """Undo a save of this person."""
        try:
            return undo_outturns(by=self.request.user, slice_id=self.slice.pk, change=change)
        except Conflict as conflict:
            conflict.faults = [
                replace(conflict.faults[0], row=value["line"], field=key_of(value["month"]))
                for value in conflict.newer
            ]
            raise

    def _record(self, entries: Sequence[Entry]) -> Stored:
        return record_outturns(
            by=self.request.user,
            slice_id=self.slice.pk,
            entries=entries,
            ask_when_implausible=True,
        )

    def _entries(self, changes: Sequence[Changed], confirmed: Sequence[str] = ()) -> list[Entry]:
        revisions = {item.line.code: self.seen(item) for item in self.lines}
        return [
            self._entry(c.line, c.column, c.after, revisions[c.line][c.column][0], confirmed)
            for c in changes
        ]

    def _entry(
        self, line: str, column: str, pence: Any, revision: int | None, confirmed: Sequence[str]
    ) -> Entry:
        return Entry(
            line=line,
            month=int(column.removeprefix("month_")),
            revision=revision,
            confirmed=confirmed,
            row=f"{column}-{line}",
            **{f"{self.measure}_pence": pence},
        )

    def located(self, refused: Refused) -> Refused:
        """Entries name their cell as their row."""
        refused.faults = [
            replace(fault, row=row, field=field)
            if isinstance(fault.row, str) and (field := fault.row.partition("-")[0]) in _KEYS
            else fault
            for fault in refused.faults
            for row in [str(fault.row).partition("-")[2]]
        ]
        return refused

    def values(self, stored: Stored) -> list[dict[str, Any]]:
        """The cells that this save changed, by line."""
        found: dict[str, dict[int, Outturn]] = {}
        for head in stored.heads if isinstance(stored, Saved) else []:
            if head.change == stored.change:
                found.setdefault(head.line.code, {})[head.month] = head
        return [
            {
                "line": code,
                "revision": seen_text(
                    {key_of(m): (head.revision, self.amount(head)) for m, head in heads.items()}
                ),
                **{key_of(m): field_text(self.amount(head)) for m, head in heads.items()},
            }
            for code, heads in found.items()
        ]

    def newer(self, conflict: Conflict) -> list[Newer]:
        """What somebody else saved meanwhile, cell by cell."""
        lines = {item.line.code: item for item in self.lines}
        stands = [
            (value["line"], value["month"], head)
            for value in conflict.newer
            if (head := lines[value["line"]].heads.get(value["month"]))
        ]
        who = self.who_saved({head.change for _, _, head in stands})
        return [
            Newer(
                code,
                lines[code].line.name,
                key,
                seen_text({key: (head.revision, self.amount(head))}),
                {key: field_text(self.amount(head))},
                who[head.change],
            )
            for code, month, head in stands
            for key in [key_of(month)]
        ]


class ForecastsPage(ActualsPage):
    """Forecast for the year of each line, as it stood in each month."""

    measure = "forecast"
    title = "Paste forecasts for the year"

    def against(self, item: YearLine, month: int) -> int | None:
        """The plan for the year, whatever the month."""
        if item.figure is None or not item.comparable(month, "forecast"):
            return None
        return item.figure.full_year_pence


_KEYS = {key_of(month) for month in MONTHS}
