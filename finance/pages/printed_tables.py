"""Tables that a source prints as a memorandum: a column a year, and no sum over years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell, format_pence, words
from esbt.kit.tables import Column, pounds
from finance.models import PrintedFigure, PrintedTable
from finance.pages.sources import SHOWN_PENCE, unit_as_printed
from finance.proof import Outcome, Proof, prove
from schemes.models import Slice
from schemes.sources import evidence_row

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

PRINTED_TABLE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("table", "string", "code of the table; a memorandum, never added to anything"),
    Column("year", "string", "financial year; the years are never added together"),
    Column("row", "integer", "place of the row in the table"),
    Column("code", "string", "code of the printed figure"),
    Column("name", "string", "its name"),
    Column("balance", "boolean", "whether it is the balance of the other rows, not one more"),
    Column("amount_gbp", "number", "pounds, with the signs of the table; empty is not stated"),
    Column("state", "string", "printed, derived, inferred, suspect or missing"),
    Column("printed", "string", "as printed"),
    Column("source", "string", "title of the document"),
    Column("place", "string", "where in it"),
    Column("working", "string", "how it was worked out, or what is doubtful"),
)


class _Read:
    """A table's figures in all its years, with the proofs that rest on them."""

    def __init__(self, slice_: Slice, code: str) -> None:
        table = PrintedTable.objects.filter(system=slice_.system_id, code=code).first()
        if table is None:
            raise Http404
        self.table = table
        self.figures = list(
            PrintedFigure.objects.filter(table=table)
            .select_related("slice__year", "evidence__source")
            .prefetch_related("parts")
            .order_by("slice__year", "position", "code")
        )
        self.slices = {figure.slice_id: figure.slice for figure in self.figures}
        self.unit: Unit = (
            unit_as_printed(min(figure.unit_pence for figure in self.figures))
            if self.figures
            else "k"
        )

    def is_balance(self, figure: PrintedFigure) -> bool:
        """Whether a row is what other rows of the table come to."""
        return any(part.table_id == self.table.pk for part in figure.parts.all())

    def proofs(self) -> Iterator[Proof]:
        """What is printed elsewhere or here as a sum of rows of this table."""
        for slice_id in self.slices:
            for proof in prove(slice_id):
                if self.is_balance(proof.figure):
                    yield proof


def printed_table(slice_: Slice, code: str) -> dict[str, Any]:
    """A table for its page: rows by code, a column a year, each figure leading to its evidence.

    Http404 for a table that the system does not have.
    """
    read = _Read(slice_, code)
    names = _without_common_head([figure.name for figure in read.figures])
    named = {figure.pk: name for figure, name in zip(read.figures, names, strict=True)}
    proofs = list(read.proofs())
    checks = {proof.figure.pk: proof for proof in proofs}
    elsewhere = [proof for proof in proofs if proof.figure.table_id != read.table.pk]
    rows: dict[str, dict[str, Any]] = {}
    for figure in sorted(read.figures, key=lambda figure: (figure.position, figure.code)):
        row = rows.setdefault(
            figure.code, {"name": named[figure.pk], "balance": False, "cells": {}}
        )
        row["balance"] |= read.is_balance(figure)
        row["cells"][figure.slice_id] = _cell(figure, read.unit)
    years = list(read.slices)
    return {
        "table": {"name": read.table.name, "about": read.table.about, "signs": read.table.signs},
        "code": read.table.code,
        "unit": UNIT_LABELS[read.unit],
        "years": [str(read.slices[year].year) for year in years],
        "rows": [
            row | {"cells": [row["cells"].get(year, cell(None, read.unit)) for year in years]}
            for row in rows.values()
        ],
        "checks": [
            _check(
                [checks.get(figure.pk) for figure in read.figures if figure.slice_id == year],
                read.unit,
            )
            for year in years
        ],
        "sentence": _sentence(read, named, checks),
        "made_of": [
            {
                "name": proof.figure.name,
                "year": str(read.slices[proof.figure.slice_id].year),
                "stated": _cell(proof.figure, read.unit),
                "found": _amount(proof.found_pence, read.unit),
                "outcome": str(proof.outcome),
                "derived": bool(proof.note),
            }
            for proof in elsewhere
        ],
        "sources": [
            {
                "id": _anchor(figure),
                "name": named.get(figure.pk, figure.name),
                "year": str(read.slices[figure.slice_id].year),
                "evidence": evidence_row(figure.evidence),
            }
            for figure in (*read.figures, *(proof.figure for proof in elsewhere))
        ],
    }


def printed_table_rows(slice_: Slice, code: str) -> Iterator[Sequence[Any]]:
    """A row a figure, for the download. Http404 for a table that the system does not have."""
    read = _Read(slice_, code)
    for figure in read.figures:
        evidence = figure.evidence
        yield (
            slice_.system.code,
            read.table.code,
            figure.slice.year_id,
            figure.position,
            figure.code,
            figure.name,
            str(read.is_balance(figure)).lower(),
            pounds(figure.pence),
            evidence.state,
            evidence.printed,
            evidence.source.title,
            evidence.place,
            evidence.working,
        )


def printed_tables(slice_: Slice) -> list[PrintedTable]:
    """The tables that hold figures of a year."""
    return list(PrintedTable.objects.filter(figures__slice=slice_).distinct())


def _cell(figure: PrintedFigure, unit: Unit) -> Cell:
    """An amount as printed; what is derived or doubtful carries its working."""
    state = figure.evidence.state
    return cell(
        figure.pence,
        unit,
        marks=(state,),
        note=figure.evidence.working,
        href=f"#{_anchor(figure)}",
    )


def _amount(pence: int | None, unit: Unit) -> str:
    """An amount as the table prints it, or exactly where that would hide a difference."""
    exact = not pence or pence % SHOWN_PENCE[unit] == 0
    return format_pence(pence, unit) if exact else words(pence, "gbp")


def _anchor(figure: PrintedFigure) -> str:
    return f"source-{figure.slice.year_id}-{figure.code}"


def _without_common_head(names: Sequence[str]) -> list[str]:
    """Names without what all of them begin with before a colon, which is the table's own name."""
    heads = {name.partition(": ")[0] for name in names}
    common = len(heads) == 1 and all(": " in name for name in names)
    tails = [name.partition(": ")[2] if common else name for name in names]
    return [tail[0].upper() + tail[1:] for tail in tails]


def _check(proofs: Sequence[Proof | None], unit: Unit) -> dict[str, Any] | None:
    """What the rows of a year add to, beside its balance."""
    proof = next((proof for proof in proofs if proof), None)
    if proof is None or proof.found_pence is None:
        return None
    parts = len(proof.figure.parts.all())
    return {
        "count": _count(parts),
        "found": _amount(proof.found_pence, unit),
        "outcome": str(proof.outcome),
        "derived": bool(proof.note),
    }


def _sentence(read: _Read, named: dict[int, str], checks: dict[int, Proof]) -> str:
    """What the balance is in each year, and whether the rows above come to it."""
    said = []
    for figure in read.figures:
        proof = checks.get(figure.pk)
        if proof is None or figure.pence is None:
            continue
        parts = _count(len(figure.parts.all()))
        if proof.outcome == Outcome.AGREES:
            how = f"what the {parts} rows above it come to"
        elif proof.found_pence is None:
            how = f"of the {parts} rows above it not all are stated"
        else:
            how = f"but the {parts} rows above it add to {words(proof.found_pence, read.unit)}"
        said.append((named[figure.pk], str(figure.slice.year), figure.pence, how))
    if not said:
        return "None of its rows is the balance of the others." if read.figures else ""
    name = said[0][0]
    if len({how for _, _, _, how in said}) == 1:
        years = " and ".join(f"{words(pence, read.unit)} in {year}" for _, year, pence, _ in said)
        each = ", each time " if len(said) > 1 else ", "
        return f"{name} is {years}{each}{said[0][3]}."
    each_year = [f"{words(pence, read.unit)} in {year}, {how}" for _, year, pence, how in said]
    return f"{name} is {'; '.join(each_year)}."


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)
