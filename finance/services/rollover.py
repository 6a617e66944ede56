"""Rolling a year over: next year's lines are this year's, carried on."""

from __future__ import annotations

from django.db import transaction

from finance.models import Line
from finance.models.base import LAST_MONTH
from finance.services.lines import LineSpec, save_lines
from schemes.models import FinancialYear, Slice, User
from schemes.people.permissions import Permission, require


def roll_over(*, by: User | None, slice_id: int) -> Slice:
    """Open the next year of a system with the lines that last to month 12; plans start empty.

    The same code in two years is the same line carried on. Rolling over twice changes nothing.
    """
    ending = Slice.objects.select_related("system", "year").get(pk=slice_id)
    if by is not None:
        require(by, Permission.MANAGE_SYSTEM, system=ending.system)
    first = ending.year.first_day.year + 1
    lasting = Line.objects.filter(slice=ending, last_month=LAST_MONTH).select_related(
        "partner", "heading", "scheme", "pool", "counterparty", "counter_line"
    )
    with transaction.atomic():
        year, _ = FinancialYear.objects.get_or_create(code=f"{first}-{(first + 1) % 100:02d}")
        following, _ = Slice.objects.get_or_create(system=ending.system, year=year)
        save_lines(by=by, slice_id=following.pk, specs=[_carried_on(line) for line in lasting])
    return following


def _carried_on(line: Line) -> LineSpec:
    other = line.counter_line
    return LineSpec(
        code=line.code,
        name=line.name,
        partner=line.partner.code,
        kind=line.kind,
        heading=line.heading.code if line.heading else "",
        scheme=line.scheme.code if line.scheme else "",
        pool=line.pool.code if line.pool else "",
        recurrent=line.recurrent,
        saving_type=line.saving_type,
        baseline=line.baseline,
        calendar=line.calendar,
        counterparty=line.counterparty.code if line.counterparty else "",
        counter_line=other.code if other and other.last_month == LAST_MONTH else "",
    )
