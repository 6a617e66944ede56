"""Giving, changing and ending roles: by whom, for whom and why, kept as events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from schemes.models import AdminEvent, Partner, RoleGrant, System, User
from schemes.models.people import role_holds_on
from schemes.people.directory import FOR_PARTNERS, may_grant
from schemes.people.roles import Role


@dataclass(frozen=True, kw_only=True)
class RoleSpec:
    """A role as somebody gives it; system and partner by their codes, an empty day is open."""

    role: str
    system: str = ""
    partner: str = ""
    starts: date | None = None
    ends: date | None = None


def keep_event(
    *, by: User | None, action: str, person: User | None = None, reason: str = "", **more: Any
) -> None:
    """Keep what was done for the audit; ``more`` names system, partner, role and days."""
    AdminEvent.objects.create(
        at=datetime.now(UTC), actor=by, action=action, person=person, reason=reason, **more
    )


def keep_role_event(*, by: User | None, action: str, grant: RoleGrant, reason: str) -> None:
    """Keep what was done to a role, with its days as they now stand."""
    keep_event(
        by=by,
        action=action,
        person=grant.user,
        system=grant.system,
        partner=grant.partner,
        role=grant.role,
        starts=grant.starts,
        ends=grant.ends,
        reason=reason.strip(),
    )


@transaction.atomic
def give_role(*, by: User | None, person_id: int, spec: RoleSpec, reason: str = "") -> RoleGrant:
    """Give somebody a role from a day on or at once, until a day or for good.

    A role that has ended can be given again, and a deputy gets it in their own right. Raises
    Http404 where the giver does not keep the people, and Refused for a role that is not whole, that
    the person holds, or that is one's own.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person_id)
    system, partner = _place(spec)
    if by is not None and not may_grant(by, spec.role, system, partner):
        raise Http404
    faults = _faults(by, person, spec, system, partner)
    present = person.grants.filter(role=spec.role, system=system, partner=partner).first()
    lasts = present and not _is_over(present)
    if present and lasts and present.deputy_for_id is None:
        said = f"{person} holds this role already. Change its days instead."
        faults.append(Fault(said, "role", spec.role))
    if faults:
        raise Refused(faults)
    grant = present or RoleGrant(user=person, role=spec.role, system=system, partner=partner)
    grant.starts, grant.ends, grant.deputy_for = spec.starts, spec.ends, None
    grant.ended_at = None
    grant.save()
    keep_role_event(by=by, action=AdminEvent.Action.ROLE_GIVEN, grant=grant, reason=reason)
    return grant


@transaction.atomic
def change_role(
    *, by: User | None, grant_id: int, starts: date | None, ends: date | None, reason: str
) -> bool:
    """Let a role begin or end on other days; False when it stood so already.

    Raises Http404 where one may not, and Refused without a reason, for days in the wrong order, for
    a role of one's own that would last longer, and for the last site administrator.
    """
    grant = _held(by, grant_id)
    if (grant.starts, grant.ends) == (starts, ends):
        return False
    faults = _days(starts, ends) + _no_reason(reason)
    if grant.deputy_for_id and not (starts and ends):
        faults.append(Fault("A deputy stands in from one day to another. Type both.", "ends"))
    longer = ends is None or (grant.ends is not None and ends > grant.ends)
    if by is not None and by.pk == grant.user_id and longer:
        said = "Nobody lengthens a role of their own. Ask another administrator."
        faults.append(Fault(said, "ends"))
    if faults:
        raise Refused(faults)
    grant.starts, grant.ends, grant.ended_at = starts, ends, None
    grant.save(update_fields=["starts", "ends", "ended_at"])
    _still_kept(grant)
    keep_role_event(by=by, action=AdminEvent.Action.ROLE_CHANGED, grant=grant, reason=reason)
    return True


@transaction.atomic
def end_role(*, by: User | None, grant_id: int, reason: str) -> None:
    """End a role at once: today is its last day, until this moment. One to come is taken away.

    Raises as change_role does, and Refused for a role that has ended.
    """
    grant = _held(by, grant_id)
    today = timezone.localdate()
    faults = _no_reason(reason)
    if _is_over(grant):
        faults.append(Fault("This role has ended already.", "ends"))
    if faults:
        raise Refused(faults)
    if grant.starts and grant.starts > today:
        grant.delete()
    else:
        grant.ends, grant.ended_at = today, timezone.now()
        grant.save(update_fields=["ends", "ended_at"])
    _still_kept(grant)
    keep_role_event(by=by, action=AdminEvent.Action.ROLE_ENDED, grant=grant, reason=reason)


def _is_over(grant: RoleGrant) -> bool:
    """Whether a role has ended, on an earlier day or at a moment of this one."""
    past = grant.ends is not None and grant.ends < timezone.localdate()
    return past or grant.ended_at is not None


def refuse_no_site_administrator() -> None:
    """Raise Refused unless somebody is site administrator today and without a last day.

    Of two who end each other's role at once, the second waits for the first here.
    """
    lasting = RoleGrant.objects.filter(
        Q(ends=None), role_holds_on(timezone.localdate()), role=Role.SITE_ADMINISTRATOR
    )
    _hold_site_administrators()
    if not lasting.filter(user__is_active=True).exists():
        said = (
            "This is the last site administrator. Give somebody else the role first, "
            "without a last day."
        )
        raise Refused([Fault(said, "ends")])


def _still_kept(grant: RoleGrant) -> None:
    if grant.role == Role.SITE_ADMINISTRATOR:
        refuse_no_site_administrator()


def _hold_site_administrators() -> None:
    held = RoleGrant.objects.filter(role=Role.SITE_ADMINISTRATOR).order_by("pk")
    list(held.select_for_update().values_list("pk"))


def _held(by: User | None, grant_id: int) -> RoleGrant:
    """A role, locked; Http404 where it is none that the person may act on."""
    if RoleGrant.objects.filter(pk=grant_id, role=Role.SITE_ADMINISTRATOR).exists():
        _hold_site_administrators()  # all of them, in one order, before one of them
    grant = (
        RoleGrant.objects.select_for_update(of=("self",))
        .select_related("user", "system", "partner")
        .filter(pk=grant_id)
        .first()
    )
    if grant is None or (
        by is not None and not may_grant(by, grant.role, grant.system, grant.partner)
    ):
        raise Http404
    return grant


def _place(spec: RoleSpec) -> tuple[System | None, Partner | None]:
    """The system and the partner of a role; Refused for codes that there are none of."""
    system = System.objects.filter(code=spec.system).first() if spec.system else None
    partner = Partner.objects.filter(code=spec.partner).first() if spec.partner else None
    faults = [
        Fault(f"There is no {name} '{code}'. Choose one of the list.", name, code)
        for name, code, found in (
            ("system", spec.system, system),
            ("partner", spec.partner, partner),
        )
        if code and found is None
    ]
    if faults:
        raise Refused(faults)
    return system, partner


def _faults(
    by: User | None,
    person: User,
    spec: RoleSpec,
    system: System | None,
    partner: Partner | None,
) -> list[Fault]:
    faults = _days(spec.starts, spec.ends)
    if spec.ends and spec.ends < timezone.localdate():
        faults.append(Fault("This day is over. Type a later one.", "ends", str(spec.ends)))
    if by is not None and by.pk == person.pk:
        said = "Nobody gives themselves a role. Ask another administrator."
        faults.append(Fault(said, "role", spec.role))
    if not person.is_active:
        faults.append(Fault("This account is closed. Open it again first.", "role", spec.role))
    if spec.role not in Role.values:
        faults.append(Fault("Choose a role.", "role", spec.role))
    elif spec.role in FOR_PARTNERS:
        if partner is None:
            said = "Finance leads and approvers act for a partner. Choose it."
            faults.append(Fault(said, "partner"))
        elif system and not system.memberships.filter(partner=partner).exists():
            said = f"{partner} is not a member of {system}. Choose another, or leave one out."
            faults.append(Fault(said, "partner", spec.partner))
    elif partner is not None:
        said = "Only finance leads and approvers act for a partner. Leave it out."
        faults.append(Fault(said, "partner", spec.partner))
    elif spec.role == Role.SITE_ADMINISTRATOR:
        if system is not None:
            said = "A site administrator keeps every system. Leave it out."
            faults.append(Fault(said, "system", spec.system))
    elif system is None:
        faults.append(Fault("Choose the system in which the role holds.", "system"))
    return faults


def _days(starts: date | None, ends: date | None) -> list[Fault]:
    if starts and ends and ends < starts:
        return [Fault("It ends before it starts.", "ends", str(ends))]
    return []


def _no_reason(reason: str) -> list[Fault]:
    return [] if reason.strip() else [Fault("Say why, for whoever reads the history.", "reason")]
