"""People and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from schemes.models import AdminEvent, RoleGrant, User
from schemes.models.people import Digest
from schemes.people.permissions import Permission, grants_of, has_permission
from schemes.people.roles import Role
from schemes.services.grants import keep_role_event
from schemes.services.upsert import allow


@dataclass(frozen=True, kw_only=True)
class PersonSpec:
    """Somebody who signs in, by user name."""

    username: str
    name: str


@dataclass(frozen=True, kw_only=True)
class GrantSpec:
    """A role of a person in a system, for a partner, or (neither) for the site; by ids."""

    username: str
    role: Role
    system_id: int | None = None
    partner_id: int | None = None


@transaction.atomic
def add_people(*, by: User | None, people: Sequence[PersonSpec], password: str) -> int:
    """Add those who are not there yet, all with one password; how many were added.

    The password is hashed once, because hashing is slow on purpose. Who is there is left alone.
    """
    allow(by)
    known = set(
        User.objects.filter(username__in=[person.username for person in people]).values_list(
            "username", flat=True
        )
    )
    missing = [person for person in people if person.username not in known]
    if missing:
        hashed = make_password(password)
        User.objects.bulk_create(
            [
                User(username=person.username, first_name=person.name, password=hashed)
                for person in missing
            ],
            batch_size=2000,
        )
    return len(missing)


@transaction.atomic
def grant_roles(*, by: User | None, grants: Sequence[GrantSpec]) -> int:
    """Give roles that people do not hold yet; how many were given. None is taken away."""
    allow(by)
    users = dict(
        User.objects.filter(username__in={grant.username for grant in grants}).values_list(
            "username", "pk"
        )
    )
    held = set(
        RoleGrant.objects.filter(user__in=users.values()).values_list(
            "user_id", "role", "system_id", "partner_id"
        )
    )
    given = [
        RoleGrant(
            user_id=users[grant.username],
            role=grant.role,
            system_id=grant.system_id,
            partner_id=grant.partner_id,
        )
        for grant in grants
        if (users[grant.username], grant.role, grant.system_id, grant.partner_id) not in held
    ]
    RoleGrant.objects.bulk_create(given, batch_size=2000)
    return len(given)


LONGEST_DEPUTY_DAYS = 366


@transaction.atomic
def name_deputy(*, by: User, grant_id: int, username: str, starts: date, ends: date) -> RoleGrant:
    """Let somebody hold a role for its holder from one day to another, both included.

    The holder names a deputy, or whoever administers the role's system. The same deputy may be
    named again for another time. Raises Http404 for somebody else's role, and Refused when nobody
    has that user name, when the person holds the role in their own right, and for a time that is
    over, too long or ends before it starts.
    """
    grant = RoleGrant.objects.select_related("user", "system").filter(pk=grant_id).first()
    if grant is None or grant.deputy_for_id or not _may_name(by, grant):
        raise Http404
    person = User.objects.filter(username=username, is_active=True).first()
    faults = _deputy_faults(grant, person, starts, ends)
    held = RoleGrant.objects.select_for_update().filter(
        user=person, role=grant.role, system=grant.system_id, partner=grant.partner_id
    )
    present = held.first() if person else None
    if present and present.deputy_for_id != grant.user_id:
        said = f"{person} holds this role already."
        faults.append(Fault(said, "deputy", username))
    if faults or person is None:
        raise Refused(faults)
    made = present or RoleGrant(
        user=person,
        role=grant.role,
        system_id=grant.system_id,
        partner_id=grant.partner_id,
        deputy_for=grant.user,
    )
    made.starts, made.ends, made.ended_at = starts, ends, None
    made.save()
    keep_role_event(
        by=by, action=AdminEvent.Action.DEPUTY_NAMED, grant=made, reason=f"For {grant.user}"
    )
    return made


def _may_name(by: User, grant: RoleGrant) -> bool:
    if grant.pk in {own.pk for own in grants_of(by)}:
        return True
    return has_permission(by, Permission.MANAGE_SYSTEM, system=grant.system)


def _deputy_faults(grant: RoleGrant, person: User | None, starts: date, ends: date) -> list[Fault]:
    faults = []
    if person is None:
        said = "Nobody has this user name. Type it as that person signs in."
        faults.append(Fault(said, "deputy"))
    elif person.pk == grant.user_id:
        faults.append(Fault("Name somebody else: this person holds the role.", "deputy"))
    if ends < starts:
        faults.append(Fault("It ends before it starts.", "ends", ends.isoformat()))
    elif ends < timezone.localdate():
        faults.append(Fault("These days are over.", "ends", ends.isoformat()))
    elif (ends - starts).days > LONGEST_DEPUTY_DAYS:
        said = "A deputy stands in for a year at most. Ask for a role of their own instead."
        faults.append(Fault(said, "ends", ends.isoformat()))
    return faults


def choose_reminders(*, by: User, wanted: bool) -> None:
    """Whether a person gets reminders by e-mail."""
    User.objects.filter(pk=by.pk).update(reminders=wanted)


def choose_digest(*, by: User, often: str, today: date) -> Digest:
    """How often a person gets a digest; the first comes on a later day than the choice.

    A word that names no choice is refused.
    """
    if often not in Digest.values:
        said = "Choose how often the digest comes: never, every working day or once a week."
        raise Refused([Fault(said, "digest", often[:20])])
    User.objects.filter(pk=by.pk).update(digest=often, digest_on=today)
    return Digest(often)
