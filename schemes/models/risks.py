"""The risk register: one for a system, its schemes and whatever hangs on them."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField
from schemes.models.partners import Partner
from schemes.models.plan import Scheme, WhenField
from schemes.models.pools import Pool
from schemes.models.registers import Evidenced
from schemes.models.systems import System
from schemes.models.workstreams import Workstream


class RiskStatus(models.TextChoices):
    """Where a risk stands; one that landed has happened."""

    OPEN = "open", "Open"
    LANDED = "landed", "Landed"
    CLOSED = "closed", "Closed"


class RiskRating(models.TextChoices):
    """How a source rates a risk in a word; empty is unrated, which is not low."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


_ONE_TO_FIVE = "Rate from 1 to 5; leave it empty while nobody has rated it."


class RatingField(models.PositiveSmallIntegerField):
    """From 1 to 5; null is not rated, which is not low."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(
            null=True,
            blank=True,
            validators=[MinValueValidator(1, _ONE_TO_FIVE), MaxValueValidator(5, _ONE_TO_FIVE)],
        )
        super().__init__(**kwargs)


class Risk(Evidenced):
    """What may go wrong, how likely and how grave, what is done about it and who sees to it.

    Without a partner it is everybody's. The score is likelihood times impact; a risk that lacks
    one of them has none. ``rating`` is the word that a source prints: without a word and a score
    a risk is unrated, which is not low. What it would cost is kept with the money, year by
    year.
    """

    system = models.ForeignKey(System, models.CASCADE, related_name="risks")
    code = CodeField()
    name = models.CharField(max_length=200)
    cause = models.TextField(blank=True)
    effect = models.TextField(blank=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, blank=True, related_name="risks")
    pool = models.ForeignKey(Pool, models.PROTECT, null=True, blank=True, related_name="risks")
    workstream = models.ForeignKey(
        Workstream, models.PROTECT, null=True, blank=True, related_name="risks"
    )
    rating = models.CharField(max_length=6, choices=RiskRating, blank=True, default="")
    likelihood = RatingField()
    impact = RatingField()
    mitigation = models.TextField(blank=True, help_text="What is done about it")
    owner_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    owner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    review = WhenField()
    status = models.CharField(max_length=8, choices=RiskStatus, default=RiskStatus.OPEN)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="risk_once"),
            models.CheckConstraint(
                name="risk_rated_1_to_5",
                condition=(Q(likelihood=None) | Q(likelihood__range=(1, 5)))
                & (Q(impact=None) | Q(impact__range=(1, 5))),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def score(self) -> int | None:
        """Likelihood times impact, 1 to 25; None while it is not rated."""
        return self.likelihood and self.impact and self.likelihood * self.impact
