"""What changed between two versions of a framework."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from outcomes.models import Framework
from outcomes.pages.differences import differences
from outcomes.queries.frameworks import chosen_framework, content_of, frameworks_of
from schemes.people.requests import PersonRequest
from schemes.queries import visible_system


@login_required
@require_GET
def compare_frameworks(request: PersonRequest, system: str, code: str) -> HttpResponse:
    """A version beside another: the one asked for, else the one before it, else the one after."""
    found = visible_system(request.user, system)
    frameworks = frameworks_of(found)
    framework = chosen_framework(frameworks, code)
    if framework is None:
        raise Http404
    others = [item for item in frameworks if item != framework]
    asked = request.GET.get("with", "")
    before = others[: frameworks.index(framework)] or others[:1]
    other = chosen_framework(others if asked else before, asked)
    context = _compared(frameworks, framework, other) if other else {"changed": None}
    return render(
        request,
        "outcomes/compare_frameworks.html",
        context
        | {
            "system": found,
            "framework": framework,
            "others": [
                {"label": item.name, "href": f"?with={item.code}", "current": item == other}
                for item in others
            ],
            "crumbs": [
                {"label": "Overview", "href": reverse("home")},
                {
                    "label": "Outcomes",
                    "href": f"{reverse('outcomes', args=[system])}?framework={framework.code}",
                },
            ],
        },
    )


def _compared(frameworks: list[Framework], one: Framework, other: Framework) -> dict[str, Any]:
    """What changed from the earlier of two versions to the later one."""
    earlier, later = sorted((one, other), key=frameworks.index)
    changed = differences(earlier, content_of(earlier), later, content_of(later))
    return {
        "earlier": earlier,
        "later": later,
        "changed": changed,
        "lists": [
            ("added", "Added", changed.added),
            ("removed", "Removed", changed.removed),
            ("unnamed", "Named in one version only", changed.unnamed),
            ("renamed", "Named otherwise", changed.renamed),
            ("moved", "Moved", changed.moved),
            ("counts", "Counts of the source", changed.counts),
        ],
    }
