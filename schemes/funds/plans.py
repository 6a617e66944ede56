"""Plans of funds: their years, versions, programmes and what they assume of hospitals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse

from esbt.kit.money import divide_half_away
from esbt.kit.when import when_words
from schemes.governance.signatures import Signatures, signatures
from schemes.models import (
    AcuteAssumption,
    Agreement,
    FundPlan,
    FundVersion,
    Programme,
    SignOff,
    System,
)


def fund_plans_of(system: System) -> list[FundPlan]:
    """The plans of a system with what bodies said to them: two queries."""
    return list(
        FundPlan.objects.filter(system=system)
        .select_related("system", "pool", "first_year", "last_year", "evidence__source")
        .prefetch_related(
            Prefetch("sign_offs", SignOff.objects.select_related("partner", "evidence__source"))
        )
    )


def fund_plan_of(system: System, code: str) -> FundPlan:
    """One plan; Http404 where there is none of that code."""
    found = next((plan for plan in fund_plans_of(system) if plan.code == code), None)
    if found is None:
        raise Http404
    return found


def plan_row(plan: FundPlan) -> dict[str, Any]:
    """A plan as a list shows it."""
    return {
        "item": plan,
        "href": reverse("fund-plan", args=[plan.system.code, plan.code]),
        "years": years_of(plan),
        "signatures": plan_signatures(plan),
    }


def years_of(plan: FundPlan) -> str:
    """The years that a plan is for, in words."""
    first, last = str(plan.first_year), str(plan.last_year)
    return first if first == last else f"{first} to {last}"


def year_codes(plan: FundPlan) -> list[str]:
    """The codes of its years, in order."""
    first, last = plan.first_year_id, plan.last_year_id
    return [f"{year}-{(year + 1) % 100:02d}" for year in range(int(first[:4]), int(last[:4]) + 1)]


def agreements_for(plan: FundPlan) -> list[Agreement]:
    """Agreements of its pool that hold on a day of its years, or do not say when: one query."""
    if plan.pool is None:
        return []
    first, last = plan.first_year.first_day, plan.last_year.first_day
    found = plan.pool.agreements.exclude(ends__lt=first)
    return list(found.exclude(starts__gte=last.replace(year=last.year + 1)))


def plan_signatures(plan: FundPlan) -> Signatures:
    """Who has signed a plan, and who has still to."""
    return signatures(plan.sign_offs.all())


def plan_words(plan: FundPlan) -> str:
    """Whether a plan is final, in a sentence or two."""
    known = plan_signatures(plan)
    if known.final:
        return f"The plan is final. {known.words}"
    return f"The plan is not final until all have signed. {known.words}"


def version_rows(versions: Iterable[FundVersion]) -> list[dict[str, Any]]:
    """Versions in the plan's order, with the days between them where both days are stated."""
    rows: list[dict[str, Any]] = []
    before: FundVersion | None = None
    for version in versions:
        rows.append(
            {
                "name": version.name,
                "code": version.code,
                "agreed": when_words(version.agreed_on) if version.agreed_on else "",
                "submitted": when_words(version.submitted_on) if version.submitted_on else "",
                "days_agreed": days_between(before.agreed_on, version.agreed_on)
                if before
                else None,
                "days_submitted": days_between(before.submitted_on, version.submitted_on)
                if before
                else None,
                "first": before is None,
                "note": version.note,
            }
        )
        before = version
    return rows


def days_between(first: str, then: str) -> int | None:
    """Days from one date to another; None where one of them is not known to the day."""
    try:
        return (date.fromisoformat(then) - date.fromisoformat(first)).days
    except ValueError:
        return None


def by_phase(programmes: Iterable[Programme]) -> list[dict[str, Any]]:
    """Programmes by phase of life, those that name none last; one stands under each of its own."""
    phases: dict[str, list[Programme]] = {}
    for programme in programmes:
        for phase in programme.life_phases or [""]:
            phases.setdefault(phase, []).append(programme)
    named = [(phase, found) for phase, found in phases.items() if phase]
    unnamed = [("", phases[""])] if "" in phases else []
    return [{"phase": phase, "programmes": found} for phase, found in [*named, *unnamed]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one assumption makes of a hospital's admissions in a year; None is not stated."""

    item: AcuteAssumption
    admissions: Decimal | None
    cost_pence: int | None

    @property
    def pence(self) -> int | None:
        """Admissions avoided times the cost of one, to the penny."""
        if self.admissions is None or self.cost_pence is None:
            return None
        above, below = self.admissions.as_integer_ratio()
        return divide_half_away(above * self.cost_pence, below)


def effects_of(
    assumptions: Iterable[AcuteAssumption],
    typed: Mapping[str, tuple[Decimal | None, int | None]],
) -> list[Effect]:
    """What assumptions make as stored, or as somebody typed them by their codes; none is kept."""
    return [
        Effect(item, *typed.get(item.code, (item.admissions_avoided, item.cost_pence)))
        for item in assumptions
    ]


def effect_total(effects: Sequence[Effect]) -> tuple[int | None, int]:
    """What those make together whose numbers are stated, and how many are not."""
    stated = [effect.pence for effect in effects if effect.pence is not None]
    return (sum(stated) if stated else None), len(effects) - len(stated)
