"""Forms of workstreams and projects by hand, and of what a milestone waits for."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.base import RemovalForm
from esbt.forms.delivery import MilestoneNeedForm, ProjectForm, WorkstreamForm
from esbt.views.action_keeping import part_page
from esbt.views.actions import kept
from esbt.views.delivery import crumbs
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.register import Part
from schemes.models import Milestone, MilestoneNeed, Project, System, Workstream
from schemes.people.requests import PersonRequest
from schemes.services.workstreams import (
    MilestoneNeedSpec,
    ProjectSpec,
    WorkstreamSpec,
    remove_milestone_need,
    save_milestone_needs,
    save_projects,
    save_workstreams,
)


@login_required
@require_http_methods(ANY_METHOD)
def add_stream(request: PersonRequest, system: str) -> HttpResponse:
    """The form of a further workstream."""
    return _stream_page(request, kept(request, system))


@login_required
@require_http_methods(ANY_METHOD)
def change_stream(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The form of what a workstream is, and who leads it."""
    found = kept(request, system)
    return _stream_page(request, found, get_object_or_404(found.workstreams, code=code))


def _stream_page(
    request: PersonRequest, system: System, stream: Workstream | None = None
) -> HttpResponse:
    def form(data: Any, row: Any) -> WorkstreamForm:
        first = WorkstreamForm.of(row) if row else {"position": _next(system.workstreams)}
        return WorkstreamForm(system, data, initial=first)

    part = Part(
        f"{'Change' if stream else 'Add'} a workstream",
        "this workstream",
        lambda: get_object_or_404(Workstream, pk=stream.pk) if stream else None,
        form,
        lambda sent, row: WorkstreamSpec(system=system.code, **_stands(row), **sent.cleaned_data),
        save_workstreams,
        system.workstreams.all(),
    )
    caption = stream.name if stream else system.name
    way = partial(_href, system)
    return part_page(request, system, part, way, _crumbs(system, stream), caption=caption)


@login_required
@require_http_methods(ANY_METHOD)
def add_project(request: PersonRequest, system: str, stream: str) -> HttpResponse:
    """The form of a further project of a workstream."""
    found = kept(request, system)
    return _project_page(request, found, get_object_or_404(found.workstreams, code=stream))


@login_required
@require_http_methods(ANY_METHOD)
def change_project(request: PersonRequest, system: str, stream: str, code: str) -> HttpResponse:
    """The form of a project of a workstream."""
    found = kept(request, system)
    this = get_object_or_404(found.workstreams, code=stream)
    return _project_page(request, found, this, get_object_or_404(this.projects, code=code))


def _project_page(
    request: PersonRequest, system: System, stream: Workstream, project: Project | None = None
) -> HttpResponse:
    def form(data: Any, row: Any) -> ProjectForm:
        first = ProjectForm.of(row) if row else {"position": _next(stream.projects)}
        return ProjectForm(data, initial=first)

    def spec(sent: forms.Form, row: Any) -> ProjectSpec:
        within = {"system": system.code, "workstream": stream.code}
        return ProjectSpec(**within, **_stands(row), **sent.cleaned_data)

    part = Part(
        f"{'Change' if project else 'Add'} a project",
        "this project",
        lambda: get_object_or_404(Project, pk=project.pk) if project else None,
        form,
        spec,
        save_projects,
        stream.projects.all(),
    )
    return part_page(
        request,
        system,
        part,
        lambda code: _href(system, stream.code),
        _crumbs(system, stream),
        caption=stream.name,
    )


@login_required
@require_http_methods(ANY_METHOD)
def add_need(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Say what has to be reached before a milestone; a circle is refused."""
    found = kept(request, system)
    this = get_object_or_404(found.milestones, code=code)
    form = MilestoneNeedForm(this, request.POST if request.method == "POST" else None)

    def save() -> None:
        spec = MilestoneNeedSpec(system=system, milestone=code, **form.cleaned_data)
        save_milestone_needs(by=request.user, specs=[spec])

    if saved(request, form, save):
        return redirect("milestone", system, code)
    return _need_page(request, form, this, title="Say what comes before a milestone")


@login_required
@require_http_methods(ANY_METHOD)
def remove_need(request: PersonRequest, system: str, code: str, other: str) -> HttpResponse:
    """Let a milestone wait for another no more, with the reason."""
    found = kept(request, system)
    needs = MilestoneNeed.objects.select_related("milestone__system", "other")
    need = get_object_or_404(
        needs, milestone__system=found, milestone__code=code, other__code=other
    )
    form = RemovalForm(request.POST if request.method == "POST" else None)

    def save() -> None:
        remove_milestone_need(by=request.user, need=need, reason=form.cleaned_data["reason"])

    if saved(request, form, save):
        return redirect("milestone", system, code)
    lead = f"It can then be reached before {need.other}. Who said so and why stays here."
    more = {"title": f"Wait for {need.other} no more", "lead": lead, "button": "Take it off"}
    return _need_page(request, form, need.milestone, **more)


def _need_page(
    request: PersonRequest, form: forms.Form, milestone: Milestone, **more: str
) -> HttpResponse:
    system = milestone.system
    ways = (
        ("Milestones", reverse("milestones", args=[system.code])),
        (milestone.name, reverse("milestone", args=[system.code, milestone.code])),
    )
    context = {
        "system": system,
        "form": form,
        "caption": milestone.name,
        "crumbs": crumbs(system, *ways),
        **more,
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


def _next(rows: Any) -> int:
    """The place after the last of some rows."""
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def _stands(row: Any) -> dict[str, Any]:
    """What a form does not show: the code, and where it comes from."""
    return {"code": row.code, "evidence_id": row.evidence_id} if row else {"code": ""}


def _href(system: System, code: str) -> str:
    return reverse("workstream", args=[system.code, code])


def _crumbs(system: System, stream: Workstream | None) -> list[dict[str, str]]:
    ways = [("Workstreams", reverse("workstreams", args=[system.code]))]
    if stream:
        ways.append((stream.name, _href(system, stream.code)))
    return crumbs(system, *ways)
