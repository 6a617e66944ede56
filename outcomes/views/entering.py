"""Entering values of a metric by hand, and saying where its limits start anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Conflict, Refused
from esbt.kit.when import period_words
from outcomes.models import Metric, Observation, ObservationRevision, Standing, Step
from outcomes.observation_form import (
    ROWS,
    Newer,
    StepForm,
    ValueForm,
    next_period,
    problems_of,
    said,
)
from outcomes.services import ObservationEntry, StepSpec, record_observations, save_steps
from outcomes.views.frame import chosen_area, metric_to_enter, way, within_metric
from schemes.requests import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """The newest values of a metric in an area, and the next; 404 for who enters none."""
    metric = metric_to_enter(request, system, code)
    return _EnterPage(request, metric).answer()


class _EnterPage:
    """One request for the form of values."""

    def __init__(self, request: PersonRequest, metric: Metric) -> None:
        self.request, self.metric = request, metric
        self.area, self.area_name = chosen_area(request, metric)
        if not self.area:
            raise Http404  # a metric without an area has nothing that values could be of
        self.posted: Any = request.POST if request.method == "POST" else None
        self._read()

    def _read(self) -> None:
        """What stands now: of the newest periods, or of those that were posted."""
        heads = Observation.objects.filter(metric=self.metric, area__code=self.area)
        present = heads.exclude(standing=Standing.WITHDRAWN)
        newest = list(present.order_by("-ends", "-starts")[:ROWS])
        latest = (newest[0].starts, newest[0].ends) if newest else None
        self.next = next_period(self.metric.frequency, latest)
        if self.posted is not None:
            known = {(h.starts.isoformat(), h.ends.isoformat()): h for h in heads}
            rows = [
                known.get((self._text(place, "starts"), self._text(place, "ends")))
                if self._text(place, "revision")
                else None
                for place in range(ROWS + 1)
                if self._text(place, "standing")
            ]
        else:
            rows = [None, *newest]
        self.forms = [
            ValueForm(self.posted, metric=self.metric, head=head, place=place)
            for place, head in enumerate(rows)
        ]

    def _text(self, place: int, name: str) -> str:
        return str(self.posted.get(f"row{place}-{name}", "")) if self.posted else ""

    def answer(self) -> HttpResponse:
        """Show the form, or save what was posted."""
        if self.posted is None:
            if self.next:
                self.forms[0].initial = {
                    "starts": self.next[0].isoformat(),
                    "ends": self.next[1].isoformat(),
                }
            return self._show()
        if not all([form.is_valid() for form in self.forms]):  # noqa: C419 - each says its own
            return self._show(status=STATUS["invalid"])
        entries = self._entries()
        try:
            saved = record_observations(
                by=self.request.user,
                system_id=self.metric.system_id,
                entries=entries,
                ask="overlap" not in self.posted,
            )
        except Conflict as conflict:
            return self._show(status=STATUS[conflict.code], newer=self._newer(conflict, entries))
        except Refused as refused:
            if refused.code == "confirm":
                return self._show(status=STATUS[refused.code], overlaps=refused)
            for fault in refused.faults:
                self.forms[int(str(fault.row))].add_fault(fault)
            return self._show(status=STATUS[refused.code])
        moved = saved.count.created + saved.count.updated
        messages.success(self.request, "Saved." if moved else "It stood so; nothing was saved.")
        for warning in saved.warnings:
            messages.warning(self.request, warning.message)
        return redirect(way(self.metric, "metric", self.area))

    def _entries(self) -> list[ObservationEntry]:
        """What was really typed: not what stands as it was when the page was opened."""
        made = [
            form.entry(self.metric, self.area, str(place))
            for place, form in enumerate(self.forms)
            if not form.is_blank
        ]
        seen = {
            (item.starts, item.ends, item.revision): item
            for item in ObservationRevision.objects.filter(
                metric=self.metric,
                area__code=self.area,
                starts__in=[entry.starts for entry in made],
            )
        }
        return [
            entry
            for entry in made
            if not _is_same(entry, seen.get((entry.starts, entry.ends, entry.revision)))  # type: ignore[arg-type]
        ]

    def _newer(self, conflict: Conflict, entries: list[ObservationEntry]) -> list[Newer]:
        """Theirs and yours; what is saved again goes on from theirs, which was seen then."""
        by_period = {(e.starts.isoformat(), e.ends.isoformat()): e for e in entries}
        told = []
        data = self.posted.copy()
        for values in conflict.newer:
            entry = by_period[values["starts"], values["ends"]]
            yours = {name: getattr(entry, name) for name in _FIGURES}
            period = period_words(entry.starts, entry.ends)
            told.append(Newer(period, said(values), said(yours)))
            data[f"row{entry.row}-revision"] = str(values["revision"] or "")
        self.posted = data
        self._read()
        for form in self.forms:
            form.is_valid()
        return told

    def _show(
        self,
        *,
        status: int = 200,
        newer: list[Newer] | None = None,
        overlaps: Refused | None = None,
    ) -> HttpResponse:
        context = {
            "area": {"code": self.area, "name": self.area_name},
            "forms": self.forms,
            "newer": newer,
            "overlaps": [fault.message for fault in overlaps.faults] if overlaps else [],
            "problems": problems_of(self.forms) if status == STATUS["invalid"] else [],
        }
        frame = within_metric(self.metric, self.area)
        return render(self.request, "outcomes/metric_enter.html", context | frame, status=status)


_FIGURES = ("value", "numerator", "denominator", "standing")


def _is_same(entry: ObservationEntry, seen: ObservationRevision | None) -> bool:
    """Whether an entry says what its author saw."""
    return seen is not None and all(
        getattr(entry, name) == getattr(seen, name) for name in (*_FIGURES, "comment")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def steps(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Where limits start anew: set one with its reason, or take one back."""
    metric = metric_to_enter(request, system, code)
    area, name = chosen_area(request, metric)
    areas = [(area, name)] if area else []
    form = StepForm(request.POST if "reason" in request.POST else None, areas=areas)
    if request.method != "POST":
        return _show_steps(request, metric, area, name, form)
    if "back" in request.POST:
        spec = _taken_back(metric, request.POST["back"])
    elif not form.is_valid():
        return _show_steps(request, metric, area, name, form, status=STATUS["invalid"])
    else:
        spec = StepSpec(
            system=system,
            metric=code,
            on=form.cleaned_data["on"],
            reason=form.cleaned_data["reason"],
            area=form.cleaned_data["area"],
        )
    try:
        save_steps(by=request.user, specs=[spec])
    except Refused as refused:
        for fault in refused.faults:
            form.add_error(fault.field if fault.field in form.fields else None, fault.message)
        return _show_steps(request, metric, area, name, form, status=STATUS[refused.code])
    messages.success(request, "Taken back." if spec.taken_back else "Limits start anew there.")
    return redirect(way(metric, "metric-steps", area))


def _taken_back(metric: Metric, pk: str) -> StepSpec:
    found = (
        Step.objects.filter(metric=metric, pk=int(pk), taken_back=False)
        .select_related("area")
        .first()
        if pk.isdecimal() and len(pk) < 19
        else None
    )
    if found is None:
        raise Http404
    return StepSpec(
        system=metric.system.code,
        metric=metric.code,
        on=found.on,
        reason=found.reason,
        area=found.area.code if found.area else "",
        taken_back=True,
    )


def _show_steps(
    request: PersonRequest,
    metric: Metric,
    area: str,
    name: str,
    form: StepForm,
    *,
    status: int = 200,
) -> HttpResponse:
    held = Step.objects.filter(metric=metric).select_related("area").order_by("on", "pk")
    context = {
        "form": form,
        "area": {"code": area, "name": name},
        "steps": [
            {
                "pk": step.pk,
                "from": period_words(step.on, step.on),
                "reason": step.reason,
                "area": step.area.name if step.area else "every area",
                "taken_back": step.taken_back,
            }
            for step in held
        ],
    }
    frame = within_metric(metric, area)
    return render(request, "outcomes/metric_steps.html", context | frame, status=status)
