"""National conditions of a plan: what shows that they are met, and which dated step is next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from esbt.kit.tables import Column
from esbt.kit.when import first_day, last_day, when_words
from esbt.kit.words import in_a_list, number
from schemes.models import ConditionStep, FundPlan, NationalCondition

CONDITION_COLUMNS: Sequence[Column] = (
    Column("plan", "string", "code of the plan"),
    Column("condition", "string", "code of the condition"),
    Column("name", "string", "its name"),
    Column("status", "string", "met, partly, planned or not-met; empty is not stated"),
    Column("in_place", "string", "what is in place"),
    Column("planned", "string", "what is planned"),
    Column("shown_by", "string", "what shows that it is met; empty: nothing does"),
    Column("next_step", "string", "the next step that is not done"),
    Column("next_due", "string", "when it is due, as exactly as it is known"),
    Column("overdue", "string", "steps whose day has passed and that are not done"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with its steps in the order of their last days, as on a day."""

    item: NationalCondition
    steps: Sequence[ConditionStep]
    on: date

    @property
    def status(self) -> str:
        """Its status in words; "" where it is not stated."""
        return self.item.get_status_display() if self.item.status else ""

    @property
    def shown(self) -> bool:
        """Whether something shows that it is met."""
        return bool(self.item.shown_by)

    @property
    def next(self) -> ConditionStep | None:
        """The first step that is dated and not done."""
        return next((step for step in self.steps if step.due and not step.done), None)

    @property
    def overdue(self) -> list[ConditionStep]:
        """Steps that are not done though all of the time that their date names has passed."""
        return [
            step
            for step in self.steps
            if step.due and not step.done and last_day(step.due) < self.on
        ]


def conditions_of(plan: FundPlan, on: date) -> list[Condition]:
    """The conditions of a plan in its order, as on a day: two queries."""
    return [
        Condition(item, sorted(item.steps.all(), key=_by_due), on)
        for item in plan.nationalconditions.select_related("evidence__source").prefetch_related(
            "steps"
        )
    ]


def _by_due(step: ConditionStep) -> tuple[date, date, str]:
    """By the day after which it is late; without a date at the end."""
    if not step.due:
        return date.max, date.max, step.code
    return last_day(step.due), first_day(step.due), step.code


def condition_words(found: Sequence[Condition]) -> str:
    """How far a plan's conditions have come, in a sentence or two."""
    if not found:
        return "No national condition is entered."
    met = sum(item.item.status == NationalCondition.Status.MET for item in found)
    unsaid = sum(not item.item.status for item in found)
    bare = sum(not item.shown for item in found)
    late = sum(bool(item.overdue) for item in found)
    of = f"of {number(len(found))} national condition{'s' if len(found) > 1 else ''}"
    if unsaid == len(found):
        parts = [f"the status {of} is not stated"]
    else:
        parts = [f"{number(met) if met else 'none'} {of} {'is' if met < 2 else 'are'} met"]
        parts += [f"the status of {number(unsaid)} is not stated"] if unsaid else []
    if bare:
        parts.append(f"{number(bare)} {'have' if bare > 1 else 'has'} no evidence")
    if late:
        parts.append(f"{number(late)} {_is(late)} overdue")
    said = in_a_list(parts)
    return f"{said[:1].upper()}{said[1:]}."


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def condition_row(item: Condition) -> dict[str, Any]:
    """A condition as pages show it."""
    step = item.next
    return {
        "item": item.item,
        "status": item.status,
        "shown": item.shown,
        "late": bool(item.overdue),
        "next": f"{step.name}, {when_words(step.due)}" if step else "",
        "steps": [
            {
                "code": each.code,
                "name": each.name,
                "due": when_words(each.due) if each.due else "",
                "done": when_words(each.done) if each.done else "",
                "late": each in item.overdue,
                "note": each.note,
            }
            for each in item.steps
        ],
    }


def condition_rows(plan: FundPlan, on: date) -> Iterator[Sequence[Any]]:
    """A row a condition, for CONDITION_COLUMNS."""
    for found in conditions_of(plan, on):
        item, step = found.item, found.next
        yield (
            plan.code,
            item.code,
            item.name,
            item.status,
            item.in_place,
            item.planned,
            item.shown_by,
            step.name if step else "",
            step.due if step else "",
            "; ".join(late.name for late in found.overdue),
        )
