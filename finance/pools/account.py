"""A pool's account at the end of a quarter or year, for the pool and for each partner.

Pure: rows in, an account out. Pence; an amount that is not known is None, and so is every sum that
it is part of. Variances and shares are favourable-positive: an overspend is negative.

    closing balance = opening balance + contributions - spend
    variance = shares of the partners + borne by the risk pool + carried forward
             + not shared (no rule covers it: it stays with the host) + outside the share
    still to pay by a partner = its contributions due - its share - its contributions paid

so that, once everybody has paid, the pool holds its opening balance, what contributions were
planned beyond spend, and what of the variance no partner bears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from finance.models.lines import Kind
from finance.pools.shares import PoolShares


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A contribution, or spend, of one line to the end of the period."""

    kind: str
    partner: str  # who pays it, or who runs the service
    plan_pence: int | None
    actual_pence: int | None
    outside: bool = False  # ring-fenced or capital: its variance is never shared


@dataclass(frozen=True, slots=True)
class PartnerAccount:
    """One partner's memorandum account."""

    code: str
    name: str
    host: bool
    due_pence: int | None  # its contributions as planned to date
    paid_pence: int | None
    spend_plan_pence: int | None  # on services that it runs
    spend_pence: int | None
    share_pence: int | None  # None: no share can be shown
    to_pay_pence: int | None  # below nought: to receive
    effect_pence: int | None  # of sharing on its position; None: no host is stated

    @property
    def variance_pence(self) -> int | None:
        """The variance of the services that it runs."""
        return _less(self.spend_plan_pence, self.spend_pence)


@dataclass(frozen=True, slots=True)
class PoolAccount:
    """The pool's own account, and its partners'."""

    opening_pence: int | None
    due_pence: int | None
    contributions_pence: int | None
    spend_plan_pence: int | None
    spend_pence: int | None
    outside_pence: int | None  # of the variance, what is never shared
    shares: PoolShares | None  # with shares that are known
    partners: Sequence[PartnerAccount] = field(default_factory=tuple)

    @property
    def movement_pence(self) -> int | None:
        """What came in beyond what went out."""
        return _less(self.contributions_pence, self.spend_pence)

    @property
    def closing_pence(self) -> int | None:
        """What the pool holds at the end; carried forward into the next year."""
        return _plus(self.opening_pence, self.movement_pence)

    @property
    def variance_pence(self) -> int | None:
        """Of spend against its plan, everything in the pool."""
        return _less(self.spend_plan_pence, self.spend_pence)

    @property
    def unshared_pence(self) -> int | None:
        """What of the variance no rule covers: it stays with the host."""
        within = _less(self.variance_pence, self.outside_pence)
        return _less(within, shared_pence(self.shares)) if self.shares else within

    @property
    def to_pay_pence(self) -> int | None:
        """What partners have still to pay, less what they are to receive."""
        return _whole(partner.to_pay_pence for partner in self.partners)

    @property
    def settled_pence(self) -> int | None:
        """What the pool holds once everybody has paid and received."""
        return _plus(self.closing_pence, self.to_pay_pence)


def pool_account(
    rows: Sequence[AccountLine],
    *,
    partners: Mapping[str, str],
    host: str,
    opening_pence: int | None,
    shares: PoolShares | None,
) -> PoolAccount:
    """Make the account. ``partners`` are names by code; ``host`` is a code, or "" for none.

    ``shares`` is None where the variance cannot be shared.
    """
    taken = (shares.shares if shares else None) or {}
    given = [row for row in rows if row.kind == Kind.CONTRIBUTION]
    spent = [row for row in rows if row.kind == Kind.POOL_SPEND]
    apart = [row for row in spent if row.outside]
    made = []
    for code, name in partners.items():
        own_given = [row for row in given if row.partner == code]
        own_spent = [row for row in spent if row.partner == code]
        due, paid = _planned(own_given), _actual(own_given)
        share = taken.get(code, 0) if shares else None
        effect = share if host else None  # else nobody is known with whom the variance lies
        if shares and code == host:
            effect = (share or 0) - shared_pence(shares)
        made.append(
            PartnerAccount(
                code=code,
                name=name,
                host=code == host,
                due_pence=due,
                paid_pence=paid,
                spend_plan_pence=_planned(own_spent),
                spend_pence=_actual(own_spent),
                share_pence=share,
                to_pay_pence=_less(_less(due, paid), share or 0),
                effect_pence=effect,
            )
        )
    return PoolAccount(
        opening_pence=opening_pence,
        due_pence=_planned(given),
        contributions_pence=_actual(given),
        spend_plan_pence=_planned(spent),
        spend_pence=_actual(spent),
        outside_pence=_less(_planned(apart), _actual(apart)),
        shares=shares,
        partners=tuple(made),
    )


def shared_pence(shares: PoolShares) -> int:
    """The variance that rules share out: to partners, the risk pool and the next year."""
    taken = sum((shares.shares or {}).values())
    return taken + shares.risk_pool_pence + shares.carried_forward_pence


def _planned(rows: Iterable[AccountLine]) -> int | None:
    return _whole(row.plan_pence for row in rows)


def _actual(rows: Iterable[AccountLine]) -> int | None:
    return _whole(row.actual_pence for row in rows)


def _whole(amounts: Iterable[int | None]) -> int | None:
    """The sum; None where any part of it is not known."""
    held = list(amounts)
    return None if None in held else sum(amount or 0 for amount in held)


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
