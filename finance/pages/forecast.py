"""What the page of a year's forecast and risk shows, and what it offers to take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse

from esbt.kit.money import UNIT_LABELS, Cell, Unit, cell
from esbt.kit.tables import Column, pounds
from esbt.kit.when import when_words
from finance import charts
from finance.figures.forecast import Doubt, ForecastRow, RiskItem, RiskPosition, columns_of
from finance.models.risks import StandsAs
from finance.months import month_label
from schemes.models import RiskRating, RiskStatus, Slice

POSITION = "pounds in the sense of a position: a deficit is negative; empty is not stated"
AT_STAKE = "pounds at stake: what would worsen the position is positive; empty is not stated"

FORECAST_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("month", "integer", "month of the figures; 1 is April, 0 the opening forecast"),
    Column("state", "string", "published (approved or closed figures) or provisional"),
    Column("partner", "string", "code of the partner or reporting group, or total"),
    Column("name", "string", "its name"),
    Column("forecast_gbp", "number", f"forecast for the year, {POSITION}"),
    Column("plan", "string", "code of the plan that it is held against"),
    Column("control_total_gbp", "number", f"that plan, {POSITION}"),
    Column("distance_gbp", "number", "forecast less that, favourable-positive"),
    Column("last_outturn_gbp", "number", f"last year's outturn, {POSITION}"),
    Column("change_gbp", "number", "forecast less last year's outturn, favourable-positive"),
    Column("reduction_plans_gbp", "number", "reduction plans for the year, in pounds"),
    Column("delivered_gbp", "number", "of them to date, where it is reported"),
    Column("in_forecast_gbp", "number", "of them in the forecast: as forecast, else as planned"),
    Column("marks", "string", "states of evidence other than printed"),
    Column("computed_at", "string", "when the figures were computed (ISO 8601)"),
    Column("revision", "integer", "change that they were computed from"),
)

RISK_COLUMNS: Sequence[Column] = (
    Column("system", "string", "code of the system"),
    Column("year", "string", "financial year, April to March"),
    Column("risk", "string", "code of the risk"),
    Column("name", "string", "its name"),
    Column("partner", "string", "code of the partner whose it is; empty: everybody's"),
    Column("scheme", "string", "code of the scheme that it belongs to"),
    Column("pool", "string", "code of the pooled budget that it belongs to"),
    Column("workstream", "string", "code of the workstream that it belongs to"),
    Column("status", "string", "open, landed or closed; open ones count"),
    Column("likelihood", "integer", "1 to 5; empty is not rated, which is not low"),
    Column("impact", "integer", "1 to 5; empty is not rated, which is not low"),
    Column("score", "integer", "likelihood times impact, where both are rated"),
    Column("rating", "string", "high, medium or low as its source prints it; empty: no word"),
    Column("stands_as", "string", "how the amount is stated: gross, net or not-stated"),
    Column("stated_gbp", "number", f"the amount as stated, {AT_STAKE}"),
    Column("gross_gbp", "number", f"before mitigations, where known, {AT_STAKE}"),
    Column("mitigations_gbp", "number", "what mitigations are worth, in pounds"),
    Column("net_gbp", "number", f"gross less mitigations, where known, {AT_STAKE}"),
    Column("counted_gbp", "number", f"net, else as stated, {AT_STAKE}"),
    Column("marks", "string", "states of evidence other than printed"),
    Column("cause", "string", "why it may happen"),
    Column("effect", "string", "what it would do"),
    Column("mitigation", "string", "what is done about it"),
    Column("owner_role", "string", "role of who sees to it"),
    Column("owner", "string", "its body"),
    Column("review", "string", "when it is looked at again, as exactly as it is known"),
)


def forecast_page(slice_: Slice, found: RiskPosition) -> dict[str, Any]:
    """Everything that follows from the figures and risks alone."""
    book = found.book
    unit: Unit = "m"
    sums = columns_of(found.risks)
    period = f"{slice_.system.name} {slice_.year}"
    chart = charts.forecast_waterfall(found, period=period)
    return {
        "sentence": charts.forecast_sentence(found),
        "headlines": charts.forecast_headlines(found),
        "unit": UNIT_LABELS[unit],
        "chart": chart and replace(chart, caveats=_caveats(slice_, found)),
        "steps": charts.forecast_steps(found),
        "rows": [
            _row(slice_, row, unit, control=book.is_control) for row in (*book.rows, book.total)
        ],
        "plans": any(row.plans_pence is not None for row in book.rows),
        "delivered": any(row.delivered_pence is not None for row in book.rows),
        "underlying": cell(book.underlying_pence, unit),
        **_groups(slice_, found, unit),
        "sums": {
            "gross": cell(sums.gross_pence, unit),
            "mitigation": cell(sums.mitigation_pence, unit),
            "net": cell(sums.net_pence, unit),
            "counted": cell(sums.counted_pence, unit),
        },
        "notes": found.cautions,
    }


def _caveats(slice_: Slice, found: RiskPosition) -> tuple[str, ...]:
    """What must go with the picture."""
    state = "Provisional" if found.book.state == "provisional" else "Published"
    month = month_label(slice_, found.book.month)
    said = ["Illustrative figures, made up"] if slice_.system.illustrative else []
    return (
        *said,
        f"{state} forecast{f': {month}' if month else ''}",
        "What stands before plans and after risk is derived",
    )


def _doubtful(pence: int | None, unit: Unit, doubt: Doubt) -> Cell:
    return cell(pence, unit, marks=doubt.marks, note=doubt.working)


def _row(slice_: Slice, row: ForecastRow, unit: Unit, *, control: bool) -> dict[str, Any]:
    total = row.partner == "total"
    here = (slice_.system.code, slice_.year_id)
    return {
        "name": row.name,
        "href": "" if total else reverse("partner", args=[*here, row.partner]),
        "total": total,
        "forecast": _doubtful(row.forecast_pence, unit, row.forecast_doubt),
        "forecast_age": charts.forecast_age(
            row.forecast_month, row.forecast_month_last, row.forecasts_behind
        ),
        "control": _doubtful(row.control_pence, unit, row.control_doubt),
        "distance": cell(row.distance_pence, unit),
        "distance_direction": charts.direction_of(row.distance_pence),
        "distance_words": charts.distance_words(row, unit, control=control),
        "last": cell(row.last_pence, unit),
        "change": cell(row.change_pence, unit),
        "change_direction": charts.direction_of(row.change_pence),
        "change_words": charts.direction_words(
            row.change_pence, charts.direction_of(row.change_pence), unit=unit
        )
        if row.change_pence
        else "",
        "plans": cell(row.plans_pence, unit),
        "delivered": cell(row.delivered_pence, unit),
        "expected": cell(row.expected_pence, unit),
    }


def _groups(slice_: Slice, found: RiskPosition, unit: Unit) -> dict[str, list[dict[str, Any]]]:
    """Open risks, those that nobody rated apart from them, and what is no longer to come."""

    def group(title: str, chosen: list[RiskItem]) -> list[dict[str, Any]]:
        rows = [risk_row(slice_, item, unit) for item in chosen]
        return [{"title": title, "risks": rows}] if rows else []

    counted = [item for item in found.risks if item.counts]
    return {
        "groups": [
            *group("Open and rated, the gravest first", [item for item in counted if item.rated]),
            *group("Open and not rated, which is not low", [i for i in counted if not i.rated]),
        ],
        "past": group(
            "Landed or closed, and not counted", [item for item in found.risks if not item.counts]
        ),
    }


def risk_row(slice_: Slice | None, item: RiskItem, unit: Unit) -> dict[str, Any]:
    """A risk as lists and its own page show it, which lies in a year."""
    stake = item.stake
    note = stake.working

    def money(pence: int | None) -> Any:
        return cell(pence, unit, marks=stake.marks, note=note)

    return {
        "item": item,
        "href": reverse("risk", args=[slice_.system.code, slice_.year_id, item.code])
        if slice_
        else "",
        "whose": item.partner_name or "everybody's",
        "status": RiskStatus(item.status).label,
        "score": _score(item),
        "gross": money(stake.gross_pence),
        "mitigation": money(stake.mitigation_pence),
        "net": money(stake.net_pence),
        "stated": money(stake.pence),
        "stands_as": StandsAs(stake.stands_as).label,
        "counted": money(stake.counted_pence),
        "as_stated": stake.pence is not None and stake.net_pence is None,
        "owner": ", ".join(filter(None, [item.owner_role, item.owner_name])),
        "review": when_words(item.review) if item.review else "",
    }


def _score(item: RiskItem) -> str:
    """The score with what makes it, such as 12 (3 times 4), and its source's word for it; what is
    lacking in words.
    """
    word = RiskRating(item.rating).label.lower() if item.rating else ""
    if item.score:
        score = f"{item.score} ({item.likelihood} \N{MULTIPLICATION SIGN} {item.impact})"
        return f"{score}, {word}" if word else score
    if word:
        return f"{word}, without a score"
    if item.likelihood or item.impact:
        half = f"likelihood {item.likelihood}" if item.likelihood else f"impact {item.impact}"
        return f"not rated in full: {half} only"
    return "not rated"


def forecast_rows(found: RiskPosition) -> Iterator[Sequence[Any]]:
    """A row a partner, then the total, for FORECAST_COLUMNS."""
    book = found.book
    for row in (*book.rows, book.total):
        yield (
            book.system,
            book.year,
            book.month,
            book.state,
            row.partner,
            row.name,
            pounds(row.forecast_pence),
            book.plan,
            pounds(row.control_pence),
            pounds(row.distance_pence),
            pounds(row.last_pence),
            pounds(row.change_pence),
            pounds(row.plans_pence),
            pounds(row.delivered_pence),
            pounds(row.expected_pence),
            " ".join(row.forecast_doubt.marks),
            book.computed_at.isoformat() if book.computed_at else "",
            book.change,
        )


def risk_rows(found: RiskPosition) -> Iterator[Sequence[Any]]:
    """A row a risk, for RISK_COLUMNS."""
    for item in found.risks:
        stake = item.stake
        yield (
            found.book.system,
            found.book.year,
            item.code,
            item.name,
            item.partner,
            item.scheme,
            item.pool,
            item.workstream,
            item.status,
            item.likelihood,
            item.impact,
            item.score,
            item.rating,
            stake.stands_as,
            pounds(stake.pence),
            pounds(stake.gross_pence),
            pounds(stake.mitigation_pence),
            pounds(stake.net_pence),
            pounds(stake.counted_pence),
            " ".join(stake.marks),
            item.cause,
            item.effect,
            item.mitigation,
            item.owner_role,
            item.owner_name,
            item.review,
        )


def forecast_words(found: RiskPosition) -> str:
    """What the board's page says of the forecast; "" for a year without one."""
    return "" if found.book.total.forecast_pence is None else charts.forecast_sentence(found)
