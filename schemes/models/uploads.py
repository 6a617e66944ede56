"""Files that people send: what became of each, whatever room it is for."""

from django.db import models
from django.utils import timezone

from schemes.models.people import User


class UploadState(models.TextChoices):
    """What became of a file. Ready: read, and its changes can be stored."""

    RECEIVED = "received", "Waiting to be read"
    READING = "reading", "Being read"
    READY = "ready", "Read, not stored"
    REFUSED = "refused", "Refused"
    STORED = "stored", "Stored"
    FAILED = "failed", "Not read"
    SUPERSEDED = "superseded", "Replaced by a later file"


UNREAD = (UploadState.RECEIVED, UploadState.READING)


class ReceivedFile(models.Model):
    """A file from its arrival to its end.

    ``content`` is kept until the file is stored, refused or a week old; ``report`` and the digest
    stay.
    """

    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When it last got on")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.RECEIVED)
    done = models.PositiveIntegerField(default=0, help_text="Rows read")
    of = models.PositiveIntegerField(default=0, help_text="Rows to read; 0 is not known yet")
    report = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
