"""Identities that money and results hang on: themes and schemes."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from esbt.kit.when import REMEDY, is_when
from schemes.models.base import CodeField
from schemes.models.evidence import Evidence
from schemes.models.partners import Partner
from schemes.models.systems import System


def _check_when(text: str) -> None:
    if not is_when(text):
        raise ValidationError(REMEDY)


class WhenField(models.CharField):
    """A date with its own precision (esbt.kit.when); empty where it is not stated."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.update(max_length=11, blank=True, validators=[_check_when])
        kwargs.setdefault("default", "")
        super().__init__(**kwargs)  # type: ignore[arg-type]


class Theme(models.Model):
    """A heading under which a system groups its schemes."""

    system = models.ForeignKey(System, models.CASCADE, related_name="themes")
    code = CodeField()
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="theme_once")]

    def __str__(self) -> str:
        return self.name


class Stage(models.TextChoices):
    """How far a scheme has come (DOMAIN 10), in order; empty is not stated."""

    OPPORTUNITY = "opportunity", "Opportunity"
    PLANNING = "plan-in-progress", "Plan in progress"
    DEVELOPED = "fully-developed", "Fully developed"
    DELIVERING = "in-delivery", "In delivery"
    DELIVERED = "delivered", "Delivered"
    STOPPED = "stopped", "Stopped"


class Scheme(models.Model):
    """A scheme of a Strategic Investment Plan, or a part of one (one level deep).

    ``working_label`` says that the source prints no name and ours stands for it. An investment
    stands outside the schemes and their total.
    """

    class Kind(models.TextChoices):
        SCHEME = "scheme", "Scheme"
        INVESTMENT = "investment", "Investment outside the schemes' total"

    system = models.ForeignKey(System, models.CASCADE, related_name="schemes")
    code = CodeField()
    name = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0, help_text="The order in which it is printed")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SCHEME)
    working_label = models.BooleanField(default=False)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    purpose = models.TextField(blank=True)
    proposal = models.TextField(blank=True)
    key_outcomes = models.TextField(blank=True)
    lead_partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lead_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    stage = models.CharField(max_length=16, choices=Stage, blank=True, default="")
    starts = WhenField()
    ends = WhenField()
    pathways = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    note = models.TextField(blank=True, help_text="What is doubtful about the row")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="scheme_once"),
            models.CheckConstraint(
                name="scheme_parent_is_another",
                condition=Q(parent=None) | ~Q(parent=F("id")),
                violation_error_message="A scheme is not a part of itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
