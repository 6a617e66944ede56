"""The money of risks: what the position of a year loses if one lands."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from schemes.models import Evidence, Risk, Slice, User
from schemes.models.base import AppendOnly


class StandsAs(models.TextChoices):
    """What an amount at stake is (DOMAIN 9)."""

    GROSS = "gross", "Gross: before mitigations"
    NET = "net", "Net: after mitigations"
    NOT_STATED = "not-stated", "Not said whether gross or net"


class AtStakeField(models.BigIntegerField):
    """Whole pence at stake. What would worsen the position is a positive number."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.update(null=True, blank=True)
        kwargs.setdefault(
            "db_comment", "Pence that would worsen the position, positive; null is not stated"
        )
        super().__init__(**kwargs)


class RiskMoney(AppendOnly):
    """What a risk puts at stake in a year; the latest change of a year and risk stands.

    ``mitigation_pence`` is what mitigations are worth, beside a gross or a net amount. Without
    ``pence`` the amount is not stated, or no longer so.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="risk_money")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="money")
    pence = AtStakeField()
    stands_as = models.CharField(max_length=10, choices=StandsAs)
    mitigation_pence = AtStakeField()
    reason = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["slice", "risk", "change"], name="risk_money_once"),
            models.CheckConstraint(
                name="risk_money_is_at_stake",
                condition=(Q(pence=None) | Q(pence__gte=0))
                & (Q(mitigation_pence=None) | Q(mitigation_pence__gte=0)),
            ),
            models.CheckConstraint(
                name="risk_mitigation_of_a_known_amount",
                condition=Q(mitigation_pence=None)
                | Q(stands_as="net", pence__isnull=False)
                | Q(stands_as="gross", mitigation_pence__lte=F("pence")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk_id} in {self.slice_id}: {self.pence}"
