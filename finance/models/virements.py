"""Virements: an amount that moves between the plans of two lines, and what was decided on it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from finance.models.base import FIRST_MONTH, LAST_MONTH, PenceField
from finance.models.lines import Line
from finance.models.plans import Plan
from schemes.models import Slice, User
from schemes.models.base import AppendOnly


class Virement(AppendOnly):
    """What somebody proposes: so much of one line's plan is to be another's.

    ``month`` is the one that it is to move in; without one it is spread over the open months.
    ``reverses`` names the virement that this one takes back.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="virements")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="virements")
    giving = models.ForeignKey(Line, models.PROTECT, related_name="+")
    receiving = models.ForeignKey(Line, models.PROTECT, related_name="+")
    pence = PenceField(db_comment="Pence for the year, in the sense of both lines; positive")
    month = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField()
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["-change"]
        constraints = [
            models.UniqueConstraint(fields=["slice", "change"], name="virement_once"),
            models.CheckConstraint(name="virement_moves_an_amount", condition=Q(pence__gt=0)),
            models.CheckConstraint(
                name="virement_between_two_lines", condition=~Q(giving=F("receiving"))
            ),
            models.CheckConstraint(
                name="virement_month",
                condition=Q(month=None) | Q(month__range=(FIRST_MONTH, LAST_MONTH)),
            ),
            models.CheckConstraint(name="virement_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.pence} from {self.giving_id} to {self.receiving_id}"


class VirementOutcome(AppendOnly):
    """What another person decided, once: rejected, or approved with the plans before and after.

    The two plans together hold after it what they held before, which the database checks, and
    one profile leaves the one and joins the other, so that no month's total moves either.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    virement = models.OneToOneField(Virement, models.PROTECT, related_name="outcome")
    decision = models.CharField(max_length=8, choices=Decision)
    reason = models.TextField(blank=True)
    giving_before_pence = PenceField(null=True)
    giving_after_pence = PenceField(null=True)
    receiving_before_pence = PenceField(null=True)
    receiving_after_pence = PenceField(null=True)
    moved_to_date_pence = ArrayField(
        models.BigIntegerField(),
        size=LAST_MONTH,
        null=True,
        db_comment="Pence moved to date by month, April first; null: neither line has months",
    )
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.CheckConstraint(
                name="virement_nets_to_zero",
                condition=Q(decision="rejected")
                | Q(
                    giving_before_pence__isnull=False,
                    giving_after_pence__isnull=False,
                    receiving_before_pence__isnull=False,
                    receiving_after_pence__isnull=False,
                )
                & Q(
                    receiving_after_pence=F("giving_before_pence")
                    + F("receiving_before_pence")
                    - F("giving_after_pence"),
                ),
            ),
            models.CheckConstraint(
                name="virement_moves_its_months",
                condition=Q(moved_to_date_pence=None)
                | Q(
                    moved_to_date_pence__len=LAST_MONTH,
                    moved_to_date_pence__11=F("giving_before_pence") - F("giving_after_pence"),
                ),
            ),
            models.CheckConstraint(
                name="virement_rejected_with_a_reason",
                condition=Q(decision="approved") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.virement_id}: {self.decision}"
