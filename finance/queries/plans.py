"""Versions of a year's plan side by side, what differs between two, and how they came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db.models import Count, Sum

from finance.models import (
    HeadlineChoice,
    Line,
    Plan,
    PlanFigure,
    PlanRevision,
    PositionCover,
)
from finance.models.lines import SENSE, Kind
from schemes.models import Change, Partner, Slice

_DERIVES = (Kind.INCOME, Kind.SPEND)


@dataclass(frozen=True, slots=True)
class Planned:
    """A sum of one plan: pence in the sense of its kind, and how many lines it has an amount of."""

    pence: int | None = None
    lines: int = 0


@dataclass(frozen=True, slots=True)
class PlanSum:
    """What a partner plans of one kind, by the id of the plan; partner None: the whole system."""

    kind: str
    partner: Partner | None
    lines: int  # how many there are, planned or not
    derived: bool  # a position that nobody enters: income less spend
    planned: Mapping[int, Planned]


def plans_of(slice_: Slice) -> list[Plan]:
    """The versions in the order in which they were made."""
    return list(Plan.objects.filter(slice=slice_).order_by("pk"))


def plan_sums(slice_: Slice) -> list[PlanSum]:
    """Sums by kind, partners in the order of the system and then their total: four queries.

    A position that is worked out has a sum only in plans that hold all income and spend of its
    partner. Kinds are never summed together.
    """
    counts: dict[tuple[str, int], int] = {
        (kind, partner): lines
        for kind, partner, lines in Line.objects.filter(slice=slice_)
        .order_by()
        .values_list("kind", "partner")
        .annotate(Count("pk"))
    }
    planned: dict[tuple[str, int], dict[int, Planned]] = {place: {} for place in counts}
    for plan, kind, partner, pence, lines in (
        PlanFigure.objects.filter(plan__slice=slice_)
        .order_by()
        .values_list("plan", "line__kind", "line__partner")
        .annotate(Sum("full_year_pence"), Count("pk"))
    ):
        planned[kind, partner][plan] = Planned(int(pence), lines)
    entered = set(PositionCover.objects.filter(slice=slice_).values_list("partner", flat=True))
    derived = {
        ("position", partner): _worked_out(partner, counts, planned)
        for kind, partner in list(counts)
        if kind in _DERIVES and partner not in entered
    }
    counts |= dict.fromkeys(derived, 1)
    planned |= derived
    members = slice_.system.memberships.select_related("partner")
    return list(_by_kind([item.partner for item in members], counts, planned, set(derived)))


def _worked_out(
    partner: int,
    counts: Mapping[tuple[str, int], int],
    planned: Mapping[tuple[str, int], Mapping[int, Planned]],
) -> dict[int, Planned]:
    own = [(kind, partner) for kind in _DERIVES if (kind, partner) in counts]
    found = {}
    for plan in {plan for place in own for plan in planned[place]}:
        sums = [planned[place].get(plan, Planned()) for place in own]
        if all(s.lines == counts[place] for s, place in zip(sums, own, strict=True)):
            pence = sum(SENSE[k] * (s.pence or 0) for s, (k, _) in zip(sums, own, strict=True))
            found[plan] = Planned(pence, 1)
    return found


def _by_kind(
    partners: Sequence[Partner],
    counts: Mapping[tuple[str, int], int],
    planned: Mapping[tuple[str, int], Mapping[int, Planned]],
    derived: set[tuple[str, int]],
) -> Iterator[PlanSum]:
    for kind in Kind.values:
        rows = [
            PlanSum(
                kind,
                partner,
                counts[kind, partner.pk],
                (kind, partner.pk) in derived,
                planned[kind, partner.pk],
            )
            for partner in partners
            if (kind, partner.pk) in counts
        ]
        yield from rows
        if rows:
            yield _total(kind, rows)


def _total(kind: str, rows: Sequence[PlanSum]) -> PlanSum:
    plans = {plan for row in rows for plan in row.planned}
    return PlanSum(
        kind,
        None,
        sum(row.lines for row in rows),
        any(row.derived for row in rows),
        {
            plan: Planned(
                sum(row.planned[plan].pence or 0 for row in rows if plan in row.planned),
                sum(row.planned[plan].lines for row in rows if plan in row.planned),
            )
            for plan in plans
        },
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """A line whose amount differs between two versions, and why the later figure is what it is."""

    line: Line
    before_pence: int | None
    after_pence: int | None
    months_only: bool  # the year is the same, its months are not
    who: str
    when: datetime | None
    reason: str
    change: int

    @property
    def difference_pence(self) -> int | None:
        """After less before; None where one of them is not stated."""
        if self.before_pence is None or self.after_pence is None:
            return None
        return self.after_pence - self.before_pence


def plan_differences(slice_: Slice, one: Plan, other: Plan) -> list[Difference]:
    """Lines that differ from one version to the other, the largest first: two queries."""
    figures: dict[int, dict[int, PlanFigure]] = {}
    for figure in PlanFigure.objects.filter(plan__in=[one, other]).select_related("line__partner"):
        figures.setdefault(figure.line_id, {})[figure.plan_id] = figure
    differing = [
        (pair.get(one.pk), pair.get(other.pk))
        for pair in figures.values()
        if _amounts(pair.get(one.pk)) != _amounts(pair.get(other.pk))
    ]
    latest = {max((a, b), key=lambda figure: figure.change if figure else 0) for a, b in differing}
    made = changes_of(slice_, [figure.change for figure in latest if figure])
    found = []
    for before, after in differing:
        last = max(filter(None, (before, after)), key=attrgetter("change"))
        change = made.get(last.change)
        old, new = (item.full_year_pence if item else None for item in (before, after))
        found.append(
            Difference(
                line=last.line,
                before_pence=old,
                after_pence=new,
                months_only=old == new,
                who=who(change),
                when=change.at if change else None,
                reason=change.reason if change else "",
                change=last.change,
            )
        )
    return sorted(found, key=lambda item: (-abs(item.difference_pence or 0), item.line.code))


def _amounts(figure: PlanFigure | None) -> tuple[object, object]:
    return (figure.full_year_pence, figure.to_date_pence) if figure else (None, None)


def changes_of(slice_: Slice, numbers: Sequence[int]) -> dict[int, Change]:
    """Changes by their numbers, with who made them: one query."""
    found = Change.objects.filter(slice=slice_, number__in=numbers).select_related("actor")
    return {change.number: change for change in found}


def who(change: Change | None) -> str:
    """Who made a change, in words; "" for the installation's own operator."""
    return str(change.actor) if change and change.actor else ""


@dataclass(slots=True)
class Step:
    """One change of the plans: what was done to which versions, when, by whom and why."""

    change: Change
    plans: list[str] = field(default_factory=list)
    lines: int = 0

    @property
    def who(self) -> str:
        """Who made it."""
        return who(self.change)


def plan_steps(slice_: Slice, limit: int) -> list[Step]:
    """The latest changes of figures and of the headline, newest first: three queries."""
    revised = list(
        PlanRevision.objects.filter(plan__slice=slice_)
        .order_by("-change", "plan__name")
        .values_list("change", "plan__name")
        .annotate(Count("pk"))[:limit]
    )
    chosen = [
        (change, name, 0)
        for change, name in HeadlineChoice.objects.filter(slice=slice_)
        .order_by("-change")
        .values_list("change", "plan__name")[:limit]
    ]
    made = changes_of(slice_, [change for change, _, _ in (*revised, *chosen)])
    steps: dict[int, Step] = {}
    for number, name, lines in sorted((*revised, *chosen), reverse=True)[:limit]:
        step = steps.setdefault(number, Step(made[number]))
        step.plans.append(name)
        step.lines += lines
    return list(steps.values())
