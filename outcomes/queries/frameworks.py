"""Frameworks with what they count and what is entered of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from outcomes.models import Framework, Level
from schemes.models import System


def frameworks_of(system: System) -> QuerySet[Framework]:
    """The versions of a system's framework, each with how many items of each level are entered."""
    counts: dict[str, Any] = {
        f"entered_{level}s": Count("items", filter=Q(items__level=level)) for level in Level.values
    }
    return Framework.objects.filter(system=system).annotate(**counts)
