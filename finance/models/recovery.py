"""Expenditure reduction plans: who has understood them, what is urgent, and four answers."""

from django.db import models
from django.db.models import Q

from finance.models.base import LAST_MONTH, month_in
from finance.models.lines import Line
from schemes.models import Partner, Risk, Slice, User
from schemes.models.base import AppendOnly, CodeField
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced


class PlanEffect(Evidenced):
    """What a reduction plan does to another partner, and whether that partner has understood it."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="effects")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    effect = models.TextField(blank=True, help_text="Empty: not stated")
    understood = models.BooleanField(null=True, blank=True, help_text="Empty: nobody has said")
    role = models.CharField(max_length=120, blank=True, help_text="Who said so: a role")
    on = WhenField()

    class Meta:
        ordering = ["line", "partner"]
        constraints = [
            models.UniqueConstraint(fields=["line", "partner"], name="plan_effect_once"),
            models.CheckConstraint(
                name="plan_effect_understood_by_and_on",
                condition=Q(understood=None) | (~Q(role="") & ~Q(on="")),
                violation_error_message="Say by which role and when the effect was understood.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} at {self.partner}"


class PlanRisk(models.Model):
    """A risk of the register to a reduction plan."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="plan_risks")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["line", "risk"]
        constraints = [models.UniqueConstraint(fields=["line", "risk"], name="plan_risk_once")]

    def __str__(self) -> str:
        return f"{self.risk_id} to {self.line_id}"


class UrgentAction(Evidenced):
    """What is done about a reduction plan that does not deliver, and by when."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="urgent_actions")
    code = CodeField()
    words = models.TextField()
    owner_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    due = WhenField()
    moved_because = models.CharField(
        max_length=500, blank=True, help_text="Why its due date moved the last time"
    )
    done = WhenField()
    shown_by = models.TextField(blank=True, help_text="The evidence that it is done")

    class Meta:
        ordering = ["line", "due", "code"]
        constraints = [
            models.UniqueConstraint(fields=["line", "code"], name="urgent_action_once"),
            models.CheckConstraint(
                name="urgent_action_is_due",
                condition=~Q(due=""),
                violation_error_message="Say by when it is to be done.",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:80]


class Question(models.TextChoices):
    """The four assurance questions of the recovery board (S1 2.17), in our words."""

    IMPROVEMENT = "improvement", "Is the improvement that is needed being achieved?"
    UNDERSTOOD = "understood", "Is the effect of each plan understood by all partners?"
    RISKS = "risks", "Are individual and system risks managed?"
    URGENT = "urgent", "Is urgent action taken where a plan does not deliver?"


class AssuranceAnswer(AppendOnly):
    """What a person answers to one of the four questions for a month; the latest stands."""

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="assurance_answers")
    month = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=12, choices=Question)
    text = models.TextField()
    signed_as = models.CharField(max_length=200)
    # what the system said when it was signed, so that a reader sees when that is another since
    state = models.CharField(max_length=12, blank=True, help_text="Of the figures")
    verdict = models.CharField(max_length=10, blank=True)
    sentence = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="Of all its evidence")
    change = models.PositiveBigIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["slice", "month", "question", "change"], name="assurance_answer_once"
            ),
            month_in("assurance_answer_month", 1, LAST_MONTH),
        ]

    def __str__(self) -> str:
        return f"{self.question} of month {self.month}"
