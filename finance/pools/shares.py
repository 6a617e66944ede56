"""Who bears a pool's variance in a year: rules by their months, and what they do to positions.

Pure: finance/queries/pool_lines.py reads what it takes. A rule covers the variance that arises
in its months; months without a rule are shared by nobody (DOMAIN 16, decision 0028).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from esbt.kit.problems import Refused
from esbt.kit.words import in_a_list
from finance.models.base import AUDITED, LAST_MONTH
from finance.pools.risk_share import Part, Rule, Shared, share


@dataclass(frozen=True, slots=True)
class SpendLine:
    """A line of a pool's spend: pence to date by month, as planned and as reported.

    ``plan`` is None at a month for which no plan is stated, ``actual`` has only months reported.
    """

    code: str
    name: str
    partner: str
    heading: str
    outside: bool  # ring-fenced or capital: never shared
    first_month: int
    last_month: int
    plan: Mapping[int, int | None]
    actual: Mapping[int, int]

    def variance(self, month: int) -> int | None:
        """To date, favourable-positive: an overspend is negative. None where it is not known."""
        if month < self.first_month:
            return 0
        month = month if month == AUDITED == self.last_month + 1 else min(month, self.last_month)
        plan, actual = self.plan.get(min(month, LAST_MONTH)), self.actual.get(month)
        return None if plan is None or actual is None else plan - actual


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A rule and the months of the year that it covers, both included."""

    code: str
    name: str
    rule: Rule
    first: int
    last: int
    binding: bool  # its trigger has been met; else shares are indicative
    trigger: str = ""
    triggered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Months under one rule, or under none, with the variance that arose in them.

    ``why_not`` says in words what keeps it from being shared.
    """

    first: int
    last: int
    rule: DatedRule | None
    variance_pence: int | None
    shared: Shared | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class PoolShares:
    """What the rules make of a pool's variance to a month; favourable-positive pence.

    ``shares`` is None where some of it cannot be shared, and ``why_not`` says why. Shares, what
    the risk pool bears, what is carried forward and what no rule covers add to ``variance_pence``.
    """

    month: int
    variance_pence: int | None  # of the lines within the share
    outside_pence: int | None  # of ring-fenced and capital lines
    segments: Sequence[Segment]
    shares: Mapping[str, int] | None
    risk_pool_pence: int
    carried_forward_pence: int
    uncovered_pence: int
    why_not: Sequence[str]

    @property
    def binding(self) -> bool:
        """Whether every rule that shares something has met its trigger."""
        ruled = [segment.rule for segment in self.segments if segment.rule]
        return bool(ruled) and all(rule.binding for rule in ruled)

    @property
    def standing(self) -> str:
        """In a word, as pages and files say it."""
        if self.shares is None:
            return "not shared"
        if self.binding:
            return "binding"
        some = any(segment.rule and segment.rule.binding for segment in self.segments)
        return "partly binding" if some else "indicative"


def months_of(starts: date | None, ends: date | None, first_day: date) -> tuple[int, int] | None:
    """The months of the year from ``first_day`` that lie between two days; None for none."""

    def month(day: date) -> int:
        return (day.year - first_day.year) * 12 + day.month - first_day.month + 1

    first = max(1, month(starts)) if starts else 1
    last = min(LAST_MONTH, month(ends)) if ends else LAST_MONTH
    return (first, last) if first <= last else None


def share_year(
    *,
    month: int,
    lines: Sequence[SpendLine],
    rules: Sequence[DatedRule],
    contributions: Mapping[str, int | None],
    names: Mapping[str, str],
    bad_rules: Sequence[str] = (),
) -> PoolShares:
    """Share a pool's variance to a month by the rules of the year's months.

    ``contributions`` has every member, with what it is to put in over the year: 0 for nothing,
    None where that is not stated. ``bad_rules`` says of rules that they cannot be read.
    """
    inside = [line for line in lines if not line.outside]
    segments = [
        _share(segment, inside, contributions, names) for segment in _segments(month, inside, rules)
    ]
    why_not = [*bad_rules, *(segment.why_not for segment in segments if segment.why_not)]
    if not rules and not bad_rules:
        why_not = ["No rule of risk share is entered, and none is assumed."]
    shared = [segment.shared for segment in segments if segment.shared]
    if not why_not and not shared:
        why_not = ["No rule covers these months, so their variance is shared by nobody."]
    uncovered = [s.variance_pence or 0 for s in segments if s.rule is None]
    shares: Counter[str] = Counter(dict.fromkeys(contributions, 0))
    for item in shared:
        shares.update(item.shares)
    return PoolShares(
        month=month,
        variance_pence=_sum(inside, month),
        outside_pence=_sum([line for line in lines if line.outside], month),
        segments=segments,
        shares=dict(shares) if shared and not why_not else None,
        risk_pool_pence=sum(item.risk_pool_pence for item in shared),
        carried_forward_pence=sum(item.carried_forward_pence for item in shared),
        uncovered_pence=sum(uncovered),
        why_not=why_not,
    )


def _segments(month: int, lines: Sequence[SpendLine], rules: Sequence[DatedRule]) -> list[Segment]:
    """The months to ``month`` cut where rules begin and end, with what arose in each."""
    end = min(month, LAST_MONTH)
    owner = {m: rule for rule in rules for m in range(rule.first, rule.last + 1)}
    segments: list[Segment] = []
    first = 1
    for last in range(1, end + 1):
        if last < end and owner.get(last + 1) is owner.get(last):
            continue
        to = month if last == end else last  # the audited year belongs to the rule of March
        before, after = _sum(lines, first - 1), _sum(lines, to)
        arose = None if before is None or after is None else after - before
        segments.append(Segment(first, to, owner.get(last), arose))
        first = last + 1
    return segments


def _sum(lines: Sequence[SpendLine], month: int) -> int | None:
    found = [line.variance(month) for line in lines]
    return None if None in found else sum(pence or 0 for pence in found)


def _share(
    segment: Segment,
    lines: Sequence[SpendLine],
    contributions: Mapping[str, int | None],
    names: Mapping[str, str],
) -> Segment:
    """The segment with its shares, or with the reason why there are none."""
    if segment.rule is None:
        return segment if segment.variance_pence is not None else _unknown(segment, lines)
    if segment.variance_pence is None:
        return _unknown(segment, lines)
    silent = [names.get(code, code) for code, pence in contributions.items() if pence is None]
    if silent:
        said = f"What {in_a_list(silent)} puts in over the year is not stated."
        return _without(segment, said)
    try:
        shared = share(
            variance_pence=segment.variance_pence,
            contributions={code: pence or 0 for code, pence in contributions.items()},
            rule=segment.rule.rule,
            parts=_parts(segment, lines),
            names=names,
        )
    except Refused as refused:
        return _without(segment, " ".join(fault.message for fault in refused.faults))
    return Segment(segment.first, segment.last, segment.rule, segment.variance_pence, shared)


def _parts(segment: Segment, lines: Sequence[SpendLine]) -> list[Part]:
    nets: Counter[tuple[str, str]] = Counter()
    for line in lines:
        arose = (line.variance(segment.last) or 0) - (line.variance(segment.first - 1) or 0)
        nets[line.heading, line.partner] += arose
    return [Part(heading, partner, net) for (heading, partner), net in sorted(nets.items())]


def _unknown(segment: Segment, lines: Sequence[SpendLine]) -> Segment:
    """Which lines say nothing at a month where the rule begins or ends."""
    said = []
    for month in (segment.first - 1, segment.last):
        silent = [line.name for line in lines if line.variance(month) is None]
        if silent:
            more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
            said.append(f"{in_a_list(silent[:3])}{more} at month {month}")
    words = f"No plan or no figure is stated for {'; for '.join(said)}."
    return _without(segment, words)


def _without(segment: Segment, why_not: str) -> Segment:
    return Segment(
        segment.first, segment.last, segment.rule, segment.variance_pence, why_not=why_not
    )


def latest_month(lines: Sequence[SpendLine]) -> int | None:
    """The latest month at which every line's variance is known; None where there is none."""
    for month in (AUDITED, *range(LAST_MONTH, 0, -1)):
        reported = any(month in line.actual for line in lines)
        if reported and _sum(lines, month) is not None:
            return month
    return None


@dataclass(frozen=True, slots=True)
class Effect:
    """What sharing does to one position: the variance that left the host, and the share taken."""

    share_pence: int = 0
    hosted_pence: int = 0

    @property
    def pence(self) -> int:
        """What is added to the position as reported: less than 0 makes it worse."""
        return self.share_pence - self.hosted_pence


def effects(
    shares: PoolShares, *, host: str, rows: Mapping[str, str]
) -> tuple[dict[str, Effect], int]:
    """What sharing adds to each position, by the row that it stands in; and what leaves them all.

    Before sharing the whole variance lies with the host. ``rows`` is the row of each partner,
    its own or its group's; a partner without one is outside the system's positions. What no rule
    covers stays with the host; where nothing is shared nothing moves. The effects add to the
    second figure with its sign turned: what others than these partners bear.
    """
    taken: Counter[str] = Counter()
    for partner, pence in (shares.shares or {}).items():
        if partner in rows:
            taken[rows[partner]] += pence
    hosted: Counter[str] = Counter()
    if host in rows and shares.shares is not None:
        hosted[rows[host]] += (shares.variance_pence or 0) - shares.uncovered_pence
    found = {row: Effect(taken[row], hosted[row]) for row in sorted({*taken, *hosted})}
    return found, -sum(effect.pence for effect in found.values())
