"""What is kept about a scheme beside its text and its money: promises, evaluations, assessments."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField
from schemes.models.evidence import Evidence
from schemes.models.partners import Partner
from schemes.models.plan import Scheme, Stage, WhenField
from schemes.models.systems import System


class Evidenced(models.Model):
    """A row of a register with the place in a source that it comes from."""

    note = models.TextField(blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class ActivityCount(Evidenced):
    """A count that was promised, reached or both: beds, staff, homes, per cent of patients.

    A hedge is the source's own word, such as over or up to. ``base`` is what the count is of:
    28 of 47. Without a scheme it belongs to the system as a whole.
    """

    system = models.ForeignKey(System, models.CASCADE, related_name="activity_counts")
    code = CodeField()
    name = models.CharField(max_length=200)
    scheme = models.ForeignKey(
        Scheme, models.PROTECT, null=True, blank=True, related_name="activity_counts"
    )
    unit = models.CharField(max_length=40, blank=True)
    area = models.CharField(max_length=120, blank=True)
    promised = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    promised_hedge = models.CharField(max_length=40, blank=True)
    promised_by = WhenField()
    reached = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    reached_hedge = models.CharField(max_length=40, blank=True)
    reached_at = WhenField()
    base = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    unit_cost_pence = models.BigIntegerField(
        null=True, blank=True, db_comment="Pence for one; null is not stated"
    )
    budget_pence = models.BigIntegerField(
        null=True, blank=True, db_comment="Pence for all; null is not stated"
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="activity_count_once"),
            models.CheckConstraint(
                name="activity_base_positive", condition=Q(base=None) | Q(base__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Effect(models.TextChoices):
    """What an evaluation found; empty is not stated."""

    POSITIVE = "positive", "Positive"
    LITTLE = "little", "Little"
    NONE = "none", "None"
    NEGATIVE = "negative", "Negative"


class Evaluation(Evidenced):
    """What came of a scheme or investment, and what was decided about it."""

    class Progress(models.TextChoices):
        AS_PLANNED = "as-planned", "As planned"
        SLOW = "slow", "Slower than planned"
        NOT_PROGRESSED = "not-progressed", "Did not progress"

    class Decision(models.TextChoices):
        CONTINUE = "continue", "Continue"
        RE_PLAN = "re-plan", "Plan again"
        STOP = "stop", "Stop"

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="evaluations")
    code = CodeField()
    evaluated = WhenField()
    progress = models.CharField(max_length=16, choices=Progress, blank=True, default="")
    findings = models.TextField(blank=True)
    factors = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    effect_on_discharge = models.CharField(max_length=10, choices=Effect, blank=True, default="")
    effect_on_avoidance = models.CharField(max_length=10, choices=Effect, blank=True, default="")
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    next_review = WhenField()

    class Meta:
        ordering = ["scheme", "code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="evaluation_once")]

    def __str__(self) -> str:
        return f"{self.scheme}: {self.code}"


class Characteristic(models.TextChoices):
    """The protected characteristics that the schedule has columns for; ``all`` is the whole row."""

    AGE = "age", "Age"
    DISABILITY = "disability", "Disability"
    GENDER = "gender", "Gender or transgender"
    ETHNICITY = "ethnicity", "Ethnicity"
    MARRIAGE = "marriage", "Marriage or civil partnership"
    PREGNANCY = "pregnancy", "Pregnancy or maternity"
    RELIGION = "religion", "Religion or belief"
    SEXUAL_ORIENTATION = "sexual-orientation", "Sexual orientation"
    ALL = "all", "All characteristics"


class EqualityMark(Evidenced):
    """How a scheme touches people with a protected characteristic.

    A row of marks that cannot be told apart by column is one mark, unreadable, with its text kept;
    nothing is guessed into columns.
    """

    class Mark(models.TextChoices):
        POSITIVE = "positive", "Positive"
        NEGATIVE = "negative", "Negative"
        MIXED = "mixed", "Positive and negative"
        NONE = "none", "No significant relevance"
        UNREADABLE = "unreadable", "Not readable"

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="equality_marks")
    characteristic = models.CharField(max_length=20, choices=Characteristic)
    mark = models.CharField(max_length=10, choices=Mark)
    raw = models.CharField(max_length=120, blank=True, help_text="The marks as printed")

    class Meta:
        ordering = ["scheme", "characteristic"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "characteristic"], name="equality_mark_once"),
            models.CheckConstraint(
                name="unreadable_mark_keeps_its_text",
                condition=~Q(mark="unreadable") | ~Q(raw=""),
                violation_error_message="Keep the text of a mark that cannot be read.",
            ),
            models.CheckConstraint(
                name="equality_mark_of_a_whole_row",
                condition=~Q(characteristic="all") | Q(mark__in=["none", "unreadable"]),
                violation_error_message="Name the characteristic that this mark is about.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.characteristic}: {self.mark}"


class Assessment(Evidenced):
    """An impact assessment on quality or on equality (DOMAIN 13)."""

    class Kind(models.TextChoices):
        QUALITY = "quality", "Quality impact assessment"
        EQUALITY = "equality", "Equality impact assessment"

    class State(models.TextChoices):
        NOT_STARTED = "not-started", "Not started"
        IN_PROGRESS = "in-progress", "In progress"
        SIGNED = "signed", "Signed"

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="assessments")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=12, choices=State)
    signed_by = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    signed_on = WhenField()

    class Meta:
        ordering = ["scheme", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "kind"], name="assessment_once"),
            models.CheckConstraint(
                name="assessment_signed_by_and_on",
                condition=(Q(state="signed") & ~Q(signed_by="") & ~Q(signed_on=""))
                | (~Q(state="signed") & Q(signed_by="", signed_on="")),
                violation_error_message="A signed assessment says by which role and when; "
                "another has neither.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.kind}: {self.state}"


class Approval(Evidenced):
    """The decision to go ahead, which no scheme has without a signed quality assessment."""

    scheme = models.OneToOneField(Scheme, models.CASCADE, related_name="approval")
    approved_by = models.CharField(max_length=200, help_text="The body that decided")
    approved_on = WhenField()
    minute = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approval_by_and_on",
                condition=~Q(approved_by="") & ~Q(approved_on=""),
                violation_error_message="Say which body approved the scheme, and when.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme}: {self.approved_by}"


class Dependency(Evidenced):
    """What a scheme needs from others before it can deliver."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="dependencies")
    code = CodeField()
    needs = models.TextField()
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    on_scheme = models.ForeignKey(
        Scheme, models.PROTECT, null=True, blank=True, related_name="dependants"
    )
    met = models.BooleanField(null=True, blank=True, help_text="Empty: not stated")
    due = WhenField()

    class Meta:
        ordering = ["scheme", "code"]
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="dependency_once")]

    def __str__(self) -> str:
        return self.needs


class IntendedOutcome(models.Model):
    """An outcome that a scheme should move."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="intended_outcomes")
    code = CodeField()
    name = models.CharField(max_length=300)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="intended_outcome_once")
        ]

    def __str__(self) -> str:
        return self.name


class StageWeight(models.Model):
    """How much of a forecast a system counts on at a stage; without all weights none is used."""

    system = models.ForeignKey(System, models.CASCADE, related_name="stage_weights")
    stage = models.CharField(max_length=16, choices=Stage)
    percent = models.PositiveSmallIntegerField()
    agreed_by = models.CharField(max_length=200, help_text="The body that agreed it")
    agreed_on = WhenField()

    class Meta:
        ordering = ["system", "stage"]
        constraints = [
            models.UniqueConstraint(fields=["system", "stage"], name="stage_weight_once"),
            models.CheckConstraint(
                name="stage_weight_is_a_share",
                condition=Q(percent__lte=100),
                violation_error_message="A weight runs from 0 to 100 per cent.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.stage}: {self.percent} %"
