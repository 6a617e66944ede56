"""Variance by cause: of the system and each partner, and the form of whoever explains a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.money import AmountError, cell, parse_amount, words
from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.tables import csv_answer
from esbt.kit.words import in_a_list
from finance import charts
from finance.as_at import as_at_of
from finance.downloads.details import CAUSE_COLUMNS, cause_rows
from finance.figures.position import Position, PositionRow
from finance.models import Cause, Line, MonthlyReturn, VarianceCause
from finance.models.base import LAST_MONTH
from finance.models.rollups import State
from finance.months import month_label
from finance.pages.position import PositionPage
from finance.queries.causes import (
    CauseSum,
    Told,
    bearing_lines,
    cause_sums,
    statements,
)
from finance.queries.line_months import LineMonth, line_months
from finance.services import CauseSpec, explain_variance
from finance.services.outturns import why_shut
from finance.views.figures import page_of, position_context
from finance.views.frame import page_within_finances, problems_of
from schemes.models import Slice
from schemes.people.permissions import Permission, has_permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.sources import evidence_row


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def causes(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """What the month's variances are due to; posts add a statement or withdraw one."""
    slice_ = visible_slice(request.user, system, year)
    if request.method != "POST":
        return _show(request, slice_)
    month = _number(request.POST.get("month", ""))
    try:
        count = explain_variance(
            by=request.user,
            slice_id=slice_.pk,
            specs=[_spec(request, slice_)],
            ask_when_implausible=True,
        )
    except Refused as refused:
        return _show(request, slice_, refused)
    messages.success(request, "Saved." if count.created or count.updated else "It was so already.")
    return redirect(f"{request.path}?month={month}&state={request.POST.get('state', '')}")


def _number(text: str) -> int:
    """A month in the form; 0, which is none, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0


def _spec(request: PersonRequest, slice_: Slice) -> CauseSpec:
    """The statement that the form sends, or the one that it withdraws. Raises Refused."""
    sent = request.POST
    month = _number(sent.get("month", ""))
    if "withdraw" in sent:
        old = (
            VarianceCause.objects.filter(slice=slice_, code=sent["withdraw"])
            .select_related("line")
            .order_by("-change")
            .first()
        )
        if old is None:
            raise Http404
        return CauseSpec(
            code=old.code,
            line=old.line.code if old.line else "",
            month=old.month,
            cause=old.cause,
            words=old.words,
            pence=old.pence,
            withdrawn=True,
            evidence_id=old.evidence_id,
        )
    try:
        size = parse_amount(sent.get("amount", ""))
    except AmountError as error:
        raise Refused([Fault(str(error), "amount", sent.get("amount", ""))]) from error
    if size is not None and size < 0:
        said = "Type the amount without a sign, and say beside it whether it is adverse."
        raise Refused([Fault(said, "amount", sent.get("amount", ""))])
    line = Line.objects.filter(slice=slice_, code=sent.get("line", "")).first()
    way = _way(sent.get("direction", ""), line) if size else 1
    return CauseSpec(
        line=sent.get("line", ""),
        month=month,
        cause=sent.get("cause", ""),
        words=sent.get("words", "").strip()[:4000],
        pence=None if size is None else way * size,
        confirmed="confirm" in sent,
    )


def _way(said: str, line: Line | None) -> int:
    """The sign of an amount that is said to be adverse or favourable, or more or less than planned.

    Raises Refused where a line has no direction (capital, cash, reserves, transfers,
    contributions).
    """
    if said in ("more", "less"):
        return ((line and line.sense) or 1) * (1 if said == "more" else -1)
    if line and not line.side:
        fault = "This line is neither adverse nor favourable: say more or less than planned."
        raise Refused([Fault(fault, "direction", said)])
    return 1 if said == "favourable" else -1


def _told(request: PersonRequest, slice_: Slice, page: PositionPage) -> Told:
    month = page.position.month
    if not month:
        return Told((), (), ())
    own = partners_of(request.user, Permission.READ_SYSTEM, system=slice_.system)
    said = statements(
        slice_,
        min(month, LAST_MONTH),
        published=page.position.state == State.PUBLISHED,
        own={partner.pk for partner in own},
    )
    bearing = bearing_lines(slice_, month)
    return Told(
        [item for item in said if item.line_id in bearing],
        [item for item in said if item.line_id and item.line_id not in bearing],
        [item for item in said if item.line_id is None],
    )


def _show(
    request: PersonRequest,
    slice_: Slice,
    refused: Refused | None = None,
) -> HttpResponse:
    as_at = as_at_of(slice_, "")
    page = page_of(request, slice_, as_at)
    found = page.position
    told = _told(request, slice_, page)
    sums = cause_sums(told.of_lines)
    variance = found.total.variance_pence
    lines = _lines(slice_, page, [item.line for item in (*told.of_lines, *told.of_others)])
    label = month_label(slice_, found.month)
    open_ = _takes_words(slice_, found.month)
    chart = charts.cause_bars(
        [charts.Bar(item.name, item.pence) for item in sums],
        variance,
        period=f"{slice_.system.name} {slice_.year}{f', {label}' if label else ''}",
    )
    if chart and page.waterfall:
        chart = replace(chart, caveats=page.waterfall.caveats)
    address = reverse("causes-csv", args=[slice_.system.code, slice_.year_id])
    context = {
        "sentence": _sentence(sums, told, found),
        "chart": chart,
        "sums": [_sum_row(item) for item in sums],
        "rest": _rest_cells(sums, variance),
        "partners": [_partner_row(slice_, row, told.of_lines) for row in found.rows],
        "explained": [_line_row(request, slice_, item, told, open_) for item in lines],
        "of_system": [_statement(request, slice_, item, open_) for item in told.of_system],
        "form": _form(request, slice_, found.month),
        "typed": request.POST if "withdraw" not in request.POST else {},
        "problems": problems_of(refused) if refused else [],
        "asked": refused is not None and refused.code == "confirm",
        "downloads": [
            {"label": "CSV", "href": f"{address}?state={found.state}&month={found.month or ''}"}
        ],
    }
    frame = position_context(request, slice_, page, as_at) | page_within_finances(slice_)
    status = STATUS[refused.code] if refused else 200
    return render(request, "finance/causes.html", frame | context, status=status)


def _lines(slice_: Slice, page: PositionPage, named: Sequence[Line | None]) -> list[LineMonth]:
    """The lines of which something is said, with their variances in the page's month."""
    codes = {line.pk for line in named if line}
    lines = line_months(
        slice_,
        Line.objects.filter(pk__in=codes),
        state=State(page.position.state),
        month=page.position.month,
    )
    return sorted(lines, key=lambda item: -abs(item.variance_pence or 0))


def _sentence(sums: Sequence[CauseSum], told: Told, found: Position) -> str:
    """How much of the variance somebody explained, and what is explained in words only."""
    variance, heard = found.total.variance_pence, found.reported
    if variance is None:
        said = "The system states no variance for this month"
    else:
        one = heard.received == 1
        who, is_ = "The system", "is"
        if heard.missing:  # some partners are not the system
            who = f"The {heard.received} of {heard.expected} partners that reported"
            is_ = "is" if one else "are"
        said = f"{who} {is_} {charts.variance_words(variance)}"
        said += " to plan" if variance else ""
        said += f" (without {in_a_list(heard.missing)})" if heard.missing else ""
    stated = [item for item in sums if item.pence is not None]
    count = len(told.of_lines) + len(told.of_system)
    if not count:
        return f"{said}; nobody has said yet what it is due to."
    if not stated:
        many = f"{count} cause{'s are' if count > 1 else ' is'} stated in words"
        return f"{said}; {many}, without amounts."
    explained = sum(item.pence or 0 for item in stated)
    way = charts.direction_of(explained if variance is None else variance)
    top = max(
        stated, key=lambda item: (charts.direction_of(item.pence) == way, abs(item.pence or 0))
    )
    said += f"; {charts.variance_words(top.pence or 0)} is put down to {top.name.lower()}"
    if variance is None:
        return f"{said}, and what is not explained cannot be said."
    rest = variance - explained
    if not rest:
        return f"{said}, and the whole of it is explained."
    return f"{said}, and {charts.variance_words(rest)} is not explained."


def _as_told(line: Line | None, pence: int | None) -> tuple[int | None, int]:
    """An amount, and the sense in which it is told: without one as more or less than planned."""
    if line is None or line.side:
        return pence, 1
    return None if pence is None else (line.sense or 1) * pence, 0


def _variance_cells(pence: int | None, sense: int = 1) -> dict[str, Any]:
    """A figure with its word; "above plan" or "below plan" of a line without a direction."""
    if pence and not sense:
        way = "above plan" if pence > 0 else "below plan"
        return {"cell": cell(pence, "k"), "direction": "none", "words": way}
    direction = charts.direction_of(pence)
    return {
        "cell": cell(pence, "k"),
        "direction": direction,
        "words": charts.direction_words(pence, direction, unit="k"),
    }


def _sum_row(item: CauseSum) -> dict[str, Any]:
    return {"item": item, **_variance_cells(item.pence)}


def _rest_cells(sums: Sequence[CauseSum], variance: int | None) -> dict[str, Any]:
    explained = sum(item.pence or 0 for item in sums)
    return {
        "not_explained": _variance_cells(None if variance is None else variance - explained),
        "total": _variance_cells(variance),
    }


def _partner_row(slice_: Slice, row: PositionRow, said: Sequence[VarianceCause]) -> dict[str, Any]:
    own = [item for item in said if item.line and item.line.partner.code == row.partner]
    explained = sum(item.pence or 0 for item in own)
    variance = row.variance_pence
    stated = any(item.pence is not None for item in own)
    return {
        "name": row.name,
        "href": reverse("partner", args=[slice_.system.code, slice_.year_id, row.partner]),
        "variance": _variance_cells(variance),
        "explained": _variance_cells(explained if stated else None),
        "rest": _variance_cells(None if variance is None else variance - explained),
        "said": len(own),
    }


_Open = Callable[[int | None], bool]  # of a partner's id, None for the whole system


def _takes_words(slice_: Slice, month: int | None) -> _Open:
    """Whether statements on a month are still taken of a partner: one query."""
    today = timezone.localdate()
    states = dict(
        MonthlyReturn.objects.filter(slice=slice_, month=month or 0).values_list("partner", "state")
    )

    def is_open(partner: int | None) -> bool:
        state = states.get(partner) if partner else None
        return bool(month) and not why_shut(slice_, month or 0, state, today)

    return is_open


def _line_row(
    request: PersonRequest, slice_: Slice, item: LineMonth, told: Told, open_: _Open
) -> dict[str, Any]:
    own = [said for said in (*told.of_lines, *told.of_others) if said.line_id == item.line.pk]
    explained = sum(said.pence or 0 for said in own)
    variance = item.variance_pence
    return {
        "line": item.line,
        "href": reverse("line", args=[slice_.system.code, slice_.year_id, item.line.code]),
        "apart": own[0] in told.of_others,
        "variance": _variance_cells(*_as_told(item.line, variance)),
        "rest": _variance_cells(
            *_as_told(item.line, None if variance is None else variance - explained)
        ),
        "statements": [_statement(request, slice_, said, open_) for said in own],
    }


def _statement(
    request: PersonRequest, slice_: Slice, item: VarianceCause, open_: _Open
) -> dict[str, Any]:
    partner = item.line.partner if item.line else None
    pence, sense = _as_told(item.line, item.pence)
    permission = Permission.EXPLAIN_VARIANCE if partner else Permission.MANAGE_SYSTEM
    may = open_(partner.pk if partner else None) and has_permission(
        request.user, permission, system=slice_.system, partner=partner
    )
    return {
        "item": item,
        "cause": item.get_cause_display(),
        "amount": _amount(pence, sense),
        "direction": charts.direction_of(pence) if sense else "none",
        "who": item.actor,
        "evidence": evidence_row(item.evidence),
        "may_withdraw": may,
    }


def _amount(pence: int | None, sense: int) -> str:
    """A stated amount with its word: "£449,000 adverse"; "" for none."""
    if pence is None:
        return ""
    if pence and not sense:
        return f"{words(abs(pence), 'gbp')} {'more' if pence > 0 else 'less'}"
    direction = charts.direction_of(pence)
    return f"{words(abs(pence), 'gbp')}{f' {direction}' if direction != 'none' else ''}"


def _form(request: PersonRequest, slice_: Slice, month: int | None) -> dict[str, Any] | None:
    """Lines of the month that this person explains; None where there are none."""
    if not month or month > LAST_MONTH:
        return None
    own = partners_of(request.user, Permission.EXPLAIN_VARIANCE, system=slice_.system)
    states = dict(
        MonthlyReturn.objects.filter(slice=slice_, month=month).values_list("partner", "state")
    )
    shut = {
        partner.pk: found[1]
        for partner in own
        if (found := why_shut(slice_, month, states.get(partner.pk), timezone.localdate()))
    }
    lines = line_months(
        slice_,
        Line.objects.filter(partner__in=[item.pk for item in own if item.pk not in shut]),
        state=State.PROVISIONAL,
        month=month,
    )
    whole = slice_.status == Slice.Status.OPEN and has_permission(
        request.user, Permission.MANAGE_SYSTEM, system=slice_.system
    )
    if not own and not whole:
        return None
    return {
        "month": month,
        "whole": whole,
        "shut": sorted(set(shut.values())),
        "lines": [
            {
                "code": item.line.code,
                "label": item.line.name
                + f": {charts.line_words(*_as_told(item.line, item.variance_pence))}",
            }
            for item in sorted(lines, key=lambda item: item.variance_pence or 0)
            if item.variance_pence
        ],
        "causes": Cause.choices,
    }


@login_required
@require_GET
def causes_csv(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """What is said of the month as CSV."""
    slice_ = visible_slice(request.user, system, year)
    page = page_of(request, slice_, as_at_of(slice_, ""))
    rows = cause_rows(slice_, _told(request, slice_, page))
    return csv_answer(CAUSE_COLUMNS, rows, f"{system}-{year}-causes")
