"""A fund's plan by tabs: its money and programmes, metrics, conditions, risks, and what it assumes
of hospitals; and its downloads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from esbt.downloads.fund_plans import SCHEMAS, plan_rows
from esbt.forms.base import Day
from esbt.forms.funds import WhatIfForm
from esbt.kit.tables import csv_answer, table_schema
from esbt.kit.when import when_words
from esbt.pages import fund_plans as joined
from esbt.pages.fund_tabs import acute_context, heading_table, phase_rows, year_rows
from esbt.views.agreements import crumbs, keeps
from esbt.views.fund_workbook import may_fill_in
from schemes.audit.history import histories_of, names_of
from schemes.funds.conditions import condition_row, condition_words, conditions_of
from schemes.funds.plans import (
    agreements_for,
    fund_plan_of,
    plan_signatures,
    plan_words,
    version_rows,
    years_of,
)
from schemes.governance.signatures import sign_off_row
from schemes.models import FundPlan
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.sources import evidence_row


class AsOfForm(forms.Form):
    """The day on which steps are held against their dates."""

    as_of = Day("As of")


@login_required
@require_GET
def fund_plan(request: PersonRequest, system: str, code: str, tab: str = "") -> HttpResponse:
    """A tab of a plan."""
    found = visible_system(request.user, system)
    plan = fund_plan_of(found, code)
    if tab not in _TABS:
        raise Http404
    template, more = _TABS[tab]
    here = [system, code]
    context = {
        "system": found,
        "plan": plan,
        "years": years_of(plan),
        "final": plan_signatures(plan).final,
        "final_words": plan_words(plan),
        "keeps": keeps(request, found),
        "workbooks": _workbooks(request, plan),
        "title": joined.TABS[tab],
        "tabs": [
            {
                "label": label,
                "current": name == tab,
                "href": reverse("fund-plan-tab", args=[*here, name])
                if name
                else reverse("fund-plan", args=here),
            }
            for name, label in joined.TABS.items()
        ],
        "crumbs": crumbs(found),
    }
    return render(request, template, context | more(request, plan))


def _workbooks(request: PersonRequest, plan: FundPlan) -> list[dict[str, str]]:
    """The workbooks of the plan's years, for whoever may fill them in."""
    if not may_fill_in(request.user, plan.system):
        return []
    years = plan.system.slices.filter(year__gte=plan.first_year_id, year__lte=plan.last_year_id)
    return [
        {
            "label": f"Workbook of {slice_.year}",
            "href": reverse("fund-workbook", args=[plan.system.code, slice_.year_id, plan.code]),
        }
        for slice_ in years.select_related("year").order_by("year")
    ]


def _csv(plan: FundPlan, name: str, label: str = "CSV") -> list[dict[str, str]]:
    href = reverse("fund-plan-csv", args=[plan.system.code, plan.code, name])
    return [{"label": label, "href": href}]


def _plan(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    headings = joined.headings_of(plan)
    money = joined.money_of(plan, headings)
    year = joined.year_to_show(plan)
    place = [plan.system.code, year, plan.pool.code] if plan.pool and year else []
    return {
        "districts": plan.districts,
        "pool_href": reverse("pool", args=place) if place else "",
        "agreements": agreements_for(plan),
        "versions": version_rows(plan.fundversions.all()),
        "money_years": year_rows(money),
        "warnings": money.warnings,
        "headings": heading_table(money),
        "spending": [money.years[place] for place in money.spending],
        "money": money,
        "phases": phase_rows(joined.programmes_of(plan)),
        "evidence": evidence_row(plan.evidence),
        "downloads": [*_csv(plan, "headings"), *_csv(plan, "programmes", "Programmes as CSV")],
    }


def _metrics(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    aims = joined.aims_of(plan)
    return {
        "aims": aims,
        "aim_words": joined.aim_words(aims),
        "metrics": joined.metrics_of(plan),
        "downloads": [*_csv(plan, "metrics"), *_csv(plan, "aims", "Aims as CSV")],
    }


def _conditions(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    form = AsOfForm(request.GET or None)
    asked = form.cleaned_data["as_of"] if form.is_valid() else None
    on = asked or timezone.localdate()
    found = conditions_of(plan, on)
    return {
        "form": form,
        "on": on,
        "asked": asked,
        "on_words": when_words(on.isoformat()),
        "sentence": condition_words(found),
        "conditions": [condition_row(item) for item in found],
        "sign_offs": [sign_off_row(item) for item in plan.sign_offs.all()],
        "downloads": [
            {
                "label": "CSV",
                "href": _csv(plan, "conditions")[0]["href"] + (f"?as_of={on}" if asked else ""),
            }
        ],
    }


def _risks(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    risks = joined.risks_of_plan(plan)
    year = joined.year_to_show(plan)
    return {
        "counts": joined.risk_counts(risks),
        "rows": joined.risk_rows_of(plan, risks, year),
        "register_href": reverse("forecast", args=[plan.system.code, year]) if year else "",
        "downloads": _csv(plan, "risks"),
    }


def _acute(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    assumptions = list(plan.acuteassumptions.select_related("provider", "evidence__source"))
    return acute_context(WhatIfForm(assumptions, request.GET or None), assumptions)


def _history(request: PersonRequest, plan: FundPlan) -> dict[str, Any]:
    versions = Q(table="fundplan", row=plan.pk)
    for table in ("fundversion", "fundheading", "programme", "aim", "nationalcondition",
                  "acuteassumption", "signoff"):  # fmt: skip
        versions |= Q(table=table, values__plan_id=plan.pk)
    conditions = list(plan.nationalconditions.values_list("pk", flat=True))
    versions |= Q(table="conditionstep", values__condition_id__in=conditions)
    return {"steps": histories_of(versions, names_of(plan.system))}


Tab = tuple[str, Callable[[PersonRequest, FundPlan], dict[str, Any]]]
_TABS: dict[str, Tab] = {
    "": ("esbt/fund_plan.html", _plan),
    "metrics": ("esbt/fund_metrics.html", _metrics),
    "conditions": ("esbt/fund_conditions.html", _conditions),
    "risks": ("esbt/fund_risks.html", _risks),
    "acute": ("esbt/fund_acute.html", _acute),
    "history": ("esbt/fund_history.html", _history),
}


@login_required
@require_GET
def fund_plan_csv(request: PersonRequest, system: str, code: str, name: str) -> HttpResponse:
    """One of the tables of a plan, such as its headings or its aims, as CSV."""
    plan = fund_plan_of(visible_system(request.user, system), code)
    if name not in SCHEMAS:
        raise Http404
    on = _day(request.GET.get("as_of", ""))
    return csv_answer(SCHEMAS[name], plan_rows(plan, name, on), f"{system}-{code}-{name}")


def _day(text: str) -> date:
    """The day that an address asks for, else today; Http404 for what is none."""
    if not text:
        return timezone.localdate()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a plan's download."""
    if name not in SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(SCHEMAS[name]))
