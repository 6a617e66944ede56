"""Files with figures: received, read by a worker into a preview, and stored as that showed.

Reading writes nothing but the upload's own row, so that it may be done twice; storing takes what
the preview compared, with its revisions, so that nothing is stored that nobody saw.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from esbt.kit.problems import Fault, Refused
from esbt.kit.spreadsheets import Unreadable, read_spreadsheet
from finance.models import LedgerMapping, Upload, UploadState
from finance.models.base import AUDITED
from finance.queries.entry import entry_lines
from finance.queries.previews import entries_of, preview
from finance.queries.workbook import locked_cells, month_names, plan_code
from finance.services.outturns import Saved, record_outturns
from finance.workbook.found import Expected, Flaw, Reading
from finance.workbook.ledger import LedgerLine, is_proved, read_extract
from finance.workbook.mapping import Definition
from finance.workbook.reading import read_figures
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, has_permission, require
from schemes.services.uploads import claim, got_on, taken_in, tidy, unheard

log = logging.getLogger(__name__)

_FAILED = (
    "The file could not be read, which is our fault and was noted. Nothing was stored. Save it as "
    "CSV UTF-8 and upload that, or type the figures."
)


def receive_upload(
    *,
    by: User,
    slice_id: int,
    partner: Partner,
    month: int | None,
    name: str,
    content: bytes,
    mapping: LedgerMapping | None = None,
) -> Upload:
    """Take in a file of a partner for a month, or the year for None, and ring for its reading.

    With a mapping it is an extract of the ledger. Raises Http404 without the permission to enter,
    Refused for a file that is empty or too large and for an extract without a month.
    """
    slice_ = Slice.objects.select_related("system").get(pk=slice_id)
    require(by, Permission.ENTER_OUTTURN, system=slice_.system, partner=partner)
    held = taken_in(name, content)
    if mapping and (month is None or mapping.partner_id != partner.pk):
        raise Refused([Fault("Choose the month that the extract is for.", "month")])
    if mapping and month == AUDITED:
        said = "An extract is of months 1 to 12. Type the final accounts, or upload the workbook."
        raise Refused([Fault(said, "month")])
    with transaction.atomic():
        upload = Upload.objects.create(
            slice=slice_,
            partner=partner,
            partners=[partner.code],
            month=month,
            mapping=mapping,
            by=by,
            **held,
        )
        _ring(upload.pk)
    return upload


def _ring(upload_id: int) -> None:
    from finance.tasks import ring_upload  # (tasks know the services)

    transaction.on_commit(lambda: ring_upload(upload_id), robust=True)


def read_upload(*, upload_id: int) -> UploadState | None:
    """Read a file that waits, and keep what it would change; None where another does so already.

    Whatever goes wrong is the file's report: a reader that is called again finds it read.
    """
    if not claim(Upload, upload_id):
        return None
    upload = Upload.objects.select_related("slice__system", "slice__year", "partner", "by").get(
        pk=upload_id
    )
    try:
        reading = _read(upload)
        report = preview(upload.slice, reading, timezone.localdate())
        partners, state = reading.partners, _state_of(reading, report)
    except Exception:
        log.exception("upload %s could not be read", upload_id)
        partners, state, report = upload.partners, UploadState.FAILED, {"error": _FAILED}
    _finish(upload, state, report, partners)
    return state


def _read(upload: Upload) -> Reading:
    """What the file says, from its bytes."""
    try:
        book = read_spreadsheet(bytes(upload.content or b""))
        expected = Expected(
            system=upload.slice.system.code,
            year=upload.slice.year_id,
            partner=upload.partner.code,
            plan=plan_code(upload.slice),
            month=upload.month,
            month_names=month_names(upload.slice),
            may_enter=_may_enter(upload),
            names=dict(upload.slice.system.partners.values_list("code", "name"))
            | {upload.slice.system.code: upload.slice.system.name},
            locked=lambda code: locked_cells(upload.slice, code, upload.month),
            progress=lambda done, of: got_on(Upload, upload.pk, done, of),
        )
        if upload.mapping is None:
            return read_figures(book, expected)
        definition = Definition.model_validate(upload.mapping.definition)
        return read_extract(book, definition, expected, _ledger_lines(upload))
    except Unreadable as error:
        return Reading(partners=[upload.partner.code], flaws=[Flaw("file", str(error))])


def _may_enter(upload: Upload) -> Callable[[str], bool]:
    """Whether the file's sender may enter for another member of the system, by its code."""

    def may(code: str) -> bool:
        other = Partner.objects.filter(
            code=code, memberships__system=upload.slice.system_id
        ).first()
        return other is not None and has_permission(
            upload.by, Permission.ENTER_OUTTURN, system=upload.slice.system, partner=other
        )

    return may


def _ledger_lines(upload: Upload) -> dict[str, LedgerLine]:
    month = upload.month or 0
    return {
        item.line.code: LedgerLine(
            item.line.name,
            item.last.actual_pence if item.last and item.last.month == month - 1 else None,
            item.line.first_month == month,
        )
        for item in entry_lines(upload.slice, upload.partner, month)
    }


def _state_of(reading: Reading, report: dict[str, object]) -> UploadState:
    """A mapping can be mended and the extract read again; any other flaw needs another file."""
    if any(flaw.kind != "mapping" for flaw in reading.flaws) or (
        report["flaw_count"] and not reading.flaws
    ):
        return UploadState.REFUSED
    return UploadState.READY


def _finish(
    upload: Upload, state: UploadState, report: dict[str, object], partners: list[str]
) -> None:
    """Keep the report; a refused file is forgotten, and one that is ready replaces its elders."""
    values: dict[str, object] = {"content": None} if state == UploadState.REFUSED else {}
    with transaction.atomic():
        kept = Upload.objects.filter(pk=upload.pk, state=UploadState.READING).update(
            state=state,
            report=report,
            partners=partners,
            moved_at=timezone.now(),
            **values,
        )
        if kept and state == UploadState.READY:
            Upload.objects.filter(
                slice=upload.slice_id,
                partner=upload.partner_id,
                month=upload.month,
                by=upload.by_id,
                state=UploadState.READY,
                pk__lt=upload.pk,
            ).update(state=UploadState.SUPERSEDED, content=None)


def can_store(upload: Upload) -> bool:
    """Whether a preview has changes and nothing stands against storing them."""
    report = upload.report
    if upload.state != UploadState.READY or report["flaw_count"] or not report["changes"]:
        return False
    extract = report["extract"]
    return not extract or (not extract["unmapped_codes"] and is_proved(extract))


def store_upload(*, by: User, upload_id: int, confirmed: bool = False) -> Saved | None:
    """Store all that the preview showed, or nothing; None when it was stored already.

    Raises Http404 for whoever may not enter for each of its partners, Conflict where somebody
    saved a newer value since the preview, and Refused (confirm) for amounts beyond reason that
    were not ``confirmed``.
    """
    with transaction.atomic():
        upload = _locked(by, upload_id)
        if upload.state == UploadState.STORED:
            return None
        if not can_store(upload):
            raise Refused([Fault("This file has nothing that can be stored.")])
        saved = record_outturns(
            by=by,
            slice_id=upload.slice_id,
            entries=entries_of(upload.report["changes"], confirmed=confirmed),
            ask_when_implausible=True,
        )
        upload.state, upload.change, upload.content = UploadState.STORED, saved.change, None
        upload.moved_at = timezone.now()
        upload.save(update_fields=["state", "change", "content", "moved_at"])
        return saved


def read_again(*, by: User, upload_id: int) -> bool:
    """Have a file that is still kept read anew, an extract by its mapping as it is now.

    False when it is no longer kept. Raises Http404 as storing does.
    """
    with transaction.atomic():
        upload = _locked(by, upload_id)
        if upload.content is None or upload.state == UploadState.STORED:
            return False
        if upload.mapping:
            upload.mapping = LedgerMapping.objects.filter(
                partner=upload.partner_id, name=upload.mapping.name
            ).latest("version")
        upload.state, upload.moved_at, upload.report = UploadState.RECEIVED, timezone.now(), {}
        upload.save(update_fields=["mapping", "state", "moved_at", "report"])
        _ring(upload.pk)
        return True


def _locked(by: User, upload_id: int) -> Upload:
    """The upload under its own lock, which is always taken before its slice's."""
    upload = (
        Upload.objects.select_for_update(of=("self",))
        .select_related("slice__system")
        .get(pk=upload_id)
    )
    for partner in Partner.objects.filter(code__in=upload.partners):
        require(by, Permission.ENTER_OUTTURN, system=upload.slice.system, partner=partner)
    if not upload.partners:
        raise Http404
    return upload


def unheard_uploads() -> list[int]:
    """Files that wait though nobody is on the way to them."""
    return unheard(Upload)


def tidy_uploads() -> int:
    """Give up on files whose reading takes too long, forget what was kept a week; how many."""
    return tidy(Upload, _FAILED)
