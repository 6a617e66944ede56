"""The lines of a pool in a month, summed as its page shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from finance.figures.position import HeadingFigures
from finance.figures.savings import add_stated
from finance.models import Line, PoolLine
from finance.models.lines import Kind
from finance.queries.headings import WITHOUT
from finance.queries.line_months import LineMonth


@dataclass(frozen=True, slots=True)
class PoolLines:
    """Contributions and spend of a pool: apart, since the two are never added."""

    contributions: Sequence[LineMonth]
    spend: Sequence[LineMonth]

    @property
    def outside(self) -> list[LineMonth]:
        """Lines whose variance is never shared: ring-fenced or capital."""
        every = (*self.contributions, *self.spend)
        return [item for item in every if (own := pool_line(item.line)) and own.outside_share]


def split(items: Sequence[LineMonth]) -> PoolLines:
    """The lines of a pool by what they are."""
    return PoolLines(
        [item for item in items if item.line.kind == Kind.CONTRIBUTION],
        [item for item in items if item.line.kind == Kind.POOL_SPEND],
    )


def pool_line(line: Line) -> PoolLine | None:
    """What is said of a line in its pool; None where nothing is."""
    return getattr(line, "pool_line", None)


def partner_of(line: Line) -> str:
    """Who pays a contribution; who runs and reports the service that is paid for."""
    return line.partner.name


def source_of(line: Line) -> str:
    """Where a contribution comes from."""
    own = pool_line(line)
    return (own and own.get_income_source_display()) or "Source not stated"


def heading_of(line: Line) -> str:
    """The plan's heading of spend, else that of the line."""
    own = pool_line(line)
    found = (own and own.heading) or line.heading
    return found.name if found else WITHOUT


def sector_of(line: Line) -> str:
    """Who provides what spend pays for."""
    own = pool_line(line)
    return (own and own.get_provider_sector_display()) or "Provider not stated"


def sum_of(name: str, items: Sequence[LineMonth]) -> HeadingFigures:
    """Sums as finance/rollups/figures.sql makes them: plan to date of the lines that reported."""
    compared = [item for item in items if item.variance_pence is not None]
    reported = any(item.actual_pence is not None for item in items)
    months = [item.forecast_month for item in items if item.forecast_month is not None]
    return HeadingFigures(
        name,
        add_stated(item.plan_pence for item in items),
        add_stated(item.plan_to_date_pence for item in (compared if reported else items)),
        add_stated(item.actual_pence for item in items),
        add_stated(item.variance_pence for item in items),
        add_stated(item.forecast_pence for item in items),
        add_stated(map(_forecast_variance, items)),
        any(item.bases_differ for item in items),
        min(months, default=None),
        max(months, default=None),
        sum(month < max(months) for month in months),
    )


def _forecast_variance(item: LineMonth) -> int | None:
    if item.forecast_pence is None or item.plan_pence is None or item.bases_differ:
        return None
    return (item.line.sense or 1) * (item.forecast_pence - item.plan_pence)


def sums_by(items: Sequence[LineMonth], name_of: Callable[[Line], str]) -> list[HeadingFigures]:
    """A row a name, the largest plan first."""
    named: dict[str, list[LineMonth]] = {}
    for item in items:
        named.setdefault(name_of(item.line), []).append(item)
    rows = [sum_of(name, own) for name, own in named.items()]
    return sorted(rows, key=lambda row: (-(row.plan_pence or 0), row.name))


def part_of(items: Sequence[LineMonth], month: int | None) -> str:
    """Of how many lines a sum is, where some say nothing: "5 of 7 lines"; "" where all do.

    Of actuals where any is reported, else of plans. A line that has not begun, or of which
    nothing is planned to date, leaves no gap.
    """
    if any(item.actual_pence is not None for item in items):
        asked = [
            item
            for item in items
            if item.actual_pence is not None
            or (item.line.first_month <= (month or 0) and item.plan_to_date_pence != 0)
        ]
        count = sum(item.actual_pence is not None for item in asked)
    else:
        asked = list(items)
        count = sum(item.plan_pence is not None for item in asked)
    return "" if count == len(asked) else f"{count} of {len(asked)} lines"


def silent(items: Sequence[LineMonth], month: int | None) -> list[LineMonth]:
    """Lines that were due in a month and say nothing of it."""
    if not month:
        return []
    return [item for item in items if item.actual_pence is None and item.line.is_due(month)]


def not_due(items: Sequence[LineMonth], month: int | None) -> list[LineMonth]:
    """Lines that run in a month and report at other times, such as every quarter."""
    if not month:
        return []
    return [
        item
        for item in items
        if item.actual_pence is None and item.line.takes(month) and not item.line.is_due(month)
    ]
