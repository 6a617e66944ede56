"""Handing one partner's month on: submitted, approved, closed for the partner, or sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from finance.figures.status import beyond_threshold
from finance.models import GapReason, MonthlyReturn
from finance.models.outturns import ReturnState
from finance.queries.entry import EntryLine, entry_lines, last_step, return_state
from finance.services.outturns import why_shut
from finance.services.returns import MAY_MOVE, move_within
from schemes.models import Partner, Slice, User
from schemes.models.base import storable
from schemes.people.permissions import Permission, require
from schemes.services.slices import Writing, writing


def submit_return(
    *,
    by: User,
    slice_id: int,
    partner: Partner,
    month: int,
    gaps: Mapping[str, str],
    today: date | None = None,
) -> bool:
    """Submit a partner's month, with a reason for each gap; False when it was submitted before.

    Raises Http404 without the permission, and Refused when the month takes no figures, when a line
    that is due has neither an actual nor a reason in ``gaps`` (by its code), and when an adverse
    variance beyond the threshold has no comment.
    """
    state = ReturnState.SUBMITTED
    with writing(slice_id=slice_id, by=by, action=f"return {state}", from_month=month) as write:
        now, shut = _begin(write, by, partner, month, state, today)
        closed = shut and shut[0] == "closed"
        if now == state and not closed:
            return False
        if shut:
            raise Refused([Fault(shut[1], "month", str(month))], code=shut[0])
        missing = _check_told(write.slice, partner, month, gaps)
        move_within(write, months=[month], state=state, partners=[partner])
        _keep_reasons(write, partner, month, missing, gaps)
        return True


def hand_on(
    *,
    by: User,
    slice_id: int,
    partner: Partner,
    month: int,
    state: ReturnState,
    seen: str = "",
    reason: str = "",
) -> bool:
    """Approve, close or send back one return, as its page offers it; False when it was so already.

    Raises Http404 without the permission, and Refused when the month or year is closed, when
    somebody approves their own figures, closes what is not approved or sends back without a
    reason, and when somebody moved it meanwhile. ``seen`` is the change of the step that the
    approver's page showed: nobody approves figures that they have not read.
    """
    with writing(
        slice_id=slice_id, by=by, action=f"return {state}", reason=reason, from_month=month
    ) as write:
        now, shut = _begin(write, by, partner, month, state)
        if now == state == ReturnState.CLOSED:
            return False
        if shut and shut[0] == "closed":
            raise Refused([Fault(shut[1], "month", str(month))], code="closed")
        if now == state:
            return False
        if state == ReturnState.APPROVED:
            _refuse_unread(write.slice, partner, month, seen)
        elif state == ReturnState.CLOSED and now != ReturnState.APPROVED:
            raise Refused([Fault("A month is approved before it is closed.")], code="conflict")
        elif state == ReturnState.DRAFT and not reason.strip():
            said = "Say what is to be mended, so that the finance lead knows."
            raise Refused([Fault(said, "reason")])
        move_within(write, months=[month], state=state, partners=[partner])
        return True


def _begin(
    write: Writing,
    by: User,
    partner: Partner,
    month: int,
    state: ReturnState,
    today: date | None = None,
) -> tuple[str, tuple[str, str] | None]:
    """Where a return stands, and why it takes no figures; Http404 without the permission."""
    needed = Permission.APPROVE_RETURN if state == ReturnState.CLOSED else MAY_MOVE[state]
    require(by, needed, system=write.slice.system, partner=partner)
    now = return_state(write.slice, partner, month)
    return now, why_shut(write.slice, month, now, today or timezone.localdate())


def _check_told(
    slice_: Slice, partner: Partner, month: int, gaps: Mapping[str, str]
) -> list[EntryLine]:
    """The lines that have no actual; Refused while one has no reason, or a variance no comment."""
    lines = entry_lines(slice_, partner, month)
    if not lines:
        raise Refused([Fault("This partner has no lines in this month.", "month", str(month))])
    missing = [item for item in lines if item.lacks_actual]
    faults = []
    for item in missing:
        reason = gaps.get(item.line.code, "").strip()
        if not reason:
            said = f"{item.line.name} has no actual yet. Enter it, or say why it is missing."
            faults.append(Fault(said, "gap", "", item.line.code))
        elif storable(reason) != reason:
            said = "This holds characters that are no text. Type it again."
            faults.append(Fault(said, "gap", "", item.line.code))
    faults += [
        Fault(
            f"{item.line.name} is {beyond}. Say why in its comment.", "comment", "", item.line.code
        )
        for item in lines
        if (beyond := beyond_threshold(item)) and not (item.head and item.head.comment.strip())
    ]
    if faults:
        raise Refused(faults)
    return missing


def _keep_reasons(
    write: Writing,
    partner: Partner,
    month: int,
    missing: Sequence[EntryLine],
    gaps: Mapping[str, str],
) -> None:
    if not missing:
        return
    item = MonthlyReturn.objects.get(slice=write.slice, partner=partner, month=month)
    GapReason.objects.bulk_create(
        GapReason(
            monthly_return=item,
            line=gap.line,
            reason=gaps[gap.line.code].strip(),
            change=write.draw(),
            actor=write.by,
        )
        for gap in missing
    )


def _refuse_unread(slice_: Slice, partner: Partner, month: int, seen: str) -> None:
    last = last_step(slice_, partner, month)
    submitted = return_state(slice_, partner, month) == ReturnState.SUBMITTED
    if last is None or not submitted or str(last.change) != seen:
        raise Refused(
            [Fault("This return was moved since you opened it. Read it again as it is now.")],
            code="conflict",
        )
