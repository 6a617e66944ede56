"""Closing a month of a whole system, and reopening what was closed, with the reason said."""

from __future__ import annotations

from collections.abc import Sequence

from esbt.kit.problems import Fault, Refused
from finance.models import Line, MonthlyReturn
from finance.models.base import FIRST_MONTH, LAST_MONTH
from finance.models.outturns import ReturnState
from finance.services.returns import move_returns, refuse_closed_year
from schemes.models import Partner, Slice, User
from schemes.permissions import Permission, require
from schemes.services.slices import writing


def close_month(*, by: User | None, slice_id: int, month: int, reason: str = "") -> int:
    """Close a month for every partner with a line that is due in it; how many returns closed.

    Closing freezes what was approved. Raises Refused while a return is not approved, naming each;
    with a reason the month is closed all the same, and an unapproved return is published as it
    stands. Raises Http404 for those who do not close months.
    """
    action = f"month {month} closed"
    with writing(slice_id=slice_id, by=by, action=action, reason=reason, from_month=month) as write:
        if by is not None:
            require(by, Permission.CLOSE_MONTH, system=write.slice.system)
        refuse_closed_year(write.slice)
        if not FIRST_MONTH <= month <= LAST_MONTH:
            raise Refused([Fault("Months run from 1 to 12.", "month", str(month))])
        partners = partners_due(write.slice, month)
        states = dict(
            MonthlyReturn.objects.filter(slice=write.slice, month=month).values_list(
                "partner", "state"
            )
        )
        done = (ReturnState.APPROVED, ReturnState.CLOSED)
        if not reason.strip():
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
        return move_returns(
            by=by,
            slice_id=slice_id,
            months=[month],
            state=ReturnState.CLOSED,
            partners=partners,
            reason=reason,
        )


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
        moved = move_returns(
            by=by,
            slice_id=slice_id,
            months=[month],
            state=ReturnState.DRAFT,
            partners=[partner],
            reason=reason,
        )
        return bool(moved)


def partners_due(slice_: Slice, month: int) -> Sequence[Partner]:
    """Partners with a line that is due in a month, in the order of the system: two queries."""
    due = {line.partner_id for line in Line.objects.filter(slice=slice_) if line.is_due(month)}
    members = slice_.system.memberships.select_related("partner")
    return [member.partner for member in members if member.partner_id in due]
