"""Systems, their members and years; the slice, which is one system in one financial year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from schemes.models.base import AppendOnly, CodeField, Dated, dates_in_order
from schemes.models.partners import Partner

if TYPE_CHECKING:
    from schemes.models.people import User


class SystemQuerySet(models.QuerySet["System"]):
    def visible_to(self, user: User) -> SystemQuerySet:
        """Systems in which the user holds a role today, by system, partner or site."""
        from schemes.people.permissions import grants_of
        from schemes.people.roles import Role

        grants = grants_of(user)
        if any(grant.role == Role.SITE_ADMINISTRATOR for grant in grants):
            return self
        systems = [grant.system_id for grant in grants if grant.system_id]
        partners = [g.partner_id for g in grants if g.partner_id and not g.system_id]
        if not partners:
            return self.filter(pk__in=systems)
        member = Membership.objects.filter(partner__in=partners)
        return self.filter(Q(pk__in=systems) | Q(pk__in=member.values("system")))


class System(models.Model):
    """A place whose partners plan and report together; never added to another."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=200)
    footprint = models.TextField(blank=True, help_text="Who and where it covers, in words")
    illustrative = models.BooleanField(
        default=False, help_text="Made-up figures: every page says so"
    )
    partners: models.ManyToManyField[Partner, Membership] = models.ManyToManyField(
        Partner, through="Membership", related_name="systems"
    )

    objects = SystemQuerySet.as_manager()

    class Meta:
        ordering = ["illustrative", "name"]

    def __str__(self) -> str:
        return self.name


class Membership(Dated):
    """A partner's place in a system; ``position`` is the published order of rows."""

    system = models.ForeignKey(System, models.CASCADE, related_name="memberships")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="memberships")
    position = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position", "partner__code"]
        constraints = [
            dates_in_order("membership_dates_in_order"),
            models.UniqueConstraint(fields=["system", "partner"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} in {self.system}"


class FinancialYear(models.Model):
    """April to March; its code is 2017-18. Month 1 is April, month 13 the audited accounts."""

    code = models.CharField(primary_key=True, max_length=7)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="year_code_form",
                condition=Q(code__regex=r"^20\d\d-\d\d$"),
                violation_error_message="Write a year as 2017-18.",
            )
        ]

    def __str__(self) -> str:
        return self.code.replace("-", "/")

    @property
    def first_day(self) -> date:
        """1 April of the year."""
        return date(int(self.code[:4]), 4, 1)


class Slice(models.Model):
    """One system in one financial year: the unit of writing, recomputing and caching.

    Every write takes this row's lock, draws the next change number and holds the lock to commit.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        FINAL = "final", "Final accounts"

    system = models.ForeignKey(System, models.PROTECT, related_name="slices")
    year = models.ForeignKey(FinancialYear, models.PROTECT, related_name="slices")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    change = models.PositiveBigIntegerField(default=0, help_text="Number of the last change")

    class Meta:
        ordering = ["system", "-year"]
        constraints = [models.UniqueConstraint(fields=["system", "year"], name="slice_once")]

    def __str__(self) -> str:
        return f"{self.system} {self.year}"


class Change(AppendOnly):
    """Who changed what in a slice, and when: the number is what ``as at`` resolves to."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="changes")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey("schemes.User", models.PROTECT, null=True, related_name="changes")
    action = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    from_month = models.PositiveSmallIntegerField(
        default=0, help_text="First month whose figures it can move; 0 is all"
    )

    class Meta(AppendOnly.Meta):
        ordering = ["slice", "number"]
        constraints = [
            models.UniqueConstraint(fields=["slice", "number"], name="change_once"),
            models.CheckConstraint(name="change_counts_from_one", condition=Q(number__gte=1)),
        ]
        indexes = [models.Index(F("slice"), F("at"), name="change_by_time")]

    def __str__(self) -> str:
        return f"{self.slice_id} #{self.number} {self.action}"
