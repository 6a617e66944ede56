"""Where figures come from: a line with every plan and report, and a partner's lines together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from esbt.kit.money import Unit, cell
from finance.charts import (
    capital_words,
    direction_of,
    direction_words,
    forecast_age,
    heading_tables,
)
from finance.models import Line, OutturnRevision, PlanRevision
from finance.models.base import Basis
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.months import calendar_month, month_label
from finance.pages.position import restated_rows
from finance.proof import prove
from finance.queries.headings import KINDS, headings_of
from finance.queries.line_months import line_months
from finance.queries.positions import latest_month, stored_figures
from finance.queries.restated import restated
from finance.rollups import headline_plan
from schemes.models import Change, Evidence, Partner, Slice
from schemes.sources import evidence_row, operator_of

_SENSES = {
    1: "More is favourable",
    -1: "More is adverse",
    0: "Neither more nor less is favourable",
}

SHOWN_PENCE: dict[Unit, int] = {"m": 10_000_000, "k": 100_000, "gbp": 1}


def unit_as_printed(unit_pence: int) -> Unit:
    """The largest unit that shows a figure as finely as it is printed."""
    return next(unit for unit, pence in SHOWN_PENCE.items() if unit_pence >= pence)


def line_page(slice_: Slice, code: str) -> dict[str, Any]:
    """Everything that was planned and reported on a line, newest first. Http404 for none."""
    line = Line.objects.filter(slice=slice_, code=code).select_related("partner").first()
    if line is None:
        raise Http404
    when = {
        change.number: change
        for change in Change.objects.filter(
            Q(number__in=line.outturn_revisions.values("change"))
            | Q(number__in=line.plan_revisions.values("change")),
            slice=slice_,
        ).select_related("actor")
    }
    plans = _plans(slice_, line, when)
    first = calendar_month(slice_, line.first_month)
    last = calendar_month(slice_, line.last_month)
    bases = {plan["basis"] for plan in plans if plan["basis"]}
    return {
        "line": {
            "name": line.name,
            "code": line.code,
            "kind": line.get_kind_display(),
            "partner_name": line.partner.name,
            "sense": _SENSES[line.sense],
            "basis": ", ".join(sorted(bases)),
            "basis_inferred": any(plan["basis"] and plan["working"] for plan in plans),
            "span": f"{first} to {last}",
        },
        "plans": plans,
        "months": _months(slice_, line, when),
        "printed": proof_rows(slice_, line),
    }


def proof_rows(slice_: Slice, line: Line | None = None) -> list[dict[str, Any]]:
    """What is printed about a year, or about one line of it, beside what it computes to."""
    return [
        {
            "name": proof.figure.name,
            "what": proof.figure.get_measure_display(),
            "printed": cell(proof.figure.pence, "gbp"),
            "found": cell(proof.found_pence, "gbp"),
            "outcome": str(proof.outcome),
            "note": proof.note,
            "evidence": evidence_row(proof.figure.evidence),
        }
        for proof in prove(slice_.pk)
        if line is None or proof.figure.line_id == line.pk
    ]


def _plans(slice_: Slice, line: Line, when: dict[int, Change]) -> list[dict[str, Any]]:
    headline = headline_plan(slice_.pk)
    plans: dict[int, dict[str, Any]] = {}
    for revision in (
        PlanRevision.objects.filter(line=line)
        .select_related("plan", "evidence__source")
        .order_by("plan__code", "-change")
    ):
        plan = plans.setdefault(
            revision.plan_id,
            {
                "name": revision.plan.name,
                "headline": revision.plan_id == headline,
                "basis": Basis(revision.basis).label if revision.basis else "",
                "working": bool(revision.evidence and revision.evidence.working),
                "figures": [],
            },
        )
        change = when.get(revision.change)
        shared = {
            "who": _who(slice_, change),
            "when": change.at if change else None,
            "reason": change.reason if change else "",
            "evidence": evidence_row(revision.evidence),
        }
        latest = not plan["figures"]
        plan["figures"].append(
            {"period": "Full year", "cell": cell(revision.full_year_pence, "gbp"), **shared}
        )
        if latest:
            plan["figures"] += [
                {"period": period, "cell": cell(pence, "gbp"), **shared}
                for period, pence in _parts_of_plan(slice_, revision)
            ]
    return list(plans.values())


def _parts_of_plan(slice_: Slice, revision: PlanRevision) -> Iterator[tuple[str, int]]:
    """What a saving's amount is made of, and the profile: in month, or to date where months
    before it are not stated.
    """
    for period, pence in (
        ("Gross saving", revision.gross_pence),
        ("Investment", revision.investment_pence),
        ("Effect in a whole year", revision.full_year_effect_pence),
    ):
        if pence is not None:
            yield period, pence
    before: int | None = 0
    for month, to_date in enumerate(revision.to_date_pence or (), 1):
        if to_date is not None:
            name = calendar_month(slice_, month)
            known = before is not None
            yield (f"in {name}" if known else f"to the end of {name}"), to_date - (before or 0)
        before = to_date


def _months(slice_: Slice, line: Line, when: dict[int, Change]) -> list[dict[str, Any]]:
    published = dict(line.outturns.values_list("month", "published_revision"))
    months: dict[int, dict[str, Any]] = {}
    for revision in (
        OutturnRevision.objects.filter(line=line)
        .select_related("actual_evidence__source", "forecast_evidence__source", "actor")
        .order_by("-month", "-revision")
    ):
        name = month_label(slice_, revision.month)
        month = months.setdefault(
            revision.month,
            {"name": name[0].upper() + name[1:], "open": not months, "revisions": []},
        )
        change = when.get(revision.change)
        month["revisions"].append(
            {
                "revision": revision.revision,
                "change": revision.change,
                "actual": cell(
                    revision.actual_pence, "gbp", marks=_marks(revision.actual_evidence)
                ),
                "forecast": cell(
                    revision.forecast_pence, "gbp", marks=_marks(revision.forecast_evidence)
                ),
                "comment": revision.comment,
                "who": _who(slice_, change),
                "when": change.at if change else None,
                "reason": change.reason if change else "",
                "published": published.get(revision.month) == revision.revision,
                "actual_evidence": evidence_row(revision.actual_evidence),
                "forecast_evidence": evidence_row(revision.forecast_evidence),
            }
        )
    return list(months.values())


def _who(slice_: Slice, change: Change | None) -> str:
    """Who made a change, in words."""
    return str(change.actor) if change and change.actor else operator_of(slice_)


def _marks(evidence: Evidence | None) -> tuple[str, ...]:
    return (evidence.state,) if evidence else ()


def _words(line: Line, variance: int | None, differ: bool) -> str:
    if differ and variance is None:
        return "bases may differ: not compared"
    if line.kind == Kind.CAPITAL and variance is not None:
        return f"{capital_words(variance)}{'; bases may differ' if differ else ''}"
    return (
        direction_words(variance, direction_of(variance), differ, unit="gbp") if line.sense else ""
    )


def _group(line: Line) -> dict[str, str]:
    """How a kind's table heads its variance and the words beside it, if it has any."""
    names = {"kind": str(Kind(line.kind).label), "variance": "Variance"}
    if line.kind == Kind.CAPITAL:
        return names | {"words": "Over or under plan"}
    if line.sense:
        return names | {"words": "Favourable or adverse"}
    return names | {"variance": "More or (less) than planned", "words": ""}


def partner_page(slice_: Slice, code: str, *, state: State, month: int | None) -> dict[str, Any]:
    """A partner's position, its income and spend by heading, and its lines, in a month.

    Left out it is the latest. Each line opens to its source.
    """
    partner = Partner.objects.filter(memberships__system=slice_.system_id, code=code).first()
    if partner is None:
        raise Http404
    if month is None:
        month = latest_month(stored_figures(slice_, state))
    groups: dict[str, dict[str, Any]] = {}
    lines = Line.objects.filter(partner=partner)
    for item in line_months(slice_, lines, state=state, month=month):
        line, variance = item.line, item.variance_pence
        href = reverse("line", args=[slice_.system.code, slice_.year_id, line.code])
        group = groups.setdefault(line.kind, _group(line) | {"lines": []})
        group["lines"].append(
            {
                "name": line.name,
                "href": href,
                "year": cell(item.plan_pence, "gbp"),
                "plan": cell(item.plan_to_date_pence, "gbp"),
                "actual": cell(item.actual_pence, "gbp", href=href),
                "variance": cell(variance, "gbp"),
                "forecast": cell(item.forecast_pence, "gbp"),
                "forecast_age": ""
                if item.forecast_month == month
                else forecast_age(item.forecast_month, None, 0),
                "words": _words(line, variance, item.bases_differ),
                "direction": "none"
                if line.kind == Kind.CAPITAL or not line.sense
                else direction_of(variance),
            }
        )
    kinds = headings_of(slice_, state=state, month=month, kinds=(Kind.POSITION, *KINDS))
    return {
        "partner": partner,
        "tables": heading_tables(kinds.get(partner.pk, [])),
        "state": state,
        "month_label": month_label(slice_, month),
        "groups": list(groups.values()),
        "restated": restated_rows(slice_, restated(slice_, partner=partner)),
    }
