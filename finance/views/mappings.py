"""Making and changing the mapping of a partner's ledger."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from esbt.kit.problems import STATUS, Fault, Refused
from finance.models import LedgerMapping, Line
from finance.models.lines import Kind
from finance.queries.uploads import visible_upload
from finance.services import save_mapping
from finance.views.uploads import crumbs_of, entering_for
from finance.workbook.mapping import Definition, pattern_text, read_patterns
from schemes.models import Partner, Slice
from schemes.people.requests import PersonRequest

# the form's fields but the patterns: name, label, hint
_COLUMNS = (
    ("code", "Column of account codes", "Its heading in the extract."),
    ("amount", "Column of amounts", "Its heading."),
    ("month", "Column of months", "Blank where the extract is of one month."),
    ("description", "Column of descriptions", "May stay blank; it helps to propose lines."),
)
_CHOICES = {
    "unit": ("Amounts are in", {"pounds": "Pounds", "pence": "Pence", "thousands": "£'000"}),
    "amounts": (
        "Amounts are",
        {"to-date": "To date from the start of the year", "in-month": "In month"},
    ),
    "measure": ("They are", {"actual": "Actuals", "forecast": "Forecasts for the year"}),
}
_LABELS = {
    "header_row": "Row of the headings",
    **{name: label for name, label, _ in _COLUMNS},
    **{name: label for name, (label, _) in _CHOICES.items()},
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(
    request: PersonRequest, system: str, year: str, partner: str, pk: int | None = None
) -> HttpResponse:
    """The form of a mapping; saving makes its next version, and leads back to where it is used."""
    slice_, who = entering_for(request, system, year, partner)
    found = get_object_or_404(LedgerMapping, partner=who, pk=pk) if pk else None
    latest = _latest(found) if found else None
    if request.method != "POST":
        values = _values(latest) | {"patterns": _with_gaps(request, slice_, who, latest)}
        return _page(request, slice_, who, latest, values)
    values = {name: request.POST.get(name, "") for name in (*_LABELS, "name", "patterns")}
    try:
        save_mapping(
            by=request.user,
            system=slice_.system,
            partner=who,
            name=latest.name if latest else values["name"],
            definition=_definition(values),
            seen=_seen(request),
            year=slice_,
        )
    except Refused as refused:
        return _page(request, slice_, who, latest, values, refused)
    return HttpResponseRedirect(_back(request, slice_, who), status=303)


def _latest(found: LedgerMapping) -> LedgerMapping:
    return LedgerMapping.objects.filter(partner=found.partner_id, name=found.name).latest("version")


def _seen(request: PersonRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _upload_id(request: PersonRequest) -> int | None:
    """The upload whose gaps brought somebody here."""
    text = request.GET.get("for", "")
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _back(request: PersonRequest, slice_: Slice, partner: Partner) -> str:
    here = [slice_.system.code, slice_.year_id, partner.code]
    upload = _upload_id(request)
    return reverse("upload", args=[*here, upload]) if upload else reverse("uploads", args=here)


def _values(latest: LedgerMapping | None) -> dict[str, Any]:
    if latest is None:
        return {"header_row": 1, "unit": "pounds", "amounts": "to-date", "measure": "actual"}
    definition = Definition.model_validate(latest.definition)
    return definition.model_dump(mode="json") | {"name": latest.name}


def _with_gaps(
    request: PersonRequest, slice_: Slice, partner: Partner, latest: LedgerMapping | None
) -> str:
    """The patterns as text, and beneath them the codes of an extract that had none."""
    patterns = Definition.model_validate(latest.definition).patterns if latest else ()
    text = pattern_text(patterns)
    upload = _upload_id(request)
    if not upload:
        return text
    extract = visible_upload(request.user, slice_, partner, upload).report.get("extract") or {}
    gaps = [
        f"{item['code']} = {item['proposal']}"
        + (f"  # {item['description']}" if item["description"] else "")
        for item in extract.get("unmapped", ())
        if item["pence"]
    ]
    return "\n".join(filter(None, [text, *gaps]))


def _definition(values: dict[str, str]) -> Definition:
    """The definition that was typed; raises Refused with a fault for each field and line."""
    patterns, faults = read_patterns(values["patterns"])
    given: dict[str, Any] = {name: values[name].strip() for name in _LABELS}
    try:
        definition = Definition(**given, patterns=tuple(patterns))
    except ValidationError as error:
        faults = [_fault(item, given) for item in error.errors()] + faults
    if faults:
        raise Refused(faults)
    return definition


def _fault(item: Any, given: dict[str, Any]) -> Fault:
    name = str(item["loc"][0]) if item["loc"] else "measure"
    label = _LABELS.get(name, "Patterns")
    if item["type"] in ("string_too_short", "missing"):
        words = f"{label}: fill this in."
    elif name == "header_row":
        words = f"{label}: write a number from 1 to 100."
    elif item["type"] == "value_error":
        words = str(item["ctx"]["error"])
    else:
        words = f"{label}: choose one of those offered, and write at most 80 characters."
    return Fault(words, name, str(given.get(name, "")))


def _page(
    request: PersonRequest,
    slice_: Slice,
    partner: Partner,
    latest: LedgerMapping | None,
    values: dict[str, Any],
    refused: Refused | None = None,
) -> HttpResponse:
    said = {fault.field: fault.message for fault in refused.faults} if refused else {}
    lines = Line.objects.filter(slice=slice_, partner=partner).order_by("kind", "code")
    return render(
        request,
        "finance/mapping.html",
        {
            "system": slice_.system,
            "partner": partner,
            "latest": latest,
            "values": values,
            "columns": [
                {
                    "name": name,
                    "label": label,
                    "hint": hint,
                    "value": values.get(name, ""),
                    "error": said.get(name, ""),
                }
                for name, label, hint in _COLUMNS
            ],
            "choices": [
                {"name": name, "label": label, "options": options, "value": values.get(name)}
                for name, (label, options) in _CHOICES.items()
            ],
            "lines": [
                {"code": line.code, "name": line.name, "kind": Kind(line.kind).label}
                for line in lines
            ],
            "problems": refused.faults if refused else [],
            "errors": said,
            "crumbs": crumbs_of(slice_, partner),
        },
        status=STATUS[refused.code] if refused else 200,
    )
