"""Outturns: a head (the present value) and its revisions; the returns that carry their state."""

from django.db import models
from django.db.models import Q

from finance.models.base import (
    AUDITED,
    OPENING_FORECAST,
    BasisField,
    PenceField,
    month_in,
)
from finance.models.lines import Line
from schemes.models import Evidence, Partner, Slice, User
from schemes.models.base import AppendOnly


class OutturnFields(models.Model):
    """What is reported for a line at a month.

    ``actual_pence`` is cumulative from the line's first month; ``forecast_pence`` is for the full
    year. Month 0 is the opening forecast, month 13 the audited outturn.
    """

    line = models.ForeignKey(Line, models.PROTECT, related_name="+")
    month = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    change = models.PositiveBigIntegerField()
    actual_pence = PenceField(null=True)
    forecast_pence = PenceField(null=True)
    earlier_months_pence = PenceField(
        null=True, help_text="Of the actual, what corrects months reported before"
    )
    actual_basis = BasisField()
    forecast_basis = BasisField()
    comment = models.TextField(blank=True)
    actual_evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    forecast_evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class Outturn(OutturnFields):
    """The head: the present value, and beside it the one that was last published.

    The published value is the present one at the moment when the partner's return was approved.
    """

    line = models.ForeignKey(Line, models.PROTECT, related_name="outturns")
    slice = models.ForeignKey(Slice, models.PROTECT, related_name="+")
    published_revision = models.PositiveIntegerField(null=True)
    published_actual_pence = PenceField(null=True)
    published_forecast_pence = PenceField(null=True)
    published_earlier_months_pence = PenceField(null=True)
    published_actual_basis = BasisField()
    published_forecast_basis = BasisField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "month"], name="outturn_once"),
            month_in("outturn_month", OPENING_FORECAST, AUDITED),
            models.CheckConstraint(
                name="outturn_opening_is_forecast",
                condition=~Q(month=OPENING_FORECAST) | Q(actual_pence=None),
                violation_error_message="The opening forecast has no actual.",
            ),
            models.CheckConstraint(
                name="outturn_published_from_revision",
                condition=Q(published_revision__isnull=False)
                | Q(published_actual_pence=None, published_forecast_pence=None),
            ),
        ]
        indexes = [models.Index(fields=["slice"], name="outturn_by_slice")]

    def __str__(self) -> str:
        return f"{self.line_id} month {self.month}"


class OutturnRevision(OutturnFields, AppendOnly):
    """Every value that was ever saved, by whom: history is never changed."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="outturn_revisions")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["line", "month", "revision"], name="outturn_revision_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} month {self.month} revision {self.revision}"


class ReturnState(models.TextChoices):
    """The life of a partner's month."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    CLOSED = "closed", "Closed"


class ReturnFields(models.Model):
    """State of a return; ``published_change`` is the change whose figures it published."""

    state = models.CharField(max_length=10, choices=ReturnState, default=ReturnState.DRAFT)
    published_change = models.PositiveBigIntegerField(null=True)

    class Meta:
        abstract = True


class MonthlyReturn(ReturnFields):
    """A partner's figures of one month as one thing that is submitted, approved and closed."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="returns")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    month = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slice", "partner", "month"], name="return_once"),
            month_in("return_month", OPENING_FORECAST, AUDITED),
            models.CheckConstraint(
                name="return_published_when_approved",
                condition=~Q(state__in=[ReturnState.APPROVED, ReturnState.CLOSED])
                | Q(published_change__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} month {self.month}: {self.state}"


class ReturnEvent(ReturnFields, AppendOnly):
    """Each step in a return's life."""

    monthly_return = models.ForeignKey(MonthlyReturn, models.PROTECT, related_name="events")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["monthly_return", "change"], name="return_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.monthly_return_id} {self.state} at {self.change}"
