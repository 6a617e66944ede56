"""The versions of a year's plan: side by side, what differs, and how they came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.money import UNIT_LABELS, Cell, cell
from esbt.kit.problems import STATUS, Refused
from esbt.kit.tables import Column, csv_answer, pounds
from finance.models import Plan, PlanFigure
from finance.models.lines import Kind
from finance.queries.plans import (
    Difference,
    Planned,
    PlanSum,
    changes_of,
    plan_differences,
    plan_steps,
    plan_sums,
    plans_of,
    who,
)
from finance.rollups import headline_plan
from finance.services import choose_headline, copy_plan
from finance.views.frame import page_within_finances, problems_of, with_query
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

SHOWN = 200  # differences on the page, the largest; the CSV holds all
STEPS = 30  # changes told on the page
GBP = "pounds in the sense of the line; empty is not stated"

PLAN_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("plan", "string", "code of the version"),
    Column("headline", "boolean", "whether the year is compared with this version"),
    Column("partner", "string", "code of the partner or reporting group"),
    Column("kind", "string", "what the line counts; kinds are never summed together"),
    Column("line", "string", "code of the line"),
    Column("name", "string", "its name"),
    Column("full_year_gbp", "number", GBP),
    *(
        Column(f"to_date_{m}_gbp", "number", f"to the end of month {m}, {GBP}")
        for m in range(1, 13)
    ),
    Column("basis", "string", "what the amount includes, where stated"),
    Column("by", "string", "who recorded the figure; empty: loaded"),
    Column("at", "string", "when (ISO 8601)"),
    Column("reason", "string", "why, where somebody said so"),
    Column("revision", "integer", "number of the change"),
)

DIFFERENCE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("from", "string", "code of the version that is compared"),
    Column("to", "string", "code of the version that it is compared with"),
    Column("partner", "string", "code of the partner or reporting group"),
    Column("kind", "string", "what the line counts"),
    Column("line", "string", "code of the line"),
    Column("name", "string", "its name"),
    Column("before_gbp", "number", GBP),
    Column("after_gbp", "number", GBP),
    Column("difference_gbp", "number", "after less before, where both are stated"),
    Column("months_only", "boolean", "the year is the same, its months are not"),
    Column("by", "string", "who recorded the later figure; empty: loaded"),
    Column("at", "string", "when (ISO 8601)"),
    Column("reason", "string", "why, where somebody said so"),
    Column("revision", "integer", "number of the change"),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plans(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Versions by partner and kind; the administrator makes new ones and chooses the headline."""
    slice_ = visible_slice(request.user, system, year)
    if request.method != "POST":
        return _show(request, slice_)
    require(request.user, Permission.MANAGE_SYSTEM, system=slice_.system)
    code = request.POST.get("plan", "")
    plan = Plan.objects.filter(slice=slice_, code=code).first()
    empty = not code and request.POST.get("act") == "version"
    if plan is None and not empty:
        said = {"text": "Choose a version of the plan.", "href": "#plan"}
        return _show(request, slice_, [said], STATUS["invalid"])
    try:
        said_so = _act(request, slice_, plan)
    except Refused as refused:
        return _show(request, slice_, problems_of(refused), STATUS[refused.code])
    messages.success(request, said_so)
    return redirect("plans", system, year)


def _act(request: PersonRequest, slice_: Slice, plan: Plan | None) -> str:
    """Do what the form asks for; what to say of it. Raises Refused."""
    reason = request.POST.get("reason", "").strip()[:4000]
    if plan and request.POST.get("act") == "headline":
        if choose_headline(by=request.user, slice_id=slice_.pk, plan=plan, reason=reason):
            return f"The year is compared with {plan.name} from now on."
        return f"The year was compared with {plan.name} already."
    name = request.POST.get("name", "").strip()[:120]
    made = copy_plan(
        by=request.user,
        slice_id=slice_.pk,
        plan=plan,
        code=slugify(request.POST.get("code", "") or name)[:60].strip("-"),
        name=name,
        reason=reason,
        headline="compare" in request.POST,
    )
    holds = f"holds the figures of {plan.name}" if plan else "is there, without figures yet"
    if "compare" in request.POST:
        return f"{made.name} {holds}; the year is compared with it from now on."
    return f"{made.name} {holds}; nothing is compared with it yet."


def _show(
    request: PersonRequest,
    slice_: Slice,
    problems: Sequence[dict[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    versions = plans_of(slice_)
    headline = headline_plan(slice_.pk)
    one, other = _chosen(request, versions, headline)
    differences = plan_differences(slice_, one, other) if one and other else []
    here = (slice_.system.code, slice_.year_id)
    may = has_permission(request.user, Permission.MANAGE_SYSTEM, system=slice_.system)
    between = f"from={one.code}&to={other.code}" if one and other else ""
    context = {
        "versions": versions,
        "headline": headline,
        "groups": _groups(plan_sums(slice_), versions, (one, other), here),
        "unit": UNIT_LABELS["k"],
        "sentence": _sentence(versions, headline),
        "one": one,
        "other": other,
        "differences": [_difference_row(item, here) for item in differences[:SHOWN]],
        "more": max(0, len(differences) - SHOWN),
        "steps": plan_steps(slice_, STEPS),
        "grids": _grids(request, slice_, versions),
        "may_manage": may and slice_.status == Slice.Status.OPEN,
        "typed": request.POST,
        "problems": problems,
        "downloads": [
            {"label": "CSV", "href": reverse("plans-csv", args=here)},
            *(
                [
                    {
                        "label": "CSV of differences",
                        "href": with_query(reverse("plan-differences-csv", args=here), between),
                    }
                ]
                if between
                else []
            ),
        ],
    }
    return render(
        request, "finance/plans.html", context | page_within_finances(slice_), status=status
    )


def _grids(request: PersonRequest, slice_: Slice, versions: Sequence[Plan]) -> list[dict[str, Any]]:
    """For each version the pages on which this person types its months, a partner each."""
    if slice_.status != Slice.Status.OPEN:
        return []
    system, here = slice_.system, (slice_.system.code, slice_.year_id)
    own = [
        partner
        for partner in system.partners.filter(lines__slice=slice_).distinct().order_by("name")
        if has_permission(request.user, Permission.REPROFILE, system=system, partner=partner)
    ]
    return [
        {
            "plan": plan,
            "partners": [
                {
                    "name": partner.name,
                    "href": f"{reverse('year-grid', args=[*here, partner.code, 'plan'])}"
                    f"?plan={plan.code}",
                }
                for partner in own
            ],
        }
        for plan in versions
        if own
    ]


def _chosen(
    request: PersonRequest, versions: Sequence[Plan], headline: int | None
) -> tuple[Plan | None, Plan | None]:
    """The two versions to hold against each other: the address's, else the headline and the last
    other one. Http404 for what is no version.
    """
    by_code = {plan.code: plan for plan in versions}
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    if any(code and code not in by_code for code in asked):
        raise Http404
    first, last = (by_code.get(code) for code in asked)
    first = first or next((plan for plan in versions if plan.pk == headline), None)
    first = first or (versions[0] if versions else None)
    others = [plan for plan in versions if plan != first]
    return first, last or (others[-1] if others else None)


def _groups(
    sums: Sequence[PlanSum],
    versions: Sequence[Plan],
    pair: tuple[Plan | None, Plan | None],
    here: tuple[str, str],
) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in sums:
        groups.setdefault(str(Kind(item.kind).label), []).append(
            {
                "name": item.partner.name if item.partner else "Total",
                "total": item.partner is None,
                "derived": item.derived and item.partner is not None,
                "href": reverse("partner", args=[*here, item.partner.code]) if item.partner else "",
                "cells": [_cell(item, plan) for plan in versions],
                "difference": _difference(item, *pair),
            }
        )
    return groups


def _difference(item: PlanSum, one: Plan | None, other: Plan | None) -> Cell:
    """From the one version to the other, where both plan the same number of lines."""
    before, after = (item.planned.get(plan.pk if plan else 0, Planned()) for plan in (one, other))
    if before.pence is None or after.pence is None or before.lines != after.lines:
        return Cell("")
    return cell(after.pence - before.pence, "k")


def _cell(item: PlanSum, plan: Plan) -> dict[str, Any]:
    found = item.planned.get(plan.pk, Planned())
    partly = 0 < found.lines < item.lines
    return {
        "cell": cell(found.pence, "k"),
        "partly": f"{found.lines} of {item.lines} lines" if partly else "",
    }


def _sentence(versions: Sequence[Plan], headline: int | None) -> str:
    if not versions:
        return "No plan is stated for this year yet, so nothing is compared with one."
    chosen = next((plan.name for plan in versions if plan.pk == headline), "")
    many = len(versions)
    said = f"{many} version{'' if many == 1 else 's'} of the plan"
    if not chosen:
        return f"{said}; the year is compared with none of them yet."
    return f"{said}; the year is compared with {chosen}."


def _difference_row(item: Difference, here: tuple[str, str]) -> dict[str, Any]:
    difference = item.difference_pence
    return {
        "item": item,
        "href": reverse("line", args=[*here, item.line.code]),
        "kind": item.line.get_kind_display(),
        "before": cell(item.before_pence, "gbp"),
        "after": cell(item.after_pence, "gbp"),
        "difference": Cell("") if difference is None else cell(difference, "gbp"),
    }


@login_required
@require_GET
def plans_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Every figure of every version as CSV."""
    slice_ = visible_slice(request.user, system, year)
    return csv_answer(PLAN_COLUMNS, _figures(slice_), f"{system}-{year}-plans")


def _figures(slice_: Slice) -> Iterator[Sequence[Any]]:
    headline = headline_plan(slice_.pk)
    figures = list(
        PlanFigure.objects.filter(plan__slice=slice_)
        .select_related("plan", "line__partner")
        .order_by("plan__code", "line__code")
    )
    made = changes_of(slice_, list({figure.change for figure in figures}))
    for figure in figures:
        change = made.get(figure.change)
        yield (
            slice_.system.code,
            slice_.year_id,
            figure.plan.code,
            str(figure.plan_id == headline).lower(),
            figure.line.partner.code,
            figure.line.kind,
            figure.line.code,
            figure.line.name,
            pounds(figure.full_year_pence),
            *map(pounds, figure.to_date_pence or [None] * 12),
            figure.basis,
            who(change),
            change.at.isoformat() if change else "",
            change.reason if change else "",
            figure.change,
        )


@login_required
@require_GET
def plan_differences_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """Line by line what differs between two versions, as CSV."""
    slice_ = visible_slice(request.user, system, year)
    one, other = _chosen(request, plans_of(slice_), headline_plan(slice_.pk))
    rows = _difference_rows(slice_, one, other) if one and other else ()
    return csv_answer(DIFFERENCE_COLUMNS, rows, f"{system}-{year}-plan-differences")


def _difference_rows(slice_: Slice, one: Plan, other: Plan) -> Iterator[Sequence[Any]]:
    for item in plan_differences(slice_, one, other):
        yield (
            slice_.system.code,
            slice_.year_id,
            one.code,
            other.code,
            item.line.partner.code,
            item.line.kind,
            item.line.code,
            item.line.name,
            pounds(item.before_pence),
            pounds(item.after_pence),
            pounds(item.difference_pence),
            str(item.months_only).lower(),
            item.who,
            item.when.isoformat() if item.when else "",
            item.reason,
            item.change,
        )
