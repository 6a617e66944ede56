"""The page of an action: what it is and how it goes; the forms that report on it and change it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from esbt.forms.delivery import ActionForm, AssuranceForm, ReportForm
from esbt.kit.asking import is_confirmed
from esbt.kit.when import when_words
from esbt.pages.assured import Extent, extent_of, statements_of
from esbt.views.delivery import chosen_as_of, crumbs, statement_rows, ways
from esbt.views.frame import ANY_METHOD
from esbt.views.row_form import RowForm
from outcomes.models import Metric
from schemes.audit.history import history_of, links_of, names_of, steps_by
from schemes.delivery.actions import owners_of, row_of, stands_later
from schemes.delivery.standing import stood_on
from schemes.models import Action, ActionArea, ActionLink, Assurance, Body, Partner, System
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import may_report, visible_system
from schemes.services.actions import (
    ActionSpec,
    AssuranceSpec,
    keep_actions,
    save_assurances,
)
from schemes.services.progress import report_action
from schemes.services.seen import save_seen
from schemes.sources import evidence_row

_OPENED = "area__plan", "owner", "body", "evidence__source"


@login_required
@require_http_methods(ANY_METHOD)
def action(request: PersonRequest, system: str, plan: str, code: str) -> HttpResponse:
    """An action as of a date with its notes and history, and the form to say how it goes."""
    found = visible_system(request.user, system)
    this = action_of(found, plan, code)
    reports = may_report(request.user, this)
    if request.method == "POST" and not reports:
        raise Http404
    report = RowForm(
        request, this, lambda data: ReportForm(data, initial=ReportForm.of(this)), but=("text",)
    )

    def save(form: Any, seen: int) -> None:
        said = form.cleaned_data["text"]
        report_action(
            by=request.user,
            action=this,
            text=said,
            changed=form.changes,
            seen=seen,
            confirmed=is_confirmed(form),
        )

    if report.saved(save):
        return redirect("action", system, plan, code)
    past = chosen_as_of(request).day < timezone.localdate()
    context = _page(request, found, this) | report.context
    context |= {
        "may_report": reports and not past,
        "today_href": reverse("action", args=[system, plan, code]) if reports and past else "",
    }
    return render(request, "delivery/action.html", context, status=report.status)


def action_of(system: System, plan: str, code: str) -> Action:
    """An action with what its page shows of it; Http404 for none."""
    return get_object_or_404(
        Action.objects.select_related(*_OPENED),
        area__plan__system=system,
        area__plan__code=plan,
        code=code,
    )


def _page(request: PersonRequest, system: System, this: Action) -> dict[str, Any]:
    as_of = chosen_as_of(request)
    ends = _links(this)
    near = {this.pk, *(pk for own in ends.values() for pk in own)}
    found = Action.objects.filter(pk__in=near).select_related(*_OPENED)
    stood = {item.row.pk: item for item in stood_on(found, as_of.day, Action.REPORTED)}
    now, links = stood[this.pk], {name: [stood[pk].row for pk in own] for name, own in ends.items()}
    action, plan = now.row, now.row.area.plan
    statements = [
        item
        for item in statements_of(system, as_of.day, area=this.area_id)
        if item.assurance.action_id in (None, this.pk)
    ]
    row = row_of(
        now,
        as_of.day,
        owners=owners_of([this])[this.pk],
        needs=links["needs"],
        see=links["see"],
        assured=extent_of(statements) != Extent.NONE,
    )
    keeps = has_permission(request.user, Permission.KEEP_DELIVERY, system=system)
    return {
        "system": system,
        "action": action,
        "begins": when_words(plan.agreed or plan.dated) if stands_later(plan, as_of.day) else "",
        "row": row,
        "as_of": as_of,
        "as_of_query": as_of.query,
        "done_on": when_words(action.done_on) if action.done_on else "",
        "links": [
            {
                "label": label,
                "rows": ways(system, links[name], as_of.query),
                "may_end": keeps and name == "needs",
            }
            for name, label in _LINKS.items()
            if links[name]
        ],
        "blocked_by": ways(system, row.blocked_by, as_of.query),
        "later": ways(system, row.later, as_of.query),
        "statements": statement_rows(system, statements),
        "keeps": keeps,
        "change_href": reverse("change-action", args=[system.code, plan.code, this.code]),
        "notes": this.notes.filter(at__date__lte=as_of.day).select_related("actor"),
        "steps": steps_by(as_of.day, _steps(system, this)),
        "evidence": evidence_row(action.evidence),
        "crumbs": crumbs(
            system,
            ("Action plans", reverse("action-plans", args=[system.code])),
            (plan.name, reverse("action-plan", args=[system.code, plan.code])),
        ),
    }


_LINKS = {
    "needs": "It cannot be done before",
    "needed_by": "These wait for it",
    "see": "See also",
    "seen_from": "Referred to by",
}


def _links(this: Action) -> dict[str, list[int]]:
    """The ids of the actions it refers to and of those that refer to it: two queries."""
    found: dict[str, list[int]] = {name: [] for name in _LINKS}
    for link in this.links.all():
        found[str(link.kind)].append(link.other_id)
    for link in this.linked_from.all():
        found["needed_by" if link.kind == ActionLink.Kind.NEEDS else "seen_from"].append(
            link.action_id
        )
    return found


def _steps(system: System, this: Action) -> list[Any]:
    """What was said of an action, and of what comes before it, the newest first."""
    others = Action.objects.filter(area__plan=this.area.plan_id)
    needs = links_of(
        Q(table="actionlink", values__action_id=this.pk, values__kind=ActionLink.Kind.NEEDS),
        "other_id",
        {other.pk: str(other) for other in others},
        made="it cannot be done before",
        gone="it waits no more for",
    )
    steps = [*history_of(this, _names(system)), *needs]
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _names(system: System) -> dict[str, Any]:
    """What ids in an action's states are called."""
    areas = ActionArea.objects.filter(plan__system=system)
    partners = dict(Partner.objects.values_list("code", "short_name"))
    return names_of(system) | {
        "co_owners": partners,
        "body_id": dict(Body.objects.filter(system=system).values_list("pk", "name")),
        "area_id": dict(areas.values_list("pk", "name")),
    }


def kept(request: PersonRequest, code: str) -> System:
    """A system whose delivery the person keeps; Http404 for any other."""
    found = visible_system(request.user, code)
    require(request.user, Permission.KEEP_DELIVERY, system=found)
    return found


@login_required
@require_http_methods(ANY_METHOD)
def change_action(request: PersonRequest, system: str, plan: str, code: str) -> HttpResponse:
    """Change an action: what it is, who owns it, by when, and how it stands."""
    found = kept(request, system)
    this = action_of(found, plan, code)
    form = RowForm(
        request,
        this,
        lambda data: ActionForm(found, data, initial=ActionForm.of(this)),
        but=("moved_because",),
    )

    def save(sent: Any, seen: int) -> None:
        area = this.area
        spec = ActionSpec(
            **_stands(ActionSpec, this, sent.values),
            system=system,
            plan=plan,
            area=area.code,
        )
        save_seen(
            row=this,
            seen=seen,
            save=lambda: keep_actions(by=request.user, specs=[spec], confirmed=is_confirmed(sent)),
        )

    if form.saved(save):
        return redirect("action", system, plan, code)
    href = reverse("action", args=[system, plan, code])
    plan_href = reverse("action-plan", args=[system, plan])
    context = form.context | {
        "system": found,
        "title": "Change an action",
        "caption": str(this),
        "what": "this action",
        "crumbs": crumbs(found, (this.area.plan.name, plan_href), (this.number, href)),
    }
    return render(request, "delivery/form.html", context, status=form.status)


def _stands(spec: Any, row: Any, said: dict[str, Any]) -> dict[str, Any]:
    """The values of a row for its spec: what a form says, and else what stands now."""
    apart = ("system", "plan", "area", "action", "owner", "body", "row")
    names = [item.name for item in fields(spec) if item.name not in apart]
    return {name: getattr(row, name) for name in names} | said


@login_required
@require_http_methods(ANY_METHOD)
def change_assurance(
    request: PersonRequest, system: str, plan: str, area: str, code: str
) -> HttpResponse:
    """Say whether a statement of assurance is met, and by which metric it is measured."""
    found = kept(request, system)
    this = get_object_or_404(
        Assurance.objects.select_related("area__plan", "action"),
        area__plan__system=found,
        area__plan__code=plan,
        area__code=area,
        code=code,
    )
    metrics = list(Metric.objects.filter(system=found).values_list("code", "name"))
    form = RowForm(
        request,
        this,
        lambda data: AssuranceForm(metrics, this.metric, data, initial=AssuranceForm.of(this)),
    )

    def save(sent: Any, seen: int) -> None:
        spec = AssuranceSpec(
            **_stands(AssuranceSpec, this, sent.values),
            system=system,
            plan=plan,
            area=area,
            action=this.action.code if this.action else "",
        )
        save_seen(row=this, seen=seen, save=lambda: save_assurances(by=request.user, specs=[spec]))

    plan_href = reverse("action-plan", args=[system, plan])
    if form.saved(save):
        return redirect(f"{plan_href}#area-{area}")
    context = form.context | {
        "system": found,
        "title": "Say how an assurance stands",
        "caption": this.area.name,
        "lead": this.words,
        "what": "this statement",
        "crumbs": crumbs(found, (this.area.plan.name, plan_href)),
    }
    return render(request, "delivery/form.html", context, status=form.status)
