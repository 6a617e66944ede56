"""Undoing one's own save: what was there before becomes the newest revision, history stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.http import Http404

from esbt.kit.problems import Conflict
from finance.models import OutturnRevision
from finance.services.outturns import Entry, Saved, record_outturns
from schemes.models import User


def undo_outturns(
    *, by: User | None, slice_id: int, change: int, today: date | None = None
) -> Saved:
    """Write back what stood before one's own save, blank where there was nothing.

    All of it, or nothing: raises Conflict where a figure was saved again since, Refused where a
    month takes no figures any more, and Http404 for what the person did not save.
    """
    done = list(
        OutturnRevision.objects.filter(
            line__slice=slice_id, change=change, actor=by
        ).select_related("line")
    )
    if not done:
        raise Http404
    former = {
        (revision.line_id, revision.month, revision.revision): revision
        for revision in OutturnRevision.objects.filter(
            line__in={revision.line_id for revision in done},
            month__in={revision.month for revision in done},
            revision__in={revision.revision - 1 for revision in done},
        )
    }
    entries = []
    for revision in done:
        before = former.get((revision.line_id, revision.month, revision.revision - 1))
        entries.append(
            replace(
                _as_entry(before or OutturnRevision()),
                line=revision.line.code,
                month=revision.month,
                revision=revision.revision,
            )
        )
    try:
        return record_outturns(
            by=by,
            slice_id=slice_id,
            entries=entries,
            reason=f"Undoes change {change}",
            today=today,
        )
    except Conflict as conflict:
        said = "This was saved again since, so nothing was undone. Look at it and type it anew."
        faults = [replace(fault, message=said) for fault in conflict.faults]
        raise Conflict(faults, conflict.newer) from conflict


def _as_entry(revision: OutturnRevision) -> Entry:
    """All that a revision says, of a line and month that are still to be named."""
    return Entry(
        line="",
        month=0,
        actual_pence=revision.actual_pence,
        forecast_pence=revision.forecast_pence,
        earlier_months_pence=revision.earlier_months_pence,
        comment=revision.comment,
        actual_basis=revision.actual_basis,
        forecast_basis=revision.forecast_basis,
        actual_evidence_id=revision.actual_evidence_id,
        forecast_evidence_id=revision.forecast_evidence_id,
    )
