"""What the grids of figures share: saving, pasting with a preview, and undoing a save.

A grid posts to its own address. ``do`` says what: nothing saves the fields, "preview" shows what a
pasted block would change, "store" stores it, and ``undo`` names the change to be undone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from esbt.kit.money import NOT_STATED, format_pence, parse_amount
from esbt.kit.problems import STATUS, Conflict, Fault, Refused, problem
from esbt.kit.words import in_a_list
from finance.services import Reprofiled, Saved
from finance.workbook.paste import Pasted, read_paste
from finance.workbook.sheets import Changed, Place, Sheet, Value
from schemes.models import Change, Partner, Slice
from schemes.people.requests import PersonRequest

Stored = Saved | Reprofiled


@dataclass(frozen=True, slots=True)
class Newer:
    """What somebody else saved meanwhile in a line, and the texts of its fields."""

    line: str
    name: str
    field: str  # beside which it is said
    revision: int | str
    texts: Mapping[str, str]
    who: str  # and when: " by Finn at 10:12"


class GridPage:
    """One request for a grid."""

    title = ""  # of the preview
    pasted_columns = "months"  # what headings of a block are, in words
    pasted_first = "first line's first month"  # where one without headings starts

    def __init__(self, request: PersonRequest, slice_: Slice, partner: Partner) -> None:
        self.request, self.slice, self.partner = request, slice_, partner
        self.compared: list[dict[str, str]] = []  # yours and theirs, as in finance/_newer.html
        self.wants_json = "application/json" in request.headers.get("Accept", "")
        self.read()

    # what each grid says for itself

    def read(self) -> None:
        """Read what stands, at the start and after a save."""
        raise NotImplementedError

    def sheet(self) -> Sheet:
        """What stands, as a block is held against it."""
        raise NotImplementedError

    def save(self) -> HttpResponse:
        """Store what the fields say."""
        raise NotImplementedError

    def put(self, changes: Sequence[Changed], *, meant: bool) -> Stored:
        """Store cells of a pasted block over what was read; Refused or Conflict otherwise."""
        raise NotImplementedError

    def check(self, changes: Sequence[Changed]) -> tuple[list[Fault], dict[Place, str]]:
        """What would be refused of these cells as a whole, and which are to be confirmed."""
        raise NotImplementedError

    def take_back(self, change: int) -> Stored:
        """Undo a save."""
        raise NotImplementedError

    def values(self, stored: Stored) -> list[dict[str, Any]]:
        """What now stands in the cells that changed, as the fields show it, by line."""
        raise NotImplementedError

    def located(self, refused: Refused) -> Refused:
        """A refusal whose faults name a field of the page: a line and a column."""
        raise NotImplementedError

    def sent(self) -> Collection[str]:
        """Names of the fields that a save takes."""
        return self.request.POST.keys()

    def newer(self, conflict: Conflict) -> list[Newer]:
        """What somebody else saved meanwhile."""
        raise NotImplementedError

    def show(
        self, *, refused: Refused | None = None, saved: str = "", undo: int | None = None
    ) -> HttpResponse:
        """The page, with what was typed where it could not be stored."""
        raise NotImplementedError

    # what they share

    def answer(self) -> HttpResponse:
        """Do what was asked for."""
        if self.request.method != "POST":
            return self.show()
        posted = self.request.POST
        if posted.get("person", (me := str(self.request.user.pk))) != me:
            said = f"You are signed in as {self.request.user} now, and somebody else typed this. "
            said += "Sign in as that person in another tab, then save here: what was typed is kept."
            return self.refuse(Refused([Fault(said)]))
        if posted.get("undo"):
            return self.undo(posted["undo"])
        if posted.get("do") in ("preview", "store"):
            return self.paste(store=posted["do"] == "store")
        return self.save()

    def stored(self, stored: Stored, word: str = "Saved") -> HttpResponse:
        """Say what was stored, in the form that was asked for."""
        at = f"{timezone.localtime():%H:%M}"
        undo = stored.change if getattr(stored, "undoable", True) else None
        if self.wants_json:
            told = {"saved": self.values(stored), "saved_at": at, "change": undo or ""}
            return JsonResponse(told)
        self.read()
        said = f"{word} at {at}" if stored.change else "Nothing had changed."
        return self.show(saved=said, undo=undo if word == "Saved" else None)

    def refuse(self, refused: Refused) -> HttpResponse:
        """Say why nothing was stored, in the form that was asked for."""
        status = STATUS[refused.code]
        if isinstance(refused, Conflict):
            self.read()
            newer = self.newer(refused)
            said = [self._beside(item) for item in newer]
        else:
            newer, said = [], refused.faults
        if not self.wants_json:
            shown = self.show(refused=Refused(said or refused.faults, code=refused.code))
            shown.status_code = status
            return shown
        body = problem(refused)
        told = [
            {"line": fault.row, "field": fault.field, "message": fault.message} for fault in said
        ]
        body["errors"] = [] if newer or refused.code == "confirm" else told
        body["confirm"] = told if refused.code == "confirm" else []
        body["newer"] = [
            {
                "line": item.line,
                "field": fault.field,
                "revision": item.revision,
                "message": fault.message,
                **item.texts,
            }
            for item, fault in zip(newer, said, strict=False)
        ]
        body["compared"] = render_to_string("finance/_newer.html", {"compared": self.compared})
        body["detail"] = " ".join(dict.fromkeys(fault.message for fault in refused.faults))
        return JsonResponse(body, status=status, content_type="application/problem+json")

    def _beside(self, item: Newer) -> Fault:
        """Set what was typed beside what somebody else saved: at the top, and at the field."""
        columns = {column.key: column for column in self.sheet().columns}
        sent, pairs = self.sent(), []
        for key, theirs in item.texts.items():
            name = f"{key}-{item.line}"
            if name not in sent:
                continue
            typed = self.request.POST[name]
            yours = typed.strip() if columns[key].text else field_text(parse_amount(typed))
            pairs.append((key, yours or NOT_STATED, theirs or NOT_STATED))
        differing = [pair for pair in pairs if pair[1] != pair[2]] or pairs[:1]
        self.compared += [
            {
                "href": f"#{key}-{item.line}",
                "name": item.name,
                "field": columns[key].label,
                "yours": yours,
                "theirs": theirs,
                "who": item.who.strip(),
            }
            for key, yours, theirs in differing
        ]
        both = "; ".join(
            f"{columns[key].label}: yours {yours}, theirs {theirs}"
            for key, yours, theirs in differing
        )
        said = f"Saved{item.who} since you opened this page. {both}. "
        said += "Save again to put yours in its place, or undo to keep theirs."
        return Fault(said, differing[0][0] if differing else item.field, "", item.line)

    def undo(self, text: str) -> HttpResponse:
        """Undo a save of this person."""
        if not text.isdecimal() or len(text) > 15:
            raise Http404
        try:
            return self.stored(self.take_back(int(text)), "Undone")
        except Conflict as conflict:  # there is nothing of one's own to put in its place
            return self.refuse(Refused(self.located(conflict).faults, code="conflict"))
        except Refused as refused:
            return self.refuse(self.located(refused))

    def paste(self, *, store: bool) -> HttpResponse:
        """Show what a block would change, or store it when nobody saved these cells since."""
        posted = self.request.POST
        sheet = self.sheet()
        start = (posted.get("start_line", ""), posted.get("start_column", ""))
        pasted = read_paste(posted.get("text", ""), sheet, start)
        if not store or pasted.faults:
            return self._preview(sheet, pasted)
        seen = int(text) if (text := posted.get("seen", "")).isdecimal() and len(text) < 15 else 0
        newer = {
            place
            for item in pasted.changes
            if sheet.changes.get(place := (item.line, item.column), 0) > seen
        }
        if newer:
            return self._preview(sheet, pasted, newer=newer)
        try:
            return self.stored(self.put(pasted.changes, meant=bool(posted.get("meant"))))
        except Refused as refused:
            if refused.code != "confirm":
                pasted.faults.extend(self.located(refused).faults)
            return self._preview(sheet, pasted)

    def _preview(
        self,
        sheet: Sheet,
        pasted: Pasted,
        *,
        newer: Collection[Place] = (),
    ) -> HttpResponse:
        faults, doubts = ([], {}) if pasted.faults else self.check(pasted.changes)
        pasted.faults.extend(faults)
        names = {row.code: row.name for row in sheet.rows}
        labels = {column.key: column.label for column in sheet.columns}
        posted = self.request.POST
        context = self.around() | {
            "title": self.title,
            "changes": [
                {
                    "line": names[item.line],
                    "column": labels[item.column],
                    "before": shown(item.before),
                    "after": shown(item.after),
                    "doubt": doubts.get((item.line, item.column), ""),
                    "newer": (item.line, item.column) in newer,
                }
                for item in pasted.changes
            ]
            if not pasted.faults
            else [],
            "emptied": sum(item.after in (None, "") for item in pasted.changes),
            "unchanged": pasted.unchanged,
            "left_out": in_a_list(pasted.left_out),
            "faults": [
                {
                    "where": ", ".join(filter(None, [_row_words(fault.row, names), fault.field])),
                    "value": fault.value,
                    "message": fault.message,
                }
                for fault in pasted.faults
            ],
            "doubts": len(doubts),
            "newer": len(newer),
            "sent": {name: posted.get(name, "") for name in ("text", "start_line", "start_column")},
            "reason": posted.get("reason", ""),
            "seen": self.slice.change,
            "page_href": self.request.get_full_path(),
            "columns": self.pasted_columns,
            "first": self.pasted_first,
        }
        status = STATUS["conflict"] if newer else STATUS["invalid"] if pasted.faults else 200
        return render(self.request, "finance/paste.html", context, status=status)

    def around(self) -> dict[str, Any]:
        """What every page of the grid shows around it."""
        raise NotImplementedError

    def who_saved(self, changes: set[int]) -> dict[int, str]:
        """Who saved each of some changes and when, in words: "by Finn at 10:12"."""
        found = Change.objects.filter(slice=self.slice, number__in=changes).select_related("actor")
        return {
            change.number: (f" by {change.actor}" if change.actor else "")
            + f" at {timezone.localtime(change.at):%H:%M}"
            for change in found
        }


def _row_words(row: int | str | None, names: Mapping[str, str]) -> str:
    """A row of the block, or the line that a rule about whole lines names."""
    return f"row {row}" if isinstance(row, int) else names.get(row or "", "")


def shown(value: Value) -> str:
    """A cell's value as a sentence or a table says it."""
    return (value or NOT_STATED) if isinstance(value, str) else format_pence(value, "gbp")


def field_text(pence: int | None) -> str:
    """An amount as a field shows it; an empty field is "not stated"."""
    return "" if pence is None else format_pence(pence, "gbp")
