"""Which metrics a scheme should move, by hand: tied with how and after how long, and taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.base import RemovalForm
from esbt.forms.outcomes import NewSchemeMetricForm, SchemeMetricForm
from esbt.pages.scheme import scheme_of
from esbt.views.frame import ANY_METHOD, saved
from outcomes.models import Metric, SchemeMetric
from outcomes.services import SchemeMetricSpec, remove_scheme_metric, save_scheme_metrics
from schemes.models import Scheme, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice


@dataclass(frozen=True)
class _Kept:
    """A scheme whose metrics the person keeps, in a year; Http404 is raised for any other."""

    request: PersonRequest
    slice_: Slice
    scheme: Scheme

    @classmethod
    def of(cls, request: PersonRequest, system: str, year: str, code: str) -> _Kept:
        slice_ = visible_slice(request.user, system, year)
        require(request.user, Permission.KEEP_OUTCOMES, system=slice_.system)
        return cls(request, slice_, scheme_of(slice_, code))

    @property
    def tab(self) -> str:
        """The address of what the scheme should achieve."""
        here = (self.slice_.system.code, self.slice_.year_id, self.scheme.code)
        return reverse("scheme-tab", args=[*here, "outcomes"])

    def link(self, metric: str) -> SchemeMetric:
        links = SchemeMetric.objects.filter(scheme=self.scheme).select_related("metric__system")
        return get_object_or_404(links, metric__code=metric)

    def save(self, metric: str, evidence_id: int | None, values: dict[str, Any]) -> None:
        spec = SchemeMetricSpec(
            system=self.slice_.system.code,
            scheme=self.scheme.code,
            metric=metric,
            evidence_id=evidence_id,
            **values,
        )
        save_scheme_metrics(by=self.request.user, specs=[spec])

    def page(self, form: forms.Form, title: str, **more: Any) -> HttpResponse:
        context = {
            "system": self.slice_.system,
            "form": form,
            "title": title,
            "caption": self.scheme.name,
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {"label": self.scheme.name, "href": self.tab},
            ],
            **more,
        }
        status = 422 if form.errors else 200
        return render(self.request, "esbt/form.html", context, status=status)


@login_required
@require_http_methods(ANY_METHOD)
def add_metric(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Name a metric that a scheme should move."""
    kept = _Kept.of(request, system, year, code)
    left = Metric.objects.filter(system=kept.slice_.system).exclude(
        scheme_metrics__scheme=kept.scheme
    )
    form = NewSchemeMetricForm(left, request.POST if request.method == "POST" else None)

    def save() -> None:
        values = dict(form.cleaned_data)
        kept.save(values.pop("metric"), None, values)

    if saved(request, form, save):
        return redirect(kept.tab)
    lead = "" if left else "Every metric of the system is named already, or none is defined yet."
    return kept.page(form, "Add a metric that it should move", lead=lead)


@login_required
@require_http_methods(ANY_METHOD)
def change_metric(
    request: PersonRequest, system: str, year: str, code: str, metric: str
) -> HttpResponse:
    """Change how a scheme should move a metric, and after how long."""
    kept = _Kept.of(request, system, year, code)
    link = kept.link(metric)
    posted = request.POST if request.method == "POST" else None
    form = SchemeMetricForm(posted, initial=SchemeMetricForm.of(link))
    if saved(request, form, lambda: kept.save(metric, link.evidence_id, form.cleaned_data)):
        return redirect(kept.tab)
    away = reverse("remove-scheme-metric", args=[system, year, code, metric])
    ways = [{"label": "It should not move this metric", "href": away}]
    return kept.page(form, f"How it should move: {link.metric.name}", ways=ways)


@login_required
@require_http_methods(ANY_METHOD)
def remove_metric(
    request: PersonRequest, system: str, year: str, code: str, metric: str
) -> HttpResponse:
    """Name a metric as one that a scheme should move no more, with the reason."""
    kept = _Kept.of(request, system, year, code)
    link = kept.link(metric)
    form = RemovalForm(request.POST if request.method == "POST" else None)

    def save() -> None:
        remove_scheme_metric(by=request.user, link=link, reason=form.cleaned_data["reason"])

    if saved(request, form, save, f"{link.metric.name} was taken out."):
        return redirect(kept.tab)
    lead = "The metric and its values stay. Who took it out, and why, stays in the history."
    title = f"It should not move: {link.metric.name}"
    return kept.page(form, title, lead=lead, button="Take it out")
