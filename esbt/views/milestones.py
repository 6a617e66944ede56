"""Milestones with their slips, and the workstreams and projects that they belong to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.delivery import MilestoneForm, MilestoneReportForm, NewMilestoneForm
from esbt.kit.asking import is_confirmed
from esbt.kit.problems import Fault, Refused
from esbt.kit.tables import csv_records
from esbt.kit.when import when_words
from esbt.views.actions import kept
from esbt.views.delivery import chosen_as_of, crumbs, cut, filters_of, joined, listing
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.row_form import RowForm
from schemes.audit.history import Step, histories_of, history_of, links_of, names_of
from schemes.delivery import milestones as listed
from schemes.delivery.milestones import MILESTONE_COLUMNS, MilestoneRow, MilestoneWish
from schemes.models import Body, Milestone, Partner, Project, System, Workstream
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.services.keeping import ask_about_twin
from schemes.services.seen import save_seen
from schemes.services.workstreams import MilestoneSpec, keep_milestones, report_milestone
from schemes.sources import evidence_row

_FILTERS = {
    "workstream": "Workstream",
    "body": "Reported to",
    "status": "Status",
    "moved": "Date",
}


def _href(system: System, row: MilestoneRow, query: str = "") -> str:
    href = reverse("milestone", args=[system.code, row.milestone.code])
    return f"{href}?{query}" if query else href


def _rows(system: System, found: Any, query: str) -> list[dict[str, Any]]:
    return [{"row": row, "href": _href(system, row, query)} for row in found]


@login_required
@require_GET
def milestones(request: PersonRequest, system: str) -> HttpResponse:
    """Every milestone as of a date; with the header X-Part the list alone."""
    found = visible_system(request.user, system)
    as_of, wish = chosen_as_of(request), MilestoneWish.read(request.GET)
    rows = listed.milestone_rows(found, as_of.day)
    shown = [row for row in rows if wish.takes(row)]
    page = cut(request, shown)
    query = joined(wish.query, as_of.query)
    here, csv = (reverse(name, args=[system]) for name in ("milestones", "milestones-csv"))
    context = {
        "system": found,
        "as_of": as_of,
        "wish": wish,
        "filters": filters_of(_FILTERS, wish, listed.choices(rows)),
        "clear": f"{here}?{as_of.query}" if as_of.query else here,
        "sentence": listed.sentence(shown, as_of.day),
        "count": len(shown),
        "total": len(rows),
        "page": page,
        "rows": _rows(found, page, as_of.query),
        "query": query,
        "add_href": reverse("add-milestone", args=[system])
        if has_permission(request.user, Permission.KEEP_DELIVERY, system=found)
        else "",
        "downloads": [{"label": "CSV", "href": f"{csv}?{query}" if query else csv}],
        "crumbs": crumbs(found),
    }
    return listing(request, "milestones", context)


@login_required
@require_GET
def milestones_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The milestones that the filters leave as CSV."""
    found = visible_system(request.user, system)
    wish = MilestoneWish.read(request.GET)
    rows = filter(wish.takes, listed.milestone_rows(found, chosen_as_of(request).day))
    records = map(listed.milestone_record, rows)
    return csv_records(MILESTONE_COLUMNS, records, f"{system}-milestones")


@login_required
@require_http_methods(ANY_METHOD)
def milestone(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A milestone with its slips and what waits for it, and the form to say how it goes."""
    found = visible_system(request.user, system)
    this = _milestone(found, code)
    may_report = has_permission(request.user, Permission.REPORT_PROGRESS, system=found)
    if request.method == "POST" and not may_report:
        raise Http404
    report = RowForm(
        request,
        this,
        lambda data: MilestoneReportForm(data, initial=MilestoneReportForm.of(this)),
        but=("due", "moved_because"),
    )

    def save(form: Any, seen: int) -> None:
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        save_seen(
            row=this,
            seen=seen,
            save=lambda: report_milestone(
                by=request.user, milestone=this, changed=changed, confirmed=is_confirmed(form)
            ),
        )

    if report.saved(save):
        return redirect("milestone", system, code)
    context = _page(request, found, this) | report.context | {"may_report": may_report}
    return render(request, "delivery/milestone.html", context, status=report.status)


def _milestone(system: System, code: str) -> Milestone:
    opened = ("workstream", "project", "body", "evidence__source")
    return get_object_or_404(Milestone.objects.select_related(*opened), system=system, code=code)


def _page(request: PersonRequest, system: System, this: Milestone) -> dict[str, Any]:
    as_of = chosen_as_of(request)
    rows = {row.milestone.pk: row for row in listed.milestone_rows(system, as_of.day)}
    row = rows[this.pk]
    waiting = [other for other in rows.values() if this in other.needs]
    needed = [rows[other.pk] for other in row.needs]
    names = names_of(system) | {
        "body_id": dict(Body.objects.filter(system=system).values_list("pk", "name")),
        "workstream_id": dict(Workstream.objects.filter(system=system).values_list("pk", "name")),
        "project_id": dict(
            Project.objects.filter(workstream__system=system).values_list("pk", "name")
        ),
    }
    return {
        "system": system,
        "milestone": this,
        "row": row,
        "as_of": as_of,
        "needs": _rows(system, needed, as_of.query),
        "needed_by": _rows(system, waiting, as_of.query),
        "blocked_by": _rows(system, [rows[other.pk] for other in row.blocked_by], as_of.query),
        "steps": _steps(this, names, rows.values()),
        "evidence": evidence_row(this.evidence),
        "change_href": reverse("change-milestone", args=[system.code, this.code])
        if has_permission(request.user, Permission.KEEP_DELIVERY, system=system)
        else "",
        "crumbs": crumbs(system, ("Milestones", reverse("milestones", args=[system.code]))),
    }


def _steps(this: Milestone, names: Any, rows: Any) -> list[Any]:
    """What was said of a milestone, and of what comes before it, the newest first."""
    needs = links_of(
        Q(table="milestoneneed", values__milestone_id=this.pk),
        "other_id",
        {row.milestone.pk: row.milestone.name for row in rows},
        made="it cannot be reached before",
        gone="it waits no more for",
    )
    steps = [*history_of(this, names), *needs]
    return sorted(steps, key=lambda step: step.at, reverse=True)


@login_required
@require_http_methods(ANY_METHOD)
def add_milestone(request: PersonRequest, system: str) -> HttpResponse:
    """Add a milestone."""
    found = kept(request, system)
    form = NewMilestoneForm(found, request.POST or None)

    def save() -> None:
        if found.milestones.filter(code=form.cleaned_data["code"]).exists():
            said = "There is a milestone with this code. Choose another."
            raise Refused([Fault(said, "code")])
        if not is_confirmed(form):
            ask_about_twin(found.milestones.all(), form.cleaned_data["name"])
        spec = MilestoneSpec(system=system, **form.cleaned_data)
        keep_milestones(by=request.user, specs=[spec])

    if saved(request, form, save):
        return redirect("milestone", system, form.cleaned_data["code"])
    context = {
        "system": found,
        "form": form,
        "differs": None,
        "title": "Add a milestone",
        "crumbs": crumbs(found, ("Milestones", reverse("milestones", args=[system]))),
    }
    return render(request, "delivery/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def change_milestone(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Change a milestone; a date that moves stays in its history."""
    found = kept(request, system)
    this = _milestone(found, code)
    form = RowForm(
        request,
        this,
        lambda data: MilestoneForm(found, data, initial=MilestoneForm.of(this)),
        but=("moved_because",),
    )

    def save(sent: Any, seen: int) -> None:
        spec = MilestoneSpec(
            system=system, code=code, evidence_id=this.evidence_id, **sent.cleaned_data
        )
        save_seen(
            row=this,
            seen=seen,
            save=lambda: keep_milestones(
                by=request.user, specs=[spec], confirmed=is_confirmed(sent)
            ),
        )

    if form.saved(save):
        return redirect("milestone", system, code)
    here = reverse("milestone", args=[system, code])
    context = form.context | {
        "system": found,
        "title": "Change a milestone",
        "caption": this.name,
        "what": "this milestone",
        "crumbs": crumbs(
            found, ("Milestones", reverse("milestones", args=[system])), (this.name, here)
        ),
    }
    return render(request, "delivery/form.html", context, status=form.status)


@login_required
@require_GET
def workstreams(request: PersonRequest, system: str) -> HttpResponse:
    """The workstreams of a system, each with its lead, and what is overdue and next."""
    found = visible_system(request.user, system)
    as_of = chosen_as_of(request)
    csv = reverse("workstreams-csv", args=[system])
    context = {
        "system": found,
        "as_of": as_of,
        "rows": [
            {
                "row": row,
                "href": reverse("workstream", args=[system, row.workstream.code]),
                "next_href": _href(found, row.next, as_of.query) if row.next else "",
            }
            for row in listed.stream_rows(found, as_of.day)
        ],
        "as_of_query": as_of.query,
        "keeps": has_permission(request.user, Permission.KEEP_DELIVERY, system=found),
        "downloads": [{"label": "CSV", "href": f"{csv}?{as_of.query}"}],
        "crumbs": crumbs(found),
    }
    return render(request, "delivery/workstreams.html", context)


@login_required
@require_GET
def workstreams_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The workstreams as of a day as CSV."""
    rows = listed.stream_rows(visible_system(request.user, system), chosen_as_of(request).day)
    records = map(listed.stream_record, rows)
    return csv_records(listed.STREAM_COLUMNS, records, f"{system}-workstreams")


@login_required
@require_GET
def workstream(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A workstream: what it is for, its projects and its milestones as of a date."""
    found = visible_system(request.user, system)
    as_of = chosen_as_of(request)
    row = next(
        (row for row in listed.stream_rows(found, as_of.day) if row.workstream.code == code), None
    )
    if row is None:
        raise Http404
    context = {
        "system": found,
        "as_of": as_of,
        "stream": row.workstream,
        "evidence": evidence_row(row.workstream.evidence),
        "keeps": has_permission(request.user, Permission.KEEP_DELIVERY, system=found),
        "steps": _stream_steps(row.workstream),
        "projects": [
            {
                "project": project,
                "starts": when_words(project.starts) if project.starts else "",
                "ends": when_words(project.ends) if project.ends else "",
                "evidence": evidence_row(project.evidence),
            }
            for project in row.projects
        ],
        "sentence": listed.sentence(row.milestones, as_of.day),
        "rows": _rows(found, row.milestones, as_of.query),
        "crumbs": crumbs(found, ("Workstreams", reverse("workstreams", args=[system]))),
    }
    return render(request, "delivery/workstream.html", context)


def _stream_steps(stream: Workstream) -> list[Step]:
    """What was changed about a workstream and its projects, the newest first."""
    own = Q(table="workstream", row=stream.pk) | Q(table="project", values__workstream_id=stream.pk)
    bodies = dict(stream.system.bodies.values_list("pk", "name"))
    partners = dict(Partner.objects.values_list("pk", "short_name"))
    return histories_of(own, {"body_id": bodies, "lead_id": partners})
