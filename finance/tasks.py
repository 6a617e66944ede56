"""Doorbells: load by id, call the rollups. A lost one loses no work: the sweep rings again."""

from celery import shared_task
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from esbt.kit import bells
from finance.prepared import prepare
from finance.rollups import recompute
from finance.services.reminders import send_reminders
from finance.services.uploads import read_upload, tidy_uploads, unheard_uploads
from schemes.models import Slice
from schemes.services.keys import forget_old_keys


@shared_task
def recompute_slice(slice_id: int) -> int:
    """Bring a slice's rollups to its facts, and what readers ask for to its rollups."""
    change = recompute(slice_id)
    prepare(slice_id)
    return change


@shared_task
def read_file(upload_id: int) -> str | None:
    """Read a file that was uploaded into its preview."""
    return read_upload(upload_id=upload_id)


@shared_task
def sweep_stale_slices() -> int:
    """Ring for every slice whose change is above its computed one; how many were rung.

    Files that wait to be read are rung for as well, and what is kept for a while is forgotten.
    """
    stale = list(stale_slices().values_list("pk", flat=True))
    for slice_id in stale:
        ring(slice_id)
    forget_old_keys()
    tidy_uploads()
    for upload_id in unheard_uploads():
        ring_upload(upload_id)
    return len(stale)


@shared_task
def remind() -> int:
    """Send the day's reminders; how many mails."""
    return send_reminders(today=timezone.localdate())


def stale_slices() -> QuerySet[Slice]:
    """Slices with changes that no rollup shows yet."""
    return Slice.objects.filter(
        Q(computation=None, change__gt=0) | Q(change__gt=F("computation__change"))
    )


def ring(slice_id: int) -> None:
    """Ask for a slice to be recomputed. Never raises and never waits: the sweep makes up for it."""
    bells.ring(recompute_slice, slice_id)


def ring_upload(upload_id: int) -> None:
    """Ask for a file to be read, as ``ring`` does for a slice."""
    bells.ring(read_file, upload_id)
