"""What an illustrative year has beside its many lines: a few agreements between partners, reserves,
capital and cash, a second version of the plan, virements, and causes of variances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from esbt.generating.savings import PENCE
from finance.models import Cause, Plan
from finance.models.lines import SENSE, Kind
from finance.services import (
    CauseSpec,
    LineSpec,
    PlanEntry,
    VirementSpec,
    copy_outturns,
    copy_plan,
    explain_variance,
    propose_virement,
    record_plan,
    save_lines,
    settle_virement,
)
from schemes.models import Slice

MONTHS = 12
THOUSAND = 1000 * PENCE


@dataclass(frozen=True)
class _Line:
    """A line of a body, in thousands a month; an agreement names its other end and its leg."""

    code: str
    name: str
    body: str
    kind: str
    planned: int
    real: int
    other: str = ""
    leg: str = ""


_LINES = (
    _Line(
        "acute-from-icb",
        "Diagnostics for the board",
        "acute",
        Kind.INCOME,
        200,
        205,
        "icb",
        "icb-to-acute",
    ),
    _Line("icb-to-acute", "Diagnostics at the hospitals", "icb", Kind.SPEND, 200, 205, "acute"),
    _Line(
        "community-from-council",
        "Reablement for the council",
        "community",
        Kind.INCOME,
        90,
        100,
        "council",
        "council-to-community",
    ),
    _Line(
        "council-to-community",
        "Reablement by the trust",
        "council",
        Kind.SPEND,
        90,
        92,
        "community",
    ),
    _Line("mental-health-from-icb", "Crisis line", "mental-health", Kind.INCOME, 40, 40, "icb"),
    _Line(
        "icb-winter",
        "Winter money passed on",
        "icb",
        Kind.TRANSFER,
        -50,
        -50,
        "acute",
        "acute-winter",
    ),
    _Line("acute-winter", "Winter money received", "acute", Kind.TRANSFER, 50, 50, "icb"),
    _Line("icb-contingency", "Contingency", "icb", Kind.RESERVE, 375, 250),
    _Line("council-reserve", "Reserve for adult social care", "council", Kind.RESERVE, 80, 80),
    _Line("acute-wards", "Wards rebuilt", "acute", Kind.CAPITAL, 600, 540),
    _Line("council-homes", "Adapted homes", "council", Kind.CAPITAL, 150, 165),
    _Line("acute-cash", "Cash at the bank", "acute", Kind.CASH, 30, 22),
)
_ONCE = ("community", "mental-health")  # bodies whose agreements are for one year
_HEADING: dict[str, str] = {Kind.INCOME: "contract-income", Kind.SPEND: "non-pay"}
_LATE = "council"  # in the month under way it has yet to report

_CAUSES = {
    "pay": (Cause.PAY, "Agency staff for shifts that nobody fills"),
    "drugs": (Cause.PRESCRIBING, "Drugs for which no cheaper stock could be had"),
    "continuing-healthcare": (Cause.ACTIVITY, "More people than planned"),
    "residential-care": (Cause.PRICE, "Fees of homes above those agreed"),
    "allocation": (Cause.FUNDING, "A grant that came in smaller than promised"),
    "contract-income": (Cause.ACTIVITY, "Less work than contracted"),
    "fees-and-charges": (Cause.TIMING, "Charges that are billed a month later"),
}
_OTHERWISE = (Cause.ONE_OFF, "Work that comes once")
_FAVOURABLE = {
    Kind.INCOME: (Cause.ACTIVITY, "More work than contracted"),
    Kind.SPEND: (Cause.TIMING, "Posts and work that start later than planned"),
}
_REVISED = "revised"  # the version in which money moves: the original plan stays


def save_beside(slice_: Slice, reported: int, today: date, plan: Plan) -> None:
    """The lines beside, with their plan and the months that lie behind us."""
    number = slice_.system.code.rpartition("-")[2]
    save_lines(
        by=None,
        slice_id=slice_.pk,
        specs=[
            LineSpec(
                code=line.code,
                name=line.name,
                partner=f"ill{number}-{line.body}",
                kind=line.kind,
                counterparty=f"ill{number}-{line.other}" if line.other else "",
                counter_line=line.leg,
                recurrent=line.body not in _ONCE,
                heading=_HEADING.get(line.kind, ""),
            )
            for line in _LINES
        ],
    )
    record_plan(
        by=None,
        slice_id=slice_.pk,
        plan=plan,
        entries=[
            PlanEntry(
                line=line.code,
                full_year_pence=MONTHS * line.planned * THOUSAND,
                months=[line.planned * THOUSAND] * MONTHS,
            )
            for line in _LINES
        ],
    )
    copy_outturns(
        by=None,
        slice_id=slice_.pk,
        rows=[
            (
                line.code,
                month,
                month * line.real * THOUSAND,
                MONTHS * (line.planned + line.real) // 2 * THOUSAND,
            )
            for line in _LINES
            for month in range(1, reported + 1)
            if not (line.body == _LATE and month == reported < MONTHS)
        ],
        today=today,
    )


def revise(slice_: Slice, plan: Plan, specs: Sequence[LineSpec], months: np.ndarray) -> None:
    """A second version of the plan: every tenth line of spend a hundredth dearer."""
    revised = copy_plan(
        by=None,
        slice_id=slice_.pk,
        plan=plan,
        code=_REVISED,
        name="Revised plan",
        reason="Prices and pay looked at again in the summer",
    )
    spend = [n for n, spec in enumerate(specs) if spec.kind == Kind.SPEND][::10]
    record_plan(
        by=None,
        slice_id=slice_.pk,
        plan=revised,
        entries=[
            PlanEntry(line=specs[n].code, full_year_pence=sum(row), months=row)
            for n in spend
            if (row := (months[n] * 101 // 100).tolist())
        ],
        reason="A pay award above the one that was planned",
    )


def move_money(slice_: Slice, specs: Sequence[LineSpec]) -> None:
    """A virement of each state, between lines of spend of the hospitals and the board."""
    for body, amount, reason, decision in (
        ("acute", 120, "Shifts that our own people fill again", "approved"),
        ("acute", 75, "More theatre sessions", ""),
        ("icb", 900, "Homes instead of packages at home", "rejected"),
    ):
        lines = [
            spec.code
            for spec in specs
            if spec.kind == Kind.SPEND and spec.partner.endswith(f"-{body}")
        ]
        made = propose_virement(
            by=None,
            slice_id=slice_.pk,
            spec=VirementSpec(
                plan=_REVISED,
                giving=lines[0],
                receiving=lines[1],
                pence=amount * THOUSAND,
                reason=reason,
            ),
        )
        if decision:
            why = "It waits for the next plan" if decision == "rejected" else ""
            settle_virement(
                by=None,
                slice_id=slice_.pk,
                virement_id=made.pk,
                decision=decision,
                reason=why,
            )


def explain(
    slice_: Slice,
    specs: Sequence[LineSpec],
    months: np.ndarray,
    actual: np.ndarray,
    known: np.ndarray,
    reported: int,
) -> None:
    """What each body's four largest variances the way of its whole are due to, in large part."""
    plan = months.cumsum(axis=1)
    said = []
    for month in range(max(1, reported - 1), reported + 1):
        largest: dict[str, list[tuple[int, int]]] = {}
        for n, spec in enumerate(specs):
            if spec.kind in (Kind.INCOME, Kind.SPEND) and known[n, month - 1]:
                variance = SENSE[spec.kind] * int(actual[n, month - 1] - plan[n, month - 1])
                largest.setdefault(spec.partner, []).append((variance, n))
        for own in largest.values():
            way = 1 if sum(variance for variance, _ in own) > 0 else -1
            own.sort(key=lambda pair: -way * pair[0])
            for place, (variance, n) in enumerate(own[:4]):
                cause, words = (
                    _CAUSES.get(specs[n].heading, _OTHERWISE)
                    if variance < 0
                    else _FAVOURABLE[Kind(specs[n].kind)]
                )
                amount = abs(variance) * 4 // 5 // THOUSAND * THOUSAND
                said.append(
                    CauseSpec(
                        line=specs[n].code,
                        month=month,
                        cause=cause,
                        words=words,
                        pence=None if place == 3 else amount if variance > 0 else -amount,
                    )
                )
    explain_variance(by=None, slice_id=slice_.pk, specs=said)
