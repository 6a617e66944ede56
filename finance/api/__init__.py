"""API of the money: lines, the position of a system, and monthly figures in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict, StrictInt, WrapValidator

from esbt.kit.problems import Fault, Refused
from finance.api.misshapen import keeping, numbered
from finance.as_at import as_change, moment
from finance.figures.position import AfterShare, PositionRow, PositionShare
from finance.models import Line, Plan
from finance.models.lines import Kind
from finance.models.rollups import State
from finance.queries import latest_month, position
from finance.queries.lines import line_rows, outturn_rows
from finance.queries.pool_effects import position_share
from finance.rollups import headline_plan
from finance.services import KEEP, Entry, Saved, record_outturns
from finance.services.outturns import ANY, value_of
from schemes.api.idempotent import Key, answer_once
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

router = Router(tags=["finance"])

Pence = Annotated[int | None, Field(description="Pence in the sense of the line; null: not stated")]


class PositionRowOut(Schema):
    partner: str
    name: str
    plan_pence: Pence
    ytd_plan_pence: Pence
    ytd_actual_pence: Pence
    variance_pence: Pence
    variance_pct: float | None
    forecast_pence: Pence
    forecast_month: int | None
    forecast_month_last: int | None
    forecasts_behind: int
    forecast_variance_pence: Pence
    pct_turnover: float | None
    in_month_pence: Pence
    in_month_from: int | None
    direction: Literal["favourable", "adverse", "none"]
    basis: str
    bases_differ: bool
    marks: list[str]


class AfterShareOut(Schema):
    """A position before and after the variance of pools is shared, to date."""

    partner: str
    name: str
    before_pence: Annotated[
        int | None, Field(description="As reported: a host's holds the whole variance of its pools")
    ]
    effect_pence: Annotated[int, Field(description="What sharing adds; less than 0 makes it worse")]
    after_pence: Pence
    before_variance_pence: Pence
    after_variance_pence: Pence


class PositionShareOut(Schema):
    """What the rules of pools make of the positions; nothing where one of them cannot be shared."""

    standing: Literal["binding", "partly binding", "indicative", "not shared"]
    pools: Annotated[list[str], Field(description="Codes of the pools whose rules these are")]
    rows: list[AfterShareOut]
    total: AfterShareOut | None
    left_pence: Annotated[
        int, Field(description="Of the variance, what nobody with a position here bears")
    ]
    why_not: list[str]
    notes: list[str]


class ReportedOut(Schema):
    expected: int
    received: int
    missing: Annotated[list[str], Field(description="Who states no position for the month")]
    with_gaps: Annotated[
        list[str], Field(description="Of these who reported, but not every line of their position")
    ]


class WithoutOut(Schema):
    """Names of those whose amount the total does not hold, since it is not stated."""

    plan: list[str]
    actual: list[str]
    forecast: list[str]


class PositionOut(Schema):
    system: str
    year: str
    month: Annotated[
        int | None,
        Field(description="Of every figure; where none was asked for, the one that was taken"),
    ]
    month_of_pages: Annotated[int | None, Field(description="The month that pages show")]
    state: str
    plan: str
    rows: list[PositionRowOut]
    total: PositionRowOut
    total_without: WithoutOut
    reported: ReportedOut
    computed_at: datetime | None
    change: int
    stale: bool
    status: str
    risk_share: Annotated[
        PositionShareOut | None,
        Field(description="null where no pool has a rule, as at a moment, or of another plan"),
    ]


class MonthOut(Schema):
    """What stands for a line in a month, published or not."""

    month: int
    plan_pence: Annotated[
        int | None, Field(description="Planned to date in the headline plan; null: not stated")
    ]
    ytd_actual_pence: Pence
    forecast_pence: Pence
    revision: Annotated[int | None, Field(description="null: nothing was ever reported")]
    state: Annotated[
        Literal["draft", "submitted", "approved", "closed"],
        Field(description="of the partner's return; draft and submitted figures are provisional"),
    ]


class LineOut(Schema):
    code: str
    name: str
    partner: str
    kind: str
    sense: int
    heading: str | None
    scheme: str | None
    pool: str | None
    recurrent: bool | None
    calendar: str
    first_month: int
    last_month: int
    plan_pence: Pence
    plan_basis: str | None
    months: list[MonthOut]


class LineRows(Schema):
    rows: list[LineOut]


class OutturnOut(Schema):
    line: str
    month: int
    revision: int | None
    actual_pence: Pence
    forecast_pence: Pence
    earlier_months_pence: Pence
    comment: str


class OutturnRows(Schema):
    rows: list[OutturnOut]


class EntryIn(Schema):
    """One line in one month. What is left out stays as it is; null means "not stated".

    Numbers are whole numbers and nothing that could be read as one; a name that is not known is
    refused, since passing it over would lose a figure.
    """

    model_config = ConfigDict(extra="forbid")

    line: str
    month: StrictInt = Field(ge=0, le=13)
    actual_pence: StrictInt | None = None
    forecast_pence: StrictInt | None = None
    earlier_months_pence: StrictInt | None = Field(
        default=None, description="Of the actual, what corrects months reported before"
    )
    comment: str = Field(default="", max_length=4000)
    revision: StrictInt | None = Field(
        default=None, description="The one you saw, null when there was none; left out: any"
    )


class EntriesIn(Schema):
    rows: list[Annotated[EntryIn, WrapValidator(keeping(EntryIn))]] = Field(
        min_length=1, max_length=20_000
    )


class WarningOut(Schema):
    row: int | str | None
    field: str
    value: str
    message: str


class SavedOut(Schema):
    rows: list[OutturnOut]
    created: int
    updated: int
    unchanged: int
    change: int | None
    warnings: list[WarningOut]


def plan_by_code(slice_id: int, code: str) -> Plan | None:
    """A plan of a year by its code; None for no code. Refused when there is no such plan."""
    if not code:
        return None
    plan = Plan.objects.filter(slice=slice_id, code=code).first()
    if plan is None:
        raise Refused([Fault("This year has no plan of that code.", "plan", code)])
    return plan


@router.get(
    "/systems/{system}/years/{year}/position",
    response=PositionOut,
    summary="The deficit table in a month",
)
def get_position(
    request: PersonRequest,
    system: str,
    year: str,
    month: Annotated[int | None, Query(ge=0, le=13)] = None,
    plan: str = "",
    state: Literal["published", "provisional"] = "published",
    as_at: str = "",
) -> dict[str, Any]:
    """Left out: the latest reported month, the headline plan and published figures.

    ``month_of_pages`` is the month that the pages show: of published figures the latest that every
    partner that was due reported, where there is one. ``total`` sums those who state something:
    ``reported`` names who is missing in the month, and ``total_without`` whose plan, actual or
    forecast it lacks.
    """
    slice_ = visible_slice(request.user, system, year)
    ceiling = as_change(slice_, moment(as_at)) if as_at else None
    found, figures = position(
        slice_,
        state=State(state),
        month=month,
        plan=plan_by_code(slice_.pk, plan),
        ceiling=ceiling,
        early=True,
    )
    answer = {name: getattr(found, name) for name in found.__slots__}
    answer["rows"] = [_row(row) for row in found.rows]
    answer["total"] = _row(found.total)
    answer["month_of_pages"] = latest_month(figures)
    answer["total_without"] = {
        what: [row.name for row in found.rows if getattr(row, column) is None]
        for what, column in _SUMMED.items()
    }
    answer["risk_share"] = None
    if (
        ceiling is None
        and not plan
        and (shared := position_share(slice_, found, state=State(state)))
    ):
        answer["risk_share"] = share_answer(shared)
    return answer


_SUMMED = {"plan": "plan_pence", "actual": "ytd_actual_pence", "forecast": "forecast_pence"}


def share_answer(shared: PositionShare) -> dict[str, Any]:
    """Positions before and after risk share, in the form of PositionShareOut."""
    return {
        **{name: getattr(shared, name) for name in shared.__slots__},
        "pools": [code for code, _ in shared.pools],
        "rows": [_row(row) for row in shared.rows],
        "total": shared.total and _row(shared.total),
    }


def _row(row: PositionRow | AfterShare) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


@router.get("/systems/{system}/years/{year}/lines", response=LineRows, summary="Lines of a year")
def list_lines(
    request: PersonRequest, system: str, year: str, partner: str = "", kind: str = ""
) -> dict[str, Any]:
    """Lines with their amounts in the headline plan and what was reported, month by month.

    Provisional figures are shown: what stands, approved or not, as each month's state says.
    Months are those of the line; 0 (the opening forecast) and 13 (audited) where one was reported.
    """
    slice_ = visible_slice(request.user, system, year)
    if partner and not slice_.system.partners.filter(code=partner).exists():
        raise Refused([Fault("This system has no partner of that code.", "partner", partner)])
    if kind and kind not in Kind.values:
        raise Refused([Fault(f"Kinds are {', '.join(Kind.values)}.", "kind", kind)])
    return {"rows": line_rows(slice_, headline_plan(slice_.pk), partner=partner, kind=kind)}


@router.get(
    "/systems/{system}/years/{year}/lines/{line}/outturns",
    response=OutturnRows,
    summary="What was reported for a line, month by month",
)
def list_outturns(request: PersonRequest, system: str, year: str, line: str) -> dict[str, Any]:
    """What stands for each month that was ever reported."""
    slice_ = visible_slice(request.user, system, year)
    found = Line.objects.filter(slice=slice_, code=line).first()
    if found is None:
        raise Http404
    return {"rows": outturn_rows(found)}


@router.post(
    "/systems/{system}/years/{year}/outturns",
    response=SavedOut,
    summary="Save monthly figures, all or none",
)
def save_outturns(
    request: PersonRequest,
    system: str,
    year: str,
    body: EntriesIn,
    idempotency_key: Key = None,
) -> dict[str, Any] | HttpResponse:
    """Amounts beyond what a line can be expected to hold are stored, with a warning each."""
    slice_ = visible_slice(request.user, system, year)
    rows, faults = numbered(body.rows)
    entries = [_entry(row, number) for number, row in rows]
    if faults:
        record_outturns(by=request.user, slice_id=slice_.pk, entries=entries, also=faults)
    return answer_once(
        request,
        idempotency_key,
        body,
        SavedOut,
        lambda: answer_of(record_outturns(by=request.user, slice_id=slice_.pk, entries=entries)),
    )


def answer_of(saved: Saved) -> dict[str, Any]:
    """What a save did, in the form of SavedOut."""
    return {
        "rows": [value_of(head.line.code, head.month, head) for head in saved.heads],
        "created": saved.count.created,
        "updated": saved.count.updated,
        "unchanged": saved.count.unchanged,
        "change": saved.change,
        "warnings": saved.warnings,
    }


def _entry(row: EntryIn, number: int) -> Entry:
    given = row.model_fields_set
    return Entry(
        line=row.line,
        month=row.month,
        actual_pence=row.actual_pence if "actual_pence" in given else KEEP,
        forecast_pence=row.forecast_pence if "forecast_pence" in given else KEEP,
        earlier_months_pence=(
            row.earlier_months_pence if "earlier_months_pence" in given else KEEP
        ),
        comment=row.comment if "comment" in given else KEEP,
        revision=row.revision if "revision" in given else ANY,
        row=number,
    )
