"""Income and spend by heading, from stored rollups: of the system and of each partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from finance.figures.position import HeadingFigures, KindFigures
from finance.models import Heading, Rollup
from finance.models.lines import Kind
from finance.models.rollups import Level, State
from finance.rollups import compute
from schemes.models import Slice

KINDS = (Kind.INCOME, Kind.SPEND)
WITHOUT = "Without a heading"
_LEVELS = (Level.HEADING, Level.ALL)


def headings_of(
    slice_: Slice,
    *,
    state: State,
    month: int | None,
    ceiling: int | None = None,
    kinds: Sequence[str] = KINDS,
) -> dict[int, list[KindFigures]]:
    """By partner_key (0 is the system) the kinds that it has, each by heading: two queries.

    With a ceiling the same as at that change. Lines without a heading have a row of their own,
    the rest of the total; where no line has one, the total stands alone. Before any report the
    plans do.
    """
    month = month or 1
    if ceiling is None:
        rows = list(
            Rollup.objects.filter(
                slice=slice_, state=state, month=month, kind__in=kinds, level__in=_LEVELS
            )
        )
    else:
        rows = [
            row
            for row in compute(slice_.pk, ceiling=ceiling)
            if (row.state, row.month) == (state, month)
            and row.kind in kinds
            and row.level in _LEVELS
        ]
    names = dict(Heading.objects.values_list("pk", "name"))
    found: dict[int, list[KindFigures]] = {}
    for kind in kinds:
        for partner in sorted({row.partner_key for row in rows if row.kind == kind}):
            own = [row for row in rows if row.kind == kind and row.partner_key == partner]
            found.setdefault(partner, []).append(_kind(kind, own, names))
    return found


def _kind(kind: str, own: Sequence[Rollup], names: Mapping[int, str]) -> KindFigures:
    total = next(figures_of("Total", row) for row in own if row.level == Level.ALL)
    rows = sorted(
        (figures_of(names[row.key], row) for row in own if row.level == Level.HEADING),
        key=lambda row: row.name,
    )
    rest = _rest(total, rows) if rows else None
    return KindFigures(kind, [*rows, rest] if rest else rows, total)


def figures_of(name: str, row: Rollup) -> HeadingFigures:
    """A rollup as a row of figures; its plan to date is of the lines that can be compared."""
    reported = row.actual_pence is not None
    return HeadingFigures(
        name,
        row.plan_pence,
        row.compared_plan_pence if reported else row.plan_to_date_pence,
        row.actual_pence,
        row.variance_pence,
        row.forecast_pence,
        row.forecast_variance_pence,
        row.bases_differ,
        row.forecast_month,
        row.forecast_month_last,
        row.forecasts_behind,
    )


_AMOUNTS = tuple(name for name in HeadingFigures.__slots__ if name.endswith("_pence"))


def _rest(total: HeadingFigures, rows: Sequence[HeadingFigures]) -> HeadingFigures | None:
    """What of the total stands under no heading; None where that is nothing."""
    parts: dict[str, Any] = {
        name: _left(getattr(total, name), [getattr(row, name) for row in rows]) for name in _AMOUNTS
    }
    return HeadingFigures(WITHOUT, **parts) if any(parts.values()) else None


def _left(whole: int | None, parts: Sequence[int | None]) -> int | None:
    """The whole less the parts that are stated, whose sum it is with what has no heading."""
    return None if whole is None else whole - sum(part or 0 for part in parts)
