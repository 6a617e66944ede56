"""The money of pools: what is stated of them, what lines are in them, and who bears a variance."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from finance.models.base import PenceField
from finance.models.lines import Line
from schemes.models import Agreement, Evidence, FundHeading, Pool, Slice, User
from schemes.models.base import AppendOnly, CodeField, Dated, dates_in_order
from schemes.models.pools import days_held
from schemes.models.registers import Evidenced


class PoolAmount(AppendOnly):
    """An amount that is stated of a pool in a year, beside its lines; the latest change stands.

    Amounts of different measures or scopes are never added. A suspect one is in no total until a
    person settles it, which is a further row with a reason.
    """

    class Measure(models.TextChoices):
        SCOPE = "scope", "All that the pool is said to hold"
        MINIMUM = "minimum", "Minimum required"
        AGREED = "agreed", "Agreed"
        MEMBER = "member", "A partner's part"
        SPEND = "spend", "Spend named under a heading"
        # kept with the plan's first year, and in no sum of a year
        UNDATED = "undated", "Spend named under a heading, its year not stated"
        OPENING = "opening", "Opening balance"

    class Status(models.TextChoices):
        PROVISIONAL = "provisional", "Provisional"
        DUE_DILIGENCE = "due-diligence", "Due diligence"
        ILLUSTRATIVE = "illustrative", "Illustrative"
        AGREED = "agreed", "Agreed"
        SUSPECT = "suspect", "Suspect"

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="pool_amounts")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="amounts")
    code = CodeField()
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=8, choices=Measure)
    pence = PenceField(null=True, blank=True)
    hedge = models.CharField(
        max_length=40, blank=True, help_text="The source's own word, such as about"
    )
    status = models.CharField(max_length=14, choices=Status, blank=True, default="")
    basis = models.CharField(max_length=120, blank=True, help_text="Such as county figure")
    partner = models.ForeignKey(
        "schemes.Partner", models.PROTECT, null=True, blank=True, related_name="+"
    )
    heading = models.ForeignKey(
        FundHeading, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["slice", "pool", "code", "change"], name="pool_amount_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.code} in {self.slice_id}: {self.pence}"

    @property
    def counts(self) -> bool:
        """Whether it may stand in a total: an amount that nobody doubts."""
        return self.pence is not None and self.status != self.Status.SUSPECT


class IncomeSource(models.TextChoices):
    """Where a contribution comes from (DOMAIN 18); empty is not stated."""

    NHS_MINIMUM = "nhs-minimum", "NHS minimum contribution"
    DISABLED_FACILITIES = "disabled-facilities", "Disabled Facilities Grant"
    COUNCIL_GRANT = "council-grant", "Local authority Better Care grant"
    NHS_ADDITIONAL = "nhs-additional", "Additional NHS contribution"
    COUNCIL_ADDITIONAL = "council-additional", "Additional council contribution"
    OTHER = "other", "Other"


class ProviderSector(models.TextChoices):
    """Who provides what a pool pays for; empty is not stated."""

    ACUTE = "acute", "NHS acute"
    COMMUNITY = "community", "NHS community"
    MENTAL_HEALTH = "mental-health", "NHS mental health"
    PRIMARY_CARE = "primary-care", "Primary care"
    SOCIAL_CARE = "social-care", "Local authority"
    HOUSING = "housing", "Housing authority"
    VOLUNTARY = "voluntary", "Voluntary and community"
    PRIVATE = "private", "Private sector"
    OTHER = "other", "Other"


class PoolLine(models.Model):
    """What a pool's agreement asks of a line of contribution or spend beside its money.

    A ring-fenced or capital line stands outside the share of a variance (DOMAIN 16). The
    accounting treatment is a scheme's own.
    """

    class Treatment(models.TextChoices):
        JOINT = "joint", "Joint operation"
        LEAD = "lead", "Lead commissioner"
        AGENT = "agent", "Agent"

    line = models.OneToOneField(Line, models.CASCADE, related_name="pool_line")
    income_source = models.CharField(max_length=20, choices=IncomeSource, blank=True, default="")
    heading = models.ForeignKey(
        FundHeading, models.PROTECT, null=True, blank=True, related_name="+"
    )
    scheme_type = models.CharField(max_length=120, blank=True)
    provider_sector = models.CharField(
        max_length=16, choices=ProviderSector, blank=True, default=""
    )
    capital = models.BooleanField(null=True, blank=True, help_text="Empty: not stated")
    ring_fenced = models.BooleanField(default=False)
    treatment = models.CharField(max_length=5, choices=Treatment, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.line_id} in a pool"

    @property
    def outside_share(self) -> bool:
        """Whether its variance is never shared."""
        return self.ring_fenced or bool(self.capital)


class ShareRule(Evidenced, Dated):
    """Who bears a pool's variance that arises from one day to another; none applies by default.

    ``terms`` is the rule as finance.pools.risk_share reads it. Shares are indicative until the
    agreement's trigger has been met, which is a day and a minute.
    """

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="share_rules")
    code = CodeField()
    name = models.CharField(max_length=200)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="share_rules"
    )
    terms = models.JSONField()
    trigger = models.TextField(blank=True, help_text="When the shares become binding, in words")
    triggered_on = models.DateField(null=True, blank=True)
    minute = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pool", "starts", "code"]
        constraints = [
            dates_in_order("share_rule_dates_in_order"),
            models.UniqueConstraint(fields=["pool", "code"], name="share_rule_once"),
            models.CheckConstraint(
                name="share_rule_triggered_with_a_minute",
                condition=Q(triggered_on=None) | ~Q(minute=""),
                violation_error_message="Name the minute that met the trigger.",
            ),
            ExclusionConstraint(
                name="pool_has_one_share_rule",
                expressions=[
                    ("pool", RangeOperators.EQUAL),
                    (days_held(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another rule shares this pool's variance in the same "
                "days. End that one first, or change these days.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Scenario(AppendOnly):
    """A what-if that somebody kept under a name; the latest of a name stands, and moves nothing."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="scenarios")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=120)
    terms = models.JSONField()
    variance_pence = PenceField()
    contributions = models.JSONField(help_text="Pence by the codes of partners")
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["slice", "pool", "name", "-at"]

    def __str__(self) -> str:
        return self.name
