"""Rows of the typed registers as people and programs bring them: all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from esbt.kit.counts import Count
from esbt.kit.problems import Conflict, Fault, Refused
from esbt.kit.rows import read_row
from schemes.models import RegisterRow, System, User
from schemes.package.base import evidence_ids
from schemes.package.rows import spec_of_row
from schemes.people.permissions import Permission, require
from schemes.registers.columns import EVIDENCE, columns_of
from schemes.registers.kinds import RegisterEntry, RegisterKind
from schemes.registers.rows import cells_of, rows_in, version_of
from schemes.services.rows import save_rows
from schemes.services.seen import refuse_newer
from schemes.services.slices import NO_FIGURE, hold_system, touch
from schemes.services.upsert import reason_of, remove

CODE_LENGTH = 50
_READ_AGAIN = "Somebody changed this register meanwhile. Look at it again, then send this anew."


@dataclass(frozen=True)
class Brought:
    """A row as it came: its number or name for messages, and text by column.

    A column that is not among the cells stays as it is; a blank cell is not stated.
    """

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Altered:
    """What a row would become: label, before and after of each column that moves."""

    row: int
    code: str
    name: str
    new: bool
    changes: Sequence[tuple[str, str, str]]


@dataclass
class Preview:
    """What storing would do, and the state of the register that it was compared with."""

    count: Count
    version: int
    altered: list[Altered] = field(default_factory=list)


def store_entries(
    *, by: User, system: System, kind: RegisterKind, brought: Sequence[Brought], seen: int | None
) -> Count:
    """Add and change rows by their codes; sent again it changes nothing.

    ``seen`` is the register's version that somebody compared with, None for any. Raises Refused
    with a fault a row and column, of code conflict where the register has moved on, and Http404
    for those who keep no registers here.
    """
    require(by, Permission.KEEP_DELIVERY, system=system)
    with transaction.atomic():
        hold_system(system.code)
        if seen is not None and seen != version_of(system, kind):
            raise Conflict([Fault(_READ_AGAIN)], [])
        return _store(by, system, kind, brought)


def preview_entries(
    *, by: User, system: System, kind: RegisterKind, brought: Sequence[Brought]
) -> Preview:
    """What ``store_entries`` would do; nothing stays of it, and it raises what that does."""
    require(by, Permission.KEEP_DELIVERY, system=system)
    with transaction.atomic():
        hold_system(system.code)
        version = version_of(system, kind)
        before = _cells(system, kind)
        count = _store(by, system, kind, brought)
        after = _cells(system, kind)
        transaction.set_rollback(True)
    done = Preview(count, version)
    labels = {name: column.label for name, column in columns_of(kind.row).items()}
    for item in brought:
        code = item.cells["code"]
        old, new = before.get(code, {}), after[code]
        changes = [
            (labels[name], old.get(name, ""), new[name])
            for name in new
            if new[name] != old.get(name, "")
        ]
        if changes:
            done.altered.append(Altered(item.row, code, new["name"], not old, changes))
    return done


def add_entry(*, by: User, system: System, kind: RegisterKind, cells: Mapping[str, str]) -> str:
    """Add a row; its code, which is made from its name where none is given.

    Raises Refused where a row has the code, and what ``store_entries`` does.
    """
    require(by, Permission.KEEP_DELIVERY, system=system)
    with transaction.atomic():
        hold_system(system.code)
        code = cells.get("code", "")
        if code and rows_in(system, kind).filter(code=code).exists():
            said = "There is a row with this code. Choose another, or change that row."
            raise Refused([Fault(said, "code", code)])
        cells = {**cells, "code": code or _code(cells.get("name", ""), system, kind)}
        _store(by, system, kind, [Brought(0, cells)])
    return cells["code"]


def change_entry(
    *, by: User, row: RegisterRow, kind: RegisterKind, cells: Mapping[str, str], seen: int
) -> None:
    """Change a row as somebody saw it; raises Conflict where it has moved on, and what
    ``store_entries`` does.
    """
    require(by, Permission.KEEP_DELIVERY, system=row.system)
    with transaction.atomic():
        hold_system(row.system.code)
        refuse_newer(row, seen)
        _store(by, row.system, kind, [Brought(0, {**cells, "code": row.code})])


def remove_entry(*, by: User, row: RegisterRow, reason: str, seen: int) -> None:
    """Take a row out; its last state, who and why stay in the history.

    Raises Refused without a reason, Conflict where the row has moved on, and Http404 for those who
    keep no registers here.
    """
    require(by, Permission.KEEP_DELIVERY, system=row.system)
    why = reason_of(reason)
    with transaction.atomic():
        hold_system(row.system.code)
        refuse_newer(row, seen)
        remove(row, by=by, reason=why)
        touch(by=by, slices=Q(system=row.system), action="register rows", from_month=NO_FIGURE)


def _store(by: User, system: System, kind: RegisterKind, brought: Sequence[Brought]) -> Count:
    present = {row.code: row for row in rows_in(system, kind)}
    entries: list[RegisterEntry] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    for item in brought:
        code = item.cells.get("code", "")
        if code and first.setdefault(code, item.row) != item.row:
            said = f"Row {first[code]} has this code already. Keep one of them."
            faults.append(Fault(said, "code", code, item.row))
            continue
        old = present.get(code)
        cells = _merged(kind, cells_of(old, kind) if old else {}, item.cells)
        read = read_row(kind.row, cells | {"system": system.code}, item.row, "")
        if isinstance(read, list):
            faults += [replace(fault, row=item.row or None) for fault in read]
        else:
            entries.append(read)
    if faults:
        raise Refused(faults)
    # who keeps registers may cite a document that is known; the documents are kept by others
    evidence = evidence_ids(by=None, rows=entries, units=[""] * len(entries))
    specs = [spec_of_row(kind, row, found) for row, found in zip(entries, evidence, strict=True)]
    return save_rows(by=by, kind=kind, specs=specs)


def _merged(kind: RegisterKind, old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """A row with what is brought; a figure that moves cites the document only if it says so."""
    cells = {**old, **new}
    says_where = not new.keys().isdisjoint(EVIDENCE)
    moved = any(cells.get(name) != old.get(name) for name in ("name", *kind.columns))
    if moved and not says_where:
        return {name: cell for name, cell in cells.items() if name not in EVIDENCE}
    return cells


def _cells(system: System, kind: RegisterKind) -> dict[str, dict[str, str]]:
    return {row.code: cells_of(row, kind) for row in rows_in(system, kind)}


def _code(name: str, system: System, kind: RegisterKind) -> str:
    """A code of a name that no row of the register has, or had."""
    stem = slugify(name)[:CODE_LENGTH].strip("-") or "row"
    taken = set(
        RegisterRow.objects.filter(system=system, register=kind.code).values_list("code", flat=True)
    )
    return next(
        code
        for n in range(1, len(taken) + 2)
        if (code := f"{stem}-{n}" if n > 1 else stem) not in taken
    )
