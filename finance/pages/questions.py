"""The four questions of a recovery board, as far as the register and the figures answer them.

Each has its verdict, the evidence behind it with the ways to it, and what is missing. The rules
stand in ``finance.figures.assurance.RULES`` and beside each answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from esbt.kit.when import due_words, when_words
from esbt.kit.words import capital, in_a_list, number
from finance.charts.forecast_words import position_words
from finance.figures.assurance import Asked, Evidence, Fact, Group, Verdict
from finance.figures.forecast import RiskItem
from finance.figures.reduction import (
    ReductionBook,
    ReductionPlan,
    amount,
    of_words,
    sentence_of,
)
from finance.models import PlanEffect, Question
from finance.months import calendar_month
from finance.pages.risk_register import hangs_on, hangs_words, past_review
from finance.queries.reduction import Urgent
from schemes.delivery.standing import moved_words
from schemes.models import Partner


def evidence_of(asked: Asked) -> list[Evidence]:
    """The four questions in their order."""
    if not asked.book.plans:
        said = "No expenditure reduction plan is stated for this year, so nothing can be answered."
        return [
            _risks(asked)
            if question == Question.RISKS
            else Evidence(
                question,
                Verdict.UNKNOWN,
                said,
                _position(asked) if question == Question.IMPROVEMENT else (),
                [Fact("Reduction plans")],
            )
            for question in Question
        ]
    return [_improvement(asked), _understood(asked), _risks(asked), _urgent(asked)]


def _groups(*pairs: tuple[str, Iterable[Fact]]) -> list[Group]:
    """Those that hold something."""
    groups = [Group(title, list(facts)) for title, facts in pairs]
    return [group for group in groups if group.facts]


def _position(asked: Asked) -> list[Group]:
    """Where the system as a whole is heading, beside its plans."""
    said = position_words(asked.position)
    return _groups(("The system's position", [asked.position_fact(said)] if said else []))


def _improvement(asked: Asked) -> Evidence:
    book, total = asked.book, asked.book.total
    rate = book.rate_pence
    whole = [Fact(sentence_of(book, asked.month_name))]
    if total.forecast_pence is not None and total.forecast_plan_pence is not None:
        short = total.forecast_plan_pence - total.forecast_pence
        side = f", {amount(short)} short of it" if short > 0 else ""
        said = of_words(total.forecast_pence, total.forecast_plan_pence)
        whole.append(Fact(f"The forecast for the year is {said}{side}{_earlier(asked)}."))
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
        [
            *_position(asked),
            *_groups(
                ("All plans together", whole[1:]),
                (
                    "Behind plan, the furthest first",
                    [asked.plan_fact(plan, _achieved(plan)) for plan in known if plan.behind_pence],
                ),
                (
                    "On plan or ahead",
                    [
                        asked.plan_fact(plan, _achieved(plan))
                        for plan in known
                        if not plan.behind_pence
                    ],
                ),
                (
                    "Forecast to miss the target",
                    [asked.plan_fact(p, _missed(p)) for p in book.plans if _forecast_short(p) > 0],
                ),
            ),
        ],
        list(_not_reported(asked)),
    )


def _earlier(asked: Asked) -> str:
    """Which plans' forecasts in the sum are of an earlier month, as they have none of this one."""
    late = [
        f"{plan.partner_name}: {plan.name} ({calendar_month(asked.slice, at) if at else 'opening'})"
        for plan in asked.book.plans
        if (at := plan.figures.forecast_month) is not None and at < (asked.book.month or 0)
    ]
    return f"; of an earlier month is the forecast of {in_a_list(late)}" if late else ""


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
    if not position_words(asked.position):
        yield asked.position_fact("the forecast of the system is not stated")
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
        effects = asked.hanging.effects.get(plan.pk, ())
        said = {effect.partner.code: effect for effect in effects if effect.effect.strip()}
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
        parts = [f"{_many(yes)} {_are(yes)} understood"]
        parts += [f"{_many(no)} {_are(no)} not"] if no else []
        parts += [f"of {_many(unsaid)} nobody has said"] if unsaid else []
        what = "effect" if stated == 1 else "effects"
        sentence = f"Of {stated} stated {what} on other partners {in_a_list(parts)}."
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


def _are(found: Sequence[Any]) -> str:
    return "is" if len(found) <= 1 else "are"


def _many(facts: Sequence[object]) -> str:
    return number(len(facts)) if facts else "none"


def _is_own(partner: Partner, plan: ReductionPlan) -> bool:
    groups = {item.group.code for item in partner.groups.all()}
    return plan.partner == partner.code or plan.partner in groups


def _effect_words(effect: PlanEffect) -> str:
    words = f"on {effect.partner.short_name}: {effect.effect.strip().rstrip('.')}"
    if effect.understood is not None:
        words += f" ({effect.role}, {when_words(effect.on)})"
    return words


def _risks(asked: Asked) -> Evidence:
    risks = asked.risks
    unrated = [risk for risk in risks if not risk.rated]
    bare = [risk for risk in risks if not risk.mitigated]
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
    return Evidence(
        Question.RISKS,
        verdict,
        f"{_open(risks)}. Rated, mitigated and within their review: "
        f"{len(risks) - len(faulty) or 'none'}.",
        _groups(
            ("Not rated, which is not low", [asked.risk_fact(r, hangs_words(r)) for r in unrated]),
            ("Without mitigation", [asked.risk_fact(r, hangs_words(r)) for r in bare]),
            (
                "Past their review",
                [asked.risk_fact(r, f"was {due_words(r.review)}") for r in late],
            ),
            ("Without a date of review", [asked.risk_fact(r, hangs_words(r)) for r in undated]),
            ("Risks to reduction plans", _plan_risks(asked)),
        ),
        missing,
    )


def _open(risks: Sequence[RiskItem]) -> str:
    """How many risks are open, and whose: "3 risks are open: 2 of partners, 1 of the system"."""
    own = [risk for risk in risks if risk.partner]
    whole = [risk for risk in risks if hangs_on(risk) == ["system"]]
    kinds = (
        (len(own), "of single partners"),
        (len(risks) - len(own) - len(whole), "of pools, schemes or workstreams"),
        (len(whole), "of the system as a whole"),
    )
    said = in_a_list([f"{count} {words}" for count, words in kinds if count])
    return f"{len(risks)} {'risk' if len(risks) == 1 else 'risks'} {_are(risks)} open: {said}"


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
    acted = [plan for plan in failing if any(item.open for item in own.get(plan.pk, ()))]
    spent = [plan for plan in failing if plan not in bare and plan not in acted]
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
        if bare or spent or late or unsaid:
            verdict = Verdict.NO if len(bare) == len(failing) else Verdict.PART
        sentence = _acted_words(book, acted, spent, bare, late)
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
                "Plans that do not deliver, though all urgent action is done",
                [asked.plan_fact(plan, plan.judged.reason) for plan in spent],
            ),
            (
                "Plans that do not deliver, with urgent action to be done",
                [asked.plan_fact(plan, plan.judged.reason) for plan in acted],
            ),
            (
                "Overdue",
                [
                    asked.plan_fact(plan, _action_words(item), _over(item.days_over or 0))
                    for plan, item in late
                ],
            ),
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


def _acted_words(
    book: ReductionBook,
    acted: Sequence[ReductionPlan],
    spent: Sequence[ReductionPlan],
    bare: Sequence[ReductionPlan],
    late: Sequence[Any],
) -> str:
    """Of the plans that fail, which have urgent action to be done, had all of it done, had none."""
    said = [
        f"{number(len(plans))} {'has' if len(plans) == 1 else 'have'} {words}"
        for plans, words in (
            (acted, "urgent action to be done"),
            (spent, "had all urgent action done"),
            (bare, "no urgent action"),
        )
        if plans
    ]
    failing = len(acted) + len(spent) + len(bare)
    do = "does" if failing == 1 else "do"
    return (
        f"{failing} of {len(book.plans)} plans {do} not deliver: {in_a_list(said)}. "
        f"{capital(_many(late))} of the urgent actions {_are(late)} overdue."
    )


def _over(days: int) -> str:
    return f"overdue by {days} day{'' if days == 1 else 's'}"


def _action_words(item: Urgent) -> str:
    action = item.action
    moved = moved_words(item.slips)
    words = ", ".join(filter(None, [action.words.rstrip("."), due_words(action.due), moved]))
    return words if item.open else f"{words}, done {when_words(action.done)}"
