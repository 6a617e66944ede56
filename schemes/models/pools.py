"""Pooled and aligned budgets: whose they are, what they hold and who manages them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q

from schemes.models.base import CodeField, Dated, dates_in_order
from schemes.models.partners import Partner
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class DayRange(Func):
    """The days from one column to another, both included; an empty end is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


def days_held() -> DayRange:
    """The days of a Dated row."""
    return DayRange("starts", "ends", RangeBoundary(inclusive_lower=True, inclusive_upper=True))


class Pool(Evidenced):
    """Money that partners plan together: pooled in one fund, or aligned and kept by each.

    Pooled and aligned budgets are never added to each other. What stands in the pool in a year,
    and the rules by which its variance is shared, are kept with the money.
    """

    class Kind(models.TextChoices):
        POOLED = "pooled", "Pooled"
        ALIGNED = "aligned", "Aligned"

    system = models.ForeignKey(System, models.CASCADE, related_name="pools")
    code = CodeField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    manager_role = models.CharField(
        max_length=120, blank=True, help_text="The pool manager: a role, never a person"
    )
    scope = models.TextField(blank=True, help_text="What it holds")
    excludes = models.TextField(blank=True, help_text="What stands outside it")

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="pool_once")]

    def __str__(self) -> str:
        return self.name


class PoolMember(Evidenced, Dated):
    """A partner in a pool, and whether it hosts it; one host at a time.

    A host that is ``proposed`` has been recommended and not yet agreed.
    """

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="members")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="pool_memberships")
    host = models.BooleanField(default=False)
    proposed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pool", "partner__code", "starts"]
        constraints = [
            dates_in_order("pool_member_dates_in_order"),
            models.UniqueConstraint(
                fields=["pool", "partner", "starts"],
                name="pool_member_once",
                nulls_distinct=False,
            ),
            ExclusionConstraint(
                name="pool_has_one_host",
                expressions=[
                    ("pool", RangeOperators.EQUAL),
                    (days_held(), RangeOperators.OVERLAPS),
                ],
                condition=Q(host=True),
                violation_error_message="A pool has one host at a time. End the other's days as "
                "host first, or make one of the two a member.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} in {self.pool}"
