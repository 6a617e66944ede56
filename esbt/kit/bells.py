"""Ringing for a task: never raises, and never waits for a broker that hangs."""

import logging

from celery import Task, current_app

log = logging.getLogger(__name__)

# A broker that hangs must not hold a save. Workers wait longer: they block while nothing is to do.
_PATIENCE = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}


def ring(bell: Task, pk: int) -> None:
    """Ask for a task to be done with a row. A bell that is lost is made up for by a sweep."""
    try:
        with current_app.connection_for_write(transport_options=_PATIENCE) as connection:
            bell.apply_async((pk,), connection=connection, retry=False, expires=60)
    except Exception:  # whatever is wrong with the broker, what was sent is saved
        log.warning("could not ring %s for %s; the sweep will", bell.name, pk, exc_info=True)
