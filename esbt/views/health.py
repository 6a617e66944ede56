"""Whether this process lives, and whether the whole can be used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F, Min
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from esbt.celery import app
from finance.tasks import stale_slices
from schemes.models import Change, User

STALE_TOO_LONG_SECONDS = 120


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 once migrations and demo data are there and broker and worker answer; else 503."""
    checks: dict[str, Any] = {
        "database": _database(),
        "demo": not settings.DEMO or _demo(),
        "broker": _broker(),
        "worker": _worker(),
        "oldest_stale_seconds": _oldest_stale(),
    }
    ready = all(checks[name] for name in ("database", "demo", "broker", "worker"))
    ready = ready and (checks["oldest_stale_seconds"] or 0) < STALE_TOO_LONG_SECONDS
    response = JsonResponse(checks | {"ready": ready}, status=200 if ready else 503)
    # "not yet" is an answer and no failure: by this mark, its own, Django logs no error for it
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _database() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _demo() -> bool:
    try:
        return User.objects.filter(username="finance-escc").exists()
    except DatabaseError:
        return False


def _broker() -> bool:
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=0.5
        )
        with client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _worker() -> bool:
    if not _broker():
        return False
    return bool(app.control.ping(timeout=1, limit=1))


def _oldest_stale() -> float | None:
    """Seconds since the oldest change that no figure shows yet; None when there is none."""
    try:
        at = (
            Change.objects.filter(slice__in=stale_slices())
            # an annotation joins slices that were never computed too; F() in a filter does not
            .annotate(seen=Coalesce("slice__computation__change", 0))
            .filter(number__gt=F("seen"))
            .aggregate(at=Min("at"))["at"]
        )
    except DatabaseError:
        return None
    return (datetime.now(UTC) - at).total_seconds() if at else None
