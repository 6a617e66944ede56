"""A return held against its partner's own published paper, kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from esbt.kit.money import words
from finance.charts.words import direction_of
from finance.models import PaperTotal
from finance.models.lines import SENSE, Kind
from finance.queries.entry import EntryLine
from schemes.models import Change, Partner, Slice

Measure = PaperTotal.Measure


@dataclass(frozen=True, slots=True)
class PaperProof:
    """A total that a paper prints beside what the return's lines come to."""

    kind: str
    measure: str
    printed_pence: int
    unit_pence: int
    found_pence: int | None
    source: str
    place: str
    explanation: str
    who: str
    when: datetime

    @property
    def difference_pence(self) -> int | None:
        """The return less the paper, in the sense of the kind; None where it is not stated."""
        return None if self.found_pence is None else self.found_pence - self.printed_pence

    @property
    def agrees(self) -> bool:
        """Whether rounding to what the paper prints may explain the difference."""
        gap = self.difference_pence
        return gap is not None and 2 * abs(gap) <= self.unit_pence

    @property
    def outcome(self) -> str:
        """The difference in words."""
        gap = self.difference_pence
        if gap is None:
            return "The return states no such total"
        if not gap:
            return "Agrees"
        if self.agrees:
            return "Agrees, but for rounding"
        size = words(abs(gap), "gbp")
        if SENSE[self.kind]:
            way = direction_of(SENSE[self.kind] * gap)
            return f"The return is {size} more {way} than the paper"
        return f"The return is {size} {'more' if gap > 0 else 'less'} than the paper"


def paper_proofs(
    slice_: Slice, partner: Partner, month: int, lines: Sequence[EntryLine]
) -> list[PaperProof]:
    """What a partner's papers print of a month beside its lines, by kind: one query."""
    told = Change.objects.filter(slice=OuterRef("slice"), number=OuterRef("change"))
    last = {
        (item.kind, item.measure): item
        for item in PaperTotal.objects.filter(slice=slice_, partner=partner, month=month)
        .annotate(at=Subquery(told.values("at")[:1]))
        .select_related("actor")
        .order_by("change")
    }
    order = list(Kind.values)
    return [
        PaperProof(
            kind=kind,
            measure=measure,
            printed_pence=item.pence,
            unit_pence=item.unit_pence,
            found_pence=return_total(lines, kind, measure),
            source=item.source,
            place=item.place,
            explanation=item.explanation,
            who=str(item.actor or ""),
            when=item.at,
        )
        for (kind, measure), item in sorted(
            last.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])
        )
        if item.pence is not None
    ]


def kinds_of(lines: Sequence[EntryLine]) -> list[str]:
    """The kinds that a return can be held against, a position that is worked out included."""
    there = {item.line.kind for item in lines}
    if there & {Kind.INCOME, Kind.SPEND}:
        there.add(Kind.POSITION)
    return [kind for kind in Kind.values if kind in there]


def return_total(lines: Sequence[EntryLine], kind: str, measure: str) -> int | None:
    """What the lines of a kind come to, in pence; None where none of them is stated.

    A position that nobody enters is income less spend, and known only when each line is.
    """
    own = [item for item in lines if item.line.kind == kind]
    if own or kind != Kind.POSITION:
        stated = [pence for pence in _amounts(own, measure) if pence is not None]
        return sum(stated) if stated else None
    parts = [item for item in lines if item.line.kind in (Kind.INCOME, Kind.SPEND)]
    amounts = list(_amounts(parts, measure))
    if not parts or None in amounts:
        return None
    return sum(item.line.sense * (pence or 0) for item, pence in zip(parts, amounts, strict=True))


def _amounts(lines: Iterable[EntryLine], measure: str) -> Iterable[int | None]:
    for item in lines:
        if measure == Measure.PLAN:
            yield item.plan_to_date_pence
        else:
            yield getattr(item.head, f"{measure}_pence", None)
