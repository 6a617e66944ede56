"""Governance: who decides what on a day, a body, its next meeting, and the forms of all that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_http_methods

from esbt.forms.typed import TypedForm
from esbt.kit.asking import is_confirmed
from esbt.kit.problems import Refused
from esbt.kit.rows import Row, read_row
from esbt.kit.tables import csv_answer, table_schema
from esbt.kit.when import as_typed
from esbt.pages.agenda import agenda_context
from esbt.pages.governance import body_context, governance_context
from esbt.views.actions import kept
from esbt.views.delivery import chosen_as_of, crumbs
from esbt.views.frame import ANY_METHOD, saved
from esbt.views.row_form import RowForm
from finance.views.frame import chosen_state
from schemes.governance.bodies import BODY_COLUMNS, DECISION_COLUMNS, body_rows, decision_rows
from schemes.models import Body, BodyMember, Decision, Meeting, System
from schemes.package.base import spec_of
from schemes.package.delivery import BodyRow, DecisionRow, MeetingRow, SeatRow
from schemes.people.permissions import Permission, has_permission
from schemes.people.requests import PersonRequest
from schemes.queries import partners_around, visible_slices, visible_system
from schemes.services import bodies as services
from schemes.services.keeping import ask_about_twin, free_code
from schemes.services.seen import save_seen

_SCHEMAS = {"bodies": BODY_COLUMNS, "decisions": DECISION_COLUMNS}


@login_required
@require_GET
def governance(request: PersonRequest, system: str) -> HttpResponse:
    """The bodies of a system as of a date."""
    found, as_of = visible_system(request.user, system), chosen_as_of(request)
    query = f"?{as_of.query}" if as_of.query else ""
    context = governance_context(found, as_of) | {
        "system": found,
        "as_of": as_of,
        "keeps": _keeps(request, found),
        "downloads": [
            {"label": "Bodies CSV", "href": reverse("bodies-csv", args=[system]) + query},
            {"label": "Decisions CSV", "href": reverse("decisions-csv", args=[system]) + query},
        ],
        "crumbs": crumbs(found),
    }
    return render(request, "delivery/governance.html", context)


@login_required
@require_GET
def bodies_csv(request: PersonRequest, system: str) -> HttpResponse:
    """The bodies as CSV, as of a date."""
    rows = body_rows(visible_system(request.user, system), chosen_as_of(request).day)
    return csv_answer(BODY_COLUMNS, rows, f"{system}-bodies")


@login_required
@require_GET
def decisions_csv(request: PersonRequest, system: str) -> HttpResponse:
    """What was decided by a date as CSV."""
    rows = decision_rows(visible_system(request.user, system), chosen_as_of(request).day)
    return csv_answer(DECISION_COLUMNS, rows, f"{system}-decisions")


@require_GET
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The table schema of a download."""
    if name not in _SCHEMAS:
        raise Http404
    return JsonResponse(table_schema(_SCHEMAS[name]))


@login_required
@require_GET
def body(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A body with its seats, meetings and decisions, and what it follows."""
    found, as_of = visible_system(request.user, system), chosen_as_of(request)
    context = body_context(_body(found, code), as_of) | {
        "system": found,
        "as_of": as_of,
        "keeps": _keeps(request, found),
        "crumbs": _crumbs(found),
    }
    return render(request, "delivery/body.html", context)


@login_required
@require_GET
def next_meeting(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Everything that a body should see at its next meeting."""
    found, as_of = visible_system(request.user, system), chosen_as_of(request)
    this = _body(found, code)
    years = [item for item in visible_slices(request.user) if item.system_id == found.pk]
    context = agenda_context(this, as_of, years, chosen_state(request)) | {
        "system": found,
        "as_of": as_of,
        "crumbs": _crumbs(found, this),
    }
    return render(request, "delivery/next_meeting.html", context)


@dataclass(frozen=True)
class _Kind:
    """What hangs on a body, or a body itself: how it is found, shown in a form and saved."""

    name: str
    model: type[Model]
    row: type[Row]
    fields: tuple[str, ...]
    named: tuple[str, ...]  # the fields of which its code is made
    spec: Callable[..., Any]
    save: Callable[..., Any]
    twin: str = ""  # the field that a second one is asked about


_BODY = _Kind(
    "body",
    Body,
    BodyRow,
    (
        "name", "kind", "remit", "receives", "reports_to", "took_over", "starts", "ends",
        "position", "note",
    ),
    ("name",),
    services.BodySpec,
    services.save_bodies,
    "name",
)  # fmt: skip
_PARTS = {
    "seat": _Kind(
        "seat",
        BodyMember,
        SeatRow,
        ("partner", "role", "chair", "starts", "ends", "note"),
        ("partner", "role"),
        services.SeatSpec,
        services.save_seats,
    ),
    "meeting": _Kind(
        "meeting",
        Meeting,
        MeetingRow,
        ("on", "name", "agenda", "note"),
        ("on", "name"),
        services.MeetingSpec,
        services.save_meetings,
        "on",
    ),
    "decision": _Kind(
        "decision",
        Decision,
        DecisionRow,
        ("words", "on", "meeting", "minute", "note"),
        ("words",),
        services.DecisionSpec,
        services.save_decisions,
    ),
}


@login_required
@require_http_methods(ANY_METHOD)
def add_body(request: PersonRequest, system: str) -> HttpResponse:
    """Add a body."""
    return _add(request, kept(request, system), _BODY)


@login_required
@require_http_methods(ANY_METHOD)
def change_body(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """Change a body; what it said before stays in its history."""
    found = kept(request, system)
    return _change(request, found, _BODY, _body(found, code))


@login_required
@require_http_methods(ANY_METHOD)
def add_part(request: PersonRequest, system: str, code: str, part: str) -> HttpResponse:
    """Add a seat, a meeting or a decision of a body."""
    found = kept(request, system)
    return _add(request, found, _part(part), _body(found, code))


@login_required
@require_http_methods(ANY_METHOD)
def change_part(request: PersonRequest, system: str, code: str, part: str, of: str) -> HttpResponse:
    """Change a seat, a meeting or a decision of a body."""
    found, kind = kept(request, system), _part(part)
    this = _body(found, code)
    row = get_object_or_404(kind.model._default_manager.filter(body=this), code=of)
    return _change(request, found, kind, row, this)


def _add(
    request: PersonRequest, system: System, kind: _Kind, body: Body | None = None
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = _form(kind, system, body, sent, kind.fields, {})
    code = ""

    def save() -> None:
        nonlocal code
        place: dict[str, Model] = {"body": body} if body else {"system": system}
        among = kind.model._default_manager.filter(**place)
        if not is_confirmed(form) and kind.twin:
            said = form.cells[kind.twin]
            ask_about_twin(among, as_typed(said) if kind.twin == "on" else said, kind.twin)
        named = " ".join(form.cells[name] for name in kind.named)
        code = free_code(among, Truncator(named).words(8, truncate=""), kind.name)
        _store(request, system, kind, body, form.cells | {"code": code})

    if saved(request, form, save):
        return redirect("body", system.code, body.code if body else code)
    context = {
        "system": system,
        "form": form,
        "seen": None,
        "differs": None,
        "title": f"Add a {kind.name}",
        "caption": body.name if body else system.name,
        "crumbs": _crumbs(system, body),
    }
    return render(request, "delivery/typed_form.html", context, status=422 if form.errors else 200)


def _change(
    request: PersonRequest, system: System, kind: _Kind, row: Any, body: Body | None = None
) -> HttpResponse:
    page = RowForm(
        request, row, lambda data: _form(kind, system, body, data, kind.fields, _cells(kind, row))
    )

    def save(form: Any, seen: int) -> None:
        cells = form.cells | {"code": row.code}
        save_seen(
            row=row,
            seen=seen,
            save=lambda: _store(request, system, kind, body, cells, row.evidence_id),
        )

    if page.saved(save):
        return redirect("body", system.code, body.code if body else row.code)
    context = page.context | {
        "system": system,
        "title": f"Change a {kind.name}",
        "caption": body.name if body else row.name,
        "what": f"this {kind.name}",
        "remove_href": reverse(
            "remove-body-part", args=[system.code, body.code, kind.name, row.code]
        )
        if body
        else "",
        "crumbs": _crumbs(system, body or row),
    }
    return render(request, "delivery/typed_form.html", context, status=page.status)


def _store(
    request: PersonRequest,
    system: System,
    kind: _Kind,
    body: Body | None,
    cells: Mapping[str, str],
    evidence: int | None = None,
) -> None:
    """Read what was typed by the row's class and hand it to its service."""
    place = {"system": system.code} | ({"body": body.code} if body else {})
    read: Any = read_row(kind.row, {**cells, **place}, 0, "")
    if isinstance(read, list):
        raise Refused(read)
    spec = spec_of(kind.spec, read, evidence_id=evidence, **read.values())
    kind.save(by=request.user, specs=[spec])


def _form(
    kind: _Kind,
    system: System,
    body: Body | None,
    data: Any,
    fields: tuple[str, ...],
    initial: Mapping[str, str],
) -> TypedForm:
    bodies = list(system.bodies.order_by("position", "code").values_list("code", "name"))
    others = [pair for pair in bodies if pair[0] != initial.get("code")]
    return TypedForm(
        kind.row,
        [("", fields)],
        data,
        initial=initial,
        choices={
            "kind": [(str(value), str(label)) for value, label in Body.Kind.choices],
            "reports_to": others,
            "took_over": others,
            "partner": list(partners_around(system).values_list("code", "name")),
            "meeting": [(item.code, str(item)) for item in body.meetings.all()] if body else [],
        },
    )


def _cells(kind: _Kind, row: Any) -> dict[str, str]:
    """What a row says now, as its form shows it."""
    return {name: _cell(getattr(row, name)) for name in ("code", *kind.fields)}


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(getattr(value, "code", value)) if value is not None else ""


def _part(name: str) -> _Kind:
    if name not in _PARTS:
        raise Http404
    return _PARTS[name]


def _body(system: System, code: str) -> Body:
    bodies = Body.objects.select_related("system", "reports_to__system", "took_over__system")
    return get_object_or_404(bodies.select_related("evidence__source"), system=system, code=code)


def _keeps(request: PersonRequest, system: System) -> bool:
    return has_permission(request.user, Permission.KEEP_DELIVERY, system=system)


def _crumbs(system: System, body: Body | None = None) -> list[dict[str, str]]:
    ways = [("Governance", reverse("governance", args=[system.code]))]
    if body:
        ways.append((body.name, reverse("body", args=[system.code, body.code])))
    return crumbs(system, *ways)
