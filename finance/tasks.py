"""Doorbells: load by id, call the rollups. A lost one loses no work: the sweep rings again."""

from datetime import timedelta

from celery import shared_task
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from esbt.kit import bells
from finance.pages.prepared import prepare
from finance.rollups import recompute
from finance.services.reminders import send_reminders
from finance.services.uploads import read_upload, tidy_uploads, unheard_uploads
from schemes.models import Slice
from schemes.services.keys import forget_old_keys

SWEEP_SECONDS = 5.0
MOST_PREPARED = 20  # by one sweep; a big load's other pages are built by their first readers


@shared_task
def recompute_slice(slice_id: int) -> int:
    """Bring a slice's rollups to its facts."""
    return recompute(slice_id)


@shared_task
def prepare_slice(slice_id: int) -> None:
    """Build what readers will ask of a slice's figures."""
    prepare(slice_id)


@shared_task
def read_file(upload_id: int) -> str | None:
    """Read a file that was uploaded into its preview."""
    return read_upload(upload_id=upload_id)


@shared_task
def sweep_stale_slices() -> int:
    """Ring for every slice whose change is above its computed one; how many were rung.

    Files that wait to be read are rung for as well, and figures that were computed just now are
    prepared for their readers; what is kept for a while is forgotten.
    """
    stale = list(stale_slices().values_list("pk", flat=True))
    for slice_id in stale:
        ring(slice_id)
    for slice_id in computed_lately():
        bells.ring(prepare_slice, slice_id)
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


def computed_lately() -> list[int]:
    """Slices whose figures are new and whole, the newest first: not while people still save."""
    since = timezone.now() - timedelta(seconds=2 * SWEEP_SECONDS)
    return list(
        Slice.objects.filter(computation__at__gte=since, change=F("computation__change"))
        .order_by("-computation__at")
        .values_list("pk", flat=True)[:MOST_PREPARED]
    )


def ring(slice_id: int) -> None:
    """Ask for a slice to be recomputed. Never raises and never waits: the sweep makes up for it."""
    bells.ring(recompute_slice, slice_id)


def ring_upload(upload_id: int) -> None:
    """Ask for a file to be read, as ``ring`` does for a slice."""
    bells.ring(read_file, upload_id)
