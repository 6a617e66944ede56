"""Entering a month: one screen, one month, one partner's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import Conflict, Fault, Refused
from finance.forms.entry import read_entries
from finance.models import Outturn
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.lines import Kind
from finance.months import calendar_month
from finance.queries.entry import EntryLine, entry_lines, last_step, return_state
from finance.queries.steps import last_reopening
from finance.services import Entry, Saved, record_outturns, undo_outturns
from finance.services.outturns import why_shut
from finance.services.plausible import headline_figures, implausible
from finance.services.returns import approvers
from finance.views.grids import GridPage, Newer, Stored, field_text
from finance.views.month_lines import groups_of, month_context, plain_line, read_line
from finance.workbook.sheets import Changed, Column, Place, Row, Sheet
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

_COLUMNS = (
    Column("actual", "Actual to date", headings=("actual", "actual to date £", "ytd actual")),
    Column("forecast", "Forecast for the year", headings=("forecast", "full-year forecast")),
    Column("comment", "Comment", text=True, headings=("comments", "note", "notes")),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter_month(
    request: PersonRequest, system: str, year: str, partner: str, month: int
) -> HttpResponse:
    """Show and save a partner's figures of a month; 404 for whoever may not enter for it."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    require(request.user, Permission.ENTER_OUTTURN, system=slice_.system, partner=who)
    if not FIRST_MONTH <= month <= AUDITED:
        raise Http404
    return EntryPage(request, slice_, who, month).answer()


class EntryPage(GridPage):
    """One request for the entry page."""

    pasted_columns = "Actual, Forecast and Comment"
    pasted_first = "first line's actual"
    refused_note = "Nothing has been saved yet."

    def __init__(self, request: PersonRequest, slice_: Slice, partner: Partner, month: int) -> None:
        self.month = month
        self.title = f"Paste into {calendar_month(slice_, month)}"
        super().__init__(request, slice_, partner)

    def read(self) -> None:
        """Read the partner's lines of the month."""
        self.lines = entry_lines(self.slice, self.partner, self.month)

    def save(self) -> HttpResponse:
        """Store all or nothing, and answer in the form that was asked for."""
        posted = self.request.POST
        entries, faults = read_entries(
            posted,
            [item.line.code for item in self.lines],
            self.month,
            posted.getlist("confirm"),
            {item.line.code: item.last_comment for item in self.lines},
        )
        try:
            if faults:
                raise Refused(faults)
            return self.stored(self._record(entries))
        except Refused as refused:
            return self.refuse(self.located(refused))

    def _record(self, entries: Sequence[Entry]) -> Saved:
        return record_outturns(
            by=self.request.user,
            slice_id=self.slice.pk,
            entries=entries,
            ask_when_implausible=True,
        )

    # pasting and undoing

    def sheet(self) -> Sheet:
        """The month's lines by actual, forecast and comment."""
        places = [(item, column.key) for item in self.lines for column in _COLUMNS]
        shut = self._why_shut()
        values: dict[Place, int | str | None] = {}
        for item, key in places:
            stands = getattr(item.head, key if key == "comment" else f"{key}_pence", None)
            values[item.line.code, key] = (stands or "") if key == "comment" else stands
        return Sheet(
            rows=[Row(item.line.code, item.line.name) for item in self.lines],
            columns=_COLUMNS,
            values=values,
            changes={(i.line.code, key): i.head.change for i, key in places if i.head},
            shut={(item.line.code, key): shut[1] for item, key in places} if shut else {},
            first_year=self.slice.year.first_day.year,
            totals=[Kind(item.line.kind).total_label for item in self.lines],
            sections=[str(Kind(item.line.kind).label) for item in self.lines],
            beside=("Last month", self.around()["last_month"], "Plan to date"),
        )

    def put(self, changes: Sequence[Changed], *, meant: bool) -> Stored:
        """Store pasted cells over the revisions that were read."""
        return self._record(self._entries(changes, ("actual", "forecast") if meant else ()))

    def check(self, changes: Sequence[Changed]) -> tuple[list[Fault], dict[Place, str]]:
        """Nothing is refused as a whole; amounts beyond reason are to be confirmed."""
        lines = {item.line.code: item.line for item in self.lines}
        plans = headline_figures(self.slice.pk, lines.values())
        doubts = implausible(plans, self._entries(changes), lines)
        return [], {(str(doubt.row), doubt.field): doubt.message for doubt in doubts}

    def _entries(self, changes: Sequence[Changed], confirmed: Sequence[str] = ()) -> list[Entry]:
        heads = {item.line.code: item.head for item in self.lines}
        values: dict[str, dict[str, Any]] = {}
        for item in changes:
            name = item.column if item.column == "comment" else f"{item.column}_pence"
            values.setdefault(item.line, {})[name] = item.after
        return [
            Entry(
                line=code,
                month=self.month,
                revision=head.revision if (head := heads[code]) else None,
                confirmed=confirmed,
                row=code,
                **given,
            )
            for code, given in values.items()
        ]

    def take_back(self, change: int) -> Stored:
        """Undo a save of this person."""
        return undo_outturns(by=self.request.user, slice_id=self.slice.pk, change=change)

    def located(self, refused: Refused) -> Refused:
        """A refusal of the whole line stands beside its actual."""
        refused.faults = [
            replace(fault, field="actual") if fault.field in ("revision", "month") else fault
            for fault in refused.faults
        ]
        return refused

    def values(self, stored: Stored) -> list[dict[str, Any]]:
        """What now stands, for the lines that this save changed, as the fields show it."""
        return [
            {"line": head.line.code, "revision": head.revision, **_texts(head)}
            for head in (stored.heads if isinstance(stored, Saved) else [])
            if head.change == stored.change and head.month == self.month
        ]

    def newer(self, conflict: Conflict) -> list[Newer]:
        """What somebody else saved meanwhile, line by line."""
        codes = {value["line"] for value in conflict.newer}
        found = [(i, i.head) for i in self.lines if i.head and i.line.code in codes]
        who = self.who_saved({head.change for _, head in found})
        return [
            Newer(
                item.line.code,
                item.line.name,
                "actual",
                head.revision,
                _texts(head),
                who[head.change],
            )
            for item, head in found
        ]

    # the page

    def _why_shut(self) -> tuple[str, str] | None:
        self.state = return_state(self.slice, self.partner, self.month)
        return why_shut(self.slice, self.month, self.state, timezone.localdate())

    def around(self) -> dict[str, Any]:
        """What is shown around the lines."""
        return month_context(
            self.slice, self.partner, self.month, self.lines, page="enter-month"
        ) | {"subtitle": f"{self.partner.name}, {calendar_month(self.slice, self.month)}"}

    def show(
        self, *, refused: Refused | None = None, saved: str = "", undo: int | None = None
    ) -> HttpResponse:
        """The page, with what was typed where it could not be stored."""
        shut = self._why_shut()
        faults = refused.faults if refused else []
        here = (self.slice.system.code, self.slice.year_id)
        said = {(fault.row, fault.field): fault.message for fault in faults}
        code = refused.code if refused else ""
        return render(
            self.request,
            "finance/enter_month.html",
            self.around()
            | {
                "open": shut is None,
                "why_closed": shut[1] if shut else "",
                "groups": groups_of(
                    self.lines,
                    lambda item: (
                        read_line(self.slice, item) if shut else self._line(item, said, code)
                    ),
                    standing=shut is not None,
                ),
                "problems": [
                    {
                        "href": f"#{fault.field or 'actual'}-{fault.row}"
                        if fault.row and not shut
                        else "#maincontent",
                        "text": fault.message,
                    }
                    for fault in faults
                    if not self.compared
                ],
                "compared": self.compared,
                "refused_note": self.refused_note,
                "saved": saved,
                "uploads_href": reverse("uploads", args=[*here, self.partner.code])
                + f"?month={self.month}",
                "undo": undo,
                "year_href": reverse("year-grid", args=[*here, self.partner.code, "actual"]),
                "position_href": reverse("finances", args=here) + "?state=provisional",
                "submit_href": reverse("submit-month", args=[*here, self.partner.code, self.month]),
                "causes_href": reverse("causes", args=here)
                + f"?month={self.month}&state=provisional",
                "missing": sum(item.lacks_actual for item in self.lines),
            }
            | self._return(handed_on=shut is not None and shut[0] == "submitted"),
        )

    def _return(self, *, handed_on: bool) -> dict[str, Any]:
        """Where the month stands on its way to the board, and who has it now."""
        if not handed_on:  # a draft that was a step further before was sent back or reopened
            before = last_step(self.slice, self.partner, self.month)
            again = last_reopening(self.slice, self.partner, self.month) if before else None
            reopened = again if before and again and again.change == before.change else None
            return {
                "return_state": self.state,
                "sent_back": None if reopened else before,
                "reopened": reopened,
            }
        return {
            "return_state": self.state,
            "step": last_step(self.slice, self.partner, self.month),
            "approvers": approvers(self.slice, self.partner, self.month),
        }

    def _line(self, item: EntryLine, said: dict[tuple[Any, str], str], code: str) -> dict[str, Any]:
        line = item.line
        stands = _texts(item.head)
        posted = self.request.POST if said else {}

        def field(name: str) -> dict[str, str]:
            message = said.get((line.code, name), "")
            return {
                "text": posted.get(f"{name}-{line.code}", stands[name]),
                "error": "" if code == "confirm" else message,
                "confirm": message if code == "confirm" else "",
            }

        return plain_line(self.slice, item) | {
            "revision": item.head.revision if item.head else "",
            "actual": field("actual"),
            "forecast": field("forecast"),
            "comment": field("comment"),
        }


def _texts(head: Outturn | None) -> dict[str, str]:
    """A head's values as the fields show them; an empty field is "not stated"."""
    return {
        "actual": field_text(head.actual_pence if head else None),
        "forecast": field_text(head.forecast_pence if head else None),
        "comment": head.comment if head else "",
    }
