"""What changes made of outturns and returns, for the audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from esbt.kit.money import cell
from esbt.kit.tables import pounds
from finance.models import OutturnRevision, ReturnEvent
from finance.months import calendar_month
from schemes.audit.log import Entry, Moved
from schemes.models import Change

_AMOUNTS = {"actual": "actual_pence", "forecast": "forecast_pence"}
_SILENT = "not stated"
_SHOWN = 3  # lines of a save on the page; its link leads to all of them


def moved_outturns(changes: QuerySet[Change]) -> Iterator[Moved]:
    """Actuals, forecasts (pounds) and comments that changes moved, beside what stood before them.

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
            "comment",
            Subquery(before.values("comment")),
            *_AMOUNTS.values(),
            *(Subquery(before.values(column)) for column in _AMOUNTS.values()),
        )
    )
    for made, line, month, comment, said, *amounts in revisions.iterator():
        half = len(amounts) // 2
        fields = [
            (name, pounds(old) or _SILENT, pounds(new) or _SILENT)
            for name, new, old in zip(_AMOUNTS, amounts[:half], amounts[half:], strict=True)
            if new != old
        ]
        fields += _comment(said, comment)
        if fields:
            yield Moved(made, f"{line}, month {month}", fields)


def _comment(before: str | None, after: str) -> list[tuple[str, str, str]]:
    """What a comment was and is; nothing where it stayed."""
    return [("comment", before or _SILENT, after or _SILENT)] if (before or "") != after else []


def with_places(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with the partners, months and lines that each change is about, and what it moved.

    Three queries, whatever the number of entries.
    """
    own = [entry for entry in entries if entry.number is not None]
    changes = Change.objects.filter(pk__in=[entry.place.pk for entry in own])
    told = {pk: (row, ()) for pk, row in moved_returns(changes).items()} | _saves(changes)
    found = []
    for entry in entries:
        row, fields = told.get(entry.place.pk, ("", ())) if entry.number is not None else ("", ())
        found.append(replace(entry, row=row, fields=fields) if row else entry)
    return found


def moved_returns(changes: QuerySet[Change]) -> dict[int, str]:
    """Whose months changes handed on, by the change's id: "Moor, July 2018". One query."""
    made = changes.filter(slice=OuterRef("monthly_return__slice"), number=OuterRef("change"))
    events = (
        ReturnEvent.objects.annotate(made=Subquery(made.order_by().values("pk")[:1]))
        .filter(made__isnull=False)
        .select_related("monthly_return__partner", "monthly_return__slice__year")
        .order_by("monthly_return__partner__name", "monthly_return__month")
    )
    told: dict[int, list[str]] = {}
    for event in events:
        item = event.monthly_return
        words = f"{item.partner.short_name}, {calendar_month(item.slice, item.month)}"
        told.setdefault(event.made, []).append(words)
    return {pk: "; ".join(words) for pk, words in told.items()}


_Told = tuple[str, Sequence[tuple[str, str, str]]]


def _saves(changes: QuerySet[Change]) -> dict[int, _Told]:
    """The first lines of each save, by the change's id, and their figures and comments."""
    typed = list(changes.filter(action="outturns").values_list("pk", "slice", "number"))
    if not typed:
        return {}
    slices = {slice_ for _, slice_, _ in typed}
    wanted = Q()
    for slice_ in slices:
        numbers = [number for _, own, number in typed if own == slice_]
        wanted |= Q(line__slice=slice_, change__in=numbers)
    before = OutturnRevision.objects.filter(
        line=OuterRef("line"), month=OuterRef("month"), revision=OuterRef("revision") - 1
    )
    each = [F("line__slice"), F("change")]
    revisions = (
        OutturnRevision.objects.filter(wanted)
        .annotate(
            place=Window(RowNumber(), partition_by=each, order_by=[F("line__code"), F("month")]),
            many=Window(Count("pk"), partition_by=each),
            said=Subquery(before.values("comment")),
            old_actual=Subquery(before.values("actual_pence")),
            old_forecast=Subquery(before.values("forecast_pence")),
        )
        .filter(place__lte=_SHOWN)
        .select_related("line__partner", "line__slice__year")
        .order_by("line__slice", "change", "place")
    )
    ids = {(slice_, number): pk for pk, slice_, number in typed}
    told: dict[int, tuple[list[str], list[tuple[str, str, str]], int]] = {}
    for item in revisions:
        line, pk = item.line, ids[item.line.slice_id, item.change]
        rows, fields, _ = told.setdefault(pk, ([], [], item.many))
        month = calendar_month(line.slice, item.month)
        rows.append(f"{line.partner.short_name}, {month}: {line.name}")
        fields += [
            (f"{what} of {line.name}", cell(old, "gbp").text, cell(new, "gbp").text)
            for what, old, new in (
                ("actual", item.old_actual, item.actual_pence),
                ("forecast", item.old_forecast, item.forecast_pence),
            )
            if old != new
        ]
        fields += [
            (f"comment on {line.name}", old, new)
            for _, old, new in _comment(item.said, item.comment)
        ]
    return {
        pk: ("; ".join(rows) + (f"; and {many - _SHOWN} more" if many > _SHOWN else ""), fields)
        for pk, (rows, fields, many) in told.items()
    }
