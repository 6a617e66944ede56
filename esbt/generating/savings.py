"""The savings of an illustrative year: their lines, amounts, ratings and double counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from esbt.generating.catalogue import BODIES
from finance.figures.savings import SavingFigures
from finance.figures.status import judge
from finance.models.lines import SavingType
from finance.services import ClaimSpec, RatingSpec, rate_schemes, settle_claim
from schemes.models import Slice, Stage
from schemes.services.plan import SchemeSpec

PENCE = 100
# Of the savings of a system in order, body by body: each pair is one saving that two partners
# count, the one as a tariff that it no longer pays, the other as a ward's cost that it no longer
# has. The first pair is left open.
PAIRS = ((0, 2), (5, 6))
UNIDENTIFIED = 2
_TYPES = (
    SavingType.CASH_RELEASING,
    SavingType.CASH_RELEASING,
    SavingType.COST_AVOIDANCE,
    SavingType.CASH_RELEASING,
    SavingType.INCOME,
    SavingType.CASH_RELEASING,
    SavingType.CASH_RELEASING,
    SavingType.RESERVE_SUBSTITUTION,
    SavingType.TECHNICAL,
)
# how much of its plan a scheme saves in a month of the present year, by its stage
_PACE = {
    Stage.OPPORTUNITY: 0.0,
    Stage.PLANNING: 0.35,
    Stage.DEVELOPED: 0.75,
    Stage.DELIVERING: 0.95,
    Stage.DELIVERED: 1.1,
    Stage.STOPPED: 0.9,
}
_LAST_MONTH_OF_STOPPED = 3


@dataclass(frozen=True)
class SavingLine:
    """What the savings lines of a system have beside a partner; ``scheme`` is blank for a gap."""

    name: str
    scheme: str
    stage: str
    type: str
    recurrent: bool | None
    baseline: str
    counterparty: int | None = None  # index of a body


def saving_lines(count: int, leaves: Sequence[SchemeSpec]) -> list[SavingLine]:
    """So many savings, dealt out to the schemes that carry lines.

    The last two are on no scheme yet, where there are enough of them.
    """
    carried = count - UNIDENTIFIED if count >= len(BODIES) else count
    other = {
        index: (leaves[number % len(leaves)], pair[1 - side] % len(BODIES))
        for number, pair in enumerate(PAIRS)
        if max(pair) < carried
        for side, index in enumerate(pair)
    }
    made: list[SavingLine] = []
    times: dict[tuple[str, int], int] = {}
    for index in range(count):
        if index >= carried:
            made.append(SavingLine("Unidentified savings", "", "", "", None, ""))
            continue
        scheme, counterparty = other.get(index, (leaves[index % len(leaves)], None))
        place = (scheme.code, index % len(BODIES))
        times[place] = times.get(place, 0) + 1
        again = f" {times[place]}" if times[place] > 1 else ""
        made.append(
            SavingLine(
                name=f"{scheme.name}: {BODIES[place[1]][1]}{again}",
                scheme=scheme.code,
                stage=scheme.stage,
                type=_TYPES[index % len(_TYPES)],
                recurrent=None if index % 7 == 6 else index % 3 > 0,
                baseline="Spend of the year before, at this year's prices",
                counterparty=counterparty,
            )
        )
    return made


@dataclass(frozen=True)
class PlanParts:
    """What a saving's net amount for the year is made of, and what it saves in a whole year."""

    gross_pence: int | None = None
    investment_pence: int | None = None
    full_year_effect_pence: int | None = None


def plan_parts(line: SavingLine, index: int, net_pence: int) -> PlanParts:
    """Gross and investment for two in three, the full-year effect for recurrent ones."""
    if not line.scheme:
        return PlanParts()
    whole = 1000 * PENCE
    investment = None if index % 3 == 2 else net_pence * (index % 5) // 20 // whole * whole
    return PlanParts(
        gross_pence=None if investment is None else net_pence + investment,
        investment_pence=investment,
        full_year_effect_pence=net_pence * 4 // 3 // whole * whole if line.recurrent else None,
    )


def deliver(
    lines: Sequence[SavingLine], plan: np.ndarray, noise: np.ndarray, *, present: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Saved to date and forecast for the year in each month, lines x 12, in pence.

    In the present year a stage sets the pace; of a year that is past all schemes ran. Where
    nobody has found the saving nothing is saved, and less is hoped for as the months go by.
    """
    pace = np.array(
        [0.0 if not line.scheme else _PACE[Stage(line.stage)] if present else 0.9 for line in lines]
    )[:, None]
    in_month = np.maximum(0, plan * pace * (1 + noise * (pace > 0)))
    stopped = np.array([present and line.stage == Stage.STOPPED for line in lines], dtype=bool)
    in_month[stopped, _LAST_MONTH_OF_STOPPED:] = 0
    actual = _in_whole(in_month, 100).cumsum(axis=1)
    left = plan.sum(axis=1)[:, None] - plan.cumsum(axis=1)
    ahead = left * np.clip(pace + 0.15, 0, 1.05)
    ahead[stopped, _LAST_MONTH_OF_STOPPED:] = 0
    return actual, actual + _in_whole(ahead, 1000)


def _in_whole(pence: np.ndarray, pounds: int) -> np.ndarray:
    """Amounts in so many whole pounds, as pence."""
    unit = pounds * PENCE
    return np.rint(pence / unit).astype(np.int64) * unit


@dataclass(frozen=True)
class Reported:
    """Savings as they were reported: plan, actual and forecast, lines x 12, in pence.

    ``known`` says in which months a line was.
    """

    lines: Sequence[SavingLine]
    plan: np.ndarray
    actual: np.ndarray
    forecast: np.ndarray
    known: np.ndarray


def rate(slice_: Slice, schemes: Sequence[SchemeSpec], savings: Reported, months: int) -> None:
    """The leads' ratings in each month, mostly as the rule has it."""
    own: dict[str, list[int]] = {}
    parents = {scheme.code: scheme.parent for scheme in schemes}
    for index, line in enumerate(savings.lines):
        if line.scheme:
            own.setdefault(line.scheme, []).append(index)
            if parent := parents.get(line.scheme):
                own.setdefault(parent, []).append(index)
    specs = []
    for n, scheme in enumerate(schemes):
        if scheme.code not in own:
            continue
        for month in range(1, months + 1):
            rule = judge(_figures(savings, own[scheme.code], month), "scheme").status
            if rule:
                rating, reason = _of_lead(rule, n, month)
                specs.append(
                    RatingSpec(scheme=scheme.code, month=month, rating=rating, reason=reason)
                )
    if specs:
        rate_schemes(by=None, slice_id=slice_.pk, specs=specs)


def _of_lead(rule: str, n: int, month: int) -> tuple[str, str]:
    """What a lead says where the rule says so much; here and there something else, and why."""
    if n % 4 == 3 and month > 2 and rule != "green":
        better = "amber" if rule == "red" else "green"
        return better, "A recovery plan is agreed and the delay will be made up."
    if n % 6 == 5 and rule == "green":
        return "amber", "On plan so far, but two posts are vacant."
    return rule, "" if rule == "green" else "Recruitment is behind what was planned."


def _figures(savings: Reported, indexes: list[int], month: int) -> SavingFigures:
    """A scheme's figures at a month, as the rollups would give them: each line's last forecast."""
    at = month - 1
    told = [index for index in indexes if savings.known[index, at]]
    ahead = [index for index in indexes if savings.known[index, :month].any()]
    if not ahead:
        return SavingFigures()
    last = [at if savings.known[index, at] else at - 1 for index in ahead]
    to_date = int(savings.plan[told, :month].sum())
    return SavingFigures(
        plan_pence=int(savings.plan[indexes].sum()),
        compared_plan_pence=to_date if told else None,
        variance_pence=int(savings.actual[told, at].sum()) - to_date if told else None,
        forecast_variance_pence=int(
            savings.forecast[ahead, last].sum() - savings.plan[ahead].sum()
        ),
    )


def settle(slice_: Slice, codes: Sequence[str]) -> None:
    """Settle the second pair of savings that two partners count; the first one stays open."""
    one, other = PAIRS[1]
    if other < len(codes) - UNIDENTIFIED:
        settle_claim(
            by=None,
            slice_id=slice_.pk,
            spec=ClaimSpec(
                one=codes[one],
                other=codes[other],
                settlement="one",
                reason="One saving: the board's tariff falls by what the council no longer buys.",
            ),
        )
