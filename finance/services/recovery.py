"""Expenditure reduction plans: effects on others, urgent actions, and answers to four questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Model

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.when import is_when
from finance.models import (
    AssuranceAnswer,
    Line,
    PlanEffect,
    PlanRisk,
    Question,
    UrgentAction,
)
from finance.models.lines import Kind
from schemes.models import Partner, Risk, System, User
from schemes.people.permissions import Permission, has_permission, require, roles_in
from schemes.services.endings import ending_faults
from schemes.services.moves import with_reasons
from schemes.services.owners import refuse_people
from schemes.services.placing import values_of
from schemes.services.said import news_of
from schemes.services.seen import refuse_newer
from schemes.services.signing import signing_faults
from schemes.services.slices import NO_FIGURE, Writing, writing
from schemes.services.taking_out import take_away
from schemes.services.upsert import Wanted, allow_in_with, reason_of, remove, upsert

EVIDENCE_MOVED = (
    "The evidence is another than when you opened this page. Read it as it stands now, then sign; "
    "your words are kept."
)
ANSWERED_SINCE = (
    "Somebody signed an answer to this question since you opened this page. Read it, then sign if "
    "yours is still to stand over it; your words are kept."
)


@dataclass(frozen=True, kw_only=True)
class PlanEffectSpec:
    """What a reduction plan does to a partner, and whether that partner has understood it."""

    line: str
    partner: str
    effect: str = ""
    understood: bool | None = None
    role: str = ""
    on: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class PlanRiskSpec:
    """A risk of the register to a reduction plan."""

    line: str
    risk: str
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class UrgentActionSpec:
    """What is done about a plan that does not deliver: by when, by which role."""

    line: str
    code: str
    words: str
    due: str
    moved_because: str = ""
    owner_role: str = ""
    done: str = ""
    shown_by: str = ""
    note: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class SignedOver:
    """What the system said when somebody signed an answer."""

    state: str = ""
    verdict: str = ""
    sentence: str = ""
    digest: str = ""


def save_plan_effects(*, by: User | None, slice_id: int, specs: Sequence[PlanEffectSpec]) -> Count:
    """Say what plans do to partners; raises Refused with a fault a row.

    Those who keep delivery may say all of it; an approver or finance lead of a partner may say
    that partner's own understanding, of an effect that is stated and by a day that has come.
    """
    refuse_people(specs, "role")
    _refuse_to_come(specs, "on")
    _refuse_unstated(specs)
    partners = {item.code: item for item in Partner.objects.all()}

    def wanted(spec: PlanEffectSpec, line: Line) -> Wanted:
        partner = partners.get(spec.partner)
        return Wanted(
            {"line_id": line.pk, "partner_id": partner.pk if partner else None},
            values_of(spec, "effect understood role on note evidence_id"),
            spec.row,
        )

    unknown = [
        Fault(f"There is no partner '{spec.partner}'.", "partner", spec.partner, spec.row)
        for spec in specs
        if spec.partner not in partners
    ]
    if unknown:
        raise Refused(unknown)
    own = {partners[spec.partner] for spec in specs}
    return _save(PlanEffect, by, slice_id, specs, wanted, own)


def _refuse_unstated(specs: Sequence[PlanEffectSpec]) -> None:
    said = (
        "Nobody has stated what the plan does to this partner, so there is nothing to understand "
        "yet. Ask for the effect to be stated first."
    )
    faults = [
        Fault(said, "understood", "", spec.row)
        for spec in specs
        if spec.understood is not None and not spec.effect.strip()
    ]
    if faults:
        raise Refused(faults)


def _refuse_to_come(specs: Sequence[Any], field: str) -> None:
    """Raise Refused for what is said to have been done on a day, or in a month, yet to come."""
    faults = [
        fault
        for spec in specs
        if is_when(on := getattr(spec, field))
        for fault in ending_faults("", on, field, spec.row, asked=False)
    ]
    if faults:
        raise Refused(faults)


def save_plan_risks(*, by: User | None, slice_id: int, specs: Sequence[PlanRiskSpec]) -> Count:
    """Say which risks of the register endanger which plans; raises Refused with a fault a row.

    The finance lead of a plan's partner may, and those who keep delivery.
    """
    risks: dict[tuple[int, str], int] = {
        (system, code): pk for pk, system, code in Risk.objects.values_list("pk", "system", "code")
    }

    def wanted(spec: PlanRiskSpec, line: Line) -> Wanted:
        found = risks.get((line.slice.system_id, spec.risk))
        if found is None:
            said = f"The system has no risk '{spec.risk}'. Add it, or mend this."
            raise Refused([Fault(said, "risk", spec.risk, spec.row)])
        return Wanted({"line_id": line.pk, "risk_id": found}, {}, spec.row)

    return _save(PlanRisk, by, slice_id, specs, wanted, _owners(slice_id, specs))


def remove_plan_risk(*, by: User, slice_id: int, link: PlanRisk, reason: str) -> None:
    """Name a risk as one to a plan no more; the risk stays, and so does who took it off and why.

    Raises Refused without a reason, Http404 for those who do not keep the plan's urgent actions.
    """
    with writing(slice_id=slice_id, by=by, action="reduction plans", from_month=NO_FIGURE) as write:
        _allow(by, write, [link.line.partner])
        remove(link, by=by, reason=reason_of(reason))
        write.draw()


def save_urgent_actions(
    *, by: User | None, slice_id: int, specs: Sequence[UrgentActionSpec]
) -> Count:
    """Record urgent actions on plans, by line and code; raises Refused with a fault a row.

    The finance lead of a plan's partner may, and those who keep delivery. What is done was done by
    today and says what shows it; whoever moves a due date says why.
    """
    refuse_people(specs, "owner_role")
    _refuse_to_come(specs, "done")
    unshown = [
        Fault("Say what shows that it is done.", "shown_by", "", spec.row)
        for spec in specs
        if spec.done and not spec.shown_by.strip()
    ]
    if unshown:
        raise Refused(unshown)

    def wanted(spec: UrgentActionSpec, line: Line) -> Wanted:
        return Wanted(
            {"line_id": line.pk, "code": spec.code},
            values_of(spec, "words due moved_because owner_role done shown_by note evidence_id"),
            spec.row,
        )

    return _save(UrgentAction, by, slice_id, specs, wanted, _owners(slice_id, specs))


def remove_urgent_action(*, by: User, action: UrgentAction, reason: str, seen: int) -> None:
    """Take an urgent action off a plan; its last state, who and why stay in the history.

    Raises Refused without a reason, Conflict where it is not as its remover saw it, and Http404 for
    those who do not keep the plan's urgent actions.
    """
    slice_id = action.line.slice_id
    with writing(slice_id=slice_id, by=by, action="reduction plans", from_month=NO_FIGURE) as write:
        _allow(by, write, [action.line.partner])
        refuse_newer(action, seen)
        take_away(by=by, row=action, reason=reason)
        write.draw()


def _owners(slice_id: int, specs: Sequence[Any]) -> set[Partner]:
    """The partners whose plans specs are about."""
    lines = Line.objects.filter(slice=slice_id, code__in={spec.line for spec in specs})
    return {line.partner for line in lines.select_related("partner")}


def _save(
    model: type[Model],
    by: User | None,
    slice_id: int,
    specs: Sequence[Any],
    wanted: Callable[[Any, Line], Wanted],
    own: Iterable[Partner] = (),
) -> Count:
    """Bring rows on reduction plans to their specs; nothing of the year's figures moves."""
    with writing(slice_id=slice_id, by=by, action="reduction plans", from_month=NO_FIGURE) as write:
        _allow(by, write, list(own))
        lines = {
            line.code: line
            for line in Line.objects.filter(
                slice=write.slice,
                kind=Kind.REDUCTION_PLAN,
                code__in={spec.line for spec in specs},
            ).select_related("slice")
        }
        said = "The year has no reduction plan of this code. Add it to the lines."
        faults = [
            Fault(said, "line", spec.line, spec.row) for spec in specs if spec.line not in lines
        ]
        if faults:
            raise Refused(faults)
        rows = [wanted(spec, lines[spec.line]) for spec in specs]
        news = news_of(model, with_reasons(model, rows, by), by)
        count = upsert(model, news.rows, by=by).count + news.rest
        if count.created or count.updated:
            write.draw()
        return count


def _allow(by: User | None, write: Writing, own: Sequence[Partner]) -> None:
    """Raise Http404 unless the person keeps delivery, or acts for each of the partners."""
    system = write.slice.system
    if by is None or not own or not all(acts_for(by, system, partner) for partner in own):
        allow_in_with(by, Permission.KEEP_DELIVERY, [system.code])


def acts_for(by: User, system: System, partner: Partner) -> bool:
    """Whether somebody is a finance lead or an approver of a partner."""
    return any(
        has_permission(by, permission, system=system, partner=partner)
        for permission in (Permission.ENTER_OUTTURN, Permission.APPROVE_RETURN)
    )


def seen_of(digest: str, latest: int) -> str:
    """What somebody reads who signs: the evidence, and the latest answer by its number, 0: none."""
    return f"{digest}_{latest}" if latest else digest


def answer_question(
    *,
    by: User | None,
    slice_id: int,
    month: int,
    question: str,
    text: str,
    signed_as: str,
    over: SignedOver,
    seen: str,
) -> AssuranceAnswer:
    """Answer one of the four questions for a month, in words and signed as a role one holds.

    ``over`` is what the system answers now, so that a later reader sees whether it still does;
    ``seen`` is what the signer read, as ``seen_of`` says it. Earlier answers stay. Raises Refused
    without words, or where the evidence moved or somebody else answered since it was read; Http404
    for those who do not write to the board.
    """
    with writing(
        slice_id=slice_id, by=by, action="assurance answer", from_month=NO_FIGURE
    ) as write:
        if by is not None:
            require(by, Permission.WRITE_COMMENTARY, system=write.slice.system)
        faults = signing_faults(
            text, signed_as, None if by is None else roles_in(by, write.slice.system)
        )
        if not text.strip():
            faults.append(Fault("Write what you answer.", "text"))
        if question not in Question.values:
            faults.append(Fault("Choose one of the four questions.", "question", question[:40]))
        if not 1 <= month <= 12:
            faults.append(Fault("Months run from 1 to 12.", "month", str(month)))
        if faults:
            raise Refused(faults)
        answers = AssuranceAnswer.objects.filter(
            slice=write.slice, month=month, question=question
        ).order_by("-change")
        latest = answers.values_list("change", flat=True).first() or 0
        if seen != seen_of(over.digest, latest):
            moved = seen.partition("_")[0] != over.digest
            said = EVIDENCE_MOVED if moved else ANSWERED_SINCE
            raise Refused([Fault(said, "text")], code="conflict")
        return AssuranceAnswer.objects.create(
            slice=write.slice,
            month=month,
            question=question,
            text=text.strip(),
            signed_as=signed_as,
            change=write.draw(),
            actor=by,
            **asdict(over),
        )
