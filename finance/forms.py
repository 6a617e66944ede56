"""Reading the entry page's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
