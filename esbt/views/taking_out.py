"""One page with which whatever was added to delivery by mistake is taken out, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.base import RemovalForm, SeenRemovalForm
from esbt.views.actions import kept
from esbt.views.delivery import crumbs
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.reduction import acted_for, row_page
from finance.models import UrgentAction
from finance.services import remove_plan_risk, remove_urgent_action
from schemes.models import (
    Action,
    ActionArea,
    ActionPlan,
    Assurance,
    Body,
    BodyMember,
    Decision,
    Meeting,
    Milestone,
    Project,
    Workstream,
)
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.seen import state_of
from schemes.services.taking_out import take_out


@dataclass(frozen=True)
class _Sort:
    """A sort of rows: how an address names one, and the page on which it stood."""

    model: type[Model]
    by: dict[str, str]  # the way from the row to each code in the address
    back: Callable[..., str]
    label: str  # of that page


def _plan_page(system: str, plan: str, **_: str) -> str:
    return reverse("action-plan", args=[system, plan])


def _body_page(system: str, body: str, **_: str) -> str:
    return reverse("body", args=[system, body])


def _page(name: str) -> Callable[..., str]:
    return lambda system, **_: reverse(name, args=[system])


_IN_AREA = {"system": "area__plan__system__code", "plan": "area__plan__code"}
_OWN = {"system": "system__code", "code": "code"}
_OF_BODY = {"system": "body__system__code", "body": "body__code", "code": "code"}
_SORTS = {
    "plan": _Sort(
        ActionPlan,
        {"system": "system__code", "plan": "code"},
        _page("action-plans"),
        "Action plans",
    ),
    "area": _Sort(
        ActionArea,
        {"system": "plan__system__code", "plan": "plan__code", "area": "code"},
        _plan_page,
        "Action plan",
    ),
    "action": _Sort(Action, _IN_AREA | {"code": "code"}, _plan_page, "Action plan"),
    "assurance": _Sort(
        Assurance, _IN_AREA | {"area": "area__code", "code": "code"}, _plan_page, "Action plan"
    ),
    "milestone": _Sort(Milestone, _OWN, _page("milestones"), "Milestones"),
    "workstream": _Sort(Workstream, _OWN, _page("workstreams"), "Workstreams"),
    "project": _Sort(
        Project,
        {"system": "workstream__system__code", "stream": "workstream__code", "code": "code"},
        lambda system, stream, **_: reverse("workstream", args=[system, stream]),
        "Workstream",
    ),
    "body": _Sort(Body, _OWN, _page("governance"), "Governance"),
    "seat": _Sort(BodyMember, _OF_BODY, _body_page, "Body"),
    "meeting": _Sort(Meeting, _OF_BODY, _body_page, "Body"),
    "decision": _Sort(Decision, _OF_BODY, _body_page, "Body"),
}


@login_required
@require_http_methods(ANY_METHOD)
def remove(request: PersonRequest, system: str, what: str, **codes: str) -> HttpResponse:
    """Take something out, with the reason; what hangs on it is told and keeps it in."""
    found, sort = kept(request, system), _SORTS[what]
    named = {"system": system, **codes}
    row: Any = get_object_or_404(sort.model, **{way: named[name] for name, way in sort.by.items()})
    back = sort.back(**named)
    form = SeenRemovalForm(
        request.POST if request.method == "POST" else None, initial={"seen": state_of(row)}
    )

    def save() -> None:
        said = form.cleaned_data
        take_out(by=request.user, row=row, reason=said["reason"], seen=said["seen"] or 0)

    if saved(request, form, save, f"{row} was taken out."):
        return redirect(back)
    context = {
        "system": found,
        "form": form,
        "title": f"Take out this {what}",
        "caption": str(row),
        "lead": "It then stands nowhere any more, and no package brings it back that is loaded "
        "again. What it said, who took it out and why stay in the audit.",
        "button": "Take it out",
        "crumbs": crumbs(found, (sort.label, back)),
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def remove_part(
    request: PersonRequest, system: str, body: str, what: str, code: str
) -> HttpResponse:
    """Take a seat, a meeting or a decision of a body out, with the reason."""
    if what not in ("seat", "meeting", "decision"):
        raise Http404
    return remove(request, system, what, body=body, code=code)


@login_required
@require_http_methods(ANY_METHOD)
def remove_urgent(
    request: PersonRequest, system: str, year: str, code: str, action: str
) -> HttpResponse:
    """Take an urgent action off a plan, with the reason; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = acted_for(request.user, slice_, code)
    opened = UrgentAction.objects.select_related("line__partner")
    this = get_object_or_404(opened, line=line, code=action)

    def make(data: Any) -> SeenRemovalForm:
        return SeenRemovalForm(data, initial={"seen": state_of(this)})

    def save(form: Any) -> None:
        said = form.cleaned_data
        seen = said["seen"] or 0
        remove_urgent_action(by=request.user, action=this, reason=said["reason"], seen=seen)

    lead = f"“{this}” then stands here no more. Who took it out and why stay in the plan's history."
    return row_page(request, slice_, line, None, make, save, title="Take it out", lead=lead)


@login_required
@require_http_methods(ANY_METHOD)
def remove_risk(
    request: PersonRequest, system: str, year: str, code: str, risk: str
) -> HttpResponse:
    """Name a risk as one to a plan no more, with the reason; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = acted_for(request.user, slice_, code)
    linked = line.plan_risks.select_related("risk", "line__partner")
    link = get_object_or_404(linked, risk__code=risk)

    def save(form: Any) -> None:
        reason = form.cleaned_data["reason"]
        remove_plan_risk(by=request.user, slice_id=slice_.pk, link=link, reason=reason)

    title = f"Take off the risk {link.risk.name}"
    lead = "It stays in the register, and who took it off here and why in the plan's history."
    return row_page(request, slice_, line, None, RemovalForm, save, title=title, lead=lead)
