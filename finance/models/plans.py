"""Plans: named versions, each with a figure a line and a monthly profile where there is one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finance.models.base import BasisField, PenceField
from finance.models.lines import Line
from schemes.models import Evidence, Slice
from schemes.models.base import AppendOnly, CodeField


class Plan(models.Model):
    """A named version: original, revised, control total."""

    ORIGINAL = "original"  # the code of the version that was approved: no virement moves it

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="plans")
    code = CodeField()
    name = models.CharField(max_length=120)
    reason = models.TextField(blank=True, default="", help_text="Why this version exists")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slice", "code"], name="plan_once")]

    def __str__(self) -> str:
        return self.name


class HeadlineChoice(AppendOnly):
    """Which plan a year is compared with, from a change on; the latest row is the present one."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="headline_choices")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    change = models.PositiveBigIntegerField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "change"], name="headline_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} at {self.change}"


class PlanFields(models.Model):
    """A line's planned amount: the year, and month by month where a profile exists.

    ``to_date_pence`` is the monthly profile as it accumulates, April first, so its twelfth amount
    is the year's. It is one value because re-profiling replaces it as one; without it there is no
    plan to date before the year's end, and where a source prints only some months the others are
    null in it.

    Of a saving the amount is net, as gross less investment where those are stated. What it saves
    in a whole year, ``full_year_effect_pence``, is never added to the year's.
    """

    full_year_pence = PenceField()
    to_date_pence = ArrayField(
        models.BigIntegerField(null=True),
        size=12,
        null=True,
        blank=True,
        db_comment="Pence planned to date by month, April first",
    )
    gross_pence = PenceField(null=True)
    investment_pence = PenceField(null=True)
    full_year_effect_pence = PenceField(null=True)
    basis = BasisField()
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.PositiveBigIntegerField()

    class Meta:
        abstract = True


def _profile_reaches_year(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(to_date_pence=None)
        | Q(to_date_pence__len=12, full_year_pence=models.F("to_date_pence__11")),
        violation_error_message="The profile's twelfth month is not the year's amount.",
    )


def _net_is_gross_less_investment(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(gross_pence=None)
        | Q(investment_pence=None)
        | Q(full_year_pence=models.F("gross_pence") - models.F("investment_pence")),
        violation_error_message="The amount is not the gross saving less its investment.",
    )


class PlanFigure(PlanFields):
    """The present figure of a line in a plan."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="figures")
    line = models.ForeignKey(Line, models.PROTECT, related_name="plan_figures")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "line"], name="plan_figure_once"),
            _profile_reaches_year("plan_figure_profile"),
            _net_is_gross_less_investment("plan_figure_net"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.line_id}"


class PlanRevision(PlanFields, AppendOnly):
    """Every figure that a line has had in a plan, and from which change on."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="revisions")
    line = models.ForeignKey(Line, models.PROTECT, related_name="plan_revisions")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["plan", "line", "change"], name="plan_revision_once"),
            _profile_reaches_year("plan_revision_profile"),
            _net_is_gross_less_investment("plan_revision_net"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.line_id} at {self.change}"
