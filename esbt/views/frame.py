"""What pages of the administration share: the way to them, and their one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from esbt.forms.base import tell
from esbt.kit.problems import Refused
from schemes.people.requests import PersonRequest
from schemes.services.slices import hold_system

ANY_METHOD = ["GET", "HEAD", "POST"]
Crumb = tuple[str, str]  # label, address


def crumbs(*more: Crumb) -> list[dict[str, str]]:
    """The way to a page of the administration."""
    ways = [("Overview", reverse("home")), ("Administration", reverse("administration")), *more]
    return [{"label": label, "href": href} for label, href in ways]


def form_page(
    request: PersonRequest, form: forms.Form, title: str, *ways: Crumb, **more: Any
) -> HttpResponse:
    """A page with one form; 422 when something is wrong with it."""
    context = {"form": form, "title": title, "crumbs": crumbs(*ways), **more}
    return render(request, "esbt/form.html", context, status=422 if form.errors else 200)


def _system(request: PersonRequest) -> str:
    """The code of the system in the address, blank where there is none."""
    match = request.resolver_match
    return str(match.kwargs.get("system", "")) if match else ""


def saved(
    request: PersonRequest,
    form: forms.Form,
    save: Callable[[], object],
    said: str = "Saved.",
    **called: str,
) -> bool:
    """Whether the form was sent and its save went through; what was refused stands in the form.

    Saves of one system come one after another, so that each finds what the last one added.
    ``called`` gives the form's own names for fields that a service calls otherwise.
    """
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        with transaction.atomic():
            hold_system(_system(request))
            save()
    except Refused as refused:
        tell(form, refused, **called)
        return False
    if said:
        messages.success(request, said)
    return True
