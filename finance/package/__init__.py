"""The tables of a data package that fill the money, in the order in which they are read.

Amounts are decimals as text in the unit that their row declares, in the sense of their line (a
deficit is negative whatever the source prints around it), and become pence without floats. What
a package leaves out stays as it is. States of returns and years come last, since a closed month
takes no figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from esbt.kit.counts import Count
from esbt.kit.problems import Fault, Refused
from esbt.kit.rows import SHOWN, Row, Table
from finance import services
from finance.models import Heading, MonthlyReturn, Plan
from finance.models.outturns import ReturnState
from finance.package import recovery
from finance.package.rows import (
    CauseRow,
    HeadingRow,
    LineRow,
    OutturnRow,
    PlanFigureRow,
    PlanRow,
    PoolAmountRow,
    PoolLineRow,
    PrintedRow,
    PrintedTableRow,
    RatingRow,
    ReturnRow,
    RiskMoneyRow,
    ShareRuleRow,
    Unit,
    pence,
)
from schemes.models import Partner, Slice, User
from schemes.package.base import (
    SliceRow,
    Step,
    Warn,
    evidence_ids,
    evidenced,
    slices_of,
    spec_of,
)
from schemes.package.reference import YearRow
from schemes.services.upsert import Wanted, allow, upsert

_LIFE = {state: place for place, state in enumerate(ReturnState)}
_YEAR_LIFE = {status: place for place, status in enumerate(Slice.Status)}


def _each_slice(rows: Sequence[SliceRow], save: Callable[[int, list[Any]], Count]) -> Count:
    """Save rows slice by slice; the faults of all slices are raised together."""
    count, faults = Count(), []
    code = "invalid"
    for slice_id, own in slices_of(rows).items():
        try:
            count += save(slice_id, own)
        except Refused as refused:
            faults += refused.faults
            code = refused.code
    if faults:
        raise Refused(faults, code=code)
    return count


def _headings(*, by: User | None, rows: Sequence[HeadingRow], warn: Warn) -> Count:
    allow(by)
    wanted = [Wanted({"code": row.code}, {"name": row.name}, row.row) for row in rows]
    return upsert(Heading, wanted, by=by).count


def _lines(*, by: User | None, rows: Sequence[LineRow], warn: Warn) -> Count:
    def save(slice_id: int, own: list[LineRow]) -> Count:
        specs = [
            spec_of(services.LineSpec, row, code=row.line, saving_type=row.saving_type or "")
            for row in own
        ]
        return services.save_lines(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _plans(*, by: User | None, rows: Sequence[PlanRow], warn: Warn) -> Count:
    def save(slice_id: int, own: list[PlanRow]) -> Count:
        leading = [row for row in own if row.headline]
        if len(leading) > 1:
            raise Refused([Fault("A year has one headline.", "headline", "true", leading[1].row)])
        count = Count()
        for row in own:
            old = Plan.objects.filter(slice=slice_id, code=row.plan).first()
            if old and (old.name, old.reason) == (row.name, row.reason):
                plan, step = old, Count(unchanged=1)
            else:
                plan = services.save_plan(
                    by=by, slice_id=slice_id, code=row.plan, name=row.name, reason=row.reason
                )
                step = Count(updated=1) if old else Count(created=1)
            if row.headline and services.choose_headline(by=by, slice_id=slice_id, plan=plan):
                step = step if step.created else Count(updated=1)
            count += step
        return count

    return _each_slice(rows, save)


def _plan_figures(*, by: User | None, rows: Sequence[PlanFigureRow], warn: Warn) -> Count:
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[PlanFigureRow]) -> Count:
        plans = {plan.code: plan for plan in Plan.objects.filter(slice=slice_id)}
        entries: dict[str, list[services.PlanEntry]] = {}
        faults = []
        for row in own:
            if row.plan not in plans:
                said = f"The year has no plan '{row.plan}'. Add it to the plans."
                faults.append(Fault(said, "plan", row.plan, row.row))
                continue
            entries.setdefault(row.plan, []).append(
                services.PlanEntry(
                    line=row.line,
                    full_year_pence=pence(row.full_year, row.unit),
                    months=row.months,
                    to_date=row.to_date,
                    gross_pence=row.pence_of(row.gross),
                    investment_pence=row.pence_of(row.investment),
                    full_year_effect_pence=row.pence_of(row.full_year_effect),
                    basis=row.basis,
                    evidence_id=evidence[id(row)],
                    row=row.row,
                )
            )
        if faults:
            raise Refused(faults)
        count = Count()
        for code, figures in entries.items():
            count += services.record_plan(
                by=by,
                slice_id=slice_id,
                plan=plans[code],
                entries=figures,
                reason=plans[code].reason,
            )
        return count

    return _each_slice(rows, save)


def _evidence(by: User | None, rows: Sequence[Any]) -> Mapping[int, int | None]:
    """Evidence ids by the identity of the row object."""
    ids = evidence_ids(by=by, rows=rows, units=[str(Unit(row.unit).label) for row in rows])
    return {id(row): pk for row, pk in zip(rows, ids, strict=True)}


def _outturns(*, by: User | None, rows: Sequence[OutturnRow], warn: Warn) -> Count:
    """Record actuals and forecasts; the two rows of a line and month are one outturn."""
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[OutturnRow]) -> Count:
        places: dict[tuple[str, int], dict[str, Any]] = {}
        for row in own:
            values = places.setdefault((row.line, row.month), {"row": row.row})
            values[f"{row.measure}_pence"] = row.pence_of(row.amount)
            values[f"{row.measure}_basis"] = row.basis
            values[f"{row.measure}_evidence_id"] = evidence[id(row)]
            if row.comment and values.setdefault("comment", row.comment) != row.comment:
                said = "An outturn has one comment. Write it beside one of its two figures."
                raise Refused([Fault(said, "comment", row.comment[:SHOWN], row.row)])
        entries = [
            services.Entry(line=line, month=month, **values)
            for (line, month), values in places.items()
        ]
        saved = services.record_outturns(by=by, slice_id=slice_id, entries=entries, again=True)
        for fault in saved.warnings:
            warn(fault)
        return saved.count

    return _each_slice(rows, save)


def _printed_tables(*, by: User | None, rows: Sequence[PrintedTableRow], warn: Warn) -> Count:
    specs = [spec_of(services.TableSpec, row) for row in rows]
    return services.save_printed_tables(by=by, specs=specs)


def _ratings(*, by: User | None, rows: Sequence[RatingRow], warn: Warn) -> Count:
    def save(slice_id: int, own: list[RatingRow]) -> Count:
        specs = [spec_of(services.RatingSpec, row) for row in own]
        return services.rate_schemes(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _risk_money(*, by: User | None, rows: Sequence[RiskMoneyRow], warn: Warn) -> Count:
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[RiskMoneyRow]) -> Count:
        specs = [
            spec_of(
                services.RiskMoneySpec,
                row,
                pence=row.pence_of(row.amount),
                mitigation_pence=row.pence_of(row.mitigation),
                evidence_id=evidence[id(row)],
            )
            for row in own
        ]
        return services.save_risk_money(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _causes(*, by: User | None, rows: Sequence[CauseRow], warn: Warn) -> Count:
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[CauseRow]) -> Count:
        specs = [
            spec_of(
                services.CauseSpec,
                row,
                pence=row.pence_of(row.amount),
                evidence_id=evidence[id(row)],
            )
            for row in own
        ]
        return services.explain_variance(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _pool_amounts(*, by: User | None, rows: Sequence[PoolAmountRow], warn: Warn) -> Count:
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[PoolAmountRow]) -> Count:
        specs = [
            spec_of(
                services.PoolAmountSpec,
                row,
                pence=row.pence_of(row.amount),
                status=row.status or "",
                evidence_id=evidence[id(row)],
            )
            for row in own
        ]
        return services.save_pool_amounts(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _pool_lines(*, by: User | None, rows: Sequence[PoolLineRow], warn: Warn) -> Count:
    def save(slice_id: int, own: list[PoolLineRow]) -> Count:
        silent = ("income_source", "provider_sector", "treatment")
        specs = [
            spec_of(services.PoolLineSpec, row, **{n: getattr(row, n) or "" for n in silent})
            for row in own
        ]
        return services.save_pool_lines(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _printed(*, by: User | None, rows: Sequence[PrintedRow], warn: Warn) -> Count:
    evidence = _evidence(by, rows)

    def save(slice_id: int, own: list[PrintedRow]) -> Count:
        specs = [
            spec_of(
                services.PrintedSpec,
                row,
                kind=row.kind or "",
                pence=row.pence_of(row.amount),
                unit_pence=row.unit_pence,
                evidence_id=evidence[id(row)],
                parts=row.parts.split(),
            )
            for row in own
        ]
        return services.save_printed(by=by, slice_id=slice_id, specs=specs)

    return _each_slice(rows, save)


def _returns(*, by: User | None, rows: Sequence[ReturnRow], warn: Warn) -> Count:
    """Move returns on to their states; never back, since people may have moved them further."""
    partners = {item.code: item for item in Partner.objects.all()}
    unknown = [
        Fault(f"There is no partner '{row.partner}'.", "partner", row.partner, row.row)
        for row in rows
        if row.partner not in partners
    ]
    if unknown:
        raise Refused(unknown)

    def save(slice_id: int, own: list[ReturnRow]) -> Count:
        present = {
            (item.partner_id, item.month): item.state
            for item in MonthlyReturn.objects.filter(slice=slice_id)
        }
        count = Count()
        moving: dict[tuple[int, str], list[Partner]] = {}
        for row in own:
            partner = partners[row.partner]
            state = present.get((partner.pk, row.month))
            if state is not None and _LIFE[ReturnState(state)] >= _LIFE[ReturnState(row.state)]:
                count.unchanged += 1
                continue
            count += Count(updated=1) if state else Count(created=1)
            moving.setdefault((row.month, row.state), []).append(partner)
        for (month, state), own_partners in moving.items():
            services.move_returns(
                by=by,
                slice_id=slice_id,
                months=[month],
                state=ReturnState(state),
                partners=own_partners,
            )
        return count

    return _each_slice(rows, save)


def _year_status(*, by: User | None, rows: Sequence[YearRow], warn: Warn) -> Count:
    """Bring years to their status; a year that was closed is not opened again by loading."""

    def save(slice_id: int, own: list[YearRow]) -> Count:
        present = Slice.objects.values_list("status", flat=True).get(pk=slice_id)
        status = Slice.Status(own[-1].status)
        if _YEAR_LIFE[status] <= _YEAR_LIFE[Slice.Status(present)]:
            return Count(unchanged=1)
        services.set_year_status(by=by, slice_id=slice_id, status=status)
        return Count(updated=1)

    return _each_slice(rows, save)


def _step(name: str, row: type[Row], key: str, apply: Any) -> Step:
    return Step(name, Table(name, row, tuple(key.split())), apply)


STEPS: tuple[Step, ...] = (
    _step("headings", HeadingRow, "code", _headings),
    _step("lines", LineRow, "system year line", _lines),
    _step("pool_lines", PoolLineRow, "system year line", _pool_lines),
    _step("pool_amounts", PoolAmountRow, "system year pool code", _pool_amounts),
    evidenced(
        "share_rules",
        ShareRuleRow,
        "system pool code",
        services.ShareRuleSpec,
        services.save_share_rules,
    ),
    *recovery.STEPS,
    _step("plans", PlanRow, "system year plan", _plans),
    _step("plan_figures", PlanFigureRow, "system year plan line", _plan_figures),
    _step("outturns", OutturnRow, "system year line month measure", _outturns),
    _step("printed_tables", PrintedTableRow, "system code", _printed_tables),
    _step("printed_figures", PrintedRow, "system year code", _printed),
    _step("causes", CauseRow, "system year code", _causes),
    _step("ratings", RatingRow, "system year scheme month", _ratings),
    _step("risk_money", RiskMoneyRow, "system year risk", _risk_money),
    _step("returns", ReturnRow, "system year partner month", _returns),
    Step("year status", Table("years", YearRow, ("system", "year")), _year_status),
)
