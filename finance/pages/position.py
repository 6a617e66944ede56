"""What a page about a position needs, built once a revision and kept under its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from esbt.kit.cached import remember
from esbt.kit.words import in_a_list
from finance import charts
from finance.figures.position import TOTAL, MonthPoint, Position, PositionShare
from finance.models.base import LAST_MONTH
from finance.models.rollups import State
from finance.months import calendar_month, month_label
from finance.queries import months_of, position, reported_months
from finance.queries.comments import published_comments
from finance.queries.notes import notes_of
from finance.queries.pool_effects import position_share
from finance.queries.positions import Figures
from finance.queries.restated import Restated, restated
from schemes.models import Slice


@dataclass(frozen=True)
class PositionPage:
    """A position with its words, charts and tables."""

    position: Position
    sentence: str
    headlines: Sequence[charts.Headline]
    table: charts.PositionTable
    waterfall: charts.Chart | None
    months: charts.Chart | None
    months_table: charts.Table
    points: Sequence[MonthPoint]
    notes: Sequence[str]
    restated: Sequence[Mapping[str, Any]]
    reported_months: Sequence[int]
    share: SharePage | None  # None where no pool has a rule, and as at a moment


@dataclass(frozen=True)
class SharePage:
    """The position before and after the variance of pools is shared, in words and a table."""

    found: PositionShare
    sentence: str
    table: charts.Table | None


def position_page(
    slice_: Slice,
    *,
    state: State,
    month: int | None = None,
    change: int,
    ceiling: int | None = None,
) -> PositionPage:
    """The page of a slice as computed at ``change``; what is stale is read anew each time.

    With a ceiling it is the page as at that change, kept apart, since it never changes again.
    """
    if ceiling is not None:
        past = f"position-at:{slice_.pk}:{ceiling}:{state}:{month}"
        return remember(past, lambda: (past, _build(slice_, state, month, ceiling)))

    def build() -> tuple[str, PositionPage]:
        page = _build(slice_, state, month)
        return key(page.position.change), page

    def key(revision: int) -> str:
        return f"position:{slice_.pk}:{revision}:{state}:{month}"

    page = remember(key(change), build)
    return replace(
        page, position=replace(page.position, stale=slice_.change > page.position.change)
    )


def _build(
    slice_: Slice, state: State, month: int | None, ceiling: int | None = None
) -> PositionPage:
    found, figures = position(slice_, state=state, month=month, ceiling=ceiling)
    points = months_of(figures)
    period = f"{slice_.system.name} {slice_.year}"
    caveats = charts.caveats(
        found,
        month=month_label(slice_, found.month),
        illustrative=slice_.system.illustrative,
    )
    waterfall = charts.waterfall(
        found.rows, found.total, period=period, ended=(found.month or 0) >= 12
    )
    months = charts.months(points, period=period)
    return PositionPage(
        position=found,
        sentence=charts.position_sentence(found),
        headlines=charts.headlines(found),
        table=charts.position_table(found, sources=_sources(slice_, found)),
        waterfall=waterfall and replace(waterfall, caveats=caveats),
        months=months and replace(months, caveats=(*caveats, *_not_drawn(found, figures, points))),
        months_table=charts.months_table(points),
        points=points,
        notes=notes_of(slice_, found, ceiling),
        restated=restated_rows(slice_, restated(slice_, ceiling=ceiling)),
        reported_months=reported_months(figures),
        share=_share(slice_, found, state) if ceiling is None else None,
    )


def _share(slice_: Slice, found: Position, state: State) -> SharePage | None:
    shared = position_share(slice_, found, state=state)
    if shared is None:
        return None
    return SharePage(shared, charts.share_sentence(shared), charts.share_table(shared))


def _not_drawn(found: Position, figures: Figures, points: Sequence[MonthPoint]) -> Sequence[str]:
    """Why the line of actuals stops before the last month of which anybody reported something."""
    stated = {point.month for point in points if point.actual_pence is not None}
    late = [m for m in reported_months(figures) if max(stated, default=0) < m <= LAST_MONTH]
    if not late:
        return ()
    named = found.reported.missing if late == [found.month] else ()
    who = f"{in_a_list(named)} {'has' if len(named) == 1 else 'have'}"
    said = in_a_list([str(month) for month in late])
    one = len(late) == 1
    return (
        f"The line of actuals stops before month{'' if one else 's'} {said}, "
        f"{'which' if one else 'each of which'} "
        f"{who if named else 'some partner has'} yet to report in full: a sum without "
        "them would draw a fall that never was. The figures above sum those who did",
    )


def restated_rows(slice_: Slice, items: Iterable[Restated]) -> list[dict[str, Any]]:
    """What was restated, as pages tell it (templates/_components/restated.html)."""
    return [
        {
            "month": calendar_month(slice_, item.month),
            "partner": item.partner_name,
            "figures": [figure.words for figure in item.figures],
            "reason": item.reason,
            "opened_by": item.opened_by,
            "who": item.who,
            "when": item.when,
        }
        for item in items
    ]


def comment_rows(slice_: Slice, month: int | None) -> list[dict[str, Any]]:
    """Published comments of a month beside their lines' variances, the largest first.

    Kept under the slice's change, which every approval and every comment moves.
    """

    def build() -> tuple[str, list[dict[str, Any]]]:
        here = _here(slice_)
        return key, [
            {
                "line": item.line,
                "href": reverse("line", args=[*here, item.line.code]),
                "words": charts.line_words(item.variance_pence, item.line.sense),
                "direction": charts.direction_of(item.variance_pence),
                "text": comment.text,
            }
            for comment in published_comments(slice_, month)
            for item in [comment.item]
        ]

    key = f"comments:{slice_.pk}:{slice_.change}:{month}"
    return remember(key, build)


def _sources(slice_: Slice, found: Position) -> Mapping[str, str]:
    """Where the figures of each row open to; a total to what documents print of it."""
    total = {} if slice_.system.illustrative else {TOTAL: reverse("printed", args=_here(slice_))}
    return total | {
        row.partner: reverse("line", args=[found.system, found.year, row.line])
        if row.line
        else reverse("partner", args=[found.system, found.year, row.partner])
        for row in found.rows
    }


def _here(slice_: Slice) -> tuple[str, str]:
    return slice_.system.code, slice_.year_id
