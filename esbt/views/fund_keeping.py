"""Forms of the parts of a fund's plan: conditions and their steps, aims, assumptions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.funds import AimForm, AssumptionForm, ConditionForm, StepForm
from esbt.views.agreements import crumbs
from esbt.views.frame import ANY_METHOD
from esbt.views.register import Kept, Part, kept_page
from schemes.funds.plans import fund_plan_of
from schemes.models import AcuteAssumption, Aim, ConditionStep, FundPlan, NationalCondition
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.services.funds import (
    AimSpec,
    AssumptionSpec,
    ConditionSpec,
    ConditionStepSpec,
    save_acute_assumptions,
    save_aims,
    save_condition_steps,
    save_conditions,
)
from schemes.services.keeping import keep_row


@login_required
@require_http_methods(ANY_METHOD)
def change_condition(
    request: PersonRequest, system: str, code: str, condition: str
) -> HttpResponse:
    """The form of a national condition; the ways to its steps stand beneath."""
    plan = _plan(request, system, code)
    item = get_object_or_404(plan.nationalconditions, code=condition)
    ways = [
        {
            "label": f"Step: {step.name}",
            "href": reverse("change-condition-step", args=[system, code, condition, step.code]),
        }
        for step in item.steps.all()
    ]
    add = reverse("add-condition-step", args=[system, code, condition])
    part = Part(
        "Change a national condition",
        "this condition",
        lambda: get_object_or_404(NationalCondition, pk=item.pk),
        lambda data, row: ConditionForm(data, initial=ConditionForm.of(row)),
        lambda form, row: ConditionSpec(**_of(plan, row), **form.cleaned_data),
        save_conditions,
    )
    ways.append({"label": "Add a step", "href": add})
    return _part_page(request, plan, "conditions", part, caption=item.name, ways=ways)


@login_required
@require_http_methods(ANY_METHOD)
def add_step(request: PersonRequest, system: str, code: str, condition: str) -> HttpResponse:
    """The form of a further step towards a condition."""
    return _step(request, system, code, condition)


@login_required
@require_http_methods(ANY_METHOD)
def change_step(
    request: PersonRequest, system: str, code: str, condition: str, step: str
) -> HttpResponse:
    """The form of a step towards a condition."""
    return _step(request, system, code, condition, step)


def _step(
    request: PersonRequest, system: str, code: str, condition: str, step: str = ""
) -> HttpResponse:
    plan = _plan(request, system, code)
    item = get_object_or_404(plan.nationalconditions, code=condition)

    def read() -> ConditionStep | None:
        return get_object_or_404(item.steps, code=step) if step else None

    def form(data: Any, row: ConditionStep | None) -> StepForm:
        return StepForm(data, initial=StepForm.of(row) if row else None)

    def spec(form: forms.Form, row: ConditionStep | None) -> ConditionStepSpec:
        return ConditionStepSpec(
            system=system,
            plan=code,
            condition=condition,
            code=step,
            evidence_id=row.evidence_id if row else None,
            **form.cleaned_data,
        )

    title = "Change a step" if step else "Add a step"
    part = Part(title, "this step", read, form, spec, save_condition_steps, item.steps.all())
    return _part_page(request, plan, "conditions", part, caption=item.name)


@login_required
@require_http_methods(ANY_METHOD)
def change_aim(request: PersonRequest, system: str, code: str, aim: str) -> HttpResponse:
    """The form of how an aim is measured."""
    plan = _plan(request, system, code)
    item = get_object_or_404(plan.aims, code=aim)
    part = Part(
        "Say how an aim is measured",
        "this aim",
        lambda: get_object_or_404(Aim, pk=item.pk),
        lambda data, row: AimForm(plan.system, data, initial=AimForm.of(row)),
        lambda form, row: AimSpec(**_of(plan, row), note=row.note, **form.cleaned_data),
        save_aims,
    )
    return _part_page(request, plan, "metrics", part, caption=item.name)


@login_required
@require_http_methods(ANY_METHOD)
def change_assumption(
    request: PersonRequest, system: str, code: str, assumption: str
) -> HttpResponse:
    """The form of an assumption's numbers."""
    plan = _plan(request, system, code)
    item = get_object_or_404(plan.acuteassumptions, code=assumption)

    def spec(form: forms.Form, row: Any) -> AssumptionSpec:
        provider = row.provider.code if row.provider else ""
        return AssumptionSpec(
            **_of(plan, row), note=row.note, provider=provider, **form.cleaned_data
        )

    part = Part(
        "Enter the numbers of an assumption",
        "this assumption",
        lambda: get_object_or_404(AcuteAssumption.objects.select_related("provider"), pk=item.pk),
        lambda data, row: AssumptionForm(data, initial=AssumptionForm.of(row)),
        spec,
        save_acute_assumptions,
    )
    return _part_page(request, plan, "acute", part, caption=item.name)


def _plan(request: PersonRequest, system: str, code: str) -> FundPlan:
    return fund_plan_of(visible_system(request.user, system), code)


def _of(plan: FundPlan, row: Any) -> dict[str, Any]:
    """What stays of a part of a plan whose form is saved."""
    names = ("code", "name", "position", "evidence_id")
    return {"system": plan.system.code, "plan": plan.code} | {
        name: getattr(row, name) for name in names
    }


def _part_page(
    request: PersonRequest, plan: FundPlan, tab: str, part: Part, **more: Any
) -> HttpResponse:
    """The form of a part of a plan; saved, it leads back to the tab that shows it."""
    address = reverse("fund-plan-tab", args=[plan.system.code, plan.code, tab])

    def save(form: forms.Form, row: Model | None, seen: int) -> str:
        keep_row(
            by=request.user,
            system=plan.system,
            spec=part.spec(form, row),
            save=part.save,
            row=row,
            seen=seen,
            among=part.among,
            name=form.cleaned_data.get("name", ""),
        )
        return address

    way = crumbs(plan.system, (plan.name, address))
    kept = Kept(part.title, part.what, part.read, part.form, save, crumbs=way, more=more)
    return kept_page(request, plan.system, kept)
