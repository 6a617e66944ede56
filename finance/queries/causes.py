"""To what the variances of a month are due, as far as somebody said, and what is left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from finance.models import Cause, Line, MonthlyReturn, PositionCover, VarianceCause
from finance.models.base import LAST_MONTH
from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from schemes.models import Slice

_PUBLISHED = (ReturnState.APPROVED, ReturnState.CLOSED)


@dataclass(frozen=True, slots=True)
class CauseSum:
    """What is stated of one cause: pence favourable-positive, None where nobody gives an amount."""

    cause: str
    name: str
    pence: int | None
    said: int  # statements
    without_amount: int  # of these


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a month, parted by what it adds to."""

    of_lines: Sequence[VarianceCause]  # whose variances make the position
    of_others: Sequence[VarianceCause]
    of_system: Sequence[VarianceCause]


def statements(
    slice_: Slice, month: int, *, published: bool, own: Collection[int] = ()
) -> list[VarianceCause]:
    """What is said of a month's variances, by line: two queries.

    Until a return is approved, what is said of its lines stays with the partners in ``own``, and
    with ``published`` it is told to nobody.
    """
    last = (
        VarianceCause.objects.filter(slice=slice_, month=month)
        .order_by("code", "-change")
        .distinct("code")
    )
    found = (
        VarianceCause.objects.filter(pk__in=last.values("pk"), withdrawn=False)
        .select_related("line__partner", "evidence__source", "actor")
        .order_by("line__partner__name", "line__code", "change", "pk")
    )
    done = set(
        MonthlyReturn.objects.filter(slice=slice_, month=month, state__in=_PUBLISHED).values_list(
            "partner", flat=True
        )
    )
    if not published:
        done |= set(own)
    return [item for item in found if item.line is None or item.line.partner_id in done]


def makes_the_position(slice_: Slice, month: int) -> Q:
    """Lines whose variances add to the positions of a month, each once: one query.

    A position that is entered, and otherwise the income and spend that it is worked out from.
    """
    place = min(month, LAST_MONTH)
    entered = PositionCover.objects.filter(slice=slice_, months__contains=place)
    partners = list(entered.values_list("partner", flat=True))
    parts = Q(kind__in=(Kind.INCOME, Kind.SPEND)) & ~Q(partner__in=partners)
    return (Q(kind=Kind.POSITION) | parts) & Q(first_month__lte=place)


def bearing_lines(slice_: Slice, month: int) -> set[int]:
    """The ids of those lines: two queries."""
    lines = Line.objects.filter(makes_the_position(slice_, month), slice=slice_)
    return set(lines.values_list("pk", flat=True))


def cause_sums(said: Sequence[VarianceCause]) -> list[CauseSum]:
    """The stated amounts by cause, in the order of the short list; causes that nobody names are
    left out.
    """
    sums = []
    for cause in Cause:
        own = [item for item in said if item.cause == cause]
        stated = [item.pence for item in own if item.pence is not None]
        if own:
            sums.append(
                CauseSum(
                    cause.value,
                    cause.label,
                    sum(stated) if stated else None,
                    len(own),
                    len(own) - len(stated),
                )
            )
    return sums
