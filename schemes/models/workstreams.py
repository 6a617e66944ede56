"""Integration programmes: workstreams, their projects, and dated milestones."""

from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField
from schemes.models.bodies import Body
from schemes.models.partners import Partner
from schemes.models.plan import WhenField
from schemes.models.registers import Evidenced
from schemes.models.systems import System


class Progress(models.TextChoices):
    """How far a project or milestone has come; empty is not stated."""

    NOT_STARTED = "not-started", "Not started"
    IN_PROGRESS = "in-progress", "In progress"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"


class Workstream(Evidenced):
    """A stream of a programme; monitoring that paused says so in its note."""

    system = models.ForeignKey(System, models.CASCADE, related_name="workstreams")
    code = CodeField()
    name = models.CharField(max_length=200)
    programme = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    about = models.TextField(blank=True)
    lead_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    lead = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="workstreams"
    )

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="workstream_once")]

    def __str__(self) -> str:
        return self.name


class Project(Evidenced):
    """A project of a workstream."""

    workstream = models.ForeignKey(Workstream, models.CASCADE, related_name="projects")
    code = CodeField()
    name = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=0)
    about = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Progress, blank=True, default="")
    starts = WhenField()
    ends = WhenField()

    class Meta:
        ordering = ["workstream", "position", "code"]
        constraints = [models.UniqueConstraint(fields=["workstream", "code"], name="project_once")]

    def __str__(self) -> str:
        return self.name


class Milestone(Evidenced):
    """Something that is to be reached by a date; every earlier date is kept in its history."""

    REPORTED = ("done", "status")  # what a report says together, its day first

    system = models.ForeignKey(System, models.CASCADE, related_name="milestones")
    code = CodeField()
    name = models.CharField(max_length=300)
    workstream = models.ForeignKey(
        Workstream, models.PROTECT, null=True, blank=True, related_name="milestones"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="milestones"
    )
    due = WhenField()
    moved_because = models.CharField(
        max_length=500, blank=True, help_text="Why its due date moved the last time"
    )
    done = WhenField()
    status = models.CharField(max_length=12, choices=Progress, blank=True, default="")
    owner_role = models.CharField(max_length=120, blank=True, help_text="A role, never a person")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="milestones")

    class Meta:
        ordering = ["due", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="milestone_once"),
            models.CheckConstraint(
                name="milestone_done_on_a_day",
                condition=~Q(status="done") | ~Q(done=""),
                violation_error_message="Say when the milestone was reached.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MilestoneNeed(models.Model):
    """A milestone that cannot be reached before another."""

    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="needs")
    other = models.ForeignKey(Milestone, models.CASCADE, related_name="needed_by")

    class Meta:
        ordering = ["milestone", "other"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "other"], name="milestone_need_once"),
            models.CheckConstraint(
                name="milestone_needs_another",
                condition=~Q(milestone=models.F("other")),
                violation_error_message="A milestone cannot need itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} needs {self.other_id}"
