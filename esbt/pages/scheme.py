"""A scheme with its savings, its delivery and the outcomes that it should move: one tab each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse

from esbt.kit.money import UNIT_LABELS, Unit, cell
from esbt.kit.when import when_words
from esbt.pages.money_outcomes import cards
from esbt.pages.ratings import months_to_rate, rating_steps, ratings_of
from finance import charts
from finance.figures import judging
from finance.figures.savings import SavingsBook, SchemeRow
from finance.models.judgements import Rag
from finance.models.lines import SavingType
from finance.models.rollups import State
from finance.pages.forecast import risk_row
from finance.pages.savings import target_row
from finance.pages.sources import evidence_row
from finance.queries.risks import risks_of
from finance.queries.scheme import scheme_lines, scheme_months, scheme_plans, scheme_years
from finance.rollups import headline_plan
from finance.services.judgements import may_rate
from outcomes.services import may_keep
from schemes.audit.history import history_of
from schemes.models import ActivityCount, Characteristic, Partner, Scheme, Slice, Theme, User
from schemes.queries import visible_slices

TABS = {
    "overview": "Overview",
    "savings": "Savings",
    "delivery": "Delivery",
    "outcomes": "Outcomes",
    "history": "History",
}


def scheme_of(slice_: Slice, code: str) -> Scheme:
    """A scheme of the system, with what its page names; Http404 for none."""
    scheme = (
        Scheme.objects.filter(system=slice_.system_id, code=code)
        .select_related("system", "theme", "parent", "lead_partner", "evidence__source")
        .first()
    )
    if scheme is None:
        raise Http404
    return scheme


def scheme_page(
    user: User, slice_: Slice, scheme: Scheme, book: SavingsBook, *, tab: str
) -> dict[str, Any]:
    """What every tab shows, and the tab itself."""
    rows = [*book.rows, *book.investments]
    row = next((item for item in rows if item.code == scheme.code), None)
    if row is None:
        raise Http404  # added since the figures were computed; the page is there in a moment
    here = (slice_.system.code, slice_.year_id)
    return {
        "scheme": scheme,
        "row": row,
        "book": book,
        "tab": tab,
        "tabs": [
            {
                "label": label,
                "href": reverse("scheme", args=[*here, scheme.code])
                if name == "overview"
                else reverse("scheme-tab", args=[*here, scheme.code, name]),
                "current": name == tab,
            }
            for name, label in TABS.items()
        ],
        "sentence": charts.scheme_sentence(row, book),
        "status": str(Rag(row.judged.status).label) if row.judged.status else "",
        "rating": str(Rag(row.rating).label) if row.rating else "",
        "investment": scheme.kind == Scheme.Kind.INVESTMENT,
        "claims_words": judging.scheme_claims_words(
            book,
            {scheme.code, *(item.code for item in book.rows if item.parent == scheme.code)},
        ),
        **_BUILD[tab](user, slice_, scheme, row, book),
    }


def _overview(
    user: User, slice_: Slice, scheme: Scheme, row: SchemeRow, book: SavingsBook
) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    parts = [item for item in book.rows if item.parent == scheme.code]
    marks = list(scheme.equality_marks.select_related("evidence__source"))
    return {
        "texts": [
            (label, text)
            for label, text in (
                ("Purpose", scheme.purpose),
                ("Proposal", scheme.proposal),
                ("Key outcomes", scheme.key_outcomes),
            )
            if text
        ],
        "facts": [
            ("Theme", row.theme_name),
            ("Lead partner", row.lead_name),
            ("Responsible role", scheme.lead_role),
            ("Stage", scheme.get_stage_display() if scheme.stage else ""),
            ("Starts", when_words(scheme.starts) if scheme.starts else ""),
            ("Ends", when_words(scheme.ends) if scheme.ends else ""),
        ],
        "gross_budget": cell(row.gross_budget_pence, "k"),
        "parts": [
            {"name": item.name, "href": reverse("scheme", args=[*here, item.code])}
            for item in parts
        ],
        "parent_href": reverse("scheme", args=[*here, scheme.parent.code]) if scheme.parent else "",
        "approval": getattr(scheme, "approval", None),
        "approved_on": when_words(scheme.approval.approved_on)
        if hasattr(scheme, "approval")
        else "",
        "assessments": [
            {
                "kind": item.get_kind_display(),
                "state": item.get_state_display(),
                "signed": f"{item.signed_by}, {when_words(item.signed_on)}"
                if item.signed_by
                else "",
                "note": item.note,
            }
            for item in scheme.assessments.all()
        ],
        "marks": [
            {
                "characteristic": item.get_characteristic_display(),
                "whole": item.characteristic == Characteristic.ALL,
                "mark": item.get_mark_display(),
                "raw": item.raw,
                "evidence": evidence_row(item.evidence),
            }
            for item in marks
        ],
        "evidence": evidence_row(scheme.evidence),
    }


def _savings(
    user: User, slice_: Slice, scheme: Scheme, row: SchemeRow, book: SavingsBook
) -> dict[str, Any]:
    here = (slice_.system.code, slice_.year_id)
    state = State(book.state)
    unit: Unit = "k"
    months = charts.points_of(scheme_months(slice_, scheme, state))
    period = f"{scheme.name}, {slice_.year}"
    plan_id = headline_plan(slice_.pk)
    own = [item for item in visible_slices(user) if item.system_id == slice_.system_id]
    needed = judging.needed_rate(row.figures, book.month)
    return {
        "headlines": charts.scheme_headlines(row, book, unit),
        "months": charts.months(months, period=period, position=False),
        "months_wide": (3,),  # a telephone shows plan and actual to date
        "months_table": charts.months_table(
            months, unit=unit, caption=f"Savings by month, in {UNIT_LABELS[unit]}"
        ),
        "lines": [
            _line(item, here)
            for item in scheme_lines(slice_, scheme, plan_id=plan_id, month=book.month, state=state)
        ],
        "targets": [
            target_row(item, unit, here) for item in book.targets if item.scheme == row.code
        ],
        "years": [
            {
                "label": item.year.replace("-", "/"),
                "href": reverse("scheme-tab", args=[here[0], item.year, scheme.code, "savings"]),
                "plan": cell(item.plan_pence, "k"),
                "actual": cell(item.actual_pence, "k"),
                "forecast": cell(item.forecast_pence, "k"),
            }
            for item in scheme_years(own, scheme, state)
        ],
        "plans": [
            {
                "line": item["line_name"],
                "plan": item["plan_name"],
                "amount": cell(item["full_year_pence"], "k"),
                "reason": item["reason"],
            }
            for item in (scheme_plans(slice_, scheme) if row.replanned else [])
        ],
        "run_rate": cell(judging.run_rate(row.figures, book.month), unit),
        "needed": needed,
        "unit": unit,
    }


def _line(item: Mapping[str, Any], here: tuple[str, str]) -> dict[str, Any]:
    marks = (item["evidence"],) if item["evidence"] else ()
    href = reverse("line", args=[*here, item["code"]])
    recurrent = {True: "recurrent", False: "non-recurrent", None: ""}[item["recurrent"]]
    return {
        "name": item["name"],
        "href": href,
        "partner": item["partner_name"],
        "counterparty": item["counterparty_name"] or "",
        "scheme": item["scheme_name"],
        "what": ", ".join(
            filter(
                None,
                [
                    str(SavingType(item["saving_type"]).label) if item["saving_type"] else "",
                    recurrent,
                ],
            )
        ),
        "baseline": item["baseline"],
        "plan": cell(item["plan"], "k", marks=marks, note=item["working"] or "", href=href),
        "gross": cell(item["gross"], "k"),
        "investment": cell(item["investment"], "k"),
        "effect": cell(item["effect"], "k"),
        "actual": cell(item["actual"], "k", href=href),
        "forecast": cell(item["forecast"], "k", href=href),
        "comment": item["comment"] or "",
    }


def _delivery(
    user: User, slice_: Slice, scheme: Scheme, row: SchemeRow, book: SavingsBook
) -> dict[str, Any]:
    months = months_to_rate(slice_, book.month)
    may = bool(months) and slice_.status == Slice.Status.OPEN and may_rate(user, scheme, slice_.pk)
    here = (slice_.system.code, slice_.year_id)
    return {
        "risks": [
            risk_row(slice_, item, "k") for item in risks_of(slice_) if item.scheme == scheme.code
        ],
        "register_href": f"{reverse('forecast', args=here)}#risks",
        "counts": [count_row(item) for item in scheme.activity_counts.select_related("evidence")],
        "dependencies": [
            {
                "needs": item.needs,
                "whom": item.partner or item.on_scheme or "",
                "state": {True: "met", False: "not met", None: ""}[item.met],
                "met": item.met,
                "due": when_words(item.due) if item.due else "",
                "note": item.note,
            }
            for item in sorted(
                scheme.dependencies.select_related("partner", "on_scheme"),
                key=lambda item: (item.met is not False, item.met is True, item.code),
            )
        ],
        "evaluations": [
            {
                "item": item,
                "evaluated": when_words(item.evaluated) if item.evaluated else "",
                "next_review": when_words(item.next_review) if item.next_review else "",
                "evidence": evidence_row(item.evidence),
            }
            for item in scheme.evaluations.select_related("evidence__source")
        ],
        "ratings": ratings_of(scheme, [slice_]),
        "may_rate": may,
        "rags": [(str(item), str(item.label)) for item in Rag],
        "rating_months": months,
    }


def count_row(item: ActivityCount) -> dict[str, Any]:
    """A count with what follows from it: the share reached, the cost of all and what is left."""
    share = None
    if item.reached is not None:
        if item.base:
            share = (item.reached * 100 / item.base, f"of {_number(item.base)}")
        elif item.promised:
            share = (item.reached * 100 / item.promised, "of what was promised")
    cost = None
    if item.unit_cost_pence is not None and item.promised is not None:
        cost = int(item.unit_cost_pence * item.promised)
    left = None
    if cost is not None and item.budget_pence is not None:
        left = item.budget_pence - cost
    return {
        "item": item,
        "promised": _hedged(item.promised, item.promised_hedge),
        "promised_by": when_words(item.promised_by) if item.promised_by else "",
        "reached": _hedged(item.reached, item.reached_hedge),
        "reached_at": when_words(item.reached_at) if item.reached_at else "",
        "share": f"{share[0]:.0f}% {share[1]}" if share else "",
        "unit_cost": cell(item.unit_cost_pence, "gbp"),
        "cost": cell(cost, "gbp", marks=("derived",), note="Cost of one, times what is promised."),
        "budget": cell(item.budget_pence, "gbp"),
        "left": cell(left, "gbp", marks=("derived",), note="The budget less that cost."),
        "evidence": item.evidence,
    }


def _number(value: Decimal) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _hedged(value: Decimal | None, hedge: str) -> str:
    return "" if value is None else f"{hedge} {_number(value)}".strip()


def _outcomes(
    user: User, slice_: Slice, scheme: Scheme, row: SchemeRow, book: SavingsBook
) -> dict[str, Any]:
    return {
        "intended": [
            {"name": item.name, "evidence": evidence_row(item.evidence)}
            for item in scheme.intended_outcomes.select_related("evidence__source")
        ],
        **cards(slice_, scheme, row),
        "keeps": may_keep(user, slice_.system),
    }


def _history(
    user: User, slice_: Slice, scheme: Scheme, row: SchemeRow, book: SavingsBook
) -> dict[str, Any]:
    names: dict[str, Mapping[int, str]] = {
        "theme_id": dict(Theme.objects.filter(system=slice_.system_id).values_list("pk", "name")),
        "parent_id": dict(Scheme.objects.filter(system=slice_.system_id).values_list("pk", "name")),
        "lead_partner_id": dict(Partner.objects.values_list("pk", "short_name")),
    }
    own = [item for item in visible_slices(user) if item.system_id == slice_.system_id]
    steps = [*history_of(scheme, names), *rating_steps(ratings_of(scheme, own))]
    return {"steps": sorted(steps, key=lambda step: step.at, reverse=True)}


_BUILD: dict[str, Callable[[User, Slice, Scheme, SchemeRow, SavingsBook], dict[str, Any]]] = {
    "overview": _overview,
    "savings": _savings,
    "delivery": _delivery,
    "outcomes": _outcomes,
    "history": _history,
}
