"""Expenditure reduction plans with what hangs on them: effects on others, risks, urgent actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from esbt.kit.when import last_day
from finance.charts.words import YEAR_END
from finance.figures.forecast import RiskItem
from finance.figures.judging import run_rate
from finance.figures.reduction import (
    LEVEL,
    LastReport,
    ReductionBook,
    ReductionPlan,
    book_of,
    without_forecast,
)
from finance.figures.savings import SavingFigures
from finance.figures.status import judge
from finance.models import (
    AssuranceAnswer,
    Line,
    Outturn,
    PlanEffect,
    PlanFigure,
    PlanRisk,
    UrgentAction,
)
from finance.models.base import LAST_MONTH, OPENING_FORECAST
from finance.models.lines import Kind, months_due
from finance.models.rollups import State
from finance.queries.line_months import LineMonth, line_months
from finance.queries.risks import RELATED, risk_item, risk_money
from finance.rollups import headline_plan
from schemes.delivery.standing import (
    Slip,
    Standing,
    Stood,
    days_over,
    standing_of,
    stood_on,
)
from schemes.models import Change, Risk, RiskStatus, RowVersion, Slice


def plan_lines(slice_: Slice) -> QuerySet[Line]:
    """The lines of a year that are reduction plans."""
    return Line.objects.filter(slice=slice_, kind=Kind.REDUCTION_PLAN)


def reduction_book(
    slice_: Slice, *, state: State, month: int | None = None, until: int | None = None
) -> ReductionBook:
    """The plans of a year in a month, by code: seven queries at most.

    A month that is left out is the latest that anybody reported, no later than ``until``.
    """
    actual = _column(state)
    heads = list(
        Outturn.objects.filter(slice=slice_, line__kind=Kind.REDUCTION_PLAN)
        .exclude(**{actual: None})
        .order_by("month")
        .values_list("line", "month", actual)
    )
    months = sorted({at for _, at, _ in heads if until is None or at <= until})
    if month is None and months:
        month = months[-1]
    before = {pk: (at, pence) for pk, at, pence in heads if at < (month or 0)}
    plans = [
        _plan(found, month, before.get(found.line.pk))
        for found in line_months(slice_, plan_lines(slice_), state=state, month=month)
    ]
    return book_of(plans, month=month, months=months, state=state)


def position_month(slice_: Slice, state: State, until: int) -> int:
    """The latest month until another for which anybody reported a position: one query.

    That of the opening forecast where nobody did.
    """
    reported = Outturn.objects.filter(slice=slice_, line__kind=Kind.POSITION, month__lte=until)
    found = reported.exclude(**{_column(state): None}).aggregate(last=Max("month"))
    return found["last"] or OPENING_FORECAST


def _column(state: State) -> str:
    return "published_actual_pence" if state == State.PUBLISHED else "actual_pence"


def _plan(found: LineMonth, month: int | None, before: tuple[int, int] | None) -> ReductionPlan:
    line = found.line
    due = month in months_due(line.calendar, line.first_month, line.last_month)
    reported = found.actual_pence is not None
    compared = found.variance_pence is not None
    forecast_variance = None
    if found.forecast_pence is not None and found.plan_pence is not None:
        forecast_variance = found.forecast_pence - found.plan_pence
    figures = SavingFigures(
        plan_pence=found.plan_pence,
        plan_to_date_pence=found.plan_to_date_pence,
        compared_plan_pence=found.plan_to_date_pence if compared else None,
        actual_pence=found.actual_pence,
        variance_pence=found.variance_pence,
        forecast_pence=found.forecast_pence,
        forecast_variance_pence=forecast_variance,
        forecast_month=found.forecast_month,
        forecast_month_last=found.forecast_month,
        lines=int(due or reported),
        reported=int(reported),
    )
    ends = month is not None and month >= YEAR_END
    if ends and reported:
        figures = without_forecast(figures)
    last = None
    if before and not reported:
        at, pence = before
        last = LastReport(at, pence, planned_to_date(line, at))
    return ReductionPlan(
        pk=line.pk,
        code=line.code,
        name=line.name,
        partner=line.partner.code,
        partner_name=line.partner.short_name,
        figures=figures,
        judged=judge(figures, LEVEL),
        rate_pence=None if ends else run_rate(figures, month),
        last=last,
        bases_differ=found.bases_differ,
        ends=ends,
    )


def planned_to_date(line: Line, month: int) -> int | None:
    """What a line, read by line_months, was to reach by a month; None without a profile."""
    profile: list[int | None] | None = getattr(line, "to_date", None)
    return profile[min(month, LAST_MONTH) - 1] if profile else None


@dataclass(frozen=True, slots=True)
class PlanMonth:
    """A month of a plan, to date; the variance is favourable-positive."""

    month: int
    plan_pence: int | None
    actual_pence: int | None
    variance_pence: int | None
    forecast_pence: int | None


def plan_months(slice_: Slice, line: Line, state: State) -> list[PlanMonth]:
    """The months of a plan that its profile or a report knows, April first: three queries."""
    figure = PlanFigure.objects.filter(plan=headline_plan(slice_.pk), line=line).first()
    profile = figure.to_date_pence if figure else None
    pre = "published_" if state == State.PUBLISHED else ""
    heads = {
        month: (actual, forecast)
        for month, actual, forecast in line.outturns.values_list(
            "month", F(f"{pre}actual_pence"), F(f"{pre}forecast_pence")
        )
        if actual is not None or forecast is not None
    }
    months = set(heads) | (set(range(1, LAST_MONTH + 1)) if profile else set())
    found = []
    for month in sorted(months):
        plan = profile[min(month, LAST_MONTH) - 1] if profile and month else None
        actual, forecast = heads.get(month, (None, None))
        variance = None if plan is None or actual is None else actual - plan
        if month >= YEAR_END and actual is not None:
            forecast = None
        found.append(PlanMonth(month, plan, actual, variance, forecast))
    return found


@dataclass(frozen=True, slots=True)
class Urgent:
    """An urgent action as of a day."""

    action: UrgentAction
    standing: Standing
    days_over: int | None
    slips: Sequence[Slip]  # the moves of its due date by the day

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.standing != Standing.DONE


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on the plans of a year, by the id of the plan's line."""

    effects: Mapping[int, list[PlanEffect]]
    urgent: Mapping[int, list[Urgent]]
    risks: Mapping[int, list[RiskItem]]


def hanging_on(slice_: Slice, day: date) -> Hanging:
    """Effects and urgent actions as of a day, and risks with their money: five queries at most."""
    found = PlanEffect.objects.filter(line__slice=slice_).select_related(
        "partner", "evidence__source"
    )
    effects: dict[int, list[PlanEffect]] = {}
    for effect in _said_by(list(found), day):
        effects.setdefault(effect.line_id, []).append(effect)
    urgent: dict[int, list[Urgent]] = {}
    actions = UrgentAction.objects.filter(line__slice=slice_).select_related("line")
    for item in _urgent_on(actions, day):
        urgent.setdefault(item.action.line_id, []).append(item)
    money = risk_money(slice_)
    risks: dict[int, list[RiskItem]] = {}
    for link in PlanRisk.objects.filter(line__slice=slice_).select_related(
        "risk", *(f"risk__{name}" for name in RELATED)
    ):
        item_ = risk_item(link.risk, money.get(link.risk_id))
        risks.setdefault(link.line_id, []).append(item_)
    return Hanging(effects, urgent, risks)


def _urgent_on(found: QuerySet[UrgentAction], day: date) -> list[Urgent]:
    """Urgent actions as they stood on a day: one query."""

    def stands(stood: Stood[UrgentAction]) -> Urgent:
        action = stood.row
        standing = standing_of(action.due, day, done=action.done)
        return Urgent(action, standing, days_over(action.due, standing, day), stood.slips)

    return [stands(stood) for stood in stood_on(found, day, ("done", "shown_by"))]


def _said_by(effects: Sequence[PlanEffect], day: date) -> list[PlanEffect]:
    """Effects with whether they were understood as was said until a day: a query at most.

    What was said later is not there; where it took the place of something else, that stands again.
    """

    def later(on: str) -> bool:
        return bool(on) and min(last_day(on), timezone.localdate()) > day

    changed = {effect.pk: effect for effect in effects if later(effect.on)}
    before: dict[int, Mapping[str, object]] = {}
    if changed:
        versions = RowVersion.objects.filter(table="planeffect", row__in=changed)
        for row, values in versions.order_by("at", "pk").values_list("row", "values"):
            said = values["understood"]
            # the same answer with another day is a correction, not an earlier answer
            if said is not None and said != changed[row].understood and not later(values["on"]):
                before[row] = values
    found = []
    for effect in effects:
        shown = effect
        if effect.pk in changed:
            shown = copy(effect)
            then = before.get(effect.pk, {"understood": None, "role": "", "on": ""})
            for name in ("understood", "role", "on"):
                setattr(shown, name, then[name])
        found.append(shown)
    return found


@dataclass(frozen=True, slots=True)
class DueRisk:
    """An open risk whose review is due, with the names of the plans that it endangers."""

    risk: Risk
    standing: Standing
    plans: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pressing:
    """What presses of reduction plans, each by its date."""

    urgent: Sequence[Urgent]
    risks: Sequence[DueRisk]


def pressing_on(slices: Sequence[Slice], day: date, until: date) -> Pressing:
    """Urgent actions that are open on a day, and risks to plans to review until another: two
    queries.
    """
    actions = UrgentAction.objects.filter(line__slice__in=slices)
    opened = actions.select_related("line__slice__year")
    urgent = [item for item in _urgent_on(opened, day) if item.open]
    links = PlanRisk.objects.filter(line__slice__in=slices, risk__status=RiskStatus.OPEN)
    plans: dict[Risk, list[str]] = {}
    for link in links.exclude(risk__review="").select_related("risk", "line"):
        if last_day(link.risk.review) <= until:
            plans.setdefault(link.risk, []).append(link.line.name)
    return Pressing(
        sorted(urgent, key=lambda item: last_day(item.action.due)),
        [
            DueRisk(risk, standing_of(risk.review, day), plans[risk])
            for risk in sorted(plans, key=lambda risk: (last_day(risk.review), risk.code))
        ],
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answered to one of the four questions, and over which evidence."""

    question: str
    text: str
    signed_as: str
    who: str
    at: datetime
    state: str = ""  # of the figures; "" where the evidence was not kept
    verdict: str = ""
    sentence: str = ""
    digest: str = ""


def latest_answers(slice_: Slice, month: int | None) -> dict[str, int]:
    """The number of the latest answer to each question of a month: one query."""
    answers = AssuranceAnswer.objects.filter(slice=slice_, month=month or 0).order_by()
    return dict(answers.values_list("question").annotate(Max("change")))


def answers_of(slice_: Slice, month: int | None, day: date) -> Mapping[str, list[Answer]]:
    """Answers of a month that were signed by a day, by question, the latest first: one query."""
    found: dict[str, list[Answer]] = {}
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    for item in (
        AssuranceAnswer.objects.filter(slice=slice_, month=month or 0)
        .annotate(at=Subquery(told.values("at")[:1]))
        .filter(at__date__lte=day)
        .select_related("actor")
        .order_by("-change")
    ):
        who = str(item.actor) if item.actor else "The installation"
        kept = {name: getattr(item, name) for name in ("state", "verdict", "sentence", "digest")}
        answer = Answer(item.question, item.text, item.signed_as, who, item.at, **kept)
        found.setdefault(item.question, []).append(answer)
    return found
