"""The four questions of a recovery board, as far as the register and the figures answer them.

Each has its verdict, the evidence behind it with the ways to it, and what is missing. The rules
stand in ``RULES`` and beside each answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.urls import reverse

from esbt.kit.when import due_words, when_words
from esbt.kit.words import in_a_list, number
from finance.forecast import RiskItem
from finance.models import PlanEffect, Question
from finance.queries.reduction import Hanging, Urgent
from finance.reduction import ReductionBook, ReductionPlan, amount, of_words, sentence_of
from finance.risk_register import past_review
from schemes.models import Partner, Slice


class Verdict(models.TextChoices):
    """What the system answers."""

    YES = "yes", "Yes"
    PART = "in-part", "In part"
    NO = "no", "No"
    UNKNOWN = "unknown", "It cannot be said"


RULES: dict[str, str] = {
    Question.IMPROVEMENT: "Yes: every plan reported, none is behind to date and none is forecast "
    "to miss its target. No: all plans together are behind or forecast to miss. In part: what "
    "lies between.",
    Question.UNDERSTOOD: "Yes: every other partner has said of every plan that it understood what "
    "the plan does to it. No: nobody has. In part: what lies between.",
    Question.RISKS: "Yes: each open risk is rated, has a mitigation and a review that is still to "
    "come, and each plan names its risks. No: none of the risks is so. In part: what lies between.",
    Question.URGENT: "Yes: each plan that does not deliver has an urgent action, and none is "
    "overdue. No: none of them has one. In part: what lies between.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence, and the way to it."""

    words: str
    href: str = ""
    name: str = ""  # of what the way leads to; stands before the words


@dataclass(frozen=True, slots=True)
class Group:
    """Facts under a heading."""

    title: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the system answers to a question."""

    question: Question
    verdict: Verdict
    sentence: str
    groups: Sequence[Group] = ()
    missing: Sequence[Fact] = field(default=())

    @property
    def rule(self) -> str:
        """When the answer is which."""
        return RULES[self.question]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the questions are answered from: a year's plans as of a month, and the day."""

    slice: Slice
    book: ReductionBook
    hanging: Hanging
    risks: Sequence[RiskItem]  # the open ones of the year
    partners: Sequence[Partner]  # members of the system that are no groups
    month_name: str
    day: date

    def plan_fact(self, plan: ReductionPlan, words: str) -> Fact:
        """A fact of a plan."""
        href = reverse("reduction-plan", args=[*self._here, plan.code])
        return Fact(words, href, f"{plan.partner_name}: {plan.name}")

    def risk_fact(self, risk: RiskItem, words: str) -> Fact:
        """A fact of a risk."""
        return Fact(words, reverse("risk", args=[*self._here, risk.code]), risk.name)

    @property
    def _here(self) -> tuple[str, str]:
        return self.slice.system.code, self.slice.year_id


def evidence_of(asked: Asked) -> list[Evidence]:
    """The four questions in their order."""
    if not asked.book.plans:
        said = "No expenditure reduction plan is stated for this year, so nothing can be answered."
        return [
            _risks(asked)
            if question == Question.RISKS
            else Evidence(question, Verdict.UNKNOWN, said, missing=[Fact("Reduction plans")])
            for question in Question
        ]
    return [_improvement(asked), _understood(asked), _risks(asked), _urgent(asked)]


def _groups(*pairs: tuple[str, Iterable[Fact]]) -> list[Group]:
    """Those that hold something."""
    groups = [Group(title, list(facts)) for title, facts in pairs]
    return [group for group in groups if group.facts]


def _improvement(asked: Asked) -> Evidence:
    book, total = asked.book, asked.book.total
    rate = book.rate_pence
    whole = [Fact(sentence_of(book, asked.month_name))]
    if total.forecast_pence is not None and total.forecast_plan_pence is not None:
        short = total.forecast_plan_pence - total.forecast_pence
        side = f", {amount(short)} short of it" if short > 0 else ""
        said = of_words(total.forecast_pence, total.forecast_plan_pence)
        whole.append(Fact(f"The forecast for the year is {said}{side}."))
    elif book.forecast_words:
        whole.append(Fact(f"They have no forecast together: only {book.forecast_words}."))
    if rate is not None:
        whole.append(Fact(f"At the rate so far the year would reach {amount(rate)}, extrapolated."))
    plans = sorted(book.plans, key=lambda plan: -plan.behind_pence)
    known = [plan for plan in plans if plan.figures.variance_pence is not None]
    return Evidence(
        Question.IMPROVEMENT,
        _improved(book),
        sentence_of(book, asked.month_name),
        _groups(
            ("All plans together", whole[1:]),
            (
                "Behind plan, the furthest first",
                [asked.plan_fact(plan, _achieved(plan)) for plan in known if plan.behind_pence],
            ),
            (
                "On plan or ahead",
                [asked.plan_fact(plan, _achieved(plan)) for plan in known if not plan.behind_pence],
            ),
            (
                "Forecast to miss the target",
                [asked.plan_fact(p, _missed(p)) for p in book.plans if _forecast_short(p) > 0],
            ),
        ),
        list(_not_reported(asked)),
    )


def _improved(book: ReductionBook) -> Verdict:
    total = book.total
    if total.variance_pence is None:
        return Verdict.UNKNOWN
    if total.variance_pence < 0 or (total.forecast_variance_pence or 0) < 0:
        return Verdict.NO
    whole = not book.failing and all(
        plan.figures.variance_pence is not None
        and (plan.ended or plan.figures.forecast_pence is not None)
        for plan in book.plans
    )
    return Verdict.YES if whole else Verdict.PART


def _achieved(plan: ReductionPlan) -> str:
    figures = plan.figures
    said = of_words(figures.actual_pence or 0, figures.compared_plan_pence)
    return f"{said}, {plan.judged.reason}"


def _forecast_short(plan: ReductionPlan) -> int:
    return -(plan.figures.forecast_variance_pence or 0)


def _missed(plan: ReductionPlan) -> str:
    said = of_words(plan.figures.forecast_pence or 0, plan.figures.plan_pence)
    return f"{said}, {amount(_forecast_short(plan))} short"


def _not_reported(asked: Asked) -> Iterable[Fact]:
    for plan in asked.book.plans:
        figures = plan.figures
        if figures.plan_pence is None:
            yield asked.plan_fact(plan, "its target is not stated")
        if figures.actual_pence is None:
            said = f"what it achieved to {asked.month_name} is not stated"
            if plan.last:
                stood = of_words(plan.last.actual_pence, plan.last.plan_to_date_pence)
                said += f"; to month {plan.last.month} it was {stood}"
            yield asked.plan_fact(plan, said)
        elif figures.variance_pence is None:
            yield asked.plan_fact(plan, "what was planned to date cannot be compared")
        if figures.forecast_pence is None and not plan.ended:
            yield asked.plan_fact(plan, "its forecast is not stated")


def _understood(asked: Asked) -> Evidence:
    yes: list[Fact] = []
    no: list[Fact] = []
    unsaid: list[Fact] = []
    missing: list[Fact] = []
    for plan in asked.book.plans:
        said = {effect.partner.code: effect for effect in asked.hanging.effects.get(plan.pk, ())}
        others = [p for p in asked.partners if not _is_own(p, plan)]
        absent = [p.short_name for p in others if p.code not in said]
        for effect in said.values():
            kept = {True: yes, False: no, None: unsaid}[effect.understood]
            kept.append(asked.plan_fact(plan, _effect_words(effect)))
        if absent:
            words = f"what it does to {in_a_list(absent)} is not stated"
            missing.append(asked.plan_fact(plan, words))
    if not (yes or no or unsaid):
        verdict, sentence = Verdict.UNKNOWN, "No effect of a plan on another partner is stated."
    else:
        rest = no or unsaid or missing
        verdict = Verdict.PART if yes and rest else Verdict.YES if yes else Verdict.NO
        stated = len(yes) + len(no) + len(unsaid)
        sentence = (
            f"Of {stated} stated effects on other partners {_count(yes)} understood, "
            f"{_count(no)} not, and of {_many(unsaid)} nobody has said."
        )
    return Evidence(
        Question.UNDERSTOOD,
        verdict,
        sentence,
        _groups(
            ("Not understood", no),
            ("Nobody has said whether it is understood", unsaid),
            ("Understood", yes),
        ),
        missing,
    )


def _count(facts: Sequence[Fact]) -> str:
    return f"{_many(facts)} {'is' if len(facts) == 1 else 'are'}"


def _many(facts: Sequence[object]) -> str:
    return number(len(facts)) if facts else "none"


def _is_own(partner: Partner, plan: ReductionPlan) -> bool:
    groups = {item.group.code for item in partner.groups.all()}
    return plan.partner == partner.code or plan.partner in groups


def _effect_words(effect: PlanEffect) -> str:
    said = effect.effect.rstrip(".") or "the effect is not stated"
    words = f"on {effect.partner.short_name}: {said}"
    if effect.understood is not None:
        words += f" ({effect.role}, {when_words(effect.on)})"
    return words


def _risks(asked: Asked) -> Evidence:
    risks = asked.risks
    unrated = [risk for risk in risks if not risk.rated]
    bare = [risk for risk in risks if not risk.mitigation.strip()]
    late = [risk for risk in risks if past_review(risk, asked.day)]
    undated = [risk for risk in risks if not risk.review]
    no_money = [risk for risk in risks if risk.stake.pence is None]
    plans = [plan for plan in asked.book.plans if not asked.hanging.risks.get(plan.pk)]
    faulty = {risk.code for risk in (*unrated, *bare, *late, *undated)}
    missing = [asked.plan_fact(plan, "no risk to it is named") for plan in plans]
    missing += [asked.risk_fact(risk, "what it puts at stake is not stated") for risk in no_money]
    if not risks:
        return Evidence(
            Question.RISKS,
            Verdict.UNKNOWN,
            "No open risk is said to be of this year.",
            missing=[Fact("Open risks of this year"), *missing],
        )
    verdict = Verdict.PART
    if not faulty and not plans:
        verdict = Verdict.YES
    elif len(faulty) == len(risks):
        verdict = Verdict.NO
    own = [risk for risk in risks if risk.partner]
    return Evidence(
        Question.RISKS,
        verdict,
        f"{len(risks)} {'risk is' if len(risks) == 1 else 'risks are'} open, "
        f"{len(own) or 'none'} of single partners and "
        f"{len(risks) - len(own) or 'none'} of the whole system. Rated, mitigated and within "
        f"their review: {len(risks) - len(faulty) or 'none'}.",
        _groups(
            ("Not rated, which is not low", [asked.risk_fact(r, _whose(r)) for r in unrated]),
            ("Without mitigation", [asked.risk_fact(r, _whose(r)) for r in bare]),
            (
                "Past their review",
                [asked.risk_fact(r, f"was {due_words(r.review)}") for r in late],
            ),
            ("Without a date of review", [asked.risk_fact(r, _whose(r)) for r in undated]),
            ("Risks to reduction plans", _plan_risks(asked)),
        ),
        missing,
    )


def _whose(risk: RiskItem) -> str:
    return risk.partner_name or "of the whole system"


def _plan_risks(asked: Asked) -> Iterable[Fact]:
    for plan in asked.book.plans:
        for risk in asked.hanging.risks.get(plan.pk, ()):
            net = risk.stake.counted_pence
            stake = "what is at stake is not stated" if net is None else f"{amount(net)} at stake"
            yield asked.risk_fact(risk, f"to {plan.partner_name}: {plan.name}; {stake}")


def _urgent(asked: Asked) -> Evidence:
    book, own = asked.book, asked.hanging.urgent
    failing = book.failing
    bare = [plan for plan in failing if not own.get(plan.pk)]
    plans = {plan.pk: plan for plan in book.plans}
    every = [(plans[pk], item) for pk, found in own.items() if pk in plans for item in found]
    late = [pair for pair in every if pair[1].days_over is not None]
    unsaid = [plan for plan in book.plans if not plan.judged.status]
    missing = [asked.plan_fact(plan, "whether it delivers cannot be said") for plan in unsaid]
    missing += [
        asked.plan_fact(plan, f"who does this is not stated: {item.action.words}")
        for plan, item in every
        if item.open and not item.action.owner_role
    ]
    if len(unsaid) == len(book.plans):
        verdict, sentence = Verdict.UNKNOWN, "Which plans do not deliver cannot be said."
    elif not failing:
        verdict = Verdict.PART if late or unsaid else Verdict.YES
        sentence = "No plan that reported is behind or forecast to miss its target."
    else:
        verdict = Verdict.YES
        if bare or late or unsaid:
            verdict = Verdict.NO if len(bare) == len(failing) else Verdict.PART
        sentence = (
            f"{len(failing)} of {len(book.plans)} plans {_do(failing)} not deliver, "
            f"{_many(bare)} of them without urgent action. Overdue as of "
            f"{asked.day.day} {asked.day:%B %Y}: {_many(late)}."
        )
    return Evidence(
        Question.URGENT,
        verdict,
        sentence,
        _groups(
            (
                "Plans that do not deliver, without urgent action",
                [asked.plan_fact(plan, plan.judged.reason) for plan in bare],
            ),
            (
                "Plans that do not deliver, with urgent action",
                [asked.plan_fact(p, p.judged.reason) for p in failing if p not in bare],
            ),
            ("Overdue", [asked.plan_fact(plan, _action_words(item)) for plan, item in late]),
            (
                "Due later",
                [
                    asked.plan_fact(plan, _action_words(item))
                    for plan, item in every
                    if item.open and item.days_over is None
                ],
            ),
            (
                "Done",
                [asked.plan_fact(plan, _action_words(i)) for plan, i in every if not i.open],
            ),
        ),
        missing,
    )


def _do(plans: Sequence[object]) -> str:
    return "does" if len(plans) == 1 else "do"


def _action_words(item: Urgent) -> str:
    action = item.action
    words = f"{action.words.rstrip('.')}, {due_words(action.due)}"
    if not item.open:
        return f"{words}, done {when_words(action.done)}"
    if item.days_over is not None:
        words += f", overdue by {item.days_over} day{'' if item.days_over == 1 else 's'}"
    return words
