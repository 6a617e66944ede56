"""The plan of a Better Care Fund: versions, headings, programmes, aims and national conditions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from schemes.models.base import CodeField
from schemes.models.partners import Partner
from schemes.models.plan import WhenField
from schemes.models.pools import Pool
from schemes.models.registers import Evidenced
from schemes.models.systems import FinancialYear, System


class FundPlan(Evidenced):
    """A plan for a fund over some years, which a Health and Wellbeing Board agrees."""

    system = models.ForeignKey(System, models.CASCADE, related_name="fund_plans")
    code = CodeField()
    name = models.CharField(max_length=200)
    pool = models.ForeignKey(Pool, models.PROTECT, null=True, blank=True, related_name="plans")
    board = models.CharField(max_length=200, blank=True, help_text="Health and Wellbeing Board")
    first_year = models.ForeignKey(FinancialYear, models.PROTECT, related_name="+")
    last_year = models.ForeignKey(FinancialYear, models.PROTECT, related_name="+")
    districts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    about = models.TextField(blank=True)

    class Meta:
        ordering = ["system", "-first_year", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="fund_plan_once"),
            models.CheckConstraint(
                name="fund_plan_years_in_order",
                condition=Q(last_year__gte=F("first_year")),
                violation_error_message="The plan's last year is before its first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanPart(Evidenced):
    """A row of a fund's plan, in the order in which it is printed."""

    plan = models.ForeignKey(FundPlan, models.CASCADE, related_name="%(class)ss")
    code = CodeField()
    name = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["plan", "position", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="%(class)s_once")]

    def __str__(self) -> str:
        return self.name


class FundVersion(PlanPart):
    """A version of a plan: when the board agreed it and when it was sent in."""

    agreed_on = WhenField()
    submitted_on = WhenField()


class FundHeading(PlanPart):
    """A heading of schemes under which the fund is spent."""

    about = models.TextField(blank=True)


class Programme(PlanPart):
    """A local programme, and the phases of life that it is for."""

    life_phases = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    about = models.TextField(blank=True)
    headings: models.ManyToManyField[FundHeading, ProgrammeHeading] = models.ManyToManyField(
        FundHeading, through="ProgrammeHeading", related_name="programmes"
    )


class ProgrammeHeading(Evidenced):
    """A heading that a programme contributes to."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="under")
    heading = models.ForeignKey(FundHeading, models.CASCADE, related_name="under")

    class Meta:
        ordering = ["programme", "heading"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "heading"], name="programme_heading_once")
        ]

    def __str__(self) -> str:
        return f"{self.programme} under {self.heading}"


class Aim(PlanPart):
    """What a plan aims for, and how it says that this will be measured."""

    measure = models.TextField(blank=True, help_text="How it is measured, in words")
    metric = models.CharField(
        max_length=60, blank=True, help_text="Code of the outcome metric that measures it"
    )


class NationalCondition(PlanPart):
    """A condition that a plan has to meet; met only where something shows it."""

    class Status(models.TextChoices):
        MET = "met", "Met"
        PARTLY = "partly", "Partly met"
        PLANNED = "planned", "Planned"
        NOT_MET = "not-met", "Not met"

    status = models.CharField(max_length=8, choices=Status, blank=True, default="")
    in_place = models.TextField(blank=True, help_text="What is in place")
    planned = models.TextField(blank=True, help_text="What is planned")
    shown_by = models.TextField(blank=True, help_text="The evidence that it is met")

    class Meta(PlanPart.Meta):
        constraints = [
            *PlanPart.Meta.constraints,
            models.CheckConstraint(
                name="met_condition_is_shown",
                condition=~Q(status="met") | ~Q(shown_by=""),
                violation_error_message="Say what shows that the condition is met.",
            ),
        ]


class ConditionStep(Evidenced):
    """A dated step towards a condition."""

    condition = models.ForeignKey(NationalCondition, models.CASCADE, related_name="steps")
    code = CodeField()
    name = models.CharField(max_length=300)
    due = WhenField()
    done = WhenField()

    class Meta:
        ordering = ["condition", "due", "code"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "code"], name="condition_step_once")
        ]

    def __str__(self) -> str:
        return self.name


class AcuteAssumption(PlanPart):
    """One assumption on what a plan does to a hospital; numbers only where they are stated."""

    provider = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    admissions_avoided = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, help_text="In a year"
    )
    cost_pence = models.BigIntegerField(
        null=True, blank=True, db_comment="Pence of one admission; null is not stated"
    )
    about = models.TextField(blank=True)
