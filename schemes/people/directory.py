"""People as administrators and auditors see them: who there is, what each may do, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from schemes.models import AdminEvent, Partner, RoleGrant, System, User
from schemes.models.people import role_holds_on
from schemes.people.permissions import Permission, has_permission, systems_where
from schemes.people.roles import DESCRIPTIONS, PERMISSIONS, Role

SOON = 30  # days within which the end of a role is worth a look
FOR_PARTNERS = (Role.FINANCE_LEAD, Role.APPROVER)


# whom one may see, and whom one may act on


def kept(user: User) -> QuerySet[System]:
    """Systems whose people somebody invites and gives roles to."""
    return systems_where(user, Permission.MANAGE_PEOPLE)


def on_site(user: User, permission: Permission = Permission.MANAGE_PEOPLE) -> bool:
    """Whether somebody holds a permission on the whole site."""
    return has_permission(user, permission)


def may_grant(by: User, role: str, system: System | None, partner: Partner | None) -> bool:
    """Whether somebody may give, change and end such a role: only where they keep the people.

    A role for a partner without a system holds in all systems of the partner, so whoever touches
    it keeps the people of each of them.
    """
    if on_site(by):
        return True
    if role == Role.SITE_ADMINISTRATOR:
        return False
    if system is not None:
        return has_permission(by, Permission.MANAGE_PEOPLE, system=system)
    if partner is None:
        return False
    everywhere = set(partner.systems.values_list("pk", flat=True))
    return bool(everywhere) and everywhere <= set(kept(by).values_list("pk", flat=True))


def may_manage(by: User, person: User) -> bool:
    """Whether somebody may act on a person's account: only if they may act on each role of it."""
    if on_site(by):
        return True
    grants = list(person.grants.select_related("system", "partner"))
    return bool(grants) and all(may_grant(by, g.role, g.system, g.partner) for g in grants)


def visible_grants(user: User) -> QuerySet[RoleGrant]:
    """Roles, also those that ended, in the systems whose audit somebody reads, and on the site."""
    found = RoleGrant.objects.select_related("system", "partner", "deputy_for")
    if on_site(user, Permission.READ_AUDIT):
        return found
    systems = systems_where(user, Permission.READ_AUDIT)
    if not systems.exists():
        return found.none()
    return found.filter(_reaches(systems))


def _reaches(systems: QuerySet[System]) -> Q:
    """Roles that hold in one of some systems."""
    members = Partner.objects.filter(systems__in=systems).values("pk")
    return (
        Q(system__in=systems)
        | Q(system=None, partner__in=members)
        | Q(role=Role.SITE_ADMINISTRATOR)
    )


def visible_people(user: User) -> QuerySet[User]:
    """Those who hold or held a role that somebody sees; everybody for whoever keeps the site."""
    if on_site(user, Permission.READ_AUDIT):
        return User.objects.all()
    return User.objects.filter(pk__in=visible_grants(user).values("user"))


def visible_person(user: User, pk: int) -> User:
    """A person whom somebody sees; Http404 for any other."""
    found = visible_people(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible_events(user: User, person: User) -> QuerySet[AdminEvent]:
    """What was done about a person, as far as somebody sees it, the newest first."""
    found = person.events.select_related("actor", "system", "partner")
    if on_site(user, Permission.READ_AUDIT):
        return found
    return found.filter(events_in(systems_where(user, Permission.READ_AUDIT)))


def events_in(systems: QuerySet[System]) -> Q:
    """Events that the audit of some systems tells: of their roles, and of those who hold them."""
    members = Partner.objects.filter(systems__in=systems).values("pk")
    people = RoleGrant.objects.filter(_reaches(systems)).values("user")
    return (
        Q(system__in=systems)
        | Q(system=None, partner__in=members)
        | Q(system=None, partner=None, person__in=people)
    )


# the list


STATES = {
    "now": "Holds a role today",
    "ends": f"A role ends within {SOON} days",
    "coming": "A role has not begun",
    "ended": "Holds none any more",
    "never": "Never signed in",
    "closed": "Account closed",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for; empty is everything."""

    system: str = ""
    partner: str = ""
    role: str = ""
    state: str = ""
    name: str = ""


def people_list(user: User, wanted: Wanted) -> QuerySet[User]:
    """People by name, each with ``shown``: the roles that the user sees. Two queries a page."""
    today = timezone.localdate()
    roles = visible_grants(user)
    asked = roles
    if wanted.system:
        members = Partner.objects.filter(systems__code=wanted.system).values("pk")
        asked = asked.filter(Q(system__code=wanted.system) | Q(system=None, partner__in=members))
    if wanted.partner:
        asked = asked.filter(partner__code=wanted.partner)
    if wanted.role:
        asked = asked.filter(role=wanted.role)
    found = visible_people(user)
    if wanted.state in _OF_ROLES:
        asked = asked.filter(_OF_ROLES[wanted.state](today))
    if wanted.system or wanted.partner or wanted.role or wanted.state in _OF_ROLES:
        found = found.filter(Exists(asked.filter(user=OuterRef("pk"))))
    if wanted.state == "ended":
        found = found.filter(~Exists(roles.filter(_lasting(today), user=OuterRef("pk"))))
    elif wanted.state == "never":
        found = found.filter(last_login=None)
    if wanted.state == "closed":
        found = found.filter(is_active=False)
    elif wanted.state:
        found = found.filter(is_active=True)
    if wanted.name:
        found = found.filter(
            Q(first_name__icontains=wanted.name)
            | Q(last_name__icontains=wanted.name)
            | Q(username__icontains=wanted.name)
            | Q(email__icontains=wanted.name)
        )
    shown = roles.order_by(F("ends").desc(nulls_first=True), "role", "pk")
    return found.order_by("first_name", "last_name", "username").prefetch_related(
        Prefetch("grants", shown, to_attr="shown")
    )


def _lasting(today: date) -> Q:
    return (Q(ends=None) | Q(ends__gte=today)) & Q(ended_at=None)


_OF_ROLES: Mapping[str, Callable[[date], Q]] = {
    "now": role_holds_on,
    "ends": lambda today: role_holds_on(today) & Q(ends__lte=today + timedelta(days=SOON)),
    "coming": lambda today: Q(starts__gt=today),
}


# in words


def place_of(grant: RoleGrant | AdminEvent) -> str:
    """Where a role holds: "Moor in The valley", "Moor, in each of its systems", "every system"."""
    if grant.partner and grant.system:
        return f"{grant.partner.name} in {grant.system.name}"
    if grant.partner:
        return f"{grant.partner.name}, in each of its systems"
    return grant.system.name if grant.system else "every system"


def days_of(grant: RoleGrant | AdminEvent) -> str:
    """When a role holds: "from 1 April 2026 to 30 June 2026", empty when it has no days.

    One that was ended at once says until when on its last day: "to 30 June 2026 at 14:05".
    """
    parts = [
        f"{word} {day:%-d %B %Y}"
        for word, day in (("from", grant.starts), ("to", grant.ends))
        if day
    ]
    ended = getattr(grant, "ended_at", None)
    at = [f"at {timezone.localtime(ended):%H:%M}"] if ended else []
    return " ".join([*parts, *at])


def state_of(grant: RoleGrant, today: date) -> str:
    """Whether a role is "coming", holds "now", "ends" soon or has "ended"."""
    if grant.starts and grant.starts > today:
        return "coming"
    if grant.ended_at or (grant.ends and grant.ends < today):
        return "ended"
    return "ends" if grant.ends and grant.ends <= today + timedelta(days=SOON) else "now"


@dataclass(frozen=True, slots=True)
class May:
    """A role of a person read aloud."""

    grant: RoleGrant
    role: str
    place: str
    days: str
    state: str
    description: str
    permissions: Sequence[str]


def may_of(grant: RoleGrant) -> May:
    """What somebody may do by a role, in sentences."""
    role = Role(grant.role)
    deputy = f"Deputy for {grant.deputy_for}. " if grant.deputy_for else ""
    return May(
        grant,
        str(role.label),
        place_of(grant),
        days_of(grant),
        state_of(grant, timezone.localdate()),
        deputy + DESCRIPTIONS[role],
        [str(permission) for permission in PERMISSIONS[role]],
    )


def matrix() -> list[tuple[str, list[bool]]]:
    """Each permission, and whether each role gives it, in the order of the roles."""
    return [
        (str(permission), [permission in PERMISSIONS[role] for role in Role])
        for permission in Permission
    ]
