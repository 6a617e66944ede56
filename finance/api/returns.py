"""API of the monthly return: a month's figures in, and what the board was told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Field, Path, Router, Schema
from pydantic import ConfigDict, StrictInt, WrapValidator

from esbt.kit.problems import Conflict, Fault, Refused
from finance.api import Pence, WarningOut, answer_of
from finance.api.misshapen import keeping, numbered
from finance.queries.commentary import commentaries
from finance.services import KEEP, Entry, record_outturns
from finance.services.outturns import ANY, Saved
from schemes.api.idempotent import Key, answer_once
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice

router = Router(tags=["returns"])

# what the service says in its own words, in the names of this operation
_FIELDS = {
    "actual": "ytd_actual_pence",
    "forecast": "forecast_pence",
    "earlier_months": "earlier_months_pence",
}


class MonthEntryIn(Schema):
    """One line. What is left out stays as it is; null means "not stated"."""

    model_config = ConfigDict(extra="forbid")

    line: str
    ytd_actual_pence: StrictInt | None = None
    forecast_pence: StrictInt | None = None
    comment: str = Field(default="", max_length=4000)
    revision: StrictInt | None = Field(
        default=None, description="The one you saw, null when there was none; left out: any"
    )


class MonthIn(Schema):
    """Lines that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    outturns: list[Annotated[MonthEntryIn, WrapValidator(keeping(MonthEntryIn))]] = Field(
        min_length=1, max_length=20_000
    )


class MonthOutturnOut(Schema):
    line: str
    month: int
    revision: int | None
    ytd_actual_pence: Pence
    forecast_pence: Pence
    earlier_months_pence: Pence
    comment: str


class MonthSavedOut(Schema):
    rows: list[MonthOutturnOut]
    created: int
    updated: int
    unchanged: int
    change: int | None
    warnings: list[WarningOut]


@router.put(
    "/systems/{system}/years/{year}/months/{month}/outturns",
    response=MonthSavedOut,
    summary="Save figures of a month, all or none",
)
def put_month(
    request: PersonRequest,
    system: str,
    year: str,
    month: Annotated[int, Path(ge=0, le=13)],
    body: MonthIn,
    idempotency_key: Key = None,
) -> dict[str, Any] | HttpResponse:
    """Amounts beyond what a line can be expected to hold are stored, with a warning each."""
    slice_ = visible_slice(request.user, system, year)
    rows, faults = numbered(body.outturns)
    entries = [_entry(row, month, number) for number, row in rows]
    if faults:
        _record(request, slice_.pk, entries, faults)

    def save() -> dict[str, Any]:
        saved = _record(request, slice_.pk, entries)
        answer = answer_of(saved)
        answer["rows"] = [_named(row) for row in answer["rows"]]
        answer["warnings"] = [_fault(warning) for warning in saved.warnings]
        return answer

    return answer_once(request, idempotency_key, body, MonthSavedOut, save)


class CommentaryOut(Schema):
    """A version of the words on a month; the first row is the one that stands."""

    text: Annotated[str, Field(description="empty: the words before were taken back")]
    signed_as: str
    by: str
    at: datetime
    change: int
    before_reopening: Annotated[bool, Field(description="the month was opened again since")]


class CommentaryRows(Schema):
    rows: list[CommentaryOut]


@router.get(
    "/systems/{system}/years/{year}/months/{month}/commentary",
    response=CommentaryRows,
    summary="What was said to the board about a month, in every version",
)
def month_commentary(
    request: PersonRequest, system: str, year: str, month: Annotated[int, Path(ge=1, le=13)]
) -> dict[str, Any]:
    """The latest version first; none where nobody wrote."""
    slice_ = visible_slice(request.user, system, year)
    return {
        "rows": [
            {
                "text": words.text,
                "signed_as": words.signed_as,
                "by": words.who,
                "at": words.when,
                "change": words.change,
                "before_reopening": words.before_reopening,
            }
            for words in commentaries(slice_, month)
        ]
    }


def _record(
    request: PersonRequest, slice_id: int, entries: list[Entry], also: Sequence[Fault] = ()
) -> Saved:
    try:
        return record_outturns(by=request.user, slice_id=slice_id, entries=entries, also=also)
    except Conflict as refused:
        newer = [_named(row) for row in refused.newer]
        raise Conflict(map(_fault, refused.faults), newer) from refused
    except Refused as refused:
        raise Refused(map(_fault, refused.faults), code=refused.code) from refused


def _fault(fault: Fault) -> Fault:
    return replace(fault, field=_FIELDS.get(fault.field, fault.field))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """What stands for a line, with its actual under the name that this operation gives it."""
    return {"ytd_" + name if name == "actual_pence" else name: row[name] for name in row}


def _entry(row: MonthEntryIn, month: int, number: int) -> Entry:
    given = row.model_fields_set
    return Entry(
        line=row.line,
        month=month,
        actual_pence=row.ytd_actual_pence if "ytd_actual_pence" in given else KEEP,
        forecast_pence=row.forecast_pence if "forecast_pence" in given else KEEP,
        comment=row.comment if "comment" in given else KEEP,
        revision=row.revision if "revision" in given else ANY,
        row=number,
    )
