"""Saying where the control limits of a metric start anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max, Min, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from esbt.kit.problems import STATUS, Refused
from esbt.kit.when import period_words
from outcomes.forms import StepForm
from outcomes.models import Metric, Observation, Step
from outcomes.services import StepSpec, save_steps
from outcomes.views.frame import chosen_area, metric_to_enter, way, within_metric
from schemes.models import RowVersion
from schemes.people.requests import PersonRequest


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
        held = _standing(metric, spec)
        if held and held.reason != spec.reason and "change" not in request.POST:
            said = f"A step stands there already: {held.reason}. Change its reason?"
            form.add_error("reason", said)
            status = STATUS["confirm"]
            return _show_steps(request, metric, area, name, form, status=status, asks=True)
        if idle := _begins_nothing(metric, spec):
            form.add_error("on", idle)
            return _show_steps(request, metric, area, name, form, status=STATUS["invalid"])
    try:
        save_steps(by=request.user, specs=[spec])
    except Refused as refused:
        for fault in refused.faults:
            form.add_error(fault.field if fault.field in form.fields else None, fault.message)
        return _show_steps(request, metric, area, name, form, status=STATUS[refused.code])
    messages.success(request, "Taken back." if spec.taken_back else "Limits start anew there.")
    return redirect(way(metric, "metric-steps", area))


def _standing(metric: Metric, spec: StepSpec) -> Step | None:
    """The step that is used on that day for that area already."""
    found = Step.objects.filter(metric=metric, on=spec.on, taken_back=False)
    own = Q(area__code=spec.area) if spec.area else Q(area=None)
    return found.filter(own).first()


def _begins_nothing(metric: Metric, spec: StepSpec) -> str:
    """Why a step would change no limits, in words with the remedy; "" where it does."""
    values = Observation.objects.filter(metric=metric, value__isnull=False)
    if spec.area:
        values = values.filter(area__code=spec.area)
    span = values.aggregate(first=Min("starts"), last=Max("starts"))
    first, last, day = span["first"], span["last"], period_words(spec.on, spec.on)
    if first is None:
        return "No value is entered that a step could part. Enter values first."
    if first < spec.on <= last:
        return ""
    side = "on or after" if spec.on > last else "before"
    said = f"No value starts {side} {day}, so that limits would not start anew there."
    if first == last:
        return f"{said} There is one value alone; enter more first."
    starts = f"{period_words(first, first)} to {period_words(last, last)}"
    return f"{said} Values start from {starts}: choose a day after the first, up to the last."


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
    asks: bool = False,
) -> HttpResponse:
    held = list(Step.objects.filter(metric=metric).select_related("area").order_by("on", "pk"))
    earlier = _earlier(held)
    context = {
        "form": form,
        "asks": asks,
        "area": {"code": area, "name": name},
        "steps": [
            {
                "pk": step.pk,
                "from": period_words(step.on, step.on),
                "reason": step.reason,
                "earlier": earlier[step.pk],
                "area": step.area.name if step.area else "every area",
                "taken_back": step.taken_back,
            }
            for step in held
        ],
    }
    frame = within_metric(metric, area)
    return render(request, "outcomes/metric_steps.html", context | frame, status=status)


def _earlier(steps: Iterable[Step]) -> dict[int, list[RowVersion]]:
    """The versions of steps that gave another reason than they give now, the newest first."""
    reasons = {step.pk: step.reason for step in steps}
    versions = RowVersion.objects.filter(table="step", row__in=reasons).select_related("actor")
    found: dict[int, list[RowVersion]] = defaultdict(list)
    for version in versions.order_by("-at", "-pk"):
        if version.values["reason"] != reasons[version.row]:
            found[version.row].append(version)
    return found
