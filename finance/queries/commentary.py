"""What was said to the board about a month, in all its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, OuterRef, Subquery

from finance.models import Commentary, MonthClose
from schemes.models import Change, Slice


@dataclass(frozen=True, slots=True)
class Words:
    """One version: its text, and who signed it as what and when."""

    text: str  # "" where the words before were taken back
    signed_as: str
    who: str
    when: datetime
    change: int
    before_reopening: bool = False  # the month was opened again since


def last_reopening(slice_: Slice, month: int) -> int:
    """The change that last opened a system's closed month again; 0 for none: one query."""
    opened = MonthClose.objects.filter(slice=slice_, month=month, closed=False)
    return opened.aggregate(last=Max("change"))["last"] or 0


def commentaries(slice_: Slice, month: int | None, ceiling: int | None = None) -> list[Words]:
    """Every version of the words on a month, the latest first, as at a change: one query."""
    if month is None:
        return []
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    opened = MonthClose.objects.filter(
        slice=OuterRef("slice"), month=OuterRef("month"), closed=False
    )
    said = Commentary.objects.filter(slice=slice_, month=month)
    if ceiling is not None:
        said = said.filter(change__lte=ceiling)
        opened = opened.filter(change__lte=ceiling)
    return [
        Words(
            item.text,
            item.signed_as,
            str(item.actor or ""),
            item.at,
            item.change,
            item.change < (item.reopened or 0),
        )
        for item in said.annotate(
            at=Subquery(told.values("at")[:1]),
            reopened=Subquery(opened.order_by("-change").values("change")[:1]),
        )
        .select_related("actor")
        .order_by("-change")
    ]
