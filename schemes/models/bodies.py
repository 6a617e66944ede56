"""Who decides what: bodies, their members and meetings, and what they decided."""

from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField
from schemes.models.partners import Partner
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class Body(Evidenced):
    """A board, executive or group of a system: what it is for, and what it receives.

    ``starts`` and ``ends`` keep their own precision; a body without an end still meets. One that
    took over names the body before it.
    """

    class Kind(models.TextChoices):
        BOARD = "board", "Board"
        EXECUTIVE = "executive", "Executive"
        GROUP = "group", "Group"
        NETWORK = "network", "Network"
        FOOTPRINT = "footprint", "Footprint or partnership"

    system = models.ForeignKey(System, models.CASCADE, related_name="bodies")
    code = CodeField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    remit = models.TextField(blank=True, help_text="What it decides or is for")
    receives = models.TextField(blank=True, help_text="What is reported to it")
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reporting"
    )
    took_over = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="succeeded_by"
    )
    starts = WhenField()
    ends = WhenField()

    class Meta:
        ordering = ["position", "code"]
        verbose_name_plural = "bodies"
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="body_once"),
            models.CheckConstraint(
                name="body_takes_over_from_another",
                condition=(Q(took_over=None) | ~Q(took_over=models.F("id")))
                & (Q(reports_to=None) | ~Q(reports_to=models.F("id"))),
                violation_error_message="A body neither takes over from nor reports to itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BodyMember(Evidenced):
    """A seat in a body: a partner, a role, or both; never a person.

    ``starts`` and ``ends`` keep their own precision, as those of the body do.
    """

    body = models.ForeignKey(Body, models.CASCADE, related_name="members")
    code = CodeField()
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    chair = models.BooleanField(default=False)
    starts = WhenField()
    ends = WhenField()

    class Meta:
        ordering = ["body", "-chair", "code"]
        constraints = [
            models.UniqueConstraint(fields=["body", "code"], name="body_member_once"),
            models.CheckConstraint(
                name="body_member_is_somebody",
                condition=Q(partner__isnull=False) | ~Q(role=""),
                violation_error_message="Name the partner or the role that has this seat.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner or self.role} in {self.body}"


class Meeting(Evidenced):
    """A meeting of a body."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="meetings")
    code = CodeField()
    name = models.CharField(max_length=200, blank=True)
    on = WhenField()
    agenda = models.TextField(blank=True)

    class Meta:
        ordering = ["body", "on", "code"]
        constraints = [models.UniqueConstraint(fields=["body", "code"], name="meeting_once")]

    def __str__(self) -> str:
        return f"{self.body}, {self.on}"


class Decision(Evidenced):
    """What a body decided, and when; with the meeting where that is known."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="decisions")
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    code = CodeField()
    words = models.TextField()
    on = WhenField()
    minute = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["body", "-on", "code"]
        constraints = [models.UniqueConstraint(fields=["body", "code"], name="decision_once")]

    def __str__(self) -> str:
        return self.words[:80]
