"""What leads said of a scheme, when they said it, and which words stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from finance.models import Rating
from finance.models.base import LAST_MONTH
from finance.months import calendar_month, month_begins
from schemes.models import Change, Scheme, Slice


@dataclass(frozen=True, slots=True)
class Said:
    """A rating of a month; a replaced one was followed by another word on the same month."""

    month: str
    rating: str
    label: str
    reason: str
    who: str
    at: datetime
    replaced: bool


@dataclass(frozen=True, slots=True)
class RatingStep:
    """What was said at once, beside schemes.audit.history.Step."""

    at: datetime
    who: str
    ratings: Sequence[Said]


def ratings_of(scheme: Scheme, slices: Iterable[Slice]) -> list[Said]:
    """What was said in these years, the latest month first and its latest word before the others.

    One query.
    """
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    found = (
        Rating.objects.filter(slice__in=slices, scheme=scheme)
        .annotate(at=Subquery(told.values("at")[:1]))
        .select_related("actor", "slice__year")
        .order_by("-slice__year", "-month", "-change")
    )
    said, standing = [], set()
    for item in found:
        place = (item.slice_id, item.month)
        said.append(
            Said(
                month=calendar_month(item.slice, item.month),
                rating=item.rating,
                label=item.get_rating_display(),
                reason=item.reason,
                who=str(item.actor) if item.actor else "Loaded from a data package",
                at=item.at,
                replaced=place in standing,
            )
        )
        standing.add(place)
    return said


def rating_steps(said: Iterable[Said]) -> list[RatingStep]:
    """The same as steps of a history, the newest first."""
    ordered = sorted(said, key=lambda item: item.at, reverse=True)
    return [
        RatingStep(at, who, list(group))
        for (at, who), group in groupby(ordered, key=lambda item: (item.at, item.who))
    ]


def months_to_rate(slice_: Slice, shown: int | None) -> list[dict[str, int | str | bool]]:
    """The months of a year that have begun; chosen is the month shown, or the last before it."""
    today = timezone.localdate()
    begun = [month for month in range(1, LAST_MONTH + 1) if month_begins(slice_, month) <= today]
    chosen = min(shown or 1, len(begun))
    return [
        {"number": month, "name": calendar_month(slice_, month), "chosen": month == chosen}
        for month in begun
    ]
