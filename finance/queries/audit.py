"""What each change made of the figures of outturns, for the audit to take away."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import OuterRef, QuerySet, Subquery

from esbt.kit.tables import pounds
from finance.models import OutturnRevision
from schemes.audit import Moved
from schemes.models import Change

_AMOUNTS = {"actual": "actual_pence", "forecast": "forecast_pence"}
_SILENT = "not stated"


def moved_outturns(changes: QuerySet[Change]) -> Iterator[Moved]:
    """Actuals and forecasts that changes moved, in pounds, beside what stood before them.

    In the order of the audit: the newest change first, then by line and month. One query, read as
    it is written out, however many figures there are.
    """
    change = changes.filter(slice=OuterRef("line__slice"), number=OuterRef("change")).order_by()
    before = OutturnRevision.objects.filter(
        line=OuterRef("line"), month=OuterRef("month"), revision=OuterRef("revision") - 1
    )
    revisions = (
        OutturnRevision.objects.annotate(
            made=Subquery(change.values("pk")[:1]), at=Subquery(change.values("at")[:1])
        )
        .filter(made__isnull=False)
        .order_by("-at", "-made", "line__code", "month")
        .values_list(
            "made",
            "line__code",
            "month",
            *_AMOUNTS.values(),
            *(Subquery(before.values(column)) for column in _AMOUNTS.values()),
        )
    )
    for made, line, month, *amounts in revisions.iterator():
        half = len(amounts) // 2
        fields = [
            (name, pounds(old) or _SILENT, pounds(new) or _SILENT)
            for name, new, old in zip(_AMOUNTS, amounts[:half], amounts[half:], strict=True)
            if new != old
        ]
        if fields:
            yield Moved(made, f"{line}, month {month}", fields)
