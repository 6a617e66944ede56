"""Reading the fields of the pages on which figures are entered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esbt.kit.money import AmountError, parse_amount
from esbt.kit.problems import Fault
from finance.services import KEEP, Entry
from finance.services.outturns import ANY
from finance.workbook.found import COMMENT_LENGTH


def read_entries(
    posted: Mapping[str, str],
    codes: Sequence[str],
    month: int,
    confirmed: Sequence[str],
    last_comments: Mapping[str, str] | None = None,
) -> tuple[list[Entry], list[Fault]]:
    """Entries for a partner's lines in a month, and a fault for each field that cannot be read.

    Fields are actual-CODE, forecast-CODE, comment-CODE and revision-CODE; amounts are pounds as
    people type them. What the form did not send stays as it is. ``confirmed`` names the fields
    whose amounts their author confirmed; a blank comment with a ticked carry-CODE becomes the
    line's among ``last_comments``.
    """
    entries, faults = [], []
    for code in codes:
        values: dict[str, Any] = {}
        for name in ("actual", "forecast"):
            field = f"{name}-{code}"
            if field not in posted:
                continue
            try:
                values[f"{name}_pence"] = parse_amount(posted[field])
            except AmountError as error:
                faults.append(Fault(str(error), name, posted[field], code))
        comment = posted.get(f"comment-{code}")
        if f"carry-{code}" in posted and not (comment or "").strip():
            comment = (last_comments or {}).get(code)
        if comment is not None and len(comment) > COMMENT_LENGTH:
            faults.append(
                Fault(f"Shorten this to {COMMENT_LENGTH:,} characters.", "comment", "", code)
            )
        revision = posted.get(f"revision-{code}", "")
        if revision and not (revision.isdecimal() and len(revision) < 10):
            faults.append(
                Fault("Open the page again: a revision is a number.", "revision", revision, code)
            )
            continue
        entries.append(
            Entry(
                line=code,
                month=month,
                comment=KEEP if comment is None else comment.replace("\r\n", "\n").strip(),
                revision=(int(revision) if revision else None)
                if f"revision-{code}" in posted
                else ANY,
                confirmed=[n for n in ("actual", "forecast") if f"{n}-{code}" in confirmed],
                **values,
            )
        )
    return entries, faults


# A cell that takes one amount has a revision of its own. A row says which ones its page was made
# from, and what it showed: "month_4:2:120000 month_5::".
Seen = tuple[int | None, int | None]  # revision, pence


def seen_text(cells: Mapping[str, Seen]) -> str:
    """What a row showed, by column, as its hidden field says it."""
    return " ".join(
        f"{key}:{'' if revision is None else revision}:{'' if pence is None else pence}"
        for key, (revision, pence) in cells.items()
    )


def read_seen(text: str) -> dict[str, Seen]:
    """What a hidden field says; a part that is none of ours is left out."""
    found = _SEEN.finditer(text)
    return {
        part["key"]: tuple(int(part[n]) if part[n] else None for n in ("revision", "pence"))  # type: ignore[misc]
        for part in found
    }


_SEEN = re.compile(r"(?P<key>[a-z_0-9]{1,20}):(?P<revision>[0-9]{0,9}):(?P<pence>-?[0-9]{1,16}|)")


@dataclass(frozen=True, slots=True)
class TypedCell:
    """A cell that its author changed: the amount, and the revision that was changed."""

    line: str
    column: str
    pence: int | None
    revision: int | None


def read_cells(
    posted: Mapping[str, str], codes: Sequence[str], keys: Sequence[str]
) -> tuple[list[TypedCell], list[Fault]]:
    """The cells of a grid of amounts that differ from what its page showed, and faults.

    Fields are KEY-CODE, with revision-CODE for a row. What was shown and sent back as it was is
    not touched, whatever stands there now.
    """
    cells, faults = [], []
    for code in codes:
        seen = read_seen(posted.get(f"revision-{code}", ""))
        for key in keys:
            text = posted.get(f"{key}-{code}")
            if text is None:
                continue
            revision, showed = seen.get(key, (None, None))
            try:
                pence = parse_amount(text)
            except AmountError as error:
                faults.append(Fault(str(error), key, text, code))
                continue
            if pence != showed:
                cells.append(TypedCell(code, key, pence, revision))
    return cells, faults
