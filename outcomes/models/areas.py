"""Areas that figures are of: councils, commissioners, trusts, places, and what they lie in."""

from django.db import models

from schemes.models import Partner
from schemes.models.base import CodeField


class Area(models.Model):
    """A place or a body that a figure is of, under one code; its other codes are its aliases.

    The code is the small-letter form of its most lasting code, such as e10000011.
    """

    class Kind(models.TextChoices):
        COUNTRY = "country", "Country"
        REGION = "region", "Region"
        COUNCIL = "council", "Council"
        COMMISSIONER = "commissioner", "Commissioner"
        TRUST = "trust", "Trust"
        PLACE = "place", "Place"
        GROUP = "group", "Group of areas"

    code = CodeField(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind)
    within = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="areas"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class AreaCode(models.Model):
    """Another code of an area in somebody's register: E10000011 of ONS is 815 of CASSR."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="codes")
    register = models.CharField(max_length=40)
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "code"], name="area_code_once")]

    def __str__(self) -> str:
        return f"{self.register} {self.code}"
