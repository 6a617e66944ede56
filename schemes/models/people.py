"""People: the user model, the roles they hold and when, and the tokens of their programs."""

import hashlib
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from schemes.models.base import AppendOnly, Dated, dates_in_order, holds_on
from schemes.models.partners import Partner
from schemes.models.systems import System
from schemes.people.roles import Role


class Digest(models.TextChoices):
    """How often a person wants one e-mail of all that waits for them."""

    NEVER = "", "Never"
    DAILY = "daily", "Every working day"
    WEEKLY = "weekly", "On the first working day of each week"


class User(AbstractUser):
    """A person who signs in."""

    reminders = models.BooleanField(default=True, help_text="Reminders by e-mail are wanted")
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.NEVER, blank=True)
    digest_on = models.DateField(
        null=True, blank=True, help_text="The last day of a digest, or the day it was chosen"
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class RoleGrant(Dated):
    """A role of a person: for a system, for a partner in any of its systems, or for the site.

    A deputy holds the role of somebody else for a time. One that was ended at once held until
    ``ended_at`` of its last day.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=30, choices=Role)
    system = models.ForeignKey(System, models.CASCADE, null=True, blank=True)
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True)
    deputy_for = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="deputies"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            dates_in_order("grant_dates_in_order"),
            models.CheckConstraint(
                name="deputy_for_a_time",
                condition=Q(deputy_for=None)
                | Q(starts__isnull=False, ends__isnull=False) & ~Q(deputy_for=models.F("user")),
                violation_error_message="Somebody else is a deputy from one day to another.",
            ),
            models.CheckConstraint(
                name="grant_ended_on_its_last_day",
                condition=Q(ended_at=None) | Q(ends__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "system", "partner"],
                name="grant_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="grant_names_its_partner",
                condition=Q(role__in=[Role.FINANCE_LEAD, Role.APPROVER], partner__isnull=False)
                | ~Q(role__in=[Role.FINANCE_LEAD, Role.APPROVER]) & Q(partner=None),
                violation_error_message="Finance leads and approvers, and only they, "
                "act for a partner.",
            ),
            models.CheckConstraint(
                name="only_site_administrators_span_systems",
                condition=Q(role=Role.SITE_ADMINISTRATOR, system=None)
                | ~Q(role=Role.SITE_ADMINISTRATOR)
                & (Q(system__isnull=False) | Q(partner__isnull=False)),
                violation_error_message="Name the system or the partner.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


def role_holds_on(day: date) -> Q:
    """Roles that hold on ``day`` and were not ended during it."""
    return holds_on(day) & Q(ended_at=None)


class AdminEvent(AppendOnly):
    """What was done about a person or by loading a package: by whom, when and why.

    ``system`` and ``partner`` say whose audit tells it; with neither it is about the whole site.
    Of a role it keeps the days as they stood afterwards.
    """

    class Action(models.TextChoices):
        INVITED = "invited", "Person invited"
        CHANGED = "changed", "Name or e-mail address changed"
        LINK_SENT = "link sent", "Link for a password sent"
        FACTOR_RESET = "second factor reset", "Second factor taken off"
        CLOSED = "account closed", "Account closed"
        OPENED = "account opened", "Account opened again"
        ROLE_GIVEN = "role given", "Role given"
        DEPUTY_NAMED = "deputy named", "Deputy named"
        ROLE_CHANGED = "role changed", "Days of a role changed"
        ROLE_ENDED = "role ended", "Role ended"
        PACKAGE_LOADED = "package loaded", "Data package loaded"

    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="events")
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=30, choices=Role, blank=True)
    starts = models.DateField(null=True)
    ends = models.DateField(null=True)
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.person or self.system}"


class ApiToken(models.Model):
    """A program's way in. Only the digest is kept, so a stolen database opens nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token of {self.user}"

    @staticmethod
    def digest_of(token: str) -> str:
        """The stored form of a token. It is random and long, so a plain hash is enough."""
        return hashlib.sha256(token.encode()).hexdigest()


class CalendarFeed(models.Model):
    """A calendar program's way to what is due in one system, and to nothing else.

    Only the digest of its token is kept. It shows what its person may see at that moment.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="feeds")
    system = models.ForeignKey(System, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"calendar of {self.system} for {self.user}"
