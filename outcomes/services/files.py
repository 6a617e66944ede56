"""Published files sent by page: read by a worker into a preview, then stored by one, or not.

Reading writes nothing but the file's own row. Storing reads the file once more, since a hundred
thousand values are no report, and only if no metric moved since the preview: what is stored is
what was shown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from outcomes.models import ObservationFile
from outcomes.services.importing import Imported, Unknown, import_files, preview_files
from outcomes.workbook.mapping import Mapping, read_mapping, shipped
from outcomes.workbook.reading import MAX_FAULTS
from schemes.models import System, User
from schemes.models.uploads import UploadState
from schemes.people.permissions import Permission, require
from schemes.services.uploads import claim, got_on, taken_in, tidy, unheard

log = logging.getLogger(__name__)

SHOWN = 100  # changes, and faults or warnings of a kind

_FAILED = (
    "The file could not be read, which is our fault and was noted. Nothing was stored. Read it "
    "again, or have it imported by whoever keeps the installation."
)


def receive_file(
    *, by: User, system_id: int, mapping: str, name: str, content: bytes
) -> ObservationFile:
    """Take in a file to be read by a mapping that ships, and ring for its reading.

    Raises Http404 without the permission to enter observations, and Refused for a mapping that
    does not ship and for a file that is empty or too large.
    """
    system = System.objects.get(pk=system_id)
    require(by, Permission.ENTER_OBSERVATION, system=system)
    if mapping not in shipped():
        raise Refused([Fault("Choose what the file is.", "mapping", mapping)])
    with transaction.atomic():
        file = ObservationFile.objects.create(
            system=system, mapping=mapping, by=by, **taken_in(name, content)
        )
        _ring(file.pk)
    return file


def _ring(file_id: int) -> None:
    from outcomes.tasks import ring_file  # (tasks know the services)

    transaction.on_commit(lambda: ring_file(file_id), robust=True)


def work_on_file(*, file_id: int) -> UploadState | None:
    """Read a file that waits into its preview, or store it if somebody said so.

    None where another does so already. Whatever goes wrong is the file's report.
    """
    if not claim(ObservationFile, file_id):
        return None
    file = ObservationFile.objects.select_related("system", "by", "stored_by").get(pk=file_id)
    try:
        mapping = read_mapping(shipped()[file.mapping])
        state, report = _store(file, mapping) if file.stored_by else _preview(file, mapping)
    except Exception:
        log.exception("observation file %s could not be read", file_id)
        state, report = UploadState.FAILED, {"error": _FAILED}
    _finish(file, state, report)
    return state


def _preview(
    file: ObservationFile, mapping: Mapping, **more: Any
) -> tuple[UploadState, dict[str, Any]]:
    try:
        imported = preview_files(
            by=file.by,
            system_id=file.system_id,
            mapping=mapping,
            files=_files(file),
            show=SHOWN,
            progress=lambda done, of: got_on(ObservationFile, file.pk, done, of),
            known_only=file.known_only,
        )
    except Refused as refused:
        left_out = refused.left_out if isinstance(refused, Unknown) else []
        report = {**_faults("flaws", refused.faults), "left_out": left_out, **more}
        return UploadState.REFUSED, report
    return UploadState.READY, {**report_of(imported), **more}


def _store(file: ObservationFile, mapping: Mapping) -> tuple[UploadState, dict[str, Any]]:
    """Store what the preview showed; a preview anew where a metric moved since."""
    try:
        imported = import_files(
            by=file.stored_by,
            system_id=file.system_id,
            mapping=mapping,
            files=_files(file),
            progress=lambda done, of: got_on(ObservationFile, file.pk, done, of),
            seen=file.report["seen"],
            known_only=file.known_only,
        )
    except Refused as refused:
        return _preview(file, mapping, moved=refused.code == "conflict")
    shown = {name: file.report[name] for name in ("changes", "warnings", "warning_count")}
    return UploadState.STORED, report_of(imported) | shown


def _files(file: ObservationFile) -> list[tuple[str, bytes]]:
    return [(file.name, bytes(file.content or b""))]


def _finish(file: ObservationFile, state: UploadState, report: dict[str, Any]) -> None:
    """Keep the report; the content goes of a file that is stored, or has nothing to take."""
    done: dict[str, Any] = {"state": state, "report": report, "moved_at": timezone.now()}
    if state == UploadState.STORED or (state == UploadState.REFUSED and not report["left_out"]):
        done["content"] = None
    if state != UploadState.STORED:
        done["stored_by"] = None
    rows = ObservationFile.objects.filter(pk=file.pk, state=UploadState.READING)
    rows.update(**done)


def report_of(imported: Imported) -> dict[str, Any]:
    """What is kept of an import: counts, changes in words, warnings by kind, notes, and ``seen``.

    Numbers of changes are text, null for not stated; an old standing of "" is a new value.
    """
    return {
        "counts": {
            "created": imported.count.created,
            "updated": imported.count.updated,
            "unchanged": imported.count.unchanged,
        },
        "changes": [
            {
                "metric": imported.names.get(change.metric, change.metric),
                "area": imported.names.get(change.area, change.area),
                "starts": change.starts.isoformat(),
                "ends": change.ends.isoformat(),
                "old": None if change.old is None else f"{change.old.normalize():f}",
                "new": None if change.new is None else f"{change.new.normalize():f}",
                "old_standing": change.old_standing,
                "new_standing": change.new_standing,
            }
            for change in imported.changes
        ],
        "notes": imported.notes,
        "seen": imported.seen,
        **_faults("warnings", imported.warnings),
    }


def _faults(name: str, faults: list[Fault]) -> dict[str, Any]:
    """Faults by kind, those that say the same but for what they quote being of one kind."""
    groups: dict[str, list[Fault]] = {}
    for fault in faults[:MAX_FAULTS]:
        groups.setdefault(re.sub(r"'[^']*'|\d[\d,.]*", "…", fault.message), []).append(fault)
    return {
        name: [
            {
                "label": own[0].message if _alike(own) else words,
                "count": len(own),
                "alike": _alike(own),
                "faults": [
                    {
                        "row": fault.row,
                        "column": fault.field,
                        "value": fault.value,
                        "message": fault.message,
                        "place": fault.file,
                    }
                    for fault in own[:SHOWN]
                ],
            }
            for words, own in groups.items()
        ],
        f"{name.removesuffix('s')}_count": len(faults),
    }


def _alike(faults: Iterable[Fault]) -> bool:
    return len({fault.message for fault in faults}) == 1


def can_store(file: ObservationFile) -> bool:
    """Whether a preview has changes and nothing stands against storing them."""
    if file.state != UploadState.READY:
        return False
    counts = file.report["counts"]
    return bool(counts["created"] or counts["updated"])


def store_file(*, by: User, file_id: int) -> bool:
    """Have all that the preview showed stored by a worker; False when it was or is already.

    Raises Http404 for whoever may not enter observations, Refused where nothing can be stored.
    """
    with transaction.atomic():
        file = _locked(by, file_id)
        if file.stored_by_id:
            return False
        if not can_store(file):
            raise Refused([Fault("This file has nothing that can be stored.")])
        file.stored_by, file.state, file.moved_at = by, UploadState.RECEIVED, timezone.now()
        file.save(update_fields=["stored_by", "state", "moved_at"])
        _ring(file.pk)
        return True


def can_take_known(file: ObservationFile) -> bool:
    """Whether what stands against a file are areas and metrics that are not known alone."""
    if file.state != UploadState.REFUSED or not file.report.get("left_out"):
        return False
    return ObservationFile.objects.filter(pk=file.pk, content__isnull=False).exists()


def read_file_again(*, by: User, file_id: int, known_only: bool = False) -> bool:
    """Have a file that is still kept read anew; False when it is not, or waits already.

    With ``known_only`` figures of areas and metrics that are not known are left out from now on.
    """
    with transaction.atomic():
        file = _locked(by, file_id)
        readable = file.state in (UploadState.READY, UploadState.FAILED) or can_take_known(file)
        if file.content is None or not readable:
            return False
        file.state, file.moved_at, file.report = UploadState.RECEIVED, timezone.now(), {}
        file.known_only |= known_only
        file.save(update_fields=["state", "moved_at", "report", "known_only"])
        _ring(file.pk)
        return True


def _locked(by: User, file_id: int) -> ObservationFile:
    rows = ObservationFile.objects.select_for_update(of=("self",)).select_related("system")
    file = rows.get(pk=file_id)
    require(by, Permission.ENTER_OBSERVATION, system=file.system)
    return file


def unheard_files() -> list[int]:
    """Files that wait though nobody is on the way to them."""
    return unheard(ObservationFile)


def tidy_files() -> int:
    """Give up on files whose reading takes too long, forget what was kept a week; how many."""
    return tidy(ObservationFile, _FAILED)
