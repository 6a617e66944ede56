"""Closing a month of a whole system, and reopening what was closed, with the reason said."""

from __future__ import annotations

from collections.abc import Sequence

from esbt.kit.problems import Fault, Refused
from finance.models import Line, MonthClose, MonthlyReturn, Outturn
from finance.models.base import AUDITED, FIRST_MONTH, LAST_MONTH
from finance.models.outturns import ReturnState
from finance.queries.known import is_closed
from finance.services.returns import move_within, refuse_closed_year
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, require
from schemes.services.slices import writing


def close_month(*, by: User | None, slice_id: int, month: int, reason: str = "") -> bool:
    """Close a system's month, and with it every partner's that is open; False when it was closed.

    Closing freezes what was approved. Raises Refused while a return is not approved, naming each;
    with a reason the month is closed all the same, and an unapproved return is published as it
    stands. Raises Http404 for those who do not close months. The number of queries does not depend
    on that of lines.
    """
    action = f"month {month} closed"
    with writing(slice_id=slice_id, by=by, action=action, reason=reason, from_month=month) as write:
        if by is not None:
            require(by, Permission.CLOSE_MONTH, system=write.slice.system)
        refuse_closed_year(write.slice)
        if not FIRST_MONTH <= month <= AUDITED:
            said = (
                f"Months run from {FIRST_MONTH} to {LAST_MONTH}; {AUDITED} is the final accounts."
            )
            raise Refused([Fault(said, "month", str(month))])
        partners, waiting = _partners(write.slice, month)
        if not reason.strip():
            _refuse_unapproved(write.slice, month, waiting)
        moved = move_within(write, months=[month], state=ReturnState.CLOSED, partners=partners)
        if is_closed(write.slice, month):
            return bool(moved)
        MonthClose.objects.create(
            slice=write.slice, month=month, closed=True, change=write.draw(), actor=by
        )
        return True


def _refuse_unapproved(slice_: Slice, month: int, partners: Sequence[Partner]) -> None:
    states = dict(
        MonthlyReturn.objects.filter(slice=slice_, month=month).values_list("partner", "state")
    )
    done = (ReturnState.APPROVED, ReturnState.CLOSED)
    faults = [
        Fault(
            f"{partner.name} has not been approved. Wait for it, or close the month "
            "without it and say why.",
            "month",
            str(month),
        )
        for partner in partners
        if states.get(partner.pk) not in done
    ]
    if faults:
        raise Refused(faults)


def reopen_month(
    *, by: User | None, slice_id: int, partner: Partner, month: int, reason: str
) -> bool:
    """Open a partner's closed month again, so that it can be restated; False when it was open.

    What was published stays so until the month is approved or closed again, and what it was stays
    in the history. Raises Refused without a reason, and Http404 for those who do not close months.
    """
    with writing(
        slice_id=slice_id, by=by, action=f"month {month} reopened", reason=reason, from_month=month
    ) as write:
        if by is not None:
            require(by, Permission.CLOSE_MONTH, system=write.slice.system)
        refuse_closed_year(write.slice)
        if not reason.strip():
            raise Refused([Fault("Say why the month is opened again.", "reason")])
        closed = MonthlyReturn.objects.filter(
            slice=write.slice, partner=partner, month=month, state=ReturnState.CLOSED
        )
        if not closed.exists():
            return False
        return bool(move_within(write, months=[month], state=ReturnState.DRAFT, partners=[partner]))


def waited_for(slice_: Slice, month: int) -> list[Partner]:
    """Partners that have something to approve in a month, in the order of the system."""
    return _partners(slice_, month)[1]


def _partners(slice_: Slice, month: int) -> tuple[list[Partner], list[Partner]]:
    """Partners with lines in a month, and those of them that are waited for: three queries.

    Waited for are those with a line that is due, and those that reported something.
    """
    lines = [line for line in Line.objects.filter(slice=slice_) if line.takes(month)]
    there = {line.partner_id for line in lines}
    waiting = {line.partner_id for line in lines if line.is_due(month)}
    waiting.update(
        Outturn.objects.filter(slice=slice_, month=month)
        .order_by()
        .values_list("line__partner", flat=True)
        .distinct()
    )
    members = slice_.system.memberships.select_related("partner")
    partners = [member.partner for member in members if member.partner_id in there]
    return partners, [partner for partner in partners if partner.pk in waiting]
