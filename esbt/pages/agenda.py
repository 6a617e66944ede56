"""What the page of a body's next meeting shows: its tasks, and of money the board's paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from esbt.kit.when import due_words, last_day, when_words
from esbt.kit.words import in_a_list, number
from esbt.pages.governance import (
    decision_row,
    elsewhere_rows,
    on_or_in,
    on_words,
    sign_off_row,
    task_row,
)
from esbt.pages.reduction import asked_of, plan_row, total_row
from esbt.views.delivery import AsOf, joined
from finance.charts.forecast_words import position_words
from finance.figures.assurance import Asked, Fact
from finance.figures.forecast import RiskItem
from finance.figures.reduction import amount, sentence_of
from finance.models.rollups import State
from finance.months import month_label, months_ended
from finance.pages.questions import evidence_of
from finance.pages.risk_register import hangs_on
from finance.queries.holding import newest_holding
from finance.queries.reduction import Pressing, pressing_on
from schemes.delivery.standing import Standing, counted_words, moved_words
from schemes.governance.agenda import Agenda, agenda_of
from schemes.governance.bodies import about_money
from schemes.models import Body, Risk, RiskRating, Slice


def agenda_context(
    body: Body, as_of: AsOf, slices: Sequence[Slice], state: State
) -> dict[str, Any]:
    """Everything that a body should see at its next meeting.

    ``slices`` are the system's years that the person sees, the latest first, of which those count
    that had begun by the day; ``state`` is of the figures. Nine queries, and of a body that looks
    after money some twenty more.
    """
    agenda = agenda_of(body, as_of.day)
    here = body.system.code
    slices = [item for item in slices if item.year.first_day <= as_of.day]
    year = slices[0].year_id if slices else ""
    money = about_money(body)
    pressing = pressing_on(slices, as_of.day, agenda.until) if money else None
    reduction = _reduction(here, year, pressing) if pressing else None
    urgent = reduction["urgent"] if reduction else []
    return {
        "body": body,
        "agenda": agenda,
        "sentence": _sentence(agenda, pressing, as_of),
        "meeting_on": on_words(agenda.meeting),
        "before_on": on_words(agenda.before),
        "tasks": [task_row(here, task) for task in agenda.tasks],
        "undated": [task_row(here, task) for task in agenda.undated],
        "decisions": [decision_row(item) for item in agenda.decisions],
        "sign_offs": [sign_off_row(item, as_of) for item in agenda.sign_offs],
        "elsewhere": elsewhere_rows(here, agenda.counts, as_of),
        "besides": any(row["standing"] == Standing.OVERDUE for row in urgent),
        "risks": [_risk(here, year, item) for item in agenda.risks],
        "board_href": reverse("board", args=[here, year]) if money and year else "",
        "paper": _paper(slices, as_of, state) if money else None,
        "reduction": reduction,
    }


def _paper(slices: Sequence[Slice], as_of: AsOf, state: State) -> dict[str, Any] | None:
    """The reduction plans, the four questions and the system's risk, of the newest year that
    holds plans; None where none does. Of a past day only of months that had ended by then.
    """
    slice_ = newest_holding("reduction-plans", slices)
    if slice_ is None:
        return None
    past = as_of.day < timezone.localdate()
    until = months_ended(slice_, as_of.day) if past else None
    asked = asked_of(slice_, state=state, month=None, day=as_of.day, until=until)
    book, here = asked.book, (slice_.system.code, slice_.year_id)
    month = f"month={book.month}" if book.month else ""
    query = joined(month, f"state={state}", as_of.query)
    questions = f"{reverse('questions', args=here)}?{query}"
    position = position_words(asked.position)
    return {
        "year_label": str(slice_.year),
        "month_label": month_label(slice_, book.month),
        "state": state,
        "past": past,
        "unit": "£'000",
        "position": [asked.position_fact(position)] if position else [],
        "sentence": sentence_of(book, asked.month_name),
        "rows": [plan_row(slice_, asked.hanging, plan, query) for plan in book.plans],
        "total": total_row(book),
        "plans_href": f"{reverse('reduction-plans', args=here)}?{query}",
        "questions": [
            {"evidence": item, "href": f"{questions}#{item.question}"}
            for item in evidence_of(asked)
        ],
        "risks": list(_whole_risks(asked)),
        "others": sum(hangs_on(risk) != ["system"] for risk in asked.risks),
        "risks_href": f"{reverse('forecast', args=here)}?{query}",
    }


def _whole_risks(asked: Asked) -> Iterable[Fact]:
    """The year's open risks of the system as a whole, with their money, rating and review."""
    for risk in asked.risks:
        if hangs_on(risk) == ["system"]:
            review = f"review {due_words(risk.review)}" if risk.review else "no review is stated"
            yield asked.risk_fact(risk, f"{_stake_words(risk)}; {_rated_words(risk)}; {review}")


def _stake_words(risk: RiskItem) -> str:
    stake = risk.stake
    if stake.counted_pence is None:
        return "what is at stake is not stated"
    if stake.loose:
        kind = ", whether gross or net is not stated"
    else:
        kind = " before mitigations" if stake.net_pence is None else " after mitigations"
    return f"{amount(stake.counted_pence)} at stake{kind}"


def _rated_words(risk: RiskItem) -> str:
    if risk.score:
        return f"scored {risk.score} of 25"
    return f"rated {RiskRating(risk.rating).label.lower()}" if risk.rating else "not rated"


def _risk(system: str, year: str, risk: Risk) -> dict[str, Any]:
    href = reverse("risk", args=[system, year, risk.code]) if year else ""
    return {"risk": risk, "href": href}


def _reduction(system: str, year: str, pressing: Pressing) -> dict[str, Any]:
    """What presses of reduction plans: urgent actions as tasks, and risks with their review."""
    return {
        "urgent": [
            {
                "name": item.action.words,
                "href": reverse("reduction-plan", args=[system, line.slice.year_id, line.code]),
                "kind": f"{line.name} {line.slice.year}",
                "owner": item.action.owner_role,
                "due": when_words(item.action.due),
                "moved": moved_words(item.slips),
                "standing": item.standing,
            }
            for item in pressing.urgent
            if (line := item.action.line)
        ],
        "risks": [
            _risk(system, year, item.risk)
            | {
                "due": due_words(item.risk.review),
                "standing": item.standing,
                "to": in_a_list(item.plans),
            }
            for item in pressing.risks
        ],
    }


def _sentence(agenda: Agenda, pressing: Pressing | None, as_of: AsOf) -> str:
    """When it meets, and how much of what it follows is overdue, urgent actions among it."""
    urgent = pressing.urgent if pressing else []
    late = sum(item.standing == Standing.OVERDUE for item in urgent)
    due = sum(last_day(item.action.due) <= agenda.until for item in urgent) - late
    overdue = late + sum(task.standing == Standing.OVERDUE for task in agenda.tasks)
    coming = due + len(agenda.tasks) - (overdue - late)
    if agenda.meeting is None:
        when = "No next meeting is stated"
    else:
        when = f"The next meeting is {on_or_in(agenda.meeting.on)}"
    said = f"{when}. As of {as_of.words}, {counted_words(overdue)} of what it follows"
    said += f" {'are' if overdue > 1 else 'is'} overdue"
    if late:
        said += f", {_of_urgent(late, overdue)}"
    if agenda.meeting:
        more = f"{number(coming)} more" if coming else "nothing more"
        said += f", and {more} {'are' if coming > 1 else 'is'} due by then"
    return f"{said}."


def _of_urgent(late: int, overdue: int) -> str:
    """How much of what is overdue is urgent action of reduction plans."""
    if late == overdue:
        one = "an urgent action of a reduction plan"
        return one if late == 1 else "all of them urgent actions of reduction plans"
    what = "an urgent action" if late == 1 else "urgent actions"
    return f"{number(late)} of them {what} of reduction plans"
