"""The pages of published files that are imported: what is shown of them, in words."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KT
from django.urls import reverse

from esbt.kit.money import Cell
from esbt.kit.when import period_words
from outcomes.models import ObservationFile, Standing
from outcomes.services import can_store, can_take_known
from outcomes.workbook.mapping import read_mapping, shipped
from schemes.models import System
from schemes.models.uploads import UNREAD, UploadState

_LISTED = 20


def _crumbs(system: System, *, beneath: bool = False) -> list[dict[str, str]]:
    crumbs = [
        {"label": "Overview", "href": reverse("home")},
        {"label": "Outcomes", "href": reverse("outcomes", args=[system.code])},
    ]
    if beneath:
        href = reverse("import-figures", args=[system.code])
        crumbs.append({"label": "Import published figures", "href": href})
    return crumbs


def files_context(system: System, chosen: str) -> dict[str, Any]:
    """What outcomes/import.html shows: the mappings that ship, and the latest files."""
    titles = {name: read_mapping(path).title for name, path in shipped().items()}
    files = (
        ObservationFile.objects.filter(system=system)
        .annotate(flaws=KT("report__flaw_count"))
        .select_related("by")
        .defer("content", "report")[:_LISTED]
    )
    return {
        "system": system,
        "mappings": titles.items(),
        "chosen": chosen,
        "files": [
            {
                "file": file,
                "href": reverse("import-file", args=[system.code, file.pk]),
                "mapping": titles.get(file.mapping, file.mapping),
            }
            for file in files
        ],
        "crumbs": _crumbs(system),
    }


def file_context(system: System, file: ObservationFile) -> dict[str, Any]:
    """What outcomes/import_file.html shows of a file."""
    report = file.report
    path = shipped().get(file.mapping)
    counts = report.get("counts", {})
    changing = counts.get("created", 0) + counts.get("updated", 0)
    changes = report.get("changes", [])
    return {
        "system": system,
        "file": file,
        "mapping": read_mapping(path).title if path else file.mapping,
        "reading": file.state in UNREAD,
        "progress_href": reverse("import-progress", args=[system.code, file.pk]),
        "sentence": sentence(file),
        "notes": report.get("notes", []),
        "flaws": report.get("flaws", []),
        "warnings": report.get("warnings", []),
        "warning_count": report.get("warning_count", 0),
        "changes": [_change(change) for change in changes],
        "changing": changing,
        "changing_words": f"{changing:,}",
        "more_changes": changing - len(changes),
        "more_words": f"{changing - len(changes):,}",
        "can_store": can_store(file),
        "can_read_again": file.state == UploadState.FAILED,
        "can_take_known": can_take_known(file),
        "left_out": report.get("left_out", []),
        "files_href": reverse("import-figures", args=[system.code]),
        "crumbs": _crumbs(system, beneath=True),
    }


def sentence(file: ObservationFile) -> str:
    """What became of a file, or would."""
    report = file.report
    match file.state:
        case UploadState.RECEIVED | UploadState.READING:
            if file.stored_by_id:
                return "The figures are being stored, all of them or none."
            return "The file is being read. Nothing has been stored."
        case UploadState.FAILED:
            return str(report.get("error", ""))
        case UploadState.REFUSED:
            count = report["flaw_count"]
            faults = "1 fault" if count == 1 else f"{count:,} faults"
            whole = " whole" if report.get("left_out") else ""
            return f"The file cannot be stored{whole}: it has {faults}. Nothing of it was stored."
    counts = report["counts"]
    verbs = {"created": "new", "updated": "changed", "unchanged": "unchanged"}
    told = ", ".join(f"{counts[name]:,} {verb}" for name, verb in verbs.items() if counts[name])
    if file.state == UploadState.STORED:
        return f"The file is stored: {told}."
    if not can_store(file):
        return "Every figure in the file stands already. There is nothing to store."
    moved = "Somebody saved figures of these metrics since the preview, which is made anew. "
    return f"{moved if report.get('moved') else ''}Figures: {told}. Nothing has been stored yet."


def _change(change: Pairs[str, Any]) -> dict[str, Any]:
    starts, ends = date.fromisoformat(change["starts"]), date.fromisoformat(change["ends"])
    return {
        "metric": change["metric"],
        "area": change["area"],
        "period": period_words(starts, ends),
        "old": _value(change["old"], change["old_standing"]),
        "new": _value(change["new"], change["new_standing"]),
    }


def _value(number: str | None, standing: str) -> Cell:
    """A value as a table shows it: a number, its standing where it has none, or none yet."""
    if number is not None:
        return Cell(f"{Decimal(number):,}")
    return Cell(Standing(standing).label.lower() if standing else "not stated", missing=True)
