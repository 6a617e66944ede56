"""The outcomes framework, its metrics and their targets by hand, for those who keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.outcomes import (
    FrameworkForm,
    ItemForm,
    LinkForm,
    MetricForm,
    NewFrameworkForm,
    NewItemForm,
    NewMetricForm,
    NewTargetForm,
    TargetForm,
)
from esbt.kit.problems import Fault, Refused
from esbt.kit.words import a
from esbt.views.frame import ANY_METHOD, saved
from outcomes.models import Framework, FrameworkItem, Level, Metric, Target
from outcomes.pages.metric import target_clashes
from outcomes.services import (
    FrameworkSpec,
    ItemLinkSpec,
    ItemSpec,
    MetricSpec,
    TargetSpec,
    remove_item,
    save_frameworks,
    save_item_metrics,
    save_item_schemes,
    save_items,
    save_metrics,
    save_targets,
    unlink,
)
from schemes.models import System
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system


def _kept(request: PersonRequest, code: str) -> System:
    """A system whose outcomes the person keeps; Http404 for any other."""
    found = visible_system(request.user, code)
    require(request.user, Permission.KEEP_OUTCOMES, system=found)
    return found


def _page(
    request: PersonRequest, system: System, form: forms.Form, title: str, **more: Any
) -> HttpResponse:
    """A page with one form; 422 when something is wrong with it."""
    context = {
        "system": system,
        "form": form,
        "title": title,
        "caption": system.name,
        "crumbs": [
            {"label": "Overview", "href": reverse("home")},
            {"label": "Outcomes", "href": reverse("outcomes", args=[system.code])},
        ],
        **more,
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


def _new(found: Any, form: forms.Form, what: str) -> None:
    """Raise Refused where something has the code of what is to be added."""
    if found.filter(code=form.cleaned_data["code"]).exists():
        said = f"There is {a(what)} with this code. Choose another."
        raise Refused([Fault(said, "code")])


def _to(system: str, framework: str = "") -> HttpResponse:
    here = reverse("outcomes", args=[system])
    return redirect(f"{here}?framework={framework}" if framework else here)


@login_required
@require_http_methods(ANY_METHOD)
def add_framework(request: PersonRequest, system: str) -> HttpResponse:
    """Add a version of the framework."""
    found = _kept(request, system)
    place = found.frameworks.count() + 1
    form = NewFrameworkForm(request.POST or None, initial={"position": place})

    def save() -> None:
        _new(found.frameworks, form, "version")
        spec = FrameworkSpec(system=system, **form.cleaned_data)
        save_frameworks(by=request.user, specs=[spec])

    if saved(request, form, save):
        return _to(system, form.cleaned_data["code"])
    return _page(request, found, form, "Add a version of the framework")


@login_required
@require_http_methods(ANY_METHOD)
def change_framework(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Change a version: its name and date, and what its source counts."""
    found = _kept(request, system)
    framework = get_object_or_404(Framework, system=found, code=code)
    form = FrameworkForm(request.POST or None, initial=FrameworkForm.of(framework))

    def save() -> None:
        spec = FrameworkSpec(
            system=system, code=code, evidence_id=framework.evidence_id, **form.cleaned_data
        )
        save_frameworks(by=request.user, specs=[spec])

    if saved(request, form, save):
        return _to(system, code)
    return _page(request, found, form, "Change a version", caption=framework.name)


@login_required
@require_http_methods(ANY_METHOD)
def add_item(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Add a domain, objective or outcome to a version."""
    found = _kept(request, system)
    framework = get_object_or_404(Framework, system=found, code=code)
    level = request.GET.get("level", "")
    first = {"level": level, "position": framework.items.count() + 1}
    form = NewItemForm(framework, request.POST or None, initial=first)

    def save() -> None:
        _new(framework.items, form, "item")
        save_items(
            by=request.user, specs=[ItemSpec(system=system, framework=code, **form.cleaned_data)]
        )

    if saved(request, form, save):
        return _to(system, code)
    what = str(Level(level).label).lower() if level in Level.values else "item"
    title = f"Add {a(what)}"
    return _page(request, found, form, title, caption=framework.name)


@login_required
@require_http_methods(ANY_METHOD)
def change_item(request: PersonRequest, system: str, code: str, item: str) -> HttpResponse:
    """Change or remove an item, link a metric or scheme to it or unlink it, as the button says."""
    found = _kept(request, system)
    this = get_object_or_404(
        FrameworkItem.objects.select_related("framework", "parent"),
        framework__system=found,
        framework__code=code,
        code=item,
    )
    parts = _item_parts(request, found, this)
    act = request.POST.get("act", "")
    problems: list[str] = []
    if act in _TAKES:
        try:
            _TAKES[act](request, this)
        except Refused as refused:
            problems = [fault.message for fault in refused.faults]
        else:
            messages.success(request, "Taken away.")
            return _to(system, code) if act == "remove" else redirect(request.path)
    elif request.method == "POST":
        if act not in parts:
            raise Http404
        form, save = parts[act]
        if saved(request, form, save):
            return redirect("change-item", system, code, item)
    return render(
        request,
        "esbt/keep_item.html",
        {
            "system": found,
            "item": this,
            "parts": {name: form for name, (form, _) in parts.items()},
            "form": parts[act][0] if act in parts else None,
            "problems": problems,
            "metrics": [link.metric for link in this.item_metrics.select_related("metric")],
            "schemes": [link.scheme for link in this.item_schemes.select_related("scheme")],
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {
                    "label": "Outcomes",
                    "href": f"{reverse('outcomes', args=[system])}?framework={code}",
                },
            ],
        },
        status=422 if act else 200,
    )


def _remove(request: PersonRequest, item: FrameworkItem) -> None:
    remove_item(by=request.user, item=item)


def _unlink_metric(request: PersonRequest, item: FrameworkItem) -> None:
    code = request.POST.get("code", "")
    unlink(by=request.user, link=get_object_or_404(item.item_metrics, metric__code=code))


def _unlink_scheme(request: PersonRequest, item: FrameworkItem) -> None:
    code = request.POST.get("code", "")
    unlink(by=request.user, link=get_object_or_404(item.item_schemes, scheme__code=code))


# what takes something away, by the button's act
_TAKES = {"remove": _remove, "unlink-metric": _unlink_metric, "unlink-scheme": _unlink_scheme}

Part = tuple[forms.Form, Callable[[], object]]


def _item_parts(request: PersonRequest, system: System, item: FrameworkItem) -> dict[str, Part]:
    """The forms of an item's page, each with what saves it."""
    by, act = request.user, request.POST.get("act", "")
    framework = item.framework

    def sent(name: str) -> Any:
        return request.POST if act == name else None

    what = ItemForm(framework, sent("what"), prefix="what", initial=ItemForm.of(item))
    metrics = list(system.metrics.values_list("code", "name"))
    metric = LinkForm("Metric by which it is judged", metrics, sent("metric"), prefix="metric")
    schemes = list(system.schemes.order_by("name").values_list("code", "name"))
    scheme = LinkForm("Scheme that contributes", schemes, sent("scheme"), prefix="scheme")
    here = {"system": system.code, "framework": framework.code}

    def save_what() -> None:
        spec = ItemSpec(**here, code=item.code, evidence_id=item.evidence_id, **what.cleaned_data)
        save_items(by=by, specs=[spec])

    def link(form: forms.Form) -> ItemLinkSpec:
        return ItemLinkSpec(**here, item=item.code, **form.cleaned_data)

    return {
        "what": (what, save_what),
        "metric": (metric, lambda: save_item_metrics(by=by, specs=[link(metric)])),
        "scheme": (scheme, lambda: save_item_schemes(by=by, specs=[link(scheme)])),
    }


@login_required
@require_http_methods(ANY_METHOD)
def add_metric(request: PersonRequest, system: str) -> HttpResponse:
    """Define a metric."""
    found = _kept(request, system)
    form = NewMetricForm(found, request.POST or None)

    def save() -> None:
        _new(found.metrics, form, "metric")
        save_metrics(by=request.user, specs=[MetricSpec(system=system, **form.cleaned_data)])

    if saved(request, form, save):
        return redirect("metric", system, form.cleaned_data["code"])
    return _page(request, found, form, "Add a metric")


@login_required
@require_http_methods(ANY_METHOD)
def change_metric(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Change how a metric is defined; the ways to its targets stand beneath."""
    found = _kept(request, system)
    metric = _metric(found, code)
    form = MetricForm(found, request.POST or None, initial=MetricForm.of(metric))

    def save() -> None:
        spec = MetricSpec(
            system=system,
            code=code,
            comparators=metric.comparators,
            evidence_id=metric.evidence_id,
            **form.cleaned_data,
        )
        save_metrics(by=request.user, specs=[spec])

    if saved(request, form, save):
        return redirect("metric", system, code)
    return _page(
        request,
        found,
        form,
        "Change a metric",
        caption=metric.name,
        ways=[
            *(
                {
                    "label": f"Target {target.code}",
                    "href": reverse("change-target", args=[system, code, target.code]),
                }
                for target in metric.targets.all()
            ),
            {"label": "Add a target", "href": reverse("add-target", args=[system, code])},
        ],
    )


def _metric(system: System, code: str) -> Metric:
    return get_object_or_404(
        Metric.objects.select_related("source", "area", "part_of"), system=system, code=code
    )


@login_required
@require_http_methods(ANY_METHOD)
def add_target(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Say what a metric should reach in a period."""
    found = _kept(request, system)
    metric = _metric(found, code)
    form = NewTargetForm(request.POST or None)

    def save() -> None:
        _new(metric.targets, form, "target")
        spec = TargetSpec(system=system, metric=code, **form.cleaned_data)
        save_targets(by=request.user, specs=[spec])

    if saved(request, form, save):
        _warn_of_clashes(request, metric)
        return redirect("metric", system, code)
    return _page(request, found, form, "Add a target", caption=metric.name)


@login_required
@require_http_methods(ANY_METHOD)
def change_target(request: PersonRequest, system: str, code: str, target: str) -> HttpResponse:
    """Change a target."""
    found = _kept(request, system)
    metric = _metric(found, code)
    this = get_object_or_404(Target.objects.select_related("area"), metric=metric, code=target)
    form = TargetForm(request.POST or None, initial=TargetForm.of(this))

    def save() -> None:
        spec = TargetSpec(
            system=system,
            metric=code,
            code=target,
            evidence_id=this.evidence_id,
            **form.cleaned_data,
        )
        save_targets(by=request.user, specs=[spec])

    if saved(request, form, save):
        _warn_of_clashes(request, metric)
        return redirect("metric", system, code)
    return _page(request, found, form, "Change a target", caption=f"{metric.name}, {target}")


def _warn_of_clashes(request: PersonRequest, metric: Metric) -> None:
    for clash in target_clashes(metric, metric.targets.all()):
        messages.warning(request, clash)
