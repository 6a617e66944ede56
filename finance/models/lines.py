"""Lines: what a partner plans and reports, month by month."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from finance.models.base import AUDITED, FIRST_MONTH, LAST_MONTH
from schemes.models import Partner, Pool, Scheme, Slice
from schemes.models.base import AppendOnly, CodeField


class Heading(models.Model):
    """A heading of income or spend, such as pay or continuing healthcare."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What a line counts. Kinds are never summed together: a saving is inside the position."""

    POSITION = "position", "Position"
    INCOME = "income", "Income"
    SPEND = "spend", "Spend"
    SAVING = "saving", "Saving"
    SAVINGS_TARGET = "savings-target", "Savings target outside the plan"
    REDUCTION_PLAN = "reduction-plan", "Expenditure reduction plan"
    TRANSFER = "transfer", "Transfer"
    CONTRIBUTION = "contribution", "Contribution to a pool"
    POOL_SPEND = "pool-spend", "Spend of a pool"
    RESERVE = "reserve", "Reserves and contingency"
    CAPITAL = "capital", "Capital"
    CASH = "cash", "Cash"
    ADJUSTMENT = "adjustment", "Adjustment"

    @property
    def total_label(self) -> str:
        """What the row of its total is called."""
        return f"Total {self.label.lower()}"


# Favourable is sense x (actual - plan): more income or saving is favourable, more spend adverse,
# and for what only moves money there is no direction (DOMAIN 1).
SENSE: dict[str, int] = {
    Kind.POSITION: 1,
    Kind.INCOME: 1,
    Kind.SAVING: 1,
    Kind.SAVINGS_TARGET: 1,
    Kind.REDUCTION_PLAN: 1,
    Kind.ADJUSTMENT: 1,
    Kind.SPEND: -1,
    Kind.POOL_SPEND: -1,
    Kind.CAPITAL: -1,
    Kind.TRANSFER: 0,
    Kind.CONTRIBUTION: 0,
    Kind.RESERVE: 0,
    Kind.CASH: 0,
}


class SavingType(models.TextChoices):
    """What a saving is (DOMAIN 12a); empty is not stated. Only the first two release money."""

    CASH_RELEASING = "cash-releasing", "Cash-releasing"
    INCOME = "income", "Income"
    COST_AVOIDANCE = "cost-avoidance", "Cost avoidance"
    RESERVE_SUBSTITUTION = "reserve-substitution", "Grant or reserve substitution"
    TRANSFER = "transfer", "Transfer"
    TECHNICAL = "technical", "Technical"


class Calendar(models.TextChoices):
    """When a partner reports a line."""

    MONTHLY = "monthly", "Every month"
    QUARTERLY = "quarterly", "Every quarter"
    YEAR_END = "year-end", "At the year's end only"
    FORECAST_ONLY = "forecast-only", "Forecasts only"


def months_due(calendar: str, first: int, last: int) -> set[int]:
    """Months in which a line is due, as the rollups count them, the final accounts included."""
    if calendar == Calendar.FORECAST_ONLY:
        return set()
    months = set(range(first, last + 1))
    if calendar == Calendar.QUARTERLY:
        months = {month for month in months if month % 3 == 0 or month == last}
    elif calendar == Calendar.YEAR_END:
        months = {last}
    return months | {AUDITED} if last == LAST_MONTH else months


class LineFields(models.Model):
    """What may change about a line within its year; LineVersion keeps every state of it."""

    name = models.CharField(max_length=200)
    heading = models.ForeignKey(Heading, models.PROTECT, null=True, blank=True, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, blank=True, related_name="+")
    pool = models.ForeignKey(Pool, models.PROTECT, null=True, blank=True, related_name="+")
    recurrent = models.BooleanField(null=True, blank=True, help_text="Empty: not stated")
    saving_type = models.CharField(max_length=20, choices=SavingType, blank=True, default="")
    baseline = models.CharField(
        max_length=200, blank=True, default="", help_text="Against what a saving is counted"
    )
    calendar = models.CharField(max_length=14, choices=Calendar, default=Calendar.MONTHLY)
    first_month = models.PositiveSmallIntegerField(default=FIRST_MONTH)
    last_month = models.PositiveSmallIntegerField(default=LAST_MONTH)

    class Meta:
        abstract = True


VERSIONED = tuple(field.attname for field in LineFields._meta.local_fields)


class Line(LineFields):
    """One line of one partner (or reporting group) in one year of a system.

    The same code next year is the same line carried on; ``carries_on`` names a line of last year
    that had another code. ``counter_line`` is the other leg of a transfer or contract.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="lines")
    code = CodeField()
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=16, choices=Kind)
    sense = models.SmallIntegerField()
    counterparty = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+"
    )
    counter_line = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    carries_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_on_by"
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["slice", "code"], name="line_once"),
            models.CheckConstraint(
                name="line_months",
                condition=Q(first_month__gte=FIRST_MONTH)
                & Q(last_month__lte=LAST_MONTH)
                & Q(first_month__lte=models.F("last_month")),
                violation_error_message="A line's months run from its first to its last, 1 to 12.",
            ),
            models.CheckConstraint(
                name="line_hangs_on_one_thing",
                condition=Q(scheme=None) | Q(pool=None),
                violation_error_message="A line belongs to a scheme or to a pool, not to both.",
            ),
            models.CheckConstraint(
                name="line_sense_of_kind",
                condition=Q(sense=1, kind__in=[k for k, s in SENSE.items() if s == 1])
                | Q(sense=-1, kind__in=[k for k, s in SENSE.items() if s == -1])
                | Q(sense=0, kind__in=[k for k, s in SENSE.items() if s == 0]),
            ),
            models.CheckConstraint(
                name="transfer_names_its_counterparty",
                condition=~Q(kind=Kind.TRANSFER) | Q(counterparty__isnull=False),
                violation_error_message="A transfer names the partner at its other end.",
            ),
            models.CheckConstraint(
                name="line_other_end_is_another",
                condition=Q(counterparty=None) | ~Q(counterparty=models.F("partner")),
                violation_error_message="The counterparty is another partner.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def months(self) -> range:
        """Months in which a figure can be reported, the audited one included for a whole year."""
        return range(self.first_month, self.last_month + 1)

    def takes(self, month: int) -> bool:
        """Whether a figure of this month can belong to the line."""
        if month == AUDITED:
            return self.last_month == LAST_MONTH
        return month == 0 or month in self.months

    @property
    def side(self) -> int:
        """The sense by which a variance is favourable or adverse; 0 where it is neither.

        Capital under its plan is spent later, which is no good news in itself.
        """
        return 0 if self.kind == Kind.CAPITAL else self.sense

    def is_due(self, month: int) -> bool:
        """Whether an actual of this month is waited for."""
        return month in months_due(self.calendar, self.first_month, self.last_month)


class LineVersion(LineFields, AppendOnly):
    """The line as it hung from a change on, so that any past total can be computed again."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="versions")
    change = models.PositiveBigIntegerField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["line", "change"], name="line_version_once")]

    def __str__(self) -> str:
        return f"{self.line_id} at {self.change}"


class PositionCover(models.Model):
    """Whose position a line counts, and when: a group's line covers the group and each member.

    The exclusion constraint is why a group and its member never both hold one in the same month.
    """

    line = models.ForeignKey(Line, models.CASCADE, related_name="covers")
    slice = models.ForeignKey(Slice, models.CASCADE, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    months = IntegerRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="position_counted_once",
                expressions=[
                    ("slice", RangeOperators.EQUAL),
                    ("partner", RangeOperators.EQUAL),
                    ("months", RangeOperators.OVERLAPS),
                ],
                violation_error_message="This partner's position is already counted, "
                "by itself or in its group.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} in {self.line_id}"
