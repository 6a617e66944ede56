"""The shares of a pool's variance as its statements take them."""

from __future__ import annotations

from finance.models.rollups import State
from finance.pool_account import Shares
from schemes.models import Pool, Slice


def shares_at(slice_: Slice, pool: Pool, *, state: State, month: int) -> Shares | None:
    """What the rules of the agreement make of the variance to a month; None where none applies."""
    return None
