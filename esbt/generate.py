"""Large and clearly illustrative systems: for the monthly pages of the demo, and for benchmarks.

Everything is made by a seeded generator from no place's figures, and the systems say so by name
and on every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from django.db import transaction

from finance.models import Heading
from finance.models.lines import Kind
from finance.models.outturns import ReturnState
from finance.rollups import recompute
from finance.services import (
    LineSpec,
    PlanEntry,
    choose_headline,
    copy_outturns,
    move_returns,
    record_plan,
    save_lines,
    save_plan,
    set_year_status,
)
from schemes.models import FinancialYear, Membership, Partner, Scheme, Slice, System, Theme

PENCE = 100
MONTHS = 12

BODIES = (
    ("icb", "Integrated Care Board", Partner.Kind.ICB, 900),
    ("council", "County Council", Partner.Kind.COUNCIL, 300),
    ("acute", "Hospitals Trust", Partner.Kind.TRUST, 420),
    ("community", "Community Trust", Partner.Kind.TRUST, 140),
    ("mental-health", "Mental Health Trust", Partner.Kind.FOUNDATION_TRUST, 190),
)
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
THEMES = ("Prevention", "Planned care", "Urgent care", "Medicines", "Back office")
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
    *, systems: int, lines: int, years: Sequence[str], seed: int, today: date
) -> Iterator[str]:
    """Make illustrative systems and compute them; yields a line of progress for each.

    Existing ones are left as they are.
    """
    _headings()
    for number in range(1, systems + 1):
        code = f"illustrative-{number}"
        if System.objects.filter(code=code).exists():
            yield f"{code} exists already"
            continue
        with transaction.atomic():
            system = _system(code, number, max(5, lines // 25))
            for year in years:
                random = np.random.default_rng([seed, number, int(year[:4])])
                _year(system, year, lines, random, today)
        for slice_ in system.slices.all():
            recompute(slice_.pk)
        yield f"{code}: {lines} lines in each of {len(years)} years"


def _headings() -> None:
    Heading.objects.bulk_create(
        [Heading(code=code, name=name) for code, name in HEADINGS.items()], ignore_conflicts=True
    )


def _system(code: str, number: int, schemes: int) -> System:
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
    themes = Theme.objects.bulk_create(
        Theme(system=system, code=name.lower().replace(" ", "-"), name=name) for name in THEMES
    )
    Scheme.objects.bulk_create(
        Scheme(
            system=system,
            theme=themes[n % len(themes)],
            code=f"scheme-{n + 1}",
            name=f"Illustrative scheme {n + 1}",
        )
        for n in range(schemes)
    )
    return system


def _specs(system: System, count: int) -> list[LineSpec]:
    """Lines in fixed shares: a fifth income, a fifth savings, the rest spend."""
    number = system.code.rpartition("-")[2]
    schemes = system.schemes.count()
    specs = []
    for n in range(count):
        body, place = BODIES[n % len(BODIES)], n // len(BODIES)
        partner = f"ill{number}-{body[0]}"
        turn = place % 5
        if turn == 0:
            heading = INCOME[(place // 5) % len(INCOME)]
            kind, name = Kind.INCOME, HEADINGS[heading]
        elif turn == 4:
            heading, kind = "", Kind.SAVING
            name = f"Saving of scheme {n % schemes + 1}"
        else:
            heading = SPEND[(place // 5 * 3 + turn - 1) % len(SPEND)]
            kind, name = Kind.SPEND, HEADINGS[heading]
        specs.append(
            LineSpec(
                code=f"{body[0]}-{kind}-{place + 1}",
                name=f"{name} {place + 1}",
                partner=partner,
                kind=kind,
                heading=heading,
                scheme=f"scheme-{n % schemes + 1}" if kind == Kind.SAVING else "",
                recurrent=place % 3 > 0,
            )
        )
    return specs


def _year(system: System, year: str, count: int, random: np.random.Generator, today: date) -> None:
    FinancialYear.objects.get_or_create(code=year)
    slice_ = Slice.objects.create(system=system, year_id=year)
    specs = _specs(system, count)
    save_lines(by=None, slice_id=slice_.pk, specs=specs)
    months = _plan_months(specs, random)
    plan = save_plan(by=None, slice_id=slice_.pk, code="original", name="Original plan")
    choose_headline(by=None, slice_id=slice_.pk, plan=plan)
    record_plan(
        by=None,
        slice_id=slice_.pk,
        plan=plan,
        entries=[
            PlanEntry(line=spec.code, full_year_pence=sum(row), months=row)
            for spec, row in zip(specs, months.tolist(), strict=True)
        ],
    )
    reported = _months_reported(year, today)
    actual, forecast = _outturns(months, specs, random)
    late = f"-{BODIES[1][0]}"  # in the month under way the council has yet to report
    whole = reported == MONTHS
    copy_outturns(
        by=None,
        slice_id=slice_.pk,
        rows=[
            (spec.code, month + 1, row[month], ahead[month])
            for spec, row, ahead in zip(specs, actual.tolist(), forecast.tolist(), strict=True)
            for month in range(reported)
            if whole or month < reported - 1 or not spec.partner.endswith(late)
        ],
        today=today,
    )
    _finish(system, slice_, reported)


def _finish(system: System, slice_: Slice, reported: int) -> None:
    """Close what is past; of the year under way the last month is provisional, the one before it
    approved.
    """
    partners = list(system.partners.all())
    closed = range(1, MONTHS + 1 if reported == MONTHS else reported - 1)
    move_returns(
        by=None, slice_id=slice_.pk, months=closed, state=ReturnState.CLOSED, partners=partners
    )
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
    months: np.ndarray, specs: Sequence[LineSpec], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Actual to date and full-year forecast for each month, lines x 12, in pence."""
    lines = len(specs)
    drift = random.normal(0.004, 0.02, (lines, 1))
    saving = np.array([spec.kind == Kind.SAVING for spec in specs])
    income = np.array([spec.kind == Kind.INCOME for spec in specs])
    drift[saving] -= 0.15
    drift[income] /= 4
    noise = random.normal(0, 0.01, (lines, MONTHS))
    in_month = np.rint(months * (1 + drift + noise) / (100 * PENCE)).astype(np.int64) * 100 * PENCE
    actual = in_month.cumsum(axis=1)
    year, to_date = months.sum(axis=1)[:, None], months.cumsum(axis=1)
    left = np.rint((year - to_date) * (1 + drift / 2) / (1000 * PENCE)).astype(np.int64)
    return actual, actual + left * 1000 * PENCE
