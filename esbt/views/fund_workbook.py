"""The plan of a fund as a workbook: out, and in with a preview that is stored as it was shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.fund_workbook.comparing import Compared, RowChange, compare
from esbt.fund_workbook.reading import CellFault, read_workbook
from esbt.fund_workbook.sheets import Column
from esbt.fund_workbook.standing import Standing
from esbt.fund_workbook.storing import Stored, store_changes, try_changes
from esbt.fund_workbook.writing import fund_workbook
from esbt.kit.archives import Unreadable
from esbt.kit.problems import Refused
from esbt.kit.uploading import TOO_LARGE
from esbt.kit.workbooks import XLSX
from esbt.views.agreements import crumbs
from esbt.views.frame import ANY_METHOD
from schemes.models import FundPlan, System, User
from schemes.people.permissions import Permission, has_permission, partners_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.uploads import taken_in, too_large

_SALT = "fund workbook"
_KEPT = 24 * 3600  # seconds in which a preview can be stored
_SHOWN = 300  # cells, and faults, on the page
_OUTDATED = "This preview is too old to be stored, or is another's. Upload the file again."


def _standing(request: PersonRequest, system: str, year: str, code: str) -> Standing:
    """A plan in one of its years; Http404 for whoever neither keeps it nor reports to it."""
    slice_ = visible_slice(request.user, system, year)
    plan = get_object_or_404(
        FundPlan.objects.select_related("pool", "system"),
        system=slice_.system,
        code=code,
        first_year__lte=year,
        last_year__gte=year,
    )
    if not may_fill_in(request.user, slice_.system):
        raise Http404
    return Standing(plan, slice_)


def may_fill_in(user: User, system: System) -> bool:
    """Whether somebody keeps a system's plans, or enters figures of one of its partners."""
    return has_permission(user, Permission.KEEP_POOLS, system=system) or bool(
        partners_of(user, Permission.ENTER_OUTTURN, system=system)
    )


def _identity(standing: Standing) -> str:
    plan = standing.plan
    return f"{plan.system.code}, {plan.code}, {standing.slice.year_id}"


@login_required
@require_GET
def workbook_file(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """The workbook, as things stand."""
    standing = _standing(request, system, year, code)
    title = f"{standing.plan.name}, {standing.slice.year}"
    content = fund_workbook(title, _identity(standing), standing.rows())
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{system}-{code}-{year}.xlsx"'
    return answer


@login_required
@require_http_methods(ANY_METHOD)
def workbook_page(request: PersonRequest, system: str, year: str, code: str) -> HttpResponse:
    """Where the workbook is downloaded and uploaded; posting a preview stores it."""
    standing = _standing(request, system, year, code)
    if request.method != "POST":
        return _page(request, standing)
    if "preview" in request.POST:
        return _store(request, standing)
    try:
        compared = compare(_sent(request, standing), standing.rows())
    except Refused as refused:
        return _page(request, standing, faults=[CellFault(f.message) for f in refused.faults])
    except Unreadable as error:
        return _page(request, standing, faults=[CellFault(str(error))])
    tried = Stored()
    if not compared.faults and compared.changes:
        tried = try_changes(by=request.user, standing=standing, changes=compared.changes)
    return _page(request, standing, compared=compared, tried=tried)


def _sent(request: PersonRequest, standing: Standing) -> Any:
    file = request.FILES.get("file")
    if TOO_LARGE in request.META:
        raise Refused([too_large(request.META[TOO_LARGE])])
    held = taken_in(file.name or "" if file else "", file.read() if file else b"")
    return read_workbook(held["content"], _identity(standing))


def _store(request: PersonRequest, standing: Standing) -> HttpResponse:
    try:
        said = signing.loads(request.POST["preview"], salt=_SALT, max_age=_KEPT)
    except signing.BadSignature:
        said = {}
    if said.get("of") != [request.user.pk, _identity(standing)]:
        return _page(request, standing, faults=[CellFault(_OUTDATED)])
    changes = [RowChange(**values) for values in said["changes"]]
    done = store_changes(by=request.user, standing=standing, changes=changes)
    if done.faults:
        return _page(request, standing, faults=done.faults)
    messages.success(request, f"Stored: {_counted(changes, said['unchanged'])}.")
    return HttpResponseRedirect(request.path, status=303)


def _page(
    request: PersonRequest,
    standing: Standing,
    *,
    compared: Compared | None = None,
    tried: Stored | None = None,
    faults: Sequence[CellFault] = (),
) -> HttpResponse:
    plan, slice_ = standing.plan, standing.slice
    faults = [*faults, *(compared.faults if compared else []), *(tried.faults if tried else [])]
    changes = compared.changes if compared else []
    cells = [item for change in changes for item in _cells(change)]
    preview = ""
    if changes and not faults:
        held = {
            "of": [request.user.pk, _identity(standing)],
            "changes": [asdict(change) for change in changes],
            "unchanged": compared.unchanged if compared else 0,
        }
        preview = signing.dumps(held, salt=_SALT, compress=True)
    here = [plan.system.code, slice_.year_id, plan.code]
    context = {
        "system": plan.system,
        "plan": plan,
        "year_label": str(slice_.year),
        "file_href": reverse("fund-workbook-file", args=here),
        "sentence": _sentence(compared, bool(faults)) if compared else "",
        "faults": faults[:_SHOWN],
        "more_faults": max(len(faults) - _SHOWN, 0),
        "cells": cells[:_SHOWN],
        "more_cells": max(len(cells) - _SHOWN, 0),
        "doubts": tried.doubts if tried else [],
        "preview": preview,
        "crumbs": crumbs(
            plan.system, (plan.name, reverse("fund-plan", args=[plan.system.code, plan.code]))
        ),
    }
    status = 422 if faults else 200
    return render(request, "esbt/fund_workbook.html", context, status=status)


def _sentence(compared: Compared, refused: bool) -> str:
    if refused:
        return "The workbook cannot be stored as it is. Nothing was stored."
    if not compared.changes:
        return "The workbook says nothing new: every row stands as it is."
    return (
        f"It would store {_counted(compared.changes, compared.unchanged)}. Nothing is stored yet."
    )


def _counted(changes: Sequence[RowChange], unchanged: int) -> str:
    found = Counter("new" if change.is_new else "changed" for change in changes)
    parts = [f"{found[word]} {word}" for word in ("new", "changed") if found[word]]
    rows = "row" if sum(found.values()) == 1 else "rows"
    return f"{' and '.join(parts)} {rows}; {unchanged} stay as they are"


def _cells(change: RowChange) -> Iterator[dict[str, Any]]:
    """What would become of each cell, in words."""
    for column, cell, old, new in change.cells():
        yield {
            "sheet": change.sheet,
            "cell": cell,
            "row": change.values.get("name") or change.values.get("body") or change.key,
            "is_new": change.is_new,
            "heading": column.heading,
            "old": _shown(column, old),
            "new": _shown(column, new),
            "is_amount": column.kind in ("amount", "number"),
        }


def _shown(column: Column, text: str) -> str:
    if column.kind == "amount" and text:
        return f"{Decimal(text):,.2f}"
    return dict(column.choices).get(text, text)
