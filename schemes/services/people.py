"""People and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from schemes.models import RoleGrant, User
from schemes.roles import Role
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
