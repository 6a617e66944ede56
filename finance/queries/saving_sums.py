"""The sums of saving lines, as last computed or as at a change: what every savings page reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from finance.figures.savings import SavingFigures
from finance.models import Computation, Rollup
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.rollups import Level, State
from finance.queries.positions import SYSTEM
from finance.rollups import compute
from schemes.models import Partner, Slice


@dataclass(frozen=True, slots=True)
class Sums:
    """A slice's saving rollups: of the whole all months, of the rest one month and the last."""

    month: int | None  # None: nobody has reported a saving
    rows: Sequence[Any]  # with the columns of _READ
    most: Mapping[tuple[str, int], int | None]  # by level and key: saved to date at the most before
    change: int
    computed_at: datetime | None
    partners: Sequence[Any] | None = None  # of the whole by partner; None: read when asked for

    @property
    def shown(self) -> int:
        """The month whose rows hold the plan; the year's last where nothing was reported."""
        return LAST_MONTH if self.month is None else self.month

    def at(self, month: int, level: Level) -> dict[int, Any]:
        """Rows of a level in a month by their keys."""
        return {row.key: row for row in self.rows if row.level == level and row.month == month}

    def figures(self, level: Level) -> dict[int, SavingFigures]:
        """The figures of a level by its keys."""
        before = self.at(self.shown - 1, level)
        return {
            key: _figures(
                row, before.get(key), self.most.get((level, key)), known=self.month is not None
            )
            for key, row in self.at(self.shown, level).items()
        }


_READ = (
    "level",
    "key",
    "month",
    "lines",
    "reported",
    "plan_pence",
    "plan_to_date_pence",
    "compared_plan_pence",
    "actual_pence",
    "variance_pence",
    "forecast_pence",
    "forecast_variance_pence",
    "forecast_month",
    "forecast_month_last",
    "forecasts_behind",
)


# of earlier months in which every line that was due reported, what was saved to date at the most
_MOST_BEFORE = (
    Rollup.objects.filter(
        **{
            name: OuterRef(name)
            for name in ("slice", "state", "partner_key", "kind", "level", "key")
        },
        month__range=(1, OuterRef("month") - 1),
        reported__gte=F("lines"),
        actual_pence__isnull=False,
    )
    .order_by("-actual_pence")
    .values("actual_pence")[:1]
)


def stored_sums(slice_: Slice, state: State, month: int | None, *, whole: bool = False) -> Sums:
    """As last computed, all of it from one snapshot: one query, and one where there is nothing.

    With ``whole`` only the months of the whole are read.
    """
    sums = Rollup.objects.filter(slice=slice_.pk, state=state, kind=Kind.SAVING, partner_key=SYSTEM)
    reported = sums.filter(level=Level.ALL, reported__gt=0, month__range=(1, LAST_MONTH))
    latest: Any = Subquery(reported.order_by("-month").values("month")[:1])
    if state == State.PUBLISHED:  # one early approval is not yet the system's month
        by_all = reported.filter(reported__gte=F("lines"))
        latest = Coalesce(Subquery(by_all.order_by("-month").values("month")[:1]), latest)
    shown: Any = Value(month) if month else Coalesce(latest, Value(LAST_MONTH))
    computation = Computation.objects.filter(slice=slice_.pk)
    wanted = Q(level=Level.ALL)
    if not whole:
        wanted |= Q(month=shown) | Q(month=shown - Value(1))
    rows = list(
        sums.annotate(
            latest=latest,
            seen=Subquery(computation.values("change")),
            at=Subquery(computation.values("at")),
            most=Subquery(_MOST_BEFORE),
        )
        .filter(wanted)
        # plain rows: a thousand schemes are four thousand of them
        .values_list(*_READ, "most", "latest", "seen", "at", named=True)
    )
    if not rows:
        seen = computation.first() or Computation()
        return Sums(None, rows, {}, seen.change, seen.at)
    chosen = month or rows[0].latest
    most = {(row.level, row.key): row.most for row in rows if row.month == chosen}
    return Sums(chosen, rows, most, rows[0].seen or 0, rows[0].at)


def computed_sums(slice_: Slice, state: State, month: int | None, ceiling: int) -> Sums:
    """As it was known at a change: computed now, stored nowhere."""
    savings = [
        row
        for row in compute(slice_.pk, ceiling=ceiling)
        if row.state == state and row.kind == Kind.SAVING
    ]
    rows = [row for row in savings if row.partner_key == SYSTEM]
    partners = [r for r in savings if r.partner_key != SYSTEM and r.level == Level.ALL]
    told = [row for row in rows if row.level == Level.ALL and row.reported and 0 < row.month < 13]
    by_all = [row.month for row in told if row.reported >= row.lines]
    published = state == State.PUBLISHED
    reported = by_all if published and by_all else [row.month for row in told]
    chosen = month or max(reported, default=None)
    most: dict[tuple[str, int], int] = {}
    for row in rows:
        whole = row.actual_pence is not None and row.reported >= row.lines
        if whole and 0 < row.month < (chosen or 0):
            place = (row.level, row.key)
            most[place] = max(row.actual_pence, most.get(place, row.actual_pence))
    return Sums(chosen, rows, most, ceiling, None, partners)


def partners_heard(slice_: Slice, state: State, sums: Sums) -> tuple[int, tuple[str, ...]]:
    """How many partners were due to report savings of the month, and who of them said nothing.

    Two queries; as at a change one.
    """
    if sums.month is None:
        return 0, ()
    rows: Iterable[Any] | None = sums.partners
    if rows is None:
        rows = Rollup.objects.filter(
            slice=slice_.pk, state=state, kind=Kind.SAVING, level=Level.ALL, month=sums.month
        ).exclude(partner_key=SYSTEM)
    due = {row.partner_key: row.reported for row in rows if row.month == sums.month and row.lines}
    silent = Partner.objects.filter(pk__in=[key for key, reported in due.items() if not reported])
    return len(due), tuple(silent.order_by("name").values_list("short_name", flat=True))


def _figures(row: Any, before: Any, most: int | None, *, known: bool) -> SavingFigures:
    return SavingFigures(
        plan_pence=row.plan_pence,
        plan_to_date_pence=row.plan_to_date_pence if known else None,
        compared_plan_pence=row.compared_plan_pence if known else None,
        actual_pence=row.actual_pence if known else None,
        variance_pence=row.variance_pence if known else None,
        forecast_pence=row.forecast_pence,
        forecast_variance_pence=row.forecast_variance_pence,
        forecast_month=row.forecast_month,
        forecast_month_last=row.forecast_month_last,
        forecasts_behind=row.forecasts_behind,
        before_pence=before.forecast_pence if before else None,
        most_before_pence=most if known else None,
        lines=row.lines if known else 0,
        reported=row.reported if known else 0,
    )
