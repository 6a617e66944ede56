"""A return beside its partner's own published paper: what that prints, and how they differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.kit.money import AmountError, cell, parse_amount
from esbt.kit.problems import STATUS, Fault, Refused
from finance.models import PaperTotal
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.lines import Kind
from finance.queries.entry import entry_lines
from finance.queries.papers import PaperProof, kinds_of, paper_proofs
from finance.services import PaperSpec, save_paper_total
from finance.views.month_lines import month_context
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

Measure = PaperTotal.Measure

# how finely a paper prints, in pence
UNITS = ((100, "pound"), (100_000, "£'000"), (10_000_000, "£0.1m"), (100_000_000, "£m"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def month_paper(
    request: PersonRequest, system: str, year: str, partner: str, month: int
) -> HttpResponse:
    """What a partner's papers print of a month; its lead enters it, its approver reads it."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    enters = has_permission(
        request.user, Permission.ENTER_OUTTURN, system=slice_.system, partner=who
    )
    if not enters:
        require(request.user, Permission.APPROVE_RETURN, system=slice_.system, partner=who)
    if not FIRST_MONTH <= month <= AUDITED:
        raise Http404
    if request.method != "POST":
        return _show(request, slice_, who, month, enters=enters)
    try:
        new = save_paper_total(
            by=request.user, slice_id=slice_.pk, partner=who, month=month, spec=_read(request)
        )
    except Refused as refused:
        return _show(request, slice_, who, month, enters=enters, refused=refused)
    messages.success(request, "Saved." if new else "That stood so already.")
    return HttpResponseRedirect(request.path, status=303)


def _read(request: PersonRequest) -> PaperSpec:
    """What the form says. Raises Refused for an amount that is none."""
    sent = request.POST
    taken_back = sent.get("act") == "take-back"
    try:
        pence = None if taken_back else parse_amount(sent.get("amount", ""))
    except AmountError as error:
        raise Refused([Fault(str(error), "amount")]) from error
    if pence is None and not taken_back:
        raise Refused([Fault("Type the amount that the paper prints.", "amount")])
    unit = sent.get("unit", "")
    return PaperSpec(
        kind=sent.get("kind", ""),
        measure=sent.get("measure", ""),
        pence=pence,
        unit_pence=next((pence for pence, _ in UNITS if str(pence) == unit), UNITS[0][0]),
        source=sent.get("source", "").strip()[:200],
        place=sent.get("place", "").strip()[:200],
        explanation=sent.get("explanation", "").strip()[:4000],
    )


def _show(
    request: PersonRequest,
    slice_: Slice,
    partner: Partner,
    month: int,
    *,
    enters: bool,
    refused: Refused | None = None,
) -> HttpResponse:
    lines = entry_lines(slice_, partner, month)
    here = [slice_.system.code, slice_.year_id, partner.code, month]
    errors = {fault.field: fault.message for fault in refused.faults} if refused else {}
    page = "enter-month" if enters else "month-return"
    return render(
        request,
        "finance/month_paper.html",
        month_context(slice_, partner, month, lines, page="month-paper")
        | {
            "back_href": reverse(page, args=here),
            "proofs": paper_rows(paper_proofs(slice_, partner, month, lines)),
            "enters": enters,
            "kinds": [(kind, Kind(kind).label) for kind in kinds_of(lines)],
            "measures": Measure.choices,
            "units": UNITS,
            "typed": request.POST if refused else {},
            "errors": errors,
        },
        status=STATUS[refused.code] if refused else 200,
    )


def paper_rows(proofs: Iterable[PaperProof]) -> list[dict[str, Any]]:
    """Papers beside the return as pages show them (templates/finance/_papers.html)."""
    return [
        {
            "name": Kind(proof.kind).label,
            "what": Measure(proof.measure).label,
            "kind": proof.kind,
            "measure": proof.measure,
            "printed": cell(proof.printed_pence, "gbp"),
            "found": cell(proof.found_pence, "gbp"),
            "outcome": proof.outcome,
            "explanation": proof.explanation,
            "unexplained": not proof.agrees and not proof.explanation,
            "source": proof.source,
            "place": proof.place,
            "who": proof.who,
            "when": proof.when,
        }
        for proof in proofs
    ]
