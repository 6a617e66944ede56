"""Agreements between partners, and what each body has said to them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField, Dated, dates_in_order
from schemes.models.funds import FundPlan
from schemes.models.partners import Partner
from schemes.models.plan import WhenField
from schemes.models.pools import Pool, days_held
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class Agreement(Evidenced, Dated):
    """What partners have agreed: for a pool, what the regulations ask to be specified (DOMAIN 15).

    A new version is a row of its own that says which one it takes the place of. What an agreement
    does not say stays blank and is shown as not stated.
    """

    class Kind(models.TextChoices):
        SECTION_75 = "section-75", "Section 75 agreement"
        ALLIANCE = "alliance", "Alliance agreement"
        FINANCIAL_FRAMEWORK = "financial-framework", "Financial framework agreement"
        OTHER = "other", "Other agreement"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        AGREED = "agreed", "Agreed"

    system = models.ForeignKey(System, models.CASCADE, related_name="agreements")
    code = CodeField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    pool = models.ForeignKey(Pool, models.PROTECT, null=True, blank=True, related_name="agreements")
    version = models.CharField(max_length=120, blank=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    aims = models.TextField(blank=True, help_text="Agreed aims and outcomes")
    contributions = models.TextField(blank=True, help_text="Payments, and how they may vary")
    functions = models.TextField(blank=True, help_text="Functions of each partner that it covers")
    services = models.TextField(blank=True, help_text="For whom, and which services")
    resources = models.TextField(blank=True, help_text="Staff, goods and accommodation")
    review = models.TextField(blank=True, help_text="Duration, review and how it ends")
    management = models.TextField(blank=True, help_text="How the fund is managed and watched")

    class Meta:
        ordering = ["code"]
        constraints = [
            dates_in_order("agreement_dates_in_order"),
            models.UniqueConstraint(fields=["system", "code"], name="agreement_once"),
            models.CheckConstraint(
                name="agreement_supersedes_another",
                condition=Q(supersedes=None) | ~Q(supersedes=models.F("id")),
                violation_error_message="An agreement cannot take its own place.",
            ),
            ExclusionConstraint(
                name="pool_has_one_agreement",
                expressions=[
                    ("pool", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (days_held(), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="agreed", pool__isnull=False),
                violation_error_message="Another agreement of this kind holds for the pool in the "
                "same days. End that one first, or change these days.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AgreementParty(Evidenced):
    """A partner that is a party to an agreement."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["agreement", "partner__code"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "partner"], name="agreement_party_once")
        ]

    def __str__(self) -> str:
        return f"{self.partner} in {self.agreement}"


class SignOff(Evidenced):
    """What one body has said to an agreement or to a fund's plan; not signed until it is signed.

    Signatures are kept as the role that signed, never as a person.
    """

    class State(models.TextChoices):
        OUTSTANDING = "outstanding", "Not signed"
        DRAFTED = "drafted", "Drafted"
        SUBMITTED = "submitted", "Submitted, subject to the board"
        DELEGATED = "delegated", "Signed under delegation"
        SIGNED = "signed", "Signed"
        RATIFIED = "ratified", "Ratified"

    system = models.ForeignKey(System, models.CASCADE, related_name="sign_offs")
    code = CodeField()
    agreement = models.ForeignKey(
        Agreement, models.CASCADE, null=True, blank=True, related_name="sign_offs"
    )
    plan = models.ForeignKey(
        FundPlan, models.CASCADE, null=True, blank=True, related_name="sign_offs"
    )
    body = models.CharField(max_length=200, help_text="The body that signs or approves")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.OUTSTANDING)
    role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    on = WhenField()
    minute = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="sign_off_once"),
            models.CheckConstraint(
                name="sign_off_of_one_thing",
                condition=Q(agreement=None, plan__isnull=False)
                | Q(agreement__isnull=False, plan=None),
                violation_error_message="A body signs an agreement or a plan: name one of the two.",
            ),
            models.CheckConstraint(
                name="sign_off_has_its_day",
                condition=Q(state__in=["outstanding", "drafted"]) | ~Q(on=""),
                violation_error_message="Say when the body signed, as precisely as it is known.",
            ),
            models.CheckConstraint(
                name="unsigned_has_no_day",
                condition=~Q(state="outstanding") | Q(on="", minute=""),
                violation_error_message="What is not signed has no date and no minute.",
            ),
            models.CheckConstraint(
                name="ratified_with_a_minute",
                condition=~Q(state="ratified") | ~Q(minute=""),
                violation_error_message="Name the minute that ratified it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body}: {self.state}"

    @property
    def is_final(self) -> bool:
        """Whether the body itself has signed or ratified; delegation awaits the board's minute."""
        return self.state in (self.State.SIGNED, self.State.RATIFIED)
