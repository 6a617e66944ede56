"""Workbooks out, files in: a partner's figures by upload, with a preview before they are stored."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.uploading import TOO_LARGE
from esbt.kit.workbooks import XLSX
from finance.models import LedgerMapping, Upload
from finance.models.base import AUDITED, FIRST_MONTH
from finance.models.uploads import UNREAD
from finance.months import calendar_month
from finance.pages.upload import upload_context
from finance.queries.uploads import (
    entered_by,
    mappings_of,
    recent_uploads,
    stored_before,
    visible_upload,
)
from finance.queries.workbook import entry_sheet
from finance.services import read_again, receive_upload, store_upload
from finance.workbook.writing import entry_workbook
from schemes.models import Partner, Slice
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_slice
from schemes.services.uploads import too_large


def entering_for(
    request: PersonRequest, system: str, year: str, partner: str
) -> tuple[Slice, Partner]:
    """The year and the partner of an address; Http404 for whoever may not enter for it."""
    slice_ = visible_slice(request.user, system, year)
    who = get_object_or_404(Partner, code=partner, memberships__system=slice_.system_id)
    require(request.user, Permission.ENTER_OUTTURN, system=slice_.system, partner=who)
    return slice_, who


def crumbs_of(slice_: Slice, partner: Partner | None = None) -> list[dict[str, str]]:
    """The way here: My work and, beneath it, the partner's uploads."""
    crumbs = [
        {"label": "Overview", "href": reverse("home")},
        {"label": "My work", "href": reverse("my-work")},
    ]
    if partner:
        here = [slice_.system.code, slice_.year_id, partner.code]
        crumbs.append({"label": "Upload figures", "href": reverse("uploads", args=here)})
    return crumbs


def _month(text: str) -> int | None:
    """The month that was chosen, None for the whole year; Http404 for what is none."""
    if not text:
        return None
    if len(text) > 2 or not text.isdecimal() or not FIRST_MONTH <= int(text) <= AUDITED:
        raise Http404
    return int(text)


def _workbook(slice_: Slice, partners: list[Partner], month: int | None, name: str) -> HttpResponse:
    content = entry_workbook([entry_sheet(slice_, partner, month) for partner in partners])
    span = f"month-{month:02}" if month else "year"
    answer = HttpResponse(content, content_type=XLSX)
    disposition = f'attachment; filename="{slice_.system.code}-{slice_.year_id}-{name}-{span}.xlsx"'
    answer["Content-Disposition"] = disposition
    return answer


@login_required
@require_GET
def partner_workbook(request: PersonRequest, system: str, year: str, partner: str) -> HttpResponse:
    """A partner's entry workbook for the month in the address, or without one for the year."""
    slice_, who = entering_for(request, system, year, partner)
    return _workbook(slice_, [who], _month(request.GET.get("month", "")), who.code)


@login_required
@require_GET
def own_workbook(request: PersonRequest, system: str, year: str) -> HttpResponse:
    """One entry workbook with a sheet for each partner that the person enters for."""
    slice_ = visible_slice(request.user, system, year)
    own = entered_by(request.user, slice_)
    if not own:
        raise Http404
    return _workbook(slice_, own, _month(request.GET.get("month", "")), "partners")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: PersonRequest, system: str, year: str, partner: str) -> HttpResponse:
    """Where a partner's workbook is downloaded and files are uploaded, and what came so far."""
    slice_, who = entering_for(request, system, year, partner)
    if request.method != "POST":
        return _uploads_page(request, slice_, who, _month(request.GET.get("month", "")))
    month = _month(request.POST.get("month", ""))
    try:
        upload = _receive(request, slice_, who, month)
    except Refused as refused:
        return _uploads_page(request, slice_, who, month, refused)
    return HttpResponseRedirect(
        reverse("upload", args=[system, year, partner, upload.pk]), status=303
    )


def _receive(request: PersonRequest, slice_: Slice, partner: Partner, month: int | None) -> Upload:
    if TOO_LARGE in request.META:
        raise Refused([too_large(request.META[TOO_LARGE])])
    file = request.FILES.get("file")
    if file is None:
        raise Refused([Fault("Choose a file.", "file")])
    return receive_upload(
        by=request.user,
        slice_id=slice_.pk,
        partner=partner,
        month=month,
        name=file.name or "",
        content=file.read(),
        mapping=_mapping(partner, request.POST.get("mapping", "")),
    )


def _mapping(partner: Partner, pk: str) -> LedgerMapping | None:
    if not pk:
        return None
    if not (pk.isdecimal() and len(pk) < 10):
        raise Http404
    return get_object_or_404(LedgerMapping, partner=partner, pk=int(pk))


def _uploads_page(
    request: PersonRequest,
    slice_: Slice,
    partner: Partner,
    month: int | None,
    refused: Refused | None = None,
) -> HttpResponse:
    here = [slice_.system.code, slice_.year_id]
    there = [*here, partner.code]
    own = entered_by(request.user, slice_)
    return render(
        request,
        "finance/uploads.html",
        {
            "system": slice_.system,
            "partner": partner,
            "year_label": str(slice_.year),
            "month": month,
            "months": [(m, calendar_month(slice_, m)) for m in range(1, AUDITED + 1)],
            "workbook_href": reverse("partner-workbook", args=there),
            "own_href": reverse("own-workbook", args=here) if len(own) > 1 else "",
            "own": own,
            "mappings": [
                {"mapping": item, "href": reverse("mapping", args=[*there, item.pk])}
                for item in mappings_of(partner)
            ],
            "chosen_mapping": request.POST.get("mapping", ""),
            "new_mapping_href": reverse("new-mapping", args=there),
            "enter_href": reverse("enter-month", args=[*there, month]) if month else "",
            "uploads": [
                {
                    "upload": item,
                    "href": reverse("upload", args=[*there, item.pk]),
                    "span": calendar_month(slice_, item.month) if item.month else "Whole year",
                }
                for item in recent_uploads(slice_, partner, request.user)
            ],
            "problems": refused.faults if refused else [],
            "crumbs": crumbs_of(slice_),
        },
        status=STATUS[refused.code] if refused else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: PersonRequest, system: str, year: str, partner: str, pk: int) -> HttpResponse:
    """What a file would change and what is wrong with it; posting stores it, or reads it again."""
    slice_, who = entering_for(request, system, year, partner)
    found = visible_upload(request.user, slice_, who, pk)
    refused = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "read-again":
                read_again(by=request.user, upload_id=pk)
            else:
                confirmed = request.POST.get("confirmed") == "yes"
                store_upload(by=request.user, upload_id=pk, confirmed=confirmed)
            return HttpResponseRedirect(request.path, status=303)
        except Refused as error:
            refused = error
            found = visible_upload(request.user, slice_, who, pk)
    return render(
        request,
        "finance/upload.html",
        upload_context(slice_, who, found, refused)
        | {
            "system": slice_.system,
            "crumbs": crumbs_of(slice_, who),
            "before": stored_before(found),
        },
        status=STATUS[refused.code] if refused else 200,
    )


@login_required
@require_GET
def upload_progress(
    request: PersonRequest, system: str, year: str, partner: str, pk: int
) -> HttpResponse:
    """How far the reading of a file has got, for the page that waits for it."""
    slice_, who = entering_for(request, system, year, partner)
    found = visible_upload(request.user, slice_, who, pk)
    answer = JsonResponse({"reading": found.state in UNREAD, "done": found.done, "of": found.of})
    answer["Cache-Control"] = "no-store"
    return answer
