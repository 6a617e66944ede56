"""The life of a partner's month, and of a system's year."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import F

from esbt.kit.problems import Fault, Refused
from finance.models import MonthClose, MonthlyReturn, Outturn, OutturnRevision, ReturnEvent
from finance.models.outturns import ReturnState
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, has_permission, holders, require
from schemes.services.slices import Writing, writing

MAY_MOVE = {
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
    leaves what was approved. Nobody approves what they entered or submitted (Refused). A partner
    closes what it approved; anything else is closed, and a closed month moved, by those only who
    close months.
    """
    first = min(months, default=0)
    with writing(
        slice_id=slice_id, by=by, action=f"return {state}", reason=reason, from_month=first
    ) as write:
        return move_within(write, months=months, state=state, partners=partners)


def move_within(
    write: Writing, *, months: Sequence[int], state: ReturnState, partners: Sequence[Partner]
) -> int:
    """The same as part of a larger write: how many returns moved."""
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
    if write.by is not None:
        _check_permission(write.by, write.slice, state, partners, present.values(), moving)
        if state == ReturnState.APPROVED:
            _refuse_own(write.by, moving)
    if not moving:
        return 0
    change = write.draw()
    publishing = [
        item
        for item in moving
        if state == ReturnState.APPROVED
        or (state == ReturnState.CLOSED and item.state != ReturnState.APPROVED)
    ]
    reopened = {item.month for item in moving if item.state == ReturnState.CLOSED}
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
            actor=write.by,
        )
        for item in moving
    )
    _publish(write, publishing)
    _open_system(write, reopened)
    return len(moving)


def _open_system(write: Writing, months: Collection[int]) -> None:
    """A system's month is closed no longer once a return of it is opened again."""
    if not months:
        return
    last = MonthClose.objects.filter(slice=write.slice, month__in=months).order_by("change")
    closed = dict(last.values_list("month", "closed"))
    MonthClose.objects.bulk_create(
        MonthClose(
            slice=write.slice, month=month, closed=False, change=write.draw(), actor=write.by
        )
        for month in sorted(months)
        if closed.get(month)
    )


def _check_permission(
    by: User,
    slice_: Slice,
    state: ReturnState,
    partners: Sequence[Partner],
    present: Iterable[MonthlyReturn],
    moving: Sequence[MonthlyReturn],
) -> None:
    needed = MAY_MOVE[state]
    if any(item.state == ReturnState.CLOSED for item in present):
        needed = Permission.CLOSE_MONTH
    own = moving and all(item.state == ReturnState.APPROVED for item in moving)
    for partner in partners:
        if state == ReturnState.CLOSED and own:
            approves = Permission.APPROVE_RETURN
            if has_permission(by, approves, system=slice_.system, partner=partner):
                continue
        require(by, needed, system=slice_.system, partner=partner)


def had_a_hand(slice_: Slice, partner: Partner, month: int) -> set[int]:
    """Ids of those who entered figures of a partner's month or submitted it: two queries."""
    entered = OutturnRevision.objects.filter(
        line__slice=slice_, line__partner=partner, month=month, actor__isnull=False
    )
    submitted = ReturnEvent.objects.filter(
        monthly_return__slice=slice_,
        monthly_return__partner=partner,
        monthly_return__month=month,
        state=ReturnState.SUBMITTED,
        actor__isnull=False,
    )
    return {
        *entered.order_by().values_list("actor", flat=True).distinct(),
        *submitted.values_list("actor", flat=True),
    }


def approvers(slice_: Slice, partner: Partner, month: int) -> list[User]:
    """Who may approve a partner's month: approvers who neither entered nor submitted it."""
    busy = had_a_hand(slice_, partner, month)
    held = holders(Permission.APPROVE_RETURN, system=slice_.system, partner=partner)
    return [user for user in held if user.pk not in busy]


OWN_FIGURES = (
    "You entered figures of this month or submitted it, so somebody else has to approve it."
)


def _refuse_own(by: User, moving: Sequence[MonthlyReturn]) -> None:
    if any(by.pk in had_a_hand(item.slice, item.partner, item.month) for item in moving):
        raise Refused([Fault(OWN_FIGURES)])


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
