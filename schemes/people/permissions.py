"""What people may do, in words that can be read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from schemes.models.base import holds_on
from schemes.models.partners import GroupMember, Partner
from schemes.models.people import RoleGrant, role_holds_on
from schemes.models.systems import System
from schemes.people.roles import PERMISSIONS, Permission, Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from schemes.models import User

__all__ = [
    "Permission",
    "Role",
    "grants_of",
    "has_permission",
    "holders",
    "partners_of",
    "require",
    "roles_in",
    "systems_where",
]


def grants_of(user: User) -> list[RoleGrant]:
    """The user's roles that hold today; read once for each user object, that is each request."""
    known: list[RoleGrant] | None = getattr(user, "_grants", None)
    if known is None:
        if not user.is_authenticated or not user.is_active:
            known = []
        else:
            known = list(
                user.grants.filter(role_holds_on(timezone.localdate())).select_related(
                    "partner", "deputy_for"
                )
            )
        user._grants = known  # type: ignore[attr-defined]
    return known


def partners_of(
    user: User, permission: Permission, *, system: System | None = None
) -> list[Partner]:
    """Partners for which the user holds a permission: their own and the groups they belong to.

    With a system, those of its members for which the permission holds there.
    """
    own = {
        grant.partner_id
        for grant in grants_of(user)
        if grant.partner_id
        and _gives(grant, permission)
        and (system is None or grant.system_id in (None, system.pk))
    }
    if not own:
        return []
    groups = GroupMember.objects.filter(holds_on(timezone.localdate()), member__in=own).values(
        "group"
    )
    partners = Partner.objects.filter(Q(id__in=own) | Q(id__in=groups))
    return list(partners.filter(systems=system) if system else partners)


def has_permission(
    user: User,
    permission: Permission,
    *,
    system: System | None = None,
    partner: Partner | None = None,
) -> bool:
    """Whether the user holds a permission in a system, for a partner, or (neither) on the site.

    A role for a partner holds for the reporting groups that the partner belongs to as well,
    and for reading in every system of which the partner is a member.
    """
    for grant in grants_of(user):
        if not _gives(grant, permission):
            continue
        if grant.role == Role.SITE_ADMINISTRATOR:
            return True
        if system is None and partner is None:
            continue
        if grant.system_id and system and grant.system_id != system.pk:
            continue
        if grant.partner_id is None:
            return True
        if partner is not None:
            if _acts_for(grant.partner_id, partner):
                return True
        elif (
            permission in (Permission.READ_SYSTEM, Permission.READ_PROVISIONAL)
            and system is not None
            and (grant.system_id or _is_member(grant.partner_id, system))
        ):
            return True
    return False


def roles_in(user: User, system: System) -> list[str]:
    """The roles that the user holds today in a system, in words, as one signs with them.

    Such as "System administrator" or "Approver, Moor, standing in for Ada".
    """
    members = set(system.memberships.values_list("partner", flat=True))
    return [
        str(Role(grant.role).label)
        + (f", {grant.partner}" if grant.partner else "")
        + (f", standing in for {grant.deputy_for}" if grant.deputy_for else "")
        for grant in grants_of(user)
        if grant.system_id in (None, system.pk) and grant.partner_id in {None, *members}
    ]


def systems_where(user: User, permission: Permission) -> QuerySet[System]:
    """Systems in the whole of which the user holds a permission; a partner's role is not that."""
    giving = [grant for grant in grants_of(user) if _gives(grant, permission)]
    if any(grant.role == Role.SITE_ADMINISTRATOR for grant in giving):
        return System.objects.all()
    own = [grant.system_id for grant in giving if grant.system_id and not grant.partner_id]
    return System.objects.filter(pk__in=own)


def require(
    user: User,
    permission: Permission,
    *,
    system: System | None = None,
    partner: Partner | None = None,
) -> None:
    """Raise Http404 when the user lacks the permission: what one may not see is not there."""
    if not has_permission(user, permission, system=system, partner=partner):
        raise Http404


def holders(
    permission: Permission, *, system: System, partner: Partner | None = None
) -> list[User]:
    """The people who hold a permission for a partner in a system, or in the whole of it, by name.

    One query.
    """
    roles = [role for role, given in PERMISSIONS.items() if permission in given]
    today = timezone.localdate()
    members = GroupMember.objects.filter(holds_on(today), group=partner).values("member")
    whose = Q(partner=None)
    if partner is not None:
        whose |= Q(partner=partner) | Q(partner__in=members)
    held = (
        RoleGrant.objects.filter(role_holds_on(today), role__in=roles, user__is_active=True)
        .filter(Q(system=None) | Q(system=system))
        .filter(whose)
        .select_related("user")
    )
    return sorted({grant.user for grant in held}, key=str)


def _gives(grant: RoleGrant, permission: Permission) -> bool:
    return permission in PERMISSIONS[Role(grant.role)]


def _is_member(partner_id: int, system: System) -> bool:
    return system.memberships.filter(partner=partner_id).exists()


def _acts_for(own_id: int, partner: Partner) -> bool:
    if own_id == partner.pk:
        return True
    return (
        partner.kind == Partner.Kind.GROUP
        and GroupMember.objects.filter(
            holds_on(timezone.localdate()), group=partner, member_id=own_id
        ).exists()
    )
