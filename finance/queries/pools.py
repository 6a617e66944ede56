"""Pools of a system year by year: members, stated amounts and sums; and a pool's lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.http import Http404

from finance.figures.position import HeadingFigures
from finance.models import HeadlineChoice, Line, PlanFigure, PoolAmount, PrintedFigure, Rollup
from finance.models.base import AUDITED
from finance.models.lines import Kind
from finance.models.rollups import Level, State
from finance.pools.book import (
    BEYOND_THE_MINIMUM,
    PoolBook,
    Stated,
    has_facts,
    in_force,
    latest_month,
    stands_in,
)
from finance.queries.headings import figures_of
from finance.queries.line_months import LineMonth, line_months
from finance.queries.positions import SYSTEM
from schemes.governance.signatures import signatures
from schemes.models import Pool, PoolMember, SignOff, Slice

_ORDER = PoolAmount.Measure.values
POOLED = (Kind.CONTRIBUTION, Kind.POOL_SPEND)


def pool_books(
    slices: Sequence[Slice],
    *,
    state: State,
    year: str = "",
    code: str = "",
    month: int | None = None,
) -> list[PoolBook]:
    """The pools of one system in its years, the newest year first: seven queries at most.

    ``slices`` are all its years, since a pool that stands in none is shown in the newest. Left
    out: every year, every pool, and of each the latest month with a report.
    """
    if not slices:
        return []
    found = Pool.objects.filter(system=slices[0].system_id).select_related("evidence__source")
    pools = list(found.filter(code=code) if code else found)
    if not pools:
        return []
    read = _Read(slices, pools, state)
    years = [read.year(pool, slice_, month) for slice_ in slices for pool in pools]
    whose: dict[int, set[int]] = defaultdict(set)
    for item in years:
        if has_facts(item):
            whose[item.pool.pk].add(item.slice.pk)
    latest = max(slices, key=lambda slice_: slice_.year_id).pk
    return [
        item
        for item in sorted(years, key=lambda item: item.slice.year_id, reverse=True)
        if (item.slice.year_id == year if year else True) and stands_in(item, whose, latest)
    ]


def pool_book(slice_: Slice, code: str, *, state: State, month: int | None = None) -> PoolBook:
    """One pool in one year, whether it stands in it or not: seven queries. Http404 for no such."""
    pool = (
        Pool.objects.filter(system=slice_.system_id, code=code)
        .select_related("evidence__source")
        .first()
    )
    if pool is None:
        raise Http404
    return _Read([slice_], [pool], state).year(pool, slice_, month)


class _Read:
    """What stands of pools in some years, read once: six queries."""

    def __init__(self, slices: Sequence[Slice], pools: Sequence[Pool], state: State) -> None:
        self.whole = state == State.PUBLISHED
        self.members: dict[int, list[PoolMember]] = defaultdict(list)
        for member in PoolMember.objects.filter(pool__in=pools).select_related("partner"):
            self.members[member.pool_id].append(member)
        self.amounts = stated_amounts(slices, pools)
        self.rollups: dict[tuple[int, int], list[Rollup]] = defaultdict(list)
        for row in Rollup.objects.filter(
            slice__in=slices,
            state=state,
            partner_key=SYSTEM,
            kind__in=POOLED,
            level=Level.POOL,
            key__in=[pool.pk for pool in pools],
        ):
            self.rollups[row.slice_id, row.key].append(row)
        self.planned = _planned(slices, pools)
        rows = Line.objects.filter(slice__in=slices, pool__in=pools, kind__in=POOLED)
        counted = rows.order_by().values_list("slice", "pool").annotate(number=Count("pk"))
        self.lines = {(slice_, pool): number for slice_, pool, number in counted}
        of_pool = Q(plan__pool__in=pools) | Q(agreement__pool__in=pools)
        self.signed = list(SignOff.objects.filter(of_pool).select_related("plan", "agreement"))

    def year(self, pool: Pool, slice_: Slice, month: int | None) -> PoolBook:
        """A pool in one of the years; its sums of a month, or of the latest with a report."""
        here = (slice_.pk, pool.pk)
        rows = self.rollups.get(here, [])
        heard = {
            at: (
                sum(row.lines for row in rows if row.month == at),
                sum(row.reported for row in rows if row.month == at),
            )
            for at in sorted({row.month for row in rows})
        }
        if month is None:
            month = latest_month(heard, audited=AUDITED, whole=self.whole)
        at = 1 if month is None else month  # a plan stands before any report
        own = {row.kind: row for row in rows if row.month == at}
        planned = self.planned.get(here, _Planned())
        return PoolBook(
            pool=pool,
            slice=slice_,
            members=in_force(self.members[pool.pk], slice_),
            amounts=tuple(self.amounts.get(here, ())),
            month=month,
            contributions=_figures(own.get(Kind.CONTRIBUTION)),
            spend=_figures(own.get(Kind.POOL_SPEND)),
            lines=heard.get(at, (0, 0))[0] if month else self.lines.get(here, 0),
            reported=heard.get(at, (0, 0))[1],
            months=tuple(at for at, counts in heard.items() if counts[1]),
            asked_pence=planned.asked,
            headings=planned.headings,
            signatures=signatures(
                item
                for item in self.signed
                if pool.pk in _pools_of(item) and _holds_in(item, slice_)
            ),
        )


def _pools_of(item: SignOff) -> tuple[int | None, int | None]:
    """The pool of the plan or of the agreement that is signed."""
    return (
        item.plan.pool_id if item.plan else None,
        item.agreement.pool_id if item.agreement else None,
    )


def _holds_in(item: SignOff, slice_: Slice) -> bool:
    """Whether the plan or the agreement that is signed holds on a day of a year."""
    if item.plan:
        return item.plan.first_year_id <= slice_.year_id <= item.plan.last_year_id
    return bool(item.agreement and in_force([item.agreement], slice_))


def _figures(row: Rollup | None) -> HeadingFigures | None:
    return figures_of(Kind(row.kind).label, row) if row else None


def stated_amounts(
    slices: Sequence[Slice], pools: Sequence[Pool]
) -> Mapping[tuple[int, int], list[Stated]]:
    """By slice and pool each stated amount with what it was before, by what it is: one query."""
    said: dict[tuple[int, int], dict[str, list[PoolAmount]]] = defaultdict(dict)
    for amount in (
        PoolAmount.objects.filter(slice__in=slices, pool__in=pools)
        .select_related("partner", "heading", "evidence__source", "actor")
        .order_by("heading__position", "heading", "code", "change")
    ):
        said[amount.slice_id, amount.pool_id].setdefault(amount.code, []).append(amount)
    return {
        place: sorted(
            (Stated(rows[-1], tuple(rows[:-1])) for rows in own.values()),
            key=lambda item: _ORDER.index(item.amount.measure),
        )
        for place, own in said.items()
    }


@dataclass
class _Planned:
    """What the lines of a pool plan in a year, beside its rollups."""

    asked: int | None = None  # contributions of sources that a minimum can ask for
    headings: dict[str, int] = field(default_factory=dict)  # spend under headings of a plan


def _planned(slices: Sequence[Slice], pools: Sequence[Pool]) -> dict[tuple[int, int], _Planned]:
    """Planned contributions and headed spend, by slice and pool: one query.

    What somebody adds beyond a minimum is left out; a contribution without a source counts.
    """
    headline = HeadlineChoice.objects.filter(slice=OuterRef("line__slice")).order_by("-change")
    rows = (
        PlanFigure.objects.filter(
            line__slice__in=slices, line__pool__in=pools, line__kind__in=POOLED
        )
        .filter(plan=Subquery(headline.values("plan")[:1]))
        .values_list(
            "line__slice",
            "line__pool",
            "line__kind",
            "line__pool_line__income_source",
            "line__pool_line__heading__name",
        )
        .annotate(pence=Sum("full_year_pence"))
        .order_by("line__pool_line__heading__position", "line__pool_line__heading__name")
    )
    found: dict[tuple[int, int], _Planned] = defaultdict(_Planned)
    for slice_, pool, kind, source, heading, pence in rows:
        own = found[slice_, pool]
        if kind == Kind.CONTRIBUTION and source not in BEYOND_THE_MINIMUM:
            own.asked = (own.asked or 0) + int(pence)
        elif kind == Kind.POOL_SPEND and heading:
            own.headings[heading] = own.headings.get(heading, 0) + int(pence)
    return found


def lines_of_pool(slice_: Slice, pool: Pool, *, state: State, month: int | None) -> list[LineMonth]:
    """A pool's contributions and spend in a month, with their PoolLine: five queries at most."""
    lines = Line.objects.filter(pool=pool, kind__in=POOLED).select_related("pool_line__heading")
    return line_months(slice_, lines, state=state, month=month)


def printed_envelopes(slices: Sequence[Slice]) -> list[PrintedFigure]:
    """What documents print of whole systems beside their lines, with their parts: two queries."""
    return list(
        PrintedFigure.objects.filter(
            slice__in=slices, line=None, partner=None, scheme=None, kind="", pence__isnull=False
        )
        .select_related("slice__year", "evidence__source")
        .prefetch_related("parts")
        .order_by("slice__year", "position", "code")
    )
