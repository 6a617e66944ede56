"""What the rules of a pool's agreement make of its variance, for its page and its statements."""

from __future__ import annotations

from dataclasses import dataclass

from finance.models.rollups import State
from finance.pools.shares import PoolShares, Segment
from finance.queries.pool_lines import pool_years
from schemes.models import Pool, Slice


@dataclass(frozen=True, slots=True)
class Sharing:
    """The shares of a pool's variance to a month, or why there are none, in words."""

    shares: PoolShares | None  # with shares that are known
    why_not: tuple[str, ...] = ()

    @property
    def explanation(self) -> list[str]:
        """How the shares were worked out, a step a line, by the months of each rule."""
        if self.shares is None:
            return []
        return [text for segment in self.shares.segments for text in _steps(segment)]

    @property
    def triggers(self) -> list[str]:
        """When shares that are indicative become binding, as the agreement says it; each once."""
        rules = [segment.rule for segment in self.shares.segments] if self.shares else []
        said = [rule.trigger for rule in rules if rule and rule.trigger and not rule.binding]
        return list(dict.fromkeys(said))


def sharing_of(slice_: Slice, pool: Pool, *, state: State, month: int | None) -> Sharing:
    """The shares of a pool to a month: six queries at most."""
    if month is None:
        return Sharing(None, ("Nothing is reported yet, so there is no variance to share.",))
    found = pool_years(slice_, state=state, pool=pool.code)[0].shares(month)
    if found is None:
        return Sharing(None, ("The pool has no line of spend, so no variance to share.",))
    return Sharing(found if found.shares is not None else None, tuple(found.why_not))


def _steps(segment: Segment) -> list[str]:
    first, last = segment.first, segment.last
    months = f"Month {first}" if first == last else f"Months {first} to {last}"
    if segment.rule is None:
        return [f"{months}: no rule covers this, so that its variance stays with the host."]
    told = segment.shared.explanation if segment.shared else ()
    return [f"{months}, {segment.rule.name}: {text}" for text in told]
