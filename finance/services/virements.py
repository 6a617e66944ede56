"""Virements: one amount from the plan of one line to that of another, decided by two people.

They stay within a partner and a kind, and inside a ring-fence (DOMAIN 19). What leaves the one
line in a month joins the other in it, so no total of the partner moves, for the year or a month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.http import Http404

from esbt.kit.money import words
from esbt.kit.problems import Fault, Refused
from finance.models import Line, Plan, PlanFigure, Virement, VirementOutcome
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.services.outturns import LARGEST_PENCE
from finance.services.plans import in_month, store_figures
from finance.services.reprofile import shut_months
from finance.services.returns import refuse_closed_year
from schemes.models import Slice, User
from schemes.people.permissions import Permission, require
from schemes.services.slices import NO_FIGURE, writing

Decision = VirementOutcome.Decision

# plans of these may fall below nothing; of all others a line gives what it has
_EITHER_SIGN = (Kind.POSITION, Kind.ADJUSTMENT, Kind.CASH)

_POUND = 100  # pence


@dataclass(frozen=True, kw_only=True)
class VirementSpec:
    """What somebody proposes: plan and lines by their codes; no month is "over the open ones"."""

    plan: str
    giving: str
    receiving: str
    pence: int | None
    reason: str
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a virement does to the plans of its lines; ``moved`` is to date by month, April first.

    ``moved`` is None where neither line is planned by month.
    """

    giving: PlanFigure
    receiving: PlanFigure
    moved: list[int] | None


def propose_virement(*, by: User | None, slice_id: int, spec: VirementSpec) -> Virement:
    """Put a virement before those who approve; no figure moves yet.

    Raises Refused with a fault a field for what no virement may do, and Http404 for lines of a
    partner whose finance lead ``by`` is not.
    """
    with writing(
        slice_id=slice_id, by=by, action="virement proposed", from_month=NO_FIGURE
    ) as write:
        refuse_closed_year(write.slice)
        made = _read(write.slice, spec)
        if by is not None:
            partner = made.giving.partner
            require(by, Permission.PROPOSE_VIREMENT, system=write.slice.system, partner=partner)
        effect_of(made)
        write.reason = made.reason
        made.change, made.actor = write.draw(), by
        made.save()
        return made


def reverse_virement(*, by: User | None, slice_id: int, virement_id: int, reason: str) -> Virement:
    """Propose the opposite of a virement that was approved, in the months that are still open.

    Raises Refused where it was not approved or is taken back already, and as proposing does.
    """
    with writing(
        slice_id=slice_id, by=by, action="virement proposed", reason=reason, from_month=NO_FIGURE
    ) as write:
        done = _virement(slice_id, virement_id)
        if by is not None:
            partner = done.giving.partner
            require(by, Permission.PROPOSE_VIREMENT, system=write.slice.system, partner=partner)
        refuse_closed_year(write.slice)
        outcome = getattr(done, "outcome", None)
        if outcome is None or outcome.decision != Decision.APPROVED:
            raise Refused([Fault("Only what was approved can be taken back.")])
        if done.reversals.exclude(outcome__decision=Decision.REJECTED).exists():
            raise Refused([Fault("An opposite virement was proposed already.")])
        if not reason.strip():
            raise Refused([Fault("Say why it is taken back.", "reason")])
        made = Virement(
            slice=write.slice,
            plan=done.plan,
            giving=done.receiving,
            receiving=done.giving,
            pence=done.pence,
            reason=reason,
            reverses=done,
            actor=by,
        )
        effect_of(made)
        made.change = write.draw()
        made.save()
        return made


def settle_virement(
    *, by: User | None, slice_id: int, virement_id: int, decision: str, reason: str = ""
) -> VirementOutcome:
    """Approve or reject what somebody else proposed; approving moves both plans at once.

    Whoever proposed it may take it away by rejecting it. Raises Refused (conflict) when it was
    settled before, and as proposing does, since months may have closed and plans moved meanwhile;
    Http404 for those who do not approve virements of the partner.
    """
    approved = decision == Decision.APPROVED
    with writing(
        slice_id=slice_id,
        by=by,
        action=f"virement {decision}",
        reason=reason,
        from_month=0 if approved else NO_FIGURE,
    ) as write:
        virement = _virement(slice_id, virement_id)
        own = by is not None and virement.actor_id == by.pk
        if by is not None and (approved or not own):
            partner = virement.giving.partner
            require(by, Permission.APPROVE_VIREMENT, system=write.slice.system, partner=partner)
        if hasattr(virement, "outcome"):
            said = f"This virement was {virement.outcome.decision} already. Read it as it is now."
            raise Refused([Fault(said)], code="conflict")
        if not approved:
            if not reason.strip():
                said = "Say why, so that whoever proposed it can follow."
                raise Refused([Fault(said, "reason")])
            return VirementOutcome.objects.create(
                virement=virement, decision=decision, reason=reason, change=write.draw(), actor=by
            )
        if own:
            raise Refused([Fault("Somebody else approves what you proposed.")])
        refuse_closed_year(write.slice)
        before = _figures(virement)
        effect = effect_of(virement)
        write.reason = f"{virement.reason}{f' ({reason})' if reason else ''}"
        store_figures(write, [effect.giving, effect.receiving])
        return VirementOutcome.objects.create(
            virement=virement,
            decision=decision,
            reason=reason,
            giving_before_pence=before[virement.giving_id].full_year_pence,
            giving_after_pence=effect.giving.full_year_pence,
            receiving_before_pence=before[virement.receiving_id].full_year_pence,
            receiving_after_pence=effect.receiving.full_year_pence,
            moved_to_date_pence=effect.moved,
            change=write.draw(),
            actor=by,
        )


def effect_of(virement: Virement) -> Effect:
    """What a virement would do to the plans as they stand now. Stores nothing.

    Raises Refused with every reason why it may not be.
    """
    giving, receiving = virement.giving, virement.receiving
    faults = list(_faults(giving, receiving))
    if virement.plan.code == Plan.ORIGINAL:
        said = (
            "The original plan stays as it was approved. Make a revised version and vire in that."
        )
        faults.append(Fault(said, "plan", virement.plan.code))
    if faults:
        raise Refused(faults)
    figures = _figures(virement)
    for field, line in (("giving", giving), ("receiving", receiving)):
        if line.pk not in figures:
            said = (
                f"{line.name} has no amount in {virement.plan.name}. "
                "Ask the system's administrator to record one, which may be 0."
            )
            faults.append(Fault(said, field, line.code))
    if faults:
        raise Refused(faults)
    out, into = figures[giving.pk], figures[receiving.pk]
    if out.basis != into.basis:
        said = "The two plans stand on different bases, so nothing moves from one to the other."
        raise Refused([Fault(said, "receiving", receiving.code)])
    months = _open_months(virement)
    planned = in_month(out.to_date_pence) if out.to_date_pence else {}
    has = {month: planned.get(month) for month in months}
    _refuse_more_than_there_is(virement, out, has)
    moved = None
    if out.to_date_pence or into.to_date_pence:
        moved = _spread(virement.pence, _weights(virement, has))
    return Effect(
        _moved(out, -virement.pence, [-pence for pence in moved] if moved else None),
        _moved(into, virement.pence, moved),
        moved,
    )


def _read(slice_: Slice, spec: VirementSpec) -> Virement:
    """The proposal with its plan and lines, or a fault a field."""
    lines = {
        line.code: line
        for line in Line.objects.filter(
            slice=slice_, code__in=[spec.giving, spec.receiving]
        ).select_related("partner")
    }
    plan = Plan.objects.filter(slice=slice_, code=spec.plan).first()
    faults = [
        Fault("Choose a line of this year.", field, code)
        for field, code in (("giving", spec.giving), ("receiving", spec.receiving))
        if code not in lines
    ]
    if plan is None:
        faults.append(Fault("Choose a version of the plan.", "plan", spec.plan))
    if spec.pence is None or not 0 < spec.pence <= LARGEST_PENCE:
        faults.append(Fault("Type the amount in pounds, more than 0.", "amount"))
    if not spec.reason.strip():
        faults.append(Fault("Say why the money moves: the reason is kept with it.", "reason"))
    if spec.giving and spec.giving == spec.receiving:
        faults.append(Fault("Choose two different lines.", "receiving", spec.receiving))
    if faults or plan is None or spec.pence is None:
        raise Refused(faults)
    return Virement(
        slice=slice_,
        plan=plan,
        giving=lines[spec.giving],
        receiving=lines[spec.receiving],
        pence=spec.pence,
        month=spec.month,
        reason=spec.reason.strip(),
    )


def _virement(slice_id: int, virement_id: int) -> Virement:
    found = (
        Virement.objects.filter(slice=slice_id, pk=virement_id)
        .select_related(
            "plan", "giving__partner", "receiving__partner", "outcome", "reverses__outcome"
        )
        .first()
    )
    if found is None:
        raise Http404
    return found


def _faults(giving: Line, receiving: Line) -> Sequence[Fault]:
    """What no virement may cross (DOMAIN 19)."""
    if giving.partner_id != receiving.partner_id:
        said = (
            f"{receiving.name} is a line of {receiving.partner.name}. Between partners money does "
            "not move by a virement: it is a variation of contributions, which they agree."
        )
        return [Fault(said, "receiving", receiving.code)]
    faults = []
    if giving.kind != receiving.kind:
        kinds = f"{giving.get_kind_display().lower()} and {receiving.get_kind_display().lower()}"
        said = f"A virement stays within one kind; these are {kinds}."
        if Kind.CAPITAL in (giving.kind, receiving.kind):
            said = "Capital and revenue stay apart: a virement moves no money between them."
        faults.append(Fault(said, "receiving", receiving.code))
    if giving.pool_id != receiving.pool_id:
        said = "The money of a pool is ring-fenced: a virement stays within it, or outside it."
        faults.append(Fault(said, "receiving", receiving.code))
    for field, line in (("giving", giving), ("receiving", receiving)):
        if line.counter_line_id or line.kind in (Kind.TRANSFER, Kind.CONTRIBUTION):
            said = (
                f"{line.name} is agreed with another partner, so it changes by a variation of "
                "what was agreed, not by a virement."
            )
            faults.append(Fault(said, field, line.code))
    return faults


def _figures(virement: Virement) -> dict[int, PlanFigure]:
    lines = (virement.giving_id, virement.receiving_id)
    found = PlanFigure.objects.filter(plan=virement.plan_id, line__in=lines)
    return {figure.line_id: figure for figure in found}


def _open_months(virement: Virement) -> list[int]:
    """Months after the last that somebody submitted, in which both lines run.

    The plan to date of what was told to anybody stays as it was.
    """
    giving, receiving = virement.giving, virement.receiving
    shut = shut_months(virement.slice, {giving.partner_id})[giving.partner_id]
    last = max(shut, default=0)
    months = [m for m in giving.months if m in receiving.months and m > last]
    if not months:
        said = "No month is open in which both lines run: the plans of closed months stay."
        raise Refused([Fault(said, "month", str(virement.month or ""))], code="closed")
    if virement.month is None:
        return months
    if virement.month not in months:
        said = (
            f"Month {virement.month} is not open for both lines. "
            f"Choose one from {months[0]} to {months[-1]}, or none."
        )
        raise Refused([Fault(said, "month", str(virement.month))], code="closed")
    return [virement.month]


def _refuse_more_than_there_is(
    virement: Virement, out: PlanFigure, has: Mapping[int, int | None]
) -> None:
    if virement.giving.kind in _EITHER_SIGN:
        return
    known = [pence for pence in has.values() if pence is not None]
    whole = len(known) == len(has)
    there = sum(max(pence, 0) for pence in known) if whole else max(out.full_year_pence, 0)
    if virement.pence > there:
        where = "in the open months" if whole else "for the year"
        said = f"{virement.giving.name} has {words(there, 'gbp')} {where}. Move no more than that."
        raise Refused([Fault(said, "amount", words(virement.pence, "gbp"))])


def _weights(virement: Virement, has: Mapping[int, int | None]) -> dict[int, int]:
    """How the amount is dealt out over its months.

    As the giving line has it there, what is taken back as it was moved, and otherwise evenly.
    """
    back = virement.reverses.outcome.moved_to_date_pence if virement.reverses else None
    if back:
        was = in_month(back)
        has = {month: was[month] for month in has}
    known = [pence for pence in has.values() if pence is not None]
    if len(known) < len(has) or not any(pence > 0 for pence in known):
        return dict.fromkeys(has, _POUND)
    return {month: max(pence or 0, 0) for month, pence in has.items()}


def _spread(pence: int, weights: Mapping[int, int]) -> list[int]:
    """The amount to date by month; no month is dealt more than its weight.

    In whole pounds, and to the penny only where the amount or a weight has pence itself.
    """
    whole = sum(weights.values())
    so_far = accumulate(weights.get(month, 0) for month in range(1, LAST_MONTH + 1))
    unit = 1 if any(amount % _POUND for amount in (pence, *weights.values())) else _POUND
    return [pence * weight // (whole * unit) * unit for weight in so_far]


def _moved(figure: PlanFigure, pence: int, moved: Sequence[int] | None) -> PlanFigure:
    """The figure with an amount more or less; a source's evidence spoke of the old one."""
    to_date = figure.to_date_pence
    if to_date and moved:
        to_date = [
            None if then is None else then + more for then, more in zip(to_date, moved, strict=True)
        ]
    return PlanFigure(
        plan_id=figure.plan_id,
        line_id=figure.line_id,
        full_year_pence=figure.full_year_pence + pence,
        to_date_pence=to_date,
        gross_pence=None if figure.gross_pence is None else figure.gross_pence + pence,
        investment_pence=figure.investment_pence,
        full_year_effect_pence=figure.full_year_effect_pence,
        basis=figure.basis,
    )
