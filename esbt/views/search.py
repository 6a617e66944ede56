"""Search: what the words of the address find among everything that the person may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from esbt.search.answer import Answer, answer_to
from esbt.search.finding import OF_ONE, Group
from esbt.search.kinds import BY_CODE
from schemes.people.requests import PersonRequest


@login_required
@require_GET
def search(request: PersonRequest) -> HttpResponse:
    """What was found, kind by kind; with ``kind`` more of one."""
    only = request.GET.get("kind", "")
    kind = BY_CODE.get(only)
    found = answer_to(request.user, request.GET.get("q", ""), only=kind.code if kind else "")
    here = reverse("search")
    asked = urlencode({"q": found.asked})
    return render(
        request,
        "esbt/search.html",
        {
            "asked": found.asked,
            "said": _said(found),
            "pages": found.pages,
            "first": [_group(group, found, f"{here}?{asked}") for group in found.first],
            "rest": [_group(group, found, f"{here}?{asked}") for group in found.rest],
            "all_href": f"{here}?{asked}" if kind else "",
            "only": kind.label if kind else "",
        },
    )


def _said(found: Answer) -> str:
    """How much was found, in words; "" before anything is asked."""
    if not found.asked:
        return ""
    if not found.count:
        return f"Nothing was found for “{found.asked}”."
    return f"{found.count:,} found for “{found.asked}”."


def _group(group: Group, found: Answer, all_href: str) -> dict[str, Any]:
    href = f"{all_href}&kind={group.kind.code}"
    left = group.count - len(group.hits)
    return {
        "code": group.kind.code,
        "label": group.kind.label,
        "count": group.count,
        "hits": [
            {
                "name": hit.name,
                "words": hit.words,
                "system": found.names[hit.system],
                "href": hit.href,
            }
            for hit in group.hits
        ],
        "left": left,
        "more_href": href if left and len(group.hits) < OF_ONE else "",
    }
