"""What risks put at stake in a year: written from a risk's page and from data packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Fault, Refused
from finance.models import RiskMoney, StandsAs
from schemes.models import Risk, Slice, User
from schemes.people.permissions import Permission, has_permission
from schemes.services.keeping import ask_about_twin, free_code, version_of
from schemes.services.risks import RiskSpec, may_keep, save_risks
from schemes.services.slices import NO_FIGURE, hold, hold_system, writing


@dataclass(frozen=True, kw_only=True)
class RiskMoneySpec:
    """What a risk puts at stake: positive pence, None where nobody states it."""

    risk: str
    pence: int | None
    stands_as: str
    mitigation_pence: int | None = None
    reason: str = ""
    evidence_id: int | None = None
    row: int | str | None = None


_VALUES = ("pence", "stands_as", "mitigation_pence", "reason", "evidence_id")


@dataclass(frozen=True, slots=True)
class Seen:
    """Which state of a risk somebody had before them; 0 is none yet."""

    version: int = 0  # of its words
    change: int = 0  # of its money in the year

    def __str__(self) -> str:
        return f"{self.version}-{self.change}"

    @classmethod
    def read(cls, text: str) -> Seen:
        """What a form carried; none yet for what is no such text, so that the save is refused."""
        version, _, change = text.partition("-")
        plain = all(p.isascii() and p.isdecimal() and len(p) < 19 for p in (version, change))
        return cls(int(version), int(change)) if plain else cls()


def seen_of(slice_: Slice, risk: Risk) -> Seen:
    """The state that a risk is in now: two queries."""
    money = RiskMoney.objects.filter(slice=slice_, risk=risk).order_by("-change").first()
    return Seen(version_of(risk), money.change if money else 0)


def save_risk_money(*, by: User | None, slice_id: int, specs: Sequence[RiskMoneySpec]) -> Count:
    """Say what risks put at stake in a year; what stands already adds nothing.

    A package that is loaded again says nothing over what people said after it. Raises Refused with
    a fault a row, with the code ``closed`` where the year is, and Http404 for a risk that is not
    one's own.
    """
    with writing(slice_id=slice_id, by=by, action="money of risks", from_month=NO_FIGURE) as write:
        risks = {
            risk.code: risk
            for risk in Risk.objects.filter(
                system=write.slice.system_id, code__in={spec.risk for spec in specs}
            ).select_related("partner")
        }
        faults = [fault for spec in specs for fault in _faults(spec, risks)]
        faults += _told_twice(specs)
        if faults:
            raise Refused(faults)
        _check_permission(by, write.slice, risks)
        said: dict[int, list[RiskMoney]] = {}
        for money in RiskMoney.objects.filter(slice=write.slice, risk__in=risks.values()).order_by(
            "change"
        ):
            said.setdefault(money.risk_id, []).append(money)
        count, made = Count(), []
        for spec in specs:
            risk = risks[spec.risk]
            before = said.get(risk.pk, [])
            if _stands(before, spec, by):
                count.unchanged += 1
                continue
            count += Count(updated=1) if before else Count(created=1)
            made.append((risk, spec))
        if made and write.slice.status != Slice.Status.OPEN:
            words = "The year is closed: what was at stake in it stays as it was said."
            raise Refused([Fault(words, "pence", row=spec.row) for _, spec in made], code="closed")
        RiskMoney.objects.bulk_create(
            RiskMoney(
                slice=write.slice,
                risk=risk,
                change=write.draw(),
                actor=by,
                **{name: getattr(spec, name) for name in _VALUES},
            )
            for risk, spec in made
        )
        return count


@transaction.atomic
def keep_risk(
    *,
    by: User,
    slice_: Slice,
    risk: RiskSpec,
    money: RiskMoneySpec,
    seen: Seen | None,
    confirmed: bool = False,
) -> str:
    """Save a risk and what it puts at stake in a year together; its code.

    ``seen`` is the state that its author had before them, None for a new risk, which gets a code
    after its name and, unless ``confirmed``, is asked about where one has that name already. Raises
    Conflict when somebody saved a newer state, Refused and Http404 as ``save_risks`` and
    ``save_risk_money`` do.
    """
    hold_system(slice_.system.code)
    hold(Q(system=slice_.system_id))  # a risk belongs to each of its years
    if seen is None:
        own = Risk.objects.filter(system=slice_.system_id)
        if not confirmed:
            ask_about_twin(own, risk.name)
        code = free_code(own, risk.name, "risk")
    else:
        code = risk.code
        _check_seen(slice_, code, seen)
    save_risks(by=by, specs=[replace(risk, code=code)])
    save_risk_money(by=by, slice_id=slice_.pk, specs=[replace(money, risk=code)])
    return code


def _check_seen(slice_: Slice, code: str, seen: Seen) -> None:
    risk = Risk.objects.filter(system=slice_.system_id, code=code).first()
    if risk is None:
        raise Http404
    if seen_of(slice_, risk) != seen:
        said = "Somebody saved a newer state of this risk since you opened it."
        raise Conflict([Fault(said)], [])


def _stands(before: Sequence[RiskMoney], spec: RiskMoneySpec, by: User | None) -> bool:
    """Whether that is said already; of a risk without money silence says nothing new."""
    if not before:
        return spec.pence is None
    last = [before[-1]]
    if by is None:
        last += [money for money in before if money.actor_id is None][-1:]
    return any(all(getattr(m, name) == getattr(spec, name) for name in _VALUES) for m in last)


def _faults(spec: RiskMoneySpec, risks: Mapping[str, Risk]) -> list[Fault]:
    found = []
    if spec.risk not in risks:
        found.append(("The system has no risk of this code. Add it, or mend this.", "risk"))
    if spec.stands_as not in StandsAs.values:
        found.append((f"Write one of {', '.join(StandsAs.values)}.", "stands_as"))
    for name in ("pence", "mitigation_pence"):
        amount = getattr(spec, name)
        if amount is not None and amount < 0:
            said = "What is at stake is a positive amount, though it would worsen the position."
            found.append((said, name))
    if spec.mitigation_pence is not None:
        if spec.pence is None:
            found.append(("Say what is at stake, which this would lessen.", "pence"))
        elif spec.stands_as == StandsAs.NOT_STATED:
            said = "Say whether the amount at stake is before these mitigations or after them."
            found.append((said, "stands_as"))
        elif spec.stands_as == StandsAs.GROSS and spec.mitigation_pence > spec.pence:
            said = "Mitigations cannot be worth more than the gross amount at stake."
            found.append((said, "mitigation_pence"))
    return [Fault(said, name, str(getattr(spec, name) or ""), spec.row) for said, name in found]


def _told_twice(specs: Sequence[RiskMoneySpec]) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for spec in specs:
        if spec.risk in seen:
            faults.append(Fault("This risk stands here twice.", "risk", spec.risk, spec.row))
        seen.add(spec.risk)
    return faults


def _check_permission(by: User | None, slice_: Slice, risks: Mapping[str, Risk]) -> None:
    if by is None or has_permission(by, Permission.LOAD_DATA):
        return
    if not all(may_keep(by, slice_.system, risk.partner) for risk in risks.values()):
        raise Http404
