"""Outcomes frameworks: versions, their domains, objectives and outcomes, and what these rest on."""

from django.db import models
from django.db.models import Q

from outcomes.models.metrics import Metric
from schemes.models import Scheme, System, User
from schemes.models.base import AppendOnly, CodeField
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced


class Framework(Evidenced):
    """One version of a system's outcomes framework, with how many items its source counts.

    A count that the source does not give is null; what it counts and does not name is missing.
    """

    system = models.ForeignKey(System, models.CASCADE, related_name="frameworks")
    code = CodeField()
    name = models.CharField(max_length=200)
    dated = WhenField()
    status = models.CharField(max_length=40, blank=True, help_text="Such as draft or refreshed")
    position = models.PositiveSmallIntegerField(default=0)
    baseline = models.CharField(
        max_length=7, blank=True, help_text="Financial year that it compares with, such as 2015-16"
    )
    expected_domains = models.PositiveSmallIntegerField(null=True, blank=True)
    expected_objectives = models.PositiveSmallIntegerField(null=True, blank=True)
    expected_outcomes = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="framework_once")]

    def __str__(self) -> str:
        return self.name


class Level(models.TextChoices):
    """How deep an item stands in its framework."""

    DOMAIN = "domain", "Domain"
    OBJECTIVE = "objective", "Objective"
    OUTCOME = "outcome", "Outcome"


class FrameworkItem(Evidenced):
    """A domain, objective or outcome. The same code in another version is the same item."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="items")
    code = CodeField()
    level = models.CharField(max_length=10, choices=Level)
    name = models.CharField(max_length=300)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["framework", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "code"], name="framework_item_once"),
            models.CheckConstraint(
                name="framework_domain_on_top",
                condition=~Q(level=Level.DOMAIN) | Q(parent=None),
                violation_error_message="A domain stands at the top and has no parent.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ItemMetric(models.Model):
    """A metric by which an item of a framework is judged."""

    item = models.ForeignKey(FrameworkItem, models.CASCADE, related_name="item_metrics")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="item_metrics")

    class Meta:
        ordering = ["metric"]
        constraints = [models.UniqueConstraint(fields=["item", "metric"], name="item_metric_once")]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.metric_id}"


class ItemScheme(models.Model):
    """A scheme that contributes to an item of a framework."""

    item = models.ForeignKey(FrameworkItem, models.CASCADE, related_name="item_schemes")
    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="item_schemes")

    class Meta:
        ordering = ["scheme"]
        constraints = [models.UniqueConstraint(fields=["item", "scheme"], name="item_scheme_once")]

    def __str__(self) -> str:
        return f"{self.item_id} by {self.scheme_id}"


class DomainQuarter(models.Model):
    """The quarter for which a domain is reported in depth; quarter 1 is April to June."""

    item = models.ForeignKey(FrameworkItem, models.CASCADE, related_name="quarters")
    year = models.CharField(max_length=7, help_text="Financial year, such as 2018-19")
    quarter = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["year", "quarter"]
        constraints = [
            models.UniqueConstraint(fields=["item", "year", "quarter"], name="domain_quarter_once"),
            models.CheckConstraint(
                name="domain_quarter_1_to_4",
                condition=Q(quarter__range=(1, 4)),
                violation_error_message="Quarters run from 1 (April to June) to 4.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.year} quarter {self.quarter}"


class DomainReport(AppendOnly):
    """What was written on a domain for a quarter, signed as a role; the last version stands."""

    due = models.ForeignKey(DomainQuarter, models.PROTECT, related_name="reports")
    text = models.TextField(blank=True, help_text="Empty takes back what was written before")
    signed_as = models.CharField(max_length=120)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.due_id} at {self.at}"
