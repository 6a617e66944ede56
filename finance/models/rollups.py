"""Rollups: what recompute makes of the facts, and which revision it saw."""

from django.db import models

from finance.models.base import PenceField
from finance.models.lines import Kind
from schemes.models import Slice


class Level(models.TextChoices):
    """What the rows of a rollup are grouped by, beside kind and month."""

    ALL = "all", "Everything"
    HEADING = "heading", "Heading"
    SCHEME = "scheme", "Scheme, its own lines"
    SCHEME_TREE = "scheme-tree", "Scheme with its parts"
    THEME = "theme", "Theme"
    POOL = "pool", "Pool"
    RECURRENT = "recurrent", "Recurrent or not"
    SAVING_TYPE = "saving-type", "What kind of saving"
    ELIMINATED = "eliminated", "What both partners of a contract agree"
    UNAGREED = "unagreed", "What they do not; positive flatters the system"


class State(models.TextChoices):
    """Published: approved or closed figures. Provisional: everything saved."""

    PUBLISHED = "published", "Published"
    PROVISIONAL = "provisional", "Provisional"


class Rollup(models.Model):
    """Sums of one kind at one level in one month; derived, and only recompute writes it.

    ``partner_key`` is a partner's id, or 0 for the whole system. ``key`` is the id of the heading,
    scheme, theme or pool; 1, 0 or -1 for recurrent, not, or not stated; the place of a saving's
    type among SavingType, from 1; and 0 where the level has none.
    """

    pk = models.CompositePrimaryKey(
        "slice_id", "state", "partner_key", "kind", "level", "key", "month"
    )
    slice = models.ForeignKey(Slice, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State)
    partner_key = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    level = models.CharField(max_length=12, choices=Level)
    key = models.BigIntegerField()
    month = models.PositiveSmallIntegerField()
    lines = models.PositiveIntegerField(help_text="Lines expected to report")
    reported = models.PositiveIntegerField(help_text="Lines that did")
    plan_pence = PenceField(null=True, help_text="Full year, all lines")
    plan_to_date_pence = PenceField(null=True, help_text="All lines")
    actual_pence = PenceField(null=True, help_text="To date, lines that reported")
    compared_plan_pence = PenceField(null=True, help_text="To date, lines that can be compared")
    variance_pence = PenceField(null=True, help_text="To date, favourable-positive")
    in_month_pence = PenceField(null=True)
    earlier_months_pence = PenceField(null=True, help_text="Of in month, corrections")
    in_month_from = models.PositiveSmallIntegerField(null=True)
    forecast_pence = PenceField(null=True, help_text="Full year, each line's latest")
    forecast_variance_pence = PenceField(null=True)
    forecast_month = models.PositiveSmallIntegerField(null=True, help_text="The oldest used")
    forecast_month_last = models.PositiveSmallIntegerField(null=True, help_text="The newest used")
    forecasts_behind = models.PositiveIntegerField(
        default=0, help_text="Lines that still run and whose latest is of an earlier month"
    )
    bases_differ = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.slice_id} {self.state} {self.kind} {self.level} {self.key} {self.month}"


class Computation(models.Model):
    """The change number that a slice's rollups were computed from. Its row is recompute's lock."""

    slice = models.OneToOneField(
        Slice, models.CASCADE, primary_key=True, related_name="computation"
    )
    change = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.slice_id} at {self.change}"
