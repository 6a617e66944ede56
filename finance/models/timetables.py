"""By when months are submitted, approved and closed, and who was reminded of it."""

from django.db import models
from django.db.models import F, Q

from finance.models.base import AUDITED, month_in
from schemes.models import Partner, Slice, User
from schemes.models.base import AppendOnly

EVERY_MONTH = 0


class Deadline(AppendOnly):
    """Working days after a month's end by which it is submitted, approved and closed.

    Month 0 is every month that has no row of its own; the last change of each stands. Without
    days a month goes by month 0 again, and month 0 has no deadlines.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="deadlines")
    month = models.PositiveSmallIntegerField()
    submit_days = models.PositiveSmallIntegerField(null=True)
    approve_days = models.PositiveSmallIntegerField(null=True)
    close_days = models.PositiveSmallIntegerField(null=True)
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "month", "change"], name="deadline_once"),
            month_in("deadline_month", EVERY_MONTH, AUDITED),
            models.CheckConstraint(
                name="deadlines_in_order",
                condition=Q(submit_days=None, approve_days=None, close_days=None)
                | Q(
                    submit_days__gte=1,
                    approve_days__gte=F("submit_days"),
                    close_days__gte=F("approve_days"),
                ),
                violation_error_message="A month is submitted, then approved, then closed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slice_id} month {self.month}: {self.submit_days}"


class Reminder(AppendOnly):
    """A reminder that was sent, so that nobody is told the same twice.

    ``about`` is what it rests on: the deadline, or the change of the submission that waits.
    """

    class Kind(models.TextChoices):
        SOON = "soon", "The deadline is near"
        LATE = "late", "The deadline has passed"
        WAITS = "waits", "A return waits for approval"
        CLOSE = "close", "A system's month is not closed in time"

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    slice = models.ForeignKey(Slice, models.PROTECT, related_name="+")
    # null: of the system's own month
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    month = models.PositiveSmallIntegerField()
    about = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "slice", "partner", "month", "about"],
                name="reminded_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.partner_id} month {self.month}: {self.kind}"
