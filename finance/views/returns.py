"""The way of a month to the board: its lead submits it, its approver approves or sends it back."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Refused
from finance.models.base import LAST_MONTH
from finance.models.outturns import ReturnState
from finance.queries.entry import entry_lines, last_step, return_state
from finance.services import hand_on
from finance.services.outturns import why_shut
from finance.views.entry import EntryPage
from finance.views.month_lines import groups_of, month_context, read_line
from schemes.models import Partner, Slice
from schemes.permissions import Permission, require
from schemes.queries import visible_slice
from schemes.requests import PersonRequest

# what each button sends, and who may press it
_NEEDED = {
    ReturnState.SUBMITTED: Permission.ENTER_OUTTURN,
    ReturnState.APPROVED: Permission.APPROVE_RETURN,
    ReturnState.DRAFT: Permission.APPROVE_RETURN,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def month_return(
    request: PersonRequest, system: str, year: str, partner: str, month: int
) -> HttpResponse:
    """The approver's page of a partner's month, and the steps of approver and lead."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    if not 1 <= month <= LAST_MONTH:
        raise Http404
    if request.method == "POST":
        return _move(request, slice_, who, month)
    require(request.user, Permission.APPROVE_RETURN, system=slice_.system, partner=who)
    return _show(request, slice_, who, month)


def _move(request: PersonRequest, slice_: Slice, partner: Partner, month: int) -> HttpResponse:
    """Take the step, and lead back to the page that offered it."""
    sent = request.POST.get("state", "")
    if sent not in _NEEDED:
        raise Http404
    state = ReturnState(sent)
    require(request.user, _NEEDED[state], system=slice_.system, partner=partner)
    submits = state == ReturnState.SUBMITTED
    try:
        hand_on(
            by=request.user,
            slice_id=slice_.pk,
            partner=partner,
            month=month,
            state=state,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", "").strip()[:4000],
        )
    except Refused as refused:
        if submits:
            page = EntryPage(request, slice_, partner, month)
            return page.show(
                refused=refused,
                status=STATUS[refused.code],
                refused_note="The month has not been submitted.",
            )
        return _show(request, slice_, partner, month, refused)
    here = [slice_.system.code, slice_.year_id, partner.code, month]
    address = reverse("enter-month" if submits else "month-return", args=here)
    return HttpResponseRedirect(address, status=303)


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
    return render(
        request,
        "finance/approve_month.html",
        month_context(slice_, partner, month, lines, page="month-return")
        | {
            "state": state,
            "why_closed": shut[1] if shut and shut[0] == "closed" else "",
            "step": last_step(slice_, partner, month),
            "groups": groups_of(lines, lambda item: read_line(slice_, item)),
            "reason": request.POST.get("reason", "") if refused else "",
            "problems": [fault.message for fault in refused.faults] if refused else [],
            "board_href": reverse("board", args=[slice_.system.code, slice_.year_id]),
        },
        status=STATUS[refused.code] if refused else 200,
    )
