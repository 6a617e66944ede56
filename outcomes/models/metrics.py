"""Metrics: what is measured, why, which way it should move, and what is known to distort it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from outcomes.models.areas import Area
from schemes.models import Scheme, Source, System
from schemes.models.base import CodeField
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced

if TYPE_CHECKING:
    from schemes.models import User


class Unit(models.TextChoices):
    """What a value counts. A percentage and a rate are worked out from what they divide."""

    NUMBER = "number", "number"
    PERCENT = "percent", "%"
    RATE = "rate", "rate"
    DAYS = "days", "days"
    RATIO = "ratio", "ratio"
    SCORE = "score", "score"


class Direction(models.TextChoices):
    """Which way a metric should move; neutral where more is neither better nor worse."""

    INCREASE = "increase", "higher is better"
    DECREASE = "decrease", "lower is better"
    NEUTRAL = "neutral", "neither way is better"


class Frequency(models.TextChoices):
    """How often a value is expected."""

    ONCE = "once", "once"
    SNAPSHOT = "snapshot", "on single days"
    WEEKLY = "weekly", "weekly"
    MONTHLY = "monthly", "monthly"
    QUARTERLY = "quarterly", "quarterly"
    YEARLY = "yearly", "yearly"
    TWO_YEARLY = "two-yearly", "every two years"


# the fewest and the most days that a value covers, and that in words; "once" says nothing of it.
# What is measured every two years is of one of them.
_LENGTHS = {
    Frequency.SNAPSHOT: (1, 1, "a day"),
    Frequency.WEEKLY: (7, 7, "a week"),
    Frequency.MONTHLY: (28, 31, "a month"),
    Frequency.QUARTERLY: (90, 92, "a quarter"),
    Frequency.YEARLY: (365, 366, "a year"),
    Frequency.TWO_YEARLY: (365, 366, "a year"),
}


class PaymentRule(models.TextChoices):
    """What is paid where a target is met in part; empty is not stated, and then nothing is said."""

    WHOLE = "whole", "all where the target is met, nothing otherwise"
    PROPORTIONAL = "proportional", "in proportion to the way from the baseline to the target"


class MetricQuerySet(models.QuerySet["Metric"]):
    def visible_to(self, user: User) -> MetricQuerySet:
        """Metrics of the systems that the user may see."""
        return self.filter(system__in=System.objects.visible_to(user))

    def aimed(self) -> MetricQuerySet:
        """With the area that each shows first, the whole it is a part of, and in ``has_target``
        whether any target with a value is stated.
        """
        targets = Target.objects.filter(metric=OuterRef("pk"), value__isnull=False)
        return self.select_related("area", "part_of").annotate(has_target=Exists(targets))


class Metric(Evidenced):
    """One thing that is measured, the same way over time.

    A value is numerator / denominator times ``per`` where both are known. A metric that is a part
    of another, such as one reason of all delayed days, names it and what it is a part by.
    ``change`` counts every write to its figures, targets and steps.
    """

    system = models.ForeignKey(System, models.CASCADE, related_name="metrics")
    code = CodeField()
    name = models.CharField(max_length=200)
    why = models.TextField(blank=True, help_text="Why it matters")
    numerator = models.TextField(blank=True, help_text="What is counted, in words")
    denominator = models.TextField(blank=True, help_text="What it is divided by, in words")
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.NUMBER)
    unit_words = models.CharField(max_length=80, blank=True, help_text="Such as delayed days")
    per = models.PositiveIntegerField(default=1, help_text="100 for a percentage")
    decimals = models.PositiveSmallIntegerField(default=0)
    direction = models.CharField(max_length=8, choices=Direction)
    frequency = models.CharField(max_length=12, choices=Frequency)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", help_text="Shown first"
    )
    comparators = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="Codes of areas"
    )
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    part_kind = models.CharField(max_length=40, blank=True, help_text="Such as reason")
    position = models.PositiveIntegerField(default=0)
    quality = models.TextField(blank=True, help_text="What is known to distort it")
    no_target = models.TextField(blank=True, help_text="Why it has no target, where that is meant")
    review = WhenField()
    fix_after = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Control limits stay after this many points of a step"
    )
    screen = models.BooleanField(default=False, help_text="Leave extreme moves out of the limits")
    change = models.PositiveBigIntegerField(default=0, editable=False)

    objects = MetricQuerySet.as_manager()

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="metric_once"),
            models.CheckConstraint(
                name="metric_not_its_own_part",
                condition=Q(part_of=None) | ~Q(part_of=F("id")),
                violation_error_message="A metric cannot be a part of itself.",
            ),
            models.CheckConstraint(
                name="metric_fixes_after_two",
                condition=Q(fix_after=None) | Q(fix_after__gte=2),
                violation_error_message="Limits need at least two points; write 2 or more.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def length(self) -> str:
        """How long the period of a value is, such as "a month"; "" where that is not known."""
        known = _LENGTHS.get(Frequency(self.frequency))
        return known[2] if known else ""

    def misfit(self, starts: date, ends: date) -> str:
        """How a period is not as long as those of the metric: longer, shorter, or "" where it is.

        The one rule of which values are drawn, judged and compared with each other.
        """
        known = _LENGTHS.get(Frequency(self.frequency))
        days = (ends - starts).days + 1
        if known is None or known[0] <= days <= known[1]:
            return ""
        return "longer" if days > known[1] else "shorter"

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The lowest and the highest value that can be, by the unit; None for none.

        A score and a ratio may be anything.
        """
        if self.unit in (Unit.SCORE, Unit.RATIO):
            return None, None
        return 0, 100 if self.unit == Unit.PERCENT else None


class Target(Evidenced):
    """What a metric should reach in a period, for one area or, without one, for each.

    An open start or end runs on. Without a value the words alone say what is aimed for. A payment
    that hangs on it has its month, its amount and the rule by which it is worked out.
    """

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="targets")
    code = CodeField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    words = models.TextField(blank=True, help_text="As the plan puts it, in our words")
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    payment = WhenField()
    payment_pence = models.BigIntegerField(
        null=True, blank=True, db_comment="Pence paid for the target met; null is not stated"
    )
    payment_rule = models.CharField(max_length=12, choices=PaymentRule, blank=True, default="")

    class Meta:
        ordering = ["metric", "starts", "code"]
        constraints = [
            models.UniqueConstraint(fields=["metric", "code"], name="target_once"),
            models.CheckConstraint(
                name="target_dates_in_order",
                condition=Q(starts=None) | Q(ends=None) | Q(ends__gte=F("starts")),
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                name="target_payment_has_its_rule",
                condition=Q(payment_pence=None, payment_rule="")
                | (Q(payment_pence__gte=0) & ~Q(payment_rule="")),
                violation_error_message="A payment has an amount and a rule; give both, or none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.code}"


class Step(models.Model):
    """A day from which control limits start anew, with the reason; one taken back is not used."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="steps")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField()
    reason = models.CharField(max_length=300)
    taken_back = models.BooleanField(default=False)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "area", "on"], name="step_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="step_has_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why the limits start anew here.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} from {self.on}"


class SchemeMetric(Evidenced):
    """A metric that a scheme should move, and how long that is expected to take."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="scheme_metrics")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="scheme_metrics")
    lag_months = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="How it should move it")

    class Meta:
        ordering = ["metric"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "metric"], name="scheme_metric_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} moves {self.metric_id}"
