"""Doorbells: load by id, call a service. A lost one loses no work: the sweep rings again."""

from celery import shared_task

from esbt.kit import bells
from outcomes.services.files import tidy_files, unheard_files, work_on_file


@shared_task
def work_on(file_id: int) -> str | None:
    """Read a published file that was sent, or store it."""
    return work_on_file(file_id=file_id)


@shared_task
def sweep_files() -> int:
    """Ring for every file that waits unheard, and forget what is kept for a while; how many."""
    tidy_files()
    waiting = unheard_files()
    for file_id in waiting:
        ring_file(file_id)
    return len(waiting)


def ring_file(file_id: int) -> None:
    """Ask for a file to be worked on. Never raises and never waits."""
    bells.ring(work_on, file_id)
