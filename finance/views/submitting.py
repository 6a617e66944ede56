"""Before a month is submitted: what is handed on, who approves it, and what is still to be said."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Refused
from finance.figures.status import beyond_threshold, none_beyond, threshold
from finance.models.base import AUDITED, FIRST_MONTH
from finance.queries.entry import EntryLine, entry_lines, return_state
from finance.queries.gaps import gap_reasons
from finance.queries.papers import paper_proofs
from finance.services import submit_return
from finance.services.outturns import why_shut
from finance.services.returns import approvers
from finance.views.month_lines import groups_of, month_context, read_line
from finance.views.papers import paper_rows
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

LONGEST_REASON = 1000


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit_month(
    request: PersonRequest, system: str, year: str, partner: str, month: int
) -> HttpResponse:
    """What submitting a partner's month tells, and the button that does it; 404 for others."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    require(request.user, Permission.ENTER_OUTTURN, system=slice_.system, partner=who)
    if not FIRST_MONTH <= month <= AUDITED:
        raise Http404
    entered = reverse("enter-month", args=[system, year, partner, month])
    if request.method != "POST":
        state = return_state(slice_, who, month)
        if why_shut(slice_, month, state, timezone.localdate()):
            return HttpResponseRedirect(entered)  # which says why, and who has it now
        return _show(request, slice_, who, month)
    try:
        submit_return(
            by=request.user,
            slice_id=slice_.pk,
            partner=who,
            month=month,
            gaps={
                name.removeprefix("gap-"): request.POST[name][:LONGEST_REASON]
                for name in request.POST
                if name.startswith("gap-")
            },
        )
    except Refused as refused:
        return _show(request, slice_, who, month, refused)
    return HttpResponseRedirect(entered, status=303)


def _show(
    request: PersonRequest,
    slice_: Slice,
    partner: Partner,
    month: int,
    refused: Refused | None = None,
) -> HttpResponse:
    lines = entry_lines(slice_, partner, month)
    faults = refused.faults if refused else []
    said = {fault.row: fault.message for fault in faults if fault.field == "gap"}
    here = [slice_.system.code, slice_.year_id, partner.code, month]
    enter = reverse("enter-month", args=here)
    before = {gap.line_id: gap.reason for gap in gap_reasons(slice_, month, partner=partner)}
    others = [user for user in approvers(slice_, partner, month) if user != request.user]
    return render(
        request,
        "finance/submit_month.html",
        month_context(slice_, partner, month, lines, page="submit-month")
        | {
            "enter_href": enter,
            "groups": groups_of(lines, lambda item: read_line(slice_, item)),
            "lines": len(lines),
            "behind": 0 if month == AUDITED else sum(item.is_behind for item in lines),
            "unforecast": 0 if month == AUDITED else sum(item.standing is None for item in lines),
            "gaps": [
                {
                    "code": item.line.code,
                    "name": item.line.name,
                    "reason": request.POST.get(
                        f"gap-{item.line.code}", before.get(item.line.pk, "")
                    ),
                    "error": said.get(item.line.code, ""),
                }
                for item in lines
                if item.lacks_actual
            ],
            "beyond": [row for item in lines if (row := _beyond(item, enter))],
            "comments": [
                {"name": item.line.name, "comment": item.head.comment}
                for item in lines
                if item.head and item.head.comment and not beyond_threshold(item)
            ],
            "threshold": threshold("line").words,
            "none_beyond": none_beyond(lines, "adverse by"),
            "approvers": others,
            "proofs": paper_rows(paper_proofs(slice_, partner, month, lines)),
            "paper_href": reverse("month-paper", args=here),
            "board_href": reverse("board", args=here[:2]),
            "causes_href": reverse("causes", args=here[:2]) + f"?month={month}&state=provisional",
            "problems": [
                {
                    "href": f"#gap-{fault.row}"
                    if fault.field == "gap"
                    else f"{enter}#comment-{fault.row}"
                    if fault.row
                    else "#maincontent",
                    "text": fault.message,
                }
                for fault in faults
            ],
        },
        status=STATUS[refused.code] if refused else 200,
    )


def _beyond(item: EntryLine, enter: str) -> dict[str, Any] | None:
    """A line that needs a comment, with the one it has; None for another."""
    words = beyond_threshold(item)
    if not words:
        return None
    return {
        "name": item.line.name,
        "words": words,
        "comment": item.head.comment if item.head else "",
        "is_carried": item.is_carried,
        "href": f"{enter}#comment-{item.line.code}",
    }
