"""Risks of a year: the register's words, as they stand or stood, with the money beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from esbt.kit.money import words
from finance.figures.forecast import RiskItem, Stake
from finance.models import RiskMoney
from finance.queries.known import known_status
from schemes.models import (
    Change,
    Evidence,
    Risk,
    RiskRating,
    RiskStatus,
    RowVersion,
    Slice,
    System,
)


def risks_of(slice_: Slice, ceiling: int | None = None) -> list[RiskItem]:
    """Risks with money in the year, and while the year is open every open one: two queries.

    The gravest first, by score, then by word and by what is at stake; what nobody rated is last.
    With a ceiling all of it as it was known at that change: four or five queries more.
    """
    status = slice_.status if ceiling is None else known_status(slice_, None, ceiling)
    money = risk_money(slice_, ceiling)
    risks = _risks(slice_) if ceiling is None else _risks_at(slice_, ceiling)
    found = [
        risk_item(risk, money.get(risk.pk))
        for risk in risks
        if risk.pk in money or (risk.status == RiskStatus.OPEN and status == Slice.Status.OPEN)
    ]
    return sorted(found, key=_gravest)


def register_of(system: System, slice_: Slice | None) -> list[RiskItem]:
    """Every risk of a system, the gravest first, with its money in a year: two queries."""
    money = risk_money(slice_) if slice_ else {}
    found = Risk.objects.filter(system=system).select_related(*RELATED)
    return sorted((risk_item(risk, money.get(risk.pk)) for risk in found), key=_gravest)


def open_in(slice_: Slice, named: Collection[str] = ()) -> list[RiskItem]:
    """The open risks of a year, the gravest first: three queries.

    Those that state money in it, those that are ``named``, by their codes, as risks to what the
    year holds, and while the year is open those that state money in no year at all. What is at
    stake in another year alone is no risk of this one.
    """
    other = RiskMoney.objects.filter(risk__system=slice_.system_id).exclude(slice=slice_)
    elsewhere = set(other.values_list("risk", flat=True))
    money = risk_money(slice_)
    undated = slice_.status == Slice.Status.OPEN
    found = [
        risk_item(risk, money.get(risk.pk))
        for risk in _risks(slice_)
        if risk.pk in money or risk.code in named or (undated and risk.pk not in elsewhere)
    ]
    return sorted((risk for risk in found if risk.counts), key=_gravest)


def risk_money(
    slice_: Slice, ceiling: int | None = None, *, risk: Risk | None = None
) -> dict[int, RiskMoney]:
    """What stands for each risk of a year, or for one, by the risk's id: one query."""
    found = RiskMoney.objects.filter(slice=slice_)
    if ceiling is not None:
        found = found.filter(change__lte=ceiling)
    if risk is not None:
        found = found.filter(risk=risk)
    return {
        money.risk_id: money
        for money in found.select_related("evidence__source")
        .order_by("risk_id", "-change")
        .distinct("risk_id")
    }


def risk_item(risk: Risk, money: RiskMoney | None) -> RiskItem:
    """One risk, read with what it refers to (RELATED), with its money in a year."""
    return RiskItem(
        partner=risk.partner.code if risk.partner else "",
        partner_name=risk.partner.short_name if risk.partner else "",
        scheme=risk.scheme.code if risk.scheme else "",
        scheme_name=risk.scheme.name if risk.scheme else "",
        owner_name=risk.owner.short_name if risk.owner else "",
        pool=risk.pool.code if risk.pool else "",
        pool_name=risk.pool.name if risk.pool else "",
        workstream=risk.workstream.code if risk.workstream else "",
        workstream_name=risk.workstream.name if risk.workstream else "",
        stake=_stake(money),
        **{name: getattr(risk, name) for name in _SAID},
    )


@dataclass(frozen=True, slots=True)
class MoneyStep:
    """What somebody said that a risk puts at stake in a year."""

    at: datetime
    who: str
    year: str  # "2018/19"
    stake: Stake
    reason: str

    @property
    def words(self) -> str:
        """All of it in a sentence or two."""
        stake = self.stake
        if stake.pence is None:
            said = f"what is at stake in {self.year} is not stated."
        else:
            kind = {"gross": " gross", "net": " net"}.get(stake.stands_as, "")
            said = f"{words(stake.pence, 'gbp')}{kind} at stake in {self.year}"
            if stake.mitigation_pence is not None:
                said += f", mitigations worth {words(stake.mitigation_pence, 'gbp')}"
            said += "."
        return f"{said} {self.reason}".strip()


def money_steps(risk: Risk) -> list[MoneyStep]:
    """Everything that was ever said of a risk's money, in every year: two queries."""
    said = list(
        RiskMoney.objects.filter(risk=risk).select_related("slice__year", "actor", "evidence")
    )
    at = {
        (slice_id, number): made
        for slice_id, number, made in Change.objects.filter(
            slice__in={item.slice_id for item in said}, number__in={item.change for item in said}
        ).values_list("slice", "number", "at")
    }
    return [
        MoneyStep(
            at[item.slice_id, item.change],
            str(item.actor) if item.actor else "Loaded from a data package",
            str(item.slice.year),
            _stake(item),
            item.reason,
        )
        for item in said
    ]


def _risks(slice_: Slice) -> Iterable[Risk]:
    return Risk.objects.filter(system=slice_.system_id).select_related(*RELATED)


def _risks_at(slice_: Slice, ceiling: int) -> Iterable[Risk]:
    """What the register said at a change; risks that came later are not there."""
    made = Change.objects.filter(slice=slice_, number=ceiling).values("at")
    own = Risk.objects.filter(system=slice_.system_id).values("pk")
    versions = (
        RowVersion.objects.filter(table="risk", row__in=own, at__lte=made)
        .order_by("row", "-at", "-pk")
        .distinct("row")
    )
    known = {field.attname for field in Risk._meta.concrete_fields}
    risks = [
        Risk(
            pk=version.row,
            **{name: value for name, value in version.values.items() if name in known},
        )
        for version in versions
    ]
    prefetch_related_objects(risks, *RELATED)
    return risks


_SAID = (
    "code", "name", "cause", "effect", "likelihood", "impact", "mitigation", "owner_role",
    "review", "status", "note", "rating",
)  # fmt: skip
RELATED = ("partner", "scheme", "owner", "pool", "workstream")
_WORDS = [str(word) for word in RiskRating]  # the gravest first


def _stake(money: RiskMoney | None) -> Stake:
    if money is None:
        return Stake()
    evidence = money.evidence
    marked = evidence is not None and evidence.state != Evidence.State.PRINTED
    return Stake(
        pence=money.pence,
        stands_as=money.stands_as,
        mitigation_pence=money.mitigation_pence,
        marks=(evidence.state,) if evidence and marked else (),
        working=evidence.working if evidence else "",
    )


def _gravest(item: RiskItem) -> tuple[Any, ...]:
    word = _WORDS.index(item.rating) if item.rating else len(_WORDS)
    return -(item.score or 0), word, -(item.stake.counted_pence or 0), item.code
