"""The page of a file: its preview as cells and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from esbt.kit.money import Cell, cell, words
from esbt.kit.problems import Conflict, Refused
from finance.models import Upload, UploadState
from finance.models.uploads import UNREAD
from finance.months import calendar_month
from finance.queries.previews import FIELDS
from finance.services.uploads import can_store
from finance.workbook.found import KINDS
from finance.workbook.ledger import is_proved
from schemes.models import Partner, Slice

_SHOWN = 300  # changes; a board of a thousand lines is no page
_SHOWN_FLAWS = 100  # of a kind


def upload_context(
    slice_: Slice, partner: Partner, upload: Upload, refused: Refused | None
) -> dict[str, Any]:
    """What finance/upload.html shows of a file, and of a store that was refused."""
    here = [slice_.system.code, slice_.year_id, partner.code]
    report = upload.report
    changes = report.get("changes", [])
    conflict = isinstance(refused, Conflict)
    return {
        "partner": partner,
        "upload": upload,
        "year_label": str(slice_.year),
        "span": calendar_month(slice_, upload.month)
        if upload.month
        else f"the whole year {slice_.year}",
        "reading": upload.state in UNREAD,
        "progress_href": reverse("upload-progress", args=[*here, upload.pk]),
        "sentence": sentence(upload),
        "notes": report.get("notes", []),
        "flaws": flaw_groups(report.get("flaws", [])),
        "more_flaws": report.get("flaw_count", 0) - len(report.get("flaws", [])),
        "changes": [_change(slice_, item) for item in changes[:_SHOWN]],
        "in_cells": report.get("kind") != "ledger",
        "more_changes": max(0, len(changes) - _SHOWN),
        "doubts": [_change(slice_, item) for item in changes if item["doubt"]],
        "extract": _extract(report["extract"]) if report.get("extract") else None,
        "mapping_href": reverse("mapping", args=[*here, upload.mapping_id]) + f"?for={upload.pk}"
        if upload.mapping_id
        else "",
        "can_store": can_store(upload) and not conflict,
        "can_read_again": conflict
        or upload.state == UploadState.FAILED
        or bool(upload.mapping_id and upload.state == UploadState.READY),
        "problems": [] if conflict else _problems(refused),
        "newer": _newer(slice_, changes, refused) if isinstance(refused, Conflict) else [],
        "uploads_href": reverse("uploads", args=here),
        "enter_href": reverse("enter-month", args=[*here, upload.month]) if upload.month else "",
    }


def sentence(upload: Upload) -> str:
    """What became of a file, or would."""
    report = upload.report
    match upload.state:
        case UploadState.RECEIVED | UploadState.READING:
            return "The file is being read. Nothing has been stored."
        case UploadState.FAILED:
            return str(report.get("error", ""))
    counts, changes = report["counts"], len(report["changes"])
    verbs = {"created": "new", "changed": "changed", "unchanged": "unchanged"}
    told = ", ".join(f"{counts[name]:,} {verb}" for name, verb in verbs.items() if counts[name])
    match upload.state:
        case UploadState.STORED:
            return f"The file is stored: {told}."
        case UploadState.SUPERSEDED:
            return "A later file has taken this one's place. Nothing of it was stored."
        case UploadState.REFUSED:
            count = report["flaw_count"]
            faults = "1 fault" if count == 1 else f"{count:,} faults"
            return f"The file cannot be stored: it has {faults}. Nothing of it was stored."
    if report["flaw_count"] or report["extract"].get("unmapped_codes"):
        return "The extract cannot be stored yet: the mapping has gaps. Nothing has been stored."
    if not changes:
        return "Every figure in the file stands already. There is nothing to store."
    return f"Figures in the file: {told}. Nothing has been stored yet."


def flaw_groups(flaws: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Flaws by kind, in the order in which they are to be mended."""
    groups = []
    for kind, label in KINDS.items():
        own = [flaw for flaw in flaws if flaw["kind"] == kind]
        if own:
            more = max(0, len(own) - _SHOWN_FLAWS)
            groups.append(
                {"label": label, "count": len(own), "flaws": own[:_SHOWN_FLAWS], "more": more}
            )
    return groups


def _value(value: int | str | None) -> Cell:
    """A figure or comment as a table shows it."""
    if isinstance(value, str):
        return Cell(value)
    return cell(value, "gbp")


def _change(slice_: Slice, item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": item["name"],
        "line": item["line"],
        "href": reverse("line", args=[slice_.system.code, slice_.year_id, item["line"]]),
        "month": calendar_month(slice_, item["month"]),
        "field": FIELDS[item["field"]],
        "old": _value(item["old"]),
        "new": _value(item["new"]),
        "is_text": item["field"] == "comment",
        "cell": item["cell"],
        "sheet": item["sheet"],
        "doubt": item["doubt"],
    }


def _problems(refused: Refused | None) -> list[str]:
    """Why a store was refused; of doubts the page has its own list."""
    if refused is None:
        return []
    if refused.code == "confirm":
        return ["Some amounts look like slips. Check them below and tick that they are meant."]
    return list(dict.fromkeys(fault.message for fault in refused.faults))


def _newer(
    slice_: Slice, changes: Sequence[Mapping[str, Any]], refused: Conflict
) -> list[dict[str, Any]]:
    """For each cell that somebody saved since the preview: the file's value and the newer one."""
    newer = {(value["line"], value["month"]): value for value in refused.newer}
    found = []
    for item in changes:
        value = newer.get((item["line"], item["month"]))
        if value:
            name = item["field"]
            theirs = value["comment"] if name == "comment" else value[f"{name}_pence"]
            found.append(_change(slice_, item) | {"theirs": _value(theirs)})
    return found


def _extract(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof of an extract as cells: its parts, what has no pattern, and whether it adds."""
    parts = [(item["name"], item["line"], item["extract"]) for item in proof["lines"]]
    other = proof["mapped"] - sum(pence for _, _, pence in parts)
    left_out = [(f"Left out: {item['reason']}", "", item["pence"]) for item in proof["left_out"]]
    rest = [
        ("Of lines that this year does not have", "", other),
        ("Of other months", "", proof["other_months"]),
        ("Codes without a line", "", proof["unmapped_pence"]),
    ]
    return {
        "rows": proof["rows"],
        "parts": [
            {"name": name, "line": line, "amount": cell(pence, "gbp")}
            for name, line, pence in (*parts, *left_out, *(r for r in rest if r[2]))
        ],
        "total": cell(proof["total"], "gbp"),
        "total_words": words(proof["total"], "gbp"),
        "proved": is_proved(proof),
        "unmapped_codes": proof["unmapped_codes"],
        "unmapped": [
            item | {"amount": cell(item["pence"], "gbp")}
            for item in proof["unmapped"]
            if item["pence"]
        ],
    }
