"""What stands in a workbook that is downloaded: partners' lines with their figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from finance.models import Line, MonthlyReturn, Outturn
from finance.models.base import AUDITED, LAST_MONTH
from finance.models.lines import Kind
from finance.months import calendar_month, month_label
from finance.queries.entry import EntryLine, entry_lines
from finance.queries.previews import VALUES, stated
from finance.rollups import headline
from finance.services.outturns import why_shut
from finance.workbook.layout import Identity
from finance.workbook.writing import EntrySheet, SheetRow
from schemes.models import Partner, Slice


def plan_code(slice_: Slice) -> str:
    """The code of the plan that the year is compared with; "" for none."""
    plan = headline(slice_.pk)
    return plan.code if plan else ""


def month_names(slice_: Slice) -> list[str]:
    """The calendar's names of the year's twelve months, and of the final accounts."""
    return [calendar_month(slice_, month) for month in range(1, AUDITED + 1)]


def entry_sheet(slice_: Slice, partner: Partner, month: int | None) -> EntrySheet:
    """A partner's sheet for a month, or for the year where it is None; queries are few and fixed.

    Months that take no figures now are locked in it, and shown.
    """
    open_months = _open_months(slice_, partner)
    identity = Identity(slice_.system.code, slice_.year_id, partner.code, plan_code(slice_), month)
    if month is None:
        rows = _year_rows(slice_, partner, open_months)
        span = f"the whole year {slice_.year}"
    else:
        takes = frozenset({month} & open_months)
        lines = entry_lines(slice_, partner, month)
        rows = [_month_row(item, month, takes) for item in lines]
        span = month_label(slice_, month)
    title = f"{partner.name}: {span}"
    return EntrySheet(identity, partner.short_name, title, month_names(slice_), rows)


def locked_cells(
    slice_: Slice, partner_code: str, month: int | None
) -> dict[str, Sequence[str | int | None]]:
    """What a sheet shows of each line behind its code, and does not take: text, and pence."""
    partner = Partner.objects.get(code=partner_code)
    return {
        row.code: (row.name, row.kind, "£", *row.fixed_pence)
        for row in entry_sheet(slice_, partner, month).rows
    }


def _open_months(slice_: Slice, partner: Partner) -> set[int]:
    states = dict(
        MonthlyReturn.objects.filter(slice=slice_, partner=partner).values_list("month", "state")
    )
    today = timezone.localdate()
    return {
        month
        for month in range(1, AUDITED + 1)
        if not why_shut(slice_, month, states.get(month), today)
    }


def _month_row(item: EntryLine, month: int, takes: frozenset[int]) -> SheetRow:
    head = item.head
    return SheetRow(
        item.line.code,
        item.line.name,
        Kind(item.line.kind).label,
        (item.plan_to_date_pence, item.last.actual_pence if item.last else None),
        {(month, name): stated(head, name) for name in VALUES},
        {month: head.revision} if head else {},
        takes,
    )


def _year_rows(slice_: Slice, partner: Partner, open_months: set[int]) -> list[SheetRow]:
    plan = headline(slice_.pk)
    lines = (
        Line.objects.filter(slice=slice_, partner=partner)
        .annotate(planned=FilteredRelation("plan_figures", condition=Q(plan_figures__plan=plan)))
        .annotate(year=F("planned__full_year_pence"))
        .order_by("kind", "code")
    )
    heads: dict[int, dict[int, Outturn]] = {}
    for head in Outturn.objects.filter(
        line__slice=slice_, line__partner=partner, month__range=(1, LAST_MONTH)
    ).only("line", "month", "revision", "actual_pence"):
        heads.setdefault(head.line_id, {})[head.month] = head
    return [_year_row(line, heads.get(line.pk, {}), open_months) for line in lines]


def _year_row(line: Line, heads: Mapping[int, Outturn], open_months: Iterable[int]) -> SheetRow:
    return SheetRow(
        line.code,
        line.name,
        Kind(line.kind).label,
        (line.year,),  # type: ignore[attr-defined]
        {(month, "actual"): head.actual_pence for month, head in heads.items()},
        {month: head.revision for month, head in heads.items()},
        frozenset(month for month in open_months if line.takes(month)),
    )
