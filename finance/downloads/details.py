"""Headings, causes and contracts as tables to take away: exact pounds, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from esbt.kit.tables import Column, pounds
from finance.figures.position import KindFigures, Position
from finance.queries.causes import Told
from finance.queries.contracts import MEASURES, Contracts
from finance.queries.line_months import LineMonth
from schemes.models import Slice

GBP = "pounds in the sense of the line; empty is not stated"

HEADING_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("partner", "string", "code of the partner or reporting group, or total"),
    Column("kind", "string", "income or spend, which are never added"),
    Column("heading", "string", "its name, or total"),
    Column("plan_gbp", "number", f"plan for the year, {GBP}"),
    Column("plan_to_date_gbp", "number", f"of lines that can be compared, {GBP}"),
    Column("actual_to_date_gbp", "number", GBP),
    Column("variance_gbp", "number", "favourable-positive"),
    Column("forecast_gbp", "number", f"forecast for the year, {GBP}"),
    Column("forecast_variance_gbp", "number", "favourable-positive"),
)

CAUSE_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("partner", "string", "code of the partner; empty: said of the whole system"),
    Column("line", "string", "code of the line; empty: said of the whole system"),
    Column("in_position", "boolean", "whether the line's variance adds to the position"),
    Column("cause", "string", "code of the cause"),
    Column("amount_gbp", "number", "pounds, favourable-positive; empty is not stated"),
    Column("words", "string", "what it was"),
    Column("by", "string", "who said so; empty: a document"),
    Column("source", "string", "the document"),
    Column("place", "string", "where in it"),
)

CONTRACT_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("line", "string", "code of the one side's line: of a contract the income"),
    Column("partner", "string", "whose it is"),
    Column("other_line", "string", "code of the other side's; empty: it has none"),
    Column("other_partner", "string", "whose that is"),
    Column("kind", "string", "what the one side's line counts"),
    *(
        Column(f"{side}{name}_gbp", "number", GBP)
        for name in ("plan", "actual_to_date", "forecast")
        for side in ("", "other_")
    ),
    Column("actual_not_agreed_gbp", "number", "positive flatters the system's total"),
)


def heading_rows(
    slice_: Slice,
    position: Position,
    found: Mapping[int, Sequence[KindFigures]],
    codes: Mapping[int, str],
) -> Iterator[Sequence[Any]]:
    """A row a partner, kind and heading; ``codes`` names partners by their key."""
    for key, code in codes.items():
        for kind in found.get(key, []):
            for row in (*kind.rows, kind.total):
                yield (
                    slice_.system.code,
                    slice_.year_id,
                    position.month,
                    position.state,
                    code,
                    kind.kind,
                    row.name if row is not kind.total else "total",
                    pounds(row.plan_pence),
                    pounds(row.plan_to_date_pence),
                    pounds(row.actual_pence),
                    pounds(row.variance_pence),
                    pounds(row.forecast_pence),
                    pounds(row.forecast_variance_pence),
                )


def cause_rows(slice_: Slice, told: Told) -> Iterator[Sequence[Any]]:
    """A row a statement."""
    for adds, said in ((True, told.of_lines), (False, told.of_others), (False, told.of_system)):
        for item in said:
            yield (
                slice_.system.code,
                slice_.year_id,
                item.month,
                item.line.partner.code if item.line else "",
                item.line.code if item.line else "",
                str(adds).lower(),
                item.cause,
                pounds(item.pence),
                item.words,
                str(item.actor or ""),
                item.evidence.source.code if item.evidence else "",
                item.evidence.place if item.evidence else "",
            )


def contract_rows(slice_: Slice, position: Position, found: Contracts) -> Iterator[Sequence[Any]]:
    """A row an agreement, then the lines whose other side has none."""
    pairs: list[tuple[LineMonth, LineMonth | None, int | None]] = [
        (pair.one, pair.other, pair.difference("actual_pence")) for pair in found.pairs
    ]
    pairs += [(item, None, None) for item in found.alone]
    for one, other, difference in pairs:
        counterparty = one.line.counterparty
        yield (
            slice_.system.code,
            slice_.year_id,
            position.month,
            position.state,
            one.line.code,
            one.line.partner.code,
            other.line.code if other else "",
            counterparty.code if counterparty else "",
            one.line.kind,
            *(
                pounds(getattr(side, name) if side else None)
                for name in MEASURES
                for side in (one, other)
            ),
            pounds(difference),
        )
