"""Published files that people send to be imported."""

from django.db import models
from django.db.models import Q

from schemes.models import System, User
from schemes.models.uploads import UNREAD, ReceivedFile


class ObservationFile(ReceivedFile):
    """A file with values of a system's metrics, read by a mapping that ships.

    ``report`` is of the shape of outcomes.services.files.report_of. Once somebody said to store it
    (``stored_by``), the next reading stores it.
    """

    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    mapping = models.CharField(max_length=80, help_text="Name of the mapping's file")
    known_only = models.BooleanField(
        default=False, help_text="Figures of areas and metrics that are not known are left out"
    )
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                name="observation_file_unread_has_content",
                condition=~Q(state__in=UNREAD) | Q(content__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["system", "-at"], name="observation_file_by_system")]
