"""Figures that a source prints about others: totals, variances, envelopes. Never summed."""

from django.db import models
from django.db.models import Q

from finance.models.base import PenceField
from finance.models.lines import Kind, Line
from schemes.models import Evidence, Partner, Scheme, Slice, System
from schemes.models.base import CodeField


class Measure(models.TextChoices):
    """What a printed figure measures."""

    PLAN = "plan", "Plan for the year"
    PLAN_TO_DATE = "plan-to-date", "Plan to date"
    ACTUAL = "actual", "Actual to date"
    FORECAST = "forecast", "Forecast for the year"
    VARIANCE = "variance", "Variance to date"
    TURNOVER = "turnover", "Turnover of the year"
    GROSS_BUDGET = "gross-budget", "Gross budget"
    ENVELOPE = "envelope", "Envelope"


class PrintedTable(models.Model):
    """A table that a source prints as a memorandum, such as one partner's share of a plan."""

    system = models.ForeignKey(System, models.PROTECT, related_name="printed_tables")
    code = CodeField()
    name = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    signs = models.TextField(blank=True, help_text="What brackets and minus signs mean in it")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="printed_table_once")
        ]

    def __str__(self) -> str:
        return self.name


class PrintedFigure(models.Model):
    """A control fact: what the source says a total or variance is, kept beside our own computing.

    With a line it speaks of that line; with a kind and no partner of the system's total of it.
    ``parts`` names other printed figures that should add to it.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="printed_figures")
    code = CodeField()
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=12, choices=Measure)
    kind = models.CharField(max_length=16, choices=Kind, blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    line = models.ForeignKey(Line, models.PROTECT, null=True, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, related_name="+")
    table = models.ForeignKey(PrintedTable, models.PROTECT, null=True, related_name="figures")
    position = models.PositiveSmallIntegerField(default=0, help_text="Its row in the table")
    month = models.PositiveSmallIntegerField(null=True)
    pence = PenceField(null=True)
    unit_pence = models.BigIntegerField(
        help_text="Half of it is what rounding may explain: 10000000 for £0.1m"
    )
    parts = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="+")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["slice", "code"], name="printed_figure_once"),
            models.UniqueConstraint(
                fields=["line", "month", "measure"],
                condition=Q(line__isnull=False),
                name="printed_once_for_a_line",
            ),
            models.UniqueConstraint(
                fields=["slice", "scheme"],
                condition=Q(measure="gross-budget"),
                name="gross_budget_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="printed_unit_positive", condition=Q(unit_pence__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name
