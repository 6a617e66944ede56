"""Changes of a fund's workbook, handed to the services: all or none, with faults by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from esbt.fund_workbook import sheets
from esbt.fund_workbook.comparing import RowChange
from esbt.fund_workbook.planning import plan_entry
from esbt.fund_workbook.reading import CellFault
from esbt.fund_workbook.sheets import QUARTERS, SheetPlan
from esbt.fund_workbook.standing import STATED, Standing
from esbt.kit.money import parse_amount
from esbt.kit.problems import Fault, Refused
from finance.models import PoolAmount
from finance.models.lines import Calendar, Kind
from finance.models.rollups import State
from finance.queries.pools import pool_book
from finance.rollups import headline
from finance.services import (
    Entry,
    LineSpec,
    PoolAmountSpec,
    PoolLineSpec,
    record_outturns,
    record_plan,
    save_lines,
    save_pool_amounts,
    save_pool_lines,
)
from outcomes.services import TargetSpec, save_targets
from schemes.models import Slice, User
from schemes.people.permissions import Permission, has_permission
from schemes.services import funds, pools

_PLANNED = ("full_year", *(f"planned_{month}" for month in QUARTERS[:3]))
_POOL_LINE = (
    "income_source", "heading", "scheme_type", "provider_sector", "capital", "ring_fenced",
    "treatment",
)  # fmt: skip
# the columns of each stated amount
_OF_AMOUNT = {"minimum": ("minimum",), "agreed": ("agreed", "status")}
# whose rows a person may change, by sheet; figures of lines go by their partner
_NEEDS: dict[str, tuple[Permission, ...]] = {
    sheets.PLAN.name: (Permission.KEEP_POOLS,),
    sheets.INCOME.name: (Permission.KEEP_POOLS, Permission.MANAGE_SYSTEM),
    sheets.EXPENDITURE.name: (Permission.KEEP_POOLS, Permission.MANAGE_SYSTEM),
    sheets.METRICS.name: (Permission.KEEP_OUTCOMES,),
    sheets.CONDITIONS.name: (Permission.KEEP_POOLS,),
    sheets.SIGN_OFF.name: (Permission.KEEP_POOLS,),
}


@dataclass
class Stored:
    """What a store did, or would: faults, each at its cell, and what is to be looked at again."""

    faults: list[CellFault] = field(default_factory=list)
    doubts: list[CellFault] = field(default_factory=list)


def try_changes(*, by: User, standing: Standing, changes: Sequence[RowChange]) -> Stored:
    """What storing would meet, and what would not fit together in the pool; nothing is kept."""
    with transaction.atomic():
        done = _store(by, standing, changes)
        pool = standing.plan.pool
        if pool and not done.faults:
            book = pool_book(standing.slice, pool.code, state=State.PROVISIONAL, month=None)
            book = replace(book, contributions=None, spend=None)  # sums of before the workbook
            done.doubts += [CellFault(words) for words in book.warnings]
        transaction.set_rollback(True)
    return done


def store_changes(*, by: User, standing: Standing, changes: Sequence[RowChange]) -> Stored:
    """Store all, or nothing where there is a fault or a row moved since it was compared."""
    with transaction.atomic():
        Slice.objects.select_for_update(of=("self",)).get(pk=standing.slice.pk)
        now = standing.rows()
        moved = [
            CellFault(
                "Somebody changed this row after the preview. Upload the file again.",
                change.sheet,
                change.cell(change.plan.key.name),
                change.key,
            )
            for change in changes
            if now[change.sheet].get(change.key, {}) != change.before
        ]
        done = Stored(moved) if moved else _store(by, standing, changes)
        if done.faults:
            transaction.set_rollback(True)
    return done


def _store(by: User, standing: Standing, changes: Sequence[RowChange]) -> Stored:
    done = Stored()
    for plan in sheets.SHEETS:
        own = [change for change in changes if change.sheet == plan.name]
        faults = _not_allowed(by, standing, plan, own) if own else []
        done.faults += faults
        if own and not faults:
            _Sheet(by, standing, own, done).store(_SAVE[plan.name])
    return done


def _not_allowed(
    by: User, standing: Standing, plan: SheetPlan, own: Sequence[RowChange]
) -> list[CellFault]:
    system = standing.plan.system
    if plan.name in _NEEDS:
        allowed = all(has_permission(by, need, system=system) for need in _NEEDS[plan.name])
        said = "Only an administrator of the system changes this sheet."
        shut = [] if allowed else own
    else:
        said = "Only a finance lead of the line's partner enters its figures."
        shut = [
            change
            for change in own
            if not has_permission(
                by,
                Permission.ENTER_OUTTURN,
                system=system,
                partner=standing.lines[change.key].partner,
            )
        ]
    return [CellFault(said, plan.name, name) for c in shut for _, name, _, _ in c.cells()]


class _Sheet:
    """The changes of one sheet on their way to its services."""

    def __init__(
        self, by: User, standing: Standing, changes: Sequence[RowChange], done: Stored
    ) -> None:
        self.by, self.standing, self.changes, self.done = by, standing, changes, done
        self.system = standing.plan.system.code
        self.by_row = {change.row: change for change in changes}

    def store(self, save: Callable[[_Sheet], None]) -> None:
        """Hand the rows over; what is refused is noted at its cell."""
        try:
            with transaction.atomic():
                save(self)
        except Refused as refused:
            self.done.faults += [self.at_cell(fault) for fault in refused.faults]

    def at_cell(self, fault: Fault) -> CellFault:
        """A service's fault at the cell that it is about."""
        row, month = _row_of(fault)
        change = self.by_row.get(row, self.changes[0])
        name = _FIELDS.get(fault.field, fault.field)
        if month:
            name = f"{name}_{month}"
        if name.startswith("to_date_"):
            name = name.replace("to_date_", "planned_")
        return CellFault(fault.message, change.sheet, change.cell(name), fault.value)

    def changed(self, *names: str) -> list[RowChange]:
        """Rows in which one of some columns differs."""
        own = [name for name in names if name in self.changes[0].values]
        return [change for change in self.changes if change.changed(*own)]


def _row_of(fault: Fault) -> tuple[int, int]:
    """The row of a fault, and the month of a figure's."""
    row, _, month = str(fault.row or 0).partition("/")
    return int(row), int(month or 0)


_FIELDS = {"code": "line", "pence": "agreed", "to_date_12": "full_year", "months": "full_year"}


def _pence(text: str) -> int | None:
    return parse_amount(text)


def _plan(own: _Sheet) -> None:
    change, plan = own.changes[0], own.standing.plan
    names = ("name", "board", "districts", "about", "note")
    if change.changed(*names):
        values: dict[str, Any] = {name: change.values[name] for name in names}
        values["districts"] = [d.strip() for d in values["districts"].split(";") if d.strip()]
        spec = funds.FundPlanSpec(
            system=own.system,
            code=plan.code,
            first_year=plan.first_year_id,
            last_year=plan.last_year_id,
            pool=plan.pool.code if plan.pool else "",
            evidence_id=plan.evidence_id,
            row=change.row,
            **values,
        )
        funds.save_fund_plans(by=own.by, specs=[spec])
    specs = [_amount(own, change, name) for name in STATED if change.changed(*_OF_AMOUNT[name])]
    if specs:
        save_pool_amounts(by=own.by, slice_id=own.standing.slice.pk, specs=specs)


def _amount(own: _Sheet, change: RowChange, name: str) -> PoolAmountSpec:
    stands, plan = own.standing.amounts.get(name), own.standing.plan
    said = ""
    if plan.pool is None:
        said = "The plan is of no pool, so no amount can be stated."
    elif stands and stands.status == PoolAmount.Status.SUSPECT:
        said = "This amount is doubted. Settle it on the page of the pool, with the reason."
    elif not change.values[name]:
        said = "State the agreed amount as well, of which this is the status."
    if said or plan.pool is None:
        raise Refused([Fault(said, name, change.values[name], change.row)])
    label = PoolAmount.Measure(name).label
    status = stands.status if stands else ""
    if name == "agreed":  # nobody has agreed an amount by typing it
        status = change.values["status"] or PoolAmount.Status.PROVISIONAL
    return PoolAmountSpec(
        pool=plan.pool.code,
        code=stands.code if stands else name,
        name=stands.name if stands else str(label),
        measure=name,
        pence=_pence(change.values[name]),
        status=status,
        basis=stands.basis if stands else "",
        reason="From the fund's workbook",
        row=change.row,
    )


def _lines(kind: str) -> Callable[[_Sheet], None]:
    def save(own: _Sheet) -> None:
        slice_id, by = own.standing.slice.pk, own.by
        if named := own.changed("name", "partner"):
            save_lines(by=by, slice_id=slice_id, specs=[_line(own, c, kind) for c in named])
        if said := own.changed(*_POOL_LINE):
            save_pool_lines(by=by, slice_id=slice_id, specs=[_pool_line(own, c) for c in said])
        if planned := own.changed(*_PLANNED):
            plan = headline(slice_id)
            if plan is None:
                said_ = "The year has no plan yet. Make its first plan on the page of plans."
                raise Refused([Fault(said_, "full_year", "", planned[0].row)])
            figures = own.standing.figures
            entries = [plan_entry(change, figures.get(change.key)) for change in planned]
            record_plan(by=by, slice_id=slice_id, plan=plan, entries=entries)

    return save


def _line(own: _Sheet, change: RowChange, kind: str) -> LineSpec:
    """A line with its new name; a new one is reported every quarter."""
    plan, line = own.standing.plan, own.standing.lines.get(change.key)
    if plan.pool is None:
        said = "The plan is of no pool, so it has no lines."
        raise Refused([Fault(said, "line", change.key, change.row)])
    more: dict[str, Any] = {"calendar": Calendar.QUARTERLY}
    if line is not None:
        names = ("recurrent", "saving_type", "baseline", "calendar", "first_month", "last_month")
        coded = ("heading", "scheme", "counterparty", "counter_line")
        more = {name: getattr(line, name) for name in names}
        more |= {name: item.code for name in coded if (item := getattr(line, name))}
    return LineSpec(
        code=change.key,
        name=change.values["name"],
        partner=change.values["partner"],
        kind=kind,
        pool=plan.pool.code,
        row=change.row,
        **more,
    )


def _pool_line(own: _Sheet, change: RowChange) -> PoolLineSpec:
    values: dict[str, Any] = {n: change.values[n] for n in _POOL_LINE if n in change.values}
    values["capital"] = {"true": True, "false": False}.get(values["capital"])
    values["ring_fenced"] = values["ring_fenced"] == "true"
    if values.get("heading"):
        values["heading"] = f"{own.standing.plan.code}/{values['heading']}"
    return PoolLineSpec(line=change.key, row=change.row, **values)


def _metrics(own: _Sheet) -> None:
    def spec(change: RowChange) -> TargetSpec:
        target = own.standing.targets[change.key]
        kept = ("code", "starts", "ends", "payment", "payment_pence", "payment_rule", "note")
        return TargetSpec(
            system=own.system,
            metric=target.metric.code,
            area=target.area.code if target.area else "",
            value=_decimal(change.values["value"]),
            words=change.values["words"],
            baseline=_decimal(change.values["baseline"]),
            evidence_id=target.evidence_id,
            row=change.row,
            **{name: getattr(target, name) for name in kept},
        )

    save_targets(by=own.by, specs=[spec(change) for change in own.changes])


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _conditions(own: _Sheet) -> None:
    present = {item.code: item for item in own.standing.plan.nationalconditions.all()}
    names = ("status", "in_place", "planned", "shown_by")
    specs = [
        funds.ConditionSpec(
            system=own.system,
            plan=own.standing.plan.code,
            code=change.key,
            row=change.row,
            **_kept(present[change.key], "name", "position", "note", "evidence_id"),
            **_said(change, names),
        )
        for change in own.changes
    ]
    funds.save_conditions(by=own.by, specs=specs)


def _sign_offs(own: _Sheet) -> None:
    plan = own.standing.plan
    present = {item.code: item for item in plan.sign_offs.select_related("partner")}
    names = ("state", "role", "on", "minute")
    specs = [
        pools.SignOffSpec(
            system=own.system,
            plan=plan.code,
            code=change.key,
            partner=item.partner.code if (item := present[change.key]).partner else "",
            row=change.row,
            **_kept(item, "body", "note", "evidence_id"),
            **_said(change, names),
        )
        for change in own.changes
    ]
    pools.save_sign_offs(by=own.by, specs=specs)


def _said(change: RowChange, names: Sequence[str]) -> Mapping[str, Any]:
    return {name: change.values[name] for name in names}


def _kept(item: object, *names: str) -> Mapping[str, Any]:
    return {name: getattr(item, name) for name in names}


def _outturn(own: _Sheet) -> None:
    entries = []
    for change in own.changes:
        for month in QUARTERS:
            figures: dict[str, Any] = {
                f"{name}_pence": _pence(change.values[f"{name}_{month}"])
                for name in ("actual", "forecast")
                if change.changed(f"{name}_{month}")
            }
            if figures:
                head = own.standing.outturns.get((change.key, month))
                entries.append(
                    Entry(
                        line=change.key,
                        month=month,
                        revision=head.revision if head else None,
                        row=f"{change.row}/{month}",
                        **figures,
                    )
                )
    saved = record_outturns(by=own.by, slice_id=own.standing.slice.pk, entries=entries)
    own.done.doubts += [own.at_cell(fault) for fault in saved.warnings]


_SAVE: dict[str, Callable[[_Sheet], None]] = {
    sheets.PLAN.name: _plan,
    sheets.INCOME.name: _lines(Kind.CONTRIBUTION),
    sheets.EXPENDITURE.name: _lines(Kind.POOL_SPEND),
    sheets.METRICS.name: _metrics,
    sheets.CONDITIONS.name: _conditions,
    sheets.SIGN_OFF.name: _sign_offs,
    sheets.OUTTURN.name: _outturn,
}
