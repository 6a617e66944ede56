"""Comments on figures: those of a month beside their variances, and those that changed.

A comment of a draft stays within its partner; it is published with the figures beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery

from finance.figures.status import threshold
from finance.models import Line, Outturn, OutturnRevision
from finance.models.rollups import State
from finance.queries.line_months import LineMonth, line_months
from schemes.models import Change, Slice

CHANGED = 200  # comments that changed, as a page tells them


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment beside the figures that it explains."""

    item: LineMonth
    text: str


@dataclass(frozen=True, slots=True)
class Recommented:
    """What a save made of a comment."""

    line: Line  # with its partner
    month: int
    before: str
    after: str
    who: str
    when: datetime


def published_comments(slice_: Slice, month: int | None) -> list[Comment]:
    """Published comments on lines beyond the threshold in a month, the largest variance first.

    Of what has no direction, such as a transfer, and of what has no plan nothing is told. Six
    queries, whatever the number of lines.
    """
    if not month:
        return []
    said = OutturnRevision.objects.filter(
        line=OuterRef("line"), month=OuterRef("month"), revision=OuterRef("published_revision")
    )
    texts = dict(
        Outturn.objects.filter(slice=slice_, month=month, published_revision__isnull=False)
        .annotate(said=Subquery(said.values("comment")))
        .exclude(said="")
        .values_list("line", "said")
    )
    if not texts:
        return []
    lines = Line.objects.filter(pk__in=texts)
    found = [
        Comment(item, texts[item.line.pk])
        for item in line_months(slice_, lines, state=State.PUBLISHED, month=month)
        if item.line.sense and _is_far(item)
    ]
    return sorted(found, key=lambda told: -abs(told.item.variance_pence or 0))


def _is_far(item: LineMonth) -> bool:
    pence = item.variance_pence
    return bool(pence) and threshold("line").is_red(abs(pence or 0), item.plan_to_date_pence)


def changed_comments(
    slice_: Slice, after: int, upto: int, *, own: set[int] | None
) -> list[Recommented]:
    """Comments that saves in between changed, the latest first: one query.

    ``own`` are the partners whose drafts may be read, None for all; of others a comment is told
    once it is the published one, without what stood before, which may have been a draft.
    """
    before = OutturnRevision.objects.filter(
        line=OuterRef("line"), month=OuterRef("month"), revision=OuterRef("revision") - 1
    )
    head = Outturn.objects.filter(line=OuterRef("line"), month=OuterRef("month"))
    made = Change.objects.filter(slice=slice_, number=OuterRef("change"))
    saves = (
        OutturnRevision.objects.filter(line__slice=slice_, change__gt=after, change__lte=upto)
        .annotate(
            said=Subquery(before.values("comment")),
            published=Subquery(head.values("published_revision")),
            at=Subquery(made.values("at")),
        )
        .exclude(comment=F("said"))
        .exclude(said__isnull=True, comment="")
    )
    if own is not None:
        saves = saves.filter(Q(line__partner__in=own) | Q(revision=F("published")))
    return [
        Recommented(
            item.line,
            item.month,
            (item.said or "") if own is None or item.line.partner_id in own else "",
            item.comment,
            str(item.actor or ""),
            item.at,
        )
        for item in saves.select_related("line__partner", "actor").order_by("-change", "line")[
            :CHANGED
        ]
    ]
