"""What people judge about savings: a scheme's rating, and savings that two partners claim."""

from django.db import models
from django.db.models import F, Q

from finance.models.base import LAST_MONTH, month_in
from finance.models.lines import Line
from schemes.models import Scheme, Slice, User
from schemes.models.base import AppendOnly


class Rag(models.TextChoices):
    """Green, amber or red; what the rule says is in finance.figures.status."""

    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"


class Rating(AppendOnly):
    """The lead's own rating of a scheme in a month; the latest change of a month stands."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="ratings")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="ratings")
    month = models.PositiveSmallIntegerField()
    rating = models.CharField(max_length=6, choices=Rag)
    reason = models.TextField(blank=True)
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["slice", "scheme", "month", "change"], name="rating_once"
            ),
            month_in("rating_month", 1, LAST_MONTH),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} month {self.month}: {self.rating}"


class Claim(AppendOnly):
    """Two saving lines that may be one saving, and what a person settled about them.

    ``one`` has the smaller id. The latest change of a pair is the present word on it.
    """

    class Settlement(models.TextChoices):
        OPEN = "open", "To be settled"
        ONE = "one", "The same saving: the first line counts"
        OTHER = "other", "The same saving: the second line counts"
        DIFFERENT = "different", "Two savings: both count"

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="claims")
    one = models.ForeignKey(Line, models.PROTECT, related_name="+")
    other = models.ForeignKey(Line, models.PROTECT, related_name="+")
    settlement = models.CharField(max_length=10, choices=Settlement)
    reason = models.TextField(blank=True)
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["one", "other", "change"], name="claim_once"),
            models.CheckConstraint(name="claim_in_order", condition=Q(one__lt=F("other"))),
            models.CheckConstraint(
                name="claim_settled_with_a_reason",
                condition=Q(settlement="open") | ~Q(reason=""),
                violation_error_message="Say why.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}: {self.settlement}"
