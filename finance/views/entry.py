"""Entering a month: one screen, one month, one partner's lines."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.money import format_pence
from esbt.kit.problems import STATUS, Conflict, Refused, problem
from finance.forms import read_entries
from finance.models import Outturn
from finance.models.base import AUDITED, FIRST_MONTH
from finance.queries.entry import EntryLine, entry_lines, last_step, return_state
from finance.services import Saved, record_outturns
from finance.services.outturns import why_shut
from finance.services.returns import approvers
from finance.views.month_lines import groups_of, month_context, plain_line, read_line
from schemes.models import Change, Partner, Slice
from schemes.permissions import Permission, require
from schemes.queries import visible_slice
from schemes.requests import PersonRequest


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
    page = EntryPage(request, slice_, who, month)
    return page.save() if request.method == "POST" else page.show()


class EntryPage:
    """One request for the entry page."""

    def __init__(self, request: PersonRequest, slice_: Slice, partner: Partner, month: int) -> None:
        self.request, self.slice, self.partner, self.month = request, slice_, partner, month
        self.lines = entry_lines(slice_, partner, month)
        self.wants_json = "application/json" in request.headers.get("Accept", "")

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
            saved = record_outturns(
                by=self.request.user,
                slice_id=self.slice.pk,
                entries=entries,
                ask_when_implausible=True,
            )
        except Refused as refused:
            return self._refuse(refused)
        at = f"{timezone.localtime():%H:%M}"
        if self.wants_json:
            return JsonResponse({"saved": self._values(saved), "saved_at": at})
        self.lines = entry_lines(self.slice, self.partner, self.month)
        return self.show(saved=f"Saved at {at}" if saved.change else "Nothing had changed.")

    def _values(self, saved: Saved) -> list[dict[str, Any]]:
        """What now stands, for the lines that this save changed, as the fields show it."""
        return [
            {"line": head.line.code, "revision": head.revision, **_texts(head)}
            for head in saved.heads
            if head.change == saved.change
        ]

    def _refuse(self, refused: Refused) -> HttpResponse:
        status = STATUS[refused.code]
        if not self.wants_json:
            return self.show(refused=refused, status=status)
        body = problem(refused)
        told = [
            {"line": fault.row, "field": fault.field, "message": fault.message}
            for fault in refused.faults
        ]
        body["errors"] = [] if refused.code in ("confirm", "conflict") else told
        body["confirm"] = told if refused.code == "confirm" else []
        body["newer"] = self._newer(refused) if isinstance(refused, Conflict) else []
        body["detail"] = " ".join(dict.fromkeys(fault.message for fault in refused.faults))
        return JsonResponse(body, status=status, content_type="application/problem+json")

    def _newer(self, refused: Conflict) -> list[dict[str, Any]]:
        """What somebody else saved meanwhile, and who and when."""
        heads = {
            head.line.code: head
            for head in Outturn.objects.filter(
                line__slice=self.slice,
                month=self.month,
                line__code__in=[value["line"] for value in refused.newer],
            ).select_related("line")
        }
        changes = {
            change.number: change
            for change in Change.objects.filter(
                slice=self.slice, number__in=[head.change for head in heads.values()]
            ).select_related("actor")
        }
        return [
            {
                "line": code,
                "revision": head.revision,
                "by": str(changes[head.change].actor or ""),
                "at": f"{timezone.localtime(changes[head.change].at):%H:%M}",
                **_texts(head),
            }
            for code, head in heads.items()
        ]

    def show(
        self,
        *,
        refused: Refused | None = None,
        saved: str = "",
        status: int = 200,
        refused_note: str = "Nothing has been saved yet.",
    ) -> HttpResponse:
        """The page, with what was typed where it could not be stored."""
        state = return_state(self.slice, self.partner, self.month)
        shut = why_shut(self.slice, self.month, state, timezone.localdate())
        faults = refused.faults if refused else []
        here = (self.slice.system.code, self.slice.year_id)
        said = {(fault.row, fault.field): fault.message for fault in faults}
        code = refused.code if refused else ""
        return render(
            self.request,
            "finance/enter_month.html",
            month_context(self.slice, self.partner, self.month, self.lines, page="enter-month")
            | {
                "open": shut is None,
                "why_closed": shut[1] if shut else "",
                "groups": groups_of(
                    self.lines,
                    lambda item: (
                        read_line(self.slice, item) if shut else self._line(item, said, code)
                    ),
                ),
                "problems": [
                    {
                        "href": f"#{fault.field or 'actual'}-{fault.row}"
                        if fault.row and not shut
                        else "#maincontent",
                        "text": fault.message,
                    }
                    for fault in faults
                ],
                "refused_note": refused_note,
                "saved": saved,
                "uploads_href": reverse("uploads", args=[*here, self.partner.code])
                + f"?month={self.month}",
                "position_href": reverse("finances", args=here) + "?state=provisional",
                "submit_href": reverse("submit-month", args=[*here, self.partner.code, self.month]),
                "missing": sum(item.lacks_actual for item in self.lines),
            }
            | self._return(state, handed_on=shut is not None and shut[0] == "submitted"),
            status=status,
        )

    def _return(self, state: str, *, handed_on: bool) -> dict[str, Any]:
        """Where the month stands on its way to the board, and who has it now."""
        if not handed_on:  # a draft that was a step further before was sent back or reopened
            before = last_step(self.slice, self.partner, self.month)
            return {"return_state": state, "sent_back": before}
        return {
            "return_state": state,
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

    def amount(pence: int | None) -> str:
        return "" if pence is None else format_pence(pence, "gbp")

    return {
        "actual": amount(head.actual_pence if head else None),
        "forecast": amount(head.forecast_pence if head else None),
        "comment": head.comment if head else "",
    }
