"""The expenditure reduction plans of an illustrative year, with what makes the four questions of
a recovery board answerable: effects on others, risks, and urgent actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from esbt.kit.when import first_day
from finance.models import Plan
from finance.models.lines import Kind
from finance.services import (
    LineSpec,
    PlanEffectSpec,
    PlanEntry,
    PlanRiskSpec,
    UrgentActionSpec,
    copy_outturns,
    record_plan,
    save_lines,
    save_plan_effects,
    save_plan_risks,
    save_urgent_actions,
)
from schemes.models import Slice

MONTHS = 12
THOUSAND = 100_000  # pence


@dataclass(frozen=True)
class _Plan:
    """A body's plan, in thousands a month: what is planned, and what is achieved."""

    body: str
    name: str
    planned: int
    real: int

    @property
    def line(self) -> str:
        return f"{self.body}-reduction"

    def expected(self, month: int) -> int:
        """What is forecast for a month on average; of the last month's report what came."""
        return self.real if month == MONTHS else (self.planned + self.real) // 2


# £6.0m in a year: the hospitals achieve four fifths of theirs, the board more than its own
_PLANS = (
    _Plan("council", "Reduction plan of the council: reablement before care packages", 100, 100),
    _Plan("acute", "Reduction plan of the hospitals: fewer agency shifts", 250, 200),
    _Plan("icb", "Reduction plan of the board: continuing healthcare and medicines", 150, 160),
)
_LATE = "council"  # in the month under way it has yet to report

# whose plan does what to whom, and whether the other understood it, in which month (0: not said)
_EFFECTS = (
    ("council", "community", "More people are referred to reablement.", True, 2),
    ("council", "icb", "None is expected.", True, 2),
    ("acute", "community", "Patients leave hospital a day sooner.", True, 3),
    ("acute", "council", "More assessments at weekends.", False, 3),
    ("icb", "council", "People who lose continuing healthcare ask the council for care.", None, 0),
    ("icb", "acute", "Fewer medicines are supplied at discharge.", True, 4),
)
_RISKS = (("council", "placements"), ("acute", "pay-award"), ("icb", "drugs"))
_URGENT = (
    ("acute", "shift-control", "A director approves each agency shift.", 4, 4),
    ("acute", "recruitment", "Offers to forty nurses who applied.", 5, 0),
    ("acute", "theatre-lists", "Lists that begin late are looked at each week.", 9, 0),
)


def save_recovery(slice_: Slice, reported: int, today: date, plan: Plan, *, present: bool) -> None:
    """The reduction plans of a year with the months behind us; of the present year the rest too."""
    number = slice_.system.code.rpartition("-")[2]
    save_lines(
        by=None,
        slice_id=slice_.pk,
        specs=[
            LineSpec(
                code=item.line,
                name=item.name,
                partner=f"ill{number}-{item.body}",
                kind=Kind.REDUCTION_PLAN,
            )
            for item in _PLANS
        ],
    )
    record_plan(
        by=None,
        slice_id=slice_.pk,
        plan=plan,
        entries=[
            PlanEntry(
                line=item.line,
                full_year_pence=MONTHS * item.planned * THOUSAND,
                months=[item.planned * THOUSAND] * MONTHS,
            )
            for item in _PLANS
        ],
    )
    copy_outturns(
        by=None,
        slice_id=slice_.pk,
        rows=[
            (
                item.line,
                month,
                month * item.real * THOUSAND,
                MONTHS * item.expected(month) * THOUSAND,
            )
            for item in _PLANS
            for month in range(1, reported + 1)
            if not (item.body == _LATE and month == reported < MONTHS)
        ],
        today=today,
    )
    if present:
        _assure(slice_, number, today)


def _assure(slice_: Slice, number: str, today: date) -> None:
    """Who has understood which plan, what endangers it, and what is done about one that slips."""
    save_plan_effects(
        by=None,
        slice_id=slice_.pk,
        specs=[
            PlanEffectSpec(
                line=f"{body}-reduction",
                partner=f"ill{number}-{other}",
                effect=effect,
                understood=understood if on else None,
                role="Director of finance" if on else "",
                on=on,
            )
            for body, other, effect, understood, month in _EFFECTS
            for on in (_past(slice_, month, today),)
        ],
    )
    save_plan_risks(
        by=None,
        slice_id=slice_.pk,
        specs=[PlanRiskSpec(line=f"{body}-reduction", risk=risk) for body, risk in _RISKS],
    )
    save_urgent_actions(
        by=None,
        slice_id=slice_.pk,
        specs=[
            UrgentActionSpec(
                line=f"{body}-reduction",
                code=code,
                words=words,
                owner_role="Chief operating officer",
                due=month_of(slice_.year_id, due),
                done=done,
                shown_by="Minutes of the weekly meeting." if done else "",
            )
            for body, code, words, due, month in _URGENT
            for done in (_past(slice_, month, today),)
        ],
    )


def _past(slice_: Slice, month: int, today: date) -> str:
    """A month that has begun, as the registers write it; "" for one to come, and for none (0)."""
    on = month_of(slice_.year_id, month) if month else ""
    return on if on and first_day(on) <= today else ""


def month_of(year: str, month: int) -> str:
    """A month of a financial year, 1 being April, as the registers write it: "2018-08"."""
    first = int(year[:4])
    return f"{first}-{month + 3:02d}" if month < 10 else f"{first + 1}-{month - 9:02d}"
