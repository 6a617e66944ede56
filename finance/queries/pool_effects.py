"""What sharing pools' variances does to the positions of a system in a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from esbt.kit.words import in_a_list
from finance.figures.position import AfterShare, Position, PositionRow, PositionShare
from finance.models.rollups import State
from finance.pools.shares import PoolShares, effects
from finance.queries.pool_lines import PoolYear, pool_years
from schemes.models import GroupMember, Slice


def position_share(
    slice_: Slice, found: Position, *, state: State, pool: str = ""
) -> PositionShare | None:
    """Share the pools of a year, or one of them, to the position's month; None without a rule.

    One query in a system without pools, else seven.
    """
    if not found.month:
        return None
    pools = pool_years(slice_, state=state, pool=pool)
    years = [year for year in pools if not year.is_aligned and (year.rules or year.bad_rules)]
    if not years:
        return None
    shared = [(year, year.shares(found.month)) for year in years]
    why_not = [words for year, shares in shared for words in _why_not(year, shares, found.month)]
    named = [(year.pool.code, year.pool.name) for year in years]
    if why_not:
        return PositionShare("not shared", named, (), None, 0, why_not, ())
    placed = rows_of(found)
    added: Counter[str] = Counter()
    left = 0
    standings: set[str] = set()
    for year, shares in shared:
        if shares is None:
            continue
        own, beyond = effects(shares, host=year.host, rows=placed)
        added.update({row: effect.pence for row, effect in own.items()})
        left += beyond
        standings.add(shares.standing)
    rows = [_after(row, added[row.partner]) for row in found.rows]
    known = [row.partner for row in found.rows if row.ytd_actual_pence is not None]
    silent = [row for row in found.rows if added[row.partner] and row.partner not in known]
    return PositionShare(
        standing=standings.pop() if len(standings) == 1 else "partly binding",
        pools=named,
        rows=rows,
        total=_after(found.total, sum(added[partner] for partner in known)),
        left_pence=left,
        why_not=(),
        notes=[
            *(words for year, _ in shared for words in _notes(year, placed)),
            *(
                f"{row.name} states no position for the month, so its part is in no total here."
                for row in silent
            ),
        ],
    )


def _why_not(year: PoolYear, shares: PoolShares | None, month: int) -> list[str]:
    """What keeps one pool from being shared at a month, in words."""
    if said := no_position(year):
        return said
    if shares is None:
        return [f"No spend of {year.pool.name} has been reported for month {month}."]
    return [f"{year.pool.name}: {words}" for words in shares.why_not]


def no_position(year: PoolYear) -> list[str]:
    """Why positions after sharing a pool cannot be given, whatever is reported; else nothing."""
    name = year.pool.name
    if year.is_aligned:
        return list(year.bad_rules)
    if not year.host:
        return [f"No host of {name} is stated, with whom its variance would lie before sharing."]
    return []


def _notes(year: PoolYear, placed: Mapping[str, str]) -> list[str]:
    notes = []
    if year.host_proposed:
        notes.append(f"{year.members[year.host]} is proposed as host of {year.pool.name}.")
    outside = [name for code, name in year.members.items() if code not in placed]
    if outside:
        notes.append(
            f"{in_a_list(outside)} in {year.pool.name} "
            f"{'has' if len(outside) == 1 else 'have'} no position here, so what they bear leaves "
            "the system's total."
        )
    return notes


def rows_of(found: Position) -> dict[str, str]:
    """The row of the position that each partner stands in, its own or its group's: one query."""
    own = {row.partner: row.partner for row in found.rows}
    grouped = {
        member: group
        for group, member in GroupMember.objects.filter(group__code__in=own).values_list(
            "group__code", "member__code"
        )
    }
    return grouped | own


def pool_effects(
    slice_: Slice, found: Position, *, host: str, shares: PoolShares
) -> list[AfterShare]:
    """The positions that sharing one pool moves, before and after: one query."""
    own, _ = effects(shares, host=host, rows=rows_of(found))
    return [_after(row, own[row.partner].pence) for row in found.rows if row.partner in own]


def _after(row: PositionRow, effect: int) -> AfterShare:
    def moved(pence: int | None) -> int | None:
        return None if pence is None else pence + effect

    return AfterShare(
        partner=row.partner,
        name=row.name,
        before_pence=row.ytd_actual_pence,
        effect_pence=effect,
        after_pence=moved(row.ytd_actual_pence),
        before_variance_pence=row.variance_pence,
        after_variance_pence=moved(row.variance_pence),
    )
