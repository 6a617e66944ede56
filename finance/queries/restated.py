"""What was restated: figures that were published, and what was published in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from esbt.kit.money import MINUS, words
from finance.charts.words import amount, direction_of
from finance.models import OutturnRevision, ReturnEvent
from finance.models.lines import SENSE, Kind
from finance.models.outturns import ReturnState
from schemes.models import Change, Partner, Slice

_MEASURES = (("to date", "actual_pence"), ("forecast", "forecast_pence"))


@dataclass(frozen=True, slots=True)
class RestatedFigure:
    """A partner's sum of one kind, as it was published before and after."""

    kind: str
    measure: str  # "to date" or "forecast"
    before_pence: int | None
    after_pence: int | None

    @property
    def difference_pence(self) -> int | None:
        """After less before, in the sense of the kind; None where one is not stated."""
        if self.before_pence is None or self.after_pence is None:
            return None
        return self.after_pence - self.before_pence

    @property
    def words(self) -> str:
        """As a sentence has it: "Position to date: deficit of £10.0m before, £12.0m now …"."""
        before, after = self.before_pence, self.after_pence
        finely = before is not None and after is not None and amount(before) == amount(after)
        said = [self._amount(pence, finely=finely) for pence in (before, after)]
        moved = self.difference_pence
        by = "" if moved is None else f" ({amount(moved)} {self._direction(moved)})"
        return f"{Kind(self.kind).label} {self.measure}: {said[0]} before, {said[1]} now{by}"

    def _amount(self, pence: int | None, *, finely: bool) -> str:
        if pence is None:
            return "not stated"
        size = words(abs(pence), "gbp") if finely else amount(pence)
        if self.kind == Kind.POSITION and pence:
            return f"{'deficit' if pence < 0 else 'surplus'} of {size}"
        return "break-even" if self.kind == Kind.POSITION else f"{MINUS if pence < 0 else ''}{size}"

    def _direction(self, moved: int) -> str:
        if SENSE[self.kind]:
            return direction_of(SENSE[self.kind] * moved)
        return "more" if moved > 0 else "less"


@dataclass(frozen=True, slots=True)
class Restated:
    """A partner's month that was published anew with other figures: why, by whom and when."""

    partner: str  # its code
    partner_name: str
    month: int
    figures: Sequence[RestatedFigure]
    reason: str  # why it was opened again; "" where nobody said
    opened_by: str
    who: str  # published it anew
    when: datetime


@dataclass(frozen=True, slots=True)
class _Pair:
    """A return that published a second change, and the step that had opened it again."""

    event: ReturnEvent
    before: int
    opened: ReturnEvent | None


def restated(
    slice_: Slice, *, partner: Partner | None = None, ceiling: int | None = None
) -> list[Restated]:
    """What was restated in a year, or for a partner of it, the latest first.

    With a ceiling what had been restated as at that change. Three queries at most, however many
    lines there are.
    """
    events = ReturnEvent.objects.filter(monthly_return__slice=slice_)
    if partner is not None:
        events = events.filter(monthly_return__partner=partner)
    if ceiling is not None:
        events = events.filter(change__lte=ceiling)
    ordered = events.select_related("monthly_return__partner", "actor").order_by(
        "monthly_return_id", "change"
    )
    pairs = [
        pair
        for _, own in groupby(ordered, key=lambda event: event.monthly_return_id)
        for pair in _pairs(own)
    ]
    if not pairs:
        return []
    numbers = [pair.event.change for pair in pairs]
    numbers += [pair.opened.change for pair in pairs if pair.opened]
    changes = {
        change.number: change for change in Change.objects.filter(slice=slice_, number__in=numbers)
    }
    revisions = _revisions(slice_, pairs)
    found = []
    for pair in pairs:
        own = pair.event.monthly_return
        figures = _figures(revisions.get((own.partner_id, own.month), ()), pair)
        if figures:
            opened = pair.opened
            found.append(
                Restated(
                    partner=own.partner.code,
                    partner_name=own.partner.name,
                    month=own.month,
                    figures=figures,
                    reason=changes[opened.change].reason if opened else "",
                    opened_by=str(opened.actor or "") if opened else "",
                    who=str(pair.event.actor or ""),
                    when=changes[pair.event.change].at,
                )
            )
    return sorted(found, key=lambda item: item.when, reverse=True)


def _pairs(events: Iterator[ReturnEvent]) -> Iterator[_Pair]:
    """The steps of one return that published anew what was published before."""
    published: int | None = None
    opened: ReturnEvent | None = None
    for event in events:
        if event.state == ReturnState.DRAFT:
            opened = event
        if event.published_change == published:
            continue
        if published is not None:
            yield _Pair(event, published, opened)
        published, opened = event.published_change, None


def _revisions(
    slice_: Slice, pairs: Sequence[_Pair]
) -> dict[tuple[int, int], list[OutturnRevision]]:
    """Every value of the months that were published anew, by partner and month, oldest first."""
    found: dict[tuple[int, int], list[OutturnRevision]] = {}
    returns = [pair.event.monthly_return for pair in pairs]
    for revision in (
        OutturnRevision.objects.filter(
            line__slice=slice_,
            line__partner__in={item.partner_id for item in returns},
            month__in={item.month for item in returns},
        )
        .select_related("line")
        .order_by("change")
    ):
        found.setdefault((revision.line.partner_id, revision.month), []).append(revision)
    return found


def _figures(revisions: Sequence[OutturnRevision], pair: _Pair) -> list[RestatedFigure]:
    """The sums of each kind that differ between the two; a position where it is worked out too."""
    now = pair.event.published_change or 0
    before = {rev.line_id: rev for rev in revisions if rev.change <= pair.before}
    after = {rev.line_id: rev for rev in revisions if rev.change <= now}
    kinds = sorted({rev.line.kind for rev in after.values()}, key=list(Kind.values).index)
    found = []
    for measure, column in _MEASURES:
        for kind in kinds:
            then, since = (_sum(side, column, kind) for side in (before, after))
            if then != since:
                found.append(RestatedFigure(kind, measure, then, since))
        if Kind.POSITION not in kinds:
            then, since = (_derived(side, column) for side in (before, after))
            if then != since:
                found.insert(0, RestatedFigure(Kind.POSITION, measure, then, since))
    return found


def _sum(revisions: dict[int, OutturnRevision], column: str, kind: str) -> int | None:
    stated = [
        pence
        for rev in revisions.values()
        if rev.line.kind == kind and (pence := getattr(rev, column)) is not None
    ]
    return sum(stated) if stated else None


def _derived(revisions: dict[int, OutturnRevision], column: str) -> int | None:
    """A position that nobody enters: income less spend, known only when each line is."""
    amounts = [
        (rev.line.sense, getattr(rev, column))
        for rev in revisions.values()
        if rev.line.kind in (Kind.INCOME, Kind.SPEND)
    ]
    if not amounts or any(pence is None for _, pence in amounts):
        return None
    return sum(sense * pence for sense, pence in amounts)
