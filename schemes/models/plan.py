"""Identities that money and results hang on: themes, schemes and pools."""

from django.db import models

from schemes.models.base import CodeField
from schemes.models.systems import System


class Theme(models.Model):
    """A heading under which a system groups its schemes."""

    system = models.ForeignKey(System, models.CASCADE, related_name="themes")
    code = CodeField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="theme_once")]

    def __str__(self) -> str:
        return self.name


class Scheme(models.Model):
    """A scheme of a Strategic Investment Plan, or a part of one (one level deep)."""

    system = models.ForeignKey(System, models.CASCADE, related_name="schemes")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    code = CodeField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="scheme_once")]

    def __str__(self) -> str:
        return self.name


class Pool(models.Model):
    """A pooled or aligned budget; its agreement and rules come with a later release."""

    system = models.ForeignKey(System, models.CASCADE, related_name="pools")
    code = CodeField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="pool_once")]

    def __str__(self) -> str:
        return self.name
