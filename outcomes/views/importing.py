"""Published figures by upload: read by a mapping, shown as a preview, then stored."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.uploading import TOO_LARGE
from outcomes.models import ObservationFile
from outcomes.pages.files import file_context, files_context
from outcomes.services import read_file_again, receive_file, store_file
from schemes.models import System
from schemes.models.uploads import UNREAD
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.services.uploads import too_large


def _entering_in(request: PersonRequest, code: str) -> System:
    """A system of which the person enters observations; Http404 for any other."""
    system = visible_system(request.user, code)
    require(request.user, Permission.ENTER_OBSERVATION, system=system)
    return system


def _file(system: System, pk: int) -> ObservationFile:
    files = ObservationFile.objects.filter(system=system, pk=pk)
    file = files.select_related("by").defer("content").first()
    if file is None:
        raise Http404
    return file


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: PersonRequest, system: str) -> HttpResponse:
    """Where a published file is uploaded, and what came so far."""
    found = _entering_in(request, system)
    refused = None
    if request.method == "POST":
        try:
            file = _receive(request, found)
            return HttpResponseRedirect(reverse("import-file", args=[system, file.pk]), status=303)
        except Refused as error:
            refused = error
    context = files_context(found, request.POST.get("mapping", "")) | {
        "problems": refused.faults if refused else []
    }
    status = STATUS[refused.code] if refused else 200
    return render(request, "outcomes/import.html", context, status=status)


def _receive(request: PersonRequest, system: System) -> ObservationFile:
    sent = request.FILES.get("file")  # reads what was sent, and tells when it is too much
    if TOO_LARGE in request.META:
        raise Refused([too_large(request.META[TOO_LARGE])])
    if sent is None:
        raise Refused([Fault("Choose a file.", "file")])
    return receive_file(
        by=request.user,
        system_id=system.pk,
        mapping=request.POST.get("mapping", ""),
        name=sent.name or "",
        content=sent.read(),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: PersonRequest, system: str, pk: int) -> HttpResponse:
    """What a file would change and what is wrong with it; posting stores it, or reads it again."""
    found = _entering_in(request, system)
    file, refused = _file(found, pk), None
    if request.method == "POST":
        try:
            do = request.POST.get("do")
            if do in ("read-again", "known-only"):
                known_only = do == "known-only"
                read_file_again(by=request.user, file_id=file.pk, known_only=known_only)
            else:
                store_file(by=request.user, file_id=file.pk)
            return HttpResponseRedirect(request.path, status=303)
        except Refused as error:
            refused = error
    context = file_context(found, file) | {"problems": refused.faults if refused else []}
    status = STATUS[refused.code] if refused else 200
    return render(request, "outcomes/import_file.html", context, status=status)


@login_required
@require_GET
def import_progress(request: PersonRequest, system: str, pk: int) -> HttpResponse:
    """How far the reading of a file has got, for the page that waits for it."""
    file = _file(_entering_in(request, system), pk)
    answer = JsonResponse({"reading": file.state in UNREAD, "done": file.done, "of": file.of})
    answer["Cache-Control"] = "no-store"
    return answer
