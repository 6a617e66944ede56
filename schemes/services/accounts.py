"""Accounts of people: invited, corrected, closed and opened; nobody types another's password."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import Http404

from esbt.kit.problems import Fault, Refused
from schemes.models import AdminEvent, User
from schemes.people.directory import may_manage, on_site
from schemes.people.roles import Role
from schemes.services.grants import (
    RoleSpec,
    give_role,
    keep_event,
    refuse_no_site_administrator,
)

LONGEST = 150  # of a name, and of an e-mail address, which is the username as well
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class PersonSpec:
    """Somebody by e-mail address, and the name that pages show."""

    email: str
    name: str


@transaction.atomic
def invite(
    *, by: User | None, spec: PersonSpec, role: RoleSpec, reason: str = ""
) -> tuple[User, bool]:
    """Make an account with a first role; the person, and whether the account is new.

    Nobody has its password until the person sets one. Who has an account under the address gets
    the role and keeps their name. Raises what give_role does, and Refused for an address or a name
    that is none.
    """
    email, name = spec.email.strip().lower(), _SPACES.sub(" ", spec.name).strip()
    known = _by_email(email)
    faults = [] if known else _faults(email, name)
    if faults:
        raise Refused(faults)
    person = known or _made(email, name)
    if known is None:
        keep_event(by=by, action=AdminEvent.Action.INVITED, person=person, reason=reason.strip())
    give_role(by=by, person_id=person.pk, spec=role, reason=reason)
    return person, known is None


def _by_email(email: str) -> User | None:
    found = User.objects.filter(email__iexact=email) if email else User.objects.none()
    return found.first() or User.objects.filter(username=email).first()


def _faults(email: str, name: str) -> list[Fault]:
    faults = []
    try:
        validate_email(email)
        if len(email) > LONGEST:
            raise ValidationError("too long")
    except ValidationError:
        said = "Type an e-mail address, such as jane.smith@example.org."
        faults.append(Fault(said, "email", email))
    if not name or len(name) > LONGEST:
        said = f"Type a name of at most {LONGEST} characters, such as Jane Smith."
        faults.append(Fault(said, "name", name))
    return faults


def _made(email: str, name: str) -> User:
    person = User(username=email, email=email, first_name=name)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        said = "Somebody invited this person at the same moment. Look at the list of people."
        raise Refused([Fault(said, "email", email)]) from None
    return person


@transaction.atomic
def change_account(*, by: User, person_id: int, spec: PersonSpec, reason: str) -> bool:
    """Correct somebody's name or e-mail address; False when they stood so already.

    Once somebody has signed in, links for their password go where they said: only a site
    administrator moves them. Raises Http404 where one may not act, and Refused for what is none.
    """
    person = _managed(by, person_id)
    email, name = spec.email.strip().lower(), _SPACES.sub(" ", spec.name).strip()
    moves = email != person.email.lower()
    if not moves and name == str(person):
        return False
    faults = [fault for fault in _faults(email, name) if moves or fault.field != "email"]
    if moves and person.last_login and not on_site(by):
        said = "This person has signed in, so a site administrator changes the address."
        faults.append(Fault(said, "email", email))
    other = _by_email(email)
    if moves and other and other.pk != person.pk:
        faults.append(Fault(f"{other} has this address.", "email", email))
    if not reason.strip():
        faults.append(Fault("Say why, for whoever reads the history.", "reason"))
    if faults:
        raise Refused(faults)
    if person.username == person.email.lower():
        person.username = email
    person.email, person.first_name, person.last_name = email, name, ""
    person.save(update_fields=["username", "email", "first_name", "last_name"])
    keep_event(by=by, action=AdminEvent.Action.CHANGED, person=person, reason=reason.strip())
    return True


@transaction.atomic
def send_link(*, by: User, person_id: int, send: Callable[[User], None]) -> None:
    """Have a link for setting a password sent to the person's own address.

    ``send`` brings it on its way. Raises Http404 where one may not act, and Refused for a closed
    account, one without an address, and when the mail does not leave.
    """
    person = _managed(by, person_id)
    if not person.is_active:
        raise Refused([Fault("This account is closed. Open it again first.")])
    if not person.email:
        raise Refused([Fault("This account has no e-mail address. Add it first.", "email")])
    try:
        send(person)
    except OSError as error:  # smtplib's are OSErrors
        said = f"The link could not be sent ({error}). Try again, or ask whoever runs the site."
        raise Refused([Fault(said)]) from error
    keep_event(by=by, action=AdminEvent.Action.LINK_SENT, person=person)


@transaction.atomic
def close_account(*, by: User, person_id: int, reason: str) -> None:
    """Let somebody sign in no more, from this moment on; roles and history stay.

    Raises Http404 where one may not act, and Refused without a reason, for one's own account and
    for the last site administrator's.
    """
    person = _managed(by, person_id)
    faults = [] if reason.strip() else [Fault("Say why the account is closed.", "reason")]
    if person.pk == by.pk:
        faults.append(Fault("Nobody closes their own account. Ask another administrator."))
    if not person.is_active:
        faults.append(Fault("This account is closed already."))
    if faults:
        raise Refused(faults)
    person.is_active = False
    person.save(update_fields=["is_active"])
    if person.grants.filter(role=Role.SITE_ADMINISTRATOR).exists():
        refuse_no_site_administrator()
    keep_event(by=by, action=AdminEvent.Action.CLOSED, person=person, reason=reason.strip())


@transaction.atomic
def open_account(*, by: User, person_id: int, reason: str) -> None:
    """Let somebody sign in again, with the roles that still hold."""
    person = _managed(by, person_id)
    faults = [] if reason.strip() else [Fault("Say why the account is opened again.", "reason")]
    if person.is_active:
        faults.append(Fault("This account is open already."))
    if faults:
        raise Refused(faults)
    person.is_active = True
    person.save(update_fields=["is_active"])
    keep_event(by=by, action=AdminEvent.Action.OPENED, person=person, reason=reason.strip())


@transaction.atomic
def reset_second_factor(*, by: User, person_id: int, reason: str) -> None:
    """Take somebody's second factor off, as when a telephone is lost; they set up another.

    Raises Http404 where one may not act, and Refused without a reason, for one's own account and
    where there is no second factor.
    """
    person = _managed(by, person_id)
    faults = [] if reason.strip() else [Fault("Say why it is taken off.", "reason")]
    if person.pk == by.pk:
        faults.append(Fault("Change your own second factor under your account."))
    if not Authenticator.objects.filter(user=person).exists():
        faults.append(Fault("This account has no second factor."))
    if faults:
        raise Refused(faults)
    Authenticator.objects.filter(user=person).delete()
    keep_event(by=by, action=AdminEvent.Action.FACTOR_RESET, person=person, reason=reason.strip())


def _managed(by: User, person_id: int) -> User:
    """A person, locked; Http404 for whoever may not act on the account."""
    # no_key: an event that names the person waits for nobody
    person = User.objects.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None or not may_manage(by, person):
        raise Http404
    return person
