"""A pooled fund of three partners, as the tests of pools share it.

Moor hosts and pays £600,000, Hill £300,000, Dale £100,000; Moor's home care is planned at £600,000
and Hill's nursing at £400,000. All of it is reported every quarter.
"""

from dataclasses import dataclass

from finance.models import Line
from finance.rollups import recompute
from finance.services import (
    PoolAmountSpec,
    PoolLineSpec,
    close_month,
    save_pool_amounts,
    save_pool_lines,
)
from schemes.models import Evidence, Pool, Slice, Source
from tests.factories import Valley, a_line, a_plan, a_pool, approve, report
from tests.money import pounds

CONTRIBUTIONS = {"moor": "600_000", "hill": "300_000", "dale": "100_000"}
SPEND = {"moor": "600_000", "hill": "400_000"}
# to the end of each quarter; the account of it is followed in test_pool_account.py
ACTUALS = {
    "moor-pool-spend": ("155_000", "310_000", "465_000", "640_000"),
    "hill-pool-spend": ("105_000", "210_000", "315_000", "420_000"),
}


@dataclass
class Fund:
    """The fund and its lines by code."""

    pool: Pool
    slice: Slice
    lines: dict[str, Line]

    def report(self, quarter: int) -> None:
        """What every line states at a quarter's end; contributions as planned."""
        for partner, year in CONTRIBUTIONS.items():
            paid = str(int(year.replace("_", "")) * quarter // 4)
            report(self.lines[f"{partner}-contribution"], 3 * quarter, paid)
        for code, amounts in ACTUALS.items():
            report(self.lines[code], 3 * quarter, amounts[quarter - 1], amounts[-1])

    def close(self, quarter: int) -> None:
        """Approve and close the quarter's last month."""
        approve(self.slice, 3 * quarter, *{line.partner for line in self.lines.values()})
        close_month(by=None, slice_id=self.slice.pk, month=3 * quarter, reason="So")
        recompute(self.slice.pk)


def quarterly(year: str) -> list[int]:
    """A year's amount in the last month of each quarter."""
    return [0, 0, pounds(year) // 4] * 4


def a_fund(valley: Valley, slice_: Slice | None = None) -> Fund:
    """The fund in the valley's year, planned and not reported yet."""
    slice_ = slice_ or valley.slice
    partners = {"moor": valley.moor, "hill": valley.hill, "dale": valley.dale}
    pool = a_pool(slice_, *partners.values())
    planned = {
        a_line(slice_, partners[code], kind, pool="fund", calendar="quarterly"): quarterly(year)
        for kind, years in (("contribution", CONTRIBUTIONS), ("pool-spend", SPEND))
        for code, year in years.items()
    }
    a_plan(slice_, planned)
    specs = [
        PoolLineSpec(line="moor-contribution", income_source="council-grant"),
        PoolLineSpec(line="hill-contribution", income_source="nhs-minimum"),
        PoolLineSpec(line="dale-contribution", income_source="nhs-additional"),
        PoolLineSpec(line="moor-pool-spend", provider_sector="social-care", capital=False),
    ]
    save_pool_lines(by=None, slice_id=slice_.pk, specs=specs)
    recompute(slice_.pk)
    return Fund(pool, slice_, {line.code: line for line in planned})


def state(slice_: Slice, code: str, measure: str, pence: int | None, **more: object) -> None:
    """State an amount of the fund, printed in a paper."""
    source, _ = Source.objects.get_or_create(code="paper", defaults={"title": "The paper"})
    printed = more.pop("printed", "")
    doubted = more.get("status") == "suspect"
    evidence, _ = Evidence.objects.get_or_create(
        source=source,
        place=f"Table of {code}",
        printed=printed,
        state="suspect" if doubted else "printed",
        working="A digit is missing." if doubted else "",
    )
    known = {"pool": "fund", "name": code.replace("-", " ").capitalize()} | more
    spec = PoolAmountSpec(code=code, measure=measure, pence=pence, evidence_id=evidence.pk, **known)  # type: ignore[arg-type]
    save_pool_amounts(by=None, slice_id=slice_.pk, specs=[spec])
