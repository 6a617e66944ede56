"""Plans: named versions, each with a figure a line and a monthly profile where there is one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from finance.models.base import BasisField, PenceField
from finance.models.lines import Line
from schemes.models import Evidence, Slice
from schemes.models.base import AppendOnly, CodeField


class Plan(models.Model):
    """A named version: original, revised, control total."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="plans")
    code = CodeField()
    name = models.CharField(max_length=120)

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

    ``profile`` holds the amount of each month, April first (not cumulative), and adds to the year.
    It is one value because re-profiling replaces it as one; without it there is no plan to date
    before month 12.
    """

    full_year_pence = PenceField()
    profile = ArrayField(
        models.BigIntegerField(), size=12, null=True, blank=True, db_comment="Pence a month, April first"
    )
    basis = BasisField()
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, blank=True, related_name="+"
    )
    change = models.PositiveBigIntegerField()

    class Meta:
        abstract = True


def _profile_adds(name: str) -> models.CheckConstraint:
    months = F("profile__0")
    for month in range(1, 12):
        months = months + F(f"profile__{month}")
    return models.CheckConstraint(
        name=name,
        condition=Q(profile=None)
        | Q(profile__len=12, full_year_pence=months),
        violation_error_message="The twelve months do not add to the year.",
    )


class PlanFigure(PlanFields):
    """The present figure of a line in a plan."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="figures")
    line = models.ForeignKey(Line, models.PROTECT, related_name="plan_figures")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "line"], name="plan_figure_once"),
            _profile_adds("plan_figure_profile_adds"),
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
            _profile_adds("plan_revision_profile_adds"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.line_id} at {self.change}"
