"""Large and clearly illustrative systems: for the monthly pages of the demo, and for benchmarks.

Everything is made by a seeded generator from no place's figures, and the systems say so by name
and on every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from django.db import connection, transaction

from esbt.generating.beside import explain, move_money, revise, save_beside
from esbt.generating.catalogue import BODIES
from esbt.generating.delivery import save_delivery_of
from esbt.generating.pool_money import save_pool_money
from esbt.generating.pools import save_pools_of
from esbt.generating.recovery import save_recovery
from esbt.generating.results import save_results_of
from esbt.generating.risks import save_money_of, save_risks_of
from esbt.generating.savings import (
    PENCE,
    Reported,
    SavingLine,
    deliver,
    plan_parts,
    rate,
    saving_lines,
    settle,
)
from esbt.generating.schemes import KEPT, leaves_of, save_plan_of
from finance.models import Heading, Plan
from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from finance.rollups import recompute
from finance.services import (
    LineSpec,
    PlanEntry,
    choose_headline,
    close_month,
    copy_outturns,
    move_returns,
    record_plan,
    save_lines,
    save_plan,
    set_year_status,
)
from schemes.models import FinancialYear, Membership, Partner, Slice, System
from schemes.services.plan import SchemeSpec

MONTHS = 12

SPEND = ("pay", "non-pay", "drugs", "continuing-healthcare", "residential-care", "estates")
INCOME = ("allocation", "contract-income", "fees-and-charges")
HEADINGS = {
    "pay": "Pay",
    "non-pay": "Non-pay",
    "drugs": "Drugs and prescribing",
    "continuing-healthcare": "Continuing healthcare",
    "residential-care": "Residential and home care",
    "estates": "Estates",
    "allocation": "Allocation and grants",
    "contract-income": "Contract income",
    "fees-and-charges": "Fees and charges",
}
# how spend runs through the year: winter is dearer
SEASON = np.array([98, 98, 99, 99, 98, 99, 100, 100, 102, 104, 102, 101], dtype=np.int64)


def financial_year(day: date) -> str:
    """The code of the financial year that a day lies in."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def years_up_to(last: str, count: int) -> list[str]:
    """Codes of ``count`` years that end with ``last``."""
    first = int(last[:4]) - count + 1
    return [f"{year}-{(year + 1) % 100:02d}" for year in range(first, first + count)]


def generate(
    *,
    systems: int,
    lines: int,
    years: Sequence[str],
    seed: int,
    today: date,
    beside: bool = False,
) -> Iterator[str]:
    """Make illustrative systems and compute them; yields a line of progress for each.

    Existing ones are left as they are. With ``beside`` each year has a few lines more, pools,
    reduction plans, and what else stands beside a position: agreements, virements, causes
    (esbt.generating.beside); the system has an action plan, milestones and registers, and metrics
    that its schemes should move.
    """
    _headings()
    for year in years:
        FinancialYear.objects.get_or_create(code=year)
    for number in range(1, systems + 1):
        code = f"illustrative-{number}"
        if System.objects.filter(code=code).exists():
            yield f"{code} exists already"
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            # tables that grow within a transaction have no statistics: as finance.rollups.figuring
            cursor.execute("SET LOCAL enable_nestloop = off")
            system = _system(code, number)
            schemes = save_plan_of(system, lines, years[0]) if years else []
            save_risks_of(system)
            if beside:
                save_pools_of(system, years)
            wanted = _Wanted(system, schemes, lines, beside)
            for year in years:
                random = np.random.default_rng([seed, number, int(year[:4])])
                _year(wanted, year, random, today, present=year == years[-1])
            if beside and years:
                save_delivery_of(system, years[-1])
                save_results_of(system, schemes, today)
        for slice_ in system.slices.all():
            recompute(slice_.pk)
        yield f"{code}: {lines} lines in each of {len(years)} years"


def _headings() -> None:
    Heading.objects.bulk_create(
        [Heading(code=code, name=name) for code, name in HEADINGS.items()], ignore_conflicts=True
    )


def _system(code: str, number: int) -> System:
    system = System.objects.create(
        code=code,
        name=f"Illustrative system {number}",
        footprint="Made up by a generator; no place has these figures.",
        illustrative=True,
    )
    for position, (kind_code, name, kind, _) in enumerate(BODIES):
        partner = Partner.objects.create(
            code=f"ill{number}-{kind_code}",
            name=f"Illustrative {name} {number}",
            short_name=f"{name} {number}",
            kind=kind,
        )
        Membership.objects.create(system=system, partner=partner, position=position)
    return system


class _Wanted:
    """The lines of a system, the same in each of its years."""

    def __init__(
        self, system: System, schemes: Sequence[SchemeSpec], count: int, beside: bool
    ) -> None:
        self.system = system
        self.beside = beside
        self.schemes = schemes
        turns = [n // len(BODIES) % 5 for n in range(count)]
        self.savings = saving_lines(turns.count(4), leaves_of(schemes))
        self.specs = _specs(system, count, self.savings, recurs=beside)
        self.saved = [n for n, turn in enumerate(turns) if turn == 4]  # where the savings stand


def _specs(
    system: System, count: int, savings: Sequence[SavingLine], *, recurs: bool
) -> list[LineSpec]:
    """Lines in fixed shares: a fifth income, a fifth savings, the rest spend.

    Where all of it ``recurs``, what comes once stands in the lines beside.
    """
    number = system.code.rpartition("-")[2]
    coming = iter(savings)
    specs = []
    for n in range(count):
        body, place = BODIES[n % len(BODIES)], n // len(BODIES)
        partner = f"ill{number}-{body[0]}"
        turn = place % 5
        if turn == 4:
            specs.append(_saving(next(coming), f"{body[0]}-saving-{place + 1}", partner, number))
            continue
        if turn == 0:
            heading, kind = INCOME[(place // 5) % len(INCOME)], Kind.INCOME
        else:
            heading, kind = SPEND[(place // 5 * 3 + turn - 1) % len(SPEND)], Kind.SPEND
        specs.append(
            LineSpec(
                code=f"{body[0]}-{kind}-{place + 1}",
                name=f"{HEADINGS[heading]} {place + 1}",
                partner=partner,
                kind=kind,
                heading=heading,
                recurrent=recurs or place % 3 > 0,
            )
        )
    return specs


def _saving(saving: SavingLine, code: str, partner: str, number: str) -> LineSpec:
    other = saving.counterparty
    return LineSpec(
        code=code,
        name=saving.name,
        partner=partner,
        kind=Kind.SAVING,
        scheme=saving.scheme,
        recurrent=saving.recurrent,
        saving_type=saving.type,
        baseline=saving.baseline,
        counterparty="" if other is None else f"ill{number}-{BODIES[other][0]}",
    )


def _year(
    wanted: _Wanted, year: str, random: np.random.Generator, today: date, *, present: bool
) -> None:
    """One year of a system; ``present`` says that schemes stand where their stages say."""
    specs = wanted.specs
    slice_ = Slice.objects.create(system=wanted.system, year_id=year)
    save_lines(by=None, slice_id=slice_.pk, specs=specs)
    months = _plan_months(specs, random)
    plan = _plan(slice_, wanted, months)
    reported = _months_reported(year, today)
    actual, forecast = _outturns(months, wanted, random, present=present)
    late = f"-{BODIES[1][0]}"  # in the month under way the council has yet to report
    known = np.zeros((len(specs), MONTHS), dtype=bool)
    known[:, :reported] = True
    if 0 < reported < MONTHS:
        known[[spec.partner.endswith(late) for spec in specs], reported - 1] = False
    copy_outturns(
        by=None,
        slice_id=slice_.pk,
        rows=[
            (spec.code, month + 1, row[month], ahead[month])
            for spec, row, ahead, told in zip(
                specs, actual.tolist(), forecast.tolist(), known.tolist(), strict=True
            )
            for month in range(reported)
            if told[month]
        ],
        today=today,
    )
    saved = wanted.saved
    rate(
        slice_,
        wanted.schemes[:KEPT],
        Reported(wanted.savings, months[saved], actual[saved], forecast[saved], known[saved]),
        reported,
    )
    settle(slice_, [specs[n].code for n in saved])
    save_money_of(slice_)
    if wanted.beside:
        save_beside(slice_, reported, today, plan)
        save_pool_money(slice_, reported, today, plan)
        save_recovery(slice_, reported, today, plan, present=present)
        revise(slice_, plan, specs, months)
        explain(slice_, specs, months, actual, known, reported)
    _finish(wanted.system, slice_, reported)
    if wanted.beside and reported < MONTHS:
        move_money(slice_, specs)


def _plan(slice_: Slice, wanted: _Wanted, months: np.ndarray) -> Plan:
    """The plan of a year, with what savings are made of."""
    plan = save_plan(by=None, slice_id=slice_.pk, code="original", name="Original plan")
    choose_headline(by=None, slice_id=slice_.pk, plan=plan)
    parts = {
        wanted.specs[n].code: vars(plan_parts(saving, index, int(months[n].sum())))
        for index, (n, saving) in enumerate(zip(wanted.saved, wanted.savings, strict=True))
    }
    record_plan(
        by=None,
        slice_id=slice_.pk,
        plan=plan,
        entries=[
            PlanEntry(
                line=spec.code, full_year_pence=sum(row), months=row, **parts.get(spec.code, {})
            )
            for spec, row in zip(wanted.specs, months.tolist(), strict=True)
        ],
    )
    return plan


def _finish(system: System, slice_: Slice, reported: int) -> None:
    """Close what is past; of the year under way the last month is provisional, the one before it
    approved.
    """
    partners = list(system.partners.all())
    closed = range(1, MONTHS + 1 if reported == MONTHS else reported - 1)
    move_returns(
        by=None, slice_id=slice_.pk, months=closed, state=ReturnState.CLOSED, partners=partners
    )
    for month in closed:
        close_month(by=None, slice_id=slice_.pk, month=month)
    if reported == MONTHS:
        set_year_status(by=None, slice_id=slice_.pk, status=Slice.Status.CLOSED)
    elif reported > 1:
        move_returns(
            by=None,
            slice_id=slice_.pk,
            months=[reported - 1],
            state=ReturnState.APPROVED,
            partners=partners,
        )


def _months_reported(year: str, today: date) -> int:
    """Whole months of the year that lie behind us."""
    first = date(int(year[:4]), 4, 1)
    return max(0, min(MONTHS, (today.year - first.year) * 12 + today.month - first.month))


def _plan_months(specs: Sequence[LineSpec], random: np.random.Generator) -> np.ndarray:
    """Planned pence in each month, lines x 12, in whole thousands of pounds.

    Each body's income is its size; its spend adds to a little more, so that it plans a deficit.
    """
    weights = random.uniform(0.5, 1.5, len(specs))
    once = [spec.recurrent is False and spec.kind != Kind.SAVING for spec in specs]
    weights[once] *= 0.03  # what comes once is little beside what comes every year
    amounts = np.zeros(len(specs))
    for index, (_, _, _, size) in enumerate(BODIES):
        own = np.array([n % len(BODIES) == index for n in range(len(specs))])
        for kind, share in ((Kind.INCOME, 1.0), (Kind.SPEND, 1.012), (Kind.SAVING, 0.03)):
            chosen = own & np.array([spec.kind == kind for spec in specs])
            if chosen.any():
                amounts[chosen] = weights[chosen] / weights[chosen].sum() * size * 1e6 * share
    monthly = amounts[:, None] * SEASON[None, :] / SEASON.sum() / 1000
    return np.rint(monthly).astype(np.int64) * 1000 * PENCE


def _outturns(
    months: np.ndarray, wanted: _Wanted, random: np.random.Generator, *, present: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Actual to date and full-year forecast for each month, lines x 12, in pence."""
    lines = len(wanted.specs)
    drift = random.normal(0.004, 0.02, (lines, 1))
    income = np.array([spec.kind == Kind.INCOME for spec in wanted.specs])
    drift[income] /= 4
    noise = random.normal(0, 0.01, (lines, MONTHS))
    in_month = np.rint(months * (1 + drift + noise) / (100 * PENCE)).astype(np.int64) * 100 * PENCE
    actual = in_month.cumsum(axis=1)
    year, to_date = months.sum(axis=1)[:, None], months.cumsum(axis=1)
    left = np.rint((year - to_date) * (1 + drift / 2) / (1000 * PENCE)).astype(np.int64)
    forecast = actual + left * 1000 * PENCE
    saved = wanted.saved
    actual[saved], forecast[saved] = deliver(
        wanted.savings, months[saved], (drift + noise)[saved], present=present
    )
    return actual, forecast
