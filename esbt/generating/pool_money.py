"""What the pools of an illustrative system hold: contributions, spend, outturns, stated amounts.

The fund overspends: prices of home care above all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from esbt.generating.fund import ALIGNED, FUND, PLAN
from esbt.generating.savings import PENCE
from finance.models import Plan
from finance.models.lines import Calendar, Kind
from finance.services import (
    LineSpec,
    PlanEntry,
    PoolAmountSpec,
    PoolLineSpec,
    copy_outturns,
    record_plan,
    save_lines,
    save_pool_amounts,
    save_pool_lines,
)
from schemes.models import FundPlan, Slice

MONTHS = 12
THOUSAND = 1000 * PENCE
_LATE = "council"  # in the month under way it has yet to report
_OPENING = 420  # thousands, in the first year of the fund's plan
_REQUIRED = ("nhs-minimum", "council-grant", "disabled-facilities")


@dataclass(frozen=True)
class _Line:
    """A line of a pool, in thousands a month; a contribution has a source, spend a heading."""

    code: str
    name: str
    body: str
    planned: int
    real: int
    source: str = ""
    heading: str = ""
    sector: str = ""
    quarterly: bool = False
    ring_fenced: bool = False
    capital: bool = False
    pool: str = FUND

    @property
    def kind(self) -> Kind:
        """Contribution or spend."""
        return Kind.CONTRIBUTION if self.source else Kind.POOL_SPEND

    @property
    def reports(self) -> range:
        """The months in which it is reported."""
        return range(3, MONTHS + 1, 3) if self.quarterly else range(1, MONTHS + 1)


_LINES = (
    _Line("fund-icb-minimum", "Minimum contribution", "icb", 4000, 4000, "nhs-minimum"),
    _Line("fund-icb-more", "Additional contribution", "icb", 500, 500, "nhs-additional"),
    _Line("fund-council-grant", "Better Care grant", "council", 1000, 1000, "council-grant"),
    _Line(
        "fund-council-more", "Additional contribution", "council", 700, 700, "council-additional"
    ),
    _Line(
        "fund-council-facilities", "Disabled Facilities Grant", "council", 300, 300,
        "disabled-facilities", capital=True,
    ),
    _Line("fund-community-more", "Contribution of the trust", "community", 100, 100, "other"),
    _Line(
        "fund-reablement", "Reablement at home", "community", 1500, 1560,
        heading="reablement", sector="community",
    ),
    _Line(
        "fund-home-care", "Home care", "council", 2200, 2330, heading="home-care", sector="private"
    ),
    _Line(
        "fund-discharge", "Beds after hospital", "icb", 900, 930,
        heading="discharge", sector="acute", quarterly=True,
    ),
    _Line(
        "fund-dementia", "Dementia teams", "icb", 600, 590,
        heading="dementia", sector="mental-health",
    ),
    _Line(
        "fund-carers", "Support of carers", "council", 400, 400,
        heading="carers", sector="voluntary", quarterly=True,
    ),
    _Line(
        "fund-equipment", "Community equipment", "council", 700, 760,
        heading="equipment", sector="private", ring_fenced=True,
    ),
    _Line(
        "fund-adaptations", "Adaptations of homes", "council", 300, 280,
        heading="adaptations", sector="housing", capital=True,
    ),
    _Line("aligned-icb", "Aligned by the board", "icb", 800, 800, "other", pool=ALIGNED),
    _Line(
        "aligned-council", "Aligned by the council", "council", 1200, 1200, "other", pool=ALIGNED
    ),
    _Line(
        "aligned-living", "Supported living", "council", 2000, 2040,
        sector="voluntary", pool=ALIGNED,
    ),
)  # fmt: skip


def save_pool_money(slice_: Slice, reported: int, today: date, plan: Plan) -> None:
    """The lines of the pools in a year, with their plan and the months that lie behind us."""
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
                pool=line.pool,
                recurrent=True,
                calendar=Calendar.QUARTERLY if line.quarterly else Calendar.MONTHLY,
            )
            for line in _LINES
        ],
    )
    save_pool_lines(
        by=None,
        slice_id=slice_.pk,
        specs=[
            PoolLineSpec(
                line=line.code,
                income_source=line.source,
                heading=f"{PLAN}/{line.heading}" if line.heading else "",
                provider_sector=line.sector,
                capital=line.capital,
                ring_fenced=line.ring_fenced,
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
                _forecast(line, month) * THOUSAND,
            )
            for line in _LINES
            for month in line.reports
            if month <= reported and not (line.body == _LATE and month == reported < MONTHS)
        ],
        today=today,
    )
    _state_amounts(slice_)


def _forecast(line: _Line, month: int) -> int:
    """Thousands for the year, as said in a month: at its end the forecast is the actual."""
    return MONTHS * line.real if month == MONTHS else MONTHS * (line.planned + line.real) // 2


def _state_amounts(slice_: Slice) -> None:
    """The minimum and the agreed value of the fund, and what it began with."""
    put_in = {line.source: line.planned for line in _LINES if line.pool == FUND and line.source}
    stated = [
        ("minimum", "Minimum required", MONTHS * sum(put_in[source] for source in _REQUIRED)),
        ("agreed", "Agreed by the partners", MONTHS * sum(put_in.values())),
    ]
    if FundPlan.objects.get(system=slice_.system).first_year_id == slice_.year_id:
        stated.append(("opening", "Opening balance", _OPENING))
    save_pool_amounts(
        by=None,
        slice_id=slice_.pk,
        specs=[
            PoolAmountSpec(
                pool=FUND,
                code=measure,
                name=name,
                measure=measure,
                pence=thousands * THOUSAND,
                status="agreed" if measure == "agreed" else "",
            )
            for measure, name, thousands in stated
        ],
    )
