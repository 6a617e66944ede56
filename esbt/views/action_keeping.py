"""Forms of action plans by hand: a plan, its areas, further actions, and what comes before them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods

from esbt.forms.base import RemovalForm
from esbt.forms.delivery import (
    ActionForm,
    ActionPlanForm,
    AreaForm,
    NeedForm,
    NewAssuranceForm,
)
from esbt.kit.asking import is_confirmed
from esbt.views.actions import action_of, kept
from esbt.views.delivery import crumbs
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.register import Kept, Part, kept_page
from outcomes.models import Metric
from schemes.models import (
    Action,
    ActionArea,
    ActionLink,
    ActionPlan,
    Assurance,
    Project,
    System,
    Workstream,
)
from schemes.people.permissions import Permission
from schemes.people.requests import PersonRequest
from schemes.services.actions import (
    ActionLinkSpec,
    ActionPlanSpec,
    ActionSpec,
    AreaSpec,
    AssuranceSpec,
    keep_action_areas,
    keep_actions,
    remove_action_link,
    save_action_links,
    save_action_plans,
    save_assurances,
)
from schemes.services.keeping import ask_about_twin, keep_row

_TWINS = (
    ActionPlan,
    Assurance,
    Project,
    Workstream,
)  # of which a second of one name is asked about
Row = Any  # a row as it stands, None for a new one


@login_required
@require_http_methods(ANY_METHOD)
def add_plan(request: PersonRequest, system: str) -> HttpResponse:
    """The form of a further action plan."""
    return _plan_page(request, kept(request, system))


@login_required
@require_http_methods(ANY_METHOD)
def change_plan(request: PersonRequest, system: str, plan: str) -> HttpResponse:
    """The form of what a plan is, who follows it and whether it asks for evidence."""
    found = kept(request, system)
    return _plan_page(request, found, _plan(found, plan))


def _plan_page(
    request: PersonRequest, system: System, plan: ActionPlan | None = None
) -> HttpResponse:
    def spec(form: forms.Form, row: Row) -> ActionPlanSpec:
        stands = {"code": row.code, "evidence_id": row.evidence_id} if row else {"code": ""}
        return ActionPlanSpec(system=system.code, **stands, **form.cleaned_data)

    part = Part(
        f"{'Change' if plan else 'Add'} an action plan",
        "this plan",
        lambda: get_object_or_404(ActionPlan, pk=plan.pk) if plan else None,
        lambda data, row: ActionPlanForm(
            system, data, initial=ActionPlanForm.of(row) if row else None
        ),
        spec,
        save_action_plans,
        system.action_plans.all(),
    )
    caption = plan.name if plan else system.name
    way = partial(_plan_href, system)
    return part_page(request, system, part, way, _crumbs(system, plan), caption=caption)


@login_required
@require_http_methods(ANY_METHOD)
def add_area(request: PersonRequest, system: str, plan: str) -> HttpResponse:
    """The form of a further area of a plan."""
    found = kept(request, system)
    return _area_page(request, found, _plan(found, plan))


@login_required
@require_http_methods(ANY_METHOD)
def change_area(request: PersonRequest, system: str, plan: str, area: str) -> HttpResponse:
    """The form of an area of a plan."""
    found = kept(request, system)
    this = _plan(found, plan)
    return _area_page(request, found, this, get_object_or_404(this.areas, code=area))


def _area_page(
    request: PersonRequest, system: System, plan: ActionPlan, area: ActionArea | None = None
) -> HttpResponse:
    def spec(form: forms.Form, row: Row) -> AreaSpec:
        stands = {"code": row.code, "evidence_id": row.evidence_id} if row else {"code": ""}
        return AreaSpec(system=system.code, plan=plan.code, **stands, **form.cleaned_data)

    def form(data: Any, row: Row) -> AreaForm:
        last = plan.areas.aggregate(last=Max("position"))["last"] or 0
        return AreaForm(data, initial=AreaForm.of(row) if row else {"position": last + 1})

    part = Part(
        f"{'Change' if area else 'Add'} an area",
        "this area",
        lambda: get_object_or_404(ActionArea, pk=area.pk) if area else None,
        form,
        spec,
        keep_action_areas,
        plan.areas.all(),
    )
    return part_page(
        request,
        system,
        part,
        lambda code: f"{_plan_href(system, plan.code)}#area-{code}",
        _crumbs(system, plan),
        caption=plan.name,
    )


@login_required
@require_http_methods(ANY_METHOD)
def add_action(request: PersonRequest, system: str, plan: str, area: str) -> HttpResponse:
    """The form of a further action of an area."""
    found = kept(request, system)
    this = _plan(found, plan)
    within = get_object_or_404(this.areas, code=area)

    def spec(form: Any, row: Row) -> ActionSpec:
        return ActionSpec(system=system, plan=plan, area=area, code="", **form.values)

    part = Part(
        "Add an action",
        "this action",
        lambda: None,
        lambda data, row: ActionForm(found, data),
        spec,
        keep_actions,
        Action.objects.filter(area__plan=this),
    )
    return part_page(
        request,
        found,
        part,
        lambda code: reverse("action", args=[system, plan, code]),
        _crumbs(found, this),
        caption=within.name,
        named="number",
    )


@login_required
@require_http_methods(ANY_METHOD)
def add_assurance(request: PersonRequest, system: str, plan: str, area: str) -> HttpResponse:
    """The form of a further statement that assures an area, or an action of it."""
    found = kept(request, system)
    this = _plan(found, plan)
    within = get_object_or_404(this.areas, code=area)
    metrics = list(Metric.objects.filter(system=found).values_list("code", "name"))

    def form(data: Any, row: Row) -> NewAssuranceForm:
        first = {"action": request.GET.get("action", "")}
        return NewAssuranceForm(within, metrics, "", data, initial=first)

    def spec(form: Any, row: Row) -> AssuranceSpec:
        last = within.assurances.aggregate(last=Max("position"))["last"] or 0
        return AssuranceSpec(
            system=system, plan=plan, area=area, code="", position=last + 1, **form.values
        )

    part = Part(
        "Add an assurance",
        "this statement",
        lambda: None,
        form,
        spec,
        save_assurances,
        within.assurances.all(),
    )
    return part_page(
        request,
        found,
        part,
        lambda code: f"{_plan_href(found, plan)}#area-{area}",
        _crumbs(found, this),
        caption=within.name,
        named="words",
    )


@login_required
@require_http_methods(ANY_METHOD)
def add_need(request: PersonRequest, system: str, plan: str, code: str) -> HttpResponse:
    """Say what has to be done before an action; a circle is refused."""
    found = kept(request, system)
    this = action_of(found, plan, code)
    form = NeedForm(this, request.POST if request.method == "POST" else None)

    def save() -> None:
        spec = ActionLinkSpec(
            system=system, plan=plan, action=code, kind=ActionLink.Kind.NEEDS, **form.cleaned_data
        )
        save_action_links(by=request.user, specs=[spec])

    if saved(request, form, save):
        return redirect("action", system, plan, code)
    context = {
        "system": found,
        "form": form,
        "title": "Say what comes before an action",
        "caption": str(this),
        "crumbs": _crumbs(found, this.area.plan, this),
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def remove_need(
    request: PersonRequest, system: str, plan: str, code: str, other: str
) -> HttpResponse:
    """Let an action wait for another no more, with the reason."""
    found = kept(request, system)
    this = action_of(found, plan, code)
    needs = this.links.filter(kind=ActionLink.Kind.NEEDS)
    link = get_object_or_404(
        needs.select_related("action__area__plan__system", "other"), other__code=other
    )
    form = RemovalForm(request.POST if request.method == "POST" else None)

    def save() -> None:
        remove_action_link(by=request.user, link=link, reason=form.cleaned_data["reason"])

    if saved(request, form, save):
        return redirect("action", system, plan, code)
    context = {
        "system": found,
        "form": form,
        "title": f"Wait for {link.other.number} no more",
        "caption": str(this),
        "lead": f"It can then be done before {link.other}. Who said so and why stays here.",
        "button": "Take it off",
        "crumbs": _crumbs(found, this.area.plan, this),
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


def _plan(system: System, code: str) -> ActionPlan:
    return get_object_or_404(ActionPlan, system=system, code=code)


def _plan_href(system: System, code: str) -> str:
    return reverse("action-plan", args=[system.code, code])


def _crumbs(
    system: System, plan: ActionPlan | None = None, action: Action | None = None
) -> list[dict[str, str]]:
    ways = [("Action plans", reverse("action-plans", args=[system.code]))]
    if plan:
        ways.append((plan.name, _plan_href(system, plan.code)))
    if plan and action:
        href = reverse("action", args=[system.code, plan.code, action.code])
        ways.append((action.number, href))
    return crumbs(system, *ways)


def part_page(
    request: PersonRequest,
    system: System,
    part: Part,
    way: Callable[[str], str],
    crumbs: list[dict[str, str]],
    *,
    caption: str,
    named: str = "name",
) -> HttpResponse:
    """The form of a row of a plan; saved, it goes on to ``way`` of the row's code.

    The code of a new one is made of the first words of the field ``named``, in which a dot is a
    hyphen: 7.6 is 7-6.
    """

    def save(form: forms.Form, row: Row, seen: int) -> str:
        if row is None and part.among.model in _TWINS and not is_confirmed(form):
            ask_about_twin(part.among, form.cleaned_data[named], named)
        code = keep_row(
            by=request.user,
            system=system,
            spec=part.spec(form, row),
            save=part.save,
            row=row,
            seen=seen,
            among=part.among,
            name=Truncator(form.cleaned_data[named]).words(8, truncate="").replace(".", "-"),
        )
        return way(code)

    kept = Kept(
        part.title,
        part.what,
        part.read,
        part.form,
        save,
        crumbs,
        {"caption": caption},
        permission=Permission.KEEP_DELIVERY,
    )
    return kept_page(request, system, kept)
