"""The way of a month to the board: its approver approves and closes it, or sends it back."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Refused
from esbt.kit.words import in_a_list
from finance.figures.status import far_from_plan, none_beyond, threshold
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.outturns import ReturnState
from finance.pages.position import restated_rows
from finance.queries.entry import EntryLine, entry_lines, last_step, return_state
from finance.queries.gaps import gap_reasons
from finance.queries.papers import paper_proofs
from finance.queries.restated import restated
from finance.queries.returns import system_months
from finance.queries.steps import last_reopening
from finance.services import hand_on
from finance.services.outturns import why_shut
from finance.services.returns import approvers
from finance.views.month_lines import groups_of, month_context, read_line
from finance.views.papers import paper_rows
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

# what each button sends
_STEPS = (ReturnState.APPROVED, ReturnState.CLOSED, ReturnState.DRAFT)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def month_return(
    request: PersonRequest, system: str, year: str, partner: str, month: int
) -> HttpResponse:
    """The approver's page of a partner's month, and its steps; 404 for others."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    require(request.user, Permission.APPROVE_RETURN, system=slice_.system, partner=who)
    if not FIRST_MONTH <= month <= AUDITED:
        raise Http404
    if request.method == "POST":
        return _move(request, slice_, who, month)
    return _show(request, slice_, who, month)


def _move(request: PersonRequest, slice_: Slice, partner: Partner, month: int) -> HttpResponse:
    """Take the step, and lead back to the page that offered it."""
    sent = request.POST.get("state", "")
    if sent not in _STEPS:
        raise Http404
    try:
        hand_on(
            by=request.user,
            slice_id=slice_.pk,
            partner=partner,
            month=month,
            state=ReturnState(sent),
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", "").strip()[:4000],
        )
    except Refused as refused:
        return _show(request, slice_, partner, month, refused)
    return HttpResponseRedirect(request.path, status=303)


def _show(
    request: PersonRequest,
    slice_: Slice,
    partner: Partner,
    month: int,
    refused: Refused | None = None,
) -> HttpResponse:
    lines = entry_lines(slice_, partner, month)
    state = return_state(slice_, partner, month)
    shut = why_shut(slice_, month, state, timezone.localdate())
    here = [slice_.system.code, slice_.year_id]
    others = approvers(slice_, partner, month)
    again = [item for item in restated(slice_, partner=partner) if item.month == month]
    return render(
        request,
        "finance/approve_month.html",
        month_context(slice_, partner, month, lines, page="month-return")
        | {
            "state": state,
            "why_closed": shut[1] if shut and shut[0] == "closed" else "",
            "step": last_step(slice_, partner, month),
            "reopened": last_reopening(slice_, partner, month),
            "own": request.user not in others,
            "others": others,
            "gaps": gap_reasons(slice_, month, partner=partner),
            "restated": restated_rows(slice_, again),
            "proofs": paper_rows(paper_proofs(slice_, partner, month, lines)),
            "paper_href": reverse("month-paper", args=[*here, partner.code, month]),
            "system_month": system_months(slice_).get(month),
            "groups": groups_of(lines, lambda item: read_line(slice_, item)),
            "beyond": _beyond(lines),
            "reason": request.POST.get("reason", "") if refused else "",
            "problems": [fault.message for fault in refused.faults] if refused else [],
            "board_href": reverse("board", args=here),
        },
        status=STATUS[refused.code] if refused else 200,
    )


def _beyond(lines: Sequence[EntryLine]) -> str:
    """How many lines are so far from plan that they want a comment, on each side."""
    found = [(item, {side for side, _ in far_from_plan(item)}) for item in lines]
    said = [
        f"{count} {side}"
        for side in ("adverse", "favourable")
        if (count := sum(side in sides for _, sides in found))
    ]
    if not said:
        return none_beyond(lines, "away from plan by")
    silent = sum(bool(sides) and not (i.head and i.head.comment) for i, sides in found)
    without = f" {silent} of them {'has' if silent == 1 else 'have'} no comment." if silent else ""
    return f"Lines away from plan by {threshold('line').words}: {in_a_list(said)}.{without}"
