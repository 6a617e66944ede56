"""Doorbells of the front door: call a service. What was missed is made up for the next hour."""

from celery import shared_task
from django.utils import timezone

from esbt.mail.digest import send_digests


@shared_task
def digests() -> int:
    """Send the digests that are due; how many mails."""
    return send_digests(today=timezone.localdate())
