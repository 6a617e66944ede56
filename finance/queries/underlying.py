"""The position without what does not recur, where every line says whether it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finance.figures.position import Position, PositionRow
from finance.models import Line
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.queries.causes import makes_the_position
from finance.queries.line_months import LineMonth, line_months
from schemes.models import Slice


@dataclass(frozen=True, slots=True)
class Underlying:
    """A partner's position, what of it does not recur, and what is left; pence, a deficit negative.

    What is left is None where a line does not say whether it recurs, or states no figure.
    """

    partner: str
    name: str
    short_name: str
    actual_pence: int | None
    once_actual_pence: int | None
    forecast_pence: int | None
    once_forecast_pence: int | None
    silent: Sequence[Line]  # lines that do not say; all there are, where a position is entered
    lines: int

    @property
    def left_actual_pence(self) -> int | None:
        """The underlying position to date."""
        return _less(self.actual_pence, self.once_actual_pence)

    @property
    def left_forecast_pence(self) -> int | None:
        """The underlying position that is forecast for the year."""
        return _less(self.forecast_pence, self.once_forecast_pence)


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def underlying_of(slice_: Slice, position: Position) -> list[Underlying]:
    """The partners of a position page in its order, each with its underlying one.

    An entered position counts as one line, which says itself whether it recurs. Two queries, and
    five more where a partner's lines all say so: figures are read of those alone that come once.
    """
    month = position.month
    if not month:
        return []
    lines: dict[str, list[Line]] = {}
    for line in (
        Line.objects.filter(makes_the_position(slice_, month), slice=slice_)
        .select_related("partner")
        .only("code", "name", "recurrent", "partner__code")
        .order_by("kind", "code")
    ):
        lines.setdefault(line.partner.code, []).append(line)
    known = {code for code, own in lines.items() if all(x.recurrent is not None for x in own)}
    once_only = [x.pk for code in known for x in lines[code] if not x.recurrent]
    once = _once(slice_, position, once_only)
    return [
        _underlying(row, lines.get(row.partner, []), once.get(row.partner, []))
        for row in position.rows
    ]


def _once(slice_: Slice, position: Position, lines: Sequence[int]) -> dict[str, list[LineMonth]]:
    """The figures of lines that do not recur, by partner."""
    found: dict[str, list[LineMonth]] = {}
    if lines:
        for item in line_months(
            slice_,
            Line.objects.filter(pk__in=lines),
            state=State(position.state),
            month=position.month,
        ):
            found.setdefault(item.line.partner.code, []).append(item)
    return found


def _underlying(row: PositionRow, lines: Sequence[Line], once: Sequence[LineMonth]) -> Underlying:
    silent = [line for line in lines if line.recurrent is None]
    known = bool(lines) and not silent
    return Underlying(
        row.partner,
        row.name,
        row.short_name,
        row.ytd_actual_pence,
        _sum(once, "actual_pence") if known and row.ytd_actual_pence is not None else None,
        row.forecast_pence,
        _sum(once, "forecast_pence") if known and row.forecast_pence is not None else None,
        silent,
        len(lines),
    )


def _sum(lines: Sequence[LineMonth], name: str) -> int | None:
    """What lines add to a position; None where one of them states nothing."""
    amounts = [(item.line.sense, getattr(item, name)) for item in lines]
    if any(pence is None for _, pence in amounts):
        return None
    return sum(sense * pence for sense, pence in amounts)


def system_underlying(partners: Sequence[Underlying]) -> tuple[int | None, int | None]:
    """To date and forecast of the whole system; None where a partner's is not known."""
    sums = []
    for name in ("left_actual_pence", "left_forecast_pence"):
        parts = [getattr(item, name) for item in partners]
        sums.append(None if None in parts or not parts else sum(parts))
    return sums[0], sums[1]


BESIDE = (Kind.RESERVE, Kind.CAPITAL, Kind.CASH)


def beside_lines(slice_: Slice, position: Position) -> dict[str, list[LineMonth]]:
    """Reserves, capital and cash in the month of a position, by kind: five queries at most."""
    groups: dict[str, list[LineMonth]] = {kind: [] for kind in BESIDE}
    for item in line_months(
        slice_,
        Line.objects.filter(kind__in=BESIDE),
        state=State(position.state),
        month=position.month,
    ):
        groups[item.line.kind].append(item)
    return groups
