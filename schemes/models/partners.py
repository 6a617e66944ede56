"""Organisations: one body under its many names and codes, before and after each merger."""

from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField, Dated, dates_in_order


class Partner(Dated):
    """A body that plans, spends or reports; or a reporting group that publishes one figure."""

    class Kind(models.TextChoices):
        COUNCIL = "council", "Council"
        CCG = "ccg", "Clinical commissioning group"
        ICB = "icb", "Integrated care board"
        TRUST = "nhs-trust", "NHS trust"
        FOUNDATION_TRUST = "foundation-trust", "NHS foundation trust"
        DISTRICT = "district", "District or borough council"
        VOLUNTARY = "voluntary", "Voluntary or community organisation"
        OTHER = "other", "Other body"
        GROUP = "group", "Reporting group"

    code = CodeField(unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        ordering = ["code"]
        constraints = [dates_in_order("partner_dates_in_order")]

    def __str__(self) -> str:
        return self.short_name


class PartnerName(Dated):
    """A name that documents use for a partner, official or not."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            dates_in_order("partner_name_dates_in_order"),
            models.UniqueConstraint(
                fields=["partner", "name", "starts"],
                name="partner_name_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerCode(Dated):
    """A code in somebody's register: one body has several (ODS 09F, ONS E10000011, MHCLG E1421)."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="codes")
    register = models.CharField(max_length=40)
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            dates_in_order("partner_code_dates_in_order"),
            models.UniqueConstraint(
                fields=["register", "code", "starts"],
                name="partner_code_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.code}"


class Succession(models.Model):
    """A body that took over from another: the way from PCT to CCG to ICB."""

    predecessor = models.ForeignKey(Partner, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Partner, models.PROTECT, related_name="predecessions")
    on = models.DateField(null=True, blank=True, help_text="Empty: the sources do not say")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                name="succession_by_another",
                condition=~Q(predecessor=models.F("successor")),
                violation_error_message="A body cannot succeed itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class GroupMember(Dated):
    """A partner that publishes its figures together with others, as one reporting group."""

    group = models.ForeignKey(Partner, models.PROTECT, related_name="members")
    member = models.ForeignKey(Partner, models.PROTECT, related_name="groups")

    class Meta:
        constraints = [
            dates_in_order("group_member_dates_in_order"),
            models.UniqueConstraint(fields=["group", "member"], name="group_member_once"),
            models.CheckConstraint(
                name="group_not_its_own_member",
                condition=~Q(group=models.F("member")),
                violation_error_message="A group cannot be its own member.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.group}"
