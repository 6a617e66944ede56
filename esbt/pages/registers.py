"""What the pages of a register show: its list, one of its rows, and what a file would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse

from esbt.kit.money import NOT_STATED, Cell
from esbt.kit.problems import Fault
from esbt.kit.tables import Column
from esbt.kit.words import in_a_list
from schemes.audit.history import Step, history_of, names_of
from schemes.models import RegisterRow, System
from schemes.registers.columns import EVIDENCE, RowColumn, columns_of
from schemes.registers.kinds import RegisterKind
from schemes.registers.listing import ORDER, Selection, Wish, choices, select
from schemes.registers.rows import (
    derived_columns,
    derived_of,
    download_columns,
    download_rows,
    figure_words,
    own_columns,
    partner_names,
    rows_in,
    said,
)
from schemes.services.entries import Preview
from schemes.sources import evidence_row, mark_of

_NARROW = 1  # columns beside the name that a telephone shows
SHOWN = 200  # changes and faults on a page


def list_context(system: System, kind: RegisterKind, wish: Wish) -> dict[str, Any]:
    """The list with its filters: three queries at most, however many rows."""
    rows = list(rows_in(system, kind))
    partners = partner_names(system, kind)
    offered = choices(kind, rows, partners)
    own = own_columns(kind)
    columns = {column.name: column for column in own}
    told = [item for item in own if any(_stated(row.values.get(item.name)) for row in rows)]
    query = wish.query(page=1)
    ways = [
        (label, reverse(name, args=[system.code, kind.code]))
        for label, name in (("CSV", "register-csv"), ("XLSX", "register-xlsx"))
    ]
    found = select(kind, rows, wish)
    return {
        "wish": wish,
        "count": len(rows),
        "filters": [
            {
                "name": name,
                "label": columns[name].label,
                "options": options,
                "value": dict(wish.chosen).get(name, ""),
            }
            for name, options in offered.items()
        ],
        "said": _count_words(len(found.rows), len(rows)),
        "found": found,
        "heads": _heads(kind, told, wish),
        "rows": [_row(system, kind, told, row, partners) for row in found.shown],
        "untold": in_a_list([item.label for item in own if item not in told]),
        "derived": derived_columns(kind),
        "marked": any(mark_of(row.evidence) for row in found.shown),
        "clear": reverse("register", args=[system.code, kind.code]),
        "downloads": [
            {"label": label, "href": f"{href}?{query}" if query else href} for label, href in ways
        ],
        **_pages(found, wish),
    }


def _count_words(found: int, count: int) -> str:
    if found == count:
        return f"{count:,} row{'s' if count > 1 else ''}"
    return f"{found:,} of {count:,} rows"


def _pages(found: Selection, wish: Wish) -> dict[str, str]:
    return {
        "before": f"?{wish.query(page=found.page - 1)}" if found.page > 1 else "",
        "after": f"?{wish.query(page=found.page + 1)}" if found.page < found.pages else "",
    }


def _stated(value: Any) -> bool:
    return value not in (None, "")


def _heads(kind: RegisterKind, told: Sequence[RowColumn], wish: Wish) -> list[dict[str, Any]]:
    """The headings, each a way to sort: once up, then down, then as the register stands."""
    named = [("name", "Name", False)]
    named += [(column.name, column.label, column.counts) for column in told]
    named += [(name, label, True) for name, label, _ in derived_columns(kind)]
    derived = {name for name, _, _ in derived_columns(kind)}
    heads = []
    for place, (name, label, counts) in enumerate(named):
        here = wish.sort == name
        if here and wish.down:
            query = wish.query(sort=ORDER, down=False, page=1)
        else:
            query = wish.query(sort=name, down=here, page=1)
        heads.append(
            {
                "label": label,
                "href": f"?{query}",
                "text": not counts,
                "wide": place > _NARROW and name not in derived,
                "sorted": ("descending" if wish.down else "ascending") if here else "",
            }
        )
    return heads


def _row(
    system: System,
    kind: RegisterKind,
    told: Sequence[RowColumn],
    row: RegisterRow,
    partners: Mapping[str, str],
) -> dict[str, Any]:
    cells = [
        {
            "cell": _cell(column, row, partners),
            "text": not column.counts,
            "wide": place >= _NARROW,
        }
        for place, column in enumerate(told)
    ]
    worked_out = [{"cell": cell, "text": False, "wide": False} for _, cell in _derived(kind, row)]
    return {
        "name": row.name,
        "href": reverse("register-row", args=[system.code, kind.code, row.code]),
        "mark": mark_of(row.evidence),
        "cells": [*cells, *worked_out],
    }


def _cell(column: RowColumn, row: RegisterRow, partners: Mapping[str, str]) -> Cell:
    text = said(column, row.values.get(column.name), partners)
    return Cell(text or NOT_STATED, missing=not text)


def _derived(kind: RegisterKind, row: RegisterRow) -> list[tuple[str, Cell]]:
    """What is worked out from a row: its heading, and the figure with its working."""
    values = derived_of(row, kind)
    found = []
    for name, label, words in derived_columns(kind):
        value = values[name]
        if value is None:
            cell = Cell(NOT_STATED, missing=True)
        else:
            cell = Cell(figure_words(value), derived=True, note=f"Worked out: {words}.")
        found.append((label, cell))
    return found


def row_context(system: System, kind: RegisterKind, row: RegisterRow) -> dict[str, Any]:
    """All that is known of a row, and every state that it had."""
    partners = partner_names(system, kind)
    return {
        "row": row,
        "facts": [
            *((column.label, _cell(column, row, partners)) for column in own_columns(kind)),
            *_derived(kind, row),
        ],
        "mark": mark_of(row.evidence),
        "evidence": evidence_row(row.evidence),
        "steps": _steps(system, kind, row),
    }


def _steps(system: System, kind: RegisterKind, row: RegisterRow) -> list[Step]:
    """The history, its columns called as the register calls them."""
    labels = {name: column.label for name, column in columns_of(kind.row).items()}
    return [
        replace(
            step,
            changes=[
                (labels.get(what, what), before, after) for what, before, after in step.changes
            ],
        )
        for step in history_of(row, names_of(system))
    ]


def workbook_rows(
    kind: RegisterKind, rows: Sequence[RegisterRow], system: System
) -> tuple[list[Column], list[list[Any]]]:
    """A register's download for a workbook, in which figures are numbers as they are."""
    columns = download_columns(kind)
    counts = [column.type in ("integer", "number") for column in columns]
    held = [
        [
            Decimal(cell) if number and cell else cell
            for cell, number in zip(row, counts, strict=True)
        ]
        for row in download_rows(kind, rows, system)
    ]
    # "number" would dress them as money
    return [replace(column, type="string") for column in columns], held


def preview_context(preview: Preview) -> dict[str, Any]:
    """What a file would do, in words, and the first of its changes."""
    count = preview.count
    return {
        "count": count,
        "changing": count.created + count.updated,
        "altered": preview.altered[:SHOWN],
        "more_altered": max(len(preview.altered) - SHOWN, 0),
    }


def faults_context(kind: RegisterKind, faults: Sequence[Fault]) -> dict[str, Any]:
    """What is wrong with a file, by row and column."""
    labels = {name: column.label for name, column in columns_of(kind.row).items()}
    return {
        "faults": [
            {
                "row": fault.row,
                "column": labels.get(fault.field, fault.field),
                "value": fault.value,
                "message": fault.message,
            }
            for fault in faults[:SHOWN]
        ],
        "more_faults": max(len(faults) - SHOWN, 0),
    }


def form_groups(kind: RegisterKind, *, new: bool) -> list[tuple[str, list[str]]]:
    """The fields of a row's form under their titles; a code is given once."""
    first = ["name", "code"] if new else ["name"]
    return [
        ("What it is", [*first, *kind.columns, "position", "note"]),
        ("Where it comes from", [*EVIDENCE]),
    ]
