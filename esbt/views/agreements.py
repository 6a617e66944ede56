"""Agreements of a system and what bodies have said to them: lists, a page each, and their forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.funds import AgreementForm, SignOffForm
from esbt.kit.tables import csv_answer
from esbt.views.frame import ANY_METHOD
from esbt.views.register import Kept, kept_page
from finance.models import ShareRule
from schemes.audit.history import histories_of, names_of
from schemes.funds.plans import fund_plan_of, fund_plans_of, plan_row
from schemes.governance.agreements import (
    AGREEMENT_COLUMNS,
    agreement_of,
    agreement_page,
    agreement_row,
    agreement_rows,
    agreements_of,
)
from schemes.governance.signatures import SIGN_OFF_COLUMNS, sign_off_rows
from schemes.models import Agreement, FundPlan, SignOff, System
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.services.keeping import keep_agreement, keep_row, parties_said
from schemes.services.pools import AgreementSpec, SignOffSpec, save_sign_offs

Crumbs = list[dict[str, str]]


def crumbs(system: System, *more: tuple[str, str]) -> Crumbs:
    """The way to a page about agreements and plans."""
    register = ("Agreements and plans", reverse("agreements", args=[system.code]))
    ways = [("Overview", reverse("home")), register, *more]
    return [{"label": label, "href": href} for label, href in ways]


def keeps(request: PersonRequest, system: System) -> bool:
    """Whether the person keeps the system's pools, agreements and plans."""
    return has_permission(request.user, Permission.KEEP_POOLS, system=system)


@login_required
@require_GET
def agreements(request: PersonRequest, system: str) -> HttpResponse:
    """All agreements and plans, with who has still to sign."""
    found = visible_system(request.user, system)
    today = timezone.localdate()
    context = {
        "system": found,
        "rows": [agreement_row(item, today) for item in agreements_of(found)],
        "plans": [plan_row(plan) for plan in fund_plans_of(found)],
        "add_href": reverse("add-agreement", args=[system]) if keeps(request, found) else "",
        "downloads": [
            {"label": "CSV", "href": reverse("agreements-csv", args=[system])},
            {"label": "Sign-off as CSV", "href": reverse("sign-offs-csv", args=[system])},
        ],
        "crumbs": crumbs(found)[:1],
    }
    return render(request, "esbt/agreements.html", context)


@login_required
@require_GET
def agreements_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The agreements as CSV."""
    rows = agreement_rows(visible_system(request.user, system))
    return csv_answer(AGREEMENT_COLUMNS, rows, f"{system}-agreements")


@login_required
@require_GET
def sign_offs_csv(request: PersonRequest, system: str) -> HttpResponse:
    """What bodies have said to agreements and plans as CSV."""
    rows = sign_off_rows(visible_system(request.user, system))
    return csv_answer(SIGN_OFF_COLUMNS, rows, f"{system}-sign-off")


@login_required
@require_GET
def agreement(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """An agreement: what it says, who are its parties, who has signed, what rests on it."""
    found = visible_system(request.user, system)
    item = agreement_of(found, code)
    versions = (
        Q(table="agreement", row=item.pk)
        | parties_said(item)
        | Q(table="signoff", row__in=[said.pk for said in item.sign_offs.all()])
    )
    context = agreement_page(item, timezone.localdate()) | {
        "system": found,
        "rules": ShareRule.objects.filter(agreement=item).select_related("pool"),
        "steps": histories_of(versions, names_of(found)),
        "keeps": keeps(request, found),
        "crumbs": crumbs(found),
    }
    return render(request, "esbt/agreement.html", context)


@login_required
@require_http_methods(ANY_METHOD)
def add_agreement(request: PersonRequest, system: str) -> HttpResponse:
    """The form of a new agreement."""
    found = visible_system(request.user, system)
    return _agreement_form(request, found, "Add an agreement", lambda: None, crumbs(found))


@login_required
@require_http_methods(ANY_METHOD)
def change_agreement(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The form of an agreement and its parties."""
    found = visible_system(request.user, system)
    item = get_object_or_404(Agreement, system=found, code=code)
    way = crumbs(found, (item.name, reverse("agreement", args=[system, code])))

    def read() -> Agreement:
        return get_object_or_404(Agreement.objects.select_related("pool", "supersedes"), pk=item.pk)

    return _agreement_form(request, found, "Change an agreement", read, way)


def _agreement_form(
    request: PersonRequest,
    system: System,
    title: str,
    read: Callable[[], Agreement | None],
    way: Crumbs,
) -> HttpResponse:
    def form(data: Any, row: Agreement | None) -> AgreementForm:
        return AgreementForm(
            system, row, data, initial=AgreementForm.of(row) if row else {"state": "proposed"}
        )

    def save(form: AgreementForm, row: Agreement | None, seen: int) -> str:
        spec = AgreementSpec(
            system=system.code,
            code=row.code if row else "",
            evidence_id=row.evidence_id if row else None,
            **form.values(),
        )
        code = keep_agreement(
            by=request.user,
            system=system,
            spec=spec,
            parties=form.parties(),
            agreement=row,
            seen=seen,
        )
        return reverse("agreement", args=[system.code, code])

    return kept_page(request, system, Kept(title, "this agreement", read, form, save, crumbs=way))


@login_required
@require_http_methods(ANY_METHOD)
def add_to_agreement(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The form of what a further body has said to an agreement."""
    found = visible_system(request.user, system)
    item = get_object_or_404(Agreement, system=found, code=code)
    blank = SignOffSpec(system=system, code="", body="", agreement=code)
    return _sign_off_form(request, found, "Add a body that signs", lambda: None, blank, item)


@login_required
@require_http_methods(ANY_METHOD)
def add_to_plan(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The form of what a further body has said to a plan."""
    found = visible_system(request.user, system)
    plan = fund_plan_of(found, code)
    blank = SignOffSpec(system=system, code="", body="", plan=code)
    return _sign_off_form(request, found, "Add a body that signs", lambda: None, blank, plan)


@login_required
@require_http_methods(ANY_METHOD)
def change_sign_off(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The form of what a body has said."""
    found = visible_system(request.user, system)

    def read() -> SignOff:
        return get_object_or_404(
            SignOff.objects.select_related("agreement", "plan", "partner"),
            system=found,
            code=code,
        )

    item = read()
    of = item.agreement or item.plan
    assert of is not None  # noqa: S101 - the database says so
    blank = SignOffSpec(
        system=system,
        code=code,
        body="",
        agreement=item.agreement.code if item.agreement else "",
        plan=item.plan.code if item.plan else "",
        evidence_id=item.evidence_id,
    )
    return _sign_off_form(request, found, "Record a sign-off", read, blank, of)


def _sign_off_form(
    request: PersonRequest,
    system: System,
    title: str,
    read: Callable[[], SignOff | None],
    blank: SignOffSpec,
    of: Agreement | FundPlan,
) -> HttpResponse:
    def form(data: Any, row: SignOff | None) -> SignOffForm:
        initial = SignOffForm.of(row) if row else {"state": SignOff.State.OUTSTANDING}
        return SignOffForm(system, data, initial=initial)

    def save(form: SignOffForm, row: SignOff | None, seen: int) -> str:
        keep_row(
            by=request.user,
            system=system,
            spec=replace(blank, **form.cleaned_data),
            save=save_sign_offs,
            row=row,
            seen=seen,
            among=SignOff.objects.filter(system=system),
            name=f"{of.code} {form.cleaned_data['body']}",
        )
        return address

    if isinstance(of, Agreement):
        address = reverse("agreement", args=[system.code, of.code]) + "#sign-off"
    else:
        address = reverse("fund-plan-tab", args=[system.code, of.code, "conditions"]) + "#sign-off"
    way = crumbs(system, (of.name, address))
    more = {"caption": of.name}
    return kept_page(
        request, system, Kept(title, "this sign-off", read, form, save, crumbs=way, more=more)
    )
