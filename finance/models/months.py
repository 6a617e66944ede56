"""What is said and settled about a month as a whole: gaps, papers, commentary and its closing."""

from django.db import models
from django.db.models import Q

from finance.models.base import AUDITED, FIRST_MONTH, PenceField, month_in
from finance.models.lines import Kind, Line
from finance.models.outturns import MonthlyReturn
from schemes.models import Partner, Slice, User
from schemes.models.base import AppendOnly


class MonthClose(AppendOnly):
    """The system's month was closed by its administrator, or opened again; the last change stands.

    Partners close their own months before; this is the consolidation (DOMAIN 19).
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="month_closes")
    month = models.PositiveSmallIntegerField()
    closed = models.BooleanField()
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "month", "change"], name="month_close_once"),
            month_in("month_close_month", FIRST_MONTH, AUDITED),
        ]

    def __str__(self) -> str:
        return f"{self.slice_id} month {self.month}: {'closed' if self.closed else 'open'}"


class GapReason(AppendOnly):
    """Why a line that is due has no actual, as it was said when the return was submitted.

    ``change`` is that of the submission; a later submission says all its reasons anew.
    """

    monthly_return = models.ForeignKey(MonthlyReturn, models.PROTECT, related_name="gaps")
    line = models.ForeignKey(Line, models.PROTECT, related_name="+")
    reason = models.TextField()
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["monthly_return", "line", "change"], name="gap_reason_once"
            ),
            models.CheckConstraint(name="gap_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.reason}"


class PaperTotal(AppendOnly):
    """A total that a partner's own published paper prints for a month; the last change stands.

    No amount: it was taken back. ``unit_pence`` is how finely the paper prints; half of it is what
    rounding may explain.
    """

    class Measure(models.TextChoices):
        PLAN = "plan", "Plan to date"
        ACTUAL = "actual", "Actual to date"
        FORECAST = "forecast", "Forecast for the year"

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="paper_totals")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    month = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    measure = models.CharField(max_length=8, choices=Measure)
    pence = PenceField(null=True)
    unit_pence = models.BigIntegerField()
    source = models.CharField(max_length=200, help_text="The paper, such as a board's report")
    place = models.CharField(max_length=200, blank=True)
    explanation = models.TextField(blank=True, help_text="Why it differs from the return")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["slice", "partner", "month", "kind", "measure", "change"],
                name="paper_total_once",
            ),
            month_in("paper_total_month", FIRST_MONTH, AUDITED),
            models.CheckConstraint(name="paper_unit_positive", condition=Q(unit_pence__gt=0)),
            models.CheckConstraint(
                name="paper_names_its_source", condition=Q(pence=None) | ~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} month {self.month}, {self.kind}: {self.pence}"


class Commentary(AppendOnly):
    """What is said to the board about a month, signed with a role; the last change is shown."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="commentaries")
    month = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, help_text="Empty: the words before were taken back")
    signed_as = models.CharField(max_length=120, help_text="A role")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "month", "change"], name="commentary_once"),
            month_in("commentary_month", FIRST_MONTH, AUDITED),
            models.CheckConstraint(name="commentary_is_signed", condition=~Q(signed_as="")),
        ]

    def __str__(self) -> str:
        return f"{self.slice_id} month {self.month}, {self.signed_as}"
