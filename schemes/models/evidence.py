"""Where a figure comes from. A fact without evidence was typed by its actor."""

from django.db import models
from django.db.models import Q

from schemes.models.base import CodeField


class Source(models.Model):
    """A document, with the rule for its signs and units declared once."""

    code = CodeField(unique=True)
    title = models.CharField(max_length=300)
    publisher = models.CharField(max_length=200, blank=True)
    published = models.CharField(
        max_length=60, blank=True, help_text="As precise as the document is, such as 17 July 2018"
    )
    url = models.URLField(max_length=500, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    signs = models.TextField(blank=True, help_text="What brackets and minus signs mean in it")

    def __str__(self) -> str:
        return self.title


class Evidence(models.Model):
    """One place in a source: what is printed there, and how far the figure can be trusted."""

    class State(models.TextChoices):
        PRINTED = "printed", "Printed"
        DERIVED = "derived", "Derived"
        INFERRED = "inferred", "Inferred"
        SUSPECT = "suspect", "Suspect"
        MISSING = "missing", "Not stated"

    source = models.ForeignKey(Source, models.PROTECT, related_name="evidence")
    place = models.CharField(max_length=120, help_text="Paragraph, table or page")
    printed = models.CharField(max_length=300, blank=True, help_text="The figure as printed")
    unit = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PRINTED)
    working = models.TextField(blank=True, help_text="How it was worked out, or what is doubtful")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "place", "printed", "unit", "state", "working"],
                name="evidence_once",
            ),
            models.CheckConstraint(
                name="evidence_shows_its_working",
                condition=Q(state__in=["printed", "missing"]) | ~Q(working=""),
                violation_error_message="Say how a derived, inferred or suspect figure came about.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.code} {self.place}"

    @property
    def is_ours(self) -> bool:
        """Whether it is our working or our reading, and not what the source prints."""
        return self.state in (self.State.DERIVED, self.State.INFERRED)
