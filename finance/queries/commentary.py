"""What was said to the board about a month, in all its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from finance.models import Commentary
from schemes.models import Change, Slice


@dataclass(frozen=True, slots=True)
class Words:
    """One version: its text, and who signed it as what and when."""

    text: str  # "" where the words before were taken back
    signed_as: str
    who: str
    when: datetime
    change: int


def commentaries(slice_: Slice, month: int | None, ceiling: int | None = None) -> list[Words]:
    """Every version of the words on a month, the latest first, as at a change: one query."""
    if month is None:
        return []
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    said = Commentary.objects.filter(slice=slice_, month=month)
    if ceiling is not None:
        said = said.filter(change__lte=ceiling)
    return [
        Words(item.text, item.signed_as, str(item.actor or ""), item.at, item.change)
        for item in said.annotate(at=Subquery(told.values("at")[:1]))
        .select_related("actor")
        .order_by("-change")
    ]
