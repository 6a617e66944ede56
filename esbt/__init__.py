"""The front door: settings, addresses, the runner behind ./run, and the pages where rooms meet."""

from esbt.celery import app as celery_app

__all__ = ["celery_app"]
