"""Files that people send: what became of each, and how a ledger's extract is read."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finance.models.base import AUDITED, FIRST_MONTH
from schemes.models import Partner, Slice, User
from schemes.models.base import AppendOnly
from schemes.models.uploads import UNREAD, ReceivedFile, UploadState

__all__ = ["UNREAD", "LedgerMapping", "Upload", "UploadState"]


class LedgerMapping(AppendOnly):
    """A version of how a partner's ledger is read into its lines; the highest one is in use.

    ``definition`` has the shape of finance.workbook.mapping.Definition.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="ledger_mappings")
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "name", "version"], name="ledger_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Upload(ReceivedFile):
    """A file with figures of a partner, from its arrival to its end.

    ``report`` is of the shape of finance.queries.previews.preview. ``partners`` are the codes of
    all whose figures the file holds: who may enter for each of them sees it.
    """

    slice = models.ForeignKey(Slice, models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    partners = ArrayField(models.CharField(max_length=60), default=list)
    month = models.PositiveSmallIntegerField(null=True, help_text="Empty: the whole year")
    mapping = models.ForeignKey(LedgerMapping, models.PROTECT, null=True, related_name="+")
    change = models.PositiveBigIntegerField(null=True, help_text="The change that stored it")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                name="upload_month",
                condition=Q(month=None) | Q(month__range=(FIRST_MONTH, AUDITED)),
            ),
            models.CheckConstraint(
                name="upload_unread_has_content",
                condition=~Q(state__in=UNREAD) | Q(content__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["slice", "partner", "-at"], name="upload_by_partner"),
            models.Index(
                fields=["moved_at"], condition=Q(content__isnull=False), name="upload_with_content"
            ),
        ]
