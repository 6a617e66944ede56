"""Expenditure reduction plans: the list, a plan with what hangs on it, and the forms beneath it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.reduction import EffectForm, RiskForm, UrgentForm
from esbt.kit.asking import is_confirmed
from esbt.kit.money import cell
from esbt.kit.tables import csv_records
from esbt.kit.when import due_words, when_words
from esbt.pages.reduction import (
    PLAN_COLUMNS,
    UNIT,
    download_rows,
    last_words,
    plan_row,
    total_row,
)
from esbt.views.delivery import AsOf, chosen_as_of, crumbs, joined
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.row_form import RowForm
from finance.figures.reduction import ReductionBook, judged_by, sentence_of
from finance.models import Line, PlanEffect, UrgentAction
from finance.models.rollups import State
from finance.months import calendar_month, month_label
from finance.pages.forecast import risk_row
from finance.queries.reduction import (
    Hanging,
    PlanMonth,
    Urgent,
    hanging_on,
    plan_lines,
    plan_months,
    reduction_book,
)
from finance.services import (
    PlanRiskSpec,
    acts_for,
    save_plan_effects,
    save_plan_risks,
    save_urgent_actions,
)
from finance.views.frame import (
    chosen_month,
    chosen_state,
    month_links,
    other_years,
    state_switch,
)
from schemes.audit.history import histories_of, links_of, names_of
from schemes.delivery.standing import moved_words
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.keeping import ask_about_twin, free_code
from schemes.services.seen import save_seen


def _plans_way(slice_: Slice) -> tuple[str, str]:
    href = reverse("reduction-plans", args=[slice_.system.code, slice_.year_id])
    return f"Reduction plans {slice_.year}", href


def _frame(slice_: Slice, *more: tuple[str, str]) -> dict[str, Any]:
    return {
        "system": slice_.system,
        "year_label": str(slice_.year),
        "year_code": slice_.year_id,
        "crumbs": crumbs(slice_.system, *more),
    }


def _month_name(slice_: Slice, book: ReductionBook) -> str:
    return calendar_month(slice_, book.month) if book.month else "date"


def _query(book: ReductionBook, as_of: AsOf) -> str:
    month = f"month={book.month}" if book.month is not None else ""
    return joined(month, f"state={book.state}", as_of.query)


@login_required
@require_GET
def plans(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Every reduction plan of a year as of a month, with the total and the rule of its status."""
    slice_ = visible_slice(request.user, system, year)
    as_of = chosen_as_of(request)
    book = reduction_book(slice_, state=chosen_state(request), month=chosen_month(request))
    hanging = hanging_on(slice_, as_of.day)
    query = _query(book, as_of)
    here = (system, year)
    context = {
        "as_of": as_of,
        "book": book,
        "unit": "£'000",
        "sentence": sentence_of(book, _month_name(slice_, book)),
        "month_label": month_label(slice_, book.month),
        "rows": [plan_row(slice_, hanging, plan, query) for plan in book.plans],
        "total": total_row(book),
        "other_years": [] if book.plans else other_years(request.user, slice_, "reduction-plans"),
        "rule": judged_by(),
        "state_switch": state_switch(request, book.state),
        "questions_href": f"{reverse('questions', args=here)}?{query}",
        "downloads": [
            {"label": "CSV", "href": f"{reverse('reduction-plans-csv', args=here)}?{query}"}
        ],
        **month_links(request, slice_, book.months, book.month),
        **_frame(slice_),
    }
    return render(request, "delivery/reduction_plans.html", context)


@login_required
@require_GET
def plans_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The reduction plans of a year as CSV."""
    slice_ = visible_slice(request.user, system, year)
    book = reduction_book(slice_, state=chosen_state(request), month=chosen_month(request))
    rows = download_rows(slice_, book, hanging_on(slice_, chosen_as_of(request).day))
    return csv_records(PLAN_COLUMNS, rows, f"{system}-{year}-reduction-plans")


def _line(slice_: Slice, code: str) -> Line:
    return get_object_or_404(plan_lines(slice_).select_related("partner"), code=code)


@login_required
@require_GET
def plan(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """A plan by month, what it does to others, its risks and what is urgently done about it."""
    slice_ = visible_slice(request.user, system, year)
    line, as_of, state = _line(slice_, code), chosen_as_of(request), chosen_state(request)
    book = reduction_book(slice_, state=state, month=chosen_month(request))
    hanging = hanging_on(slice_, as_of.day)
    this = next(found for found in book.plans if found.pk == line.pk)
    row = plan_row(slice_, hanging, this, "")
    keeps = has_permission(request.user, Permission.KEEP_DELIVERY, system=slice_.system)
    acts = keeps or acts_for(request.user, slice_.system, line.partner)
    here = (system, year, code)
    context = {
        "as_of": as_of,
        "book": book,
        "line": line,
        "unit": "£'000",
        "row": row,
        "month_label": month_label(slice_, book.month),
        "last": last_words(slice_, this),
        "months": [_month_row(slice_, item) for item in plan_months(slice_, line, State(state))],
        "effects": _effects(request.user, slice_, line, hanging, keeps=keeps),
        "risks": [
            risk_row(slice_, risk, UNIT)
            | {
                "end_href": reverse("remove-plan-risk", args=[*here, risk.code]) if acts else "",
            }
            for risk in hanging.risks.get(line.pk, ())
        ],
        "add_risk_href": reverse("add-plan-risk", args=here) if acts else "",
        "urgent": [_urgent_row(here, item, acts=acts) for item in hanging.urgent.get(line.pk, ())],
        "add_href": reverse("add-urgent-action", args=here) if acts else "",
        "line_href": reverse("line", args=here),
        "rule": judged_by(),
        "steps": _history(slice_, line, hanging),
        "state_switch": state_switch(request, book.state),
        **month_links(request, slice_, book.months, book.month),
        **_frame(slice_, _plans_way(slice_)),
    }
    return render(request, "delivery/reduction_plan.html", context)


def _month_row(slice_: Slice, item: PlanMonth) -> dict[str, Any]:
    return {
        "name": calendar_month(slice_, item.month) if item.month else "Opening forecast",
        "planned": cell(item.plan_pence, UNIT),
        "achieved": cell(item.actual_pence, UNIT),
        "variance": cell(item.variance_pence, UNIT),
        "direction": ""
        if not item.variance_pence
        else "favourable"
        if item.variance_pence > 0
        else "adverse",
        "forecast": cell(item.forecast_pence, UNIT),
    }


def others_than(slice_: Slice, line: Line) -> list[Partner]:
    """Members of the system on which a plan may have an effect: no groups, and not its own."""
    return list(
        slice_.system.partners.exclude(kind="group")
        .exclude(pk=line.partner_id)
        .exclude(groups__group=line.partner_id)
        .order_by("memberships__position", "code")
        .distinct()
    )


def _effects(
    user: User, slice_: Slice, line: Line, hanging: Hanging, *, keeps: bool
) -> list[dict[str, Any]]:
    """Each other partner with what is stated, and the way to the form for who may say it."""
    stated = {effect.partner_id: effect for effect in hanging.effects.get(line.pk, ())}
    partners = {partner.pk: partner for partner in others_than(slice_, line)}
    partners |= {pk: effect.partner for pk, effect in stated.items()}
    return [
        {
            "partner": partner,
            "effect": stated.get(pk),
            "on": when_words(stated[pk].on) if pk in stated and stated[pk].on else "",
            "href": reverse(
                "plan-effect", args=[slice_.system.code, slice_.year_id, line.code, partner.code]
            )
            if keeps or (_stated(stated.get(pk)) and acts_for(user, slice_.system, partner))
            else "",
        }
        for pk, partner in partners.items()
    ]


def _stated(effect: PlanEffect | None) -> bool:
    """Whether somebody stated what a plan does, so that it can be understood."""
    return effect is not None and bool(effect.effect.strip())


def _urgent_row(here: tuple[str, str, str], item: Urgent, *, acts: bool) -> dict[str, Any]:
    action = item.action
    return {
        "item": item,
        "due": due_words(action.due),
        "moved": moved_words(item.slips),
        "why": item.slips[-1].why.rstrip(".") if item.slips else "",
        "done": when_words(action.done) if action.done else "",
        "href": reverse("urgent-action", args=[*here, action.code]) if acts else "",
        "end_href": reverse("remove-urgent-action", args=[*here, action.code]) if acts else "",
    }


def _history(slice_: Slice, line: Line, hanging: Hanging) -> list[Any]:
    """Every change of the plan's effects, risks and urgent actions, the newest first."""
    effects = [effect.pk for effect in hanging.effects.get(line.pk, ())]
    urgent = Q(table="urgentaction", values__line_id=line.pk)  # those that were taken out too
    own = Q(table="planeffect", row__in=effects) | urgent
    risks = links_of(
        Q(table="planrisk", values__line_id=line.pk),
        "risk_id",
        dict(slice_.system.risks.values_list("pk", "name")),
        made="named as a risk to it:",
        gone="named as a risk to it no more:",
    )
    steps = [*histories_of(own, names_of(slice_.system), app="finance"), *risks]
    return sorted(steps, key=lambda step: step.at, reverse=True)


@login_required
@require_http_methods(ANY_METHOD)
def effect(request: PersonRequest, system: str, year: str, code: str, partner: str) -> HttpResponse:
    """Say what a plan does to a partner, and whether it understood it; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = _line(slice_, code)
    other = next((item for item in others_than(slice_, line) if item.code == partner), None)
    this = PlanEffect.objects.filter(line=line, partner__code=partner).first()
    if other is None and this is not None:
        other = this.partner
    if other is None:
        raise Http404
    keeps = has_permission(request.user, Permission.KEEP_DELIVERY, system=slice_.system)
    if not keeps and not acts_for(request.user, slice_.system, other):
        raise Http404

    def make(data: Any) -> EffectForm:
        return EffectForm(data, words=keeps, initial=EffectForm.of(this))

    def save(form: Any) -> None:
        spec = form.spec(code, partner, this)
        save_plan_effects(by=request.user, slice_id=slice_.pk, specs=[spec])

    lead = this.effect if this and not keeps else ""
    title = f"What this plan does to {other.short_name}"
    return row_page(request, slice_, line, this, make, save, title=title, lead=lead)


@login_required
@require_http_methods(ANY_METHOD)
def add_urgent(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Add an urgent action to a plan; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = acted_for(request.user, slice_, code)

    def save(form: Any) -> None:
        if not is_confirmed(form):
            ask_about_twin(line.urgent_actions.all(), form.cleaned_data["words"], "words")
        own = free_code(line.urgent_actions.all(), form.cleaned_data["words"], "action")
        spec = form.spec(code, own, None)
        save_urgent_actions(by=request.user, slice_id=slice_.pk, specs=[spec])

    title = "Add an urgent action"
    return row_page(request, slice_, line, None, UrgentForm, save, title=title)


@login_required
@require_http_methods(ANY_METHOD)
def change_urgent(
    request: PersonRequest, system: str, year: str, code: str, action: str
) -> HttpResponse:
    """Change an urgent action, or say that it is done; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = acted_for(request.user, slice_, code)
    this = get_object_or_404(UrgentAction, line=line, code=action)

    def make(data: Any) -> UrgentForm:
        return UrgentForm(data, initial=UrgentForm.of(this))

    def save(form: Any) -> None:
        spec = form.spec(code, action, this)
        save_urgent_actions(by=request.user, slice_id=slice_.pk, specs=[spec])

    return row_page(request, slice_, line, this, make, save, title="Change an urgent action")


@login_required
@require_http_methods(ANY_METHOD)
def add_risk(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Name a risk of the register as one to a plan; 404 for who may not."""
    slice_ = visible_slice(request.user, system, year)
    line = acted_for(request.user, slice_, code)

    def make(data: Any) -> RiskForm:
        return RiskForm(line, data)

    def save(form: Any) -> None:
        spec = PlanRiskSpec(line=code, **form.cleaned_data)
        save_plan_risks(by=request.user, slice_id=slice_.pk, specs=[spec])

    lead = "Those of the register of risks that are open and not named here yet."
    return row_page(request, slice_, line, None, make, save, title="Name a risk", lead=lead)


def acted_for(user: User, slice_: Slice, code: str) -> Line:
    """A plan whose urgent actions somebody keeps; Http404 for any other."""
    line = _line(slice_, code)
    keeps = has_permission(user, Permission.KEEP_DELIVERY, system=slice_.system)
    if not keeps and not acts_for(user, slice_.system, line.partner):
        raise Http404
    return line


def row_page(
    request: PersonRequest,
    slice_: Slice,
    line: Line,
    this: Any,
    make: Any,
    save: Any,
    *,
    title: str,
    lead: str = "",
) -> HttpResponse:
    """The page of a form over a row of a plan, or over one that is to be made."""
    here = (slice_.system.code, slice_.year_id, line.code)
    href = reverse("reduction-plan", args=here)
    if this is None:
        form = make(request.POST if request.method == "POST" else None)
        done, status = saved(request, form, lambda: save(form)), 422 if form.errors else 200
        shown = {"form": form, "differs": None}
    else:
        row = RowForm(request, this, make, but=("moved_because",))
        done = row.saved(lambda f, seen: save_seen(row=this, seen=seen, save=lambda: save(f)))
        status, shown = row.status, row.context
    if done:
        return redirect(href)
    context = {
        "title": title,
        "caption": line.name,
        "lead": lead,
        "what": "this",
        **_frame(slice_, _plans_way(slice_), (line.name, href)),
    }
    return render(request, "delivery/form.html", context | shown, status=status)
