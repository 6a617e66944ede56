"""The life of a partner's month, and of a system's year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import F
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from finance.models import Line, MonthlyReturn, Outturn, ReturnEvent
from finance.models.outturns import ReturnState
from finance.services.outturns import why_shut
from schemes.models import Partner, Slice, User
from schemes.permissions import Permission, require
from schemes.services.slices import Writing, writing

_MAY_MOVE = {
    ReturnState.DRAFT: Permission.APPROVE_RETURN,
    ReturnState.SUBMITTED: Permission.ENTER_OUTTURN,
    ReturnState.APPROVED: Permission.APPROVE_RETURN,
    ReturnState.CLOSED: Permission.CLOSE_MONTH,
}


def move_returns(
    *,
    by: User | None,
    slice_id: int,
    months: Sequence[int],
    state: ReturnState,
    partners: Sequence[Partner],
    reason: str = "",
) -> int:
    """Bring partners' returns of some months to a state, for the reason given; how many moved.

    Approving publishes the figures as they stand at this moment, also when they were approved
    before and sent back; closing publishes those of a return that is not approved, and otherwise
    leaves what was approved. Out of a closed month only those move it who close months.
    """
    first = min(months, default=0)
    with writing(
        slice_id=slice_id, by=by, action=f"return {state}", reason=reason, from_month=first
    ) as write:
        present = {
            (item.partner_id, item.month): item
            for item in MonthlyReturn.objects.filter(
                slice=write.slice, month__in=months, partner__in=partners
            )
        }
        moving = []
        for partner in partners:
            for month in months:
                item = present.get((partner.pk, month)) or MonthlyReturn(
                    slice=write.slice, partner=partner, month=month
                )
                if item.state != state:
                    moving.append(item)
        if by is not None:
            _check_permission(by, write.slice, state, partners, present.values())
        if not moving:
            return 0
        change = write.draw()
        publishing = [
            item
            for item in moving
            if state == ReturnState.APPROVED
            or (state == ReturnState.CLOSED and item.state != ReturnState.APPROVED)
        ]
        for item in moving:
            item.state = state
        for item in publishing:
            item.published_change = change
        MonthlyReturn.objects.bulk_create(
            moving,
            update_conflicts=True,
            unique_fields=["slice", "partner", "month"],
            update_fields=["state", "published_change"],
        )
        ReturnEvent.objects.bulk_create(
            ReturnEvent(
                monthly_return=item,
                change=change,
                state=item.state,
                published_change=item.published_change,
                actor=by,
            )
            for item in moving
        )
        _publish(write, publishing)
        return len(moving)


def hand_on(
    *,
    by: User,
    slice_id: int,
    partner: Partner,
    month: int,
    state: ReturnState,
    seen: str = "",
    reason: str = "",
    today: date | None = None,
) -> bool:
    """Submit, approve or send back one return, as its page offers it. False when it was so already.

    Raises Http404 without the permission, and Refused when the month or year is closed, when a line
    that is due has no actual, when a return is sent back without a reason, or when somebody moved
    it meanwhile. ``seen`` is the change of the step that the approver's page showed: nobody
    approves figures that they have not read.
    """
    with writing(slice_id=slice_id, by=by, action=f"return {state}", from_month=month) as write:
        require(by, _MAY_MOVE[state], system=write.slice.system, partner=partner)
        item = MonthlyReturn.objects.filter(slice=write.slice, partner=partner, month=month).first()
        now = item.state if item else ReturnState.DRAFT
        shut = why_shut(write.slice, month, now, today or timezone.localdate())
        if shut and shut[0] == "closed":
            raise Refused([Fault(shut[1], "month", str(month))], code="closed")
        if now == state:
            return False
        if state == ReturnState.SUBMITTED:
            if shut:
                raise Refused([Fault(shut[1], "month", str(month))], code=shut[0])
            _refuse_missing(write.slice, partner, month)
        elif state == ReturnState.APPROVED:
            _refuse_unread(item, seen)
        elif not reason.strip():
            said = "Say what is to be mended, so that the finance lead knows."
            raise Refused([Fault(said, "reason")])
        move_returns(
            by=by,
            slice_id=slice_id,
            months=[month],
            state=state,
            partners=[partner],
            reason=reason,
        )
        return True


def _refuse_missing(slice_: Slice, partner: Partner, month: int) -> None:
    lines = [
        line for line in Line.objects.filter(slice=slice_, partner=partner) if line.takes(month)
    ]
    if not lines:
        raise Refused([Fault("This partner has no lines in this month.", "month", str(month))])
    reported = set(
        Outturn.objects.filter(line__in=lines, month=month, actual_pence__isnull=False).values_list(
            "line", flat=True
        )
    )
    missing = [line for line in lines if line.is_due(month) and line.pk not in reported]
    if missing:
        raise Refused(
            Fault(f"{line.name} has no actual yet.", "actual", "", line.code) for line in missing
        )


def _refuse_unread(item: MonthlyReturn | None, seen: str) -> None:
    last = item.events.order_by("-change").first() if item else None
    if last is None or last.state != ReturnState.SUBMITTED or str(last.change) != seen:
        raise Refused(
            [Fault("This return was moved since you opened it. Read it again as it is now.")],
            code="conflict",
        )


def _check_permission(
    by: User,
    slice_: Slice,
    state: ReturnState,
    partners: Sequence[Partner],
    present: Iterable[MonthlyReturn],
) -> None:
    needed = _MAY_MOVE[state]
    if any(item.state == ReturnState.CLOSED for item in present):
        needed = Permission.CLOSE_MONTH
    for partner in partners:
        require(by, needed, system=slice_.system, partner=partner)


def _publish(write: Writing, returns: Sequence[MonthlyReturn]) -> None:
    """Copy the present figures of these returns to their published ones, month sets at once."""
    months: dict[int, set[int]] = {}
    for item in returns:
        months.setdefault(item.partner_id, set()).add(item.month)
    partners: dict[frozenset[int], list[int]] = {}
    for partner, own in months.items():
        partners.setdefault(frozenset(own), []).append(partner)
    for same_months, together in partners.items():
        Outturn.objects.filter(
            slice=write.slice, month__in=same_months, line__partner__in=together
        ).update(
            published_revision=F("revision"),
            published_actual_pence=F("actual_pence"),
            published_forecast_pence=F("forecast_pence"),
            published_earlier_months_pence=F("earlier_months_pence"),
            published_actual_basis=F("actual_basis"),
            published_forecast_basis=F("forecast_basis"),
        )


def refuse_closed_year(slice_: Slice) -> None:
    """Raise Refused (closed) unless the year takes changes to its lines and plans."""
    if slice_.status != Slice.Status.OPEN:
        raise Refused(
            [
                Fault(
                    f"The year {slice_.year} is closed. "
                    "Ask the system's administrator to reopen it.",
                    "year",
                    slice_.year_id,
                )
            ],
            code="closed",
        )


def set_year_status(*, by: User | None, slice_id: int, status: Slice.Status) -> bool:
    """Open or close a whole year of a system. False when it already was so."""
    with writing(slice_id=slice_id, by=by, action=f"year {status}") as write:
        if by is not None:
            require(by, Permission.CLOSE_MONTH, system=write.slice.system)
        if write.slice.status == status:
            return False
        write.slice.status = status
        write.slice.save(update_fields=["status"])
        write.draw()
        return True
