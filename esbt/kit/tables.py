"""Tables out: CSV by RFC 4180 that a spreadsheet cannot mistake for formulas, and their schema."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """A column of a download: its name, its Frictionless type and what it holds."""

    name: str
    type: str
    description: str


def pounds(pence: int | None) -> str:
    """Pence as exact pounds with two decimals and a plain minus; empty when not stated."""
    return "" if pence is None else f"{Decimal(pence).scaleb(-2):.2f}"


def safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


def csv_text(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """The table as CSV text with a heading row, lines ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow(["" if value is None else safe(value) for value in row])
    return out.getvalue()


def csv_answer(columns: Sequence[Column], rows: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    """The table as a download of that name."""
    answer = HttpResponse(csv_text(columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def csv_records(
    columns: Sequence[Column], records: Iterable[Mapping[str, Any]], name: str
) -> HttpResponse:
    """Records as an API answers them as a download: lists joined by semicolons, true and false."""
    rows = ([_cell(record[column.name]) for column in columns] for record in records)
    return csv_answer(columns, rows, name)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(value) if isinstance(value, list) else value


def table_schema(columns: Sequence[Column]) -> dict[str, Any]:
    """The Frictionless table schema of such a CSV."""
    return {
        "fields": [
            {"name": column.name, "type": column.type, "description": column.description}
            for column in columns
        ],
        "missingValues": [""],
    }
