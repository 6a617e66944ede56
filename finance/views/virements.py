"""Virements of a year: the list, the form of whoever proposes, the decision of whoever approves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.money import AmountError, Cell, cell, format_pence, parse_amount, words
from esbt.kit.problems import STATUS, Fault, Refused
from finance.models import Line, Plan, Virement
from finance.models.lines import Kind
from finance.months import calendar_month
from finance.queries.plans import changes_of, plans_of
from finance.queries.virements import PROPOSED, STATES, Decision, plans_now, state_of, virements
from finance.rollups import headline
from finance.services import VirementSpec, propose_virement, reverse_virement, settle_virement
from finance.views.frame import page_within_finances, problems_of
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, has_permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

SHOWN = 50  # virements on a page

# what no virement touches, since it is agreed with another partner
_AGREED = (Kind.TRANSFER, Kind.CONTRIBUTION)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def virement_list(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The virements, newest first, by ``state``; posts propose, settle or take one back."""
    slice_ = visible_slice(request.user, system, year)
    if request.method != "POST":
        return _show(request, slice_)
    try:
        said = _ACTS.get(request.POST.get("act", ""), _propose)(request, slice_)
    except Refused as refused:
        return _show(request, slice_, problems_of(refused), STATUS[refused.code])
    messages.success(request, said)
    return redirect("virements", system, year)


def _propose(request: PersonRequest, slice_: Slice) -> str:
    if not partners_of(request.user, Permission.PROPOSE_VIREMENT, system=slice_.system):
        raise Http404
    sent = request.POST
    try:
        pence = parse_amount(sent.get("amount", ""))
    except AmountError as error:
        raise Refused([Fault(str(error), "amount", sent.get("amount", ""))]) from error
    month = sent.get("month", "")
    made = propose_virement(
        by=request.user,
        slice_id=slice_.pk,
        spec=VirementSpec(
            plan=sent.get("plan", ""),
            giving=sent.get("giving", ""),
            receiving=sent.get("receiving", ""),
            pence=pence,
            month=int(month) if month.isdecimal() and len(month) < 3 else None,
            reason=sent.get("reason", "").strip()[:4000],
        ),
    )
    return f"{words(made.pence, 'gbp')} waits for somebody else's approval; no plan has moved yet."


def _settle(request: PersonRequest, slice_: Slice) -> str:
    decision = request.POST.get("act", "")
    settle_virement(
        by=request.user,
        slice_id=slice_.pk,
        virement_id=_number(request),
        decision=decision,
        reason=_reason(request),
    )
    if decision == Decision.APPROVED:
        return "Approved: both plans have moved by the same amount."
    return "Rejected: no plan has moved."


def _reverse(request: PersonRequest, slice_: Slice) -> str:
    made = reverse_virement(
        by=request.user,
        slice_id=slice_.pk,
        virement_id=_number(request),
        reason=_reason(request),
    )
    return f"The way back of {words(made.pence, 'gbp')} waits for somebody else's approval."


_ACTS = {
    "propose": _propose,
    str(Decision.APPROVED): _settle,
    str(Decision.REJECTED): _settle,
    "reverse": _reverse,
}


def _number(request: PersonRequest) -> int:
    text = request.POST.get("virement", "")
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


def _reason(request: PersonRequest) -> str:
    return request.POST.get("reason", "").strip()[:4000]


def _show(
    request: PersonRequest,
    slice_: Slice,
    problems: Sequence[dict[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    state = request.GET.get("state", "")
    if state and state not in STATES:
        raise Http404
    every = virements(slice_, state)
    page = Paginator(every, SHOWN).get_page(request.GET.get("page"))
    found = list(page)
    numbers = [item.change for item in found]
    numbers += [item.outcome.change for item in found if state_of(item) != PROPOSED]
    when = {number: change.at for number, change in changes_of(slice_, numbers).items()}
    now = plans_now(found)
    open_year = slice_.status == Slice.Status.OPEN
    own = partners_of(request.user, Permission.PROPOSE_VIREMENT, system=slice_.system)
    plan = headline(slice_.pk)
    may = _permits(request, slice_)
    context = {
        "rows": [_row(request, slice_, item, when, now, may) for item in found],
        "page": page,
        "query": urlencode({"state": state}) if state else "",
        "on_page": [item.pk for item in found],
        "states": STATES,
        "state": state,
        "sentence": _sentence(page.paginator.count, virements(slice_, PROPOSED).count(), state),
        "lines": _lines(slice_, [partner.pk for partner in own]) if open_year else {},
        "plans": [item for item in plans_of(slice_) if item.code != Plan.ORIGINAL],
        "plans_href": reverse("plans", args=[slice_.system.code, slice_.year_id]),
        "chosen_plan": request.POST.get("plan", plan.code if plan else ""),
        "months": [(month, calendar_month(slice_, month)) for month in range(1, 13)],
        "typed": request.POST if request.POST.get("act") == "propose" else request.GET,
        "problems": problems,
    }
    return render(
        request, "finance/virements.html", context | page_within_finances(slice_), status=status
    )


def _lines(slice_: Slice, partners: Sequence[int]) -> dict[str, list[Line]]:
    """Lines between which a person may propose, by partner and kind."""
    groups: dict[str, list[Line]] = {}
    for line in (
        Line.objects.filter(slice=slice_, partner__in=partners, counter_line=None)
        .exclude(kind__in=_AGREED)
        .select_related("partner")
        .order_by("partner__name", "kind", "name")
    ):
        group = f"{line.partner.short_name}, {line.get_kind_display().lower()}"
        groups.setdefault(group, []).append(line)
    return groups


def _row(
    request: PersonRequest,
    slice_: Slice,
    item: Virement,
    when: Mapping[int, Any],
    now: Mapping[tuple[int, int], int],
    may: Callable[[Permission, Partner], bool],
) -> dict[str, Any]:
    state = state_of(item)
    outcome = item.outcome if state != PROPOSED else None
    partner = item.giving.partner
    open_year = slice_.status == Slice.Status.OPEN
    own = item.actor_id == request.user.pk
    approves = state == PROPOSED and may(Permission.APPROVE_VIREMENT, partner)
    original = item.plan.code == Plan.ORIGINAL
    here = (slice_.system.code, slice_.year_id)
    return {
        "item": item,
        "outcome": outcome,
        "state": state,
        "state_words": STATES[state],
        "amount": cell(item.pence, "gbp"),
        "kind": item.giving.get_kind_display(),
        "month": calendar_month(slice_, item.month) if item.month else "",
        "giving_href": reverse("line", args=[*here, item.giving.code]),
        "receiving_href": reverse("line", args=[*here, item.receiving.code]),
        "proposed_at": when.get(item.change),
        "settled_at": when.get(outcome.change) if outcome else None,
        "plans": _plans(item, state, now),
        "original": original and state == PROPOSED and open_year,
        "again": _again(item) if may(Permission.PROPOSE_VIREMENT, partner) else "",
        "may_approve": approves and not own and not original,
        "may_reject": approves or (state == PROPOSED and own and open_year),
        "own": own,
        "may_reverse": state == Decision.APPROVED
        and not original
        and may(Permission.PROPOSE_VIREMENT, partner),
    }


def _permits(request: PersonRequest, slice_: Slice) -> Callable[[Permission, Partner], bool]:
    """What this person may do for a partner in an open year; each is asked once a page."""

    @cache
    def may(permission: Permission, partner: Partner) -> bool:
        return slice_.status == Slice.Status.OPEN and has_permission(
            request.user, permission, system=slice_.system, partner=partner
        )

    return may


def _again(item: Virement) -> str:
    """The address of the form with a virement typed in, to be proposed in another version."""
    typed = {
        "giving": item.giving.code,
        "receiving": item.receiving.code,
        "amount": format_pence(item.pence, "gbp"),
        "month": item.month or "",
        "reason": item.reason[:500],
    }
    return f"?{urlencode(typed)}#propose"


def _plans(
    item: Virement, state: str, now: Mapping[tuple[int, int], int]
) -> list[tuple[str, Cell, Cell]]:
    """The year's plans of both lines before and after: as it was, or as it would be."""
    if state == Decision.APPROVED:
        done = item.outcome
        amounts = [
            (item.giving.name, done.giving_before_pence, done.giving_after_pence),
            (item.receiving.name, done.receiving_before_pence, done.receiving_after_pence),
        ]
    else:
        amounts = [
            (line.name, then, then + pence)
            for line, pence in ((item.giving, -item.pence), (item.receiving, item.pence))
            if (then := now.get((item.plan_id, line.pk))) is not None and state == PROPOSED
        ]
    return [(name, cell(before, "gbp"), cell(after, "gbp")) for name, before, after in amounts]


def _sentence(many: int, waiting: int, state: str) -> str:
    if not many:
        return "No virement stands here yet." if not state else "No virement is in this state."
    said = f"{many} virement{'' if many == 1 else 's'}"
    if state:
        return f"{said}: {STATES[state].lower()}."
    return f"{said}, of which {waiting or 'none'} wait{'s' if waiting < 2 else ''} for approval."
