"""What reference data said before: every state of a row, by whom and since when."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from schemes.models.base import AppendOnly


class RowVersion(AppendOnly):
    """A row of a table of the ground floor as it stood from a moment on."""

    table = models.CharField(max_length=40, help_text="Name of the model, such as scheme")
    row = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey("schemes.User", models.PROTECT, null=True, related_name="+")
    values = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta(AppendOnly.Meta):
        indexes = [
            models.Index(fields=["table", "row", "at"], name="row_version_by_row"),
            models.Index(
                fields=["table", "row"],
                name="row_version_taken_out",
                condition=models.Q(values__removed=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row} at {self.at}"
