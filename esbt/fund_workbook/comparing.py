"""What a workbook would change: its rows against those that stand, and those it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from esbt.fund_workbook.reading import CellFault, Sent, SentRow
from esbt.fund_workbook.sheets import SHEETS, Column, SheetPlan
from esbt.fund_workbook.standing import Rows
from esbt.kit.spreadsheets import cell_name


@dataclass(frozen=True)
class RowChange:
    """A row that would be new or changed: its text as it would be, and as it stands (new: none)."""

    sheet: str
    key: str
    row: int
    values: dict[str, str]
    before: dict[str, str]

    @property
    def is_new(self) -> bool:
        """Whether there is no such row yet."""
        return not self.before

    @property
    def plan(self) -> SheetPlan:
        """The sheet."""
        return next(sheet for sheet in SHEETS if sheet.name == self.sheet)

    def changed(self, *names: str) -> bool:
        """Whether any of some columns differs, or any at all without names."""
        return any(self.values[name] != self.before.get(name, "") for name in names or self.values)

    def cells(self) -> Iterator[tuple[Column, str, str, str]]:
        """Each cell that differs: its column, its name, what stands there and what would."""
        for place, column in enumerate(self.plan.columns, 1):
            old, new = self.before.get(column.name, ""), self.values[column.name]
            if old != new:
                yield column, cell_name(self.row, place), old, new

    def cell(self, name: str) -> str:
        """The name of a column's cell; of the key's where there is no such column."""
        names = [column.name for column in self.plan.columns]
        return cell_name(self.row, names.index(name) + 1 if name in names else 1)


@dataclass
class Compared:
    """What a workbook would do, and what stops it."""

    changes: list[RowChange] = field(default_factory=list)
    unchanged: int = 0
    faults: list[CellFault] = field(default_factory=list)


def compare(sent: Sent, now: Mapping[str, Rows]) -> Compared:
    """Hold a workbook against what stands; a cell that was left as it was takes what stands."""
    done = Compared(faults=list(sent.faults))
    for plan in SHEETS:
        for key, row in sent.rows.get(plan.name, {}).items():
            stands = now[plan.name].get(key)
            if stands is None:
                done.changes += _new(plan, key, row, done)
                continue
            base = sent.base.get((plan.name, key), {})
            merged = {
                column.name: _merged(plan, column, row, base, stands, done)
                for column in plan.columns
            }
            if merged == stands:
                done.unchanged += 1
            else:
                done.changes.append(RowChange(plan.name, key, row.row, merged, dict(stands)))
    return done


def _new(plan: SheetPlan, key: str, row: SentRow, done: Compared) -> list[RowChange]:
    change = RowChange(plan.name, key, row.row, row.values, {})
    if plan.grows:
        return [change]
    said = f"There is no row '{key}' here, and this sheet takes no new ones. Put the code back."
    done.faults.append(CellFault(said, plan.name, change.cell(plan.key.name), key))
    return []


def _merged(
    plan: SheetPlan,
    column: Column,
    row: SentRow,
    base: Mapping[str, str],
    stands: Mapping[str, str],
    done: Compared,
) -> str:
    """What a cell would hold; a fault where it may not be changed, or two people changed it."""
    sent, was, now = row.values[column.name], base.get(column.name, ""), stands[column.name]
    change = RowChange(plan.name, "", row.row, row.values, dict(stands))
    place: dict[str, Any] = {"sheet": plan.name, "cell": change.cell(column.name)}
    if sent in (was, now) or any((f.sheet, f.cell) == tuple(place.values()) for f in done.faults):
        return now
    if not column.typed:
        said = (
            f"This cell is locked. Put '{was}' back." if was else "Empty this cell: it is locked."
        )
        done.faults.append(CellFault(said, value=sent[:60], **place))
    elif was != now:
        said = (
            f"Somebody wrote '{now[:60]}' here after your download. Download the workbook anew, "
            "and change it there."
        )
        done.faults.append(CellFault(said, value=sent[:60], **place))
    elif column.kind == "amount" and not sent:
        said = "An amount that is stated is not emptied here. Write 0 if that is meant."
        done.faults.append(CellFault(said, value=now, **place))
    return sent
