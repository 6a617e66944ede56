"""Rows of a fund plan's tabs, made of its money and of what it assumes of hospitals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from esbt.forms.funds import WhatIfForm
from esbt.kit.money import Cell, cell, words
from esbt.kit.words import number
from esbt.pages.fund_plans import join_cell
from finance.models import PoolAmount
from finance.pools.book import said_by
from finance.pools.fund_money import FundMoney, HeadingSpend
from finance.pools.words import doubts_of
from schemes.funds.plans import Effect, by_phase, effect_total, effects_of
from schemes.models import AcuteAssumption, Programme
from schemes.sources import evidence_row

_MEASURES = (PoolAmount.Measure.MINIMUM, PoolAmount.Measure.AGREED)


def year_rows(money: FundMoney) -> list[dict[str, Any]]:
    """A row a year and what is stated of it: the minimum required and what is agreed."""
    return [
        {
            "year": year.label,
            "measures": [
                {
                    "label": measure.label,
                    "amounts": [_amount(amount) for amount in year.of(measure)],
                }
                for measure in _MEASURES
            ],
        }
        for year in money.years
    ]


def _amount(amount: PoolAmount) -> dict[str, Any]:
    suspect = amount.status == PoolAmount.Status.SUSPECT
    printed = amount.evidence.printed if amount.evidence else ""
    return {
        "cell": amount_cell(amount),
        "basis": amount.basis,
        "status": "" if suspect else _status(amount),
        "printed": printed if suspect or amount.pence is None else "",
        "suspect": suspect,
        "reason": amount.reason,
        "evidence": evidence_row(amount.evidence),
    }


def _status(amount: PoolAmount) -> str:
    """Its status; of an agreed amount with who says so."""
    label = amount.get_status_display().lower() if amount.status else ""
    who = said_by(amount)
    return f"{label}, says {who}" if who and amount.status == PoolAmount.Status.AGREED else label


def amount_cell(amount: PoolAmount) -> Cell:
    """An amount in whole pounds with its hedge and what is thought of it."""
    marks, note = doubts_of(amount)
    if amount.status == PoolAmount.Status.SUSPECT:
        marks = (*marks, "suspect")
    made = cell(amount.pence, "gbp", marks=marks, note=note)
    if not amount.hedge or made.missing:
        return made
    return Cell(f"{amount.hedge} {made.text}", False, made.derived, made.suspect, made.note)


def heading_table(money: FundMoney) -> list[dict[str, Any]]:
    """A row a heading: its programmes, and its spend in the years in which there is any."""
    return [
        {
            "item": row.heading,
            "programmes": [
                join_cell(join.programme.name, join) for join in row.heading.under.all()
            ],
            "years": [_spend(row.years[place]) for place in money.spending],
            "undated": cell(row.undated_pence, "k"),
            "undated_parts": _parts(row.undated),
        }
        for row in money.headings
    ]


def phase_rows(programmes: Sequence[Programme]) -> list[dict[str, Any]]:
    """Programmes by phase of life, each with the headings that it stands under."""
    return [
        {
            "phase": group["phase"],
            "programmes": [
                {
                    "item": item,
                    "under": [join_cell(join.heading.name, join) for join in item.under.all()],
                }
                for item in group["programmes"]
            ],
        }
        for group in by_phase(programmes)
    ]


def _spend(spend: HeadingSpend) -> dict[str, Any]:
    return {
        "stated": cell(spend.stated_pence, "k"),
        "parts": _parts(spend.amounts),
        "stated_over": _over(spend.stated_excess),
        "planned": cell(spend.planned_pence, "k"),
        "planned_over": _over(spend.planned_excess),
    }


def _parts(amounts: Sequence[PoolAmount]) -> list[str]:
    return [
        f"{amount.name}: "
        f"{f'{amount.hedge} ' if amount.hedge else ''}{words(amount.pence, 'gbp')}"
        f"{'' if amount.counts else ', in no total'}"
        for amount in amounts
    ]


def _over(pence: int) -> str:
    return f"{words(pence, 'gbp')} more than the whole fund" if pence else ""


def acute_context(form: WhatIfForm, assumptions: Sequence[AcuteAssumption]) -> dict[str, Any]:
    """Assumptions with what they make, as stored or as somebody tries them."""
    tried = form.is_bound and form.is_valid()
    effects = effects_of(assumptions, form.typed() if tried else {})
    total, without = effect_total(effects)
    if not form.is_bound:
        stored = {item.code: item for item in assumptions}
        for item in stored.values():
            avoided, cost = form.names(item)
            form.initial[avoided] = item.admissions_avoided
            form.initial[cost] = (
                None if item.cost_pence is None else cell(item.cost_pence, "gbp").text
            )
    return {
        "form": form,
        "tried": tried,
        "rows": [
            _effect(effect, avoided, cost)
            for effect, (_, avoided, cost) in zip(effects, form.rows(), strict=True)
        ],
        "sentence": _acute_words(total, without, len(assumptions), tried=tried),
    }


def _effect(effect: Effect, avoided: Any, cost: Any) -> dict[str, Any]:
    item = effect.item
    return {
        "item": item,
        "provider": item.provider.short_name if item.provider else "",
        "admissions": item.admissions_avoided,
        "cost": cell(item.cost_pence, "gbp"),
        "effect": cell(effect.pence, "gbp"),
        "fields": (avoided, cost),
        "evidence": evidence_row(item.evidence),
    }


def _acute_words(total: int | None, without: int, count: int, *, tried: bool) -> str:
    """What the assumptions make together, in a sentence."""
    if not count:
        return "No assumption on hospitals is entered."
    if total is None:
        return "What the plan spares hospitals is not stated: no assumption has both its numbers."
    who = "As tried here, " if tried else ""
    said = f"{who}admissions avoided are worth {words(total, 'gbp')} in a year"
    if without:
        is_ = "is" if without == 1 else "are"
        said += f"; {number(without)} of {number(count)} assumptions {is_} without numbers"
    return f"{said[:1].upper()}{said[1:]}."
