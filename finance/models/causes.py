"""Causes: to what a variance is due, as those say who know."""

from django.db import models
from django.db.models import Q

from finance.models.base import FIRST_MONTH, LAST_MONTH, PenceField, month_in
from finance.models.lines import Line
from schemes.models import Evidence, Slice, User
from schemes.models.base import AppendOnly, CodeField


class Cause(models.TextChoices):
    """The short list."""

    ACTIVITY = "activity", "Activity"
    PRICE = "price", "Price"
    PAY = "pay", "Pay and staffing"
    PRESCRIBING = "prescribing", "Cost of prescribing"
    SAVINGS = "savings-slippage", "Slippage of savings"
    ONE_OFF = "one-off", "One-off"
    TIMING = "timing", "Timing"
    FUNDING = "funding", "Funding"
    OTHER = "other", "Other"


class VarianceCause(AppendOnly):
    """Of a variance to date so much is due to a cause, in words.

    The latest change of a code stands. Without a line it is said of the position of the whole
    system. Without an amount the words stand alone: what is not explained is shown, never shared
    out.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="causes")
    code = CodeField()
    line = models.ForeignKey(Line, models.PROTECT, null=True, related_name="causes")
    month = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=16, choices=Cause)
    pence = PenceField(null=True, db_comment="Pence, favourable-positive; null is not stated")
    words = models.TextField()
    withdrawn = models.BooleanField(default=False)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "code", "change"], name="cause_once"),
            month_in("cause_month", FIRST_MONTH, LAST_MONTH),
            models.CheckConstraint(name="cause_in_words", condition=~Q(words="")),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.cause}"
