"""What pages of savings offer as tables to take away: exact pounds, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from esbt.kit.tables import Column, pounds
from finance.figures.savings import Judged, SavingFigures, SavingsBook, SchemeRow

GBP = "pounds, a saving being positive; empty is not stated"

SCHEME_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March; years are never added"),
    Column("month", "integer", "month of the year, 1 is April; empty: no savings were reported"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column(
        "row",
        "string",
        "scheme; part, which is in its scheme already; unidentified, on no scheme; total, of the "
        "whole plan: schemes and unidentified add to it",
    ),
    Column("scheme", "string", "code of the scheme"),
    Column("name", "string", "its name"),
    Column("working_label", "boolean", "the source prints no name: this one is ours"),
    Column("part_of", "string", "scheme that it is a part of, whose figures hold its own"),
    Column("theme", "string", "its theme"),
    Column("lead_partner", "string", "code of the partner that leads it"),
    Column("partners", "string", "codes of those who bear its savings"),
    Column("stage", "string", "how far it has come"),
    Column("recurrent", "string", "whether its savings recur: yes, no, not stated, or several"),
    Column("gross_budget_gbp", "number", GBP),
    Column("saving_plan_gbp", "number", f"net saving planned for the year, {GBP}"),
    Column("plan_to_date_gbp", "number", GBP),
    Column("actual_to_date_gbp", "number", GBP),
    Column("variance_gbp", "number", "favourable-positive, of the lines that reported"),
    Column("forecast_gbp", "number", f"forecast for the year, {GBP}"),
    Column("forecast_variance_gbp", "number", "favourable-positive"),
    Column("lines_due", "integer", "saving lines that were due to report in the month"),
    Column("lines_reported", "integer", "those that did: the variance is of these"),
    Column("status", "string", "green, amber or red by the stated rule"),
    Column("status_reason", "string", "why"),
    Column("lead_rating", "string", "the lead's own rating"),
    Column("evidence", "string", "state of the plan's evidence; missing: no plan is stated"),
    Column("computed_at", "string", "when the figures were computed (ISO 8601)"),
    Column("revision", "integer", "change that they were computed from"),
)

SAVING_MONTH_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("state", "string", "published or provisional"),
    Column("month", "integer", "month of the year; 1 is April"),
    Column("plan_to_date_gbp", "number", GBP),
    Column("actual_to_date_gbp", "number", f"{GBP}; empty until every line that was due has one"),
    Column("forecast_gbp", "number", "forecast for the year"),
    Column("lines_due", "integer", "saving lines that were due to report"),
    Column("lines_reported", "integer", "those that did"),
    Column("computed_at", "string", "when the figures were computed (ISO 8601)"),
    Column("revision", "integer", "change that they were computed from"),
)


def scheme_rows(
    book: SavingsBook, rows: Iterable[SchemeRow], *, whole: bool = False
) -> Iterator[Sequence[Any]]:
    """A row a scheme; with ``whole``, where nothing was left out, also what completes the plan."""
    for row in rows:
        names = (
            "part" if row.parent else "scheme",
            row.code,
            row.name,
            str(row.working_label).lower(),
            row.parent or "",
            row.theme_name,
            row.lead_partner,
            " ".join(row.partners),
            row.stage,
            ", ".join(row.recurrent),
            pounds(row.gross_budget_pence),
        )
        yield _row(book, names, row.figures, row.judged, row.rating, row.evidence)
    if whole:
        blank = ("",) * 8
        if book.unidentified is not None:
            gap = ("unidentified", "", "Unidentified", *blank)
            yield _row(book, gap, book.unidentified, Judged())
        plan = ("total", "", "Whole plan", *blank[1:], pounds(book.gross_budget_pence))
        yield _row(book, plan, book.total, book.judged)


def _row(
    book: SavingsBook,
    names: Sequence[Any],
    figures: SavingFigures,
    judged: Judged,
    rating: str = "",
    evidence: str = "",
) -> Sequence[Any]:
    return (
        book.system,
        book.year,
        book.month,
        book.state,
        *names,
        pounds(figures.plan_pence),
        pounds(figures.plan_to_date_pence),
        pounds(figures.actual_pence),
        pounds(figures.variance_pence),
        pounds(figures.forecast_pence),
        pounds(figures.forecast_variance_pence),
        figures.lines,
        figures.reported,
        judged.status,
        judged.reason,
        rating,
        evidence,
        book.computed_at.isoformat() if book.computed_at else "",
        book.change,
    )


def saving_month_rows(book: SavingsBook) -> Iterator[Sequence[Any]]:
    """A row a month."""
    for point in book.months:
        yield (
            book.system,
            book.year,
            book.state,
            point.month,
            pounds(point.plan_pence),
            pounds(point.actual_pence),
            pounds(point.forecast_pence),
            point.lines,
            point.reported,
            book.computed_at.isoformat() if book.computed_at else "",
            book.change,
        )


def about_savings(book: SavingsBook, system: str, *, illustrative: bool) -> dict[str, str]:
    """What a workbook says about its figures."""
    said = {"System": system, "Financial year": book.year.replace("-", "/")}
    if illustrative:
        said["Illustrative"] = "Made-up figures of no place"
    return said | {
        "State": "Published: approved or closed figures"
        if book.state == "published"
        else "Provisional: everything saved so far",
        "Month": "none: no savings were reported" if book.month is None else str(book.month),
        "Computed": book.computed_at.isoformat() if book.computed_at else "not computed yet",
        "Revision": str(book.change),
        "Parts": "The figures of a whole scheme hold those of its parts.",
        "Years": "Savings of two years are not to be added.",
    }
