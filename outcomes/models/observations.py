"""Observations: a head (the present value of a metric in a period) and its revisions."""

from django.db import models
from django.db.models import F, Q

from outcomes.models.areas import Area
from outcomes.models.metrics import Metric
from schemes.models import Evidence, User
from schemes.models.base import AppendOnly


class Standing(models.TextChoices):
    """How far a value can be relied on; suppressed, missing and withdrawn have none.

    Only withdrawing sets ``withdrawn``: such a head counts in nothing and keeps its history.
    """

    FINAL = "final", "Final"
    PROVISIONAL = "provisional", "Provisional"
    SUPPRESSED = "suppressed", "Suppressed"
    MISSING = "missing", "Missing"
    REDEFINED = "redefined", "Definition changed"
    WITHDRAWN = "withdrawn", "Withdrawn"


WITHOUT_VALUE = (Standing.SUPPRESSED, Standing.MISSING, Standing.WITHDRAWN)
ENTERED = tuple(standing for standing in Standing if standing != Standing.WITHDRAWN)


class ObservationFields(models.Model):
    """What is known of a metric for an area in a period, both days included.

    ``value`` is in the metric's unit; where numerator and denominator are known it follows from
    them. A hedge is the source's own word, such as over or about.
    """

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    starts = models.DateField()
    ends = models.DateField()
    revision = models.PositiveIntegerField()
    change = models.PositiveBigIntegerField()
    numerator = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    denominator = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    value = models.DecimalField(
        max_digits=20, decimal_places=6, null=True, db_comment="Null is not stated, never 0"
    )
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.FINAL)
    hedge = models.CharField(max_length=40, blank=True, default="")
    comment = models.TextField(blank=True, default="")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class Observation(ObservationFields):
    """The head: the present value."""

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="observations")

    class Meta:
        ordering = ["metric", "area", "starts", "ends"]
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "area", "starts", "ends"], name="observation_once"
            ),
            models.CheckConstraint(
                name="observation_dates_in_order", condition=Q(ends__gte=F("starts"))
            ),
            models.CheckConstraint(
                name="observation_valued_unless_missing",
                condition=~Q(standing__in=WITHOUT_VALUE) | Q(value=None),
            ),
            models.CheckConstraint(
                name="observation_denominator_positive",
                condition=Q(denominator=None) | Q(denominator__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.area_id} {self.starts}"


class ObservationRevision(ObservationFields, AppendOnly):
    """Every value that was ever saved, by whom and when: history is never changed."""

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="observation_revisions")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "area", "starts", "ends", "revision"],
                name="observation_revision_once",
            )
        ]
        indexes = [models.Index(fields=["metric", "change"], name="observation_by_change")]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.area_id} {self.starts} revision {self.revision}"
