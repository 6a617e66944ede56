"""The typed registers: all of them, a list, a row, its form, and files in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.base import SeenRemovalForm
from esbt.forms.typed import TypedForm
from esbt.kit.problems import STATUS, Fault, Refused
from esbt.kit.tables import csv_answer, table_schema
from esbt.kit.uploading import TOO_LARGE
from esbt.kit.workbooks import XLSX, workbook
from esbt.pages.registers import (
    faults_context,
    form_groups,
    list_context,
    preview_context,
    row_context,
    workbook_rows,
)
from esbt.views.actions import kept
from esbt.views.delivery import crumbs, listing
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.row_form import RowForm
from schemes.models import RegisterRow, Source, System
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system
from schemes.registers.files import packed, read_register_file, unpacked
from schemes.registers.kinds import RegisterKind
from schemes.registers.listing import select, wish_of
from schemes.registers.rows import (
    cells_of,
    counted,
    download_columns,
    download_rows,
    kind_of,
    partner_names,
    row_of,
    rows_in,
)
from schemes.services.entries import (
    add_entry,
    change_entry,
    preview_entries,
    remove_entry,
    store_entries,
)
from schemes.services.seen import state_of
from schemes.services.uploads import too_large


@login_required
@require_GET
def registers(request: PersonRequest, system: str) -> HttpResponse:
    """Every register, what it holds and how many rows it has."""
    found = visible_system(request.user, system)
    context = {
        "system": found,
        "registers": [
            {"kind": kind, "count": count, "href": reverse("register", args=[system, kind.code])}
            for kind, count in counted(found)
        ],
        "crumbs": crumbs(found),
    }
    return render(request, "delivery/registers.html", context)


@login_required
@require_GET
def register(request: PersonRequest, system: str, register: str) -> HttpResponse:
    """A register as the address asks for it; with the header X-Part the list alone."""
    found, kind = visible_system(request.user, system), kind_of(register)
    context = list_context(found, kind, wish_of(request.GET, kind)) | {
        "system": found,
        "kind": kind,
        "keeps": _keeps(request, found),
        "crumbs": _crumbs(found),
    }
    return listing(request, "register", context)


@login_required
@require_GET
def register_csv(request: PersonRequest, system: str, register: str) -> HttpResponse:
    """What the address asks for of a register as CSV, which the import takes back."""
    found, kind = visible_system(request.user, system), kind_of(register)
    rows = download_rows(kind, _asked(request, found, kind), found)
    return csv_answer(download_columns(kind), rows, f"{system}-{register}")


@login_required
@require_GET
def register_xlsx(request: PersonRequest, system: str, register: str) -> HttpResponse:
    """The same as a workbook."""
    found, kind = visible_system(request.user, system), kind_of(register)
    columns, rows = workbook_rows(kind, _asked(request, found, kind), found)
    about = {"Register": kind.name, "System": found.name, "What it holds": kind.about}
    answer = HttpResponse(workbook(columns, rows, about=about), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{system}-{register}.xlsx"'
    return answer


def _asked(request: PersonRequest, system: System, kind: RegisterKind) -> list[RegisterRow]:
    return list(select(kind, list(rows_in(system, kind)), wish_of(request.GET, kind)).rows)


@require_GET
def register_schema(request: HttpRequest, register: str) -> HttpResponse:
    """The table schema of a register's download."""
    return JsonResponse(table_schema(download_columns(kind_of(register))))


@login_required
@require_GET
def register_row(request: PersonRequest, system: str, register: str, code: str) -> HttpResponse:
    """A row with its evidence and every state that it had."""
    found, kind = visible_system(request.user, system), kind_of(register)
    context = row_context(found, kind, row_of(found, kind, code)) | {
        "system": found,
        "kind": kind,
        "keeps": _keeps(request, found),
        "crumbs": _crumbs(found, kind),
    }
    return render(request, "delivery/register_row.html", context)


@login_required
@require_http_methods(ANY_METHOD)
def add_row(request: PersonRequest, system: str, register: str) -> HttpResponse:
    """Add a row; 404 for who keeps no registers here."""
    found, kind = kept(request, system), kind_of(register)
    made: list[str] = []
    form = _form(kind, found, request.POST if request.method == "POST" else None)

    def save() -> None:
        made.append(add_entry(by=request.user, system=found, kind=kind, cells=form.cells))

    if saved(request, form, save):
        return redirect("register-row", system, register, made[0])
    context = {
        "system": found,
        "form": form,
        "seen": None,
        "differs": None,
        "title": "Add a row",
        "caption": kind.name,
        "crumbs": _crumbs(found, kind),
    }
    return render(request, "delivery/typed_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def change_row(request: PersonRequest, system: str, register: str, code: str) -> HttpResponse:
    """Change a row; 404 for who keeps no registers here."""
    found, kind = kept(request, system), kind_of(register)
    row = row_of(found, kind, code)
    page = RowForm(request, row, lambda data: _form(kind, found, data, row))

    def save(form: Any, seen: int) -> None:
        change_entry(by=request.user, row=row, kind=kind, cells=form.cells, seen=seen)

    if page.saved(save):
        return redirect("register-row", system, register, code)
    context = page.context | {
        "system": found,
        "title": f"Change {row.name}",
        "caption": kind.name,
        "what": "this row",
        "crumbs": _crumbs(found, kind, row),
    }
    return render(request, "delivery/typed_form.html", context, status=page.status)


def _form(
    kind: RegisterKind, system: System, data: Any, row: RegisterRow | None = None
) -> TypedForm:
    return TypedForm(
        kind.row,
        form_groups(kind, new=row is None),
        data,
        initial=cells_of(row, kind) if row else {"position": "0"},
        choices={
            "source": [*Source.objects.order_by("title").values_list("code", "title")],
            "owner": [*partner_names(system, kind).items()],
        },
    )


@login_required
@require_http_methods(ANY_METHOD)
def remove_row(request: PersonRequest, system: str, register: str, code: str) -> HttpResponse:
    """Take a row out, with the reason; what it said stays in the audit."""
    found, kind = kept(request, system), kind_of(register)
    row = row_of(found, kind, code)
    sent = request.POST if request.method == "POST" else None
    form = SeenRemovalForm(sent, initial={"seen": state_of(row)})

    def save() -> None:
        said = form.cleaned_data
        remove_entry(by=request.user, row=row, reason=said["reason"], seen=said["seen"] or 0)

    if saved(request, form, save, f"{row.name} was taken out."):
        return redirect("register", system, register)
    context = {
        "system": found,
        "form": form,
        "title": f"Take out {row.name}",
        "caption": kind.name,
        "lead": "It no longer stands in the register. What it said, who took it out and why stay "
        "in the audit.",
        "button": "Take it out",
        "crumbs": _crumbs(found, kind, row),
    }
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(ANY_METHOD)
def import_register(request: PersonRequest, system: str, register: str) -> HttpResponse:
    """Take a file, show what it would change, and store it when told so: all of it or nothing."""
    found, kind = kept(request, system), kind_of(register)
    context: dict[str, Any] = {
        "system": found,
        "kind": kind,
        "columns": download_columns(kind),
        "crumbs": _crumbs(found, kind),
    }
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "store":
                return _store(request, found, kind)
            context |= _preview(request, found, kind)
        except Refused as refused:
            status = STATUS[refused.code]
            context |= faults_context(kind, refused.faults)
    return render(request, "delivery/register_import.html", context, status=status)


def _preview(request: PersonRequest, system: System, kind: RegisterKind) -> Mapping[str, Any]:
    sent = request.FILES.get("file")  # reads what was sent, and tells when it is too much
    if TOO_LARGE in request.META:
        raise Refused([too_large(request.META[TOO_LARGE])])
    if sent is None:
        raise Refused([Fault("Choose a file.", "file")])
    read = read_register_file(sent.read(), kind, system)
    preview = preview_entries(by=request.user, system=system, kind=kind, brought=read.rows)
    return preview_context(preview) | {
        "preview": preview,
        "file_name": sent.name,
        "notes": read.notes,
        "packed": packed(read.rows),
    }


def _store(request: PersonRequest, system: System, kind: RegisterKind) -> HttpResponse:
    count = store_entries(
        by=request.user,
        system=system,
        kind=kind,
        brought=unpacked(request.POST.get("rows", "")),
        seen=_number(request.POST.get("seen", "")),
    )
    said = f"Stored: {count.created} added, {count.updated} changed, {count.unchanged} as before."
    messages.success(request, said)
    return redirect("register", system.code, kind.code)


def _keeps(request: PersonRequest, system: System) -> bool:
    return has_permission(request.user, Permission.KEEP_DELIVERY, system=system)


def _number(text: str) -> int:
    """A version that a form carried; 0, which none is, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _crumbs(
    system: System, kind: RegisterKind | None = None, row: RegisterRow | None = None
) -> list[dict[str, str]]:
    here = [("Registers", reverse("registers", args=[system.code]))]
    if kind:
        here.append((kind.name, reverse("register", args=[system.code, kind.code])))
        if row:
            way = reverse("register-row", args=[system.code, kind.code, row.code])
            here.append((row.name, way))
    return crumbs(system, *here)
