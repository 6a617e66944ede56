"""Delivery: the ways to all that is followed, and action plans with their actions as of a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from esbt.kit.tables import csv_records, table_schema
from esbt.kit.when import when_words
from esbt.pages.assured import Statement, by_area, extent_of, metric_href, statements_of
from esbt.pages.calendar import CALENDAR_COLUMNS
from esbt.pages.delivery_ways import delivery_ways
from esbt.pages.reduction import PLAN_COLUMNS, QUESTION_COLUMNS
from finance.pages.risk_register import REGISTER_COLUMNS
from schemes.audit.history import Step, histories_of
from schemes.delivery import actions
from schemes.delivery.actions import ACTION_COLUMNS, ActionRow, ActionWish
from schemes.delivery.milestones import MILESTONE_COLUMNS, STREAM_COLUMNS
from schemes.delivery.wishes import Wish
from schemes.models import ActionPlan, System
from schemes.pages.partners import PARTNER_COLUMNS
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system, visible_years
from schemes.sources import evidence_row, mark_of

PART = "X-Part"  # a request with this header wants the list alone, to put it in place of the old
PAGE = 200  # rows on a page
SCHEMAS = {
    "actions": ACTION_COLUMNS,
    "milestones": MILESTONE_COLUMNS,
    "workstreams": STREAM_COLUMNS,
    "partners": PARTNER_COLUMNS,
    "calendar": CALENDAR_COLUMNS,
    "reduction-plans": PLAN_COLUMNS,
    "questions": QUESTION_COLUMNS,
    "risks": REGISTER_COLUMNS,
}


@dataclass(frozen=True)
class AsOf:
    """The day by which things are due, and what is wrong with the one that was asked for."""

    day: date
    asked: str = ""  # as the address has it; "" is today
    fault: str = ""

    @property
    def words(self) -> str:
        """The day in words."""
        return f"{self.day.day} {self.day:%B %Y}"

    @property
    def query(self) -> str:
        """What other addresses keep of it."""
        return urlencode({"as_of": self.asked}) if self.asked else ""


def chosen_as_of(request: HttpRequest) -> AsOf:
    """The day that the address asks for, today where it asks for none."""
    text = request.GET.get("as_of", "").strip()
    try:
        return AsOf(date.fromisoformat(text), text)
    except ValueError:
        said = f"“{text[:40]}” is not a day. Write it as 2018-08-01. This is how it stands today."
        return AsOf(timezone.localdate(), fault=said if text else "")


def crumbs(system: System, *more: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page of delivery."""
    ways = [("Overview", reverse("home")), ("Delivery", reverse("delivery", args=[system.code]))]
    return [{"label": label, "href": href} for label, href in (*ways, *more)]


def listing(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A page with filters, or with the header X-Part the part of it that they change."""
    template = f"delivery/_{name}_part.html" if PART in request.headers else f"delivery/{name}.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, [PART])
    return answer


def filters_of(
    labels: dict[str, str], wish: Wish, options: dict[str, list[tuple[str, str]]]
) -> list[dict[str, Any]]:
    """The lists of a form of filters: those that offer something."""
    return [
        {"name": name, "label": label, "options": options[name], "value": getattr(wish, name)}
        for name, label in labels.items()
        if options[name]
    ]


def joined(*queries: str) -> str:
    """Parts of an address's query as one."""
    return "&".join(filter(None, queries))


def cut(request: HttpRequest, rows: Sequence[Any]) -> Any:
    """The page of a list that the address asks for."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


@login_required
@require_GET
def delivery(request: PersonRequest, system: str) -> HttpResponse:
    """What is followed in a system, each with how it stands today."""
    found = visible_system(request.user, system)
    years = visible_years(request.user, found)
    return render(
        request,
        "delivery/delivery.html",
        {
            "system": found,
            "ways": delivery_ways(found, years, chosen_as_of(request).day),
            "crumbs": crumbs(found)[:1],
        },
    )


@login_required
@require_GET
def action_plans(request: PersonRequest, system: str) -> HttpResponse:
    """The action plans of a system, and how the actions of each stand as of a date."""
    found = visible_system(request.user, system)
    as_of = chosen_as_of(request)
    own: dict[int, list[ActionRow]] = {}
    rows = actions.action_rows(found, as_of.day)
    for row in rows:
        own.setdefault(row.action.area.plan_id, []).append(row)
    plans = found.action_plans.select_related("body")
    return render(
        request,
        "delivery/action_plans.html",
        {
            "system": found,
            "as_of": as_of,
            "sentence": actions.sentence(actions.counts_of(rows), as_of.day),
            "rows": [
                {
                    "plan": plan,
                    "href": _plan_href(found, plan, as_of.query),
                    "counts": actions.counts_of(own.get(plan.pk, ())),
                }
                for plan in plans
            ],
            "keeps": has_permission(request.user, Permission.KEEP_DELIVERY, system=found),
            "downloads": [_csv(found, as_of.query)],
            "crumbs": crumbs(found),
        },
    )


def _plan_href(system: System, plan: ActionPlan, query: str) -> str:
    href = reverse("action-plan", args=[system.code, plan.code])
    return f"{href}?{query}" if query else href


def _csv(system: System, query: str) -> dict[str, str]:
    href = reverse("actions-csv", args=[system.code])
    return {"label": "CSV", "href": f"{href}?{query}" if query else href}


_FILTERS = {
    "area": "Area",
    "owner": "Owner",
    "body": "Reported to",
    "status": "Status",
    "flag": "Only those",
}


@login_required
@require_GET
def action_plan(request: PersonRequest, system: str, plan: str) -> HttpResponse:
    """A plan: its areas with their assurance and actions; with the header X-Part the list alone."""
    found = visible_system(request.user, system)
    this = get_object_or_404(
        ActionPlan.objects.select_related("body", "evidence__source"), system=found, code=plan
    )
    as_of = chosen_as_of(request)
    wish = ActionWish.read(request.GET)
    rows = [
        row for row in actions.action_rows(found, as_of.day) if row.action.area.plan_id == this.pk
    ]
    shown = [row for row in rows if wish.takes(row)]
    counts = actions.counts_of(shown)
    page = cut(request, shown)
    query = joined(wish.query, as_of.query)
    said = by_area(statements_of(found, as_of.day, area__plan=this))
    areas = (
        this.areas.all()
        if not wish.query
        else this.areas.filter(pk__in={row.action.area_id for row in shown})
    )
    context = {
        "system": found,
        "plan": this,
        "agreed": when_words(this.agreed) if this.agreed else "",
        "dated": when_words(this.dated) if this.dated else "",
        "later": actions.stands_later(this, as_of.day),
        "support_ends": when_words(this.support_ends) if this.support_ends else "",
        "ends_mark": mark_of(this.evidence),
        "evidence": evidence_row(this.evidence),
        "after_support": actions.after_support(this, rows),
        "as_of": as_of,
        "wish": wish,
        "filters": filters_of(_FILTERS, wish, actions.choices(rows)),
        "clear": _plan_href(found, this, as_of.query),
        "sentence": actions.sentence(counts, as_of.day),
        "counts": counts,
        "total": len(rows),
        "areas": _areas(found, list(areas), page, said, as_of),
        "keeps": has_permission(request.user, Permission.KEEP_DELIVERY, system=found),
        "steps": () if PART in request.headers else _plan_steps(this),
        "page": page,
        "query": query,
        "tallies": [
            {"label": label, "name": name, "rows": actions.tally(shown, name)}
            for name, label in (("owner", "By owner"), ("body", "By body that they report to"))
        ],
        "as_of_query": as_of.query,
        "downloads": [_csv(found, joined(urlencode({"plan": plan}), query))],
        "crumbs": crumbs(found, ("Action plans", reverse("action-plans", args=[system]))),
    }
    return listing(request, "action_plan", context)


def _plan_steps(plan: ActionPlan) -> list[Step]:
    """What was changed about a plan and its areas, the newest first."""
    areas = list(plan.areas.values_list("pk", flat=True))
    own = Q(table="actionplan", row=plan.pk) | Q(table="actionarea", row__in=areas)
    bodies = dict(plan.system.bodies.values_list("pk", "name"))
    return histories_of(own, {"body_id": bodies})


def _areas(
    system: System,
    areas: Sequence[Any],
    page: Any,
    said: Any,
    as_of: AsOf,
) -> list[dict[str, Any]]:
    """The areas of a page, each with its counts, its statements and its actions."""
    own: dict[int, list[ActionRow]] = {}
    for row in page:
        own.setdefault(row.action.area_id, []).append(row)
    return [
        {
            "area": area,
            "counts": actions.counts_of(own.get(area.pk, ())),
            "rows": [
                {
                    "row": row,
                    "href": action_href(system, row.action, as_of.query),
                    "see": ways(system, row.see, as_of.query),
                    "blocked_by": ways(system, row.blocked_by, as_of.query),
                }
                for row in own.get(area.pk, ())
            ],
            "extent": extent_of(said.get(area.pk, ())),
            "statements": statement_rows(system, said.get(area.pk, ())),
        }
        for area in areas
        if area.pk in own or not page.has_other_pages()
    ]


def action_href(system: System, action: Any, query: str = "") -> str:
    """The page of an action."""
    href = reverse("action", args=[system.code, action.area.plan.code, action.code])
    return f"{href}?{query}" if query else href


def ways(system: System, found: Sequence[Any], query: str = "") -> list[dict[str, Any]]:
    """Actions as links: {action, due, href}."""
    return [
        {
            "action": action,
            "due": actions.due_of(action),
            "href": action_href(system, action, query),
        }
        for action in found
    ]


def statement_rows(system: System, found: Sequence[Statement]) -> list[dict[str, Any]]:
    """Statements with the ways to their metrics and to the form that changes them."""
    return [
        {
            "statement": item,
            "metric_href": metric_href(item, system),
            "change_href": reverse(
                "change-assurance",
                args=[
                    system.code,
                    item.assurance.area.plan.code,
                    item.assurance.area.code,
                    item.assurance.code,
                ],
            ),
            "remove_href": reverse(
                "remove-assurance",
                args=[
                    system.code,
                    item.assurance.area.plan.code,
                    item.assurance.area.code,
                    item.assurance.code,
                ],
            ),
        }
        for item in found
    ]


@login_required
@require_GET
def actions_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The actions that the filters leave as CSV, of all plans or of the one that is named."""
    found = visible_system(request.user, system)
    as_of, wish = chosen_as_of(request), ActionWish.read(request.GET)
    plan = request.GET.get("plan", "")
    rows = (
        row
        for row in actions.action_rows(found, as_of.day)
        if wish.takes(row) and plan in ("", row.action.area.plan.code)
    )
    return csv_records(ACTION_COLUMNS, map(actions.action_record, rows), f"{system}-actions")


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a download."""
    if name not in SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(SCHEMAS[name]))
