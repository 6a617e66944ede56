"""Action plans: areas, actions with an owner role and a due date, and what assures them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from schemes.models.base import AppendOnly, CodeField
from schemes.models.bodies import Body
from schemes.models.partners import Partner
from schemes.models.people import User
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class ActionPlan(Evidenced):
    """A plan of actions that a body follows, such as the answer to a regulator's review."""

    system = models.ForeignKey(System, models.CASCADE, related_name="action_plans")
    code = CodeField()
    name = models.CharField(max_length=200)
    about = models.TextField(blank=True)
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="plans")
    owner_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    agreed = WhenField()
    dated = WhenField(help_text="The date that it bears; holds where agreed is not stated")
    support_ends = WhenField()
    evidence_asked = models.BooleanField(
        default=False, help_text="An action is done only with evidence"
    )

    class Meta:
        ordering = ["system", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="action_plan_once")]

    def __str__(self) -> str:
        return self.name


class ActionArea(Evidenced):
    """An area for improvement, which holds actions."""

    plan = models.ForeignKey(ActionPlan, models.CASCADE, related_name="areas")
    code = CodeField()
    name = models.CharField(max_length=500)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["plan", "position", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="action_area_once")]

    def __str__(self) -> str:
        return self.name


class Action(Evidenced):
    """One action of a plan. Its due date keeps its precision: July 2018 ends on 31 July.

    An ongoing action and one that only points to others are never overdue; a pointer is not live.
    """

    # what a report says together, its day first
    REPORTED = ("done_on", "status", "shown_by", "stopped_because")

    class Status(models.TextChoices):
        NOT_STARTED = "not-started", "Not started"
        IN_PROGRESS = "in-progress", "In progress"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    area = models.ForeignKey(ActionArea, models.CASCADE, related_name="actions")
    code = CodeField(help_text="Its number, with a hyphen for the dot: 7-6")
    number = models.CharField(max_length=20, help_text="As printed: 7.6")
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    outcomes = models.TextField(blank=True, help_text="What it should bring about")
    owner_role = models.CharField(max_length=300, blank=True, help_text="Roles, never a person")
    owner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    # in the row itself, so that they are seen, overtaken and loaded together with the rest of it
    co_owners = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="Codes of the partners that own it beside the first",
    )
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="actions")
    due = WhenField()
    moved_because = models.CharField(
        max_length=500, blank=True, help_text="Why its due date moved the last time"
    )
    ongoing = models.BooleanField(default=False)
    pointer = models.BooleanField(default=False, help_text="It only points to other actions")
    status = models.CharField(max_length=12, choices=Status, blank=True, default="")
    done_on = WhenField()
    shown_by = models.TextField(blank=True, help_text="The evidence that it is done")
    stopped_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["area", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["area", "code"], name="action_once"),
            models.CheckConstraint(
                name="action_done_on_a_day",
                condition=~Q(status="done") | ~Q(done_on=""),
                violation_error_message="Say when the action was done.",
            ),
            models.CheckConstraint(
                name="action_ongoing_has_no_day",
                condition=Q(ongoing=False) | Q(due=""),
                violation_error_message="An ongoing action has no due date.",
            ),
            models.CheckConstraint(
                name="action_co_owners_beside_an_owner",
                condition=Q(owner__isnull=False) | Q(co_owners=[]),
                violation_error_message="Name the first of the partners that own it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ActionLink(Evidenced):
    """An action that refers to another, or that cannot be done before it."""

    class Kind(models.TextChoices):
        SEE = "see", "See also"
        NEEDS = "needs", "Cannot be done before"

    action = models.ForeignKey(Action, models.CASCADE, related_name="links")
    other = models.ForeignKey(Action, models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=5, choices=Kind)

    class Meta:
        ordering = ["action", "other"]
        constraints = [
            models.UniqueConstraint(fields=["action", "other", "kind"], name="action_link_once"),
            models.CheckConstraint(
                name="action_links_to_another",
                condition=~Q(action=models.F("other")),
                violation_error_message="An action cannot refer to itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} {self.kind} {self.other_id}"


class Assurance(Evidenced):
    """A statement that assures an area or one action; a metric's code where one measures it."""

    area = models.ForeignKey(ActionArea, models.CASCADE, related_name="assurances")
    action = models.ForeignKey(
        Action, models.CASCADE, null=True, blank=True, related_name="assurances"
    )
    code = CodeField()
    position = models.PositiveIntegerField(default=0)
    words = models.TextField()
    metric = models.CharField(max_length=60, blank=True, help_text="Code of an outcome metric")
    better_than = models.CharField(
        max_length=60, blank=True, help_text="Code of an area whose value it has to be better than"
    )
    target = models.DecimalField(
        max_digits=20, decimal_places=6, null=True, blank=True,
        help_text="What the metric has to reach; empty: its own target",
    )  # fmt: skip
    met = models.BooleanField(null=True, blank=True, help_text="Empty: nobody has said")
    shown_by = models.TextField(blank=True, help_text="The evidence that it is met")

    class Meta:
        ordering = ["area", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["area", "code"], name="assurance_once"),
            models.CheckConstraint(
                name="met_assurance_is_shown",
                condition=~Q(met=True) | ~Q(shown_by=""),
                violation_error_message="Say what shows that it is met.",
            ),
            models.CheckConstraint(
                name="assurance_aims_with_a_metric",
                condition=~Q(metric="") | Q(target=None, better_than=""),
                violation_error_message="Choose the metric that has to reach this.",
            ),
            models.CheckConstraint(
                name="assurance_held_against_one_thing",
                condition=Q(target=None) | Q(better_than=""),
                violation_error_message="Give a target, or an area to be better than: not both.",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:80]


class ActionNote(AppendOnly):
    """What somebody said of an action's progress."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        ordering = ["action", "-at"]

    def __str__(self) -> str:
        return f"{self.action_id} at {self.at}"
