"""Files that a person may see, and the mappings of a partner's ledger."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.fields.json import KT
from django.http import Http404

from finance.models import LedgerMapping, Upload, UploadState
from schemes.models import Partner, Slice, User
from schemes.people.permissions import Permission, partners_of

_LISTED = 20


def entered_by(user: User, slice_: Slice) -> list[Partner]:
    """Members of the system for which a person may enter, by name."""
    own = partners_of(user, Permission.ENTER_OUTTURN, system=slice_.system)
    return sorted(own, key=lambda partner: partner.name)


def recent_uploads(slice_: Slice, partner: Partner, user: User) -> list[Upload]:
    """A partner's latest files of a year, each without its content and report.

    Those are left out that hold figures of a partner for which the person may not enter.
    """
    codes = [item.code for item in entered_by(user, slice_)]
    return list(
        Upload.objects.filter(slice=slice_, partner=partner, partners__contained_by=codes)
        .annotate(flaws=KT("report__flaw_count"))
        .select_related("by", "mapping")
        .defer("content", "report")[:_LISTED]
    )


def visible_upload(user: User, slice_: Slice, partner: Partner, pk: int) -> Upload:
    """A file with its report; Http404 for whoever may not enter for each of its partners."""
    upload = (
        Upload.objects.filter(slice=slice_, partner=partner, pk=pk)
        .select_related("by", "mapping")
        .defer("content")
        .first()
    )
    codes = {item.code for item in entered_by(user, slice_)}
    if upload is None or not codes.issuperset(upload.partners):
        raise Http404
    return upload


def stored_before(upload: Upload) -> Upload | None:
    """The same file of the same partner as it was stored the last time; None when it was not."""
    return (
        Upload.objects.filter(
            slice=upload.slice_id,
            partner=upload.partner_id,
            sha256=upload.sha256,
            state=UploadState.STORED,
        )
        .exclude(pk=upload.pk)
        .select_related("by")
        .defer("content", "report")
        .first()
    )


def mappings_of(partner: Partner) -> Sequence[LedgerMapping]:
    """A partner's mappings by name, each in the version that is in use."""
    return list(
        LedgerMapping.objects.filter(partner=partner)
        .order_by("name", "-version")
        .distinct("name")
        .select_related("actor")
    )
