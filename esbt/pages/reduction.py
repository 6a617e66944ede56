"""What the pages, downloads and API of reduction plans and of the four questions show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from esbt.kit.money import Unit, cell
from esbt.kit.tables import Column, pounds
from finance.figures.assurance import Asked, Evidence, Verdict
from finance.figures.reduction import ReductionBook, ReductionPlan, of_words
from finance.figures.savings import Judged, SavingFigures
from finance.models.rollups import State
from finance.months import calendar_month
from finance.pages.questions import evidence_of
from finance.queries.forecast import risk_position
from finance.queries.reduction import (
    Answer,
    Hanging,
    hanging_on,
    position_month,
    reduction_book,
)
from finance.queries.risks import open_in
from finance.services import SignedOver
from schemes.models import Slice
from schemes.people.roles import PERMISSIONS, Permission

UNIT: Unit = "k"
_SAVED = "pounds of spend taken away; empty is not stated"

PLAN_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the figures; 1 is April; empty: nothing reported"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("plan", "string", "code of the plan's line, or total"),
    Column("name", "string", "its name"),
    Column("partner", "string", "code of the partner whose it is"),
    Column("target_gbp", "number", f"for the year, {_SAVED}"),
    Column("planned_gbp", "number", f"planned to date, of the total those compared, {_SAVED}"),
    Column("achieved_gbp", "number", f"to date, {_SAVED}"),
    Column("variance_gbp", "number", "achieved less planned, favourable-positive"),
    Column("forecast_gbp", "number", f"for the year, {_SAVED}"),
    Column("forecast_variance_gbp", "number", "forecast less target, favourable-positive"),
    Column("run_rate_gbp", "number", "the year if every month were as those so far, extrapolated"),
    Column("status", "string", "green, amber or red by the rule; empty: cannot be said"),
    Column("reason", "string", "why, in words"),
    Column("effects_understood", "integer", "partners that understood what it does to them"),
    Column("effects", "integer", "partners of which an effect is stated"),
    Column("risks", "integer", "risks of the register that endanger it"),
    Column("urgent_open", "integer", "urgent actions still to be done"),
    Column("urgent_overdue", "integer", "of them overdue as of the day"),
    Column("plans", "integer", "of the total: how many plans there are"),
    Column("plans_reported", "integer", "of the total: how many reported the month"),
    Column("plans_forecast", "integer", "of the total: how many have a forecast"),
    Column("plans_rated", "integer", "of the total: how many have a rating"),
)

QUESTION_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the figures; 1 is April; empty: nothing reported"),
    Column("as_of", "date", "the day by which reviews and actions are overdue"),
    Column("question", "string", "improvement, understood, risks or urgent"),
    Column("kind", "string", "verdict, evidence, missing or answer (of a person)"),
    Column("heading", "string", "of evidence: what it is; of an answer: as whom it is signed"),
    Column("name", "string", "the plan or risk it is about"),
    Column("words", "string", "in words"),
    Column("differs", "boolean", "of an answer: whether the evidence was another when signed"),
)


def plan_record(hanging: Hanging, plan: ReductionPlan) -> dict[str, Any]:
    """A plan as the API answers it, in pence."""
    effects = [item for item in hanging.effects.get(plan.pk, ()) if item.effect.strip()]
    urgent = hanging.urgent.get(plan.pk, ())
    return {
        "plan": plan.code,
        "name": plan.name,
        "partner": plan.partner,
        **figures_record(plan.figures, plan.judged, plan.rate_pence),
        "last_month": plan.last.month if plan.last else None,
        "last_achieved_pence": plan.last.actual_pence if plan.last else None,
        "last_planned_pence": plan.last.plan_to_date_pence if plan.last else None,
        "effects": len(effects),
        "effects_understood": sum(effect.understood is True for effect in effects),
        "risks": len(hanging.risks.get(plan.pk, ())),
        "urgent_open": sum(item.open for item in urgent),
        "urgent_overdue": sum(item.days_over is not None for item in urgent),
    }


def figures_record(figures: SavingFigures, judged: Judged, rate: int | None) -> dict[str, Any]:
    """The figures of a plan or of all; what is planned to date is what the achieved compares to."""
    compared = figures.compared_plan_pence
    if figures.variance_pence is None:
        compared = figures.plan_to_date_pence
    return {
        "target_pence": figures.plan_pence,
        "planned_pence": compared,
        "achieved_pence": figures.actual_pence,
        "variance_pence": figures.variance_pence,
        "forecast_pence": figures.forecast_pence,
        "forecast_variance_pence": figures.forecast_variance_pence,
        "run_rate_pence": rate,
        "status": judged.status,
        "reason": judged.reason,
    }


def total_record(book: ReductionBook) -> dict[str, Any]:
    """All plans together as the API answers them, and of how many what is known."""
    return {**figures_record(book.total, book.judged, book.rate_pence), **book.counts}


def download_rows(slice_: Slice, book: ReductionBook, hanging: Hanging) -> Iterator[dict[str, Any]]:
    """A row a plan, then the total, for PLAN_COLUMNS."""
    total = {"plan": "total", "name": "Total", "partner": "", **total_record(book)}
    records = [*(plan_record(hanging, plan) for plan in book.plans), total]
    for record in records:
        known = {
            name.replace("_pence", "_gbp"): pounds(value) if name.endswith("_pence") else value
            for name, value in record.items()
        }
        yield (
            {column.name: "" for column in PLAN_COLUMNS}
            | known
            | {
                "system": slice_.system.code,
                "year": slice_.year_id,
                "month": book.month,
                "state": book.state,
            }
        )


def plan_row(slice_: Slice, hanging: Hanging, plan: ReductionPlan, query: str) -> dict[str, Any]:
    """A plan as its list shows it."""
    href = reverse("reduction-plan", args=[slice_.system.code, slice_.year_id, plan.code])
    effects = [item for item in hanging.effects.get(plan.pk, ()) if item.effect.strip()]
    urgent = hanging.urgent.get(plan.pk, ())
    return {
        "plan": plan,
        "href": f"{href}?{query}" if query else href,
        "ended": plan.ended,
        **_cells(plan.figures, plan.rate_pence),
        "judged": plan.judged,
        "last": last_words(slice_, plan),
        "understood": sum(effect.understood is True for effect in effects),
        "effects": len(effects),
        "open": sum(item.open for item in urgent),
        "overdue": sum(item.days_over is not None for item in urgent),
    }


def total_row(book: ReductionBook) -> dict[str, Any]:
    """All plans together as the list's last row."""
    return {
        "judged": book.judged,
        "ended": any(plan.ended for plan in book.plans),
        "forecast_words": book.forecast_words,
        **book.counts,
        **_cells(book.total, book.rate_pence),
    }


def _cells(figures: SavingFigures, rate: int | None) -> dict[str, Any]:
    record = figures_record(figures, Judged(), rate)
    shown = {
        name.removesuffix("_pence"): cell(pence, UNIT)
        for name, pence in record.items()
        if name.endswith("_pence")
    }
    return {
        **shown,
        "variance_direction": _direction(figures.variance_pence),
        "forecast_direction": _direction(figures.forecast_variance_pence),
    }


def _direction(variance: int | None) -> str:
    if not variance:
        return ""
    return "favourable" if variance > 0 else "adverse"


def last_words(slice_: Slice, plan: ReductionPlan) -> str:
    """What a plan that did not report the month said before: "£0.40m of £0.40m to July 2018"."""
    if plan.last is None:
        return ""
    said = of_words(plan.last.actual_pence, plan.last.plan_to_date_pence)
    return f"{said} to {calendar_month(slice_, plan.last.month)}"


def asked_of(
    slice_: Slice, *, state: State, month: int | None, day: date, until: int | None = None
) -> Asked:
    """What the four questions are answered from: seventeen queries at most.

    A month that is left out is the latest that was reported, no later than ``until``.
    """
    book = reduction_book(slice_, state=state, month=month, until=until)
    heading = book.month
    if heading is None and until is not None:
        heading = position_month(slice_, state, until)
    hanging = hanging_on(slice_, day)
    named = {risk.code for own in hanging.risks.values() for risk in own}
    partners = slice_.system.partners.exclude(kind="group").prefetch_related("groups__group")
    name = calendar_month(slice_, book.month) if book.month else "date"
    return Asked(
        slice=slice_,
        book=book,
        hanging=hanging,
        risks=open_in(slice_, named),
        partners=list(partners.order_by("memberships__position", "code").distinct()),
        month_name=name,
        day=day,
        position=risk_position(slice_, state=state, month=heading),
    )


def question_records(
    asked: Asked, answers: Mapping[str, Sequence[Answer]]
) -> Iterator[dict[str, Any]]:
    """The questions as the API answers them."""
    for item in evidence_of(asked):
        yield {
            "question": str(item.question),
            "label": str(item.question.label),
            "verdict": str(item.verdict),
            "sentence": item.sentence,
            "rule": item.rule,
            "evidence": [
                {"heading": group.title, "rows": [_fact(fact) for fact in group.facts]}
                for group in item.groups
            ],
            "missing": [_fact(fact) for fact in item.missing],
            "answers": [
                {
                    "text": said.text,
                    "signed_as": said.signed_as,
                    "by": said.who,
                    "at": said.at,
                    "state": said.state,
                    "verdict": said.verdict,
                    "sentence": said.sentence,
                    "differs": differs(item, said),
                }
                for said in answers.get(item.question, ())
            ],
        }


def _fact(fact: Any) -> dict[str, str]:
    return {"name": fact.name, "words": fact.words, "href": fact.href}


def question_rows(
    asked: Asked, answers: Mapping[str, Sequence[Answer]]
) -> Iterator[dict[str, Any]]:
    """A row a verdict, piece of evidence, missing thing and answer, for QUESTION_COLUMNS."""
    stamp = {
        "system": asked.slice.system.code,
        "year": asked.slice.year_id,
        "month": asked.book.month,
        "as_of": asked.day.isoformat(),
    }
    for item in evidence_of(asked):
        for kind, heading, name, words in _parts(item):
            said = {"kind": kind, "heading": heading, "name": name, "words": words, "differs": None}
            yield stamp | {"question": str(item.question)} | said
        for answer in answers.get(item.question, ()):
            yield stamp | {
                "question": str(item.question),
                "kind": "answer",
                "heading": answer.signed_as,
                "name": answer.who,
                "words": answer.text,
                "differs": differs(item, answer),
            }


def _parts(item: Evidence) -> Iterator[tuple[str, str, str, str]]:
    yield "verdict", str(item.verdict.label), "", item.sentence
    for group in item.groups:
        for fact in group.facts:
            yield "evidence", group.title, fact.name, fact.words
    for fact in item.missing:
        yield "missing", "", fact.name, fact.words


def signed_over(item: Evidence | None, state: State) -> SignedOver:
    """What an answer that is signed now rests on."""
    if item is None:
        return SignedOver()
    return SignedOver(state=state, verdict=item.verdict, sentence=item.sentence, digest=item.digest)


def signers() -> list[str]:
    """The roles that sign answers, in words."""
    return [
        str(role.label)
        for role, given in PERMISSIONS.items()
        if Permission.WRITE_COMMENTARY in given
    ]


def differs(item: Evidence, answer: Answer) -> bool | None:
    """Whether the evidence is another than when an answer was signed; None: it was not kept."""
    return item.digest != answer.digest if answer.digest else None


def told(item: Evidence, answers: Sequence[Answer], state: str) -> list[dict[str, Any]]:
    """Answers as the page shows them, each with the evidence that it was signed over."""
    found = []
    for answer in answers:
        said = f"{Verdict(answer.verdict).label}. {answer.sentence}" if answer.digest else ""
        same = (answer.verdict, answer.sentence) == (item.verdict, item.sentence)
        found.append(
            {
                "answer": answer,
                "said": said,
                "differs": differs(item, answer),
                "same": same,
                "other_state": answer.state if answer.state != state else "",
            }
        )
    return found
