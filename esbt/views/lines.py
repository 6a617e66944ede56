"""The lines of a year by hand, and rolling a year over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from esbt.forms.keeping import LineForm, NewLineForm
from esbt.kit.problems import Fault, Refused
from esbt.views.frame import ANY_METHOD, Crumb, crumbs, form_page, saved
from esbt.views.keeping import kept_system, to
from finance.models import Line
from finance.services import LineSpec, roll_over, save_lines
from schemes.models import Slice
from schemes.people.requests import PersonRequest


def _slice(request: PersonRequest, system: str, year: str) -> Slice:
    found = kept_system(request, system)
    return get_object_or_404(
        Slice.objects.select_related("system", "year"), system=found, year=year
    )


def _ways(slice_: Slice) -> tuple[Crumb, Crumb]:
    here = [slice_.system.code, slice_.year_id]
    return to(slice_.system), (f"Lines of {slice_.year}", reverse("keep-year", args=here))


@login_required
@require_http_methods(ANY_METHOD)
def year(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """The lines of a year; posting rolls it over into the next one."""
    slice_ = _slice(request, system, year)
    problems = []
    if request.method == "POST":
        try:
            following = roll_over(by=request.user, slice_id=slice_.pk)
        except Refused as refused:
            problems = [str(fault) for fault in refused.faults]
        else:
            count = following.lines.count()
            messages.success(request, f"{following.year} is open, with {count} lines.")
            return redirect("keep-year", system, following.year_id)
    places = dict(slice_.system.memberships.values_list("partner", "position"))
    lines = slice_.lines.select_related("partner", "heading", "scheme", "pool")
    context = {
        "system": slice_.system,
        "slice": slice_,
        "lines": sorted(lines, key=lambda line: places.get(line.partner_id, 0)),
        "problems": problems,
        "crumbs": crumbs(to(slice_.system)),
    }
    return render(request, "esbt/keep_year.html", context, status=422 if problems else 200)


@login_required
@require_http_methods(ANY_METHOD)
def add_line(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Add a line to a year."""
    slice_ = _slice(request, system, year)
    form = NewLineForm(slice_, request.POST or None)

    def save() -> None:
        if slice_.lines.filter(code=form.cleaned_data["code"]).exists():
            raise Refused([Fault("The year has a line with this code. Choose another.", "code")])
        save_lines(by=request.user, slice_id=slice_.pk, specs=[LineSpec(**form.values())])

    if saved(request, form, save, line="code"):
        return redirect("keep-year", system, year)
    return form_page(
        request, form, "Add a line", *_ways(slice_), system=slice_.system, caption=str(slice_)
    )


@login_required
@require_http_methods(ANY_METHOD)
def change_line(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Change what may change about a line; its partner and kind stay."""
    slice_ = _slice(request, system, year)
    line = get_object_or_404(
        Line.objects.select_related("partner", "heading", "scheme", "pool", "counterparty"),
        slice=slice_,
        code=code,
    )
    form = LineForm(slice_, request.POST or None, initial=LineForm.of(line))

    def save() -> None:
        spec = LineSpec(
            code=line.code,
            partner=line.partner.code,
            kind=line.kind,
            counterparty=line.counterparty.code if line.counterparty else "",
            **form.values(),
        )
        save_lines(by=request.user, slice_id=slice_.pk, specs=[spec])

    if saved(request, form, save, line="code"):
        return redirect("keep-year", system, year)
    caption = f"{line.partner}, {line.get_kind_display().lower()}, {line.code}, {slice_.year}"
    return form_page(
        request, form, "Change a line", *_ways(slice_), system=slice_.system, caption=caption
    )
