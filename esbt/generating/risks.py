"""The risks of an illustrative system, and what they put at stake in each of its years."""

from __future__ import annotations

from dataclasses import dataclass

from esbt.generating.catalogue import BODIES
from finance.models import StandsAs
from finance.services import RiskMoneySpec, save_risk_money
from schemes.models import RiskStatus, Slice, System
from schemes.services.risks import RiskSpec, save_risks

THOUSAND = 100_000  # pence


@dataclass(frozen=True)
class _Idea:
    """A risk to be made; amounts are in thousands of pounds."""

    code: str
    name: str
    cause: str
    effect: str
    body: int | None  # index of the body whose it is; None for everybody's
    likelihood: int | None
    impact: int | None
    doing: str
    at_stake: int | None
    stands_as: StandsAs = StandsAs.GROSS
    mitigation: int | None = None
    status: RiskStatus = RiskStatus.OPEN


_IDEAS = (
    _Idea(
        "winter", "A hard winter", "More people fall ill than was planned for.",
        "Beds are opened that nobody budgeted.", 2, 4, 4,
        "Vaccination, and a ward that can open in two days.", 2_400, mitigation=900,
    ),
    _Idea(
        "placements", "Prices of placements", "Homes ask more than the inflation planned.",
        "Each new placement costs more.", 1, 4, 3, "Block contracts with four homes.", 1_300,
        mitigation=400,
    ),
    _Idea(
        "pay-award", "Pay award above the plan", "A national award that is funded in part.",
        "Pay is dearer from April on.", None, 3, 5, "", 3_000,
    ),
    _Idea(
        "drugs", "New medicines", "Medicines are approved sooner than assumed.",
        "Prescribing overspends.", 0, 3, 3, "A switching programme with practices.", 800,
        StandsAs.NET, 300,
    ),
    _Idea(
        "agency", "Agency nurses", "Posts stay vacant.", "Shifts are filled at agency rates.", 4,
        2, 4, "Recruitment abroad.", 600, StandsAs.NOT_STATED,
    ),
    _Idea(
        "cyber", "A failure of systems", "Old servers.", "Clinics are cancelled.", 3, None, None,
        "Servers are replaced by autumn.", None,
    ),
    _Idea(
        "estates", "Sale of a site falls through", "The buyer withdraws.",
        "The receipt comes a year later.", 3, 2, 3, "", 500, status=RiskStatus.CLOSED,
    ),
)  # fmt: skip


def save_risks_of(system: System) -> None:
    """Write the register of a system."""
    number = system.code.rpartition("-")[2]
    save_risks(
        by=None,
        specs=[
            RiskSpec(
                system=system.code,
                code=idea.code,
                name=idea.name,
                cause=idea.cause,
                effect=idea.effect,
                partner="" if idea.body is None else f"ill{number}-{BODIES[idea.body][0]}",
                likelihood=idea.likelihood,
                impact=idea.impact,
                mitigation=idea.doing,
                owner_role="Director of finance" if idea.doing else "",
                status=idea.status,
            )
            for idea in _IDEAS
        ],
    )


def save_money_of(slice_: Slice) -> None:
    """Say what each risk puts at stake in a year."""
    save_risk_money(
        by=None,
        slice_id=slice_.pk,
        specs=[
            RiskMoneySpec(
                risk=idea.code,
                pence=idea.at_stake * THOUSAND,
                stands_as=idea.stands_as,
                mitigation_pence=None if idea.mitigation is None else idea.mitigation * THOUSAND,
            )
            for idea in _IDEAS
            if idea.at_stake is not None
        ],
    )
