"""What a person reads whose form was sent from a page that is older than their sign-in."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

_OWN = ("csrfmiddlewaretoken", "person")  # of the old page, not typed


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with what was typed in a form that sends it again, with the present token.

    Only for a form of this site, as the browser itself says in Origin: whatever another site sent
    must not become one press of a button here. Account pages hold passwords, which are not
    written into a page.
    """
    accounts = reverse("account_login").removesuffix("login/")
    origin = urlsplit(request.headers.get("Origin", ""))
    own = (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
    keeps = own and request.user.is_authenticated and not request.path.startswith(accounts)
    sent = [
        {"name": name, "value": value}
        for name, values in request.POST.lists()
        if name not in _OWN
        for value in values
    ]
    context = {
        "sent": sent if keeps else [],
        "filled": [item for item in sent if item["value"].strip()] if keeps else [],
        "files": bool(request.FILES),
        "address": request.get_full_path(),
    }
    return render(request, "403_csrf.html", context, status=403)
