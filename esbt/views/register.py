"""A form of a row that several people keep: nothing typed is lost, and a newer state is not
overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render

from esbt.forms.base import tell
from esbt.kit.counts import Count
from esbt.kit.newer import differences
from esbt.kit.problems import STATUS, Conflict, Refused
from schemes.models import System
from schemes.people.permissions import Permission, require
from schemes.people.requests import PersonRequest
from schemes.services.keeping import version_of


@dataclass(frozen=True)
class Kept:
    """What a form is of, and how it is saved.

    ``read`` gives the row as it stands, None for a new one; ``form`` the form of it, bound to what
    was posted or not; ``save`` stores a valid form over the state that was seen, and gives the
    address to go on to. ``version`` numbers a row's state; ``but`` are fields that hold none.
    """

    title: str
    what: str  # as a sentence says it, such as "this agreement"
    read: Callable[[], Model | None]
    form: Callable[[Any, Any], forms.Form]
    save: Callable[[Any, Any, int], str]
    crumbs: list[dict[str, str]]
    more: dict[str, Any] = field(default_factory=dict)
    version: Callable[[Any], int] = version_of
    but: Collection[str] = ()
    permission: Permission = Permission.KEEP_POOLS


@dataclass(frozen=True)
class Part:
    """A part of a plan as a form keeps it: what to read, show and save; ``among`` are its like."""

    title: str
    what: str
    read: Callable[[], Model | None]
    form: Callable[[Any, Any], forms.Form]
    spec: Callable[[Any, Any], Any]
    save: Callable[..., Count]
    among: Any = None


def kept_page(request: PersonRequest, system: System, kept: Kept) -> HttpResponse:
    """Show the form, or save what was posted; Http404 for those without the permission."""
    require(request.user, kept.permission, system=system)
    row, now = _read(kept)
    if request.method != "POST":
        return _show(request, system, kept, kept.form(None, row), now)
    # what was refused goes on from the state that its author saw, not from a newer one
    seen = _number(request.POST.get("seen", ""))
    form = kept.form(request.POST, row)
    status = STATUS["invalid"]
    if form.is_valid():
        try:
            address = kept.save(form, row, seen)
        except Conflict as conflict:
            row, now = _read(kept)
            form = kept.form(request.POST, row)
            status = STATUS[conflict.code]
            told = differences(form, but=kept.but)
            return _show(request, system, kept, form, now, status=status, differs=told)
        except Refused as refused:
            tell(form, refused)
            status = STATUS[refused.code]
        else:
            messages.success(request, "Saved.")
            return redirect(address)
    return _show(request, system, kept, form, seen, status=status)


def _read(kept: Kept) -> tuple[Model | None, int]:
    """The row and its state, which is taken first, so that what is shown is never older."""
    first = kept.read()
    if first is None:
        return None, 0
    seen = kept.version(first)
    return kept.read(), seen


def _number(text: str) -> int:
    """A state that a form carried; none for what is no number, so that the save is refused."""
    plain = text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if plain else -1


def _show(
    request: PersonRequest,
    system: System,
    kept: Kept,
    form: forms.Form,
    seen: int,
    *,
    status: int = 200,
    differs: list[dict[str, str]] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "system": system,
        "title": kept.title,
        "what": kept.what,
        "seen": str(seen),
        "differs": differs,
        "crumbs": kept.crumbs,
    }
    return render(request, "esbt/form.html", context | kept.more, status=status)
